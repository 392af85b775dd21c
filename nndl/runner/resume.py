"""A training run as a state: everything that must be kept to go on as if it had never stopped."""

import os
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from nndl.device import paddle
from nndl.runner.checkpoint import load_state, save_plain
from nndl.runner.random_states import random_states, set_random_states

__all__: list[str] = []

FORMAT = "a run of nndl.runner"


class Checkpoints:
    """Write a run's state to a file, and take a run up from there.

    Parameters
    ----------
    run : Run
        The run.
    path : str or path, optional
        The file to write.
    steps : int
        Write every so many steps, besides each epoch's end.
    """

    def __init__(self, run: Any, path: str | os.PathLike | None, steps: int):
        self.run, self.path, self.steps = run, path, steps
        self._at_epoch_start: dict[str, Any] = {}
        self._resumed: tuple[dict[str, Any], list[Any]] | None = None  # position, random states

    @property
    def is_inside_epoch(self) -> bool:
        """Whether the run was taken up in the middle of an epoch, and has not gone on yet."""
        return self._resumed is not None and not self._resumed[0]["epoch_done"]

    def begin_epoch(self) -> None:
        """Keep what the order of the epoch's batches is drawn from."""
        if self.path is not None:
            self._at_epoch_start = {
                "random": random_states(),
                "counter": _counter(self.run.train_loader),
            }

    def after_step(self) -> None:
        """Write when it is time."""
        if self.steps and self.run.step % self.steps == 0:
            self.write(epoch_done=False)

    def write(self, epoch_done: bool) -> None:
        """Write where the run stands; one process does, with the random states of all."""
        run = self.run
        if self.path is None:
            return
        run.parallel.level_buffers(run.model)
        run.losses.flush()
        randoms = {"now": random_states(), "epoch": self._at_epoch_start["random"]}
        everybodys = run.parallel.everybodys(randoms)
        if run.is_first_process:
            save_plain(self._state(epoch_done, everybodys), self.path)

    def _state(self, epoch_done: bool, randoms: list[Any]) -> dict[str, Any]:
        run = self.run
        scheduler = run.scheduler
        history = vars(run.history) | {"seconds": run.seconds()}
        return {
            "format": FORMAT,
            "model": run.backend.state(),
            "loss_fn": _state_of_loss(run.loss_fn),
            "optimizer": optimizer_state(run.optimizer, named_parameters(run)),
            "scheduler": None if scheduler is None else scheduler.state_dict(),
            "scaler": run.precision.state(),
            "random": randoms,
            "position": {
                "epoch": run.epoch,
                "batch": run.batch,
                "step": run.step,
                "epoch_done": epoch_done,
                "counter_epoch": self._at_epoch_start["counter"],
                "counter_now": _counter(run.train_loader),
                "counter_dev": _counter(run.dev_loader),
            },
            "history": history,
            "epoch_sizes": list(run.losses.sizes),
            "best": run.best.state(),
            "callbacks": [[type(c).__name__, c.state()] for c in run.callbacks],
        }

    def resume(self, path: str | os.PathLike) -> None:
        """Bring the run to where a file says."""
        run, state = self.run, load_state(path)
        if state.get("format") != FORMAT:
            raise ValueError(
                f"resume_from must name a checkpoint that train() wrote, got {os.fspath(path)!r}; "
                "weights alone are loaded by load_model()"
            )
        source = os.fspath(path)
        set_optimizer_state(run.optimizer, named_parameters(run), state["optimizer"], source)
        run.backend.set_state(state["model"], source)
        if state["loss_fn"] is not None:
            run.loss_fn.set_state_dict(state["loss_fn"])
        if run.scheduler is not None and state["scheduler"] is not None:
            run.scheduler.set_state_dict(state["scheduler"])
        run.precision.set_state(state["scaler"])
        for name, value in state["history"].items():
            setattr(run.history, name, value)
        run.history.interrupted = False
        run.losses.sizes[:] = state["epoch_sizes"]
        run.best.set_state(state["best"])
        _give_callbacks(run.callbacks, state["callbacks"])
        position = state["position"]
        run.epoch, run.step, run.batch = (position[n] for n in ("epoch", "step", "batch"))
        run.seconds_before = run.history.seconds
        run.resumed = True
        self._resumed = (position, state["random"])

    def batches(self) -> Iterable[Any]:
        """Give the batches of the epoch that is next, less those that a resumed run has seen."""
        run = self.run
        if self._resumed is None:
            run.epoch, run.batch = run.epoch + 1, 0
            self.begin_epoch()
            return run.train_loader
        (position, randoms), self._resumed = self._resumed, None
        mine = randoms[run.parallel.rank if len(randoms) == run.parallel.size else 0]
        if position["epoch_done"]:
            set_random_states(mine["now"])
            _set_counter(run.train_loader, position["counter_now"])
            _set_counter(run.dev_loader, position["counter_dev"])
            return self.batches()
        # The order is drawn as it was then; what was seen is passed over.
        set_random_states(mine["epoch"])
        _set_counter(run.train_loader, position["counter_epoch"])
        self.begin_epoch()
        batches = iter(run.train_loader)
        for number in range(run.batch):
            if next(batches, None) is None:
                raise ValueError(
                    f"train_loader must give the batches of the run that is resumed: it gave "
                    f"{number}, and {run.batch} were seen in epoch {run.epoch}"
                )
        _set_counter(run.dev_loader, position["counter_dev"])
        # A DataLoader works ahead in a thread of its own: what it has drawn by now is not to be
        # drawn again. For any other loader the states are those after the last step.
        works_ahead = isinstance(run.train_loader, paddle.io.DataLoader)
        set_random_states(mine["now"], loaders_own=not works_ahead)
        return batches


def named_parameters(run: Any) -> dict[str, Any]:
    """Give all that an optimizer may change, by names that are the same in every process."""
    named = {f"model.{name}": value for name, value in run.model.named_parameters()}
    if isinstance(run.loss_fn, paddle.nn.Layer):
        named |= {f"loss_fn.{name}": value for name, value in run.loss_fn.named_parameters()}
    return named


def optimizer_state(optimizer: Any, named: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give what an optimizer remembers, by kind and by the parameter's name in the model.

    Paddle names it after the parameters' own names, such as ``linear_3.w_0``, which count all
    layers that the process ever made: in another process they may differ.
    """
    return {
        kind: {name: tensor.numpy() for name, tensor in tensors.items()}
        for kind, tensors in _remembered(optimizer, named).items()
    }


def set_optimizer_state(
    optimizer: Any, named: dict[str, Any], state: dict[str, Any], source: str
) -> None:
    """Make an optimizer remember what another one did.

    The weights change and must be set after.
    """
    if any(kind not in _remembered(optimizer, named) for kind in state):
        # An optimizer makes its room at its first step: let it make one, with gradients of zero.
        for name in sorted({name for values in state.values() for name in values}):
            if name in named:
                named[name].grad = paddle.zeros_like(named[name])
        optimizer.step()
        optimizer.clear_grad()
    own = _remembered(optimizer, named)
    if own.keys() != state.keys():
        raise ValueError(
            f"{source} was written with another optimizer: it remembers {_words(state)}, "
            f"this one {_words(own)}"
        )
    for kind, values in state.items():
        for name, value in values.items():
            tensor = own[kind].get(name)
            if tensor is None or list(tensor.shape) != list(np.shape(value)):
                raise ValueError(f"{source} does not fit the optimizer: {kind} of {name}")
            tensor.set_value(value)


def _words(state: dict[str, Any]) -> str:
    return ", ".join(sorted(state)) or "nothing"


def _remembered(optimizer: Any, named: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the optimizer's own tensors, by kind and by the parameter's name in the model."""
    by_own_name = {parameter.name: name for name, parameter in named.items()}
    remembered: dict[str, dict[str, Any]] = {}
    state = dict(optimizer.state_dict())
    state.pop("LR_Scheduler", None)
    for own_name, tensor in state.pop("master_weights", {}).items():
        name = _structured(own_name, own_name, by_own_name)
        remembered.setdefault("master_weight", {})[name] = tensor
    for key, tensor in state.items():
        # the longest name that fits: "w_0" is also the beginning of "w_0_1"
        fitting = [own for own in by_own_name if key.startswith(own + "_")]
        own_name = max(fitting, key=len, default="")
        name = _structured(own_name, key, by_own_name)
        # such as moment1_0: the number counts the optimizers that the process ever made
        kind = re.sub(r"_\d+$", "", key.removeprefix(own_name + "_"))
        remembered.setdefault(kind, {})[name] = tensor
    return remembered


def _structured(own_name: str, key: str, by_own_name: dict[str, str]) -> str:
    if own_name not in by_own_name:
        raise ValueError(
            f"optimizer must change only parameters of the model or of loss_fn to be resumed, "
            f"got {key!r}"
        )
    return by_own_name[own_name]


def _state_of_loss(loss_fn: Any) -> dict[str, Any] | None:
    if not isinstance(loss_fn, paddle.nn.Layer):
        return None
    return {name: tensor.numpy() for name, tensor in loss_fn.state_dict().items()}


def _give_callbacks(callbacks: list[Any], states: list[Any]) -> None:
    """Give each callback the state of the first of its kind that nobody has yet."""
    left = list(states)
    for callback in callbacks:
        for entry in left:
            if entry[0] == type(callback).__name__:
                callback.set_state(entry[1])
                left.remove(entry)
                break


def _counting(loader: Any) -> Any:
    """Find who counts the epochs that a loader has begun: itself, or its sampler; or nobody."""
    for counting in (loader, getattr(loader, "batch_sampler", None)):
        if isinstance(getattr(counting, "epoch", None), int):
            return counting
    return None


def _counter(loader: Any) -> int | None:
    counting = _counting(loader)
    return None if counting is None else counting.epoch


def _set_counter(loader: Any, epoch: int | None) -> None:
    counting = _counting(loader)
    if counting is not None and epoch is not None:
        counting.epoch = epoch
