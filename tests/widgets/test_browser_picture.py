"""The picture explorer in a real browser, by mouse, keyboard and touch."""

import re

import numpy as np
import pytest
from explorer_page import LOOKS, OnPage
from stepper_page import PHONE

from nndl.widgets import PictureKernel
from nndl.widgets.picture_kernel import NEGATIVE, POSITIVE

pytestmark = pytest.mark.browser

PIXELS = """(canvas) => {
  const {width, height} = canvas;
  return [height, width, [...canvas.getContext("2d").getImageData(0, 0, width, height).data]];
}"""


class Picture(OnPage):
    """A picture explorer on a page."""

    def pixels(self, name):
        """Red, green and blue of what is painted, shape (H, W, 3)."""
        canvas = self.root.locator(f".nw-pk-{name} canvas")
        height, width, data = canvas.evaluate(PIXELS)
        data = np.array(data).reshape(height, width, 4)
        assert (data[..., 3] == 255).all()
        return data[..., :3]

    def terms(self):
        return self.root.locator(".nw-pk-terms").inner_text()

    def numbers(self, name):
        """The numbers of a table, row by row."""
        texts = self.root.locator(f".nw-pk-{name} svg > g").evaluate_all(
            """(groups) => groups.flatMap((group) => [...group.querySelectorAll("text")])
                 .map((text) => [Number(text.getAttribute("y")), Number(text.getAttribute("x")),
                                 text.textContent])"""
        )
        return [float(text.replace("−", "-")) for _, _, text in sorted(texts)]

    def at(self, name, row, column, rows=71, columns=106):
        """The middle of a pixel, in the picture's own place on the page."""
        box = self.root.locator(f".nw-pk-{name} .nw-picture svg").bounding_box()
        return {
            "x": (column + 0.5) * box["width"] / columns,
            "y": (row + 0.5) * box["height"] / rows,
        }

    def picture(self, name):
        return self.root.locator(f".nw-pk-{name} .nw-picture")

    def edit(self, row, column, text):
        box = self.root.locator(".nw-pk-kernel .nw-grid svg").bounding_box()
        size = round((box["width"] - 4) / 34)
        cell = box["width"] / size
        place = {"x": (column + 0.5) * cell, "y": (row + 0.5) * cell}
        self.root.locator(".nw-pk-kernel .nw-grid svg").click(position=place)
        self.root.locator(".nw-edit").fill(text)
        self.page.keyboard.press("Enter")
        self.settle()


def seen(explorer):
    """What must be painted, computed apart from the program."""
    y, show = explorer.result(), explorer.shown_as()
    if show == "gray":
        return np.repeat(np.clip(y, 0, 255)[..., None], 3, axis=2)
    part = np.minimum(1, abs(y) / (np.percentile(abs(y), 99.5) or abs(y).max() or 1))[..., None]
    if show == "absolute":
        return np.repeat(255 * part, 3, axis=2)
    end = np.where(y[..., None] > 0, POSITIVE, NEGATIVE)
    return 255 + (end - 255) * part


def same(painted, expected):
    return painted.shape == expected.shape and abs(painted - expected).max() <= 0.51


@pytest.mark.parametrize("look", ["light", "dark phone"])
def test_paints_what_the_operators_compute(host, look):
    page = Picture(host(PictureKernel(), **LOOKS[look]))
    settings = {}
    assert same(page.pixels("output"), seen(PictureKernel()))
    for label, name, value in (
        ("Kernel", "weight", "blur"),
        ("Picture", "picture", "flower"),
        ("Kernel", "weight", "sharpen"),
        ("Picture", "picture", "stripes"),
        ("Kernel", "weight", "laplace"),
        ("Picture", "picture", "china"),
        ("Kernel", "weight", "gaussian"),
    ):
        page.root.locator(f'.nw-list:has(span:text-is("{label}")) select').select_option(value)
        page.settle()
        settings[name] = value
        explorer = PictureKernel(**settings)
        assert same(page.pixels("output"), seen(explorer)), settings
        gray = np.repeat(explorer.gray_values()[..., None], 3, axis=2)
        assert same(page.pixels("input"), gray)
    for words, name, value in (
        ("5 × 5", "kernel_size", 5),
        ("zeros", "padding", "zeros"),
        ("nearest", "padding", "edge"),
        ("|y|", "show", "absolute"),
        ("signed", "show", "signed"),
        ("Convolution", "operation", "convolution"),
    ):
        page.pick(words)
        settings[name] = value
        assert same(page.pixels("output"), seen(PictureKernel(**settings))), settings
    page.root.locator(".nw-switch").click()
    page.settle()
    settings["normalize"] = False
    explorer = PictureKernel(**settings)
    assert same(page.pixels("output"), seen(explorer))
    assert page.fact("Sum of weights").startswith("256: a flat area of value 100 gives 25600")
    y = explorer.result()
    assert page.fact("Sum of |weights|").endswith(f"here: {y.min():.0f} to {y.max():.0f}.")
    page.clean()


def test_a_window_under_the_mouse(host):
    explorer = PictureKernel()
    x, y = explorer.gray_values(), explorer.result()
    page = Picture(host(explorer))
    for name, row, column in (("input", 20, 40), ("output", 50, 90)):
        page.picture(name).locator("svg").hover(position=page.at(name, row, column))
        page.settle()
        around = x[row - 1 : row + 2, column - 1 : column + 2].ravel()
        here = y[row - 1, column - 1]
        assert page.numbers("window") == around.tolist() and page.numbers("answer") == [here]
        written = f"{here:g}".replace("-", "−")
        color = "negative, shown in red" if here < 0 else "positive, shown in blue"
        assert page.now() == f"y[{row - 1}, {column - 1}] = {written}: {color}."
        products = " + ".join(
            f"{a:g} · {f'({w})' if w < 0 else w}"
            for a, w in zip(around, np.ravel(explorer.weights), strict=True)
        )
        expected = f"y[{row - 1}, {column - 1}] = {products} = {here:g}".replace("-", "−")
        assert page.terms() == expected
    page.page.mouse.move(0, 0)
    page.settle()
    assert page.now().startswith("y[32, 49] = 363: ")  # back at the place that was chosen
    page.clean()


def test_the_keyboard_moves_and_clears_the_window(host):
    explorer = PictureKernel(place=(5, 7), weight="blur")
    page = Picture(host(explorer))
    y = explorer.result()
    page.picture("input").focus()
    page.press("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft")
    assert page.now().startswith("y[6, 6] = ") and page.numbers("answer") == [round(y[6, 6], 1)]
    # the pictures carry the sentence
    assert page.now() in page.picture("input").get_attribute("aria-label")
    page.press("Shift+ArrowDown")
    assert page.now().startswith("y[14, 6] = ")
    # no window reaches beyond the picture
    page.press("Shift+ArrowLeft", "Shift+ArrowLeft", "ArrowUp")
    assert page.now().startswith("y[13, 0] = ")
    page.press("Escape")
    assert page.now().startswith("Point at a picture") and page.terms() == ""
    assert not page.root.locator(".nw-pk-window").is_visible()
    page.picture("output").focus()
    page.press("ArrowUp")
    assert page.now().startswith("y[33, 52] = ")
    page.clean()


def test_the_rim_reads_zeros_or_the_nearest(host):
    page = Picture(host(PictureKernel(weight="blur", padding="zeros", place=(0, 0))))
    x = PictureKernel().gray_values()
    corner = [0, 0, 0, 0, *x[0, :2], 0, *x[1, :2]]
    assert page.numbers("window") == corner
    assert page.numbers("answer") == [round(sum(corner) / 9, 1)]
    assert page.root.locator(".nw-pk-window .nw-caption").inner_text() == (
        "dashed: outside the picture"
    )
    page.pick("nearest")
    assert page.numbers("window")[:3] == [x[0, 0], x[0, 0], x[0, 1]]
    page.clean()


def test_editing_a_weight_changes_the_picture(host):
    weights = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    page = Picture(host(PictureKernel()))
    assert page.fact("Sum of weights").startswith("0: flat areas give 0.")
    page.edit(1, 1, "1")
    weights[1][1] = 1
    explorer = PictureKernel(weight=weights)
    assert same(page.pixels("output"), seen(explorer)) and explorer.shown_as() == "gray"
    assert page.fact("Sum of weights") == "1: flat areas keep their brightness."
    assert page.fact("What it does") is None and page.numbers("kernel")[4] == 1
    assert page.numbers("answer") == [explorer.result()[32, 49]]
    under, over = (explorer.result() < 0).sum(), (explorer.result() > 255).sum()
    assert f"Cut off: {under} below 0, {over} above 255" in page.fact("How it is shown")
    # by keyboard: a digit opens the field, Enter takes the value
    page.press_in(".nw-pk-kernel .nw-grid", "ArrowRight", "3", "Enter")
    weights[1][2] = 3
    explorer = PictureKernel(weight=weights)
    assert same(page.pixels("output"), seen(explorer))
    assert page.fact("Sum of weights").startswith("2, and each result is divided by it")
    assert page.terms().endswith(f") / 2 = {explorer.result()[32, 49]:g}")
    # out of range: refused, said so, nothing changes
    page.edit(0, 0, "100")
    assert (
        page.root.locator(".nw-stage + .nw-told")
        .inner_text()
        .startswith("Not used: weight must hold")
    )
    page.press("Escape")
    # the turned kernel is edited where it stands
    page.pick("Convolution")
    page.edit(0, 0, "5")
    weights[2][2] = 5
    explorer = PictureKernel(weight=weights, operation="convolution")
    assert same(page.pixels("output"), seen(explorer)) and page.numbers("kernel")[0] == 5
    # a broader one keeps the weights in its middle
    page.pick("5 × 5")
    wide = np.pad(weights, 1)
    assert page.numbers("kernel") == wide[::-1, ::-1].ravel().tolist()
    page.clean()


def test_guess_first(host):
    page = Picture(host(PictureKernel(weight="blur", predict=True)))
    assert not page.root.locator(".nw-pk-output canvas").is_visible()
    assert page.terms() == "" and page.now() == "" and page.fact("Sum of weights") is None
    fields = page.root.locator(".nw-guess input")

    def guess(flat, edge):
        fields.nth(0).fill(flat)
        fields.nth(1).fill(edge)
        fields.nth(1).press("Enter")
        page.settle()
        return page.root.locator(".nw-verdict").inner_text()

    assert guess("100", "a") == "Enter two whole numbers."
    assert not page.root.locator(".nw-pk-output canvas").is_visible()
    # wrong, and the answer is open
    assert "Was the division by the sum left out?" in guess("900", "120")
    assert "✓ Right." in guess("100", "120")
    assert page.root.locator(".nw-pk-output canvas").is_visible() and page.terms()
    # another kernel is another question
    page.root.locator('.nw-list:has(span:text-is("Kernel")) select').select_option("laplace")
    page.settle()
    assert not page.root.locator(".nw-pk-output canvas").is_visible()
    assert "Was the edge left out?" in guess("0", "0")
    page.edit(1, 1, "-5")
    assert "✓ Right." in guess("100", "40")  # divided by -1
    page.click("Show the answer")
    assert page.terms()
    page.clean()


def test_an_own_picture(host):
    rng = np.random.default_rng(0)
    explorer = PictureKernel(picture=rng.random((12, 30)), weight="sobel_y", padding="edge")
    page = Picture(host(explorer))
    assert same(page.pixels("output"), seen(explorer))
    page.choose("Picture", "disc")
    assert page.pixels("input").shape == (71, 106, 3)
    page.choose("Picture", "own")
    assert same(page.pixels("output"), seen(explorer))
    assert not page.root.locator(".nw-pk-credit").is_visible()
    # a link leaves the long picture out, and the page that it leads to still has it
    page.choose("Kernel", "blur")
    page.click("Copy link")
    assert "pixels" not in page.page.url and "weight=blur" in page.page.url
    page.click("Reset")
    assert same(page.pixels("output"), seen(explorer))
    page.clean()


def test_touch_and_chinese(host):
    page = Picture(host(PictureKernel(), lang="zh-CN", **PHONE))
    y = PictureKernel().result()
    page.picture("output").locator("svg").tap(position=page.at("output", 30, 60))
    page.settle()
    written = f"{y[29, 59]:g}".replace("-", "−")
    assert page.now().startswith(f"y[29, 59] = {written}：")
    grid = page.root.locator(".nw-pk-kernel .nw-grid svg")
    grid.tap(position={"x": 15, "y": 15})
    page.root.locator(".nw-edit").fill("7")
    page.page.keyboard.press("Enter")
    page.settle()
    assert page.numbers("kernel")[0] == 7
    names = {"Sobel", "SVG", "PNG", "Python", "CC", "BY", "danielbuechele"}
    assert set(re.findall("[A-Za-z]{2,}", page.root.inner_text())) <= names
    page.clean()


@pytest.mark.parametrize(
    ("look", "settings"),
    [
        ("light", {"weight": "gaussian", "kernel_size": 5}),
        ("dark", {"picture": "flower", "predict": True}),
        ("phone", {"weight": [[-12.25] * 5] * 5, "normalize": False, "place": None}),
        ("dark phone", {"picture": np.ones((128, 128)), "padding": "zeros", "place": (0, 0)}),
    ],
)
def test_fits_and_is_accessible(host, look, settings):
    Picture(host(PictureKernel(**settings), **LOOKS[look])).fits_and_is_accessible()


def test_the_files_that_are_saved(host):
    page = Picture(host(PictureKernel(), theme="dark"))
    text = page.saved()
    assert text.count("data:image/png;base64,") == 2 and "var(--" not in text
    assert "Result 69 × 104" in text and "CC BY 2.0" in text and ">363<" in text
    with page.page.expect_download() as saved:
        page.root.get_by_role("button", name="Save result as PNG").click()
    picture = saved.value.path().read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (4 * 104, 4 * 69)
    page.clean()
