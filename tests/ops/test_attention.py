"""Attention: loops equal the fast version, and it equals Paddle's, in output and gradients."""

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl import ops
from nndl.device import paddle
from nndl.ops import attention as attention_module

many = settings(max_examples=200, deadline=None)
some = settings(max_examples=25, deadline=None)


def draw_mask(rng, shape, kind, hidden_rows=False):
    """Return a mask of a kind; a row of it is hidden wholly only where that is asked for."""
    if kind == "none":
        return None
    if kind == "added":
        return rng.standard_normal(shape)
    mask = rng.random(shape) < 0.6
    if not hidden_rows:
        mask[..., 0] = True
    elif kind == "added -inf":
        mask[..., :1, :] = False
    return np.where(mask, 0.0, -np.inf) if kind == "added -inf" else mask


@st.composite
def attentions(draw, lead, kinds=("none", "boolean", "added", "added -inf"), hidden_rows=False):
    """Draw queries, keys, values and a mask; `lead` is how many axes stand before time."""
    sizes = [draw(st.integers(1, 5)) for _ in range(4)]
    t, s, d, e = sizes
    front = tuple(draw(st.integers(1, 3)) for _ in range(lead))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    q, k = rng.standard_normal((*front, t, d)), rng.standard_normal((*front, s, d))
    v = rng.standard_normal((*front, s, e))
    masked = tuple(draw(st.sampled_from([1, n])) for n in front)
    rows = draw(st.sampled_from([1, t]))
    mask = draw_mask(rng, (*masked, rows, s), draw(st.sampled_from(kinds)), hidden_rows)
    return q, k, v, mask


@many
@given(attentions(0, hidden_rows=True), st.booleans())
def test_loops_and_fast_version_agree(case, causal):
    q, k, v, mask = case
    op = ops.ScaledDotProductAttention(causal)
    y = op(q, k, v, mask)
    close = {"rtol": 1e-10, "atol": 1e-10}
    np.testing.assert_allclose(y, ops.attention_loop(q, k, v, mask, causal), **close)
    weights = ops.attention_weights_loop(q, k, mask, causal)
    np.testing.assert_allclose(op.weights, weights, **close)
    grad = np.random.default_rng(0).standard_normal(y.shape)
    expected = ops.attention_loop_backward(q, k, v, grad, mask, causal)
    for ours, theirs in zip(op.backward(grad)[:3], expected, strict=True):
        np.testing.assert_allclose(ours, theirs, **close)


def tensors_of(*arrays):
    """Return tensors that ask for a gradient."""
    tensors = [paddle.to_tensor(array) for array in arrays]
    for tensor in tensors:
        tensor.stop_gradient = False
    return tensors


def heads_first(tensor):
    """Return (B, T, heads, d), as Paddle's attention has it, as (B, heads, T, d), and back."""
    return tensor.transpose([0, 2, 1, 3])


@many
@given(attentions(2), st.booleans())
def test_scaled_dot_product_attention_equals_paddle(case, causal):
    q, k, v, mask = case
    if causal:
        mask = None  # Paddle takes the one or the other
    tensors = tensors_of(q, k, v)
    given_mask = None
    if mask is not None:
        given_mask = paddle.to_tensor(np.broadcast_to(mask, (*q.shape[:-1], k.shape[-2])).copy())
    expected = heads_first(
        paddle.nn.functional.scaled_dot_product_attention(
            *map(heads_first, tensors), attn_mask=given_mask, is_causal=causal
        )
    )
    op = ops.ScaledDotProductAttention(causal)
    y = op(q, k, v, mask)
    grad = np.random.default_rng(1).standard_normal(y.shape)
    expected.backward(paddle.to_tensor(grad))
    grads = op.backward(grad)[:3]
    name = "ops.ScaledDotProductAttention"
    equality.compare(name, [y], [expected], grads, [tensor.grad for tensor in tensors])


@st.composite
def multi_heads(draw):
    """Draw a multi-head attention with random biases, and self- or cross-attention's inputs."""
    heads, size = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    batch, t, s = (draw(st.integers(1, most)) for most in (3, 4, 4))
    alone = draw(st.booleans())
    own = st.none() | st.integers(1, 4)
    sizes = {} if alone else {"kdim": draw(own), "vdim": draw(own)}
    embed_dim = heads * size
    op = ops.MultiHeadAttention(
        embed_dim, heads, **sizes, bias=draw(st.booleans()), seed=draw(st.integers(0, 2**32 - 1))
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    for name, value in op.params.items():
        if name.endswith("bias"):
            op.params[name] = rng.standard_normal(value.shape)
    inputs = [rng.standard_normal((batch, t, embed_dim))]
    if alone:
        s, inputs = t, [*inputs, None, None]
    else:
        inputs += [
            rng.standard_normal((batch, s, sizes[name] or embed_dim)) for name in ("kdim", "vdim")
        ]
    front = draw(st.sampled_from([1, batch])), draw(st.sampled_from([1, heads]))
    kind = draw(st.sampled_from(["none", "boolean", "added"]))
    return op, inputs, draw_mask(rng, (*front, t, s), kind), sizes


@many
@given(multi_heads())
def test_multi_head_attention_equals_paddle(case):
    op, inputs, mask, sizes = case
    given_ = [a for a in inputs if a is not None]
    biases = "q_proj.bias" in op.params
    before = paddle.get_default_dtype()
    paddle.set_default_dtype("float64")
    layer = paddle.nn.MultiHeadAttention(
        op.embed_dim, op.num_heads, **sizes, bias_attr=None if biases else False
    )
    paddle.set_default_dtype(before)
    theirs = dict(layer.named_parameters())
    assert theirs.keys() == op.params.keys()
    for name, value in op.params.items():
        theirs[name].set_value(value)
    tensors = tensors_of(*given_)
    expected = layer(*tensors, attn_mask=None if mask is None else paddle.to_tensor(mask))
    y = op(*inputs, mask)
    grad = np.random.default_rng(1).standard_normal(y.shape)
    expected.backward(paddle.to_tensor(grad))
    grads = op.backward(grad)
    grads = [g for g in (grads if isinstance(grads, tuple) else (grads,)) if g is not None]
    equality.compare(
        "ops.MultiHeadAttention",
        [y],
        [expected],
        [*grads, *(op.grads[name] for name in theirs)],
        [tensor.grad for tensor in (*tensors, *theirs.values())],
    )


def paddle_scores(score, q, k, params):
    """Return the scores by Paddle's own operators."""
    if isinstance(score, ops.DotScore):
        product = paddle.einsum("btd,bsd->bts", q, k)
        return product / q.shape[2] ** 0.5 if score.scaled else product
    if isinstance(score, ops.BilinearScore):
        return paddle.einsum("bsk,kq,btq->bts", k, params["W"], q)
    keys = paddle.nn.functional.linear(k, params["W"].T).unsqueeze(1)
    queries = paddle.nn.functional.linear(q, params["U"].T).unsqueeze(2)
    return paddle.nn.functional.linear(paddle.tanh(keys + queries), params["v"].unsqueeze(1))[
        ..., 0
    ]


@st.composite
def scores(draw, kind):
    """Draw a scoring function of a kind, queries, keys and values, and a mask."""
    batch, t, s, size, key_size, e = (draw(st.integers(1, 4)) for _ in range(6))
    seed = draw(st.integers(0, 2**32 - 1))
    if kind == "DotScore":
        score, key_size = ops.DotScore(draw(st.booleans())), size
    elif kind == "BilinearScore":
        score = ops.BilinearScore(size, key_size, seed)
    else:
        score = ops.AdditiveScore(size, key_size, draw(st.integers(1, 4)), seed)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    q, k = rng.standard_normal((batch, t, size)), rng.standard_normal((batch, s, key_size))
    kinds = st.sampled_from(["none", "boolean", "added", "added -inf"])
    mask = draw_mask(rng, (batch, draw(st.sampled_from([1, t])), s), draw(kinds))
    return score, q, k, rng.standard_normal((batch, s, e)), mask


KINDS = ["DotScore", "BilinearScore", "AdditiveScore"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("whole", [False, True], ids=["scores", "attention"])
def test_scores_and_their_attention_equals_paddle(kind, whole):
    @many
    @given(scores(kind))
    def equals(case):
        score, q, k, v, mask = case
        tensors = tensors_of(q, k, v) if whole else tensors_of(q, k)
        params = dict(zip(score.params, tensors_of(*score.params.values()), strict=True))
        expected = paddle_scores(score, *tensors[:2], params)
        op, inputs, name = score, (q, k), f"ops.{kind}"
        if whole:
            op, inputs, name = ops.Attention(score), (q, k, v, mask), "ops.Attention"
            if mask is not None:
                added = np.where(mask, 0.0, -np.inf) if mask.dtype == bool else mask
                expected = expected + paddle.to_tensor(added)
            expected = paddle.nn.functional.softmax(expected) @ tensors[2]
        y = op(*inputs)
        grad = np.random.default_rng(1).standard_normal(y.shape)
        expected.backward(paddle.to_tensor(grad))
        grads = op.backward(grad)[: len(tensors)]
        ours = [*grads, *(op.grads[key] for key in params)]
        theirs = [tensor.grad for tensor in (*tensors, *params.values())]
        equality.compare(name, [y], [expected], ours, theirs)

    equals()


def test_scores_are_the_formulas_pair_by_pair():
    rng = np.random.default_rng(0)
    q, k = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 5, 4))
    additive, bilinear = ops.AdditiveScore(4, 4, 6, seed=1), ops.BilinearScore(4, 4, seed=1)
    W, U, v = (additive.params[name] for name in "WUv")
    formulas = [
        (ops.DotScore(), lambda x, q: x @ q),
        (ops.DotScore(scaled=True), lambda x, q: x @ q / np.sqrt(4)),
        (bilinear, lambda x, q: x @ bilinear.params["W"] @ q),
        (additive, lambda x, q: v @ np.tanh(W @ x + U @ q)),
    ]
    for op, formula in formulas:
        each = [[[formula(x, one) for x in k[b]] for one in q[b]] for b in range(2)]
        np.testing.assert_allclose(op(q, k), each, rtol=1e-12)


@some
@given(attentions(1, hidden_rows=True), st.booleans(), st.sampled_from([None, 0.3]))
def test_scaled_attention_passes_the_gradient_check(case, causal, scale):
    *arrays, mask = case
    op = ops.ScaledDotProductAttention(causal, scale)
    if mask is not None and mask.dtype != bool:
        mask = np.isfinite(mask) & (mask > -1)  # an added mask has no gradient to check
    report = ops.check_gradients(op, [*arrays, mask])
    assert set(report.errors) == {"input 0", "input 1", "input 2"}


@some
@given(multi_heads())
def test_multi_head_attention_passes_the_gradient_check(case):
    op, inputs, mask, _ = case
    if mask is not None and mask.dtype != bool:
        mask = mask > -1
        mask[..., 0] = True
    report = ops.check_gradients(op, [*inputs, mask])
    given_ = {f"input {i}" for i, a in enumerate(inputs) if a is not None}
    assert set(report.errors) == given_ | set(op.params)


@some
@given(st.sampled_from(KINDS).flatmap(scores))
def test_scores_and_their_attention_pass_the_gradient_check(case):
    score, q, k, v, mask = case
    if mask is not None and mask.dtype != bool:
        mask = np.isfinite(mask)
    ops.check_gradients(score, [q, k])
    report = ops.check_gradients(ops.Attention(score), [q, k, v, mask])
    assert set(report.errors) == {"input 0", "input 1", "input 2"} | set(score.params)


def operators():
    """Return each operator of this room with inputs that suit it."""
    rng = np.random.default_rng(0)
    q, k, v = (rng.standard_normal(shape) for shape in ((2, 3, 4), (2, 5, 4), (2, 5, 4)))
    mask = rng.random((3, 5)) < 0.5
    mask[0] = False
    return [
        (ops.ScaledDotProductAttention(), (q, k, v, mask)),
        (ops.MultiHeadAttention(4, 2), (q, k, v, mask)),
        (ops.MultiHeadAttention(4, 2), (q,)),
        (ops.DotScore(scaled=True), (q, k)),
        (ops.BilinearScore(4, 4), (q, k)),
        (ops.AdditiveScore(4, 4, 3), (q, k)),
        (ops.Attention(ops.AdditiveScore(4, 4, 3)), (q, k, v, mask)),
        (ops.Attention(ops.DotScore()), (q, k, v)),
    ]


@pytest.mark.parametrize(("op", "inputs"), operators())
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_in_is_type_out_and_nothing_is_changed(op, inputs, dtype):
    inputs = [a if a.dtype == bool else a.astype(dtype) for a in inputs]
    kept = [a.copy() for a in inputs]
    y = op(*inputs)
    for grad in (np.ones(y.shape), np.ones(y.shape, np.int64)):
        grads = op.backward(grad)
        grads = [g for g in (grads if isinstance(grads, tuple) else (grads,)) if g is not None]
        assert {a.dtype for a in (y, *grads, *op.grads.values())} == {np.dtype(dtype)}
    for array, before in zip(inputs, kept, strict=True):
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize(("op", "inputs"), operators())
def test_an_empty_batch_and_integers_pass(op, inputs):
    arrays = [a[:0] if a.dtype != bool else a for a in inputs]
    y = op(*arrays)
    grads = op.backward(np.ones(y.shape))
    assert len(y) == 0 and not any(np.any(grad) for grad in op.grads.values())
    grads = grads if isinstance(grads, tuple) else (grads,)
    for grad, array in zip(grads, arrays, strict=True):
        assert grad is None or grad.shape == array.shape
    whole = [a if a.dtype == bool else np.ones(a.shape, np.int64) for a in inputs]
    assert op(*whole).dtype == np.float64


@pytest.mark.parametrize("hide", [False, -np.inf])
@pytest.mark.parametrize("make", [ops.ScaledDotProductAttention, lambda: ops.Attention(SCORE)])
def test_a_query_that_may_look_nowhere_gets_zeros(make, hide):
    op, rng = make(), np.random.default_rng(0)
    q, k, v = (rng.standard_normal((2, 3, 4)) for _ in range(3))
    mask = np.full((2, 3, 3), hide is False or 0.0)
    mask[1, 2] = hide
    y = op(q, k, v, mask)
    assert not y[1, 2].any() and not op.weights[1, 2].any() and np.isfinite(y).all()
    np.testing.assert_allclose(op.weights.sum(axis=2), [[1, 1, 1], [1, 1, 0]])
    grads = op.backward(np.ones_like(y))[:3]
    assert all(np.isfinite(grad).all() for grad in grads) and not grads[0][1, 2].any()


SCORE = ops.DotScore()


def test_causal_and_a_mask_count_both():
    op, rng = ops.ScaledDotProductAttention(causal=True), np.random.default_rng(0)
    q, k, v = (rng.standard_normal((4, 3)) for _ in range(3))
    op(q, k, v, np.array([False, True, True, True]))
    assert np.array_equal(op.weights > 0, np.tri(4, dtype=bool) & [False, True, True, True])


def test_the_future_does_not_change_the_past():
    op, rng = ops.MultiHeadAttention(6, 2, causal=True), np.random.default_rng(0)
    x = rng.standard_normal((2, 5, 6))
    other = x.copy()
    other[:, 3:] += 1
    before, after = op(x), op(other)
    np.testing.assert_array_equal(before[:, :3], after[:, :3])
    assert not np.allclose(before[:, 3:], after[:, 3:])


def test_large_scores_do_not_overflow():
    q = np.float32([[1e4], [-1e4]])
    op = ops.ScaledDotProductAttention()
    with np.errstate(over="raise", invalid="raise"):
        y = op(q, q, np.float32([[1], [2]]))
        op.backward(np.ones_like(y))
    assert y.ravel().tolist() == [1, 2]


def test_the_key_is_the_value_where_none_is_given():
    op, rng = ops.MultiHeadAttention(4, 2), np.random.default_rng(0)
    q, k = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 5, 4))
    np.testing.assert_array_equal(op(q, k), op(q, k, k))
    ones = np.ones((2, 3, 4))
    grad_q, grad_k, grad_v = op.backward(ones)
    op(q, k)
    both = op.backward(ones)
    np.testing.assert_array_equal(both[0], grad_q)
    np.testing.assert_allclose(both[1], grad_k + grad_v)


@some
@given(attentions(2, hidden_rows=True), st.integers(0, 60))
def test_blocks_of_any_size_give_the_same(case, buffer):
    q, k, v, mask = case

    def results():
        op = ops.ScaledDotProductAttention()
        y = op(q, k, v, mask)
        return y, *op.backward(np.cos(y))[:3]

    one_block = results()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attention_module, "BUFFER", buffer)
        for ours, theirs in zip(results(), one_block, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def test_each_head_is_an_attention_of_its_own():
    op, rng = ops.MultiHeadAttention(6, 3, seed=2), np.random.default_rng(0)
    x = rng.standard_normal((2, 4, 6))
    q, k, v = (x @ op.params[f"{name}_proj.weight"] for name in "qkv")
    parts = [
        [ops.attention_loop(*(a[b, :, 2 * h : 2 * h + 2] for a in (q, k, v))) for h in range(3)]
        for b in range(2)
    ]
    joined = np.stack([np.concatenate(heads, axis=1) for heads in parts])
    np.testing.assert_allclose(op(x), joined @ op.params["out_proj.weight"], rtol=1e-12)


Q, K = np.zeros((2, 3, 4)), np.zeros((2, 5, 4))
DOT, HEADS = ops.ScaledDotProductAttention(), ops.MultiHeadAttention(4, 2)
REFUSED = [
    (lambda: DOT(Q[0, 0], K, K), "q must have at least 2 axes, got shape (4,)"),
    (lambda: DOT(Q, K[:1], K), "alike but for T and S, got (2, 3, 4) and (1, 5, 4)"),
    (lambda: DOT(Q, K[..., :3], K), "alike but for T and S, got (2, 3, 4) and (2, 5, 3)"),
    (lambda: DOT(Q, K, Q), "alike but for the last axis, got (2, 5, 4) and (2, 3, 4)"),
    (lambda: DOT(Q, K, K, np.ones(4)), "mask must broadcast to the scores' shape (2, 3, 5), got"),
    (
        lambda: DOT(Q, K, K, np.ones((1, 2, 3, 5))),
        "mask must broadcast to the scores' shape (2, 3, 5), got (1, 2, 3, 5)",
    ),
    (lambda: ops.MultiHeadAttention(4, 3), "embed_dim must be divisible by num_heads, got 4 and 3"),
    (lambda: ops.MultiHeadAttention(0, 1), "embed_dim must be a positive integer, got 0"),
    (lambda: ops.MultiHeadAttention(4, 2, kdim=0), "kdim must be a positive integer, got 0"),
    (lambda: HEADS(Q[0]), "query must have 3 axes, got shape (3, 4)"),
    (lambda: HEADS(Q, K[..., :3]), "key must have shape (batch, length, 4), got (2, 5, 3)"),
    (lambda: HEADS(Q, K, Q), "key and value one length, got (2, 3, 4), (2, 5, 4) and (2, 3, 4)"),
    (lambda: ops.DotScore()(Q, K[..., :3]), "q and k must have one length of vectors, got 4 and 3"),
    (lambda: ops.DotScore()(Q, K[:1]), "q and k must have one batch size, got 2 and 1"),
    (lambda: ops.BilinearScore(3, 4)(Q, K), "q must have shape (batch, length, 3), got (2, 3, 4)"),
    (lambda: ops.BilinearScore(0, 4), "query_size must be a positive integer, got 0"),
    (lambda: ops.AdditiveScore(4, 2, 3)(Q, K), "k must have shape (batch, length, 2), got (2, 5"),
    (lambda: ops.AdditiveScore(4, 4, 0), "hidden_size must be a positive integer, got 0"),
    (lambda: ops.Attention(SCORE)(Q, K, Q), "k and v must have the same batch and length, got (2"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)


def test_a_mask_of_integers_is_refused():
    with pytest.raises(TypeError, match="mask must be boolean or floating-point, got int64"):
        DOT(Q, K, K, np.ones((3, 5), np.int64))


def test_on_the_tape_each_application_keeps_its_own():
    op, rng = ops.MultiHeadAttention(4, 2, seed=3), np.random.default_rng(0)
    x = ops.Variable(rng.standard_normal((1, 3, 4)))
    ops.apply(op, ops.apply(op, x)).sum().backward()
    first, second = ops.MultiHeadAttention(4, 2, seed=3), ops.MultiHeadAttention(4, 2, seed=3)
    grad = second.backward(np.ones_like(second(first(x.value))))
    np.testing.assert_allclose(x.grad, first.backward(grad))
    for name, total in op.grads.items():
        np.testing.assert_allclose(total, first.grads[name] + second.grads[name])
