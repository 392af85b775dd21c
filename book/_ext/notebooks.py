"""Make the notebooks of the chapters: the student's, and the teacher's with the solutions.

Run as ``python book/_ext/notebooks.py`` (``make notebooks``). The student notebooks are committed
under ``notebooks/en``, without outputs, so that Colab can open them from the repository alone; a
test makes them again and compares.
"""

import argparse
import hashlib
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import chapter
import exercises
import nbformat
import quiz
import sections
from plain_markdown import Converter

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = chapter.ROOT
sys.path.insert(0, str(ROOT))  # the tables of exercises of this clone, installed or not
SET_UP = Path(__file__).with_name("set_up_cell.py")
# cells that only the page needs, or that only make sense on it
HIDDEN = {"remove-cell"}
SET_UP_METADATA = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["set-up"]}


def settings(root: Path = ROOT, repository: str = "", revision: str = "") -> dict:
    """Return what the set-up cell is told: where the package and Paddle's GPU builds are.

    Parameters
    ----------
    root : Path
        The clone, whose `pyproject.toml` has both (``[project.urls] Repository``, ``[tool.nndl]
        paddle-gpu-indexes``), so that a clone anywhere makes the same notebooks.
    repository, revision : str
        The repository, its full address, and the commit to take instead: of notebooks that are
        published, and must find the package in the state that they were made from.
    """
    known = tomllib.loads((root / "pyproject.toml").read_text("utf8"))
    return {
        "REPOSITORY": repository or known["project"].get("urls", {}).get("Repository", ""),
        "REVISION": revision,
        "PADDLE_GPU_INDEXES": known.get("tool", {}).get("nndl", {}).get("paddle-gpu-indexes", {}),
    }


def set_up_cell(root: Path = ROOT, repository: str = "", revision: str = "") -> str:
    """Return the text of the cell that sets a notebook up."""
    text = SET_UP.read_text("utf8")
    for name, value in settings(root, repository, revision).items():
        told = json.dumps(value, indent=4 if isinstance(value, dict) else None)
        text = re.sub(
            rf'^{name} = (""|{{}})', lambda _, n=name, t=told: f"{n} = {t}", text, flags=re.M
        )
    return text.strip()


def make(path: Path, kind: str, titles: dict[str, str], set_up: str = "") -> nbformat.NotebookNode:
    """Return one notebook of a chapter.

    Parameters
    ----------
    path : Path
        The chapter's source.
    kind : {"student", "solution"}
        With gaps, or with the solutions.
    titles : dict of str to str
        Title of each page, by the name of its file.
    set_up : str
        The text of the cell that sets it up, if it is another one than everybody's.

    Raises
    ------
    chapter.ChapterError
        If the source holds what a notebook cannot show; names file and line.
    """
    source = chapter.read(path)
    chapter.validate(source, exercises.exercise_table(source.number))
    source = chapter.parse(quiz.shuffled(path.read_text("utf8"), source.number), path)
    convert, needs = Converter(source, titles), sections.needs_from_above(source)
    # the teacher's keeps the marks of the solutions: nbgrader makes a release from it
    code = chapter.stub if kind == "student" else str
    cells: list[dict] = []
    for part in source.parts():
        if isinstance(part, chapter.Exercise):
            cells += _exercise_cells(part, convert, code)
        elif part.name == "code-cell":
            if not HIDDEN & set(part.tags):
                cells.append(_cell("code", part.text, _tags(part)))
        else:
            text = convert.text(part).strip()
            text = sections.say_so(text, needs) if part.name == "" else text
            if part is source.blocks[0]:
                # the title first; then what sets it up, folded in Jupyter and in Colab
                head, _, rest = text.partition("\n")
                _append_markdown(cells, f"{head}\n\n{exercises.facts(source)}".strip())
                cells.append(_cell("code", set_up or set_up_cell(), dict(SET_UP_METADATA)))
                text = rest.strip()
            _append_markdown(cells, text)
    for index, cell in enumerate(cells):
        digest = hashlib.sha256(f"{path.stem}:{index}:{cell['cell_type']}".encode())
        cell["id"] = digest.hexdigest()[:8]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    document = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    notebook = nbformat.from_dict(document)
    nbformat.validate(notebook)
    return notebook


def _exercise_cells(part: chapter.Exercise, convert: Converter, code) -> list[dict]:
    cells: list[dict] = []
    _append_markdown(cells, f"### Exercise {part.number}: {part.title}")
    for block in part.blocks:
        if block.name != "code-cell":
            _append_markdown(cells, convert.text(block).strip())
            continue
        metadata = _tags(block)
        if "exercise" in block.tags:
            metadata["nbgrader"] = _nbgrader(part.id, solution=True)
        elif "check" in block.tags:
            metadata["nbgrader"] = _nbgrader(f"check-{part.id}", solution=False)
            # a locked cell imports its own: a name of the learner's can't stand in its place
            block = replace(block, text=f"from nndl.exercises import check\n\n{block.text}")
        cells.append(_cell("code", code(block.text + "\n").rstrip("\n"), metadata))
    return cells


def _nbgrader(grade_id: str, solution: bool) -> dict:
    """Return what nbgrader must know of a cell: an answer, or the test worth a point."""
    known = {"grade": not solution, "grade_id": grade_id, "locked": not solution}
    known |= {"schema_version": 3, "solution": solution, "task": False}
    return known if solution else {**known, "points": 1}


def _tags(block: chapter.Block) -> dict:
    return {"tags": block.tags} if block.tags else {}


def _cell(kind: str, text: str, metadata: dict | None = None) -> dict:
    cell = {"cell_type": kind, "id": "", "metadata": metadata or {}, "source": text}
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell


def _append_markdown(cells: list[dict], text: str) -> None:
    """Add text as a cell, or to the cell before if that is text too."""
    if not text:
        return
    if cells and cells[-1]["cell_type"] == "markdown":
        cells[-1]["source"] += "\n\n" + text
    else:
        cells.append(_cell("markdown", text))


def page_titles(folder: Path) -> dict[str, str]:
    """Return the title of each page of a book, by the name of its file."""
    titles = {}
    for path in sorted(folder.glob("*.md")):
        lines = path.read_text("utf8").splitlines()
        titles[path.stem] = next((line[2:].strip() for line in lines if line.startswith("# ")), "")
    return titles


def dumps(notebook: nbformat.NotebookNode) -> str:
    """Return a notebook as text, always the same for the same notebook."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def write(book: Path, kind: str, out: Path, set_up: str = "") -> list[Path]:
    """Write the notebooks of all chapters of a book into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    titles = page_titles(book)
    written = []
    for path in chapter.chapter_files(book):
        target = out / f"{path.stem}.ipynb"
        target.write_text(dumps(make(path, kind, titles, set_up)), "utf8")
        written.append(target)
    return written


def main() -> None:
    """Write both kinds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", default="en", choices=["en", "zh"])
    parser.add_argument("--repository", default="", help="for published ones: its full address")
    parser.add_argument("--revision", default="", help="for published ones: the commit")
    options = parser.parse_args()
    language = options.language
    set_up = set_up_cell(ROOT, options.repository, options.revision)
    book = ROOT / "book" if language == "en" else ROOT / language / "book"
    folders = {
        "student": ROOT / "notebooks" / language,
        "solution": ROOT / "_build" / "solutions" / language,
    }
    for kind, folder in folders.items():
        for path in write(book, kind, folder, set_up):
            print(os.path.relpath(path, Path.cwd()))


if __name__ == "__main__":
    main()
