"""The random states of Paddle, NumPy and Python, as plain values that a checkpoint can hold.

A state that comes from a file is looked at before a generator sees it: NumPy takes a place beyond
its 624 words without a question, and reads there.
"""

import random
from typing import Any

import numpy as np

from nndl.device import paddle

__all__: list[str] = []

WORDS = 624  # of the Mersenne Twister, which NumPy and Python both have


def random_states() -> dict[str, Any]:
    """Give the states of all global random generators.

    Returns
    -------
    dict
        Plain values and arrays only.
    """
    states = {
        "numpy": _of_numpy(),
        "python": state_of(random._inst),  # type: ignore[attr-defined]
        "paddle_cpu": _of_paddle("cpu"),
    }
    if not paddle.get_device().startswith("cpu"):
        states["paddle"] = _of_paddle(None)
    return states


def check_random_states(states: Any, own: dict[str, Any] | None = None) -> None:
    """Check that the global generators can take such states.

    Raises
    ------
    ValueError
        If one of them is not what its generator gives.
    """
    own = random_states() if own is None else own
    if not isinstance(states, dict) or not {"numpy", "python", "paddle_cpu"} <= states.keys():
        raise ValueError("the random states are not complete")
    for name in states.keys() & own.keys():
        check_state(states[name], own[name], f"the random state of {name}")


def set_random_states(states: dict[str, Any]) -> None:
    """Set all global random generators to such states, which have been checked."""
    numpy = states["numpy"]
    np.random.set_state(tuple(numpy) if isinstance(numpy, list) else numpy)
    set_state_of(random._inst, states["python"])  # type: ignore[attr-defined]
    _to_paddle(states["paddle_cpu"], "cpu")
    if "paddle" in states and not paddle.get_device().startswith("cpu"):
        _to_paddle(states["paddle"], None)


def is_generator(value: Any) -> bool:
    """Tell whether something is a random generator whose state can be kept."""
    kinds = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, random.Random)
    kinds += (type(paddle.framework.core.default_cpu_generator()),)
    return isinstance(value, kinds) and not isinstance(value, random.SystemRandom)


def state_of(generator: Any) -> Any:
    """Give the state of one generator, as plain values and arrays."""
    if isinstance(generator, np.random.Generator):
        return _copied(generator.bit_generator.state)
    if isinstance(generator, np.random.BitGenerator):
        return _copied(generator.state)
    if isinstance(generator, np.random.RandomState):
        return _copied(generator.get_state(legacy=False))
    if isinstance(generator, random.Random):
        version, numbers, gauss_next = generator.getstate()
        return [version, np.array(numbers, np.uint32), gauss_next]
    return _plain_of_paddle(generator.get_state())


def set_state_of(generator: Any, state: Any) -> None:
    """Set one generator to such a state, which has been checked."""
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    elif isinstance(generator, np.random.BitGenerator):
        generator.state = state
    elif isinstance(generator, np.random.RandomState):
        generator.set_state(state)
    elif isinstance(generator, random.Random):
        version, numbers, gauss_next = state
        generator.setstate((version, tuple(numbers.tolist()), gauss_next))
    else:
        generator.set_state(_state_for_paddle(state, type(generator.get_state())))


def check_state(state: Any, own: Any, name: str) -> None:
    """Check that a state is built as a generator's own, with every number in its range.

    Parameters
    ----------
    state : object
        What a file says.
    own : object
        What the generator itself gives now.
    name : str
        What the message calls it.
    """
    if not _is_alike(state, own):
        raise ValueError(f"{name} is not one that this generator gives")


# The least and the greatest value, by the name that the number has in NumPy's states.
RANGES = {
    "pos": WORDS, "has_gauss": 1, "has_uint32": 1, "uinteger": 2**32 - 1, "buffer_pos": 4,
    "state": 2**128 - 1, "inc": 2**128 - 1,
}  # fmt: skip


def _is_alike(state: Any, own: Any, key: str = "") -> bool:
    if key == "gauss_next":  # what was drawn in advance, or None
        return state is None or (type(state) is float and bool(np.isfinite(state)))
    if type(state) is not type(own):
        return False
    if isinstance(own, dict):
        return state.keys() == own.keys() and all(_is_alike(state[k], own[k], k) for k in own)
    if isinstance(own, np.ndarray):
        return state.dtype == own.dtype and state.shape == own.shape
    if isinstance(own, list):
        return _is_list_alike(state, own)
    if isinstance(own, bytes):
        return _is_engine_alike(state, own)
    if isinstance(own, int):
        return 0 <= state <= RANGES.get(key, 2**63 - 1)
    return bool(np.isfinite(state)) if isinstance(own, float) else state == own


def _is_list_alike(state: list, own: list) -> bool:
    if len(state) != len(own):
        return False
    if len(own) == 3 and isinstance(own[1], np.ndarray):  # Python: version, words and place
        in_range = (
            type(state[0]) is int
            and state[0] == own[0]
            and _is_alike(state[1], own[1])
            and state[1][-1] <= WORDS
        )
        return bool(in_range) and _is_alike(state[2], own[2], "gauss_next")
    if len(own) == 5 and isinstance(own[1], np.ndarray):  # NumPy
        keys = ("", "", "pos", "has_gauss", "gauss")
        return all(map(_is_alike, state, own, keys))
    if len(own) == 4 and isinstance(own[3], bytes):  # Paddle: device, seed, offset, engine
        device, seed, offset, engine = state
        numbers = all(type(number) is int for number in (device, seed, offset))
        in_range = numbers and 0 <= seed < 2**64 and 0 <= offset < 2**63 and device == own[0]
        return in_range and isinstance(engine, bytes) and _is_engine_alike(engine, own[3])
    return all(_is_alike(one, other) for one, other in zip(state, own, strict=True))


def _is_engine_alike(state: bytes, own: bytes) -> bool:
    """Look at the words of a 64-bit Mersenne Twister, written as text, and its place."""
    words = state.split(b" ")
    return (
        len(words) == len(own.split(b" "))
        and all(word.isdigit() and len(word) <= 20 and int(word) < 2**64 for word in words)
        and int(words[-1]) <= len(words) - 1
    )


def _copied(state: Any) -> Any:
    """Copy what NumPy may hand out as its own memory, and make its integers Python's."""
    if isinstance(state, dict):
        return {key: _copied(value) for key, value in state.items()}
    if isinstance(state, np.ndarray):
        return state.copy()
    return state.item() if isinstance(state, np.generic) else state


def _of_numpy() -> Any:
    state = np.random.get_state(legacy=False)
    if state["bit_generator"] != "MT19937":  # by np.random.set_bit_generator
        return _copied(state)
    kind, words, place, has_gauss, gauss = np.random.get_state()
    return [kind, words.copy(), int(place), int(has_gauss), float(gauss)]


def _of_paddle(device: str | None) -> list[list[Any]]:
    return [_plain_of_paddle(state) for state in paddle.get_rng_state(device)]


def _to_paddle(states: list[list[Any]], device: str | None) -> None:
    kind = type(paddle.get_rng_state(device)[0])
    # by way of the current device: before Paddle 3.3, `set_rng_state` failed when told a device
    here = paddle.get_device()
    paddle.set_device(device or here)
    try:
        paddle.set_rng_state([_state_for_paddle(parts, kind) for parts in states])
    finally:
        paddle.set_device(here)


def _plain_of_paddle(state: Any) -> list[Any]:
    # A generator's state pickles itself as a tuple of numbers and a list of bytes. Kept as these,
    # they need no class when they are loaded, and so no unpickler that admits one.
    return [bytes(part) if isinstance(part, list) else part for part in state.__getstate__()]


def _state_for_paddle(parts: list[Any], kind: type) -> Any:
    state = kind.__new__(kind)
    state.__setstate__(tuple(list(p) if isinstance(p, bytes) else p for p in parts))
    return state
