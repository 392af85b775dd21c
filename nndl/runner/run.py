"""One call of RunnerV3.train: the loop, and where it stands."""

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nndl.arithmetic.checks import choice, flag
from nndl.files import remove_leftovers
from nndl.runner import checks
from nndl.runner.backends import call, modes_kept
from nndl.runner.best import Best
from nndl.runner.callbacks import Callback, Hooks
from nndl.runner.conversion import FaultsNamed, known_as
from nndl.runner.history import Evaluation, History, LossLog
from nndl.runner.measure import name_of
from nndl.runner.optimizer_state import check_optimizer
from nndl.runner.parallel import Parallel
from nndl.runner.paths import check_checkpoint_file, check_distinct, check_path, check_weights_file
from nndl.runner.precision import words_for_lack_of_memory
from nndl.runner.resume import Checkpoints
from nndl.runner.schedule import (
    after_evaluation,
    at_its_time,
    check_scheduler,
    scheduler_of,
    value_for,
)

__all__ = ["Run"]


@dataclass
class Settings:
    """What a call of ``train`` was asked for, checked."""

    num_epochs: int = 1
    log_steps: int = 100
    eval_steps: int = 0
    save_path: str | os.PathLike | None = None
    mode: str | None = None
    restore_best: bool = False
    scheduler_step: str = "epoch"
    callbacks: Sequence[Callback] = field(default_factory=tuple)
    checkpoint_path: str | os.PathLike | None = None
    checkpoint_steps: int = 0
    resume_from: str | os.PathLike | None = None

    def check(self, runner: Any, dev_loader: Iterable | None) -> None:
        """Check each setting, and that they go together."""
        counts = checks.check_counts(
            num_epochs=self.num_epochs, log_steps=self.log_steps, eval_steps=self.eval_steps,
            checkpoint_steps=self.checkpoint_steps,
        )  # fmt: skip
        vars(self).update(counts)
        flag("restore_best", self.restore_best)
        choice("scheduler_step", self.scheduler_step, ("epoch", "step"))
        checks.check_needed(runner, "optimizer", "loss_fn")
        if dev_loader is None and (self.eval_steps or self.restore_best):
            setting = (
                f"eval_steps is {self.eval_steps}" if self.eval_steps else "restore_best is True"
            )
            raise ValueError(f"dev_loader must be given when {setting}, got None")
        self.mode = checks.check_mode(self.mode, runner.metric)
        scheduler = scheduler_of(runner.optimizer)
        check_scheduler(scheduler, self.mode, dev_loader is not None, self.scheduler_step)
        if self.checkpoint_steps and self.checkpoint_path is None:
            raise ValueError(
                f"checkpoint_path must be given when checkpoint_steps is {self.checkpoint_steps}, "
                "got None"
            )
        if self.checkpoint_path is not None or self.resume_from is not None:
            check_optimizer(runner.optimizer)
        check_path("resume_from", self.resume_from)
        check_checkpoint_file("checkpoint_path", self.checkpoint_path)
        check_weights_file("save_path", self.save_path)
        check_distinct(checkpoint_path=self.checkpoint_path, save_path=self.save_path)
        check_distinct(resume_from=self.resume_from, save_path=self.save_path)
        if not isinstance(self.callbacks, (list, tuple)):
            raise TypeError(
                "callbacks must be a list of nndl.runner.Callback, got "
                f"{checks.kind(self.callbacks)}"
            )
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                raise TypeError(
                    "callbacks must be a list of nndl.runner.Callback, with "
                    f"{checks.kind(callback)} in it"
                )


class Run:
    """Where a call of ``train`` stands; a callback is given it.

    Attributes
    ----------
    model, optimizer, loss_fn, metric : object
        The four parts.
    history : History
        What is known so far; the last losses may still wait in ``losses``.
    losses : LossLog
        ``losses.flush()`` writes what waits into the history, and waits for the device.
    epoch, num_epochs : int
        Under way, from 1, and how many there are to be.
    batch, step : int
        How many were done in this epoch and in all.
    total : int or None
        How many steps there are to be; ``None`` for a stream.
    evaluation : Evaluation or None
        The last one.
    value : float
        The score of the last evaluation, or its loss where there is no metric.
    is_evaluated : bool
        Whether that evaluation is of the weights as they are now, and not of some steps ago.
    is_best : bool
        Whether the weights as they are now were evaluated, and are the best so far.
    mode : str
        Whether ``"max"`` or ``"min"`` is the best.
    resumed : bool
        Whether the run goes on from a checkpoint.
    is_first_process : bool
        Whether to write and print: of several processes, one does.

    Examples
    --------
    See :class:`nndl.runner.Callback`.
    """

    def __init__(
        self,
        runner: Any,
        train_loader: Iterable,
        dev_loader: Iterable | None,
        settings: Settings,
        callbacks: Sequence[Callback],
    ):
        self.runner, self.settings = runner, settings
        self.model, self.optimizer = runner.model, runner.optimizer
        self.loss_fn, self.metric, self.backend = runner.loss_fn, runner.metric, runner.backend
        self.train_loader, self.dev_loader = train_loader, dev_loader
        self.mode, self.num_epochs = settings.mode, settings.num_epochs
        self.precision, self.parallel = runner.precision, Parallel()
        self.is_first_process = self.parallel.rank == 0
        # the Runner has it from the moment that the run is sure to begin
        self.history, self.history_before = History(), runner.history
        self.losses = LossLog(self.history, reduce=self.parallel.mean)
        save_path = settings.save_path if self.is_first_process else None
        for path in (save_path, settings.checkpoint_path):
            if path is not None and self.is_first_process:
                remove_leftovers(path)
        self.best = Best(
            self.backend, self.history, self.mode, save_path, settings.restore_best,
            keep=settings.checkpoint_path is not None and self.is_first_process,
        )  # fmt: skip
        self.checkpoints = Checkpoints(self, settings.checkpoint_path, settings.checkpoint_steps)
        self.callbacks = list(callbacks)
        self.hooks: Any = Hooks(self.callbacks)
        length = checks.length_of(train_loader)
        self.total = None if length is None else length * self.num_epochs
        self.epoch = self.batch = self.step = 0
        self.loss: Any = None
        self.batch_samples = 0
        self.resumed = False
        self.seconds_before, self._started = 0.0, time.perf_counter()

    @property
    def evaluation(self) -> Evaluation | None:
        """The last evaluation of the development set."""
        if not self.history.dev_steps:
            return None
        return Evaluation(self.history.dev_scores[-1], self.history.dev_losses[-1])

    @property
    def value(self) -> float:
        """The score of the last evaluation, or its loss where there is no metric."""
        return self.value_for(self.mode)

    def value_for(self, mode: str) -> float:
        """Give the last evaluation's value of which the greatest, or the least, is the best.

        Parameters
        ----------
        mode : str
            The run's own ``mode`` for the value that it judges; ``"min"`` in a run of ``"max"``
            for the loss.

        Returns
        -------
        float
            NaN before the first evaluation.
        """
        return value_for(self.evaluation, self.mode, mode)

    @property
    def is_evaluated(self) -> bool:
        """Whether the last evaluation is of the weights as they are now."""
        return self.history.dev_steps[-1:] == [self.step]

    @property
    def is_best(self) -> bool:
        """Whether the weights as they are now were evaluated, and are the best so far."""
        return self.is_evaluated and self.history.best_step == self.step

    @property
    def scheduler(self) -> Any:
        """The optimizer's scheduler of the learning rate, if it has one."""
        return scheduler_of(self.optimizer)

    @property
    def score_name(self) -> str:
        """The name of the score."""
        return "score" if self.metric is None else name_of(self.metric)

    @property
    def evaluates_now(self) -> bool:
        """Whether an evaluation comes after this step, by ``eval_steps``."""
        return bool(self.settings.eval_steps) and self.step % self.settings.eval_steps == 0

    def stop(self, why: str) -> None:
        """End the training after this step; a checkpoint, if there are any, is written there.

        Parameters
        ----------
        why : str
            It is printed, and kept as ``history.stopped``. A run that goes on from the checkpoint
            has nothing there until it is stopped too.

        Raises
        ------
        ValueError
            If it is no text, or an empty one.

        Examples
        --------
        >>> from nndl.runner import Callback
        >>> class OneStep(Callback):
        ...     def on_step_end(self, run):
        ...         run.stop("one step is enough")
        """
        if not isinstance(why, str) or not why:
            raise ValueError(f"why must be a text that says why the run stops, got {why!r}")
        self.history.stopped = why

    def seconds(self) -> float:
        """Tell how long the run has taken, with what came before it was resumed.

        Returns
        -------
        float
        """
        return self.seconds_before + time.perf_counter() - self._started

    def go(self) -> None:
        """Train."""
        history = self.history
        resumes = self.settings.resume_from is not None
        if resumes:
            self.checkpoints.read(self.settings.resume_from)  # checked before anything is touched
        self.precision.prepare(self.model, self.optimizer)
        self.optimizer.clear_grad()
        if resumes:
            self.checkpoints.resume()
        self.runner.history = history
        self.network = self.parallel.wrap(self.model)
        self.reader = self.backend.reader()
        try:
            with modes_kept(self.model), words_for_lack_of_memory(self):
                self._tell(self.hooks.train_begin)
                while self._has_more():
                    self._train_epoch()
                self.parallel.level_buffers(self.model)
        except BaseException as error:
            self.losses.reduce = None  # other processes may not get here: don't wait for them
            if not isinstance(error, KeyboardInterrupt):
                self.checkpoints.give_up()
                raise
            history.interrupted = True
        finally:
            self.losses.flush()
            history.seconds = self.seconds()
            self._tell(self.hooks.train_end)
        self.best.finish()
        if not history.interrupted:
            self.parallel.wait()

    def _has_more(self) -> bool:
        under_way = self.checkpoints.is_inside_epoch
        return not self.history.stopped and (under_way or self.epoch < self.num_epochs)

    def _train_epoch(self) -> None:
        batches = iter(self.checkpoints.batches())
        self.model.train()
        try:
            for batch in batches:
                self._train_step(batch)
                if self.history.stopped:
                    return
        finally:
            checks.end_working_ahead(batches)
        if self.batch == 0:
            raise checks.no_batch("train_loader", self.epoch)
        self.losses.end_epoch()
        last = self.epoch == self.num_epochs
        due = self.dev_loader is not None and (not self.settings.eval_steps or last)
        if due and not self.is_evaluated:
            self._evaluate()
        if self.settings.scheduler_step == "epoch":
            self._step_scheduler()
        self._tell(self.hooks.epoch_end)
        self.checkpoints.write(epoch_done=True)

    def _train_step(self, batch: Any) -> None:
        if self.batch == 0:
            self.checkpoints.note_first(batch)
        inputs, labels = checks.pair(batch, "train_loader", self.reader)
        self.batch_samples = checks.batch_size(labels, inputs)
        inputs, labels, weight = self.parallel.share(self.train_loader, inputs, labels)
        with FaultsNamed("labels", labels, "train_loader"):
            with self.precision.casting():
                loss = self.loss_fn(call(self.network, inputs, "train_loader"), labels)
            if self.loss is None:
                checks.check_loss(loss)
                checks.check_gradient(loss)
            loss = loss if weight == 1.0 else loss * weight
            self.precision.backward(loss, self.optimizer)
        for look in self.hooks.backward_end:
            look(self)
        self.precision.step(self.optimizer)
        self.optimizer.clear_grad()
        self.step += 1
        self.batch += 1
        self.loss = self.losses.add(loss, self.batch_samples)
        for look in self.hooks.step_end:
            look(self)
        if self.settings.scheduler_step == "step":
            self._step_scheduler()
        if self.evaluates_now:
            self._evaluate()
        self.checkpoints.after_step()

    def _evaluate(self) -> None:
        self.parallel.level_buffers(self.model)
        evaluation = self._measured()
        self.history.dev_steps.append(self.step)
        self.history.dev_losses.append(evaluation.loss)
        self.history.dev_scores.append(evaluation.score)
        self.best.judge(self.step, evaluation)
        self._tell(self.hooks.evaluate)
        after_evaluation(self.scheduler, evaluation, self.mode)

    def _measured(self) -> Evaluation:
        try:
            with known_as("dev_loader", instead_of="loader"):
                return self.runner.evaluate(self.dev_loader)
        except checks.NoBatchError:
            epoch = self.epoch if self.history.dev_steps else 1
            raise checks.no_batch("dev_loader", epoch) from None

    def _tell(self, looks: list[Any]) -> None:
        for look in looks:
            look(self)

    def _step_scheduler(self) -> None:
        losses = self.history.epoch_losses if self.dev_loader is None else None
        at_its_time(self.scheduler, losses)
