"""What every operator asks of its arrays, and the words in which it refuses them."""

from collections.abc import Mapping, Sequence

import numpy as np

from nndl.arithmetic import checks

__all__ = [
    "check_axes",
    "check_state",
    "generator",
    "given_back",
    "gradient_of",
    "gradients_of",
    "of_given",
    "plain",
    "real",
    "same_type",
    "whole",
]


def plain(name: str, value: np.ndarray) -> np.ndarray:
    """Return an array of whatever kind; a tensor of Paddle is refused.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        What was given.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    TypeError
        If it is a tensor, or a list of them: NumPy would take the numbers without a word, and
        Paddle would find no way back through the operator.
    ValueError
        If it is a list whose rows differ in length.

    Examples
    --------
    >>> plain("x", [1, 2])
    array([1, 2])
    >>> plain("x", [[1, 2], [3]])
    Traceback (most recent call last):
    ...
    ValueError: x must be an array, with rows of equal length, got list
    """
    first = value[0] if isinstance(value, (list, tuple)) and len(value) else value
    if type(first) is not np.ndarray and hasattr(first, "stop_gradient"):
        raise TypeError(
            f"{name} must be a NumPy array, got a tensor of Paddle: its automatic differentiation "
            f"ends at an operator of nndl.ops. Give it {name}.numpy(), or take the layer of the "
            "same name in nndl.layers or paddle.nn"
        )
    try:
        return np.asarray(value)
    except ValueError:
        got = type(value).__name__
        raise ValueError(f"{name} must be an array, with rows of equal length, got {got}") from None


def real(name: str, value: np.ndarray, ndim: int | None = None) -> np.ndarray:
    """Return an array of floating-point numbers, in single precision or better.

    Integers become double precision. Half precision becomes single: a sum in it overflows beyond
    65504, and stands still long before.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        Any shape.
    ndim : int, optional
        The number of axes it must have.

    Returns
    -------
    numpy.ndarray
        The array itself if it is in single precision or better, never changed.

    Raises
    ------
    TypeError
        If it does not hold real numbers.
    ValueError
        If it has another number of axes.

    Examples
    --------
    >>> real("x", [1, 2]).dtype, real("x", np.float32([1, 2])).dtype
    (dtype('float64'), dtype('float32'))
    >>> real("x", np.float16([1, 2])).dtype
    dtype('float32')
    >>> real("x", ["one"])
    Traceback (most recent call last):
    ...
    TypeError: x must hold real numbers, got <U3
    """
    array = plain(name, value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got {array.dtype}")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axes, got shape {array.shape}")
    if array.dtype.kind != "f":
        return array.astype(np.float64)
    return array.astype(np.float32) if array.dtype.itemsize < 4 else array


def same_type(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return floating-point arrays in the widest of their types, copied only where it differs.

    Parameters
    ----------
    *arrays : numpy.ndarray
        Any shapes.

    Returns
    -------
    tuple of numpy.ndarray

    Examples
    --------
    >>> [a.dtype.name for a in same_type(np.float32([1]), np.float64([1]))]
    ['float64', 'float64']
    """
    dtype = np.result_type(*arrays)
    return tuple(array.astype(dtype, copy=False) for array in arrays)


def whole(name: str, value: np.ndarray, end: int) -> np.ndarray:
    """Return an array of whole numbers from 0 to below `end`, such as labels or words.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        Any shape.
    end : int
        The first number that is too large.

    Returns
    -------
    numpy.ndarray
        int64.

    Raises
    ------
    TypeError
        If it does not hold integers.
    ValueError
        If a number lies outside.

    Examples
    --------
    >>> whole("labels", [0, 2], end=3)
    array([0, 2])
    >>> whole("labels", [0, 3], end=3)
    Traceback (most recent call last):
    ...
    ValueError: labels must be from 0 to 2, got 3
    """
    array = plain(name, value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got {array.dtype}")
    outside = array[(array < 0) | (array >= end)]
    if outside.size:
        raise ValueError(f"{name} must be from 0 to {end - 1}, got {outside.flat[0]}")
    return array.astype(np.int64, copy=False)


def check_axes(axes: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    """Return axes counted from the front if an array of `ndim` axes has each of them once.

    Parameters
    ----------
    axes : tuple of int
        Negative ones count from the end.
    ndim : int
        How many axes the array has.

    Returns
    -------
    tuple of int

    Raises
    ------
    ValueError
        If there is no such axis, or one is named twice.

    Examples
    --------
    >>> check_axes((0, -1), ndim=3)
    (0, 2)
    >>> check_axes((1, -1), ndim=2)
    Traceback (most recent call last):
    ...
    ValueError: axis must name each axis once, got (1, -1) for an array with 2 axes
    """
    for axis in axes:
        if not -ndim <= axis < ndim:
            raise ValueError(f"axis must be one of x's {ndim}, got {axis}")
    found = tuple(axis % ndim for axis in axes)
    if len(set(found)) < len(found):
        raise ValueError(f"axis must name each axis once, got {axes} for an array with {ndim} axes")
    return found


def gradient_of(
    output: np.ndarray, outputs_grads: np.ndarray, name: str = "outputs_grads", of: str = ""
) -> np.ndarray:
    """Return the gradient of an output in the output's type; it must have the output's shape.

    Parameters
    ----------
    output : numpy.ndarray
        What `forward` returned.
    outputs_grads : array_like
        The gradient of a loss with respect to it.
    name : str
        The argument's name, for the message.
    of : str
        What the output was made of, for the message: either may be the wrong one.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> gradient_of(np.zeros(2), [1, 2, 3])
    Traceback (most recent call last):
    ...
    ValueError: outputs_grads must have the output's shape (2,), got (3,)
    """
    grads = real(name, outputs_grads)
    if grads.shape != np.shape(output):
        made = f", for {of}" if of else ""
        raise ValueError(
            f"{name} must have the output's shape {np.shape(output)}, got {grads.shape}{made}"
        )
    return grads.astype(output.dtype, copy=False)


def check_state(own: Mapping[str, np.ndarray], state: Mapping[str, np.ndarray]) -> None:
    """Refuse a state that has not the names and shapes of the own one.

    Parameters
    ----------
    own, state : mapping of str to numpy.ndarray
        What there is, and what is to be taken over.

    Raises
    ------
    TypeError
        If the state is no mapping.
    ValueError
        If a name is missing or unknown, or a shape differs.

    Examples
    --------
    >>> check_state({"weight": np.ones(2)}, {"wait": np.ones(2)})
    Traceback (most recent call last):
    ...
    ValueError: state must have the names of state_dict, differs in ['wait', 'weight']
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"state must be a mapping of names to arrays, got {type(state).__name__}")
    if differing := sorted(own.keys() ^ state.keys()):
        raise ValueError(f"state must have the names of state_dict, differs in {differing}")
    for name, array in own.items():
        shape = np.shape(state[name])
        if shape != np.shape(array):
            raise ValueError(f"state {name} must have shape {np.shape(array)}, got {shape}")


def generator(seed: int) -> np.random.Generator:
    """Return a random generator that begins from a seed.

    Parameters
    ----------
    seed : int
        From 0 to 2**32 - 1.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    ValueError
        If it is no seed; None is none, since what it draws can't be drawn again.

    Examples
    --------
    >>> bool(generator(3).random() == np.random.default_rng(3).random())
    True
    """
    return np.random.default_rng(checks.seed("seed", seed))


def gradients_of(
    outputs: Sequence[np.ndarray], outputs_grads: tuple[np.ndarray | None, ...]
) -> list[np.ndarray]:
    """Return the gradient of each of several outputs, zeros where it is None.

    Parameters
    ----------
    outputs : sequence of numpy.ndarray
        What `forward` returned.
    outputs_grads : tuple of array_like or None
        The gradient of a loss with respect to each; None where the loss does not depend on it.

    Returns
    -------
    list of numpy.ndarray
        In the types and shapes of the outputs.

    Raises
    ------
    ValueError
        If it is no tuple with one entry for each output, or a shape differs.

    Examples
    --------
    >>> gradients_of((np.zeros(2), np.zeros(1)), ([1, 2], None))
    [array([1., 2.]), array([0.])]
    """
    if not isinstance(outputs_grads, (tuple, list)) or len(outputs_grads) != len(outputs):
        got = type(outputs_grads).__name__
        got += f" of {len(outputs_grads)}" if isinstance(outputs_grads, (tuple, list)) else ""
        raise ValueError(
            f"outputs_grads must be a tuple of {len(outputs)}, one gradient or None for each "
            f"output, got {got}"
        )
    return [
        np.zeros_like(output) if grad is None else gradient_of(output, grad)
        for output, grad in zip(outputs, outputs_grads, strict=True)
    ]


def of_given(
    inputs: tuple[np.ndarray | None, ...], grads: tuple[np.ndarray | None, ...]
) -> np.ndarray | tuple[np.ndarray | None, ...]:
    """Return the gradients of the inputs that a call gave, as `Op.backward` returns them.

    Parameters
    ----------
    inputs : tuple of numpy.ndarray or None
        All inputs of `forward` in its order, None for one that was left out.
    grads : tuple of numpy.ndarray or None
        A gradient for each.

    Returns
    -------
    numpy.ndarray or tuple
        The gradient of the first input alone if no other was given; otherwise a tuple up to the
        last input that was given, None for one left out before it.

    Examples
    --------
    >>> of_given((np.ones(1), None, None), (2, 3, None))
    2
    >>> of_given((np.ones(1), None, np.ones(1)), (2, 3, 4))
    (2, None, 4)
    """
    last = max(i for i, given in enumerate(inputs) if given is not None)
    kept = tuple(
        None if given is None else grad
        for given, grad in zip(inputs[: last + 1], grads[: last + 1], strict=True)
    )
    return kept if last else kept[0]


def given_back(
    kind: str, inputs: Sequence[np.ndarray | None], grads: np.ndarray | tuple | None
) -> tuple[np.ndarray | None, ...]:
    """Return what an operator's `backward` gave as a tuple; refuse nothing at all.

    Parameters
    ----------
    kind : str
        The operator's class, for the message.
    inputs : sequence of numpy.ndarray or None
        What its `forward` was given.
    grads : numpy.ndarray, tuple or None
        What its `backward` returned; None alone stands for an input of integers, such as words.

    Returns
    -------
    tuple of numpy.ndarray or None

    Raises
    ------
    TypeError
        If it is None, and an input holds floating-point numbers.

    Examples
    --------
    >>> given_back("Exp", [np.ones(1)], np.ones(1))
    (array([1.]),)
    >>> given_back("Exp", [np.ones(1)], None)
    Traceback (most recent call last):
    ...
    TypeError: Exp.backward must return the gradient of its input, got None: is there a return?
    """
    if grads is None and any(x is not None and np.asarray(x).dtype.kind == "f" for x in inputs):
        raise TypeError(
            f"{kind}.backward must return the gradient of its input, got None: is there a return?"
        )
    return grads if isinstance(grads, tuple) else (grads,)
