"""Measure a model: its score and its loss over the batches of a data set."""

from collections.abc import Iterable
from typing import Any

from nndl.device import as_tensor, paddle
from nndl.runner import checks
from nndl.runner.conversion import FaultsNamed
from nndl.runner.history import Evaluation

__all__: list[str] = []


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
    return metric if metric is None or checks.is_metric(metric) else FunctionMetric(metric)


def update(metric: Any, outputs: Any, labels: Any) -> None:
    """Let a metric count a batch: the course's own, Paddle's, or any with the same methods."""
    theirs = paddle.metric.Metric
    try:
        if not isinstance(metric, theirs):
            metric.update(outputs, labels)
        elif type(metric).compute is theirs.compute:  # all is done in update, on tensors
            metric.update(as_tensor(outputs), as_tensor(labels))
        else:  # it computes on the device and adds up in NumPy
            parts = metric.compute(as_tensor(outputs), as_tensor(labels))
            parts = parts if isinstance(parts, (tuple, list)) else (parts,)
            metric.update(*(p.numpy() if isinstance(p, paddle.Tensor) else p for p in parts))
    except IndexError as error:
        raise IndexError(
            f"update of the metric {name_of(metric)} raised: {error}; a tensor of one number has "
            "no axis in Paddle 3, so that .numpy()[0] must be .item()"
        ) from error


def score_of(metric: Any) -> float:
    """Give what a metric has added up, as one number."""
    score = metric.accumulate()
    # paddle.metric.Accuracy(topk=(1, 5)) gives one score for each k.
    first = score[0] if isinstance(score, (tuple, list)) and score else score
    return checks.one_number("accumulate of the metric", first)


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
    backend: Any, batches: Iterable[tuple[Any, Any]], metric: Any, loss_fn: Any, source: str
) -> Evaluation:
    """Measure a model as it is, without changing anything.

    The sum of the losses stays on the device: it is waited for once, not on every batch. An
    error names `source`, the argument that the batches come from.
    """
    if metric is None and loss_fn is None:
        raise ValueError("evaluate() needs a metric or a loss_fn, got neither")
    metric = adding_up(metric)
    if metric is not None:
        metric.reset()
    total, number = 0.0, 0
    with backend.in_use():
        for inputs, labels in batches:
            outputs, labels = backend.outputs_and_labels(inputs, labels, source)
            size = checks.batch_size(labels, inputs)
            number += size
            if metric is not None:
                update(metric, outputs, labels)
            if loss_fn is not None:
                with FaultsNamed("labels", labels, source):
                    loss = loss_fn(outputs, labels)
                backend.check_loss(loss)
                total = total + loss * size
    if number == 0:
        raise checks.no_batch(source)
    score = None if metric is None else score_of(metric)
    # each sample weighs the same
    mean = None if loss_fn is None else checks.one_number("loss_fn", total) / number
    return Evaluation(score, mean)
