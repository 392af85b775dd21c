"""Masks: lengths of any shape and type, and a softmax that never gives NaN."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl.device import paddle
from nndl.layers import causal_mask, lengths_to_mask, masked_softmax


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=5), st.integers(0, 3))
def test_a_position_is_real_before_its_length(lengths, more):
    most = max(lengths) + more
    expected = [[position < length for position in range(most)] for length in lengths]
    for dtype in ("int32", "int64"):
        mask = lengths_to_mask(paddle.to_tensor(lengths, dtype=dtype), most)
        assert mask.dtype == paddle.bool and mask.tolist() == expected
    if not more:
        assert lengths_to_mask(paddle.to_tensor(lengths)).tolist() == expected


def test_a_single_length_and_lists_and_no_length_pass():
    assert lengths_to_mask(paddle.to_tensor(2)).tolist() == [True, True]
    assert lengths_to_mask([1, 2]).tolist() == [[True, False], [True, True]]
    assert list(lengths_to_mask(paddle.zeros([0], "int64"), 3).shape) == [0, 3]
    assert list(lengths_to_mask(paddle.zeros([0], "int64")).shape) == [0, 0]


def test_a_position_looks_at_itself_and_before():
    np.testing.assert_array_equal(causal_mask(4).numpy(), np.tri(4, dtype=bool))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_masked_softmax_is_the_softmax_of_what_is_allowed(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    rows, length = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 6))
    scores = rng.standard_normal((rows, length)) * data.draw(st.sampled_from([1, 1000]))
    allowed = rng.random((rows, length)) < 0.6
    added = np.where(allowed, rng.standard_normal((rows, length)), -np.inf)
    for mask, shift in ((allowed, 0 * scores), (added, np.where(allowed, added, 0))):
        expected = np.zeros_like(scores)
        for row in range(rows):
            real = (scores + shift)[row, allowed[row]]
            if len(real):
                powers = np.exp(real - real.max())
                expected[row, allowed[row]] = powers / powers.sum()
        weights = masked_softmax(paddle.to_tensor(scores), paddle.to_tensor(mask))
        np.testing.assert_allclose(weights.numpy(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("additive", [False, True])
def test_where_nothing_is_allowed_weights_and_gradients_are_zero(dtype, additive):
    scores = paddle.to_tensor([[-3e38, 3e38, 1.0]] * 2, dtype=dtype, stop_gradient=False)
    mask = paddle.to_tensor([[False] * 3, [True, False, True]])
    if additive:
        mask = paddle.where(mask, paddle.zeros([], dtype), paddle.full([], -np.inf, dtype))
    weights = masked_softmax(scores, mask)
    # at an allowed score far below the others Paddle's softmax gives exp(-64), where masked 0
    assert weights[0].tolist() == [0.0] * 3 and weights[1, 1].item() == 0.0
    np.testing.assert_allclose(weights[1].numpy(), [0, 0, 1], atol=1e-20)
    weights.square().sum().backward()
    np.testing.assert_allclose(scores.grad.numpy(), np.zeros((2, 3)), atol=1e-20)


SCORES = paddle.zeros([2, 3])
REFUSED = [
    (lambda: lengths_to_mask(paddle.to_tensor([1.0])), "lengths must be int32 or int64, got float"),
    (lambda: lengths_to_mask([True]), "lengths must be int32 or int64, got bool"),
    (lambda: lengths_to_mask([4, 1], 3), "from 0 to the number of positions 3, got 4"),
    (lambda: lengths_to_mask([-1]), "from 0 to the number of positions 0, got -1"),
    (lambda: lengths_to_mask([1], -1), "max_length must be an integer of at least 0, got -1"),
    (lambda: causal_mask(0), "length must be a positive integer, got 0"),
    (lambda: masked_softmax(SCORES, paddle.ones([2, 3], "int64")), "or float32 (added to the scor"),
    (lambda: masked_softmax(SCORES, paddle.ones([2, 3], "float64")), "got float64"),
    (lambda: masked_softmax(SCORES, paddle.ones([3, 2])), "that of the scores (2, 3), got (3, 2)"),
    (lambda: masked_softmax(SCORES, paddle.ones([1, 2, 3])), "scores (2, 3), got (1, 2, 3)"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert words in str(caught.value)
