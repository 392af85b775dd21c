"""Judge an answer: one of five outcomes, with the words that go with it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from nndl.exercises.comparing import as_array, same, short
from nndl.exercises.running import Outcome, error_text, is_stub, run
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
    """The outcome and what to show: lines of (label, text)."""

    outcome: str
    lines: tuple[tuple[str, str], ...] = ()


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
    if untouched(answer):
        return Verdict(NOT_ATTEMPTED)
    if exercise.kind == "code":
        return _judge_code(exercise, answer)
    return _judge_value(exercise, answer)


def untouched(answer: Any) -> bool:
    """Tell whether an answer is still the gap, or made of gaps alone."""
    if answer is None or answer is Ellipsis:
        return True
    if isinstance(answer, (tuple, list)):
        return bool(answer) and all(map(untouched, answer))
    if isinstance(answer, dict):
        return bool(answer) and all(map(untouched, answer.values()))
    return callable(answer) and is_stub(answer)


def _judge_value(exercise: Exercise, answer: Any) -> Verdict:
    if callable(answer):
        return Verdict(CANNOT, (("", "A value is asked for, and this is a function: call it."),))
    lines = [("You answered", short(answer))]
    for mistake in exercise.mistakes:
        if same(mistake.answer, answer, exercise.tolerance):
            lines.append(("A known mistake", mistake.words))
            return Verdict(NOT_PASSED, tuple(lines))
    if exercise.accept is None:
        right = same(exercise.reference, answer, exercise.tolerance)
        unlike = None if right else _unlike(exercise.reference, answer)
    else:
        try:
            right, unlike = bool(exercise.accept(answer)), None
        except Exception:  # the table's own test was written for answers of the right kind
            right, unlike = False, f"An answer of type {type(answer).__name__} can't be read here."
    if right:
        return Verdict(PASSED)
    if unlike:
        return Verdict(CANNOT, (*lines, ("", unlike)))
    shapes = [getattr(as_array(value), "shape", ()) for value in (exercise.reference, answer)]
    if exercise.accept is None and shapes[0] != shapes[1]:
        lines.append(("", f"Its shape is {shapes[1]}; the shape asked for is {shapes[0]}."))
    return Verdict(NOT_PASSED, tuple(lines))


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
    given = "text" if isinstance(answer, str) else f"a value of type {type(answer).__name__}"
    return f"{asked} asked for, and this is {given}."


def _judge_code(exercise: Exercise, answer: Any) -> Verdict:
    if not callable(answer):
        words = f"A function is asked for, and this is {short(answer, 80)}; give its name alone."
        return Verdict(CANNOT, (("", words),))
    outcomes = []
    for case in exercise.cases:
        outcomes.append(run(answer, case))
        if isinstance(outcomes[-1].error, TimeoutError):
            break  # one time limit is enough to wait for
    if outcomes[0].value is Ellipsis or isinstance(outcomes[0].error, NotImplementedError):
        return Verdict(NOT_ATTEMPTED)  # the second is the gap that nbgrader makes
    for case, outcome in zip(exercise.cases, outcomes, strict=False):
        expected = exercise.reference(*run_copy(case))
        if outcome.error is None and same(expected, outcome.value, exercise.tolerance):
            continue
        lines = [("Call", call_text(answer, case))]
        words = _known_mistake(exercise, outcomes)
        if outcome.error is not None:
            lines.append(("Error", error_text(outcome.error)))
            if outcome.where:
                lines.append(("Where", "\n".join(outcome.where)))
        else:
            lines += [("Expected", short(expected)), ("Got", short(outcome.value))]
            if outcome.value is None:
                lines.append(("", "Your function returns nothing. Is there a return?"))
        if words:
            lines.append(("A known mistake", words))
        return Verdict(RAISED if outcome.error is not None else NOT_PASSED, tuple(lines))
    return Verdict(PASSED)


def run_copy(case: tuple) -> tuple:
    """Return a copy of a case, so that no function can change the table."""
    return run(lambda *arguments: arguments, case).value


def call_text(function: Callable, case: tuple) -> str:
    """Return the call of a case as the learner would write it."""
    name = getattr(function, "__name__", type(function).__name__)
    return f"{name}({', '.join(short(argument, 120) for argument in case)})"


def _known_mistake(exercise: Exercise, outcomes: list[Outcome]) -> str | None:
    """Return the words of the mistake that does on every case what the answer did."""
    for mistake in exercise.mistakes:
        theirs = (run(mistake.answer, case) for case in exercise.cases)
        if all(_alike(a, b, exercise.tolerance) for a, b in zip(theirs, outcomes, strict=False)):
            return mistake.words
    return None


def _alike(a: Outcome, b: Outcome, tolerance: float) -> bool:
    if a.error is not None or b.error is not None:
        return type(a.error) is type(b.error)
    return same(a.value, b.value, tolerance)
