"""What makes two runs one: the same model, optimizer, scheduler and measure.

Weights of the right shapes say little: with another activation, or moments that another optimizer
collected, a run would go on and be neither the old one nor a new one. So a checkpoint says of what
it is.
"""

import re
import types
from collections.abc import Iterator
from typing import Any

from nndl.device import paddle
from nndl.runner.optimizer_state import named_parameters

__all__: list[str] = []

LIBRARIES = ("paddle", "nndl")  # whose layers keep no counts in their attributes


def description(run: Any) -> dict[str, Any]:
    """Describe a run, as plain values."""
    optimizer, scheduler = run.optimizer, run.scheduler
    return {
        "layers": _layers_of(run.model),
        "trainable": [n for n, p in named_parameters(run).items() if not p.stop_gradient],
        "optimizer": type(optimizer).__name__,
        "remembers": ", ".join(sorted(k for k, t in optimizer._accumulators.items() if t))
        or "nothing",
        "optimizer_settings": optimizer_settings(optimizer),
        "scheduler": kinds_of(scheduler),
        "scheduler_step": run.settings.scheduler_step if scheduler is not None else "epoch",
        "loss_fn": _name_of(run.loss_fn),
        "metric": None if run.metric is None else type(run.metric).__name__,
        "mode": run.mode,
        "amp": str(run.precision.level),
    }


def check_same(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Compare what a checkpoint says of a run with the run that is to go on.

    Returns
    -------
    list of str
        What has changed and may, in words for a warning.

    Raises
    ------
    ValueError
        If something has changed so that this is another run.
    """
    _check_layers(then["layers"], now["layers"])
    for name in sorted(set(then["trainable"]) ^ set(now["trainable"])):
        words = ("frozen", "trained") if name in now["trainable"] else ("trained", "frozen")
        raise ValueError(f"its model's {name} is {words[0]}, here it is {words[1]}")
    if then["optimizer"] != now["optimizer"]:
        raise ValueError(
            f"it was written with another optimizer: it remembers {then['remembers']}, this one is "
            f"{now['optimizer']}, that one was {then['optimizer']}"
        )
    for part in ("scheduler", "scheduler_step", "metric", "mode"):
        if then[part] != now[part]:
            raise ValueError(
                f"{part} must be {_words(then[part])}, as it was, got {_words(now[part])}"
            )
    before, after = then["optimizer_settings"], now["optimizer_settings"]
    changed = [
        f"the optimizer's {name} ({before[name]!r}, now {after[name]!r})"
        for name in before
        if name in after and before[name] != after[name]
    ]
    for part in ("loss_fn", "amp"):
        if then[part] != now[part]:
            changed.append(f"{part} ({then[part]}, now {now[part]})")
    return changed + _changed_code(then["layers"], now["layers"])


def kinds_of(scheduler: Any) -> str | None:
    """Name a scheduler's class, with that of the one that it warms up for."""
    if scheduler is None:
        return None
    inner = getattr(scheduler, "learning_rate", None)
    is_one = isinstance(inner, paddle.optimizer.lr.LRScheduler)
    return type(scheduler).__name__ + (f" before {kinds_of(inner)}" if is_one else "")


def optimizer_settings(optimizer: Any) -> dict[str, Any]:
    """Give an optimizer's numbers, such as its learning rate and its weight decay, by name."""
    groups = optimizer._param_groups
    if groups and isinstance(groups[0], dict):
        # a group's settings take the place of the optimizer's, and Paddle writes them there
        parts = {f"group {number}'s ": group for number, group in enumerate(groups, 1)}
    else:
        parts = {"": vars(optimizer)} | {
            f"{name.strip('_')}'s ": getattr(vars(optimizer).get(name), "__dict__", {})
            for name in ("regularization", "_weight_decay", "_grad_clip")
        }
    return {
        prefix + name.strip("_"): value
        for prefix, part in parts.items()
        for name, value in part.items()
        if type(value) in (int, float) and name != "_fuse_buffer_version"  # Paddle's own count
    }


def _layers_of(model: Any) -> list[list[Any]]:
    """Give of each layer its name, its class, its settings and what its ``forward`` refers to."""
    return [
        [name, _class_of(layer), _settings_of(layer), _attributes(layer), _code_of(layer)]
        for name, layer in model.named_sublayers(include_self=True)
    ]


def _class_of(layer: Any) -> str:
    kind = type(layer)
    # the module of a reader's class has one name in a notebook and another in a script
    return f"{kind.__module__}.{kind.__qualname__}" if _is_of_a_library(layer) else kind.__name__


def _settings_of(layer: Any) -> str:
    if not _is_of_a_library(layer):
        return ""
    # the one setting that Paddle changes as a layer is used: batch normalization finds it out
    return re.sub(r"(, )?data_format=\w+", "", layer.extra_repr())


def _is_of_a_library(layer: Any) -> bool:
    return type(layer).__module__.split(".")[0] in LIBRARIES


def _attributes(layer: Any) -> dict[str, Any]:
    """Give plain settings: texts and functions by name, and a library's numbers.

    The numbers of other layers may be counts, which change as the layer is used.
    """
    if type(layer).__module__.startswith("paddle."):
        return {}  # Paddle's say all in extra_repr()
    is_ours = type(layer).__module__.startswith("nndl.")
    settings = {}
    for name, value in vars(layer).items():
        if name.startswith("_") or name == "training":
            continue
        if isinstance(value, (types.FunctionType, types.BuiltinFunctionType)):
            settings[name] = value.__name__
        elif isinstance(value, str) or (is_ours and _is_plain(value)):
            settings[name] = value
    return settings


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, float, str))


def _code_of(layer: Any) -> list[str]:
    """Give the names and constants in the ``forward`` of a layer that a reader wrote.

    A function that is called there, such as an activation, shows in no attribute.
    """
    code = getattr(getattr(type(layer), "forward", None), "__code__", None)
    if code is None or _is_of_a_library(layer):
        return []
    return sorted({layer.extra_repr(), *_words_in(code)} - {""})


def _words_in(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    documentation = code.co_consts[:1]
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _words_in(constant)
        elif isinstance(constant, (int, float)) or (
            isinstance(constant, str) and constant not in documentation
        ):
            yield repr(constant)


def _check_layers(then: list[list[Any]], now: list[list[Any]]) -> None:
    """Refuse another architecture, and name the first layer that differs."""
    names_then, names_now = [row[0] for row in then], [row[0] for row in now]
    if names_then != names_now:
        missing = [name for name in names_then if name not in names_now]
        added = [name for name in names_now if name not in names_then]
        words = [f"it has no {name!r}" for name in missing[:1]]
        words += [f"{name!r} is new" for name in added[:1]]
        raise ValueError(
            "it does not fit the model, which has other layers: "
            + ("; ".join(words) or "they stand in another order")
        )
    for (name, kind, settings, attributes, _), row in zip(then, now, strict=True):
        where = f"the layer {name!r}" if name else "the model"
        if (kind, settings) != (row[1], row[2]):
            raise ValueError(
                f"it does not fit the model: {where} was {kind}({settings}), "
                f"here it is {row[1]}({row[2]})"
            )
        for key, value in attributes.items():
            if key in row[3] and _plain(row[3][key]) != _plain(value):
                raise ValueError(
                    f"it does not fit the model: {key} of {where} was {value!r}, "
                    f"here it is {row[3][key]!r}"
                )


def _plain(value: Any) -> Any:
    return [_plain(inner) for inner in value] if isinstance(value, (tuple, list)) else value


def _changed_code(then: list[list[Any]], now: list[list[Any]]) -> list[str]:
    changed = []
    for before, after in zip(then, now, strict=True):
        words = sorted(set(before[4]) ^ set(after[4]))
        if words and before[1] not in changed:
            changed.append(f"the forward() of {before[1]} ({', '.join(words[:5])})")
    return list(dict.fromkeys(changed))


def _name_of(function: Any) -> str:
    named = isinstance(function, (types.FunctionType, types.BuiltinFunctionType))
    return function.__name__ if named else type(function).__name__


def _words(value: Any) -> str:
    return "None" if value is None else repr(value)
