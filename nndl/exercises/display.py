"""Show a check's result: a card in a notebook, plain text in a terminal."""

import html
from dataclasses import dataclass

from nndl.exercises.judging import CANNOT, NOT_ATTEMPTED, NOT_PASSED, PASSED, RAISED

__all__ = ["Report", "Result"]

# sign, word and color of each outcome; the colors keep 3:1 on white and on near-black
LOOK = {
    NOT_ATTEMPTED: ("○", "Not attempted yet", "#767f8b"),
    PASSED: ("✓", "Passed", "#009e73"),
    NOT_PASSED: ("✗", "Not passed", "#d55e00"),
    RAISED: ("!", "Your code raised an error", "#d55e00"),
    CANNOT: ("?", "Cannot be checked", "#767f8b"),
}
CARD = "border-left:4px solid {color};padding:.3rem .8rem;margin:.2rem 0;line-height:1.5"
PRE = (
    "white-space:pre-wrap;margin:0;padding:0;border:0;background:none;color:inherit;font-size:.9em"
)


@dataclass(frozen=True)
class Result:
    """The result of a check.

    Parameters
    ----------
    exercise_id : str
        The exercise.
    outcome : str
        "not attempted", "passed", "not passed", "raised" or "cannot be checked".
    lines : tuple of (str, str)
        Label and text of what to show.
    hints : tuple of str
        The hints unfolded so far.

    Examples
    --------
    >>> Result("sizes", "passed")
    ✓ sizes: Passed
    """

    exercise_id: str
    outcome: str
    lines: tuple[tuple[str, str], ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.outcome == PASSED

    def _rows(self) -> list[tuple[str, str]]:
        numbered = [(f"Hint {i}", hint) for i, hint in enumerate(self.hints, start=1)]
        return [*self.lines, *numbered]

    def __repr__(self) -> str:
        """Return the card as plain text."""
        sign, word, _ = LOOK[self.outcome]
        rows = [f"  {label}: {text}" if label else f"  {text}" for label, text in self._rows()]
        return "\n".join([f"{sign} {self.exercise_id}: {word}", *rows])

    def _repr_html_(self) -> str:
        """Return the card; colors of text and ground are the page's own, light or dark."""
        sign, word, color = LOOK[self.outcome]
        head = (
            f'<div><strong><span aria-hidden="true" style="color:{color}">{sign}</span> '
            f"{word}</strong> <code>{html.escape(self.exercise_id)}</code></div>"
        )
        rows = []
        for label, text in self._rows():
            text = html.escape(text)
            body = f'<pre style="{PRE}">{text}</pre>' if label in CODE_LABELS else text
            label = f"<strong>{html.escape(label)}</strong> " if label else ""
            rows.append(f"<div>{label}{body}</div>")
        return f'<div role="status" style="{CARD.format(color=color)}">{head}{"".join(rows)}</div>'


CODE_LABELS = {"Call", "Expected", "Got", "Error", "You answered"}


@dataclass(frozen=True)
class Report:
    """Where a learner stands: rows of (chapter, id, title, state, attempts).

    Examples
    --------
    >>> Report((("04", "sizes", "How many?", "passed", 2),))
    chapter 04: 1 of 1 passed
      ✓ sizes  How many?  (attempts: 2)
    """

    rows: tuple[tuple[str, str, str, str, int], ...]

    def _by_chapter(self) -> dict[str, list[tuple]]:
        found: dict[str, list[tuple]] = {}
        for chapter, *row in self.rows:
            found.setdefault(chapter, []).append(tuple(row))
        return found

    def __repr__(self) -> str:
        """Return the table as plain text."""
        lines = []
        for chapter, rows in self._by_chapter().items():
            done = sum(state == PASSED for _, _, state, _ in rows)
            lines.append(f"chapter {chapter}: {done} of {len(rows)} passed")
            for name, title, state, attempts in rows:
                lines.append(f"  {LOOK[state][0]} {name}  {title}  (attempts: {attempts})")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the table."""
        body = []
        for chapter, *row in self.rows:
            name, title, state, attempts = row
            sign, word, color = LOOK[state]
            cells = [chapter, f"<code>{html.escape(name)}</code>", html.escape(title)]
            cells += [f'<span style="color:{color}" aria-hidden="true">{sign}</span> {word}']
            cells += [str(attempts)]
            body.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        names = ("chapter", "exercise", "title", "state", "attempts")
        head = "".join(f'<th scope="col">{name}</th>' for name in names)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
