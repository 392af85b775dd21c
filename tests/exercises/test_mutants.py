"""Every answer that differs from a right one in a single place is rejected, or equal to it."""

import ast
import copy
import json
import warnings
from pathlib import Path

import chapter
import mutants
import numpy as np
import pytest

from nndl.exercises import running
from nndl.exercises.judging import judge
from nndl.exercises.registry import find

# exercise -> edit -> why what it makes is right as well
EQUAL = json.loads(Path(__file__).with_name("equal_mutants.json").read_text("utf8"))
CODE = [
    pytest.param(source, exercise, id=exercise.id)
    for source in map(chapter.read, chapter.chapter_files())
    for exercise in source.exercises()
    if find(exercise.id).kind == "code"
]


def function_of(code: str, names: dict):
    """Return the function that a solution defines last."""
    own = dict(names)
    exec(compile(code, "<an answer>", "exec"), own)
    return own[[n.name for n in ast.parse(code).body if hasattr(n, "name")][-1]]


@pytest.mark.slow
@pytest.mark.parametrize(("source", "exercise"), CODE)
def test_every_mutant_is_rejected_or_equal(source, exercise, monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 2.0)
    record, names = find(exercise.id), mutants.names_of(source)
    solution = chapter.solution(exercise.cell("exercise").text + "\n")
    assert judge(record, function_of(solution, names)).outcome == "passed"
    equal, found = EQUAL.get(exercise.id, {}), set()
    survivors = []
    for mutant in mutants.mutants(solution):
        found.add(mutant.name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                answer = function_of(mutant.code, names)
            except Exception:  # it can't even be defined
                continue
            if judge(record, answer).outcome == "passed" and mutant.name not in equal:
                survivors.append(mutant.name)
    assert not survivors, f"{exercise.id}: wrong answers that pass:\n" + "\n".join(survivors)
    assert found, "an answer without a mutant tests nothing"
    assert equal.keys() <= found, f"edits that are none: {equal.keys() - found}"


def test_each_equal_mutant_has_a_reason():
    for exercise, edits in EQUAL.items():
        assert find(exercise).kind == "code"
        assert all(len(reason.split()) >= 3 for reason in edits.values())


def cut(value):
    """Return a result with every number in it cut to a whole one, as an array of integers does."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(cut, value))
    array = np.asarray(value)
    return np.trunc(array) if array.dtype.kind == "f" else value


def has_fractions(value) -> bool:
    """Tell whether a result holds floating-point numbers."""
    if isinstance(value, (tuple, list)):
        return any(map(has_fractions, value))
    return np.asarray(value).dtype.kind == "f"


@pytest.mark.parametrize("name", [parameters.id for parameters in CODE])
def test_an_answer_cut_to_whole_numbers_is_rejected(name):
    record = find(name)
    results = [record.reference(*copy.deepcopy(case)) for case in record.cases]
    if any(map(has_fractions, results)):
        assert judge(record, lambda *case: cut(record.reference(*case))).outcome == "not passed"
