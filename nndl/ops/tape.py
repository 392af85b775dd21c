"""Reverse-mode automatic differentiation: the chain rule applies itself.

A chain or a graph must be told how its operators hang together. Here one only computes: each
operation leaves a note of what it read, and following the notes backwards is the chain rule.
"""

import copy
from itertools import count
from typing import Any

import numpy as np

from nndl.ops.activation import ReLU, Tanh
from nndl.ops.arithmetic import Add, Divide, Exp, Log, Mean, Multiply, Pow, Power, Subtract, Sum
from nndl.ops.base import Op
from nndl.ops.checks import given_back, gradient_of, plain
from nndl.ops.indexing import Index
from nndl.ops.linear import MatMul, Reshape

__all__ = ["Variable", "apply"]

Axis = int | tuple[int, ...] | None
_numbers = count()  # who is made later has the larger number, and may only read smaller ones


class Variable:
    """A value that knows how it was made.

    ``+ - * / **`` take variables, arrays and numbers on both sides and broadcast as NumPy does;
    ``@`` takes variables and arrays with two axes or more. They, indexing and the methods below
    give variables; any other operator is recorded by `apply`. `Pow` says what the gradients of
    ``**`` are at 0 and below.

    Parameters
    ----------
    value : array_like of real numbers
        Any shape; not copied and never changed.

    Attributes
    ----------
    value : numpy.ndarray
    grad : numpy.ndarray or None
        After `backward` of a variable that was made of this one: its gradient.
    op : Op or None
        The operator whose output it is; None for a variable made by hand.
    sources : tuple of Variable
        What that operator read.

    Raises
    ------
    TypeError
        If the value does not hold real numbers.

    References
    ----------
    A. Griewank and A. Walther, "Evaluating Derivatives", 2nd edition, 2008.

    Examples
    --------
    >>> x, w = Variable([1.0, 2.0]), Variable([3.0, 4.0])
    >>> loss = ((x * w).tanh() - 1) ** 2
    >>> loss.sum().backward()
    >>> x.grad.shape, w.grad.shape
    ((2,), (2,))
    >>> y = Variable(3.0)
    >>> (y * y + y).backward()
    >>> y.grad  # 2 * 3 + 1: three paths lead to y, their parts are added
    array(7.)
    """

    __array_ufunc__ = None  # so that NumPy leaves array + variable to the variable

    def __init__(self, value: Any) -> None:
        self.value = plain("value", value)
        if self.value.dtype.kind not in "biuf":
            raise TypeError(f"value must hold real numbers, got {self.value.dtype}")
        self.grad: np.ndarray | None = None
        self.op: Op | None = None
        self.sources: tuple[Variable, ...] = ()
        self._original: Op | None = None  # the operator as it was given, `op` is its copy
        self._number = next(_numbers)

    def __repr__(self) -> str:
        made = f", made by {type(self.op).__name__}" if self.op else ""
        return f"Variable({self.value}{made})"

    @property
    def shape(self) -> tuple[int, ...]:
        """The value's shape."""
        return self.value.shape

    def backward(self, outputs_grads: Any = None) -> None:
        """Give every variable and parameter that this one depends on its gradient, anew.

        Parameters
        ----------
        outputs_grads : array_like, optional
            The gradient of a loss with respect to this variable, in its shape; 1 by default, as
            if it was the loss.

        Raises
        ------
        ValueError
            If it is missing and this is not a single number, or has another shape.
        """
        if outputs_grads is None:
            if self.value.size != 1:
                raise ValueError(
                    "outputs_grads must be given for a variable that is not a single number, "
                    f"got none for shape {self.shape}"
                )
            outputs_grads = np.ones_like(self.value)
        tape = self._tape()
        for variable in tape:
            variable.grad = None
            if variable.op:
                variable._original.grads = {}
        self.grad = gradient_of(self.value, outputs_grads)
        for variable in tape:
            if variable.op and variable.grad is not None:
                variable._pass_on()

    def _tape(self) -> list["Variable"]:
        """Return all that this variable depends on, itself included, the latest first."""
        found, waiting = {self}, [self]
        while waiting:  # no recursion: a chain may be longer than Python's stack
            new = set(waiting.pop().sources) - found
            found |= new
            waiting += new
        return sorted(found, key=lambda variable: variable._number, reverse=True)

    def _pass_on(self) -> None:
        """Add to the gradients of the sources, and of the operator's parameters."""
        read = [source.value for source in self.sources]
        grads = given_back(type(self.op).__name__, read, self.op.backward(self.grad))
        for source, grad in zip(self.sources, grads, strict=True):
            if grad is not None:
                total = grad if source.grad is None else source.grad + grad
                source.grad = np.asarray(total)  # of two arrays without axes NumPy makes a number
        before = self._original.grads
        parts = {name: before.get(name, 0) + grad for name, grad in self.op.grads.items()}
        self._original.grads = {**before, **parts}

    def _like(self, other: Any) -> Any:
        """Return a number in this variable's type, so that ``x + 1`` keeps single precision."""
        plain = isinstance(other, (int, float, np.integer)) and self.value.dtype.kind == "f"
        # half precision is computed in single
        return np.result_type(self.value.dtype, np.float32).type(other) if plain else other

    def __add__(self, other: Any) -> "Variable":
        return apply(Add(), self, self._like(other))

    def __radd__(self, other: Any) -> "Variable":
        return apply(Add(), self._like(other), self)

    def __sub__(self, other: Any) -> "Variable":
        return apply(Subtract(), self, self._like(other))

    def __rsub__(self, other: Any) -> "Variable":
        return apply(Subtract(), self._like(other), self)

    def __mul__(self, other: Any) -> "Variable":
        return apply(Multiply(), self, self._like(other))

    def __rmul__(self, other: Any) -> "Variable":
        return apply(Multiply(), self._like(other), self)

    def __truediv__(self, other: Any) -> "Variable":
        return apply(Divide(), self, self._like(other))

    def __rtruediv__(self, other: Any) -> "Variable":
        return apply(Divide(), self._like(other), self)

    def __matmul__(self, other: Any) -> "Variable":
        return apply(MatMul(), self, other)

    def __rmatmul__(self, other: Any) -> "Variable":
        return apply(MatMul(), other, self)

    def __pow__(self, exponent: Any) -> "Variable":
        constant = isinstance(exponent, (int, float, np.number))
        return apply(Power(exponent), self) if constant else apply(Pow(), self, exponent)

    def __rpow__(self, base: Any) -> "Variable":
        return apply(Pow(), self._like(base), self)

    def __neg__(self) -> "Variable":
        return self * -1

    def __pos__(self) -> "Variable":
        return self * 1

    def __getitem__(self, index: Any) -> "Variable":
        return apply(Index(index), self)

    def sum(self, axis: Axis = None, keepdims: bool = False) -> "Variable":
        """Return the sum over all axes, or the given ones."""
        return apply(Sum(axis, keepdims), self)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> "Variable":
        """Return the mean over all axes, or the given ones."""
        return apply(Mean(axis, keepdims), self)

    def exp(self) -> "Variable":
        """Return the exponential of each number."""
        return apply(Exp(), self)

    def log(self) -> "Variable":
        """Return the natural logarithm of each number."""
        return apply(Log(), self)

    def relu(self) -> "Variable":
        """Return each number that is above 0, and 0 for the others."""
        return apply(ReLU(), self)

    def tanh(self) -> "Variable":
        """Return the hyperbolic tangent of each number."""
        return apply(Tanh(), self)

    def reshape(self, *shape: int | tuple[int, ...]) -> "Variable":
        """Return the same numbers in another shape; one length may be -1."""
        whole = len(shape) == 1 and isinstance(shape[0], (tuple, list))
        return apply(Reshape(shape[0] if whole else shape), self)


def apply(op: Op, *inputs: Any) -> Variable:
    """Return an operator's output as a variable that remembers how it was made.

    An operator may be applied several times, as a layer with shared weights is: each application
    keeps what its own backward needs, and `Variable.backward` adds up in ``op.grads`` what all of
    them give to the parameters.

    Parameters
    ----------
    op : Op
        Any operator with one output, a chain or a graph as well.
    *inputs : Variable or array_like
        What it reads.

    Returns
    -------
    Variable

    Raises
    ------
    TypeError
        If `op` is no operator, or one with several outputs.

    Examples
    --------
    >>> from nndl.ops import Conv2D
    >>> conv, x = Conv2D(1, 1, 3, padding=1), Variable(np.ones((1, 1, 4, 4)))
    >>> apply(conv, apply(conv, x)).sum().backward()
    >>> x.grad.shape, conv.grads["weight"].shape
    ((1, 1, 4, 4), (1, 1, 3, 3))
    """
    if not isinstance(op, Op):
        raise TypeError(f"op must be an Op, got {type(op).__name__}")
    sources = tuple(x if isinstance(x, Variable) else Variable(x) for x in inputs)
    used = copy.copy(op)  # the same parameters, but its own `saved` and `grads`
    value = used(*(source.value for source in sources))
    if isinstance(value, tuple):
        raise TypeError(f"op must have one output, got {type(op).__name__} with {len(value)}")
    output = Variable(value)
    output.op, output.sources, output._original = used, sources, op
    return output
