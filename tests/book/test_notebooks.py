"""Every chapter's notebook, three ways: solved, blank, and with each known mistake."""

import ast
import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import chapter
import exercises
import nbformat
import pytest
import sections
from nbclient import NotebookClient

import notebooks

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = chapter.chapter_files()
each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)


def titles():
    return notebooks.page_titles(ROOT / "book")


@cache
def run(path: Path, kind: str) -> nbformat.NotebookNode:
    """Execute a notebook as a learner would, in a folder of its own; raises on a cell's error."""
    notebook = notebooks.make(path, kind, titles())
    environment = {"NNDL_PROGRESS": "off", "PYTHONPATH": str(ROOT), "JUPYTER_ALLOW_INSECURE": "1"}
    os.environ.update(environment)
    client = NotebookClient(notebook, timeout=300, kernel_name="python3")
    # a thread of its own: in this one Playwright may have left an event loop running
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(client.async_execute(cwd=str(ROOT / "notebooks")))).result()
    return notebook


def check_outputs(notebook) -> dict[str, str]:
    """Return the text of each check cell's output, by exercise."""
    found = {}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            name = cell.metadata.nbgrader.grade_id.removeprefix("check-")
            texts = [o["data"]["text/plain"] for o in cell.outputs if "data" in o]
            found[name] = "\n".join(texts)
    return found


def test_there_are_chapters():
    assert len(CHAPTERS) >= 2


@each_chapter
def test_the_committed_notebook_is_a_fresh_one(path):
    committed = ROOT / "notebooks" / "en" / f"{path.stem}.ipynb"
    fresh = notebooks.dumps(notebooks.make(path, "student", titles()))
    assert committed.read_text("utf8") == fresh, "run `make notebooks` and commit what it writes"


def test_no_notebook_is_left_from_a_chapter_that_is_gone():
    kept = {path.stem for path in (ROOT / "notebooks" / "en").glob("*.ipynb")}
    assert kept == {path.stem for path in CHAPTERS}


@each_chapter
def test_a_chapter_has_enough_exercises_of_all_kinds(path):
    table = exercises.exercise_table(chapter.read(path).number)
    assert len(table) >= 6
    assert {exercise.kind for exercise in table.values()} == {"number", "code", "experiment"}


@each_chapter
def test_exercises_of_page_and_table_are_the_same_in_the_same_order(path):
    source = chapter.read(path)
    table = exercises.exercise_table(source.number)
    on_page = [(exercise.id, exercise.title) for exercise in source.exercises()]
    assert on_page == [(name, exercise.title) for name, exercise in table.items()]


@each_chapter
def test_cells_are_short(path):
    """As the reader sees them: a gap for a solution; one class or function is not torn apart."""
    for block in chapter.read(path).blocks:
        if block.name == "code-cell":
            shown = (
                chapter.stub(block.text + "\n") if "BEGIN SOLUTION" in block.text else block.text
            )
            whole = [type(part) for part in ast.parse(shown).body]
            most = 25 if whole in ([ast.ClassDef], [ast.FunctionDef]) else 16
            assert len(shown.splitlines()) <= most, shown


@each_chapter
def test_a_notebook_holds_no_markup_of_the_page(path):
    for cell in notebooks.make(path, "student", titles()).cells:
        if cell.cell_type == "markdown":
            assert not chapter.ROLE.search(cell.source), cell.source
            assert "```{" not in cell.source and ":::" not in cell.source
            assert "SOLUTION" not in cell.source


@each_chapter
def test_no_cell_takes_the_name_of_a_function_from_another(path):
    """Else a cell that is run once more, after a later one, calls a number."""
    bound = {}
    for block in chapter.read(path).blocks:
        if block.name == "code-cell":
            tree = ast.parse(block.text)
            made = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
            for name in sections.names_of(block.text)[1]:
                bound.setdefault(name, []).append((block.line, name in made))
    twice = {name: places for name, places in bound.items() if len(places) > 1}
    assert not {n: places for n, places in twice.items() if any(made for _, made in places)}


@each_chapter
def test_no_cell_changes_the_folder_that_one_works_in(path):
    """A cell that stops half-way, or is run twice, would leave the learner somewhere else."""
    for block in chapter.read(path).blocks:
        if block.name == "code-cell" and "os.chdir(" in block.text:
            assert "    finally:\n" in block.text, block.line


@pytest.mark.slow
@each_chapter
def test_solved_every_check_passes(path):
    outputs = check_outputs(run(path, "solution"))
    assert set(outputs) == set(exercises.exercise_table(chapter.read(path).number))
    assert not {name: text for name, text in outputs.items() if not text.startswith("✓")}


@pytest.mark.slow
@each_chapter
def test_blank_nothing_raises_and_nothing_counts_as_attempted(path):
    outputs = check_outputs(run(path, "student"))
    assert outputs and not {n: t for n, t in outputs.items() if "Not attempted yet" not in t}


ALL = [
    pytest.param(path, name, number, id=f"{name}-{number}")
    for path in CHAPTERS
    for name, exercise in exercises.exercise_table(chapter.read(path).number).items()
    for number in range(len(exercise.mistakes))
]


@pytest.mark.parametrize(("path", "name", "number"), ALL)
def test_each_known_mistake_is_rejected_with_its_own_words(path, name, number, monkeypatch):
    from nndl.exercises import check

    monkeypatch.setenv("NNDL_PROGRESS", "off")
    exercise = exercises.exercise_table(chapter.read(path).number)[name]
    mistake = exercise.mistakes[number]
    result = check(name, mistake.answer)
    assert result.outcome in ("not passed", "raised")
    assert dict(result.lines)["A known mistake"] == mistake.words


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_the_reference_itself_passes(path, monkeypatch):
    from nndl.exercises import check

    monkeypatch.setenv("NNDL_PROGRESS", "off")
    for name, exercise in exercises.exercise_table(chapter.read(path).number).items():
        assert check(name, exercise.reference).passed, name
