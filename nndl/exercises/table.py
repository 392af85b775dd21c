"""What an exercise is: reference, cases, known mistakes and hints in one record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Exercise", "Mistake"]

KINDS = ("number", "code", "experiment")


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that learners give, and what to say to it.

    Parameters
    ----------
    answer : object
        The wrong answer: for code a function, else a value. A learner's answer that agrees with
        it on every case is taken to be this mistake.
    words : str
        What went wrong and where to look, in a sentence or two.

    Examples
    --------
    >>> Mistake(9, "That is the size of the kernel; count its positions.").answer
    9
    """

    answer: Any
    words: str


@dataclass(frozen=True)
class Exercise:
    """One exercise of a chapter.

    Parameters
    ----------
    id : str
        Its name in ``check(id, answer)``, in lower case with hyphens.
    title : str
        As in the chapter.
    reference : object
        The right answer: for code a function, else a value (a number, text, an array, a tuple, a
        dict of these).
    mistakes : tuple of Mistake
        At least three.
    hints : tuple of str
        At least two, each stronger than the one before.
    kind : {"number", "code", "experiment"}
        What is asked for: a value found on paper, a function, or the result of a run.
    cases : tuple of tuple
        For code: the arguments of each call that is compared with the reference.
    tolerance : float
        Largest difference that counts as equal, relative to numbers larger than one; of a whole
        number none does.
    accept : callable, optional
        For an answer that is not one value: tells from the answer whether it is right. Mistakes
        are then still recognized by comparing values.
    look : callable, optional
        For code that must leave something behind: given the arguments after the call, it returns
        what is compared as well.

    Raises
    ------
    ValueError
        If a rule above is broken; the message names the exercise.

    Examples
    --------
    >>> exercise = Exercise(
    ...     id="one-more",
    ...     title="One more",
    ...     kind="code",
    ...     reference=lambda n: n + 1,
    ...     cases=((1,), (5,)),
    ...     mistakes=(
    ...         Mistake(lambda n: n, "That is n itself."),
    ...         Mistake(lambda n: n - 1, "That is one less."),
    ...         Mistake(lambda n: 2 * n, "That is twice n."),
    ...     ),
    ...     hints=("Which number follows n?", "Add 1."),
    ... )
    >>> exercise.reference(3)
    4
    """

    id: str
    title: str
    reference: Any
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    kind: str = "number"
    cases: tuple[tuple, ...] = ()
    tolerance: float = 1e-6
    accept: Callable[[Any], bool] | None = None
    look: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        def rule(broken: bool, words: str) -> None:
            if broken:
                raise ValueError(f"exercise {self.id!r}: {words}")

        rule(self.kind not in KINDS, f"kind must be one of {KINDS}, got {self.kind!r}")
        rule(len(self.mistakes) < 3, f"mistakes must be at least 3, got {len(self.mistakes)}")
        rule(len(self.hints) < 2, f"hints must be at least 2, got {len(self.hints)}")
        rule(self.kind == "code" and not self.cases, "code must have cases, got none")
        rule(self.kind == "code" and not callable(self.reference), "reference must be a function")
        rule(self.kind != "code" and bool(self.cases), "only code has cases")
        rule(self.kind != "code" and self.look is not None, "only code is looked after")
        words = [mistake.words for mistake in self.mistakes]
        rule(len(set(words)) < len(words), "each mistake must have words of its own")
