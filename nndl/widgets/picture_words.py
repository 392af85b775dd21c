"""The words of the picture explorer, in English and Chinese."""

from nndl.widgets.schema import Text

PICTURES: dict[str, Text] = {
    "china": ("tower (photograph)", "楼阁（照片）"),
    "flower": ("dahlia (photograph)", "大丽花（照片）"),
    "disc": ("disc", "圆盘"),
    "stripes": ("stripes", "条纹"),
    "own": ("my own", "自定义"),
}
PRESETS: dict[str, Text] = {
    "identity": ("Identity", "恒等"),
    "blur": ("Blur (mean)", "模糊（均值）"),
    "gaussian": ("Gaussian blur", "高斯模糊"),
    "sharpen": ("Sharpen", "锐化"),
    "sobel_x": ("Edges: Sobel x", "边缘：Sobel x"),
    "sobel_y": ("Edges: Sobel y", "边缘：Sobel y"),
    "laplace": ("Edges: Laplace", "边缘：拉普拉斯"),
    "emboss": ("Emboss", "浮雕"),
}
PADDINGS: dict[str, Text] = {
    "none": ("none", "无"),
    "zeros": ("zeros", "补零"),
    "edge": ("nearest", "最近像素"),
}
SHOWN: dict[str, Text] = {
    "auto": ("auto", "自动"),
    "gray": ("gray", "灰度"),
    "signed": ("signed", "正负"),
    "absolute": ("|y|", "绝对值"),  # short: four choices in a row on a phone
}

STRINGS: dict[str, Text] = {f"kernel_{name}": words for name, words in PRESETS.items()} | {
    "kernel_own": ("My own", "自定义"),
    "weights": ("Kernel", "卷积核"),
    "png": ("Save result as PNG", "结果存为 PNG"),
    # above the pictures
    "input": ("Picture {h} × {w}", "图像 {h} × {w}"),
    "output": ("Result {h} × {w}", "结果 {h} × {w}"),
    "window": ("Window, enlarged", "窗口（放大）"),
    "kernel": ("Kernel: click to edit", "卷积核：点击修改"),
    "kernel_turned": ("Kernel, turned", "卷积核（已翻转）"),
    "answer": ("Result here", "此处结果"),
    "credit_china": (
        "Photograph: danielbuechele, CC BY 2.0; made small and gray.",
        "照片：danielbuechele，CC BY 2.0；缩小、转灰度。",
    ),
    "credit_flower": (
        "Photograph: vultilion, CC BY 2.0; made small and gray.",
        "照片：vultilion，CC BY 2.0；缩小、转灰度。",
    ),
    "aria_input": (
        "Picture, {h} rows and {w} columns. {now} Arrow keys move the window, with Shift by 8 "
        "pixels; Escape lets it go.",
        "图像，{h} 行 {w} 列。{now} 方向键移动窗口，按住 Shift 一次移 8 个像素；Esc 取消。",
    ),
    "aria_output": (
        "Result, {h} rows and {w} columns. {now} Arrow keys move the window, with Shift by 8 "
        "pixels; Escape lets it go.",
        "结果，{h} 行 {w} 列。{now} 方向键移动窗口，按住 Shift 一次移 8 个像素；Esc 取消。",
    ),
    "aria_kernel": (
        "Kernel, {n} rows and columns. Arrow keys choose a weight, a digit or Enter edits it.",
        "卷积核，{n} 行 {n} 列。方向键选权重，数字键或回车键修改。",
    ),
    "aria_window": ("The pixels of the window: {list}.", "窗口中的像素：{list}。"),
    "outside": ("dashed: outside the picture", "虚线：在图像之外"),
    # the place that is looked at
    "hint": (
        "Point at a picture to look into a window. Click a weight to change it.",
        "指向图像，看一个窗口里的计算；点一个权重可以修改。",
    ),
    "here": ("y[{i}, {j}] = {y}: {shown}.", "y[{i}, {j}] = {y}：{shown}。"),
    "as_gray": ("shown as gray {g}", "显示为灰度 {g}"),
    "as_black": ("below 0, shown as black", "小于 0，显示为黑"),
    "as_white": ("above 255, shown as white", "大于 255，显示为白"),
    "as_positive": ("positive, shown in blue", "为正，显示为蓝"),
    "as_negative": ("negative, shown in red", "为负，显示为红"),
    "as_zero": ("zero, shown as white", "为零，显示为白"),
    "as_absolute": ("its absolute value {a} is shown", "显示其绝对值 {a}"),
    # facts
    "about": ("What it does", "作用"),
    "note_identity": ("It copies each pixel.", "照原样复制每个像素。"),
    "note_blur": (
        "All pixels of the window count the same: it smooths, and edges get soft.",
        "窗口中的像素权重相同：使图像平滑，边缘变柔和。",
    ),
    "note_gaussian": (
        "The middle of the window counts most: it smooths, with less harm to details.",
        "中间的像素权重最大：使图像平滑，细节损失较少。",
    ),
    "note_sharpen": (
        "It adds to each pixel how far it stands out from its neighbors: edges get harder.",
        "给每个像素加上它与相邻像素的差：边缘更分明。",
    ),
    "note_sobel_x": (
        "Right columns minus left columns: positive where it gets brighter to the right.",
        "右边的列减左边的列：向右变亮处为正。",
    ),
    "note_sobel_y": (
        "Lower rows minus upper rows: positive where it gets brighter downward.",
        "下边的行减上边的行：向下变亮处为正。",
    ),
    "note_laplace": (
        "Neighbors minus the middle: positive on the dark side of an edge, negative on the bright "
        "side.",
        "相邻像素减中间像素：边缘的暗侧为正，亮侧为负。",
    ),
    "note_emboss": (
        "The pixel, plus lower right minus upper left: a relief lit from the upper left.",
        "原像素加上右下减左上的差：像从左上方照亮的浮雕。",
    ),
    "sum": ("Sum of weights", "权重之和"),
    "sum_zero": ("0: flat areas give 0.", "0：平坦区域的结果为 0。"),
    "sum_zero_undivided": (
        "0: flat areas give 0. There is nothing to divide by, so nothing is divided.",
        "0：平坦区域的结果为 0。不能除以 0，所以没有除。",
    ),
    "sum_one": ("1: flat areas keep their brightness.", "1：平坦区域的亮度不变。"),
    "sum_divided": (
        "{s}, and each result is divided by it: flat areas keep their brightness.",
        "{s}，结果都除以它：平坦区域的亮度不变。",
    ),
    "sum_other": (
        "{s}: a flat area of value 100 gives {y}.",
        "{s}：像素值都是 100 的平坦区域得到 {y}。",
    ),
    "absolute": ("Sum of |weights|", "权重绝对值之和"),
    "absolute_words": (
        "{a}. Possible results: {low} to {high}; here: {least} to {most}.",
        "{a}。结果可能在 {low} 到 {high} 之间，这里是 {least} 到 {most}。",
    ),
    "shown": ("How it is shown", "显示方式"),
    "shown_gray": (
        "As gray: 0 is black, 255 white. Cut off: {under} below 0, {over} above 255, of {n}.",
        "灰度：0 为黑，255 为白。{n} 个结果中，小于 0 的 {under} 个、大于 255 的 {over} 个被截断。",
    ),
    "shown_signed": (
        "Blue: positive, red: negative, white: 0; full color from ±{l} on (99.5 % lie within).",
        "蓝：正，红：负，白：0；±{l} 以外颜色最深（99.5 % 的结果在此范围内）。",
    ),
    "shown_absolute": (
        "Absolute value: black is 0, white {l} and more (99.5 % lie below).",
        "绝对值：黑为 0，{l} 及以上为白（99.5 % 的结果低于它）。",
    ),
    "rim": ("At the rim", "边界"),
    "rim_none": (
        "The window stays inside: {h} × {w} becomes {m} × {n}.",
        "窗口不出图像：{h} × {w} 变为 {m} × {n}。",
    ),
    "rim_zeros": (
        "Outside the picture zeros are read, as if it were black there.",
        "图像之外按 0 读取，如同黑色。",
    ),
    "rim_edge": (
        "Outside the picture the nearest pixel is read.",
        "图像之外按最近的像素读取。",
    ),
    "operation": ("Operation", "运算"),
    "turned_same": (
        "The kernel is turned by 180° first. This one looks the same: nothing changes.",
        "卷积核先旋转 180°。这个核旋转后不变，结果也不变。",
    ),
    "turned_negative": (
        "The kernel is turned by 180° first: all signs of this one change.",
        "卷积核先旋转 180°：这个核的符号全部反转。",
    ),
    "turned_other": (
        "The kernel is turned by 180° first: this one becomes another kernel.",
        "卷积核先旋转 180°：这个核变成另一个核。",
    ),
    # the guess
    "question": (
        "Left of an upright edge all pixels have the value 100, right of it 160. What does this "
        "kernel give, rounded?",
        "竖直边缘左侧的像素都是 100，右侧都是 160。这个卷积核给出多少（四舍五入）？",
    ),
    "on_flat": ("far left of the edge", "远在边缘左侧"),
    "on_edge": ("its middle on the last 100", "核的中心在最后一列 100 上"),
    "need_whole": ("Enter two whole numbers.", "请输入两个整数。"),
    "why": (
        "Far left: 100 · {s}{divide} = {flat}. At the edge the weights right of the middle, "
        "{r} in sum, meet 60 more: {flat} + 60 · {r}{divide} = {edge}.",
        "远离边缘：100 · {s}{divide} = {flat}。在边缘处，中心右侧的权重（和为 {r}）遇到的像素多 "
        "60：{flat} + 60 · {r}{divide} = {edge}。",
    ),
    "slip_undivided": (
        "Was the division by the sum left out?",
        "是不是忘了除以权重之和？",
    ),
    "slip_signs": ("Were the minus signs left out?", "是不是漏了负号？"),
    "slip_middle": ("Was only the middle weight used?", "是不是只用了中间的权重？"),
    "slip_side": (
        "Were the weights of the other side taken?",
        "是不是用了另一侧的权重？",
    ),
    "slip_flat": ("Was the edge left out?", "是不是没有考虑边缘？"),
    "slip_step": (
        "Was only the step of 60 counted, and not the 100 everywhere?",
        "是不是只算了 60 的跳变，漏了处处都有的 100？",
    ),
}
