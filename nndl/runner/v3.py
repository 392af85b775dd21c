"""RunnerV3: mini-batches of any iterable, any layer, any metric, and runs that can be taken up."""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Any

from nndl.arithmetic.checks import flag
from nndl.runner import checks
from nndl.runner.callbacks import Callback
from nndl.runner.core import Runner
from nndl.runner.export import export_model
from nndl.runner.history import Evaluation, History
from nndl.runner.live_plot import LivePlot
from nndl.runner.log_lines import Logging
from nndl.runner.measure import measure
from nndl.runner.parallel import Parallel, ParallelBackend, is_sharded
from nndl.runner.precision import Precision
from nndl.runner.run import Run, Settings

__all__ = ["RunnerV3"]


class RunnerV3(Runner):
    """Bind model, optimizer, loss function and metric, and train by mini-batches.

    To RunnerV2 it adds batches from any loader, and with them all that long runs need: progress,
    schedulers, callbacks, checkpoints, mixed precision, several processes.

    Parameters
    ----------
    model : paddle.nn.Layer
        Any; it is called with what a batch holds as inputs: one array, several as several
        arguments (a tuple or list), or several by name (a dict).
    optimizer : paddle.optimizer.Optimizer, optional
        Needed to train. Its learning-rate scheduler, if it has one, is stepped, and its
        ``grad_clip`` used.
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

    Notes
    -----
    Under ``python -m paddle.distributed.launch`` the same script trains on several processes: each
    takes a share of every batch, the gradients and measures are those of the whole batch, and one
    process prints and writes. All processes must then make the same calls, also of
    :meth:`evaluate`.

    Examples
    --------
    >>> from nndl.data import Batches, load_digits
    >>> from nndl.device import paddle
    >>> from nndl.metrics import Accuracy
    >>> train, dev, test = load_digits()
    >>> model = paddle.nn.Sequential(paddle.nn.Flatten(), paddle.nn.Linear(64, 10))
    >>> optimizer = paddle.optimizer.SGD(0.5, parameters=model.parameters())
    >>> runner = RunnerV3(model, optimizer, paddle.nn.functional.cross_entropy, Accuracy())
    >>> history = runner.train(Batches(*train), Batches(*dev), num_epochs=2, verbose=False)
    >>> history.dev_steps
    [19, 38]
    """

    takes_ops = takes_function = False

    def __init__(
        self,
        model: Any,
        optimizer: Any = None,
        loss_fn: Callable | None = None,
        metric: Any = None,
    ):
        super().__init__(model, optimizer, loss_fn, metric)
        self.precision = Precision()

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
        amp: bool | str = False,
        amp_dtype: str = "float16",
        callbacks: Sequence[Callback] = (),
        checkpoint_path: str | os.PathLike | None = None,
        checkpoint_steps: int = 0,
        resume_from: str | os.PathLike | None = None,
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
            Save the best weights here, or the last ones without a ``dev_loader``. A run that is
            resumed has them in its checkpoint, wherever the file is by now.
        mode : str, optional
            Whether the best score is the greatest (``"max"``) or the least (``"min"``). By default
            the greatest score with a metric, and the least loss without one.
        restore_best : bool
            Whether to give the model its best weights back at the end.
        scheduler_step : str
            Step the learning-rate scheduler after each ``"epoch"`` or each ``"step"``. A
            ``ReduceOnPlateau`` is stepped after each evaluation, whenever that is: by the value
            that `mode` judges if its own mode is the same, and by the loss if that is ``"min"``
            beside ``"max"``. Without a ``dev_loader`` it is given each epoch's training loss.
        amp : bool or str
            Mixed precision on a GPU: ``"O1"`` computes in 16 bits where that is safe, ``"O2"``
            keeps the weights in 16 bits too; ``False`` for neither. On a CPU it has no effect.
        amp_dtype : str
            ``"float16"`` or ``"bfloat16"``.
        callbacks : sequence of Callback
            Told what happens: :class:`EarlyStopping`, :class:`GradientNorms`, ...
        checkpoint_path : str or path, optional
            Write here, at the end of each epoch and where a callback stops the run, all that it
            takes to go on from there. It is no ``.safetensors`` file, which holds arrays only.
        checkpoint_steps : int
            Write it every so many steps, too.
        resume_from : str or path, optional
            Go on from such a file: with the same arguments otherwise, the weights become the same,
            bit for bit on a CPU, as if the run had never stopped. ``num_epochs`` may have grown.
            The file is checked first: one that is damaged, or of another model, optimizer,
            scheduler, metric or mode, is refused, and nothing has been touched. Another learning
            rate or the like is taken, with a warning.
        verbose : bool
            Whether to show progress: lines, and in a notebook that somebody watches a bar and
            moving curves.
        **unknown
            There is no other argument: a misspelt one is an error that names its neighbor.

        Returns
        -------
        History
            Of a resumed run, with what went before.

        Raises
        ------
        TypeError
            If an argument is unknown, or a loader gives something else than pairs.
        ValueError
            If an argument breaks its rule, a loader gives no batch, a file can't be written where
            it should be, or ``resume_from`` is no checkpoint of such a run.
        MemoryError
            If the memory does not suffice; it says what to turn down.

        Notes
        -----
        A checkpoint holds the global random states of Paddle, NumPy and Python, those of generators
        that are attributes of the loaders or of what they refer to, and whole numbers there that
        count. To resume in the middle of an epoch, its batches so far are drawn once more and
        passed over. Whatever can't be kept is named in a warning when the first checkpoint is
        written: worker processes that persist, Python generators. A :class:`paddle.io.DataLoader`
        without workers is read in the thread of the training where checkpoints are written, and
        not ahead in one of its own, so that random numbers are drawn in one order.

        Examples
        --------
        >>> from nndl.device import paddle
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
        settings = Settings(
            num_epochs=num_epochs, log_steps=log_steps, eval_steps=eval_steps,
            save_path=save_path, mode=mode, restore_best=restore_best,
            scheduler_step=scheduler_step, callbacks=callbacks, checkpoint_path=checkpoint_path,
            checkpoint_steps=checkpoint_steps, resume_from=resume_from,
        )  # fmt: skip
        checks.check_loader(train_loader, "train_loader")
        if dev_loader is not None:
            checks.check_loader(dev_loader, "dev_loader")
        settings.check(self, dev_loader)
        self.backend.check_optimizer(self.optimizer, self.loss_fn)
        self.precision = Precision(amp, amp_dtype)
        own = [LivePlot(), Logging(settings.log_steps)] if flag("verbose", verbose) else []
        given = {type(callback) for callback in callbacks}
        watching = [*(callback for callback in own if type(callback) not in given), *callbacks]
        watching.sort(key=lambda callback: not isinstance(callback, LivePlot))  # above all lines
        Run(self, train_loader, dev_loader, settings, watching).go()
        return self.history

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
            If ``loader`` gives nothing, or something else than pairs.
        ValueError
            If there is neither metric nor loss function, or no batch.

        Examples
        --------
        >>> from nndl.device import paddle
        >>> runner = RunnerV3(paddle.nn.Linear(2, 1), loss_fn=paddle.nn.functional.mse_loss)
        >>> runner.evaluate([(paddle.zeros([4, 2]), paddle.zeros([4, 1]))])
        Evaluation(score=None, loss=0.0)
        """
        checks.check_loader(loader, "loader")
        parallel = Parallel()
        backend = self.backend
        if parallel.size > 1:
            backend = ParallelBackend(self.model, parallel, is_sharded(loader))
        pairs = checks.pairs(loader, "loader", backend.reader())
        with self.precision.casting(), closing(pairs) as batches:
            return measure(backend, batches, self.metric, self.loss_fn, "loader")

    def predict(self, x: Any) -> Any:
        """Compute the model's outputs, as for use: without dropout, without gradients.

        Parameters
        ----------
        x : paddle.Tensor or array
            What the model takes, such as ``[N, C, H, W]``; a tuple or a dict of arrays for a model
            with several inputs.

        Returns
        -------
        paddle.Tensor
            What the model gives, such as logits ``[N, classes]``.

        Raises
        ------
        TypeError
            If ``x`` holds no numbers, or numbers of a type that the model does not take.
        ValueError
            If it has a shape that the model does not take.

        Examples
        --------
        >>> from nndl.device import paddle
        >>> list(RunnerV3(paddle.nn.Linear(2, 3)).predict([[1.0, 2.0]]).shape)
        [1, 3]
        """
        with self.precision.casting():
            return super().predict(x)

    def export(self, path: str | os.PathLike, inputs: Any) -> None:
        """Save the model for use elsewhere, without the code that made it.

        Parameters
        ----------
        path : str or path
            The beginning of the files' names, without an ending.
        inputs : array, paddle.Tensor, paddle.static.InputSpec, or a sequence of them
            What the model takes: an example, or its specification.

        Raises
        ------
        TypeError
            If ``inputs`` is something else, or of a type that the model does not take.
        ValueError
            If ``path`` is no place where files can be written, or the model can't be run on
            ``inputs``.
        OSError
            If the files could not be written whole.

        Examples
        --------
        >>> from nndl.device import paddle
        >>> import tempfile
        >>> runner = RunnerV3(paddle.nn.Linear(2, 3))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     runner.export(f"{folder}/linear", paddle.zeros([1, 2]))
        ...     again = paddle.jit.load(f"{folder}/linear")
        >>> list(again(paddle.ones([4, 2])).shape)
        [4, 3]
        """
        export_model(self.model, path, inputs)
