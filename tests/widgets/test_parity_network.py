"""The network explorer's JavaScript against the Python it stands for, over drawn stacks."""

import inspect
import random
import re
from pathlib import Path

import pytest
from script_engine import engine_of, python_results

from nndl import arithmetic, widgets
from nndl.arithmetic import (
    LAYER_FIELDS,
    NETWORKS,
    check_layers,
    network_cost,
    network_memory,
    network_totals,
)
from nndl.widgets import NetworkCost
from nndl.widgets.network_words import STRINGS

DRAWN = 1500


@pytest.fixture(scope="module")
def engine():
    return engine_of(NetworkCost)


def draw_layer(rnd):
    kind = rnd.choice(list(LAYER_FIELDS))
    layer = {"kind": kind}
    for name, (default, least, greatest) in LAYER_FIELDS[kind].items():
        if name == "bias":
            layer[name] = rnd.random() < 0.5
        elif name == "groups":
            layer[name] = rnd.choice([1, 1, 1, 2, 3])
        elif name in ("channels", "features", "kernel_size") or rnd.random() < 0.6:
            layer[name] = rnd.randint(least, min(greatest, default + 4))
    spoil = rnd.random()
    if spoil < 0.04 and len(layer) > 1:
        layer[rnd.choice([k for k in layer if k != "kind"])] = rnd.choice(
            [0, -1, 1.5, 10**6, "3", None, True]
        )
    elif spoil < 0.06:
        layer["surprise"] = 1
    elif spoil < 0.08:
        layer["kind"] = "convolution"
    elif spoil < 0.10 and "kernel_size" in layer:
        del layer["kernel_size"]
    return layer


def draw_stack(rnd):
    shape = [rnd.randint(1, 6), rnd.randint(1, 40), rnd.randint(1, 40)]
    shape = rnd.choice([shape, shape, shape, shape[:1], shape[:2]])
    if rnd.random() < 0.04:
        shape = rnd.choice([[1, 0, 4], [0], [1.5, 3, 3], 7, None])
    return [[draw_layer(rnd) for _ in range(rnd.randint(1, 7))], shape]


def test_network_cost(engine):
    rnd = random.Random(0)
    cases = [draw_stack(rnd) for _ in range(DRAWN)]
    cases += [[net["layers"], net["input_shape"]] for net in NETWORKS.values()]
    expected = python_results(network_cost, cases)
    assert engine("network_cost", cases) == expected
    refused = sum("error" in result for result in expected)
    assert DRAWN / 10 < refused < 0.9 * DRAWN  # both kinds were drawn


def test_network_memory(engine):
    rnd = random.Random(1)
    cases = []
    while len(cases) < 300:
        layers, shape = draw_stack(rnd)
        try:
            rows = network_cost(layers, shape)
        except ValueError:
            continue
        mode = rnd.choice(["inference", "sgd", "momentum", "adam", "rmsprop"])
        cases.append([rows, shape, mode, rnd.choice([2, 4, 0]), rnd.choice([1, 64, -1])])
    assert engine("network_memory", cases) == python_results(network_memory, cases)
    rows = [case[:1] for case in cases]
    assert engine("network_totals", rows) == python_results(network_totals, rows)


def test_every_refusal_of_the_page_has_words_in_both_languages(engine):
    rnd = random.Random(2)
    cases = [[draw_stack(rnd)[0], [rnd.randint(1, 6), rnd.randint(1, 9), 7]] for _ in range(600)]
    cases = [case for case in cases if "error" not in python_results(check_layers, [case[:1]])[0]]
    checked = [[check_layers(layers), shape] for layers, shape in cases]
    keys = set()
    for case, found in zip(checked, engine("costUpTo", checked), strict=True):
        problem = found["value"]["problem"]
        [python] = python_results(network_cost, [case])
        assert ("error" in python) == (problem is not None)
        if problem:
            assert python["error"] == f"layer {problem['index'] + 1}: {problem['message']}"
            keys.add(problem["key"])
            for text in STRINGS[problem["key"]]:
                assert set(re.findall(r"{(\w+)}", text)) <= set(problem["values"])
    assert keys == {key for key in STRINGS if key.startswith("why_")}


def test_every_function_of_the_module_has_its_twin():
    source = (Path(widgets.__file__).parent / "js" / "network.js").read_text("utf8")
    functions = {
        name: list(inspect.signature(value).parameters)
        for name, value in vars(arithmetic).items()
        if inspect.isfunction(value) and value.__module__ == "nndl.arithmetic.network"
    }
    assert len(functions) == 4
    for name, parameters in functions.items():
        written = re.search(rf"^export function {name}\((.*)\) {{$", source, re.M).group(1)
        twin = [part.split("=")[0].strip() for part in written.split(",")]
        assert twin == parameters


def test_the_explorers_sums_are_pythons(engine):
    for name in NETWORKS:
        for mode in ("inference", "adam"):
            explorer = NetworkCost(preset=name, mode=mode, batch_size="8", number_type="float16")
            solved = engine("(state) => solveNetwork(state).totals", [[explorer.state]])[0]["value"]
            assert solved == explorer.totals()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"preset": "own"}, "layers must be a list of layers"),
        ({"layers": [{"kind": "relu"}] * 41}, "layers must be at most 40, got 41"),
        ({"layers": [{"kind": "x"}]}, "layer 1: kind must be one of"),
        ({"input_shape": [1, 2]}, "input_shape must be 1 or 3 integers"),
        ({"input_shape": [1, 0, 2]}, "input_shape must be 1 or 3 integers"),
        ({"preset": "alexnet"}, "preset must be one of 'lenet'"),
        ({"batch_size": 8}, "batch_size must be one of '1', '8'"),
    ],
)
def test_wrong_arguments_are_refused_on_both_sides(engine, arguments, words):
    with pytest.raises(ValueError) as caught:
        NetworkCost(**arguments)
    assert words in str(caught.value)
    state = {**NetworkCost().state, **arguments}
    if arguments.get("layers"):
        state["preset"] = "own"
    if set(arguments) <= {"preset", "layers", "input_shape"} and state["preset"] != "alexnet":
        refused = engine("checkNetwork", [[state]])[0]
        assert "error" in refused and words.split(",")[0] in refused["error"]
