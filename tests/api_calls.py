"""Every public function, class and method of the package, and a valid call of each.

The names are found in the rooms' `__all__`. A call is made of the parameters' defaults and of the
tables below, by the parameter's name: a new function often needs no entry at all. Where a name
means something else in one place, `CALLS` says so; what has no call stands in `WITHOUT_A_CALL`
with the reason.
"""

import inspect
import io
import pickle
from collections.abc import Callable
from fnmatch import fnmatch
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import nndl
from nndl import data, layers, models, ops, optim, runner
from nndl.device import paddle
from nndl.metrics import Accuracy
from tests.data.test_imdb import many_reviews, write_archive
from tests.data.test_published import write_cifar10, write_idx_files


class Target(NamedTuple):
    """Something public that can be called: `room.function`, `room.Class`, `room.Class.method`."""

    name: str
    thing: Callable
    owner: type | None  # of a method


def targets() -> dict[str, Target]:
    """Find everything public that takes arguments; what is inherited once, where it comes first."""
    found, seen = {}, set()
    for room in nndl._ROOMS:
        module = import_module(f"nndl.{room}")
        for name in module.__all__:
            thing = getattr(module, name)
            if not callable(thing):
                continue
            found[f"{room}.{name}"] = Target(f"{room}.{name}", thing, None)
            for method in _methods(thing) if inspect.isclass(thing) else ():
                function = getattr(thing, method)
                origin = getattr(function, "__func__", function)
                if origin not in seen:
                    seen.add(origin)
                    path = f"{room}.{name}.{method}"
                    found[path] = Target(path, function, thing)
    return {name: target for name, target in found.items() if parameters(target)}


def _methods(owner: type) -> list[str]:
    """List the methods of a class that are the package's own."""
    names = [n for n in dir(owner) if not n.startswith("_") or n == "__call__"]
    plain = (staticmethod, classmethod)
    return [
        name
        for name in names
        if inspect.isroutine(getattr(owner, name))
        and isinstance(inspect.getattr_static(owner, name), (plain, type(_methods)))
        and getattr(getattr(owner, name), "__module__", "").startswith("nndl")
    ]


def parameters(target: Target) -> dict[str, inspect.Parameter]:
    """Return what a caller may give, by name."""
    if inspect.isclass(target.thing) and not _own_constructor(target.thing):
        return {}
    known = dict(inspect.signature(target.thing).parameters)
    if target.owner is not None and next(iter(known), "") == "self":
        known.pop("self")
    return {n: p for n, p in known.items() if p.kind is not inspect.Parameter.VAR_KEYWORD}


def _own_constructor(thing: type) -> bool:
    """Tell whether a class's arguments are the package's own, not those of Paddle's Layer."""
    return any(thing.__init__ in vars(c).values() for c in thing.__mro__ if _ours(c)) or any(
        hasattr(thing, mark) for mark in ("_fields", "__dataclass_fields__")
    )


def _ours(thing: type) -> bool:
    return thing.__module__.startswith("nndl")


class Call(NamedTuple):
    """A valid call: what is called, and its arguments by name."""

    function: Callable
    arguments: dict[str, Any]

    def __call__(self, **changed: Any) -> Any:
        """Call it with some arguments replaced."""
        signature, given = inspect.signature(self.function), self.arguments | changed
        bound = signature.bind_partial()
        bound.arguments.update({n: given[n] for n in signature.parameters if n in given})
        return self.function(*bound.args, **bound.kwargs)


def valid_call(target: Target, folder: Path) -> Call:
    """Make a valid call, of new objects throughout."""
    arguments = _arguments(target, folder)
    if target.owner is None:
        return Call(target.thing, arguments)
    room, name, method = target.name.split(".")
    owner = Target(f"{room}.{name}", target.owner, None)
    prepare = PREPARED.get(target.name) or PREPARED.get(method)
    instance = MADE[owner.name](folder) if owner.name in MADE else valid_call(owner, folder)()
    if prepare is not None:
        arguments |= prepare(instance, folder, target.owner)
    return Call(getattr(instance, method), arguments)


def _arguments(target: Target, folder: Path) -> dict[str, Any]:
    room = target.name.split(".")[0]
    own = {**VALUES.get(room, {}), **CALLS.get(target.name, {})}
    prepared = PREPARED.get(target.name) or PREPARED.get(target.name.split(".")[-1])
    arguments, missing = {}, []
    for name, parameter in parameters(target).items():
        if name in own:
            make = own[name]
            arguments[name] = make(folder) if _makes(make) else make
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            arguments[name] = ()
        elif parameter.default is inspect.Parameter.empty:
            missing.append(name)
    if missing and not (target.owner is not None and prepared):
        raise LookupError(
            f"no valid call of {target.name} is known: give {', '.join(missing)} a value in VALUES "
            f"or CALLS of tests/api_calls.py, or the reason why there is none in WITHOUT_A_CALL"
        )
    return arguments


class Made(NamedTuple):
    """A value made anew for each call, from a folder for files."""

    make: Callable[[Path], Any]

    def __call__(self, folder: Path) -> Any:
        """Make it."""
        return self.make(folder)


def _makes(value: Any) -> bool:
    return isinstance(value, Made)


def array(*shape: int) -> Made:
    return Made(lambda folder: np.random.default_rng(0).standard_normal(shape))


def tensor(*shape: int) -> Made:
    return Made(lambda folder: paddle.to_tensor(array(*shape)(folder).astype("float32")))


def ints(values: list) -> Made:
    return Made(lambda folder: np.array(values))


def int_tensor(values: list) -> Made:
    return Made(lambda folder: paddle.to_tensor(values))


def new(make: Callable[[], Any]) -> Made:
    return Made(lambda folder: make())


def file(name: str) -> Made:
    return Made(lambda folder: folder / name)


# ---- small objects that calls need -----------------------------------------------------------


def _params(gates: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = {"weight_ih": (8 * gates, 6), "weight_hh": (8 * gates, 8)}
    shapes |= {"bias_ih": (8 * gates,), "bias_hh": (8 * gates,)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def _graph() -> ops.Graph:
    graph = ops.Graph({"z": (ops.Multiply(), "x", "y")}, inputs=("x", "y"))
    graph(np.array(2.0), np.array(3.0))
    graph.backward(np.array(1.0))
    return graph


def _model_with_gradients() -> ops.Op:
    model = ops.Linear(3, 2)
    model.backward(np.ones_like(model(np.ones((4, 3)))))
    return model


def _batches(n: int = 8) -> data.Batches:
    inputs = np.random.default_rng(0).standard_normal((n, 4)).astype("float32")
    return data.Batches(inputs, np.arange(n) % 3, batch_size=4)


def _runner_v3(folder: Path) -> runner.RunnerV3:
    model = paddle.nn.Linear(4, 3)
    sgd = paddle.optimizer.SGD(0.1, parameters=model.parameters())
    return runner.RunnerV3(model, sgd, paddle.nn.functional.cross_entropy, Accuracy())


def _runner_v2(folder: Path) -> runner.RunnerV2:
    model = ops.Linear(3, 2)
    return runner.RunnerV2(model, optim.SGD(model), ops.SquaredError())


def _history() -> runner.History:
    return runner.History([1, 2], [1.0, 0.5], [2], [0.6], [0.7], best_step=2)


@cache
def _small_resnet() -> models.ResNet:
    return models.ResNet(18, width=2, num_classes=3)


def _paddles_names(model: Any) -> dict[str, Any]:
    changes = (("stem.", ""), ("stages.", ""), ("shortcut", "downsample"))
    state = {}
    for name, value in model.state_dict().items():
        for old, other in changes:
            name = name.replace(old, other)
        state[name] = value
    return state


def _texts() -> data.Texts:
    return data.Texts(["a fine film", "a dull film"], np.array([1, 0]))


def _saved(name: str) -> Made:
    """Make a file that holds the state of a small model."""

    def make(folder: Path) -> Path:
        runner.save_state(ops.Linear(3, 2).state_dict(), folder / name)
        return folder / name

    return Made(make)


def _pickled(name: str) -> Made:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(pickle.dumps([1, 2]))
        return folder / name

    return Made(make)


def _cached(name: str, write: Callable[[Path], Any]) -> Made:
    """Make a file, or a folder, once for all calls of a folder."""
    return Made(lambda folder: folder / name if (folder / name).exists() else write(folder / name))


def _idx(dataset: str) -> Made:
    return _cached(dataset, lambda path: write_idx_files(path / dataset, 40, 20))


LAYER_STACK = [(3, 1, 1, 1), (2, 2, 0, 1)]
NETWORK = [{"kind": "conv", "channels": 4, "kernel_size": 3}, {"kind": "flatten"}]
NETWORK_ROWS = Made(lambda folder: nndl.arithmetic.network_cost(NETWORK, [1, 8, 8]))
BOX = (np.ones((2, 4), "float32"), np.array([0, 1]))
X_Y = (np.array([[1.0, 0, 2], [2.0, 1, 0], [3.0, 1, 1], [0.0, 2, 1]]), np.ones((4, 2)))
SEQUENCE = tensor(2, 3, 6)
IDS = int_tensor([[4, 5, 6], [7, 0, 0]])
LENGTHS = int_tensor([3, 1])

# what a parameter of this name is given, by room
VALUES: dict[str, dict[str, Any]] = {
    "arithmetic": {
        "in_channels": 4, "out_channels": 8, "kernel_size": 3, "output_size": 5, "in_features": 4,
        "out_features": 3, "elements": 9, "channels": 4, "kind": "max", "layers": LAYER_STACK,
        "input_size": 9, "unit": 0, "position": 2, "query_length": 3, "key_length": 4,
        "model_size": 8, "hidden_size": 6, "steps": 5, "mode": "same", "input_shape": [1, 8, 8],
        "rows": NETWORK_ROWS,
        "nodes": {"input": (None, []), "a": ((3, 1, 1, 1), ["input"])},
    },
    "data": {
        "images": array(6, 1, 8, 8), "labels": ints([0, 1, 2, 0, 1, 2]), "n": 20, "length": 6,
        "size": 8, "text": "a fine film", "texts": ["a fine film", "a dull film"],
        "first": "a fine film", "second": "a dull film", "ids": [[4, 5, 6], [7], [8, 9]],
        "sequences": [[4, 5, 6], [7]], "transform": np.negative,
        "splits": Made(lambda folder: data.Splits(_texts(), _texts(), _texts())),
    },
    "device": {"values": [1.0, 2.0], "text": "✓"},
    "exercises": {"exercise_id": "conv-positions"},
    "files": {"path": file("a.txt"), "write": lambda name: None},
    "layers": {
        "in_channels": 4, "out_channels": 8, "channels": 4, "kernel_size": 3, "num_features": 4,
        "normalized_shape": 6, "input_size": 6, "hidden_size": 8, "embed_dim": 6, "num_heads": 2,
        "ffn_dim": 8, "x": tensor(2, 4, 6, 6), "inputs": SEQUENCE, "query": tensor(2, 6),
        "length": 3, "lengths": LENGTHS, "scores": tensor(2, 3), "by_hand": True,
        "score": new(lambda: layers.DotProductScore(6)), "fill": 0.0,
    },
    "metrics": {"logits": array(3, 2), "labels": ints([0, 1, 0])},
    "models": {
        "vocab_size": 12, "embed_dim": 4, "hidden_size": 3, "num_classes": 2, "num_heads": 2,
        "max_length": 8, "ids": IDS, "lengths": LENGTHS,
        "segments": int_tensor([[0, 1, 1], [0, 0, 0]]), "sizes": [4, 3, 2], "x": tensor(2, 3, 8, 8),
    },
    "ops": {
        "in_channels": 4, "out_channels": 8, "kernel_size": 3, "num_features": 4, "in_features": 6,
        "out_features": 3, "normalized_shape": 6, "input_size": 6, "hidden_size": 8,
        "embed_dim": 6, "num_heads": 2, "query_size": 6, "key_size": 6, "num_embeddings": 9,
        "embedding_dim": 3, "x": array(2, 4, 6, 6), "y": array(2, 4, 6, 6), "q": array(2, 3, 6),
        "k": array(2, 3, 6), "v": array(2, 3, 6), "query": array(2, 3, 6), "exponent": 2.0,
        "shape": (2, -1), "index": (0, 1), "logits": array(3, 2), "labels": ints([0, 1, 0]),
        "targets": array(3, 2), "outputs": array(3, 2), "words": ints([[1, 2], [3, 0]]),
        "score": new(lambda: ops.DotScore()), "value": array(2, 3), "op": new(lambda: ops.Tanh()),
        "ndim": 3, "losses": array(3),
    },
    "optim": {
        "model": new(_model_with_gradients), "clip_norm": 1.0, "grad": array(2, 3),
    },
    "pickles": {"path": _pickled("a.pkl"), 
        "file": new(lambda: io.BytesIO(pickle.dumps([1]))), "size": len(pickle.dumps([1])),
    },
    "plots": {
        "graph": new(_graph), "history": new(_history), "curves": {"a": [3.0, 2.0, 1.0]},
        "values": {"a": 3, "b": 5}, "lanes": [["data", "model"]], "images": array(2, 8, 8),
        "matrices": array(2, 2), "points": array(4, 2), "labels": [0, 1, 0, 1], "thing": ops.Tanh,
        "columns": ["n", "square"], "rows": [[1, 1], [2, 4]], "x": array(4, 4), "kernel_size": 2,
        "one": "black", "other": "white", "fill": "navy", "code": "x = 1",
    },
    "profile": {"model": new(lambda: paddle.nn.Linear(4, 3)), "input_shape": [4]},
    "runner": {
        "folder": Made(lambda folder: str(folder / "log")), "model": new(lambda: ops.Linear(3, 2)),
        "X": array(5, 2), "verbose": False,
    },
    "widgets": {"settings": {}},
}  # fmt: skip

# what a parameter means in one place only
CALLS: dict[str, dict[str, Any]] = {
    "arithmetic.check_layers": {"layers": NETWORK},
    "arithmetic.network_cost": {"layers": NETWORK},
    "arithmetic.network_memory": {"mode": "sgd"},
    "data.SequenceBatches": {"labels": ints([0, 1, 0])},
    "data.Seeded.__call__": {"image": array(1, 8, 8)},
    "data.Vocabulary.decode": {"ids": [4, 5]},
    "data.augmentation": {"mean": [0.5], "std": [0.25]},
    "data.augment": {"transform": new(lambda: paddle.negative)},
    "data.load_cifar10": {"data_file": _cached("cifar.tar.gz", write_cifar10), "verify": False},
    "data.load_docstring_pairs": {"n_train": 20, "n_dev": 20, "n_test": 20},
    "data.load_fashion_mnist": {"folder": _idx("fashion-mnist"), "verify": False, "size": 28},
    "data.load_imdb": {
        "data_file": _cached("imdb.tar.gz", lambda path: write_archive(path, many_reviews(5))),
        "verify": False,
    },
    "data.load_mnist": {"folder": _idx("mnist"), "verify": False, "size": 28},
    "exercises.check": {"answer": 3},
    "files.open_file": {"path": _pickled("b.pkl")},
    "layers.AdditiveScore": {"hidden_size": 8},
    "layers.Attention": {"learned_query": False},
    "layers.Attention.forward": {"query": tensor(2, 6)},
    "layers.AvgPool2D": {"padding": 1},
    "layers.LayerNorm.forward": {"x": SEQUENCE},
    "layers.LSTM.forward": {"sequence_length": LENGTHS},
    "layers.SRN.forward": {"sequence_length": LENGTHS},
    "layers.masked_softmax": {"mask": int_tensor([[True, True, False], [False, False, False]])},
    "models.LeNet.forward": {"x": tensor(2, 1, 32, 32)},
    "models.ResNet": {"depth": 8, "width": 2},
    "models.load_from_paddle": {
        "model": new(_small_resnet), "state": new(lambda: _paddles_names(_small_resnet())),
    },
    "ops.GELU.__call__": {"inputs": new(lambda: (np.ones((2, 3)),))},
    "ops.BiLSTM.forward": {"x": array(2, 3, 6), "sequence_length": ints([3, 1])},
    "ops.BiSRN.forward": {"x": array(2, 3, 6), "sequence_length": ints([3, 1])},
    "ops.BinaryCrossEntropy.forward": {"targets": new(lambda: np.full((3, 2), 0.5))},
    "ops.MultiHeadAttention.forward": {"value": array(2, 3, 6)},
    "ops.Attention.forward": {"q": array(2, 3, 6)},
    "ops.Dropout": {"p": 0.5},
    "ops.Graph": {"nodes": new(lambda: {"z": (ops.Tanh(), "x")})},
    "ops.Graph.forward": {"inputs": new(lambda: (np.ones((2, 3)),))},
    "ops.LSTM.forward": {"x": array(2, 3, 6), "sequence_length": ints([3, 1])},
    "ops.LSTMCell.forward": {"x": array(2, 6)},
    "ops.MatMul.forward": {"x": array(2, 3, 4), "y": array(4, 5)},
    "ops.SRN.forward": {"x": array(2, 3, 6), "sequence_length": ints([3, 1])},
    "ops.SRNCell.forward": {"x": array(2, 6)},
    "ops.Sequential": {"ops": new(lambda: (ops.Tanh(), ops.ReLU()))},
    "ops.Sequential.forward": {"inputs": new(lambda: (np.ones((2, 3)),))},
    "ops.Transpose": {"axes": (1, 0, 2, 3)},
    "ops.Variable.reshape": {"shape": (3, 2)},
    "ops.apply": {"inputs": new(lambda: (ops.Variable(np.ones((2, 3))),))},
    "ops.avg_pool2d_backward": {"grad_y": array(2, 4, 2, 2)},
    "ops.avg_pool2d_loop_backward": {"grad_y": array(2, 4, 2, 2)},
    "ops.check_gradients": {"inputs": new(lambda: [np.array([0.5, 2.0])])},
    "ops.conv2d": {"weight": array(8, 4, 3, 3)},
    "ops.conv2d_backward": {"weight": array(8, 4, 3, 3), "grad_y": array(2, 8, 4, 4)},
    "ops.conv2d_loop": {"weight": array(1, 4, 3, 3)},
    "ops.conv2d_loop_backward": {"weight": array(1, 4, 3, 3), "grad_y": array(2, 1, 4, 4)},
    "ops.correlate2d_loop": {"x": array(6, 6), "w": array(3, 3)},
    "ops.attention_loop": {"q": array(3, 6), "k": array(3, 6), "v": array(3, 6)},
    "ops.attention_weights_loop": {"q": array(3, 6), "k": array(3, 6)},
    "ops.attention_loop_backward": {
        "q": array(3, 6), "k": array(3, 6), "v": array(3, 6), "grad_y": array(3, 6),
    },
    "ops.lstm_loop": {
        "x": array(2, 3, 6), "h": array(2, 8), "c": array(2, 8), "params": new(lambda: _params(4)),
    },
    "ops.lstm_loop_backward": {
        "x": array(2, 3, 6), "h": array(2, 8), "c": array(2, 8), "params": new(lambda: _params(4)),
        "grad_outputs": array(2, 3, 8), "grad_last_h": array(2, 8), "grad_last_c": array(2, 8),
    },
    "ops.max_pool2d_backward": {"grad_y": array(2, 4, 2, 2)},
    "ops.max_pool2d_loop_backward": {"grad_y": array(2, 4, 2, 2)},
    "ops.normalize_loop": {"x": array(2, 6), "weight": array(2, 6), "bias": array(2, 6)},
    "ops.srn_loop": {"x": array(2, 3, 6), "h": array(2, 8), "params": new(lambda: _params(1))},
    "ops.srn_loop_backward": {
        "x": array(2, 3, 6), "h": array(2, 8), "params": new(lambda: _params(1)),
        "grad_outputs": array(2, 3, 8), "grad_last": array(2, 8),
    },
    "plots.plot_curves": {"points": ([1, 2, 3], [3.0, 2.0, 1.0])},
    "plots.show_images": {"columns": 2},
    "plots.show_window": {"position": (1, 0)},
    "runner.RunnerV1": {"optimizer": None},
    "runner.RunnerV1.evaluate": {"data": X_Y},
    "runner.RunnerV1.load_model": {"path": _saved("v1.pkl")},
    "runner.RunnerV1.predict": {"x": array(4, 3)},
    "runner.RunnerV1.save_model": {"path": file("v1.pkl")},
    "runner.RunnerV1.train": {"train_set": X_Y},
    "runner.RunnerV2": {"optimizer": None},
    "runner.RunnerV2.evaluate": {"data": X_Y},
    "runner.RunnerV2.train": {"train_set": X_Y},
    "runner.RunnerV3": {"model": new(lambda: paddle.nn.Linear(4, 3))},
    "runner.RunnerV3.evaluate": {"loader": new(_batches)},
    "runner.RunnerV3.export": {"path": file("exported"), "inputs": tensor(2, 4)},
    "runner.RunnerV3.predict": {"x": tensor(2, 4)},
    "runner.RunnerV3.train": {"train_loader": new(_batches), "dev_loader": new(_batches)},
    "runner.load_state": {"path": _saved("state.pkl")},
    "runner.save_state": {"state": {"a": np.ones(2)}, "path": file("state.pkl")},
    "runner.solve_least_squares": {"y": array(5)},
}  # fmt: skip

# how an instance is made where that is more than a call of its class
MADE: dict[str, Callable[[Path], Any]] = {
    "models.Model_ResNet18": lambda folder: models.ResNet(8, width=2),
    "ops.Variable": lambda folder: ops.Variable(np.full((2, 3), 2.0)),
    "runner.RunnerV1": lambda folder: runner.RunnerV1(ops.Linear(3, 2), None, ops.SquaredError()),
    "runner.RunnerV2": _runner_v2,
    "runner.RunnerV3": _runner_v3,
}


@cache
def _small_resnet() -> models.ResNet:
    return models.ResNet(18, width=2, num_classes=3)


def _after_forward(instance: Any, folder: Path, owner: type) -> dict[str, Any]:
    """Go forwards first, and give a gradient of the output's shape."""
    if isinstance(instance, ops.Variable):
        return {"outputs_grads": np.ones((2, 3))}
    forward = Target(f"ops.{owner.__name__}.forward", owner.forward, owner)
    outputs = (
        instance.forward(**_arguments(forward, folder))
        if not isinstance(instance, (ops.Graph, ops.Sequential))
        else instance.forward(*_arguments(forward, folder)["inputs"])
    )
    grads = (
        tuple(map(np.ones_like, outputs)) if isinstance(outputs, tuple) else np.ones_like(outputs)
    )
    return {"outputs_grads": grads}


def _own_state(instance: Any, folder: Path, owner: type) -> dict[str, Any]:
    return {"state": instance.state_dict()}


# what must have happened to an instance, and the arguments that follow from it, by method
PREPARED: dict[str, Callable[[Any, Path, type], dict[str, Any]]] = {
    "backward": _after_forward,
    "set_state_dict": _own_state,
    "share": lambda *_: {"outputs_grads": 1.0},
}

_A_RECORD = "a record: it holds what it is given, and whoever reads it checks"
_A_HOOK = "called by the run alone"
_INSIDE = "called by the operator's own forward and backward alone"
_IN_THE_EXPLORER = "called by the explorer's constructor, whose arguments are tried"
#: What has no valid call of its own, or takes any value by design; the names are patterns.
WITHOUT_A_CALL: dict[str, str] = {
    **dict.fromkeys(
        ["data.Images", "data.Pairs", "data.Samples", "data.Sequences", "data.Splits",
         "data.Texts", "exercises.Mistake", "ops.GradientReport", "runner.Evaluation",
         "runner.History", "runner.LeastSquares"], _A_RECORD
    ),
    "exercises.Exercise": "made by the tables of the chapters, which a test reads",
    "ops.Op.[fb]*ward": "a subclass says it",
    **dict.fromkeys(["ops.*.step", "ops.*.step_backward", "ops.*.walk"], _INSIDE),
    "optim.*.change": "called by step alone",
    "runner.*.on_*": _A_HOOK,
    "runner.*.set_state": _A_HOOK,
    "runner.Run": "made by the runner's train alone",
    "runner.Run.*": "called by callbacks, with what the run gave them",
    "runner.VisualDL": "needs a package that is not installed here",
    **dict.fromkeys(["widgets.*.check", "widgets.*.complete"], _IN_THE_EXPLORER),
}  # fmt: skip


def reason_without(name: str) -> str | None:
    """Return why a name has no call here, or None where it must have one."""
    return next((why for p, why in WITHOUT_A_CALL.items() if fnmatch(name, p)), None)
