"""Show a chapter's exercises on its page: the gap, the check, the hints and the answer folded.

The source holds each solution once. Before Sphinx reads a chapter, this extension rewrites every
exercise: the cell with its gap is executed as the reader would find it, so that the page runs with
the exercises unsolved.
"""

import traceback
from pathlib import Path

import chapter
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError


def site_view(text: str, path: Path, table: dict) -> str:
    """Return the source of the page for the source of a chapter.

    Parameters
    ----------
    text : str
        The chapter.
    path : Path
        Its file, for its number and for messages.
    table : dict
        The chapter's exercises by id.
    """
    source = chapter.parse(text, path)
    chapter.validate(source, table)
    lines = text.splitlines()
    # from the last to the first, so that the lines above keep their numbers
    for exercise in reversed(source.exercises()):
        start = exercise.line - 1
        stop = next(i for i in range(start, len(lines)) if lines[i].endswith("{exercise-end}")) + 2
        lines[start:stop] = _exercise(exercise, lines[start:stop], start + 1, table[exercise.id])
    heading = next(i for i, line in enumerate(lines) if line.startswith("# "))
    lines.insert(heading + 1, "\n" + facts(source))
    return "\n".join(lines) + "\n"


def facts(source: chapter.Chapter) -> str:
    """Return the line under a chapter's title: time, cost, what to know first."""
    about = source.metadata["nndl"]
    needs = ", ".join(about["prerequisites"]) or "nothing"
    return (
        f"*Chapter {int(source.number)} · about {about['minutes']} minutes · runs in about "
        f"{about['cpu_seconds']} s on two CPU cores · needs: {needs}*\n"
    )


def _exercise(exercise: chapter.Exercise, lines: list[str], first: int, entry) -> list[str]:
    """Return the lines of an exercise on the page."""
    cell = exercise.cell("exercise")
    # a directive's body stays as it is but for the marked lines
    top, bottom = cell.body_line - first, cell.body_line - first + len(cell.text.splitlines())
    shown = chapter.stub(cell.text + "\n").rstrip("\n").splitlines()
    body = lines[:top] + shown + lines[bottom:-2]
    closed = next(i for i, line in enumerate(body) if set(line.strip()) in ({"`"}, {":"}))
    heading = [f"(ex-{exercise.id})=", f"### Exercise {exercise.number}: {exercise.title}"]
    folded = []
    for number, hint in enumerate(entry.hints, start=1):
        folded += ["", f"::::{{dropdown}} Hint {number}", hint, "::::"]
    answer = chapter.solution(cell.text + "\n").rstrip("\n").splitlines()
    folded += ["", "::::{dropdown} Answer", "```{code-block} python", *answer, "```", "::::", ""]
    return heading + body[closed + 1 :] + folded


def rewrite(app: Sphinx, docname: str, source: list[str]) -> None:
    """Rewrite the source of a chapter; leave other pages alone."""
    path = Path(app.env.doc2path(docname))
    if not chapter.CHAPTER_NAME.match(path.stem):
        return
    number = chapter.CHAPTER_NAME.match(path.stem).group(1)
    try:
        source[0] = site_view(source[0], path, exercise_table(number))
    except chapter.ChapterError as error:
        raise ExtensionError(str(error)) from None


def exercise_table(number: str) -> dict:
    """Return the exercises of a chapter by id; a faulty record is named with its file and line."""
    from nndl.exercises import registry

    try:
        return registry.chapters().get(number, {})
    except ValueError as error:
        frames = traceback.extract_tb(error.__traceback__)
        place = [f for f in frames if Path(f.filename).stem == f"ch{number}"] or frames
        raise chapter.ChapterError(Path(place[-1].filename), place[-1].lineno, str(error)) from None


def setup(app: Sphinx) -> dict:
    """Rewrite each chapter before it is read."""
    app.connect("source-read", rewrite)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
