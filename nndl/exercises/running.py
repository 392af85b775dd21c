"""Run a learner's function: on copies, within a time limit, whatever it does."""

import copy
import dis
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from nndl.exercises.time_limit import TimeLimit, TimeUp

__all__ = ["Outcome", "error_text", "is_stub", "run"]

PACKAGE = str(Path(__file__).resolve().parents[1])


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
    frames = traceback.extract_tb(error.__traceback__)
    frames = [f for f in frames if not f.filename.startswith(PACKAGE) and f.line]
    own = [f for f in frames if "site-packages" not in f.filename and "/lib/" not in f.filename]
    return tuple(f"line {f.lineno}, in {f.name}: {f.line}" for f in (own or frames)[-most:])


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
