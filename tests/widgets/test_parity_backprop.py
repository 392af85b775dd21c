"""The backpropagation graph's JavaScript against its Python, and both against `nndl.ops.Graph`."""

import math
import random

import numpy as np
import pytest
from script_engine import engine_of, python_results

from nndl import ops
from nndl.plots.graphs import layout
from nndl.widgets import BackpropGraph
from nndl.widgets.backprop_formula import FUNCTIONS, read_formula, solve_formula
from nndl.widgets.backprop_graph import PRESETS

DRAWN = 1500
KINDS = {
    "add": ops.Add,
    "subtract": ops.Subtract,
    "multiply": ops.Multiply,
    "divide": ops.Divide,
    "exp": ops.Exp,
    "log": ops.Log,
    "tanh": ops.Tanh,
    "sigmoid": ops.Logistic,
    "relu": ops.ReLU,
    "square": lambda: ops.Power(2),
    "negative": ops.Multiply,  # with a constant, see below
}


@pytest.fixture(scope="module")
def engine():
    return engine_of(BackpropGraph)


def draw_formula(rnd, depth=0):
    if depth > 3 or rnd.random() < 0.25:
        return rnd.choice(["a", "b", "x", "w1", "0.5", "2", " 3. ", ".25"])
    left, right = (draw_formula(rnd, depth + 1) for _ in range(2))
    kind = rnd.random()
    if kind < 0.5:
        return f"({left}{rnd.choice('+-*/×−')} {right})"
    if kind < 0.6:
        return f"{left} {rnd.choice('+-*/')} {right}"
    if kind < 0.7:
        return f"-{left}"
    return f"{rnd.choice(FUNCTIONS)}({left})"


def spoiled(rnd, text):
    """Break a formula in a way that happens while typing."""
    if rnd.random() < 0.75:
        return text
    at = rnd.randrange(len(text))
    return rnd.choice(
        [text[:at], text[at:], text[:at] + rnd.choice("()*$&.'é 九") + text[at:], text + " sin(x)"]
    )


def drawn_formulas(seed, count):
    rnd = random.Random(seed)
    return [spoiled(rnd, draw_formula(rnd)) for _ in range(count)]


def test_formulas_are_read_alike(engine):
    cases = [[text] for text in drawn_formulas(0, DRAWN)]
    odd = ("", " ", "1", "x", "x" * 90 + "+1", "exp", "abcdefg+1", "2x", "x 2", "-x", "--x")
    cases += [
        [text]
        for text in (
            *odd,
            "+".join(f"{c}*{c}" for c in "abcdefg"),
            "（a＋b）×c",
            "（ａ＋２．５）＊ｂ１－ｅｘｐ（ａ）",
        )
    ]
    cases += [[3], [None]]
    expected = python_results(read_formula, cases)
    assert engine("read_formula", cases) == expected
    refused = sum("error" in result for result in expected)
    assert DRAWN / 10 < refused < 0.9 * DRAWN


def solvable(seed, count):
    """Draw graphs with values for their inputs."""
    rnd, found = random.Random(seed), []
    while len(found) < count:
        try:
            nodes = read_formula(draw_formula(rnd))
        except ValueError:
            continue
        names = [node["name"] for node in nodes if node["kind"] == "input"]
        large = rnd.choice([1, 3, 3, 999])
        # some inputs are 0 or lie on the corner of a ReLU
        values = {
            name: rnd.choice([0.0, 1.0, rnd.uniform(-large, large), rnd.uniform(-large, large)])
            for name in names
        }
        found.append([nodes, values])
    return found


def close(ours, theirs):
    """Compare nested results; the exponential may differ in its last digit."""
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys()
        return all(close(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(close, ours, theirs))
    if isinstance(ours, float) or isinstance(theirs, float):
        return theirs is not None and math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12)
    return ours == theirs


def test_values_and_gradients_are_alike(engine):
    cases = solvable(1, DRAWN)
    expected = python_results(solve_formula, cases)
    for case, one, other in zip(cases, engine("solve_formula", cases), expected, strict=True):
        assert close(one, other), case
    why = [result["value"]["problem"] and result["value"]["problem"]["why"] for result in expected]
    assert {None, "log", "zero", "large"} == set(why) and why.count(None) > DRAWN / 2


def graph_of(nodes):
    """Build the package's graph; constants are inputs, and a minus multiplies by one."""
    names = [f"n{i}" for i in range(len(nodes))]
    constants = {
        names[i]: node["value"] for i, node in enumerate(nodes) if node["kind"] == "number"
    }
    inputs = [names[i] for i, node in enumerate(nodes) if node["kind"] == "input"]
    made = {}
    for i, node in enumerate(nodes):
        if "sources" in node:
            read = [names[source] for source in node["sources"]]
            if node["kind"] == "negative":
                read.append("minus")
                constants["minus"] = -1.0
            made[names[i]] = (KINDS[node["kind"]](), *read)
    return ops.Graph(made, inputs=(*inputs, *constants)), inputs, constants


def test_values_and_gradients_are_those_of_the_package():
    compared = 0
    for nodes, values in solvable(2, 400):
        found = solve_formula(nodes, values)
        if found["problem"]:
            continue
        graph, inputs, constants = graph_of(nodes)
        named = {f"n{i}": node.get("name") for i, node in enumerate(nodes)}
        arrays = [np.array(values[named[name]], dtype=float) for name in inputs]
        with np.errstate(all="ignore"):
            graph(*arrays, *map(np.array, constants.values()))
            graph.backward(np.array(1.0))
        for i, node in enumerate(nodes):
            assert close(found["values"][i], float(graph.values[f"n{i}"]))
            if node["kind"] != "number":
                ours, theirs = found["gradients"][i], float(graph.gradients[f"n{i}"])
                assert math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12)
        compared += 1
    assert compared > 200


def test_the_page_and_the_figure_place_nodes_alike(engine):
    for nodes, _ in solvable(3, 200):
        names = {i: f"n{i}" for i in range(len(nodes))} | {len(nodes): ""}
        sources = {
            names[i]: [names[s] for s in node["sources"]]
            for i, node in enumerate(nodes)
            if "sources" in node
        }
        leaves = [names[i] for i, node in enumerate(nodes) if "sources" not in node]
        places, paths = layout(sources, leaves, names[len(nodes) - 1])
        found = engine("layOut", [[nodes]])[0]["value"]
        ordered = sorted(places[name] for name in names.values())
        assert np.allclose(sorted(map(tuple, found["places"])), ordered)
        assert len(found["edges"]) == len(paths)
        assert all(len(edge["path"]) >= 4 for edge in found["edges"])


def test_no_two_nodes_stand_in_one_place(engine):
    for nodes, _ in solvable(4, 200):
        found = engine("layOut", [[nodes]])[0]["value"]
        assert len(set(map(tuple, found["places"]))) == len(nodes) + 1
        for edge in found["edges"]:  # labels stand on the straight part, in the direction of flow
            (x, y), (x_end, y_end) = edge["path"][1:3]
            assert y == y_end and x < x_end


@pytest.mark.parametrize("name", PRESETS)
def test_presets(engine, name):
    explorer = BackpropGraph(preset=name)
    solved = engine("(state) => solveGraph(state)", [[explorer.state]])[0]["value"]
    nodes, found = explorer.solution()
    assert close(solved["gradients"], found["gradients"])
    assert solved["nodes"] == nodes
    slopes = engine(
        "(s) => { const g = solveGraph(s);"
        " return g.inputs.map((n) => measured(g.nodes, g.values, n)); }",
        [[explorer.state]],
    )[0]["value"]
    assert slopes == pytest.approx(list(explorer.gradients().values()), abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"preset": "own"}, "formula must be given when preset is 'own', got none"),
        ({"formula": "a +"}, "formula ends where a value should be"),
        ({"formula": "a b"}, "formula has 'b' where it should end"),
        ({"formula": "sin(a)"}, "formula has an unknown function 'sin'"),
        ({"formula": "a"}, "formula must have 1 to 10 operators, got 0"),
        ({"formula": "1 + 2"}, "formula must have 1 to 6 names, got 0"),
        ({"values": {"q": 1}}, "values must have names of a, b, c, got 'q'"),
        ({"values": {"a": 1000}}, "values must be numbers from -999 to 999"),
        ({"values": {"a": True}}, "values must be numbers from -999 to 999"),
        ({"values": [1, 2]}, "values must be a number for each name"),
        ({"preset": "nothing"}, "preset must be one of 'add'"),
        ({"preset": "add", "formula": "a * b"}, "formula needs preset to be 'own' or left out"),
        ({"position": 100}, "position must be an integer from 0 to 99"),
    ],
)
def test_wrong_arguments_are_refused_on_both_sides(engine, arguments, words):
    with pytest.raises(ValueError) as caught:
        BackpropGraph(**arguments)
    assert words in str(caught.value)
    state = {**BackpropGraph().state, **arguments}
    if "formula" in arguments and "preset" not in arguments:
        state["preset"] = "own"
    if "position" in arguments or state["preset"] in ("nothing", "add"):
        return  # the schema's own rules, and one that holds for arguments alone
    refused = engine("checkGraph", [[state]])[0]
    assert words in refused.get("error", "")


def test_a_formula_without_a_value_says_why():
    explorer = BackpropGraph(formula="log(x - y)", values={"x": 1, "y": 2})
    with pytest.raises(ValueError, match="the logarithm needs a positive number"):
        explorer.gradients()
    assert "no gradients" in explorer.describe()[0]
