"""The words of the transposed-convolution explorer, in English and Chinese."""

from nndl.widgets.schema import Text

STRINGS: dict[str, Text] = {
    "view": ("View", "视图"),
    "direct": ("Direct convolution: {n} in, {m} out", "普通卷积：输入 {n}，输出 {m}"),
    "transposed": ("Transposed: {m} in, {n} out", "转置卷积：输入 {m}，输出 {n}"),
    "input": ("input", "输入"),
    "output": ("output", "输出"),
    "x": ("Input x", "输入 x"),
    "weight": ("Kernel w", "卷积核 w"),
    "y": ("Output y", "输出 y"),
    "view_stamp": (
        "A row for each input: its stamp. Last row: the sums. Hatched: cut off by the padding.",
        "每行是一个输入盖的章，最后一行是和；斜线：被填充裁掉。",
    ),
    "view_zeros": (
        "Zeros between the inputs and around them (hatched). Below: the kernel, turned, "
        "which moves one cell at a time.",
        "输入之间和两边都是零（斜线）；下面是翻转的卷积核，每次移一格。",
    ),
    "view_direct": (
        "K, of the direct convolution: {m} × {n}",
        "普通卷积的矩阵 K：{m} × {n}",
    ),
    "view_matrix": ("K transposed: {n} × {m}", "K 的转置：{n} × {m}"),
    "map": (
        "In two dimensions: stamps on each output",
        "二维时每个输出上有几个章",
    ),
    "map_part": (
        "In two dimensions: stamps on each output, the first {n} rows and columns",
        "二维时每个输出上有几个章（前 {n} 行和列）",
    ),
    "aria_wires": ("{what}. {now}", "{what}。{now}"),
    "aria_x": (
        "Input, {n} values. Arrow keys choose one, a digit or Enter edits it.",
        "输入，{n} 个值。方向键选择，数字键或回车键修改。",
    ),
    "aria_weight": (
        "Kernel, {n} weights. Arrow keys choose one, a digit or Enter edits it.",
        "卷积核，{n} 个权重。方向键选择，数字键或回车键修改。",
    ),
    "aria_y": (
        "Output, {n} values. Arrow keys choose one. {now}",
        "输出，{n} 个值。方向键选择。{now}",
    ),
    "aria_map": (
        "Number of stamps on each output in two dimensions. Along a row: {list}.",
        "二维时每个输出上的章数。一行上为：{list}。",
    ),
    "position": ("Output position", "输出位置"),
    "untouched": ("y[{j}] = 0: no stamp reaches it.", "y[{j}] = 0：没有章盖到它。"),
    "stamps": (
        "x[{i}] stamps {value} · w on {n} outputs (ringed).",
        "x[{i}] 把 {value} · w 盖在 {n} 个输出上（带圈）。",
    ),
    "hint": (
        "Point at a cell to follow its wires. Click an input or a weight to change it.",
        "指向一格，看它的连线；点输入或权重可以修改。",
    ),
    "size_transposed": ("Transposed, output size", "转置卷积的输出大小"),
    "size_direct": ("Direct, and back again", "普通卷积，再变回来"),
    "candidates": ("Which size comes back", "变回哪个大小"),
    "chosen": (
        "The direct convolution makes {m} of each of {list}; output padding {e} chooses {n}.",
        "普通卷积把 {list} 都变成 {m}；输出填充 {e} 选定 {n}。",
    ),
    "chosen_one": (
        "With stride 1 only {n} becomes {m}: there is nothing to choose.",
        "步长为 1 时只有 {n} 变成 {m}，无须选择。",
    ),
    "overlap": ("Overlap", "重叠"),
    "even": (
        "✓ Even: away from the border, {list} stamps reach each output.",
        "✓ 均匀：边界之外，每个输出上都有 {list} 个章。",
    ),
    "uneven": (
        "⚠ Checkerboard: away from the border, {list} stamps in turn.",
        "⚠ 棋盘格：边界之外，章数轮流为 {list}。",
    ),
    "remainder": (
        "{k} mod {s} = {r}, not 0.",
        "{k} mod {s} = {r}，不为 0。",
    ),
    "listed": (", ", "、"),
    "no_output": (
        "No output: padding {p} takes {cut} of {full} positions.",
        "没有输出：填充 {p} 要裁掉 {full} 格中的 {cut} 格。",
    ),
    "question": (
        "How long is the output of the transposed convolution?",
        "转置卷积的输出有多长？",
    ),
    "cells": ("cells", "格"),
    "reason": (
        "The last stamp starts at {start} and is {reach} long; {cut} are cut off, {e} added: {n}.",
        "最后一个章从 {start} 开始，长 {reach}；裁掉 {cut}，加上 {e}：{n}。",
    ),
    "slip_direct": (
        "That is the size after the direct convolution.",
        "这是普通卷积之后的大小。",
    ),
    "slip_times": (
        "That is input times stride; the stamps' length and the padding count too.",
        "这是输入乘步长；还要算章的长度和填充。",
    ),
}
