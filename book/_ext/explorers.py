"""Serve each kind of explorer's program as one cached file instead of a copy in every output.

Without this extension pages already work: an explorer's output carries all it needs. With it a
page that shows ten steppers loads their program once, and the next page has it in the cache.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

PROGRAM = re.compile(r'<script data-nndl="(\w+)@(\w+)">(.*?)</script>', re.S)


def prefer_html(app: Sphinx, config: Config) -> None:
    """Load nothing for ipywidgets, and show the HTML twin of a live explorer."""
    config.nb_ipywidgets_js = {}
    present = list(config.nb_mime_priority_overrides)
    config.nb_mime_priority_overrides = [*present, ("html", "text/html", 0)]


def drop_widget_state(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Take the state of live explorers off the page: their HTML is there."""

    def is_state(file) -> bool:
        attributes = getattr(file, "attributes", None) or {}
        return "widget-state" in str(attributes.get("type", ""))

    context["script_files"] = [
        file for file in context.get("script_files", []) if not is_state(file)
    ]


def hoist_programs(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Move the programs of a page's explorers into files named by their content."""
    body = context.get("body")
    if not body or "data-nndl=" not in body:
        return
    seen = set()

    def hoist(match: re.Match) -> str:
        kind, digest, script = match.groups()
        name = f"explorer-{kind}.{digest}.js"
        if name in seen:
            return ""
        seen.add(name)
        path = Path(app.outdir) / "_static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(script, "utf8")
        return f'<script src="{context["pathto"]("_static/" + name, 1)}"></script>'

    context["body"] = PROGRAM.sub(hoist, body)


def setup(app: Sphinx) -> dict:
    """Connect the steps."""
    app.connect("config-inited", prefer_html)
    app.connect("html-page-context", drop_widget_state, priority=900)
    app.connect("html-page-context", hoist_programs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
