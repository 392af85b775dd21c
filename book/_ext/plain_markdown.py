"""Turn a chapter's MyST into the Markdown that every notebook program shows.

The directives and roles are a closed set (`chapter.DIRECTIVES`, `chapter.ROLES`); anything else is
an error with file and line, never raw markup in a learner's notebook.
"""

import re

import chapter
import yaml
from pybtex.database import BibliographyData, Entry, parse_file

TITLES = {
    "note": "Note",
    "tip": "Tip",
    "warning": "Warning",
    "important": "Important",
    "seealso": "See also",
    "hint": "Hint",
}
TARGET = re.compile(r"^\(([\w-]+)\)=\s*$")
ROLE = re.compile(r"\{(cite|cite:p|cite:t|doc|eq|numref|ref|term)\}`([^`]+)`")
LABELED_MATH = re.compile(r"\$\$(?P<tex>.+?)\$\$[ ]*\((?P<label>[\w-]+)\)", re.S)


class Converter:
    """Convert the Markdown of one chapter; knows its labels, numbers and references.

    Parameters
    ----------
    source : chapter.Chapter
        A valid chapter.
    titles : dict of str to str
        Title of each page, by the name of its file.
    """

    def __init__(self, source: chapter.Chapter, titles: dict[str, str]):
        self.source = source
        self.titles = titles
        self.equations = _equation_numbers(source)
        self.labels = _label_texts(source)
        self.references = _references()
        self.cited: list[str] = []
        lists = [b for b in source.blocks if b.name == "bibliography"]
        # several pages may list one reference; the page's prefix keeps their labels apart
        self.prefix = str(lists[0].options.get("keyprefix", "")) if lists else ""

    def text(self, block: chapter.Block) -> str:
        """Return a block, not a code cell, as plain Markdown."""
        name = block.name
        if name in ("", "code"):
            if name == "code":
                return f"{block.marks}{block.argument}\n{block.text}\n{block.marks}"
            return self._plain(block.text, block.line)
        if name in chapter.NOTES:
            title = block.argument if name == "admonition" else TITLES[name]
            body = f"**{title}**\n\n{self._children(block)}"
            return "\n".join(f"> {line}".rstrip() for line in body.splitlines())
        if name == "dropdown":
            title = self._plain(block.argument, block.line)
            body = self._children(block)
            return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"
        if name == "code-block":
            return f"```{block.argument}\n{block.text}\n```"
        if name == "math":
            label = block.options.get("label")
            tag = f" \\tag{{{self.equations[label]}}}" if label else ""
            return f"$$\n{block.text.strip()}{tag}\n$$"
        if name == "figure":
            caption = self._plain(block.text, block.line).strip()
            image = f"![{block.options['alt']}](../../book/{block.argument})"
            return f"{image}\n\n*{caption}*" if caption else image
        if name == "list-table":
            return self._table(block)
        if name == "bibliography":
            return "\n".join(f"- {_entry(self.references.entries[key])}" for key in self.cited)
        self.source.fail(block.line, f"directive {{{name}}} has no form in a plain notebook")
        return ""

    def _children(self, block: chapter.Block) -> str:
        return "\n\n".join(
            self.text(child).strip() for child in chapter.inner(block, self.source.path)
        ).strip()

    def _plain(self, text: str, line: int) -> str:
        """Return text without targets, comments and roles."""

        def labeled(match: re.Match) -> str:
            return f"$${match['tex'].rstrip()} \\tag{{{self.equations[match['label']]}}}$$"

        text = LABELED_MATH.sub(labeled, text)
        kept = [
            row
            for row in text.splitlines()
            if not (TARGET.match(row) or row.strip() == chapter.MAP or row.startswith("%"))
        ]
        return ROLE.sub(lambda m: self._role(m[1], m[2], line), "\n".join(kept))

    def _role(self, role: str, content: str, line: int) -> str:
        worded = re.match(r"^(?P<words>.+?)\s*<(?P<target>[^>]+)>$", content)
        target = worded["target"] if worded else content
        if role.startswith("cite"):
            return self._citation(role, target, line)
        if role == "doc" and chapter.CHAPTER_NAME.match(target):
            words = worded["words"] if worded else self.titles.get(target)
            if words and target in self.titles:
                return f"[{words}]({target}.ipynb)"
        if worded:
            return worded["words"]
        if role == "term":
            return content
        if role == "doc":
            known, key = self.titles, target.rsplit("/", 1)[-1]
        elif role == "eq":
            known, key = {name: f"({n})" for name, n in self.equations.items()}, target
        else:
            known, key = self.labels, target
        if key not in known:
            self.source.fail(line, f"{{{role}}}`{content}` points to nothing in this chapter")
        return known[key]

    def _citation(self, role: str, keys: str, line: int) -> str:
        found = []
        for key in (part.strip().removeprefix(self.prefix) for part in keys.split(",")):
            if key not in self.references.entries:
                self.source.fail(line, f"{{{role}}}`{key}` is not in book/references.bib")
            if key not in self.cited:
                self.cited.append(key)
            entry = self.references.entries[key]
            names, year = _authors(entry), entry.fields.get("year", "n.d.")
            found.append(f"{names}, {year}" if role != "cite:t" else f"{names} ({year})")
        return f"({'; '.join(found)})" if role != "cite:t" else ", ".join(found)

    def _table(self, block: chapter.Block) -> str:
        rows = yaml.safe_load(_as_yaml(block.text))
        cells = [
            [self._plain(str(c or ""), block.line).replace("\n", " ") for c in r] for r in rows
        ]
        lines = [f"| {' | '.join(row)} |" for row in cells]
        lines.insert(1, "|" + " --- |" * len(cells[0]))
        title = f"**{block.argument}**\n\n" if block.argument else ""
        return title + "\n".join(lines)


def _as_yaml(text: str) -> str:
    """Return a list-table's body with each cell quoted: nested lists are YAML already."""
    rows: list[str] = []
    for line in text.splitlines():
        match = re.match(r"^(\s*(?:\* )?\s*- ?)(.*)$", line)
        if match:
            rows.append(f"{match[1].replace('*', '-', 1)}|-\n      {match[2]}")
        elif line.strip():
            rows.append(f"      {line.strip()}")
    return "\n".join(rows)


def _equation_numbers(source: chapter.Chapter) -> dict[str, int]:
    """Return the number of each labeled formula, counted down the page as on the site."""
    labels = []
    for block in source.blocks:
        if block.name == "math" and block.options.get("label"):
            labels.append(block.options["label"])
        elif block.name == "":
            labels += [match["label"] for match in LABELED_MATH.finditer(block.text)]
    return {label: number for number, label in enumerate(labels, start=1)}


def _label_texts(source: chapter.Chapter) -> dict[str, str]:
    """Return what a reference to a label is shown as: a heading, or an exercise's number."""
    texts = {f"ex-{e.id}": f"Exercise {e.number}" for e in source.exercises()}
    for block in source.blocks:
        lines = block.text.splitlines() if block.name == "" else []
        for line, following in zip(lines, [*lines[1:], ""], strict=False):
            match = TARGET.match(line)
            if match and following.startswith("#"):
                texts[match[1]] = following.lstrip("# ").strip()
    return texts


def _references() -> BibliographyData:
    return parse_file(str(chapter.ROOT / "book" / "references.bib"))


def _authors(entry: Entry) -> str:
    names = [" ".join(person.last_names) for person in entry.persons.get("author", [])]
    if len(names) > 2:
        return f"{names[0]} et al."
    return " and ".join(names)


def _entry(entry: Entry) -> str:
    """Return a reference as one line."""
    field = {key: value.replace("{", "").replace("}", "") for key, value in entry.fields.items()}
    venue = field.get("journal") or field.get("booktitle") or field.get("publisher") or ""
    address = field.get("url") or (f"https://doi.org/{field['doi']}" if "doi" in field else "")
    parts = [f"{_authors(entry)} ({field.get('year', 'n.d.')})", field.get("title", ""), venue]
    return ". ".join(part for part in [*parts, address] if part) + ("" if address else ".")
