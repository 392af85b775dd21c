"""Watch every operator that Paddle runs: the ones to be counted, and then all of them.

Two witnesses. While a model runs, the functions of the operators that multiply and add are replaced
by ones that also look at the sizes. And Paddle's profiler, below Python, notes every operator that
ran, whoever called it: what it saw and the first witness did not is no silent gap in a sum.

The replaced functions are those of the whole process, but they look only at calls of the thread
that watches; other threads compute as ever. What an other thread multiplies meanwhile is seen by
the profiler and can't be told from the model's own work, so it is reported too.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from types import ModuleType
from typing import Any

from nndl.device import paddle
from nndl.profile.operators import NORMS, PRODUCTS, Call, is_free, plain_name

__all__ = ["Recorder", "replaced"]

core = paddle.base.core
LOOKED_AT = "nndl: looked at"
LAYER = "nndl: layer "


@contextmanager
def replaced(attributes: list[tuple[Any, str, Any]]) -> Iterator[None]:
    """Give attributes other values for a while: (owner, name, value) each.

    Examples
    --------
    >>> import math
    >>> with replaced([(math, "pi", 3)]):
    ...     math.pi
    3
    >>> round(math.pi, 2)
    3.14
    """
    before = [(owner, name, vars(owner)[name]) for owner, name, _ in attributes]
    try:
        for owner, name, value in attributes:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def _event(name: str) -> Any:
    """Begin a stretch of time in the profiler's notes; its method `end` ends it."""
    return core._RecordEvent(name, core.TracerEventType.PythonUserDefined)


class Recorder:
    """Watch the operators that run within ``with recorder.watching():``.

    Parameters
    ----------
    on_operator : callable
        Called with the operator's name and its `Call`, after each of `PRODUCTS` and `NORMS` that
        the watching thread runs.
    on_leaving : callable
        Called when that thread takes several real numbers out of Paddle, where no one sees what
        they are multiplied with.

    Attributes
    ----------
    unseen : list of (str or None, str)
        After watching: the layer (see `begin_layer`; None is another thread) and the name of each
        operator that ran, is not known to be free, and was not looked at.

    Examples
    --------
    >>> recorder = Recorder(lambda name, call: print(name, call.result.tolist()), print)
    >>> with recorder.watching():
    ...     y = paddle.matmul(paddle.ones([1, 3]), paddle.ones([3, 2]))
    ...     z = paddle.linalg.det(paddle.ones([2, 2]))
    matmul [[3.0, 3.0]]
    >>> recorder.unseen
    [(None, 'det')]
    """

    def __init__(self, on_operator: Callable[[str, Call], None], on_leaving: Callable) -> None:
        self.on_operator, self.on_leaving = on_operator, on_leaving
        self.unseen: list[tuple[str | None, str]] = []
        self._thread = get_ident()
        self._calls = self._noted = 0

    def is_here(self) -> bool:
        """Tell whether this is the thread that watches: the one that made the recorder."""
        return get_ident() == self._thread

    def begin_layer(self, name: str) -> Any:
        """Begin the run of a layer; call the result's `end` when it ends."""
        return _event(LAYER + name)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch until the end of the block, then fill in `unseen`.

        Raises
        ------
        RuntimeError
            If Paddle's profiler already runs, or did not see what was looked at.
        """
        profiler = _profiler()
        profiler.start()
        try:
            with replaced(self._replacements()):
                yield
        finally:
            notes = profiler.stop()  # owns the trees: keep it until they are read
        for tree in notes.get_data().values():  # one a thread
            self._read(tree, None)
        if self._noted != self._calls:
            raise RuntimeError(
                f"Paddle's profiler saw {self._noted} of {self._calls} operators: "
                "nothing vouches for the count"
            )

    def _replacements(self) -> list[tuple[Any, str, Any]]:
        """Return what to put where: in each module of Paddle that holds an operator's function."""
        known = {name: getattr(paddle._C_ops, name, None) for name in [*PRODUCTS, *NORMS]}
        fakes = {id(real): self._looked_at(name, real) for name, real in known.items() if real}
        modules = [
            module for name, module in list(sys.modules.items()) if _is_paddles(name, module)
        ]
        found = [
            (module, name, fakes[id(value)])
            for module in modules
            for name, value in list(vars(module).items())
            if id(value) in fakes
        ]
        tensor = paddle.Tensor
        for name in ("__matmul__", "__rmatmul__"):
            found.append((tensor, name, self._looked_at(name, vars(tensor)[name])))
        return [*found, (tensor, "numpy", self._left(tensor.numpy))]

    def _looked_at(self, name: str, real: Callable) -> Callable:
        def call(*args: Any, **kwargs: Any) -> Any:
            if not self.is_here():
                return real(*args, **kwargs)
            event = _event(LOOKED_AT)
            try:
                output = real(*args, **kwargs)
            finally:
                event.end()
                self._calls += 1
            if output is not NotImplemented:
                self.on_operator(name, Call(args, kwargs, output))
            return output

        return call

    def _left(self, real: Callable) -> Callable:
        def numpy(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            printing = sys._getframe(1).f_globals.get("__name__") == "paddle.tensor.to_string"
            several = tensor.is_floating_point() and tensor.shape and max(tensor.shape) > 1
            if several and not printing and self.is_here():
                self.on_leaving()
            return real(tensor, *args, **kwargs)

        return numpy

    def _read(self, node: Any, layer: str | None) -> None:
        """Go through the profiler's notes, a tree of stretches of time."""
        if node.name == LOOKED_AT:
            self._noted += 1
            return
        if node.name.startswith(LAYER):
            layer = node.name.removeprefix(LAYER)
        if node.type == core.TracerEventType.Operator:
            name = plain_name(node.name)
            if not is_free(name):
                self.unseen.append((layer, name))
        for child in node.children_node:
            self._read(child, layer)


def _is_paddles(name: str, module: Any) -> bool:
    return isinstance(module, ModuleType) and (name == "paddle" or name.startswith("paddle."))


def _profiler() -> Any:
    """Return Paddle's profiler of what runs on the host, ready to start."""
    # not paddle.profiler.Profiler, which wraps the steps of all optimizers and leaves them wrapped
    options = core.ProfilerOptions()
    options.trace_switch = 1
    profiler = core._Profiler.create(options, [])
    if profiler is None:
        raise RuntimeError("count needs Paddle's profiler for itself, but it is running already")
    profiler.prepare()
    return profiler
