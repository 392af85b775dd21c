"""Run a learner's function: on copies, within a time limit, whatever it does."""

import copy
import dis
import re
import sysconfig
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from nndl.exercises.time_limit import TimeLimit, TimeUp

__all__ = ["Outcome", "error_text", "is_stub", "run"]

PACKAGE = str(Path(__file__).resolve().parents[1])
LIBRARIES = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))


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
        "NOP",
        "RESUME",
        "LOAD_CONST",
        "RETURN_VALUE",
        "RETURN_CONST",
    } and set(code.co_consts) <= {None, Ellipsis, function.__doc__}


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
        with TimeLimit(seconds):
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
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.line]
    frames = [frame for frame in frames if not is_inside(frame.filename, PACKAGE)]
    own = [frame for frame in frames if not is_library(frame.filename)]
    return tuple(f"line {f.lineno}, in {f.name}: {f.line}" for f in (own or frames)[-most:])


def is_library(filename: str, folders: tuple[str, ...] = LIBRARIES) -> bool:
    r"""Tell whether a file is Python's own or an installed package's, on any system.

    Examples
    --------
    >>> is_library(r"C:\Python312\Lib\json\decoder.py", (r"c:\python312\lib",))
    True
    >>> is_library("/home/ada/lib/exercise.py")
    False
    """
    installed = not {"site-packages", "dist-packages"}.isdisjoint(_parts(filename))
    return installed or any(is_inside(filename, folder) for folder in folders)


def is_inside(filename: str, folder: str) -> bool:
    """Tell whether a file lies in a folder; Windows' names count the same in either case.

    Examples
    --------
    >>> is_inside("/home/ada/week1/a.py", "/home/ada/week1")
    True
    >>> is_inside("/home/ada/week10/a.py", "/home/ada/week1")
    False
    """
    inner, outer = _parts(filename), _parts(folder)
    return inner[: len(outer)] == outer


def _parts(path: str) -> list[str]:
    return re.split(r"[\\/]", path.lower() if "\\" in path else path)


def error_text(error: BaseException, limit: int = 400) -> str:
    """Return an error's type and message; Paddle's own can be pages long.

    Examples
    --------
    >>> error_text(ValueError("stride must be positive"))
    'ValueError: stride must be positive'
    """
    name = type(error).__name__
    try:
        message = str(error).strip()
    except Exception:  # an error class of a learner's may fail to say anything
        message = ""
    message = message if len(message) <= limit else message[: limit - 1].rstrip() + "…"
    return f"{name}: {message}" if message else name
