"""Whatever rates, moments and batches come from, a resumed run has the same ones."""

import random
import warnings

import numpy as np
import pytest

from nndl.data import Batches
from nndl.device import paddle
from nndl.runner import Callback, RunnerV3

lr = paddle.optimizer.lr
rng = np.random.default_rng(0)
X, y = rng.normal(size=(24, 4)).astype("float32"), rng.integers(0, 2, 24)  # 4 steps an epoch


class Rates(Callback):
    """Keep the rate of each step."""

    def __init__(self):
        self.rates = []

    def on_backward_end(self, run):
        self.rates.append(run.optimizer.get_lr())


class StopAt(Callback):
    def __init__(self, step):
        self.step = step

    def on_step_end(self, run):
        if run.step == self.step:
            run.stop("it is time")


def new_runner(optimizer=None, seed=0, dropout=0.0):
    paddle.seed(seed)
    np.random.seed(seed)
    random.seed(seed)
    model = paddle.nn.Sequential(
        paddle.nn.Linear(4, 6), paddle.nn.Dropout(dropout), paddle.nn.Linear(6, 2)
    )
    optimizer = optimizer or (lambda p: paddle.optimizer.Momentum(0.05, parameters=p))
    return RunnerV3(model, optimizer(model.parameters()), paddle.nn.functional.cross_entropy)


def weights_of(runner):
    return {name: value.numpy().tobytes() for name, value in runner.model.state_dict().items()}


def train(runner, loader, dev_loader=None, **arguments):
    return runner.train(
        loader, dev_loader, **({"num_epochs": 4, "verbose": False} | arguments)
    )  # fmt: skip


def check_resumed(tmp_path, loader, optimizer=None, stop_at=6, dropout=0.0, dev=None, **arguments):
    """Hold a run that was stopped to one that was not; give the rates of both."""
    one, rest, other = Rates(), Rates(), Rates()
    dev, path = dev or (lambda: None), tmp_path / "c"

    def run(seed, **more):
        runner = new_runner(optimizer, seed, dropout)
        train(runner, loader(), dev(), **arguments, **more)
        return runner

    whole = run(0, checkpoint_path=tmp_path / "whole", callbacks=[one])
    run(0, checkpoint_path=path, callbacks=[rest, StopAt(stop_at)])
    resumed = run(7, resume_from=path, callbacks=[other])
    assert rest.rates + other.rates == one.rates
    assert resumed.history.train_losses == whole.history.train_losses
    assert weights_of(resumed) == weights_of(whole)
    return one.rates


class Hidden(lr.LRScheduler):
    """A reader's own scheduler, which keeps more than it says it keeps."""

    def __init__(self, learning_rate):
        self.turns, self.factor = 0, 1.0
        super().__init__(learning_rate)

    def get_lr(self):
        self.turns += 1
        self.factor *= 0.9 if self.turns % 3 else 1.5
        return self.base_lr * self.factor


SCHEDULERS = {
    "NoamDecay": lambda: lr.NoamDecay(64, 5),
    "PiecewiseDecay": lambda: lr.PiecewiseDecay([3, 7, 11], [0.1, 0.05, 0.02, 0.01]),
    "NaturalExpDecay": lambda: lr.NaturalExpDecay(0.1, 0.1),
    "InverseTimeDecay": lambda: lr.InverseTimeDecay(0.1, 0.2),
    "PolynomialDecay": lambda: lr.PolynomialDecay(0.1, 5, cycle=True),
    "LinearWarmup": lambda: lr.LinearWarmup(lr.CosineAnnealingWarmRestarts(0.1, 3, 2), 2, 0.0, 0.1),
    "ExponentialDecay": lambda: lr.ExponentialDecay(0.1, 0.9),
    "MultiStepDecay": lambda: lr.MultiStepDecay(0.1, [2, 5, 9]),
    "StepDecay": lambda: lr.StepDecay(0.1, 3),
    "LambdaDecay": lambda: lr.LambdaDecay(0.1, lambda epoch: 0.9**epoch),
    "ReduceOnPlateau": lambda: lr.ReduceOnPlateau(0.1, factor=0.8, patience=0, threshold=0.3),
    "CosineAnnealingDecay": lambda: lr.CosineAnnealingDecay(0.1, 5),
    "MultiplicativeDecay": lambda: lr.MultiplicativeDecay(0.1, lambda epoch: 0.9),
    "OneCycleLR": lambda: lr.OneCycleLR(0.1, 16),
    "CyclicLR": lambda: lr.CyclicLR(0.01, 0.1, 3, mode="exp_range", exp_gamma=0.9),
    "LinearLR": lambda: lr.LinearLR(0.1, 8),
    "CosineAnnealingWarmRestarts": lambda: lr.CosineAnnealingWarmRestarts(0.1, 2, 2),
    "a reader's": lambda: Hidden(0.1),
}


def test_no_scheduler_of_paddle_is_forgotten():
    known = {
        name for name in dir(lr)
        if isinstance(getattr(lr, name), type) and issubclass(getattr(lr, name), lr.LRScheduler)
    }  # fmt: skip
    assert known - {"LRScheduler"} <= SCHEDULERS.keys()


@pytest.mark.parametrize("stop_at", [5, 6, 8])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_scheduler_goes_on_with_the_same_rates(tmp_path, name, stop_at):
    rates = check_resumed(
        tmp_path, lambda: Batches(X, y, batch_size=6, shuffle=True), stop_at=stop_at,
        optimizer=lambda p: paddle.optimizer.SGD(SCHEDULERS[name](), parameters=p),
        scheduler_step="step",
    )  # fmt: skip
    assert len(set(rates)) > 1


def test_a_scheduler_that_was_used_goes_back(tmp_path):
    path, schedulers = tmp_path / "c", []

    def optimizer(parameters):
        schedulers.append(lr.CosineAnnealingWarmRestarts(0.1, 2, 2))
        return paddle.optimizer.SGD(schedulers[-1], parameters=parameters)

    runner, first, again = new_runner(optimizer), Rates(), Rates()
    loader = Batches(X, y, batch_size=6)
    arguments = {"scheduler_step": "step", "checkpoint_path": path}
    train(runner, loader, callbacks=[first, StopAt(6)], **arguments)
    train(runner, loader, callbacks=[again], resume_from=path, **arguments)
    whole = Rates()
    train(new_runner(optimizer), loader, callbacks=[whole], **arguments)
    assert first.rates + again.rates == whole.rates


OPTIMIZERS = {
    "ASGD": {"batch_num": 3}, "Adadelta": {}, "Adagrad": {}, "Adam": {"amsgrad": True},
    "AdamW": {"weight_decay": 0.1}, "Adamax": {}, "Lamb": {}, "Momentum": {}, "NAdam": {},
    "RAdam": {}, "RMSProp": {}, "Rprop": {}, "SGD": {"weight_decay": 0.1},
}  # fmt: skip


def test_no_optimizer_of_paddle_is_forgotten():
    kinds = {n for n in dir(paddle.optimizer) if isinstance(getattr(paddle.optimizer, n), type)}
    # LBFGS wants a function that computes the loss again and again, which no loop here gives
    assert kinds - {"Optimizer", "LBFGS"} <= OPTIMIZERS.keys()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_on_with_what_it_remembers(tmp_path, name):
    def optimizer(parameters):
        kind = getattr(paddle.optimizer, name)
        return kind(learning_rate=0.01, parameters=parameters, **OPTIMIZERS[name])

    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # no setting has changed
        check_resumed(tmp_path, lambda: Batches(X, y, batch_size=6), optimizer)


def test_an_optimizer_around_another_is_refused_before_the_first_step(tmp_path):
    def optimizer(parameters):
        inner = paddle.optimizer.Adam(0.1, parameters=parameters)
        return paddle.incubate.LookAhead(inner)

    with pytest.raises(TypeError, match="LookAhead around Adam"):
        train(new_runner(optimizer), Batches(X, y), checkpoint_path=tmp_path / "c")
    train(new_runner(optimizer), Batches(X, y))


def test_what_only_looks_like_an_optimizer_is_refused_too(tmp_path):
    class Nothing:
        def step(self):
            pass

        clear_grad = step

    runner = new_runner(lambda parameters: Nothing())
    with pytest.raises(TypeError, match="to be kept in a checkpoint, got Nothing"):
        train(runner, Batches(X, y), checkpoint_path=tmp_path / "c")


def test_groups_of_parameters(tmp_path):
    def optimizer(parameters):
        groups = [
            {"params": parameters[:2], "learning_rate": 0.1},
            {"params": parameters[2:], "weight_decay": 0.3},
        ]
        return paddle.optimizer.AdamW(0.05, parameters=groups)

    check_resumed(tmp_path, lambda: Batches(X, y, batch_size=6), optimizer)


@pytest.mark.parametrize("stop_at", [1, 2, 6, 7])
def test_a_layer_that_gets_a_gradient_only_now_and_then(tmp_path, stop_at):
    class Sometimes(paddle.nn.Layer):
        def __init__(self):
            super().__init__()
            self.always, self.rarely = paddle.nn.Linear(4, 2), paddle.nn.Linear(4, 2)

        def forward(self, x):
            return self.always(x) + (self.rarely(x) if float(x[0, 0]) > 0.5 else 0)

    def run(path, seed, **arguments):
        paddle.seed(seed)
        model = Sometimes()
        optimizer = paddle.optimizer.SGD(0.1, parameters=model.parameters(), weight_decay=0.1)
        runner = RunnerV3(model, optimizer, paddle.nn.functional.cross_entropy)
        train(runner, Batches(X, y, batch_size=6), checkpoint_path=path, **arguments)
        return weights_of(runner)

    whole = run(tmp_path / "whole", 0)
    run(tmp_path / "c", 0, callbacks=[StopAt(stop_at)])
    assert run(tmp_path / "c", 4, resume_from=tmp_path / "c") == whole


class Noisy(paddle.io.Dataset):
    """A data set that draws from one generator or another."""

    def __init__(self, draw):
        self.draw = draw

    def __getitem__(self, index):
        return X[index] + np.float32(self.draw()), y[index]

    def __len__(self):
        return len(X)


GLOBAL_RNG = np.random.default_rng(3)


def draws_globally():
    return GLOBAL_RNG.normal()


class Own:
    """A loader with a generator of its own, and no count of epochs."""

    def __init__(self, generator, draw):
        self.settings = {"generator": generator}
        self.draw = draw

    def __iter__(self):
        generator = self.settings["generator"]
        for _ in range(4):
            chosen = [int(self.draw(generator) * 24) for _ in range(6)]
            yield X[chosen], y[chosen]


class Counting:
    """A loader that counts its epochs under a name of its own."""

    def __init__(self):
        self.passes = 0

    def __iter__(self):
        self.passes += 1
        order = np.random.RandomState(self.passes).permutation(24)
        for start in range(0, 24, 6):
            yield X[order[start : start + 6]], y[order[start : start + 6]]


def closed_over():
    generator = random.Random(4)

    class Loader:
        def __iter__(self):
            for _ in range(4):
                chosen = generator.sample(range(24), 6)
                yield X[chosen], y[chosen]

    return Loader()


def loader_of(draw, **settings):
    return paddle.io.DataLoader(Noisy(draw), batch_size=6, shuffle=True, **settings)


def global_one():
    GLOBAL_RNG.bit_generator.state = np.random.default_rng(3).bit_generator.state
    return loader_of(draws_globally)


SOURCES = {
    "Paddle's": lambda: loader_of(lambda: paddle.rand([1]).item()),
    "NumPy's": lambda: loader_of(np.random.normal),
    "Python's": lambda: loader_of(random.random),
    "a data set's own": lambda: loader_of(np.random.default_rng(3).normal),
    "a global one": global_one,
    "a loader's Generator": lambda: Own(np.random.default_rng(1), lambda g: g.random()),
    "a loader's RandomState": lambda: Own(np.random.RandomState(1), lambda g: g.rand()),
    "a loader's Random": lambda: Own(random.Random(1), lambda g: g.random()),
    "a closure's": closed_over,
    "a count of its own": Counting,
    "an order drawn step by step": lambda: paddle.io.DataLoader(
        Noisy(float), batch_sampler=paddle.io.BatchSampler(
            sampler=paddle.io.WeightedRandomSampler(np.ones(24), 24), batch_size=6
        )
    ),
}  # fmt: skip


@pytest.mark.parametrize("stop_at", [6, 8])
@pytest.mark.parametrize("name", SOURCES)
def test_whatever_the_batches_are_drawn_from(tmp_path, name, stop_at):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        # dropout draws from Paddle's generator, too
        check_resumed(tmp_path, SOURCES[name], stop_at=stop_at, dropout=0.5)


def test_the_development_set_draws_too(tmp_path):
    check_resumed(
        tmp_path, lambda: Batches(X, y, batch_size=6), eval_steps=3,
        dev=lambda: Own(np.random.default_rng(1), lambda g: g.random()),
    )  # fmt: skip


class Stream(paddle.io.IterableDataset):
    def __iter__(self):
        return ((X[i] + np.float32(np.random.rand()), y[i]) for i in range(23))


@pytest.mark.parametrize("drop_last", [True, False])
@pytest.mark.parametrize("batch_size", [6, None])
def test_a_data_set_that_is_a_stream(tmp_path, batch_size, drop_last):
    def loader():
        settings = {"drop_last": drop_last} if batch_size else {}
        return paddle.io.DataLoader(Stream(), batch_size=batch_size, **settings)

    def one_sample(outputs, labels):
        return paddle.nn.functional.cross_entropy(outputs.reshape([-1, 2]), labels.reshape([-1]))

    def run(seed, **arguments):
        runner = new_runner(seed=seed)
        runner.loss_fn = one_sample
        return train(runner, loader(), num_epochs=2, **arguments).train_losses

    path = tmp_path / "c"
    whole = run(0, checkpoint_path=tmp_path / "whole")
    run(0, checkpoint_path=path, callbacks=[StopAt(5)])
    assert run(5, resume_from=path) == whole


@pytest.mark.parametrize("shape", ["pair", "dict", "nested"])
def test_a_loader_is_read_in_step_as_paddle_reads_it(shape):
    class Data(paddle.io.Dataset):
        def __getitem__(self, i):
            inputs = {"pair": X[i], "dict": {"x": X[i]}, "nested": (X[i], {"z": y[i]})}[shape]
            return inputs, int(y[i])

        def __len__(self):
            return 23

    from nndl.runner.loaders import fingerprint, in_step

    for settings in ({"batch_size": 6}, {"batch_size": 6, "drop_last": True}, {"batch_size": None}):
        loader = paddle.io.DataLoader(Data(), **settings)
        theirs, ours = list(loader), list(in_step(loader))
        assert len(theirs) == len(ours)
        if settings["batch_size"]:
            assert [fingerprint(b) for b in theirs] == [fingerprint(b) for b in ours]


def test_a_stream_that_cannot_be_wound_back_is_said_by_name(tmp_path):
    sampler = paddle.io.RandomSampler(Noisy(float), num_samples=24)
    sampler.generator = (i for _ in range(9) for i in range(24))
    loader = paddle.io.DataLoader(
        Noisy(float), batch_sampler=paddle.io.BatchSampler(sampler=sampler, batch_size=6)
    )
    with pytest.warns(RuntimeWarning, match=r"train_loader.*sampler\.generator is a stream"):
        train(new_runner(), loader, checkpoint_path=tmp_path / "c", num_epochs=1)


def test_processes_that_persist_are_said_by_name_once(tmp_path):
    loader = loader_of(np.random.normal, num_workers=1, persistent_workers=True)
    try:
        with pytest.warns(RuntimeWarning, match="train_loader keeps its worker processes") as seen:
            train(new_runner(), loader, checkpoint_path=tmp_path / "c", num_epochs=2)
        assert sum("keeps its worker" in str(warning.message) for warning in seen) == 1
    finally:
        loader._iterator._try_shutdown_all()  # Paddle has no public way to say so


def test_other_batches_than_before_are_said(tmp_path):
    path = tmp_path / "c"
    train(new_runner(), Batches(X, y, batch_size=6), checkpoint_path=path, callbacks=[StopAt(6)])
    with pytest.warns(RuntimeWarning, match="train_loader gives other batches than in the run"):
        train(new_runner(), Batches(X + 1, y, batch_size=6), resume_from=path)
