"""The explorers' JavaScript, as the page runs it, against the Python it stands for."""

import inspect
import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
from script_engine import engine_of, python_results

from nndl import arithmetic, ops, widgets
from nndl.widgets import ConvStepper
from nndl.widgets.convolution_stepper import input_values, kernel_values
from nndl.widgets.convolution_words import KERNELS
from nndl.widgets.schema import check_value, integer

# the cost of whole networks has its own twin and its own test
NAMES = sorted(
    name
    for name, value in vars(arithmetic).items()
    if inspect.isfunction(value) and value.__module__ != "nndl.arithmetic.network"
)
CASES_EACH = 400
# what each argument is drawn from; a draw may be wrong, the rules are part of what is compared
RANGES = {
    "input_size": (1, 40),
    "kernel_size": (1, 9),
    "stride": (1, 5),
    "padding": (0, 6),
    "dilation": (1, 4),
    "output_padding": (0, 3),
    "in_channels": (1, 64),
    "out_channels": (1, 64),
    "groups": (1, 4),
    "output_size": (1, 60),
    "in_features": (1, 5000),
    "out_features": (1, 5000),
    "channels": (1, 512),
    "elements": (1, 10**6),
    "hidden_size": (1, 300),
    "gates": (1, 4),
    "steps": (1, 200),
    "model_size": (1, 1024),
    "query_length": (1, 300),
    "key_length": (1, 300),
    "unit": (0, 6),
    "position": (0, 30),
}
WRONG = (0, -1, -7, 1.5, True, None, "3", [1, 2, 3])
PAIRS = {
    (name, argument)
    for name in ("conv_parameters", "conv_macs", "conv_flops", "pool_macs", "pool_operations")
    for argument in ("kernel_size", "output_size")
}


@pytest.fixture(scope="module")
def engine():
    return engine_of(ConvStepper)


def drawn(rng, name, argument):
    if argument == "bias":
        return rng.random() < 0.5
    if argument == "mode":
        return rng.choice(("valid", "same", "full", "Same", ""))
    if argument == "kind":
        return rng.choice(("max", "avg", "mean"))
    if argument == "layers" and name.endswith("_cone"):
        # few and mostly narrow, so that there are units to ask for
        return [layer(rng) for _ in range(rng.randint(0, 3))]
    if argument == "layers":
        return [layer(rng) for _ in range(rng.randint(0, 8))]
    if argument == "nodes":
        return graph(rng)
    if rng.random() < 0.05:
        return rng.choice(WRONG)
    low, high = RANGES[argument]
    if (name, argument) in PAIRS and rng.random() < 0.4:
        return [rng.randint(low, high), rng.randint(low - (rng.random() < 0.1), high)]
    return rng.randint(low, high)


def layer(rng):
    good = [rng.randint(1, 7), rng.randint(1, 3), rng.randint(0, 3), rng.randint(1, 3)]
    return good if rng.random() < 0.95 else rng.choice(([0, 1, 0, 1], [3, 1], [3, 1.5, 0, 1]))


def graph(rng):
    nodes, names = {}, []
    for number in range(rng.randint(1, 6)):
        # mostly stride 1: branches of different jumps are refused, and most graphs should pass
        own = rng.choice((None, [3, 1, 1, 1], [5, 1, 0, 2], [1, 1, 0, 1], layer(rng)))
        inputs = rng.sample(names, rng.randint(0, min(2, len(names))))
        if rng.random() < 0.03:
            inputs.append("nowhere")
        nodes[f"n{number}"] = [own, inputs]
        names.append(f"n{number}")
    return nodes


def test_the_names_are_the_same():
    source = (Path(widgets.__file__).parent / "js" / "arithmetic.js").read_text("utf8")
    exported = re.findall(r"^export function (\w+)", source, re.M)
    assert sorted(exported) == NAMES
    assert len(NAMES) * CASES_EACH >= 5000


@pytest.mark.parametrize("name", NAMES)
def test_same_arguments_in_the_same_order(name):
    source = (Path(widgets.__file__).parent / "js" / "arithmetic.js").read_text("utf8")
    written = re.search(rf"^export function {name}\((.*)\) {{$", source, re.M).group(1)
    parameters = [part.split("=")[0].strip() for part in written.split(",")]
    assert parameters == list(inspect.signature(getattr(arithmetic, name)).parameters)


@pytest.mark.parametrize("name", NAMES)
def test_arithmetic(name, engine):
    function, rng = getattr(arithmetic, name), random.Random(name)
    arguments = list(inspect.signature(function).parameters)
    cases = [[drawn(rng, name, argument) for argument in arguments] for _ in range(CASES_EACH)]
    expected, got = python_results(function, cases), engine(name, cases)
    for case, right, found in zip(cases, expected, got, strict=True):
        assert found == right, f"{name}{tuple(case)}"
    refused = sum("error" in result for result in expected)
    # both the rule and what follows from it were met
    assert CASES_EACH * 0.03 < refused < CASES_EACH * 0.85


def test_what_the_stepper_shows_is_what_the_loop_computes(engine):
    rng = np.random.default_rng(0)
    cases = []
    for _ in range(300):
        height, width = rng.integers(3, 13, 2)
        rows, columns = rng.integers(1, 6, 2)
        x = rng.integers(-9, 10, (height, width)) / 4
        w = rng.integers(-9, 10, (rows, columns)) / 4
        stride, padding, dilation = (
            rng.integers(low, high, 2).tolist() for low, high in ((1, 5), (0, 5), (1, 4))
        )
        cases.append([x.tolist(), w.tolist(), stride, padding, dilation])
    refused = 0
    for case, found in zip(cases, engine("correlate2d", cases), strict=True):
        x, w = (np.array(value) for value in case[:2])
        try:
            right = ops.correlate2d_loop(x, w, *map(tuple, case[2:]))
        except ValueError:
            assert "error" in found
            refused += 1
            continue
        # quarters are exact in binary: the sums must be equal, not close
        assert found["value"] == right.tolist()
    assert 0 < refused < 200


def test_convolution_is_correlation_with_the_kernel_turned(engine):
    state = ConvStepper(operation="convolution", weight=[[1, 2], [3, 4], [5, 6]]).state
    [solved] = engine("solve", [[state]])
    expected = ops.correlate2d_loop(
        np.array(input_values(6, 6), float), np.array([[6, 5], [4, 3], [2, 1.0]])
    )
    assert solved["value"]["y"] == expected.tolist()


def test_windows_and_feeding_cells_tell_the_same_story(engine):
    """A cell is in the window of an output exactly when it is said to feed that output."""
    state = ConvStepper(
        height=7, width=6, kernel_size=(3, 2), stride=2, padding=1, dilation=2
    ).state
    m = engine("solve", [[state]])[0]["value"]
    outputs = [[i, j] for i in range(m["out"][0]) for j in range(m["out"][1])]
    windows = engine("windowOf", [[m, output] for output in outputs])
    reads = {
        (cell["r"], cell["c"], *output)
        for output, window in zip(outputs, windows, strict=True)
        for cell in window["value"]
        if cell["inside"]
    }
    cells = [[r, c] for r in range(7) for c in range(6)]
    fed = engine("fedBy", [[m, cell] for cell in cells])
    feeds = {
        (*cell, *output)
        for cell, found in zip(cells, fed, strict=True)
        for output in found["value"]
    }
    assert reads == feeds and len(feeds) > 20
    assert engine("connections", [[m]])[0]["value"] == len(feeds)


@pytest.mark.parametrize("preset", KERNELS)
def test_kernel_presets(preset, engine):
    cases = [[preset, rows, columns] for rows in range(1, 6) for columns in range(1, 6)]
    assert engine("kernel_values", cases) == python_results(kernel_values, cases)


def test_first_input(engine):
    cases = [[rows, columns] for rows in range(3, 13) for columns in range(3, 13)]
    assert engine("input_values", cases) == python_results(input_values, cases)


def test_both_sides_allow_the_same_values(engine):
    values = [0, 1, 4, 5, -1, 2.5, True, None, "same", "sam", "", [1, 2], [2, 2], [1], [1, 9], {}]
    values += [[1, 2, 3], "grid", "valid", "toString", False]
    for name, entry in ConvStepper.schema.items():
        cases = [[name, value, entry] for value in values]
        expected, got = python_results(check_value, cases), engine("check_value", cases)
        for case, right, found in zip(cases, expected, got, strict=True):
            assert found.get("value") == right.get("value"), case[:2]
            assert ("error" in found) == ("error" in right), case[:2]


def test_both_sides_hold_the_same_rules_between_settings(engine):
    """The page refuses and mends what Python refuses and mends."""
    rng, base = random.Random(1), ConvStepper().state
    for _ in range(400):
        state = dict(base)
        for name in rng.sample(sorted(base), 4):
            state[name] = {
                "height": rng.randint(3, 5),
                "width": rng.randint(3, 5),
                "kernel_size": rng.choice((2, 3, [2, 3])),
                "x": rng.choice((None, [[1] * 3] * 3, [[1] * 6] * 6, [[1, "a", 2]] * 3)),
                "weight": rng.choice(("ones", "toString", [[1, 2], [3, 4]], [[1e9] * 3] * 3)),
                "pinned": rng.choice((None, 3, -1, 1.5, True, "3")),
            }.get(name, state[name])
        [right] = python_results(ConvStepper.check, [[json.loads(json.dumps(state))]])
        [found] = engine("checkState", [[state, base]])
        assert ("error" in found) == ("error" in right), state
        assert found.get("value") == right.get("value"), state


def test_copy_as_python_is_what_repr_says(engine):
    for settings in (
        {},
        {"stride": (1, 2), "padding": "same", "pinned": 3},
        {"x": [[1, -2.5, 0]] * 3, "weight": "blur", "predict": True},
    ):
        explorer = ConvStepper(**settings)
        [found] = engine(
            "((state) => pythonOf({state, spec: SPEC, schema: SPEC.schema}))", [[explorer.state]]
        )
        assert found["value"] == repr(explorer)


def test_a_planted_fault_is_seen(engine):
    """The comparison can fail: with a floor forgotten it does."""
    cases = [[size, 3, 2] for size in range(3, 20)]
    wrong = "((n, k, s) => (n - k) / s + 1)"
    assert engine(wrong, cases) != python_results(arithmetic.output_size, cases)
    assert check_value("stride", 2, integer(1, 1, 4)) == 2
