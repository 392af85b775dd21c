"""The words of the convolution stepper, in English and Chinese."""

from nndl.widgets.schema import Text

KERNELS: dict[str, Text] = {
    "ones": ("Ones", "全 1"),
    "identity": ("Identity", "恒等"),
    "blur": ("Blur (mean)", "模糊（均值）"),
    "sharpen": ("Sharpen", "锐化"),
    "sobel_x": ("Sobel x", "Sobel x"),
    "sobel_y": ("Sobel y", "Sobel y"),
    "laplace": ("Laplace", "拉普拉斯"),
}

STRINGS: dict[str, Text] = {f"kernel_{name}": words for name, words in KERNELS.items()} | {
    "kernel_own": ("My own", "自定义"),
    "kernel_values": ("Weights", "权重"),
    "view": ("View", "视图"),
    "input_size": ("Input size", "输入大小"),
    "rows_of": ("{what} rows", "{what}（行）"),
    "columns_of": ("{what} columns", "{what}（列）"),
    "output_position": ("Output position", "输出位置"),
    # above the grids
    "input": ("Input", "输入"),
    "padded": (", padded to {n} × {m}", "，填充后 {n} × {m}"),
    "kernel": ("Kernel", "卷积核"),
    "kernel_turned": ("Kernel, turned", "卷积核（已翻转）"),
    "output": ("Output", "输出"),
    "none": ("none", "无"),
    "matrix": (
        "Top: input as one row. Matrix {rows} × {columns}. Right: output.",
        "上：展平的输入；矩阵 {rows} × {columns}；右：输出",
    ),
    "matrix_part": (
        "Top: input as one row. Matrix {rows} × {columns}, rows {first}–{last}. Right: output.",
        "上：展平的输入；矩阵 {rows} × {columns} 的第 {first}–{last} 行；右：输出",
    ),
    "aria_input": (
        "Input, {n} rows and {m} columns. Arrow keys choose a cell, a digit or Enter edits it.",
        "输入，{n} 行 {m} 列。方向键选格，数字键或回车键修改。",
    ),
    "aria_kernel": (
        "Kernel, {n} rows and {m} columns. Arrow keys choose a weight, a digit or Enter edits it.",
        "卷积核，{n} 行 {m} 列。方向键选权重，数字键或回车键修改。",
    ),
    "aria_output": (
        "Output, {n} rows and {m} columns. Arrow keys move the window, P pins it.",
        "输出，{n} 行 {m} 列。方向键移动窗口，P 键固定。",
    ),
    "aria_matrix": (
        "The convolution as a matrix. Arrow keys move to another output.",
        "卷积的矩阵形式。方向键移到另一个输出。",
    ),
    "pin": ("Pin", "固定"),
    "pin_help": (
        "Keep this output beside the ones you go to (P)",
        "保留当前输出，与后面的输出对照（P）",
    ),
    "pinned": ("Pinned:", "已固定："),
    # what the pointer is on
    "hint": (
        "Point at a cell to see what it is part of. Click an input or a weight to change it.",
        "指向一格，看它参与什么；点输入或权重可以修改。",
    ),
    "padding_mode": ("Pad by", "填充方式"),
    "feeds": ("{cell} feeds {n} outputs (ringed).", "{cell} 参与 {n} 个输出（带圈）。"),
    "feeds_none": (
        "{cell} feeds no output: no window reads it.",
        "{cell} 不参与任何输出：没有窗口经过它。",
    ),
    "shared": (
        "{cell} is one number used for all {n} outputs: weight sharing.",
        "{cell} 是同一个数，{n} 个输出都用它：权重共享。",
    ),
    # facts
    "size_both": ("Output rows = columns", "输出行数 = 列数"),
    "size_rows": ("Output rows", "输出行数"),
    "size_columns": ("Output columns", "输出列数"),
    "parameters": ("Parameters", "参数量"),
    "macs": ("Multiply-accumulates", "乘加次数"),
    "matrix_fact": ("Matrix", "矩阵"),
    "matrix_words": (
        "{entries} entries, of which {used} are connections; they share {weights} weights.",
        "{entries} 个元素，其中 {used} 个是连接，共用 {weights} 个权重。",
    ),
    "never": ("Never visited", "从未经过"),
    "never_none": ("nothing: every input cell is read.", "无：每个输入元素都会被读到。"),
    "never_some": (
        "{what} (hatched): no window reads them.",
        "{what}（斜线格）：没有窗口读到它们。",
    ),
    "never_rows": ("rows {list}", "第 {list} 行"),
    "never_columns": ("columns {list}", "第 {list} 列"),
    "and": (" and ", "和"),
    "operation": ("Operation", "运算"),
    "is_correlation": (
        "Cross-correlation: the kernel is not turned. Deep learning calls this convolution.",
        "互相关：卷积核不翻转。深度学习里所说的卷积就是它。",
    ),
    "is_convolution": (
        "Convolution proper: the kernel is turned by 180° before it slides.",
        "严格的卷积：卷积核先旋转 180°，再滑动。",
    ),
    # why there is no output
    "no_room": (
        "No output: the kernel reaches over {reach} {axis}, but the padded input has only "
        "{padded}.",
        "没有输出：核覆盖 {reach} {axis}，而填充后的输入只有 {padded} {axis}。",
    ),
    "no_same": (
        "No output: the kernel reaches over {reach} {axis}, an even number. “same” would need "
        "more padding on one side than on the other.",
        "没有输出：核覆盖 {reach} {axis}，是偶数；same 要求两侧的填充不等。",
    ),
    # the guess
    "question": (
        "How many rows and columns will the output have? (0 if there is none)",
        "输出有几行几列？（没有输出就填 0）",
    ),
    "each_axis": ("rows and columns each", "行（列与行相同）"),
    "why": (
        "For {axis}: {n} + 2·{p} = {padded} cells with padding; the kernel reaches over {reach}, "
        "so it can start at {places} places; in steps of {s} that is ⌊{last} / {s}⌋ + 1 = {out}.",
        "{axis}：填充后 {n} + 2·{p} = {padded} 格；核覆盖 {reach} 格，有 {places} 个起点，"
        "步长为 {s}：⌊{last} / {s}⌋ + 1 = {out}。",
    ),
    "slip_one": ("Was the + 1 left out?", "是不是漏了 + 1？"),
    "slip_side": (
        "Was the padding counted on one side only?",
        "是不是只算了一侧的填充？",
    ),
    "slip_padding": ("Was the padding left out?", "是不是漏了填充？"),
    "slip_dilation": ("Was the dilation left out?", "是不是漏了空洞率？"),
    "slip_stride": ("Was the stride left out?", "是不是漏了步长？"),
    "slip_ceiling": (
        "Was a window counted that no longer fits?",
        "是不是把放不下的窗口也算了？",
    ),
    "slip_input": (
        "That is the size of the input.",
        "这是输入的大小。",
    ),
}
