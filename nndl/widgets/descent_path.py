"""The descent explorer: closed form, all samples and mini-batches over two parameters."""

import itertools
from typing import Any

from nndl.arithmetic import checks
from nndl.widgets.base import Explorer
from nndl.widgets.descent_data import (
    DEV_X,
    DEV_Y,
    FACTOR,
    MODULUS,
    SKIPPED,
    X,
    Y,
    draws,
    long_run,
    shuffled,
    step_roots,
)
from nndl.widgets.descent_words import METHODS, OUTLOOKS, STRINGS
from nndl.widgets.schema import Text, choice, data, integer, number, switch

STEPS = 60  # of a path
MOST_STEPS = 100_000  # that Python walks on request
LONG = 2000  # steps after which is judged what becomes of mini-batches
SIZES = (1, 2, 4, 8, 16)  # of a batch; all divide the number of samples
MOMENTA = (0, 0.5, 0.9)
# the stops of the slider: each about a sixth above the one before
RATES = tuple(
    round(m * 10.0**k, 4)
    for k in (-2, -1, 0)
    for m in (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9)
    if m * 10.0**k < 3
)
PLANES = {"plain": ((-2, 4), (-2, 4)), "standard": ((-2, 4), (0, 6))}  # ranges of w and of b
FARTHEST = 10  # how far from 0 a start may lie
EXACT = 1e-9  # a factor this near to 0 or 1 is that number, rounded


class DescentPath(Explorer):
    """See closed form, gradient descent and mini-batches on the plane of two parameters.

    The model is a line, y = w x + b; the loss is the mean squared error, without a factor 1/2, as
    :class:`nndl.ops.SquaredError` has it. There are 16 samples to train on and 8 for development.

    Parameters
    ----------
    method : str
        "closed" (solved at once, as :class:`nndl.runner.RunnerV1` does), "all" (each step along
        the gradient of all samples, :class:`nndl.runner.RunnerV2`) or "batches" (each step along
        that of a mini-batch, :class:`nndl.runner.RunnerV3`).
    learning_rate : float
        From 0.005 to 3.
    momentum : float
        0, 0.5 or 0.9: how much of the velocity is kept, see :class:`nndl.optim.SGD`.
    batch_size : int
        1, 2, 4, 8 or 16; only for mini-batches.
    draw : int
        From 0 to 9: of the order of the samples, which is drawn anew each epoch.
    standardize : bool
        Whether the model sees (x - mean) / standard deviation instead of x, both of the training
        set; w and b then belong to that.
    start : (float, float)
        The w and b to begin at.
    step : int
        From 0 to 60: how much of the path is shown.
    predict : bool
        Whether the path is hidden until the reader has guessed what becomes of the loss.

    Raises
    ------
    TypeError
        If an argument's name is unknown.
    ValueError
        If a value breaks its rule.

    Examples
    --------
    >>> explorer = DescentPath(learning_rate=0.16)
    >>> explorer.path().shape, explorer.outlook()["kind"]
    ((61, 2), 'diverges')
    >>> explorer = DescentPath(standardize=True, learning_rate=0.5)  # the valley is round
    >>> explorer.outlook()["kind"], bool(abs(explorer.path()[1] - explorer.minimum()).max() < 1e-9)
    ('once', True)
    """

    kind = "descent_path"
    title = ("Descent path", "下降路径")
    parts = ("pictures", "facts", "descent_model", "descent_views", "descent_charts", "descent_say")
    constants = {  # noqa: RUF012 - a class's constant
        "train": (X, Y),
        "dev": (DEV_X, DEV_Y),
        "steps": STEPS,
        "long": LONG,
        "sizes": SIZES,
        "momenta": MOMENTA,
        "rates": RATES,
        "planes": PLANES,
        "farthest": FARTHEST,
        "exact": EXACT,
        "generator": (FACTOR, MODULUS, SKIPPED),
    }
    schema = {  # noqa: RUF012 - a class's constant
        "method": choice("all", METHODS, ("Method", "方法")),
        "learning_rate": number(0.12, 0.005, 3, ("Learning rate", "学习率")),
        "momentum": number(0, 0, 0.9, ("Momentum", "动量")),
        "batch_size": integer(4, 1, 16, ("Batch size", "批量大小")),
        "draw": integer(0, 0, 9, ("Seed of the order", "顺序的种子")),
        "standardize": switch(False, ("Standardize x", "标准化 x")),
        "start": data([-1, 3]),
        "step": integer(12, 0, STEPS),
        "predict": switch(False),
    }
    strings = STRINGS

    @classmethod
    def check(cls, state: dict) -> dict:
        """Hold batch size, momentum and start to their rules."""
        for name, allowed in (("batch_size", SIZES), ("momentum", MOMENTA)):
            if state[name] not in allowed:
                known = ", ".join(map(str, allowed))
                raise ValueError(f"{name} must be one of {known}, got {state[name]}")
        start = state["start"]
        if not (isinstance(start, list) and len(start) == 2 and all(map(_is_place, start))):
            raise ValueError(
                f"start must be two numbers from -{FARTHEST} to {FARTHEST}, got {start!r}"
            )
        return state

    # ---- the problem
    def samples(self, part: str = "train") -> tuple[Any, Any]:
        """Return the samples as the model sees them, such as a Runner takes.

        Parameters
        ----------
        part : str
            "train" or "dev".

        Returns
        -------
        tuple of numpy.ndarray
            Inputs, standardized if so chosen, and targets; both of shape (N, 1).

        Examples
        --------
        >>> X, y = DescentPath().samples()
        >>> X.shape, X[:2, 0].tolist()
        ((16, 1), [2.95, 3.22])
        """
        import numpy as np

        checks.choice("part", part, ("train", "dev"))
        x, y = (X, Y) if part == "train" else (DEV_X, DEV_Y)
        inputs = np.array(x)
        if self._state["standardize"]:
            inputs = (inputs - np.mean(X)) / np.std(X)
        return inputs[:, None], np.array(y)[:, None]

    def minimum(self, part: str = "train") -> Any:
        """Return the w and b of least loss, in closed form, as RunnerV1 finds them.

        Parameters
        ----------
        part : str
            "train" or "dev".

        Returns
        -------
        numpy.ndarray
            Shape (2,).

        Examples
        --------
        >>> DescentPath().minimum().round(3).tolist()
        [1.245, 0.89]
        """
        import numpy as np

        inputs, targets = self.samples(part)
        A = np.hstack([inputs, np.ones_like(inputs)])  # (N, 2)
        return np.linalg.lstsq(A, targets[:, 0], rcond=None)[0]

    def hessian(self) -> Any:
        """Return the second derivatives of the training loss, the same at every place.

        Returns
        -------
        numpy.ndarray
            Shape (2, 2), for w and b.

        Examples
        --------
        >>> abs(DescentPath(standardize=True).hessian()).round(6).tolist()
        [[2.0, 0.0], [0.0, 2.0]]
        """
        import numpy as np

        inputs, _ = self.samples()
        A = np.hstack([inputs, np.ones_like(inputs)])  # (N, 2)
        return 2 * A.T @ A / len(A)

    def eigenvalues(self) -> Any:
        """Return the eigenvalues of the Hessian, the greater first.

        Returns
        -------
        numpy.ndarray
            Shape (2,).

        Examples
        --------
        >>> DescentPath().eigenvalues().round(2).tolist()
        [14.14, 0.34]
        """
        import numpy as np

        return np.linalg.eigvalsh(self.hessian())[::-1]

    def largest_stable_rate(self) -> float:
        """Return the learning rate above which the gradient of all samples makes the path diverge.

        Returns
        -------
        float
            2 (1 + momentum) / the greatest eigenvalue.

        Examples
        --------
        >>> round(DescentPath().largest_stable_rate(), 4)
        0.1415
        >>> round(DescentPath(momentum=0.9).largest_stable_rate(), 4)
        0.2688
        """
        return float(2 * (1 + self._state["momentum"]) / self.eigenvalues()[0])

    # ---- the path
    def batches(self, steps: int = STEPS) -> list[list[int]]:
        """Return which samples each step takes.

        Parameters
        ----------
        steps : int
            How many steps.

        Returns
        -------
        list of list of int

        Examples
        --------
        >>> batches = DescentPath(method="batches").batches(4)  # one epoch: each sample once
        >>> len(batches), sorted(sum(batches, [])) == list(range(16))
        (4, True)
        """
        steps = checks.integer("steps", steps, least=0)
        if steps > MOST_STEPS:
            raise ValueError(f"steps must be at most {MOST_STEPS}, got {steps}")
        state, every = self._state, list(range(len(X)))
        if state["method"] != "batches":
            return [every for _ in range(steps)]
        size, numbers = state["batch_size"], draws(state["draw"])
        orders = (shuffled(len(X), numbers) for _ in itertools.count())
        chunks = (order[at : at + size] for order in orders for at in every[::size])
        return list(itertools.islice(chunks, steps))

    def path(self, steps: int = STEPS) -> Any:
        """Return the w and b from the start on, by :class:`nndl.optim.SGD`.

        Parameters
        ----------
        steps : int
            How many steps; the closed form has none.

        Returns
        -------
        numpy.ndarray
            Shape (steps + 1, 2); (1, 2) for the closed form, which is there at once.

        Examples
        --------
        >>> DescentPath().path()[:2].round(2).tolist()
        [[-1.0, 3.0], [1.23, 3.7]]
        >>> DescentPath(method="closed").path().round(3).tolist()
        [[1.245, 0.89]]
        """
        import numpy as np

        from nndl.ops import Linear, SquaredError
        from nndl.optim import SGD

        state, (x, y) = self._state, self.samples()
        batches = self.batches(steps)
        if state["method"] == "closed":
            return self.minimum()[None]
        model, loss = Linear(1, 1), SquaredError()
        params = model.params
        params["weight"][...], params["bias"][...] = state["start"]
        optimizer = SGD(model, state["learning_rate"], momentum=state["momentum"])
        places = [state["start"]]
        with np.errstate(over="ignore", invalid="ignore"):  # a path that diverges may overflow
            for batch in batches:
                loss(model(x[batch]), y[batch])
                model.backward(loss.backward()[0])
                optimizer.step()
                places.append([params["weight"][0, 0], params["bias"][0]])
        return np.array(places)

    def losses(self, steps: int = STEPS) -> Any:
        """Return the losses along the path.

        Parameters
        ----------
        steps : int
            How many steps; the closed form has none.

        Returns
        -------
        numpy.ndarray
            Shape (steps + 1, 2): training, development.

        Examples
        --------
        >>> DescentPath(method="closed").losses().round(3).tolist()
        [[0.389, 0.29]]
        """
        import numpy as np

        found, path = [], self.path(steps)
        with np.errstate(over="ignore", invalid="ignore"):
            for part in ("train", "dev"):
                x, y = self.samples(part)  # (N, 1)
                errors = x * path[:, 0] + path[:, 1] - y  # (N, steps + 1)
                found.append(np.mean(errors**2, axis=0))
        return np.stack(found, axis=1)

    # ---- what becomes of it
    def outlook(self) -> dict:
        """Return what becomes of the path in the long run, computed.

        For the gradient of all samples it follows from the eigenvalues. Mini-batches are judged by
        2,000 steps: whether two runs with the same batches come closer, and if so, what losses the
        second half of the steps has.

        Returns
        -------
        dict
            ``kind``: "once", "smooth", "swings", "circles", "diverges" or, for mini-batches,
            "hovers" or "diverges". ``factor``: by what a step multiplies what is off, in the long
            run. ``mean`` and ``most`` of the losses, if it hovers.

        Examples
        --------
        >>> DescentPath(learning_rate=0.05).outlook()["kind"]
        'smooth'
        >>> found = DescentPath(method="batches", learning_rate=0.05).outlook()
        >>> least = DescentPath(method="closed").losses()[0, 0]
        >>> found["kind"], bool(found["mean"] > least)
        ('hovers', True)
        """
        state = self._state
        if state["method"] == "closed":
            return {"kind": "once", "factor": 0.0}
        if state["method"] == "batches" and state["batch_size"] < len(X):
            x, y = (values[:, 0] for values in self.samples())
            rate, momentum = state["learning_rate"], state["momentum"]
            return long_run(x, y, self.batches(LONG), state["start"], rate, momentum)
        rate, momentum = state["learning_rate"], state["momentum"]
        roots = [step_roots(rate * float(value), momentum) for value in self.eigenvalues()]
        factor = max(root["size"] for root in roots)
        if factor > 1 + EXACT:
            kind = "diverges"
        elif factor >= 1 - EXACT:
            kind = "circles"
        elif factor < EXACT:
            kind = "once"
        else:
            kind = "swings" if any(root["swings"] for root in roots) else "smooth"
        return {"kind": kind, "factor": factor}

    def describe(self) -> Text:
        """Return the text that stands where no program may run."""
        state, (w, b) = self._state, self.minimum()
        names, words = METHODS[state["method"]], OUTLOOKS[self.outlook()["kind"]]
        kappa = float(self.eigenvalues()[0] / self.eigenvalues()[1])
        closed = state["method"] == "closed"
        rates = ("", "") if closed else (f", learning rate {state['learning_rate']:g}",
                                         f"，学习率 {state['learning_rate']:g}")  # fmt: skip
        return (
            f"Descent path: a line y = wx + b is fitted to {len(X)} points ({names[0]}{rates[0]}); "
            f"the condition number is {kappa:.1f}, the minimum lies at w = {w:.2f}, b = {b:.2f}. "
            f"The training loss in the long run: {words[0]}. Interactive on the website and in a "
            "running notebook.",
            f"下降路径：用直线 y = wx + b 拟合 {len(X)} 个点（{names[1]}{rates[1]}）；条件数为 "
            f"{kappa:.1f}，最小值在 w = {w:.2f}，b = {b:.2f}。训练损失长期来看：{words[1]}。"
            "在网站上或运行中的 notebook 里可以操作。",
        )


def _is_place(value: object) -> bool:
    """Return whether a value can be a coordinate of the start."""
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and abs(value) <= FARTHEST  # false for what is not a number
    )
