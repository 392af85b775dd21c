"""Attention with plain loops: one query and one key at a time, as the chapter derives it.

Slow on purpose. `nndl.ops.ScaledDotProductAttention` computes the same numbers fast, and a test
holds the two equal.
"""

from math import exp, sqrt

import numpy as np

from nndl.ops.attention_weights import additive_mask, check_attention
from nndl.ops.checks import gradient_of

__all__ = ["attention_loop", "attention_loop_backward", "attention_weights_loop"]


def attention_weights_loop(
    q: np.ndarray, k: np.ndarray, mask: np.ndarray | None = None, causal: bool = False
) -> np.ndarray:
    """Return how much each query looks at each key, with plain loops.

    Parameters
    ----------
    q : numpy.ndarray, shape (T, d)
        Queries.
    k : numpy.ndarray, shape (S, d)
        Keys.
    mask : numpy.ndarray, optional
        Boolean, True where a query may look at a key, or floating-point, added to the scores;
        broadcasts to (T, S).
    causal : bool
        Whether query t may look at the keys 0 to t only.

    Returns
    -------
    numpy.ndarray, shape (T, S)
        Each row sums to 1; it is zero where a query may look nowhere.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> attention_weights_loop(np.zeros((2, 1)), np.zeros((2, 1)), causal=True)
    array([[1. , 0. ],
           [0.5, 0.5]])
    """
    q, k, _ = check_attention(q, k, k, ndim=2)
    alpha, scale = np.zeros((len(q), len(k)), q.dtype), 1 / sqrt(max(1, q.shape[1]))
    added = additive_mask(mask, causal, alpha.shape, q.dtype)
    for t in range(len(q)):
        scores = []
        for s in range(len(k)):
            score = sum(q[t, i] * k[s, i] for i in range(len(k[s]))) * scale
            scores.append(score if added is None else score + added[t, s])
        # taken off each score, it changes no weight and keeps exp small; NaN if one is
        top = np.max(scores, initial=-np.inf)
        if top == -np.inf:
            continue
        total = sum(exp(score - top) for score in scores)
        for s, score in enumerate(scores):
            alpha[t, s] = exp(score - top) / total
    return alpha


def attention_loop(
    q: np.ndarray,
    k: np.ndarray,
    v: np.ndarray,
    mask: np.ndarray | None = None,
    causal: bool = False,
) -> np.ndarray:
    """Return each query's weighted sum of the values, with plain loops.

    Parameters
    ----------
    q : numpy.ndarray, shape (T, d)
        Queries.
    k : numpy.ndarray, shape (S, d)
        Keys.
    v : numpy.ndarray, shape (S, d')
        Values.
    mask, causal
        As for `attention_weights_loop`.

    Returns
    -------
    numpy.ndarray, shape (T, d')

    Raises
    ------
    TypeError, ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> attention_loop(np.zeros((1, 2)), np.ones((2, 2)), np.array([[1.0], [4.0]]))
    array([[2.5]])
    """
    q, k, v = check_attention(q, k, v, ndim=2)
    alpha = attention_weights_loop(q, k, mask, causal)
    y = np.zeros((len(q), v.shape[1]), q.dtype)
    for t in range(len(q)):
        for s in range(len(k)):
            y[t] += alpha[t, s] * v[s]
    return y


def attention_loop_backward(
    q: np.ndarray,
    k: np.ndarray,
    v: np.ndarray,
    grad_y: np.ndarray,
    mask: np.ndarray | None = None,
    causal: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of attention, with plain loops.

    Parameters
    ----------
    q, k, v, mask, causal
        As in the forward pass.
    grad_y : numpy.ndarray, shape (T, d')
        The gradient of a loss with respect to the output.

    Returns
    -------
    grad_q, grad_k, grad_v : numpy.ndarray
        In the shapes of q, k and v.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> q, k, v = np.zeros((1, 1)), np.ones((2, 1)), np.array([[1.0], [4.0]])
    >>> attention_loop_backward(q, k, v, np.ones((1, 1)))[2]
    array([[0.5],
           [0.5]])
    """
    q, k, v = check_attention(q, k, v, ndim=2)
    alpha = attention_weights_loop(q, k, mask, causal)
    of = f"q of shape {q.shape} and v of shape {v.shape}"
    grad_y = gradient_of(np.empty((len(q), v.shape[1]), q.dtype), grad_y, "grad_y", of)
    grad_q, grad_k, grad_v = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    scale = 1 / sqrt(max(1, q.shape[1]))
    for t in range(len(q)):
        grad_alpha = [grad_y[t] @ v[s] for s in range(len(k))]
        mean = sum(alpha[t, s] * grad_alpha[s] for s in range(len(k)))
        for s in range(len(k)):
            grad_v[s] += alpha[t, s] * grad_y[t]
            # the softmax: a score's rise takes from all weights what it gives to its own
            grad_score = alpha[t, s] * (grad_alpha[s] - mean) * scale
            grad_q[t] += grad_score * k[s]
            grad_k[s] += grad_score * q[t]
    return grad_q, grad_k, grad_v
