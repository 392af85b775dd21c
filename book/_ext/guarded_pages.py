"""Keep the theme and the search at work where a browser stores nothing, and for any word."""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

HEAD = re.compile(r"<head>")
INDEX = re.compile(r'<script src="searchindex\.js"')


def guarded(html: str, root: str) -> str:
    """Return a page whose first script mends what the browser forbids.

    `root` leads from the page to the folder of the language. The theme's own first script stands in
    its head, before all that an extension may add, hence the finished page is changed.
    """
    html = HEAD.sub(f'<head>\n    <script src="{root}_static/storage.js"></script>', html, count=1)
    return INDEX.sub(rf'<script src="{root}_static/search_words.js"></script>\n  \g<0>', html)


def guard_pages(app: Sphinx, exception: Exception | None) -> None:
    """Change every page that was built."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for path in out.rglob("*.html"):
        html = path.read_text("utf8")
        if "_static/storage.js" not in html:
            path.write_text(guarded(html, "../" * (len(path.relative_to(out).parts) - 1)), "utf8")
    search = out / "search.html"
    if search.exists() and "search_words.js" not in search.read_text("utf8"):
        raise ExtensionError("search.html does not load searchindex.js where it did")


def setup(app: Sphinx) -> dict:
    """Connect the step."""
    app.connect("build-finished", guard_pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
