"""The sentence-pair matcher equals one of Paddle's encoder layers; padding changes nothing."""

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import double_precision

from nndl.device import paddle
from nndl.models import SentencePairMatcher


def pairs(rng, batch, steps, vocab_size):
    """Draw ids, segments and lengths of pairs of at least four tokens."""
    lengths = rng.integers(4, steps + 1, batch)[:, None]
    real = np.arange(steps) < lengths
    first = (rng.random((batch, 1)) * (lengths - 3)).astype(int) + 3  # up to the first [SEP]
    ids = np.where(real, rng.integers(1, vocab_size, (batch, steps)), 0)
    return ids, (real & (np.arange(steps) >= first)).astype(int), lengths[:, 0]


def with_paddles_blocks(model, heads, ffn_dim):
    """Return a function that computes what the model does with Paddle's encoder layers."""
    size = model.tokens.weight.shape[1]
    blocks = [paddle.nn.TransformerEncoderLayer(size, heads, ffn_dim, 0.0) for _ in model.blocks]
    for own, other in zip(model.blocks, blocks, strict=True):
        for name in ("norm1", "norm2"):
            # exact in the single precision in which Paddle keeps it
            getattr(own, name).epsilon = getattr(other, name)._epsilon = 2.0**-17
        other.set_state_dict(own.state_dict())

    def forward(ids, segments, lengths):
        x = model.tokens(ids) + model.segments(segments) + model.positions.table[: ids.shape[1]]
        mask = (paddle.arange(ids.shape[1]) < lengths.unsqueeze(-1)).unsqueeze([1, 2])
        for block in blocks:
            x = block(x, mask)
        return model.linear(x[:, 0])

    own = dict(model.named_parameters())
    for number, block in enumerate(blocks):
        own.update({f"blocks.{number}.{name}": p for name, p in block.named_parameters()})
    return forward, [own[name] for name, _ in model.named_parameters()]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_equals_one_of_paddles_layers_in_logits_and_every_gradient(data):
    heads, layers, batch = (data.draw(st.integers(1, most)) for most in (2, 2, 3))
    size, steps = heads * data.draw(st.integers(2, 4)), data.draw(st.integers(4, 7))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    with double_precision():
        model = SentencePairMatcher(9, size, heads, 5, layers, 3, dropout=0.0, max_length=8)
        for parameter in model.parameters():
            scale = parameter.shape[0] ** -0.5 if parameter.ndim > 1 else 1.0
            parameter.set_value(rng.standard_normal(tuple(parameter.shape)) * scale)
        theirs, parameters = with_paddles_blocks(model, heads, 5)
    inputs = [paddle.to_tensor(array) for array in pairs(rng, batch, steps, 9)]
    outputs, grads = [], []
    for forward, learned in ((model, model.parameters()), (theirs, parameters)):
        logits = forward(*inputs)
        (logits * logits.detach().cos()).sum().backward()
        outputs.append([logits])
        grads.append([parameter.grad.clone() for parameter in learned])
        model.clear_gradients()
    equality.compare("models.SentencePairMatcher", *outputs, *grads)


def test_padding_and_company_change_no_logit():
    model = SentencePairMatcher(50, 8, 2, num_layers=2)
    model.eval()
    ids, segments, lengths = pairs(np.random.default_rng(0), 4, 9, 50)
    logits = model(*map(paddle.to_tensor, (ids, segments, lengths))).numpy()
    longer = [np.concatenate([a, np.full((4, 3), n)], axis=1) for a, n in ((ids, 7), (segments, 1))]
    more = model(*map(paddle.to_tensor, (*longer, lengths))).numpy()
    np.testing.assert_allclose(more, logits, rtol=1e-5, atol=1e-6)
    for b, length in enumerate(lengths):
        alone = [paddle.to_tensor(array[b : b + 1, :length]) for array in (ids, segments)]
        one = model(*alone, paddle.to_tensor([length])).numpy()[0]
        np.testing.assert_allclose(one, logits[b], rtol=1e-5, atol=1e-6)


def test_segments_and_order_count():
    model = SentencePairMatcher(50, 8, 2)
    model.eval()
    ids, segments = paddle.to_tensor([[1, 5, 6, 2, 7, 2]]), paddle.to_tensor([[0, 0, 0, 0, 1, 1]])
    length = paddle.to_tensor([6])
    logits = model(ids, segments, length).numpy()
    for other in (
        model(ids, 1 - segments, length),
        model(paddle.to_tensor([[1, 6, 5, 2, 7, 2]]), segments, length),
    ):
        assert np.abs(other.numpy() - logits).max() > 1e-3


def test_the_weights_of_each_block_can_be_drawn():
    model = SentencePairMatcher(50, 8, 2, num_layers=3)
    model(*map(paddle.to_tensor, pairs(np.random.default_rng(0), 4, 9, 50)))
    shapes = {tuple(block.self_attn.weights.shape) for block in model.blocks}
    assert shapes == {(4, 2, 9, 9)} and len(model.blocks) == 3


@pytest.mark.slow
def test_learns_whether_two_words_are_the_same():
    rng = np.random.default_rng(0)
    paddle.seed(0)
    model = SentencePairMatcher(13, 16, 2, dropout=0.0)
    optimizer = paddle.optimizer.Adam(0.003, parameters=model.parameters())

    def draw(number):
        first, same = rng.integers(3, 13, number), rng.integers(0, 2, number)
        other = 3 + (first - 3 + rng.integers(1, 10, number)) % 10
        second = np.where(same, first, other)
        ones = np.ones(number, dtype=int)
        ids = np.stack([ones, first, 2 * ones, second, 2 * ones], axis=1)  # [CLS] a [SEP] b [SEP]
        segments = np.tile([0, 0, 0, 1, 1], (number, 1))
        return [paddle.to_tensor(array) for array in (ids, segments, 5 * ones, same)]

    for _ in range(400):
        *inputs, same = draw(64)
        paddle.nn.functional.cross_entropy(model(*inputs), same).backward()
        optimizer.step()
        optimizer.clear_grad()
    *inputs, same = draw(500)
    assert (model(*inputs).argmax(axis=1) == same).numpy().mean() > 0.95


IDS, SEGMENTS, LENGTHS = (paddle.to_tensor(v) for v in ([[1, 5, 2, 6]], [[0, 0, 0, 1]], [4]))
MODEL = SentencePairMatcher(9, 4, 2, max_length=4)
REFUSED = [
    (lambda: SentencePairMatcher(0, 4, 2), "vocab_size must be a positive integer, got 0"),
    (lambda: SentencePairMatcher(9, 5, 2), "embed_dim must be divisible by num_heads, got 5 and 2"),
    (lambda: SentencePairMatcher(9, 4, 2, num_layers=0), "num_layers must be a positive integer"),
    (lambda: SentencePairMatcher(9, 4, 2, num_classes=0), "num_classes must be a positive integer"),
    (
        lambda: MODEL(IDS.astype("float32"), SEGMENTS, LENGTHS),
        "ids must be int32 or int64, got flo",
    ),
    (lambda: MODEL(IDS, SEGMENTS.astype("float64"), LENGTHS), "segments must be int32 or int64"),
    (lambda: MODEL(IDS, SEGMENTS[:, :3], LENGTHS), "the shape of ids (1, 4), got (1, 3)"),
    (lambda: MODEL(IDS.tile([1, 2]), SEGMENTS.tile([1, 2]), LENGTHS), "at most 4 positions"),
    (lambda: MODEL(IDS, SEGMENTS, LENGTHS + 1), "from 0 to the number of positions 4, got 5"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert words in str(caught.value)
