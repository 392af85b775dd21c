"""IMDB is read as Paddle reads it, in one pass, and its words are numbered without the test set."""

import io
import tarfile

import numpy as np
import pytest
from shared_data import SHARED, needs

from nndl import data
from nndl.data.imdb import read_imdb
from nndl.device import paddle

REVIEWS = {
    "aclImdb/train/pos/0_9.txt": "A FINE film; it's fine!<br /><br />See it \u2014 caf\u00e9.\n",
    "aclImdb/train/neg/0_2.txt": "dull, dull ... dull\xa0film",
    "aclImdb/train/unsup/0_0.txt": "nobody said what this is worth",
    "aclImdb/test/neg/0_1.txt": "a dull play",
    "aclImdb/test/pos/0_10.txt": "a fine, fine play",
    "aclImdb/README": "no review",
}


def write_archive(path, reviews):
    with tarfile.open(path, "w:gz") as tar:
        for name, text in reviews.items():
            content = text.encode()
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def many_reviews(number=20):
    return {
        f"aclImdb/{part}/{kind}/{i}_5.txt": f"{part} {kind} review number {i}"
        for part in ("train", "test")
        for kind in ("pos", "neg")
        for i in range(number)
    }


@pytest.fixture
def archive(tmp_path):
    return write_archive(tmp_path / "aclImdb.tar.gz", REVIEWS)


def test_a_tiny_archive_equals_paddles_reader(archive):
    for (texts, labels), mode in zip(read_imdb(archive), ("train", "test"), strict=True):
        theirs = paddle.text.Imdb(str(archive), mode=mode, cutoff=0)
        unknown = theirs.word_idx["<unk>"]
        number = {word.decode(): n for word, n in theirs.word_idx.items() if word != "<unk>"}
        ours = sorted(
            # there, praise is 0
            (1 - int(label), [number.get(w, unknown) for w in data.tokenize_like_paddle(text)])
            for text, label in zip(texts, labels, strict=True)
        )
        assert ours == sorted(zip(theirs.labels, theirs.docs, strict=True))
        assert all(unknown not in words for _, words in ours)


def test_texts_stay_as_they_are(archive):
    train, test = read_imdb(archive)
    assert train[0][0] == REVIEWS["aclImdb/train/pos/0_9.txt"]
    assert train[1].tolist() == [1, 0]
    assert test[1].tolist() == [0, 1]
    assert test[1].dtype == np.int64


def test_splits_are_disjoint_stratified_and_the_seeds(tmp_path):
    path = write_archive(tmp_path / "many.tar.gz", many_reviews())
    train, dev, test = data.load_imdb(data_file=path, verify=False)
    assert [len(part.texts) for part in (train, dev, test)] == [36, 4, 40]
    assert set(train.texts) | set(dev.texts) == {
        text for name, text in many_reviews().items() if "/train/" in name
    }
    for part in (train, dev, test):
        assert part.labels.mean() == 0.5
        assert [" pos " in text for text in part.texts] == part.labels.tolist()
    other = data.load_imdb(1, data_file=path, verify=False)
    assert set(other.dev.texts) != set(dev.texts)
    assert data.load_imdb(data_file=path, verify=False).train.texts == train.texts
    few = data.load_imdb(data_file=path, verify=False, limit=10)
    assert [len(part.texts) for part in few] == [10, 4, 10]
    assert few.test.labels.sum() == 5


def test_refusals(archive, tmp_path):
    with pytest.raises(ValueError, match="pass verify=False"):
        data.load_imdb(data_file=archive)
    with pytest.raises(FileNotFoundError, match="data_file must name a file that exists"):
        data.load_imdb(data_file=tmp_path / "nothing")
    part = {name: text for name, text in REVIEWS.items() if "test" not in name}
    with pytest.raises(ValueError, match="it holds no reviews in aclImdb/test"):
        read_imdb(write_archive(tmp_path / "part.tar.gz", part))
    (tmp_path / "no.tar.gz").write_bytes(archive.read_bytes()[:200])
    with pytest.raises(ValueError, match=r"no\.tar\.gz is no whole gzip file"):
        read_imdb(tmp_path / "no.tar.gz")


def test_what_is_no_text_or_there_twice_is_named(tmp_path):
    path = tmp_path / "a.tar.gz"
    for names, content, words in (
        (["0_1.txt"], b"\xff", r"in aclImdb/train/pos/0_1\.txt, .* can't decode"),
        (["0_1.txt", "0_1.txt"], b"a", r"holds aclImdb/train/pos/0_1\.txt twice"),
    ):
        with tarfile.open(path, "w:gz") as tar:
            for name in names:
                info = tarfile.TarInfo(f"aclImdb/train/pos/{name}")
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        with pytest.raises(ValueError, match=words):
            read_imdb(path)


@needs("imdb/aclImdb_labelled.tar.gz")
def test_the_real_reviews():
    path = SHARED / "imdb" / "aclImdb_labelled.tar.gz"
    reviews = data.load_imdb(data_file=path, verify=False)
    assert [len(part.texts) for part in reviews] == [22500, 2500, 25000]
    assert [part.labels.mean() for part in reviews] == [0.5, 0.5, 0.5]
    few = [data.Texts(part.texts[:300], part.labels[:300]) for part in reviews]
    sequences, vocabulary = data.encode_texts(data.Splits(*few), max_size=2000)
    assert len(vocabulary) == 2000
    (ids, lengths), _ = next(iter(data.SequenceBatches(*sequences.test, max_length=200)))
    assert ids.shape == [64, 200]
    assert int(lengths.max()) == 200
