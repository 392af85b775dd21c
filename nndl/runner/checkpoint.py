"""Weights to a file and back: written whole or not at all, read without running anything.

A ``.pdparams`` file, as Paddle writes it, is a pickle. Unpickling runs whatever code the file
names, so :func:`paddle.load` trusts the file's author with your machine. :func:`load_state` admits
arrays and plain containers and nothing else. A ``.safetensors`` file holds nothing but arrays from
the start.
"""

import collections
import os
import pickle
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from nndl.device import paddle

__all__ = ["load_state", "save_state", "set_state"]

# Paddle adds this table of its internal names to what it saves.
NAME_TABLE = "StructuredToParameterName@@"
SAFETENSORS = ".safetensors"


def save_state(state: Mapping[str, Any], path: str | os.PathLike) -> None:
    """Save a state so that the file is, at any moment, the old one or the new one, whole.

    It is written beside its place, synced to the disk and renamed.

    Parameters
    ----------
    state : dict
        As :meth:`paddle.nn.Layer.state_dict` gives it: names and tensors, or arrays.
    path : str or path
        The file; its folder is made where it is missing. By its ending it is ``.safetensors`` or
        else Paddle's own, which :func:`paddle.load` reads too.

    Raises
    ------
    ValueError
        If ``path`` is a folder.
    ImportError
        If it ends in ``.safetensors`` and that package is not installed.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "weights.pdparams"
    >>> save_state({"weight": paddle.ones([2])}, path)
    >>> load_state(path)["weight"].tolist()
    [1.0, 1.0]
    >>> folder.cleanup()
    """
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"path must name a file, got the folder {str(path)!r}")
    if path.suffix == SAFETENSORS:
        arrays = {name: _contiguous(value) for name, value in state.items()}
        save_file = _safetensors().save_file
        _write_whole(path, lambda file: save_file(arrays, file))
    else:
        _write_whole(path, lambda file: paddle.save(dict(state), file))


def save_plain(content: Any, path: str | os.PathLike) -> None:
    """Save arrays in plain containers, nested at will, whole or not at all; for `load_state`."""

    def write(file: str) -> None:
        with open(file, "wb") as opened:
            pickle.dump(content, opened, protocol=4)

    _write_whole(Path(path), write)


def _write_whole(path: Path, write: Callable[[str], Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(str(temporary))
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(path: str | os.PathLike) -> None:
    """Remove what processes that were killed while they wrote this file have left beside it."""
    path = Path(path)
    if path.parent.is_dir():
        for file in path.parent.iterdir():
            if file.name.startswith(f".{path.name}.") and file.suffix == ".tmp":
                file.unlink(missing_ok=True)


def _contiguous(value: Any) -> np.ndarray:
    array = value.numpy() if isinstance(value, paddle.Tensor) else value
    return np.asarray(array, order="C")


def _safetensors() -> Any:
    try:
        return import_module("safetensors.numpy")
    except ImportError as error:
        raise ImportError(
            "a .safetensors file needs the package of that name: pip install safetensors; "
            "a path that ends in .pdparams needs nothing"
        ) from error


def load_state(path: str | os.PathLike) -> dict[str, Any]:
    """Load a state without executing anything that the file may contain.

    Parameters
    ----------
    path : str or path
        A file written by :func:`save_state` or by :func:`paddle.save` of a ``state_dict``, or any
        ``.safetensors`` file.

    Returns
    -------
    dict
        Names and NumPy arrays (and plain values, if any were saved).

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no such state, is damaged, or names anything but arrays and plain containers.
    ImportError
        If it ends in ``.safetensors`` and that package is not installed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "harmful.pdparams"
    ...     size = path.write_bytes(pickle.dumps({"weight": print}))
    ...     load_state(path)
    Traceback (most recent call last):
        ...
    ValueError: ... it asks for builtins.print...
    """
    is_safetensors = Path(path).suffix == SAFETENSORS
    load_file = _safetensors().load_file if is_safetensors else None
    try:
        with open(path, "rb") as file:
            state = load_file(path) if load_file else _plain(_ArraysOnly(file).load())
    except OSError:
        raise
    except Exception as error:
        # A damaged pickle can raise nearly anything.
        raise ValueError(f"{os.fspath(path)!r} cannot be loaded: {error}") from error
    if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
        raise ValueError(f"{os.fspath(path)!r} does not hold a state: a dict of named arrays")
    state.pop(NAME_TABLE, None)
    return state


def set_state(model: Any, state: Mapping[str, Any], source: str = "the state") -> None:
    """Give a model its weights, all of them and no others.

    :meth:`paddle.nn.Layer.set_state_dict` passes over what is missing or does not fit; a model
    that is half loaded computes nonsense without a word.

    Parameters
    ----------
    model : paddle.nn.Layer or Op
        It takes the weights.
    state : dict
        Names and arrays.
    source : str
        What the error message calls it.

    Raises
    ------
    ValueError
        If a name is missing or unknown, or a shape differs. Then no weight has been changed.

    Examples
    --------
    >>> set_state(paddle.nn.Linear(2, 1), {"weight": np.zeros((2, 1), "float32")}, "my.pdparams")
    Traceback (most recent call last):
        ...
    ValueError: my.pdparams does not fit the model: bias is missing
    """
    own = model.state_dict()
    faults = [f"{name} is missing" for name in own if name not in state]
    faults += [f"{name} is not in the model" for name in state if name not in own]
    faults += [
        f"{name} has shape {list(np.shape(state[name]))}, the model has {list(own[name].shape)}"
        for name in own
        if name in state and list(np.shape(state[name])) != list(own[name].shape)
    ]
    if faults:
        more = f" (and {len(faults) - 5} more)" if len(faults) > 5 else ""
        raise ValueError(f"{source} does not fit the model: {'; '.join(faults[:5])}{more}")
    model.set_state_dict(_in_type_of(model, state))


def _in_type_of(model: Any, state: Mapping[str, Any]) -> dict[str, Any]:
    """Give the state with float32 weights rounded where the model's have 16 bits."""
    if not isinstance(model, paddle.nn.Layer):
        return dict(state)
    short = {
        name: parameter.dtype
        for name, parameter in model.named_parameters()
        if parameter.dtype in (paddle.float16, paddle.bfloat16)
    }
    return {
        name: paddle.to_tensor(value).astype(short[name])
        if name in short and np.asarray(value).dtype == np.float32
        else value
        for name, value in state.items()
    }


class _Dtype:
    """Stands in for a pickled ``numpy.dtype``: numbers and truth values only."""

    def __init__(self, code: Any, align: Any = False, copy: Any = True):
        self.dtype = np.dtype(code) if isinstance(code, str) else np.dtype("V")
        if self.dtype.kind not in "biufc":
            raise pickle.UnpicklingError(f"it asks for entries of type {code!r}")

    def __setstate__(self, state: Any) -> None:
        byte_order, *parts = state[1:5]
        if any(part is not None for part in parts):
            raise pickle.UnpicklingError("it asks for entries made of parts")
        if byte_order in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(byte_order)


class _Array:
    """Stands in for a pickled ``numpy.ndarray``, until the bytes have been looked at."""

    def __init__(self, *arguments: Any):
        self.array: np.ndarray | None = None

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, fortran, data = state
        if not isinstance(dtype, _Dtype) or not isinstance(data, bytes):
            raise pickle.UnpicklingError("it holds an array that is not made of bytes")
        flat = np.frombuffer(data, dtype.dtype)
        self.array = flat.reshape(shape, order="F" if fortran else "C").copy()


def _latin1(text: str, encoding: str) -> bytes:
    """Give the bytes that protocol 2, which has none of its own, stores as text."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"it asks for the encoding {encoding!r}")
    return text.encode("latin1")


class _ArraysOnly(pickle.Unpickler):
    """An unpickler that knows the handful of names of which a pickled array is made.

    None of them is NumPy's own: what the file says goes to the two stand-ins above, which check it
    before NumPy sees it.
    """

    _known: ClassVar[dict[tuple[str, str], Any]] = {
        ("numpy", "ndarray"): None,
        ("numpy", "dtype"): _Dtype,
        # NumPy 1 and NumPy 2 have it in different places.
        ("numpy.core.multiarray", "_reconstruct"): _Array,
        ("numpy._core.multiarray", "_reconstruct"): _Array,
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("_codecs", "encode"): _latin1,
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._known[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it asks for {module}.{name}, and only arrays and plain containers are admitted"
            ) from None


def _plain(value: Any) -> Any:
    """Take the arrays out of their stand-ins; refuse whatever else is not plain."""
    if isinstance(value, _Array) and value.array is not None:
        return value.array
    if isinstance(value, dict):
        return {_plain(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_plain(inner) for inner in value)
    if value is None or type(value) in (bool, int, float, complex, str, bytes):
        return value
    raise pickle.UnpicklingError(f"it holds a {type(value).__name__}")
