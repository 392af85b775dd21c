"""Give a trained model out of hand: a file that predicts without the code that made it."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nndl.device import as_tensor, paddle
from nndl.files import check_path, write_whole
from nndl.runner.backends import modes_kept
from nndl.runner.conversion import MISFIT
from nndl.runner.paths import check_file

__all__ = ["export_model"]

PROGRAM, WEIGHTS = (".json", ".pdmodel"), ".pdiparams"


def export_model(model: Any, path: str | os.PathLike, inputs: Any) -> None:
    """Save a model for inference, its program with its weights.

    ``paddle.jit.load(path)`` gives it back in any process, without the class that it was made of;
    Paddle's inference engine reads it too. The files are written in a folder beside their place,
    loaded once to see that they are whole, and only then renamed: if that fails, what was there
    before is untouched.

    Parameters
    ----------
    model : paddle.nn.Layer
        Its ``forward`` must be one that Paddle can trace.
    path : str or path
        The beginning of the files' names: ``model`` makes ``model.pdiparams`` and others.
    inputs : array, paddle.Tensor, paddle.static.InputSpec, or a sequence of them
        What the model takes: an example, of which any number of samples will do later, or the
        exact specification.

    Raises
    ------
    TypeError
        If ``inputs`` is something else, or of a type that the model does not take.
    ValueError
        If ``path`` is no place where files can be written, or the model can't be run on ``inputs``.
    OSError
        If the files could not be written whole.

    Examples
    --------
    >>> model = paddle.nn.Linear(2, 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_model(model, f"{folder}/linear", np.zeros((1, 2), "float32"))
    ...     again = paddle.jit.load(f"{folder}/linear")
    >>> list(again(paddle.ones([5, 2])).shape)
    [5, 1]
    """
    several = isinstance(inputs, Sequence) and not isinstance(inputs, str)
    specs = [_spec(value) for value in (inputs if several else [inputs])]
    check_path("path", path)
    check_file("path", path)
    path = Path(path)
    for ending in (*PROGRAM, WEIGHTS):
        check_file("path", f"{path}{ending}")
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".export-", dir=path.parent))  # to rename from, not copy
    try:
        files = _written(model, folder / "model", specs, path)
        for file in files:
            write_whole(f"{path}{file.suffix}", partial(shutil.move, file))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _written(model: Any, prefix: Path, specs: list[Any], path: Path) -> list[Path]:
    """Let Paddle write its files, and check that they hold all that they should."""
    try:
        with modes_kept(model):
            model.eval()
            paddle.jit.save(model, str(prefix), input_spec=specs)
        files = sorted(prefix.parent.iterdir(), key=lambda file: file.suffix != WEIGHTS)
        _check_whole(prefix)
    except (ValueError, TypeError) as error:  # of the model: it is run while it is written
        shapes = ", ".join(f"{_shape(spec)} of {_name_of(spec.dtype)}" for spec in specs)
        found = MISFIT.search(str(error))
        words = found[1] if found else str(error).strip().rsplit("\n", 1)[-1].strip()
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            f"inputs [{shapes}] do not go through the model while it is exported: {words}"
        ) from error
    except OSError as error:
        raise OSError(
            error.errno,
            f"the model could not be exported ({error.strerror or error}); what was there before "
            "is untouched",
            str(path),
        ) from error
    return files


def _check_whole(prefix: Path) -> None:
    """Find out whether files are torn: on a full disk Paddle writes what fits, without a word."""
    program = prefix.with_suffix(PROGRAM[0])
    weights = prefix.with_suffix(WEIGHTS)
    try:
        if program.exists():
            json.loads(program.read_text("utf8"))
        if not weights.exists():  # a model without any has no such file
            return
        tensors = paddle.jit.load(str(prefix)).state_dict().values()
    except (ValueError, RuntimeError, OSError) as error:
        raise OSError(errno.EIO, "the files are not whole: the disk may be full") from error
    # a file that lacks its last bytes only is loaded without an error
    if weights.stat().st_size < sum(_size_in_file(tensor) for tensor in tensors):
        raise OSError(errno.EIO, "the files are not whole: the disk may be full")


def _size_in_file(tensor: Any) -> int:
    """Count the bytes of a tensor in Paddle's file: versions, levels, type and shape, values."""
    lengths = sum(1 + max(1, -(-int(n).bit_length() // 7)) for n in tensor.shape)  # as varints
    return 4 + 8 + 4 + 4 + 2 + lengths + tensor.size * tensor.element_size()


def _spec(value: Any) -> Any:
    if isinstance(value, paddle.static.InputSpec):
        return value
    if not isinstance(value, (paddle.Tensor, np.ndarray)) or not value.ndim:
        raise TypeError(
            "inputs must be an example with an axis of samples, or a paddle.static.InputSpec, "
            f"got {type(value).__name__}"
        )
    example = as_tensor(value, "inputs")
    return paddle.static.InputSpec([None, *example.shape[1:]], example.dtype)


def _shape(spec: Any) -> list[int | None]:
    return [None if length == -1 else length for length in spec.shape]


def _name_of(dtype: Any) -> str:
    return str(dtype).removeprefix("paddle.")
