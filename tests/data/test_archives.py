"""A packed file is read to its end or refused, and a small one takes little memory and time."""

import gzip
import io
import os
import pickle
import random
import struct
import tarfile

import numpy as np
import pytest
from limits import needs_limits, run_limited

from nndl.data.archives import Unpacked, read_members
from nndl.data.imdb import read_imdb
from nndl.data.published import read_cifar10, read_idx

MOST = 1 << 20


def tar_of(files, form=tarfile.PAX_FORMAT):
    """Return an archive as the standard library writes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mtime = 1.5  # as `tar.add` sets it: described in a member of its own
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def header(name="a", size=b"00000000001", kind=b"0"):
    """Return a header that says what it should not, with the right checksum."""
    block = bytearray(tarfile.TarInfo(name).tobuf(tarfile.USTAR_FORMAT))
    block[124 : 124 + len(size)] = size
    block[156:157] = kind
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def members(path, most_each=MOST, most=MOST):
    return dict(read_members(path, lambda name: True, most_each, most))


FILES = {
    "a/b.txt": b"short",
    "empty": b"",
    "block": b"x" * 512,
    "long/" * 40 + "name": b"of more than 100 bytes",
    "über/字": b"not ASCII",
}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_archives_of_all_forms_are_read_as_the_standard_library_reads_them(tmp_path, form, pack):
    path = tmp_path / "a.tar"
    path.write_bytes(pack(tar_of(FILES, form)))
    assert members(path) == FILES
    wanted = dict(read_members(path, lambda name: name == "block", MOST, MOST))
    assert wanted == {"block": FILES["block"]}


def test_folders_and_links_are_passed_over(tmp_path):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("other")
            info.type = kind
            info.linkname = "/etc/passwd"
            tar.addfile(info)
    assert members(path) == {}


END = bytes(1024)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cut off"),
        (b"no archive", "cut off"),
        (b"x" * 512 + END, "header has another checksum"),
        (header(size=b"-0000000001") + END, "header has no length"),
        (header(size=b"\x80" + b"\xff" * 11) + END, "header has no length"),
        (header(size=b"77777777777") + END, "files of at most"),
        (header(size=b"77777777777", kind=b"5") + END, "longer than it may"),
        (header(size=b"77777777777", kind=b"x") + END, "a name of"),
        (header(size=b"77777777777", kind=b"L") + END, "a name of"),
        (header() + b"a", "cut off"),
        (header() + b"a" + bytes(511), "cut off"),  # without the end of an archive
        (header() + b"a" + bytes(511) + END + b"more", "more follows after the archive's end"),
        (header(kind=b"S") + END, "with holes"),
        (header(size=b"00000000034", kind=b"x") + b"28 GNU.sparse.realsize=9999\n", "holes"),
        (tar_of(FILES)[:700], "cut off"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_no_whole_archive_is_refused(tmp_path, content, words, pack):
    path = tmp_path / "a.tar"
    path.write_bytes(pack(content))
    with pytest.raises(ValueError, match=words) as caught:
        members(path)
    assert str(path) in str(caught.value)


def test_a_file_with_holes_of_python_or_gnu_is_refused(tmp_path):
    """757 bytes that say of themselves that they are a terabyte."""
    info = tarfile.TarInfo("cifar-10-batches-py/data_batch_1")
    pax = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1 << 40)}
    info.pax_headers = pax
    info.size = 512
    content = info.tobuf(tarfile.PAX_FORMAT) + b"1\n1099511627776\n0\n".ljust(512, b"\0") + END
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match="with holes"):
        read_cifar10(tmp_path / "a.tar.gz")


def test_a_limit_of_all_bytes(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(bytes(1001)))
    with Unpacked(path, 1001) as stream:
        assert len(stream.read(5000)) == 1001
    with Unpacked(path, 1000) as stream, pytest.raises(ValueError, match="more than 1,000 bytes"):
        stream.read(5000)


def idx(array):
    return struct.pack(f">HBB{array.ndim}i", 0, 8, array.ndim, *array.shape) + array.tobytes()


def pickled(batch):
    return pickle.dumps(batch, 2)


def cifar(batches):
    return tar_of({f"cifar-10-batches-py/{name}": content for name, content in batches.items()})


ROWS = np.arange(2 * 3072, dtype=np.uint32).astype(np.uint8).reshape(2, 3072)
BATCH = {b"data": ROWS, b"labels": [1, 2]}


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ({b"labels": [1]}, "'data' is missing"),
        ({b"data": ROWS}, "'labels' is missing"),
        ([BATCH], "should be a dict, got list"),
        (BATCH | {b"data": ROWS.astype("float32")}, "array of bytes"),
        (BATCH | {b"data": ROWS.tolist()}, "array of bytes"),
        (BATCH | {b"data": ROWS[:, 1:]}, "array of bytes"),
        (BATCH | {b"data": ROWS[0, :2]}, "array of bytes"),
        (BATCH | {b"labels": [1]}, "2 images, but 1 labels"),
        (BATCH | {b"labels": [1, 10]}, "from 0 to 9"),
        (BATCH | {b"labels": [1, -1]}, "from 0 to 9"),
        (BATCH | {b"labels": [1, 1.5]}, "list of integers"),
        (BATCH | {b"labels": b"ab"}, "list of integers"),
    ],
)
def test_a_batch_that_is_none_is_named(tmp_path, batch, words):
    path = tmp_path / "cifar.tar.gz"
    path.write_bytes(gzip.compress(cifar({"data_batch_1": pickled(batch)})))
    with pytest.raises(ValueError, match=f"CIFAR-10: in data_batch_1, .*{words}") as caught:
        read_cifar10(path)
    assert str(path) in str(caught.value)


def test_a_batch_that_is_there_twice_is_refused(tmp_path):
    path = tmp_path / "cifar.tar"
    path.write_bytes(cifar({"a/data_batch_1": pickled(BATCH), "b/data_batch_1": pickled(BATCH)}))
    with pytest.raises(ValueError, match="in data_batch_1, it is there twice"):
        read_cifar10(path)


@pytest.mark.parametrize(
    "pixels",
    [
        b"\x80\x02cnumpy\nndarray\n(M\x00\x0cK\x02tR.",  # would be memory as it is, uninitialised
        b"\x80\x02cnumpy\ndtype\nX\x02\x00\x00\x00M8K\x00K\x01\x87R.",
        pickle.dumps(np.array([None, print], dtype=object), 2),
        pickle.dumps(np.array(["2020-01-01"], dtype="M8[D]"), 2),
    ],
)
def test_no_pickle_reaches_numpy(tmp_path, pixels):
    """Its own types, given to an unpickler, touch whatever address of memory the file names."""
    batch = b"\x80\x02}(U\x04data" + pixels[2:-1] + b"U\x06labels](K\x01K\x02eu."
    path = tmp_path / "cifar.tar.gz"
    path.write_bytes(gzip.compress(cifar({"data_batch_1": batch})))
    with pytest.raises(ValueError, match="it asks for"):
        read_cifar10(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (struct.pack(">HBB3i", 0, 8, 3, -1, 28, 28), "more than the set has"),
        (struct.pack(">HBB3i", 0, 8, 3, *[2**31 - 1] * 3), "more than the set has"),
        (struct.pack(">HBB3i", 0, 8, 3, 2**16, 2**16, 2**16) + b"a", "more than the set has"),
        (struct.pack(">HBB3i", 0, 8, 3, -2, -2, 1) + b"abcd", "more than the set has"),
        (struct.pack(">HBB3i", 0, 8, 3, 1, 2, 2) + b"abc", "got 3"),
        (struct.pack(">HBB3i", 0, 8, 3, 1, 2, 2) + b"abcde", "got more"),
        (struct.pack(">HBBi", 0, 8, 3, 1), "no idx file"),
        (b"", "no idx file"),
    ],
)
def test_an_idx_file_that_says_what_it_does_not_hold(tmp_path, content, words):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=words) as caught:
        read_idx(path, 3)
    assert str(path) in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
@pytest.mark.parametrize("read", [read_cifar10, read_imdb, lambda path: read_idx(path, 3)])
def test_a_folder_or_a_pipe_is_no_file(tmp_path, read):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ValueError, match=r"must be a file, it is a (folder|pipe|device)"):
            read(path)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nothing")


def bomb(beginning=b"", megabytes=600):
    """Pack many zeros into few bytes."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as file:
        file.write(beginning)
        for _ in range(megabytes):
            file.write(bytes(1 << 20))
    return out.getvalue()


@needs_limits
def test_a_small_packed_file_takes_little_memory(tmp_path):
    zeros = bomb()
    assert len(zeros) < 700_000
    attacks = {
        "idx-zeros": zeros,
        "idx-more": bomb(struct.pack(">HBB3i", 0, 8, 3, 1, 28, 28)),
        "idx-large": bomb(struct.pack(">HBB3i", 0, 8, 3, 600_000, 28, 28)),
        "tar-zeros": zeros,
        "tar-name": bomb(header(kind=b"x", size=b"04000000000")),
        "tar-large": bomb(header("cifar-10-batches-py/data_batch_1", size=b"04000000000")),
        "tar-other": bomb(header("other", size=b"04000000000")),
        "imdb-large": bomb(header("aclImdb/train/pos/0_1.txt", size=b"04000000000")),
    }
    for name, content in attacks.items():
        (tmp_path / name).write_bytes(content)
    lines = run_limited(
        """
from pathlib import Path
from nndl.data.published import read_cifar10, read_idx
from nndl.data.imdb import read_imdb
limit(200 << 20)
read = {"idx": lambda path: read_idx(path, 3), "tar": read_cifar10, "imdb": read_imdb}
for path in sorted(Path(sys.argv[1]).iterdir()):
    print(path.name)
    refused(read[path.name.split("-")[0]], path)
""",
        tmp_path,
    )
    answers = dict(zip(lines[::2], lines[1::2], strict=True))
    assert answers.keys() == attacks.keys()
    for name, answer in answers.items():
        assert answer.startswith(f"refused: {tmp_path / name} "), answer


REVIEWS = {
    f"aclImdb/{part}/{kind}/{i}_5.txt": f"{part} {kind} {i} of a film".encode()
    for part in ("train", "test")
    for kind in ("pos", "neg")
    for i in range(10)
}
VALID = {
    "idx": (idx(np.arange(8, dtype=np.uint8).reshape(2, 2, 2)), lambda path: read_idx(path, 3)),
    "cifar": (
        cifar({name: pickled(BATCH) for name in ("data_batch_1", "data_batch_2", "test_batch")}),
        read_cifar10,
    ),
    "imdb": (tar_of(REVIEWS), read_imdb),
}


def plain(value):
    """Turn what a reader gives into something that `==` compares."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    return [plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def altered(content, rng):
    content = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(content))
        kind = rng.randrange(4)
        if kind == 0:
            content[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            content[place] = rng.randrange(256)
        elif kind == 2:
            content.insert(place, rng.randrange(256))
        else:
            del content[place]
    return bytes(content)


@pytest.mark.parametrize("kind", VALID)
def test_a_damaged_packed_file_is_never_read_as_another(kind, tmp_path):
    """Of IMDB, 52 of 60 with four altered bytes once gave fewer reviews, without a word."""
    content, read = VALID[kind]
    rng = random.Random(kind)
    path = tmp_path / kind
    packed = gzip.compress(content, mtime=0)
    path.write_bytes(packed)
    whole = plain(read(path))
    refusals = 0
    for _ in range(400):
        path.write_bytes(altered(packed, rng))
        try:
            value = read(path)
        except ValueError as error:
            assert str(path) in str(error)
            refusals += 1
        else:  # a byte that says nothing, such as the time at which it was packed
            assert plain(value) == whole
    assert refusals > 300


@pytest.mark.parametrize("kind", VALID)
def test_a_file_that_was_damaged_before_it_was_packed(kind, tmp_path):
    """No checksum tells here: it may hold other values, but does not crash, nor lose a header."""
    content, read = VALID[kind]
    rng = random.Random(kind)
    path = tmp_path / kind
    path.write_bytes(content)
    number = [len(labels) for _, labels in read(path)] if kind != "idx" else None
    for _ in range(400):
        path.write_bytes(altered(content, rng))
        try:
            value = read(path)
        except ValueError as error:
            assert str(path) in str(error)
        else:
            if kind == "imdb":
                assert [len(labels) for _, labels in value] == number
