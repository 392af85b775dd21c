"""The words of the explorers with a stack of layers, in English and Chinese."""

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
# what the check of a stack and the editor of a layer say
STACK_STRINGS: dict[str, Text] = {
    **{f"kind_{name}": words for name, words in KIND_WORDS.items()},
    **{f"field_{name}": words for name, words in FIELD_WORDS.items()},
    "edit": ("Layer {i}: {what}", "第 {i} 层：{what}"),
    "comma": (", ", "，"),
    "kind": ("Kind", "类型"),
    "earlier": ("Move up", "上移"),
    "later": ("Move down", "下移"),
    "add": ("Add after", "在后面添加"),
    "remove": ("Delete", "删除"),
    "too_many": ("A stack has at most {n} layers.", "最多 {n} 层。"),
    "last_layer": ("A network needs a layer.", "网络至少要有一层。"),
    "field_window": ("Window", "窗口"),
    "depthwise": ("depthwise convolution", "深度卷积"),
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
    "term_size": ("Output size", "输出大小"),
}
STRINGS: dict[str, Text] = {
    **STACK_STRINGS,
    "input_channels": ("Input channels", "输入通道"),
    "input_size": ("Input size", "输入大小"),
    "layers": ("Layers of the network", "网络的各层"),
    "row": (
        "Layer {i}, {what}, output {shape}: {value}",
        "第 {i} 层，{what}，输出 {shape}：{value}",
    ),
    "listed": (", ", "、"),
    "input_rows": ("Input rows", "输入行数"),
    "input_columns": ("Input columns", "输入列数"),
    "input_features": ("Input features", "输入特征数"),
    "total": ("Total: {n}", "合计：{n}"),
    "total_parameters": ("Parameters", "参数量"),
    "total_macs": ("MACs a sample", "每个样本的乘加次数"),
    "total_activations": ("Activations a sample", "每个样本的激活值"),
    "total_memory": ("Memory at once", "同时占用的内存"),
    "with_norms": ("{n}, without normalizations {rest}", "{n}，不计归一化为 {rest}"),
    "most": ("Most: layer {i}, {what}, {share} %.", "最多：第 {i} 层，{what}，占 {share}%。"),
    "most_tied": (
        "Most, equally: layers {list}, {share} % each.",
        "并列最多：第 {list} 层，各占 {share}%。",
    ),
    "none_most": ("No layer has any.", "各层都没有。"),
    "part_0": ("parameters", "参数"),
    "part_1": ("gradients", "梯度"),
    "part_2": ("optimizer state", "优化器状态"),
    "part_3": ("output", "输出"),
    "memory_predicts": (
        "Prediction keeps all parameters, and one layer's input and output at a time: the total is "
        "smaller than the sum of the bars.",
        "预测时保留全部参数，而激活值只需同时保留一层的输入和输出：合计小于各条之和。",
    ),
    "memory_trains": (
        "Training keeps parameters, gradients and optimizer state, and the input and every output "
        "until the backward pass.",
        "训练时保留参数、梯度、优化器状态，以及输入和每一层的输出，直到反向传播。",
    ),
    "positions": ("{h} · {w} positions", "{h} · {w} 个位置"),
    "term_rows": ("Output rows", "输出行数"),
    "term_columns": ("Output columns", "输出列数"),
    "term_parameters": ("Parameters", "参数量"),
    "term_macs": ("MACs", "乘加次数"),
    "term_activations": ("Activations", "激活值"),
    "term_memory": ("Memory", "内存"),
    "scale_shift": (
        "2 · {d} = {n} (a scale and a shift for each channel)",
        "2 · {d} = {n}（每个通道一个缩放、一个平移）",
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
    "reason_tied": (
        "Layers {list} have {value} each, of {all}.",
        "第 {list} 层各有 {value}，总共 {all}。",
    ),
    "guessed": ("Layer {i}, {what}, has {value}.", "第 {i} 层（{what}）有 {value}。"),
}
