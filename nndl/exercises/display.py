"""Show a check's result: a card in a notebook, plain text in a terminal."""

import html
import re
from dataclasses import dataclass

from nndl.device import printable
from nndl.exercises.judging import CANNOT, NOT_ATTEMPTED, NOT_PASSED, PASSED, RAISED

__all__ = ["Report", "Result"]

# sign, word and color (red, green, blue) of each outcome; the colors keep 3:1 on white and on
# near-black. Ground and lines are the same color, thinned: calm on a light page and on a dark one.
LOOK = {
    NOT_ATTEMPTED: ("○", "Not attempted yet", "118,127,139"),
    PASSED: ("✓", "Passed", "0,158,115"),
    NOT_PASSED: ("✗", "Not passed", "213,94,0"),
    RAISED: ("!", "Your code raised an error", "213,94,0"),
    CANNOT: ("?", "Cannot be checked", "118,127,139"),
}
# what is code or a value, and so keeps its columns
CODE_LABELS = {"Call", "Expected", "Got", "Error", "You answered", "Where"}
CARD = (
    "border:1px solid rgba({0},.35);border-left:4px solid rgb({0});border-radius:6px;"
    "background:rgba({0},.07);padding:.5rem .9rem;margin:.3rem 0;max-width:52rem;line-height:1.5"
)
BADGE = (
    "display:inline-block;width:1.35em;height:1.35em;line-height:1.3em;margin-right:.5em;"
    "border-radius:50%;border:1px solid rgb({0});color:rgb({0});text-align:center;font-weight:bold"
)
PRE = (
    "white-space:pre;overflow-x:auto;margin:0;padding:0;border:0;background:none;color:inherit;"
    "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.92em;line-height:inherit"
)
WRAP = ";white-space:pre-wrap;overflow-wrap:anywhere"
FACTS = "display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.1rem 1rem;margin:.4rem 0"


def badge(outcome: str) -> str:
    """Return the sign of an outcome; a screen reader passes over it and reads the word."""
    sign, _, color = LOOK[outcome]
    sign = "&nbsp;" if outcome == NOT_ATTEMPTED else sign  # the badge is a ring itself
    return f'<span aria-hidden="true" style="{BADGE.format(color)}">{sign}</span>'


def prose(text: str) -> str:
    """Return a text as HTML, its `code` set as code.

    Examples
    --------
    >>> prose("Use `a < b`.")
    'Use <code>a &lt; b</code>.'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


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
    title : str
        The exercise's title.

    Examples
    --------
    >>> Result("sizes", "passed")
    ✓ sizes: Passed
    """

    exercise_id: str
    outcome: str
    lines: tuple[tuple[str, str], ...] = ()
    hints: tuple[str, ...] = ()
    title: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.outcome == PASSED

    def __repr__(self) -> str:
        """Return the card as plain text."""
        sign, word, _ = LOOK[self.outcome]
        hints = [(f"Hint {i}", hint) for i, hint in enumerate(self.hints, start=1)]
        rows = [f"  {label}: {text}" if label else f"  {text}" for label, text in self.lines]
        rows += [f"  {label}: {text}" for label, text in hints]
        return printable("\n".join([f"{sign} {self.exercise_id}: {word}", *rows]))

    def _repr_html_(self) -> str:
        """Return the card; the color of the text is the page's own, light or dark."""
        _, word, color = LOOK[self.outcome]
        name = f"<code>{html.escape(self.exercise_id)}</code>"
        title = f"{html.escape(self.title)} {name}" if self.title else name
        head = (
            f"<div>{badge(self.outcome)}<strong>{word}</strong>"
            f'<span style="opacity:.8;margin-left:.8em">{title}</span></div>'
        )
        facts, words = [], []
        for label, text in self.lines:
            if label in CODE_LABELS:
                text = html.escape(text, quote=False)
                # a message may be broken over lines; a matrix scrolls, by keyboard too
                how = f'style="{PRE}{WRAP}"' if label == "Error" else f'style="{PRE}" tabindex="0"'
                facts.append(f"<div>{label}:</div><pre {how}>{text}</pre>")
            else:
                label = f"<strong>{html.escape(label)}.</strong> " if label else ""
                words.append(f'<div style="margin:.4rem 0">{label}{prose(text)}</div>')
        grid = f'<div style="{FACTS}">{"".join(facts)}</div>' if facts else ""
        body = grid + "".join(words) + self._folded_hints()
        return f'<div role="status" style="{CARD.format(color)}">{head}{body}</div>'

    def _folded_hints(self) -> str:
        """Return the hints, the last one open."""
        parts = []
        for number, hint in enumerate(self.hints, start=1):
            is_open = " open" if number == len(self.hints) else ""
            parts.append(
                f'<details{is_open} style="margin:.3rem 0"><summary style="cursor:pointer">'
                f"<strong>Hint {number}</strong></summary>{prose(hint)}</details>"
            )
        return "".join(parts)


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
        return printable("\n".join(lines))

    def _repr_html_(self) -> str:
        """Return a table for each chapter."""
        return "".join(_chapter_table(*part) for part in self._by_chapter().items())


LEFT = "text-align:left;vertical-align:top;padding:.3rem .9rem .3rem 0;white-space:normal"


def _chapter_table(chapter: str, rows: list[tuple]) -> str:
    """Return one chapter's part of the report."""
    done = sum(state == PASSED for _, _, state, _ in rows)
    body = []
    for name, title, state, attempts in rows:
        cells = (
            f"{badge(state)}{LOOK[state][1]}",
            f"{html.escape(title)} <code>{html.escape(name)}</code>",
            str(attempts),
        )
        body.append("<tr>" + "".join(f'<td style="{LEFT}">{c}</td>' for c in cells) + "</tr>")
    names = ("State", "Exercise", "Tries")
    head = "".join(f'<th scope="col" style="{LEFT}">{name}</th>' for name in names)
    caption = (
        f'<caption style="{LEFT};caption-side:top;color:inherit;white-space:nowrap">'
        f"<strong>Chapter {int(chapter)}</strong>: {done} of {len(rows)} passed</caption>"
    )
    table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    return f'<div tabindex="0" style="overflow-x:auto;margin:.6rem 0">{table}</div>'
