"""Pictures in a grid."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nndl.arithmetic import checks
from nndl.plots.style import DIVERGING, DPI, PAGE_WIDTH, array_of, finished, one_each, words

__all__ = ["show_images"]


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
    titles = one_each("titles", [titles] if isinstance(titles, str) else titles, number)
    if not isinstance(cmap, str) or (cmap != "signed" and cmap not in matplotlib.colormaps):
        raise ValueError(f'cmap must be "signed" or a colormap of Matplotlib\'s, got {cmap!r}')
    if columns is not None:
        columns = min(checks.integer("columns", columns), number)
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
            axes.set_title(str(title), pad=3, **words())
    return finished(figure)


def _as_pictures(images: Any) -> list[np.ndarray]:
    if not isinstance(images, (list, tuple)):
        array = array_of("images", images)
        several = array.ndim == 4 or (array.ndim == 3 and array.shape[0] not in (1, 3))
        several = several and not (array.ndim == 3 and array.shape[-1] in (3, 4))
        images = list(array) if several else [array]
    if not images:
        raise ValueError("images must hold at least one picture, got none")
    return [_as_picture(array_of("images", image)) for image in images]


def _as_picture(image: np.ndarray) -> np.ndarray:
    if image.ndim == 3 and image.shape[0] == 1:
        image = image[0]  # (1, H, W) -> (H, W)
    elif image.ndim == 3 and image.shape[0] == 3 and image.shape[-1] not in (3, 4):
        image = image.transpose(1, 2, 0)  # (3, H, W) -> (H, W, 3)
    if image.size and (image.ndim == 2 or (image.ndim == 3 and image.shape[-1] in (3, 4))):
        return image
    raise ValueError(
        "images must each have shape [H, W], [1, H, W], [3, H, W] or [H, W, 3], "
        f"got {list(image.shape)}"
    )


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
