"""Accuracy counts samples, whatever the batches and whichever of the usual shapes they come in."""

import numpy as np
import pytest

from nndl.device import paddle
from nndl.metrics import Accuracy

RNG = np.random.default_rng(0)


def test_streams_over_uneven_batches():
    logits = RNG.normal(size=(103, 5)).astype("float32")
    labels = RNG.integers(0, 5, 103)
    accuracy = Accuracy()
    for start in range(0, 103, 10):  # the last batch holds 3
        part = slice(start, start + 10)
        accuracy.update(paddle.to_tensor(logits[part]), paddle.to_tensor(labels[part]))
    assert accuracy.accumulate() == np.mean(logits.argmax(1) == labels)


def test_last_partial_batch_weighs_its_size():
    accuracy = Accuracy()
    accuracy.update(np.eye(3, dtype="float32"), np.array([0, 1, 2]))
    accuracy.update(np.array([[1.0, 0.0, 0.0]], "float32"), np.array([2]))
    assert accuracy.accumulate() == 0.75  # the mean of batch accuracies would be 0.5


@pytest.mark.parametrize("logit_shape", [(6,), (6, 1)])
@pytest.mark.parametrize("label_shape", [(6,), (6, 1)])
@pytest.mark.parametrize("dtype", ["int64", "float32", "bool"])
def test_binary_logits(logit_shape, label_shape, dtype):
    logits = np.array([-1.0, 0.2, 3.0, -0.1, 0.0, 5.0], "float32").reshape(logit_shape)
    labels = np.array([0, 1, 0, 0, 0, 1]).astype(dtype).reshape(label_shape)
    accuracy = Accuracy()
    accuracy.update(paddle.to_tensor(logits), paddle.to_tensor(labels))
    assert accuracy.accumulate() == pytest.approx(5 / 6)


def test_label_columns_and_further_axes():
    logits = RNG.normal(size=(4, 3, 5)).astype("float32")
    labels = RNG.integers(0, 5, (4, 3))
    accuracy = Accuracy()
    accuracy.update(logits, labels)
    expected = np.mean(logits.argmax(-1) == labels)
    assert accuracy.accumulate() == expected
    accuracy.reset()
    accuracy.update(logits[:, 0], labels[:, :1])
    assert accuracy.accumulate() == np.mean(logits[:, 0].argmax(-1) == labels[:, 0])


def test_equal_to_paddles():
    logits = paddle.to_tensor(RNG.normal(size=(50, 7)).astype("float32"))
    labels = paddle.to_tensor(RNG.integers(0, 7, (50, 1)))
    theirs = paddle.metric.Accuracy()
    theirs.update(theirs.compute(logits, labels))
    ours = Accuracy()
    ours.update(logits, labels)
    assert ours.accumulate() == pytest.approx(theirs.accumulate(), abs=1e-6)


@pytest.mark.parametrize(
    ("logits", "labels"),
    [((4, 3), (5,)), ((4, 3), (4, 3)), ((4, 3), (4, 2)), ((4,), (5,)), ((4, 1), (1, 4)), ((), ())],
)
def test_shapes_that_do_not_match(logits, labels):
    with pytest.raises(ValueError, match="logits"):
        Accuracy().update(np.zeros(logits, "float32"), np.zeros(labels, "int64"))


def test_empty_and_reset():
    accuracy = Accuracy()
    with pytest.raises(ValueError, match="at least one sample"):
        accuracy.accumulate()
    accuracy.update(np.eye(2, dtype="float32"), np.array([0, 1]))
    accuracy.reset()
    with pytest.raises(ValueError, match="at least one sample"):
        accuracy.accumulate()


def test_keeps_no_graph():
    weight = paddle.ones([2, 2])
    weight.stop_gradient = False
    accuracy = Accuracy()
    accuracy.update(weight @ weight, paddle.to_tensor([0, 1]))
    assert accuracy._correct.stop_gradient


def test_a_row_with_a_nan_is_never_right():
    nan = float("nan")
    rows = np.array([[nan, 1.0, 0.0], [nan] * 3, [0.0, nan, 2.0], [3.0, 1.0, 2.0]], "float32")
    accuracy = Accuracy()
    for label in range(3):
        accuracy.update(rows, np.full(4, label))
    assert accuracy.accumulate() == 1 / 12  # the last row, whose label is 0 once
    for logits in (np.array([nan, -1.0], "float32"), np.array([[nan], [-1.0]], "float32")):
        accuracy.reset()
        accuracy.update(logits, np.array([0, 0]))
        assert accuracy.accumulate() == 0.5


def test_infinite_logits_name_a_class():
    accuracy = Accuracy()
    accuracy.update(np.array([[np.inf, 0.0], [-np.inf, 1.0]], "float32"), np.array([0, 1]))
    assert accuracy.accumulate() == 1.0


@pytest.mark.parametrize("label", [0.5, -0.5, float("nan")])
def test_a_label_between_the_classes_is_never_right(label):
    accuracy = Accuracy()
    accuracy.update(np.array([[2.0, 1.0], [2.0, 1.0]], "float32"), np.array([label, 0.0]))
    assert accuracy.accumulate() == 0.5


def test_an_empty_batch_counts_nothing():
    accuracy = Accuracy()
    for shape in [(0, 3), (0, 1), (0,), (0, 2, 3)]:
        accuracy.update(np.zeros(shape, "float32"), np.zeros(shape[:-1] or shape, "int64"))
    with pytest.raises(ValueError, match="at least one sample"):
        accuracy.accumulate()
    accuracy.update(np.eye(2, dtype="float32"), np.array([0, 1]))
    assert accuracy.accumulate() == 1.0


def test_logits_without_a_class_are_refused():
    with pytest.raises(ValueError, match="logits must hold at least one class, got shape"):
        Accuracy().update(np.zeros((4, 0), "float32"), np.zeros(4, "int64"))
