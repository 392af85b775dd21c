"""The pooling explorer's JavaScript against `nndl.ops`, over drawn settings."""

import itertools
import json
import random
import re

import numpy as np
import pytest
from script_engine import engine_of, python_results

from nndl import ops
from nndl.data import load_digits
from nndl.widgets import PoolingShift
from nndl.widgets.pooling_shift import DIGITS, FILTERS, MARGIN, whole_cells
from nndl.widgets.pooling_words import POOLS, STRINGS

# right and wrong ones
PICTURES = ["0", "9", "10", "x", 5, [[1] * 6] * 6, [[1] * 12] * 7, [[1] * 5] * 6, [[1] * 6] * 13]
PICTURES += [[[1, -1, 1, 1, 1, 1]] * 6, [[1] * 6] * 5 + [[1] * 7], [[1, "a", 1, 1, 1, 1]] * 6]


@pytest.fixture(scope="module")
def engine():
    return engine_of(PoolingShift)


def draw(rnd, **fixed):
    picture = rnd.choice(list(DIGITS))
    if rnd.random() < 0.3:
        rows, columns = rnd.randint(6, 12), rnd.randint(6, 12)
        picture = [[rnd.randint(0, 9) / 2 for _ in range(columns)] for _ in range(rows)]
    settings = {
        "picture": picture,
        "row_shift": rnd.randint(-MARGIN, MARGIN),
        "column_shift": rnd.randint(-MARGIN, MARGIN),
        "filter": rnd.choice(FILTERS),
        "stride": rnd.randint(1, 4),
        "pool": rnd.choice(list(POOLS)),
        "pool_size": rnd.randint(1, 4),
        "pool_stride": rnd.randint(1, 4),
    }
    return PoolingShift(**settings | fixed)


def test_features_and_numbers_are_those_of_the_operators(engine):
    rnd = random.Random(0)
    explorers = [draw(rnd) for _ in range(150)]
    changed = 0
    for explorer, found in zip(
        explorers, engine("solveShift", [[e.state] for e in explorers]), strict=True
    ):
        model, (before, after) = found["value"], explorer.features()
        np.testing.assert_allclose(model["before"]["out"], before, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(model["after"]["out"], after, rtol=1e-12, atol=1e-12)
        assert model["same"]["cosine"] == pytest.approx(explorer.consistency(), abs=1e-9)
        assert model["along"]["cosine"] == pytest.approx(explorer.moved_along(), abs=1e-9)
        assert model["step"] == explorer.total_stride()
        assert len(model["changed"]["cells"]) == (abs(before - after) > 1e-9).sum()
        assert model["changed"]["alive"] == ((before != 0) | (after != 0)).sum()
        here = explorer.state["column_shift"] + MARGIN
        assert model["sweep"][here]["same"] == model["same"] and len(model["sweep"]) == 9
        changed += bool(model["changed"]["cells"])
    assert 20 < changed < 150


def test_pooling_is_the_operators(engine):
    rng = np.random.default_rng(0)
    for _ in range(100):
        x = rng.integers(0, 50, rng.integers(4, 13, 2)).astype(float)
        size, stride = (int(n) for n in rng.integers(1, 5, 2))
        for kind, pool in (("max", ops.max_pool2d), ("avg", ops.avg_pool2d)):
            [found] = engine("pool2d", [[x.tolist(), kind, size, stride]])
            expected = pool(x[None, None], size, stride)[0, 0]
            np.testing.assert_allclose(found["value"], expected, rtol=1e-12)


def test_whole_cells(engine):
    cases = [[shift, step] for shift in range(-20, 21) for step in range(1, 17)]
    assert engine("whole_cells", cases) == python_results(whole_cells, cases)
    assert all(abs(whole_cells(n, s) * s - n) <= s / 2 for n, s in cases)


@pytest.mark.parametrize("pool", POOLS)
def test_features_move_along_exactly_by_whole_cells(pool):
    """What the explorer teaches: equivariance to shifts by multiples of the total stride only."""
    rnd = random.Random(pool)
    exact = aliased = 0
    for _ in range(60):
        explorer = draw(rnd, pool=pool, picture=rnd.choice(list(DIGITS)))
        state, step = explorer.state, explorer.total_stride()
        whole = state["row_shift"] % step == 0 and state["column_shift"] % step == 0
        if whole:
            assert explorer.moved_along() == 1
            exact += 1
        else:
            aliased += explorer.moved_along() < 1
    assert exact > 3 and aliased > 10


def test_pooling_keeps_more_features_and_only_for_small_shifts():
    """Over all ten digits the mean consistency is higher with pooling and falls with the shift."""

    def mean(**settings):
        return np.mean([PoolingShift(picture=name, **settings).consistency() for name in DIGITS])

    without = [mean(pool="none", column_shift=n) for n in range(5)]
    pooled = [mean(pool="max", pool_size=3, pool_stride=1, column_shift=n) for n in range(5)]
    assert without[0] == pooled[0] == 1
    assert all(more > less for more, less in zip(pooled[1:], without[1:], strict=True))
    assert all(near > far for near, far in itertools.pairwise(pooled))


def test_what_a_feature_reads_is_all_that_it_depends_on(engine):
    rnd = random.Random(3)
    for _ in range(30):
        state = draw(rnd, filter="blur").state
        model = engine("solveShift", [[state]])[0]["value"]
        rows, columns = np.shape(model["before"]["out"])
        at = [rnd.randrange(rows), rnd.randrange(columns)]
        ground = model["before"]["ground"]
        read = engine("readBy", [[state, at, ground]])[0]["value"]
        window = (slice(first, last + 1) for first, last in read["picture"])
        cells = np.zeros(np.shape(ground))
        cells[tuple(window)] = 1
        # with ones wherever it does not read, a feature of zeros stays zero
        weight = np.ones((3, 3))
        maps = ops.correlate2d_loop(1 - cells, weight, stride=state["stride"], padding=1)
        (r0, r1), (c0, c1) = read["conv"]
        assert not maps[r0 : r1 + 1, c0 : c1 + 1].any()


def test_slips_have_words(engine):
    states = [PoolingShift(pool=pool).state for pool in POOLS]
    keys = {
        key for found in engine("slipsOfShift", [[s] for s in states]) for key in found["value"]
    }
    assert keys == {key for key in STRINGS if key.startswith("slip_")}


def test_both_sides_hold_the_same_rules(engine):
    rnd, base, refused = random.Random(2), PoolingShift().state, 0
    for _ in range(300):
        state = dict(base)
        state["picture"] = rnd.choice(PICTURES)
        state["feature"] = rnd.choice([None, None, [0, 63], [0, 64], [1], [1, 1.5], "a", [1, True]])
        [right] = python_results(PoolingShift.check, [[json.loads(json.dumps(state))]])
        [found] = engine("checkShift", [[state]])
        assert ("error" in found) == ("error" in right), state
        assert found.get("value") == right.get("value"), state
        refused += "error" in right
    assert 40 < refused < 290


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"picture": "ten"}, "picture must be a matrix or '0' to '9', got 'ten'"),
        ({"picture": [[1] * 5] * 6}, "picture must have 6 to 12 columns, got 5"),
        ({"picture": [[-1] * 6] * 6}, "picture must hold numbers from 0 on"),
        ({"column_shift": 5}, "column_shift must be an integer from -4 to 4, got 5"),
        ({"feature": (1, 64)}, "feature must be two integers from 0 to 63"),
        ({"pool": "min"}, "pool must be one of 'none', 'max', 'avg', got 'min'"),
    ],
)
def test_bad_settings_are_refused(settings, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        PoolingShift(**settings)


def test_the_digits_are_those_of_the_data():
    """Each is the real one nearest to the mean of its kind."""
    parts = load_digits()
    images = np.concatenate([part.images[:, 0] for part in parts]) * 16
    labels = np.concatenate([part.labels for part in parts])
    for name, values in DIGITS.items():
        own = images[labels == int(name)].astype(float)
        distance = ((own - own.mean(axis=0)) ** 2).sum(axis=(1, 2))
        assert own[distance.argmin()].tolist() == values
