"""The descent explorer in a real browser, by mouse, keyboard and touch."""

import re

import numpy as np
import pytest
from explorer_page import LOOKS, OnPage
from stepper_page import PHONE

from nndl.widgets import DescentPath
from nndl.widgets.descent_data import X, Y
from nndl.widgets.descent_path import PLANES, STEPS

pytestmark = pytest.mark.browser

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
LEFT, TOP, BOTTOM, RIGHT = 30, 8, 28, 8  # around the plane, in its own units
CHART_LEFT, CHART_TOP, CHART_BOTTOM, CHART_RIGHT = 40, 8, 28, 8


class Descent(OnPage):
    """A descent explorer on a page."""

    plane = PLANES["plain"]

    def svg(self, name):
        return self.root.locator(f".nw-dp-{name} .nw-picture > svg")

    def box(self, name):
        """Width and height of a picture in its own units."""
        return list(map(float, self.svg(name).get_attribute("viewBox").split()))[2:]

    def d(self, name, part):
        return self.root.locator(f'.nw-dp-{name} [data-part="{part}"]').get_attribute("d") or ""

    def scale(self):
        return (self.box("plane")[0] - LEFT - RIGHT) / (self.plane[0][1] - self.plane[0][0])

    def place(self, x, y):
        """The w and b of a point in the inner picture's units."""
        return [self.plane[0][0] + x / self.scale(), self.plane[1][1] - y / self.scale()]

    def dots(self, part="dots", name="plane"):
        """The w and b of each dot: a dot begins at its left."""
        pairs = re.findall(r"M(-?[\d.]+) (-?[\d.]+)a([\d.]+)", self.d(name, part))
        return [self.place(float(x) + float(r), float(y)) for x, y, r in pairs]

    def line(self):
        """Ends of the pieces of the path, as w and b."""
        pairs = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", self.d("plane", "path"))
        return [self.place(float(x), float(y)) for x, y in pairs]

    def arrow(self, part):
        """From where to where an arrow goes, as w and b."""
        found = re.match(r"M(\S+) (\S+)L(-?[\d.]+) (-?[\d.]+)", self.d("plane", part))
        if not found:
            return None
        x0, y0, x1, y1 = map(float, found.groups())
        return np.array(self.place(x0, y0)), np.array(self.place(x1, y1))

    def at(self, w, b):
        """The place of a w and b in pixels of the page, in the picture."""
        bounds = self.svg("plane").bounding_box()
        by = bounds["width"] / self.box("plane")[0]
        x = LEFT + (w - self.plane[0][0]) * self.scale()
        y = TOP + (self.plane[1][1] - b) * self.scale()
        return {"x": x * by, "y": y * by}

    def curve(self, part, losses):
        """The losses that a curve is drawn at, read back from the axis of the chart."""
        width, height = self.box("curves")
        low, high = np.floor(np.log10(np.min(losses))), np.ceil(np.log10(np.max(losses)))
        high = max(low + 1, high)
        pairs = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", self.d("curves", part))
        deep = height - CHART_TOP - CHART_BOTTOM
        steps = [
            (float(x) - CHART_LEFT) / (width - CHART_LEFT - CHART_RIGHT) * STEPS for x, _ in pairs
        ]
        return steps, [low + (1 - (float(y) - CHART_TOP) / deep) * (high - low) for _, y in pairs]

    def words(self):
        return self.root.locator(".nw-verdict").inner_text()

    def answer(self, text):
        self.root.locator(".nw-guess select").select_option(label=text)
        self.click("Check")
        return self.words()

    def python(self):
        """The explorer that the copied code makes."""
        self.click("Copy as Python")
        self.page.wait_for_function("document.querySelector('.nw-note').textContent !== ''")
        field = self.root.locator(".nw-note input")
        if field.count():
            code = field.input_value()
        else:
            code = self.page.evaluate("() => navigator.clipboard.readText()")
        return eval(code, {"DescentPath": DescentPath})


def inside(places, plane):
    low, high = np.array(plane).T
    return [list(p) for p in places if (p >= low).all() and (p <= high).all()]


def close(found, expected, far=0.012):
    """Equal to a fraction of a pixel."""
    found, expected = np.array(found), np.array(expected)
    assert found.shape == expected.shape, (found, expected)
    assert abs(found - expected).max() < far


def shown(value):
    """Three digits that count, as the page writes them."""
    return f"{float(f'{value:.3g}'):g}".replace("-", "−")


@pytest.mark.parametrize("look", ["light", "dark phone"])
def test_draws_what_was_computed(host, look):
    explorer = DescentPath()
    page = Descent(host(explorer, **LOOKS[look]))
    path, closed = explorer.path()[:13], explorer.minimum()
    close(page.dots(), inside(path, page.plane))
    assert len(page.dots()) > 8
    close(page.dots("here"), [path[-1]], far=0.02)
    # the star's middle: between its highest and lowest corner, it is not symmetric up and down
    first = re.match(r"M(\S+) (\S+)L", page.d("plane", "closed")).groups()
    close(page.place(float(first[0]), float(first[1]) + 8), closed, far=0.02)
    diamond = re.match(r"M(\S+) ([^l]+)l", page.d("plane", "dev")).groups()
    close(page.place(float(diamond[0]), float(diamond[1]) + 6), explorer.minimum("dev"), far=0.02)
    # the losses, and the line of the closed form
    every = np.vstack([explorer.losses(), DescentPath(method="closed").losses()])
    for part, which in (("trainCurve", 0), ("devCurve", 1)):
        steps, logs = page.curve(part, every)
        close(steps, range(13), far=0.1)
        close(logs, np.log10(explorer.losses()[:13, which]), far=0.02)
    floor = re.match(r"M40 (\S+)H", page.d("curves", "floor")).group(1)
    low, high = np.floor(np.log10(every.min())), np.ceil(np.log10(every.max()))
    deep = page.box("curves")[1] - CHART_TOP - CHART_BOTTOM
    height = low + (1 - (float(floor) - CHART_TOP) / deep) * (high - low)
    assert height == pytest.approx(np.log10(every[-1, 0]), abs=0.02)
    page.clean()


def test_contours_are_the_ellipses_of_the_hessian(host):
    explorer = DescentPath()
    page = Descent(host(explorer))
    x, y = (part[:, 0] for part in explorer.samples())
    least = DescentPath(method="closed").losses()[0, 0]
    ellipses = re.findall(
        r"M(\S+) (\S+)A(\S+) (\S+) (\S+) 1 0 (\S+) (\S+)A", page.d("plane", "contour")
    )
    assert len(ellipses) == 9
    for level, numbers in enumerate(ellipses, start=-3):
        x0, y0, a, b, turn, x1, y1 = map(float, numbers)
        middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        angle = np.radians(turn)
        for t in np.linspace(0, 6, 7):
            point = middle + a * np.cos(t) * np.array([np.cos(angle), np.sin(angle)])
            point = point + b * np.sin(t) * np.array([-np.sin(angle), np.cos(angle)])
            w, bias = page.place(*point)
            excess = np.mean((w * x + bias - y) ** 2) - least
            assert excess == pytest.approx(10 ** (level / 2), rel=0.04, abs=0.003)
    page.clean()


def test_arrows_point_down_the_gradients(host):
    explorer = DescentPath(method="batches", batch_size=1, learning_rate=0.02, step=7)
    page = Descent(host(explorer))
    x, y = (part[:, 0] for part in explorer.samples())
    w, b = explorer.path()[7]
    lengths = {}
    for part, rows in (("full", list(range(16))), ("next", explorer.batches()[7])):
        error = w * x[rows] + b - y[rows]
        gradient = np.array([2 * np.mean(error * x[rows]), 2 * np.mean(error)])
        start, tip = page.arrow(part)
        close(start, [w, b], far=0.03)
        way = (tip - start) / np.linalg.norm(tip - start)
        assert way @ (-gradient / np.linalg.norm(gradient)) > 0.99
        lengths[part] = np.linalg.norm(tip - start), np.linalg.norm(gradient)
    (full, full_size), (batch, batch_size) = lengths["full"], lengths["next"]
    assert full / batch == pytest.approx(full_size / batch_size, abs=0.08)
    fact = page.fact("Gradient")
    assert fact.startswith(f"norm {shown(full_size)}; of the next mini-batch {shown(batch_size)},")
    # all samples: one arrow
    page.pick("all samples")
    assert page.arrow("full") is None and page.arrow("next") is not None
    page.pick("closed form")
    assert page.arrow("full") is None and page.arrow("next") is None
    page.clean()


def test_a_click_places_the_start(host):
    page = Descent(host(DescentPath(), **CLIPBOARD))
    page.svg("plane").click(position=page.at(3, -1))
    page.settle()
    made = page.python()
    close(made.state["start"], [3, -1], far=0.03)
    close(page.dots(), inside(made.path()[:13], page.plane))
    assert page.dots() and page.d("plane", "start")
    page.clean()


def test_the_keyboard_moves_start_and_step(host):
    page = Descent(host(DescentPath(step=0), **CLIPBOARD))
    page.press_in(".nw-dp-plane .nw-picture", "ArrowRight", "ArrowUp", "Shift+ArrowLeft")
    assert page.python().state["start"] == [-1.4, 3.1]
    assert page.now().startswith("Step 0, before the first epoch: w = −1.4, b = 3.1,")
    assert page.now() in page.aria(".nw-dp-plane .nw-picture")
    # the start stays in the picture
    page.press_in(".nw-dp-plane .nw-picture", *["Shift+ArrowLeft"] * 3)
    assert page.python().state["start"] == [-2, 3.1]
    page.press_in(".nw-dp-curves .nw-picture", "ArrowRight", "ArrowRight", "ArrowRight")
    explorer = DescentPath(start=(-2, 3.1), step=3)
    w, b = explorer.path()[3]
    train, dev = explorer.losses()[3]
    assert page.now() == (
        f"Step 3, epoch 3: w = {shown(w)}, b = {shown(b)}, training loss {shown(train)}, "
        f"development loss {shown(dev)}."
    )
    page.press("End")
    assert page.now().startswith("Step 60, ")
    page.press("ArrowRight", "Home", "ArrowLeft")
    assert page.now().startswith("Step 0, ")
    page.clean()


def test_play_bar(host):
    page = Descent(host(DescentPath(step=58)))
    bar = page.root.locator(".nw-place")
    assert bar.inner_text() == "58 / 60"
    page.click("Step forward")
    page.click("Step forward")
    assert bar.inner_text() == "60 / 60" and page.now().startswith("Step 60, ")
    page.click("Step back")
    assert page.now().startswith("Step 59, ")
    page.root.get_by_role("button", name="Play").click()
    page.page.wait_for_function(
        "() => /^Step [1-9],/.test(document.querySelector('.nw-now').textContent)"
    )
    page.root.get_by_role("button", name="Pause").click()
    page.clean()


def test_a_click_on_the_losses_goes_to_a_step(host):
    page = Descent(host(DescentPath(learning_rate=0.05)))
    width, _ = page.box("curves")
    bounds = page.svg("curves").bounding_box()
    x = CHART_LEFT + 30 / STEPS * (width - CHART_LEFT - CHART_RIGHT)
    page.svg("curves").click(position={"x": x * bounds["width"] / width, "y": 40})
    page.settle()
    assert page.now().startswith("Step 30, epoch 30: ")
    close(page.dots(), inside(DescentPath(learning_rate=0.05).path()[:31], page.plane))
    page.clean()


def test_a_path_that_leaves_the_picture(host):
    explorer = DescentPath(learning_rate=0.2, step=10)
    page = Descent(host(explorer))
    path = explorer.path()[:11]
    within = inside(path, page.plane)
    close(page.dots(), within)
    assert 0 < len(within) < 5
    # no piece of the line goes over the rim
    low, high = np.array(page.plane).T
    line = np.array(page.line())
    assert len(line) and (line >= low - 0.02).all() and (line <= high + 0.02).all()
    assert page.d("plane", "here") == "" and page.d("plane", "next") == ""
    assert page.root.locator(".nw-dp-plane svg text.nw-bold.nw-end").text_content() == (
        "outside the picture"
    )
    assert page.now().endswith(" This point lies outside the picture.")
    assert page.fact("Outside the picture").startswith(f"{11 - len(within)} of the 11 points")
    factor = explorer.outlook()["factor"]
    assert page.fact("In the long run") == (
        f"Diverges: what is off grows by the factor {round(factor, 3):g} a step."
    )
    every = np.vstack([explorer.losses(), DescentPath(method="closed").losses()])
    _, logs = page.curve("trainCurve", every)
    close(logs, np.log10(explorer.losses()[:11, 0]), far=0.03)
    page.slide("learning_rate", 0)
    assert page.fact("Outside the picture") is None
    page.clean()


def test_facts(host):
    explorer = DescentPath(momentum=0.9, learning_rate=0.1)
    page = Descent(host(explorer))
    most, least = explorer.eigenvalues()
    assert page.fact("Hessian") == (
        f"eigenvalues {shown(most)} and {shown(least)}, condition number {shown(most / least)}: "
        "a long valley"
    )
    assert page.fact("Largest stable rate") == (
        f"2 (1 + m) / λmax = 2 · 1.9 / {most:.2f} = {explorer.largest_stable_rate():.4f}; "
        "chosen: 0.1"
    )
    assert page.fact("In the long run").startswith("Oscillates and converges: what is left shrinks")
    page.root.locator(".nw-switch").click()
    page.settle()
    explorer = DescentPath(momentum=0.9, learning_rate=0.1, standardize=True)
    page.plane = PLANES["standard"]
    assert page.fact("Hessian") == "eigenvalues 2 and 2, condition number 1: a round bowl"
    close(page.dots(), inside(explorer.path()[:13], page.plane))
    w, b = explorer.minimum()
    train, dev = DescentPath(method="closed", standardize=True).losses()[0]
    assert page.fact("Closed form") == (
        f"w = {shown(w)}, b = {shown(b)}: training loss {shown(train)}, "
        f"development loss {shown(dev)}"
    )
    page.clean()


def test_mini_batches(host):
    page = Descent(host(DescentPath(), **CLIPBOARD))
    page.pick("mini-batches")
    page.slide("learning_rate", 15)
    settings = {"method": "batches", "learning_rate": 0.1}
    explorer = DescentPath(**settings)
    assert page.python().state == explorer.state
    close(page.dots(), inside(explorer.path()[:13], page.plane))
    outlook, closed = explorer.outlook(), DescentPath(method="closed").losses()[0, 0]
    assert page.fact("In the long run") == (
        f"Does not settle: over steps 1001 to 2000 it hovers at a mean loss of "
        f"{shown(outlook['mean'])} (largest {shown(outlook['most'])}); the minimum is "
        f"{shown(closed)}."
    )
    # residuals of the samples that the next step takes, and of no others
    width, height = page.box("data")
    wide, high = width - CHART_LEFT - CHART_RIGHT, height - CHART_TOP - CHART_BOTTOM
    rings = re.findall(r"M(\S+) (\S+)a5.5", page.d("data", "used"))
    found = sorted(((float(x) + 5.5) / wide * 4.5, 7 - float(y) / high * 7) for x, y in rings)
    close(found, sorted((X[i], Y[i]) for i in explorer.batches()[12]), far=0.02)
    # another draw takes others, and another path
    page.slide("draw", 3)
    explorer = DescentPath(draw=3, **settings)
    close(page.dots(), inside(explorer.path()[:13], page.plane))
    page.root.locator('.nw-choices label:has(input[value="1"])').click()
    page.settle()
    explorer = DescentPath(draw=3, batch_size=1, **settings)
    close(page.dots(), inside(explorer.path()[:13], page.plane))
    assert page.now().startswith("Step 12, epoch 1, batch 12 of 16: ")
    page.clean()


def test_controls_without_a_meaning_are_gone_and_it_is_said_why(host):
    page = Descent(host(DescentPath(), **CLIPBOARD))
    batch = page.root.locator(".nw-choices", has_text="Batch size")
    rate = page.root.locator('input[name="learning_rate"]')
    why = page.root.locator(".nw-controls .nw-caption")
    assert not batch.is_visible() and rate.is_visible()
    assert why.inner_text().startswith("Each step takes all 16 samples")
    page.pick("mini-batches")
    assert batch.is_visible() and not why.is_visible()
    page.root.locator('.nw-choices label:has(input[value="16"])').click()
    page.settle()
    assert why.inner_text().startswith("One batch holds all 16 samples")
    close(page.dots(), inside(DescentPath().path()[:13], page.plane))
    page.pick("closed form")
    assert not rate.is_visible() and why.inner_text().startswith("The closed form has no start")
    assert page.root.get_by_role("button", name="Play").is_disabled()
    closed = DescentPath(method="closed")
    (w, b), (train, dev) = closed.path()[0], closed.losses()[0]
    assert page.now() == (
        f"Solved at once: w = {shown(w)}, b = {shown(b)}, training loss {shown(train)}, "
        f"development loss {shown(dev)}."
    )
    assert page.dots() == [] and page.d("plane", "start") == ""
    assert page.d("plane", "here") == ""  # the star is the solution
    first = re.match(r"M(\S+) (\S+)L", page.d("plane", "closed")).groups()
    close(page.place(float(first[0]), float(first[1]) + 8), [w, b], far=0.02)
    assert page.fact("In the long run") == "At the minimum at once: there are no steps."
    page.svg("plane").click(position=page.at(0, 0))
    page.settle()
    assert page.root.locator(".nw-note").inner_text() == "The closed form needs no start."
    assert page.python().state["start"] == [-1, 3]
    page.clean()


def test_guess_first(host):
    page = Descent(host(DescentPath(predict=True, learning_rate=0.16)))
    page.root.locator(".nw-dp").wait_for()
    assert len(page.dots()) == 1 and page.line() == []
    assert not page.svg("curves").is_visible() and page.root.locator(".nw-secret").is_visible()
    assert page.fact("In the long run") is None and page.fact("Largest stable rate") is None
    assert page.root.get_by_role("button", name="Play").is_disabled()
    assert page.now().startswith("Start: w = −1, b = 3, training loss 15")
    page.click("Check")
    assert page.words() == "Choose an answer." and len(page.dots()) == 1
    said = page.answer("falls to the minimum, path swings")
    assert said.startswith("✗ Not quite. The rate is above the largest stable one")
    assert "1 − 0.16 λ: −1.262 for λ = 14.1" in said
    assert page.svg("curves").is_visible() and page.fact("In the long run").startswith("Diverges")
    assert page.answer("grows without bound").startswith("✓ Right. Diverges")
    # another rate is another question; another start is not
    page.press_in(".nw-dp-plane .nw-picture", "ArrowRight")
    assert page.svg("curves").is_visible()
    page.slide("learning_rate", 12)
    assert not page.svg("curves").is_visible() and page.words() == ""
    assert page.answer("falls to the minimum, no swinging").startswith("✓ Right. Converges")
    page.pick("mini-batches")
    said = page.answer("falls to the minimum, no swinging")
    assert "At the minimum the mean gradient is 0" in said and "hovers" in said
    page.pick("closed form")
    assert page.d("data", "trainCurve") == "" and page.d("plane", "here") == ""
    assert page.answer("at the minimum after one step").startswith("✓ Right.")
    assert page.d("data", "trainCurve")
    page.click("Show the answer")
    assert page.fact("In the long run").startswith("At the minimum at once")
    page.clean()


def test_link_and_code_carry_the_state(host):
    settings = {
        "method": "batches",
        "learning_rate": 0.07,
        "momentum": 0.5,
        "batch_size": 2,
        "draw": 6,
        "standardize": True,
        "start": [2.5, 1.25],
        "step": 33,
    }
    explorer = DescentPath(**settings)
    page = Descent(host(explorer, **CLIPBOARD))
    assert page.python().state == explorer.state
    page.click("Copy link")
    address = page.page.url
    for part in ("method=batches", "learning_rate=0.07", "draw=6", "step=33"):
        assert part in address
    page.click("Reset")
    assert page.python().state == explorer.state
    # on another page of the same explorer, the link sets what it says
    fragment = address.split("#")[1]
    other = Descent(host(DescentPath(), **CLIPBOARD))
    other.page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    other.page.wait_for_function(
        "() => document.querySelector('.nw-now').textContent.startsWith('Step 33,')"
    )
    other.plane = PLANES["standard"]
    assert other.python().state == explorer.state
    close(other.dots(), inside(explorer.path()[:34], other.plane))
    page.clean()


def test_touch_and_chinese(host):
    page = Descent(host(DescentPath(), lang="zh-CN", **PHONE))
    page.svg("plane").tap(position=page.at(0, 0))
    page.settle()
    assert page.fact("海森矩阵").startswith("特征值 14.1 和 0.342，条件数 41.4")
    assert page.now().startswith("第 12 步，第 12 轮：w = ")
    assert page.fact("长期来看").startswith("振荡，但收敛")
    start = re.match(r"M(\S+) ([^h]+)h", page.d("plane", "start")).groups()
    close(page.place(float(start[0]) + 5, float(start[1]) + 5), [0, 0], far=0.03)
    page.pick("小批量")
    assert page.fact("长期来看").startswith("不收敛到一点")
    names = {"SVG", "PNG", "Python", "nndl", "ops", "SquaredError", "wx", "wz", "max", "λmax"}
    assert set(re.findall("[A-Za-z]{2,}", page.root.inner_text())) <= names
    page.clean()


@pytest.mark.parametrize(
    ("look", "settings"),
    [
        ("light", {"learning_rate": 0.16, "step": 60}),
        ("dark", {"method": "batches", "predict": True}),
        ("phone", {"method": "batches", "batch_size": 1, "learning_rate": 3, "step": 60}),
        ("dark phone", {"method": "closed", "standardize": True}),
    ],
)
def test_fits_and_is_accessible(host, look, settings):
    Descent(host(DescentPath(**settings), **LOOKS[look])).fits_and_is_accessible()


def test_the_files_that_are_saved(host):
    page = Descent(host(DescentPath(method="batches"), theme="dark"))
    text = page.saved()
    assert "var(--" not in text and "NaN" not in text and "−gradient, next mini-batch" in text
    assert "Loss after each step" in text and 'data-part="contour"' in text
    with page.page.expect_download() as saved:
        page.root.get_by_role("button", name="Save as PNG").click()
    picture = saved.value.path().read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    size = re.search(r'viewBox="0 0 (\S+) (\S+)"', text).groups()
    assert [width, height] == [2 * int(float(side)) for side in size]
    page.clean()
