"""The types of inputs and labels: what is converted, and in which words the others are refused.

NumPy computes in double precision and stores pictures and classes in bytes; a layer of Paddle takes
floating-point numbers of its parameters' type only, and most losses take classes as int64.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nndl.device import as_tensor, paddle

__all__: list[str] = []

# what Paddle's messages have in common where a type is not one that an operator takes
TYPE_WORDS = re.compile(
    "Selected wrong DataType|type of data we are trying to retrieve|Type promotion only support|"
    "only support int32 and int64|not implemented for data type"
)


ADVICE = {
    "inputs": "a type that the model takes, got {}: convert them first, such as "
    "x.astype('float32') for numbers or ids.astype('int64') for words",
    "labels": "a type that loss_fn takes, got {}: convert them first, such as "
    "labels.astype('int64') for classes or labels.astype('float32') for numbers",
}


class Reader(NamedTuple):
    """How a model's inputs and labels are made of what a loader gives, one array at a time."""

    inputs: Callable[[Any], Any] = np.asarray
    labels: Callable[[Any], Any] = np.asarray


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
        tensor = as_tensor(values)
        return tensor.astype(wanted) if tensor.dtype in others else tensor

    def as_labels(values: Any) -> Any:
        if isinstance(values, tensor_type) and values.dtype is classes:
            return values
        tensor = as_inputs(values)
        return tensor.astype("int64") if tensor.dtype in few_bits else tensor

    return Reader(as_inputs, as_labels)


class TypesNamed:
    """Name the argument whose type is at fault, where Paddle names an operator inside of it.

    Parameters
    ----------
    name : str
        ``"inputs"`` or ``"labels"``.
    values : tensor, tuple, list or dict
        What was given.
    """

    def __init__(self, name: str, values: Any):
        self.name, self.values = name, values

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        """Say what is wrong, if it is a type."""
        paddles = isinstance(error, (ValueError, TypeError, RuntimeError, OSError))
        if paddles and TYPE_WORDS.search(str(error)):
            types = _types(self.values)
            if self.name == "inputs" and set(types) == {"float32"}:
                return  # the fault is further inside
            words = ADVICE[self.name].format(", ".join(types))
            raise TypeError(f"{self.name} must be of {words}") from error


def _types(values: Any) -> list[str]:
    if isinstance(values, (dict, tuple, list)):
        parts = values.values() if isinstance(values, dict) else values
        return [word for part in parts for word in _types(part)]
    return [str(values.dtype).removeprefix("paddle.")]
