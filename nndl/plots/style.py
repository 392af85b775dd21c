"""The style of all figures: colors, contrast, and how a figure is begun and ended."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["contrast", "text_color"]

# Contrast about 4.2 to 1 both on white and on the dark theme's background.
INK = "#7a7a7a"
# Okabe and Ito's colors for all kinds of sight; each at least 3 to 1 on white and on dark.
BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"
# Blue is positive in both maps.
SEQUENTIAL, DIVERGING = "Blues", "RdBu"
DPI = 120
PAGE_WIDTH = 7.0  # inches
FONT = 9.0  # points


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
    level = _luminance("fill", fill)
    return max(("black", "white"), key=lambda ink: _ratio(_luminance("fill", ink), level))


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
    return _ratio(_luminance("one", one), _luminance("other", other))


def _ratio(*levels: float) -> float:
    low, high = sorted(levels)
    return (high + 0.05) / (low + 0.05)


def _luminance(name: str, color: Any) -> float:
    try:
        channels = np.array(matplotlib.colors.to_rgb(color))
    except Exception as error:  # Matplotlib has several, and words without the argument's name
        raise ValueError(f"{name} must be a color as Matplotlib takes it, got {color!r}") from error
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def words(scale: float = 1.0) -> dict[str, Any]:
    return {"color": INK, "fontsize": FONT * scale}


def style(axes: Axes, title: str = "", xlabel: str = "") -> None:
    axes.set_title(title, loc="left", **words())
    axes.set_xlabel(xlabel, **words())
    axes.patch.set_alpha(0)
    axes.tick_params(colors=INK, labelsize=FONT)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(INK)


def finished(figure: Figure) -> Figure:
    figure.patch.set_alpha(0)
    # A notebook shows every open figure after the cell, and then the cell's value: once too often.
    if plt.get_backend().lower().rpartition("_")[2].rpartition(".")[2] in ("agg", "inline"):
        plt.close(figure)
    return figure


def array_of(name: str, values: Any, ndim: int | None = None) -> np.ndarray:
    """Return an array of real numbers, of an array, a list or a tensor."""
    try:
        array = np.asarray(values)
    except Exception as error:  # rows of different lengths, an object of its own kind
        raise TypeError(f"{name} must hold real numbers, got {type(values).__name__}") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got {array.dtype}")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axes, got shape {array.shape}")
    return array


def one_each(name: str, values: Sequence[Any] | None, number: int) -> list[Any]:
    """Return a list with an entry for each of several things, None for each where there is none."""
    if values is None:
        return [None] * number
    several = isinstance(values, Iterable) and not isinstance(values, (str, Mapping))
    if not several or (isinstance(values, np.ndarray) and values.ndim != 1):
        raise ValueError(f"{name} must be a list of {number} entries, got {values!r}")
    values = list(values)
    if len(values) != number:
        raise ValueError(f"{name} must have {number} entries, got {len(values)}")
    return values
