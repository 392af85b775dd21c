"""Links to an explorer in a certain state: every value of every setting comes through."""

import json
import re

import pytest
from script_engine import engine_of

from nndl import widgets
from nndl.widgets import BackpropGraph, ConvStepper, NetworkCost, PoolingShift
from nndl.widgets.base import program

EXPLORERS = [getattr(widgets, name) for name in widgets.__all__]
each_explorer = pytest.mark.parametrize("explorer", EXPLORERS, ids=lambda kind: kind.__name__)

# of settings of any shape; a text that looks like something else must stay a text
DATA = [None, *"0123456789", "true", "null", '"7"', "[1]", "7.5", "a b&c=d#e+f%20", "（ａ＋ｂ）"]
DATA += ["sobel_y", "blur", "laplace", "(a + b) * c", [[1, 2.5], [-3, 0]], [1, 2], [0, 0], 3, True]
DATA += [[[0, 1, 0]] * 3, [5, 4, 3, 2], [1, -1, 1], {"a": -2, "b": 0.5}, [3, 32, 32], [20]]
DATA += [
    [{"kind": "conv", "channels": 8, "kernel_size": 3}],
    [{"kind": "max_pool", "kernel_size": 2}],
]
# of no setting: what a slip, a prank or another release may leave in an address
HOSTILE = [0, False, "", [], {}, [[]], [[], []], [[0]], "x", -1, 1.5, 1e9, True, [None], [[None]]]
HOSTILE += [
    {"a": 1},
    [0, 0],
    [-1, 0],
    ["a", "b"],
    [[1, 2, 3]] * 3,
    [[1], [2, 3]],
    "__proto__",
    [{}],
]
HOSTILE += ["constructor", [{"kind": "conv"}], [{"kind": "constructor"}], [[{}] * 3] * 3, 10**400]


def values_of(entry):
    """Values that a setting may take, at its ends and at each of its names."""
    if entry["type"] == "switch":
        return [True, False]
    if entry["type"] == "choice":
        return list(entry["options"])
    if entry["type"] == "data":  # a text by default is one of some names, or no single number
        named = isinstance(entry["value"], str)
        return [value for value in DATA if not (named and type(value) is int)]
    ends = [entry["min"], entry["value"], entry["max"]]
    pairs = [[entry["min"], entry["max"]], [entry["max"], entry["min"]]]
    return ends + list(entry.get("words", {})) + (pairs if entry.get("pair") else [])


@each_explorer
def test_every_value_of_every_setting_is_read_as_it_was_written(explorer):
    entries = [(value, entry) for entry in explorer.schema.values() for value in values_of(entry)]
    call = engine_of(explorer)
    texts = [result["value"] for result in call("write_setting", [[value] for value, _ in entries])]
    read = call(
        "read_setting", [[text, entry] for text, (_, entry) in zip(texts, entries, strict=True)]
    )
    wrong = [
        (value, text, back)
        for (value, _), text, back in zip(entries, texts, read, strict=True)
        if back.get("value") != value or type(back.get("value")) is not type(value)
    ]
    # an integer's float twin is the same number to a page
    assert [case for case in wrong if not isinstance(case[0], float)] == []


def test_a_number_by_hand_is_the_text_where_a_text_belongs():
    """As in links that were copied before texts like these had quotes."""
    for explorer, name, text in [(PoolingShift, "picture", "7"), (NetworkCost, "batch_size", "8")]:
        [result] = engine_of(explorer)("read_setting", [[text, explorer.schema[name]]])
        assert result["value"] == text
    [padding] = engine_of(ConvStepper)("read_setting", [["2", ConvStepper.schema["padding"]]])
    assert padding["value"] == 2


def states_of(explorer):
    """Whole states that Python accepts, each with one setting moved."""
    states = []
    for name, entry in explorer.schema.items():
        if entry.get("page"):
            continue
        for value in values_of(entry):
            try:
                states.append(explorer(**{name: value}).state)
            except (ValueError, TypeError):
                continue
    return states


def more_states():
    """Settings that only go together."""
    return [
        BackpropGraph(preset="own", formula="a * b + 7", values={"a": -1.5}).state,
        BackpropGraph(preset="own", formula="ｘ＊（２－ｙ）").state,
    ]


OPEN = """
const frames = () => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(done)));
const goTo = (hash) => history.replaceState(null, "", location.pathname + hash);
const open = ([tag, id], state) => {
  const el = document.createElement("div");
  el.className = "nw-mount"; el.dataset.nw = id;
  document.body.append(el);
  const view = globalThis.__nndl[tag](el, { state, id });
  return { el, view, close: () => { view.stop(); el.remove(); } };
};
"""
ROUND_TRIP = f"""async ([program, plain, states]) => {{
  {OPEN}
  const wrong = [], sorted = (state) => JSON.stringify(Object.entries(state).sort());
  for (const state of states) {{
    goTo("");
    const from = open(program, state), buttons = [...from.el.querySelectorAll("button")];
    buttons.find((button) => button.textContent === "Copy link").click();
    const link = location.hash, copied = sorted(from.view.state);
    from.close();
    goTo(`${{link}}&from=timeline&isappinstalled=0`);
    const to = open(program, plain), opened = sorted(to.view.state);
    if (opened !== copied || copied !== sorted(state)) wrong.push([link, to.view.state]);
    to.close();
  }}
  return wrong;
}}"""
TAKE_IN = f"""async ([program, plain, name, values]) => {{
  {OPEN}
  const results = [];
  for (const value of values) {{
    goTo(`#explorer=${{program[1]}}&${{name}}=${{encodeURIComponent(value)}}`);
    const {{ el, view, close }} = open(program, plain);
    const told = el.querySelector(".nw-refused")?.textContent ?? "";
    if (!told) await frames();
    const high = el.querySelector(".nw-stage").getBoundingClientRect().height;
    results.push([told, JSON.stringify(view.state[name]), high]);
    close();
  }}
  return results;
}}"""


@pytest.mark.browser
@each_explorer
def test_a_link_opens_what_it_was_copied_from(explorer, host):
    states = states_of(explorer) + (more_states() if explorer is BackpropGraph else [])
    opened = host(explorer(), fragment="#nothing")
    name = (program(explorer)[0], f"{explorer.kind}-000000")
    opened.page.evaluate("() => document.querySelector('.cell_output').remove()")
    assert len(states) > 10
    assert opened.page.evaluate(ROUND_TRIP, [name, explorer().state, states]) == []
    assert not opened.errors


@pytest.mark.browser
@each_explorer
def test_what_python_refuses_is_refused_in_a_link_and_the_explorer_lives(explorer, host):
    opened = host(explorer())
    name = (program(explorer)[0], f"{explorer.kind}-000000")
    opened.page.evaluate("() => document.querySelector('.cell_output').remove()")
    texts = [json.dumps(value) for value in HOSTILE] + ["NaN", "Infinity", "{", "%", ""]
    for key, entry in explorer.schema.items():
        results = opened.page.evaluate(TAKE_IN, [name, explorer().state, key, texts])
        assert not opened.errors, key
        for text, (told, now, height) in zip(texts, results, strict=True):
            assert height > 60, (key, text)
            if entry.get("page"):
                assert json.loads(now) == entry["value"]
            elif not told:  # taken: then Python takes it too
                explorer(**{key: json.loads(now)})
            else:
                assert "Not used" in told and json.loads(now) == explorer().state[key], (key, text)


def open_link(opened, fragment, **options):
    """Return the page of a host opened by a link."""
    page = opened.page.context.new_page()
    page.goto(opened.page.url.split("#")[0] + fragment)
    return page


@pytest.mark.browser
def test_a_link_finds_its_explorer_by_name_or_else_the_first_of_its_kind(host):
    first, second, other = ConvStepper(), ConvStepper(stride=2), PoolingShift()

    def strides(page):
        sliders = page.locator('[data-kind=convolution_stepper] input[name="stride"]')
        return [int(slider.input_value()) for slider in sliders.all()]

    name = second.link_name()
    link = f"#explorer={name}&stride=3"
    page = open_link(host(first, other, second), link)
    assert strides(page) == [1, 3]
    # another explorer is put before it: the link still finds it
    page = open_link(host(PoolingShift(stride=2), ConvStepper(padding=1), first, second), link)
    assert strides(page) == [1, 1, 3]
    # its settings were changed, or the link is an old one that counts
    for old in (
        link,
        "#explorer=convolution_stepper-7&stride=3",
        "#explorer=convolution_stepper&stride=3",
    ):
        page = open_link(host(other, first, ConvStepper(stride=4)), old)
        assert strides(page) == [3, 4], old
    # another kind's, a name that is none, none at all
    for none in ("#explorer=pooling_shift-1&stride=3", "#explorer=&stride=3", "#stride=3", "#%%%"):
        page = open_link(host(first), none)
        assert strides(page) == [1], none


@pytest.mark.browser
def test_a_link_opens_at_the_top_of_its_explorer_and_out_of_folds(host):
    below = NetworkCost(quantity="macs")

    def far_down(cells):
        fold = "<details><summary>More</summary><p style='height:700px'></p>{}</details>"
        return f"<p style='height:900px'>Text</p>{fold.format(cells)}<p style='height:900px'></p>"

    opened = host(below, transform=far_down, viewport={"width": 900, "height": 600})
    page = open_link(opened, f"#explorer={below.link_name()}&preset=alexnet")
    page.wait_for_function("document.querySelector('.nw').getBoundingClientRect().height > 0")
    top = page.locator(".nw").evaluate("(node) => node.getBoundingClientRect().top")
    assert abs(top) < 4
    # and so for one that is followed while the page is open
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(
        "(name) => { location.hash = `explorer=${name}&preset=lenet`; }", below.link_name()
    )
    page.wait_for_function(
        "Math.abs(document.querySelector('.nw').getBoundingClientRect().top) < 4"
    )


@pytest.mark.browser
def test_a_refused_link_says_so_at_the_top_until_a_setting_is_used(host):
    opened = host(ConvStepper())
    page = open_link(opened, f"#explorer={ConvStepper().link_name()}&stride=99")
    note = page.locator(".nw-head + .nw-told")
    assert re.match("Not used: stride must be an integer from 1 to 4", note.inner_text())
    page.wait_for_timeout(100)
    page.locator('input[name="stride"]').press("ArrowRight")
    assert note.inner_text() == "" and page.locator('input[name="stride"]').input_value() == "2"
