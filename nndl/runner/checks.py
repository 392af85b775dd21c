"""What the Runner asks of its arguments, and the words in which it says so."""

import difflib
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from nndl import optim
from nndl.arithmetic.checks import choice, integer, size
from nndl.device import paddle
from nndl.runner.conversion import Reader, faults_of

__all__: list[str] = []

ORDER = "the order is model, optimizer, loss_fn, metric; or give them by name"
# what the published course calls otherwise, and where it is here
PUBLISHED_ARGUMENTS = {
    "custom_print_log": "a nndl.runner.Callback looks on: RunnerV3.train(..., callbacks=[...])",
    "writer": "a nndl.runner.VisualDL writes: RunnerV3.train(..., callbacks=[VisualDL(folder)])",
}
PUBLISHED_RESULTS = {
    "train_loss": "train_losses",
    "train_losses": "train_losses",
    "train_scores": "train_scores",
    "train_step_losses": "train_losses",
    "train_epoch_losses": "epoch_losses",
    "dev_loss": "dev_losses",
    "dev_losses": "dev_losses",
    "dev_scores": "dev_scores",
    "best_score": "best_score",
}


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
        hint = PUBLISHED_ARGUMENTS.get(name, hint)
        raise TypeError(f"train() has no argument {name!r}; {hint}")


def is_metric(value: Any) -> bool:
    """Tell whether something adds up over batches, as metrics do."""
    return all(callable(getattr(value, name, None)) for name in ("reset", "update", "accumulate"))


def check_order(loss_fn: Any, metric: Any, is_layer: bool) -> None:
    """Check that loss function and metric have not changed places, where that can be told.

    An ``Op`` learns by the ``backward`` of its loss function; a metric has none.
    """
    goes_back = [callable(getattr(part, "backward", None)) for part in (loss_fn, metric)]
    changed = is_metric(loss_fn) or (not is_layer and goes_back == [False, True])
    changed = changed or "accuracy" in getattr(loss_fn, "__name__", "").lower()
    if metric is not None and loss_fn is not None and changed:
        raise TypeError(
            f"loss_fn must be a loss function and metric a metric, got {name_of(loss_fn)} and "
            f"{name_of(metric)}: {ORDER}"
        )


def name_of(part: Any) -> str:
    """Give the name of a function, or of the class of an object."""
    return getattr(part, "__name__", type(part).__name__)


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
    check_order(loss_fn, metric, is_layer)
    if loss_fn is not None and not callable(loss_fn):
        raise TypeError(f"loss_fn must be a function of (outputs, labels), got {kind(loss_fn)}")
    if metric is not None and not is_metric(metric) and not (takes_function and callable(metric)):
        raise TypeError(f"metric must have reset, update and accumulate, got {kind(metric)}")


def check_needed(runner: Any, *names: str) -> None:
    """Check that the parts that training needs are there."""
    for name in names:
        if getattr(runner, name) is None:
            raise ValueError(
                f"{name} must be given to train: {type(runner).__name__}(model, optimizer, loss_fn)"
            )


def check_counts(**counts: Any) -> dict[str, int]:
    """Give numbers of steps as Python's own: not negative, and those of epochs not 0.

    An interval may be as long as one likes, for never; nobody waits for so many epochs.
    """
    least = {"num_epochs": 1, "eval_epochs": 1}
    check = {"num_epochs": size}
    return {
        name: check.get(name, integer)(name, value, least.get(name, 0))
        for name, value in counts.items()
    }


def check_mode(mode: str | None, metric: Any) -> str:
    """Check which score is the best; by default the greatest, or the least loss."""
    if mode is not None:
        choice("mode", mode, ("max", "min"))
    if mode == "max" and metric is None:
        raise ValueError("mode must be 'min' where there is no metric but the loss, got 'max'")
    return mode or ("max" if metric is not None else "min")


def check_watching(who: str, mode: str, mode_of_run: str) -> None:
    """Check that there is a value whose direction is `mode`: the run's own one, or the loss."""
    if mode == "max" and mode_of_run == "min":
        raise ValueError(
            f"mode of {who} must be 'min' in a run whose best value is the least, got 'max'"
        )


def check_changes(named: dict[str, Any], changed: list[Any]) -> None:
    """Check that an optimizer changes what is to be learned; name what it leaves out."""
    ids = {id(parameter) for parameter in changed}
    left = [name for name, parameter in named.items() if id(parameter) not in ids]
    if named and len(left) == len(named):
        raise ValueError(
            "optimizer must hold the parameters of this model, got one that holds none of them: "
            "whoever makes a model anew makes its optimizer anew, too"
        )
    if left:
        words = ", ".join(left[:8]) + (f" and {len(left) - 8} more" if len(left) > 8 else "")
        warnings.warn(
            f"the optimizer does not hold all parameters of the model: {words} will stay as they "
            "are; to say that this is meant, set their stop_gradient = True",
            RuntimeWarning,
            stacklevel=4,
        )


def one_number(name: str, value: Any) -> float:
    """Read one number, of Python, NumPy or Paddle, however many axes of length 1 are around it."""
    if isinstance(value, paddle.Tensor) and value.size == 1:
        value = value.item()  # not by NumPy, which takes a bfloat16 for a whole number
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "fiub":
        got = kind(value) if array.dtype.kind not in "fiub" else f"shape {list(array.shape)}"
        raise ValueError(f"{name} must give one number, got {got}")
    return float(array.item())


def check_loss(loss: Any) -> None:
    """Check that a loss is one number."""
    if not isinstance(loss, paddle.Tensor) or loss.size != 1:
        got = f"shape {list(loss.shape)}" if isinstance(loss, paddle.Tensor) else kind(loss)
        hint = "" if isinstance(loss, paddle.Tensor) else f"; {ORDER}"
        raise ValueError(f"loss_fn must give a tensor of one number, got {got}{hint}")


def check_gradient(loss: Any) -> None:
    """Check that a loss depends on something that can be learned."""
    if loss.stop_gradient:
        raise ValueError(
            "loss_fn must give a loss that depends on a parameter, got one that does not; " + ORDER
        )


def check_given_back(loss_fn: Any, grads: Any) -> None:
    """Check that the ``backward`` of a loss gave the gradient of the outputs."""
    if (grads[0] if isinstance(grads, tuple) and grads else grads) is None:
        raise TypeError(
            f"backward of {type(loss_fn).__name__} must return the gradient of the outputs, got "
            "None; the Runner gives it to the model's backward itself"
        )


def pair(batch: Any, name: str, reader: Reader) -> tuple[Any, Any]:
    """Take a batch apart into inputs and labels, as the model's tensors (or NumPy arrays)."""
    check_pair(batch, name)
    with faults_of(name):
        return arrays(batch[0], reader.inputs), arrays(batch[1], reader.labels)


def check_pair(batch: Any, name: str) -> None:
    """Check that a batch, or a whole data set, has two parts."""
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        parts = f" of {len(batch)}" if isinstance(batch, (tuple, list)) else ""
        raise TypeError(f"{name} must give pairs (inputs, labels), got {kind(batch)}{parts}")


def check_loader(loader: Any, name: str) -> None:
    """Check that something can give batches at all, without asking it for one."""
    gives = hasattr(type(loader), "__iter__") or hasattr(type(loader), "__getitem__")
    # each of these can be gone through, some of the time, and gives no pairs
    no_loaders = (str, bytes, np.ndarray, np.generic, paddle.Tensor)
    if not gives or isinstance(loader, no_loaders):
        raise TypeError(f"{name} must give batches (inputs, labels) one by one, got {kind(loader)}")


def pairs(loader: Iterable, name: str, reader: Reader) -> Iterator:
    """Give inputs and labels of each batch; close it to end what works ahead for the loader."""
    batches = iter(loader)
    try:
        for batch in batches:
            yield pair(batch, name, reader)
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


def arrays(values: Any, as_array: Callable) -> Any:
    """Make one array of what is one, and several of what is several: by place or by name.

    A list of numbers is one array; a tuple, list or dict of arrays is several.
    """
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


class NoBatchError(ValueError):
    """A loader gave nothing."""


def no_batch(name: str, epoch: int = 1) -> NoBatchError:
    """Make the error for a loader that gave nothing."""
    if epoch == 1:
        return NoBatchError(f"{name} must give at least one batch, got none")
    return NoBatchError(
        f"{name} must give its batches anew each time, got none in epoch {epoch}: "
        "a generator is used up after the first"
    )
