"""The random states of Paddle, NumPy and Python, as plain values that a checkpoint can hold."""

import random
from typing import Any

import numpy as np

from nndl.device import paddle

__all__: list[str] = []


def random_states() -> dict[str, Any]:
    """Give the states of all global random generators.

    Returns
    -------
    dict
        Plain values and arrays only.
    """
    kind, words, place, has_gauss, gauss = np.random.get_state()
    version, numbers, gauss_next = random.getstate()
    states = {
        "numpy": [kind, words.copy(), int(place), int(has_gauss), float(gauss)],
        "python": [version, list(numbers), gauss_next],
        "paddle_cpu": _of_paddle("cpu"),
    }
    if not paddle.get_device().startswith("cpu"):
        states["paddle"] = _of_paddle(None)
    return states


def set_random_states(states: dict[str, Any], loaders_own: bool = True) -> None:
    """Set all global random generators to such states.

    Parameters
    ----------
    states : dict
        From :func:`random_states`.
    loaders_own : bool
        Whether to set also NumPy's and Python's, of which data loaders draw.
    """
    if loaders_own:
        np.random.set_state(tuple(states["numpy"]))
        version, numbers, gauss_next = states["python"]
        random.setstate((version, tuple(numbers), gauss_next))
    _to_paddle(states["paddle_cpu"], "cpu")
    if "paddle" in states and not paddle.get_device().startswith("cpu"):
        _to_paddle(states["paddle"], None)


def _of_paddle(device: str | None) -> list[list[Any]]:
    # A generator's state pickles itself as a tuple of numbers and a list of bytes. Kept as these,
    # they need no class when they are loaded, and so no unpickler that admits one.
    return [
        [bytes(part) if isinstance(part, list) else part for part in state.__getstate__()]
        for state in paddle.get_rng_state(device)
    ]


def _to_paddle(states: list[list[Any]], device: str | None) -> None:
    kind = type(paddle.get_rng_state(device)[0])
    new = []
    for parts in states:
        state = kind.__new__(kind)
        state.__setstate__(tuple(list(p) if isinstance(p, bytes) else p for p in parts))
        new.append(state)
    # by way of the current device: before Paddle 3.3, `set_rng_state` failed when told a device
    here = paddle.get_device()
    paddle.set_device(device or here)
    try:
        paddle.set_rng_state(new)
    finally:
        paddle.set_device(here)
