"""The words of the receptive-field explorer, in English and Chinese."""

from nndl.widgets.network_words import STACK_STRINGS
from nndl.widgets.schema import Text

NAMES: dict[str, Text] = {
    "three": ("Three 3 × 3", "三层 3 × 3"),
    "lenet": ("LeNet-5", "LeNet-5"),
    "vgg16": ("VGG-16", "VGG-16"),
    "resnet18": ("ResNet18, longest path", "ResNet18 最长路径"),
    "dilated": ("Dilated 1, 2, 4, 8", "空洞卷积 1、2、4、8"),
    "own": ("My own", "自定义"),
}
# a stack of windows has no groups, vectors or depthwise layers
_NOT_HERE = ("kind_global", "kind_norm", "kind_relu", "kind_flatten", "kind_linear", "field_chan",
             "field_groups", "field_feat", "field_bias")  # fmt: skip
_SHARED = {key: text for key, text in STACK_STRINGS.items() if not key.startswith(_NOT_HERE)}

STRINGS: dict[str, Text] = _SHARED | {
    "input_size": ("Input size", "输入大小"),
    "input": ("Input", "输入"),
    "layer_at": ("Layer {i}", "第 {i} 层"),
    "list": ("Layers, from the input on", "从输入开始的各层"),
    "col_layer": ("Layer", "层"),
    "col_size": ("Size", "大小"),
    "col_field": ("Field", "感受野"),
    "col_jump": ("Jump", "间距"),
    "col_start": ("Start", "首中心"),
    "help_size": ("rows and columns of the layer's map", "该层特征图的行数（列数）"),
    "help_field": (
        "rows and columns of the input that a unit sees",
        "一个单元看到输入的多少行（列）",
    ),
    "help_jump": (
        "input positions from one unit's field to the next one's",
        "相邻单元的感受野在输入上相隔几格",
    ),
    "help_start": (
        "the input position at the middle of the first unit's field",
        "第一个单元的感受野的中心在输入上的位置",
    ),
    "short_conv": ("conv", "卷积"),
    "short_max_pool": ("max pool", "最大汇聚"),
    "short_avg_pool": ("avg pool", "平均汇聚"),
    "row_input": ("Input, {n} × {n}", "输入，{n} × {n}"),
    "row": (
        "Layer {i}, {what}: map {n} × {n}, field {field} × {field}, jump {jump}, start {start}",
        "第 {i} 层，{what}：特征图 {n} × {n}，感受野 {field} × {field}，间距 {jump}，"
        "首中心 {start}",
    ),
    "row_fault": ("Layer {i}, {what}: {why}", "第 {i} 层，{what}：{why}"),
    # pictures
    "map_of": ("{what}, {n} × {n}", "{what}，{n} × {n}"),
    "aria_cone": (
        "The layers along one axis. Left and right choose a unit, up and down another layer.",
        "各层沿一个方向的剖面。左右键选单元，上下键换层。",
    ),
    "aria_input": (
        "Input, {n} rows and columns. Arrow keys choose a position and show what it reaches.",
        "输入，{n} 行 {n} 列。方向键选一格，看它影响哪些单元。",
    ),
    "aria_map": (
        "{what}, {n} rows and columns. Arrow keys choose a unit and show what it sees.",
        "{what}，{n} 行 {n} 列。方向键选一个单元，看它看到什么。",
    ),
    "hint": (
        "Point at any unit, in the layers or in the maps, to trace it; click to stay there.",
        "指向任一单元（各层或特征图中）即可追踪；点击停在那里。",
    ),
    # what is traced
    "sees": (
        "Unit [{r}, {c}] of layer {i} sees {h} × {w} of the input: rows {r0}–{r1}, columns "
        "{c0}–{c1}.",
        "第 {i} 层的单元 [{r}, {c}] 看到输入的 {h} × {w} 格：第 {r0}–{r1} 行，第 {c0}–{c1} 列。",
    ),
    "sees_all": (
        "Unit [{r}, {c}] of layer {i} sees the whole input, {n} × {n}.",
        "第 {i} 层的单元 [{r}, {c}] 看到整个输入，{n} × {n}。",
    ),
    "sees_nothing": (
        "Unit [{r}, {c}] of layer {i} sees padding only.",
        "第 {i} 层的单元 [{r}, {c}] 只看到填充。",
    ),
    "beyond": (
        "Its field, {f} × {f}, reaches beyond the edge (dashed): there is only padding.",
        "它的感受野 {f} × {f} 超出边缘（虚线）：那里只有填充。",
    ),
    "larger": (
        "Its field, {f} × {f}, is larger than the input (dashed): beyond the edge there is only "
        "padding.",
        "它的感受野 {f} × {f} 比输入还大（虚线）：边缘之外只有填充。",
    ),
    "gaps": (
        "But it reads only {a} of these {b} positions: the windows leave gaps.",
        "但它只读其中 {b} 格里的 {a} 格：窗口之间留有空隙。",
    ),
    "reaches": (
        "{what} reaches {h} × {w} of the {n} × {n} units of layer {i}.",
        "{what} 影响第 {i} 层 {n} × {n} 个单元中的 {h} × {w} 个。",
    ),
    "reaches_none": (
        "{what} reaches no unit of layer {i}: no window reads it.",
        "{what} 不影响第 {i} 层的任何单元：没有窗口读到它。",
    ),
    "input_at": ("Input position [{r}, {c}]", "输入位置 [{r}, {c}]"),
    "unit_at": ("Unit [{r}, {c}] of layer {i}", "第 {i} 层的单元 [{r}, {c}]"),
    # what a stack buys
    "weights": ("Weights a channel pair", "每对通道的权重"),
    "weights_words": (
        "{sum} = {n}; one {f} × {f} convolution sees as much with {f} · {f} = {m}.",
        "{sum} = {n}；一层 {f} × {f} 卷积看到同样多，要 {f} · {f} = {m}。",
    ),
    "measured_term": ("Measured", "实测"),
    "measured_words": (
        "the gradient is above 4.55 % of its peak (dotted outline) on {n} positions, as many as in "
        "{side} × {side}: {share} % of the theoretical field inside the input.",
        "梯度大于峰值 4.55%（点线框）的有 {n} 格，相当于 {side} × {side}："
        "占输入内理论感受野的 {share}%。",
    ),
    "measured_elsewhere": (
        "not of this unit of this stack. Reset goes back to the one measured.",
        "测的不是这个网络的这个单元。重置可回到实测的那个。",
    ),
    "shade": (
        "The stronger the color, the larger the gradient.",
        "颜色越浓，梯度越大。",
    ),
    # formulas
    "term_field": ("Receptive field", "感受野"),
    "term_jump": ("Jump", "间距"),
    "term_start": ("Start", "首中心"),
    # the guess
    "question": (
        "How many rows of the input (and as many columns) does a unit of layer {i} see, edges "
        "aside?",
        "第 {i} 层的一个单元看到输入的多少行（列数相同）？不考虑边缘。",
    ),
    "rows_guess": ("rows", "行"),
    "reason": (
        "Each layer adds dilation · (kernel − 1) · jump before it: {sum} = {f}.",
        "每层增加 空洞率 ·（核 − 1）· 之前的间距：{sum} = {f}。",
    ),
    "slip_jump": (
        "Was the jump left out? After a stride, units stand further apart.",
        "是不是漏了间距？经过步长之后，单元在输入上相隔更远。",
    ),
    "slip_late": (
        "Was a layer's own stride already counted? It acts on the layers after it.",
        "是不是把本层的步长也算进去了？它只影响后面的层。",
    ),
    "slip_dilation": ("Was the dilation left out?", "是不是漏了空洞率？"),
    "slip_sum": (
        "Were the kernels added? Neighboring windows overlap.",
        "是不是把核的大小直接相加了？相邻窗口是重叠的。",
    ),
    "slip_product": (
        "Were the kernels multiplied? Neighboring windows overlap.",
        "是不是把核的大小相乘了？相邻窗口是重叠的。",
    ),
    "slip_one": ("Was the unit itself, 1, left out?", "是不是漏了单元自身的 1？"),
}
