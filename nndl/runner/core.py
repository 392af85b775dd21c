"""RunnerV3: mini-batches of any iterable, any layer, any metric, and the best weights kept."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from nndl.device import as_tensor, choose, paddle
from nndl.runner import checks
from nndl.runner.best import Best
from nndl.runner.checkpoint import load_state, save_state, set_state
from nndl.runner.history import Evaluation, History, LossLog
from nndl.runner.progress import Progress

__all__ = ["RunnerV3"]


class RunnerV3:
    """Bind model, optimizer, loss function and metric, and train by mini-batches.

    Parameters
    ----------
    model : paddle.nn.Layer
        Any; it is called with what a batch holds as inputs.
    optimizer : paddle.optimizer.Optimizer, optional
        Needed to train. Its learning-rate scheduler, if it has one, is stepped.
    loss_fn : callable, optional
        ``loss_fn(outputs, labels)`` gives one number, the mean over the batch. Needed to train.
    metric : object, optional
        A metric of :mod:`nndl.metrics` or :mod:`paddle.metric`, or anything with ``reset()``,
        ``update(outputs, labels)`` and ``accumulate()``.

    Attributes
    ----------
    history : History or None
        Of the last call of :meth:`train`, also of one that was stopped.

    Raises
    ------
    TypeError
        If one of the four is not what it should be.

    Examples
    --------
    >>> from nndl.data import Batches, load_digits
    >>> from nndl.metrics import Accuracy
    >>> train, dev, test = load_digits()
    >>> model = paddle.nn.Sequential(paddle.nn.Flatten(), paddle.nn.Linear(64, 10))
    >>> optimizer = paddle.optimizer.SGD(0.5, parameters=model.parameters())
    >>> runner = RunnerV3(model, optimizer, paddle.nn.functional.cross_entropy, Accuracy())
    >>> history = runner.train(Batches(*train), Batches(*dev), num_epochs=2, verbose=False)
    >>> history.dev_steps
    [19, 38]
    """

    def __init__(
        self,
        model: Any,
        optimizer: Any = None,
        loss_fn: Callable | None = None,
        metric: Any = None,
    ):
        checks.check_parts(model, optimizer, loss_fn, metric)
        self.model = model
        self.optimizer = optimizer
        self.loss_fn = loss_fn
        self.metric = metric
        self.history: History | None = None

    def train(
        self,
        train_loader: Iterable,
        dev_loader: Iterable | None = None,
        *,
        num_epochs: int = 1,
        log_steps: int = 100,
        eval_steps: int = 0,
        save_path: str | os.PathLike | None = None,
        mode: str | None = None,
        restore_best: bool = False,
        scheduler_step: str = "epoch",
        verbose: bool = True,
        **unknown: Any,
    ) -> History:
        """Train the model.

        Stopping it (the stop button, Ctrl-C) is no error: the history and the weights so far stay.

        Parameters
        ----------
        train_loader : iterable
            Gives batches ``(inputs, labels)``, anew in each epoch: :class:`nndl.data.Batches`, a
            :class:`paddle.io.DataLoader`, a list.
        dev_loader : iterable, optional
            The same for the development set.
        num_epochs : int
            How often to go through ``train_loader``.
        log_steps : int
            Print the training loss every so many steps; 0 for never.
        eval_steps : int
            Evaluate on ``dev_loader`` every so many steps and after the last one; 0 for the end
            of each epoch.
        save_path : str or path, optional
            Save the best weights here, or the last ones without a ``dev_loader``.
        mode : str, optional
            Whether the best score is the greatest (``"max"``) or the least (``"min"``). By default
            the greatest score with a metric, and the least loss without one.
        restore_best : bool
            Whether to give the model its best weights back at the end.
        scheduler_step : str
            Step the learning-rate scheduler after each ``"epoch"`` or each ``"step"``.
        verbose : bool
            Whether to show progress.
        **unknown
            There is no other argument: a misspelt one is an error that names its neighbor.

        Returns
        -------
        History

        Raises
        ------
        TypeError
            If an argument is unknown, or a loader gives something else than pairs.
        ValueError
            If an argument breaks its rule, or a loader gives no batch.

        Examples
        --------
        >>> model = paddle.nn.Linear(2, 1)
        >>> runner = RunnerV3(
        ...     model, paddle.optimizer.SGD(0.1, model.parameters()), paddle.nn.functional.mse_loss
        ... )
        >>> batches = [(paddle.ones([4, 2]), paddle.ones([4, 1]))]
        >>> history = runner.train(batches, num_epoch=3)
        Traceback (most recent call last):
            ...
        TypeError: train() has no argument 'num_epoch'; did you mean 'num_epochs'?
        >>> len(runner.train(batches, num_epochs=3, verbose=False).train_losses)
        3
        """
        checks.refuse_unknown(unknown, RunnerV3.train.__kwdefaults__)
        checks.check_counts(num_epochs=num_epochs, log_steps=log_steps, eval_steps=eval_steps)
        checks.check_choice("mode", mode, ("max", "min", None))
        checks.check_choice("scheduler_step", scheduler_step, ("epoch", "step"))
        self._check_can_train(dev_loader, eval_steps, mode, restore_best)
        mode = mode or ("max" if self.metric is not None else "min")
        history = self.history = History()
        length = checks.length_of(train_loader)
        total = None if length is None else length * num_epochs
        best = Best(self.model, history, mode, save_path, restore_best)
        started = time.perf_counter()
        with _modes_kept(self.model), Progress(total, verbose) as progress:
            run = _Run(history, LossLog(history), best, progress, dev_loader, num_epochs, total)
            run.log_steps, run.eval_steps = log_steps, eval_steps
            run.scheduler_step = scheduler_step
            progress.line(_device_words(self.model))
            self.optimizer.clear_grad()
            try:
                for run.epoch in range(1, num_epochs + 1):
                    self._train_epoch(train_loader, run)
            except KeyboardInterrupt:
                history.interrupted = True
                progress.line(f"Stopped at step {run.step}: history and weights so far are kept.")
            finally:
                run.losses.flush()
                history.seconds = time.perf_counter() - started
            best.finish()
        return history

    def _train_epoch(self, train_loader: Iterable, run: "_Run") -> None:
        self.model.train()
        before = run.step
        for batch in train_loader:
            inputs, labels = checks.pair(batch, "train_loader")
            loss = self.loss_fn(self.model(inputs), labels)
            if run.step == 0:
                checks.check_loss(loss)
                checks.check_gradient(loss)
            loss.backward()
            self.optimizer.step()
            self.optimizer.clear_grad()
            run.step += 1
            run.losses.add(loss, checks.batch_size(labels))
            run.progress.step()
            if run.scheduler_step == "step":
                self._step_scheduler()
            if run.eval_steps and run.step % run.eval_steps == 0:
                self._evaluate_dev(run)
            elif run.log_steps and run.step % run.log_steps == 0:
                run.progress.line(run.words())
        if run.step == before:
            raise checks.no_batch("train_loader", run.epoch)
        run.losses.end_epoch()
        due = run.dev_loader is not None and (not run.eval_steps or run.epoch == run.num_epochs)
        if due and run.history.dev_steps[-1:] != [run.step]:
            self._evaluate_dev(run)
        if run.scheduler_step == "epoch":
            self._step_scheduler()

    def _evaluate_dev(self, run: "_Run") -> None:
        evaluation = self.evaluate(run.dev_loader)
        run.history.dev_steps.append(run.step)
        run.history.dev_losses.append(evaluation.loss)
        run.history.dev_scores.append(evaluation.score)
        words = f"{run.words()}  dev loss {evaluation.loss:.4f}"
        if evaluation.score is not None:
            words += f"  dev {_name(self.metric)} {evaluation.score:.4f}"
        is_best = run.best.judge(run.step, evaluation)
        run.progress.line(words + ("  best so far" if is_best else ""))

    def evaluate(self, loader: Iterable) -> Evaluation:
        """Measure the model on a data set, as it is, without changing anything.

        Parameters
        ----------
        loader : iterable
            Gives batches ``(inputs, labels)``.

        Returns
        -------
        Evaluation
            ``score`` by the metric and ``loss``, a mean in which each sample weighs the same.

        Raises
        ------
        TypeError
            If ``loader`` gives something else than pairs.
        ValueError
            If there is neither metric nor loss function, or no batch.

        Examples
        --------
        >>> runner = RunnerV3(paddle.nn.Linear(2, 1), loss_fn=paddle.nn.functional.mse_loss)
        >>> runner.evaluate([(paddle.zeros([4, 2]), paddle.zeros([4, 1]))])
        Evaluation(score=None, loss=0.0)
        """
        if self.metric is None and self.loss_fn is None:
            raise ValueError("evaluate() needs a metric or a loss_fn, got neither")
        if self.metric is not None:
            self.metric.reset()
        total, number = 0.0, 0
        with _modes_kept(self.model), paddle.no_grad():
            self.model.eval()
            for batch in loader:
                inputs, labels = checks.pair(batch, "loader")
                outputs = self.model(inputs)
                size = checks.batch_size(labels)
                number += size
                if self.metric is not None:
                    _update(self.metric, outputs, labels)
                if self.loss_fn is not None:
                    loss = self.loss_fn(outputs, labels)
                    checks.check_loss(loss)
                    total = total + loss * size
        if number == 0:
            raise checks.no_batch("loader")
        score = None if self.metric is None else _score(self.metric)
        return Evaluation(score, None if self.loss_fn is None else float(total) / number)

    def predict(self, x: Any) -> Any:
        """Compute the model's outputs, as for use: without dropout, without gradients.

        Parameters
        ----------
        x : paddle.Tensor or array
            What the model takes, such as ``[N, C, H, W]``.

        Returns
        -------
        paddle.Tensor
            What the model gives, such as logits ``[N, classes]``.

        Examples
        --------
        >>> list(RunnerV3(paddle.nn.Linear(2, 3)).predict([[1.0, 2.0]]).shape)
        [1, 3]
        """
        with _modes_kept(self.model), paddle.no_grad():
            self.model.eval()
            return self.model(as_tensor(x))

    def save_model(self, path: str | os.PathLike) -> None:
        """Save the weights, whole or not at all.

        Parameters
        ----------
        path : str or path
            The file, by custom ``*.pdparams``.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     RunnerV3(paddle.nn.Linear(2, 1)).save_model(f"{folder}/model.pdparams")
        """
        save_state(self.model.state_dict(), path)

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
            If the file holds anything but arrays, or the arrays of another model.

        Examples
        --------
        >>> import tempfile
        >>> one, other = RunnerV3(paddle.nn.Linear(2, 1)), RunnerV3(paddle.nn.Linear(2, 1))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     one.save_model(f"{folder}/model.pdparams")
        ...     other.load_model(f"{folder}/model.pdparams")
        >>> bool((one.model.weight == other.model.weight).all())
        True
        """
        set_state(self.model, load_state(path), os.fspath(path))

    def _check_can_train(
        self, dev_loader: Iterable | None, eval_steps: int, mode: str | None, restore_best: bool
    ) -> None:
        for name in ("optimizer", "loss_fn"):
            if getattr(self, name) is None:
                raise ValueError(
                    f"{name} must be given to train: RunnerV3(model, optimizer, loss_fn)"
                )
        if dev_loader is None and (eval_steps or restore_best):
            setting = f"eval_steps is {eval_steps}" if eval_steps else "restore_best is True"
            raise ValueError(f"dev_loader must be given when {setting}, got None")
        if mode == "max" and self.metric is None:
            raise ValueError("mode must be 'min' where there is no metric but the loss, got 'max'")

    def _step_scheduler(self) -> None:
        # Paddle's optimizer keeps the scheduler in the place of a number and has no public name.
        scheduler = getattr(self.optimizer, "_learning_rate", None)
        if isinstance(scheduler, paddle.optimizer.lr.ReduceOnPlateau):
            history = self.history
            values = history.dev_losses or history.epoch_losses
            if values:
                scheduler.step(paddle.to_tensor(values[-1]))
        elif isinstance(scheduler, paddle.optimizer.lr.LRScheduler):
            scheduler.step()


@dataclass
class _Run:
    """Where a call of ``train`` stands."""

    history: History
    losses: LossLog
    best: Best
    progress: Progress
    dev_loader: Iterable | None
    num_epochs: int
    total: int | None
    log_steps: int = 0
    eval_steps: int = 0
    scheduler_step: str = "epoch"
    epoch: int = 0
    step: int = 0
    shown: int = 0

    def words(self) -> str:
        """Say where the run stands: its loss is the mean since it was last said."""
        self.losses.flush()
        since = min(self.shown, self.step - 1)
        loss = float(np.mean(self.history.train_losses[since:]))
        self.shown = self.step
        of = "" if self.total is None else f"/{self.total}"
        return (
            f"epoch {self.epoch:{len(str(self.num_epochs))}}/{self.num_epochs}"
            f"  step {self.step:{max(len(of) - 1, 0)}}{of}  train loss {loss:.4f}"
        )


@contextmanager
def _modes_kept(model: Any) -> Iterator[None]:
    """Leave every layer in the mode, training or evaluation, in which it was found."""
    modes = [(layer, layer.training) for layer in model.sublayers(include_self=True)]
    try:
        yield
    finally:
        for layer, training in modes:
            layer.training = training


def _update(metric: Any, outputs: Any, labels: Any) -> None:
    if not isinstance(metric, paddle.metric.Metric):
        metric.update(outputs, labels)
        return
    # Paddle's metrics compute on the device and add up in NumPy.
    parts = metric.compute(outputs, labels)
    parts = parts if isinstance(parts, (tuple, list)) else (parts,)
    metric.update(*(part.numpy() if isinstance(part, paddle.Tensor) else part for part in parts))


def _score(metric: Any) -> float:
    score = metric.accumulate()
    # paddle.metric.Accuracy(topk=(1, 5)) gives one score for each k.
    return float(score[0] if isinstance(score, (tuple, list)) else score)


def _name(metric: Any) -> str:
    name = getattr(metric, "name", "score")
    name = name() if callable(name) else name
    return str(name[0] if isinstance(name, (tuple, list)) else name)


def _device_words(model: Any) -> str:
    parameters = model.parameters()
    place = str(parameters[0].place) if parameters else paddle.get_device()
    if "gpu" in place.lower():
        return f"Training on the GPU ({paddle.device.cuda.get_device_name()})."
    if choose() != "cpu":
        return "Training on the CPU. For the GPU, call paddle.set_device('gpu:0') before all else."
    return "Training on the CPU."
