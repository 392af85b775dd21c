"""What an explorer looks like among its host's style sheets: boxes and computed styles."""

WIDTH = {"viewport": {"width": 1300, "height": 1000}}
ALIKE = ".nw-mount { width: 700px !important; max-width: none !important; }"
# what style sheets of hosts are wont to say; lengths that follow from boxes are in the boxes
SAID = """
display float position box-sizing margin-top margin-right margin-bottom margin-left padding-top
padding-right padding-bottom padding-left border-top-width border-bottom-width
border-left-width border-top-color border-top-style border-top-left-radius background-color
background-image box-shadow color accent-color color-scheme opacity visibility font-family
font-size font-style font-weight line-height letter-spacing text-align text-transform
text-indent text-decoration-line vertical-align white-space list-style-type cursor overflow-x
min-width max-width fill stroke stroke-width text-anchor
"""
STYLES = SAID.split()
LOOK = """(root, styles) => [root, ...root.querySelectorAll("*")].map((node) => {
  const style = getComputedStyle(node), { width, height } = node.getBoundingClientRect();
  const name = `${node.tagName}.${node.getAttribute("class") ?? ""}`;
  return [name, [width, height], styles.map((property) => style.getPropertyValue(property))];
})"""


def measured(page) -> list[list]:
    """Return the look of every explorer of a page, all as wide as in any other."""
    page.add_style_tag(content=ALIKE)
    page.mouse.move(0, 0)
    # what fits is asked for anew when the width has changed
    page.wait_for_timeout(500)
    return [explorer.evaluate(LOOK, STYLES) for explorer in page.locator(".nw").all()]


def differences(here: list, there: list) -> list[tuple]:
    """Return what differs by more than a rounded pixel, node by node."""
    assert [name for name, *_ in here] == [name for name, *_ in there]
    found = []
    for (name, size, look), (_, other, wanted) in zip(here, there, strict=True):
        if any(abs(a - b) > 0.6 for a, b in zip(size, other, strict=True)):
            found.append((name, size, other))
        both = zip(STYLES, look, wanted, strict=True)
        found += [(name, style, is_, was) for style, is_, was in both if is_ != was]
    return found
