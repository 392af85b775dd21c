"""Run a learner's function: on copies, within a time limit, whatever it does."""

import copy
import ctypes
import dis
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Outcome", "is_stub", "run"]

PACKAGE = str(Path(__file__).resolve().parents[1])


class TimeUp(BaseException):
    """The time limit; no Exception, so that no `except Exception` of a learner's stops it."""


class Outcome(NamedTuple):
    """What a call did: its value, or what it raised and where in the learner's own lines."""

    value: Any = None
    error: BaseException | None = None
    where: tuple[str, ...] = ()


def is_stub(function: Callable) -> bool:
    """Tell whether a function is still the empty one of the exercise.

    Examples
    --------
    >>> def blank(x):
    ...     ...
    >>> is_stub(blank), is_stub(lambda x: x + 1)
    (True, False)
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    return {i.opname for i in dis.get_instructions(code)} <= {
        "RESUME",
        "LOAD_CONST",
        "RETURN_VALUE",
        "RETURN_CONST",
    } and set(code.co_consts) <= {None, Ellipsis, function.__doc__}


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeUp` in the block when it takes too long."""
    main = threading.current_thread() is threading.main_thread()
    if main and hasattr(signal, "setitimer"):

        def stop(*_: object) -> None:
            raise TimeUp

        before = signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        return
    # Windows, or not the main thread: ask the interpreter to raise it in this thread
    thread = ctypes.c_ulong(threading.get_ident())
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    timer = threading.Timer(seconds, raise_in, (thread, ctypes.py_object(TimeUp)))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def run(function: Callable, arguments: tuple, seconds: float = 5.0) -> Outcome:
    """Call a function on copies of the arguments and return what happened.

    Parameters
    ----------
    function : callable
        The learner's, or one of the table.
    arguments : tuple
        Copied first: the function may change what it is given.
    seconds : float
        The time limit.

    Returns
    -------
    Outcome
        Never raises, except KeyboardInterrupt when the reader stops the cell.
    """
    try:
        arguments = copy.deepcopy(arguments)
        with time_limit(seconds):
            return Outcome(function(*arguments))
    except TimeUp:
        message = f"it was still running after {seconds:g} seconds; is there an endless loop?"
        return Outcome(error=TimeoutError(message))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit and the like of a learner's included
        return Outcome(error=error, where=own_lines(error))


def own_lines(error: BaseException, most: int = 3) -> tuple[str, ...]:
    """Return the last lines of the learner's own code that led to the error."""
    frames = traceback.extract_tb(error.__traceback__)
    frames = [f for f in frames if not f.filename.startswith(PACKAGE) and f.line]
    own = [f for f in frames if "site-packages" not in f.filename and "/lib/" not in f.filename]
    return tuple(f"line {f.lineno}, in {f.name}: {f.line}" for f in (own or frames)[-most:])
