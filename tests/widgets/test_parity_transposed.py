"""The transposed-convolution explorer's JavaScript against its Python, and both against Paddle."""

import random

import pytest
from script_engine import engine_of, python_results

from nndl.arithmetic import output_size
from nndl.widgets import TransposedConv
from nndl.widgets.transposed import stamp_rhythm, transposed_terms


@pytest.fixture(scope="module")
def engine():
    return engine_of(TransposedConv)


def drawn(rng):
    low_high = ((1, 5), (1, 5), (1, 3), (0, 4), (1, 2), (0, 2))
    return [rng.randint(*pair) for pair in low_high]


def states(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        sizes = drawn(rng)
        sizes[5] = min(sizes[5], sizes[2] - 1)
        names = ("input_size", "kernel_size", "stride", "padding", "dilation", "output_padding")
        x = [rng.randint(-9, 9) / 4 for _ in range(sizes[0])]
        w = [rng.randint(-9, 9) / 4 for _ in range(sizes[1])]
        yield dict(zip(names, sizes, strict=True)) | {"x": x, "weight": w}


def test_terms_and_rhythm(engine):
    rng = random.Random(0)
    cases = [drawn(rng) for _ in range(3000)]
    expected = python_results(transposed_terms, cases)
    assert engine("transposed_terms", cases) == expected
    assert 300 < sum("error" in result for result in expected) < 2500
    rhythms = [[k, s, d] for k in range(1, 6) for s in range(1, 4) for d in (1, 2)]
    assert engine("stamp_rhythm", rhythms) == python_results(stamp_rhythm, rhythms)
    for k, s, d in rhythms:
        if d == 1:
            assert (len(set(stamp_rhythm(k, s))) == 1) == (k % s == 0)


def test_both_sides_hold_the_same_rules(engine):
    rng, base = random.Random(1), TransposedConv().state
    for _ in range(500):
        state = base | {"stride": rng.randint(1, 3), "output_padding": rng.randint(0, 2)}
        state |= {"x": rng.choice((None, [1, 2, 3, 4], [1, 2])), "input_size": rng.choice((2, 4))}
        [right] = python_results(TransposedConv.check, [[dict(state)]])
        [found] = engine("checkTransposed", [[state]])
        assert ("error" in found) == ("error" in right), state
        assert found.get("value") == right.get("value"), state


def test_every_view_says_what_paddle_computes(engine):
    """Stamps, zeros between and the matrix are one sum, and the framework's."""
    paddle = pytest.importorskip("paddle")
    shown = 0
    for settings in states(250, 2):
        explorer = TransposedConv(**settings)
        m = engine("solveTransposed", [[explorer.state]])[0]["value"]
        if m["problem"]:
            with pytest.raises(ValueError, match="padding must leave an output"):
                explorer.output()
            continue
        shown += 1
        assert m["y"] == explorer.output()
        x, w = ([[[values]]] for values in (settings["x"], settings["weight"]))
        along = {
            name: [neutral, settings[name]]
            for name, neutral in (("stride", 1), ("padding", 0), ("dilation", 1))
        }
        result = paddle.nn.functional.conv2d_transpose(
            paddle.to_tensor(x, "float64"),
            paddle.to_tensor(w, "float64"),
            output_padding=[0, settings["output_padding"]],
            **along,
        )
        assert m["y"] == result.numpy()[0, 0, 0].tolist()
        cells = engine("zeroInserted", [[m]])[0]["value"]
        windows = engine("zeroWindow", [[m, j] for j in range(m["n"])])
        by_zeros = [
            sum(
                settings["x"][cells[c]] * settings["weight"][t]
                for c, t in window["value"]
                if cells[c] is not None
            )
            for window in windows
        ]
        assert by_zeros == m["y"]
        # the direct convolution maps each of the candidates back
        direct = [settings[n] for n in ("kernel_size", "stride", "padding", "dilation")]
        sizes = engine("candidates", [[m]])[0]["value"]
        assert m["n"] in sizes
        assert all(output_size(n, *direct) == settings["input_size"] for n in sizes)
    assert shown > 150


def test_flat_input_and_kernel_show_the_overlap():
    for k, even in ((3, False), (4, True)):
        flat = TransposedConv(x=[1] * 5, weight=[1] * k, stride=2)
        inside = flat.output()[k - 1 : 1 - k]
        assert inside == [len(pairs) for pairs in flat.terms()][k - 1 : 1 - k]
        assert (len(set(inside)) == 1) == even


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"output_padding": 2}, "output_padding must be smaller than stride, got 2 with stride 2"),
        ({"x": [1, 2], "input_size": 3}, "x must have 3 columns, got 2"),
        ({"weight": ["a"]}, "weight must hold numbers"),
        ({"x": [1] * 6}, "x must have 1 to 5 columns, got 6"),
        ({"stride": 4}, "stride must be an integer from 1 to 3, got 4"),
    ],
)
def test_wrong_arguments_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        TransposedConv(**settings)
