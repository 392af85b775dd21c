"""What the loops and the fast versions of recurrent operators ask of their arguments."""

from collections.abc import Mapping

import numpy as np

from nndl.ops.checks import real, same_type, whole

__all__ = ["check_lengths", "check_params", "check_walk"]

ACTIVATIONS = "tanh", "relu"


def check_walk(
    x: np.ndarray, states: Mapping[str, np.ndarray | None], input_size: int, hidden_size: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return sequences (B, T, D) and states (B, H) by name in one type, zeros for one left out."""
    x = real("x", x, ndim=3)
    if x.shape[2] != input_size:
        raise ValueError(
            f"x must have shape (batch, time, {input_size}), got {x.shape}: "
            f"input_size is {input_size}"
        )
    shape = (len(x), hidden_size)
    arrays = [
        np.zeros(shape, x.dtype) if state is None else real(name, state)
        for name, state in states.items()
    ]
    for name, array in zip(states, arrays, strict=True):
        if array.shape != shape:
            raise ValueError(
                f"{name} must have shape {shape}, got {array.shape}, for x of shape {x.shape}"
            )
    x, *arrays = same_type(x, *arrays)
    return x, arrays


def check_lengths(
    sequence_length: np.ndarray | None, batch: int, time: int
) -> np.ndarray | None:  # (B,)
    """Return how many steps each sequence has, from 0 to `time`; None as it is: all of them."""
    if sequence_length is None:
        return None
    lengths = whole("sequence_length", sequence_length, end=time + 1)
    if lengths.shape != (batch,):
        raise ValueError(
            f"sequence_length must have shape ({batch},), got {lengths.shape}: one for each "
            "sequence of x"
        )
    return lengths


def check_params(params: Mapping[str, np.ndarray], gates: int) -> dict[str, np.ndarray]:
    """Return the four parameters of a recurrent operator if their shapes go together."""
    if not isinstance(params, Mapping):
        raise TypeError(f"params must be a mapping of names to arrays, got {params!r}")
    names = {"weight_ih": 2, "weight_hh": 2, "bias_ih": 1, "bias_hh": 1}
    if differing := sorted(names.keys() ^ params.keys()):
        raise ValueError(f"params must be {', '.join(names)}, differs in {differing}")
    arrays = {name: real(name, params[name], ndim=ndim) for name, ndim in names.items()}
    rows, hidden_size = arrays["weight_hh"].shape
    if rows != gates * hidden_size:
        raise ValueError(
            f"weight_hh must have {gates} * hidden_size rows, got shape {(rows, hidden_size)}"
        )
    for name, array in arrays.items():
        if len(array) != rows:
            raise ValueError(f"{name} must have the rows of weight_hh {rows}, got {len(array)}")
    return arrays
