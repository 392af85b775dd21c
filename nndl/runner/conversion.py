"""Inputs and labels: what is converted, and in which words a model's refusal is told.

NumPy computes in double precision and stores pictures and classes in bytes; a layer of Paddle takes
floating-point numbers of its parameters' type only, and most losses take classes as int64.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from nndl.device import as_tensor, paddle

__all__: list[str] = []

# what Paddle's messages have in common where a type is not one that an operator takes
TYPE_WORDS = re.compile(
    "Selected wrong DataType|type of data we are trying to retrieve|Type promotion only support|"
    "only support int32 and int64|not implemented for data type"
)
# how Paddle begins to say what does not fit, a shape above all
MISFIT = re.compile(r"\(InvalidArgument\) *(.+)")

ADVICE = {
    "inputs": "a type that the model takes, got {}: convert them first, such as "
    "x.astype('float32') for numbers or ids.astype('int64') for words",
    "labels": "a type that loss_fn takes, got {}: convert them first, such as "
    "labels.astype('int64') for classes or labels.astype('float32') for numbers",
}


def _array(name: str, values: Any) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:
        got = type(values).__name__
        raise ValueError(f"{name} must be an array, with rows of equal length, got {got}") from None


class Reader(NamedTuple):
    """How a model's inputs and labels are made of what a loader gives, one array at a time."""

    inputs: Callable[[Any], Any] = partial(_array, "inputs")
    labels: Callable[[Any], Any] = partial(_array, "labels")


def reader_of(layer: Any) -> Reader:
    """Give the reader for a layer of Paddle.

    Floating-point numbers get the type of the layer's parameters, labels of few bits become int64.
    """
    own = {parameter.dtype for parameter in layer.parameters()}
    wanted = "float64" if own == {paddle.float64} else "float32"
    others: set[Any] = set()  # what is converted; nothing where nobody knows what the layer wants
    if own == {paddle.float64}:
        others = {paddle.float32, paddle.float16}
    elif own and paddle.float64 not in own:
        # weights of 16 bits are fed float32, too: mixed precision casts it
        others = {paddle.float64} | ({paddle.float16} if own == {paddle.float32} else set())
    few_bits = {paddle.int8, paddle.int16, paddle.uint8}
    # the usual ones are let through at once: this is done for every batch
    tensor_type, usual, classes = paddle.Tensor, getattr(paddle, wanted), paddle.int64

    def as_inputs(values: Any) -> Any:
        if isinstance(values, tensor_type) and values.dtype is usual:
            return values
        return widened(as_tensor(values, "inputs"))

    def widened(tensor: Any) -> Any:
        return tensor.astype(wanted) if tensor.dtype in others else tensor

    def as_labels(values: Any) -> Any:
        if isinstance(values, tensor_type) and values.dtype is classes:
            return values
        tensor = widened(as_tensor(values, "labels"))
        return tensor.astype("int64") if tensor.dtype in few_bits else tensor

    return Reader(as_inputs, as_labels)


class FaultsNamed:
    """Name the argument at fault, where Paddle names an operator, or an operator its own input.

    Parameters
    ----------
    name : str
        ``"inputs"``, on which a model is called, or ``"labels"``, on which a loss is.
    values : tensor, tuple, list or dict
        What was given.
    source : str
        The argument that they come from: a data set, a loader.
    """

    def __init__(self, name: str, values: Any, source: str):
        self.name, self.values, self.source = name, values, source

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        """Say what is wrong, if it is a type or a shape."""
        if not isinstance(error, (ValueError, TypeError, RuntimeError, OSError)):
            return
        if TYPE_WORDS.search(str(error)):
            types = _described(self.values, _type)
            if self.name == "inputs" and set(types) == {"float32"}:
                return  # the fault is further inside
            words = ADVICE[self.name].format(", ".join(types))
            raise TypeError(f"{self.source}: {self.name} must be of {words}") from error
        if misfit := MISFIT.search(str(error)):
            shapes = " and ".join(_described(self.values, _shape)) or "no shape"
            what = "the model" if self.name == "inputs" else "loss_fn"
            words = f"{self.name} of shape {shapes} do not go through {what}: {misfit[1]}"
            raise ValueError(f"{self.source}: {words}") from error
        if self.name == "inputs" and _is_ours(error):
            _prefix(self.source, error)


@contextmanager
def faults_of(source: str) -> Iterator[None]:
    """Begin what a refusal says with the argument that it is about, if it does not name it."""
    try:
        yield
    except (ValueError, TypeError) as error:
        _prefix(source, error)
        raise


@contextmanager
def known_as(name: str, instead_of: str) -> Iterator[None]:
    """Give an argument the name that the reader knows, in what is refused by another function."""
    try:
        yield
    except (ValueError, TypeError) as error:
        if type(error) in (ValueError, TypeError) and re.match(rf"{instead_of}\b", str(error)):
            raise type(error)(name + str(error).removeprefix(instead_of)) from error
        raise


def _is_ours(error: BaseException) -> bool:
    """Tell whether an operator of the package refuses something, and not the reader's own model."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__", "").startswith("nndl.")


def _prefix(source: str, error: BaseException) -> None:
    # an error of a type of its own may be caught by that type, and stays as it is
    own = type(error) not in (ValueError, TypeError)
    if not own and not re.search(rf"\b{source}\b", str(error)):
        raise type(error)(f"{source}: {error}") from error


def _described(values: Any, describe: Callable[[Any], str]) -> list[str]:
    if isinstance(values, (dict, tuple, list)):
        parts = values.values() if isinstance(values, dict) else values
        return [word for part in parts for word in _described(part, describe)]
    return [describe(values)]


def _type(values: Any) -> str:
    return str(values.dtype).removeprefix("paddle.")


def _shape(values: Any) -> str:
    return str(list(values.shape))
