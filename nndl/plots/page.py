"""What a page shows beside figures: the code of the package as it stands, and tables."""

import html
import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nndl.arithmetic import checks
from nndl.device import printable

__all__ = ["Source", "Table", "show_source", "show_table"]


class Source:
    """The code of a function or class, with its descriptions cut to their first lines.

    Parameters
    ----------
    code : str
        Python.

    Examples
    --------
    >>> Source("x = 1")
    x = 1
    """

    def __init__(self, code: str) -> None:
        self.code = checks.text("code", code)

    def __repr__(self) -> str:
        return printable(self.code)

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.code}```"


def show_source(thing: Any) -> Source:
    """Show the code of a function or class as it stands in its file.

    Parameters
    ----------
    thing : function or class
        Of the package, or of any module with a file.

    Returns
    -------
    Source
        With the description of the thing, and of each of its methods, cut to one line.

    Raises
    ------
    TypeError
        If `thing` is neither a function nor a class, or has no file of Python.

    Examples
    --------
    >>> from nndl.ops import Op
    >>> show_source(Op.eval)
        def eval(self) -> None:
            \"\"\"Say that the operator is only used from now on.\"\"\"
            self.training = False
    """
    if not (inspect.isclass(thing) or inspect.isroutine(thing)):
        raise TypeError(f"thing must be a function or a class, got {type(thing).__name__}")
    try:
        code = inspect.getsource(thing)
    except (OSError, TypeError) as error:  # built in, or typed in
        raise TypeError(f"thing must have a file of Python, got {thing!r}") from error
    for part in (thing, *vars(thing).values()):
        words = getattr(part, "__doc__", None)
        if isinstance(words, str) and words.strip():
            code = code.replace(words, words.strip().split("\n")[0])
    return Source(code)


class Table:
    """Rows of values under the names of their columns.

    Parameters
    ----------
    columns : sequence
        The names of the columns, texts or numbers.
    rows : iterable of sequences
        One value a column, shown as ``str`` shows it.

    Attributes
    ----------
    columns, rows : list
        As given.

    Raises
    ------
    ValueError
        If a row has not as many values as there are columns.

    Examples
    --------
    >>> Table(["stride", "output"], [[1, "8 × 8"], [2, "4 × 4"]])
    stride  output
    1       8 × 8
    2       4 × 4
    """

    def __init__(self, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> None:
        self.columns = _listed("columns", columns)
        self.rows = [_listed("rows", row) for row in _listed("rows", rows)]
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"rows must have {len(self.columns)} values each, as many as columns, got {row}"
                )

    def __repr__(self) -> str:
        lines = [[str(value) for value in row] for row in (self.columns, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        padded = (
            "  ".join(f"{v:<{w}}" for v, w in zip(line, widths, strict=True)) for line in lines
        )
        return printable("\n".join(line.rstrip() for line in padded))

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in self.columns)
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self.rows)
        table = f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        # on a phone a wide table scrolls by itself; the keyboard reaches it, too
        return f'<div style="overflow-x: auto" tabindex="0">{table}</div>'


def _listed(name: str, values: Any) -> list:
    """Return a list of what can be gone through; a text is one value."""
    try:
        if isinstance(values, (str, Mapping)):
            raise TypeError
        return list(values)
    except Exception as error:  # an array without axes, an object of its own kind
        raise ValueError(f"{name} must be a list, got {values!r}") from error


def _cell(value: Any) -> str:
    text = html.escape(str(value))
    # a browser would break 5e-13 at its minus, and 0.97 ± 0.01 or 6 × 28 × 28 at each sign
    words = re.search(r"[^\W\d_]{2}", str(value))
    return f"<td>{text}</td>" if words else f'<td style="white-space: nowrap">{text}</td>'


def show_table(columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Table:
    """Show rows of values as a table.

    Parameters
    ----------
    columns : sequence
        The names of the columns, texts or numbers.
    rows : iterable of sequences
        One value a column, of any type.

    Returns
    -------
    Table
        As the last line of a notebook cell it is drawn.

    Raises
    ------
    ValueError
        If a row has not as many values as there are columns.

    Examples
    --------
    >>> show_table(["n", "square"], [[n, n * n] for n in (1, 2)])
    n  square
    1  1
    2  4
    """
    return Table(columns, rows)
