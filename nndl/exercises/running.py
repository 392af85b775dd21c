"""Run a learner's function: on copies, within a time limit, whatever it does."""

import copy
import dis
import io
import re
import sysconfig
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nndl.exercises.child import CopyEnded, can_copy, results_of
from nndl.exercises.plain import code_of, is_plain, packed, plain, unpacked
from nndl.exercises.time_limit import TimeLimit, TimeUp
from nndl.pickles import read_pickle

__all__ = ["Outcome", "error_text", "is_stub", "run", "run_all", "settled"]

PACKAGE = str(Path(__file__).resolve().parents[1])
SECONDS = 5.0  # for each call
MOST_MESSAGE = 400  # characters
LIBRARIES = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))


class Outcome(NamedTuple):
    """What a call did, as plain data.

    Parameters
    ----------
    value : object
        What it returned; with a look at the arguments afterwards, a pair of both.
    error : tuple of str
        The names of the error's type and of those it derives from, nearest first; empty without
        an error.
    message : str
        What the error says.
    where : tuple of str
        The learner's own lines that led to it.
    """

    value: Any = None
    error: tuple[str, ...] = ()
    message: str = ""
    where: tuple[str, ...] = ()

    @property
    def is_late(self) -> bool:
        """Whether it was cut off by the time limit."""
        return self.error[:1] == (TimeUp.__name__,)


def is_stub(function: Callable) -> bool:
    """Tell whether a function is still the empty one of the exercise.

    Examples
    --------
    >>> def blank(x):
    ...     ...
    >>> is_stub(blank), is_stub(lambda x: x + 1)
    (True, False)
    """
    code = code_of(function)
    if code is None:
        return False
    # the text that describes a function is the first of its constants
    texts = {value for value in code.co_consts[:1] if isinstance(value, str)}
    return {i.opname for i in dis.get_instructions(code)} <= {
        "NOP",
        "RESUME",
        "LOAD_CONST",
        "RETURN_VALUE",
        "RETURN_CONST",
    } and set(code.co_consts) <= {None, Ellipsis, *texts}


def run(function: Callable, arguments: tuple, look: Callable | None = None) -> Outcome:
    """Call a function on copies of the arguments and return what happened, as plain data.

    Parameters
    ----------
    function : callable
        The learner's, or one of the table.
    arguments : tuple
        Copied first: the function may change what it is given.
    look : callable, optional
        What of the arguments counts too, after the call; it is given all of them.

    Returns
    -------
    Outcome
        Never raises, except KeyboardInterrupt, and TimeUp if there is a limit around it.
    """
    try:
        arguments = copy.deepcopy(arguments)
        value = plain(function(*arguments))
        return Outcome(value if look is None else (value, plain(look(*arguments))))
    except (KeyboardInterrupt, TimeUp):
        raise
    except BaseException as error:  # SystemExit and the like of a learner's included
        return _failed(error)


def _failed(error: BaseException) -> Outcome:
    kinds = tuple(kind.__name__ for kind in type(error).__mro__)
    return Outcome(None, kinds, error_text(error), own_lines(error))


def _late(seconds: float) -> Outcome:
    message = f"TimeoutError: it was still running after {seconds:g} seconds; "
    return Outcome(None, (TimeUp.__name__,), message + "is there an endless loop?")


def run_all(
    function: Callable,
    cases: Sequence[tuple],
    look: Callable | None = None,
    seconds: float | None = None,
) -> list[Outcome]:
    """Call a learner's function on each case, where it can do no harm if there is such a place.

    Parameters
    ----------
    function : callable
        The learner's.
    cases : sequence of tuple
        The arguments of each call.
    look : callable, optional
        As for :func:`run`.
    seconds : float, optional
        The time limit of each call, of reading and of showing its result; else `SECONDS`.

    Returns
    -------
    list of Outcome
        One a case, but none after a call that did not come back.

    Raises
    ------
    KeyboardInterrupt
        If the reader stops the cell.

    Notes
    -----
    On Linux it runs in a copy of this process, which is ended when its time is up. Elsewhere, and
    on a GPU, it runs here, and an alarm or a second thread asks it to end.
    """
    calls = [lambda case=case: run(function, case, look) for case in cases]
    return _outcomes(calls, SECONDS if seconds is None else seconds)


def settled(answer: Any, seconds: float = SECONDS) -> Any:
    """Return an answer as plain data, also if it is an object of the learner's own.

    Parameters
    ----------
    answer : object
        An answer that is no function.
    seconds : float
        The time limit.

    Returns
    -------
    object
        See :func:`nndl.exercises.plain.plain`; an `Outcome` with an error if it can't be read.
    """
    if is_plain(answer):
        return plain(answer)

    def read() -> Outcome:
        try:
            return Outcome(plain(answer))
        except (KeyboardInterrupt, TimeUp):
            raise
        except BaseException as error:
            return _failed(error)

    outcome = _outcomes([read], seconds)[0]
    return outcome if outcome.error else outcome.value


def _outcomes(calls: list[Callable[[], Outcome]], seconds: float) -> list[Outcome]:
    outcomes: list[Outcome] = []
    if not can_copy():
        return _outcomes_here(calls, seconds)
    try:
        for outcome in results_of([_sent(call) for call in calls], seconds, _received):
            outcomes.append(outcome)
    except TimeoutError:
        outcomes.append(_late(seconds))
    except CopyEnded as error:
        outcomes.append(Outcome(None, ("SystemExit", "BaseException"), f"Your code {error}"))
    return outcomes


def _sent(call: Callable[[], Outcome]) -> Callable[[], tuple]:
    def work() -> tuple:
        try:
            return packed(tuple(call()))
        except KeyboardInterrupt:
            return (None, ("KeyboardInterrupt",), "", ())

    return work


def _received(content: bytes) -> Outcome:
    """Make an outcome of what a copy sent, which may be anything."""
    try:
        value, error, message, where = read_pickle(io.BytesIO(content), len(content))
        outcome = Outcome(unpacked(value), tuple(error), str(message), tuple(where))
    except (ValueError, TypeError) as fault:
        raise CopyEnded("wrote into a file that is not its own") from fault
    if outcome.error == ("KeyboardInterrupt",):
        raise KeyboardInterrupt
    return outcome


def _outcomes_here(calls: list[Callable[[], Outcome]], seconds: float) -> list[Outcome]:
    outcomes = []
    for call in calls:
        try:
            with TimeLimit(seconds):
                outcomes.append(call())
        except TimeUp:
            return [*outcomes, _late(seconds)]  # one time limit is enough to wait for
    return outcomes


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


def error_text(error: BaseException, limit: int = MOST_MESSAGE) -> str:
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
