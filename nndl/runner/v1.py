"""RunnerV1: a linear model, solved at once by least squares."""

import os
import sys
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from nndl.arithmetic.checks import flag, number
from nndl.device import printable
from nndl.ops.checks import real
from nndl.runner import checks
from nndl.runner.conversion import Reader, faults_of, known_as
from nndl.runner.core import Runner
from nndl.runner.history import Evaluation, History
from nndl.runner.paths import check_weights_file

__all__ = ["LeastSquares", "RunnerV1", "solve_least_squares"]


@dataclass(frozen=True)
class LeastSquares:
    """The solution of a least-squares problem, and what can be said of it.

    Attributes
    ----------
    weight : numpy.ndarray
        Shape ``(D, outputs)``.
    bias : numpy.ndarray or None
        Shape ``(outputs,)``.
    rank : int
        How many columns of the inputs, that of ones for the bias included, are independent.
    columns : int
        How many there are: with fewer independent ones, many weights fit equally well.
    singular_values : numpy.ndarray
        Of the inputs, greatest first. Their ratio tells how much an error in the targets can grow.

    Examples
    --------
    >>> solution = solve_least_squares(np.array([[0.0], [1.0]]), np.array([1.0, 3.0]))
    >>> solution.rank, solution.columns
    (2, 2)
    """

    weight: np.ndarray
    bias: np.ndarray | None
    rank: int
    columns: int
    singular_values: np.ndarray


def solve_least_squares(
    X: np.ndarray, y: np.ndarray, bias: bool = True, ridge: float = 0.0
) -> LeastSquares:
    """Find the weights of least squared error, ``min ||X w + b - y||^2 + ridge ||w||^2``.

    The solution comes from the singular value decomposition of the inputs. The normal equations
    ``X^T X w = X^T y`` look simpler, but square the ratio of the singular values, and so lose
    twice as many digits.

    Parameters
    ----------
    X : numpy.ndarray
        Shape ``(N, D)``.
    y : numpy.ndarray
        Shape ``(N,)`` or ``(N, outputs)``.
    bias : bool
        Whether there is a bias.
    ridge : float
        How much large weights cost; the bias is free.

    Returns
    -------
    LeastSquares
        Of all solutions, where there are many, the one of least norm.

    Raises
    ------
    TypeError
        If ``X`` or ``y`` holds no real numbers, or is a tensor of Paddle.
    ValueError
        If the shapes do not belong together, a number is not finite, or ``ridge`` is negative.

    References
    ----------
    G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition, 2013, chapter 5.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0]])
    >>> solution = solve_least_squares(X, 3 * X[:, 0] + 1)
    >>> solution.weight.round(6).tolist(), solution.bias.round(6).tolist()
    ([[3.0]], [1.0])
    """
    X, y = real("X", X).astype(np.float64), real("y", y).astype(np.float64)
    if X.ndim != 2 or y.ndim not in (1, 2) or len(X) != len(y) or X.size == 0:
        raise ValueError(
            f"X must have shape (N, D) and y (N,) or (N, outputs), got {X.shape} and {y.shape}"
        )
    for name, array in (("X", X), ("y", y)):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must hold finite numbers, got NaN or infinity")
    bias, ridge = flag("bias", bias), _checked_ridge(ridge)
    features = X.shape[1]
    y = y.reshape(len(y), -1)  # (N, outputs)
    A = np.hstack([X, np.ones((len(X), 1))]) if bias else X  # (N, D + 1)
    columns = A.shape[1]
    if ridge:
        # a row sqrt(ridge) * w_j = 0 for each weight: its square is what the weight costs
        A = np.vstack([A, np.sqrt(ridge) * np.eye(features, columns)])  # (N + D, D + 1)
        y = np.vstack([y, np.zeros((features, y.shape[1]))])  # (N + D, outputs)
    solution, _, rank, singular_values = np.linalg.lstsq(A, y, rcond=None)
    return LeastSquares(
        solution[:features], solution[features] if bias else None, int(rank), columns,
        singular_values,
    )  # fmt: skip


def _checked_ridge(ridge: float) -> float:
    if number("ridge", ridge, 0) > sys.float_info.max:
        raise ValueError(f"ridge must be a number <= {sys.float_info.max:g}, got {ridge!r}")
    return float(ridge)


class RunnerV1(Runner):
    """Fit a linear model at once: no optimizer, no loss in training, no steps.

    Parameters
    ----------
    model : Op
        With a parameter ``"weight"`` of shape ``(D, outputs)`` and, at will, ``"bias"``:
        :class:`nndl.ops.Linear`.
    optimizer : None
        Not needed; the place is there so that all Runners are called alike.
    loss_fn : callable, optional
        For :meth:`evaluate`, such as :class:`nndl.ops.SquaredError`.
    metric : object, optional
        For :meth:`evaluate`: a metric, or a function of (outputs, labels).

    Attributes
    ----------
    history : History or None
        Of the last call of :meth:`train`: one step.
    solution : LeastSquares or None
        The last solution, with the rank of the problem.

    Raises
    ------
    TypeError
        If the model is not linear, or another part not what it should be.

    Examples
    --------
    >>> from nndl.ops import Linear, SquaredError
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> y = X @ np.array([[1.0], [-2.0], [0.5]]) + 4
    >>> runner = RunnerV1(Linear(3, 1), loss_fn=SquaredError())
    >>> history = runner.train((X, y), verbose=False)
    >>> runner.model.params["bias"].round(6).tolist(), runner.evaluate((X, y)).loss < 1e-20
    ([4.0], True)
    """

    takes_layers = False

    def __init__(self, model: Any, optimizer: Any = None, loss_fn: Any = None, metric: Any = None):
        super().__init__(model, optimizer, loss_fn, metric)
        shapes = {name: np.ndim(array) for name, array in model.params.items()}
        if shapes.pop("weight", None) != 2 or shapes not in ({}, {"bias": 1}):
            raise TypeError(
                "model must have the parameter 'weight' of shape (D, outputs) and at most a 'bias' "
                f"beside it, got {type(model).__name__} with {sorted(model.params)}"
            )
        self.solution: LeastSquares | None = None

    def train(
        self,
        train_set: tuple[Any, Any],
        dev_set: tuple[Any, Any] | None = None,
        *,
        ridge: float = 0.0,
        save_path: str | os.PathLike | None = None,
        verbose: bool = True,
        **unknown: Any,
    ) -> History:
        """Give the model the weights of least squared error.

        Parameters
        ----------
        train_set : tuple of array
            Inputs ``(N, D)`` and targets ``(N,)`` or ``(N, outputs)``.
        dev_set : tuple of array, optional
            The same for the development set, on which the result is measured.
        ridge : float
            How much large weights cost, see :func:`solve_least_squares`.
        save_path : str or path, optional
            Save the weights here.
        verbose : bool
            Whether to print what came out.
        **unknown
            There is no other argument: a misspelt one is an error that names its neighbor.

        Returns
        -------
        History
            With one step; the losses and scores are there where there is a loss function, a
            metric.

        Raises
        ------
        TypeError
            If an argument is unknown, or a set is no pair.
        ValueError
            If the shapes do not fit, or a number is not finite.

        Warns
        -----
        RuntimeWarning
            If the columns of the inputs depend on each other, so that the weights are not unique.

        Examples
        --------
        >>> from nndl.ops import Linear
        >>> runner = RunnerV1(Linear(1, 1))
        >>> history = runner.train((np.array([[1.0], [2.0]]), np.array([1.0, 2.0])))
        Solved for 2 columns from 2 samples.
        """
        checks.refuse_unknown(unknown, RunnerV1.train.__kwdefaults__)
        check_weights_file("save_path", save_path)
        started = time.perf_counter()
        flag("verbose", verbose)
        ridge = _checked_ridge(ridge)
        if dev_set is not None:
            checks.check_pair(dev_set, "dev_set")
        X, y = checks.pair(train_set, "train_set", Reader())
        params = self.model.params
        with faults_of("train_set"):
            solution = solve_least_squares(X, y, "bias" in params, ridge)
        if solution.weight.shape != params["weight"].shape:
            raise ValueError(
                f"train_set must fit the weight of shape {params['weight'].shape}, "
                f"got X {np.shape(X)} and y {np.shape(y)}"
            )
        self.solution = solution
        params["weight"][...] = solution.weight
        if solution.bias is not None:
            params["bias"][...] = solution.bias
        if solution.rank < solution.columns:
            warnings.warn(
                f"the problem has rank {solution.rank}, with {solution.columns} columns: many "
                "weights fit equally well, and the ones of least norm are taken",
                RuntimeWarning,
                stacklevel=2,
            )
        history = self.history = self._measured(train_set, dev_set)
        history.seconds = time.perf_counter() - started
        if save_path is not None:
            self.save_model(save_path)
        if verbose:
            print(printable(self._words(len(X))))
        return history

    def evaluate(self, data: tuple[Any, Any]) -> Evaluation:
        """Measure the model on a data set, as it is.

        Parameters
        ----------
        data : tuple of array
            Inputs ``(N, D)`` and targets ``(N,)`` or ``(N, outputs)``.

        Returns
        -------
        Evaluation
            ``score`` by the metric and ``loss``.

        Raises
        ------
        ValueError
            If there is neither metric nor loss function.

        Examples
        --------
        >>> from nndl.ops import Linear, SquaredError
        >>> RunnerV1(Linear(1, 1), loss_fn=SquaredError()).evaluate(([[0.0]], [2.0]))
        Evaluation(score=None, loss=4.0)
        """
        X, y = checks.pair(data, "data", Reader())
        # the model gives a column for each output
        return self._measure([(X, y[:, None] if y.ndim == 1 else y)], "data")

    def _measured(self, train_set: Any, dev_set: Any) -> History:
        history = History()
        if self.loss_fn is None and self.metric is None:
            return history
        on_train = self.evaluate(train_set)
        if on_train.loss is not None:
            history.train_steps, history.train_losses = [1], [on_train.loss]
        history.train_scores = [on_train.score]
        if dev_set is not None:
            with known_as("dev_set", instead_of="data"):
                on_dev = self.evaluate(dev_set)
            history.dev_steps, history.dev_losses = [1], [on_dev.loss]
            history.dev_scores = [on_dev.score]
        return history

    def _words(self, samples: int) -> str:
        history = self.history
        words = f"Solved for {self.solution.columns} columns from {samples} samples."
        for name, losses in (("train", history.train_losses), ("dev", history.dev_losses)):
            if losses and losses[0] is not None:
                words += f"  {name} loss {losses[0]:.4g}"
        return words
