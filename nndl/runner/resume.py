"""A training run as a state: everything that must be kept to go on as if it had never stopped."""

import os
import warnings
from collections.abc import Iterable
from contextlib import contextmanager
from typing import Any

from nndl.device import paddle
from nndl.runner import checks, loaders, validity
from nndl.runner.checkpoint import load_state, save_plain
from nndl.runner.history import History
from nndl.runner.identity import check_same, description
from nndl.runner.optimizer_state import (
    make_room,
    named_parameters,
    optimizer_state,
    set_optimizer_state,
    with_gradient,
)
from nndl.runner.random_states import check_random_states, random_states, set_random_states
from nndl.runner.scheduler_state import (
    check_scheduler_state,
    plain_attributes,
    scheduler_state,
    set_scheduler_state,
)
from nndl.runner.undo import Undo

__all__: list[str] = []

FORMAT = "a run of nndl.runner"
VERSION = 2


class Checkpoints:
    """Write a run's state to a file, and take a run up from there.

    Parameters
    ----------
    run : Run
        The run.
    path : str or path, optional
        The file to write.
    steps : int
        Write every so many steps, besides each epoch's end.
    """

    def __init__(self, run: Any, path: str | os.PathLike | None, steps: int):
        self.run, self.path, self.steps = run, path, steps
        self._loaders = {"train_loader": run.train_loader, "dev_loader": run.dev_loader}
        self._at_epoch_start: dict[str, Any] = {}
        self._first = 0  # tells the epoch's first batch from another
        self._warned = False
        self._source = ""  # the file that the run goes on from
        self._state: dict[str, Any] | None = None  # what it says, until the run has gone on
        self._undo: Undo | None = None
        at_begin = {} if run.scheduler is None else plain_attributes(run.scheduler)
        self._scheduler_at_begin = at_begin
        self._counters_at_begin: dict[str, int] = {}
        if path is not None:
            self._counters_at_begin = loaders.Found(self._loaders).states()["counters"]

    @property
    def is_inside_epoch(self) -> bool:
        """Whether the run was taken up in the middle of an epoch, and has not gone on yet."""
        return self._state is not None and not self._state["position"]["epoch_done"]

    def note_first(self, batch: Any) -> None:
        """Note what an epoch begins with: nothing but its order has been drawn by then."""
        if self.path is not None:
            self._first = loaders.fingerprint(batch)

    def after_step(self) -> None:
        """Write when it is time, and where a callback stops the run."""
        if self._undo is not None:  # the first step after a resume: there is no way back
            self._undo = None
            self.run.best.save_kept()
        stops = bool(self.run.history.stopped)
        if stops or (self.steps and self.run.step % self.steps == 0):
            self.write(epoch_done=False)

    def write(self, epoch_done: bool) -> None:
        """Write where the run stands; one process does, with the random states of all."""
        run = self.run
        if self.path is None:
            return
        run.parallel.level_buffers(run.model)
        run.losses.flush()
        mine = {
            "now": self._states(),
            "epoch": self._at_epoch_start,
            "first": self._first,
        }
        everybodys = run.parallel.everybodys(mine)
        self._warn_of_lost()
        if run.is_first_process:
            save_plain(self._whole_state(epoch_done, everybodys), self.path)

    def _states(self) -> dict[str, Any]:
        """Give all that the next batches and the next step draw from."""
        found = loaders.Found(self._loaders)
        states = found.states()
        begin = self._counters_at_begin
        states["counters"] = {
            way: count
            for way, count in states["counters"].items()
            if way.endswith(".epoch") or begin.get(way) != count
        }
        return random_states() | {"loaders": states}

    def _warn_of_lost(self) -> None:
        if self._warned:
            return
        self._warned = True
        for words in loaders.words_of_lost(self._loaders, loaders.Found(self._loaders)):
            warnings.warn(
                f"a run that is resumed from {os.fspath(self.path)!r} may see other batches than "
                f"this one: {words}",
                RuntimeWarning,
                stacklevel=2,
            )

    def _whole_state(self, epoch_done: bool, randoms: list[Any]) -> dict[str, Any]:
        run, scheduler = self.run, self.run.scheduler
        named = named_parameters(run)
        remembered = optimizer_state(run.optimizer, named)
        stepped = set(with_gradient(named)).union(*remembered.values())
        state = {
            "format": FORMAT,
            "version": VERSION,
            "run": description(run),
            "model": run.backend.state(),
            "loss_fn": state_of_loss(run.loss_fn),
            "optimizer": remembered,
            "stepped": [name for name in named if name in stepped],
            "scheduler": scheduler and scheduler_state(scheduler, self._scheduler_at_begin),
            "scaler": run.precision.state(),
            "random": randoms,
            "position": {
                "epoch": run.epoch, "batch": run.batch, "step": run.step, "epoch_done": epoch_done
            },
            "history": {n: vars(run.history)[n] for n in vars(History())}
            | {"seconds": run.seconds()},
            "epoch_sizes": list(run.losses.sizes),
            "best": run.best.weights,
            "callbacks": [[type(c).__name__, c.state()] for c in run.callbacks],
        }  # fmt: skip
        return validity.plain(state, "the run")

    def read(self, path: str | os.PathLike) -> None:
        """Read a file, and check all that it says before anything is touched.

        Raises
        ------
        ValueError
            If it is no checkpoint, is damaged, or is one of another run.
        """
        run, self._source = self.run, os.fspath(path)
        state = load_state(path)
        if state.get("format") != FORMAT:
            raise ValueError(
                f"resume_from must name a checkpoint that train() wrote, got {self._source!r}; "
                "weights alone are loaded by load_model()"
            )
        if state.get("version") != VERSION:
            raise ValueError(
                f"{self._source!r} was written by another version of nndl, whose checkpoints hold "
                "less: it can't be resumed by this one"
            )
        with self._naming_the_file():
            validity.check_fields(state, run)
            changed = check_same(state["run"], description(run))
            validity.check_arrays(state, run)
            if run.scheduler is not None:
                changed += check_scheduler_state(run.scheduler, state["scheduler"])
            found, own = loaders.Found(self._loaders), random_states()
            for entry in state["random"]:
                for moment in ("now", "epoch"):
                    check_random_states(entry[moment], own)
                    found.check(entry[moment]["loaders"])
        self._warn_of_changes(changed, state)
        self._state = state

    def _warn_of_changes(self, changed: list[str], state: dict[str, Any]) -> None:
        missing = set(self._mine(state)["now"]["loaders"]["generators"])
        missing -= set(loaders.Found(self._loaders).generators)
        changed += [f"the random generator {way} (no longer there)" for way in sorted(missing)]
        if changed:
            warnings.warn(
                f"the run goes on from {self._source!r} with another setting: {'; '.join(changed)}",
                RuntimeWarning,
                stacklevel=2,
            )

    def resume(self) -> None:
        """Bring the run to where the file says that was read.

        Until a step has been made, :meth:`give_up` takes all of it back.
        """
        run, state = self.run, self._state
        assert state is not None
        self._undo = Undo(run, loaders.Found(self._loaders))
        try:
            with self._naming_the_file():
                self._set(state)
        except BaseException:
            self.give_up()
            raise

    def _set(self, state: dict[str, Any]) -> None:
        run, named = self.run, named_parameters(self.run)
        make_room(run.optimizer, named, state["stepped"], state["optimizer"])
        set_optimizer_state(run.optimizer, named, state["optimizer"])
        run.backend.set_state(state["model"])
        if state["loss_fn"] is not None:
            run.loss_fn.set_state_dict(state["loss_fn"])
        if run.scheduler is not None:
            set_scheduler_state(run.scheduler, state["scheduler"])
            # what has moved before goes on to count as moved
            for name in state["scheduler"]["kept"]:
                self._scheduler_at_begin.pop(name, None)
        run.precision.set_state(state["scaler"])
        vars(run.history).update(state["history"])
        run.history.interrupted, run.history.stopped = False, None
        run.losses.sizes[:] = state["epoch_sizes"]
        _give_callbacks(run.callbacks, state["callbacks"])
        position = state["position"]
        run.epoch, run.step, run.batch = (position[n] for n in ("epoch", "step", "batch"))
        run.seconds_before = run.history.seconds
        run.resumed = True
        for way in self._mine(state)["now"]["loaders"]["counters"]:
            self._counters_at_begin.pop(way, None)
        run.best.resume(state["best"])  # the file is written when the run has gone on

    def give_up(self) -> None:
        """Put all back as it was, if the run has been brought to a file's state and not gone on."""
        if self._undo is not None:
            self._undo()
            self._undo = None

    def _mine(self, state: dict[str, Any]) -> dict[str, Any]:
        parallel, randoms = self.run.parallel, state["random"]
        return randoms[parallel.rank if len(randoms) == parallel.size else 0]

    @contextmanager
    def _naming_the_file(self) -> Any:
        """Name the file in whatever goes wrong with what it says."""
        try:
            yield
        except (OSError, MemoryError):
            raise
        except Exception as error:
            is_ours = isinstance(error, ValueError)
            words = str(error) if is_ours else f"{type(error).__name__}: {error}"
            raise ValueError(f"{self._source!r} can't be resumed: {words}") from error

    def batches(self) -> Iterable[Any]:
        """Give the batches of the epoch that is next, less those that a resumed run has seen."""
        run, state = self.run, self._state
        if state is None:
            run.epoch, run.batch = run.epoch + 1, 0
            return self._begin_epoch()
        self._state = None
        mine = self._mine(state)
        if state["position"]["epoch_done"]:
            self._set_states(mine["now"])
            return self.batches()
        # The order is drawn as it was then; what was seen is passed over.
        self._set_states(mine["epoch"])
        batches = iter(self._begin_epoch())
        try:
            with self._naming_the_file():
                self._pass_over(batches, mine["first"])
        except BaseException:
            checks.end_working_ahead(batches)
            raise
        self._set_states(mine["now"])
        return batches

    def _begin_epoch(self) -> Iterable[Any]:
        """Keep what the order of the epoch's batches is drawn from, and begin to draw them."""
        loader = self.run.train_loader
        if self.path is not None:
            self._at_epoch_start = self._states()
        return loader if self.path is None and not self._source else loaders.in_step(loader)

    def _set_states(self, states: dict[str, Any]) -> None:
        set_random_states(states)
        loaders.Found(self._loaders).set(states["loaders"])

    def _pass_over(self, batches: Any, first: int) -> None:
        run, sizes = self.run, []
        for number in range(run.batch):
            batch = next(batches, None)
            if batch is None:
                raise ValueError(
                    f"train_loader must give the batches of the run that is resumed: it gave "
                    f"{number}, and {run.batch} were seen in epoch {run.epoch}"
                )
            inputs, labels = checks.pair(batch, "train_loader", run.reader)
            sizes.append(checks.batch_size(labels, inputs))
            if number == 0:
                self._first = loaders.fingerprint(batch)
        if sizes != run.losses.sizes:
            number = next(i for i, size in enumerate(sizes) if size != run.losses.sizes[i])
            raise ValueError(
                "train_loader must give the batches of the run that is resumed: batch "
                f"{number + 1} has {sizes[number]} samples, and had {run.losses.sizes[number]} in "
                f"epoch {run.epoch}"
            )
        if self._first != first:
            warnings.warn(
                f"train_loader gives other batches than in the run that {self._source!r} is of: "
                "the run goes on with batches that it may have seen in this epoch, or not. Its "
                "data or their order are not the same, or are drawn from what no checkpoint holds",
                RuntimeWarning,
                stacklevel=2,
            )


def state_of_loss(loss_fn: Any) -> dict[str, Any] | None:
    """Give the weights of a loss function that has any."""
    if not isinstance(loss_fn, paddle.nn.Layer):
        return None
    return {name: tensor.numpy() for name, tensor in loss_fn.state_dict().items()}


def _give_callbacks(callbacks: list[Any], states: list[Any]) -> None:
    """Give each callback the state of the first of its kind that nobody has yet."""
    left = list(states)
    for callback in callbacks:
        for entry in left:
            if entry[0] == type(callback).__name__:
                callback.set_state(entry[1])
                left.remove(entry)
                break
