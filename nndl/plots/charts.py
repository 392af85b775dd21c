"""Amounts as bars, and training as curves."""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nndl.arithmetic import checks
from nndl.plots.style import (
    BLUE,
    DPI,
    FONT,
    GREEN,
    INK,
    ORANGE,
    array_of,
    finished,
    style,
    words,
)

__all__ = ["plot_curves", "plot_history", "show_bars"]

RECORDED = ("train_steps", "train_losses", "dev_steps", "dev_losses", "dev_scores")


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
    if not isinstance(values, Mapping):
        raise ValueError(f"values must be a dict of names and amounts, got {values!r}")
    if not values:
        raise ValueError("values must hold at least one amount, got none")
    checks.text("title", title)
    checks.text("unit", unit)
    checks.flag("log", log)
    for name, value in values.items():
        real = isinstance(value, Real) and not isinstance(value, bool) and abs(value) < np.inf
        if not real or not value >= 0 or (log and value == 0):
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
            label, (value, place), (4, 0), textcoords="offset points", va="center", **words()
        )
    # The number at the longest bar's end needs room within the figure.
    longest = max(values.values())
    axes.set_xlim(right=longest**1.3 * 2 if log else longest * 1.28 or 1)
    style(axes, title + (" (logarithmic scale)" if log else ""))
    axes.set_xticks([], [])
    axes.set_xticks([], [], minor=True)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return finished(figure)


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
    checks.text("title", title)
    checks.text("score", score)
    if missing := [name for name in RECORDED if not hasattr(history, name)]:
        raise TypeError(
            f"history must be a History, or have {', '.join(missing)}; got {type(history).__name__}"
        )
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
    style(axes, "loss", "step")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_ylim(bottom=0 if np.all(values[np.isfinite(values)] >= 0) else None)
    if losses:
        axes.legend(frameon=False, labelcolor=INK, fontsize=FONT)
    if scores:
        _plot_points(grid[0, 1], scores, best)
        style(grid[0, 1], score, "step")
        grid[0, 1].xaxis.get_major_locator().set_params(integer=True)
    if title:
        figure.suptitle(title, **words(1.1))
    return finished(figure)


def plot_curves(
    curves: Mapping[str, Any],
    xlabel: str = "step",
    ylabel: str = "loss",
    title: str = "",
    points: tuple[Any, Any] | None = None,
    log: bool = False,
) -> Figure:
    """Draw up to three curves, told apart by color and by stroke.

    Parameters
    ----------
    curves : dict
        Names and curves: values, which are drawn against 1, 2, ..., or pairs ``(x, y)`` of equally
        long sequences.
    xlabel, ylabel : str
        What the axes mean.
    title : str
        Stands above.
    points : tuple of array, optional
        Measured values ``(x, y)``, drawn as dots under the curves. They set the range of the
        vertical axis, unless it is logarithmic: a curve may leave it.
    log : bool
        Whether equal heights mean equal ratios. Then the axis says so.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are no curves, or more than three.

    Examples
    --------
    >>> figure = plot_curves({"by hand": [2.0, 1.0, 0.5], "by Paddle": [2.0, 1.1, 0.4]})
    """
    if not isinstance(curves, Mapping):
        raise ValueError(f"curves must be a dict of names and values, got {curves!r}")
    for name, value in (("xlabel", xlabel), ("ylabel", ylabel), ("title", title)):
        checks.text(name, value)
    checks.flag("log", log)
    strokes = ((BLUE, "-"), (ORANGE, "--"), (GREEN, ":"))
    if not 1 <= len(curves) <= len(strokes):
        raise ValueError(f"curves must be 1 to {len(strokes)}, got {len(curves)}")
    size = (4.6, 2.6 if len(curves) == 1 else 2.8)
    figure, axes = plt.subplots(figsize=size, dpi=DPI, layout="constrained")
    whole = points is None
    if points is not None:
        points = _pair("points", points)
        axes.plot(*points, "o", color=INK, markersize=4)
        if not log:
            margin = 0.25 * np.ptp(points[1]) or 1.0
            axes.set_ylim(np.min(points[1]) - margin, np.max(points[1]) + margin)
    for (name, values), (color, stroke) in zip(curves.items(), strokes, strict=False):
        pair = isinstance(values, tuple) and len(values) == 2 and np.ndim(values[0]) == 1
        if pair:
            x, y = _pair("curves", values)
        else:
            y = array_of("curves", values, ndim=1)
            x = np.arange(1, len(y) + 1)
        axes.plot(x, y, color=color, linestyle=stroke, linewidth=1.8, label=name)
        whole = whole and bool(np.all(np.mod(x, 1) == 0))
    style(axes, ylabel + (" (logarithmic scale)" if log else ""), xlabel)
    if log:
        axes.set_yscale("log")
        axes.tick_params(which="minor", colors=INK, labelsize=FONT)
    if whole:  # there is no step 1.25
        axes.xaxis.get_major_locator().set_params(integer=True)
    if len(curves) > 1:  # below: within the axes it would lie over a curve that goes everywhere
        options = {"frameon": False, "labelcolor": INK, "fontsize": FONT}
        figure.legend(loc="outside lower center", ncols=len(curves), **options)
    if title:
        figure.suptitle(title, **words(1.1))
    return finished(figure)


def _pair(name: str, values: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return two equally long arrays, x and y."""
    if not isinstance(values, (tuple, list)) or len(values) != 2:
        raise ValueError(f"{name} must be a pair (x, y), got {values!r}")
    x, y = (array_of(name, value, ndim=1) for value in values)
    if len(x) != len(y) or not len(x):
        raise ValueError(f"{name} must be equally long x and y, got {len(x)} and {len(y)} values")
    return x, y


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
