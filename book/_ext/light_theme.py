"""Make each page weigh what it shows, and keep it on its own host.

The theme serves a 1.4 MB icon script and source maps, and Jupyter Book adds a live-code script that
calls a foreign host. The pages here draw the icons from a font cut down to the glyphs in use.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

ASSETS = Path(__file__).resolve().parents[1] / "assets"
FONT = "_static/vendor/fontawesome/webfonts/fa-solid-900"
# A glyph named in a style sheet: as an escape, or as the character itself in the private-use area.
GLYPH = re.compile(r"\\([ef][0-9a-f]{3})\b|([\ue000-\uf8ff])")
logger = logging.getLogger(__name__)


def serve_assets(app: Sphinx) -> None:
    """Serve `book/assets`; set here because Jupyter Book puts scripts of a configured folder on every page."""
    app.config.html_static_path.append(str(ASSETS))


def drop_thebe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Take the live-code scripts off the page: they need a foreign host and declare a name twice."""

    def is_thebe(file) -> bool:
        body = (getattr(file, "attributes", None) or {}).get("body", "") or ""
        return "thebe" in str(getattr(file, "filename", file) or "").lower() or "THEBE" in body

    for key in ("script_files", "css_files"):
        context[key] = [file for file in context.get(key, []) if not is_thebe(file)]


def codepoints(style_sheets: list[Path]) -> set[int]:
    """Return the private-use code points that the style sheets name."""
    found = set()
    for sheet in style_sheets:
        for escape, char in GLYPH.findall(sheet.read_text("utf8")):
            found.add(int(escape, 16) if escape else ord(char))
    return found


def cut_icon_font(out: Path) -> None:
    """Reduce the theme's icon font to the glyphs that the style sheets name."""
    from fontTools import subset

    source = (out / FONT).with_suffix(".ttf")
    if not source.exists():  # an incremental build: already cut
        return
    sheets = [out / "_static/icons.css", out / "_static/styles/pydata-sphinx-theme.css"]
    options = subset.Options(flavor="woff2", layout_features=[], hinting=False)
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codepoints(sheets))
    subsetter.subset(font)
    subset.save_font(font, str((out / FONT).with_suffix(".woff2")), options)


def drop_unused_files(app: Sphinx, exception: Exception | None) -> None:
    """Delete what no page loads from the built site."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    cut_icon_font(out)
    static = out / "_static"
    unused = [*static.rglob("*.map"), *static.rglob("*.ttf"), *static.glob("scripts/fontawesome.js*")]
    unused += [*static.glob("*thebe*"), *static.glob("sbt-webpack-macros.html")]
    unused += [p for p in static.rglob("fa-*.woff2") if p.stem != "fa-solid-900"]
    for path in unused:
        path.unlink()


def setup(app: Sphinx) -> dict:
    """Connect the three steps."""
    app.connect("builder-inited", serve_assets)
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("build-finished", drop_unused_files)
    app.add_css_file("icons.css")
    app.add_css_file("book.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
