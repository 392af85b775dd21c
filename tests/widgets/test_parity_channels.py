"""The channels explorer's JavaScript against its Python, and both against Paddle."""

import random

import numpy as np
import pytest
from script_engine import engine_of, python_results

from nndl.widgets import ConvChannels
from nndl.widgets.channels import channel_stages, channels_read


@pytest.fixture(scope="module")
def engine():
    return engine_of(ConvChannels)


def drawn(rng):
    groups = rng.randint(1, 4)
    return [
        groups * rng.randint(1, 8 // groups) + (rng.random() < 0.1),
        groups * rng.randint(1, 8 // groups),
        rng.randint(1, 7),
        rng.randint(4, 64),
        groups,
        rng.random() < 0.3,
        rng.random() < 0.5,
    ]


def test_stages_and_reading(engine):
    rng = random.Random(0)
    cases = [drawn(rng) for _ in range(2000)]
    expected = python_results(channel_stages, cases)
    assert engine("channel_stages", cases) == expected
    assert 20 < sum("error" in result for result in expected) < 1000
    good = [case for case in cases if case[0] % case[4] == 0]
    reads = [[case[0], case[1], case[4], rng.randrange(case[1])] for case in good]
    assert engine("channels_read", reads) == python_results(channels_read, reads)


def test_both_sides_hold_the_same_rules(engine):
    rng = random.Random(1)
    base = ConvChannels().state
    for _ in range(500):
        state = base | {name: rng.randint(1, 8) for name in ("in_channels", "out_channels")}
        state |= {"groups": rng.randint(1, 4), "separable": rng.random() < 0.3}
        assert engine("checkChannels", [[state]]) == python_results(ConvChannels.check, [[state]])


def test_every_control_leads_to_settings_that_are_allowed(engine):
    """A kind, or another number of maps, never asks for groups that do not divide."""
    rng, state = random.Random(2), ConvChannels().state
    kinds = ("standard", "grouped", "depthwise", "pointwise", "separable")
    for _ in range(1500):
        if rng.random() < 0.4:
            kind = rng.choice(kinds)
            changes = engine("channelsOfKind", [[kind, state]])[0]["value"]
            after = engine("kindOfChannels", [[state | changes]])[0]["value"]
            one = (state | changes)["in_channels"] == 1  # depthwise with one map is standard
            assert after == kind or one or (kind == "grouped" and after == "depthwise")
        else:
            name = rng.choice(("in_channels", "out_channels"))
            changes = engine("otherChannels", [[state, {name: rng.randint(1, 8)}]])[0]["value"]
        state = ConvChannels.validated(changes, state)


def test_the_wiring_is_the_one_of_paddle(engine):
    """Output `o` depends on input `i` exactly when it is said to read it."""
    functional = pytest.importorskip("paddle").nn.functional
    import paddle

    for n_in, n_out, groups in ((4, 6, 1), (4, 6, 2), (6, 6, 3), (4, 8, 4), (8, 8, 8)):
        [stage] = channel_stages(n_in, n_out, 3, 5, groups)
        weight = paddle.ones(stage["shape"])
        assert weight.size == stage["weights"]
        reads = np.zeros((n_out, n_in), bool)
        for i in range(n_in):
            x = np.zeros((1, n_in, 5, 5), "float32")
            x[0, i] = 1
            y = functional.conv2d(paddle.to_tensor(x), weight, padding=1, groups=groups)
            reads[:, i] = np.abs(y.numpy()[0]).sum((1, 2)) > 0
        told = [channels_read(n_in, n_out, groups, o) for o in range(n_out)]
        assert told == [np.flatnonzero(row).tolist() for row in reads]


def test_what_is_lit_is_what_reads(engine):
    """Through a depthwise and a pointwise convolution every output reads every input."""
    m = engine("solveChannels", [[ConvChannels(separable=True).state]])[0]["value"]
    # a Set has no JSON form
    lit = "((m, column, channel) => traced(m, column, channel).map((set) => [...set].sort()))"
    assert engine(lit, [[m, 2, 5]])[0]["value"] == [[0, 1, 2, 3], [0, 1, 2, 3], [5]]
    assert engine(lit, [[m, 0, 1]])[0]["value"] == [[1], [1], list(range(8))]
    assert engine(lit, [[m, 1, 1]])[0]["value"] == [[1], [1], list(range(8))]


def test_sums():
    separable = ConvChannels(separable=True, kernel_size=3)
    plain = ConvChannels(kernel_size=3)
    ratio = separable.totals()["weights"] / plain.totals()["weights"]
    assert ratio == pytest.approx(1 / 8 + 1 / 9)
    assert ConvChannels(groups=2).totals()["macs"] * 2 == plain.totals()["macs"]
    with pytest.raises(ValueError, match="groups must be 1 when separable is True, got 2"):
        ConvChannels(separable=True, groups=2)
