"""Run a chapter's cells as written, solutions in their places, and see what came out."""

import contextlib
import io
from pathlib import Path

import jupytext
import pytest

from nndl import plots


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
