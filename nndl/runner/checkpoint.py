"""Weights to a file and back: written whole or not at all, read without running anything.

A ``.pdparams`` file, as Paddle writes it, is a pickle. Unpickling runs whatever code the file
names, so :func:`paddle.load` trusts the file's author with your machine. :func:`load_state` admits
arrays and plain containers and nothing else. A ``.safetensors`` file holds nothing but arrays from
the start.
"""

import hashlib
import os
import pickle
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from nndl.device import paddle
from nndl.files import check_path, open_file, write_whole
from nndl.pickles import load_pickle

__all__ = ["load_state", "save_state", "set_state"]

# Paddle adds this table of its internal names to what it saves.
NAME_TABLE = "StructuredToParameterName@@"
# With protocol 2 or 3 it cuts arrays of more than 1 GB into parts, and says here which.
PARTS_TABLE = "UnpackBigParamInfor@@"
SAFETENSORS = ".safetensors"
# Beside the fields of what save_plain writes: a sum over all the bytes.
CHECKSUM, NO_SUM = "checksum of nndl@@", "0" * 64
CHUNK = 2**20


def save_state(state: Mapping[str, Any], path: str | os.PathLike) -> None:
    """Save a state so that the file is, at any moment, the old one or the new one, whole.

    It is written beside its place, synced to the disk and renamed. A symbolic link stays one: the
    file that it leads to is written.

    Parameters
    ----------
    state : dict
        As :meth:`paddle.nn.Layer.state_dict` gives it: names and tensors, or arrays.
    path : str or path
        The file; its folder is made where it is missing. By its ending it is ``.safetensors`` or
        else Paddle's own, which :func:`paddle.load` reads too.

    Raises
    ------
    TypeError
        If ``state`` is no dict of names, or holds anything but arrays of numbers where they go
        into a ``.safetensors`` file.
    ValueError
        If ``path`` is no path, or one to a folder, a device or a pipe.
    OSError
        If it can't be written; the message names it.
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
    path = Path(check_path("path", path))
    if not isinstance(state, Mapping) or not all(isinstance(name, str) for name in state):
        raise TypeError(f"state must be a dict of named arrays, got {type(state).__name__}")
    if is_safetensors(path):
        arrays = {name: _contiguous(name, value) for name, value in state.items()}
        save = require_safetensors().save
        _write(path, lambda file: Path(file).write_bytes(save(arrays)))
    else:
        _write(path, lambda file: paddle.save(dict(state), file))


def save_plain(content: dict[str, Any], path: str | os.PathLike) -> None:
    """Save arrays in plain containers, nested at will, whole or not at all; for `load_state`.

    With it goes a checksum, so that :func:`load_state` refuses a file of which a bit has changed.
    """
    # the last field, so that it stands in the last bytes
    content = {name: value for name, value in content.items() if name != CHECKSUM}
    content[CHECKSUM] = NO_SUM

    def write(file: str) -> None:
        with open(file, "wb") as opened:
            pickle.dump(content, opened, protocol=4)
        with open(file, "rb+") as opened:
            checksum, place = _checksum(opened, NO_SUM)
            opened.seek(place)
            opened.write(checksum.encode())

    _write(Path(path), write)


def _checksum(file: BinaryIO, given: str) -> tuple[str, int]:
    """Sum up all bytes but those of the sum itself, and tell where that stands."""
    total, size = hashlib.sha256(), file.seek(0, os.SEEK_END)
    before = max(0, size - 2 * len(NO_SUM))
    file.seek(0)
    for begin in range(0, before, CHUNK):
        total.update(file.read(min(CHUNK, before - begin)))
    end = file.read()
    place = end.rfind(given.encode())
    total.update(end.replace(given.encode(), NO_SUM.encode()))
    return total.hexdigest(), before + place


def _write(path: Path, write: Callable[[str], Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, write)


def _contiguous(name: str, value: Any) -> np.ndarray:
    given = value.numpy() if isinstance(value, paddle.Tensor) else value
    try:
        array = np.asarray(given, order="C")
    except ValueError:  # rows of different lengths
        array = np.asarray(None)
    if array.dtype.kind not in "biufc":
        raise TypeError(
            f"state {name!r} must be an array of numbers for a {SAFETENSORS} file, got "
            f"{type(value).__name__}"
        )
    return array


def is_safetensors(path: str | os.PathLike) -> bool:
    """Tell by its ending whether a file is of that format."""
    return Path(path).suffix.lower() == SAFETENSORS


def require_safetensors() -> Any:
    """Give the package that reads and writes that format, or say how to get it."""
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
        If ``path`` is no path to a file, or the file is no such state, is damaged, or names
        anything but arrays and plain containers.
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
    path = check_path("path", path)
    state = _load_safetensors(path) if is_safetensors(path) else load_pickle(path)
    if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
        raise ValueError(f"{os.fspath(path)!r} does not hold a state: a dict of named arrays")
    state.pop(NAME_TABLE, None)
    if PARTS_TABLE in state:
        try:
            _join_parts(state)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{os.fspath(path)!r} has parts that do not fit: {error}") from error
    if isinstance(state.get(CHECKSUM), str):
        given = state.pop(CHECKSUM)
        with open_file(path) as file:
            if given != _checksum(file, given)[0]:
                raise ValueError(f"{os.fspath(path)!r} is damaged: its checksum is another")
    return state


def _load_safetensors(path: str | os.PathLike) -> dict[str, Any]:
    load_file = require_safetensors().load_file
    open_file(path).close()  # a pipe would be read for ever
    try:
        return load_file(path)
    except OSError:
        raise
    except Exception as error:  # the library has errors of its own
        raise ValueError(f"{os.fspath(path)!r} cannot be loaded: {error}") from error


def _join_parts(state: dict[str, Any]) -> None:
    """Make whole arrays of those that Paddle has cut into parts."""
    for name, cut in state.pop(PARTS_TABLE).items():
        parts = [state.pop(part) for part in cut["slices"]]
        state[name] = np.concatenate(parts).reshape(cut["OriginShape"])


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
        If a name is missing or unknown, or a shape or kind of numbers differs. Then no weight has
        been changed.

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
    faults += [
        f"{name} holds numbers of type {_type_of(state[name])}, the model's {_type_of(own[name])}"
        for name in own
        if name in state and not _is_of_type(_type_of(state[name]), _type_of(own[name]))
    ]
    if faults:
        more = f" (and {len(faults) - 5} more)" if len(faults) > 5 else ""
        raise ValueError(f"{source} does not fit the model: {'; '.join(faults[:5])}{more}")
    model.set_state_dict(_in_type_of(model, state))


def _type_of(value: Any) -> str:
    return str(getattr(value, "dtype", type(value).__name__)).removeprefix("paddle.")


def _is_of_type(given: str, own: str) -> bool:
    """Tell whether numbers can stand for others: real ones of another width, but no integers."""
    if own == "bfloat16":  # NumPy has no such type, and Paddle gives the bits
        return given == "uint16" or "float" in given
    return given == own or ("float" in given and "float" in own)


def _in_type_of(model: Any, state: Mapping[str, Any]) -> dict[str, Any]:
    """Give the state with real numbers as wide as the model's."""
    if not isinstance(model, paddle.nn.Layer):
        return dict(state)
    # state_dict() may give float32 where a parameter of mixed precision has 16 bits
    own = model.state_dict() | dict(model.named_parameters())
    return {
        name: paddle.to_tensor(value).astype(own[name].dtype)
        if "float" in _type_of(value) and _type_of(value) != _type_of(own[name])
        else value
        for name, value in state.items()
    }
