"""How a Runner handles a model of NumPy operators, and how one of Paddle's layers.

The two differ in who makes the gradients, in how a model is put in use, and in where its weights
are; everything else of a Runner is the same for both.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from nndl.device import as_tensor, paddle
from nndl.ops import Op
from nndl.runner import checks
from nndl.runner.checkpoint import set_state

__all__: list[str] = []


class OpBackend:
    """A model of NumPy operators: it has a ``backward`` of its own.

    Parameters
    ----------
    model : Op
        The model.
    """

    as_array = staticmethod(np.asarray)

    def __init__(self, model: Op):
        self.model = model

    def outputs(self, inputs: Any) -> np.ndarray:
        """Run the model."""
        return self.model(*inputs) if isinstance(inputs, (tuple, list)) else self.model(inputs)

    def outputs_and_labels(self, inputs: Any, labels: Any) -> tuple[Any, Any]:
        """Run the model; the labels stay."""
        return self.outputs(inputs), labels

    def learn(self, optimizer: Any, loss_fn: Any, inputs: Any, labels: Any) -> tuple[Any, Any]:
        """Make one step of gradient descent; give the loss and the outputs before it."""
        if not callable(getattr(loss_fn, "backward", None)):
            raise TypeError(
                "loss_fn must have a backward(), as the losses of nndl.ops have, "
                f"got {checks.kind(loss_fn)}"
            )
        outputs = self.outputs(inputs)
        loss = loss_fn(outputs, labels)
        self.check_loss(loss)
        grads = loss_fn.backward()
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

    as_array = staticmethod(as_tensor)

    def __init__(self, model: Any):
        self.model = model

    def outputs(self, inputs: Any) -> Any:
        """Run the model; several inputs are several arguments."""
        return call(self.model, inputs)

    def outputs_and_labels(self, inputs: Any, labels: Any) -> tuple[Any, Any]:
        """Run the model; the labels stay."""
        return self.outputs(inputs), labels

    def learn(self, optimizer: Any, loss_fn: Any, inputs: Any, labels: Any) -> tuple[Any, Any]:
        """Make one step of gradient descent; give the loss and the outputs before it."""
        outputs = self.outputs(inputs)
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


def call(model: Any, inputs: Any) -> Any:
    """Call a model with one input, with several in order, or with several by name."""
    if isinstance(inputs, dict):
        return model(**inputs)
    if isinstance(inputs, (tuple, list)):
        return model(*inputs)
    return model(inputs)


@contextmanager
def modes_kept(model: Any) -> Iterator[None]:
    """Leave every layer in the mode, training or evaluation, in which it was found."""
    modes = [(layer, layer.training) for layer in model.sublayers(include_self=True)]
    try:
        yield
    finally:
        for layer, training in modes:
            layer.training = training
