"""The stepper on a page: how a reader moves it and what a reader reads."""

import re

PHONE = {"viewport": {"width": 375, "height": 760}, "has_touch": True, "is_mobile": True}


class Stepper:
    """A stepper on a page: how a reader moves it and what a reader reads."""

    def __init__(self, opened, index=0):
        self.opened, self.page = opened, opened.page
        self.root = opened.page.locator(".nw").nth(index)

    def slider(self, name):
        return self.root.locator(f'input[type=range][name="{name}"]')

    def slide(self, name, value):
        self.slider(name).evaluate(
            "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }",
            str(value),
        )
        self.settle()

    def settle(self):
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")

    def pick(self, text):
        self.root.locator(".nw-choices label", has_text=text).first.click()
        self.settle()

    def grid(self, name):
        return self.root.locator(f".nw-block-{name} .nw-grid")

    def point(self, name, row, column):
        """The middle of a cell, padding counted, in the grid's own pixels."""
        svg = self.grid(name).locator("svg")
        _, _, width, _ = map(float, svg.get_attribute("viewBox").split())
        box = svg.bounding_box()
        scale = box["width"] / width
        return {"x": (2 + 32 * column + 16) * scale, "y": (2 + 32 * row + 16) * scale}

    def hover(self, name, row, column):
        self.grid(name).locator("svg").hover(position=self.point(name, row, column))
        self.settle()

    def click(self, name, row, column, touch=False):
        svg = self.grid(name).locator("svg")
        act = svg.tap if touch else svg.click
        act(position=self.point(name, row, column))
        self.settle()

    def now(self):
        return self.root.locator(".nw-now").inner_text()

    def over(self):
        return self.root.locator(".nw-over").inner_text()

    def fact(self, term):
        found = self.root.locator(f'dt:text-is("{term}") + dd')
        return found.inner_text() if found.is_visible() else None

    def caption(self, name):
        return self.root.locator(f".nw-block-{name} .nw-caption").inner_text()

    def place(self):
        return self.root.locator(".nw-place").inner_text()

    def value(self):
        """Which output is shown and its value, as the sentence says."""
        text = self.now().replace("−", "-")
        row, column, value = re.match(r"y\[(\d+), (\d+)\] = .* = (-?[\d.]+)$", text).groups()
        return int(row), int(column), float(value)

    def clean(self):
        assert not self.opened.errors and not self.opened.foreign
