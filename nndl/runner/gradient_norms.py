"""How long the gradient of each parameter is, step by step."""

import math
from typing import Any

from nndl.arithmetic.checks import integer
from nndl.device import paddle
from nndl.runner.callbacks import Callback

__all__ = ["GradientNorms"]


class GradientNorms(Callback):
    """Record the norm of each parameter's gradient, before it is clipped.

    What vanishes or explodes is seen here: a layer far from the loss whose norms are thousands of
    times smaller, or a total that leaps.

    Parameters
    ----------
    every : int
        Record every so many steps.

    Attributes
    ----------
    steps : list of int
        The steps that were recorded.
    layers : dict of str to list of float
        The norms of each parameter's gradient, by the parameter's name; 0 where it had none.
    total : list of float
        The norm of all gradients as one vector, the one that a global clipping compares.

    Raises
    ------
    ValueError
        If ``every`` is not positive.

    Examples
    --------
    >>> from nndl.runner import RunnerV3
    >>> model = paddle.nn.Linear(2, 1, bias_attr=False)
    >>> runner = RunnerV3(
    ...     model, paddle.optimizer.SGD(0.1, model.parameters()), lambda y, labels: y.mean()
    ... )
    >>> norms = GradientNorms()
    >>> batches = [(paddle.to_tensor([[3.0, 4.0]]), paddle.zeros([1]))]
    >>> history = runner.train(batches, verbose=False, callbacks=[norms])
    >>> norms.steps, norms.total, norms.layers
    ([1], [5.0], {'weight': [5.0]})
    """

    def __init__(self, every: int = 1):
        self.every = integer("every", every)
        self._forget()

    def _forget(self) -> None:
        self.steps: list[int] = []
        self.total: list[float] = []
        self.layers: dict[str, list[float]] = {}
        self._waiting: list[Any] = []  # as tensors: asking for a value makes a GPU wait

    def on_train_begin(self, run: Any) -> None:
        """Begin anew, unless the run goes on from a checkpoint."""
        if not run.resumed:
            self._forget()
        self._named = [
            (name, parameter)
            for name, parameter in run.model.named_parameters()
            if not parameter.stop_gradient
        ]
        for name, _ in self._named:
            self.layers.setdefault(name, [])

    def on_backward_end(self, run: Any) -> None:
        """Take the norms."""
        step = run.step + 1  # the one that these gradients are for
        if step % self.every:
            return
        nothing = paddle.zeros([])
        norms = [
            nothing
            if parameter.grad is None
            else paddle.linalg.norm(parameter.grad.astype("float32"))
            for _, parameter in self._named
        ]
        self.steps.append(step)
        self._waiting.append(paddle.stack(norms))  # (parameters,)
        if len(self._waiting) >= 100:
            self._write()

    def on_epoch_end(self, run: Any) -> None:
        """Write what waits."""
        self._write()

    def on_train_end(self, run: Any) -> None:
        """Write what waits."""
        self._write()

    def _write(self) -> None:
        if not self._waiting:
            return
        rows = paddle.stack(self._waiting).tolist()  # (steps, parameters)
        self._waiting.clear()
        self.total.extend(math.hypot(*row) for row in rows)
        for (name, _), column in zip(self._named, zip(*rows, strict=True), strict=True):
            self.layers[name].extend(column)

    def state(self) -> dict[str, Any]:
        """Give the norms so far."""
        self._write()
        return {"steps": self.steps, "total": self.total, "layers": self.layers}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on recording."""
        columns = [state["total"], *state["layers"].values()]
        are_numbers = all(type(norm) is float for column in columns for norm in column)
        are_steps = all(type(step) is int for step in state["steps"])
        are_as_long = all(len(column) == len(state["steps"]) for column in columns)
        if not (are_steps and are_numbers and are_as_long):
            raise ValueError("GradientNorms can't go on from what is no list of steps and norms")
        self._forget()
        self.steps, self.total, self.layers = state["steps"], state["total"], state["layers"]
