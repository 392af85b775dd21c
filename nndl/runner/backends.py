"""How a Runner handles a model of NumPy operators, and how one of Paddle's layers.

The two differ in who makes the gradients, in how a model is put in use, and in where its weights
are; everything else of a Runner is the same for both.
"""

import functools
import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from nndl.device import paddle
from nndl.ops import Op
from nndl.runner import checks
from nndl.runner.checkpoint import set_state
from nndl.runner.conversion import FaultsNamed, Reader, reader_of

__all__: list[str] = []


class OpBackend:
    """A model of NumPy operators: it has a ``backward`` of its own.

    Parameters
    ----------
    model : Op
        The model.
    """

    def __init__(self, model: Op):
        self.model = model

    def reader(self) -> Reader:
        """Say how inputs and labels become arrays."""
        return Reader()

    def check_optimizer(self, optimizer: Any, loss_fn: Any) -> None:
        """Check that an optimizer changes this model; name what it leaves out."""
        other = getattr(optimizer, "model", None)
        if isinstance(other, Op):
            named = dict(self.model.params)
            if isinstance(loss_fn, Op):
                named |= {f"loss_fn.{name}": array for name, array in loss_fn.params.items()}
            checks.check_changes(named, list(other.params.values()))

    def outputs(self, inputs: Any, source: str) -> np.ndarray:
        """Run the model; several inputs are several arguments."""
        return call(self.model, inputs, source)

    def outputs_and_labels(self, inputs: Any, labels: Any, source: str) -> tuple[Any, Any]:
        """Run the model; the labels stay."""
        return self.outputs(inputs, source), labels

    def learn(self, optimizer: Any, loss_fn: Any, inputs: Any, labels: Any) -> tuple[Any, Any]:
        """Make one step of gradient descent; give the loss and the outputs before it."""
        if not callable(getattr(loss_fn, "backward", None)):
            raise TypeError(
                "loss_fn must have a backward(), as the losses of nndl.ops have, "
                f"got {checks.kind(loss_fn)}; {checks.ORDER}"
            )
        outputs = self.outputs(inputs, "train_set")
        loss = loss_fn(outputs, labels)
        self.check_loss(loss)
        grads = loss_fn.backward()
        checks.check_given_back(loss_fn, grads)
        self.model.backward(grads[0] if isinstance(grads, tuple) else grads)
        optimizer.step()
        optimizer.clear_grad()
        return loss, outputs

    def check_loss(self, loss: Any) -> None:
        """Check that a loss is one number."""
        if np.size(loss) != 1 or np.asarray(loss).dtype.kind not in "fiu":
            raise ValueError(f"loss_fn must give one number, got shape {list(np.shape(loss))}")

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Put the model in use, and back in the mode in which it was."""
        training = self.model.training
        self.model.eval()
        try:
            yield
        finally:
            (self.model.train if training else self.model.eval)()

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Let the model learn, and put it back in the mode in which it was."""
        training = self.model.training
        self.model.train()
        try:
            yield
        finally:
            (self.model.train if training else self.model.eval)()

    def state(self) -> dict[str, np.ndarray]:
        """Give a copy of the weights."""
        return self.model.state_dict()

    def set_state(self, state: Mapping[str, Any], source: str = "the state") -> None:
        """Give the model its weights, all of them and no others."""
        set_state(self.model, state, source)


class LayerBackend:
    """A model that is a layer of Paddle: automatic differentiation makes the gradients.

    Parameters
    ----------
    model : paddle.nn.Layer
        The model.
    """

    def __init__(self, model: Any):
        self.model = model

    def reader(self) -> Reader:
        """Say how inputs and labels become tensors that the model takes."""
        return reader_of(self.model)

    def check_optimizer(self, optimizer: Any, loss_fn: Any) -> None:
        """Check that an optimizer changes this model; name what it leaves out."""
        entries = getattr(optimizer, "_parameter_list", None)  # Paddle has no public name for it
        if entries is None:
            return
        groups = [e["params"] if isinstance(e, dict) else [e] for e in entries]
        named = dict(self.model.named_parameters())
        if isinstance(loss_fn, paddle.nn.Layer):
            named |= {f"loss_fn.{name}": value for name, value in loss_fn.named_parameters()}
        learned = {name: value for name, value in named.items() if not value.stop_gradient}
        checks.check_changes(learned, [parameter for group in groups for parameter in group])

    def outputs(self, inputs: Any, source: str) -> Any:
        """Run the model; several inputs are several arguments."""
        return call(self.model, inputs, source)

    def outputs_and_labels(self, inputs: Any, labels: Any, source: str) -> tuple[Any, Any]:
        """Run the model; the labels stay."""
        return self.outputs(inputs, source), labels

    def learn(self, optimizer: Any, loss_fn: Any, inputs: Any, labels: Any) -> tuple[Any, Any]:
        """Make one step of gradient descent; give the loss and the outputs before it."""
        outputs = self.outputs(inputs, "train_set")
        with FaultsNamed("labels", labels, "train_set"):
            loss = loss_fn(outputs, labels)
            self.check_loss(loss)
            checks.check_gradient(loss)
            loss.backward()
        optimizer.step()
        optimizer.clear_grad()
        return loss.detach(), outputs.detach()

    def check_loss(self, loss: Any) -> None:
        """Check that a loss is one number."""
        checks.check_loss(loss)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Put every layer in use, without gradients, and back in the mode in which it was."""
        with modes_kept(self.model), paddle.no_grad():
            self.model.eval()
            yield

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Let every layer learn, and put it back in the mode in which it was."""
        with modes_kept(self.model):
            self.model.train()
            yield

    def state(self) -> dict[str, np.ndarray]:
        """Give a copy of the weights."""
        return {name: value.numpy().copy() for name, value in self.model.state_dict().items()}

    def set_state(self, state: Mapping[str, Any], source: str = "the state") -> None:
        """Give the model its weights, all of them and no others."""
        set_state(self.model, state, source)


def call(model: Any, inputs: Any, source: str) -> Any:
    """Call a model with one input, with several in order, or with several by name.

    A ``forward(self, inputs)`` that takes a pair or a dict apart itself is given it whole. An error
    names the argument that they come from.
    """
    with FaultsNamed("inputs", inputs, source):
        if isinstance(inputs, (dict, tuple, list)):
            inner = model._layers if isinstance(model, paddle.DataParallel) else model
            whole = only_argument(type(inner))
            if isinstance(inputs, dict):
                return model(**inputs) if whole in (None, *inputs) else model(inputs)
            return model(inputs) if whole and len(inputs) > 1 else model(*inputs)
        return model(inputs)


@functools.lru_cache(maxsize=100)
def only_argument(kind: type) -> str | None:
    """Give the name of the one argument that a model's ``forward`` takes, if it takes just one."""
    try:
        arguments = list(inspect.signature(kind.forward).parameters.values())[1:]
    except (AttributeError, TypeError, ValueError):
        return None
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    is_one = len(arguments) == 1 and arguments[0].kind in by_place
    return arguments[0].name if is_one else None


@contextmanager
def modes_kept(model: Any) -> Iterator[None]:
    """Leave every layer in the mode, training or evaluation, in which it was found."""
    modes = [(layer, layer.training) for layer in model.sublayers(include_self=True)]
    try:
        yield
    finally:
        for layer, training in modes:
            layer.training = training
