"""Files of this machine: written whole or not at all, opened only where they are files.

Every file that the package writes goes through :func:`write_whole`: weights, checkpoints, the
progress of a learner, downloads.
"""

import errno
import hashlib
import os
import platform
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["open_file", "remove_leftovers", "write_whole"]

# Of what another machine, or one without locks, has left: no write lasts so long without a byte.
LEFTOVER_AGE = 24 * 3600  # seconds
NO_SPACE = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)


def write_whole(path: str | os.PathLike, write: Callable[[str], Any]) -> None:
    """Write a file so that it is, at any moment, the old one or the new one, whole.

    It is written beside its place, synced to the disk and renamed. A symbolic link stays one: the
    file that it leads to is written. A new file gets the mode that the process gives to new files
    (its umask), an old one keeps its own. What a process that was killed had begun to write to the
    same file is removed.

    Parameters
    ----------
    path : str or path
        The file, in a folder that exists.
    write : callable
        Gets the name of an empty file beside the target, and fills it.

    Raises
    ------
    ValueError
        If ``path`` names a folder, a device or a pipe.
    OSError
        If the file can't be written; the message names it. Then there is no new file, and an old
        one is as it was.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "note.txt"
    ...     write_whole(path, lambda name: Path(name).write_text("all of it"))
    ...     print(path.read_text(), [file.name for file in path.parent.iterdir()])
    all of it ['note.txt']
    """
    target = _target(path)
    if not callable(write):
        raise ValueError(f"write must be a function, got {write!r}")
    remove_leftovers(target)
    try:
        old = _status(target)
        if old is not None and not stat.S_ISREG(old.st_mode):
            raise ValueError(f"path must name a file, got the {_kind(old)} {os.fspath(path)!r}")
        mode = 0o666 if old is None else 0o600 | old.st_mode & 0o777
        with _beside(target, mode) as temporary:
            write(str(temporary))
            # by its name: what wrote it may have replaced the file that was made
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
            if old is not None:
                _give_status(temporary, old)
            os.replace(temporary, target)
    except OSError as error:
        raise _named(error, path) from error


def remove_leftovers(path: str | os.PathLike) -> None:
    """Remove what processes that were killed while they wrote a file have left beside it.

    What is still being written stays. A writer on this machine holds a lock that goes with its
    process; of another machine's only what is a day old goes.

    Parameters
    ----------
    path : str or path
        The file that they wrote; neither it nor its folder need exist.

    Examples
    --------
    >>> remove_leftovers("no/such/folder/weights.pdparams")
    """
    target = _target(path)
    with suppress(OSError):
        for file in target.parent.glob(f"{_beginning(target)}*.tmp"):
            with suppress(OSError):  # gone already, or not ours to remove
                if _is_abandoned(file):
                    file.unlink()


def open_file(path: str | os.PathLike) -> BinaryIO:
    """Open a file to read bytes; refuse what is none, such as a pipe, which would never end.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    file object

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is a folder, a device or a pipe.

    Examples
    --------
    >>> open_file(os.curdir)
    Traceback (most recent call last):
    ...
    ValueError: '.' must be a file, it is a folder
    """
    path = check_path("path", path)
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{path!r} must be a file, it is a {_kind(status)}")
    return open(path, "rb")


def check_path(name: str, value: str | os.PathLike) -> str:
    """Return a path as text; refuse what is none, such as the number of an open file.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : str or path
        What was given.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If it is no path, or an empty one.

    Examples
    --------
    >>> check_path("folder", 1)
    Traceback (most recent call last):
    ...
    ValueError: folder must be a path, got 1
    """
    text = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if not isinstance(text, str) or not text or "\0" in text:
        raise ValueError(f"{name} must be a path, got {value!r}")
    return text


def _target(path: str | os.PathLike) -> Path:
    """Follow symbolic links, also one that leads nowhere yet."""
    return Path(os.path.realpath(check_path("path", path)))


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _kind(status: os.stat_result) -> str:
    if stat.S_ISDIR(status.st_mode):
        return "folder"
    return "pipe" if stat.S_ISFIFO(status.st_mode) else "device"


def _beginning(target: Path) -> str:
    """Begin the name of a temporary file: short, however long the file's own name is."""
    return f".nndl-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:10]}-"


def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


@contextmanager
def _beside(target: Path, mode: int) -> Iterator[Path]:
    """Make an empty file beside the target, locked while it is written, gone in the end."""
    temporary, lock = _make_locked(target, mode)
    try:
        yield temporary
    finally:  # also when the user stops it
        if lock is not None:
            os.close(lock)
        with suppress(OSError):
            temporary.unlink()


def _make_locked(target: Path, mode: int) -> tuple[Path, int | None]:
    while True:
        name = f"{_beginning(target)}{_machine()}-{secrets.token_hex(4)}.tmp"
        temporary = target.with_name(name)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        if fcntl is None:  # Windows, where an open file can't be renamed
            os.close(handle)
            return temporary, None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if temporary.exists():
                return temporary, handle
        except BlockingIOError:
            pass
        except OSError:  # a file system without locks
            return temporary, handle
        os.close(handle)  # before it was locked, remove_leftovers() found it: another one


def _is_abandoned(file: Path) -> bool:
    """Tell whether nobody writes a temporary file any more."""
    if time.time() - file.stat().st_mtime > LEFTOVER_AGE:
        return True
    if fcntl is None or f"-{_machine()}-" not in file.name:
        return False
    with open(file, "rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _give_status(file: Path, old: os.stat_result) -> None:
    """Give a new file the mode of the old one, and its owner and group where that is allowed."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(file, old.st_uid, old.st_gid)
    os.chmod(file, stat.S_IMODE(old.st_mode))


def _named(error: OSError, path: str | os.PathLike) -> OSError:
    """Give the same error with the name of the file that was asked for, and a way out."""
    reason = error.strerror or str(error)
    if error.errno in NO_SPACE:
        reason += "; make room there, or choose a path on another disk"
    message = f"cannot write the file: {reason}"
    if error.errno is None:
        return OSError(f"{message}: {os.fspath(path)!r}")
    return OSError(error.errno, message, os.fspath(path))
