"""Exercises: check an answer, ask for a hint, see where you stand.

Examples
--------
>>> from nndl.exercises import check
>>> check("no-such-exercise", 1).outcome
'cannot be checked'
"""

import os
from collections.abc import Callable
from typing import Any

from nndl.exercises.display import Report, Result
from nndl.exercises.judging import CANNOT, NOT_ATTEMPTED, NOT_PASSED, PASSED, judge
from nndl.exercises.progress import Progress, fingerprint
from nndl.exercises.registry import UnknownExercise, chapters, find
from nndl.exercises.running import error_text
from nndl.exercises.table import Exercise, Mistake

__all__ = ["Exercise", "Mistake", "check", "hint", "progress"]

# read once, when the first cell imports this: a cell further down can't take it away
GRADED = bool(os.environ.get("NBGRADER_EXECUTION"))


def check(exercise_id: str, answer: Any = ...) -> Result:
    """Check an answer and say at once what is wrong with it.

    A wrong answer never raises. From the second different attempt on, hints unfold one by one.

    Parameters
    ----------
    exercise_id : str
        The exercise, as named in the chapter.
    answer : object
        Your function or value; ``...`` counts as not attempted.

    Returns
    -------
    Result
        Shown as a card in a notebook; its `outcome` is "not attempted", "passed", "not passed",
        "raised" or "cannot be checked".

    Raises
    ------
    AssertionError
        Only when nbgrader grades the notebook (it sets ``NBGRADER_EXECUTION``) and the answer is
        not right.

    Examples
    --------
    >>> check("no-such-exercise", ...)
    ? no-such-exercise: Cannot be checked
      There is no exercise 'no-such-exercise'...
    """
    result = _guarded(lambda: _check(find(exercise_id), answer), exercise_id)
    if GRADED and not result.passed:
        raise AssertionError(repr(result))
    return result


def _guarded(work: Callable[[], Result], exercise_id: str) -> Result:
    """Return the result of the work, or one that says why there is none."""
    try:
        return work()
    except KeyboardInterrupt:  # the reader stops the cell
        raise
    except UnknownExercise as error:
        words = str(error)
    except BaseException as error:  # a fault of the check itself must not look like the learner's
        words = f"The check itself failed: {error_text(error)}"
    name = exercise_id if isinstance(exercise_id, str) else type(exercise_id).__name__
    return Result(name, CANNOT, (("", words),))


def _check(exercise: Exercise, answer: Any) -> Result:
    verdict = judge(exercise, answer)
    outcome, lines, hints = verdict.outcome, verdict.lines, ()
    if outcome not in (NOT_ATTEMPTED, CANNOT):
        kept = Progress()
        attempts = kept.record(exercise.id, fingerprint(answer, verdict.answer), outcome == PASSED)
        if outcome != PASSED:
            unfolded = max(attempts - 1, kept.get(exercise.id)["hints"])
            hints = exercise.hints[:unfolded]
            kept.unfold(exercise.id, len(hints))
            if not hints and kept.path is not None:
                lines += (
                    (
                        "",
                        f"A hint unfolds with your next try, or at once: `hint({exercise.id!r})`.",
                    ),
                )
    return Result(exercise.id, outcome, lines, hints, exercise.title)


def hint(exercise_id: str) -> Result:
    """Show one more hint of an exercise.

    Parameters
    ----------
    exercise_id : str
        The exercise, as named in the chapter.

    Returns
    -------
    Result
        A card with every hint unfolded so far.

    Examples
    --------
    >>> hint("no-such-exercise").outcome
    'cannot be checked'
    """
    return _guarded(lambda: _hint(find(exercise_id)), exercise_id)


def _hint(exercise: Exercise) -> Result:
    kept = Progress()
    row = kept.get(exercise.id)
    shown = min(row["hints"] + 1, len(exercise.hints))
    kept.unfold(exercise.id, shown)
    return Result(exercise.id, _state(row), (), exercise.hints[:shown], exercise.title)


def progress() -> Report:
    """Show which exercises are passed, tried and open.

    Returns
    -------
    Report
        A table in a notebook, plain text in a terminal.
    """
    known = Progress()
    rows = []
    for chapter, exercises in chapters().items():
        for name, exercise in exercises.items():
            row = known.get(name)
            rows.append((chapter, name, exercise.title, _state(row), row["attempts"]))
    return Report(tuple(rows))


def _state(row: dict) -> str:
    if row["passed"]:
        return PASSED
    return NOT_PASSED if row["attempts"] else NOT_ATTEMPTED
