"""Say at the head of a notebook's section which names it takes from the sections above.

A learner who takes up a chapter in the middle, after a restart of the kernel, would else meet a
NameError some cells further on, without a word of what to run first.
"""

import re
import symtable

import chapter

HEADING = re.compile(r"^## .+$", re.M)


def needs_from_above(source: chapter.Chapter) -> list[list[str]]:
    """Return for each section (heading ``##``) the names that only cells above it define.

    What a chapter's imports bring is not among them: every section needs it.
    """
    found: list[list[str]] = []
    above: set[str] = set()
    own: set[str] = set()
    for part in source.parts():
        for block in part.blocks if isinstance(part, chapter.Exercise) else [part]:
            if block.name == "code-cell":
                used, bound = names_of(block.text)
                if found:
                    found[-1] += [n for n in used if n in above - own and n not in found[-1]]
                own |= bound
            elif not block.name:
                for _ in HEADING.findall(block.text):
                    found.append([])
                    above, own = above | own, set()
    return found


def names_of(code: str) -> tuple[list[str], set[str]]:
    """Return the names that a cell takes from elsewhere, and those that it gives, imports apart."""
    table = symtable.symtable(code, "cell", "exec")
    here = {symbol.get_name(): symbol for symbol in table.get_symbols()}
    bound = {name for name, symbol in here.items() if symbol.is_assigned()}
    used = [name for name, symbol in here.items() if name not in bound and symbol.is_referenced()]
    inside = list(table.get_children())
    while inside:
        scope = inside.pop(0)
        inside += scope.get_children()
        used += [s.get_name() for s in scope.get_symbols() if s.is_global()]
    known = bound | {name for name, symbol in here.items() if symbol.is_imported()}
    return [name for name in dict.fromkeys(used) if name not in known], bound


def say_so(text: str, needs: list[list[str]]) -> str:
    """Return a notebook's text with a line below each heading whose section needs names.

    Takes the lists of the headings that it meets out of `needs`.
    """

    def with_line(heading: re.Match) -> str:
        names = needs.pop(0)
        if not names:
            return heading[0]
        told = ", ".join(f"`{name}`" for name in names)
        return f"{heading[0]}\n\n*After a restart, first run the cells above that make {told}.*"

    return HEADING.sub(with_line, text)
