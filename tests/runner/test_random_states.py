"""Random states go into plain values and come back, also where Paddle is older."""

import numpy as np
import pytest

from nndl.device import paddle
from nndl.runner.random_states import random_states, set_random_states


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
