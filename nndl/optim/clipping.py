"""Gradient clipping: no step longer than a limit."""

import numpy as np

from nndl.arithmetic.checks import number
from nndl.ops import Op

__all__ = ["clip_by_global_norm"]


def clip_by_global_norm(model: Op, clip_norm: float) -> float:
    """Shorten all gradients of a model by one factor if together they are longer than a limit.

    Parameters
    ----------
    model : Op
        Its `grads` are replaced by the shortened ones.
    clip_norm : float
        The largest norm allowed of all gradients as one vector.

    Returns
    -------
    float
        The norm before.

    Raises
    ------
    TypeError
        If the model is no `Op`.
    ValueError
        If `clip_norm` is no number above 0.

    References
    ----------
    R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural
    networks", 2013.

    Examples
    --------
    >>> model = Op()
    >>> model.grads = {"w": np.array([3.0]), "b": np.array([4.0])}
    >>> clip_by_global_norm(model, 1.0), model.grads["w"], model.grads["b"]
    (5.0, array([0.6]), array([0.8]))
    """
    if not isinstance(model, Op):
        raise TypeError(f"model must be an Op, got {type(model).__name__}")
    limit = number("clip_norm", clip_norm, above=0)
    norm = float(np.sqrt(sum(np.square(grad, dtype=float).sum() for grad in model.grads.values())))
    # not in place: an operator may have handed on an array that is somebody else's
    factor = float(limit / max(norm, limit))
    model.grads = {name: grad * factor for name, grad in model.grads.items()}
    return norm
