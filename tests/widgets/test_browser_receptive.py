"""The receptive-field explorer in a real browser, by mouse, keyboard and touch."""

import re

import numpy as np
import pytest
from explorer_page import LOOKS, OnPage
from stepper_page import PHONE

from nndl.widgets import ReceptiveField
from nndl.widgets.receptive_field import STACKS

pytestmark = pytest.mark.browser


class Tracer(OnPage):
    """A receptive-field explorer on a page."""

    def told(self):
        return self.root.locator(".nw-now").inner_text().strip()

    def column(self, name):
        return self.root.locator(f"ol .nw-level-{name}").all_inner_texts()

    def level(self, number):
        return self.root.locator("ol.nw-levels button").nth(number)

    def picture(self, number):
        """0: the input's map, 1: a layer's map."""
        return self.root.locator(".nw-map").nth(number)

    def aria(self, number):
        return self.picture(number).get_attribute("aria-label")

    def fill(self, name, value):
        self.root.locator(f'input[name="layer-{name}"]').fill(str(value))
        self.press("Enter")

    def at_cell(self, number, size, row, column):
        box = self.picture(number).locator("svg").bounding_box()
        cell = (box["width"] - 4) / size
        return {"x": 2 + (column + 0.5) * cell, "y": 2 + (row + 0.5) * cell}


@pytest.mark.parametrize("look", ["light", "dark phone"])
def test_every_preset_shows_what_python_computes(host, look):
    tracer = Tracer(host(ReceptiveField(), **LOOKS[look]))
    for name in STACKS:
        tracer.choose("Stack", name)
        rows = ReceptiveField(preset=name).fields()
        for part in ("size", "field", "jump"):
            assert tracer.column(part)[1:] == [str(row[part]) for row in rows]
        assert tracer.column("start")[1:] == [f"{row['start']:g}" for row in rows]
    tracer.clean()


def test_a_unit_and_its_field_by_mouse_and_keyboard(host):
    tracer = Tracer(host(ReceptiveField(preset="lenet", level=3, cone="backward")))
    assert tracer.told() == (
        "Unit [4, 4] of layer 3 sees 14 × 14 of the input: rows 8–21, columns 8–21."
    )
    # hovering traces, leaving goes back, clicking stays
    layer = tracer.picture(1).locator("svg")
    layer.hover(position=tracer.at_cell(1, 10, 0, 9))
    tracer.settle()
    assert "Unit [0, 9] of layer 3" in tracer.told() and "rows 0–13, columns 18–31" in tracer.told()
    tracer.page.mouse.move(0, 0)
    tracer.settle()
    assert "Unit [4, 4]" in tracer.told()
    layer.click(position=tracer.at_cell(1, 10, 0, 9))
    tracer.page.mouse.move(0, 0)
    tracer.settle()
    assert "Unit [0, 9]" in tracer.told()
    # the pictures carry the whole sentence
    assert tracer.aria(0).startswith(tracer.told()) and tracer.aria(1).startswith(tracer.told())
    tracer.picture(1).focus()
    tracer.press("ArrowDown", "ArrowLeft", "ArrowLeft")
    assert "Unit [1, 7]" in tracer.told() and "rows 2–15, columns 14–27" in tracer.told()
    tracer.press("Home")
    assert "Unit [0, 0]" in tracer.told()
    tracer.root.locator(".nw-cone").focus()
    tracer.press("ArrowDown", "ArrowDown")
    assert "Unit [0, 0] of layer 5 sees the whole input, 32 × 32." in tracer.told()
    tracer.press("ArrowUp", "ArrowRight")
    assert "Unit [2, 3] of layer 4" in tracer.told()
    tracer.level(4).focus()
    tracer.press("ArrowUp")
    assert "of layer 3 sees" in tracer.told()
    tracer.clean()


def test_forwards_from_the_input(host):
    tracer = Tracer(host(ReceptiveField(preset="three")))
    tracer.picture(0).locator("svg").click(position=tracer.at_cell(0, 15, 0, 7))
    tracer.settle()
    assert tracer.told() == "Input position [0, 7] reaches 1 × 7 of the 9 × 9 units of layer 3."
    tracer.level(2).click()
    tracer.settle()
    assert "Unit [0, 5] of layer 2 sees 5 × 5" in tracer.told()
    assert "Unit [0, 5] of layer 2 reaches 1 × 3 of the 9 × 9 units of layer 3." in tracer.told()
    tracer.pick("what sees it")
    assert "sees" not in tracer.told()
    tracer.pick("what it sees")
    assert "reaches" not in tracer.told()
    tracer.clean()


def test_fields_beyond_the_input_and_with_gaps_are_told(host):
    tracer = Tracer(host(ReceptiveField(preset="vgg16", input_size=64)))
    assert "Its field, 212 × 212, is larger than the input (dashed)" in tracer.told()
    assert tracer.root.locator(".nw-cone .nw-pin").get_attribute("d")
    gaps = [(3, 1, 0, 2)] * 2
    tracer = Tracer(host(ReceptiveField(layers=gaps, input_size=20)))
    assert "it reads only 25 of these 81 positions" in tracer.told()
    # 25 squares stand apart on the input's map
    assert tracer.picture(0).locator(".nw-f-hot").get_attribute("d").count("M") == 25
    unread = Tracer(host(ReceptiveField(layers=[(1, 2, 0, 1)], input_size=7, level=0, unit=(1, 1))))
    assert "reaches no unit of layer 1: no window reads it." in unread.told()


def test_editing_the_stack(host):
    tracer = Tracer(host(ReceptiveField()))
    tracer.level(1).click()
    tracer.fill("stride", 2)
    assert tracer.column("field") == ["1", "3", "7", "11"]
    assert tracer.column("jump") == ["1", "2", "2", "2"]
    assert tracer.fact("Jump") == "1·2 = 2" and tracer.fact("Weights a channel pair") is None
    tracer.click("Add after")
    assert tracer.column("size") == ["15", "7", "3", "1", "no output"]
    assert tracer.told().startswith("Layer 4 has no output: the kernel reaches over 3, but")
    tracer.click("Delete")
    tracer.click("Move down")
    assert tracer.column("jump") == ["1", "1", "2", "2"]
    tracer.root.locator(".nw-editor select").select_option("max_pool")
    tracer.settle()
    assert tracer.fact("Receptive field") == "3 + (2 − 1)·1 = 4"
    tracer.fill("kernel_size", 99)
    assert "Not used: layer 2: kernel_size must be at most 31, got 99" in (
        tracer.root.locator(".nw-editor .nw-problem:not(:empty)").inner_text()
    )
    tracer.slide("input-size", 40)
    rows = ReceptiveField(
        layers=[(3,), {"kind": "max_pool", "kernel_size": 2}, (3,)], input_size=40
    ).fields()
    assert tracer.column("size")[1:] == [str(row["size"]) for row in rows]
    tracer.click("Reset")
    assert tracer.column("field") == ["1", "3", "5", "7"]
    assert tracer.fact("Weights a channel pair").startswith("9 + 9 + 9 = 27; one 7 × 7")
    tracer.clean()


def test_a_measured_field_is_shown_for_its_unit_only(host):
    bell = np.exp(-((np.arange(32) - 15.5) ** 2) / 20)
    measured = np.outer(bell, bell)
    tracer = Tracer(host(ReceptiveField(preset="lenet", effective=measured)))
    count = int((measured > 0.0455 * measured.max()).sum())
    text = tracer.fact("Measured")
    assert f"on {count} positions" in text and f"{100 * count / 1024:.0f} % of the theor" in text
    contour = tracer.picture(0).locator(".nw-contour")
    assert contour.get_attribute("d")
    tracer.level(3).click()
    tracer.settle()
    assert tracer.fact("Measured").startswith("not of this unit") and not contour.get_attribute("d")
    tracer.click("Reset")
    assert contour.get_attribute("d")
    tracer.root.locator(".nw-switch input").click()
    tracer.settle()
    assert tracer.fact("Measured") is None and not contour.get_attribute("d")
    tracer.clean()


def test_a_link_keeps_the_measured_field_of_the_page(host):
    tracer = Tracer(host(ReceptiveField(effective=np.eye(15))))
    tracer.level(2).click()
    tracer.click("Copy link")
    tracer.page.wait_for_function("location.hash.length > 5")
    assert "effective" not in tracer.page.url and "level=2" in tracer.page.url
    again = tracer.page.context.new_page()
    again.goto(tracer.page.url)
    other = Tracer(type(tracer.opened)(again))
    other.settle()
    assert "of layer 2 sees" in other.told()
    other.level(3).click()
    other.settle()
    assert "15 positions" in other.fact("Measured")


def test_guess_first(host):
    tracer = Tracer(host(ReceptiveField(preset="lenet", predict=True)))
    assert tracer.column("field") == ["1", "?", "?", "?", "?", "?"] and tracer.told() == ""
    assert tracer.fact("Receptive field") == "? + (5 − 1)·4 = ?"
    guess = tracer.root.locator(".nw-guess input")
    for number, verdict in (("15", "Was the jump left out?"), ("32", "✓ Right.")):
        guess.fill(number)
        guess.press("Enter")
        tracer.settle()
        assert verdict in tracer.root.locator(".nw-verdict").inner_text()
    assert "1 + 4·1 + 1·1 + 4·2 + 1·2 + 4·4 = 32" in tracer.root.locator(".nw-verdict").inner_text()
    tracer.level(2).click()
    tracer.settle()
    assert tracer.column("field")[2] == "?", "another question hides the answer again"
    tracer.clean()


@pytest.mark.parametrize(
    ("look", "settings"),
    [
        ("light", {"preset": "lenet", "level": 3}),
        ("dark", {"preset": "resnet18", "predict": True}),
        ("phone", {"preset": "vgg16", "input_size": 20}),
        ("dark phone", {"preset": "dilated", "level": 0}),
        ("light", {"effective": np.eye(15)}),
    ],
)
def test_fits_and_is_accessible(host, look, settings):
    Tracer(host(ReceptiveField(**settings), **LOOKS[look])).fits_and_is_accessible()


def test_touch(host):
    tracer = Tracer(host(ReceptiveField(), **PHONE))
    tracer.picture(1).locator("svg").tap(position=tracer.at_cell(1, 9, 8, 0))
    tracer.settle()
    assert "Unit [8, 0] of layer 3 sees 7 × 7 of the input: rows 8–14" in tracer.told()
    tracer.clean()


def test_chinese_words_on_a_chinese_page(host):
    tracer = Tracer(host(ReceptiveField(preset="lenet", level=3), lang="zh-CN"))
    assert tracer.told().startswith("第 3 层的单元 [4, 4] 看到输入的 14 × 14 格")
    names = {"LeNet", "VGG", "ResNet", "SVG", "Python"}
    assert set(re.findall("[A-Za-z]{2,}", tracer.root.inner_text())) <= names


def test_the_picture_stands_alone(host):
    tracer = Tracer(host(ReceptiveField(preset="lenet", effective=np.ones((32, 32)))))
    with tracer.page.expect_download() as saved:
        tracer.root.get_by_role("button", name="Save as SVG").click()
    text = saved.value.path().read_text("utf8")
    assert saved.value.suggested_filename == "receptive-field.svg" and "var(--" not in text
    assert "Input, 32 × 32" in text and "5. conv 5×5" in text and "Field 32" in text
