"""A generator goes on from its state, and takes no state that is none."""

import copy
import random

import numpy as np
import pytest

from nndl.device import paddle
from nndl.runner import random_states as states
from nndl.runner.random_states import random_states, set_random_states

GENERATORS = {
    "PCG64": lambda: np.random.default_rng(0),
    "PCG64DXSM": lambda: np.random.Generator(np.random.PCG64DXSM(0)),
    "Philox": lambda: np.random.Generator(np.random.Philox(0)),
    "SFC64": lambda: np.random.Generator(np.random.SFC64(0)),
    "MT19937": lambda: np.random.Generator(np.random.MT19937(0)),
    "RandomState": lambda: np.random.RandomState(0),
    "bit generator": lambda: np.random.PCG64(0),
    "Python": lambda: random.Random(0),
    "Paddle": lambda: paddle.framework.core.default_cpu_generator(),
}


def draw(generator):
    for name in ("normal", "normalvariate", "random_raw"):
        if hasattr(generator, name):
            arguments = (0.0, 1.0) if name == "normalvariate" else ()
            return getattr(generator, name)(*arguments)
    return paddle.rand([1]).item()


@pytest.mark.parametrize("before", [0, 1, 700])
@pytest.mark.parametrize("name", GENERATORS)
def test_every_kind_goes_on(name, before):
    generator = GENERATORS[name]()
    assert states.is_generator(generator)
    for _ in range(before):
        draw(generator)
    kept = states.state_of(generator)
    drawn = [draw(generator) for _ in range(5)]
    states.check_state(kept, states.state_of(generator), name)
    states.set_state_of(generator, kept)
    assert [draw(generator) for _ in range(5)] == drawn


@pytest.mark.parametrize("before", [0, 1])  # of a pair of normal numbers one may be left over
def test_the_global_ones_go_on(before):
    for _ in range(before):
        np.random.normal(), random.gauss(0, 1), paddle.randn([1])
    kept = states.random_states()
    drawn = np.random.normal(), random.gauss(0, 1), paddle.randn([1]).item()
    states.check_random_states(kept)
    states.set_random_states(kept)
    assert (np.random.normal(), random.gauss(0, 1), paddle.randn([1]).item()) == drawn


@pytest.mark.parametrize("name", GENERATORS)
def test_no_generator_takes_what_is_beyond_its_range(name):
    own = states.state_of(GENERATORS[name]())

    def leaves(value, way=()):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inner:
            if isinstance(one, (dict, list)):
                yield from leaves(one, (*way, key))
            else:
                yield (*way, key)

    for way in leaves(own):
        for wrong in (-1, 2**130, "text", None, (3,), b"1 2 3", 1.5, [], float("nan")):
            state = holder = copy.deepcopy(own)
            for key in way[:-1]:
                holder = holder[key]
            in_advance = (name, *way) == ("Python", 2) and type(wrong) in (type(None), float)
            is_right = (name, *way, wrong) in (("Paddle", 0, -1), ("RandomState", "gauss", 1.5))
            if (in_advance and wrong == wrong) or is_right:
                continue
            holder[way[-1]] = wrong
            with pytest.raises(ValueError, match=f"{name} is not one"):
                states.check_state(state, own, name)


def test_states_that_lack_a_generator_are_refused():
    kept = states.random_states()
    for name in ("numpy", "python", "paddle_cpu"):
        with pytest.raises(ValueError, match="not complete"):
            states.check_random_states({n: s for n, s in kept.items() if n != name})


def drawn():
    return paddle.rand([4]).numpy(), np.random.rand(4)


def test_what_was_drawn_is_drawn_again():
    states = random_states()
    first = drawn()
    assert not np.array_equal(drawn()[0], first[0])
    set_random_states(states)
    for again, before in zip(drawn(), first, strict=True):
        assert np.array_equal(again, before)


def test_states_come_back_where_paddle_cannot_be_told_a_device(monkeypatch):
    """Up to Paddle 3.2, `set_rng_state` fails when it is told a device by its name."""
    real = paddle.set_rng_state

    def old(states, device=None):
        if device is not None:
            raise AttributeError("'str' object has no attribute '_convert_to_place'")
        real(states)

    monkeypatch.setattr(paddle, "set_rng_state", old)
    states, device = random_states(), paddle.get_device()
    first = paddle.rand([4]).numpy()
    set_random_states(states)
    assert np.array_equal(paddle.rand([4]).numpy(), first)
    assert paddle.get_device() == device


def test_the_device_stays_where_setting_fails(monkeypatch):
    def broken(states):
        raise RuntimeError("no such state")

    states, device = random_states(), paddle.get_device()
    monkeypatch.setattr(paddle, "set_rng_state", broken)
    with pytest.raises(RuntimeError, match="no such state"):
        set_random_states(states)
    assert paddle.get_device() == device
