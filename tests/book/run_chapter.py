"""Run a chapter's cells as written, solutions in their places, and see what came out."""

import contextlib
import io
import re
from collections.abc import Iterable
from pathlib import Path

import jupytext
import pytest

from nndl import plots
from nndl.exercises.judging import judge
from nndl.exercises.table import Exercise


class Page(dict):
    """The names that the chapter's cells define, what they printed, the tables they showed."""

    def __init__(self, **names):
        super().__init__(**names)
        self.printed = ""
        self.tables: list[plots.Table] = []

    def table(self, column: str) -> plots.Table:
        """Return the one table that has this column."""
        (found,) = (table for table in self.tables if column in table.columns)
        return found


def run_chapter(source: Path) -> Page:
    """Execute every code cell in order, in one name space."""
    cells = jupytext.reads(source.read_text("utf8"), fmt="md:myst").cells
    names, out = Page(__name__=source.stem), io.StringIO()
    show_table = plots.show_table

    def show_and_keep(columns, rows):
        names.tables.append(show_table(columns, rows))
        return names.tables[-1]

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.setenv("NNDL_PROGRESS", "off")
        patch.setenv("MPLBACKEND", "agg")
        patch.setattr(plots, "show_table", show_and_keep)
        patch.chdir(source.parent)
        for number, cell in enumerate(cell for cell in cells if cell.cell_type == "code"):
            # no comma in the name: Paddle takes apart the lines of a traceback at commas
            exec(compile(cell.source, f"{source.name} cell {number}", "exec"), names)
    names.printed = out.getvalue()
    return names


def check_answers(page: Page, text: str, exercises: Iterable[Exercise]) -> None:
    """Assert that the page hands in every exercise in order, and that what it computes passes."""
    handed_in = re.findall(r'^check\("([^"]+)", (\w+)\)', text, re.M)
    for exercise, (named, answer) in zip(exercises, handed_in, strict=True):
        assert exercise.id == named
        assert judge(exercise, page[answer]).outcome == "passed", named
