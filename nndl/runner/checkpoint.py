"""Weights to a file and back: written whole or not at all, read without running anything.

A ``.pdparams`` file, as Paddle writes it, is a pickle. Unpickling runs whatever code the file
names, so :func:`paddle.load` trusts the file's author with your machine. :func:`load_state` admits
arrays and plain containers and nothing else. A ``.safetensors`` file holds nothing but arrays from
the start.
"""

import os
import pickle
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from nndl.device import paddle
from nndl.files import open_file, write_whole
from nndl.pickles import load_pickle

__all__ = ["load_state", "save_state", "set_state"]

# Paddle adds this table of its internal names to what it saves.
NAME_TABLE = "StructuredToParameterName@@"
# With protocol 2 or 3 it cuts arrays of more than 1 GB into parts, and says here which.
PARTS_TABLE = "UnpackBigParamInfor@@"
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
    if path.suffix == SAFETENSORS:
        arrays = {name: _contiguous(value) for name, value in state.items()}
        save = _safetensors().save
        _write(path, lambda file: Path(file).write_bytes(save(arrays)))
    else:
        _write(path, lambda file: paddle.save(dict(state), file))


def save_plain(content: Any, path: str | os.PathLike) -> None:
    """Save arrays in plain containers, nested at will, whole or not at all; for `load_state`."""

    def write(file: str) -> None:
        with open(file, "wb") as opened:
            pickle.dump(content, opened, protocol=4)

    _write(Path(path), write)


def _write(path: Path, write: Callable[[str], Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, write)


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
    state = _load_safetensors(path) if is_safetensors else load_pickle(path)
    if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
        raise ValueError(f"{os.fspath(path)!r} does not hold a state: a dict of named arrays")
    state.pop(NAME_TABLE, None)
    if PARTS_TABLE in state:
        try:
            _join_parts(state)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{os.fspath(path)!r} has parts that do not fit: {error}") from error
    return state


def _load_safetensors(path: str | os.PathLike) -> dict[str, Any]:
    load_file = _safetensors().load_file
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
