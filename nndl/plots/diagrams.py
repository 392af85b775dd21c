"""Diagrams: points in a plane, and the way of the data from box to box."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from nndl.arithmetic import checks
from nndl.plots.style import (
    BLUE,
    DPI,
    FONT,
    GREEN,
    INK,
    ORANGE,
    PAGE_WIDTH,
    array_of,
    finished,
    one_each,
    words,
)

__all__ = ["show_flow", "show_points"]


def show_points(
    points: Any, labels: Sequence[int], titles: Sequence[str] | str | None = None
) -> Figure:
    """Draw samples as points of a plane; each point is the number of its class.

    Parameters
    ----------
    points : array or list of arrays
        Each of shape ``[N, 2]``, a panel for each; a panel's axes have no unit and no ticks.
    labels : sequence of int
        The class of each sample, shape ``[N]``.
    titles : list of str, optional
        A title for each panel.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a panel is not ``[N, 2]`` for the N labels, or there are not as many titles as panels.

    Examples
    --------
    >>> figure = show_points(np.random.rand(20, 2), [0, 1] * 10, "two classes")
    """
    listed = isinstance(points, (list, tuple)) and points and np.ndim(points[0]) == 2
    several = listed or getattr(points, "ndim", 2) == 3
    panels = [array_of("points", panel) for panel in (points if several else [points])]
    labels = array_of("labels", labels, ndim=1)
    for panel in panels:
        if panel.shape != (len(labels), 2):
            raise ValueError(
                f"points must have shape ({len(labels)}, 2), a row for each of labels, "
                f"got {panel.shape}"
            )
        if not np.isfinite(panel).all():
            raise ValueError("points must be finite, got NaN or infinity among them")
    if not len(labels):
        raise ValueError("points and labels must hold at least one sample, got none")
    titles = one_each("titles", [titles] if isinstance(titles, str) else titles, len(panels))
    columns = min(len(panels), 3)
    rows = -(-len(panels) // columns)
    side = min(PAGE_WIDTH / columns, 3.4)
    size = (side * columns, side * rows)
    figure, grid = plt.subplots(rows, columns, figsize=size, dpi=DPI, layout="constrained")
    # the number tells the class; three colors that all eyes tell apart set off neighbors
    colors = dict(zip(np.unique(labels).tolist(), cycle((BLUE, ORANGE, GREEN)), strict=False))
    for axes in np.ravel(grid)[len(panels) :]:
        axes.remove()
    for axes, panel, title in zip(np.ravel(grid), panels, titles, strict=False):
        for (x, y), label in zip(panel, labels.tolist(), strict=True):
            color = colors[label]
            axes.text(x, y, str(label), color=color, fontsize=FONT, ha="center", va="center")
        low, high = panel.min(axis=0), panel.max(axis=0)
        room = 0.05 * np.maximum(high - low, 1e-9)
        axes.set(xlim=(low[0] - room[0], high[0] + room[0]))
        axes.set(ylim=(low[1] - room[1], high[1] + room[1]), xticks=[], yticks=[])
        axes.patch.set_alpha(0)
        axes.spines[:].set_color(INK)
        axes.set_title(title or "", loc="left", **words())
    return finished(figure)


def show_flow(lanes: Sequence[Sequence[str]], titles: Sequence[str] | None = None) -> Figure:
    """Draw the way of the data as boxes with arrows between them, a row for each way.

    Parameters
    ----------
    lanes : sequence of sequences of str
        For each row the words of its boxes, from left to right; a line break where a box needs two
        lines.
    titles : list of str, optional
        A title above each row.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no row, a row has no box, or there are not as many titles as rows.

    Examples
    --------
    >>> figure = show_flow([["data", "model", "loss"]])
    """
    rows = lanes if isinstance(lanes, (list, tuple)) else ()
    if not rows or not all(isinstance(row, (list, tuple)) and row for row in rows):
        raise ValueError(f"lanes must have at least one row, and each row a box, got {lanes!r}")
    lanes = [[checks.text("lanes", words) for words in row] for row in rows]
    titles = one_each("titles", titles, len(lanes))
    size = (PAGE_WIDTH, 1.05 * len(lanes))
    figure, grid = plt.subplots(len(lanes), 1, figsize=size, dpi=DPI, layout="constrained")
    for axes, lane, title in zip(np.ravel(grid), lanes, titles, strict=True):
        axes.set(xlim=(0, len(lane)), ylim=(0, 1))
        axes.axis("off")
        axes.set_title(title or "", loc="left", **words())
        for place, text in enumerate(lane):
            box = {"boxstyle": "round,pad=0.45", "edgecolor": INK, "facecolor": "none"}
            axes.text(place + 0.5, 0.5, text, ha="center", va="center", bbox=box, **words())
            if place:
                arrow = {"arrowstyle": "->", "color": INK}
                axes.annotate(
                    "", (place + 0.06, 0.5), (place - 0.06, 0.5), color=INK, arrowprops=arrow
                )
    return finished(figure)
