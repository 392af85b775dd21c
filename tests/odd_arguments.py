"""Bad and odd arguments, and the rule that a call must keep when it is given one.

A call either returns, or raises ValueError, TypeError or what its docstring names, in the words of
the package, which say the argument's name. What is not of the kind that the annotation promises
must be refused: no text for a number, no NaN for a rate, nothing but truth values for a flag.
"""

import inspect
import linecache
import math
import numbers
import re
import resource
import signal
import types
import typing
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import nndl
from nndl.device import paddle

PACKAGE = str(Path(nndl.__file__).parent)
SECONDS = 5  # for one call
MEMORY = 4 << 30  # bytes, beyond what there was before

# text that is an integer, a flag or a name to a careless reader, and everything else of Python
PLAIN: dict[str, Any] = {
    "None": None,
    "text": "text",
    "'False'": "False",
    "'2'": "2",
    "empty text": "",
    "nan": math.nan,
    "inf": math.inf,
    "-1": -1,
    "0": 0,
    "2": 2,
    "2**70": 2**70,
    "10**400": 10**400,
    "-1e300": -1e300,
    "1.5": 1.5,
    "1j": 1j,
    "True": True,
    "int64(2)": np.int64(2),
    "bool_": np.bool_(True),
    "float32(0.5)": np.float32(0.5),
    "[]": [],
    "()": (),
    "{}": {},
    "{'a': 1}": {"a": 1},
    "object": object(),
    "class": object,
    "function": len,
    "nested list": [[1, 2], [3, 4]],
    "ragged list": [[1, 2], [3]],
    "list of text": ["a", "b"],
    "list of None": [None, None],
    "pair of nan": (math.nan, math.nan),
    "negative pair": (-1, -1),
    "huge pair": (2**70, 2**70),
    "empty array": np.zeros((0,)),
    "no array's shape": np.zeros((1, 2, 1, 2, 1, 2)),
    "array of text": np.array(["a", "b"]),
    "array of objects": np.array([object(), None]),
    "complex array": np.array([1j, 2j]),
    "array of nan": np.full((2, 2), np.nan),
    "array of bool": np.array([True, False]),
    "tensor": None,  # made below: an import of this table makes nothing
}


def odd_values(valid: Any) -> Iterator[tuple[str, Any]]:
    """Yield bad and odd values by name, some of them the valid one spoilt."""
    for name, value in PLAIN.items():
        yield name, paddle.ones([2, 3]) if name == "tensor" else value
    if isinstance(valid, np.ndarray) and valid.ndim:
        yield from _spoilt(valid, lambda array: array)
        yield "of text", valid.astype(str)
        yield "of objects", np.full(valid.shape, None)
        yield "complex", valid.astype(complex)
        yield "as a tensor", paddle.to_tensor(valid)
    if isinstance(valid, paddle.Tensor):
        yield from _spoilt(valid.numpy(), paddle.to_tensor)
        yield "as an array", valid.numpy()
        yield "as a list", valid.tolist()
        for dtype in ("float64", "int64", "int32", "bool", "complex64"):
            yield f"as {dtype}", valid.astype(dtype)


def _spoilt(array: np.ndarray, finish: Callable) -> Iterator[tuple[str, Any]]:
    """Yield an array with other shapes, and with other numbers."""
    yield "empty batch", finish(array[:0])
    yield "one axis more", finish(array[None])
    yield "one axis less", finish(array[0])
    yield "twice as wide", finish(np.concatenate([array, array], axis=-1))
    yield "no width", finish(array[..., :0])
    yield "one sample less", finish(array[1:])
    if array.dtype.kind == "f":
        yield "of nan", finish(np.full_like(array, np.nan))
        yield "of inf", finish(np.full_like(array, np.inf))
    else:
        yield "of negative numbers", finish(-1 - array.astype("int64"))
        yield "of large numbers", finish(array.astype("int64") + 10**6)


# ---- what a parameter's annotation admits ----------------------------------------------------


def admits(kind: Any, value: Any) -> bool:
    """Tell whether a value may be of an annotated kind; where there is doubt, it may."""
    if kind in (Any, inspect.Parameter.empty) or isinstance(kind, (str, typing.TypeVar)):
        return True
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return any(admits(part, value) for part in parts)
    if kind in (None, type(None)):
        return value is None
    if kind is bool:
        return isinstance(value, (bool, np.bool_))
    truth = isinstance(value, (bool, np.bool_))
    if kind is int:
        return isinstance(value, numbers.Integral) and not truth
    if kind is float:
        real = isinstance(value, numbers.Real) and not truth
        return real and abs(value) < math.inf
    if kind is str:
        return isinstance(value, str)
    if kind is np.ndarray:
        return _is_array_like(value)
    if kind is paddle.Tensor:  # where a tensor is made of an array, that is as good
        return isinstance(value, paddle.Tensor) or _is_array_like(value)
    origin = origin or kind
    if origin is Callable or origin is typing.get_origin(Callable[[], Any]):
        return callable(value)
    if origin is tuple and isinstance(value, (tuple, list)):  # lists do as well
        plain = [part for part in parts if part is not ...]
        if ... not in parts and parts and len(value) != len(parts):
            return False
        kinds = plain * len(value) if ... in parts else plain
        return all(admits(k, v) for k, v in zip(kinds, value, strict=False))
    if origin is tuple:
        return False
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        if isinstance(value, (str, Mapping)) or not hasattr(value, "__len__"):
            return False
        array = isinstance(value, np.ndarray)
        return array or not parts or all(admits(parts[0], item) for item in value)
    if isinstance(origin, type):
        return isinstance(value, origin)
    return True


def _is_array_like(value: Any) -> bool:
    """Tell whether NumPy makes an array of real numbers of a value; a tensor is none."""
    if isinstance(value, paddle.Tensor):
        return False
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except ValueError:
        return False


def kind_of(function: Callable, parameter: inspect.Parameter) -> Any:
    """Return a parameter's annotation; a default of True or False says the same."""
    if isinstance(parameter.default, bool) and parameter.annotation is parameter.empty:
        return bool
    return parameter.annotation


def must_refuse(function: Callable, parameter: inspect.Parameter, value: Any) -> bool:
    """Tell whether a value may not pass, by the parameter's name and annotation."""
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        return False
    if parameter.name == "seed":
        whole = isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))
        return not whole or not 0 <= value < 2**32
    return not admits(kind_of(function, parameter), value)


# ---- the rule --------------------------------------------------------------------------------


class TooLong(BaseException):
    """A call has not come back; no `except Exception` may catch it."""


@contextmanager
def limits() -> Iterator[None]:
    """Stop a call that does not come back, or takes all memory."""

    def stop(*_: Any) -> None:
        raise TooLong

    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    former = signal.signal(signal.SIGALRM, stop)
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, before[1]))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, before)
        signal.signal(signal.SIGALRM, former)


def fault(call: Callable, parameter: inspect.Parameter, value: Any) -> str | None:
    """Make a call with one argument replaced; return what breaks the rule, or None."""
    function = call.function
    given = (value,) if parameter.kind is inspect.Parameter.VAR_POSITIONAL else value
    takes_arrays = "ndarray" in str(parameter.annotation) or parameter.annotation is Any
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with limits():
                call(**{parameter.name: given})
        except TooLong:
            return f"did not come back in {SECONDS} seconds"
        except MemoryError:
            return None  # how much there is depends on the machine
        except BaseException as error:
            if callable(value) and "Callable" in str(parameter.annotation):
                return None  # a function of the caller's has errors of its own
            return _wrong_refusal(function, parameter.name, error)
    if must_refuse(function, parameter, value):
        return "is accepted"
    for warning in caught:
        # the numbers of an array may be any; a setting may not lead to a warning
        if issubclass(warning.category, (RuntimeWarning, DeprecationWarning)) and not takes_arrays:
            return f"warns: {warning.message}"
    return None


def _wrong_refusal(function: Callable, name: str, error: BaseException) -> str | None:
    """Tell what is wrong with an error: its type, where it comes from, or its words."""
    words = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
    if not isinstance(error, (ValueError, TypeError)) and not _documented(function, error):
        return f"an undocumented {words}"
    if isinstance(error, OSError) and error.filename is not None:
        return None  # it is about a file and names it
    frame = error.__traceback__
    while frame.tb_next is not None:
        frame = frame.tb_next
    path = frame.tb_frame.f_code.co_filename
    line = linecache.getline(path, frame.tb_lineno).strip()
    if not path.startswith(PACKAGE) or not line.startswith("raise"):
        return f"not in our words: {words}"
    # of several things one may be named: "layer 2: ..." for what is wrong in `layers`
    if not re.search(rf"\b{re.escape(name.removesuffix('s'))}s?\b", str(error)):
        return f"does not name it: {words}"
    return None


def _documented(function: Callable, error: BaseException) -> bool:
    docstring = inspect.getdoc(function) or ""
    raises = re.search(r"^Raises\n-+\n(.*?)(?:^\w[^\n]*\n-+\n|\Z)", docstring, re.M | re.S)
    named = raises[1] if raises else ""
    return any(re.search(rf"\b{c.__name__}\b", named) for c in type(error).__mro__[:-3])
