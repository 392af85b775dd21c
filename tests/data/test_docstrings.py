"""Sentences from the installed libraries: sound splits, and labels that hang on a few words."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nndl import data
from nndl.data import docstrings
from nndl.device import paddle

BOTH_STYLES = '''
def f(x, axis, keepdim):
    """Do something.

    Parameters
    ----------
    x : array_like
        The values to be added up.  More about them.
    axis : int, optional
        The axis along which to *add*. Default: 0.
    func : callable
        Called for every value there is.
    """

class G:
    def g(self, keepdim, name):
        r"""
        Do something else.

        Args:
            keepdim (bool, optional): Whether to keep :ref:`the axis`,
                defaults to False.
            name (str|None): Too many types, but a name all the same.
            short (int): Too short.

        """
'''


def labels_by_text():
    return {s.text: s for s in docstrings._read()}


def test_both_styles_are_read():
    found = [
        sentence
        for number, text in enumerate(docstrings.DOCSTRING.findall(BOTH_STYLES))
        for sentence in docstrings._entries(text, number)
    ]
    assert [tuple(sentence) for sentence in found] == [
        ("The values to be added up.", "x", "array", 0),
        ("The axis along which to add.", "axis", "int", 0),
        ("Called for every value there is.", "func", None, 0),
        ("Whether to keep the axis", "keepdim", "bool", 1),
        ("Too many types, but a name all the same.", "name", None, 1),
    ]


def test_the_libraries_are_read_and_not_imported():
    code = """
import sys
from nndl import data
data.load_docstrings()
print(sorted({"matplotlib", "paddle"} & set(sys.modules)))
"""
    root = Path(data.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("seed", [0, 1])
def test_types_are_balanced_and_splits_share_nothing(seed):
    parts = data.load_docstrings(seed)
    known = labels_by_text()
    docs = []
    for part, least in zip(parts, (1000, 200, 200), strict=True):
        counts = np.bincount(part.labels, minlength=4)
        assert len(set(counts.tolist())) == 1
        assert len(part.texts) >= least
        assert len(set(part.texts)) == len(part.texts)
        assert part.labels.dtype == np.int64
        for text, label in zip(part.texts, part.labels, strict=True):
            assert known[text].type == data.ARGUMENT_TYPES[label]
        docs.append({known[text].docstring for text in part.texts})
    assert not docs[0] & docs[1]
    assert not docs[0] & docs[2]
    assert not docs[1] & docs[2]


def test_default_values_are_cut_off():
    for part in data.load_docstrings():
        assert not [text for text in part.texts if "default" in text.lower().split()]


def test_the_seed_decides():
    one, same, other = (data.load_docstrings(seed) for seed in (2, 2, 3))
    assert one.train.texts == same.train.texts
    assert set(one.test.texts) != set(other.test.texts)
    one, same, other = (data.load_docstring_pairs(200, 50, 50, seed) for seed in (2, 2, 3))
    assert one.dev.first == same.dev.first
    assert one.dev.second != other.dev.second


@pytest.mark.parametrize("seed", [0, 1])
def test_pairs_match_where_they_say_so(seed):
    parts = data.load_docstring_pairs(2000, 301, 300, seed=seed)
    assert [len(part.labels) for part in parts] == [2000, 301, 300]
    known = labels_by_text()
    docs = []
    for part in parts:
        assert abs(part.labels.sum() - len(part.labels) / 2) <= 1
        triples = list(zip(part.first, part.second, part.labels, strict=True))
        for first, second, label in triples:
            assert (known[first].name == known[second].name) == label
            assert first != second
        matching = [(first, second) for first, second, label in triples if label]
        assert len(set(matching)) == len(matching)
        docs.append({known[text].docstring for text in part.first + part.second})
    assert not docs[0] & docs[1]
    assert not docs[0] & docs[2]
    assert not docs[1] & docs[2]


def test_one_sentence_alone_says_nothing():
    train = data.load_docstring_pairs(2000).train
    for sentences in (train.first, train.second):
        by_label = [
            Counter(text for text, label in zip(sentences, train.labels, strict=True) if label == k)
            for k in (0, 1)
        ]
        assert by_label[0] == by_label[1]


@pytest.mark.parametrize("size", range(4, 12))
def test_few_pairs(size):
    for seed in range(3):
        train = data.load_docstring_pairs(size, size, size, seed=seed).train
        assert len(train.labels) == size


def test_without_sources(monkeypatch):
    docstrings._read.cache_clear()
    monkeypatch.setattr(docstrings, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="reads the source files of numpy, matplotlib, paddle"):
        data.load_docstrings()
    docstrings._read.cache_clear()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.load_docstrings(-1), "seed must be an integer from 0 to 4294967295, got -1"),
        (lambda: data.load_docstring_pairs(3), "n_train must be at least 4, got 3"),
        (lambda: data.load_docstring_pairs(n_dev=0), "n_dev must be a positive integer, got 0"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()


class AttentionOverWords(paddle.nn.Layer):
    """Embeddings, a score for each word, the weighted mean, a linear layer."""

    def __init__(self, words):
        super().__init__()
        self.embedding = paddle.nn.Embedding(words, 32)
        self.score = paddle.nn.Linear(32, 1)
        self.output = paddle.nn.Linear(32, 4)

    def forward(self, ids):
        words = self.embedding(ids)  # (B, T, 32)
        scores = self.score(paddle.tanh(words)).squeeze(-1)  # (B, T)
        scores = paddle.where(ids == 0, paddle.full_like(scores, -1e9), scores)
        self.weights = paddle.nn.functional.softmax(scores, axis=-1)  # (B, T)
        return self.output((self.weights.unsqueeze(-1) * words).sum(1))  # (B, 4)


def test_attention_finds_the_words_on_which_the_type_hangs():
    paddle.seed(0)
    splits, vocabulary = data.encode_texts(data.load_docstrings())
    model = AttentionOverWords(len(vocabulary))
    optimizer = paddle.optimizer.Adam(0.01, parameters=model.parameters(), weight_decay=1e-4)
    batches = data.SequenceBatches(*splits.train, batch_size=64, shuffle=True)
    for _ in range(6):
        for (ids, _lengths), labels in batches:
            paddle.nn.functional.cross_entropy(model(ids), labels).backward()
            optimizer.step()
            optimizer.clear_grad()

    ids, lengths = data.pad_sequences(splits.test.ids)
    with paddle.no_grad():
        answers = model(paddle.to_tensor(ids)).numpy().argmax(1)
        weights = model.weights.numpy()
        assert (answers == splits.test.labels).mean() > 0.75

        def changed(places):
            hidden = ids.copy()
            hidden[np.arange(len(ids)), places] = 1  # [UNK]
            return (model(paddle.to_tensor(hidden)).numpy().argmax(1) != answers).mean()

        # Hide one word: the answer changes more often if it is the one that was looked at most.
        chance = changed(np.random.default_rng(0).integers(lengths))
        assert changed(weights.argmax(1)) > 2 * chance + 0.1
    top = Counter(ids[np.arange(len(ids)), weights.argmax(1)][answers == 0].tolist())
    most = vocabulary.decode([number for number, _ in top.most_common(3)])
    assert "whether" in most
