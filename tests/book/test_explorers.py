"""The extension that moves explorers' programs into cached files."""

import re
from types import SimpleNamespace

import explorers

from nndl.widgets import ConvStepper, NetworkCost
from nndl.widgets.base import program


def hoisted(tmp_path, body, page="book/04-convolution"):
    app = SimpleNamespace(outdir=str(tmp_path))
    up = "../" * page.count("/")
    context = {"body": body, "pathto": lambda target, resource: up + target}
    explorers.hoist_programs(app, page, "page.html", context, None)
    return context["body"]


def test_each_kind_is_one_file_named_by_its_content(tmp_path):
    shown = [ConvStepper(), ConvStepper(stride=2), NetworkCost()]
    body = hoisted(tmp_path, "".join(explorer._repr_html_() for explorer in shown))
    sources = re.findall(r'<script src="\.\./_static/(explorer-[\w.]+\.js)"></script>', body)
    assert len(sources) == 2 == len(set(sources))
    for kind, source in zip((ConvStepper, NetworkCost), sources, strict=True):
        tag, script = program(kind)
        assert source == f"explorer-{tag.replace('@', '.')}.js"
        assert (tmp_path / "_static" / source).read_text("utf8") == script
    # the words and the state stay where they were, one of each for each explorer
    assert body.count('class="nw-mount"') == 3 and len(body) < 10_000
    assert "data-nndl=" not in body


def test_pages_without_explorers_are_left_alone(tmp_path):
    assert hoisted(tmp_path, "<p>text</p>") == "<p>text</p>"
    assert not (tmp_path / "_static").exists()


def test_a_live_explorer_leaves_no_state_of_a_kernel_on_the_page():
    """A hundred kilobytes under names that each build draws anew."""
    kind = "application/vnd.jupyter.widget-state+json"
    files = [SimpleNamespace(attributes={"type": kind}), SimpleNamespace(attributes={}), "book.js"]
    context = {"script_files": files}
    explorers.drop_widget_state(None, "page", "page.html", context, None)
    assert context["script_files"] == files[1:]


def test_the_html_twin_comes_first_and_nothing_is_loaded_for_widgets():
    config = SimpleNamespace(nb_ipywidgets_js={"x": {}}, nb_mime_priority_overrides=[("*", "a", 1)])
    explorers.prefer_html(None, config)
    assert config.nb_ipywidgets_js == {}
    assert config.nb_mime_priority_overrides == [("*", "a", 1), ("html", "text/html", 0)]
