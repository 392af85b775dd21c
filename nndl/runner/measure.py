"""Measure a model: its score and its loss over the batches of a data set."""

from collections.abc import Iterable
from typing import Any

from nndl.device import as_tensor, paddle
from nndl.runner import checks
from nndl.runner.history import Evaluation

__all__: list[str] = []

METHODS = ("reset", "update", "accumulate")


def is_metric(value: Any) -> bool:
    """Tell whether something adds up over batches, as metrics do."""
    return all(callable(getattr(value, name, None)) for name in METHODS)


class FunctionMetric:
    """A plain function of (outputs, labels) as a metric, for data that come in one batch."""

    def __init__(self, function: Any):
        self.function = function

    def reset(self) -> None:
        """Forget the score."""

    def update(self, outputs: Any, labels: Any) -> None:
        """Take the one batch."""
        self.value = self.function(outputs, labels)

    def accumulate(self) -> float:
        """Give its score."""
        return self.value


def adding_up(metric: Any) -> Any:
    """Make a metric of a function; leave a metric, or none, as it is."""
    return metric if metric is None or is_metric(metric) else FunctionMetric(metric)


def update(metric: Any, outputs: Any, labels: Any) -> None:
    """Let a metric count a batch: the course's own, Paddle's, or any with the same methods."""
    if not isinstance(metric, paddle.metric.Metric):
        metric.update(outputs, labels)
        return
    # Paddle's metrics compute on the device and add up in NumPy.
    parts = metric.compute(as_tensor(outputs), as_tensor(labels))
    parts = parts if isinstance(parts, (tuple, list)) else (parts,)
    metric.update(*(part.numpy() if isinstance(part, paddle.Tensor) else part for part in parts))


def score_of(metric: Any) -> float:
    """Give what a metric has added up, as one number."""
    score = metric.accumulate()
    # paddle.metric.Accuracy(topk=(1, 5)) gives one score for each k.
    return float(score[0] if isinstance(score, (tuple, list)) else score)


def score_on(metric: Any, outputs: Any, labels: Any) -> float:
    """Give the score of one batch alone."""
    metric = adding_up(metric)
    metric.reset()
    update(metric, outputs, labels)
    return score_of(metric)


def name_of(metric: Any) -> str:
    """Give the name under which a score is shown."""
    name = getattr(metric, "name", None) or getattr(metric, "__name__", "score")
    name = name() if callable(name) else name
    return str(name[0] if isinstance(name, (tuple, list)) else name)


def measure(
    backend: Any, batches: Iterable[tuple[Any, Any]], metric: Any, loss_fn: Any
) -> Evaluation:
    """Measure a model as it is, without changing anything.

    The sum of the losses stays on the device: it is waited for once, not on every batch.
    """
    if metric is None and loss_fn is None:
        raise ValueError("evaluate() needs a metric or a loss_fn, got neither")
    metric = adding_up(metric)
    if metric is not None:
        metric.reset()
    total, number = 0.0, 0
    with backend.in_use():
        for inputs, labels in batches:
            outputs, labels = backend.outputs_and_labels(inputs, labels)
            size = checks.batch_size(labels, inputs)
            number += size
            if metric is not None:
                update(metric, outputs, labels)
            if loss_fn is not None:
                loss = loss_fn(outputs, labels)
                backend.check_loss(loss)
                total = total + loss * size
    if number == 0:
        raise checks.no_batch("loader")
    score = None if metric is None else score_of(metric)
    # each sample weighs the same
    return Evaluation(score, None if loss_fn is None else float(total) / number)
