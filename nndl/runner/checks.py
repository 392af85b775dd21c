"""What the Runner asks of its arguments, and the words in which it says so."""

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from nndl import optim
from nndl.device import as_tensor, paddle

__all__: list[str] = []


def kind(value: Any) -> str:
    """Put into words what was given: a short value as it is, anything else by its type."""
    return f"{value!r}" if isinstance(value, (str, int, float)) else type(value).__name__


def refuse_unknown(unknown: dict[str, Any], known: Iterable[str]) -> None:
    """Refuse arguments that do not exist, and name the one that was probably meant."""
    known = list(known)
    for name in unknown:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        near = near or difflib.get_close_matches(name, known, n=2, cutoff=0.5)
        meant = " or ".join(repr(word) for word in near)
        hint = f"did you mean {meant}?" if near else f"it has {', '.join(known)}"
        raise TypeError(f"train() has no argument {name!r}; {hint}")


def check_parts(
    optimizer: Any, loss_fn: Any, metric: Any, is_layer: bool, takes_function: bool
) -> None:
    """Check that the three parts beside the model are what they should be.

    A metric that is a plain function can't be added up over batches.
    """
    steps = callable(getattr(optimizer, "step", None)) and hasattr(optimizer, "clear_grad")
    of_the_other_kind = optim.Optimizer if is_layer else paddle.optimizer.Optimizer
    if optimizer is not None and (not steps or isinstance(optimizer, of_the_other_kind)):
        wanted = "a paddle.optimizer.Optimizer" if is_layer else "an optimizer of nndl.optim"
        raise TypeError(f"optimizer must be {wanted}, got {kind(optimizer)}")
    if loss_fn is not None and not callable(loss_fn):
        raise TypeError(f"loss_fn must be a function of (outputs, labels), got {kind(loss_fn)}")
    methods = ("reset", "update", "accumulate")
    adds_up = all(callable(getattr(metric, name, None)) for name in methods)
    if metric is not None and not adds_up and not (takes_function and callable(metric)):
        raise TypeError(f"metric must have reset, update and accumulate, got {kind(metric)}")


def check_needed(runner: Any, *names: str) -> None:
    """Check that the parts that training needs are there."""
    for name in names:
        if getattr(runner, name) is None:
            raise ValueError(
                f"{name} must be given to train: {type(runner).__name__}(model, optimizer, loss_fn)"
            )


def check_counts(**counts: Any) -> None:
    """Check that numbers of steps are whole and not negative, and ``num_epochs`` not 0."""
    for name, value in counts.items():
        least = 1 if name in ("num_epochs", "eval_epochs") else 0
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            rule = "a positive integer" if least else "0 or a positive integer"
            raise ValueError(f"{name} must be {rule}, got {value!r}")


def check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    """Check that a value is one of a few."""
    if not any(value is choice or value == choice for choice in choices):
        words = " or ".join(repr(choice) for choice in choices if choice is not None)
        raise ValueError(f"{name} must be {words}, got {value!r}")


def check_mode(mode: str | None, metric: Any) -> str:
    """Check which score is the best; by default the greatest, or the least loss."""
    check_choice("mode", mode, ("max", "min", None))
    if mode == "max" and metric is None:
        raise ValueError("mode must be 'min' where there is no metric but the loss, got 'max'")
    return mode or ("max" if metric is not None else "min")


def check_loss(loss: Any) -> None:
    """Check that a loss is one number."""
    if not isinstance(loss, paddle.Tensor) or loss.size != 1:
        got = f"shape {list(loss.shape)}" if isinstance(loss, paddle.Tensor) else kind(loss)
        raise ValueError(f"loss_fn must give a tensor of one number, got {got}")


def check_gradient(loss: Any) -> None:
    """Check that a loss depends on something that can be learned."""
    if loss.stop_gradient:
        raise ValueError(
            "loss_fn must give a loss that depends on a parameter, got one that does not"
        )


def pair(batch: Any, name: str, as_array: Callable = as_tensor) -> tuple[Any, Any]:
    """Take a batch apart into inputs and labels, as tensors (or NumPy arrays)."""
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        size = f" of {len(batch)}" if isinstance(batch, (tuple, list)) else ""
        raise TypeError(f"{name} must give pairs (inputs, labels), got {kind(batch)}{size}")
    return arrays(batch[0], as_array), arrays(batch[1], as_array)


def pairs(loader: Iterable, name: str, as_array: Callable = as_tensor) -> Iterator:
    """Give inputs and labels of each batch; close it to end what works ahead for the loader."""
    batches = iter(loader)
    try:
        for batch in batches:
            yield pair(batch, name, as_array)
    finally:
        end_working_ahead(batches)


def end_working_ahead(batches: Any) -> None:
    """Stop the thread or the processes in which a DataLoader prepares batches that nobody wants.

    Left alone they stay: they would go on to draw random numbers in the middle of the next run.
    Paddle has no public way to say so, and its own waits until nobody refers to the iterator, which
    the thread itself does. Processes that are to persist are left to the loader.
    """
    shut_down = getattr(batches, "_try_shutdown_all", None)
    if callable(shut_down) and not getattr(batches, "_persistent_workers", False):
        shut_down()


def arrays(values: Any, as_array: Callable = as_tensor) -> Any:
    """Make one array of what is one, and several of what is several: by place or by name.

    A list of numbers is one array; a tuple, list or dict of arrays is several.
    """
    if isinstance(values, paddle.Tensor) and as_array is as_tensor:
        return values  # on every step of a training: not a call more than it takes
    if isinstance(values, (paddle.Tensor, np.ndarray)):
        return as_array(values)
    if isinstance(values, dict):
        return {name: arrays(value, as_array) for name, value in values.items()}
    several = isinstance(values, (tuple, list)) and any(
        isinstance(value, (paddle.Tensor, np.ndarray)) for value in values
    )
    if several:
        return tuple(arrays(value, as_array) for value in values)
    return as_array(values)


def batch_size(labels: Any, inputs: Any = None) -> int:
    """Count the samples of a batch, by the first array of its labels, or else of its inputs."""
    for values in (labels, inputs):
        array = first(values)
        if array is not None and array.ndim:
            return array.shape[0]
    return 1


def first(values: Any) -> Any:
    """Give the first array among several, or the one that there is."""
    while isinstance(values, (dict, tuple, list)):
        values = next(iter(values.values() if isinstance(values, dict) else values), None)
    return values


def length_of(loader: Iterable) -> int | None:
    """Count the batches of an epoch; ``None`` for a stream, of which nobody knows."""
    try:
        return len(loader)  # type: ignore[arg-type]
    except (TypeError, ValueError, NotImplementedError, RuntimeError):
        return None


def no_batch(name: str, epoch: int = 1) -> ValueError:
    """Make the error for a loader that gave nothing."""
    if epoch == 1:
        return ValueError(f"{name} must give at least one batch, got none")
    return ValueError(
        f"{name} must give its batches anew each time, got none in epoch {epoch}: "
        "a generator is used up after the first"
    )
