"""Sequences of any lengths come in padded batches, each as often as it should."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl.data import Batches, SequenceBatches, pad_sequences
from nndl.device import paddle

RNG = np.random.default_rng(0)
IDS = [RNG.integers(1, 50, size=length) for length in RNG.integers(1, 12, size=23)]
LABELS = np.arange(23)
SEGMENTS = [(np.arange(len(ids)) > 1).astype(np.int64) for ids in IDS]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=9), min_size=1, max_size=9),
    st.one_of(st.none(), st.integers(1, 9)),
    st.integers(-1, 5),
)
def test_pad_sequences_writes_each_and_fills_up(sequences, max_length, value):
    padded, lengths = pad_sequences(sequences, max_length, value)
    assert padded.dtype == lengths.dtype == np.int64
    cut = [sequence[:max_length] for sequence in sequences]
    assert lengths.tolist() == [len(sequence) for sequence in cut]
    longest = max(map(len, cut))
    assert padded.tolist() == [s + [value] * (longest - len(s)) for s in cut]


def sequences_of(batches):
    """Take the padding away again: (label, sequence) for each sample, in order."""
    found = []
    for (ids, lengths), labels in batches:
        assert isinstance(ids, paddle.Tensor)
        assert ids.dtype == lengths.dtype == labels.dtype == paddle.int64
        assert ids.shape[1] == lengths.max()
        for row, length, label in zip(ids.numpy(), lengths.tolist(), labels.tolist(), strict=True):
            assert (row[length:] == 0).all()
            found.append((label, row[:length].tolist()))
    return found


def test_in_order_without_shuffle():
    batches = SequenceBatches(IDS, LABELS, batch_size=10)
    assert len(batches) == 3
    assert sequences_of(batches) == [(n, ids.tolist()) for n, ids in enumerate(IDS)]


def test_shuffle_gives_each_once_and_keeps_them_together():
    found = sequences_of(SequenceBatches(IDS, LABELS, batch_size=5, shuffle=True))
    assert found != sorted(found)
    assert sorted(found) == [(n, ids.tolist()) for n, ids in enumerate(IDS)]


def test_orders_are_those_of_batches():
    one = SequenceBatches(IDS, LABELS, batch_size=5, shuffle=True, seed=4)
    other = Batches(np.zeros([23, 1]), LABELS, batch_size=5, shuffle=True, seed=4)
    for epoch in range(3):
        assert one.epoch == other.epoch == epoch
        ours = [labels.tolist() for _, labels in one]
        assert ours == [labels.tolist() for _, labels in other]
    one.epoch = 0
    assert [labels.tolist() for _, labels in one] != ours


def test_segments_come_along():
    batches = SequenceBatches(IDS, LABELS, SEGMENTS, batch_size=4, shuffle=True)
    for (ids, segments, lengths), labels in batches:
        assert ids.shape == segments.shape
        for row, length, label in zip(
            segments.numpy(), lengths.tolist(), labels.tolist(), strict=True
        ):
            assert row[:length].tolist() == SEGMENTS[label].tolist()
            assert not row[length:].any()


def test_max_length_and_padding():
    batches = SequenceBatches(IDS, LABELS, max_length=3, padding=9, batch_size=23)
    (ids, lengths), _ = next(iter(batches))
    assert ids.shape == [23, 3]
    for row, length, whole in zip(ids.numpy(), lengths.tolist(), IDS, strict=True):
        assert row.tolist() == [*whole[:3].tolist(), *[9] * (3 - length)]


def test_nothing_is_changed_and_no_global_random_state_touched():
    np.random.seed(0)
    before, ids = np.random.get_state()[1].copy(), [array.copy() for array in IDS]
    list(SequenceBatches(IDS, LABELS, shuffle=True))
    assert (np.random.get_state()[1] == before).all()
    assert all((one == other).all() for one, other in zip(ids, IDS, strict=True))


def test_repr():
    words = "SequenceBatches(2 sequences of up to 3 tokens, batch_size=8, shuffle=False)"
    assert repr(SequenceBatches([[1, 2, 3], [1]], [0, 1], batch_size=8)) == words


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": LABELS[:3]}, "same length, got 23 sequences and 3 labels"),
        ({"ids": [], "labels": []}, "ids must hold at least one sequence, got none"),
        ({"ids": [[1], []], "labels": [0, 1]}, r"at least one whole number, got shape \(0,\) .* 1"),
        ({"ids": [[1.5]], "labels": [0]}, "at least one whole number, got .* of float64 at 0"),
        ({"segments": [*IDS[:-1], [0] * 50]}, "segments must have the lengths of ids"),
        ({"batch_size": 0}, "batch_size must be a positive integer, got 0"),
        ({"max_length": 0}, "max_length must be a positive integer, got 0"),
        ({"seed": -1}, "seed must be an integer from 0 to 4294967295, got -1"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(ValueError, match=message):
        SequenceBatches(**{"ids": IDS, "labels": LABELS, **arguments})
