"""A wide figure scrolls on a phone instead of shrinking until its words can't be read."""

import re

from PIL import Image
from sphinx.application import Sphinx

PICTURE = re.compile(r'<img [^>]*src="[^"]*_images/([^"]+\.png)"[^>]*>')
WIDE = 600  # pixels; up to here a figure keeps more than half its size on a phone


def let_wide_pictures_scroll(app: Sphinx, pagename: str, template: str, context: dict, doctree):
    """Put each wide picture of a page into a box of its own, which the keyboard can scroll."""
    sources = {name: source for source, name in app.builder.images.items()}

    def boxed(match: re.Match) -> str:
        source = sources.get(match[1])
        if source is None:
            return match[0]
        with Image.open(app.srcdir / source) as picture:
            wide = picture.width > WIDE
        return f'<div class="wide-picture" tabindex="0">{match[0]}</div>' if wide else match[0]

    if "body" in context:
        context["body"] = PICTURE.sub(boxed, context["body"])


def setup(app: Sphinx) -> dict:
    """Look at each page when it is written."""
    app.connect("html-page-context", let_wide_pictures_scroll)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
