"""A tiny book with one chapter, built as the real one is: what a reader sees of an exercise."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXTENSIONS = ROOT / "book" / "_ext"

CONFIG = f"""
title: Tiny
only_build_toc_files: true
execute: {{execute_notebooks: force, timeout: 60, raise_on_error: true}}
sphinx:
  local_extensions: {{tiny_table: ., exercises: {EXTENSIONS}}}
"""
# stands in for nndl/exercises/ch03.py, both in the build and in the kernel
TABLE = """
from nndl.exercises import registry
from nndl.exercises.table import Exercise, Mistake

COUNT = Exercise(
    id="count", title="How many?", kind="code", reference=lambda n: n + 1, cases=((1,), (2,)),
    mistakes=tuple(Mistake(lambda n, k=k: k, f"That is {k}.") for k in range(7, 10)),
    hints=("Think of *fence* posts.", "Add `1`."),
)
registry.chapters = lambda: {"03": {"count": COUNT}}


def setup(app):
    return {}
"""
CHAPTER = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
nndl: {minutes: 10, cpu_seconds: 1, prerequisites: [counting]}
---
# Posts

Words before.

```{code-cell} python3
:tags: [remove-cell]
import tiny_table
from nndl.exercises import check
```

## Exercises

```{exercise-start} How many?
:label: ex-count
```
Count them.

```{code-cell} python3
:tags: [exercise]
def count(n):
    ### BEGIN SOLUTION
    more = 1
    return n + more
    ### END SOLUTION
```

```{code-cell} python3
:tags: [check]
check("count", count)
```
```{exercise-end}
```

As {ref}`the exercise <ex-count>` says. AFTER
"""


def build(folder: Path, text: str = CHAPTER) -> subprocess.CompletedProcess:
    (folder / "_config.yml").write_text(CONFIG)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: 03-posts\n")
    (folder / "tiny_table.py").write_text(TABLE)
    (folder / "03-posts.md").write_text(text)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "."]
    command += ["--all", "-W", "-n", "--keep-going"]
    path = os.pathsep.join([str(ROOT), str(folder)])
    environment = {**os.environ, "PYTHONPATH": path, "NNDL_PROGRESS": "off"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def article(built):
    page = (built / "_build" / "html" / "03-posts.html").read_text("utf8")
    return page[page.index("<article") : page.index("</article>")]


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


@pytest.mark.slow
class TestPage:
    def test_the_gap_is_shown_and_was_executed(self, article):
        shown = article[: article.index("<details")]
        assert "# your code here" in text_of(shown)
        assert "Not attempted yet" in shown
        assert "more" not in text_of(shown) and "SOLUTION" not in article

    def test_hints_and_answer_are_folded_and_in_order(self, article):
        folded = re.findall(r"<details.*?</details>", article, re.S)
        assert [re.search(r"Hint \d|Answer", text_of(part))[0] for part in folded] == [
            "Hint 1",
            "Hint 2",
            "Answer",
        ]
        assert not [part for part in folded if re.match(r"<details[^>]*\bopen\b", part)]
        assert "<em>fence</em>" in folded[0] and "return n + more" in text_of(folded[2])

    def test_the_exercise_is_numbered_and_can_be_referred_to(self, article):
        assert "Exercise 3.1: How many?" in text_of(article)
        assert 'href="#ex-count"' in article and 'id="ex-count"' in article

    def test_the_facts_stand_under_the_title(self, article):
        text = text_of(article)
        assert text.index("about 10 minutes") < text.index("Words before.")

    def test_no_progress_file_is_left(self, built):
        assert not list(built.rglob("nndl_progress.json"))


@pytest.mark.slow
def test_a_warning_after_an_exercise_names_the_line_of_the_source(tmp_path):
    text = CHAPTER.replace("AFTER", "\n\nSee {ref}`nowhere`.")
    done = build(tmp_path, text)
    line = text[: text.index("See {ref}`nowhere`")].count("\n") + 1
    assert done.returncode != 0
    # MyST-NB itself counts one line too many, on pages without exercises too
    assert re.search(rf"03-posts\.md:({line}|{line + 1}): WARNING: undefined label", done.stderr)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "place", "words"),
    [
        (("Words before.", "```{mermaid}\na\n```"), "```{mermaid}", "unknown directive"),
        (('check("count"', 'check("posts"'), "```{code-cell} python3\n:tags: [check]", "must call"),
    ],
)
def test_a_faulty_chapter_fails_the_build_with_its_line(tmp_path, fault, place, words):
    text = CHAPTER.replace(*fault)
    done = build(tmp_path, text)
    line = text[: text.index(place)].count("\n") + 1
    assert done.returncode != 0
    assert re.search(rf"03-posts\.md:{line}: .*{words}", done.stdout + done.stderr)
