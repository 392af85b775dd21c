"""Take back what a resume has set, where the run then does not go on after all."""

import copy
from collections.abc import Callable
from typing import Any

from nndl.device import paddle
from nndl.runner.optimizer_state import copied, kept, named_parameters
from nndl.runner.random_states import random_states, set_random_states

__all__: list[str] = []


class Undo:
    """Note how all is that a resume changes; a call puts it back.

    Parameters
    ----------
    run : Run
        The run that is about to be brought to the state of a file.
    found : Found
        What its loaders draw from.
    """

    def __init__(self, run: Any, found: Any):
        runner, previous = run.runner, run.history_before
        self._steps: list[Callable[[], None]] = [
            _weights_kept(run), kept(run.optimizer), _gradients_kept(run), _attributes_kept(run)
        ]  # fmt: skip
        randoms, states = random_states(), found.states()
        self._steps.append(lambda: set_random_states(randoms))
        self._steps.append(lambda: found.set(states))
        self._steps.append(lambda: setattr(runner, "history", previous))

    def __call__(self) -> None:
        for step in self._steps:
            step()


def _weights_kept(run: Any) -> Callable[[], None]:
    layers = [part for part in (run.model, run.loss_fn) if isinstance(part, paddle.nn.Layer)]
    tensors = [t for layer in layers for t in (*layer.parameters(), *layer.buffers())]
    values = [(tensor, tensor.numpy().copy()) for tensor in tensors]

    def put_back() -> None:
        for tensor, value in values:
            tensor.set_value(value)

    return put_back


def _gradients_kept(run: Any) -> Callable[[], None]:
    without = [p for p in named_parameters(run).values() if p.grad is None]

    def put_back() -> None:
        for parameter in without:
            parameter.clear_gradient(False)

    return put_back


def _attributes_kept(run: Any) -> Callable[[], None]:
    """Note the attributes of the callbacks and of the schedulers."""
    holders = [*run.callbacks, *_schedulers(run.scheduler)]
    before = [
        (holder, copied(vars(holder), {})) for holder in holders if hasattr(holder, "__dict__")
    ]

    def put_back() -> None:
        for holder, attributes in before:
            vars(holder).clear()
            vars(holder).update(copy.copy(attributes))

    return put_back


def _schedulers(scheduler: Any) -> list[Any]:
    """Give a scheduler, and the one that it warms up for."""
    if not isinstance(scheduler, paddle.optimizer.lr.LRScheduler):
        return []
    return [scheduler, *_schedulers(getattr(scheduler, "learning_rate", None))]
