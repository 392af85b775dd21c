"""What the three Runners have in common: four parts, and how a model is measured, used and kept.

:class:`~nndl.runner.RunnerV1`, :class:`~nndl.runner.RunnerV2` and
:class:`~nndl.runner.RunnerV3` differ in how they train.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

from nndl.device import paddle
from nndl.ops import Op
from nndl.runner import checks
from nndl.runner.backends import LayerBackend, OpBackend
from nndl.runner.checkpoint import load_state, save_state
from nndl.runner.conversion import faults_of
from nndl.runner.history import Evaluation, History
from nndl.runner.measure import measure

__all__ = ["Runner"]


class Runner:
    """Bind model, optimizer, loss function and metric.

    Parameters
    ----------
    model : Op or paddle.nn.Layer
        Which of the two a Runner takes, it says itself.
    optimizer : object, optional
        An optimizer of :mod:`nndl.optim` for an ``Op``, of :mod:`paddle.optimizer` for a layer.
    loss_fn : callable, optional
        ``loss_fn(outputs, labels)`` gives one number, the mean over the samples.
    metric : object, optional
        A metric of :mod:`nndl.metrics` or :mod:`paddle.metric`, or anything with ``reset()``,
        ``update(outputs, labels)`` and ``accumulate()``.

    Attributes
    ----------
    history : History or None
        Of the last call of ``train``, also of one that was stopped.

    Raises
    ------
    TypeError
        If one of the four is not what it should be.
    """

    takes_ops = takes_layers = True
    takes_function = True  # as a metric: fine where all data come as one batch

    def __init__(
        self,
        model: Any,
        optimizer: Any = None,
        loss_fn: Callable | None = None,
        metric: Any = None,
    ):
        self.backend = self._backend_of(model)
        is_layer = isinstance(self.backend, LayerBackend)
        checks.check_parts(optimizer, loss_fn, metric, is_layer, self.takes_function)
        self.model = model
        self.optimizer = optimizer
        self.loss_fn = loss_fn
        self.metric = metric
        self.history: History | None = None

    def __getattr__(self, name: str) -> Any:
        """Say where the results are that the published course keeps in the Runner itself."""
        words = f"{type(self).__name__} has no attribute {name!r}"
        if name in checks.PUBLISHED_RESULTS:
            words += (
                f": train() returns a History, and it is history.{checks.PUBLISHED_RESULTS[name]}"
            )
        raise AttributeError(words)

    def _backend_of(self, model: Any) -> OpBackend | LayerBackend:
        if self.takes_ops and isinstance(model, Op):
            return OpBackend(model)
        if self.takes_layers and isinstance(model, paddle.nn.Layer):
            return LayerBackend(model)
        kinds = ["an nndl.ops.Op"] * self.takes_ops + ["a paddle.nn.Layer"] * self.takes_layers
        raise TypeError(f"model must be {' or '.join(kinds)}, got {checks.kind(model)}")

    def evaluate(self, data: Any) -> Evaluation:
        """Measure the model on a data set, as it is, without changing anything.

        Parameters
        ----------
        data : tuple of array
            All inputs and all labels: ``(X, y)``.

        Returns
        -------
        Evaluation
            ``score`` by the metric and ``loss``.

        Raises
        ------
        TypeError
            If ``data`` is no pair.
        ValueError
            If there is neither metric nor loss function.
        """
        return self._measure([data], "data")

    def _measure(self, loader: Iterable, name: str) -> Evaluation:
        with closing(checks.pairs(loader, name, self.backend.reader())) as batches:
            return measure(self.backend, batches, self.metric, self.loss_fn, name)

    def predict(self, x: Any) -> Any:
        """Compute the model's outputs, as for use: without dropout, without gradients.

        Parameters
        ----------
        x : array or paddle.Tensor
            What the model takes, such as ``[N, C, H, W]``; a tuple or a dict of arrays for a model
            with several inputs.

        Returns
        -------
        array or paddle.Tensor
            What the model gives, such as logits ``[N, classes]``.

        Raises
        ------
        TypeError
            If ``x`` holds no numbers, or numbers of a type that the model does not take.
        ValueError
            If it has a shape that the model does not take.

        Examples
        --------
        >>> from nndl.runner import RunnerV3
        >>> list(RunnerV3(paddle.nn.Linear(2, 3)).predict([[1.0, 2.0]]).shape)
        [1, 3]
        """
        with faults_of("x"):
            inputs = checks.arrays(x, self.backend.reader().inputs)
        with self.backend.in_use():
            return self.backend.outputs(inputs, "x")

    def save_model(self, path: str | os.PathLike) -> None:
        """Save the weights, whole or not at all.

        Parameters
        ----------
        path : str or path
            The file: ``*.safetensors`` for that format, any other name, by custom ``*.pdparams``,
            for Paddle's.

        Raises
        ------
        ValueError
            If ``path`` is no path, or one to a folder, a device or a pipe.
        OSError
            If it can't be written; the message names it.

        Examples
        --------
        >>> import tempfile
        >>> from nndl.runner import RunnerV3
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     RunnerV3(paddle.nn.Linear(2, 1)).save_model(f"{folder}/model.pdparams")
        """
        save_state(self.backend.state(), path)

    def load_model(self, path: str | os.PathLike) -> None:
        """Load weights; nothing that the file may contain is executed.

        Parameters
        ----------
        path : str or path
            A file written by :meth:`save_model`, or by :func:`paddle.save` of a ``state_dict``.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If ``path`` is no path to a file, or the file holds anything but arrays, or the arrays
            of another model.

        Examples
        --------
        >>> import tempfile
        >>> from nndl.runner import RunnerV3
        >>> one, other = RunnerV3(paddle.nn.Linear(2, 1)), RunnerV3(paddle.nn.Linear(2, 1))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     one.save_model(f"{folder}/model.pdparams")
        ...     other.load_model(f"{folder}/model.pdparams")
        >>> bool((one.model.weight == other.model.weight).all())
        True
        """
        self.backend.set_state(load_state(path), os.fspath(path))
