"""The backpropagation graph in a real browser, by mouse, keyboard and touch."""

import re

import pytest
from stepper_page import PHONE

from nndl.widgets import BackpropGraph
from nndl.widgets.backprop_graph import PRESETS

pytestmark = pytest.mark.browser
LOOKS = {
    "light": {},
    "dark": {"theme": "dark"},
    "phone": PHONE,
    "dark phone": {"theme": "dark", **PHONE},
}
each_look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)


class GraphPage:
    """A backpropagation graph on a page: how a reader moves it and what a reader reads."""

    def __init__(self, opened, index=0):
        self.opened, self.page = opened, opened.page
        self.root = opened.page.locator(".nw").nth(index)

    def settle(self):
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")

    def choose(self, preset):
        self.root.locator(".nw-list select").select_option(preset)
        self.settle()

    def type_formula(self, text):
        field = self.root.locator("input[name=formula]")
        field.fill(text)
        field.press("Enter")
        self.settle()

    def set(self, name, value):
        field = self.root.get_by_role("textbox", name=f"Value of {name}, typed")
        field.fill(str(value))
        field.press("Enter")
        self.settle()

    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()
        self.settle()

    def step(self):
        self.press("Step forward")

    def now(self):
        return self.root.locator(".nw-now").inner_text()

    def table(self):
        rows = self.root.locator(".nw-slopes tbody tr:visible").all()
        cells = [row.locator("td").all_inner_texts() for row in rows]
        return {name: rest for name, *rest in cells}

    def gradients(self):
        return {name: float(cells[1].replace("−", "-")) for name, cells in self.table().items()}

    def labels(self):
        texts = self.root.locator(".nw-flow text").all_text_contents()
        return [text for text in texts if re.match("[→←↓↑]", text)]

    def clean(self):
        assert not self.opened.errors and not self.opened.foreign


@each_look
def test_every_preset_shows_what_python_computes(host, look):
    graph = GraphPage(host(BackpropGraph(), **look))
    for name in PRESETS:
        graph.choose(name)
        for key, gradient in BackpropGraph(preset=name).gradients().items():
            assert graph.gradients()[key] == pytest.approx(gradient, rel=6e-3, abs=1e-9)
    graph.clean()


def test_stepping_forwards_and_back(host):
    graph = GraphPage(host(BackpropGraph(position=0)))
    said = []
    for _ in range(6):
        said.append((graph.now(), len(graph.labels())))
        graph.step()
    assert [count for _, count in said] == [3, 4, 5, 6, 8, 10]
    assert said[1][0] == "Forwards: v1 = a + b = 2 + 1 = 3"
    assert said[3][0].startswith("The way back begins")
    assert said[4][0] == "Backwards through y: v1 gets 1 · 4 = 4; c gets 1 · 3 = 3."
    assert said[5][0] == "Backwards through v1: a gets 4 · 1 = 4; b gets 4 · 1 = 4."
    assert graph.now() == said[0][0], "after the last step comes the first"
    graph.press("Step back")
    assert graph.now() == said[5][0]
    graph.clean()


def test_paths_are_added(host):
    graph = GraphPage(host(BackpropGraph(preset="twice")))
    assert graph.now().endswith("x now has 3 + 3 = 6.")
    assert "Σ 6" in graph.root.locator(".nw-flow text").all_text_contents()
    assert graph.table() == {"x": ["3", "6", "6"]}


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_editing_inputs_and_formula(host, touch):
    graph = GraphPage(host(BackpropGraph(), **(PHONE if touch else {})))
    graph.set("c", "−2.5")
    assert graph.gradients() == {"a": -2.5, "b": -2.5, "c": 3}
    graph.root.get_by_role("slider", name="Value of a").evaluate(
        "(i) => { i.value = 5; i.dispatchEvent(new Event('input')); }"
    )
    graph.settle()
    assert graph.gradients()["c"] == 6
    graph.type_formula("exp(c) * c × c")
    assert graph.table()["c"][0] == "−2.5", "an input that is still there keeps its value"
    assert graph.root.locator(".nw-list select").input_value() == "own"
    graph.type_formula("exp(c")
    told = graph.root.locator(".nw-formula .nw-problem")
    assert "formula lacks a closing bracket" in told.inner_text()
    assert graph.root.locator("input[name=formula]").get_attribute("aria-invalid") == "true"
    graph.set("c", "many")
    amount = graph.root.locator(".nw-amount", has=graph.page.locator("[aria-invalid=true]"))
    assert "a number from −999 to 999" in amount.locator(".nw-problem").inner_text()
    assert told.inner_text() == "", "one refusal at a time, and the formula in use is shown again"
    graph.type_formula("log(c)")
    assert graph.now() == "y = log(−2.5) has no value: the logarithm needs a positive number."
    assert graph.root.locator("input[name=formula]").get_attribute("aria-invalid") == "false"
    graph.clean()


def test_keys_and_pointing(host):
    graph = GraphPage(host(BackpropGraph(preset="neuron", position=0)))
    flow = graph.root.locator(".nw-flow")
    flow.focus()
    graph.page.keyboard.press("ArrowRight")
    graph.settle()
    assert "v1 = w · x = 2 · (−1) = −2" in graph.now() and "v1 = w · x" in flow.get_attribute(
        "aria-label"
    )
    graph.page.keyboard.press("ArrowDown")
    graph.settle()
    over = graph.root.locator(".nw-over")
    assert over.inner_text() == "w = 2."
    for _ in range(7):
        graph.page.keyboard.press("ArrowRight")
    graph.settle()
    assert over.inner_text().startswith("w = 2. Gradient −0.235: y changes by −0.235")
    graph.root.locator('.nw-node[data-node="2"]').hover()
    graph.settle()
    assert "A product hands each factor the gradient times the other factor." in over.inner_text()
    graph.clean()


def test_guess_first(host):
    graph = GraphPage(host(BackpropGraph(predict=True)))
    assert all(cells[1:] == ["?", "?"] for cells in graph.table().values())
    assert not any(label[0] in "←↑" for label in graph.labels())
    fields = graph.root.locator(".nw-guess input").all()
    fields[0].press("Enter")
    assert "Enter a number in each field." in graph.root.locator(".nw-verdict").inner_text()
    for field, guess in zip(fields, ("4", "4.0", "−3"), strict=True):
        field.fill(guess)
    fields[0].press("Enter")
    graph.settle()
    verdict = graph.root.locator(".nw-verdict").inner_text()
    assert "Not quite." in verdict and "The gradients are a: 4, b: 4, c: 3." in verdict
    assert graph.gradients() == {"a": 4, "b": 4, "c": 3}
    graph.set("a", 2.5)
    assert graph.table()["a"][1] == "?", "another question hides the answer again"
    for field, guess in zip(fields, ("4", "4", "3.5"), strict=True):
        field.fill(guess)
    fields[0].press("Enter")
    assert graph.root.locator(".nw-verdict").inner_text().startswith("✓ Right.")
    graph.clean()


@pytest.mark.parametrize("look", [{}, PHONE], ids=["page", "phone"])
def test_no_two_texts_overlap(host, look):
    graph = GraphPage(host(BackpropGraph(), **look))
    for name in PRESETS:
        graph.choose(name)
        overlap = graph.root.locator(".nw-flow svg").evaluate(
            """(svg) => { const all = [...svg.querySelectorAll("text")].filter((t) => t.textContent)
                 .map((t) => [t.textContent, t.getBoundingClientRect()]);
               return all.flatMap(([a, p], i) => all.slice(i + 1).filter(([, q]) =>
                 p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 4
                 && q.top < p.bottom - 4).map(([b]) => [a, b])); }"""
        )
        assert overlap == [], name


@each_look
@pytest.mark.parametrize(
    "settings",
    [
        {"preset": "residual"},
        {"preset": "error", "position": 3},
        {"predict": True},
        {"formula": "square(w*x + b - t) + 0.01*w*w + exp(q)*x"},
        {"formula": "log(x - y)"},
    ],
    ids=["residual", "half-way", "guess", "large", "no value"],
)
def test_fits_and_is_accessible(host, look, settings):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    opened = host(BackpropGraph(**settings), **look)
    graph = GraphPage(opened)
    width = opened.page.viewport_size["width"]
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    cut = graph.root.locator(".nw-flow svg").evaluate(
        """(svg) => [...svg.querySelectorAll("text")].filter((t) => {
             if (!t.textContent) return false;
             const a = t.getBoundingClientRect(), b = svg.getBoundingClientRect();
             return a.left < b.left - 1 || a.right > b.right + 1 || a.bottom > b.bottom + 1; })
             .map((t) => t.textContent)"""
    )
    assert cut == []
    for slip in ("undefined", "NaN", "[object", "{"):
        assert slip not in opened.page.inner_text("main")
    result = axe.Axe().run(opened.page, context=".nw")
    violations = [(v["id"], v["nodes"][0]["html"][:120]) for v in result.response["violations"]]
    assert violations == []
    graph.clean()


def test_chinese_words_on_a_chinese_page(host):
    graph = GraphPage(host(BackpropGraph(preset="neuron"), lang="zh-CN"))
    assert graph.now().startswith("反向经过 v1：w 得到 0.235 · (−1) = −0.235")
    names = {"sigmoid", "exp", "log", "tanh", "relu", "square", "SVG", "Python", "ReLU"}
    found = set(re.findall("[A-Za-z]{2,}", graph.root.inner_text()))
    assert {word for word in found if not re.fullmatch(r"v\d", word)} <= names


def test_a_link_brings_the_same_state(host):
    graph = GraphPage(host(BackpropGraph()))
    graph.type_formula("x * x + exp(y)")
    graph.set("x", 2)
    graph.press("Copy link")
    fragment = "#" + graph.page.url.split("#", 1)[1]
    shown = graph.table()
    again = GraphPage(host(BackpropGraph()))
    identity = again.root.locator("xpath=..").get_attribute("data-nw")
    again.page.goto(
        again.page.url.split("#")[0] + re.sub(r"explorer=[\w-]+", f"explorer={identity}", fragment)
    )
    again.page.reload()
    again.settle()
    assert again.table() == shown
    again.press("Reset")
    assert again.gradients() == {"a": 4, "b": 4, "c": 3}
    again.clean()


def test_the_picture_is_saved_whole(host):
    graph = GraphPage(host(BackpropGraph(preset="neuron")))
    with graph.page.expect_download() as saved:
        graph.root.get_by_role("button", name="Save as SVG").click()
    text = saved.value.path().read_text("utf8")
    assert saved.value.suggested_filename == "backprop-graph.svg"
    assert "var(--" not in text and text.count("← ") == 6 and text.count("→ ") == 6
