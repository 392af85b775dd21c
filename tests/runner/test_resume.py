"""A run that was stopped at any moment goes on to the weights of one that never was."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from nndl.data import Batches
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.runner import Callback, EarlyStopping, GradientNorms, RunnerV3, load_state, save_state

F = paddle.nn.functional
rng = np.random.default_rng(0)
X = rng.normal(size=(50, 6)).astype("float32")
y = rng.integers(0, 3, 50)


class Halt(Exception):  # noqa: N818
    """Stands for whatever ends a process."""


class HaltAt(Callback):
    def __init__(self, step):
        self.step = step

    def on_step_end(self, run):
        # in the middle of a step: before its evaluation and its checkpoint
        if run.step == self.step:
            raise Halt


class MixUp(Callback):
    """Draw from NumPy and Python while training, as an augmentation in the loop does."""

    def on_step_end(self, run):
        run.model[0].weight.set_value(
            run.model[0].weight * (1 + 0.01 * np.random.rand() + 0.01 * random.random())
        )


OPTIMIZERS = {
    "sgd": lambda lr, p: paddle.optimizer.SGD(lr, parameters=p),
    "momentum": lambda lr, p: paddle.optimizer.Momentum(lr, 0.9, parameters=p, use_nesterov=True),
    "adam": lambda lr, p: paddle.optimizer.Adam(
        lr, parameters=p, grad_clip=paddle.nn.ClipGradByGlobalNorm(0.5)
    ),
    "adamw": lambda lr, p: paddle.optimizer.AdamW(lr, parameters=p, weight_decay=0.1),
    "rmsprop": lambda lr, p: paddle.optimizer.RMSProp(lr, parameters=p, centered=True),
    "adagrad": lambda lr, p: paddle.optimizer.Adagrad(lr, parameters=p),
    "lamb": lambda lr, p: paddle.optimizer.Lamb(lr, parameters=p),
}
SCHEDULERS = {
    "step": lambda: paddle.optimizer.lr.StepDecay(0.05, step_size=2, gamma=0.5),
    "plateau": lambda: paddle.optimizer.lr.ReduceOnPlateau(0.05, patience=0, factor=0.7),
    "warmup": lambda: paddle.optimizer.lr.LinearWarmup(
        paddle.optimizer.lr.CosineAnnealingDecay(0.05, T_max=20), 6, 0.0, 0.05
    ),
}


def dataloader(augment=False, workers=0, persistent=False):
    class Noisy(paddle.io.Dataset):
        def __getitem__(self, index):
            noise = np.random.normal(size=6).astype("float32") if augment else 0
            return X[index] + noise, y[index]

        def __len__(self):
            return len(X)

    settings = {"num_workers": workers, "persistent_workers": persistent}
    return paddle.io.DataLoader(Noisy(), batch_size=8, shuffle=True, **settings)


LOADERS = {
    "batches": lambda: Batches(X, y, batch_size=8, shuffle=True, seed=5),
    "list": lambda: list(Batches(X, y, batch_size=8)),
    "dataloader": dataloader,
    "augmenting": lambda: dataloader(augment=True),
}


def new_runner(optimizer="adam", scheduler=None, seed=0, others=0):
    for _ in range(others):
        paddle.nn.Linear(1, 1)  # these count on: the next layers' own names become others
    paddle.seed(seed)
    np.random.seed(seed)
    random.seed(seed)
    model = paddle.nn.Sequential(
        paddle.nn.Linear(6, 16), paddle.nn.BatchNorm1D(16), paddle.nn.ReLU(),
        paddle.nn.Dropout(0.4), paddle.nn.Linear(16, 3),
    )  # fmt: skip
    rate = SCHEDULERS[scheduler]() if scheduler else 0.05
    return RunnerV3(
        model, OPTIMIZERS[optimizer](rate, model.parameters()), F.cross_entropy, Accuracy()
    )


def outcome(runner):
    history = {k: v for k, v in vars(runner.history).items() if k != "seconds"}
    return {name: value.numpy().tobytes() for name, value in runner.model.state_dict().items()}, (
        history
    )


def train(runner, loader="batches", **arguments):
    dev = Batches(X, y, batch_size=16, shuffle=True, seed=9)
    arguments = {"num_epochs": 3, "verbose": False, **arguments}
    return runner.train(LOADERS[loader](), dev, **arguments)


def check_resumed(tmp_path, halt_at, optimizer="adam", scheduler=None, callbacks=list, **arguments):
    whole = new_runner(optimizer, scheduler)
    train(whole, callbacks=callbacks(), checkpoint_path=tmp_path / "whole", **arguments)
    path = tmp_path / "checkpoint"
    halted = new_runner(optimizer, scheduler)
    with pytest.raises(Halt):
        train(halted, callbacks=[*callbacks(), HaltAt(halt_at)], checkpoint_path=path, **arguments)
    # Of the first process nothing is left but the file: other names, other states.
    resumed = new_runner(optimizer, scheduler, seed=77, others=3)
    train(resumed, callbacks=callbacks(), checkpoint_path=path, resume_from=path, **arguments)
    assert outcome(resumed) == outcome(whole)
    return resumed


@pytest.mark.parametrize("halt_at", [2, 5, 7, 8, 14, 15, 21])  # 7 steps are an epoch
@pytest.mark.parametrize("loader", LOADERS)
def test_any_step_any_loader(tmp_path, halt_at, loader):
    check_resumed(
        tmp_path, halt_at, loader=loader, checkpoint_steps=1, scheduler="step", eval_steps=4,
        scheduler_step="step", restore_best=True,
    )  # fmt: skip


@pytest.mark.parametrize("how", ["halted", "stopped early", "resumed and halted"])
def test_nobody_goes_on_to_draw_when_a_run_has_ended(tmp_path, how):
    """A DataLoader works ahead in a thread, which must not draw from the next run's numbers."""
    before, runner = set(threading.enumerate()), new_runner()
    arguments = {"loader": "augmenting", "checkpoint_steps": 1, "checkpoint_path": tmp_path / "c"}
    if how == "stopped early":
        train(runner, **arguments, callbacks=[EarlyStopping(1, min_delta=9.0)], eval_steps=1)
        assert runner.history.stopped
    else:
        with pytest.raises(Halt):
            train(runner, **arguments, callbacks=[HaltAt(2)])
    if how == "resumed and halted":
        with pytest.raises(Halt):
            train(new_runner(), **arguments, callbacks=[HaltAt(3)], resume_from=tmp_path / "c")
    assert not set(threading.enumerate()) - before


def test_processes_that_persist_serve_every_epoch_and_evaluation():
    loader, runner = dataloader(workers=1, persistent=True), new_runner()
    try:
        runner.train(loader, loader, num_epochs=2)
        assert len(runner.history.train_losses) == 14
        assert runner.evaluate(loader).loss > 0 and runner.evaluate(loader).loss > 0
    finally:
        loader._iterator._try_shutdown_all()  # Paddle has no public way to say so


def test_nobody_works_on_for_an_evaluation_that_failed():
    class Failing(Accuracy):
        def update(self, outputs, labels):
            raise Halt

    before, runner = set(threading.enumerate()), new_runner()
    runner.metric = Failing()
    with pytest.raises(Halt) as caught:  # holds the frames, as a notebook does
        runner.evaluate(dataloader())
    assert not set(threading.enumerate()) - before and caught


@pytest.mark.slow
def test_loader_with_processes_of_its_own(tmp_path):
    LOADERS["workers"] = lambda: dataloader(augment=True, workers=2)
    check_resumed(tmp_path, 12, loader="workers", checkpoint_steps=5)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_any_optimizer(tmp_path, optimizer):
    check_resumed(tmp_path, 12, optimizer, checkpoint_steps=5)


@pytest.mark.parametrize("when", ["epoch", "step"])
@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_any_scheduler(tmp_path, scheduler, when):
    check_resumed(
        tmp_path, 17, scheduler=scheduler, scheduler_step=when, checkpoint_steps=4,
    )  # fmt: skip


@pytest.mark.parametrize("halt_at", [9, 14, 15])
def test_by_epochs_only(tmp_path, halt_at):
    check_resumed(tmp_path, halt_at, scheduler="step", loader="dataloader")


def test_what_the_loop_draws(tmp_path):
    for number, loader in enumerate(("batches", "list")):
        folder = tmp_path / str(number)
        check_resumed(folder, 10, callbacks=lambda: [MixUp()], loader=loader, checkpoint_steps=3)


def test_one_loader_for_both(tmp_path):
    def run(runner, **arguments):
        both = Batches(X, y, batch_size=8, shuffle=True)
        runner.train(both, both, num_epochs=3, eval_steps=3, verbose=False, **arguments)

    path = tmp_path / "c"
    whole = new_runner()
    run(whole)
    with pytest.raises(Halt):
        run(new_runner(), callbacks=[HaltAt(12)], checkpoint_path=path, checkpoint_steps=5)
    resumed = new_runner(seed=4)
    run(resumed, resume_from=path)
    assert outcome(resumed) == outcome(whole)


def test_callbacks_go_on(tmp_path):
    def callbacks():
        return [GradientNorms(), EarlyStopping(patience=2, min_delta=0.5)]

    seen = []
    whole = new_runner()
    train(whole, callbacks=[*callbacks(), Keep(seen)], num_epochs=9, eval_steps=4)
    path = tmp_path / "c"
    with pytest.raises(Halt):
        train(
            new_runner(), callbacks=[*callbacks(), HaltAt(11)], num_epochs=9, eval_steps=4,
            checkpoint_path=path, checkpoint_steps=2,
        )  # fmt: skip
    resumed = new_runner(seed=3)
    train(
        resumed, callbacks=[*callbacks(), Keep(seen)], num_epochs=9, eval_steps=4, resume_from=path
    )
    assert outcome(resumed) == outcome(whole)
    assert whole.history.stopped == "no better value in 2 evaluations"
    assert len(whole.history.train_losses) == 12
    one, other = seen
    assert one.steps == other.steps == list(range(1, 13))
    assert one.total == other.total
    assert one.layers == other.layers


class Keep(Callback):
    """Keep the run's GradientNorms."""

    def __init__(self, seen):
        self.seen = seen

    def on_train_end(self, run):
        self.seen += [c for c in run.callbacks if isinstance(c, GradientNorms)]


def test_a_finished_run_goes_no_further_but_may_be_prolonged(tmp_path):
    path = tmp_path / "c"
    train(new_runner(), num_epochs=2, checkpoint_path=path)
    again = new_runner(seed=5)
    train(again, num_epochs=2, resume_from=path)
    assert len(again.history.train_losses) == 14
    whole = new_runner()
    train(whole, num_epochs=4)
    longer = new_runner(seed=6)
    train(longer, num_epochs=4, resume_from=path)
    assert outcome(longer) == outcome(whole)


def test_a_used_runner_goes_back(tmp_path):
    # its optimizer has names and values of its own already
    path = tmp_path / "c"
    runner = new_runner()
    train(runner, num_epochs=2, checkpoint_path=path)
    train(runner, num_epochs=3, resume_from=path)
    first = outcome(runner)
    train(runner, num_epochs=3, resume_from=path)
    assert outcome(runner) == first
    whole = new_runner()
    train(whole, num_epochs=3)
    assert first == outcome(whole)


def test_a_loss_with_weights_of_its_own(tmp_path):
    class Weighted(paddle.nn.Layer):
        def __init__(self):
            super().__init__()
            self.scale = self.create_parameter([1])

        def forward(self, outputs, labels):
            return F.cross_entropy(outputs * self.scale, labels)

    def runner(seed=0):
        base = new_runner(seed=seed)
        loss_fn = Weighted()
        parameters = [*base.model.parameters(), *loss_fn.parameters()]
        return RunnerV3(base.model, paddle.optimizer.Adam(0.05, parameters=parameters), loss_fn)

    path = tmp_path / "c"
    whole = runner()
    train(whole)
    with pytest.raises(Halt):
        train(runner(), callbacks=[HaltAt(9)], checkpoint_path=path, checkpoint_steps=4)
    resumed = runner(seed=8)
    train(resumed, resume_from=path)
    assert outcome(resumed) == outcome(whole)
    assert (resumed.loss_fn.scale == whole.loss_fn.scale).all()


def test_the_file_is_plain_and_says_where_it_stands(tmp_path):
    path = tmp_path / "c"
    train(new_runner("momentum"), checkpoint_path=path, num_epochs=1)
    state = load_state(path)  # which admits arrays and plain containers only
    assert state["position"]["step"] == 7
    assert list(state["optimizer"]) == ["velocity"]
    assert "model.0.weight" in state["optimizer"]["velocity"]
    assert os.listdir(tmp_path) == ["c"]


class TestErrors:
    def test_steps_without_a_path(self):
        with pytest.raises(ValueError, match="checkpoint_path must be given when checkpoint_steps"):
            train(new_runner(), checkpoint_steps=3)

    def test_no_file(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            train(new_runner(), resume_from=tmp_path / "nothing")

    def test_weights_are_no_checkpoint(self, tmp_path):
        new_runner().save_model(tmp_path / "w")
        with pytest.raises(ValueError, match="must name a checkpoint that train"):
            train(new_runner(), resume_from=tmp_path / "w")

    def test_a_harmful_file(self, tmp_path):
        import pickle

        (tmp_path / "c").write_bytes(pickle.dumps({"format": print}))
        with pytest.raises(ValueError, match="only arrays and plain containers"):
            train(new_runner(), resume_from=tmp_path / "c")

    def test_another_optimizer(self, tmp_path):
        train(new_runner("momentum"), checkpoint_path=tmp_path / "c")
        with pytest.raises(ValueError, match="another optimizer: it remembers velocity, this one"):
            train(new_runner("adam"), resume_from=tmp_path / "c")

    def test_another_model(self, tmp_path):
        train(new_runner("sgd"), checkpoint_path=tmp_path / "c")
        model = paddle.nn.Linear(6, 3)
        runner = RunnerV3(model, paddle.optimizer.SGD(0.1, model.parameters()), F.cross_entropy)
        with pytest.raises(ValueError, match="does not fit the model"):
            train(runner, resume_from=tmp_path / "c")

    def test_another_loader(self, tmp_path):
        path = tmp_path / "c"
        with pytest.raises(Halt):
            train(new_runner(), callbacks=[HaltAt(6)], checkpoint_path=path, checkpoint_steps=5)
        loader = Batches(X, y, batch_size=40)
        with pytest.raises(ValueError, match="it gave 2, and 5 were seen in epoch 1"):
            new_runner().train(loader, resume_from=path, verbose=False)

    def test_parameters_of_nobody(self, tmp_path):
        runner = new_runner()
        extra = paddle.create_parameter([1], "float32")
        parameters = [*runner.model.parameters(), extra]
        runner.optimizer = paddle.optimizer.Adam(0.1, parameters=parameters)
        runner.loss_fn = lambda outputs, labels: F.cross_entropy(outputs * extra, labels)
        with pytest.raises(ValueError, match="only parameters of the model or of loss_fn"):
            train(runner, checkpoint_path=tmp_path / "c")


def test_half_float_weights_come_back(tmp_path):
    model = paddle.nn.Linear(3, 2)
    model.to(dtype="bfloat16")
    state = {name: value.astype("float32") for name, value in model.state_dict().items()}
    save_state(state, tmp_path / "w")
    other = paddle.nn.Linear(3, 2)
    other.to(dtype="bfloat16")
    RunnerV3(other).load_model(tmp_path / "w")
    assert other.weight.dtype == paddle.bfloat16
    assert (other.weight.astype("float32") == model.weight.astype("float32")).all()


# What a process runs that is killed: it says when it begins, and writes what came out.
SCRIPT = """
import json, os, random, sys
import numpy as np
from nndl.data import Batches, load_digits
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.runner import Callback, RunnerV3

checkpoint, result, others = sys.argv[1], sys.argv[2], int(sys.argv[3])
for _ in range(others):
    paddle.nn.Linear(1, 1)  # so that the parameters' own names differ from process to process
paddle.seed(1)
np.random.seed(1)
train, dev, _ = load_digits()
model = paddle.nn.Sequential(
    paddle.nn.Flatten(), paddle.nn.Linear(64, 32), paddle.nn.BatchNorm1D(32), paddle.nn.ReLU(),
    paddle.nn.Dropout(0.3), paddle.nn.Linear(32, 10),
)
rate = paddle.optimizer.lr.StepDecay(0.01, step_size=40, gamma=0.9)
adam = paddle.optimizer.Adam(rate, parameters=model.parameters())
runner = RunnerV3(model, adam, paddle.nn.functional.cross_entropy, Accuracy())
print("begins", flush=True)
history = runner.train(
    Batches(*train, batch_size=32, shuffle=True), Batches(*dev), num_epochs=8, eval_steps=30,
    restore_best=False, scheduler_step="step", checkpoint_path=checkpoint, checkpoint_steps=2,
    resume_from=checkpoint if os.path.exists(checkpoint) else None, verbose=False,
)
runner.save_model(result)
with open(result + ".json", "w") as file:
    json.dump([history.train_losses, history.dev_scores, history.dev_losses], file)
print("seconds", history.seconds, flush=True)
"""


def start(folder, name, others):
    arguments = [str(folder / f"{name}.checkpoint"), str(folder / name), str(others)]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == "begins"
    return process


def finish(process):
    words = process.communicate(timeout=120)[0].split()
    assert process.returncode == 0
    return float(words[-1])  # the seconds that it trained


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_killed_at_ten_random_moments(tmp_path):
    seconds = finish(start(tmp_path, "whole", others=0))
    steps = set()
    for number in range(10):
        process = start(tmp_path, "killed", others=number)
        # so that even ten times the longest wait does not reach the end
        time.sleep(random.uniform(0, seconds / 10))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        if (tmp_path / "killed.checkpoint").exists():
            steps.add(load_state(tmp_path / "killed.checkpoint")["position"]["step"])
    assert len(steps) >= 3  # it did get forward in between
    finish(start(tmp_path, "killed", others=11))
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]
    one, other = load_state(tmp_path / "whole"), load_state(tmp_path / "killed")
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert value.tobytes() == other[name].tobytes(), name
    one, other = (json.loads((tmp_path / f"{n}.json").read_text()) for n in ("whole", "killed"))
    assert one == other
