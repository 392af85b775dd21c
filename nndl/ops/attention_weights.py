"""From scores to attention weights: masks, and the softmax over what they leave."""

import numpy as np

from nndl.arithmetic.checks import flag
from nndl.ops.checks import plain, real, same_type

__all__ = ["additive_mask", "check_attention", "softmax_in_place"]


def additive_mask(
    mask: np.ndarray | None, causal: bool, shape: tuple[int, ...], dtype: np.dtype
) -> np.ndarray | None:
    """Return what is added to scores: 0 where a query may look, minus infinity where not.

    Parameters
    ----------
    mask : numpy.ndarray, optional
        Boolean, True where a query may look at a key; or floating-point, added to the scores. Its
        shape broadcasts to that of the scores.
    causal : bool
        Whether query t may look at the keys 0 to t only.
    shape : tuple of int
        The shape (..., T, S) of the scores.
    dtype : numpy.dtype
        Of the result.

    Returns
    -------
    numpy.ndarray or None
        A read-only view in the shape of the scores; None if there is nothing to add.

    Raises
    ------
    TypeError
        If the mask is neither boolean nor floating-point.
    ValueError
        If its shape does not broadcast to that of the scores, or `causal` is no truth value.

    Examples
    --------
    >>> additive_mask(np.array([True, False]), True, (2, 2), np.float64)
    array([[  0., -inf],
           [  0., -inf]])
    """
    causal = flag("causal", causal)
    if mask is None and not causal:
        return None
    added = np.zeros((1, 1), dtype)
    if mask is not None:
        mask = plain("mask", mask)
        if mask.dtype.kind not in "bf":
            raise TypeError(f"mask must be boolean or floating-point, got {mask.dtype}")
        added = _closed(mask, dtype) if mask.dtype.kind == "b" else mask.astype(dtype, copy=False)
    if causal:
        added = added + _closed(np.tri(*shape[-2:], dtype=bool), dtype)
    try:
        return np.broadcast_to(added, shape)
    except ValueError:
        raise ValueError(
            f"mask must broadcast to the scores' shape {shape}, got {np.shape(mask)}: a row for "
            "each query in q, a column for each key in k"
        ) from None


def check_attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, ndim: int | None = None
) -> tuple[np.ndarray, ...]:
    """Return queries, keys and values in one type if their shapes go together.

    Parameters
    ----------
    q, k, v : numpy.ndarray
        Of shapes (..., T, d), (..., S, d) and (..., S, d').
    ndim : int, optional
        The number of axes they must have; at least 2 by default.

    Returns
    -------
    tuple of numpy.ndarray

    Raises
    ------
    TypeError
        If one does not hold real numbers.
    ValueError
        If the shapes do not go together.

    Examples
    --------
    >>> q, k, v = check_attention(np.ones((3, 2)), np.ones((5, 2), int), np.ones((5, 4)))
    >>> k.dtype
    dtype('float64')
    """
    arrays = {name: real(name, array, ndim) for name, array in (("q", q), ("k", k), ("v", v))}
    for name, array in arrays.items():
        if array.ndim < 2:
            raise ValueError(f"{name} must have at least 2 axes, got shape {array.shape}")
    q, k, v = arrays.values()
    if q.shape[:-2] != k.shape[:-2] or q.shape[-1] != k.shape[-1]:
        raise ValueError(
            "q and k must have shapes (..., T, d) and (..., S, d), alike but for T and S, "
            f"got {q.shape} and {k.shape}"
        )
    if k.shape[:-1] != v.shape[:-1]:
        raise ValueError(
            "k and v must have shapes (..., S, d) and (..., S, d'), alike but for the last axis, "
            f"got {k.shape} and {v.shape}"
        )
    return same_type(q, k, v)


def softmax_in_place(scores: np.ndarray) -> np.ndarray:
    """Turn scores into weights that sum to 1 over the last axis, and return them.

    Where all scores of a row are minus infinity, everything is masked, and the weights are zero.

    Parameters
    ----------
    scores : numpy.ndarray, shape (..., S)
        Floating-point; overwritten.

    Returns
    -------
    numpy.ndarray
        The same array.

    Examples
    --------
    >>> softmax_in_place(np.array([[1000.0, 1000.0], [-np.inf, -np.inf]]))
    array([[0.5, 0.5],
           [0. , 0. ]])
    """
    top = scores.max(axis=-1, keepdims=True, initial=-np.inf)
    top[np.isneginf(top)] = 0  # -inf less -inf would be no number
    scores -= top  # at most 0: exp cannot overflow
    np.exp(scores, out=scores)
    total = scores.sum(axis=-1, keepdims=True)
    total[total == 0] = 1
    scores /= total
    return scores


def _closed(open_: np.ndarray, dtype: np.dtype) -> np.ndarray:
    return np.where(open_, np.zeros((), dtype), np.array(-np.inf, dtype))
