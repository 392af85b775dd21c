"""What every layer asks of its tensors, and the words in which it refuses them."""

from typing import Any

from nndl.arithmetic.checks import integer
from nndl.device import paddle

__all__ = ["check_attr", "check_ids", "check_layer", "check_real", "dtype_name", "padding_token"]

REAL = (paddle.float32, paddle.float64, paddle.float16, paddle.bfloat16)
SINGLE_AND_DOUBLE = {paddle.float32, paddle.float64}
WHOLE = (paddle.int32, paddle.int64)


def check_real(
    name: str,
    x: paddle.Tensor,
    *shape: int | str,
    like: paddle.Tensor | None = None,
    see: str = "",
) -> None:
    """Refuse what is no floating-point tensor of a shape.

    A graph that is being exported knows neither shapes nor numbers yet, and is not looked at.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    x : paddle.Tensor
        What was given.
    *shape : int or str
        For each axis its length, or where any will do, a word for it; nothing for any shape.
    like : paddle.Tensor, optional
        Of whose precision x must be, single or double: a parameter of the layer, or the tensor
        that `see` names.
    see : str
        The argument that the lengths come from, if it is another one.

    Raises
    ------
    TypeError
        If x is no tensor of Paddle's, or holds no floating-point numbers of the right precision.
    ValueError
        If it has another shape.

    Examples
    --------
    >>> check_real("x", paddle.zeros([2, 3]), "batch", 4)
    Traceback (most recent call last):
    ...
    ValueError: x must have shape (batch, 4), got (2, 3)
    >>> check_real("x", [[1.0, 2.0]], "batch", 2)
    Traceback (most recent call last):
    ...
    TypeError: x must be a paddle.Tensor, got list: paddle.to_tensor makes one
    """
    if not paddle.in_dynamic_mode():
        return
    _check_tensor(name, x)
    if x.dtype not in REAL:
        raise TypeError(f"{name} must hold floating-point numbers, got {dtype_name(x)}")
    # in mixed precision half a number may meet a whole one
    if like is not None and x.dtype != like.dtype and {x.dtype, like.dtype} == SINGLE_AND_DOUBLE:
        wanted, owner = dtype_name(like), see or "the layer's parameters"
        raise TypeError(
            f"{name} must be {wanted}, like {owner}, "
            f'got {dtype_name(x)}: astype("{wanted}") converts it'
        )
    if shape:
        check_shape(name, x, shape, see)


def check_ids(name: str, ids: paddle.Tensor, end: int) -> None:
    """Refuse what is no batch of texts, written as the numbers of their tokens.

    Paddle's embedding reads beyond its table where a number is too large, and may crash.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    ids : paddle.Tensor
        What was given: shape (batch, positions), int32 or int64.
    end : int
        The first number that is too large.

    Raises
    ------
    TypeError
        If it is no tensor of whole numbers.
    ValueError
        If it has another shape, or a number lies outside.

    Examples
    --------
    >>> check_ids("ids", paddle.to_tensor([[3, 7]]), end=7)
    Traceback (most recent call last):
    ...
    ValueError: ids must be from 0 to 6, got 7
    """
    if not paddle.in_dynamic_mode():
        return
    _check_tensor(name, ids)
    if ids.dtype not in WHOLE:
        raise TypeError(f"{name} must be int32 or int64, got {dtype_name(ids)}")
    check_shape(name, ids, ("batch", "positions"))
    for extreme in (int(ids.min()), int(ids.max())) if ids.size else ():
        if not 0 <= extreme < end:
            raise ValueError(f"{name} must be from 0 to {end - 1}, got {extreme}")


def check_attr(name: str, value: Any, or_false: bool = False) -> None:
    """Refuse what says nothing about a parameter; a text would count as its name.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : paddle.ParamAttr, initializer or None
        What was given.
    or_false : bool
        Whether True, and False for no parameter, will do.

    Raises
    ------
    TypeError
        If it is anything else.

    Examples
    --------
    >>> check_attr("bias_attr", "False", or_false=True)
    Traceback (most recent call last):
    ...
    TypeError: bias_attr must be a paddle.ParamAttr, False or None, got 'False'
    """
    known = value is None or (or_false and isinstance(value, bool))
    if not known and not isinstance(value, (paddle.ParamAttr, paddle.nn.initializer.Initializer)):
        words = "a paddle.ParamAttr, False or None" if or_false else "a paddle.ParamAttr or None"
        raise TypeError(f"{name} must be {words}, got {value!r}")


def check_layer(name: str, value: paddle.nn.Layer) -> paddle.nn.Layer:
    """Return a layer, and refuse what is none, a class of layers above all.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : paddle.nn.Layer
        What was given.

    Returns
    -------
    paddle.nn.Layer

    Raises
    ------
    TypeError
        If it is none.

    Examples
    --------
    >>> check_layer("score", paddle.nn.Linear)
    Traceback (most recent call last):
    ...
    TypeError: score must be a paddle.nn.Layer, got <class 'paddle.nn.layer.common.Linear'>
    """
    if not isinstance(value, paddle.nn.Layer):
        raise TypeError(f"{name} must be a paddle.nn.Layer, got {value!r}")
    return value


def padding_token(padding_idx: int, vocab_size: int) -> int:
    """Return the number of the token that fills up, if it is one of the vocabulary's.

    Examples
    --------
    >>> padding_token(0, 100)
    0
    """
    number = integer("padding_idx", padding_idx, least=0)
    if number >= vocab_size:
        raise ValueError(f"padding_idx must be less than vocab_size {vocab_size}, got {number}")
    return number


def dtype_name(tensor: paddle.Tensor) -> str:
    """Return the type of a tensor's numbers as text, such as "float32"."""
    return str(tensor.dtype).removeprefix("paddle.")


def _check_tensor(name: str, x: Any) -> None:
    if not isinstance(x, paddle.Tensor):
        raise TypeError(
            f"{name} must be a paddle.Tensor, got {type(x).__name__}: paddle.to_tensor makes one"
        )


def check_shape(name: str, x: paddle.Tensor, shape: tuple[int | str, ...], see: str = "") -> None:
    """Refuse a tensor of another shape; the arguments are those of `check_real`."""
    given = x.shape
    fits = len(given) == len(shape) and all(
        want == have or isinstance(want, str) for want, have in zip(shape, given, strict=True)
    )
    if not fits:
        words = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        more = f": see {see}" if see else ""
        raise ValueError(f"{name} must have shape ({words}), got {tuple(given)}{more}")
