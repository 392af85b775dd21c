"""The words of the network-cost explorer, in English and Chinese."""

from nndl.widgets.schema import Text

KIND_WORDS: dict[str, Text] = {
    "conv": ("convolution", "卷积"),
    "max_pool": ("max pooling", "最大汇聚"),
    "avg_pool": ("average pooling", "平均汇聚"),
    "global_pool": ("global average pooling", "全局平均汇聚"),
    "norm": ("normalization", "归一化"),
    "relu": ("ReLU", "ReLU"),
    "flatten": ("flatten", "展平"),
    "linear": ("linear", "全连接"),
}
FIELD_WORDS: dict[str, Text] = {
    "channels": ("Output channels", "输出通道"),
    "kernel_size": ("Kernel", "卷积核"),
    "stride": ("Stride", "步长"),
    "padding": ("Padding", "填充"),
    "dilation": ("Dilation", "空洞率"),
    "groups": ("Groups", "组数"),
    "features": ("Outputs", "输出个数"),
    "bias": ("Bias", "偏置"),
}
STRINGS: dict[str, Text] = {
    **{f"kind_{name}": words for name, words in KIND_WORDS.items()},
    **{f"field_{name}": words for name, words in FIELD_WORDS.items()},
    "network": ("Network", "网络"),
    "input_channels": ("Input channels", "输入通道"),
    "input_size": ("Input size", "输入大小"),
    "layers": ("Layers of the network", "网络的各层"),
    "layer": ("Layer {i}", "第 {i} 层"),
    "row": (
        "Layer {i}, {what}, output {shape}: {value}",
        "第 {i} 层，{what}，输出 {shape}：{value}",
    ),
    "edit": ("Layer {i}: {what}", "第 {i} 层：{what}"),
    "kind": ("Kind", "类型"),
    "earlier": ("Move up", "上移"),
    "later": ("Move down", "下移"),
    "add": ("Add after", "在后面添加"),
    "remove": ("Delete", "删除"),
    "too_many": ("A stack has at most {n} layers.", "最多 {n} 层。"),
    "last_layer": ("A network needs a layer.", "网络至少要有一层。"),
    "total_parameters": ("Parameters", "参数量"),
    "total_macs": ("Multiply-accumulates, one sample", "乘加次数（一个样本）"),
    "total_activations": ("Numbers in all outputs, one sample", "各层输出的数的总和（一个样本）"),
    "total_memory": ("Memory needed at once", "同时需要的内存"),
    "most": ("Most: layer {i}, {what}, {share} %.", "最多：第 {i} 层，{what}，占 {share}%。"),
    "none_most": ("No layer has any.", "各层都没有。"),
    "no_output": ("no output", "没有输出"),
    "stops": ("Layer {i} has no output: {why}", "第 {i} 层没有输出：{why}"),
    "why_vector": (
        "a linear layer takes a vector, but {shape} arrives. Put flatten before it.",
        "全连接层的输入须是向量，而到达的是 {shape}。请在它前面加一层展平。",
    ),
    "why_maps": (
        "it takes channels, height and width, but a vector of {n} arrives.",
        "它的输入须有通道、高、宽，而到达的是长为 {n} 的向量。",
    ),
    "why_room": (
        "the kernel reaches over {reach}, but the map that arrives is only {n} wide or high.",
        "核覆盖 {reach} 格，而到达的特征图只有 {n} 格。",
    ),
    "why_room_padded": (
        "the kernel reaches over {reach}, but with padding the map is only {n} + 2·{p} = {padded}.",
        "核覆盖 {reach} 格，而填充后的特征图只有 {n} + 2·{p} = {padded} 格。",
    ),
    "why_padding": (
        "a padding of {p} is more than half of the window of {k}: some windows would be empty.",
        "填充 {p} 大于窗口 {k} 的一半：有的窗口会全在填充里。",
    ),
    "why_groups_in": (
        "{n} channels arrive, and they cannot be split into {g} equal groups.",
        "到达 {n} 个通道，不能均分成 {g} 组。",
    ),
    "why_groups_out": (
        "{n} output channels cannot be split into {g} equal groups.",
        "{n} 个输出通道不能均分成 {g} 组。",
    ),
    "after_fault": ("not reached", "未到达"),
    "formula_conv_p": (
        "Parameters {p} · ({d} / {g}) · {u} · {u}{bias} = {n}",
        "参数量 {p} · ({d} / {g}) · {u} · {u}{bias} = {n}",
    ),
    "formula_conv_m": (
        "MACs {h} · {w} positions · {p} · ({d} / {g}) · {u} · {u} = {n}",
        "乘加次数 {h} · {w} 个位置 · {p} · ({d} / {g}) · {u} · {u} = {n}",
    ),
    "formula_linear": (
        "Parameters {i} · {o}{bias} = {n}; MACs {i} · {o} = {m}",
        "参数量 {i} · {o}{bias} = {n}；乘加次数 {i} · {o} = {m}",
    ),
    "formula_norm": (
        "Parameters 2 · {d} = {n}: a scale and a shift for each channel; one MAC an element = {m}",
        "参数量 2 · {d} = {n}：每个通道一个缩放、一个平移；每个元素一次乘加 = {m}",
    ),
    "formula_free": (
        "No parameters, no multiply-accumulates.",
        "没有参数，也没有乘加。",
    ),
    "formula_memory": (
        "Memory: parameters {a} + gradients {b} + optimizer {c} + output {d}",
        "内存：参数 {a} + 梯度 {b} + 优化器 {c} + 输出 {d}",
    ),
    "question": (
        "Which layer has the most {what}? Enter its number.",
        "哪一层的{what}最多？请输入层号。",
    ),
    "what_parameters": ("parameters", "参数"),
    "what_macs": ("multiply-accumulates", "乘加次数"),
    "what_activations": ("numbers in its output", "输出的数"),
    "what_memory": ("memory", "内存"),
    "number": ("layer", "层号"),
    "reason": (
        "Layer {i}, {what}, has {value} of {all}.",
        "第 {i} 层（{what}）有 {value}，总共 {all}。",
    ),
    "guessed": ("Layer {i}, {what}, has {value}.", "第 {i} 层（{what}）有 {value}。"),
}
