"""Draw loss and score while a model trains, in a notebook that somebody watches."""

import sys
import time
from typing import Any

import numpy as np

from nndl.arithmetic.checks import number
from nndl.runner.callbacks import Callback
from nndl.runner.progress import is_watched

__all__ = ["LivePlot", "draw_curves", "in_watched_notebook"]

BLUE, ORANGE = "#0072b2", "#d55e00"  # told apart by color-blind eyes too, and by their marks
MOST_POINTS = 1000


def in_watched_notebook() -> bool:
    """Tell whether a figure can be shown and brought up to date: a notebook that a person runs.

    Returns
    -------
    bool

    Examples
    --------
    >>> in_watched_notebook() in (True, False)
    True
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None and is_watched()


class LivePlot(Callback):
    """Show curves of loss and score that move in place; outside a notebook, do nothing.

    They stand above the lines of the log, of which there may be many.

    ``train`` adds one by itself, unless it is called with ``verbose=False``.

    Parameters
    ----------
    seconds : float
        How long to wait from one drawing to the next, at least; on top of that, drawing takes no
        more than a twentieth of the time.

    Attributes
    ----------
    active : bool
        Whether it draws in this run.

    Raises
    ------
    ValueError
        If ``seconds`` is negative.

    Examples
    --------
    >>> LivePlot(seconds=5).active
    False
    """

    def __init__(self, seconds: float = 1.0):
        self.seconds = number("seconds", seconds, 0)
        self.active = False
        self._shown: Any = None

    def on_train_begin(self, run: Any) -> None:
        """Find out whether there is somebody to draw for, and keep the place."""
        self.active = run.is_first_process and run.parallel.size == 1 and in_watched_notebook()
        self._due = time.perf_counter() + self.seconds
        if self.active:
            from IPython.display import display

            # what is shown later moves into this place, however many lines stand below by then
            self._shown = display({"text/plain": ""}, raw=True, display_id=True)

    def on_step_end(self, run: Any) -> None:
        """Draw when it is time."""
        if self.active and time.perf_counter() >= self._due:
            self._show(run)

    def on_train_end(self, run: Any) -> None:
        """Draw the whole run."""
        if self.active and run.step:
            self._show(run)

    def _show(self, run: Any) -> None:
        from matplotlib import pyplot as plt

        began = time.perf_counter()
        run.losses.flush()
        figure = draw_curves(run.history, run.score_name)
        try:
            self._shown.update(figure)
        finally:
            plt.close(figure)  # or the notebook would show it once more, below
        now = time.perf_counter()
        self._due = now + max(self.seconds, 20 * (now - began))


def draw_curves(history: Any, score_name: str = "score") -> Any:
    """Draw the loss of each step, its running mean, and the development set's loss and score.

    Parameters
    ----------
    history : History
        Also of a run under way.
    score_name : str
        The name of the score.

    Returns
    -------
    matplotlib.figure.Figure
        One panel for the loss, and one for the score where there is one.

    Examples
    --------
    >>> from nndl.runner import History
    >>> figure = draw_curves(History(train_steps=[1, 2], train_losses=[2.0, 1.0]))
    >>> len(figure.axes)
    1
    """
    from matplotlib import pyplot as plt

    has_score = any(score is not None for score in history.dev_scores)
    panels = 2 if has_score else 1
    figure, axes = plt.subplots(
        1, panels, figsize=(4 * panels, 2.6), squeeze=False, layout="constrained"
    )
    try:
        _fill(axes[0], history, score_name)
    except BaseException:
        plt.close(figure)  # nobody else knows of it
        raise
    return figure


def _fill(axes: Any, history: Any, score_name: str) -> None:
    loss_axes = axes[0]
    steps, losses = np.asarray(history.train_steps), np.asarray(history.train_losses)
    width = max(1, len(losses) // 50)
    every = max(1, len(losses) // MOST_POINTS)  # a long run is drawn as fast as a short one
    loss_axes.plot(steps[::every], losses[::every], color=BLUE, alpha=0.3, linewidth=0.8)
    if len(losses) >= width > 1:
        mean = np.convolve(losses, np.ones(width) / width, "valid")
        loss_axes.plot(steps[width - 1 :][::every], mean[::every], color=BLUE, label="training")
    if history.dev_steps:
        loss_axes.plot(
            history.dev_steps, history.dev_losses, "o--", color=ORANGE, markersize=3,
            label="development",
        )  # fmt: skip
        loss_axes.legend(frameon=False)
    loss_axes.set(xlabel="step", ylabel="loss")
    if len(axes) > 1:
        axes[1].plot(history.dev_steps, history.dev_scores, "o--", color=ORANGE, markersize=3)
        axes[1].set(xlabel="step", ylabel=score_name)
