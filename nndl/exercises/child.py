"""Run a learner's code in a copy of this process, which can be ended whatever the code does."""

import faulthandler
import os
import pickle
import select
import signal
import struct
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

__all__ = ["CopyEnded", "can_copy", "results_of"]

LENGTH = struct.Struct("<cQ")  # what a message is, and how many bytes follow
RESULT, PRINTED = b"r", b"p"
MOST_BYTES = 1 << 28
MOST_PRINTED = 20_000  # characters
MORE_MEMORY = 4 << 30  # bytes that the learner's code may take beyond what is in use
GRACE = 0.5  # seconds to take down a copy that is slow to end


class CopyEnded(Exception):  # noqa: N818
    """The copy ended without a result: the code ended Python itself."""


def can_copy() -> bool:
    """Tell whether this process can be copied safely.

    On Linux it can. macOS's own libraries may crash in a copy, Windows has none, and a copy can't
    use a GPU that is in use here.

    Returns
    -------
    bool

    Examples
    --------
    >>> can_copy() in (True, False)
    True
    """
    if not sys.platform.startswith("linux") or not hasattr(os, "fork"):
        return False
    paddle = sys.modules.get("paddle")
    return paddle is None or paddle.get_device().startswith("cpu")


def results_of(
    works: list[Callable[[], Any]], seconds: float, read: Callable[[bytes], Any]
) -> Iterator[Any]:
    """Do some works one after the other in a copy of this process, and give each result.

    Parameters
    ----------
    works : list of callable
        Each returns plain data.
    seconds : float
        How long each may take.
    read : callable
        Makes of the bytes of a result the result; they may hold anything.

    Yields
    ------
    object
        The result of each work in turn.

    Raises
    ------
    TimeoutError
        If a work is still running after its time.
    CopyEnded
        If the copy has ended before its time.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    with warnings.catch_warnings():
        # newer Pythons warn that other threads are not copied; none is needed
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process == 0:
        os.close(reading)
        _be_the_copy(works, writing)
    os.close(writing)
    try:
        messages = _messages(process, reading, seconds)
        for _ in works:
            yield read(next(messages))
    finally:
        os.close(reading)
        _end(process)


def _messages(process: int, reading: int, seconds: float) -> Iterator[bytes]:
    """Give the results as they come, and print what is printed."""
    printed = 0
    while True:
        deadline = time.monotonic() + seconds
        while True:
            kind, length = LENGTH.unpack(_bytes(reading, LENGTH.size, deadline, process))
            if kind not in (RESULT, PRINTED) or length > MOST_BYTES:
                raise CopyEnded("wrote into a file that is not its own")
            content = _bytes(reading, length, deadline, process)
            if kind == RESULT:
                break
            text = content.decode("utf8", "replace")
            print(text[: max(0, MOST_PRINTED - printed)], end="")
            printed += len(text)
        yield content


def _bytes(reading: int, number: int, deadline: float, process: int) -> bytes:
    """Read a number of bytes; know when there will be none."""
    parts = bytearray()
    while len(parts) < number:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        # in short waits: a copy of the copy may hold the other end open after the copy has ended
        ready, _, _ = select.select([reading], [], [], min(left, 0.1))
        if ready:
            part = os.read(reading, min(number - len(parts), 1 << 20))
            if not part:
                raise CopyEnded(_words_of_end(process))
            parts += part
        elif _has_ended(process):
            raise CopyEnded(_words_of_end(process))
    return bytes(parts)


def _has_ended(process: int) -> bool:
    """Tell whether the copy has ended; it still waits to be asked how."""
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _words_of_end(process: int) -> str:
    """Say how the copy ended."""
    limit = time.monotonic() + GRACE
    while not _has_ended(process) and time.monotonic() < limit:
        time.sleep(0.01)
    if not _has_ended(process):
        return "closed the files of Python"
    status = os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if status.si_code == os.CLD_EXITED:
        return f"ended Python itself, with exit status {status.si_status}"
    name = signal.Signals(status.si_status).name
    return f"made Python crash ({name}), as a recursion without end or a wrong address does"


def _end(process: int) -> None:
    """End the copy and what it has started."""
    for kill in (os.killpg, os.kill):
        with suppress(OSError):
            kill(process, signal.SIGKILL)
    with suppress(OSError):
        os.waitpid(process, 0)


class _Printer:
    """Stands in for the output of the copy: sends what is printed to the one who shows it."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, send: Callable[[bytes, bytes], None]):
        self._send, self._left = send, MOST_PRINTED

    def write(self, text: str) -> int:
        """Send a text, as long as it is not too much in all."""
        if self._left > 0:
            self._send(PRINTED, str(text)[: self._left].encode("utf8", "replace"))
            self._left -= len(text)
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        """Nobody watches."""
        return False


def _be_the_copy(works: list[Callable[[], Any]], writing: int) -> None:
    """Do the works, send the results, end."""
    own = os.getpid()

    def send(kind: bytes, content: bytes) -> None:
        if os.getpid() != own:  # a copy that the learner's code has made of the copy
            os._exit(0)
        message = LENGTH.pack(kind, len(content)) + content
        while message:
            message = message[os.write(writing, message) :]

    try:
        os.setsid()  # so that all that it starts can be ended with it
        _limit_memory()
        faulthandler.disable()  # a crash is told by the one who waits
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGALRM, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        sys.stdin = open(os.devnull)  # noqa: SIM115 - for as long as the copy lives
        sys.stdout = sys.stderr = _Printer(send)
        for work in works:
            send(RESULT, pickle.dumps(work(), protocol=4))
    except BaseException:
        with suppress(BaseException):
            send(PRINTED, traceback.format_exc().encode("utf8", "replace"))
        os._exit(1)
    os._exit(0)


def _limit_memory() -> None:
    """Let an array that is far too large fail instead of taking the machine down."""
    import resource  # not on Windows, where nothing is copied

    with suppress(OSError, ValueError, IndexError):
        with open("/proc/self/statm") as file:
            in_use = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = in_use + MORE_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
