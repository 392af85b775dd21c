"""What the Runner asks of its arguments, and the words in which it says so."""

import difflib
from collections.abc import Iterable
from typing import Any

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


def check_parts(model: Any, optimizer: Any, loss_fn: Any, metric: Any) -> None:
    """Check that the four parts of a Runner are what they should be."""
    if not isinstance(model, paddle.nn.Layer):
        raise TypeError(f"model must be a paddle.nn.Layer, got {kind(model)}")
    if optimizer is not None and not hasattr(optimizer, "clear_grad"):
        raise TypeError(f"optimizer must be a paddle.optimizer.Optimizer, got {kind(optimizer)}")
    if loss_fn is not None and not callable(loss_fn):
        raise TypeError(f"loss_fn must be a function of (outputs, labels), got {kind(loss_fn)}")
    methods = ("reset", "update", "accumulate")
    if metric is not None and not all(callable(getattr(metric, name, None)) for name in methods):
        raise TypeError(f"metric must have reset, update and accumulate, got {kind(metric)}")


def check_counts(**counts: Any) -> None:
    """Check that numbers of steps are whole and not negative, and ``num_epochs`` not 0."""
    for name, value in counts.items():
        least = 1 if name == "num_epochs" else 0
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            rule = "a positive integer" if least else "0 or a positive integer"
            raise ValueError(f"{name} must be {rule}, got {value!r}")


def check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    """Check that a value is one of a few."""
    if value not in choices:
        words = " or ".join(repr(choice) for choice in choices if choice is not None)
        raise ValueError(f"{name} must be {words}, got {value!r}")


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


def pair(batch: Any, name: str) -> tuple[Any, Any]:
    """Take a batch apart into inputs and labels, as tensors."""
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        size = f" of {len(batch)}" if isinstance(batch, (tuple, list)) else ""
        raise TypeError(f"{name} must give pairs (inputs, labels), got {kind(batch)}{size}")
    inputs, labels = batch
    # Several inputs, such as word numbers and lengths, go to the model as they come.
    if not isinstance(inputs, (tuple, list, dict)):
        inputs = as_tensor(inputs)
    return inputs, as_tensor(labels)


def batch_size(labels: Any) -> int:
    """Count the samples of a batch."""
    return labels.shape[0] if labels.ndim else 1


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
