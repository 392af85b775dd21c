"""The Transformer block by hand equals Paddle's encoder layer, the positions their formula."""

import math

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import double_precision

from nndl.device import paddle
from nndl.layers import PositionalEncoding, TransformerBlock, sinusoids


def twins(size, heads, ffn, dropout, activation, norm_first, rng):
    """Return our block and Paddle's layer with one state, normalizations included."""
    with double_precision():
        ours = TransformerBlock(size, heads, ffn, dropout, activation, norm_first)
        theirs = paddle.nn.TransformerEncoderLayer(
            size, heads, ffn, dropout, activation, normalize_before=norm_first
        )
    for block, epsilon in ((ours, "epsilon"), (theirs, "_epsilon")):
        for norm in (block.norm1, block.norm2):
            # Paddle's keeps it in single precision, in which this is exact and 1e-5 is not
            setattr(norm, epsilon, 2.0**-17)
    for parameter in ours.parameters():
        shape = tuple(parameter.shape)
        numbers = rng.standard_normal(shape) / (shape[0] ** 0.5 if len(shape) > 1 else 1)
        parameter.set_value(numbers)
    missing, unexpected = theirs.set_state_dict(ours.state_dict())
    assert not missing and not unexpected
    return ours, theirs


def run(layer, numbers, *masks, seed=0):
    """Return output and gradients of inputs and parameters, by name."""
    paddle.seed(seed)
    x = paddle.to_tensor(numbers, stop_gradient=False)
    y = layer(x, *masks)
    (y * y.detach().cos()).sum().backward()
    learned = dict(sorted(layer.named_parameters()))
    return y, [x.grad, *(p.grad for p in learned.values())]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_block_equals_paddles_layer_in_output_and_every_gradient(data):
    batch, steps, heads = (data.draw(st.integers(1, most)) for most in (3, 5, 3))
    # one number alone is always normalized to 0
    size, ffn = heads * data.draw(st.integers(2, 4)), data.draw(st.integers(1, 8))
    activation = data.draw(st.sampled_from(["relu", "gelu"]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    ours, theirs = twins(size, heads, ffn, 0.0, activation, data.draw(st.booleans()), rng)
    x = rng.standard_normal((batch, steps, size))
    causal, lengths = data.draw(st.booleans()), None
    allowed = np.ones((batch, 1, steps, steps), dtype=bool)
    if causal:
        allowed &= np.tri(steps, dtype=bool)
    if data.draw(st.booleans()):
        lengths = paddle.to_tensor(rng.integers(1, steps + 1, batch))
        allowed &= np.arange(steps) < lengths.numpy()[:, None, None, None]
    extra = None
    if data.draw(st.booleans()):
        extra = rng.random((1, heads, steps, steps)) < 0.7
        extra[..., 0] = True
        allowed = allowed & extra
        extra = paddle.to_tensor(extra)
    output, grads = run(ours, x, lengths, extra, causal)
    expected, expected_grads = run(theirs, x, paddle.to_tensor(allowed))
    equality.compare("layers.TransformerBlock", [output], [expected], grads, expected_grads)


@pytest.mark.parametrize("norm_first", [False, True])
def test_block_drops_where_paddles_layer_drops(norm_first):
    rng = np.random.default_rng(1)
    ours, theirs = twins(8, 2, 16, 0.3, "relu", norm_first, rng)
    x = rng.standard_normal((3, 5, 8))
    (output, grads), (expected, expected_grads) = run(ours, x), run(theirs, x)
    equality.compare("layers.TransformerBlock", [output], [expected], grads, expected_grads)
    ours.eval()
    assert not np.allclose(ours(paddle.to_tensor(x)).numpy(), output.numpy())


def test_block_has_two_normalizations_of_its_own():
    block = TransformerBlock(8, 2, 16)
    names = [name for name, _ in block.named_parameters() if "norm" in name]
    assert names == ["norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"]
    theirs = paddle.nn.TransformerEncoderLayer(8, 2, 16)
    shapes = [{k: tuple(v.shape) for k, v in m.state_dict().items()} for m in (block, theirs)]
    assert shapes[0] == shapes[1]


def test_more_padding_changes_nothing():
    block = TransformerBlock(8, 2, 16, dropout=0.0)
    x, lengths = paddle.randn([2, 3, 8]), paddle.to_tensor([3, 1])
    longer = paddle.concat([x, paddle.full([2, 4, 8], 20.0)], axis=1)
    short, long = block(x, lengths), block(longer, lengths)
    np.testing.assert_allclose(long[:, :3].numpy(), short.numpy(), rtol=1e-4, atol=1e-5)


def test_without_positions_a_block_sees_no_order_and_with_them_it_does():
    block = TransformerBlock(6, 2, 8, dropout=0.0)
    encode = PositionalEncoding(6)
    x, order = paddle.randn([1, 5, 6]), [3, 0, 4, 1, 2]
    np.testing.assert_allclose(
        block(x[:, order]).numpy(), block(x)[:, order].numpy(), rtol=1e-4, atol=1e-5
    )
    shuffled, kept = block(encode(x[:, order])).numpy(), block(encode(x))[:, order].numpy()
    assert np.abs(shuffled - kept).max() > 0.1


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(1, 9))
def test_sinusoids_equal_their_formula_at_even_and_odd_sizes(length, size):
    table = sinusoids(length, size)
    assert table.shape == (length, size)
    for position in range(length):
        for number in range(size):
            angle = position / 10000 ** (2 * (number // 2) / size)
            expected = math.cos(angle) if number % 2 else math.sin(angle)
            assert table[position, number] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1, 5, 6])
def test_positions_are_added_in_the_type_of_the_inputs(size, dtype):
    paddle.set_default_dtype(dtype)
    try:
        encode = PositionalEncoding(size, max_length=7)
    finally:
        paddle.set_default_dtype("float32")
    x = paddle.ones([2, 7, size], dtype)
    y = encode(x)
    assert y.dtype == x.dtype and not encode.state_dict()
    np.testing.assert_allclose(y.numpy(), 1 + np.stack([sinusoids(7, size)] * 2), rtol=1e-6)
    assert list(encode(x[:0]).shape) == [0, 7, size]


def test_block_takes_an_empty_batch():
    assert list(TransformerBlock(4, 2, 8)(paddle.zeros([0, 3, 4])).shape) == [0, 3, 4]


REFUSED = [
    (lambda: sinusoids(0, 4), "length must be a positive integer, got 0"),
    (lambda: PositionalEncoding(0), "embed_dim must be a positive integer, got 0"),
    (lambda: PositionalEncoding(4, max_length=0), "max_length must be a positive integer, got 0"),
    (
        lambda: PositionalEncoding(4, 2)(paddle.ones([1, 3, 4])),
        "at most 2 positions, 4), got (1, 3",
    ),
    (lambda: PositionalEncoding(4)(paddle.ones([1, 3, 5])), "positions, 4), got (1, 3, 5)"),
    (lambda: TransformerBlock(8, 2, 0), "ffn_dim must be a positive integer, got 0"),
    (lambda: TransformerBlock(8, 3, 4), "embed_dim must be divisible by num_heads, got 8 and 3"),
    (lambda: TransformerBlock(8, 2, 4, activation="tanh"), "must be 'relu' or 'gelu', got 'tanh'"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)
