"""The receptive-field explorer's JavaScript against the Python it stands for, over drawn stacks."""

import json
import random
import re

import numpy as np
import pytest
from script_engine import engine_of, python_results

from nndl import arithmetic
from nndl.widgets import ReceptiveField
from nndl.widgets.receptive_field import FIELDS, STACKS, measured_cells
from nndl.widgets.receptive_words import STRINGS

DRAWN = 400


@pytest.fixture(scope="module")
def engine():
    return engine_of(ReceptiveField)


def draw_layer(rnd):
    kind = rnd.choice(["conv", "conv", "max_pool", "avg_pool"])
    ranges = {"kernel_size": (1, 6), "stride": (1, 3), "padding": (0, 3), "dilation": (1, 3)}
    return {"kind": kind, **{name: rnd.randint(*ranges[name]) for name in FIELDS[kind]}}


def draw_state(rnd):
    layers = [draw_layer(rnd) for _ in range(rnd.randint(1, 6))]
    level = rnd.choice(["last", rnd.randint(0, 8)])
    unit = rnd.choice([None, [rnd.randint(0, 40), rnd.randint(0, 40)]])
    return ReceptiveField(
        layers=layers, input_size=rnd.randint(1, 60), level=level, unit=unit
    ).state


def solved(engine, states):
    return [found["value"] for found in engine("solveField", [[state] for state in states])]


def test_every_layer_has_pythons_size_field_jump_and_start(engine):
    rnd = random.Random(0)
    states = [draw_state(rnd) for _ in range(DRAWN)]
    states += [ReceptiveField(preset=name).state for name in STACKS]
    stopped = 0
    for state, net in zip(states, solved(engine, states), strict=True):
        explorer = ReceptiveField(**state)
        assert net["levels"][1:] == explorer.fields()
        assert (net["problem"] is None) == (len(net["levels"]) == len(net["layers"]) + 1)
        stopped += net["problem"] is not None
    assert DRAWN / 10 < stopped < 0.9 * DRAWN  # both kinds were drawn


def test_what_is_traced_is_pythons_cone(engine):
    rnd = random.Random(1)
    states = [draw_state(rnd) for _ in range(DRAWN)]
    nets = solved(engine, states)
    traced = engine("unitOf", [list(pair) for pair in zip(nets, states, strict=True)])
    cases = [
        [net, place["value"]["level"], place["value"]["at"][0]]
        for net, place in zip(nets, traced, strict=True)
    ]
    gaps = beyond = 0
    for (net, level, unit), found in zip(cases, engine("traceAxis", cases), strict=True):
        valid = net["windows"][: len(net["levels"]) - 1]
        back = arithmetic.backward_cone(valid[:level], net["n"], unit)
        ahead = arithmetic.forward_cone(valid[level:], net["levels"][level]["size"], unit)
        assert found["value"]["back"] == back
        assert found["value"]["ahead"] == [[]] * level + ahead
        # the span at the input is the field of the recurrence, around its center
        place, (first, last) = net["levels"][level], found["value"]["spans"][0]
        assert last - first + 1 == place["field"]
        assert (first + last) / 2 == place["start"] + unit * place["jump"]
        inside = range(max(0, first), min(net["n"] - 1, last) + 1)
        assert set(back[0]) <= set(inside)
        gaps += len(back[0]) < len(inside)
        beyond += first < 0 or last >= net["n"]
    assert gaps > 10 and beyond > 10


def test_a_unit_keeps_its_place_across_levels(engine):
    """From a layer to itself nothing moves; else the nearest unit is found."""
    [net] = solved(engine, [ReceptiveField(preset="lenet").state])
    for level, place in enumerate(net["levels"]):
        for unit in range(place["size"]):
            traced = {"level": level, "at": [unit, unit]}
            assert engine("across", [[net, traced, level]])[0]["value"] == traced
            [moved] = engine("across", [[net, traced, 0]])
            center = place["start"] + unit * place["jump"]
            assert abs(moved["value"]["at"][0] - center) <= 0.5


def test_slips_are_wrong_where_they_differ_and_the_sum_is_right(engine):
    for name in STACKS:
        state = ReceptiveField(preset=name).state
        [net] = solved(engine, [state])
        for level in range(1, len(net["levels"])):
            [text] = engine("sumOfField", [[net, level]])
            product = text["value"].replace("·", "*")
            assert re.fullmatch(r"[\d +*]+", product)
            assert eval(product) == net["levels"][level]["field"]
            [slips] = engine("slipsOfField", [[net, level]])
            assert set(slips["value"]) == {key for key in STRINGS if key.startswith("slip_")}


def test_measured_cells(engine):
    rng = np.random.default_rng(0)
    cases = [[rng.integers(0, 256, (n, n)).tolist()] for n in (1, 2, 7, 32)]
    assert engine("measured_cells", cases) == python_results(measured_cells, cases)


def test_a_measured_field_belongs_to_the_unit_it_was_measured_of(engine):
    gradient = np.random.default_rng(0).normal(size=(32, 32))
    explorer = ReceptiveField(preset="lenet", effective=gradient)
    state, [net] = explorer.state, solved(engine, [explorer.state])
    effective = state["effective"]
    [traced] = engine("unitOf", [[net, state]])
    last = traced["value"]
    assert last == {"level": 5, "at": [0, 0]}
    other = {"level": 4, "at": [2, 2]}
    found = engine(
        "isMeasured", [[net, effective, last], [net, effective, other], [net, None, last]]
    )
    assert [case["value"] for case in found] == [True, False, False]
    # shades of the absolute values, largest 255
    magnitude = np.abs(gradient)
    assert effective["values"] == np.round(255 * magnitude / magnitude.max()).astype(int).tolist()
    # what Python made, the page and the live twin hand back unchanged
    assert ReceptiveField(**state).state == state
    assert engine("checkReceptive", [[state]])[0]["value"] == state


def test_a_large_measured_field_is_averaged_in_blocks():
    gradient = np.zeros((224, 224))
    gradient[100:112, 100:112] = -3
    effective = ReceptiveField(preset="resnet18", effective=gradient).state["effective"]
    assert effective["block"] == 4 and np.shape(effective["values"]) == (56, 56)
    assert measured_cells(effective["values"]) * 16 == 12 * 12


def test_both_sides_hold_the_same_rules_between_settings(engine):
    rnd, base, refused = random.Random(2), ReceptiveField().state, 0
    for _ in range(400):
        state = dict(base)
        state["preset"] = rnd.choice(["own", "own", "lenet"])
        state["layers"] = rnd.choice(
            [None, [], 7, [draw_layer(rnd)], [{"kind": "conv"}], [{"kind": "x"}]]
            + [[{"kind": "conv", "kernel_size": 3}] * n for n in (1, 40, 41)]
            + [[{"kind": "max_pool", "kernel_size": 2, "dilation": 2}]]
        )
        state["input_size"] = rnd.choice([None, 1, 256, 257, 0, 1.5, "3", True])
        state["unit"] = rnd.choice([None, None, [0, 0], [1], [1, -1], [1, 1.5], 3, [255, 256]])
        [right] = python_results(ReceptiveField.check, [[json.loads(json.dumps(state))]])
        [found] = engine("checkReceptive", [[state]])
        assert ("error" in found) == ("error" in right), state
        assert found.get("value") == right.get("value"), state
        refused += "error" in right
    assert 40 < refused < 390


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"preset": "own"}, "layers must be a list of layers"),
        ({"preset": "lenet", "layers": [(3,)]}, "layers need preset to be 'own'"),
        ({"layers": [(3, 1, 0, 1), 5]}, "layer 2 must be a mapping, or"),
        ({"layers": [(3, 0)]}, "layer 1: stride must be a positive integer, got 0"),
        ({"layers": [{"kind": "linear"}]}, "layer 1: kind must be one of conv, max_pool, avg_pool"),
        ({"layers": 5}, "layers must be a list of layers, got 5"),
        ({"input_size": 300}, "input_size must be an integer from 1 to 256, got 300"),
        ({"unit": (1, -1)}, "unit must be two integers of at least 0"),
        ({"level": 41}, "level must be an integer from 0 to 40, or 'last', got 41"),
        ({"effective": [[1, 2]]}, "effective must have 1 columns, got 2"),
        ({"effective": [[0, 0], [0, 0]]}, "effective must have an entry that is not 0"),
        ({"effective": [[1, 2], [3, 4]], "input_size": 3}, "effective must have 3 rows, got 2"),
        ({"effective": 5}, "effective must be a square matrix, got 5"),
        ({"effective": ...}, "effective must be a square matrix, got Ellipsis"),
    ],
)
def test_bad_settings_are_refused(settings, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        ReceptiveField(**settings)


def test_python_and_the_page_write_the_same_call(engine):
    code = "((state) => pythonOf({state, spec: SPEC, schema: SPEC.schema}))"
    for settings in ({"preset": "vgg16", "level": 3}, {"layers": [(3, 2, 1, 1)], "unit": (1, 2)}):
        explorer = ReceptiveField(**settings)
        assert engine(code, [[explorer.state]])[0]["value"] == repr(explorer)
        assert eval(repr(explorer)).state == explorer.state
    # long data belong to the page
    explorer = ReceptiveField(effective=np.ones((15, 15)))
    assert repr(explorer) == "ReceptiveField(input_size=15, effective=...)"
    assert engine(code, [[explorer.state]])[0]["value"] == repr(explorer)


def test_presets_are_the_networks_of_the_arithmetic():
    """The stacks' fields are known numbers: VGG-16 212 after its last pooling, ResNet18 435."""
    last = {name: ReceptiveField(preset=name).fields()[-1]["field"] for name in STACKS}
    assert last == {"three": 7, "lenet": 32, "vgg16": 212, "resnet18": 435, "dilated": 31}
    assert ReceptiveField(preset="resnet18").fields()[-1]["size"] == 7


def test_the_longest_path_of_resnet18_sees_what_its_whole_graph_does():
    windows = [
        (w["kernel_size"], w["stride"], w["padding"], 1) for w in STACKS["resnet18"]["layers"]
    ]
    nodes = {"stem": (windows[0], []), "pool": (windows[1], ["stem"])}
    last = "pool"
    for block in range(8):
        first, second = windows[2 + 2 * block : 4 + 2 * block]
        nodes[f"a{block}"] = (first, [last])
        nodes[f"b{block}"] = (second, [f"a{block}"])
        shortcut = last
        if first[1] > 1:
            shortcut = f"s{block}"
            nodes[shortcut] = ((1, first[1], 0, 1), [last])
        nodes[f"sum{block}"] = (None, [f"b{block}", shortcut])
        last = f"sum{block}"
    whole = arithmetic.graph_receptive_field(nodes)[last]
    row = ReceptiveField(preset="resnet18").fields()[-1]
    assert whole == (row["field"], row["jump"], row["start"])
