"""What does not fit is refused by the file's name, and then nothing has been touched."""

import copy
import itertools
import random
import threading
import warnings

import numpy as np
import pytest

from nndl.data import Batches
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.runner import Callback, EarlyStopping, GradientNorms, RunnerV3, load_state
from nndl.runner.checkpoint import save_plain
from nndl.runner.random_states import random_states

F = paddle.nn.functional
lr = paddle.optimizer.lr
rng = np.random.default_rng(0)
X, y = rng.normal(size=(24, 4)).astype("float32"), rng.integers(0, 3, 24)  # 4 steps an epoch


class StopAt(Callback):
    def __init__(self, step):
        self.step = step

    def on_step_end(self, run):
        if run.step == self.step:
            run.stop("it is time")


class Loss(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.scale = self.create_parameter([1])

    def forward(self, outputs, labels):
        return F.cross_entropy(outputs * self.scale, labels)


class Loader(Batches):
    """A loader with a generator of its own, and all that the tests look at."""

    def __init__(self, batch_size=6):
        super().__init__(X, y, batch_size=batch_size, shuffle=True)
        self.generator = np.random.default_rng(4)


class Setting:
    """A runner with all that it trains with."""

    def __init__(self, seed=0, activation=None, optimizer="AdamW", scheduler=None, **settings):
        paddle.seed(seed)
        layers = paddle.nn.Linear(4, 5), activation or paddle.nn.ReLU(), paddle.nn.Linear(5, 3)
        model = settings.pop("model", paddle.nn.Sequential)(*layers)
        loss_fn = Loss()
        parameters = [*model.parameters(), *loss_fn.parameters()]
        scheduler = scheduler or lr.StepDecay(0.05, 2)
        kind = getattr(paddle.optimizer, optimizer)
        optimizer = kind(learning_rate=scheduler, parameters=parameters, weight_decay=0.1)
        metric = settings.pop("metric", Accuracy())
        self.runner = RunnerV3(model, optimizer, loss_fn, metric)
        self.runner.history = "the old one"
        self.scheduler, self.loader, self.dev = scheduler, Loader(), Batches(X, y)
        self.callbacks = [EarlyStopping(9), GradientNorms()]
        self.settings = {"num_epochs": 1, "eval_steps": 2, "scheduler_step": "step"} | settings

    def train(self, **arguments):
        callbacks = [*self.callbacks, *arguments.pop("callbacks", [])]
        arguments = self.settings | arguments
        return self.runner.train(
            self.loader, self.dev, verbose=False, callbacks=callbacks, **arguments
        )

    def all(self):
        """Give all that a resume may change, in a form that can be compared."""
        optimizer = self.runner.optimizer.state_dict()
        parts = (self.runner.model, self.runner.loss_fn)
        states = random_states()
        words = states["numpy"]
        return {
            "weights": [{n: v.numpy().tobytes() for n, v in p.state_dict().items()} for p in parts],
            "optimizer": {n: v.numpy().tobytes() for n, v in optimizer.items() if n[0] != "L"},
            "has gradient": [p.grad is None for p in self.runner.model.parameters()],
            "scheduler": copy.deepcopy(vars(self.scheduler)),
            "random": [words[1].tobytes(), words[2:], states["python"][1].tobytes(),
                       states["paddle_cpu"]],
            "loader": [self.loader.epoch, self.dev.epoch,
                       self.loader.generator.bit_generator.state],
            "callbacks": [{k: v for k, v in vars(c).items() if k[0] != "_"}
                          for c in self.callbacks],
            "history": self.runner.history,
        }  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write a checkpoint in the middle of the first epoch."""
    path = tmp_path_factory.mktemp("resume") / "run.checkpoint"
    Setting().train(checkpoint_path=path, callbacks=[StopAt(3)])
    return path


def check_refused(setting, path, match, **arguments):
    before = setting.all()
    with pytest.raises(ValueError, match=match) as caught:
        setting.train(resume_from=path, **arguments)
    assert setting.all() == before
    return str(caught.value)


class Tanh(paddle.nn.Layer):
    """The same layers in the same places, another order of use."""

    def __init__(self, *layers):
        super().__init__()
        for number, layer in enumerate(layers):
            self.add_sublayer(str(number), layer)

    def forward(self, x):
        for layer in self.sublayers():
            x = layer(x)
        return x


REFUSED = {
    "activation": ({"activation": paddle.nn.Tanh()}, r"the layer '1' was .*ReLU.*here .*Tanh"),
    "slope": ({"activation": paddle.nn.LeakyReLU(0.3)}, "the layer '1' was .*ReLU"),
    "class": ({"model": Tanh}, "the model was .*Sequential.*, here it is Tanh"),
    "Adam": ({"optimizer": "Adam"}, "another optimizer: it remembers .*this one is Adam, .*AdamW"),
    "SGD": ({"optimizer": "SGD"}, "another optimizer: .*this one is SGD, that one was AdamW"),
    "scheduler": ({"scheduler": lr.ExponentialDecay(0.05, 0.9)}, "scheduler must be 'StepDecay'"),
    "mode": ({"mode": "min"}, "mode must be 'max', as it was, got 'min'"),
    "metric": ({"metric": None, "mode": "min"}, "metric must be 'Accuracy', as it was, got None"),
    "step": ({"scheduler_step": "epoch"}, "scheduler_step must be 'step', as it was, got 'epoch'"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("used", [False, True])
def test_another_run_is_refused_and_nothing_touched(written, name, used):
    settings, match = REFUSED[name]
    setting = Setting(seed=3, **settings)
    if used:  # its optimizer has made its room, and remembers something
        setting.train()
    assert str(written) in check_refused(setting, written, match)


def test_the_other_way_round(tmp_path):
    for name in ("SGD", "Adam"):
        Setting(optimizer=name).train(checkpoint_path=tmp_path / "c", callbacks=[StopAt(3)])
        check_refused(Setting(), tmp_path / "c", f"this one is AdamW, that one was {name}")


def test_another_size_of_batch_in_mid_epoch(written):
    setting = Setting(seed=3)
    setting.loader = Loader(batch_size=8)
    check_refused(
        setting, written, "its? batch 1 has 8 samples, and had 6 in epoch 1|batch 1 has 8"
    )


def test_a_layer_that_is_frozen_now(written):
    setting = Setting(seed=3)
    setting.runner.model[0].weight.stop_gradient = True
    check_refused(setting, written, r"model's model\.0\.weight is trained, here it is frozen")


def test_a_callback_that_fails_takes_all_back(written):
    class Fails(Callback):
        def set_state(self, state):
            raise KeyError("what was never there")

    class Refuses(Callback):
        def on_train_begin(self, run):
            raise ValueError("this callback has no place here")

    Fails.__name__ = "StopAt"  # of which the file holds a state
    setting = Setting(seed=3)
    words = check_refused(setting, written, "what was never there", callbacks=[Fails()])
    assert str(written) in words
    check_refused(setting, written, "this callback has no place", callbacks=[Refuses()])


@pytest.mark.parametrize("at", ["first batch", "first step"])
def test_a_run_that_fails_before_its_first_step_takes_all_back(written, at):
    class Halt(Exception):  # noqa: N818
        pass

    class Fails(Callback):
        def on_backward_end(self, run):
            raise Halt

    class Empty(Loader):
        def __iter__(self):
            raise Halt

    setting = Setting(seed=3)
    if at == "first batch":
        setting.loader = Empty()
    before, threads = setting.all(), set(threading.enumerate())
    with pytest.raises((Halt, ValueError)):
        setting.train(resume_from=written, callbacks=[Fails()])
    after = setting.all()
    before.pop("has gradient"), after.pop("has gradient")
    assert after == before
    assert set(threading.enumerate()) == threads


def test_changed_settings_are_said(written):
    setting = Setting(seed=3, scheduler=lr.StepDecay(0.05, 5))
    setting.runner.optimizer._beta1 = 0.5
    with pytest.warns(RuntimeWarning, match=r"scheduler's step_size \(2, now 5\)") as seen:
        setting.train(resume_from=written)
    assert any("the optimizer's beta1 (0.9, now 0.5)" in str(warning.message) for warning in seen)


def test_a_function_that_forward_calls_is_said(tmp_path):
    def runner(function):
        if function is F.relu:

            class Net(paddle.nn.Layer):
                def __init__(self):
                    super().__init__()
                    self.linear = paddle.nn.Linear(4, 3)

                def forward(self, x):
                    """Compute one thing."""
                    return F.relu(self.linear(x))
        else:

            class Net(paddle.nn.Layer):
                def __init__(self):
                    super().__init__()
                    self.linear = paddle.nn.Linear(4, 3)

                def forward(self, x):
                    """Compute another thing."""
                    return F.tanh(self.linear(x))

        model = Net()
        optimizer = paddle.optimizer.SGD(0.1, parameters=model.parameters())
        return RunnerV3(model, optimizer, F.cross_entropy)

    path = tmp_path / "c"
    runner(F.relu).train(Batches(X, y), checkpoint_path=path, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runner(F.relu).train(Batches(X, y), num_epochs=2, resume_from=path, verbose=False)
    with pytest.warns(RuntimeWarning, match=r"the forward\(\) of Net \(relu, tanh\)"):
        runner(F.tanh).train(Batches(X, y), num_epochs=2, resume_from=path, verbose=False)


@pytest.mark.parametrize("chosen", ["relu", F.relu])
def test_an_activation_that_is_an_attribute(tmp_path, chosen):
    class Net(paddle.nn.Layer):
        def __init__(self, activation):
            super().__init__()
            self.linear, self.activation, self.calls = paddle.nn.Linear(4, 3), activation, 0

        def forward(self, x):
            self.calls += 1
            name = self.activation
            return (getattr(F, name) if isinstance(name, str) else name)(self.linear(x))

    def runner(activation):
        model = Net(activation)
        optimizer = paddle.optimizer.SGD(0.1, parameters=model.parameters())
        return RunnerV3(model, optimizer, F.cross_entropy)

    path = tmp_path / "c"
    arguments = {"verbose": False, "num_epochs": 2}
    runner(chosen).train(Batches(X, y), checkpoint_path=path, verbose=False)
    runner(F.relu).train(Batches(X, y), resume_from=path, **arguments)
    with pytest.raises(ValueError, match="activation of the model was 'relu', here it is 'tanh'"):
        runner("tanh").train(Batches(X, y), resume_from=path, **arguments)


def test_what_is_no_plain_value_is_refused_when_it_is_written(tmp_path):
    class Keeps(Callback):
        def __init__(self, value):
            self.value = value

        def state(self):
            return {"value": self.value}

        def set_state(self, state):
            self.value = state["value"]

    setting = Setting()
    with pytest.raises(TypeError, match=r"'callbacks'.*'value'\] must be a plain value .*got Loss"):
        setting.train(checkpoint_path=tmp_path / "c", callbacks=[Keeps(Loss())])
    for value in (np.float64(3), paddle.to_tensor([3.0]), (np.int64(3),)):
        keeps = Keeps(value)
        Setting().train(checkpoint_path=tmp_path / "c", callbacks=[keeps])
        other = Keeps(None)
        Setting(seed=4).train(resume_from=tmp_path / "c", callbacks=[other])
        assert float(np.asarray(other.value).ravel()[0]) == 3


def test_a_checkpoint_of_an_earlier_version(tmp_path, written):
    state = load_state(written)
    del state["version"]
    save_plain(state, tmp_path / "c")
    check_refused(Setting(seed=3), tmp_path / "c", "was written by another version of nndl")


def test_a_flipped_bit_is_found(tmp_path, written):
    whole, draw, path = written.read_bytes(), random.Random(0), tmp_path / "run"
    setting = Setting(seed=3)
    before = setting.all()
    for _ in range(150):
        place = draw.randrange(len(whole))
        flipped = whole[place] ^ (1 << draw.randrange(8))
        path.write_bytes(whole[:place] + bytes([flipped]) + whole[place + 1 :])
        with pytest.raises(ValueError, match="run'"):
            setting.train(resume_from=path)
    assert setting.all() == before


def test_numbers_that_crash_numpy_are_refused(tmp_path, written):
    wrong_words = np.full(625, 999, "uint32")
    faults = [("numpy", 2, 10**6), ("numpy", 2, -1), ("numpy", 1, np.ones(3)), ("python", 0, 9),
              ("python", 1, wrong_words)]  # fmt: skip
    for name, place, wrong in faults:
        for moment in ("now", "epoch"):
            state = load_state(written)
            state["random"][0][moment][name][place] = wrong
            save_plain(state, tmp_path / "c")
            words = check_refused(Setting(seed=3), tmp_path / "c", f"the random state of {name}")
            assert str(tmp_path / "c") in words


def places(value, way=()):
    """Give the way to everything in a state, containers and leaves."""
    yield way
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*way, key))
    elif isinstance(value, list):
        for number, inner in list(enumerate(value))[:3]:
            yield from places(inner, (*way, number))


def altered(value, draw):
    """Give something else in the place of a value."""
    others = [None, True, -1, 10**30, 0.5, float("nan"), "", "text", b"", [], {}, [None], {"a": 1},
              np.ones(2), np.zeros((), "int64"), (1,)]  # fmt: skip
    if isinstance(value, (int, float)):
        others += [value + 1, -value, value * 1000, float(value), str(value)]
    if isinstance(value, list):
        others += [value[:-1], value + value[-1:], [value], value[::-1]]
    if isinstance(value, dict):
        others += [dict(list(value.items())[1:]), value | {"new": 1}, list(value)]
    if isinstance(value, np.ndarray):
        others += [value.astype("float64"), value.ravel(), value[..., None], value.tolist(),
                   value.astype("complex64"), value.astype("uint8")]  # fmt: skip
    return draw.choice(others)


def mutated(state, draw):
    way = draw.choice([way for way in places(state) if way])
    holder = state
    for key in way[:-1]:
        holder = holder[key]
    if draw.random() < 0.15 and isinstance(holder, dict):
        del holder[way[-1]]
    else:
        holder[way[-1]] = altered(holder[way[-1]], draw)
    return way


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("number", [80, pytest.param(800, marks=pytest.mark.slow)])
def test_of_many_altered_checkpoints_none_does_harm(tmp_path, written, number):
    """Each is resumed, or refused by the file's name with nothing touched; no other error."""
    draw, path, taken = random.Random(number), tmp_path / "run", 0
    setting = Setting(seed=3)
    for turn in range(number):
        state = load_state(written)
        way = mutated(state, draw)
        save_plain(state, path)
        before = setting.all()
        try:
            setting.train(resume_from=path)
            taken += 1
        except ValueError as error:
            assert str(path) in str(error), (turn, way)
            assert setting.all() == before, (turn, way)
        except Exception as error:
            raise AssertionError(f"{turn}: {way} gives {type(error).__name__}") from error
    assert number / 100 < taken < number / 3


@pytest.mark.parametrize(
    ("sizes", "match"),
    [((4, 3), "it has no '1'"), ((4, 5, 5, 3), "'2' is new")],
)
def test_other_layers(tmp_path, sizes, match):
    def runner(*sizes):
        layers = [paddle.nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
        model = paddle.nn.Sequential(*layers)
        return RunnerV3(model, paddle.optimizer.SGD(0.1, model.parameters()), F.cross_entropy)

    runner(4, 5, 3).train(Batches(X, y), checkpoint_path=tmp_path / "c", verbose=False)
    with pytest.raises(ValueError, match=f"does not fit the model.*{match}"):
        runner(*sizes).train(Batches(X, y), resume_from=tmp_path / "c", verbose=False)
