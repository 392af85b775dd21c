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

from nndl.plots.charts import plot_curves, plot_history, show_bars
from nndl.plots.diagrams import show_flow, show_points
from nndl.plots.graphs import show_graph
from nndl.plots.matrices import show_matrices, show_window
from nndl.plots.page import Source, Table, show_source, show_table
from nndl.plots.pictures import show_images
from nndl.plots.style import contrast, text_color

__all__ = [
    "Source",
    "Table",
    "contrast",
    "plot_curves",
    "plot_history",
    "show_bars",
    "show_flow",
    "show_graph",
    "show_images",
    "show_matrices",
    "show_points",
    "show_source",
    "show_table",
    "show_window",
    "text_color",
]
