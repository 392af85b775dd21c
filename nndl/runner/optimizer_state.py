"""What an optimizer remembers, by names that are the same in every process."""

import copy
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from nndl.device import paddle

__all__: list[str] = []


def named_parameters(run: Any) -> dict[str, Any]:
    """Give all that an optimizer may change, by names that are the same in every process."""
    named = {f"model.{name}": value for name, value in run.model.named_parameters()}
    if isinstance(run.loss_fn, paddle.nn.Layer):
        named |= {f"loss_fn.{name}": value for name, value in run.loss_fn.named_parameters()}
    return named


def check_optimizer(optimizer: Any) -> None:
    """Check that a checkpoint can hold all that an optimizer remembers.

    Raises
    ------
    TypeError
        If it is none of Paddle's, or one around another, whose memory is out of sight.
    """
    kind, is_one = type(optimizer).__name__, isinstance(optimizer, paddle.optimizer.Optimizer)
    if not is_one:
        raise TypeError(
            f"optimizer must be a paddle.optimizer.Optimizer to be kept in a checkpoint, got {kind}"
        )
    for name, value in vars(optimizer).items():
        if isinstance(value, paddle.optimizer.Optimizer):
            raise TypeError(
                "optimizer must stand alone to be kept in a checkpoint, "
                f"got {kind} around {type(value).__name__} (its {name})"
            )


def optimizer_state(optimizer: Any, named: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give what an optimizer remembers, by kind and by the parameter's name in the model.

    Paddle names it after the parameters' own names, such as ``linear_3.w_0``, which count all
    layers that the process ever made: in another process they may differ.
    """
    return {
        kind: {name: tensor.numpy() for name, tensor in tensors.items()}
        for kind, tensors in remembered(optimizer, named).items()
    }


def remembered(optimizer: Any, named: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the optimizer's own tensors, by kind and by the parameter's name in the model."""
    # Paddle's state_dict() joins kind and name to one key, from which they can't be told again
    # (and ASGD gives its tensors new names in each step); its own table has both.
    masters = getattr(optimizer, "_master_weights", {})
    by_own_name = {parameter.name: name for name, parameter in named.items()}
    by_own_name |= {masters[own].name: name for own, name in by_own_name.items() if own in masters}
    tables = {kind: table for kind, table in optimizer._accumulators.items() if table}
    if masters:
        tables["master_weight"] = masters
    strange = [own for table in tables.values() for own in table if own not in by_own_name]
    if strange:
        raise ValueError(
            "optimizer must change only parameters of the model or of loss_fn to be resumed, "
            f"got {strange[0]!r}"
        )
    return {
        kind: {by_own_name[own]: tensor for own, tensor in table.items()}
        for kind, table in sorted(tables.items())
    }


def with_gradient(named: dict[str, Any]) -> list[str]:
    """Name the parameters that have had a gradient: an optimizer steps no others."""
    return [name for name, parameter in named.items() if parameter.grad is not None]


def make_room(
    optimizer: Any, named: dict[str, Any], stepped: Iterable[str], kinds: Iterable[str]
) -> None:
    """Let an optimizer make its room for what it is to remember.

    It does so at its first step. The step is made with gradients of zero, and the weights, which
    weight decay moves even then, are put back.
    """
    for name in stepped:
        if not named[name].stop_gradient and named[name].grad is None:
            named[name].grad = paddle.zeros_like(named[name])
    if any(kind not in remembered(optimizer, named) for kind in kinds):
        before = {name: parameter.numpy() for name, parameter in named.items()}
        optimizer.step()
        for name, value in before.items():
            if (named[name].numpy() != value).any():
                named[name].set_value(value)
    optimizer.clear_grad()


def set_optimizer_state(
    optimizer: Any, named: dict[str, Any], state: dict[str, dict[str, Any]]
) -> None:
    """Make an optimizer that has made its room remember what another one did.

    Raises
    ------
    ValueError
        If it has another room. Then nothing has been set.
    """
    own = remembered(optimizer, named)
    if own.keys() != state.keys():
        raise ValueError(
            f"it was written with another optimizer: it remembers {_words(state)}, "
            f"this one {_words(own)}"
        )
    for kind, values in state.items():
        for name in sorted(values.keys() ^ own[kind].keys()):
            raise ValueError(f"it does not fit the optimizer: {kind} of {name} is on one side only")
        for name, value in values.items():
            check_array(f"the optimizer's {kind} of {name}", value, own[kind][name])
    for kind, values in state.items():
        for name, value in values.items():
            own[kind][name].set_value(value)


def check_array(what: str, value: Any, tensor: Any) -> None:
    """Check that an array has the shape and the type of a tensor."""
    own = np.empty(0) if not tensor.size else tensor.flatten()[:1].numpy()
    if not isinstance(value, np.ndarray):
        raise ValueError(f"{what} is no array, but a {type(value).__name__}")
    if list(value.shape) != list(tensor.shape):
        raise ValueError(f"{what} has shape {list(value.shape)}, here {list(tensor.shape)}")
    if tensor.size and value.dtype != own.dtype:
        raise ValueError(f"{what} is of type {value.dtype}, here {own.dtype}")


def kept(optimizer: Any) -> Callable[[], None]:
    """Note how an optimizer is, and give what puts it back."""
    before = copied(vars(optimizer), {})
    tables = [*optimizer._accumulators.values(), getattr(optimizer, "_master_weights", {})]
    values = [(tensor, tensor.numpy()) for table in tables for tensor in table.values()]

    def put_back() -> None:
        vars(optimizer).clear()
        vars(optimizer).update(before)
        for tensor, value in values:
            tensor.set_value(value)

    return put_back


def copied(value: Any, done: dict[int, Any]) -> Any:
    """Copy containers, nested at will and each once; leave what is in them."""
    if not isinstance(value, (dict, list, set)):
        return value
    if id(value) not in done:
        done[id(value)] = new = copy.copy(value)  # a defaultdict stays one
        if isinstance(value, dict):
            new.update({key: copied(inner, done) for key, inner in value.items()})
        elif isinstance(value, list):
            new[:] = [copied(inner, done) for inner in value]
    return done[id(value)]


def _words(state: dict[str, Any]) -> str:
    return ", ".join(sorted(state)) or "nothing"
