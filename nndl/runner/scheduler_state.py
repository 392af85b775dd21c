"""What a scheduler of the learning rate remembers, also what its ``state_dict`` leaves out."""

import warnings
from typing import Any

__all__: list[str] = []

# Paddle's own that keep something besides what they say they keep.
OUTSIDE = {"CosineAnnealingWarmRestarts": ("T_cur", "T_i")}

# What Paddle notes there for itself.
NOT_ITS_OWN = ("keys", "verbose", "_var_name")


def scheduler_state(scheduler: Any, at_begin: dict[str, Any]) -> dict[str, Any]:
    """Give what a scheduler remembers, and how it was set.

    A class may keep more than its ``state_dict`` gives. Whatever has changed since the run began
    is kept too; what has not is a setting.

    Parameters
    ----------
    scheduler : paddle.optimizer.lr.LRScheduler
        The scheduler.
    at_begin : dict
        Its :func:`plain_attributes` when the run began.
    """
    now = plain_attributes(scheduler)
    outside = OUTSIDE.get(type(scheduler).__name__, ())
    kept = {name for name in now if name in outside or now[name] != at_begin.get(name)}
    kept |= set(scheduler.state_dict()) & now.keys()
    return {
        "state": scheduler.state_dict(),
        "kept": {name: now[name] for name in sorted(kept)},
        "settings": {name: now[name] for name in sorted(now.keys() - kept)},
    }


def plain_attributes(scheduler: Any) -> dict[str, Any]:
    """Give a scheduler's attributes that are numbers, texts, or sequences of them."""
    return {
        name: value
        for name, value in vars(scheduler).items()
        if name not in NOT_ITS_OWN and _is_plain(value)
    }


def check_scheduler_state(scheduler: Any, saved: dict[str, Any]) -> list[str]:
    """Check that a scheduler can take such a state; tell which of its settings have changed.

    Raises
    ------
    ValueError
        If it is the state of another scheduler.
    """
    own = plain_attributes(scheduler)
    _check_alike(saved["state"], scheduler.state_dict(), "the scheduler")
    kept = saved["kept"]
    _check_alike(kept, {name: own[name] for name in kept if name in own}, "the scheduler")
    return [
        f"the scheduler's {name} ({value!r}, now {own[name]!r})"
        for name, value in saved["settings"].items()
        if name in own and own[name] != value
    ]


def set_scheduler_state(scheduler: Any, saved: dict[str, Any]) -> None:
    """Make a scheduler remember what another one did."""
    with warnings.catch_warnings():
        # LinearWarmup's state has one value more than Paddle itself knows of
        warnings.filterwarnings("ignore", "There are some unused values in state_dict")
        scheduler.set_state_dict(saved["state"])
    vars(scheduler).update(saved["kept"])


def _check_alike(state: dict[str, Any], own: dict[str, Any], what: str) -> None:
    if state.keys() != own.keys():
        names = ", ".join(sorted(state.keys() ^ own.keys()))
        raise ValueError(f"it does not fit {what}: {names} on one side only")
    for name, value in state.items():
        if isinstance(own[name], dict) and isinstance(value, dict):
            _check_alike(value, own[name], what)
        elif not _fits(value, own[name]):
            raise ValueError(f"it does not fit {what}: {name} is {value!r}, here {own[name]!r}")


def _fits(value: Any, own: Any) -> bool:
    """Tell whether a value may stand where another one stood."""
    numbers = (int, float)
    if own is None or value is None:
        return value is None or type(value) in numbers
    if type(own) in numbers and type(value) in numbers:
        # a count stays one; a rate may have been written as an integer
        return type(own) is float or type(value) is int
    return type(value) is type(own) and _is_plain(value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or type(value) in (bool, int, float, str)
