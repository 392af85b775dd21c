"""RunnerV2: gradient descent, with loss and metric while training, and the best model kept."""

import os
import time
from typing import Any

from nndl.arithmetic.checks import flag
from nndl.device import printable
from nndl.runner import checks
from nndl.runner.best import Best
from nndl.runner.conversion import known_as
from nndl.runner.core import Runner
from nndl.runner.history import History
from nndl.runner.measure import name_of, score_on
from nndl.runner.paths import check_weights_file
from nndl.runner.schedule import after_evaluation, at_its_time, check_scheduler, scheduler_of

__all__ = ["RunnerV2"]


class RunnerV2(Runner):
    """Bind model, optimizer, loss function and metric, and train by all samples at once.

    To RunnerV1 it adds gradient descent, loss and metric on both sets while training, and the best
    model.

    Parameters
    ----------
    model : Op or paddle.nn.Layer
        Such as :class:`nndl.ops.Sequential`.
    optimizer : object, optional
        Of :mod:`nndl.optim` for an ``Op``, of :mod:`paddle.optimizer` for a layer; needed to train.
        A learning-rate scheduler of Paddle's is stepped once an epoch, a ``ReduceOnPlateau`` after
        each evaluation, as by :meth:`RunnerV3.train`.
    loss_fn : callable, optional
        A loss of :mod:`nndl.ops` for an ``Op``: it has a ``backward()``; for a layer any function
        of (outputs, labels) that gives one number. Needed to train.
    metric : object, optional
        A metric, or a function of (outputs, labels) that gives a number.

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
    >>> import numpy as np
    >>> from nndl.ops import Linear, SquaredError
    >>> from nndl.optim import SGD
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> y = X @ np.array([[1.0], [-2.0]]) + 4
    >>> model = Linear(2, 1)
    >>> runner = RunnerV2(model, SGD(model, learning_rate=0.3), SquaredError())
    >>> history = runner.train((X, y), (X, y), num_epochs=50, log_epochs=10)
    epoch 10/50  train loss ...  dev loss ...  best so far
    ...
    epoch 50/50  train loss 0.0000  dev loss 0.0000  best so far
    >>> model.params["weight"].round(3).tolist()
    [[1.0], [-2.0]]
    """

    def train(
        self,
        train_set: tuple[Any, Any],
        dev_set: tuple[Any, Any] | None = None,
        *,
        num_epochs: int = 1,
        log_epochs: int = 100,
        eval_epochs: int = 1,
        save_path: str | os.PathLike | None = None,
        mode: str | None = None,
        restore_best: bool = False,
        verbose: bool = True,
        **unknown: Any,
    ) -> History:
        """Train the model: an epoch is one step, by the gradient of all samples.

        Stopping it (the stop button, Ctrl-C) is no error: the history and the weights so far stay.

        Parameters
        ----------
        train_set : tuple of array
            All inputs and all labels: ``(X, y)``.
        dev_set : tuple of array, optional
            The same for the development set.
        num_epochs : int
            How many steps to make.
        log_epochs : int
            Print the losses and scores every so many epochs; 0 for never.
        eval_epochs : int
            Measure on ``dev_set`` every so many epochs, and after the last one.
        save_path : str or path, optional
            Save the best weights here, or the last ones without a ``dev_set``.
        mode : str, optional
            Whether the best score is the greatest (``"max"``) or the least (``"min"``). By default
            the greatest score with a metric, and the least loss without one.
        restore_best : bool
            Whether to give the model its best weights back at the end.
        verbose : bool
            Whether to print.
        **unknown
            There is no other argument: a misspelt one is an error that names its neighbor.

        Returns
        -------
        History
            ``train_losses`` and ``train_scores`` are those before each step.

        Raises
        ------
        TypeError
            If an argument is unknown, or a set is no pair.
        ValueError
            If an argument breaks its rule.

        Examples
        --------
        >>> import numpy as np
        >>> from nndl.ops import Linear, SquaredError
        >>> from nndl.optim import SGD
        >>> model = Linear(1, 1)
        >>> runner = RunnerV2(model, SGD(model), SquaredError())
        >>> data = np.ones((4, 1)), np.ones((4, 1))
        >>> len(runner.train(data, num_epochs=5, verbose=False).train_losses)
        5
        """
        checks.refuse_unknown(unknown, RunnerV2.train.__kwdefaults__)
        num_epochs, log_epochs, eval_epochs = checks.check_counts(
            num_epochs=num_epochs, log_epochs=log_epochs, eval_epochs=eval_epochs
        ).values()
        flag("verbose", verbose)
        checks.check_needed(self, "optimizer", "loss_fn")
        self.backend.check_optimizer(self.optimizer, self.loss_fn)
        check_weights_file("save_path", save_path)
        if flag("restore_best", restore_best) and dev_set is None:
            raise ValueError("dev_set must be given when restore_best is True, got None")
        mode = checks.check_mode(mode, self.metric)
        scheduler = scheduler_of(self.optimizer)
        check_scheduler(scheduler, mode, dev_set is not None, "epoch")
        if dev_set is not None:
            checks.check_pair(dev_set, "dev_set")
        inputs, labels = checks.pair(train_set, "train_set", self.backend.reader())
        history = self.history = History()
        best = Best(self.backend, history, mode, save_path, restore_best)
        started = time.perf_counter()
        self.optimizer.clear_grad()
        try:
            with self.backend.learning():
                for epoch in range(1, num_epochs + 1):
                    self._step(inputs, labels)
                    last = epoch == num_epochs
                    is_best = False
                    if dev_set is not None and (last or epoch % eval_epochs == 0):
                        is_best = self._evaluate_dev(dev_set, best)
                    at_its_time(scheduler, history.train_losses if dev_set is None else None)
                    if verbose and log_epochs and epoch % log_epochs == 0:
                        print(printable(self._words(num_epochs, is_best)))
        except KeyboardInterrupt:
            history.interrupted = True
        finally:
            history.seconds = time.perf_counter() - started
        best.finish()
        return history

    def _step(self, inputs: Any, labels: Any) -> None:
        loss, outputs = self.backend.learn(self.optimizer, self.loss_fn, inputs, labels)
        score = None if self.metric is None else score_on(self.metric, outputs, labels)
        history = self.history
        history.train_losses.append(checks.one_number("loss_fn", loss))
        history.train_scores.append(score)
        history.train_steps.append(len(history.train_losses))

    def _evaluate_dev(self, dev_set: Any, best: Best) -> bool:
        with known_as("dev_set", instead_of="data"):
            evaluation = self.evaluate(dev_set)
        step = self.history.train_steps[-1]
        self.history.dev_steps.append(step)
        self.history.dev_losses.append(evaluation.loss)
        self.history.dev_scores.append(evaluation.score)
        after_evaluation(scheduler_of(self.optimizer), evaluation, best.mode)
        return best.judge(step, evaluation)

    def _words(self, num_epochs: int, is_best: bool) -> str:
        history = self.history
        step = history.train_steps[-1]
        words = f"epoch {step:{len(str(num_epochs))}}/{num_epochs}"
        parts = [("train", history.train_losses, history.train_scores)]
        if history.dev_steps[-1:] == [step]:
            parts.append(("dev", history.dev_losses, history.dev_scores))
        for name, losses, scores in parts:
            words += f"  {name} loss {losses[-1]:.4f}"
            if scores[-1] is not None:
                words += f"  {name} {name_of(self.metric)} {scores[-1]:.4f}"
        return words + ("  best so far" if is_best else "")
