"""Make each page weigh what it shows, and keep it on its own host.

The theme serves a 1.4 MB icon script and source maps, and Jupyter Book adds a live-code script that
calls a foreign host. The pages here draw the theme's icons from its style sheet and font alone,
both cut down to the icons in use.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

ASSETS = Path(__file__).resolve().parents[1] / "assets"
FONT = "_static/vendor/fontawesome/webfonts/fa-solid-900"
THEME_CSS = "_static/styles/pydata-sphinx-theme.css"
# one icon's rule in the theme's style sheet, its classes and its glyph
ICON_RULE = re.compile(r'(\.fa-[\w-]+:before(?:,\.fa-[\w-]+:before)*)\{content:"\\([0-9a-f]+)"\}')
PRIVATE_USE = re.compile(r"[\ue000-\uf8ff]")


def serve_assets(app: Sphinx) -> None:
    """Serve `book/assets`.

    Set here because Jupyter Book puts every script of a configured folder on every page.
    """
    app.config.html_static_path.append(str(ASSETS))


def drop_thebe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Take the live-code scripts off the page: they need a foreign host."""

    def is_thebe(file) -> bool:
        body = (getattr(file, "attributes", None) or {}).get("body", "") or ""
        return "thebe" in str(getattr(file, "filename", file) or "").lower() or "THEBE" in body

    for key in ("script_files", "css_files"):
        context[key] = [file for file in context.get(key, []) if not is_thebe(file)]


def used_icons(out: Path) -> set[str]:
    """Return the icon classes that the pages and the theme's scripts name."""
    files = [*out.rglob("*.html"), *(out / "_static").rglob("*.js")]
    files = [path for path in files if "fontawesome" not in path.name]
    return {name for path in files for name in re.findall(r"\bfa-[\w-]+", path.read_text("utf8"))}


def cut_icons(out: Path) -> None:
    """Reduce the theme's icon rules and icon font to the icons in use."""
    from fontTools import subset

    sheet = out / THEME_CSS
    css = sheet.read_text("utf8")
    used = used_icons(out)
    glyphs = {ord(char) for char in PRIVATE_USE.findall(css)}  # the signs of notes and warnings

    def keep(rule: re.Match) -> str:
        classes, glyph = rule.groups()
        if used.isdisjoint(re.findall(r"fa-[\w-]+", classes)):
            return ""
        glyphs.add(int(glyph, 16))
        return rule.group()

    source = (out / FONT).with_suffix(".ttf")
    if not source.exists():  # an incremental build: already cut
        return
    sheet.write_text(ICON_RULE.sub(keep, css), "utf8")
    options = subset.Options(flavor="woff2", layout_features=[], hinting=False)
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=glyphs)
    subsetter.subset(font)
    subset.save_font(font, str((out / FONT).with_suffix(".woff2")), options)


def drop_unused_files(app: Sphinx, exception: Exception | None) -> None:
    """Delete what no page loads from the built site."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    cut_icons(out)
    static = out / "_static"
    unused = [
        *static.rglob("*.map"),
        *static.rglob("*.ttf"),
        *static.glob("scripts/fontawesome.js*"),
    ]
    unused += [*static.glob("*thebe*"), *static.glob("*webpack-macros.html")]
    unused += [p for p in static.rglob("fa-*.woff2") if p.stem != "fa-solid-900"]
    for path in unused:
        path.unlink(missing_ok=True)


def setup(app: Sphinx) -> dict:
    """Connect the three steps."""
    app.connect("builder-inited", serve_assets)
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("build-finished", drop_unused_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
