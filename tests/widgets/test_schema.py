"""One schema per explorer: what it allows, what the program uses of it, and the output it makes."""

import html
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

from nndl import widgets
from nndl.widgets import ConvStepper, PictureKernel, ReceptiveField
from nndl.widgets.base import CORE_STRINGS, SHARED, Explorer, program
from nndl.widgets.schema import choice, data, integer, number, switch

EXPLORERS = [getattr(widgets, name) for name in widgets.__all__]
JS = Path(widgets.__file__).parent / "js"
each_explorer = pytest.mark.parametrize("explorer", EXPLORERS, ids=lambda kind: kind.__name__)


def own_source(explorer):
    """The explorer's own program and the shared parts, comments left out."""
    names = (*SHARED[2:], *explorer.parts, explorer.kind)
    text = "\n".join((JS / f"{name}.js").read_text("utf8") for name in names)
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


@each_explorer
def test_the_program_uses_every_setting_and_no_other(explorer):
    source = own_source(explorer)
    for name in explorer.schema:
        assert re.search(rf'(state(\(\))?|this\.state)\.{name}\b|"{name}"|\b{name}:', source), name
    used = set(re.findall(r"(?:frame\.|this\.|\b)state(?:\(\))?\.(\w+)", source))
    assert used <= set(explorer.schema), used - set(explorer.schema)


def test_every_shared_word_is_used_by_some_explorer():
    source = "\n".join(map(own_source, EXPLORERS))
    assert all(f'"{key}"' in source for key in CORE_STRINGS)


@each_explorer
def test_every_word_is_there_in_both_languages_and_used(explorer):
    strings = CORE_STRINGS | explorer.strings
    source = own_source(explorer)
    said = set(re.findall(r'\bsay\("(\w+)"', source))
    assert said <= set(strings), said - set(strings)
    quoted = set(re.findall(r'["`](\w+)["`]|\b(\w+):', source))
    mentioned = {name for pair in quoted for name in pair}
    # families whose key is put together in the program: say(`kind_${name}`)
    families = tuple(re.findall(r"`(\w+_)\$\{", source))
    for key, words in strings.items():
        shared = key in CORE_STRINGS and key not in explorer.strings
        assert shared or key in mentioned or key.startswith(families), f"{key} is never said"
        english, chinese = words
        assert english and chinese
        # the same blanks are filled in both
        blanks = [set(re.findall(r"\{(\w+)\}", text)) for text in words]
        assert blanks[0] == blanks[1], key
    labels = [entry["label"] for entry in explorer.schema.values() if entry["label"]]
    labels += [
        words
        for entry in explorer.schema.values()
        for words in {**entry.get("options", {}), **entry.get("words", {})}.values()
    ]
    assert labels and all(len(pair) == 2 and all(pair) for pair in (*labels, explorer.title))


@each_explorer
def test_repr_makes_the_same_explorer(explorer):
    first = explorer()
    assert eval(repr(first), {explorer.__name__: explorer}).state == first.state
    assert list(inspect.signature(explorer).parameters) == list(explorer.schema)


def test_repr_of_all_settings():
    rng = np.random.default_rng(0)
    stepper = ConvStepper(
        x=rng.normal(size=(4, 7)).round(2),
        weight=((1, 2.5), (-3, 0)),
        stride=(2, 1),
        padding=np.int64(2),
        dilation=np.array([1, 2]),
        operation="convolution",
        view="matrix",
        position=5,
        pinned=2,
        predict=True,
    )
    again = eval(repr(stepper))
    assert again.state == stepper.state and again.state["width"] == 7
    assert again.state["kernel_size"] == 2 and again.state["linked"] is False
    assert json.loads(json.dumps(again.state)) == again.state


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stride": 0}, "stride must be an integer from 1 to 4, or a pair .*, got 0"),
        ({"stride": 1.5}, "stride must be .* got 1.5"),
        ({"stride": True}, "stride must be .* got True"),
        ({"stride": (1, 2, 3)}, r"stride must be .* got \(1, 2, 3\)"),
        ({"height": 2}, "height must be an integer from 3 to 12, got 2"),
        ({"height": (3, 4)}, "height must be an integer from 3 to 12, got"),
        ({"padding": -1}, "padding must be .* got -1"),
        ({"padding": "sam"}, "padding must be .* 'same'.* got 'sam'"),
        ({"operation": "conv"}, "operation must be one of 'correlation', 'convolution', got"),
        ({"predict": 1}, "predict must be True or False, got 1"),
        ({"x": [[1, 2], [3, 4]]}, "x must have 3 to 12 rows, got 2"),
        ({"x": [[1, 2, 3]] * 3, "height": 4}, "x must have 4 rows, got 3"),
        ({"x": 5}, "x must be a matrix, a list of rows, got 5"),
        ({"x": [[1, 2, 3], [1, 2], [1]]}, "x must have rows of equal length"),
        ({"x": [[1, 2, float("nan")]] * 3}, "x must hold numbers from -999 to 999, got nan"),
        ({"x": [[1, 2, "3"]] * 3}, "x must hold numbers .* got '3'"),
        ({"weight": "sobel"}, "weight must be a matrix or one of 'ones', .* got 'sobel'"),
        ({"weight": [[1, 2]], "kernel_size": 2}, "weight must have 2 rows, got 1"),
        ({"weight": [[1] * 6]}, "weight must have 1 to 5 columns, got 6"),
        ({"pinned": -1}, "pinned must be None or an integer from 0 to 575, got -1"),
    ],
)
def test_bad_settings_are_refused_by_name_value_and_rule(settings, message):
    with pytest.raises(ValueError, match=message):
        ConvStepper(**settings)


def test_unknown_settings_name_the_nearest():
    with pytest.raises(TypeError, match="no setting 'kernal_size'; did you mean 'kernel_size'"):
        ConvStepper(kernal_size=3)
    with pytest.raises(TypeError, match="no setting 'zzz'; it has height, width"):
        ConvStepper(zzz=3)


def test_state_cannot_be_changed_from_outside():
    given = [[1, 2, 3]] * 3
    stepper = ConvStepper(x=given)
    stepper.state["x"][0][0] = 9
    stepper.state["stride"] = 4
    assert stepper.state["x"] == given and stepper.state["stride"] == 1
    assert ConvStepper.schema["weight"]["value"] == "sobel_x"


def test_python_reads_values_and_sizes_back():
    stepper = ConvStepper(weight="laplace", padding="same", stride=2)
    assert stepper.kernel == [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    assert stepper.output_size() == (3, 3) and stepper.paddings() == (1, 1)
    assert len(stepper.input) == 6 and len(stepper.input[0]) == 6
    with pytest.raises(ValueError, match="spans 9"):
        ConvStepper(kernel_size=5, dilation=2).output_size()


def test_text_stays_when_scripts_are_stripped():
    output = ConvStepper(stride=2, padding=1)._repr_html_()
    text = html.unescape(re.sub(r"<script.*?</script>|<[^>]+>", "", output, flags=re.S))
    assert "a 3 × 3 kernel slides over a 6 × 6 input and gives 3 × 3 outputs" in text
    assert "ConvStepper(stride=2, padding=1)" in text and "得到 3 × 3 个输出" in text
    assert "gives no output" in ConvStepper(kernel_size=5, dilation=3).describe()[0]


class Hostile(Explorer):
    """An explorer whose texts try to leave the script they are in."""

    kind = "convolution_stepper"
    title = ("</script><script>alert(1)</script>", "<!-- x")
    parts = ConvStepper.parts
    schema = ConvStepper.schema | {"note": data("</script><!--")}
    strings = ConvStepper.strings

    def describe(self):
        return ("<b>bold</b> & more", "</p><script>")


def test_texts_and_state_cannot_end_a_script():
    output = Hostile(note="</script><img src=x onerror=alert(1)>")._repr_html_()
    assert len(re.findall(r"</script", output)) == len(re.findall(r"<script", output)) == 2
    assert "<!--" not in output and "<img" not in output and "<b>" not in output
    config = re.search(r"'\]\(el,(\{.*?\})\)\}\)\}\)", output).group(1)
    assert json.loads(config)["state"]["note"] == "</script><img src=x onerror=alert(1)>"


@each_explorer
def test_nothing_is_fetched(explorer):
    output = explorer()._repr_html_()
    addresses = set(re.findall(r"https?://[^\s\"'`]+", output))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    for forbidden in ("import(", "require(", "define(", "type=module", "innerHTML", "eval("):
        assert forbidden not in output, forbidden


def test_names_follow_from_the_settings_on_the_site_and_are_random_elsewhere(monkeypatch):
    def name(explorer):
        return re.search(r'data-nw="([\w-]+)"', explorer._repr_html_()).group(1)

    monkeypatch.delenv("NNDL_SITE", raising=False)
    assert name(ConvStepper()) != name(ConvStepper())
    assert '"id":""' in ConvStepper()._repr_html_()
    monkeypatch.setenv("NNDL_SITE", "1")
    # neither what stands before it nor a second build changes it
    first = name(ConvStepper(stride=2))
    assert name(ConvStepper()) != first and name(ConvStepper(stride=2)) == first
    assert (
        first == ConvStepper(stride=2).link_name() and first in ConvStepper(stride=2)._repr_html_()
    )
    # what is measured anew in each build is no part of it
    fields = [np.full((32, 32), value).tolist() for value in (1.0, 2.0)]
    names = {ReceptiveField(preset="lenet", effective=field).link_name() for field in fields}
    assert len(names) == 1


@each_explorer
def test_the_program_is_named_by_its_content(explorer):
    tag, script = program(explorer)
    assert re.fullmatch(rf"{explorer.kind}@[0-9a-f]{{10}}", tag) and tag in script
    assert program(explorer) == (tag, script)


def test_kinds_of_settings_say_their_rule():
    class Sample(Explorer):
        kind = "sample"
        schema = {  # noqa: RUF012
            "rate": number(0.1, 0, 1),
            "steps": integer(3, 1, 9),
            "mode": choice("a", {"a": ("A", "甲")}),
            "on": switch(False),
        }

    assert Sample(rate=1).state["rate"] == 1
    for bad, rule in {
        "rate": "a number from 0 to 1, got 2",
        "mode": "one of 'a', got 2",
        "steps": "an integer from 1 to 9, got '2'",
    }.items():
        with pytest.raises(ValueError, match=f"{bad} must be {rule}"):
            Sample(**{bad: "2" if bad == "steps" else 2})
    with pytest.raises(NotImplementedError, match="Sample must say what it shows"):
        Sample().describe()


@each_explorer
def test_no_word_calls_dark_what_is_bright_on_a_dark_page(explorer):
    """Only a picture's own pixels are the same in both."""
    words = [text for pair in explorer.strings.values() for text in pair]
    assert explorer is PictureKernel or not re.findall(
        r"\b(?:dark|light|bright)e[rs]t?\b|越深|越浅|更深|更浅", " ".join(words)
    )


@each_explorer
def test_no_explorer_changes_a_word_that_all_share(explorer):
    assert not CORE_STRINGS.keys() & explorer.strings.keys()
