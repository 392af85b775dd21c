"""The exercises of every chapter: the right answer passes, each mistake is told in its words."""

import pytest

from nndl.exercises.judging import judge
from nndl.exercises.registry import chapters

EXERCISES = [
    pytest.param(exercise, id=f"{number}-{name}")
    for number, exercises in chapters().items()
    for name, exercise in exercises.items()
]
each_exercise = pytest.mark.parametrize("exercise", EXERCISES)


@each_exercise
def test_the_reference_passes(exercise):
    assert judge(exercise, exercise.reference).outcome == "passed"


@each_exercise
def test_each_mistake_is_told_in_its_own_words(exercise):
    for mistake in exercise.mistakes:
        verdict = judge(exercise, mistake.answer)
        assert verdict.outcome in ("not passed", "raised"), mistake.words
        assert ("A known mistake", mistake.words) in verdict.lines, mistake.words
