"""The BiLSTM classifier: by hand or not it is one model, and padding changes nothing."""

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import double_precision

from nndl.device import paddle
from nndl.models import BiLSTMClassifier

ATTENTIONS = [None, "additive", "dot", "scaled_dot", "bilinear"]


def texts(rng, batch, steps, vocab_size):
    """Draw token numbers that are 0 beyond each text's end, and the lengths."""
    lengths = rng.integers(1, steps + 1, batch)
    ids = rng.integers(1, vocab_size, (batch, steps))
    return np.where(np.arange(steps) < lengths[:, None], ids, 0), lengths


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_by_hand_equals_paddles_lstm_in_logits_and_every_gradient(data):
    batch, steps, vocab, embed, hidden, classes = (data.draw(st.integers(2, 5)) for _ in range(6))
    attention = data.draw(st.sampled_from(ATTENTIONS))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    arguments = (vocab, embed, hidden, classes, attention)
    with double_precision():
        ours, theirs = (BiLSTMClassifier(*arguments, by_hand=by_hand) for by_hand in (True, False))
    for parameter in theirs.parameters():
        parameter.set_value(rng.standard_normal(tuple(parameter.shape)))
    missing, _ = ours.set_state_dict(theirs.state_dict())
    assert not missing
    ids, lengths = map(paddle.to_tensor, texts(rng, batch, steps, vocab))
    outputs, grads = [], []
    for model in (ours, theirs):
        logits = model(ids, lengths)
        (logits * logits.detach().cos()).sum().backward()
        outputs.append([logits] if attention is None else [logits, model.weights])
        grads.append([p.grad for _, p in sorted(model.named_parameters())])
    equality.compare("models.BiLSTMClassifier", *outputs, *grads)


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_padding_and_company_change_no_logit(attention, by_hand):
    model = BiLSTMClassifier(50, 8, 6, 3, attention, by_hand=by_hand)
    ids, lengths = texts(np.random.default_rng(0), 4, 7, 50)
    logits = model(paddle.to_tensor(ids), paddle.to_tensor(lengths)).numpy()
    # what stands in the padding does not count either
    for filled in (0, 49):
        longer = np.concatenate([ids, np.full((4, 5), filled)], axis=1)
        longer[:, :7] = np.where(np.arange(7) < lengths[:, None], ids, filled)
        more = model(paddle.to_tensor(longer), paddle.to_tensor(lengths))
        np.testing.assert_allclose(more.numpy(), logits, rtol=1e-5, atol=1e-6)
    for one, length, expected in zip(ids, lengths, logits, strict=True):
        alone = model(paddle.to_tensor(one[None, :length]), paddle.to_tensor([length]))
        np.testing.assert_allclose(alone.numpy()[0], expected, rtol=1e-5, atol=1e-6)


def test_pools_the_mean_of_the_real_positions():
    model = BiLSTMClassifier(20, 4, 3, 2)
    ids, lengths = texts(np.random.default_rng(1), 3, 5, 20)
    ids, lengths = paddle.to_tensor(ids), paddle.to_tensor(lengths)
    states, _ = model.lstm(model.embedding(ids), sequence_length=lengths)
    means = paddle.stack([states[b, :n].mean(axis=0) for b, n in enumerate(lengths.tolist())])
    expected = model.linear(means)
    np.testing.assert_allclose(model(ids, lengths).numpy(), expected.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_an_empty_text_gives_numbers(attention):
    model = BiLSTMClassifier(20, 4, 3, 2, attention)
    logits = model(paddle.to_tensor([[0, 0], [3, 4]]), paddle.to_tensor([0, 2]))
    np.testing.assert_allclose(logits[0].numpy(), model.linear.bias.numpy(), atol=1e-6)
    logits.sum().backward()
    assert all(np.isfinite(p.grad.numpy()).all() for p in model.parameters())


def test_the_paddings_vector_is_zero_and_stays():
    model = BiLSTMClassifier(20, 4, 3, 2, padding_idx=7)
    optimizer = paddle.optimizer.SGD(1.0, model.parameters())
    model(paddle.to_tensor([[1, 7, 7]]), paddle.to_tensor([3])).sum().backward()
    optimizer.step()
    assert not model.embedding.weight[7].any()


def key_texts(rng, number):
    """Draw noise in which one token, the key, tells the class; return also where it stands."""
    classes = rng.integers(0, 5, number)
    lengths = rng.integers(4, 13, number)
    ids = np.where(np.arange(12) < lengths[:, None], rng.integers(6, 20, (number, 12)), 0)
    places = (rng.random(number) * lengths).astype(int)
    ids[np.arange(number), places] = 1 + classes
    return paddle.to_tensor(ids), paddle.to_tensor(lengths), paddle.to_tensor(classes), places


@pytest.mark.slow
def test_learns_a_key_among_noise_and_looks_at_it():
    rng = np.random.default_rng(0)
    paddle.seed(0)
    model = BiLSTMClassifier(20, 16, 8, num_classes=5, attention="additive")
    optimizer = paddle.optimizer.Adam(0.01, parameters=model.parameters())
    for _ in range(300):
        ids, lengths, classes, _ = key_texts(rng, 64)
        paddle.nn.functional.cross_entropy(model(ids, lengths), classes).backward()
        optimizer.step()
        optimizer.clear_grad()
    ids, lengths, classes, places = key_texts(rng, 500)
    right = (model(ids, lengths).argmax(axis=1) == classes).numpy()
    assert right.mean() > 0.95
    # not 1: one of the five classes can also be told by no key being looked at
    assert (model.weights.numpy().argmax(axis=1) == places).mean() > 0.75


IDS, LENGTHS = paddle.to_tensor([[1, 2], [3, 0]]), paddle.to_tensor([2, 1])
MODEL = BiLSTMClassifier(5, 2, 2, 2)
REFUSED = [
    (lambda: BiLSTMClassifier(0, 2, 2, 2), "vocab_size must be a positive integer, got 0"),
    (lambda: BiLSTMClassifier(5, 2.0, 2, 2), "embed_dim must be a positive integer, got 2.0"),
    (lambda: BiLSTMClassifier(5, 2, 0, 2), "hidden_size must be a positive integer, got 0"),
    (lambda: BiLSTMClassifier(5, 2, 2, 0), "num_classes must be a positive integer, got 0"),
    (
        lambda: BiLSTMClassifier(5, 2, 2, 2, "addtive"),
        "attention must be None or 'additive' or 'dot'",
    ),
    (lambda: MODEL(IDS.astype("float32"), LENGTHS), "ids must be int32 or int64, got float32"),
    (lambda: MODEL(IDS[0], LENGTHS), "ids must have shape (batch, positions), got (2,)"),
    (lambda: MODEL(IDS, LENGTHS.astype("float32")), "lengths must be int32 or int64, got float32"),
    (lambda: MODEL(IDS, LENGTHS + 1), "from 0 to the number of positions 2, got 3"),
    (lambda: MODEL(IDS, LENGTHS[:1]), "lengths must have shape (2,), got (1,)"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert words in str(caught.value)
