"""The transposed-convolution explorer in a real browser, by mouse, keyboard and touch."""

import re

import pytest
from explorer_page import LOOKS, OnPage

from nndl.arithmetic import transposed_output_size
from nndl.widgets import TransposedConv

pytestmark = pytest.mark.browser
each_look = pytest.mark.parametrize("look", (LOOKS["light"], LOOKS["dark phone"]))


@each_look
def test_controls_change_size_and_sentence(host, look):
    shown = OnPage(host(TransposedConv(), **look))
    assert shown.now() == "y[2] = 2·2 + 1·1 = 5"
    shown.slide("stride", 3)
    shown.slide("padding", 1)
    shown.slide("output_padding", 2)
    size = transposed_output_size(4, 3, 3, 1, output_padding=2)
    assert shown.fact("Transposed, output size").endswith(f"= {size}")
    assert shown.fact("Direct, and back again").endswith("= 4")
    assert "output padding 2 chooses 12" in shown.fact("Which size comes back")
    captions = shown.root.locator(".nw-half .nw-caption").all_inner_texts()
    assert captions == ["Direct convolution: 12 in, 4 out", "Transposed: 4 in, 12 out"]
    assert shown.now() in shown.aria(".nw-half [role=img]")
    # a smaller stride takes the output padding along
    shown.slide("stride", 1)
    assert "nothing to choose" in shown.fact("Which size comes back")
    shown.clean()


def test_checkerboard_is_flagged(host):
    shown = OnPage(host(TransposedConv(kernel_size=3, stride=2)))
    assert shown.fact("Overlap") == (
        "⚠ Checkerboard: away from the border, 2, 1 stamps in turn. 3 mod 2 = 1, not 0."
    )
    shown.slide("kernel_size", 4)
    assert shown.fact("Overlap").startswith("✓ Even")
    shown.clean()


def test_views_keyboard_and_pointer(host):
    shown = OnPage(host(TransposedConv()))
    shown.press_in(".nw-grid[aria-label^=Output]", "ArrowRight")
    assert shown.now() == "y[3] = 1·3 = 3"
    for view, words in (("Zeros between", "turned"), ("Matrix", "K transposed: 9 × 4")):
        shown.pick(view)
        assert words in shown.root.locator(".nw-views").inner_text()
        assert shown.now() == "y[3] = 1·3 = 3"
    box = shown.root.locator(".nw-axis").nth(1).bounding_box()
    # the second input of the transposed convolution: the short side stands in the middle
    x, scale = 2 + (9 * 26 - 4 * 26) / 2 + 26 * 1.5, box["width"] / (9 * 26 + 4)
    shown.page.mouse.move(box["x"] + x * scale, box["y"] + 33 * scale)
    shown.settle()
    over = shown.root.locator(".nw-over").inner_text()
    assert over == "x[1] stamps 1 · w on 3 outputs (ringed)."
    shown.clean()


def test_values_are_edited_in_place(host):
    shown = OnPage(host(TransposedConv(view="matrix")))
    shown.press_in(".nw-grid[aria-label^=Kernel]", "ArrowRight", "7", "Enter")
    shown.press_in(".nw-grid[aria-label^=Output]", "ArrowRight")
    assert shown.now() == "y[3] = 1·7 = 7"
    shown.clean()


def test_padding_that_leaves_nothing_is_explained(host):
    shown = OnPage(host(TransposedConv(input_size=1, padding=4)))
    assert shown.now() == "No output: padding 4 takes 8 of 3 positions."
    shown.slide("input_size", 5)
    assert shown.now().startswith("y[2] =")
    shown.clean()


def test_guess_first_and_picture(host):
    shown = OnPage(host(TransposedConv(predict=True)))
    assert not shown.root.locator(".nw-axis").first.is_visible()
    assert "input times stride" in shown.guess(8)
    assert shown.fact("Transposed, output size").endswith("= 9")
    assert shown.guess(9).startswith("✓ Right.")
    text = shown.saved()
    assert "Transposed: 4 in, 9 out" in text and "var(--" not in text


def test_chinese_words_on_a_chinese_page(host):
    shown = OnPage(host(TransposedConv(view="matrix"), lang="zh-CN"))
    assert set(re.findall("[A-Za-z]{3,}", shown.root.inner_text())) <= {"SVG", "Python", "mod"}


@each_look
@pytest.mark.parametrize(
    "settings",
    [
        {"predict": True},
        {"input_size": 5, "kernel_size": 5, "stride": 3, "dilation": 2, "output_padding": 2},
    ],
    ids=["guess", "largest"],
)
def test_fits_and_is_accessible(host, look, settings):
    OnPage(host(TransposedConv(**settings), **look)).fits_and_is_accessible()


@each_look
def test_numbers_of_long_wirings_can_be_read(host, look):
    largest = {"input_size": 5, "kernel_size": 5, "stride": 3, "dilation": 2, "output_padding": 2}
    shown = OnPage(host(TransposedConv(**largest), **look))
    for box in shown.root.locator(".nw-half [role=img]").all():
        scale, hidden = box.evaluate(
            """(box) => [box.firstChild.getBoundingClientRect().width
                 / box.firstChild.viewBox.baseVal.width, box.scrollWidth > box.clientWidth + 1]"""
        )
        assert 13 * scale >= 9  # pixels
        # what does not fit is reached by the keyboard, too
        assert (box.get_attribute("tabindex") == "0") == hidden
