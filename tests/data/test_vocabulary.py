"""Words are numbered from the training texts alone, and the numbers give the words back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl.data import Pairs, Splits, Texts, Vocabulary, encode_texts, tokenize

WORDS = st.text("abcdef", min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("?!", []),
        ("Don't STOP", ["don't", "stop"]),
        ("'quoted' rock'n'roll", ["quoted", "rock'n'roll"]),
        ("end.<br /><br>Next<br/>", ["end", "next"]),
        ("float32, 10/10", ["float", "32", "10", "10"]),
        ("a_name x-y", ["a", "name", "x", "y"]),
    ],
)
def test_tokenize(text, words):
    assert tokenize(text) == words


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=30))
def test_decode_undoes_encode(words):
    vocabulary = Vocabulary([" ".join(words)])
    ids = vocabulary.encode(" ".join(words))
    assert ids.dtype == np.int64
    assert ids.min() >= 4
    assert vocabulary.decode(ids) == words
    assert len(vocabulary) == 4 + len(set(words))


def test_frequent_words_first_and_ties_by_the_alphabet():
    vocabulary = Vocabulary(["c b a", "c b", "c d"])
    assert vocabulary.words == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "c", "b", "a", "d"]
    assert Vocabulary(["c b a", "c b", "c d"], min_count=2).words[4:] == ["c", "b"]
    assert Vocabulary(["c b a", "c b", "c d"], max_size=5).words[4:] == ["c"]
    assert "c" in vocabulary
    assert "e" not in vocabulary
    assert repr(vocabulary) == "Vocabulary(8 tokens)"


def test_unknown_and_empty_texts():
    vocabulary = Vocabulary(["a"])
    assert vocabulary.encode("b a").tolist() == [1, 4]
    assert vocabulary.encode("").tolist() == [1]
    assert vocabulary.decode([1, 4, 0]) == ["[UNK]", "a"]


def test_the_brackets_in_a_text_are_no_special_token():
    # a reader's text can't smuggle in padding
    assert Vocabulary(["a"]).encode("[PAD] [CLS]").tolist() == [1, 1]


def test_pairs():
    ids, segments = Vocabulary(["a b"]).encode_pair("a b", "b")
    assert ids.tolist() == [2, 4, 5, 3, 5, 3]
    assert segments.tolist() == [0, 0, 0, 0, 1, 1]
    assert ids.dtype == segments.dtype == np.int64


def test_dev_and_test_words_stay_unknown():
    train = Texts(["one two", "two one"], np.array([0, 1]))
    other = Texts(["two three"], np.array([1]))
    encoded, vocabulary = encode_texts(Splits(train, other, other))
    assert "three" not in vocabulary
    assert encoded.dev.ids[0].tolist() == [vocabulary.encode("two")[0], 1]
    assert encoded.train.labels is train.labels
    assert encoded.train.segments is None


def test_pairs_are_encoded_with_both_texts_words():
    train = Pairs(["one"], ["two"], np.array([1]))
    encoded, vocabulary = encode_texts(Splits(train, train, train), min_count=1)
    assert vocabulary.words[4:] == ["one", "two"]
    assert encoded.test.ids[0].tolist() == [2, 4, 3, 5, 3]
    assert encoded.test.segments[0].tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: Vocabulary(["a"], min_count=0), ValueError, "min_count must be a positive"),
        (lambda: Vocabulary(["a"], max_size=4), ValueError, "max_size must be more than 4, got 4"),
        (lambda: Vocabulary("a"), TypeError, "texts must be several texts, got one string"),
        (lambda: Vocabulary(["a"]).decode([5]), ValueError, "ids must be from 0 to 4, got 5"),
        (
            lambda: Vocabulary(["a"]).decode([-1]),
            ValueError,
            "ids must be an integer of",
        ),
        (lambda: encode_texts([[1]]), TypeError, "splits must be Splits, got list"),
        (lambda: encode_texts(Splits([1], [1], [1])), TypeError, "must hold Texts or Pairs"),
        (lambda: tokenize(None), ValueError, "text must be a text, got None"),
    ],
)
def test_refusals(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
