"""What every explorer's frame gives: undo, typed numbers, notes, names, what is read out."""

import re

import pytest
from explorer_page import OnPage

from nndl import widgets
from nndl.widgets import (
    BackpropGraph,
    ConvChannels,
    ConvStepper,
    NetworkCost,
    PictureKernel,
    ReceptiveField,
    TransposedConv,
)

pytestmark = pytest.mark.browser
EXPLORERS = [getattr(widgets, name) for name in widgets.__all__]
each_explorer = pytest.mark.parametrize("explorer", EXPLORERS, ids=lambda kind: kind.__name__)

# a value beside the one that a control has
MOVE = """(root) => {
  const fire = (node, name) => node.dispatchEvent(new Event(name, { bubbles: true }));
  const slider = root.querySelector(".nw-controls input[type=range]:not(:disabled)");
  if (slider && slider.offsetParent) {
    slider.value = Number(slider.value) + (slider.value === slider.max ? -1 : 1) * slider.step;
    return fire(slider, "input");
  }
  const list = root.querySelector(".nw-controls select");
  list.selectedIndex = (list.selectedIndex + 1) % list.options.length;
  fire(list, "change");
}"""
SHOWN = """(root) => [...root.querySelectorAll("input, select, output, .nw-readout, .nw-stage")]
  .map((node) => (node.matches("input[type=radio], input[type=checkbox]") ? node.checked
    : node.value ?? node.textContent)).join("|")"""


@each_explorer
def test_undo_and_redo_by_button_and_by_keys(explorer, host):
    page = OnPage(host(explorer()))
    first = page.root.evaluate(SHOWN)
    undo = page.root.get_by_role("button", name="Undo")
    assert undo.is_disabled() and not page.root.get_by_role("button", name="Redo").is_visible()
    page.root.evaluate(MOVE)
    page.settle()
    moved = page.root.evaluate(SHOWN)
    assert moved != first
    page.click("Undo")
    page.settle()
    assert page.root.evaluate(SHOWN) == first and undo.is_disabled()
    page.click("Redo")
    page.settle()
    assert page.root.evaluate(SHOWN) == moved
    page.root.get_by_role("button", name="Reset").focus()
    for keys, shown in (("Control+z", first), ("Control+Shift+Z", moved), ("Meta+z", first)):
        page.press(keys)
        page.settle()
        assert page.root.evaluate(SHOWN) == shown, keys
    page.press("Control+y")
    page.click("Reset")
    page.click("Undo")
    page.settle()
    assert page.root.evaluate(SHOWN) == moved, "a reset can be taken back"
    page.clean()


def test_a_drag_is_one_change_and_a_step_of_the_player_none(host):
    page = OnPage(host(ConvStepper()))
    for value in (2, 3, 4):
        page.slide("stride", value)
    page.slide("padding", 1)
    page.click("Step forward")
    page.click("Step forward")
    page.click("Undo")
    page.settle()
    strides = page.root.locator('input[name="stride"]')
    assert strides.input_value() == "4"
    assert page.root.locator('input[name="padding"]').input_value() == "0"
    page.click("Undo")
    page.settle()
    assert strides.input_value() == "1"
    # a number that is typed into a cell, by keyboard alone
    page.press_in(".nw-block-x .nw-grid", "9", "Enter", "Control+z")
    page.settle()
    assert page.now().endswith("= 4")
    page.clean()


def test_python_is_told_of_an_undo(host):
    opened = host(ConvStepper())
    page = OnPage(opened)
    told = """async (stride) => {
      const el = document.createElement("div"), heard = [];
      document.querySelector("main").append(el);
      const [tag] = Object.keys(globalThis.__nndl);
      globalThis.__nndl[tag](el, { state: {}, id: "" }, (state) => heard.push(state.stride));
      const slider = el.querySelector("input[name=stride]");
      slider.value = stride; slider.dispatchEvent(new Event("input"));
      await new Promise(requestAnimationFrame);
      [...el.querySelectorAll("button")].find((b) => b.textContent === "Undo").click();
      return heard;
    }"""
    assert page.page.evaluate(told, "3") == [3, 1]


@pytest.mark.parametrize("number", ["７", "7", " 7.0", "＋７", "７．０"])
def test_numbers_are_read_as_they_are_typed_in_a_cell(host, number):
    page = OnPage(host(ConvStepper()))
    page.press_in(".nw-block-x .nw-grid", "Enter")
    page.root.locator(".nw-edit").fill(number)
    page.press("Enter")
    assert page.now().startswith("y[0, 0] = 7·(−1)")
    page.clean()


def test_numbers_are_read_as_they_are_typed_everywhere_else(host):
    page = OnPage(host(BackpropGraph()))
    page.root.locator("input[name=formula]").fill("（ａ ＋ ２）× ｂ")
    page.press("Enter")
    page.settle()
    amounts = page.root.locator(".nw-amount input[type=text]")
    for place, (typed, value) in enumerate([("－１．５", "-1.5"), ("2,5", "2.5")]):
        amounts.nth(place).fill(typed)
        page.press("Enter")
        page.settle()
        assert amounts.nth(place).input_value() == value
    channels = OnPage(
        host(ConvChannels(in_channels=8, out_channels=8, kernel_size=5, predict=True))
    )
    assert channels.guess("１，６００").startswith("✓")
    picture = OnPage(host(PictureKernel(weight="sobel_x", predict=True)))
    for field in picture.root.locator(".nw-guess input").all():
        field.fill("－７")
    picture.click("Check")
    assert "whole" not in picture.root.locator(".nw-verdict").inner_text()
    for opened in (page, channels, picture):
        opened.clean()


def test_a_wrong_formula_is_told_at_its_field_and_gone_with_the_next_right_one(host):
    page = OnPage(host(BackpropGraph(), viewport={"width": 375, "height": 667}))
    formula, problem = (
        page.root.locator("input[name=formula]"),
        page.root.locator(".nw-formula p, .nw-formula .nw-problem"),
    )
    formula.fill("(a + b")
    page.press("Enter")
    assert "lacks a closing bracket" in problem.inner_text()
    field, told = formula.bounding_box(), problem.bounding_box()
    assert 0 <= told["y"] - field["y"] - field["height"] < 12
    described = formula.get_attribute("aria-describedby")
    assert page.root.locator(f"#{described}").inner_text() == problem.inner_text()
    formula.fill("(a + b)")
    page.press("Enter")
    page.settle()
    assert not problem.is_visible() and formula.get_attribute("aria-invalid") == "false"
    # any other entry that is used ends it too, and the field shows what counts
    formula.fill("a +")
    page.press("Enter")
    page.root.evaluate(MOVE)
    page.settle()
    assert not problem.is_visible() and formula.get_attribute("aria-invalid") == "false"
    page.clean()


CONTROLS = """(root) => [...root.querySelectorAll("button, input, select, legend")]
  .filter((node) => node.type !== "radio" && !node.closest(".nw-actions:not(.nw-editor *)"))
  .filter((node) => node.checkVisibility())
  .map((node) => node.getAttribute("aria-label")
    ?? (node.labels?.[0] ? node.labels[0].querySelector("span") ?? node.labels[0] : node)
      .textContent)"""
VARIANTS = [kind() for kind in EXPLORERS] + [
    ConvStepper(stride=(1, 2)),
    ConvStepper(view="matrix", padding=(0, 1)),
    BackpropGraph(preset="own", formula="a * b + c * d - e * f"),
    NetworkCost(input_shape=(3, 32, 40), quantity="memory"),
    ReceptiveField(layers=[(3,), (3, 2)]),
]


@pytest.mark.parametrize("explorer", VARIANTS, ids=repr)
def test_no_two_controls_have_one_name(explorer, host):
    for lang in ("en", "zh"):
        names = host(explorer, lang=lang).page.locator(".nw").evaluate(CONTROLS)
        assert len(names) > 3 and all(name.strip() for name in names)
        assert sorted(names) == sorted(set(names)), lang


@pytest.mark.parametrize(
    ("explorer", "grid", "heard"),
    [
        (
            ConvStepper(),
            ".nw-block-x",
            ["x[0, 0] = 0", "x[0, 1] = 1", "x[1, 1] = 0", "x[1, 1] = −4"],
        ),
        (
            ConvStepper(),
            ".nw-block-weight",
            ["w[0, 0] = −1", "w[0, 1] = 0", "w[1, 1] = 0", "w[1, 1] = −4"],
        ),
        (
            ConvStepper(operation="convolution"),
            ".nw-block-weight",
            ["w[2, 2] = 1", "w[2, 1] = 0", "w[1, 1] = 0", "w[1, 1] = −4"],
        ),
        (
            PictureKernel(weight=[[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
            ".nw-pk-kernel",
            ["w[0, 0] = 1", "w[0, 1] = 2", "w[1, 1] = 5", "w[1, 1] = −4"],
        ),
    ],
    ids=["input", "kernel", "turned kernel", "picture's kernel"],
)
def test_the_value_of_the_cell_under_the_cursor_is_read_out(host, explorer, grid, heard):
    page = OnPage(host(explorer))
    voice = page.root.locator(f"{grid} .nw-voice")
    assert voice.get_attribute("aria-live") == "polite" and voice.text_content() == ""
    page.press_in(f"{grid} .nw-grid")
    page.settle()
    assert voice.text_content() == heard[0]
    for key, words in zip(("ArrowRight", "ArrowDown"), heard[1:3], strict=True):
        page.press(key)
        page.settle()
        assert voice.text_content() == words
    page.press("-", "4", "Enter")
    page.settle()
    assert voice.text_content() == heard[3]
    page.clean()


def test_the_values_of_a_row_are_read_out(host):
    page = OnPage(host(TransposedConv()))
    for place, letter in ((0, "x"), (1, "w")):
        page.press_in(f".nw-row-numbers .nw-block:nth-of-type({place + 1}) .nw-grid", "ArrowRight")
        page.settle()
        voice = page.root.locator(".nw-row-numbers .nw-voice").nth(place).text_content()
        assert re.fullmatch(rf"{letter}\[1\] = [−\d.]+", voice)


def test_an_edited_input_keeps_its_edge_straight_when_the_size_is_raised(host):
    page = OnPage(host(ConvStepper()))
    page.press_in(".nw-block-x .nw-grid", "9", "Enter")
    for size in (4, 9, 8):
        page.slide("size", size)
        cells = (
            page.root.locator(".nw-block-x .nw-grid svg > g")
            .first.locator("text")
            .all_text_contents()
        )
        values = [int(cell) for cell in cells]
        expected = [value for row in ConvStepper(height=size, width=size).input for value in row]
        assert sorted(values) == sorted([9, *expected[1:]]), size
    page.clean()


def test_an_own_input_goes_on_with_zeros(host):
    page = OnPage(host(ConvStepper(x=[[5, 5, 5]] * 3)))
    page.slide("size", 4)
    cells = (
        page.root.locator(".nw-block-x .nw-grid svg > g").first.locator("text").all_text_contents()
    )
    assert sorted(map(int, cells)) == [0] * 7 + [5] * 9


def test_the_values_of_a_transposed_convolution_outlive_a_change_of_size(host):
    page = OnPage(host(TransposedConv(x=[7, 8, 9, 6], stride=1)))
    page.slide("input_size", 5)
    page.slide("input_size", 2)
    page.slide("input_size", 4)
    row = page.root.locator(".nw-row-numbers .nw-grid").first.locator("svg > g text")
    first = TransposedConv().state["input_size"]
    assert first == 4 and row.all_text_contents()[:2] == ["7", "8"]


def test_a_saved_stepper_has_its_signs(host):
    page = OnPage(host(ConvStepper()))
    assert re.findall(r">([∗=])</text>", page.saved()) == ["∗", "="]


def test_a_saved_transposed_convolution_has_all_of_its_stage(host):
    page = OnPage(host(TransposedConv()))
    text = page.saved()
    for words in (
        "Transposed: 4 in, 9 out",
        "Input x",
        "∗ᵀ",
        "Kernel w",
        "Output y",
        "two dimensions",
    ):
        assert words in text, words
    # without an output there is none to save: neither the last one's wires
    page.slide("padding", 4)
    page.slide("input_size", 1)
    page.slide("kernel_size", 2)
    text = page.saved()
    assert "Transposed:" not in text and "Output y" not in text
    assert "Input x" in text and page.now() in text
    page.clean()


def test_saved_channels_have_their_kernels(host):
    page = OnPage(host(ConvChannels(separable=True)))
    text = page.saved()
    captions = page.root.locator(".nw-tables .nw-caption").all_inner_texts()
    assert len(captions) == 2 and all(caption in text for caption in captions)
