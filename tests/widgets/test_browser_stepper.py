"""The convolution stepper in a real browser, moved by mouse, keyboard and touch."""

import re

import pytest
from stepper_page import PHONE, Stepper

from nndl.arithmetic import conv_macs, output_size
from nndl.widgets import ConvStepper
from nndl.widgets.convolution_stepper import input_values

pytestmark = pytest.mark.browser
LOOKS = {
    "light": {},
    "dark": {"theme": "dark"},
    "phone": PHONE,
    "dark phone": {"theme": "dark", **PHONE},
}
each_look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)


def expected(x, w, stride=1, padding=0, row=0, column=0):
    """One output, by the definition."""
    total = 0
    for u, weights in enumerate(w):
        for v, weight in enumerate(weights):
            r, c = row * stride + u - padding, column * stride + v - padding
            if 0 <= r < len(x) and 0 <= c < len(x[0]):
                total += x[r][c] * weight
    return total


SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]


@each_look
def test_sliders_and_what_they_say(host, look):
    stepper = Stepper(host(ConvStepper(), **look))
    assert stepper.value() == (0, 0, expected(input_values(6, 6), SOBEL))
    for size, kernel, stride, padding, dilation in [
        (8, 3, 2, 1, 1),
        (12, 5, 4, 4, 2),
        (3, 1, 1, 0, 3),
        (9, 2, 3, 0, 1),
    ]:
        settings = {"stride": stride, "padding": padding, "dilation": dilation}
        for name, value in {"size": size, "kernel_size": kernel, **settings}.items():
            stepper.slide(name, value)
        out = output_size(size, kernel, stride, padding, dilation)
        assert stepper.caption("out") == f"Output {out} × {out}"
        formula = stepper.fact("Output rows = columns")
        assert formula == (
            f"⌊({size} + 2·{padding} − {dilation}·({kernel} − 1) − 1) / {stride}⌋ + 1 = {out}"
        )
        macs = stepper.fact("Multiply-accumulates").split("=")[1].replace("\u2009", "")
        assert int(re.sub(r"\D", "", macs)) == conv_macs(1, 1, kernel, out)
        assert stepper.place() == f"1 / {out * out}"
    width = stepper.page.viewport_size["width"]
    assert stepper.page.evaluate("document.documentElement.scrollWidth") <= width
    stepper.clean()


@each_look
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"view": "symbols", "height": 12, "width": 12, "padding": "full", "kernel_size": 5},
        {"view": "matrix", "height": 12, "width": 12},
        {"kernel_size": 5, "dilation": 3},
        {"predict": True, "pinned": 2, "linked": False},
    ],
    ids=["first", "largest", "matrix", "no output", "guess"],
)
def test_fits_and_is_accessible(host, look, settings):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    opened = host(ConvStepper(**settings), **look)
    stepper = Stepper(opened)
    width = opened.page.viewport_size["width"]
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    stuck_out = stepper.root.evaluate(
        """(root) => { const right = root.getBoundingClientRect().right;
           return [...root.querySelectorAll("div, button, label, p")]
             .filter((e) => !e.closest(".nw-grid-inner"))
             .filter((e) => e.getBoundingClientRect().right > right + 0.5)
             .map((e) => e.className); }"""
    )
    assert stuck_out == []
    small = stepper.root.evaluate(
        """(root) => [...root.querySelectorAll("button, select, input, .nw-choices label")]
             .filter((e) => e.offsetParent)
             .map((e) => [e.getBoundingClientRect(), e.name || e.textContent])
             .filter(([box]) => Math.min(box.width, box.height) < 24).map(([, name]) => name)"""
    )
    # a choice's input lies over its label, which is large enough
    assert [name for name in small if not name.startswith("nw-")] == []
    for slip in ("undefined", "NaN", "[object", "{"):
        assert slip not in opened.page.inner_text("main")
    result = axe.Axe().run(opened.page, context=".nw")
    violations = [(v["id"], v["nodes"][0]["html"][:120]) for v in result.response["violations"]]
    assert violations == []
    stepper.clean()


CONTRAST = """(root) => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const fill = (name) => parse(getComputedStyle(root.querySelector(".nw-svg " + name)).fill);
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05); };
  const found = {};
  for (const text of ["text", ".nw-faint"]) for (const ground of
      [".nw-f-in", ".nw-f-pad", ".nw-f-kernel", ".nw-f-out", ".nw-f-hot", ".nw-f-soft"])
    found[text + " on " + ground] = ratio(fill(text), fill(ground));
  return found;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_in_the_grids_can_be_read(host, theme):
    """Axe cannot judge text in a drawing: its contrast is computed here."""
    stepper = Stepper(host(ConvStepper(padding=1), theme=theme))
    poor = {k: v for k, v in stepper.root.evaluate(CONTRAST).items() if v < 4.5}
    assert poor == {}


def test_mouse_hovers_both_ways(host):
    stepper = Stepper(host(ConvStepper(stride=2, height=8, width=8, weight="ones")))
    stepper.hover("out", 1, 2)
    assert stepper.value() == (1, 2, expected(input_values(8, 8), [[1] * 3] * 3, 2, 0, 1, 2))
    assert stepper.place() == "1 / 9"  # hovering looks, it does not move
    stepper.hover("x", 2, 2)
    assert stepper.over() == "x[2, 2] feeds 4 outputs (ringed)."
    stepper.hover("x", 7, 7)
    assert stepper.over() == "x[7, 7] feeds no output: no window reads it."
    # a row and a column of 8 cells meet in a corner: 15 cells are hatched
    hatched = stepper.grid("x").locator("path[style*='-hatch']").get_attribute("d")
    assert hatched.count("z") == 15
    assert "row 7 and column 7" in stepper.fact("Never visited").replace("rows", "row").replace(
        "columns", "column"
    )
    stepper.hover("weight", 0, 1)
    assert stepper.over() == "w[0, 1] is one number used for all 9 outputs: weight sharing."
    stepper.page.mouse.move(1, 1)
    stepper.settle()
    assert stepper.value()[:2] == (0, 0)
    stepper.click("out", 2, 1)
    stepper.page.mouse.move(1, 1)
    stepper.settle()
    assert stepper.value()[:2] == (2, 1) and stepper.place() == "8 / 9"
    stepper.clean()


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_values_are_edited_in_place(host, touch):
    stepper = Stepper(host(ConvStepper(padding=1), **(PHONE if touch else {})))
    x = input_values(6, 6)
    field = stepper.root.locator(".nw-edit")
    stepper.click("x", 1, 1, touch)  # the padding's cell [1, 1] is x[0, 0]
    assert field.get_attribute("aria-label") == "x[0, 0]"
    field.fill("-2.5")
    field.press("Enter")
    stepper.settle()
    x[0][0] = -2.5
    assert stepper.value()[2] == expected(x, SOBEL, 1, 1)
    stepper.click("weight", 2, 2, touch)
    field.fill("7")
    field.press("Enter")
    stepper.settle()
    w = [row[:] for row in SOBEL]
    w[2][2] = 7
    assert stepper.value()[2] == expected(x, w, 1, 1)
    assert stepper.root.locator("select").first.input_value() == "own"
    # what is no number is not taken, and it is said
    stepper.click("x", 2, 2, touch)
    field.fill("abc")
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"
    told = stepper.root.locator(".nw-stage + .nw-told")
    assert told.inner_text() == "Enter a number."
    field.fill("1000")
    field.press("Enter")
    assert "x must hold numbers from -999 to 999" in told.inner_text()
    field.press("Escape")
    stepper.settle()
    assert stepper.value()[2] == expected(x, w, 1, 1)
    stepper.clean()


def test_keyboard_alone(host):
    stepper = Stepper(host(ConvStepper()))
    page, x = stepper.page, input_values(6, 6)
    stepper.slider("stride").focus()
    page.keyboard.press("ArrowRight")
    stepper.settle()
    assert stepper.caption("out") == "Output 2 × 2"
    stepper.grid("out").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    stepper.settle()
    assert stepper.value() == (1, 1, expected(x, SOBEL, 2, 0, 1, 1))
    page.keyboard.press("p")
    page.keyboard.press("Home")
    stepper.settle()
    assert stepper.value()[:2] == (0, 0)
    assert "Pinned: y[1, 1] =" in stepper.root.locator(".nw-kept").inner_text()
    # edit x[0, 1] by its digit, then go on with Tab
    stepper.grid("x").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("9")
    assert stepper.root.locator(".nw-edit").input_value() == "9"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert stepper.root.locator(".nw-edit").get_attribute("aria-label") == "x[0, 2]"
    page.keyboard.press("Escape")
    stepper.settle()
    x[0][1] = 9
    assert stepper.value()[2] == expected(x, SOBEL, 2)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Input,")
    # every control is reached by Tab, and has a name
    names = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(40):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                """() => { const e = document.activeElement; return e === document.body ? null
                : e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent; }"""
            )
        )
    assert all(name is None or name.strip() for name in names)
    for wanted in ("Kernel3", "Play", "Pin", "Reset", "Copy as Python", "Save as SVG"):
        assert wanted in names, (wanted, names)
    stepper.clean()


def test_keys_do_not_reach_the_host(host):
    """A notebook or theme has shortcuts on letters; typing here must not trigger them."""
    stepper = Stepper(host(ConvStepper()))
    stepper.page.evaluate(
        "window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key))"
    )
    stepper.grid("x").focus()
    for key in ("ArrowRight", "5", "Enter", "p"):
        stepper.page.keyboard.press(key)
    assert stepper.page.evaluate("heard") == []
    assert stepper.root.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_play_pause_step_and_scrub(host):
    stepper = Stepper(host(ConvStepper()))
    button = stepper.root.get_by_role("button", name="Step forward")
    button.click()
    stepper.settle()
    assert stepper.value()[:2] == (0, 1)
    stepper.root.get_by_role("button", name="Step back").click()
    stepper.root.get_by_role("button", name="Step back").click()
    stepper.settle()
    assert stepper.place() == "16 / 16"  # around the end
    stepper.root.get_by_label("Speed").select_option("4")
    stepper.root.get_by_role("button", name="Play").click()
    assert stepper.root.locator(".nw-now").get_attribute("aria-live") in ("off", "polite")
    stepper.page.wait_for_function(
        "parseInt(document.querySelector('.nw-place').textContent) === 3", timeout=5000
    )
    assert stepper.root.locator(".nw-now").get_attribute("aria-live") == "off"
    stepper.root.get_by_role("button", name="Pause").click()
    stepper.settle()
    stood = stepper.place()
    stepper.page.wait_for_timeout(500)
    assert stepper.place() == stood
    scrub = stepper.root.get_by_label("Output position")
    scrub.fill("9")
    stepper.settle()
    assert stepper.value()[:2] == (2, 1)
    assert scrub.get_attribute("aria-valuetext") == "10 of 16"
    stepper.clean()


def test_reduced_motion_slows_the_player(host):
    stepper = Stepper(host(ConvStepper(), reduced_motion="reduce"))
    stepper.root.get_by_label("Speed").select_option("4")
    stepper.root.get_by_role("button", name="Play").click()
    stepper.page.wait_for_timeout(800)
    assert stepper.place() == "2 / 16"


def test_views_show_the_same_operation(host):
    stepper = Stepper(host(ConvStepper(height=4, width=4, kernel_size=2, weight=[[1, 2], [3, 4]])))
    stepper.pick("Symbols")
    assert stepper.now().startswith("y[0, 0] = x[0,0]·w[0,0] + x[0,1]·w[0,1] +")
    assert "x0,0" in stepper.grid("x").locator("text").nth(1).text_content()
    stepper.pick("Matrix")
    # one row for each of the 9 outputs, four weights in each
    assert "Matrix 9 × 16" in stepper.caption("matrix")
    assert stepper.fact("Matrix").startswith("144 entries, of which 36 are connections")
    texts = stepper.grid("matrix").locator("g text").all_text_contents()
    assert len(texts) == 16 + 36 + 9
    stepper.grid("matrix").focus()
    stepper.page.keyboard.press("ArrowDown")
    stepper.settle()
    assert stepper.value()[:2] == (1, 0)
    stepper.pick("Numbers")
    stepper.pick("Convolution")
    assert stepper.now().startswith("y[1, 0] =") and "turned by 180°" in stepper.fact("Operation")
    stepper.clean()


def test_no_output_is_explained(host):
    stepper = Stepper(host(ConvStepper(height=3, width=3)))
    stepper.slide("kernel_size", 5)
    assert stepper.now() == (
        "No output: the kernel reaches over 5 rows, but the padded input has only 3."
    )
    assert stepper.place() == "–" and stepper.root.get_by_role("button", name="Play").is_disabled()
    stepper.slide("kernel_size", 4)
    stepper.pick("same")
    assert "reaches over 4 rows, an even number" in stepper.now()
    stepper.pick("full")
    assert stepper.caption("out") == "Output 6 × 6"
    stepper.clean()


def test_rows_and_columns_apart(host):
    stepper = Stepper(host(ConvStepper()))
    stepper.root.get_by_label("Rows and columns alike").uncheck()
    stepper.settle()
    assert not stepper.slider("size").is_visible()
    for name, value in {"height": 9, "kernel_size-1": 5, "stride-0": 2, "padding-1": 3}.items():
        stepper.slide(name, value)
    rows, columns = output_size(9, 3, 2), output_size(6, 5, 1, 3)
    assert stepper.caption("out") == f"Output {rows} × {columns}"
    assert stepper.fact("Output rows").endswith(f"= {rows}")
    assert stepper.fact("Output columns").endswith(f"= {columns}")
    stepper.root.get_by_label("Rows and columns alike").check()
    stepper.settle()
    assert stepper.caption("out") == f"Output {output_size(9, 3, 2)} × {output_size(9, 3, 2)}"


def test_predict_then_check(host):
    stepper = Stepper(host(ConvStepper(stride=2, padding=1, predict=True)))
    form, out = stepper.root.locator(".nw-predict"), output_size(6, 3, 2, 1)
    shown = stepper.root.inner_text()
    assert f"= {out}\n" not in shown and "Output 3" not in shown and "/ 9" not in shown
    assert not stepper.grid("out").is_visible()
    form.locator("input").fill("x")
    form.get_by_role("button").click()
    assert form.locator(".nw-verdict").inner_text() == "Enter a whole number."
    form.locator("input").fill("2")
    form.get_by_role("button").click()
    stepper.settle()
    verdict = form.locator(".nw-verdict").inner_text()
    assert verdict.startswith("✗ Not quite. Was the") and verdict.endswith(f"+ 1 = {out}.")
    assert stepper.caption("out") == f"Output {out} × {out}"
    stepper.slide("stride", 3)  # another question
    assert not stepper.grid("out").is_visible() and form.locator("input").input_value() == ""
    form.locator("input").fill(str(output_size(6, 3, 3, 1)))
    form.locator("input").press("Enter")
    stepper.settle()
    assert form.locator(".nw-verdict").inner_text().startswith("✓ Right.")
    stepper.root.get_by_role("button", name="Show the answer").click()
    stepper.settle()
    assert not form.is_visible()
    stepper.clean()


def test_two_on_a_page_are_independent(host):
    opened = host(ConvStepper(), ConvStepper(stride=3))
    first, second = Stepper(opened, 0), Stepper(opened, 1)
    before = second.root.inner_text()
    first.slide("padding", 2)
    first.pick("Symbols")
    assert second.root.inner_text() == before
    second.pick("Matrix")
    assert first.caption("out") == f"Output {output_size(6, 3, 1, 2)} × 8"
    first.clean()
