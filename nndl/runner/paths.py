"""Look at the places where a run is to write before it begins, not after hours of training."""

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

from nndl import files
from nndl.runner.checkpoint import is_safetensors, require_safetensors

__all__: list[str] = []


def check_file(name: str, path: Any) -> None:
    """Check that a file can be written, without leaving a trace.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    path : str or path, or None
        The file, which may be there already; its folder may be missing. ``None`` is no file.

    Raises
    ------
    ValueError
        If it is no path, names a folder, a device or the like, or can't be written there.
    """
    check_path(name, path)
    if path is None:
        return
    text = os.fspath(path)
    if str(text).endswith(("/", os.sep)):
        raise ValueError(f"{name} must name a file, got the folder {text!r}")
    try:
        target = Path(os.path.realpath(text))  # a link is written through
        kind = stat.S_IFMT(target.stat().st_mode) if target.exists() else stat.S_IFREG
        if kind == stat.S_IFDIR:
            raise ValueError(f"{name} must name a file, got the folder {text!r}")
        if kind != stat.S_IFREG:
            raise ValueError(f"{name} must name a file, got {text!r}, which is a device or a pipe")
        folder = target.parent
        while not folder.exists():
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder):  # the one sure way to find out
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno == errno.ENAMETOOLONG:
            reason = "a name in it is too long"
        raise ValueError(
            f"{name} must be a file that can be written, got {text!r}: {reason}"
        ) from error


def check_path(name: str, path: Any) -> None:
    """Check that something is a path at all, or ``None``."""
    if path is not None:
        files.check_path(name, path)


def check_weights_file(name: str, path: Any) -> None:
    """Check that weights can be written to a file, by its ending too."""
    check_file(name, path)
    if path is not None and is_safetensors(path):
        require_safetensors()


def check_checkpoint_file(name: str, path: Any) -> None:
    """Check that a checkpoint, which holds more than arrays, can be written to a file."""
    check_file(name, path)
    if path is not None and is_safetensors(path):
        raise ValueError(
            f"{name} must not end in .safetensors, got {os.fspath(path)!r}: that format holds "
            "arrays only, a checkpoint also the history and the random states; "
            "save_path takes it"
        )


def check_distinct(**paths: Any) -> None:
    """Check that no two arguments name one file, in whatever spelling."""
    given = [(name, path) for name, path in paths.items() if path is not None]
    for number, (name, path) in enumerate(given):
        for other, its_path in given[:number]:
            if is_same_file(path, its_path):
                raise ValueError(
                    f"{other} and {name} must be two files, got {os.fspath(its_path)!r} and "
                    f"{os.fspath(path)!r}: the weights and the checkpoint would overwrite "
                    "each other"
                )


def is_same_file(one: str | os.PathLike, other: str | os.PathLike) -> bool:
    """Tell whether two paths lead to one file, be it there or not."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them is not there yet
        return False
