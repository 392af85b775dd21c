"""How good is a model? Measures that add up over the batches of a data set.

Examples
--------
>>> from nndl.device import paddle
>>> from nndl.metrics import Accuracy
>>> accuracy = Accuracy()
>>> accuracy.update(paddle.to_tensor([[2.0, 1.0], [0.5, 3.0]]), paddle.to_tensor([0, 0]))
>>> accuracy.accumulate()
0.5
"""

from typing import Any

from nndl.device import as_tensor, paddle

__all__ = ["Accuracy"]


class Accuracy:
    """The share of samples that were classified correctly, over all batches since ``reset``.

    It counts samples, not batches: a last batch that is smaller weighs less. A row of logits with a
    NaN in it names no class and is never right, nor is one whose label is no whole number. The
    count stays on the device until :meth:`accumulate` asks for it.

    Examples
    --------
    A column of logits means two classes; a positive logit votes for class 1.

    >>> accuracy = Accuracy()
    >>> accuracy.update(paddle.to_tensor([[0.3], [-2.0], [4.0]]), paddle.to_tensor([1, 0, 0]))
    >>> round(accuracy.accumulate(), 3)
    0.667
    """

    def __init__(self):
        self.reset()

    def name(self) -> str:
        """Give the name under which the score is shown.

        Returns
        -------
        str

        Examples
        --------
        >>> Accuracy().name()
        'accuracy'
        """
        return "accuracy"

    def reset(self) -> None:
        """Forget all batches.

        Examples
        --------
        >>> Accuracy().reset()
        """
        self._correct: Any = 0
        self._total = 0

    def update(self, logits: Any, labels: Any) -> None:
        """Count one batch.

        Parameters
        ----------
        logits : paddle.Tensor or array
            Shape ``[N, classes]``, or ``[N, 1]`` or ``[N]`` for two classes: then a logit above 0
            votes for class 1. Further axes, as ``[N, T, classes]``, are counted one by one.
        labels : paddle.Tensor or array
            Whole numbers, shape ``[N]`` or ``[N, 1]`` (``[N, T]`` with further axes).

        Raises
        ------
        TypeError
            If one holds no real numbers.
        ValueError
            If the shapes do not belong together.

        Examples
        --------
        >>> accuracy = Accuracy()
        >>> accuracy.update(paddle.to_tensor([[1.0, 0.0]]), paddle.to_tensor([0, 1]))
        Traceback (most recent call last):
            ...
        ValueError: labels must have one entry for each row of logits: logits [1, 2], labels [2]
        """
        logits, labels = as_tensor(logits, "logits"), as_tensor(labels, "labels")
        logits, labels = logits.detach(), labels.detach()
        if logits.is_complex():
            raise TypeError(f"logits must hold real numbers, got {logits.dtype}")
        if logits.ndim == 0 or logits.shape[-1] == 0 < logits.ndim - 1:
            raise ValueError(f"logits must hold at least one class, got shape {logits.shape}")
        # A column of one logit, or no class axis at all: two classes.
        binary = logits.ndim == 1 or logits.shape[-1] == 1
        expected = list(logits.shape if logits.ndim == 1 else logits.shape[:-1])
        if list(labels.shape) not in (expected, [*expected, 1]):
            raise ValueError(
                "labels must have one entry for each row of logits: "
                f"logits {list(logits.shape)}, labels {list(labels.shape)}"
            )
        with paddle.no_grad():
            if binary:
                predicted = (logits > 0).astype("int64").reshape(expected)
            else:
                predicted = paddle.argmax(logits, axis=-1)  # (N,)
            named = logits == logits  # a NaN equals nothing, not even itself
            if list(logits.shape) != expected:
                named = named.all(axis=-1)
            classes = labels.astype("int64")  # 1.5 becomes 1, a NaN anything
            named &= (classes.astype(labels.dtype) == labels).reshape(expected)
            hits = (predicted == classes.reshape(expected)) & named
            self._correct = self._correct + hits.astype("int64").sum()
        self._total += hits.size

    def accumulate(self) -> float:
        """Give the accuracy so far.

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        ValueError
            If no sample has been counted since the last ``reset``.

        Examples
        --------
        >>> accuracy = Accuracy()
        >>> accuracy.update(paddle.to_tensor([[0.0, 1.0]]), paddle.to_tensor([1]))
        >>> accuracy.accumulate()
        1.0
        """
        if self._total == 0:
            raise ValueError("accumulate() needs at least one sample: call update() first")
        return int(self._correct) / self._total
