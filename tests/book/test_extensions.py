"""The Sphinx extensions of the book, each by what it promises."""

import subprocess
import sys
from pathlib import Path

import execution
import guarded_pages
import katex_math
import launch
import light_theme
import pytest

ROOT = Path(__file__).resolve().parents[2]


class TestKatex:
    def test_gives_html_and_mathml(self):
        out = katex_math.render(r"\left\lfloor \frac{M + 2P - U}{S} \right\rfloor", True)
        assert "<mfrac>" in out and 'class="katex-html"' in out

    def test_names_what_it_cannot_read(self):
        with pytest.raises(ValueError, match="Undefined control sequence"):
            katex_math.render(r"\nosuchcommand", False)

    def test_takes_chinese_words_in_a_formula(self):
        assert "卷积" in katex_math.render(r"y = \text{卷积}(x)", False)


class TestExecutionKey:
    def test_changes_with_any_file_of_the_package_and_back(self, tmp_path):
        package = tmp_path / "nndl" / "ops"
        package.mkdir(parents=True)
        file = package / "base.py"
        file.write_text("a = 1\n")
        before = execution.source_hash(tmp_path)
        file.write_text("a = 2\n")
        assert execution.source_hash(tmp_path) != before
        file.write_text("a = 1\n")
        assert execution.source_hash(tmp_path) == before
        (package / "explorer.js").write_text("1;\n")
        assert execution.source_hash(tmp_path) != before

    def test_changes_with_a_recorded_result(self, tmp_path):
        results = tmp_path / "book" / "results"
        results.mkdir(parents=True)
        before = execution.source_hash(tmp_path)
        (results / "study.json").write_text("{}")
        assert execution.source_hash(tmp_path) != before

    def test_ignores_compiled_files(self, tmp_path):
        (tmp_path / "nndl" / "__pycache__").mkdir(parents=True)
        before = execution.source_hash(tmp_path)
        (tmp_path / "nndl" / "__pycache__" / "x.pyc").write_bytes(b"1")
        assert execution.source_hash(tmp_path) == before


class TestGuardedPages:
    PAGE = "<html><head><script>theme()</script></head><body>{}</body></html>"

    def test_the_first_script_of_a_page_is_the_guard_of_its_storage(self):
        html = guarded_pages.guarded(self.PAGE.format(""), "../")
        first = html.index("<script")
        assert html[first:].startswith('<script src="../_static/storage.js"></script>')

    def test_search_words_are_mended_before_the_index_is_loaded(self):
        body = (
            '<script src="_static/searchtools.js"></script><script src="searchindex.js"></script>'
        )
        html = guarded_pages.guarded(self.PAGE.format(body), "")
        names = ("storage", "searchtools", "search_words", "searchindex")
        places = [html.index(f"{name}.js") for name in names]
        assert places == sorted(places)


def git(folder, *words):
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


class TestLaunch:
    @pytest.mark.parametrize(
        ("remote", "expected"),
        [
            ("https://github.com/owner/course.git", "owner/course"),
            ("git@github.com:owner/course.git", "owner/course"),
            ("https://github.com/owner/my.course", "owner/my.course"),
            ("https://git.example.org/owner/course.git", None),
            ("/srv/git/course", None),
        ],
    )
    def test_repository_is_that_of_the_remote(self, tmp_path, monkeypatch, remote, expected):
        monkeypatch.delenv("NNDL_REPOSITORY", raising=False)
        git(tmp_path, "init", "-q")
        git(tmp_path, "remote", "add", "origin", remote)
        assert launch.repository(tmp_path) == expected

    def test_no_remote_no_repository(self, tmp_path, monkeypatch):
        monkeypatch.delenv("NNDL_REPOSITORY", raising=False)
        git(tmp_path, "init", "-q")
        assert launch.repository(tmp_path) is None

    @pytest.mark.parametrize("given", ["owner/course", "https://github.com/owner/course"])
    def test_environment_wins(self, tmp_path, monkeypatch, given):
        monkeypatch.setenv("NNDL_REPOSITORY", given)
        assert launch.repository(tmp_path) == "owner/course"

    def test_without_a_repository_there_is_no_colab_link(self):
        items = launch.links("notebooks/en/x.ipynb", None, "../x.ipynb", "running.html#ai-studio")
        assert [item["text"] for item in items] == ["AI Studio", "Download .ipynb"]

    def test_colab_opens_the_committed_notebook(self, monkeypatch):
        monkeypatch.setenv("NNDL_BRANCH", "spring")
        items = launch.links("notebooks/en/x.ipynb", "o/c", "../x.ipynb", "running.html")
        assert items[0]["url"].endswith("/github/o/c/blob/spring/notebooks/en/x.ipynb")


def test_icons_in_use_are_found_in_pages_and_scripts(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "page.html").write_text('<i class="fa-solid fa-moon"></i>')
    (tmp_path / "_static" / "theme.js").write_text('icon.classList.add("fa-xmark")')
    (tmp_path / "_static" / "fontawesome.js").write_text('"fa-whale"')
    assert light_theme.used_icons(tmp_path) == {"fa-solid", "fa-moon", "fa-xmark"}


CONFIG = """
title: Tiny
only_build_toc_files: true
execute: {execute_notebooks: cache, timeout: 60, raise_on_error: true}
sphinx:
  local_extensions: {katex_math: EXT, alt_text: EXT, light_theme: EXT}
  config:
    html_math_renderer: katex
    templates_path: [TEMPLATES]
    html_context: {default_mode: auto}
"""
HEAD = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---
# Page

"""


def build(folder: Path, text: str) -> subprocess.CompletedProcess:
    """Build a one-page book with this book's extensions."""
    config = CONFIG.replace("EXT", str(ROOT / "book" / "_ext"))
    config = config.replace("TEMPLATES", str(ROOT / "book" / "_templates"))
    (folder / "_config.yml").write_text(config)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    (folder / "page.md").write_text(HEAD + text)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "."]
    command += ["--all", "-W", "-n", "--keep-going"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


PICTURE = """```{code-cell} python3
METADATA
import base64
from IPython.display import Image
Image(base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="))
```
"""
DESCRIBED = "---\nmystnb:\n  image:\n    alt: One dark pixel\n---"


@pytest.mark.slow
class TestBuild:
    def test_a_described_picture_builds(self, tmp_path):
        done = build(tmp_path, PICTURE.replace("METADATA", DESCRIBED))
        assert done.returncode == 0, done.stdout + done.stderr
        html = (tmp_path / "_build" / "html" / "page.html").read_text("utf8")
        assert 'alt="One dark pixel"' in html
        assert "cdn" not in html and "fontawesome.js" not in html

    def test_a_picture_without_words_fails_with_file_and_line(self, tmp_path):
        done = build(tmp_path, PICTURE.replace("METADATA\n", ""))
        assert done.returncode != 0
        assert "no alternative text" in done.stderr and "page.md:" in done.stderr.replace(
            ".ipynb", ".md"
        )

    def test_a_failing_cell_fails_the_build(self, tmp_path):
        done = build(tmp_path, "```{code-cell} python3\n1 / 0\n```\n")
        assert done.returncode != 0
        assert "ZeroDivisionError" in done.stdout + done.stderr

    def test_a_formula_that_cannot_be_read_fails_with_its_line(self, tmp_path):
        done = build(tmp_path, "A formula $\\nosuchcommand$ here.\n")
        assert done.returncode != 0
        assert "Undefined control sequence" in done.stderr and "page.md:" in done.stderr

    def test_a_dead_reference_fails(self, tmp_path):
        done = build(tmp_path, "See {ref}`nowhere`.\n")
        assert done.returncode != 0 and "nowhere" in done.stderr


def test_vendored_scripts_are_not_served():
    served = {path.name for path in (ROOT / "book" / "assets").rglob("*.js")}
    assert served == {"search_words.js", "storage.js"}, "scripts of the book's own, no library"


def test_printed_pieces_are_joined_where_they_were_cut():
    from nbformat.v4 import new_output

    pieces = [
        new_output("stream", name="stdout", text="one"),
        new_output("stream", name="stderr", text="careful\n"),
        new_output("display_data", data={"text/plain": "x"}),
        new_output("stream", name="stdout", text=" line\n"),
    ]
    joined = execution.join_streams(pieces)
    assert [output.get("text") for output in joined] == ["one line\n", "careful\n", None]
