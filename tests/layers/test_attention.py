"""Attention by hand equals Paddle's; the scores, which Paddle lacks, equal its other operators."""

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import double_precision

from nndl.arithmetic import attention_parameters
from nndl.device import paddle
from nndl.layers import (
    AdditiveScore,
    Attention,
    BilinearScore,
    DotProductScore,
    MultiHeadSelfAttention,
    ScaledDotProductScore,
)

many = settings(max_examples=200, deadline=None)
F = paddle.nn.functional


def additive(score, x, q):
    seen, asked = F.linear(x, score.weight_input), F.linear(q, score.weight_query)
    return paddle.mv(paddle.tanh(seen + asked), score.weight_score[:, 0])


def bilinear(score, x, q):
    return F.bilinear(x, q.expand([len(x), -1]), score.weight.unsqueeze(0))[:, 0]


# for one sequence x (n, D) and its query q (Q,), by other operators of Paddle's
PADDLES_SCORES = {
    AdditiveScore: additive,
    BilinearScore: bilinear,
    DotProductScore: lambda score, x, q: paddle.mv(x, q),
    ScaledDotProductScore: lambda score, x, q: paddle.mv(x, q) / len(q) ** 0.5,
}


def grads_of(results, tensors):
    """Return the gradients of a loss that weighs every result differently."""
    for tensor in tensors:
        tensor.clear_gradient()
    sum((y * y.detach().cos()).sum() for y in results).backward()
    return [paddle.zeros_like(t) if t.grad is None else t.grad.clone() for t in tensors]


def sequence_by_sequence(attention, x, lengths, query):
    """Compute context and weights of each sequence by itself, where no mask is needed."""
    contexts, weights = [], []
    for b, length in enumerate(lengths):
        q = attention.query if query is None else query[b]
        real = x[b, :length]  # (n, D)
        alpha = paddle.zeros([x.shape[1]], x.dtype)
        context = paddle.zeros([x.shape[2]], x.dtype)
        if length:
            scores = PADDLES_SCORES[type(attention.score)](attention.score, real, q)
            context = F.softmax(scores) @ real
            alpha = paddle.concat([F.softmax(scores), alpha[length:]])
        contexts.append(context)
        weights.append(alpha)
    return paddle.stack(contexts), paddle.stack(weights)


@pytest.mark.parametrize("kind", PADDLES_SCORES, ids=lambda kind: kind.__name__)
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_attention_equals_paddles_operators_sequence_by_sequence(kind, data):
    sizes = st.integers(1, 5)
    batch, steps, size = data.draw(sizes), data.draw(sizes), data.draw(sizes)
    others = {}
    if kind in (AdditiveScore, BilinearScore):
        others["query_size"] = data.draw(sizes)
    if kind is AdditiveScore:
        others["hidden_size"] = data.draw(sizes)
    learned = data.draw(st.booleans())
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    with double_precision():
        attention = Attention(kind(size, **others), learned_query=learned)
    x = paddle.to_tensor(rng.standard_normal((batch, steps, size)), stop_gradient=False)
    query, tensors = None, [x, *attention.parameters()]
    if not learned:
        q = rng.standard_normal((batch, attention.score.query_size))
        query = paddle.to_tensor(q, stop_gradient=False)
        tensors.append(query)
    lengths = rng.integers(0, steps + 1, batch) if data.draw(st.booleans()) else None
    given_lengths = None if lengths is None else paddle.to_tensor(lengths)
    ours = attention(x, given_lengths, query)
    grads = grads_of(ours, tensors)
    theirs = sequence_by_sequence(
        attention, x, [steps] * batch if lengths is None else lengths.tolist(), query
    )
    equality.compare(f"layers.{kind.__name__}", ours, theirs, grads, grads_of(theirs, tensors))


@st.composite
def masks(draw, rng, batch, heads, steps):
    """Draw what our layer is asked for, and the one mask that says the same to Paddle's.

    Every position may look at the first at least: where nothing may be looked at, Paddle's layer
    gives weights and ours gives none.
    """
    asked = {"causal": draw(st.booleans())}
    allowed = np.ones((batch, heads, steps, steps), dtype=bool)
    if asked["causal"]:
        allowed &= np.tri(steps, dtype=bool)
    if draw(st.booleans()):
        lengths = rng.integers(1, steps + 1, batch)
        asked["lengths"] = paddle.to_tensor(lengths)
        allowed &= np.arange(steps) < lengths[:, None, None, None]
    added = np.zeros(allowed.shape)
    kind = draw(st.sampled_from([None, "bool", "additive"]))
    if kind is not None:
        shapes = [allowed.shape, (batch, 1, steps, steps), (steps, steps), (1, heads, 1, steps)]
        mask = rng.random(draw(st.sampled_from(shapes))) < 0.7
        mask[..., 0] = True
        allowed &= mask
        if kind == "additive":
            mask = np.where(mask, rng.standard_normal(mask.shape), -np.inf)
            added = np.broadcast_to(np.where(np.isfinite(mask), mask, 0), allowed.shape)
        asked["mask"] = paddle.to_tensor(mask)
    return asked, paddle.to_tensor(np.where(allowed, added, -1e9))


@many
@given(st.data())
def test_multi_head_equals_paddles_in_output_weights_and_every_gradient(data):
    batch, steps, heads = (data.draw(st.integers(1, most)) for most in (3, 6, 4))
    size = heads * data.draw(st.integers(1, 4))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    with double_precision():
        ours = MultiHeadSelfAttention(size, heads)
        theirs = paddle.nn.MultiHeadAttention(size, heads, need_weights=True)
    for parameter in ours.parameters():
        parameter.set_value(rng.standard_normal(tuple(parameter.shape)) / size**0.5)
    missing, unexpected = theirs.set_state_dict(ours.state_dict())
    assert not missing and not unexpected
    x = paddle.to_tensor(rng.standard_normal((batch, steps, size)), stop_gradient=False)
    asked, mask = data.draw(masks(rng, batch, heads, steps))
    output = ours(x, **asked)
    grads = grads_of([output], [x, *ours.parameters()])
    expected, weights = theirs(x, attn_mask=mask)
    expected_grads = grads_of([expected], [x, *theirs.parameters()])
    equality.compare(
        "layers.MultiHeadSelfAttention",
        [output, ours.weights],
        [expected, weights],
        grads,
        expected_grads,
    )


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_heads_change_no_number_of_parameters(heads):
    layer = MultiHeadSelfAttention(8, heads)
    assert sum(parameter.size for parameter in layer.parameters()) == attention_parameters(8)


def test_the_scores_of_a_hand_made_example():
    x, q = paddle.to_tensor([[[1.0, 2.0], [3.0, 0.0]]]), paddle.to_tensor([[2.0, -1.0]])
    assert DotProductScore(2)(x, q).tolist() == [[0.0, 6.0]]
    np.testing.assert_allclose(ScaledDotProductScore(2)(x, q).numpy(), [[0, 6 / 2**0.5]])


def test_scaling_keeps_the_variance_of_a_dot_product():
    rng = np.random.default_rng(0)
    for size in (4, 64):
        x = paddle.to_tensor(rng.standard_normal((500, 8, size)))
        q = paddle.to_tensor(rng.standard_normal((500, size)))
        assert abs(float(DotProductScore(size)(x, q).var()) / size - 1) < 0.15
        assert abs(float(ScaledDotProductScore(size)(x, q).var()) - 1) < 0.15


def test_where_nothing_may_be_looked_at_nothing_is_and_no_gradient_is_nan():
    x = paddle.randn([2, 3, 4])
    x.stop_gradient = False
    context, weights = Attention(DotProductScore(4), True)(x, paddle.to_tensor([0, 2]))
    assert not context[0].any() and not weights[0].any()
    layer = MultiHeadSelfAttention(4, 2)
    y = layer(x, lengths=paddle.to_tensor([0, 2]))
    np.testing.assert_array_equal(layer.weights[0].numpy(), np.zeros((2, 3, 3)))
    np.testing.assert_allclose(layer.weights[1].numpy().sum(-1), np.ones((2, 3)), rtol=1e-6)
    ((context**2).sum() + (y**2).sum()).backward()
    assert np.isfinite(x.grad.numpy()).all()


def test_more_padding_changes_nothing():
    x, lengths = paddle.randn([2, 3, 4]), paddle.to_tensor([3, 1])
    longer = paddle.concat([x, paddle.full([2, 2, 4], 50.0)], axis=1)
    attention = Attention(AdditiveScore(4), learned_query=True)
    heads = MultiHeadSelfAttention(4, 2)
    for short, long in (
        (attention(x, lengths)[0], attention(longer, lengths)[0]),
        (heads(x, lengths), heads(longer, lengths)[:, :3]),
    ):
        np.testing.assert_allclose(short.numpy(), long.numpy(), rtol=1e-5, atol=1e-6)


def test_the_weights_are_for_drawing_only():
    layer = MultiHeadSelfAttention(4, 2, dropout=0.5)
    assert layer.weights is None
    layer(paddle.randn([2, 3, 4]))
    assert layer.weights.stop_gradient and not any("weights" in name for name in layer.state_dict())
    # before dropout, which would leave no row that sums to 1
    np.testing.assert_allclose(layer.weights.numpy().sum(-1), np.ones((2, 2, 3)), rtol=1e-6)


def test_dropout_works_in_training_only():
    layer, x = MultiHeadSelfAttention(4, 2, dropout=0.5), paddle.randn([2, 6, 4])
    assert not np.array_equal(layer(x).numpy(), layer(x).numpy())
    layer.eval()
    np.testing.assert_array_equal(layer(x).numpy(), layer(x).numpy())


def test_an_empty_batch_passes():
    x, none = paddle.zeros([0, 3, 4]), paddle.zeros([0], "int64")
    assert list(MultiHeadSelfAttention(4, 2)(x, none, causal=True).shape) == [0, 3, 4]
    context, weights = Attention(BilinearScore(4), learned_query=True)(x, none)
    assert list(context.shape) == [0, 4] and list(weights.shape) == [0, 3]


X, Q = paddle.zeros([2, 3, 4]), paddle.zeros([2, 4])
DOT, HEADS = Attention(DotProductScore(4)), MultiHeadSelfAttention(4, 2)
REFUSED = [
    (lambda: DotProductScore(0), "input_size must be a positive integer, got 0"),
    (lambda: AdditiveScore(4, hidden_size=1.5), "hidden_size must be a positive integer, got 1.5"),
    (lambda: BilinearScore(4, query_size=0), "query_size must be a positive integer, got 0"),
    (lambda: DOT(X), "query must be given in the call or be learned, got none"),
    (lambda: Attention(DotProductScore(4), True)(X, None, Q), "or be learned, got both"),
    (lambda: DOT(X[0], None, Q), "inputs must have shape (batch, positions, 4), got (3, 4)"),
    (lambda: DOT(X, None, Q[:1]), "query must have shape (2, 4), got (1, 4)"),
    (lambda: DOT(X, paddle.to_tensor([1, 2, 3]), Q), "lengths must have shape (2,), got (3,)"),
    (lambda: DOT(X, paddle.to_tensor([1.0, 2.0]), Q), "lengths must be int32 or int64, got float"),
    (lambda: DOT(X, paddle.to_tensor([1, 4]), Q), "number of positions 3, got 4"),
    (lambda: MultiHeadSelfAttention(4, 3), "divisible by num_heads, got 4 and 3"),
    (
        lambda: MultiHeadSelfAttention(4, 2, dropout=1.0),
        "dropout must be a number >= 0 and < 1, got 1",
    ),
    (lambda: HEADS(X[..., :3]), "inputs must have shape (batch, positions, 4), got (2, 3, 3)"),
    (lambda: HEADS(X, mask=paddle.ones([3, 3], "int64")), "mask must be bool"),
    (lambda: HEADS(X, mask=paddle.ones([2, 2]) > 0, causal=True), "(2, 2, 3, 3), got (2, 2)"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert words in str(caught.value)
