"""Typeset every formula while the book is built, with KaTeX in an embedded JavaScript engine.

The pages then carry finished HTML (for the eye) and MathML (for a screen reader): no script, no
network and no flash of raw TeX. A formula that KaTeX cannot read is a warning with file and line,
and so an error of the build.
"""

import html
import json
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

KATEX = Path(__file__).parent / "katex" / "katex.min.js"
logger = logging.getLogger(__name__)


@cache
def _engine():
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    engine.eval(KATEX.read_text("utf8"))
    return engine


@cache
def render(tex: str, display: bool) -> str:
    """Return the HTML and MathML of one TeX formula.

    Raises
    ------
    ValueError
        With KaTeX's own message, when it cannot read `tex`.
    """
    # strict "ignore" allows Chinese text inside \text{}, for which KaTeX has no metrics
    options = {"displayMode": display, "throwOnError": True, "strict": "ignore"}
    call = f"katex.renderToString({json.dumps(tex)}, {json.dumps(options)})"
    try:
        return _engine().eval(call)
    except Exception as error:  # the engine's own classes differ between its versions
        message = re.search(r"KaTeX parse error: [^\n]*", str(error))
        raise ValueError(message.group() if message else str(error)) from None


def _checked(node: nodes.Node, tex: str, display: bool) -> str:
    try:
        return render(tex, display)
    except ValueError as error:
        logger.warning("KaTeX cannot read this formula: %s", error, location=node)
        return f"<code>{html.escape(tex)}</code>"


def visit_math(self, node: nodes.math) -> None:
    """Write an inline formula."""
    self.body.append(f'<span class="math">{_checked(node, node.astext(), False)}</span>')
    raise nodes.SkipNode


def visit_math_block(self, node: nodes.math_block) -> None:
    """Write a displayed formula, its number and its anchor."""
    tex = node.astext()
    # amsmath environments may start the text themselves; several lines with && or \\ need one
    if "\\\\" in tex and "\\begin" not in tex:
        tex = "\\begin{aligned}" + tex + "\\end{aligned}"
    number = ""
    if node["number"]:
        label = get_node_equation_number(self, node)
        number = f'<span class="eqno">({label})'
        if node.get("ids"):
            self.body.append(f'<div id="{node["ids"][0]}">')
            target = f'href="#{node["ids"][0]}" title="Link to this equation"'
            number += f'<a class="headerlink" {target}>#</a>'
        number += "</span>"
    self.body.append(f'<div class="math math-block">{number}{_checked(node, tex, True)}</div>')
    if node["number"] and node.get("ids"):
        self.body.append("</div>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict:
    """Register the renderer under the name ``katex``."""
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math_block, None))
    app.add_css_file("katex/katex.min.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
