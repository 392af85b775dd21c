"""A picture without a description is an error of the build, with the place it is drawn at."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def warn_of_missing_alt(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn of each image of a page that has no alternative text."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            logger.warning(
                "this picture has no alternative text: give a cell the metadata "
                'mystnb: {image: {alt: "what it shows"}}, a figure the option :alt:',
                location=(docname, nearest_line(image)),
            )


def nearest_line(node: nodes.Node) -> int | None:
    """Return the source line of the closest ancestor, or earlier neighbor, that has one."""
    while node is not None:
        if node.line:
            return node.line
        node = node.parent
    return None


def make_references_a_list(app: Sphinx, pagename: str, templatename: str, context: dict, doctree):
    """Call each reference a list item: its own role is out of use and no child of a list."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app: Sphinx) -> dict:
    """Look at each page once its outputs are chosen."""
    app.connect("doctree-resolved", warn_of_missing_alt)
    app.connect("html-page-context", make_references_a_list)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
