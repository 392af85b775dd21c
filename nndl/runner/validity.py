"""Is what a checkpoint says possible at all? Looked at before any of it is used."""

import itertools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nndl.device import paddle
from nndl.runner.history import History
from nndl.runner.identity import description
from nndl.runner.optimizer_state import check_array, named_parameters

__all__: list[str] = []

FIELDS = (
    "format", "version", "run", "model", "loss_fn", "optimizer", "stepped", "scheduler", "scaler",
    "random", "position", "history", "epoch_sizes", "best", "callbacks",
)  # fmt: skip


def plain(value: Any, way: str) -> Any:
    """Make plain values and arrays of a state; say where something else is in it.

    What a reader's callback or scheduler gives may hold NumPy's numbers or tensors; they would be
    written, and refused only when the run is resumed.

    Raises
    ------
    TypeError
        If something else is in it.
    """
    if isinstance(value, paddle.Tensor):
        return value.numpy()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "biufc":
        return value.item()
    if isinstance(value, dict):
        for key in value:
            if type(key) not in (str, int, float, bool, bytes, type(None)):
                raise TypeError(f"{way} has a key that a checkpoint can't hold: {key!r}")
        return {key: plain(inner, f"{way}[{key!r}]") for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        if all(type(inner) in (int, float) for inner in value):  # a history is long
            return list(value)
        return [plain(inner, f"{way}[{i}]") for i, inner in enumerate(value)]
    for kind in (bool, int, float, str, bytes):
        if isinstance(value, kind):
            return kind(value)
    if value is None:
        return None
    raise TypeError(
        f"{way} must be a plain value or an array to be kept in a checkpoint, "
        f"got {type(value).__name__}"
    )


def check_fields(state: dict[str, Any], run: Any) -> None:
    """Check that every field is there, of its type and in its range.

    Raises
    ------
    ValueError
        If one is not; the message names it.
    """
    _check_keys(state, FIELDS, "it")
    _check_position(state["position"])
    position = state["position"]
    _check_history(state["history"], position)
    sizes = state["epoch_sizes"]
    number = 0 if position["epoch_done"] else position["batch"]
    _need(_is_list(sizes, int, 1) and len(sizes) == number, "epoch_sizes", sizes)
    _check_run(state["run"], description(run))
    _check_random(state["random"])
    stepped = state["stepped"]
    _need(_is_list(stepped, str), "stepped", stepped)
    optimizer = state["optimizer"]
    _need(_is_dict(optimizer) and all(map(_is_dict, optimizer.values())), "optimizer", optimizer)
    for kind, values in optimizer.items():
        _need(values.keys() <= set(stepped), f"optimizer[{kind!r}]", list(values))
    callbacks = state["callbacks"]
    _need(isinstance(callbacks, list), "callbacks", callbacks)
    for entry in callbacks:
        is_pair = isinstance(entry, list) and len(entry) == 2
        _need(is_pair and type(entry[0]) is str and _is_dict(entry[1], None), "callbacks", entry)
    _check_scheduler(state["scheduler"], run.scheduler)
    _check_scaler(state["scaler"], run.precision.state())


def check_arrays(state: dict[str, Any], run: Any) -> None:
    """Check that all arrays fit the model and the loss function.

    Raises
    ------
    ValueError
        If one does not; the message names it.
    """
    unknown = set(state["stepped"]) - named_parameters(run).keys()
    _need(not unknown, "stepped", sorted(unknown))
    own = run.model.state_dict()
    _check_weights(state["model"], own, "the model")
    if state["best"] is not None:
        _check_weights(state["best"], own, "the model (its best weights)")
    is_layer = isinstance(run.loss_fn, paddle.nn.Layer)
    _need((state["loss_fn"] is not None) == is_layer, "loss_fn", state["loss_fn"])
    if is_layer:
        _check_weights(state["loss_fn"], run.loss_fn.state_dict(), "loss_fn")


def _check_weights(weights: Any, own: dict[str, Any], what: str) -> None:
    if not _is_dict(weights):
        raise ValueError(f"it does not fit {what}: it holds {type(weights).__name__}")
    for name in own:
        if name not in weights:
            raise ValueError(f"it does not fit {what}: {name} is missing")
    for name, value in weights.items():
        if name not in own:
            raise ValueError(f"it does not fit {what}: {name} is not in it")
        check_array(f"it does not fit {what}: {name}", value, own[name])


def _check_position(position: Any) -> None:
    _check_keys(position, ("epoch", "batch", "step", "epoch_done"), "position")
    counts = [position[name] for name in ("epoch", "batch", "step")]
    _need(all(type(count) is int and count >= 1 for count in counts), "position", position)
    _need(position["step"] >= position["batch"], "position", position)
    _need(type(position["epoch_done"]) is bool, "position", position)


def _check_history(history: Any, position: dict[str, Any]) -> None:
    defaults = vars(History())
    _check_keys(history, defaults, "history")
    steps, done = position["step"], position["epoch"] - (not position["epoch_done"])
    for name, default in defaults.items():
        value = history[name]
        if isinstance(default, list):
            kind = int if name.endswith("_steps") else (float, type(None))
            _need(_is_list(value, kind), f"history.{name}", value)
        elif default is not None:
            _need(type(value) is type(default), f"history.{name}", value)
    _need(history["train_steps"] == list(range(1, steps + 1)), "history.train_steps", "other steps")
    _need(_is_list(history["train_losses"], float), "history.train_losses", "no numbers")
    _need(_is_list(history["epoch_losses"], float), "history.epoch_losses", "no numbers")
    lengths = {"train_losses": steps, "epoch_steps": done, "epoch_losses": done}
    lengths |= dict.fromkeys(("dev_losses", "dev_scores"), len(history["dev_steps"]))
    for name, length in lengths.items():
        _need(len(history[name]) == length, f"history.{name}", f"{len(history[name])} values")
    for name in ("dev_steps", "epoch_steps"):
        ascending = [0, *history[name]]
        rises = all(a < b for a, b in itertools.pairwise(ascending))
        _need(rises and ascending[-1] <= steps, f"history.{name}", history[name])
    best, best_step = history["best_score"], history["best_step"]
    _need(type(best) in (float, type(None)), "history.best_score", best)
    at_one = best_step in history["dev_steps"] and type(best_step) is int
    _need(best_step is None if best is None else at_one, "history.best_step", best_step)
    _need(type(history["stopped"]) in (str, type(None)), "history.stopped", history["stopped"])
    seconds = history["seconds"]
    _need(math.isfinite(seconds) and seconds >= 0, "history.seconds", seconds)


def _check_run(then: Any, now: dict[str, Any]) -> None:
    _check_keys(then, now, "run")
    layers = then["layers"]
    _need(isinstance(layers, list), "run.layers", layers)
    kinds = [str, str, str, dict, list]
    for row in layers:
        fits = isinstance(row, list) and [type(value) for value in row] == kinds
        _need(fits and _is_dict(row[3], None) and _is_list(row[4], str), "run.layers", row)
    _need(_is_list(then["trainable"], str), "run.trainable", then["trainable"])
    settings = then["optimizer_settings"]
    _need(_is_dict(settings, (int, float)), "run.optimizer_settings", settings)
    for name in now.keys() - {"layers", "trainable", "optimizer_settings"}:
        _need(type(then[name]) in (str, type(None)), f"run.{name}", then[name])


def _check_random(randoms: Any) -> None:
    _need(isinstance(randoms, list) and len(randoms) > 0, "random", randoms)
    for entry in randoms:
        _check_keys(entry, ("now", "epoch", "first"), "random")
        _need(type(entry["first"]) is int, "random", entry["first"])
        for moment in ("now", "epoch"):
            states = entry[moment]
            _need(_is_dict(states, None) and "loaders" in states, f"random.{moment}", states)
            found = states["loaders"]
            _check_keys(found, ("generators", "counters"), f"random.{moment}.loaders")
            _need(_is_dict(found["generators"], None), "random.generators", found["generators"])
            _need(_is_dict(found["counters"], int), "random.counters", found["counters"])


def _check_scheduler(saved: Any, scheduler: Any) -> None:
    if scheduler is None or saved is None:
        return  # that one has none is said where the runs are compared
    _check_keys(saved, ("state", "kept", "settings"), "scheduler")
    for name, values in saved.items():
        _need(_is_dict(values, None), f"scheduler.{name}", values)


def _check_scaler(saved: Any, own: dict[str, Any] | None) -> None:
    _need(saved is None or _is_dict(saved, None), "scaler", saved)
    if not saved or own is None:
        return
    _check_keys(saved, own, "scaler")
    for name, value in own.items():
        alike = type(saved[name]) is type(value)
        if isinstance(value, np.ndarray):
            alike = alike and (saved[name].dtype, saved[name].shape) == (value.dtype, value.shape)
        _need(alike, f"scaler.{name}", saved[name])


def _check_keys(value: Any, keys: Iterable[str], what: str) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"{what} should be fields with names, and is {_short(value)}")
    missing, added = set(keys) - value.keys(), value.keys() - set(keys)
    if missing or added:
        words = [f"lacks {name!r}" for name in sorted(missing)]
        words += [f"has {name!r} that nobody knows" for name in sorted(map(str, added))]
        raise ValueError(f"{what} {words[0]}")


def _is_list(value: Any, kind: Any, least: int | None = None) -> bool:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return isinstance(value, list) and all(
        type(inner) in kinds and (least is None or inner >= least) for inner in value
    )


def _is_dict(value: Any, kind: Any = (np.ndarray, dict)) -> bool:
    kinds = kind if isinstance(kind, tuple) or kind is None else (kind,)
    return isinstance(value, dict) and all(
        type(key) is str and (kinds is None or type(inner) in kinds) for key, inner in value.items()
    )


def _need(holds: bool, what: str, value: Any) -> None:
    if not holds:
        raise ValueError(f"its {what} can't be: {_short(value)}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."
