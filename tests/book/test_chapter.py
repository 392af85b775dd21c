"""The chapter parser: what it derives, and where it says a source is wrong."""

from pathlib import Path

import chapter
import exercises
import nbformat
import pytest
import sections
from plain_markdown import Converter

import notebooks
from nndl.exercises import Exercise, Mistake

HEAD = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
nndl: {minutes: 10, cpu_seconds: 1, prerequisites: [nothing]}
---
# A title

"""
BODY = """```{exercise-start} How many?
:label: ex-count
```
Count them.

```{code-cell} python3
:tags: [exercise]
def count(n):
    ### BEGIN SOLUTION
    return n + 1
    ### END SOLUTION
```

```{code-cell} python3
:tags: [check]
check("count", count)
```
```{exercise-end}
```
"""
TABLE = {
    "count": Exercise(
        id="count",
        title="How many?",
        kind="code",
        reference=lambda n: n + 1,
        cases=((1,), (2,)),
        mistakes=tuple(Mistake(lambda n, k=k: k, f"That is {k}.") for k in range(7, 10)),
        hints=("Think of fence posts.", "Add one."),
    )
}
PATH = Path("03-posts.md")


def parse(text):
    source = chapter.parse(HEAD + text, PATH)
    chapter.validate(source, TABLE if "ex-count" in text else {})
    return source


def test_stub_and_solution_come_from_one_cell():
    cell = parse(BODY).exercises()[0].cell("exercise").text + "\n"
    assert chapter.stub(cell) == "def count(n):\n    ...  # your code here\n"
    assert chapter.solution(cell) == "def count(n):\n    return n + 1\n"


def test_a_gap_at_the_top_level_is_only_a_comment():
    cell = "answer = ...\n### BEGIN SOLUTION\nanswer = 3\n### END SOLUTION\n"
    assert chapter.stub(cell) == "answer = ...\n# your code here\n"


def test_an_exercise_is_numbered_by_chapter():
    exercise = parse(BODY).exercises()[0]
    assert (exercise.id, exercise.number, exercise.title) == ("count", "3.1", "How many?")


def test_the_page_shows_the_gap_and_a_place_for_hints_and_answer():
    page = exercises.site_view(HEAD + BODY, PATH, TABLE)
    assert "### Exercise 3.1: How many?" in page and "(ex-count)=" in page
    assert "...  # your code here" in page and "BEGIN SOLUTION" not in page
    assert "return n + 1" not in page
    assert "```{exercise-answer} count\n```" in page
    assert "exercise-start" not in page and "exercise-end" not in page


def test_each_line_of_the_page_keeps_its_number():
    longer = BODY.replace("    return n + 1\n", "    more = 1\n\n    return n + more\n\n")
    text = f"{HEAD}{longer}\nBetween.\n\n{longer.replace('ex-count', 'ex-other')}\nAfter.\n"
    text = text.replace("ex-other\n```\nCount", "ex-other\n```\nDiscount")
    second = text.rindex('check("count"')
    text = text[:second] + text[second:].replace('"count"', '"other"', 1)
    page = exercises.site_view(text, PATH, {**TABLE, "other": TABLE["count"]}).splitlines()
    source = text.splitlines()
    assert len(page) == len(source)
    for kept in ("Between.", "Discount them.", 'check("other", count)', "After."):
        assert page.index(kept) == source.index(kept)


def line_of(text, needle):
    return (HEAD + text).split(needle)[0].count("\n") + 1


FAULTS = [
    ("```{mermaid}\na\n```\n", "```{mermaid}", "unknown directive {mermaid}"),
    ("Words.\n\nSee {kbd}`x`.\n", "See {kbd}", "unknown role {kbd}"),
    ("```{figure} a.png\nWords.\n```\n", "```{figure}", "no :alt: text"),
    ("```{note}\n\nSee {kbd}`x`.\n```\n", "See {kbd}", "unknown role {kbd}"),
    ("```python\nx = 1\n", "```python", "never closed"),
    ("````{note}\nWords.\n\n```python\nx = 1\n````\n", "```python", "never closed"),
    ("```{figure} a.png\n:alt: a\nOf {kbd}`x`.\n```\n", "Of {kbd}", "unknown role {kbd}"),
    ("```{admonition} On {kbd}`x`\nA.\n```\n", "```{admonition}", "unknown role {kbd}"),
    ("- a point\n\n  ```{note}\n  a\n  ```\n", "  ```{note}", "begin at the margin"),
    ("Words.[^1]\n", "Words.", "no footnotes: [^1]"),
    ("Some {{ name }}.\n", "Some", "no substitutions"),
    ("+++\n", "+++", "cell break"),
    ("The matrix $A^\top A$.\n", "The matrix", "a control character, '\\t': was a backslash"),
    ("{.lead}\nWords.\n", "{.lead}", "classes or ids"),
    ("See [there](other.md).\n", "See", "link to another page"),
    (
        BODY.replace('check("count"', 'check("cuont"'),
        "```{code-cell} python3\n:tags: [check]",
        'must call check("count"',
    ),
    (BODY.replace("### END SOLUTION", ""), "```{code-cell}", "do not pair up"),
    (BODY.replace("```{exercise-end}\n```\n", ""), "```{exercise-start}", "no {exercise-end}"),
    (BODY.replace(":tags: [check]", ""), "```{exercise-start}", "one cell with the tag check"),
    (
        BODY.replace("ex-count", "ex-other").replace('"count"', '"other"'),
        "```{exercise-start}",
        "not in the table",
    ),
    (BODY.replace(":label: ex-count\n", ""), "```{exercise-start}", ":label: ex-<id>"),
    (
        BODY.replace("    ### BEGIN SOLUTION\n", "").replace("    ### END SOLUTION\n", ""),
        "```{code-cell}",
        "holds no solution",
    ),
    (
        "```{code-cell} python3\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n```\n",
        "```{code-cell}",
        "needs the tag exercise",
    ),
]


@pytest.mark.parametrize(("text", "place", "words"), FAULTS, ids=[w for *_, w in FAULTS])
def test_a_fault_is_named_with_file_and_line(text, place, words):
    with pytest.raises(chapter.ChapterError) as caught:
        source = chapter.parse(HEAD + text, PATH)
        chapter.validate(source, TABLE)
    assert str(caught.value).startswith(f"03-posts.md:{line_of(text, place)}: ")
    assert words in str(caught.value)


def test_code_formulas_and_addresses_are_no_foreign_markup():
    parse("Call `f({{1}})[^2]`, $a^{.5}_{{i}}$, `x[0](1)` or [ask](https://example.org/a.md).\n")


def test_an_exercise_of_the_table_that_no_page_has_is_named():
    with pytest.raises(chapter.ChapterError, match="'count' stands in the table but not"):
        chapter.validate(chapter.parse(HEAD, PATH), TABLE)


def test_missing_metadata_is_named():
    text = HEAD.replace("minutes: 10, ", "")
    with pytest.raises(chapter.ChapterError, match="lacks 'minutes'"):
        chapter.validate(chapter.parse(text, PATH), {})


def test_a_table_with_too_few_mistakes_is_named_with_its_line(tmp_path, monkeypatch):
    from nndl.exercises import registry

    bad = tmp_path / "ch03.py"
    bad.write_text(
        "from nndl.exercises.table import Exercise, Mistake\n\n"
        "EXERCISES = (\n    Exercise(id='a', title='A', reference=1,\n"
        "        mistakes=(Mistake(2, 'two'),), hints=('x', 'y')),\n)\n"
    )

    def chapters():
        import runpy

        runpy.run_path(str(bad))

    monkeypatch.setattr(registry, "chapters", chapters)
    with pytest.raises(chapter.ChapterError, match=r"ch03.py:4: exercise 'a': mistakes must be"):
        exercises.exercise_table("03")


PLAIN = [
    ("```{note}\nMind **this**.\n```\n", "> **Note**\n>\n> Mind **this**."),
    ("```{admonition} Look\nHere.\n```\n", "> **Look**\n>\n> Here."),
    ("```{dropdown} More\nText.\n```\n", "<summary>More</summary>"),
    ("```{math}\n:label: eq-a\ny = x\n```\n", "$$\ny = x \\tag{1}\n$$"),
    ("$$ a = b $$ (eq-b)\n\nSee {eq}`eq-b`.\n", "See (1)."),
    ("(here)=\n## A place\n\nSee {ref}`here` and {ref}`there <here>`.\n", "See A place and there."),
    ("A {term}`kernel` in {doc}`the next <04-next>`.\n", "A kernel in [the next](04-next.ipynb)."),
    ("See {doc}`04-next`.\n", "See [Next](04-next.ipynb)."),
    ("See {doc}`all of it <api/index>`.\n", "See all of it."),
    ("{.knowledge-map}\n- A\n  - {doc}`04-next`\n", "- A\n  - [Next](04-next.ipynb)"),
    ("```{list-table}\n:header-rows: 1\n* - a\n  - b\n* - 1\n  - $x | y$\n```\n", "| a | b |"),
    ("```python\nx = 1\n```\n", "```python\nx = 1\n```"),
]


@pytest.mark.parametrize(("text", "expected"), PLAIN)
def test_plain_markdown(text, expected):
    source = parse(text)
    convert = Converter(source, {"04-next": "Next"})
    out = "\n\n".join(convert.text(block) for block in source.blocks)
    assert expected in out
    assert (
        not chapter.ROLE.search(out) and ")=\n" not in out and "{" not in out.replace("\\tag{", "")
    )


def test_a_reference_to_nothing_is_named():
    source = parse("Fine.\n\nSee {ref}`nowhere`.\n")
    with pytest.raises(chapter.ChapterError, match="points to nothing"):
        Converter(source, {}).text(source.blocks[0])


def test_a_notebook_of_either_kind(tmp_path, monkeypatch):
    path = tmp_path / "03-posts.md"
    path.write_text(HEAD + BODY)
    monkeypatch.setattr(exercises, "exercise_table", lambda number: TABLE)
    student = notebooks.make(path, "student", {})
    teacher = notebooks.make(path, "solution", {})
    for notebook in (student, teacher):
        nbformat.validate(notebook)
        assert notebook.cells[0].source.startswith("# ")
        assert notebook.cells[1].metadata.tags == ["set-up"]
        assert not any(cell.get("outputs") for cell in notebook.cells)
    assert "return n + 1" not in notebooks.dumps(student)
    assert "return n + 1" in notebooks.dumps(teacher)
    assert "SOLUTION" not in notebooks.dumps(student)
    assert "### BEGIN SOLUTION" in notebooks.dumps(teacher), "nbgrader makes a release from it"
    grades = [c.metadata.nbgrader for c in student.cells if "nbgrader" in c.metadata]
    assert [(g.grade_id, g.solution, g.grade, g.get("points")) for g in grades] == [
        ("count", True, False, None),
        ("check-count", False, True, 1),
    ]
    again = notebooks.make(path, "student", {})
    assert notebooks.dumps(again) == notebooks.dumps(student)


SECTIONS = """import numpy as np

```{code-cell} python3
import numpy as np
size = 3
```

## One

```{code-cell} python3
def twice(x):
    return [size * value for value in x]
```

## Two

Words.

## Three

```{code-cell} python3
size = 4
print(twice(np.ones(size)), [twice for twice in range(2)])
```

```{code-cell} python3
def later(x, size=size):
    return twice(x) + size
```

## Four

```{code-cell} python3
print(np.pi)
```
"""


def test_a_section_says_which_names_the_cells_above_it_make(tmp_path, monkeypatch):
    source = parse(SECTIONS)
    assert sections.needs_from_above(source) == [["size"], [], ["twice"], []]
    path = tmp_path / "03-posts.md"
    path.write_text(HEAD + SECTIONS)
    monkeypatch.setattr(exercises, "exercise_table", lambda number: {})
    text = "\n\n".join(cell.source for cell in notebooks.make(path, "student", {}).cells)
    assert "## One\n\n*After a restart, first run the cells above that make `size`.*\n\n" in text
    assert "## Two\n\nWords." in text and "make `twice`.*" in text
    assert text.count("After a restart") == 2
