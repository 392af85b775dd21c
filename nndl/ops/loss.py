"""Losses: how far the outputs are from what was wanted, as one number.

Each is called with outputs and targets, as a loss of Paddle is; `backward()` gives the gradient of
the outputs, and None for targets that are labels. The mean loss of an empty batch is refused: in
Paddle it is NaN, which spoils the parameters in silence.
"""

from typing import Any

import numpy as np

from nndl.arithmetic.checks import choice, integer, number
from nndl.ops.activation import largest, logistic
from nndl.ops.base import Op
from nndl.ops.checks import gradient_of, plain, real, same_type, whole

__all__ = ["BinaryCrossEntropy", "CrossEntropy", "SquaredError"]

REDUCTIONS = ("mean", "sum", "none")


class Loss(Op):
    """What the losses have in common: a loss an element, then their mean, sum, or nothing more.

    Parameters
    ----------
    reduction : str
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss an element.

    Raises
    ------
    ValueError
        If the reduction is none of the three.
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = choice("reduction", reduction, REDUCTIONS)

    def _reduce(self, losses: np.ndarray, count: int | None = None) -> np.ndarray:
        """Return the losses reduced; `count` is how many the mean counts, all by default.

        Where it counts none of them, the mean is 0; where there are none, it is refused.
        """
        if self.reduction == "none":
            return losses
        total = losses.sum(dtype=losses.dtype)
        if self.reduction == "mean":
            if not losses.size:
                raise ValueError(
                    f"a batch must hold a sample for the mean loss, got losses of {losses.shape}"
                )
            total = total / losses.dtype.type(losses.size if count is None else max(count, 1))
        return np.asarray(total)

    def _share(
        self, losses: np.ndarray, outputs_grads: Any, count: int | None = None
    ) -> np.ndarray:
        """Return the gradient of each element's loss, broadcast to where it is needed."""
        if self.reduction == "none":
            return gradient_of(losses, outputs_grads)
        grad = gradient_of(np.zeros((), losses.dtype), outputs_grads)
        if self.reduction == "mean":
            grad = grad / losses.dtype.type(losses.size if count is None else max(count, 1))
        return grad


class SquaredError(Loss):
    """The squared error: (y - t)^2 for each element.

    Parameters
    ----------
    reduction : str
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss an element.

    Raises
    ------
    ValueError
        If the reduction is none of the three, outputs and targets differ in shape, or there is
        nothing to take the mean of.

    Examples
    --------
    >>> loss = SquaredError()
    >>> loss(np.array([1.0, 4.0]), np.array([0.0, 1.0])), loss.backward()[0]
    (array(5.), array([1., 3.]))
    """

    def forward(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return the loss."""
        outputs, targets = real("outputs", outputs), real("targets", targets)
        if outputs.shape != targets.shape:  # broadcasting (N, 1) and (N,) hides a bug
            raise ValueError(
                f"targets must have the outputs' shape {outputs.shape}, got {targets.shape}"
            )
        outputs, targets = same_type(outputs, targets)
        difference = outputs - targets
        losses = difference * difference
        self.saved = difference, losses
        return self._reduce(losses)

    def backward(self, outputs_grads: Any = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients with respect to outputs and targets."""
        difference, losses = self.saved
        grad = 2 * difference * self._share(losses, outputs_grads)
        return grad, -grad


class BinaryCrossEntropy(Loss):
    """The cross-entropy of two classes, from logits z.

    An element of class 1 costs log(1 + exp(-z)), one of class 0 costs log(1 + exp(z)).

    Parameters
    ----------
    reduction : str
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss an element.
    pos_weight : float
        How much an element of class 1 weighs against one of class 0.

    Raises
    ------
    ValueError
        If an argument breaks its rule, logits and targets differ in shape, or there is nothing to
        take the mean of.

    Examples
    --------
    >>> loss = BinaryCrossEntropy()
    >>> round(float(loss(np.array([0.0, 1e4]), np.array([1, 1]))), 4), loss.backward()[0]
    (0.3466, array([-0.25,  0.  ]))
    """

    def __init__(self, reduction: str = "mean", pos_weight: float = 1.0) -> None:
        super().__init__(reduction)
        self.pos_weight = float(number("pos_weight", pos_weight, above=0))

    def forward(self, logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return the loss; targets are from 0 to 1, classes or shares of class 1."""
        logits, targets = real("logits", logits), real("targets", targets)
        if logits.shape != targets.shape:
            raise ValueError(
                f"targets must have the logits' shape {logits.shape}, got {targets.shape}"
            )
        targets = targets.astype(logits.dtype, copy=False)
        if np.any((targets < 0) | (targets > 1)):
            raise ValueError("targets must be from 0 to 1")
        weight = 1 + (self.pos_weight - 1) * targets
        # log(1 + exp(-z)) without an exponential of anything positive
        softplus = np.log1p(np.exp(-np.abs(logits))) + np.maximum(-logits, 0)
        losses = (1 - targets) * logits + weight * softplus
        self.saved = logits, targets, weight, losses
        return self._reduce(losses)

    def backward(self, outputs_grads: Any = 1.0) -> tuple[np.ndarray, None]:
        """Return the gradient with respect to the logits, and None for the targets."""
        logits, targets, weight, losses = self.saved
        slope = (1 - targets) - weight * logistic(-logits)
        return slope * self._share(losses, outputs_grads), None


class CrossEntropy(Loss):
    """The cross-entropy of several classes, from logits: -log softmax(z)[label].

    Parameters
    ----------
    reduction : str
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss a sample.
    label_smoothing : float
        The share of each target that is spread over all classes, from 0 to below 1.
    ignore_index : int, optional
        A label that stands for nothing: it has no loss, and the mean does not count it. Where all
        labels are this one, the mean is 0, as in Paddle.

    Raises
    ------
    ValueError
        If an argument breaks its rule, logits and labels do not belong together, or there is
        nothing to take the mean of.
    TypeError
        If the labels are not integers.

    References
    ----------
    X. Qiu, "Neural Networks and Deep Learning", chapter 3 (softmax regression).

    Examples
    --------
    >>> loss = CrossEntropy()
    >>> round(float(loss(np.array([[0.0, 0.0], [1e4, 0.0]]), np.array([1, 0]))), 4)
    0.3466
    >>> loss.backward()[0]  # (softmax - one at the label) / N
    array([[ 0.25, -0.25],
           [ 0.  ,  0.  ]])
    """

    def __init__(
        self,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
        ignore_index: int | None = None,
    ) -> None:
        super().__init__(reduction)
        self.label_smoothing = float(number("label_smoothing", label_smoothing, 0, below=1))
        self.ignore_index = ignore_index
        if ignore_index is not None:
            self.ignore_index = integer("ignore_index", ignore_index, least=None)

    def forward(self, logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return the loss of logits (..., C) and labels (...)."""
        logits, labels = real("logits", logits), plain("labels", labels)
        if logits.ndim < 1 or labels.shape != logits.shape[:-1]:
            raise ValueError(
                f"labels must have shape {logits.shape[:-1]}, one for each row of logits, "
                f"got {labels.shape}"
            )
        if not logits.shape[-1]:
            raise ValueError(f"logits must have one class or more, got shape {logits.shape}")
        classes, ignored = logits.shape[-1], None
        if self.ignore_index is not None:
            ignored = labels.reshape(-1) == self.ignore_index
            labels = np.where(labels == self.ignore_index, 0, labels)
        at_label = np.arange(labels.size), whole("labels", labels, classes).reshape(-1)

        # -log(exp(z) / sum(exp(z))) is log(sum(exp(z))) - z, with the largest z moved to 0
        shifted = (logits - largest(logits, -1)).reshape(labels.size, classes)  # (N, C)
        target = shifted[at_label]
        if self.label_smoothing:
            target = (1 - self.label_smoothing) * target
            target += self.label_smoothing * shifted.mean(axis=-1)
        exponentials = np.exp(shifted, out=shifted)
        sums = exponentials.sum(axis=-1)
        losses, count = np.log(sums) - target, labels.size
        if ignored is not None:
            losses[ignored] = 0
            count -= np.count_nonzero(ignored)
        losses = losses.reshape(labels.shape)  # (...)
        self.saved = logits.shape, exponentials, sums, at_label, ignored, losses, count
        return self._reduce(losses, count)

    def backward(self, outputs_grads: Any = 1.0) -> tuple[np.ndarray, None]:
        """Return the gradient with respect to the logits, and None for the labels."""
        shape, exponentials, sums, at_label, ignored, losses, count = self.saved
        share = self._share(losses, outputs_grads, count).reshape(-1)  # (N,), or (1,) for all
        grad = exponentials * (share / sums)[:, None]  # (N, C): softmax, weighted
        if self.label_smoothing:
            grad -= (self.label_smoothing / shape[-1]) * share[:, None]
        grad[at_label] -= (1 - self.label_smoothing) * share
        if ignored is not None:
            grad[ignored] = 0
        return grad.reshape(shape), None
