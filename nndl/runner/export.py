"""Give a trained model out of hand: a file that predicts without the code that made it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nndl.device import as_tensor, paddle
from nndl.runner.backends import modes_kept

__all__ = ["export_model"]


def export_model(model: Any, path: str | os.PathLike, inputs: Any) -> None:
    """Save a model for inference, its program with its weights.

    ``paddle.jit.load(path)`` gives it back in any process, without the class that it was made of;
    Paddle's inference engine reads it too.

    Parameters
    ----------
    model : paddle.nn.Layer
        Its ``forward`` must be one that Paddle can trace.
    path : str or path
        The beginning of the files' names: ``model`` makes ``model.pdiparams`` and others.
    inputs : array, paddle.Tensor, paddle.static.InputSpec, or a sequence of them
        What the model takes: an example, of which any number of samples will do later, or the
        exact specification.

    Raises
    ------
    TypeError
        If ``inputs`` is something else.

    Examples
    --------
    >>> import tempfile
    >>> model = paddle.nn.Linear(2, 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_model(model, f"{folder}/linear", np.zeros((1, 2), "float32"))
    ...     again = paddle.jit.load(f"{folder}/linear")
    >>> list(again(paddle.ones([5, 2])).shape)
    [5, 1]
    """
    several = isinstance(inputs, Sequence) and not isinstance(inputs, str)
    specs = [_spec(value) for value in (inputs if several else [inputs])]
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with modes_kept(model):
        model.eval()
        paddle.jit.save(model, str(path), input_spec=specs)


def _spec(value: Any) -> Any:
    if isinstance(value, paddle.static.InputSpec):
        return value
    if not isinstance(value, (paddle.Tensor, np.ndarray)) or not value.ndim:
        raise TypeError(
            "inputs must be an example with an axis of samples, or a paddle.static.InputSpec, "
            f"got {type(value).__name__}"
        )
    example = as_tensor(value)
    return paddle.static.InputSpec([None, *example.shape[1:]], example.dtype)
