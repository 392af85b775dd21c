"""The descent explorer's JavaScript against Python, and Python against Paddle and the Runners."""

import json
import random
import re

import numpy as np
import pytest
from script_engine import engine_of, python_results

from nndl import ops
from nndl.data import Batches
from nndl.device import paddle
from nndl.optim import SGD
from nndl.runner import RunnerV1, RunnerV2, RunnerV3
from nndl.widgets import DescentPath
from nndl.widgets.descent_data import DEV_X, DEV_Y, X, Y, drawn_samples, draws, shuffled, step_roots
from nndl.widgets.descent_path import LONG, MOMENTA, RATES, SIZES, STEPS
from nndl.widgets.descent_words import METHODS, OUTLOOKS, STRINGS


@pytest.fixture(scope="module")
def engine():
    return engine_of(DescentPath)


def draw(rnd, **fixed):
    settings = {
        "method": rnd.choice(["all", "batches", "batches", "closed"]),
        "learning_rate": rnd.choice(RATES),
        "momentum": rnd.choice(MOMENTA),
        "batch_size": rnd.choice(SIZES),
        "draw": rnd.randint(0, 9),
        "standardize": rnd.random() < 0.4,
        "start": [round(rnd.uniform(-4, 6), 2), round(rnd.uniform(-4, 6), 2)],
        "step": rnd.randint(0, STEPS),
    }
    return DescentPath(**settings | fixed)


def near(found, expected, rtol=1e-9):
    """Equal, measured by the greatest number there is; a path that diverges has large ones."""
    found, expected = np.array(found, float), np.array(expected, float)
    assert found.shape == expected.shape
    scale = max(1, abs(expected).max())
    np.testing.assert_allclose(found / scale, expected / scale, rtol=0, atol=rtol)
    return abs(found / scale - expected / scale).max()


def test_javascript_finds_what_python_finds(engine):
    rnd = random.Random(0)
    explorers = [draw(rnd) for _ in range(240)]
    kinds, worst = [], 0
    results = engine("solveDescent", [[e.state] for e in explorers])
    for explorer, result in zip(explorers, results, strict=True):
        m, closed = result["value"], explorer.state["method"] == "closed"
        path = explorer.path()
        assert len(m["path"]) == len(path) == (1 if closed else STEPS + 1)
        worst = max(worst, near(m["path"], path))
        worst = max(worst, near(m["losses"], explorer.losses()))
        # the first steps have their own scale
        worst = max(worst, near(m["path"][:6], path[:6]))
        near(m["values"], explorer.eigenvalues())
        near(m["hessian"], explorer.hessian())
        near(m["closed"], explorer.minimum())
        near(m["devMinimum"], explorer.minimum("dev"))
        assert m["limit"] == pytest.approx(explorer.largest_stable_rate(), rel=1e-12)
        assert m["batches"][:STEPS] == explorer.batches()
        outlook = explorer.outlook()
        kinds.append(outlook.pop("kind"))
        assert m["outlook"].pop("kind") == kinds[-1], explorer
        assert m["outlook"] == pytest.approx(outlook, rel=1e-6), explorer
    assert worst < 1e-9
    assert {"once", "smooth", "swings", "hovers", "diverges"} <= set(kinds) <= set(OUTLOOKS)
    assert all(kinds.count(kind) > 5 for kind in set(kinds))


def test_the_draws_are_the_same(engine):
    for seed in (0, 1, 9, 123456):
        numbers = draws(seed)
        expected = [next(numbers) for _ in range(500)]
        script = "((seed) => { const next = draws(seed); return Array.from({length: 500}, next); })"
        assert engine(script, [[seed]])[0]["value"] == expected
        assert min(expected) >= 1 and max(expected) <= 2**31 - 2
        numbers = draws(seed)
        orders = [shuffled(16, numbers) for _ in range(5)]
        script = "((seed) => { const next = draws(seed); "
        script += "return [1, 2, 3, 4, 5].map(() => shuffled(16, next)); })"
        assert engine(script, [[seed]])[0]["value"] == orders
        assert all(sorted(order) == list(range(16)) for order in orders)
        assert len(set(map(tuple, orders))) == 5


def test_every_sample_stands_anywhere_equally_often():
    """A wrong shuffle favors places; 3,000 orders show it."""
    numbers, counts = draws(5), np.zeros((16, 16))
    for _ in range(3000):
        counts[shuffled(16, numbers), range(16)] += 1
    expected = 3000 / 16
    chi2 = ((counts - expected) ** 2 / expected).sum()
    assert 150 < chi2 < 310  # 225 degrees of freedom, 4 standard deviations


def test_an_epoch_takes_each_sample_once():
    for size in SIZES:
        explorer, each = DescentPath(method="batches", batch_size=size), 16 // size
        batches = explorer.batches(3 * each)
        assert {len(batch) for batch in batches} == {size}
        for epoch in range(3):
            taken = [i for batch in batches[epoch * each :][:each] for i in batch]
            assert sorted(taken) == list(range(16))
        # a shorter list is the beginning of a longer one
        assert explorer.batches(5) == explorer.batches(50)[:5]
    assert DescentPath(method="batches", draw=1).batches() != (
        DescentPath(method="batches", draw=2).batches()
    )


def test_the_samples_are_those_of_the_formula():
    pairs = drawn_samples()
    assert [*zip(X, Y, strict=True), *zip(DEV_X, DEV_Y, strict=True)] == pairs
    condition = np.divide(*DescentPath().eigenvalues())
    assert 30 < condition < 150  # long enough a valley to zigzag in
    assert np.divide(*DescentPath(standardize=True).eigenvalues()) == pytest.approx(1)
    noise = np.array([y - 1.2 * x - 0.8 for x, y in drawn_samples(count=4000)])
    assert abs(noise.mean()) < 0.03 and abs(noise.std() - 0.6) < 0.03


@pytest.mark.parametrize("momentum", MOMENTA)
@pytest.mark.parametrize("standardize", [False, True])
def test_the_path_equals_paddle(momentum, standardize):
    for method, size in (("all", 16), ("batches", 1), ("batches", 4)):
        explorer = DescentPath(
            method=method,
            batch_size=size,
            learning_rate=0.03,
            momentum=momentum,
            standardize=standardize,
        )
        layer = paddle.nn.Linear(1, 1)
        layer.to(dtype="float64")
        for param, value in zip((layer.weight, layer.bias), explorer.state["start"], strict=True):
            param.set_value(paddle.full(param.shape, value, "float64"))
        parameters = layer.parameters()
        optimizer = (
            paddle.optimizer.Momentum(0.03, momentum, parameters)
            if momentum
            else paddle.optimizer.SGD(0.03, parameters)
        )
        x, y = (paddle.to_tensor(part) for part in explorer.samples())
        path, losses = [explorer.state["start"]], []
        for batch in explorer.batches():
            chosen = paddle.to_tensor(batch)
            loss = paddle.nn.functional.mse_loss(layer(x[chosen]), y[chosen])
            loss.backward()
            optimizer.step()
            optimizer.clear_grad()
            path.append([layer.weight.item(), layer.bias.item()])
            losses.append(float(paddle.nn.functional.mse_loss(layer(x), y)))
        # Paddle keeps the momentum in single precision, in which 0.9 is not quite 0.9
        off = 1e-6 if momentum == 0.9 else 1e-9
        np.testing.assert_allclose(explorer.path(), path, rtol=0, atol=off)
        np.testing.assert_allclose(explorer.losses()[1:, 0], losses, rtol=10 * off, atol=off)


def test_the_three_runners_give_the_same():
    """What a reader gets who puts the same settings into the Runners of the chapter."""
    for settings in ({}, {"standardize": True}):
        explorer = DescentPath(momentum=0.5, learning_rate=0.05, **settings)
        train, dev = explorer.samples(), explorer.samples("dev")
        first = RunnerV1(ops.Linear(1, 1), loss_fn=ops.SquaredError())
        history = first.train(train, dev, verbose=False)
        closed = DescentPath(method="closed", **settings)
        solution = [first.model.params["weight"].item(), first.model.params["bias"].item()]
        np.testing.assert_allclose(closed.path()[0], solution, rtol=1e-10)
        found = [history.train_losses[0], history.dev_losses[0]]
        np.testing.assert_allclose(closed.losses()[0], found, rtol=1e-10)

        model = ops.Linear(1, 1)
        model.params["weight"][...], model.params["bias"][...] = explorer.state["start"]
        second = RunnerV2(model, SGD(model, 0.05, momentum=0.5), ops.SquaredError())
        history = second.train(train, dev, num_epochs=STEPS, verbose=False)
        losses = explorer.losses()
        # the Runner measures the training loss before each step, the other one after it
        np.testing.assert_allclose(history.train_losses, losses[:-1, 0], rtol=1e-10)
        np.testing.assert_allclose(history.dev_losses, losses[1:, 1], rtol=1e-10)


def test_runner_v3_takes_the_same_batches():
    explorer = DescentPath(method="batches", batch_size=4, learning_rate=0.05)
    x, y = (part.astype("float32") for part in explorer.samples())

    class Drawn:
        """The explorer's batches as a loader: one epoch of 60 steps."""

        def __iter__(self):
            for batch in explorer.batches():
                yield paddle.to_tensor(x[batch]), paddle.to_tensor(y[batch])

        def __len__(self):
            return STEPS

    layer = paddle.nn.Linear(1, 1)
    for param, value in zip((layer.weight, layer.bias), explorer.state["start"], strict=True):
        param.set_value(paddle.full(param.shape, value))
    optimizer = paddle.optimizer.SGD(0.05, parameters=layer.parameters())
    runner = RunnerV3(layer, optimizer, paddle.nn.functional.mse_loss)
    dev = Batches(*(part.astype("float32") for part in explorer.samples("dev")))
    history = runner.train(Drawn(), dev, eval_steps=1, verbose=False)
    np.testing.assert_allclose(history.dev_losses, explorer.losses()[1:, 1], rtol=1e-4)


def deviations(explorer, steps=2000):
    """How far the path is from the minimum, in the directions of the eigenvectors."""
    _, vectors = np.linalg.eigh(explorer.hessian())
    with np.errstate(invalid="ignore"):  # a path that diverges overflows
        return (explorer.path(steps) - explorer.minimum()) @ vectors[:, ::-1]


def test_the_verdict_for_all_samples_is_what_2000_steps_show():
    rnd, seen = random.Random(1), []
    rates = [*RATES, 0.1414, 0.1416, 0.269, 0.212]
    for _ in range(50):
        explorer = draw(rnd, method="all", learning_rate=rnd.choice(rates))
        kind, factor = explorer.outlook()["kind"], explorer.outlook()["factor"]
        off = deviations(explorer)
        first, size = abs(off[0]).max(), abs(off).max(axis=1)
        seen.append(kind)
        if kind == "diverges":
            assert not size[-1] < 1e3 * first or factor < 1.004, explorer
            assert not size[-1] < first, explorer
            continue
        if kind == "circles":
            assert size[-1] == pytest.approx(size[-3], rel=1e-6) and size[-1] > first / 100
            continue
        if factor < 0.99:
            assert size[-1] < 1e-6 * first, explorer
        assert size[-1] < first
        # signs, while the numbers are more than rounding
        turns = [np.diff(np.sign(way[abs(way) > 1e-9])).astype(bool).sum() for way in off.T]
        if kind == "swings":
            assert max(turns) >= 2 or factor > 0.9, explorer
        elif kind == "smooth":
            assert max(turns) == 0, explorer
        else:
            assert kind == "once" and size[1] < 1e-9
    assert {"smooth", "swings", "diverges"} <= set(seen)


def test_a_direction_swings_when_its_sign_changes_again_and_again():
    """step_roots against the recursion itself, for one direction at a time."""
    rnd, found = random.Random(7), []
    for _ in range(300):
        momentum, curvature = rnd.choice(MOMENTA), rnd.uniform(0.01, 4.2)
        root = step_roots(curvature, momentum)
        off, velocity, signs, logs = 1.0, 0.0, [], []
        for _ in range(400):
            velocity = momentum * velocity + curvature * off
            off -= velocity
            scale = np.hypot(off, velocity)
            logs.append(np.log(scale))
            off, velocity = off / scale, velocity / scale
            signs.append(np.sign(off))
        changes = (np.diff(signs) != 0).sum()
        assert root["swings"] == (changes >= 2), (momentum, curvature, changes)
        grown = np.exp(np.mean(logs[200:]))
        assert root["size"] == pytest.approx(grown, rel=0.03), (momentum, curvature)
        found.append(root["swings"])
    assert 30 < sum(found) < 290


def test_a_rate_beyond_the_largest_stable_one_diverges_and_one_below_does_not():
    for settings in ({}, {"momentum": 0.5}, {"momentum": 0.9}, {"standardize": True}):
        limit = DescentPath(**settings).largest_stable_rate()
        above, below = (
            DescentPath(learning_rate=limit * by, **settings).outlook()["kind"]
            for by in (1.001, 0.999)
        )
        assert (above, below) == ("diverges", "swings")
        far = DescentPath(learning_rate=limit * 1.02, **settings).losses(1000)[:, 0]
        assert far[-1] > 1e6 * far[0]
        close = DescentPath(learning_rate=limit * 0.98, **settings)
        least = DescentPath(method="closed", **settings).losses()[0, 0]
        # at the end the two differ by rounding alone, to either side
        assert close.losses(3000)[-1, 0] == pytest.approx(least, rel=1e-9)
    circling = DescentPath(standardize=True, learning_rate=1)
    assert circling.outlook()["kind"] == "circles"
    assert circling.losses(2000)[-1, 0] == pytest.approx(circling.losses(2000)[0, 0])


def test_the_verdict_for_mini_batches_is_what_other_steps_show():
    """Steps after those that were judged: of the path by nndl.optim, not of the judge."""
    rnd, kinds = random.Random(3), []
    for _ in range(16):
        rate = rnd.choice([rate for rate in RATES if 0.02 <= rate <= 0.5])
        explorer = draw(rnd, method="batches", batch_size=rnd.choice(SIZES[:4]), learning_rate=rate)
        outlook, losses = explorer.outlook(), explorer.losses(LONG + 1000)[:, 0]
        kinds.append(outlook["kind"])
        late, least = losses[LONG:], DescentPath(method="closed").losses()[0, 0]
        if outlook["kind"] == "diverges":
            assert outlook["factor"] > 1
            if outlook["factor"] > 1.004:
                assert not late[-1] < 10 * losses[0], explorer
            continue
        judged = losses[LONG // 2 + 1 : LONG + 1]
        assert outlook["mean"] == pytest.approx(judged.mean(), rel=1e-9)
        assert outlook["most"] == pytest.approx(judged.max(), rel=1e-9)
        assert late.mean() > least and judged.min() >= least - 1e-12
        # it does not settle: the steps later are as restless as those before
        if outlook["factor"] < 0.98 and outlook["most"] < 20 * outlook["mean"]:
            assert late.mean() == pytest.approx(outlook["mean"], rel=0.3), explorer
            assert late.std() > 0.5 * judged.std()
    assert kinds.count("hovers") > 5 and kinds.count("diverges") > 3


def test_gradients_and_epochs_of_a_step(engine):
    rnd = random.Random(8)
    for _ in range(40):
        explorer = draw(rnd, method=rnd.choice(["all", "batches"]), learning_rate=0.05)
        state, step = explorer.state, explorer.state["step"]
        script = "((state) => stepOf(solveDescent(state), state, state.step))"
        found = engine(script, [[state]])[0]["value"]
        x, y = (part[:, 0] for part in explorer.samples())
        w, b = explorer.path()[step]
        batch = explorer.batches(STEPS + 1)[step]
        for name, rows in (("full", list(range(16))), ("next", batch)):
            error = w * x[rows] + b - y[rows]
            gradient = [2 * np.mean(error * x[rows]), 2 * np.mean(error)]
            near(found[name], gradient)
        # the next place of the path lies along this gradient, if nothing is remembered
        if not state["momentum"] and step < STEPS:
            near(explorer.path()[step] - 0.05 * np.array(found["next"]), explorer.path()[step + 1])
        each = 16 // state["batch_size"] if state["method"] == "batches" else 1
        assert found["epoch"] == -(-step // each)
        assert not step or (found["epoch"] - 1) * each + found["turn"] == step


def test_contour_lines_have_the_loss_that_they_say(engine):
    for explorer in (DescentPath(), DescentPath(standardize=True)):
        m = engine("solveDescent", [[explorer.state]])[0]["value"]
        x, y = (part[:, 0] for part in explorer.samples())
        for excess in (0.1, 1, 10):
            a, b = engine("halfAxes", [[m["values"], excess]])[0]["value"]
            for turn in np.linspace(0, 6, 9):
                along = np.array([np.cos(m["angle"]), np.sin(m["angle"])])
                w, v = np.array(m["closed"]) + a * np.cos(turn) * along
                w, v = np.array([w, v]) + b * np.sin(turn) * np.array([-along[1], along[0]])
                loss = np.mean((w * x + v - y) ** 2)
                assert loss - m["closedLosses"][0] == pytest.approx(excess, rel=1e-9)


def test_lines_are_cut_at_the_rim(engine):
    rnd, plane, cut = random.Random(9), [[-2, 4], [0, 6]], 0
    for _ in range(300):
        a, b = ([rnd.uniform(-8, 12), rnd.uniform(-8, 12)] for _ in range(2))
        found = engine("within", [[a, b, plane]])[0]["value"]
        # by trying: 2,000 places on the line
        share = np.linspace(0, 1, 2001)[:, None]
        places = np.array(a) + share * (np.array(b) - np.array(a))
        inside = ((places >= [-2, 0]) & (places <= [4, 6])).all(axis=1)
        if found is None:
            assert inside.sum() <= 1
            continue
        ends = places[inside]
        if len(ends):
            assert np.allclose(ends[[0, -1]], found, atol=0.02)
        cut += len(ends) > 0
    assert 40 < cut < 260
    assert engine("within", [[[0, 1], [1e200, 1], plane]])[0]["value"] == [[0, 1], [4, 1]]


def test_decades_hold_all_losses(engine):
    rnd = random.Random(10)
    for _ in range(60):
        losses = [[10 ** rnd.uniform(-1, 90), 10 ** rnd.uniform(-1, 3)] for _ in range(5)]
        found = engine("decadesOf", [[losses]])[0]["value"]
        assert 10.0 ** found["from"] <= np.min(losses) and np.max(losses) <= 10.0 ** found["to"] * 2
        assert 2 <= len(found["ticks"]) <= 6 and found["ticks"][0] == found["from"]


def test_each_wrong_guess_has_its_reason(engine):
    settings = [
        DescentPath(method="closed"),
        DescentPath(learning_rate=0.05),
        DescentPath(learning_rate=0.14),
        DescentPath(learning_rate=0.2),
        DescentPath(standardize=True, learning_rate=0.5),
        DescentPath(standardize=True, learning_rate=1),
        DescentPath(method="batches", learning_rate=0.05),
        DescentPath(method="batches", learning_rate=0.5),
    ]
    said, kinds = set(), []
    for explorer in settings:
        m = engine("solveDescent", [[explorer.state]])[0]["value"]
        kinds.append(m["outlook"]["kind"])
        for guess in OUTLOOKS:
            [slip] = engine("slipFor", [[guess, kinds[-1], m]])
            assert (slip["value"] is None) == (guess == kinds[-1])
            if slip["value"] is not None:
                assert slip["value"] in STRINGS
                said.add(slip["value"])
    assert set(kinds) == set(OUTLOOKS)
    assert said == {key for key in STRINGS if key.startswith("slip_")}


def test_both_sides_hold_the_same_rules(engine):
    rnd, base, refused = random.Random(2), DescentPath().state, 0
    starts = [[0, 0], [10, -10], [10.01, 0], [1], "a", None, [True, 1], [1, "2"], [1, 2, 3]]
    for _ in range(200):
        state = base | {
            "batch_size": rnd.choice([1, 4, 16, 3, 5]),
            "momentum": rnd.choice([0, 0.5, 0.9, 0.3]),
            "start": rnd.choice([*starts, [0.5, -1]]),
        }
        if rnd.random() < 0.5:
            state |= {"batch_size": 4, "momentum": 0.5}
        [right] = python_results(DescentPath.check, [[json.loads(json.dumps(state))]])
        [found] = engine("checkDescent", [[state]])
        assert ("error" in found) == ("error" in right), state
        assert found.get("value") == right.get("value"), state
        refused += "error" in right
    assert 60 < refused < 190


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"method": "v2"}, "method must be one of 'closed', 'all', 'batches', got 'v2'"),
        ({"learning_rate": 0}, "learning_rate must be a number from 0.005 to 3, got 0"),
        ({"batch_size": 3}, "batch_size must be one of 1, 2, 4, 8, 16, got 3"),
        ({"momentum": 0.8}, "momentum must be one of 0, 0.5, 0.9, got 0.8"),
        ({"draw": 10}, "draw must be an integer from 0 to 9, got 10"),
        ({"start": (1, 11)}, "start must be two numbers from -10 to 10, got [1, 11]"),
        ({"start": (1, float("nan"))}, "start must be two numbers"),
        ({"step": 61}, "step must be an integer from 0 to 60, got 61"),
    ],
)
def test_bad_settings_are_refused(settings, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        DescentPath(**settings)


def test_bad_part_is_refused():
    with pytest.raises(ValueError, match="part must be 'train' or 'dev', got 'test'"):
        DescentPath().samples("test")


@pytest.mark.parametrize("method", METHODS)
def test_words_where_no_program_runs(method):
    english, chinese = DescentPath(method=method).describe()
    assert "condition number is 41.4" in english and "条件数为 41.4" in chinese
    assert OUTLOOKS[DescentPath(method=method).outlook()["kind"]][0] in english
