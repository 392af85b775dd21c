"""The network-cost explorer in a real browser, by mouse, keyboard and touch."""

import re

import pytest
from stepper_page import PHONE

from nndl.arithmetic import NETWORKS, network_cost
from nndl.widgets import NetworkCost

pytestmark = pytest.mark.browser
LOOKS = {
    "light": {},
    "dark": {"theme": "dark"},
    "phone": PHONE,
    "dark phone": {"theme": "dark", **PHONE},
}
each_look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)


class Network:
    """A network-cost explorer on a page."""

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

    def values(self):
        return self.root.locator(".nw-net-value").all_inner_texts()

    def numbers(self):
        return [int(re.sub(r"\D", "", value)) for value in self.values()]

    def order(self):
        return [int(n) for n in self.root.locator(".nw-net-no").all_inner_texts()]

    def line(self, number):
        return self.root.locator(".nw-net button").filter(
            has=self.page.locator(f".nw-net-no:text-is('{number}')")
        )

    def field(self, name):
        return self.root.locator(f'input[name="layer-{name}"]')

    def fill(self, name, value):
        self.field(name).fill(str(value))
        self.field(name).press("Enter")
        self.settle()

    def told(self):
        found = self.root.locator(".nw-editor .nw-problem:not(:empty)")
        return found.inner_text() if found.count() else ""

    def most(self):
        return self.root.locator(".nw-now").inner_text()

    def sum(self, term):
        text = self.root.locator(f'.nw-sums dt:text-is("{term}") + dd').inner_text()
        return int(re.sub(r"\D", "", text))

    def clean(self):
        assert not self.opened.errors and not self.opened.foreign


def rows_of(name):
    return network_cost(NETWORKS[name]["layers"], NETWORKS[name]["input_shape"])


@each_look
def test_every_preset_shows_what_python_counts(host, look):
    net = Network(host(NetworkCost(), **look))
    for name in NETWORKS:
        net.choose("Network", name)
        for quantity, label in (("parameters", "Parameters"), ("macs", "MACs")):
            net.pick(label)
            assert net.numbers() == [row[quantity] for row in rows_of(name)]
        assert net.sum("Parameters") == sum(row["parameters"] for row in rows_of(name))
    net.clean()


@each_look
@pytest.mark.parametrize("quantity", ["parameters", "macs", "memory"])
def test_all_bars_have_one_scale(host, look, quantity):
    net = Network(host(NetworkCost(preset="vgg16", quantity=quantity, mode="adam"), **look))
    bars = net.root.locator(".nw-net-bar").evaluate_all(
        """(bars) => bars.map((bar) => { const all = bar.getBoundingClientRect();
             const end = Math.max(...[...bar.children].map((e) => e.getBoundingClientRect().right));
             return [all.left, all.width, end - all.left]; })"""
    )
    assert len({(round(left), round(width)) for left, width, _ in bars}) == 1
    rows = rows_of("vgg16")
    if quantity != "memory":
        values = [row[quantity] for row in rows]
    else:
        values = [4 * (4 * row["parameters"] + row["activations"]) for row in rows]
    for value, (_, width, length) in zip(values, bars, strict=True):
        # 2 % for layout, and for the shortest bars, which are kept visible
        assert length / width == pytest.approx(value / max(values), abs=0.02)
        assert (length > 0) == (value > 0)


def test_sorting_and_the_largest_in_words(host):
    net = Network(host(NetworkCost()))
    assert net.most() == "Most: layer 5, convolution 5 × 5, 78 %."
    net.pick("by size")
    assert net.numbers() == sorted(net.numbers(), reverse=True) and net.order()[0] == 5
    net.pick("as built")
    assert net.order() == list(range(1, 9))


def test_editing_by_mouse_and_keyboard(host):
    net = Network(host(NetworkCost(preset="digits")))
    net.line(2).click()
    net.settle()
    net.fill("channels", 32)
    layers = [dict(layer) for layer in NETWORKS["digits"]["layers"]]
    layers[1]["channels"] = 32
    assert net.numbers() == [r["parameters"] for r in network_cost(layers, [1, 8, 8])]
    net.field("padding").focus()
    net.page.keyboard.press("ArrowUp")
    net.page.keyboard.press("Enter")
    net.settle()
    layers[1]["padding"] = 2
    net.pick("MACs")
    assert net.numbers() == [r["macs"] for r in network_cost(layers, [1, 8, 8])]
    net.line(2).focus()
    net.page.keyboard.press("ArrowDown")
    net.settle()
    assert net.root.locator(".nw-editor-head b").inner_text() == "Layer 3: convolution"
    net.clean()


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_adding_moving_and_deleting_layers(host, touch):
    net = Network(host(NetworkCost(), **(PHONE if touch else {})))

    def press(target):
        target.tap() if touch else target.click()
        net.settle()

    press(net.line(7))
    press(net.root.get_by_role("button", name="Add after"))
    assert len(net.values()) == 9
    press(net.root.get_by_role("button", name="Delete"))
    assert net.numbers() == [row["parameters"] for row in rows_of("lenet")]
    press(net.line(1))
    assert net.root.get_by_role("button", name="Move up").is_disabled()
    press(net.root.get_by_role("button", name="Move down"))
    assert "max pooling" in net.line(1).inner_text()
    net.clean()


def test_an_impossible_stack_says_where_and_why(host):
    net = Network(host(NetworkCost()))
    net.line(3).click()
    net.settle()
    net.fill("kernel_size", 31)
    assert net.values()[2:4] == ["no output", "not reached"]
    why = "the kernel reaches over 31, but the map that arrives is only 14 wide or high."
    assert net.most() == f"Layer 3 has no output: {why}"
    assert why in net.line(3).inner_text() and why in net.line(3).get_attribute("aria-label")
    assert set(net.root.locator(".nw-sums dd").all_inner_texts()) == {"–"}
    net.fill("kernel_size", 0)
    assert "Not used: layer 3: kernel_size must be a positive integer, got 0" in (net.told())
    assert net.field("kernel_size").get_attribute("aria-invalid") == "true"
    # neither a cleared field nor letters are a number, 0 least of all
    for text in ("", "three", "2.5"):
        net.fill("padding", text)
        assert net.told() == "Enter a whole number." and net.field("padding").input_value() == text
        assert net.field("kernel_size").input_value() == "31", "shown as it is used"
    net.fill("padding", "０")
    assert net.told() == "" and net.field("padding").input_value() == "0"
    assert net.field("padding").get_attribute("aria-invalid") == "false"
    net.fill("kernel_size", "５")
    net.field("kernel_size").press("ArrowUp")
    net.field("kernel_size").press("ArrowDown")
    assert net.numbers() == [row["parameters"] for row in rows_of("lenet")]
    net.clean()


def test_guess_first(host):
    net = Network(host(NetworkCost(predict=True)))
    assert set(net.values()) == {"?"} and net.most() == ""
    guess = net.root.locator(".nw-guess input")
    guess.fill("8")
    guess.press("Enter")
    net.settle()
    verdict = net.root.locator(".nw-verdict").inner_text()
    assert "Not quite." in verdict and "Layer 5, convolution 5 × 5, has 48" in verdict
    assert net.numbers() == [row["parameters"] for row in rows_of("lenet")]
    net.pick("MACs")
    assert set(net.values()) == {"?"}, "another question hides the answer again"


def test_several_layers_may_share_the_first_place(host):
    """Six layers of VGG-16 do equally much; each of them is a right guess."""
    rows = rows_of("vgg16")
    most = max(row["macs"] for row in rows)
    tied = [i for i, row in enumerate(rows, start=1) if row["macs"] == most]
    assert len(tied) > 1
    net = Network(host(NetworkCost(preset="vgg16", quantity="macs", predict=True)))
    guess = net.root.locator(".nw-guess input")
    for number, verdict in ((tied[-1], "✓ Right."), (tied[0], "✓ Right."), (1, "✗ Not quite.")):
        guess.fill(str(number))
        guess.press("Enter")
        net.settle()
        assert net.root.locator(".nw-verdict").inner_text().startswith(verdict)
    assert net.most().startswith(f"Most, equally: layers {', '.join(map(str, tied))}, ")
    assert net.root.locator(".nw-most").count() == len(tied)


def test_nothing_is_asked_of_a_network_without_an_answer(host):
    for layers in ([{"kind": "linear", "features": 3}], [{"kind": "flatten"}]):
        net = Network(host(NetworkCost(layers=layers, input_shape=[1, 4, 4], predict=True)))
        assert not net.root.locator(".nw-predict").is_visible() and net.most()
        # nothing is hidden either
        assert "?" not in net.values() + net.root.locator(".nw-sums dd").all_inner_texts()
        net.clean()


def test_formulas_carry_the_layers_numbers(host):
    net = Network(host(NetworkCost(preset="separable", selected=1)))
    layer = rows_of("separable")[1]
    text = net.root.locator(".nw-open").inner_text().replace(" ", "")
    assert "⌊(112+2·1−3)/2⌋+1=56" in text and f"32·(32/32)·3·3+32={layer['parameters']}" in text
    assert f"56·56positions·32·(32/32)·3·3={layer['macs']:,}" in text
    assert "depthwise convolution 3 × 3, stride 2" in net.line(2).inner_text()
    net.line(12).click()
    net.settle()
    text = net.root.locator(".nw-open").inner_text().replace(" ", "")
    assert "512·1000+1000=513,000" in text and "512·1000=512,000" in text


@each_look
def test_the_work_is_summed_with_and_without_normalizations(host, look):
    layers = [{"kind": "conv", "channels": 8, "kernel_size": 3}, {"kind": "norm"}]
    explorer = NetworkCost(layers=layers, input_shape=[1, 10, 10], quantity="macs")
    net = Network(host(explorer, **look))
    tile = net.root.locator(".nw-sums dd").nth(1)
    text = re.sub(r"(?<=\d)\D(?=\d)", "", tile.inner_text())
    assert text == f"{4608 + 512}, without normalizations 4608"
    assert "5,120 multiply-accumulates, without normalizations 4,608" in explorer.describe()[0]
    assert tile.evaluate("(dd) => dd.scrollWidth <= dd.parentNode.clientWidth")
    net.line(2).click()
    net.root.get_by_role("button", name="Delete").click()
    net.settle()
    assert re.sub(r"\D", "", tile.inner_text()) == "4608"
    assert "normalizations" not in tile.inner_text()
    net.clean()


def test_inputs_of_any_shape(host):
    wide = [{"kind": "conv", "channels": 2, "kernel_size": 3}]
    net = Network(host(NetworkCost(layers=wide, input_shape=[1, 300, 40])))
    assert not net.root.locator('input[name="input-size"]').is_visible()
    slider = net.root.locator('input[name="input-rows"]')
    assert slider.input_value() == "300"
    slider.focus()
    net.page.keyboard.press("ArrowLeft")
    net.settle()
    assert net.root.locator(".nw-net-shape").inner_text() == "2 × 297 × 38"
    dense = [{"kind": "linear", "features": 2}]
    net = Network(host(NetworkCost(layers=dense, input_shape=[5])))
    net.root.locator('input[name="input-features"]').focus()
    net.page.keyboard.press("ArrowRight")
    net.settle()
    assert net.numbers() == [6 * 2 + 2]
    net.clean()


def test_memory_follows_the_use(host):
    net = Network(host(NetworkCost(quantity="memory")))
    before = net.root.locator(".nw-open").inner_text()
    net.choose("Use", "adam")
    after = net.root.locator(".nw-open").inner_text()
    assert "Memory\nparameters 624 B + output 18.4 KiB" in before
    assert "gradients 624 B + optimizer state 1.2 KiB + output" in after
    bars = net.root.locator(".nw-net-bar").nth(4).locator("span")
    shares = [float(re.search(r"[\d.]+", bar.get_attribute("style"))[0]) for bar in bars.all()]
    weights, output = 48_120, 120
    expected = [100 * n / (4 * weights + output) for n in (weights, weights, 2 * weights, output)]
    assert shares == [round(share, 2) for share in expected]
    assert net.root.locator(".nw-legend span:visible").count() == 4
    net.choose("Use", "inference")
    assert net.root.locator(".nw-legend span:visible").count() == 2
    net.pick("MACs")
    assert not net.root.locator(".nw-legend").is_visible()


@each_look
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"preset": "vgg16", "quantity": "memory", "mode": "adam"},
        {"preset": "separable", "quantity": "macs", "selected": 3, "order": "size"},
        {"predict": True},
        {"layers": [{"kind": "linear", "features": 3}], "input_shape": [1, 4, 4]},
    ],
    ids=["first", "long", "separable", "guess", "no output"],
)
def test_fits_and_is_accessible(host, look, settings):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    opened = host(NetworkCost(**settings), **look)
    net = Network(opened)
    width = opened.page.viewport_size["width"]
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    small = net.root.evaluate(
        """(root) => [...root.querySelectorAll("button, select, input, .nw-choices label")]
             .filter((e) => e.offsetParent && !e.closest(".nw-choices label input"))
             .filter((e) => e.type !== "radio")
             .map((e) => [e.getBoundingClientRect(), e.name || e.textContent])
             .filter(([box]) => Math.min(box.width, box.height) < 24).map(([, name]) => name)"""
    )
    assert small == []
    for slip in ("undefined", "NaN", "[object", "{"):
        assert slip not in opened.page.inner_text("main")
    result = axe.Axe().run(opened.page, context=".nw")
    violations = [(v["id"], v["nodes"][0]["html"][:120]) for v in result.response["violations"]]
    assert violations == []
    net.clean()


def test_chinese_words_on_a_chinese_page(host):
    net = Network(host(NetworkCost(), lang="zh-CN"))
    assert net.most() == "最多：第 5 层，卷积 5 × 5，占 78%。"
    net.line(3).click()
    net.settle()
    net.fill("kernel_size", 31)
    assert net.most() == "第 3 层没有输出：核覆盖 31 格，而到达的特征图只有 14 格。"
    # names that stay as they are; any other word would be English left over
    names = {"LeNet", "VGG", "SGD", "Adam", "ReLU", "float", "KiB", "MiB", "SVG", "Python"}
    assert set(re.findall("[A-Za-z]{2,}", net.root.inner_text())) <= names
    assert "undefined" not in net.root.inner_text()


def test_a_link_brings_the_same_state(host):
    explorer = NetworkCost(preset="vgg16", quantity="macs", selected=4)
    net = Network(host(explorer))
    net.fill("channels", 7)
    net.root.get_by_role("button", name="Copy link").click()
    net.settle()
    fragment = "#" + net.page.url.split("#", 1)[1]
    shown = net.numbers()
    again = Network(host(NetworkCost(), fragment=fragment.replace("cost-1", "cost-0")))
    identity = again.root.locator("xpath=..").get_attribute("data-nw")
    again.page.goto(
        again.page.url.split("#")[0] + re.sub(r"explorer=[\w-]+", f"explorer={identity}", fragment)
    )
    again.page.reload()
    again.settle()
    assert again.numbers() == shown
    again.clean()


def test_two_on_a_page_are_independent(host):
    opened = host(NetworkCost(), NetworkCost(preset="mlp"))
    first, second = Network(opened, 0), Network(opened, 1)
    first.choose("Network", "digits")
    assert second.numbers() == [row["parameters"] for row in rows_of("mlp")]
    assert first.numbers() == [row["parameters"] for row in rows_of("digits")]


def test_the_picture_holds_every_layer(host):
    net = Network(host(NetworkCost()))
    with net.page.expect_download() as saved:
        net.root.get_by_role("button", name="Save as SVG").click()
    text = saved.value.path().read_text("utf8")
    assert saved.value.suggested_filename == "network-cost.svg"
    bars = sum(row["parameters"] > 0 for row in rows_of("lenet"))
    # the ground, one in each of three patterns, and the bars
    assert text.count("<rect") == 1 + 3 + bars and "var(--" not in text
    assert text.count("convolution 5 × 5") == 3 and "120 × 1 × 1" in text
    assert "Total: 61" in text


def test_the_input_size_moves_every_shape(host):
    net = Network(host(NetworkCost(preset="vgg16")))
    slider = net.root.locator('input[name="input-size"]')
    for size in (32, 64, 200, 224):
        slider.evaluate(
            "(i, v) => { i.value = v; i.dispatchEvent(new Event('input')); }", str(size)
        )
        net.settle()
        shapes = net.root.locator(".nw-net-shape").all_inner_texts()
        assert shapes[0] == f"64 × {size} × {size}"
    net.clean()
