"""Scaled dot-product attention, with one head and with many."""

from collections.abc import Iterator
from math import prod, sqrt

import numpy as np

from nndl.arithmetic.checks import flag, number, size
from nndl.ops.attention_weights import additive_mask, check_attention, softmax_in_place
from nndl.ops.base import Op
from nndl.ops.checks import generator, gradient_of, of_given, real, same_type

__all__ = ["MultiHeadAttention", "ScaledDotProductAttention"]

# scores that are worked on at once, 1 MiB in single precision: they stay in the processor's cache,
# and small ones share the cost of a call
BUFFER = 2**18


class ScaledDotProductAttention(Op):
    """Attention ``softmax(q k^T / sqrt(d) + mask) v``, the softmax over the keys.

    Called with queries q of shape (..., T, d), keys k (..., S, d), values v (..., S, d'), and
    perhaps a mask that broadcasts to (..., T, S): boolean, True where a query may look at a key; or
    floating-point, added to the scores. Returned are weighted sums of the values, (..., T, d'). A
    query that may look nowhere gets zeros. `weights` shows where the queries looked.

    Parameters
    ----------
    causal : bool
        Whether query t may look at the keys 0 to t only; a mask still counts.
    scale : float, optional
        What the dot products are multiplied with, ``1 / sqrt(d)`` by default.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", 2017.

    Examples
    --------
    >>> q, k, v = np.zeros((1, 2)), np.ones((3, 2)), np.array([[1.0], [2.0], [9.0]])
    >>> attention = ScaledDotProductAttention()
    >>> attention(q, k, v)
    array([[4.]])
    >>> attention(q, k, v, np.array([True, True, False]))
    array([[1.5]])
    >>> attention.weights
    array([[0.5, 0.5, 0. ]])
    """

    def __init__(self, causal: bool = False, scale: float | None = None) -> None:
        super().__init__()
        self.causal = flag("causal", causal)
        self.scale = None if scale is None else float(number("scale", scale))

    @property
    def weights(self) -> np.ndarray:  # (..., T, S)
        """The attention weights of the last `forward`; they sum to 1 over the keys."""
        weights, given = self.saved[3], self.saved[0]
        return weights.reshape(*np.shape(given[0])[:-1], weights.shape[2])

    def forward(
        self, q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None
    ) -> np.ndarray:  # (..., T, d), (..., S, d), (..., S, d') -> (..., T, d')
        """Return the weighted sums of the values."""
        given = q, k, v, mask
        q, k, v = check_attention(q, k, v)
        lead = q.shape[:-2]
        added = additive_mask(mask, self.causal, (*q.shape[:-1], k.shape[-2]), q.dtype)
        q, k, v = (array.reshape(prod(lead), *array.shape[-2:]) for array in (q, k, v))
        q = q * q.dtype.type(self._factor(q))  # cheaper here than on all scores
        weights = np.empty((*q.shape[:2], k.shape[1]), q.dtype)  # (N, T, S)
        y = np.empty((*q.shape[:2], v.shape[2]), q.dtype)  # (N, T, d')
        for block in _blocks(weights):
            scores = np.matmul(q[block], k[block].swapaxes(1, 2), out=weights[block])
            if added is not None:
                scores += _samples(added, lead, block)
            np.matmul(softmax_in_place(scores), v[block], out=y[block])
        self.saved = given, (q, k, v), y, weights
        return y.reshape(*lead, *y.shape[1:])

    def backward(self, outputs_grads: np.ndarray) -> tuple[np.ndarray | None, ...]:
        """Return the gradients with respect to q, k and v, and None for a mask."""
        given, (q, k, v), y, weights = self.saved
        lead = np.shape(given[0])[:-2]
        shape = y.shape
        grad = gradient_of(y.reshape(*lead, *shape[1:]), outputs_grads).reshape(shape)
        grad_q, grad_k, grad_v = np.empty_like(q), np.empty_like(k), np.empty_like(v)
        for block in _blocks(weights):
            alpha, out = weights[block], grad[block]
            np.matmul(alpha.swapaxes(1, 2), out, out=grad_v[block])
            scores = out @ v[block].swapaxes(1, 2)  # the gradient of alpha, soon of the scores
            # sum of alpha * gradient over the keys, for which the output's gradient suffices
            scores -= (out * y[block]).sum(axis=2, keepdims=True)
            scores *= alpha
            np.matmul(scores, k[block], out=grad_q[block])
            np.matmul(scores.swapaxes(1, 2), q[block], out=grad_k[block])
        grad_q *= grad_q.dtype.type(self._factor(q))
        grads = (grad.reshape(*lead, *grad.shape[1:]) for grad in (grad_q, grad_k, grad_v))
        return of_given(given, (*grads, None))

    def _factor(self, q: np.ndarray) -> float:
        return 1 / sqrt(max(1, q.shape[-1])) if self.scale is None else self.scale


class MultiHeadAttention(Op):
    """Scaled dot-product attention in several heads, each with a projection of its own.

    Called with a query of shape (B, T, E), perhaps a key (B, S, Dk), the query itself if left out
    (self-attention), perhaps a value (B, S, Dv), the key if left out, and perhaps a mask as for
    `ScaledDotProductAttention` that broadcasts to (B, heads, T, S). Returned is (B, T, E). The
    parameters are named and laid out as those of ``paddle.nn.MultiHeadAttention``.

    Parameters
    ----------
    embed_dim : int
        E: the length of a query and of an output.
    num_heads : int
        How many heads there are; divides `embed_dim`.
    kdim, vdim : int, optional
        Dk and Dv: the lengths of a key and of a value, `embed_dim` by default.
    bias : bool
        Whether the projections have biases, at first zero.
    causal : bool
        Whether query t may look at the keys 0 to t only.
    seed : int
        Draws the weights, uniformly within ``sqrt(6 / (inputs + E))`` on both sides of zero.

    Attributes
    ----------
    params : dict
        "q_proj.weight" of shape (E, E), "k_proj.weight" (Dk, E), "v_proj.weight" (Dv, E),
        "out_proj.weight" (E, E) and, with biases, "q_proj.bias" and so on (E,).

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", 2017.

    Examples
    --------
    >>> attention = MultiHeadAttention(8, num_heads=2)
    >>> y = attention(np.ones((3, 5, 8)))
    >>> y.shape, attention.backward(np.ones_like(y)).shape, attention.weights.shape
    ((3, 5, 8), (3, 5, 8), (3, 2, 5, 5))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        kdim: int | None = None,
        vdim: int | None = None,
        bias: bool = True,
        causal: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.embed_dim = size("embed_dim", embed_dim)
        self.num_heads = size("num_heads", num_heads)
        if self.embed_dim % self.num_heads:
            raise ValueError(
                f"embed_dim must be divisible by num_heads, got {embed_dim} and {num_heads}"
            )
        self.attention = ScaledDotProductAttention(causal)
        rng, bias = generator(seed), flag("bias", bias)
        sizes = {
            "q_proj": self.embed_dim,
            "k_proj": self.embed_dim if kdim is None else size("kdim", kdim),
            "v_proj": self.embed_dim if vdim is None else size("vdim", vdim),
            "out_proj": self.embed_dim,
        }
        for name, width in sizes.items():
            bound = sqrt(6 / (width + self.embed_dim))
            weight = rng.uniform(-bound, bound, (width, self.embed_dim))
            self.params[f"{name}.weight"] = weight
            if bias:
                self.params[f"{name}.bias"] = np.zeros(self.embed_dim)

    @property
    def weights(self) -> np.ndarray:  # (B, heads, T, S)
        """The attention weights of the last `forward`; they sum to 1 over the keys."""
        return self.attention.weights

    def forward(
        self,
        query: np.ndarray,
        key: np.ndarray | None = None,
        value: np.ndarray | None = None,
        mask: np.ndarray | None = None,
    ) -> np.ndarray:  # (B, T, E), (B, S, Dk), (B, S, Dv) -> (B, T, E)
        """Return what the heads gathered, projected."""
        given = query, key, value, mask
        inputs = self._check(query, key, value)
        names = ("q_proj", "k_proj", "v_proj")
        heads = [self._split(self._project(n, x)) for n, x in zip(names, inputs, strict=True)]
        gathered = self.attention(*heads, mask)  # (B, heads, T, E/heads)
        joined = gathered.swapaxes(1, 2).reshape(inputs[0].shape)  # (B, T, E)
        y = self._project("out_proj", joined)
        self.saved = given, inputs, joined, y
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray | tuple[np.ndarray | None, ...]:
        """Return the gradients of the inputs that were given, and keep those of the parameters."""
        given, inputs, joined, y = self.saved
        grad = gradient_of(y, outputs_grads)
        grad = self._project_backward("out_proj", joined, grad)  # (B, T, E)
        heads = self.attention.backward(self._split(grad))[:3]  # (B, heads, T or S, E/heads) each
        grads = []
        for name, x, head in zip(("q_proj", "k_proj", "v_proj"), inputs, heads, strict=True):
            side_by_side = head.swapaxes(1, 2).reshape(*x.shape[:2], self.embed_dim)
            grads.append(self._project_backward(name, x, side_by_side))
        grad_query, grad_key, grad_value = grads
        if given[2] is None:  # the key was the value, too
            grad_key = grad_key + grad_value
        if given[1] is None:
            grad_query = grad_query + grad_key
        return of_given(given, (grad_query, grad_key, grad_value, None))

    def _check(
        self, query: np.ndarray, key: np.ndarray | None, value: np.ndarray | None
    ) -> tuple[np.ndarray, ...]:
        key = query if key is None else key
        value = key if value is None else value
        names = {"query": ("q_proj", query), "key": ("k_proj", key), "value": ("v_proj", value)}
        arrays = []
        for name, (projection, array) in names.items():
            array, size = real(name, array, ndim=3), len(self.params[f"{projection}.weight"])
            if array.shape[2] != size:
                raise ValueError(
                    f"{name} must have shape (batch, length, {size}), got {array.shape}"
                )
            arrays.append(array)
        query, key, value = arrays
        if not len(query) == len(key) == len(value) or key.shape[1] != value.shape[1]:
            raise ValueError(
                "query, key and value must have one batch size, key and value one length, "
                f"got {query.shape}, {key.shape} and {value.shape}"
            )
        return same_type(query, key, value)

    def _split(self, x: np.ndarray) -> np.ndarray:
        """Return (B, T, E) as heads (B, heads, T, E / heads)."""
        size = self.embed_dim // self.num_heads
        return x.reshape(*x.shape[:2], self.num_heads, size).swapaxes(1, 2)

    def _project(self, name: str, x: np.ndarray) -> np.ndarray:
        y = x @ self.params[f"{name}.weight"].astype(x.dtype, copy=False)
        if f"{name}.bias" in self.params:
            y += self.params[f"{name}.bias"].astype(x.dtype, copy=False)
        return y

    def _project_backward(self, name: str, x: np.ndarray, grad: np.ndarray) -> np.ndarray:
        rows = grad.reshape(-1, self.embed_dim)  # (B*T, E)
        self.grads[f"{name}.weight"] = x.reshape(-1, x.shape[2]).T @ rows
        if f"{name}.bias" in self.params:
            self.grads[f"{name}.bias"] = rows.sum(axis=0)
        return grad @ self.params[f"{name}.weight"].astype(x.dtype, copy=False).T


def _blocks(weights: np.ndarray) -> Iterator[slice]:
    """Yield slices of the first axis, each of as many score matrices as are worked on at once."""
    size = max(1, BUFFER // max(1, prod(weights.shape[1:])))
    for first in range(0, len(weights), size):
        yield slice(first, min(first + size, len(weights)))


def _samples(array: np.ndarray, lead: tuple[int, ...], block: slice) -> np.ndarray:
    """Return a slice of ``array.reshape(prod(lead), T, S)``, without copying more than that."""
    if not lead:
        return array
    return array[np.unravel_index(np.arange(block.start, block.stop), lead)]
