"""Show a chapter's exercises on its page: the gap, the check, the hints and the answer folded.

The source holds each solution once. Before Sphinx reads a chapter, this extension rewrites every
exercise: the cell with its gap is executed as the reader would find it, so that the page runs with
the exercises unsolved. Hints and answer come from a directive of one line, and what a gap is
shorter than its solution is made up by empty lines, so that each line of the page keeps the number
it has in the source: a warning of the build points to the right place.
"""

import traceback
from pathlib import Path

import chapter
import quiz
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective


def site_view(text: str, path: Path, table: dict) -> str:
    """Return the source of the page for the source of a chapter, line for line.

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
    lines = quiz.shuffled(text, source.number).splitlines()
    for exercise in source.exercises():
        _rewrite_exercise(lines, exercise)
    return "\n".join(lines) + "\n"


def _rewrite_exercise(lines: list[str], exercise: chapter.Exercise) -> None:
    """Rewrite the lines of an exercise in place."""
    start, stop = exercise.opening.line - 1, exercise.opening.end_line
    heading = [f"(ex-{exercise.id})=", f"### Exercise {exercise.number}: {exercise.title}"]
    lines[start:stop] = heading + [""] * (stop - start - len(heading))
    cell = exercise.cell("exercise")
    start, stop = cell.body_line - 1, cell.end_line - 1
    shown = chapter.stub("\n".join(lines[start:stop]) + "\n").rstrip("\n").splitlines()
    lines[start : stop + 1] = [*shown, lines[stop], *[""] * (stop - start - len(shown))]
    lines[exercise.closing.line - 1] = f"```{{exercise-answer}} {exercise.id}"


class ExerciseAnswer(SphinxDirective):
    """The folded hints and the folded answer of an exercise."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read them from the table and from the chapter's own cell."""
        source = chapter.read(Path(self.env.doc2path(self.env.docname)))
        name = self.arguments[0]
        exercise = next(e for e in source.exercises() if e.id == name)
        lines = []
        hints = exercise_table(source.number)[name].hints
        for number, hint in enumerate(hints, start=1):
            lines += [f"::::{{dropdown}} Hint {number}", hint, "::::", ""]
        answer = chapter.solution(exercise.cell("exercise").text + "\n").rstrip("\n")
        lines += ["::::{dropdown} Answer", "```{code-block} python", *answer.splitlines()]
        lines += ["```", "::::"]
        box = nodes.container(classes=["exercise-answer"])
        file, line = self.get_source_info()
        self.state.nested_parse(StringList(lines, source=file), line, box)
        return [box]


def facts(source: chapter.Chapter) -> str:
    """Return the line under a chapter's title: time, cost, what to know first."""
    about = source.metadata["nndl"]
    needs = ", ".join(about["prerequisites"]) or "nothing"
    return (
        f"*Chapter {int(source.number)} · about {about['minutes']} minutes · runs in about "
        f"{about['cpu_seconds']} s on two CPU cores · needs: {needs}*\n"
    )


def add_facts(app: Sphinx, doctree: nodes.document) -> None:
    """Put a chapter's facts under its title."""
    path = Path(app.env.doc2path(app.env.docname))
    if not chapter.CHAPTER_NAME.match(path.stem):
        return
    words = facts(chapter.read(path)).strip().strip("*")
    title = next(iter(doctree.findall(nodes.title)))
    line = nodes.paragraph("", "", nodes.emphasis(words, words), classes=["chapter-facts"])
    title.parent.insert(title.parent.index(title) + 1, line)


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
    app.add_directive("exercise-answer", ExerciseAnswer)
    app.connect("source-read", rewrite)
    app.connect("doctree-read", add_facts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
