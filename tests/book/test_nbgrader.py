"""A class is graded as it stands: the teacher's notebook in, the students' back, points out."""

import copy
import os
import sys
from pathlib import Path

import chapter
import exercises
import pytest

import notebooks
from nndl.exercises.ch04 import EXERCISES

nbgrader_api = pytest.importorskip("nbgrader.apps.api")

CHAPTER = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
nndl: {minutes: 10, cpu_seconds: 1, prerequisites: []}
---
# Tiny

```{code-cell} python3
from nndl.exercises import check
```

```{exercise-start} How many positions?
:label: ex-conv-positions
```
A value.

```{code-cell} python3
:tags: [exercise]
positions = ...
### BEGIN SOLUTION
positions = 24 * 18
### END SOLUTION
```

```{code-cell} python3
:tags: [check]
check("conv-positions", positions)
```
```{exercise-end}
```

```{exercise-start} What does it cost?
:label: ex-conv-cost
```
A function.

```{code-cell} python3
:tags: [exercise]
def cost(M, N, U, V):
    ### BEGIN SOLUTION
    return (M - U + 1) * (N - V + 1) * U * V
    ### END SOLUTION
```

```{code-cell} python3
:tags: [check]
check("conv-cost", cost)
```
```{exercise-end}
```
"""
ANSWERS = {
    "blank": {},
    "wrong": {"conv-positions": "positions = 391", "conv-cost": "def cost(*a):\n    return a[9]"},
    "half": {"conv-positions": "positions = 432"},
    # what a name, a variable or an object of the learner's can't do
    "sly": {
        "conv-positions": "import os\npositions = 1\ncheck = lambda *a: None\n"
        "os.environ.pop('NBGRADER_EXECUTION', None)",
        "conv-cost": "import unittest.mock\ncheck = 5\ncost = lambda *a: unittest.mock.ANY",
    },
    "careless": {
        "conv-positions": "check = 5\npositions = 432",
        "conv-cost": "def cost(M, N, U, V):\n    import os\n    os._exit(0)",
    },
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder of nbgrader with one assignment, released."""
    from traitlets.config import Config

    root = tmp_path_factory.mktemp("course")
    (root / "04-tiny.md").write_text(CHAPTER)
    table = {e.id: e for e in EXERCISES if e.id in ("conv-positions", "conv-cost")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exercises, "exercise_table", lambda number: table)
        patch.setenv("PYTHONPATH", str(chapter.ROOT))
        patch.setenv("NNDL_PROGRESS", "off")
        patch.setenv("NBGRADER_EXECUTION", "")  # nbgrader sets it here too: undone with the rest
        # nbgrader makes its database by a command that stands beside this Python
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        made = {kind: notebooks.make(root / "04-tiny.md", kind, {}) for kind in KINDS}
        write(made["solution"], root / "source" / "ps1")
        answers = {**ANSWERS, "solved": None}
        for student, answer in answers.items():
            folder = root / "submitted" / student / "ps1"
            write(made["solution"] if answer is None else filled(made["student"], answer), folder)
        config = Config()
        config.CourseDirectory.root = str(root)
        config.ExecutePreprocessor.timeout = 120
        api = nbgrader_api.NbGraderAPI(config=config)
        released = api.generate_assignment("ps1")
        assert released["success"], released
        for student in answers:
            graded = api.autograde("ps1", student)
            assert graded["success"], graded
        yield api, root


KINDS = ("student", "solution")


def write(notebook, folder):
    folder.mkdir(parents=True)
    (folder / "04-tiny.ipynb").write_text(notebooks.dumps(notebook), "utf8")


def filled(notebook, answers):
    """Return a student's notebook with their answers in place of the gaps."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
    return notebook


def scores(course, student):
    api, _ = course
    with api.gradebook as gradebook:
        submission = gradebook.find_submission("ps1", student)
        return {g.name: g.auto_score for n in submission.notebooks for g in n.grades}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "expected"),
    [
        ("solved", (1, 1)),
        ("blank", (0, 0)),
        ("wrong", (0, 0)),
        ("half", (1, 0)),
        ("sly", (0, 0)),
        ("careless", (1, 0)),
    ],
)
def test_each_student_gets_the_points(course, student, expected):
    found = scores(course, student)
    assert (found["check-conv-positions"], found["check-conv-cost"]) == expected


@pytest.mark.slow
def test_the_release_holds_no_solution(course):
    _, root = course
    text = (root / "release" / "ps1" / "04-tiny.ipynb").read_text("utf8")
    assert "def cost(M, N, U, V)" in text and "24 * 18" not in text and "SOLUTION" not in text


@pytest.mark.slow
def test_a_changed_check_cell_earns_nothing(course):
    """nbgrader puts the locked cells back; the point comes from the teacher's check."""
    _, root = course
    graded = (root / "autograded" / "wrong" / "ps1" / "04-tiny.ipynb").read_text("utf8")
    assert "AssertionError" in graded and "A known mistake" in graded
