"""What a training run leaves behind: its losses and scores, step by step."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from nndl.device import paddle

__all__ = ["Evaluation", "History", "LossLog"]


class Evaluation(NamedTuple):
    """How well a model does on a data set.

    Parameters
    ----------
    score : float or None
        What the metric says; ``None`` without a metric.
    loss : float or None
        The mean over all samples; ``None`` without a loss function.

    Examples
    --------
    >>> score, loss = Evaluation(score=0.97, loss=0.11)
    >>> score
    0.97
    """

    score: float | None
    loss: float | None


@dataclass
class History:
    """The record of one call of ``train``.

    A step is one update of the weights; the first is number 1.

    Attributes
    ----------
    train_steps, train_losses : list
        Every step and the loss of its batch, before the step was made.
    train_scores : list
        With them, the score on the training set, where it is measured (RunnerV1 and V2).
    dev_steps, dev_losses, dev_scores : list
        The steps after which the development set was evaluated, and what came out; a score is
        ``None`` without a metric.
    epoch_steps, epoch_losses : list
        The last step of each epoch, and the mean loss of the samples in that epoch.
    best_step, best_score : int, float or None
        When the best value on the development set was reached, and that value (a loss where there
        is no metric).
    interrupted : bool
        Whether the run was stopped by hand.
    stopped : str or None
        Why the run stopped before its last epoch, where a callback did that.
    seconds : float
        How long it took; of a resumed run, with what went before.

    Examples
    --------
    >>> history = History(train_steps=[1, 2], train_losses=[2.0, 1.0], epoch_steps=[2])
    >>> history
    History(2 steps, 1 epoch, last training loss 1.0000)
    """

    train_steps: list[int] = field(default_factory=list)
    train_losses: list[float] = field(default_factory=list)
    dev_steps: list[int] = field(default_factory=list)
    dev_losses: list[float] = field(default_factory=list)
    dev_scores: list[float | None] = field(default_factory=list)
    epoch_steps: list[int] = field(default_factory=list)
    epoch_losses: list[float] = field(default_factory=list)
    best_step: int | None = None
    best_score: float | None = None
    interrupted: bool = False
    stopped: str | None = None
    seconds: float = 0.0
    train_scores: list[float | None] = field(default_factory=list)

    def to_rows(self) -> list[dict[str, Any]]:
        """Give a table: a row for each evaluation, or for each epoch where there was none.

        Returns
        -------
        list of dict
            With the keys ``step``, ``train_loss`` (the mean since the row before), ``dev_loss``
            and ``dev_score``; ``pandas.DataFrame(rows)`` takes it as it is.

        Examples
        --------
        >>> history = History(
        ...     train_steps=[1, 2], train_losses=[2.0, 1.0],
        ...     dev_steps=[2], dev_losses=[1.5], dev_scores=[0.5],
        ... )
        >>> history.to_rows()
        [{'step': 2, 'train_loss': 1.5, 'dev_loss': 1.5, 'dev_score': 0.5}]
        """
        steps = self.dev_steps or self.epoch_steps
        nothing = [None] * len(steps)
        losses, scores = (self.dev_losses, self.dev_scores) if self.dev_steps else (nothing,) * 2
        rows, before = [], 0
        for step, loss, score in zip(steps, losses, scores, strict=True):
            row = {"step": step, "train_loss": float(np.mean(self.train_losses[before:step]))}
            rows.append(row | {"dev_loss": loss, "dev_score": score})
            before = step
        return rows

    def __repr__(self) -> str:
        parts = [_count(len(self.train_steps), "step"), _count(len(self.epoch_steps), "epoch")]
        if self.train_losses:
            parts.append(f"last training loss {self.train_losses[-1]:.4f}")
        if self.best_score is not None:
            parts.append(f"best on the development set {self.best_score:.4f}")
            parts[-1] += f" at step {self.best_step}"
        if self.interrupted or self.stopped:
            parts.append("interrupted" if self.interrupted else "stopped early")
        return f"History({', '.join(parts)})"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")


class LossLog:
    """Collect the losses of a run without waiting for the device on each step.

    A loss is kept as a tensor of one number, without the graph it came from, until somebody needs
    the value. Asking for it on each step would make a GPU wait; keeping the graph would fill the
    memory.

    Parameters
    ----------
    history : History
        Where the values go.
    most : int
        How many losses wait at most.
    reduce : callable, optional
        Makes of the losses of this process those of all that train together.

    Attributes
    ----------
    sizes : list of int
        The samples of every batch of this epoch.

    Examples
    --------
    >>> history = History()
    >>> log = LossLog(history)
    >>> loss = log.add(paddle.to_tensor(0.5), size=64)
    >>> log.flush()
    >>> history.train_losses
    [0.5]
    """

    def __init__(
        self, history: History, most: int = 500, reduce: Callable[[Any], Any] | None = None
    ):
        self.history = history
        self.most = most
        self.reduce = reduce
        self.sizes: list[int] = []
        self._waiting: list[Any] = []
        self._warned = False

    def add(self, loss: Any, size: int) -> Any:
        """Take the loss of a step.

        Parameters
        ----------
        loss : paddle.Tensor
            One number.
        size : int
            Samples in the batch.

        Returns
        -------
        paddle.Tensor
            The loss without its graph and without axes.

        Examples
        --------
        >>> LossLog(History()).add(paddle.to_tensor(0.5), size=64).item()
        0.5
        """
        loss = loss.detach()
        loss = loss.reshape([]) if loss.ndim else loss
        self._waiting.append(loss)
        self.sizes.append(size)
        if len(self._waiting) >= self.most:
            self.flush()
        return loss

    def flush(self) -> None:
        """Write the waiting losses into the history.

        Examples
        --------
        >>> LossLog(History()).flush()
        """
        if self._waiting:
            losses = paddle.stack(self._waiting)
            if losses.dtype == paddle.bfloat16:  # its tolist() gives the bits, as whole numbers
                losses = losses.astype("float32")
            values = (losses if self.reduce is None else self.reduce(losses)).tolist()
            self._waiting.clear()
            done = len(self.history.train_losses)
            self._warn_of_no_number(values, done)
            self.history.train_steps.extend(range(done + 1, done + 1 + len(values)))
            self.history.train_losses.extend(values)

    def _warn_of_no_number(self, values: list[float], done: int) -> None:
        broken = next((i for i, value in enumerate(values) if not math.isfinite(value)), None)
        if broken is not None and not self._warned:
            self._warned = True
            warnings.warn(
                f"the training loss became {values[broken]} at step {done + broken + 1}: "
                "a lower learning rate may help",
                RuntimeWarning,
                stacklevel=3,
            )

    def end_epoch(self) -> None:
        """Write the epoch's mean loss, each sample weighing the same.

        Examples
        --------
        >>> history = History()
        >>> log = LossLog(history)
        >>> losses = log.add(paddle.to_tensor(1.0), size=3), log.add(paddle.to_tensor(2.0), size=1)
        >>> log.end_epoch()
        >>> history.epoch_losses
        [1.25]
        """
        self.flush()
        losses = self.history.train_losses[-len(self.sizes) :]
        self.history.epoch_losses.append(float(np.average(losses, weights=self.sizes)))
        self.history.epoch_steps.append(len(self.history.train_losses))
        self.sizes.clear()
