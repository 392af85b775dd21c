"""The words of the channels explorer, in English and Chinese."""

from nndl.widgets.schema import Text

STRINGS: dict[str, Text] = {
    "kind": ("Kind", "种类"),
    "kind_standard": ("standard", "标准"),
    "kind_grouped": ("grouped", "分组"),
    "kind_depthwise": ("depthwise", "逐深度"),
    "kind_pointwise": ("pointwise (1 × 1)", "逐点（1 × 1）"),
    "kind_separable": ("depthwise, then pointwise", "逐深度 + 逐点"),
    "column_input": ("input", "输入"),
    "column_middle": ("middle", "中间"),
    "column_output": ("output", "输出"),
    "stage": ("kernels {k} × {k}, groups {g}", "核 {k} × {k}，{g} 组"),
    "kernels": ("Weight {shape}", "权重 {shape}"),
    "rows_are": (
        "Row: output map. Column: input map. Filled: a kernel. Hatched: none.",
        "行：输出通道；列：输入通道；有色：有卷积核；斜线：没有。",
    ),
    "aria": (
        "Wiring of the channels. {now} Up and down choose a map, left and right the side.",
        "通道的连接。{now} 上下键选通道，左右键换边。",
    ),
    "aria_kernels": (
        "Which kernels exist, {n} rows of outputs and {m} columns of inputs. {now}",
        "有哪些卷积核：{n} 行输出，{m} 列输入。{now}",
    ),
    "reads": (
        "{name} reads {list} with {n} kernels of {k} × {k}.",
        "{name} 读 {list}，用 {n} 个 {k} × {k} 的核。",
    ),
    "reads_one": (
        "{name} reads {list} alone, with one kernel of {k} × {k}.",
        "{name} 只读 {list}，用一个 {k} × {k} 的核。",
    ),
    "through": (
        "Each m has read one x alone, over {k} × {k} pixels.",
        "每个 m 只读一个 x，范围 {k} × {k}。",
    ),
    "feeds": ("{name} is read by {list}.", "{name} 被 {list} 读取。"),
    "listed": (", ", "、"),
    "hint": (
        "Point at a map to see what it reads, or who reads it.",
        "指向一个通道，看它读什么、被谁读。",
    ),
    "shape": ("Weight shape", "权重形状"),
    "then": (" and ", " 和 "),
    "parameters": ("Parameters", "参数量"),
    "macs": ("Multiply-accumulates", "乘加次数"),
    "activations": ("Output values", "输出的数"),
    "bytes": ("{sum}, {bytes} as float32", "{sum}，按 float32 为 {bytes}"),
    "ratio": ("Weights and MACs, against standard", "权重、乘加与标准卷积之比"),
    "separable_ratio": (" = 1/{out} + 1/{area}", " = 1/{out} + 1/{area}"),
    "question": (
        "How many weights does this have, biases not counted?",
        "不算偏置，一共有多少个权重？",
    ),
    "weights": ("weights", "个权重"),
    "reason": (
        "Each output map has a kernel for each input map that it reads: {sum}.",
        "每个输出通道对它读的每个输入通道各有一个核：{sum}。",
    ),
    "slip_groups": (
        "That is the count with every output reading every input.",
        "这是每个输出都读所有输入时的数目。",
    ),
}
