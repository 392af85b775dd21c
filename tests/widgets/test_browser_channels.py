"""The channels explorer in a real browser, by mouse, keyboard and touch."""

import re

import pytest
from explorer_page import LOOKS, OnPage

from nndl.arithmetic import conv_macs, conv_parameters
from nndl.widgets import ConvChannels

pytestmark = pytest.mark.browser
each_look = pytest.mark.parametrize("look", (LOOKS["light"], LOOKS["dark phone"]))


def number(text):
    return int(re.sub(r"\D", "", text.split("=")[-1]))


@each_look
def test_controls_change_costs_and_sentence(host, look):
    shown = OnPage(host(ConvChannels(), **look))
    shown.choose("Kind", "depthwise")
    assert shown.now() == "y0 reads x0 alone, with one kernel of 3 × 3."
    assert shown.fact("Weight shape") == "[8, 1, 3, 3]"
    shown.slide("in_channels", 3)
    assert shown.fact("Weight shape") == "[6, 1, 3, 3]"
    shown.choose("Kind", "standard")
    shown.slide("kernel_size", 5)
    shown.slide("size", 20)
    assert number(shown.fact("Parameters")) == conv_parameters(3, 6, 5)
    assert number(shown.fact("Multiply-accumulates")) == conv_macs(3, 6, 5, 20)
    assert "y0 reads x0, x1, x2 with 3 kernels of 5 × 5." in shown.aria(".nw-wires")
    shown.clean()


def test_only_groups_that_divide_are_offered(host):
    shown = OnPage(host(ConvChannels(in_channels=6, out_channels=8)))
    groups = shown.root.locator(".nw-choices", has_text="Groups").locator("label:visible")
    assert groups.all_inner_texts() == ["1", "2"]
    groups.nth(1).click()
    shown.settle()
    assert shown.fact("Weights and MACs, against standard").endswith("= 0.5")
    shown.slide("out_channels", 7)
    assert groups.all_inner_texts() == ["1"]
    shown.clean()


def test_keyboard_and_pointer_name_the_same_map(host):
    shown = OnPage(host(ConvChannels(groups=2)))
    shown.press_in(".nw-wires", "ArrowDown", "ArrowLeft")
    assert shown.now() == "x1 is read by y0, y1, y2, y3."
    box = shown.root.locator(".nw-wiring").bounding_box()
    scale = box["width"] / 240
    shown.page.mouse.move(box["x"] + 210 * scale, box["y"] + (22 + 7.5 * 34) * scale)
    shown.settle()
    assert shown.now() == "y7 reads x2, x3 with 2 kernels of 3 × 3."
    shown.page.mouse.move(0, 0)
    shown.settle()
    assert shown.now().startswith("x1 is read by")
    shown.clean()


def test_guess_first_and_picture(host):
    shown = OnPage(host(ConvChannels(groups=2, predict=True)))
    assert shown.fact("Parameters") == "?"
    assert "every output reading every input" in shown.guess(288)
    assert shown.fact("Parameters") == "8 · 2 · 3 · 3 + 8 = 152"
    text = shown.saved()
    assert "y7" in text and "var(--" not in text


def test_chinese_words_on_a_chinese_page(host):
    shown = OnPage(host(ConvChannels(separable=True), lang="zh-CN"))
    assert (
        shown.now() == "y0 读 m0、m1、m2、m3，用 4 个 1 × 1 的核。 每个 m 只读一个 x，范围 3 × 3。"
    )
    words = set(re.findall("[A-Za-z]{3,}", shown.root.inner_text()))
    assert words <= {"SVG", "Python", "KiB", "float"}


@each_look
def test_fits_and_is_accessible(host, look):
    shown = OnPage(host(ConvChannels(in_channels=8, separable=True, predict=True), **look))
    shown.fits_and_is_accessible()
