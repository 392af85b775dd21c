"""Scoring functions of attention, and attention with any of them.

A score says how well a key x fits a query q: additive ``v^T tanh(W x + U q)``, dot product
``x^T q``, perhaps scaled by ``1 / sqrt(d)``, or bilinear ``x^T W q``. Each operator here takes
queries (B, T, Dq) and keys (B, S, Dk) and returns the scores (B, T, S).
"""

from math import sqrt

import numpy as np

from nndl.arithmetic.checks import flag, size
from nndl.ops.attention_weights import additive_mask, softmax_in_place
from nndl.ops.base import Op
from nndl.ops.checks import generator, gradient_of, of_given, real, same_type

__all__ = ["AdditiveScore", "Attention", "BilinearScore", "DotScore"]


class DotScore(Op):
    """The dot product of each query with each key, ``x^T q``.

    Parameters
    ----------
    scaled : bool
        Whether it is divided by ``sqrt(d)``, which keeps its variance at that of its factors'.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> q, k = np.ones((1, 1, 4)), np.ones((1, 2, 4))
    >>> DotScore()(q, k), DotScore(scaled=True)(q, k)
    (array([[[4., 4.]]]), array([[[2., 2.]]]))
    """

    def __init__(self, scaled: bool = False) -> None:
        super().__init__()
        self.scaled = flag("scaled", scaled)

    def forward(self, q: np.ndarray, k: np.ndarray) -> np.ndarray:  # (B, T, d), (B, S, d)
        """Return the scores (B, T, S)."""
        q, k = _check(q, k)
        if q.shape[2] != k.shape[2]:
            raise ValueError(
                f"q and k must have one length of vectors, got {q.shape[2]} and {k.shape[2]}"
            )
        factor = q.dtype.type(1 / sqrt(max(1, q.shape[2])) if self.scaled else 1)
        scores = (q * factor) @ k.swapaxes(1, 2)
        self.saved = q, k, factor, scores
        return scores

    def backward(self, outputs_grads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients with respect to q and k."""
        q, k, factor, scores = self.saved
        grad = gradient_of(scores, outputs_grads) * factor  # (B, T, S)
        return grad @ k, grad.swapaxes(1, 2) @ q


class BilinearScore(Op):
    """The bilinear form of each query and each key, ``x^T W q``.

    Parameters
    ----------
    query_size, key_size : int
        Dq and Dk: the lengths of a query and of a key.
    seed : int
        Draws W, uniformly within ``sqrt(6 / (Dk + Dq))`` on both sides of zero.

    Attributes
    ----------
    params : dict
        "W" of shape (Dk, Dq).

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    M.-T. Luong, H. Pham and C. D. Manning, "Effective approaches to attention-based neural machine
    translation", 2015 (its "general" score).

    Examples
    --------
    >>> BilinearScore(2, 3)(np.ones((4, 1, 2)), np.ones((4, 5, 3))).shape
    (4, 1, 5)
    """

    def __init__(self, query_size: int, key_size: int, seed: int = 0) -> None:
        super().__init__()
        shape = size("key_size", key_size), size("query_size", query_size)
        self.params["W"] = _drawn(generator(seed), shape)

    def forward(self, q: np.ndarray, k: np.ndarray) -> np.ndarray:  # (B, T, Dq), (B, S, Dk)
        """Return the scores (B, T, S)."""
        q, k = _check(q, k, self.params["W"].shape[::-1])
        turned = q @ self.params["W"].astype(q.dtype, copy=False).T  # (B, T, Dk)
        scores = turned @ k.swapaxes(1, 2)
        self.saved = q, k, turned, scores
        return scores

    def backward(self, outputs_grads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients with respect to q and k, and keep that of W."""
        q, k, turned, scores = self.saved
        grad = gradient_of(scores, outputs_grads)  # (B, T, S)
        grad_turned = grad @ k  # (B, T, Dk)
        self.grads["W"] = _rows(grad_turned).T @ _rows(q)
        weight = self.params["W"].astype(q.dtype, copy=False)
        return grad_turned @ weight, grad.swapaxes(1, 2) @ turned


class AdditiveScore(Op):
    """What a small network makes of each query and each key, ``v^T tanh(W x + U q)``.

    Parameters
    ----------
    query_size, key_size : int
        Dq and Dk: the lengths of a query and of a key.
    hidden_size : int
        A: how many hidden units the network has.
    seed : int
        Draws the parameters, uniformly within ``sqrt(6 / (rows + columns))`` on both sides of zero.

    Attributes
    ----------
    params : dict
        "W" of shape (A, Dk), "U" (A, Dq) and "v" (A,).

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    D. Bahdanau, K. Cho and Y. Bengio, "Neural machine translation by jointly learning to align and
    translate", 2015.

    Examples
    --------
    >>> AdditiveScore(2, 3, hidden_size=4)(np.ones((4, 1, 2)), np.ones((4, 5, 3))).shape
    (4, 1, 5)
    """

    def __init__(self, query_size: int, key_size: int, hidden_size: int, seed: int = 0) -> None:
        super().__init__()
        rng, hidden_size = generator(seed), size("hidden_size", hidden_size)
        self.params = {
            "W": _drawn(rng, (hidden_size, size("key_size", key_size))),
            "U": _drawn(rng, (hidden_size, size("query_size", query_size))),
            "v": _drawn(rng, (hidden_size, 1))[:, 0],
        }

    def forward(self, q: np.ndarray, k: np.ndarray) -> np.ndarray:  # (B, T, Dq), (B, S, Dk)
        """Return the scores (B, T, S)."""
        q, k = _check(q, k, (self.params["U"].shape[1], self.params["W"].shape[1]))
        weights = [self.params[name].astype(q.dtype, copy=False) for name in "WUv"]
        hidden = (k @ weights[0].T)[:, None] + (q @ weights[1].T)[:, :, None]  # (B, T, S, A)
        np.tanh(hidden, out=hidden)
        scores = hidden @ weights[2]
        self.saved = q, k, weights, hidden, scores
        return scores

    def backward(self, outputs_grads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients with respect to q and k, and keep those of the parameters."""
        q, k, (w, u, v), hidden, scores = self.saved
        grad = gradient_of(scores, outputs_grads)  # (B, T, S)
        self.grads["v"] = grad.reshape(-1) @ _rows(hidden)
        grad_hidden = grad[..., None] * v * (1 - hidden * hidden)  # (B, T, S, A)
        grad_keys, grad_queries = grad_hidden.sum(axis=1), grad_hidden.sum(axis=2)
        self.grads["W"] = _rows(grad_keys).T @ _rows(k)
        self.grads["U"] = _rows(grad_queries).T @ _rows(q)
        return grad_queries @ u, grad_keys @ w


class Attention(Op):
    """Attention with any scoring function: ``softmax(score(q, k) + mask) v``.

    Called with queries (B, T, Dq), keys (B, S, Dk), values (B, S, Dv), and perhaps a mask that
    broadcasts to (B, T, S): boolean, True where a query may look at a key; or floating-point, added
    to the scores. Returned are weighted sums of the values, (B, T, Dv); zeros for a query that may
    look nowhere. `weights` shows where the queries looked.

    Parameters
    ----------
    score : Op
        A scoring function, such as `AdditiveScore`.

    Attributes
    ----------
    params : dict
        Those of the scoring function.

    Raises
    ------
    TypeError
        If the scoring function is no `Op`.

    Examples
    --------
    >>> attention = Attention(AdditiveScore(2, 3, hidden_size=4))
    >>> y = attention(np.ones((1, 1, 2)), np.ones((1, 5, 3)), np.ones((1, 5, 6)))
    >>> y.shape, attention.weights.round(1)
    ((1, 1, 6), array([[[0.2, 0.2, 0.2, 0.2, 0.2]]]))
    """

    def __init__(self, score: Op) -> None:
        super().__init__()
        if not isinstance(score, Op):
            raise TypeError(f"score must be an Op, got {type(score).__name__}")
        self.score = score
        self.params = score.params

    @property
    def weights(self) -> np.ndarray:  # (B, T, S)
        """The attention weights of the last `forward`; they sum to 1 over the keys."""
        return self.saved[2]

    def forward(
        self, q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None
    ) -> np.ndarray:  # (B, T, Dq), (B, S, Dk), (B, S, Dv) -> (B, T, Dv)
        """Return the weighted sums of the values."""
        given = q, k, v, mask
        arrays = (real(name, a, ndim=3) for name, a in (("q", q), ("k", k), ("v", v)))
        q, k, v = same_type(*arrays)
        if k.shape[:2] != v.shape[:2]:
            raise ValueError(
                f"k and v must have the same batch and length, got {k.shape} and {v.shape}"
            )
        self.score.params = self.params
        scores = self.score(q, k)  # (B, T, S)
        added = additive_mask(mask, False, scores.shape, scores.dtype)
        # a copy: the scoring function keeps its own
        weights = softmax_in_place(scores.copy() if added is None else scores + added)
        y = weights @ v
        self.saved = given, v, weights, y
        return y

    def backward(self, outputs_grads: np.ndarray) -> tuple[np.ndarray | None, ...]:
        """Return the gradients with respect to q, k and v, and None for a mask."""
        given, v, weights, y = self.saved
        grad = gradient_of(y, outputs_grads)  # (B, T, Dv)
        grad_v = weights.swapaxes(1, 2) @ grad
        grad_weights = grad @ v.swapaxes(1, 2)  # (B, T, S)
        mean = (weights * grad_weights).sum(axis=2, keepdims=True)
        grad_q, grad_k = self.score.backward(weights * (grad_weights - mean))
        self.grads = self.score.grads
        return of_given(given, (grad_q, grad_k, grad_v, None))


def _check(
    q: np.ndarray, k: np.ndarray, sizes: tuple[int, int] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return queries and keys in one type if they have one batch size, and vectors of the sizes."""
    q, k = same_type(real("q", q, ndim=3), real("k", k, ndim=3))
    if len(q) != len(k):
        raise ValueError(f"q and k must have one batch size, got {len(q)} and {len(k)}")
    for (name, array), own in zip((("q", q), ("k", k)), sizes or (), strict=False):
        if array.shape[2] != own:
            raise ValueError(f"{name} must have shape (batch, length, {own}), got {array.shape}")
    return q, k


def _drawn(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    bound = sqrt(6 / sum(shape))
    return rng.uniform(-bound, bound, shape)


def _rows(array: np.ndarray) -> np.ndarray:
    """Return an array (..., N) as a matrix whose rows are its vectors."""
    return array.reshape(-1, array.shape[-1])
