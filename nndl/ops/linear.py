"""Matrix products, the linear layer, changes of shape, and the embedding of words."""

import math

import numpy as np

from nndl.arithmetic.checks import flag, integer, size
from nndl.ops.arithmetic import sum_to
from nndl.ops.base import Op
from nndl.ops.checks import generator, gradient_of, real, same_type, whole

__all__ = ["Embedding", "Flatten", "Linear", "MatMul", "Reshape", "Transpose"]


class MatMul(Op):
    """The product of two matrices, or of stacks of them: Z = X Y.

    Shapes (..., N, K) and (..., K, M) give (..., N, M); the leading axes broadcast.

    Examples
    --------
    >>> matmul = MatMul()
    >>> matmul(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    array([[11.]])
    >>> matmul.backward(np.array([[1.0]]))
    (array([[3., 4.]]), array([[1.],
           [2.]]))
    """

    def forward(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the product."""
        x, y = same_type(real("x", x), real("y", y))
        if x.ndim < 2 or y.ndim < 2:
            raise ValueError(f"x and y must have two axes or more, got {x.shape} and {y.shape}")
        if x.shape[-1] != y.shape[-2]:
            raise ValueError(
                f"x must have as many columns as y has rows, got {x.shape} and {y.shape}"
            )
        z = x @ y  # (..., N, M)
        self.saved = x, y, z
        return z

    def backward(self, outputs_grads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients with respect to x and y."""
        x, y, z = self.saved
        grad = gradient_of(z, outputs_grads)
        grad_x = grad @ y.swapaxes(-1, -2)  # (..., N, K)
        grad_y = x.swapaxes(-1, -2) @ grad  # (..., K, M)
        return sum_to(grad_x, x.shape), sum_to(grad_y, y.shape)


class Linear(Op):
    """The linear layer: y = x W + b, for each row of the last axis.

    Parameters
    ----------
    in_features, out_features : int
        How many numbers come in and go out.
    bias : bool
        Whether to add a bias, at first zero.
    seed : int
        Draws the weights, uniformly within ``1 / sqrt(in_features)`` on both sides of zero.

    Attributes
    ----------
    params : dict
        "weight" of shape (in_features, out_features) and, with a bias, "bias" of shape
        (out_features,).

    Raises
    ------
    ValueError
        If a number of features is not a positive integer, or x has another number of them.

    Examples
    --------
    >>> linear = Linear(3, 2)
    >>> y = linear(np.ones((4, 3)))
    >>> y.shape, linear.backward(np.ones_like(y)).shape, linear.grads["weight"].shape
    ((4, 2), (4, 3), (3, 2))
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, seed: int = 0
    ) -> None:
        super().__init__()
        shape = size("in_features", in_features), size("out_features", out_features)
        bound = 1 / math.sqrt(shape[0])
        self.params["weight"] = generator(seed).uniform(-bound, bound, shape)
        if flag("bias", bias):
            self.params["bias"] = np.zeros(shape[1])

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x W + b, in the type of x."""
        x = real("x", x)
        weight = self.params["weight"].astype(x.dtype, copy=False)
        if x.ndim < 1 or x.shape[-1] != len(weight):
            raise ValueError(f"x must have {len(weight)} features in its last axis, got {x.shape}")
        y = x @ weight  # (..., in) -> (..., out)
        if "bias" in self.params:
            y += self.params["bias"].astype(x.dtype, copy=False)
        self.saved = x, weight, y
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x, and keep those of the parameters."""
        x, weight, y = self.saved
        grad = gradient_of(y, outputs_grads)
        rows = grad.reshape(-1, grad.shape[-1])  # (N, out): all leading axes are one
        self.grads = {"weight": x.reshape(-1, x.shape[-1]).T @ rows}
        if "bias" in self.params:
            self.grads["bias"] = rows.sum(axis=0)
        return grad @ weight.T


class Reshape(Op):
    """The same numbers in another shape.

    Parameters
    ----------
    shape : int or tuple of int
        One length may be -1: what is left for it. An integer alone makes one axis.

    Raises
    ------
    ValueError
        If the shape holds something else, -1 twice, or not as many numbers as x.

    Examples
    --------
    >>> reshape = Reshape((2, -1))
    >>> reshape(np.arange(6.0)).shape, reshape.backward(np.ones((2, 3))).shape
    ((2, 3), (6,))
    """

    def __init__(self, shape: int | tuple[int, ...]) -> None:
        super().__init__()
        lengths = shape if isinstance(shape, (tuple, list)) else (shape,)
        self.shape = tuple(size("shape", length, least=-1) for length in lengths)
        if self.shape.count(-1) > 1:
            raise ValueError(f"shape must have one -1 at most, got {self.shape}")

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x in the new shape."""
        x = real("x", x)
        try:
            y = x.reshape(self.shape)
        except ValueError:
            raise ValueError(
                f"shape must hold as many numbers as x, got {self.shape} for {x.shape}"
            ) from None
        self.saved = x.shape, y
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        shape, y = self.saved
        return gradient_of(y, outputs_grads).reshape(shape)


class Flatten(Op):
    """All axes from one on made into one.

    Parameters
    ----------
    start_axis : int
        The first of them, at least 0; the axes before it stay.

    Raises
    ------
    ValueError
        If x has no such axis.

    Examples
    --------
    >>> Flatten()(np.ones((2, 3, 4, 5))).shape
    (2, 60)
    """

    def __init__(self, start_axis: int = 1) -> None:
        super().__init__()
        self.start_axis = integer("start_axis", start_axis, least=0)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x with its last axes made into one."""
        x = real("x", x)
        if self.start_axis >= x.ndim:
            raise ValueError(f"x must have an axis {self.start_axis}, got shape {x.shape}")
        kept, merged = x.shape[: self.start_axis], x.shape[self.start_axis :]
        y = x.reshape(*kept, math.prod(merged))  # not -1: it can't be told in an empty batch
        self.saved = x.shape, y
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        shape, y = self.saved
        return gradient_of(y, outputs_grads).reshape(shape)


class Transpose(Op):
    """The axes in another order.

    Parameters
    ----------
    axes : tuple of int, optional
        For each place the axis that comes there; the reverse order by default.

    Raises
    ------
    ValueError
        If they are no order of the axes of x.

    Examples
    --------
    >>> transpose = Transpose((0, 2, 1))
    >>> transpose(np.ones((2, 3, 4))).shape, transpose.backward(np.ones((2, 4, 3))).shape
    ((2, 4, 3), (2, 3, 4))
    """

    def __init__(self, axes: tuple[int, ...] | None = None) -> None:
        super().__init__()
        if axes is not None and not isinstance(axes, (tuple, list)):
            raise ValueError(f"axes must be a tuple of integers, got {axes!r}")
        self.axes = None if axes is None else tuple(integer("axes", a, least=None) for a in axes)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x with its axes in the new order."""
        x = real("x", x)
        axes = tuple(reversed(range(x.ndim))) if self.axes is None else self.axes
        if sorted(axes) != list(range(x.ndim)):
            raise ValueError(
                f"axes must be an order of {x.ndim} axes, got {axes} for x of shape {x.shape}"
            )
        y = x.transpose(axes)
        self.saved = axes, y
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x: the axes put back."""
        axes, y = self.saved
        return gradient_of(y, outputs_grads).transpose(np.argsort(axes))


class Embedding(Op):
    """A row of a table for each word.

    Parameters
    ----------
    num_embeddings : int
        How many words there are; they are numbered from 0.
    embedding_dim : int
        The length of a row.
    padding_idx : int, optional
        A word that stands for nothing: its row is zero in every output, and is not learned.
    seed : int
        Draws the table from the standard normal distribution.

    Attributes
    ----------
    params : dict
        "weight" of shape (num_embeddings, embedding_dim).

    Raises
    ------
    ValueError
        If a number is not positive, or a word lies outside.
    TypeError
        If the words are not integers.

    Examples
    --------
    >>> embedding = Embedding(5, 3)
    >>> embedding([[1, 4, 1]]).shape
    (1, 3, 3)
    >>> embedding.backward(np.ones((1, 3, 3)))  # integers have no gradient
    >>> embedding.grads["weight"][:, 0]  # word 1 was read twice
    array([0., 2., 0., 0., 1.])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        shape = size("num_embeddings", num_embeddings), size("embedding_dim", embedding_dim)
        self.padding_idx = padding_idx
        if padding_idx is not None:
            integer("padding_idx", padding_idx, least=0)
            self.padding_idx = int(whole("padding_idx", padding_idx, shape[0]))
        self.params["weight"] = generator(seed).standard_normal(shape)

    def forward(self, words: np.ndarray) -> np.ndarray:
        """Return the row of each word: (...) -> (..., embedding_dim)."""
        weight = self.params["weight"]
        words = whole("words", words, len(weight))
        rows = real("weight", weight[words])
        if self.padding_idx is not None:
            rows[words == self.padding_idx] = 0
        self.saved = words, rows
        return rows

    def backward(self, outputs_grads: np.ndarray) -> None:
        """Keep the gradient of the table; the words have none."""
        words, rows = self.saved
        grad = gradient_of(rows, outputs_grads).reshape(-1, rows.shape[-1])  # (words, dim)
        table = np.zeros(self.params["weight"].shape, rows.dtype)
        np.add.at(table, words.reshape(-1), grad)  # a word read twice gets both parts
        if self.padding_idx is not None:
            table[self.padding_idx] = 0
        self.grads = {"weight": table}
