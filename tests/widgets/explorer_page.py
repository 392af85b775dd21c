"""An explorer on a page: what all kinds have, and the look that all must have."""

import pytest
from stepper_page import PHONE

LOOKS = {
    "light": {},
    "dark": {"theme": "dark"},
    "phone": PHONE,
    "dark phone": {"theme": "dark", **PHONE},
}


class OnPage:
    """An explorer on a page."""

    def __init__(self, opened, index=0):
        self.opened, self.page = opened, opened.page
        self.root = opened.page.locator(".nw").nth(index)

    def settle(self):
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")

    def pick(self, text):
        self.root.locator(".nw-choices label", has_text=text).first.click()
        self.settle()

    def choose(self, label, value):
        self.root.locator(".nw-list", has_text=label).locator("select").select_option(value)
        self.settle()

    def slide(self, name, value):
        self.root.locator(f'input[type=range][name="{name}"]').evaluate(
            "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }",
            str(value),
        )
        self.settle()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.settle()

    def click(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()
        self.settle()

    def press_in(self, place, *keys):
        self.root.locator(place).first.focus()
        self.press(*keys)

    def guess(self, number):
        self.root.locator(".nw-guess input").fill(str(number))
        self.root.locator(".nw-guess input").press("Enter")
        self.settle()
        return self.root.locator(".nw-verdict").inner_text()

    def now(self):
        return self.root.locator(".nw-now").inner_text()

    def aria(self, place):
        return self.root.locator(place).first.get_attribute("aria-label")

    def saved(self):
        with self.page.expect_download() as saved:
            self.root.get_by_role("button", name="Save as SVG").click()
        return saved.value.path().read_text("utf8")

    def fact(self, term):
        found = self.root.locator(f'dt:text-is("{term}") + dd')
        return found.inner_text() if found.is_visible() else None

    def clean(self):
        assert not self.opened.errors and not self.opened.foreign

    def fits_and_is_accessible(self):
        """No overflow, targets of a finger's size, no slip of the program, nothing for axe."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright")
        width = self.page.viewport_size["width"]
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width
        small = self.root.evaluate(
            """(root) => [...root.querySelectorAll("button, select, input")]
                 .filter((e) => e.offsetParent && e.type !== "radio")
                 .map((e) => [e.getBoundingClientRect(), e.name || e.textContent])
                 .filter(([box]) => Math.min(box.width, box.height) < 24).map(([, name]) => name)"""
        )
        assert small == []
        for slip in ("undefined", "NaN", "[object", "{"):
            assert slip not in self.page.inner_text("main")
        result = axe.Axe().run(self.page, context=".nw")
        violations = [(v["id"], v["nodes"][0]["html"][:120]) for v in result.response["violations"]]
        assert violations == []
        self.clean()
