"""RunnerV1 solves least squares as exactly as can be, and says when there is no one answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl.device import paddle
from nndl.ops import Linear, Op, ReLU, SquaredError
from nndl.runner import RunnerV1, solve_least_squares


def problem(seed=0, samples=30, features=4, outputs=2, noise=0.1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(samples, features))
    weight, bias = rng.normal(size=(features, outputs)), rng.normal(size=outputs)
    return X, X @ weight + bias + noise * rng.normal(size=(samples, outputs)), weight, bias


def fit(X, y, bias=True, **arguments):
    outputs = 1 if y.ndim == 1 else y.shape[1]
    runner = RunnerV1(Linear(X.shape[1], outputs, bias=bias), loss_fn=SquaredError())
    runner.train((X, y), verbose=False, **arguments)
    return runner


def test_finds_the_weights_of_exact_data():
    X, y, weight, bias = problem(noise=0)
    runner = fit(X, y)
    np.testing.assert_allclose(runner.model.params["weight"], weight, atol=1e-12)
    np.testing.assert_allclose(runner.model.params["bias"], bias, atol=1e-12)
    np.testing.assert_allclose(runner.predict(X), y, atol=1e-12)


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 10**6), samples=st.integers(1, 40), features=st.integers(1, 12),
    outputs=st.integers(1, 3), bias=st.booleans(),
)  # fmt: skip
def test_is_the_pseudoinverse(seed, samples, features, outputs, bias):
    X, y, _, _ = problem(seed, samples, features, outputs)
    solution = solve_least_squares(X, y, bias=bias)
    A = np.hstack([X, np.ones((samples, 1))]) if bias else X
    expected = np.linalg.pinv(A, rcond=1e-13) @ y
    found = solution.weight if not bias else np.vstack([solution.weight, solution.bias])
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    assert solution.columns == features + bias
    assert solution.rank == min(samples, features + bias)


def test_stable_where_the_normal_equations_are_not():
    # The ratio of the singular values is 1e7; squared, little is left of double precision.
    rng = np.random.default_rng(0)
    U, _ = np.linalg.qr(rng.normal(size=(50, 5)))
    V, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    X = U @ np.diag(np.logspace(0, -7, 5)) @ V.T
    weight = rng.normal(size=(5, 1))
    y = X @ weight
    ours = fit(X, y, bias=False).model.params["weight"]
    normal = np.linalg.solve(X.T @ X, X.T @ y)
    assert np.abs(ours - weight).max() < 1e-7
    assert np.abs(normal - weight).max() > 1e-4


@pytest.mark.parametrize("ridge", [0.1, 1.0, 100.0])
def test_ridge(ridge):
    X, y, _, _ = problem()
    params = fit(X, y, ridge=ridge).model.params
    # the bias is free: that of ridge on centered data
    Xc, yc = X - X.mean(0), y - y.mean(0)
    expected = np.linalg.solve(Xc.T @ Xc + ridge * np.eye(4), Xc.T @ yc)
    np.testing.assert_allclose(params["weight"], expected, rtol=1e-10)
    np.testing.assert_allclose(params["bias"], y.mean(0) - X.mean(0) @ expected, rtol=1e-9)


class TestRankDeficient:
    def test_says_rank_and_columns_and_takes_the_least_norm(self):
        X, y, _, _ = problem(features=3)
        X = np.hstack([X, X[:, :1] + X[:, 1:2]])
        with pytest.warns(RuntimeWarning, match="has rank 4, with 5 columns: many weights fit"):
            runner = fit(X, y)
        assert (runner.solution.rank, runner.solution.columns) == (4, 5)
        params = runner.model.params
        found = np.vstack([params["weight"], params["bias"]])
        null = np.array([1.0, 1.0, 0.0, -1.0, 0.0])
        np.testing.assert_allclose(null @ found, 0, atol=1e-12)  # the shortest of all solutions
        np.testing.assert_allclose(
            runner.predict(X), fit(X[:, :3], y).predict(X[:, :3]), atol=1e-10
        )

    def test_fewer_samples_than_columns(self):
        X, y, _, _ = problem(samples=3)
        with pytest.warns(RuntimeWarning, match="rank 3, with 5 columns"):
            runner = fit(X, y)
        np.testing.assert_allclose(runner.predict(X), y, atol=1e-12)

    def test_ridge_makes_it_unique(self, recwarn):
        X, y, _, _ = problem(features=3)
        fit(np.hstack([X, X[:, :1]]), y, ridge=0.1)
        assert not recwarn.list


def test_history_evaluation_and_words(capsys):
    X, y, _, _ = problem()
    runner = RunnerV1(
        Linear(4, 2), None, SquaredError(), lambda outputs, labels: -np.abs(outputs - labels).max()
    )
    history = runner.train((X, y), (X[:5], y[:5]))
    assert history is runner.history
    assert history.train_losses == [np.mean((runner.predict(X) - y) ** 2)]
    assert history.dev_losses == [runner.evaluate((X[:5], y[:5])).loss]
    assert history.dev_scores[0] == -np.abs(runner.predict(X[:5]) - y[:5]).max()
    out = capsys.readouterr().out
    assert out.startswith("Solved for 5 columns from 30 samples.  train loss ")
    assert "dev loss" in out


def test_targets_of_one_axis():
    X, y, _, _ = problem(outputs=1)
    runner = fit(X, y[:, 0])
    assert runner.evaluate((X, y[:, 0])) == runner.evaluate((X, y))


@pytest.mark.parametrize("ending", ["pdparams", "safetensors"])
def test_save_and_load(tmp_path, ending):
    X, y, _, _ = problem()
    runner, other = fit(X, y, save_path=tmp_path / f"w.{ending}"), RunnerV1(Linear(4, 2))
    other.load_model(tmp_path / f"w.{ending}")
    assert (other.predict(X) == runner.predict(X)).all()
    assert other.model.params["weight"].dtype == np.float64
    with pytest.raises(ValueError, match="does not fit the model: weight has shape"):
        RunnerV1(Linear(3, 2)).load_model(tmp_path / f"w.{ending}")


class TestErrors:
    @pytest.mark.parametrize("model", [paddle.nn.Linear(2, 1), "net", None])
    def test_no_op(self, model):
        with pytest.raises(TypeError, match=r"model must be an nndl\.ops\.Op, got"):
            RunnerV1(model)

    def test_not_linear(self):
        deep = Op()
        deep.params = {"weight": np.ones((2, 2)), "other": np.ones(2)}
        for model in (ReLU(), deep):
            with pytest.raises(TypeError, match="model must have the parameter 'weight'"):
                RunnerV1(model)

    @pytest.mark.parametrize(
        ("X", "y", "arguments", "message"),
        [
            (np.ones((3, 2)), np.ones(4), {}, r"got \(3, 2\) and \(4,\)"),
            (np.ones(3), np.ones(3), {}, r"X must have shape \(N, D\)"),
            (np.ones((0, 2)), np.ones(0), {}, r"got \(0, 2\)"),
            (np.array([[np.nan, 1]]), np.ones(1), {}, "X must hold finite numbers"),
            (np.ones((2, 2)), np.array([1, np.inf]), {}, "y must hold finite numbers"),
            (np.ones((3, 2)), np.ones(3), {"ridge": -1.0}, "ridge must be a number >= 0, got -1.0"),
            (
                np.ones((3, 2)),
                np.ones(3),
                {"ridge": np.nan},
                "ridge must be a number >= 0, got nan",
            ),
            (np.ones((3, 5)), np.ones(3), {}, "train_set must fit the weight of shape"),
            (np.ones((3, 2)), np.ones((3, 2)), {}, "train_set must fit the weight of shape"),
        ],
    )
    def test_bad_values(self, X, y, arguments, message):
        model = Linear(2, 1)
        before = model.state_dict()
        with pytest.raises(ValueError, match=message):
            RunnerV1(model).train((X, y), **arguments)
        assert all((model.params[name] == before[name]).all() for name in before)

    def test_misspelt(self):
        with pytest.raises(TypeError, match="no argument 'rigde'; did you mean 'ridge'"):
            RunnerV1(Linear(1, 1)).train((np.ones((2, 1)), np.ones(2)), rigde=1)

    def test_no_pair(self):
        with pytest.raises(TypeError, match=r"train_set must give pairs \(inputs, labels\)"):
            RunnerV1(Linear(1, 1)).train(np.ones((2, 1)))
