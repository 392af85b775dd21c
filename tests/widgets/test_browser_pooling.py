"""The pooling explorer in a real browser, by mouse, keyboard and touch."""

import re

import numpy as np
import pytest
from explorer_page import LOOKS, OnPage
from stepper_page import PHONE

from nndl.widgets import PoolingShift

pytestmark = pytest.mark.browser


class Shift(OnPage):
    """A pooling explorer on a page."""

    def told(self):
        return self.root.locator(".nw-now").inner_text()

    def asked(self):
        return self.root.locator(".nw-over").inner_text()

    def numbers(self, late):
        """The features that are not zero, as written in their cells."""
        texts = self.root.locator(".nw-step-out svg").nth(late).locator("text").all_text_contents()
        return [float(text) for text in texts]

    def outlined(self):
        path = self.root.locator(".nw-step-out .nw-changed").nth(1).get_attribute("d")
        return path.count("M")

    def point(self, late, row, column, size):
        box = self.root.locator(".nw-step-out svg").nth(late).bounding_box()
        cell = (box["width"] - 2) / size
        return {"x": 1 + (column + 0.5) * cell, "y": 1 + (row + 0.5) * cell}


def shown(values):
    return [round(float(v), 1 if v < 10 else 0) for v in values.ravel() if v]


@pytest.mark.parametrize("look", ["light", "dark phone"])
def test_shows_what_the_operators_compute(host, look):
    shift = Shift(host(PoolingShift(), **LOOKS[look]))
    settings = {"column_shift": 1}
    for name, value in {"column_shift": 3, "row_shift": -2, "stride": 2, "pool_size": 3}.items():
        shift.slide(name, value)
        settings[name] = value
        explorer = PoolingShift(**settings)
        before, after = explorer.features()
        assert shift.numbers(0) == shown(before) and shift.numbers(1) == shown(after)
        assert shift.outlined() == (before != after).sum()
        consistency = f"{explorer.consistency():.2f}".rstrip("0").rstrip(".")
        assert f"Shift consistency {consistency}." in shift.told()
        assert f"{(before != after).sum()} of the " in shift.told()
    shift.clean()


def test_moving_by_keyboard_and_chart(host):
    shift = Shift(host(PoolingShift(column_shift=0)))
    assert shift.told() == "Nothing moved, nothing changed." and shift.outlined() == 0
    picture = shift.root.locator('.nw-picture[aria-label*="Arrow keys move it"]')
    picture.focus()
    shift.press("ArrowRight", "ArrowUp")
    assert shift.told().startswith("Moved 1 up, 1 right: ") and "aliasing" in shift.told()
    # the pictures carry the whole sentence
    assert picture.get_attribute("aria-label").startswith(shift.told())
    shift.press("ArrowRight", "ArrowUp")
    assert "the features move along exactly." in shift.told()
    assert shift.fact("Moved along") == "−1 cells down and 1 to the right: 1"
    shift.press(*["ArrowRight"] * 6)
    assert shift.root.locator('input[name="column_shift"]').input_value() == "4"
    chart = shift.root.locator(".nw-chart svg").first
    box = chart.bounding_box()
    column = (box["width"] - 34) / 9
    chart.click(position={"x": 30 + 2.5 * column, "y": 50})
    shift.settle()
    assert shift.root.locator('input[name="column_shift"]').input_value() == "-2"
    shift.root.locator('.nw-picture[aria-label*="at the same place"]').focus()
    shift.press("ArrowRight")
    assert shift.root.locator('input[name="column_shift"]').input_value() == "-1"
    shift.clean()


def test_a_feature_and_what_it_reads(host):
    explorer = PoolingShift()
    before, after = explorer.features()
    shift = Shift(host(explorer))
    shift.root.locator(".nw-step-out svg").nth(0).hover(position=shift.point(0, 3, 3, 8))
    shift.settle()
    words = (
        f"Feature [3, 3]: {before[3, 3]:g} before, {after[3, 3]:g} after. It is the largest of "
        "rows 6–7 and columns 6–7 of the convolution."
    )
    assert shift.asked() == words
    assert all(
        frame.get_attribute("d") for frame in shift.root.locator(".nw-shift .nw-frame").all()
    )
    shift.page.mouse.move(0, 0)
    shift.settle()
    assert shift.asked().startswith("Point at a feature")
    shift.root.locator(".nw-step-out .nw-picture").nth(1).focus()
    shift.press("ArrowDown", "ArrowDown", "ArrowRight")
    assert shift.asked().startswith("Feature [1, 1] is 0 before and after.")
    shift.press("Escape")
    assert shift.asked().startswith("Point at a feature")
    shift.pick("none")
    shift.root.locator(".nw-step-out svg").nth(1).click(position=shift.point(1, 5, 6, 16))
    shift.settle()
    assert "It reads rows 4–6 and columns 5–7 of the picture." in shift.asked()
    assert shift.root.locator(".nw-step-conv:visible").count() == 0
    shift.clean()


def test_guess_first(host):
    shift = Shift(host(PoolingShift(stride=2, pool_size=3, predict=True)))
    assert shift.told() == "" and not shift.root.locator(".nw-chart").is_visible()
    assert not shift.root.locator(".nw-step-out").nth(1).is_visible()
    guess = shift.root.locator(".nw-guess input")
    for number, verdict in (("6", "Was the window taken for its stride?"), ("4", "✓ Right.")):
        guess.fill(number)
        guess.press("Enter")
        shift.settle()
        assert verdict in shift.root.locator(".nw-verdict").inner_text()
    assert shift.told() and shift.root.locator(".nw-step-out").nth(1).is_visible()
    shift.clean()


def test_an_own_picture(host):
    own = np.eye(7) * 5
    # every other pixel is read: moved by one, the diagonal falls between them
    every_other = {"filter": "identity", "pool_size": 1, "pool_stride": 2}
    shift = Shift(host(PoolingShift(picture=own, **every_other)))
    assert shift.numbers(0) == [5] * 4 and shift.numbers(1) == [] and shift.outlined() == 4
    shift.choose("Picture", "7")
    assert len(shift.numbers(0)) > 4
    shift.choose("Picture", "own")
    assert shift.numbers(0) == [5] * 4
    shift.click("Reset")
    shift.clean()


@pytest.mark.parametrize(
    ("look", "settings"),
    [
        ("light", {"feature": (2, 3)}),
        ("dark", {"pool": "avg", "predict": True}),
        ("phone", {"pool": "none", "stride": 3}),
        ("dark phone", {"picture": np.ones((6, 12)), "pool_stride": 1}),
    ],
)
def test_fits_and_is_accessible(host, look, settings):
    Shift(host(PoolingShift(**settings), **LOOKS[look])).fits_and_is_accessible()


def test_touch_and_chinese(host):
    shift = Shift(host(PoolingShift(), lang="zh-CN", **PHONE))
    assert shift.told().startswith("图像向右 1 像素：")
    shift.root.locator(".nw-step-out svg").nth(1).tap(position=shift.point(1, 3, 3, 8))
    shift.settle()
    assert shift.asked().startswith("特征 [3, 3]：移动前 ")
    names = {"ReLU", "Sobel", "SVG", "Python", "px"}
    assert set(re.findall("[A-Za-z]{2,}", shift.root.inner_text())) <= names
    shift.clean()


def test_the_picture_stands_alone(host):
    shift = Shift(host(PoolingShift(), theme="dark"))
    with shift.page.expect_download() as saved:
        shift.root.get_by_role("button", name="Save as SVG").click()
    text = saved.value.path().read_text("utf8")
    assert saved.value.suggested_filename == "pooling-shift.svg" and "var(--" not in text
    assert "Max pooling 8 × 8" in text and "After, 1 right" in text and "equivariance" in text
