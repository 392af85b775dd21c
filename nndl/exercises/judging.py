"""Judge an answer: one of five outcomes, with the words that go with it."""

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

from nndl.exercises.comparing import as_array, same
from nndl.exercises.plain import Other, plain, short
from nndl.exercises.running import Outcome, is_stub, run, run_all, settled
from nndl.exercises.table import Exercise

__all__ = ["OUTCOMES", "Verdict", "judge"]

NOT_ATTEMPTED, PASSED, NOT_PASSED, RAISED, CANNOT = OUTCOMES = (
    "not attempted",
    "passed",
    "not passed",
    "raised",
    "cannot be checked",
)


class Verdict(NamedTuple):
    """The outcome and what to show: lines of (label, text); and what was judged, as plain data."""

    outcome: str
    lines: tuple[tuple[str, str], ...] = ()
    answer: Any = None


def judge(exercise: Exercise, answer: Any) -> Verdict:
    """Return the verdict on an answer.

    Parameters
    ----------
    exercise : Exercise
        From the chapter's table.
    answer : object
        What the learner gave.

    Returns
    -------
    Verdict
    """
    if callable(answer) and is_stub(answer):
        return Verdict(NOT_ATTEMPTED)
    if exercise.kind == "code" and callable(answer):
        return _judge_code(exercise, answer)
    if callable(answer):
        return Verdict(CANNOT, (("", "A value is asked for, and this is a function: call it."),))
    answer = settled(answer)
    gaps, entries = _gaps(answer)
    if gaps == entries:
        return Verdict(NOT_ATTEMPTED)
    if gaps:
        words = f"{gaps} of its {entries} parts {'is' if gaps == 1 else 'are'} still open."
        return Verdict(NOT_ATTEMPTED, (("", words),))
    if exercise.kind == "code":
        words = f"A function is asked for, and this is {short(answer, 80)}; give its name alone."
        return Verdict(CANNOT, (("", words),))
    return _judge_value(exercise, answer)._replace(answer=answer)


def _gaps(answer: Any) -> tuple[int, int]:
    """Count the gaps that are left in an answer, and all its parts."""
    if answer is None or answer is Ellipsis:
        return 1, 1
    if type(answer) not in (tuple, list, dict) or not answer:
        return 0, 1
    counts = [_gaps(part) for part in (answer.values() if type(answer) is dict else answer)]
    return sum(gaps for gaps, _ in counts), sum(entries for _, entries in counts)


def _judge_value(exercise: Exercise, answer: Any) -> Verdict:
    if isinstance(answer, Outcome):  # an object of the learner's own that fails when it is read
        return Verdict(CANNOT, (("", "Your answer can't be read."), ("Error", answer.message)))
    lines = [("You answered", short(answer))]
    for mistake in exercise.mistakes:
        if same(plain(mistake.answer), answer, exercise.tolerance):
            lines.append(("A known mistake", mistake.words))
            return Verdict(NOT_PASSED, tuple(lines))
    reference = plain(exercise.reference)
    if exercise.accept is None:
        right = same(reference, answer, exercise.tolerance)
        unlike = None if right else _unlike(reference, answer)
    else:
        try:
            right, unlike = bool(exercise.accept(answer)), None
        except Exception:  # the table's own test was written for answers of the right kind
            right, unlike = False, f"An answer of type {_kind(answer)} can't be read here."
    if right:
        return Verdict(PASSED)
    if unlike:
        return Verdict(CANNOT, (*lines, ("", unlike)))
    shapes = [getattr(as_array(value), "shape", ()) for value in (reference, answer)]
    if exercise.accept is None and shapes[0] != shapes[1]:
        lines.append(("", f"Its shape is {shapes[1]}; the shape asked for is {shapes[0]}."))
    return Verdict(NOT_PASSED, tuple(lines))


def _kind(answer: Any) -> str:
    return answer.kind if isinstance(answer, Other) else type(answer).__name__


def _unlike(reference: Any, answer: Any) -> str | None:
    """Say what kind of value is asked for, when the answer is of another kind."""
    if isinstance(reference, str):
        return None if isinstance(answer, str) else "Text is asked for: put it in quotes."
    if isinstance(reference, dict):
        keys = ", ".join(map(repr, reference))
        asked = f"A dictionary with the keys {keys} is asked for."
        return None if isinstance(answer, dict) and answer.keys() == reference.keys() else asked
    numbers = as_array(reference)
    if numbers is None or as_array(answer) is not None:
        return None
    asked = "A number is" if numbers.ndim == 0 else "Numbers are"
    given = "text" if isinstance(answer, str) else f"a value of type {_kind(answer)}"
    return f"{asked} asked for, and this is {given}."


def _judge_code(exercise: Exercise, answer: Callable) -> Verdict:
    # what is right is known before the learner's code runs
    expected = [run(exercise.reference, case, exercise.look) for case in exercise.cases]
    texts = [call_text(answer, case) for case in exercise.cases]
    outcomes = run_all(answer, exercise.cases, exercise.look)
    first = outcomes[0]
    value = first.value[0] if exercise.look and not first.error else first.value
    if value is Ellipsis or "NotImplementedError" in first.error:
        return Verdict(NOT_ATTEMPTED)  # the second is the gap that nbgrader makes
    for text, right, outcome in zip(texts, expected, outcomes, strict=False):
        if not outcome.error and same(right.value, outcome.value, exercise.tolerance):
            continue
        lines = [("Call", text), *_what_differs(exercise, right, outcome)]
        if words := _known_mistake(exercise, outcomes):
            lines.append(("A known mistake", words))
        return Verdict(RAISED if outcome.error else NOT_PASSED, tuple(lines))
    return Verdict(PASSED)


def _what_differs(exercise: Exercise, right: Outcome, outcome: Outcome) -> list[tuple[str, str]]:
    if outcome.error:
        where = [("Where", "\n".join(outcome.where))] if outcome.where else []
        return [("Error", outcome.message), *where]
    expected, got = right.value, outcome.value
    if exercise.look is not None:
        (expected, expected_after), (got, got_after) = expected, got
        if same(expected, got, exercise.tolerance):
            return [
                ("", "What it returns is right. What it leaves behind in its arguments is not."),
                ("Expected", short(expected_after)),
                ("Got", short(got_after)),
            ]
    lines = [("Expected", short(expected)), ("Got", short(got))]
    if got is None:
        lines.append(("", "Your function returns nothing. Is there a return?"))
    return lines


def call_text(function: Callable, case: tuple) -> str:
    """Return the call of a case as the learner would write it."""
    name = vars(type(function)).get("__name__") and function.__name__
    name = name if isinstance(name, str) else type(function).__name__
    return f"{name}({', '.join(short(argument, 120) for argument in copy.deepcopy(case))})"


def _known_mistake(exercise: Exercise, outcomes: list[Outcome]) -> str | None:
    """Return the words of the mistake that does on every case what the answer did."""
    for mistake in exercise.mistakes:
        theirs = (run(mistake.answer, case, exercise.look) for case in exercise.cases)
        if all(_alike(a, b, exercise.tolerance) for a, b in zip(theirs, outcomes, strict=False)):
            return mistake.words
    return None


def _alike(a: Outcome, b: Outcome, tolerance: float) -> bool:
    if a.error or b.error:
        return a.error[:1] == b.error[:1]
    return same(a.value, b.value, tolerance)
