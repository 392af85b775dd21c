"""Find the exercises: every module of this folder named after a chapter, ``chNN``."""

import difflib
import re
from functools import cache
from importlib import import_module
from pathlib import Path

from nndl.exercises.plain import short
from nndl.exercises.table import Exercise

__all__ = ["UnknownExercise", "chapters", "find"]


class UnknownExercise(Exception):  # noqa: N818
    """There is no exercise with this id."""


@cache
def chapters() -> dict[str, dict[str, Exercise]]:
    """Return the exercises of each chapter, by id.

    Returns
    -------
    dict of str to dict
        ``{"04": {"conv-positions": Exercise(...), ...}, ...}`` in the order of the chapters.

    Raises
    ------
    ValueError
        If two exercises have one id.
    """
    found: dict[str, dict[str, Exercise]] = {}
    owner: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob("ch[0-9][0-9].py")):
        number = re.sub(r"\D", "", path.stem)
        found[number] = {}
        for exercise in import_module(f"nndl.exercises.{path.stem}").EXERCISES:
            if exercise.id in owner:
                raise ValueError(
                    f"exercise {exercise.id!r} stands in chapters {owner[exercise.id]} and {number}"
                )
            owner[exercise.id] = number
            found[number][exercise.id] = exercise
    return found


def find(exercise_id: str) -> Exercise:
    """Return the exercise with this id.

    Parameters
    ----------
    exercise_id : str
        As in ``check(id, answer)``.

    Returns
    -------
    Exercise

    Raises
    ------
    UnknownExercise
        If there is none; the message names the closest id.
    """
    if not isinstance(exercise_id, str):
        kind = type(exercise_id).__name__
        raise UnknownExercise(f"There is no exercise with a {kind} for a name; it is a text")
    table = {name: exercise for part in chapters().values() for name, exercise in part.items()}
    if exercise_id in table:
        return table[exercise_id]
    close = difflib.get_close_matches(exercise_id, table, n=1)
    guess = f"; did you mean {close[0]!r}?" if close else ""
    raise UnknownExercise(f"There is no exercise {short(exercise_id)}{guess}")
