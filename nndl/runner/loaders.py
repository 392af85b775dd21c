"""What a loader's next batches depend on: random generators and counters of its own.

They may be anywhere behind a loader: in its sampler, in its data set, in the closure of a
function. They are looked for along attributes, so that a run that is resumed can set them again.
"""

import functools
import random
import types
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from nndl.device import paddle
from nndl.runner.random_states import check_state, is_generator, set_state_of, state_of

__all__: list[str] = []

MOST_OBJECTS = 2000  # that are looked into: a data set may hold one for each sample
MOST_ENTRIES = 100  # of a container that is looked into
# What nothing is behind, or too much.
CLOSED = (
    type, types.ModuleType, np.ndarray, paddle.Tensor, str, bytes, int, float, complex, type(None)
)  # fmt: skip
# Rooms whose functions are not looked into: their random numbers are the global ones.
FOREIGN = ("builtins", "numpy", "paddle", "random", "torch", "functools", "collections", "typing")


class Found:
    """The generators and counters behind some loaders, each with the way that leads to it.

    Parameters
    ----------
    loaders : dict
        Names and loaders; ``None`` is none.

    Attributes
    ----------
    generators : dict of str to object
        Random generators.
    counted : dict of str to (object, str)
        Whole numbers that are attributes: the object and the attribute's name.
    lost : list of str
        What draws in a way that can't be kept.
    """

    def __init__(self, loaders: dict[str, Any]):
        self.generators: dict[str, Any] = {}
        self.counted: dict[str, tuple[Any, str]] = {}
        self.lost: list[str] = []
        seen: dict[int, Any] = {}  # the things too: an id is one's own only as long as one lives
        waiting = deque((one, name) for name, one in loaders.items())
        while waiting and len(seen) < MOST_OBJECTS:
            value, way = waiting.popleft()
            if id(value) not in seen and not isinstance(value, CLOSED):
                seen[id(value)] = value
                waiting.extend((inner, way + name) for inner, name in self._look_at(value, way))

    def states(self) -> dict[str, Any]:
        """Give the states of all, as plain values and arrays."""
        return {
            "generators": {way: state_of(one) for way, one in self.generators.items()},
            "counters": {way: vars(holder)[key] for way, (holder, key) in self.counted.items()},
        }

    def check(self, states: dict[str, Any]) -> None:
        """Check that the generators can take such states."""
        for way, state in states["generators"].items():
            if way in self.generators:
                check_state(state, state_of(self.generators[way]), f"the state of {way}")

    def set(self, states: dict[str, Any]) -> None:
        """Set all that are there to such states, which have been checked."""
        for way, state in states["generators"].items():
            if way in self.generators:
                set_state_of(self.generators[way], state)
        for way, count in states["counters"].items():
            if way in self.counted:
                holder, key = self.counted[way]
                setattr(holder, key, count)

    def _look_at(self, value: Any, way: str) -> Iterator[tuple[Any, str]]:
        """Note what a thing is, and give what it refers to."""
        if is_generator(value):
            self.generators[way] = value
            return
        if isinstance(value, (types.GeneratorType, random.SystemRandom)):
            self.lost.append(way)
            return
        for key, count in getattr(value, "__dict__", {}).items():
            if type(count) is int:
                self.counted[f"{way}.{key}"] = value, key
        yield from _behind(value)


def _behind(value: Any) -> Iterator[tuple[Any, str]]:
    """Give what a thing refers to, and how."""
    if isinstance(value, dict):
        yield from ((inner, f"[{key!r}]") for key, inner in islice(value.items(), MOST_ENTRIES))
    elif isinstance(value, (list, tuple, set)):
        yield from ((inner, f"[{i}]") for i, inner in enumerate(islice(value, MOST_ENTRIES)))
    elif isinstance(value, types.MethodType):
        yield value.__self__, ""
        yield value.__func__, ""
    elif isinstance(value, types.FunctionType):
        yield from _behind_function(value)
    elif isinstance(value, functools.partial):
        yield from ((value.func, ""), (value.args, ".args"), (value.keywords, ".keywords"))
    else:
        attributes = getattr(value, "__dict__", {})
        # what a DataLoader calls its iterator holds only what is on its way already
        inner = [(key, one) for key, one in attributes.items() if key != "_iterator"]
        yield from ((one, f".{key}") for key, one in inner)
        for kind in type(value).__mro__:
            if not _is_foreign(kind):
                functions = (f for f in vars(kind).values() if isinstance(f, types.FunctionType))
                yield from ((function, f".{function.__name__}()") for function in functions)


def _behind_function(function: types.FunctionType) -> Iterator[tuple[Any, str]]:
    if _is_foreign(function):
        return
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            yield cell.cell_contents, f" {name}"
        except ValueError:  # not filled yet
            continue
    yield from ((default, " default") for default in function.__defaults__ or ())
    for name in sorted(_names(function.__code__)):
        value = function.__globals__.get(name)
        # of what is global, only what draws: the rest leads everywhere
        if is_generator(value) or isinstance(value, types.FunctionType):
            yield value, f" {name}"


def _names(code: types.CodeType) -> set[str]:
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _is_foreign(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).split(".")[0] in FOREIGN


def words_of_lost(loaders: dict[str, Any], found: Found) -> list[str]:
    """Say by name what a checkpoint can't hold of what the batches depend on."""
    words = [
        f"{way} is a stream that can't be wound back (use a numpy.random.Generator)"
        for way in found.lost
        if way not in loaders  # of a loader that is a stream itself there is one epoch only
    ]
    for name, loader in loaders.items():
        if getattr(loader, "_persistent_workers", False) and getattr(loader, "num_workers", 0):
            words.append(
                f"{name} keeps its worker processes from epoch to epoch, and with them random "
                "states that nobody else can read (use persistent_workers=False if its data set "
                "draws random numbers)"
            )
    return words


def in_step(loader: Iterable) -> Iterable:
    """Give a loader that never works ahead, so that its random states are those of its batches.

    A :class:`paddle.io.DataLoader` without processes reads in a thread, which draws random numbers
    while the training draws others from the same generators. In the thread of the training both
    draw in one order, the same in every run.
    """
    is_loader = isinstance(loader, paddle.io.DataLoader)
    if not is_loader or type(loader).__iter__ is not paddle.io.DataLoader.__iter__:
        return loader
    return _read(loader) if loader.num_workers == 0 else loader


def _read(loader: Any) -> Iterator[Any]:
    """Read as Paddle's own iterator does, in this thread."""
    from paddle.io.dataloader.collate import default_collate_fn, default_convert_fn

    default = default_convert_fn if loader.batch_sampler is None else default_collate_fn
    collate: Callable[[Any], Any] = loader.collate_fn or default
    if isinstance(loader.dataset, paddle.io.IterableDataset):
        chunks = _chunks(loader)
    elif loader.batch_sampler is None:
        chunks = (loader.dataset[index] for index in range(len(loader.dataset)))
    else:
        chunks = ([loader.dataset[index] for index in chosen] for chosen in loader.batch_sampler)
    return (_tensors(collate(chunk)) for chunk in chunks)


def _chunks(loader: Any) -> Iterator[Any]:
    samples = iter(loader.dataset)
    if loader.batch_sampler is None:
        yield from samples
        return
    for places in loader.batch_sampler:
        chunk = list(islice(samples, len(places)))
        if not chunk or (loader.drop_last and len(chunk) < len(places)):
            return
        yield chunk


def _tensors(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        return paddle.to_tensor(values)
    if isinstance(values, dict):
        return {key: _tensors(value) for key, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [_tensors(value) for value in values]
    return values


def fingerprint(batch: Any) -> int:
    """Give a number that tells one batch from another."""
    return _crc(batch, 0)


def _crc(values: Any, before: int) -> int:
    if isinstance(values, dict):
        values = list(values.values())
    if isinstance(values, (tuple, list)):
        for value in values:
            before = _crc(value, before)
        return before
    values = values.numpy() if isinstance(values, paddle.Tensor) else values
    array = np.ascontiguousarray(values)
    return zlib.crc32(array.tobytes(), zlib.crc32(str((array.shape, array.dtype)).encode(), before))
