"""Read a chapter's source: its metadata, its cells, its exercises, and what is wrong with it.

One source makes the page, the student's notebook and the teacher's. This module is what the three
share; every error names file and line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHAPTER_NAME = re.compile(r"(\d\d)-[\w-]+$")

CONTROL = re.compile(r"[\x00-\x08\t\x0b-\x1f\x7f]")
FENCE = re.compile(r"^(?P<marks>`{3,}|:{3,})(?P<rest>.*)$")
DIRECTIVE = re.compile(r"^\{(?P<name>[\w:-]+)\}\s*(?P<argument>.*)$")
OPTION = re.compile(r"^:(?P<key>[\w-]+):\s*(?P<value>.*)$")
ROLE = re.compile(r"\{([\w:]+)\}`")
SOLUTION = re.compile(
    r"^(?P<indent>[ \t]*)### BEGIN SOLUTION\n(?P<body>.*?)^[ \t]*### END SOLUTION[ \t]*\n?",
    re.S | re.M,
)
# The directives and roles that both the page and a plain notebook can show.
NOTES = {"admonition", "note", "tip", "warning", "important", "seealso", "hint"}
DIRECTIVES = NOTES | {
    "bibliography",
    "code-block",
    "code-cell",
    "dropdown",
    "exercise-end",
    "exercise-start",
    "figure",
    "list-table",
    "math",
}
ROLES = {"cite", "cite:p", "cite:t", "doc", "eq", "numref", "ref", "term"}


class ChapterError(Exception):
    """Something in a chapter's source is wrong; says where."""

    def __init__(self, path: Path, line: int, words: str):
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        super().__init__(f"{shown}:{line}: {words}")


@dataclass
class Block:
    """A directive with its place, or a run of plain lines (name "").

    `line` is where it begins in the source, from 1; `body_line` is where its body does, and
    `end_line` is its closing fence.
    """

    name: str
    line: int
    text: str
    argument: str = ""
    options: dict = field(default_factory=dict)
    marks: str = ""
    body_line: int = 0
    end_line: int = 0

    @property
    def tags(self) -> list[str]:
        """The tags of a code cell."""
        return list(self.options.get("tags", []))


@dataclass
class Exercise:
    """An exercise of a chapter: its blocks, between the directives that open and close it."""

    id: str
    title: str
    number: str
    opening: Block
    blocks: list[Block]
    closing: Block | None = None

    @property
    def line(self) -> int:
        """The line of the source that it begins at."""
        return self.opening.line

    def cell(self, tag: str) -> Block:
        """Return its one cell with this tag."""
        return next(b for b in self.blocks if b.name == "code-cell" and tag in b.tags)


@dataclass
class Chapter:
    """A chapter's source in parts."""

    path: Path
    metadata: dict
    blocks: list[Block]

    @property
    def number(self) -> str:
        """Its number in two digits, as in the file's name."""
        return CHAPTER_NAME.match(self.path.stem).group(1)

    @property
    def title(self) -> str:
        """The text of its first heading."""
        for block in self.blocks:
            found = re.search(r"^# (.+)$", block.text, re.M) if not block.name else None
            if found:
                return found.group(1).strip()
        raise ChapterError(self.path, 1, "a chapter begins with a heading '# Title'")

    def parts(self) -> Iterator[Block | Exercise]:
        """Yield the blocks in order, an exercise's gathered into one."""
        gathered: Exercise | None = None
        count = 0
        for block in self.blocks:
            if block.name == "exercise-start":
                if gathered:
                    self.fail(block.line, "an exercise begins inside another")
                label = str(block.options.get("label", ""))
                if not label.startswith("ex-") or not block.argument:
                    self.fail(block.line, "an exercise needs a title and a :label: ex-<id>")
                count += 1
                number = f"{int(self.number)}.{count}"
                gathered = Exercise(label[3:], block.argument, number, block, [])
            elif block.name == "exercise-end":
                if not gathered:
                    self.fail(block.line, "an exercise ends that has not begun")
                gathered.closing = block
                yield gathered
                gathered = None
            elif gathered:
                gathered.blocks.append(block)
            else:
                yield block
        if gathered:
            self.fail(gathered.line, "this exercise has no {exercise-end}")

    def exercises(self) -> list[Exercise]:
        """Return its exercises."""
        return [part for part in self.parts() if isinstance(part, Exercise)]

    def fail(self, line: int, words: str) -> None:
        """Raise a ChapterError for a line of this chapter."""
        raise ChapterError(self.path, line, words)


def chapter_files(folder: Path = ROOT / "book") -> list[Path]:
    """Return the chapters of a book in order."""
    return [path for path in sorted(folder.glob("*.md")) if CHAPTER_NAME.match(path.stem)]


def stub(code: str) -> str:
    """Return an exercise's cell as the student gets it: a gap for each solution."""

    def gap(match: re.Match) -> str:
        # a body needs a statement; at the top level a bare ... would print "Ellipsis"
        return f"{match['indent']}{'...  ' if match['indent'] else ''}# your code here\n"

    return SOLUTION.sub(gap, code)


def solution(code: str) -> str:
    """Return an exercise's cell as solved: the markers gone."""
    return SOLUTION.sub(lambda m: m["body"], code)


def read(path: Path) -> Chapter:
    """Parse a chapter's file."""
    return parse(path.read_text("utf8"), path)


def parse(text: str, path: Path) -> Chapter:
    """Parse a chapter's text; `path` is for its number and for messages."""
    # what is left of a formula whose backslash was lost: a tab of \top, a bell of \alpha
    for number, line in enumerate(text.split("\n"), 1):
        if found := CONTROL.search(line):
            words = f"a control character, {found[0]!r}: was a backslash lost?"
            raise ChapterError(path, number, words)
    lines = text.splitlines()
    if not lines or lines[0] != "---" or "---" not in lines[1:]:
        raise ChapterError(path, 1, "a chapter begins with metadata between two lines '---'")
    end = lines.index("---", 1)
    metadata = yaml.safe_load("\n".join(lines[1:end])) or {}
    return Chapter(path, metadata, list(_blocks(lines, end + 1, path)))


def _blocks(lines: list[str], first: int, path: Path, offset: int = 0) -> Iterator[Block]:
    """Yield the outermost blocks of the lines from index `first` on.

    `offset` is how many lines of the file come before `lines`.
    """
    plain, plain_from, at = [], first + 1, first
    while at < len(lines):
        fence = FENCE.match(lines[at])
        if not fence:
            plain.append(lines[at])
            at += 1
            continue
        if plain:
            yield Block("", plain_from + offset, "\n".join(plain))
        marks, rest = fence["marks"], fence["rest"].strip()
        # the fence ends at the next line of as many marks of its kind and nothing else
        closing = re.compile(rf"^{re.escape(marks[0])}{{{len(marks)},}}\s*$")
        end = next((i for i in range(at + 1, len(lines)) if closing.match(lines[i])), None)
        if end is None:
            raise ChapterError(path, at + 1 + offset, f"this fence {marks} is never closed")
        directive = DIRECTIVE.match(rest)
        name = directive["name"] if directive else "code"
        argument = directive["argument"].strip() if directive else rest
        options, body_at = ({}, at + 1)
        if directive:
            options, body_at = _options(lines, at + 1, end, path, offset)
        body = "\n".join(lines[body_at:end])
        places = [number + 1 + offset for number in (at, body_at, end)]
        yield Block(name, places[0], body, argument, options, marks, *places[1:])
        at = end + 1
        plain, plain_from = [], at + 1
    if plain:
        yield Block("", plain_from + offset, "\n".join(plain))


def _options(lines: list[str], at: int, end: int, path: Path, offset: int) -> tuple[dict, int]:
    """Return a directive's options, `:key: value` lines or YAML between `---`, and what follows."""
    if at < end and lines[at] == "---":
        close = next((i for i in range(at + 1, end) if lines[i] == "---"), None)
        if close is None:
            place = at + 1 + offset
            raise ChapterError(path, place, "this metadata has no closing line '---'")
        return yaml.safe_load("\n".join(lines[at + 1 : close])) or {}, close + 1
    options = {}
    while at < end and (match := OPTION.match(lines[at])):
        value = match["value"].strip()
        options[match["key"]] = yaml.safe_load(value) if value else True
        at += 1
    return options, at


def inner(block: Block, path: Path) -> list[Block]:
    """Return the blocks inside a directive's body, with lines of the file."""
    return list(_blocks(block.text.splitlines(), 0, path, block.body_line - 1))


def validate(chapter: Chapter, table: dict | None = None) -> None:
    """Raise a ChapterError for the first thing that a page or a notebook could not show.

    Parameters
    ----------
    chapter : Chapter
    table : dict, optional
        The chapter's exercises by id, as in `nndl.exercises`; not compared when left out.
    """
    about = chapter.metadata.get("nndl") or {}
    for key in ("minutes", "cpu_seconds", "prerequisites"):
        if key not in about:
            chapter.fail(1, f"the metadata block `nndl:` lacks {key!r}")
    chapter.title  # noqa: B018  (raises when there is none)
    for block in chapter.blocks:
        _validate_block(chapter, block)
    for exercise in chapter.exercises():
        _validate_exercise(chapter, exercise, table)
    if table is not None:
        unused = sorted(set(table) - {exercise.id for exercise in chapter.exercises()})
        if unused:
            chapter.fail(1, f"exercise {unused[0]!r} stands in the table but not in the chapter")


def _validate_block(chapter: Chapter, block: Block) -> None:
    if block.name == "code":
        return
    if block.name == "code-cell":
        begins, ends = (block.text.count(f"### {word} SOLUTION") for word in ("BEGIN", "END"))
        if begins != ends or begins != len(SOLUTION.findall(block.text + "\n")):
            chapter.fail(block.line, "### BEGIN SOLUTION and ### END SOLUTION do not pair up")
        if begins and "exercise" not in block.tags:
            chapter.fail(block.line, "a cell with a solution needs the tag exercise")
        return
    if block.name and block.name not in DIRECTIVES:
        chapter.fail(block.line, f"unknown directive {{{block.name}}}: a notebook cannot show it")
    if block.name == "figure" and not block.options.get("alt"):
        chapter.fail(block.line, "this figure has no :alt: text")
    if block.name in NOTES | {"dropdown"}:
        for child in inner(block, chapter.path):
            _validate_block(chapter, child)
    _validate_text(chapter, block)


# Draws the list below it as a map on the page; in a notebook it stays a list.
MAP = "{.knowledge-map}"
# Markup that MyST knows and a plain notebook shows raw.
FOREIGN = (
    (re.compile(r"^\s+(?:`{3,}|:{3,})\{"), "a directive must begin at the margin"),
    (re.compile(r"\[\^[^\]]+\]"), "a notebook has no footnotes"),
    (re.compile(r"\{\{.*\}\}"), "a notebook has no substitutions"),
    (re.compile(r"^\+\+\+"), "a cell break +++ is not needed here"),
    (re.compile(r"^\{[.#]|\]\{[.#]"), "a notebook cannot show classes or ids in braces"),
    (re.compile(r"\]\((?![a-z]+:)[^)\s]*\)"), "link to another page with {doc} or {ref}"),
)
CODE_SPAN = re.compile(r"(`+).+?(?<!`)\1(?!`)")


def _validate_text(chapter: Chapter, block: Block) -> None:
    """Raise a ChapterError for a line of text that a notebook could not show."""
    if block.name in ("code-block", "math", "bibliography", "exercise-end"):
        return
    # the text of the boxes was looked at block by block
    is_box = block.name in NOTES | {"dropdown", "exercise-start"}
    lines = [] if is_box else block.text.splitlines()
    numbered = [(block.line, block.argument), *enumerate(lines, block.body_line or block.line)]
    for place, line in numbered:
        if line.strip() == MAP:
            continue
        for role in ROLE.findall(re.sub(r"``.*?``", "", line)):
            if role not in ROLES:
                chapter.fail(place, f"unknown role {{{role}}}: a notebook cannot show it")
        bare = re.sub(r"\$[^$]+\$", "", CODE_SPAN.sub("", line))
        for pattern, words in FOREIGN:
            found = pattern.search(bare if not pattern.pattern.startswith(r"^\s") else line)
            if found and not (block.name == "figure" and place == block.line):
                chapter.fail(place, f"{words}: {found[0].strip()}")


def _validate_exercise(chapter: Chapter, exercise: Exercise, table: dict | None) -> None:
    for tag in ("exercise", "check"):
        cells = [b for b in exercise.blocks if b.name == "code-cell" and tag in b.tags]
        if len(cells) != 1:
            words = f"exercise {exercise.id!r} needs one cell with the tag {tag}, has {len(cells)}"
            chapter.fail(exercise.line, words)
    if "### BEGIN SOLUTION" not in exercise.cell("exercise").text:
        chapter.fail(exercise.cell("exercise").line, "this exercise holds no solution")
    check = exercise.cell("check")
    if not re.search(rf"""\bcheck\(\s*["']{re.escape(exercise.id)}["']\s*,""", check.text):
        chapter.fail(check.line, f'this cell must call check("{exercise.id}", ...)')
    if table is not None and exercise.id not in table:
        place = f"nndl/exercises/ch{chapter.number}.py"
        chapter.fail(exercise.line, f"exercise {exercise.id!r} is not in the table {place}")
