"""What may happen while a model trains, outside the loop that trains it.

A callback is told when training begins, after each backward pass, step, evaluation and epoch, and
when training ends; it is given the :class:`~nndl.runner.Run`, which says where things stand.
"""

import math
from importlib import import_module
from typing import Any

from nndl.arithmetic.checks import choice, integer, number
from nndl.runner import checks

__all__ = ["Callback", "EarlyStopping", "VisualDL"]


class Callback:
    """Something that looks on; a subclass says at which moments.

    Each method is given the :class:`~nndl.runner.Run`: ``run.epoch``, ``run.step``,
    ``run.history``, ``run.evaluation``, ``run.model``, ``run.optimizer``, and ``run.stop(why)``
    which ends the training. The moments that a class leaves alone cost nothing.

    Examples
    --------
    >>> class Talk(Callback):
    ...     def on_epoch_end(self, run):
    ...         print("epoch", run.epoch, "done after", run.step, "steps")
    >>> from nndl.device import paddle
    >>> from nndl.runner import RunnerV3
    >>> model = paddle.nn.Linear(2, 1)
    >>> runner = RunnerV3(
    ...     model, paddle.optimizer.SGD(0.1, model.parameters()), paddle.nn.functional.mse_loss
    ... )
    >>> batches = [(paddle.ones([4, 2]), paddle.ones([4, 1]))] * 3
    >>> history = runner.train(batches, num_epochs=2, verbose=False, callbacks=[Talk()])
    epoch 1 done after 3 steps
    epoch 2 done after 6 steps
    """

    def on_train_begin(self, run: Any) -> None:
        """Look on before the first step."""

    def on_backward_end(self, run: Any) -> None:
        """Look at the gradients: as they are, before they are clipped and used."""

    def on_step_end(self, run: Any) -> None:
        """Look on after the weights were changed."""

    def on_evaluate(self, run: Any) -> None:
        """Look at ``run.evaluation`` of the development set."""

    def on_epoch_end(self, run: Any) -> None:
        """Look on after an epoch and its evaluation."""

    def on_train_end(self, run: Any) -> None:
        """Look on at the end, also that of a run that was stopped or failed."""

    def state(self) -> dict[str, Any]:
        """Give what a checkpoint must hold: plain values and arrays."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state` gave."""


class Hooks:
    """The moments of a run, each with those that look on then."""

    def __init__(self, callbacks: list[Callback]):
        for moment in vars(Callback):
            if moment.startswith("on_"):
                empty = getattr(Callback, moment)
                watching = [
                    getattr(callback, moment)
                    for callback in callbacks
                    if getattr(type(callback), moment) is not empty
                ]
                setattr(self, moment.removeprefix("on_"), watching)


class EarlyStopping(Callback):
    """Stop when the development set has not got better for a while.

    Parameters
    ----------
    patience : int
        After how many evaluations in a row without a better value to stop.
    min_delta : float
        By how much a value must be better to count.
    mode : str, optional
        Watch the value of which the greatest (``"max"``) or the least (``"min"``) is the best: by
        default the one that the run judges; ``"min"`` in a run of ``"max"`` stands for the loss.

    Attributes
    ----------
    waited : int
        How many evaluations there were since the last better one.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    L. Prechelt, "Early stopping - but when?", in "Neural Networks: Tricks of the Trade", 1998.

    Examples
    --------
    >>> from nndl.device import paddle
    >>> from nndl.runner import RunnerV3
    >>> model = paddle.nn.Linear(2, 1)
    >>> runner = RunnerV3(  # a learning rate of 0: nothing ever gets better
    ...     model, paddle.optimizer.SGD(0.0, model.parameters()), paddle.nn.functional.mse_loss
    ... )
    >>> batches = [(paddle.ones([4, 2]), paddle.ones([4, 1]))]
    >>> history = runner.train(
    ...     batches, batches, num_epochs=50, verbose=False, callbacks=[EarlyStopping(patience=3)]
    ... )
    >>> len(history.dev_steps), history.stopped
    (4, 'no better value in 3 evaluations')
    """

    def __init__(self, patience: int = 5, min_delta: float = 0.0, mode: str | None = None):
        self.patience = integer("patience", patience)
        self.min_delta = number("min_delta", min_delta, 0)
        self.mode = mode if mode is None else choice("mode", mode, ("max", "min"))
        self.best: float | None = None
        self.waited = 0

    def on_train_begin(self, run: Any) -> None:
        """Check that there is something to watch, and begin to count."""
        if run.dev_loader is None:
            raise ValueError("dev_loader must be given for EarlyStopping, got None")
        checks.check_watching("EarlyStopping", self.mode or run.mode, run.mode)
        if not run.resumed:
            self.best, self.waited = None, 0
        elif self.waited >= self.patience:  # it was stopped, and there is no more patience now
            self._stop(run)

    def on_evaluate(self, run: Any) -> None:
        """Compare with the best value, and stop when that was long ago."""
        mode = self.mode or run.mode
        value = run.value_for(mode) * (1.0 if mode == "max" else -1.0)
        if not math.isnan(value) and (self.best is None or value > self.best + self.min_delta):
            self.best, self.waited = value, 0
            return
        self.waited += 1
        if self.waited >= self.patience:
            self._stop(run)

    def _stop(self, run: Any) -> None:
        run.stop(f"no better value in {self.patience} evaluations")

    def state(self) -> dict[str, Any]:
        """Give the best value and how long ago it was."""
        return {"best": self.best, "waited": self.waited}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on counting."""
        best, waited = state["best"], state["waited"]
        if type(best) not in (float, type(None)) or type(waited) is not int or waited < 0:
            raise ValueError(f"EarlyStopping can't go on from {state!r}")
        self.best, self.waited = best, waited


class VisualDL(Callback):
    """Write losses, scores and learning rate for Paddle's VisualDL to show.

    Parameters
    ----------
    folder : str
        The folder for the log; ``visualdl --logdir FOLDER`` shows it.
    every : int
        Write the training loss every so many steps: each time, the device is waited for.

    Raises
    ------
    ImportError
        If VisualDL is not installed.
    ValueError
        If ``every`` is not positive.

    Examples
    --------
    >>> VisualDL("log", every=0)
    Traceback (most recent call last):
        ...
    ValueError: every must be a positive integer, got 0
    """

    def __init__(self, folder: str, every: int = 100):
        every = integer("every", every)
        try:
            self._writer_of = import_module("visualdl").LogWriter
        except ImportError as error:
            raise ImportError(
                "the callback VisualDL needs the package of that name: pip install visualdl; "
                "without it, the History holds the same numbers, and LivePlot draws them"
            ) from error
        self.folder, self.every = folder, every
        self._writer: Any = None

    def on_train_begin(self, run: Any) -> None:
        """Open the log, on one process only."""
        if run.is_first_process:
            self._writer = self._writer_of(logdir=str(self.folder))

    def on_step_end(self, run: Any) -> None:
        """Write loss and learning rate now and then."""
        if run.step % self.every:
            return
        run.losses.flush()  # on every process: they add up their shares
        if self._writer is not None:
            self._write("train/loss", run.history.train_losses[-1], run.step)
            self._write("train/learning_rate", run.optimizer.get_lr(), run.step)

    def on_evaluate(self, run: Any) -> None:
        """Write the development set's values."""
        if self._writer is not None:
            for name, value in zip(("score", "loss"), run.evaluation, strict=True):
                if value is not None:
                    self._write(f"dev/{name}", value, run.step)

    def on_train_end(self, run: Any) -> None:
        """Close the log."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _write(self, tag: str, value: float, step: int) -> None:
        self._writer.add_scalar(tag=tag, value=float(value), step=step)
