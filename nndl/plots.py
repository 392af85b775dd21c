"""Figures in one style: readable on white and on dark pages, and by color-blind readers.

The background is transparent. Words and axes are of a gray that stands out about as well from
white as from black. One map of colors serves amounts (white to blue) and one serves signed values
(red, white at zero, blue), so blue is positive in both. A number is never told by color alone: it
is written in, or axes and labels say it.

Every function returns a :class:`matplotlib.figure.Figure` and changes no global setting. As the
last line of a notebook cell the figure is shown once; elsewhere call its ``savefig``.

Examples
--------
>>> import numpy as np
>>> x, w = np.arange(9).reshape(3, 3), np.ones((2, 2))
>>> figure = show_matrices([x, w], titles=["input", "kernel"])
>>> figure = show_images(np.random.rand(4, 8, 8))
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from nndl import arithmetic

__all__ = ["plot_history", "show_bars", "show_images", "show_matrices", "show_window"]

# Contrast about 4.2 to 1 both on white and on the dark theme's background.
INK = "#7a7a7a"
# Okabe and Ito's colors for all kinds of sight; each at least 3 to 1 on white and on dark.
BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"
SEQUENTIAL, DIVERGING = "Blues", "RdBu"
DPI = 120
PAGE_WIDTH = 7.0  # inches
FONT = 9.0  # points


def show_matrices(
    matrices: Any,
    titles: Sequence[str] | str | None = None,
    highlight: Any = None,
    *,
    symbols: Sequence[str] = (),
    hatched: Any = None,
    decimals: int = 2,
    shared: bool = True,
    cell: float = 0.42,
) -> Figure:
    """Draw small matrices side by side with their numbers written in.

    Parameters
    ----------
    matrices : array or list of arrays
        Each of shape ``[rows, columns]``. An entry that is NaN is drawn as a question mark.
    titles : str or list of str, optional
        A title for each matrix.
    highlight : tuple or list, optional
        A frame for each matrix, or ``None``: ``(row, column, height, width)`` in cells. For a
        single matrix a single frame will do.
    symbols : list of str
        What stands between one matrix and the next, such as ``["*", "="]``.
    hatched : array or list of arrays, optional
        For each matrix a mask of the same shape, or ``None``: cells to be hatched.
    decimals : int
        Digits after the point, for matrices that do not hold whole numbers only.
    shared : bool
        Whether a color means the same number in all matrices.
    cell : float
        Side of a cell in inches; less where the page would be too narrow.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a matrix has not two axes, or there are not as many titles, frames or masks as matrices.

    Examples
    --------
    >>> x = np.arange(1, 10).reshape(3, 3)
    >>> figure = show_matrices(
    ...     [x, np.ones((2, 2)), [[12, 16], [24, 28]]],
    ...     titles=["input", "kernel", "output"],
    ...     highlight=[(0, 0, 2, 2), None, (0, 0, 1, 1)],
    ...     symbols=["*", "="],
    ... )
    """
    arrays = _as_matrices(matrices)
    single = len(arrays) == 1
    titles = _one_each("titles", [titles] if isinstance(titles, str) else titles, len(arrays))
    if single and isinstance(highlight, tuple):
        highlight = [highlight]
    if single and hatched is not None and np.ndim(hatched) == 2:
        hatched = [hatched]
    frames = _one_each("highlight", highlight, len(arrays))
    masks = _one_each("hatched", hatched, len(arrays))

    gap = 1.0
    width = sum(a.shape[1] for a in arrays) + gap * (len(arrays) - 1)
    height = max(a.shape[0] for a in arrays)
    cell = min(cell, PAGE_WIDTH / width)
    figure, axes = _canvas(width, height, cell, headroom=0.8 if titles[0] is not None else 0.0)
    norms = _norms(arrays, shared)
    left = 0.0
    for index, array in enumerate(arrays):
        top = (height - array.shape[0]) / 2
        _draw_cells(axes, array, left, top, norms[index], cell, decimals, masks[index])
        if titles[index]:
            middle = left + array.shape[1] / 2
            axes.text(middle, top - 0.25, titles[index], ha="center", va="bottom", **_words())
        if frames[index] is not None:
            row, column, rows, columns = frames[index]
            _draw_frame(axes, left + column, top + row, columns, rows)
        left += array.shape[1] + gap
        if index < len(symbols):
            x = left - gap / 2
            axes.text(x, height / 2, symbols[index], ha="center", va="center", **_words(1.6))
    return _finished(figure)


def show_window(
    x: Any,
    kernel_size: int | tuple[int, int],
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    position: tuple[int, int] = (0, 0),
) -> Figure:
    """Draw an input with the window that one output element reads.

    Padding is drawn around the input in dashed lines. The cells that the window reads are framed
    in orange. Input cells that no position of the window ever reads are hatched.

    Parameters
    ----------
    x : array
        Shape ``[H, W]``.
    kernel_size : int or pair of int
        Height and width of the kernel.
    stride, padding, dilation : int
        As in :func:`nndl.arithmetic.output_size`, the same along both axes.
    position : pair of int
        Row and column of the output element.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If ``position`` lies outside the output, or there is no output.

    Examples
    --------
    >>> figure = show_window(np.arange(36).reshape(6, 6), kernel_size=3, stride=2, position=(1, 0))
    """
    (array,) = _as_matrices(np.asarray(x))
    kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else tuple(kernel_size)
    settings = (stride, padding, dilation)
    output = [
        arithmetic.output_size(n, k, *settings) for n, k in zip(array.shape, kernel, strict=True)
    ]
    if not all(0 <= place < size for place, size in zip(position, output, strict=True)):
        raise ValueError(
            f"position must lie within the output of {output[0]} x {output[1]}, got {position!r}"
        )
    unread = np.zeros(array.shape, dtype=bool)
    unread[arithmetic.never_visited(array.shape[0], kernel[0], *settings), :] = True
    unread[:, arithmetic.never_visited(array.shape[1], kernel[1], *settings)] = True

    height, width = (n + 2 * padding for n in array.shape)
    cell = min(0.42, PAGE_WIDTH / width)
    figure, axes = _canvas(width, height, cell)
    for row in range(height):
        for column in range(width):
            axes.add_patch(_square(column, row, facecolor="none", linestyle=(0, (2, 2))))
    if padding:
        inside = np.zeros((height, width), dtype=bool)
        inside[padding : height - padding, padding : width - padding] = True
        for row, column in np.argwhere(~inside):
            axes.text(column + 0.5, row + 0.5, "0", ha="center", va="center", **_words())
    _draw_cells(axes, array, padding, padding, _norms([array], True)[0], cell, 2, unread)
    top, left = position[0] * stride, position[1] * stride
    if dilation == 1:
        _draw_frame(axes, left, top, kernel[1], kernel[0])
    else:
        for u, v in np.ndindex(*kernel):
            _draw_frame(axes, left + v * dilation + 0.06, top + u * dilation + 0.06, 0.88, 0.88)
    return _finished(figure)


def show_images(
    images: Any,
    titles: Sequence[Any] | str | None = None,
    columns: int | None = None,
    cmap: str = "gray",
) -> Figure:
    """Draw pictures in a grid.

    Parameters
    ----------
    images : array or list of arrays
        Each of shape ``[H, W]``, ``[1, H, W]``, ``[3, H, W]`` or ``[H, W, 3]``; also one array
        of several, ``[N, H, W]`` or ``[N, C, H, W]``.
    titles : list, optional
        A title for each picture; numbers will do.
    columns : int, optional
        Pictures in a row; by default as many as make the grid about twice as wide as high.
    cmap : str
        Map of colors for pictures with one channel. ``"signed"`` gives the map for signed values
        with white at zero.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a picture has another shape, or there are not as many titles as pictures.

    Examples
    --------
    >>> from nndl.data import load_digits
    >>> test = load_digits().test
    >>> figure = show_images(test.images[:10], titles=test.labels[:10])
    """
    pictures = _as_pictures(images)
    number = len(pictures)
    titles = _one_each("titles", [titles] if isinstance(titles, str) else titles, number)
    columns = columns or min(number, max(3, math.ceil(math.sqrt(2 * number))))
    rows = -(-number // columns)
    ratio = pictures[0].shape[0] / pictures[0].shape[1]
    width = min(PAGE_WIDTH, columns * (3.2 if number <= 2 else 2.2 if number <= 4 else 1.1))
    title_height = 0.28 if any(title is not None for title in titles) else 0.05
    height = rows * (width / columns * ratio + title_height)
    figure, grid = plt.subplots(
        rows, columns, figsize=(width, height), dpi=DPI, squeeze=False, layout="constrained"
    )
    for axes in grid.flat:
        axes.axis("off")
    for axes, picture, title in zip(grid.flat, pictures, titles, strict=False):
        _draw_picture(axes, picture, cmap)
        if title is not None:
            axes.set_title(str(title), pad=3, **_words())
    return _finished(figure)


def show_bars(
    values: Mapping[str, float], title: str = "", unit: str = "", log: bool = False
) -> Figure:
    """Compare amounts, such as parameters or multiply-accumulates, by bars with their numbers.

    Parameters
    ----------
    values : dict
        Names and amounts, none below 0; drawn from top to bottom in the order given.
    title : str
        Stands above.
    unit : str
        Is written after each number.
    log : bool
        Whether equal lengths mean equal ratios. Then the title says so.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no amount, or one is negative (or, with ``log``, 0).

    Examples
    --------
    >>> figure = show_bars({"fully connected": 1025, "3 x 3 kernel": 9}, title="Parameters")
    """
    if not values:
        raise ValueError("values must hold at least one amount, got none")
    for name, value in values.items():
        if not value >= 0 or (log and value == 0):
            rule = "greater than 0 on a logarithmic scale" if log else "0 or greater"
            raise ValueError(f"values must be {rule}, got {value!r} for {name!r}")
    height = 0.34 * len(values) + (0.35 if title else 0.1)
    figure, axes = plt.subplots(figsize=(6, height), dpi=DPI, layout="constrained")
    names = list(values)
    axes.barh(range(len(names)), list(values.values()), color=BLUE, height=0.62, log=log)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    for place, value in enumerate(values.values()):
        written = f"{value:,}" if float(value).is_integer() else f"{value:,.3g}"
        label = f"{written} {unit}".rstrip()
        axes.annotate(
            label, (value, place), (4, 0), textcoords="offset points", va="center", **_words()
        )
    # The number at the longest bar's end needs room within the figure.
    longest = max(values.values())
    axes.set_xlim(right=longest**1.3 * 2 if log else longest * 1.28 or 1)
    _style(axes, title + (" (logarithmic scale)" if log else ""))
    axes.set_xticks([], [])
    axes.set_xticks([], [], minor=True)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return _finished(figure)


def plot_history(history: Any, title: str = "", score: str = "score") -> Figure:
    """Draw the losses and scores of a training run.

    The thin line is the loss of each batch, the thick one its running mean; the development set's
    values are dots on a dashed line, and a ring marks the best of them.

    Parameters
    ----------
    history : nndl.runner.History
        Anything with ``train_steps``, ``train_losses``, ``dev_steps``, ``dev_losses`` and
        ``dev_scores`` will do.
    title : str
        Stands above.
    score : str
        The name of the score.

    Returns
    -------
    matplotlib.figure.Figure
        One panel for the loss, and one for the score where there is one.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> history = SimpleNamespace(
    ...     train_steps=[1, 2, 3, 4], train_losses=[2.3, 1.9, 1.2, 0.8],
    ...     dev_steps=[2, 4], dev_losses=[1.8, 0.9], dev_scores=[0.4, 0.8], best_step=4,
    ... )
    >>> figure = plot_history(history)
    """
    scores = _points(history.dev_steps, history.dev_scores)
    losses = _points(history.dev_steps, history.dev_losses)
    panels = 2 if scores else 1
    figure, grid = plt.subplots(
        1, panels, figsize=(3.5 * panels, 2.6), dpi=DPI, squeeze=False, layout="constrained"
    )
    axes = grid[0, 0]
    steps, values = np.asarray(history.train_steps), np.asarray(history.train_losses, dtype=float)
    smooth = _running_mean(values)
    if smooth is not None:
        axes.plot(steps, values, color=BLUE, linewidth=0.6, alpha=0.45)
    axes.plot(steps, values if smooth is None else smooth, color=BLUE, label="training")
    best = getattr(history, "best_step", None)
    _plot_points(axes, losses, best)
    _style(axes, "loss", "step")
    axes.set_ylim(bottom=0 if values.size and np.nanmin(values) >= 0 else None)
    if losses:
        axes.legend(frameon=False, labelcolor=INK, fontsize=FONT)
    if scores:
        _plot_points(grid[0, 1], scores, best)
        _style(grid[0, 1], score, "step")
    if title:
        figure.suptitle(title, **_words(1.1))
    return _finished(figure)


def text_color(fill: Any) -> str:
    """Choose black or white, whichever stands out more from a color.

    Parameters
    ----------
    fill : color
        As Matplotlib takes it.

    Returns
    -------
    str
        ``"black"`` or ``"white"``; the contrast is at least 4.5 to 1 on any color.

    Examples
    --------
    >>> text_color("navy"), text_color("lightyellow")
    ('white', 'black')
    """
    return max(("black", "white"), key=lambda ink: contrast(ink, fill))


def contrast(one: Any, other: Any) -> float:
    """Give the contrast of two colors, from 1 to 21.

    Parameters
    ----------
    one, other : color
        As Matplotlib takes it; transparency is left out of account.

    Returns
    -------
    float

    References
    ----------
    Web Content Accessibility Guidelines 2.2, success criterion 1.4.3.

    Examples
    --------
    >>> round(contrast("black", "white"), 2)
    21.0
    """

    def luminance(color: Any) -> float:
        channels = np.array(matplotlib.colors.to_rgb(color))
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _as_matrices(matrices: Any) -> list[np.ndarray]:
    if not isinstance(matrices, (list, tuple)) or np.ndim(matrices[0]) == 1:
        matrices = [matrices]
    arrays = [np.asarray(matrix) for matrix in matrices]
    for array in arrays:
        if array.ndim != 2 or array.size == 0:
            raise ValueError(
                "matrices must each have two axes and at least one cell, "
                f"got shape {list(array.shape)}"
            )
    return arrays


def _as_pictures(images: Any) -> list[np.ndarray]:
    if not isinstance(images, (list, tuple)):
        array = np.asarray(images)
        several = array.ndim == 4 or (array.ndim == 3 and array.shape[0] not in (1, 3))
        several = several and not (array.ndim == 3 and array.shape[-1] in (3, 4))
        images = list(array) if several else [array]
    return [_as_picture(np.asarray(image)) for image in images]


def _as_picture(image: np.ndarray) -> np.ndarray:
    if image.ndim == 3 and image.shape[0] == 1:
        image = image[0]  # (1, H, W) -> (H, W)
    elif image.ndim == 3 and image.shape[0] == 3 and image.shape[-1] not in (3, 4):
        image = image.transpose(1, 2, 0)  # (3, H, W) -> (H, W, 3)
    if image.ndim == 2 or (image.ndim == 3 and image.shape[-1] in (3, 4)):
        return image
    raise ValueError(
        "images must each have shape [H, W], [1, H, W], [3, H, W] or [H, W, 3], "
        f"got {list(image.shape)}"
    )


def _one_each(name: str, values: Sequence[Any] | None, number: int) -> list[Any]:
    if values is None:
        return [None] * number
    values = list(values)
    if len(values) != number:
        raise ValueError(f"{name} must have {number} entries, got {len(values)}")
    return values


def _norms(arrays: list[np.ndarray], shared: bool) -> list[tuple[Any, Any]]:
    """Give each matrix its map of colors and the scale of that map."""
    if shared:
        everything = np.concatenate([a.astype(float).ravel() for a in arrays])
        return [_norm(everything)] * len(arrays)
    return [_norm(a.astype(float).ravel()) for a in arrays]


def _norm(values: np.ndarray) -> tuple[Any, Any]:
    values = values[np.isfinite(values)]
    limit = float(np.abs(values).max(initial=0.0)) or 1.0
    signed = values.size > 0 and values.min() < 0
    cmap = matplotlib.colormaps[DIVERGING if signed else SEQUENTIAL]
    return cmap, matplotlib.colors.Normalize(-limit if signed else 0, limit)


def _draw_cells(
    axes: Axes,
    array: np.ndarray,
    left: float,
    top: float,
    norm: tuple[Any, Any],
    cell: float,
    decimals: int,
    mask: Any = None,
) -> None:
    cmap, scale = norm
    values = array.astype(float)
    whole = bool(np.all(np.mod(values[np.isfinite(values)], 1) == 0))
    words = [[_written(v, 0 if whole else decimals) for v in row] for row in values]
    longest = max(len(word) for row in words for word in row)
    size = min(FONT, 72 * cell * 0.9 / (0.62 * longest))
    for (row, column), value in np.ndenumerate(values):
        # Lightened, so that the darkest cell is not a block of black on a dark page.
        fill = cmap(0.85 * scale(value) + (0.075 if cmap.name == DIVERGING else 0.0))
        fill = fill if np.isfinite(value) else (1.0, 1.0, 1.0, 1.0)
        axes.add_patch(_square(left + column, top + row, facecolor=fill))
        hatched = mask is not None and mask[row][column]
        if hatched:
            axes.add_patch(_square(left + column, top + row, facecolor="none", hatch="////"))
        axes.text(
            left + column + 0.5,
            top + row + 0.5,
            words[row][column],
            ha="center",
            va="center",
            fontsize=size,
            color=text_color(fill),
            path_effects=[withStroke(linewidth=3, foreground=fill)] if hatched else None,
        )


def _written(value: float, decimals: int) -> str:
    if not np.isfinite(value):
        return "?"
    word = f"{value:.{decimals}f}"
    return word.replace("-", "\N{MINUS SIGN}") if float(word) else word.lstrip("-")


def _square(left: float, top: float, **kwargs: Any) -> Rectangle:
    return Rectangle((left, top), 1, 1, edgecolor=INK, linewidth=0.8, **kwargs)


def _draw_frame(axes: Axes, left: float, top: float, width: float, height: float) -> None:
    # White around orange: one of the two stands out from whatever lies below.
    axes.add_patch(
        Rectangle(
            (left, top),
            width,
            height,
            facecolor="none",
            edgecolor=ORANGE,
            linewidth=2.2,
            zorder=5,
            path_effects=[withStroke(linewidth=4.2, foreground="white")],
        )
    )


def _canvas(width: float, height: float, cell: float, headroom: float = 0.0) -> tuple[Figure, Axes]:
    """Make a figure whose one unit is one cell, with the first row at the top."""
    margin = 0.12
    size = ((width + 2 * margin) * cell, (height + headroom + 2 * margin) * cell)
    figure = plt.figure(figsize=size, dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-margin, width + margin)
    axes.set_ylim(height + margin, -margin - headroom)
    axes.axis("off")
    return figure, axes


def _draw_picture(axes: Axes, picture: np.ndarray, cmap: str) -> None:
    if picture.ndim == 3:
        axes.imshow(np.clip(picture, 0, 1 if picture.dtype.kind == "f" else 255))
        return
    if cmap == "signed":
        # A few extreme pixels would otherwise leave all others pale.
        limit = float(np.percentile(np.abs(picture), 99.5)) or float(np.abs(picture).max()) or 1.0
        axes.imshow(picture, cmap=DIVERGING, vmin=-limit, vmax=limit, interpolation="nearest")
        return
    axes.imshow(picture, cmap=cmap, interpolation="nearest")


def _running_mean(values: np.ndarray, shortest: int = 20) -> np.ndarray | None:
    """Average each value with those just before it; ``None`` when there are too few."""
    width = len(values) // shortest
    if width < 2:
        return None
    total = np.cumsum(np.concatenate([[0.0], values]))
    last = np.arange(1, len(values) + 1)
    first = np.maximum(last - width, 0)
    return (total[last] - total[first]) / (last - first)


def _points(steps: Sequence[int], values: Sequence[float | None]) -> list[tuple[int, float]]:
    pairs = zip(steps, values, strict=True)
    return [(step, value) for step, value in pairs if value is not None]


def _plot_points(axes: Axes, points: list[tuple[int, float]], best: int | None) -> None:
    if not points:
        return
    steps, values = zip(*points, strict=True)
    axes.plot(steps, values, color=ORANGE, linestyle="--", marker="o", markersize=3.5, label="dev")
    if best in steps:
        value = values[steps.index(best)]
        axes.plot([best], [value], "o", markersize=9, color=ORANGE, fillstyle="none", label="best")


def _words(scale: float = 1.0) -> dict[str, Any]:
    return {"color": INK, "fontsize": FONT * scale}


def _style(axes: Axes, title: str = "", xlabel: str = "") -> None:
    axes.set_title(title, loc="left", **_words())
    axes.set_xlabel(xlabel, **_words())
    axes.patch.set_alpha(0)
    axes.tick_params(colors=INK, labelsize=FONT)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(INK)


def _finished(figure: Figure) -> Figure:
    figure.patch.set_alpha(0)
    # A notebook shows every open figure after the cell, and then the cell's value: once too often.
    if plt.get_backend().lower().rpartition("_")[2].rpartition(".")[2] in ("agg", "inline"):
        plt.close(figure)
    return figure
