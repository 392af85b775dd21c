"""Small matrices with their numbers written in, and a window on its input."""

from collections.abc import Sequence
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from nndl import arithmetic
from nndl.arithmetic import checks
from nndl.plots.style import (
    DIVERGING,
    DPI,
    FONT,
    INK,
    ORANGE,
    PAGE_WIDTH,
    SEQUENTIAL,
    array_of,
    finished,
    one_each,
    text_color,
    words,
)

__all__ = ["show_matrices", "show_window"]

MOST_CELLS = 10_000  # more are no longer to be told apart
MOST_DECIMALS = 17  # all that double precision has


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
    arrays = _as_matrices("matrices", matrices)
    shared = checks.flag("shared", shared)
    cell = checks.number("cell", cell, above=0, most=PAGE_WIDTH)
    decimals = checks.integer("decimals", decimals, least=0)
    if decimals > MOST_DECIMALS:
        raise ValueError(f"decimals must be at most {MOST_DECIMALS}, got {decimals}")
    symbols = [checks.text("symbols", symbol) for symbol in checks.sequence("symbols", symbols)]
    single = len(arrays) == 1
    titles = one_each("titles", [titles] if isinstance(titles, str) else titles, len(arrays))
    if single and isinstance(highlight, tuple):
        highlight = [highlight]
    if single and hatched is not None and _axes(hatched) == 2:
        hatched = [hatched]
    frames = one_each("highlight", highlight, len(arrays))
    masks = one_each("hatched", hatched, len(arrays))
    frames = [_frame("highlight", frame) for frame in frames]
    masks = [_mask("hatched", mask, a) for mask, a in zip(masks, arrays, strict=True)]

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
            axes.text(middle, top - 0.25, titles[index], ha="center", va="bottom", **words())
        if frames[index] is not None:
            row, column, rows, columns = frames[index]
            _draw_frame(axes, left + column, top + row, columns, rows)
        left += array.shape[1] + gap
        if index < len(symbols):
            x = left - gap / 2
            axes.text(x, height / 2, symbols[index], ha="center", va="center", **words(1.6))
    return finished(figure)


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
    (array,) = _as_matrices("x", [array_of("x", x)])
    kernel = checks.pair("kernel_size", kernel_size)
    stride, dilation = checks.size("stride", stride), checks.size("dilation", dilation)
    padding = checks.size("padding", padding, least=0)
    settings = (stride, padding, dilation)
    try:
        output = [
            arithmetic.output_size(n, k, *settings)
            for n, k in zip(array.shape, kernel, strict=True)
        ]
    except ValueError as error:
        raise ValueError(f"x must be as large as the window: {error}") from None
    cells = (array.shape[0] + 2 * padding) * (array.shape[1] + 2 * padding)
    if cells > MOST_CELLS:
        raise ValueError(
            f"x with padding must have at most {MOST_CELLS} cells to be drawn, got {cells}"
        )
    position = checks.pair("position", checks.sequence("position", position), least=-(2**31))
    if not all(0 <= place < size for place, size in zip(position, output, strict=True)):
        raise ValueError(
            f"position must lie within the output of {output[0]} x {output[1]}, got {position!r}; "
            "x, kernel_size, stride, padding and dilation make it so large"
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
            axes.text(column + 0.5, row + 0.5, "0", ha="center", va="center", **words())
    _draw_cells(axes, array, padding, padding, _norms([array], True)[0], cell, 2, unread)
    top, left = position[0] * stride, position[1] * stride
    if dilation == 1:
        _draw_frame(axes, left, top, kernel[1], kernel[0])
    else:
        for u, v in np.ndindex(*kernel):
            _draw_frame(axes, left + v * dilation + 0.06, top + u * dilation + 0.06, 0.88, 0.88)
    return finished(figure)


def _as_matrices(name: str, matrices: Any) -> list[np.ndarray]:
    arrays = [array_of(name, matrix) for matrix in (matrices if _is_list(matrices) else [matrices])]
    for array in arrays:
        if array.ndim != 2 or array.size == 0:
            raise ValueError(
                f"{name} must each have two axes and at least one cell, "
                f"got shape {list(array.shape)}"
            )
    return arrays


def _is_list(matrices: Any) -> bool:
    """Tell a list of matrices from one matrix that is written as a list of rows."""
    return isinstance(matrices, (list, tuple)) and len(matrices) > 0 and _axes(matrices[0]) != 1


def _axes(value: Any) -> int:
    try:
        return np.ndim(value)
    except Exception:  # rows of different lengths
        return -1


def _frame(name: str, frame: Any) -> tuple[int, ...] | None:
    """Return a frame as row, column, height and width, or None."""
    if frame is None:
        return None
    if not isinstance(frame, (tuple, list)) or len(frame) != 4:
        raise ValueError(f"{name} must hold (row, column, height, width), got {frame!r}")
    return tuple(checks.size(name, number, least=0) for number in frame)


def _mask(name: str, mask: Any, array: np.ndarray) -> np.ndarray | None:
    """Return which cells of a matrix are meant, or None."""
    if mask is None:
        return None
    mask = array_of(name, mask)
    if mask.shape != array.shape:
        raise ValueError(f"{name} must have its matrix's shape {array.shape}, got {mask.shape}")
    return mask


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
    written = [[_written(v, 0 if whole else decimals) for v in row] for row in values]
    longest = max(len(word) for row in written for word in row)
    size = min(FONT, 72 * cell * 0.9 / (0.62 * longest))
    for (row, column), value in np.ndenumerate(values):
        # The darkest ends of the maps are left out: they would vanish on a dark page.
        fill = cmap(0.85 * scale(value) + (0.075 if cmap.name == DIVERGING else 0.0))
        fill = fill if np.isfinite(value) else (1.0, 1.0, 1.0, 1.0)
        axes.add_patch(_square(left + column, top + row, facecolor=fill))
        hatched = mask is not None and mask[row][column]
        if hatched:
            axes.add_patch(_square(left + column, top + row, facecolor="none", hatch="////"))
        axes.text(
            left + column + 0.5,
            top + row + 0.5,
            written[row][column],
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
