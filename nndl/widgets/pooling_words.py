"""The words of the pooling explorer, in English and Chinese."""

from nndl.widgets.schema import Text

POOLS: dict[str, Text] = {
    "none": ("none", "无"),
    "max": ("maximum", "最大"),
    "avg": ("average", "平均"),
}
STRINGS: dict[str, Text] = {
    "picture": ("Picture", "图像"),
    "digit": ("digit {n}", "数字 {n}"),
    "own": ("my own", "自定义"),
    "before": ("Before", "移动前"),
    "after": ("After, {where}", "移动后，{where}"),
    "not_moved": ("not moved", "没有移动"),
    "by_down": ("{n} down", "向下 {n} 像素"),
    "by_up": ("{n} up", "向上 {n} 像素"),
    "by_right": ("{n} right", "向右 {n} 像素"),
    "by_left": ("{n} left", "向左 {n} 像素"),
    "comma": (", ", "，"),
    "map_picture": ("Picture {h} × {w}", "图像 {h} × {w}"),
    "map_conv": ("Convolution, ReLU {h} × {w}", "卷积、ReLU {h} × {w}"),
    "map_max": ("Max pooling {h} × {w}", "最大汇聚 {h} × {w}"),
    "map_avg": ("Average pooling {h} × {w}", "平均汇聚 {h} × {w}"),
    "changed_of": ("{n} of {m} changed", "{m} 个中 {n} 个改变"),
    "aria_shift": (
        "The picture moved. Arrow keys move it by a pixel.",
        "移动后的图像。方向键移动一个像素。",
    ),
    "aria_features": (
        "Features, {h} rows and {w} columns. Arrow keys choose one.",
        "特征，{h} 行 {w} 列。方向键选一个。",
    ),
    "aria_map": ("{what}. {n} of {m} changed.", "{what}。{m} 个中 {n} 个改变。"),
    # what happened
    "still": (
        "Nothing moved, nothing changed.",
        "没有移动，特征不变。",
    ),
    "result": (
        "Moved {where}: {n} of the {m} features that respond changed (outlined). Shift "
        "consistency {c}.",
        "图像{where}：{m} 个有响应的特征中有 {n} 个改变（带框）。平移一致性 {c}。",
    ),
    "along_exact": (
        "The shift is a whole number of cells: the features move along exactly.",
        "移动的距离是整数格：特征原样随之移动。",
    ),
    "along_not": (
        "The shift is no whole number of cells of {j} pixels: moved along, the features agree to "
        "{a} only (aliasing).",
        "移动的距离不是 {j} 像素的整数倍：特征随之移动后只符合到 {a}（混叠）。",
    ),
    "along_by_luck": (
        "The shift is no whole number of cells of {j} pixels, and yet the features agree.",
        "移动的距离不是 {j} 像素的整数倍，特征却恰好一致。",
    ),
    "hint": (
        "Point at a feature to see what it reads, before and after.",
        "指向一个特征，看它移动前后读到什么。",
    ),
    "feature_same": (
        "Feature [{r}, {c}] is {a} before and after.",
        "特征 [{r}, {c}] 移动前后都是 {a}。",
    ),
    "feature_changed": (
        "Feature [{r}, {c}]: {a} before, {b} after.",
        "特征 [{r}, {c}]：移动前 {a}，移动后 {b}。",
    ),
    "reads_conv": (
        "It reads rows {r0}–{r1} and columns {c0}–{c1} of the picture.",
        "它读图像的第 {r0}–{r1} 行、第 {c0}–{c1} 列。",
    ),
    "reads_max": (
        "It is the largest of rows {r0}–{r1} and columns {c0}–{c1} of the convolution.",
        "它是卷积结果第 {r0}–{r1} 行、第 {c0}–{c1} 列中的最大值。",
    ),
    "reads_avg": (
        "It is the mean of rows {r0}–{r1} and columns {c0}–{c1} of the convolution.",
        "它是卷积结果第 {r0}–{r1} 行、第 {c0}–{c1} 列的平均值。",
    ),
    # facts
    "sizes": ("Sizes", "大小"),
    "total": ("Total stride", "总步长"),
    "total_words": (
        "{product} = {j} px from one feature to the next",
        "{product} = {j} 像素（相邻两个特征相隔）",
    ),
    "consistency": ("Shift consistency", "平移一致性"),
    "consistency_words": (
        "Σ before·after / √(Σ before² · Σ after²) = {ab} / √({aa} · {bb}) = {c}",
        "Σ 前·后 / √(Σ 前² · Σ 后²) = {ab} / √({aa} · {bb}) = {c}",
    ),
    "unpooled": ("Before pooling", "汇聚之前"),
    "along": ("Moved along", "随之移动"),
    "along_words": (
        "{rows} cells down and {columns} to the right: {a}",
        "向下 {rows} 格，向右 {columns} 格：{a}",
    ),
    # chart
    "chart": (
        "Shift consistency by pixels to the right, at {n} down",
        "向右移动各像素时的平移一致性（向下 {n}）",
    ),
    "legend_same": ("at the same place (invariance)", "在原处比较（不变性）"),
    "legend_along": ("moved along (equivariance)", "随之移动后比较（等变性）"),
    "aria_chart": (
        "Shift consistency from 4 pixels left to 4 right: at the same place {same}; moved along "
        "{along}. Left and right move the picture.",
        "从向左 4 像素到向右 4 像素的平移一致性：在原处 {same}；随之移动 {along}。左右键移动图像。",
    ),
    # the guess
    "question": (
        "By how many pixels must the picture move, at least, for the features to move along "
        "exactly, by one cell?",
        "图像至少要移动几个像素，特征才恰好随之移动一格？",
    ),
    "pixels": ("pixels", "像素"),
    "reason": (
        "Features lie a total stride apart: {product} = {j}. Any other shift lands between them.",
        "相邻特征相隔总步长：{product} = {j}。其他的移动会落在格子之间。",
    ),
    "slip_sum": ("Were the strides added? They multiply.", "是不是把步长相加了？应当相乘。"),
    "slip_window": (
        "Was the window taken for its stride?",
        "是不是把汇聚窗口当成了步长？",
    ),
    "slip_pool": ("Was the convolution's stride left out?", "是不是漏了卷积的步长？"),
    "slip_conv": ("Was the pooling's stride left out?", "是不是漏了汇聚的步长？"),
}
