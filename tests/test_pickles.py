"""A pickle is read as values: it runs nothing, and a small one costs little, whatever is in it."""

import collections
import io
import math
import pickle
import random
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limits import needs_limits, run_limited

from nndl.pickles import load_pickle, read_pickle
from nndl.pickles.reader import DEPTH


def read(content):
    return read_pickle(io.BytesIO(content), len(content))


# bytes of opcodes, to write pickles that no pickler writes
def text(word):
    return b"\x8c" + bytes([len(word)]) + word.encode()


def name(module, attribute):
    return text(module) + text(attribute) + b"\x93"


DTYPE = name("numpy", "dtype")
EMPTY_ARRAY = (
    name("numpy._core.multiarray", "_reconstruct") + name("numpy", "ndarray") + b"K\x00\x85C\x01b"
    b"\x87R"
)


def dtype(code="u1", order="|"):
    state = b"(K\x03" + text(order) + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t"
    return DTYPE + text(code) + b"\x89\x88\x87R" + state + b"b"


def array(shape, content, of=None):
    """Give an array as a pickle has it, with an opcode that makes its shape and its bytes."""
    return EMPTY_ARRAY + b"(K\x01" + shape + (of or dtype()) + b"\x89" + content + b"tb"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats()
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(st.text() | st.binary() | st.integers(-(2**40), 2**40), inner, max_size=5)
    ),
    max_leaves=30,
)


def same(one, other):
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and one == other


@settings(max_examples=300, deadline=None)
@given(values, st.sampled_from([2, 3, 4]))
def test_plain_values_come_back(value, protocol):
    assert same(value, read(pickle.dumps(value, protocol)))


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize("code", ["b1", "i1", "u2", "<i4", ">i4", "i8", "f2", ">f8", "c8", "c16"])
@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (7,), (2, 3, 4)])
def test_arrays_come_back(protocol, code, shape):
    rng = np.random.default_rng(0)
    value = rng.integers(0, 2, size=shape).astype(code)
    for one in (value, np.asfortranarray(value), value[..., None][..., ::-1]):
        back = read(pickle.dumps([one, {"again": one}], protocol))
        assert back[0] is back[1]["again"]
        assert back[0].dtype == one.dtype and back[0].shape == one.shape
        np.testing.assert_array_equal(back[0], one)
        assert back[0].flags.writeable and back[0].flags.c_contiguous


def test_shared_and_ordered_values():
    shared = [1, 2]
    value = collections.OrderedDict([("b", shared), ("a", (shared, shared)), (("t", 1), None)])
    assert read(pickle.dumps(value)) == dict(value)
    assert list(read(pickle.dumps(value))) == list(value)


def test_a_text_of_python_2_comes_as_bytes():
    assert read(b"\x80\x02}(U\x01a" + b"T\x02\x00\x00\x00bcu.") == {b"a": b"bc"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x80\x04]q\x00h\x00a.", "inside itself"),
        (b"\x80\x04]q\x00]q\x01h\x00aa.", "no open container"),
        (b"\x80\x04}q\x00(K\x01h\x00u.", "inside itself"),
        (b"\x80\x04]]a.N", "more follows"),
        (b"\x80\x04NN.", "more follows"),
        (b"\x80\x04(N.", "more follows"),
        (b"\x80\x04}(K\x01u.", "damaged|shorter"),
        (b"\x80\x04}]Ns.", "a list as a key"),
        (b"\x80\x04h\x00.", "damaged"),
        (b"\x80\x04t.", "damaged"),
        (b"\x80\x04.", "damaged"),
        (b"\x80\x04\x8c\x01\xff.", "decode"),
        (b"\x80\x04\x8b\xff\xff\xff\xff.", "cut off"),
        (b"\x80\x04T\xff\xff\xff\xff.", "cut off"),
        (b"\x80\x04\x8a\xff" + b"\x01" * 300, None),
        (b"\x80\x04" + b"\x8b\x01\x01\x00\x00" + b"\x01" * 257 + b".", "whole number of 257"),
        (b"\x80\x04" + DTYPE + b".", "no value"),
        (b"\x80\x04" + EMPTY_ARRAY + b".", "no value"),
        (b"\x80\x04]" + EMPTY_ARRAY + b"a.", "no value"),
        (b"\x80\x04" + EMPTY_ARRAY + b"q\x00h\x00.", "before it is there"),
        (b"\x80\x04" + DTYPE + text("O8") + b"\x85R.", "it asks for entries of type 'O8'"),
        (b"\x80\x04" + DTYPE + text("V99999999") + b"\x85R.", "it asks for entries"),
        (b"\x80\x04" + DTYPE + text("f4,f4") + b"\x85R.", "it asks for entries"),
        (b"\x80\x04" + DTYPE + text("M8") + b"\x85R.", "it asks for entries"),
        (b"\x80\x04" + array(b"K\x05\x85", b"C\x04abcd") + b".", "entries of uint8 in 4 bytes"),
        (b"\x80\x04" + array(b"K\x03\x85", b"C\x04abcd") + b".", "entries of uint8 in 4 bytes"),
        (b"\x80\x04" + array(b"J\xff\xff\xff\xff\x85", b"C\x04abcd") + b".", "of shape"),
        (b"\x80\x04" + array(b"G" + b"\0" * 8 + b"\x85", b"C\x00") + b".", "of shape"),
        (b"\x80\x04" + array(b"K\x04", b"C\x04abcd") + b".", "of shape"),
        (b"\x80\x04" + array(b"K\x04\x85", b"]") + b".", "not made of bytes"),
        (b"\x80\x04" + array(b"K\x04\x85", b"C\x04abcd", of=b"N") + b".", "damaged|bytes|value"),
        # an attribute of the array's class, a second state, a call of an array
        (b"\x80\x04" + array(b"K\x01\x85", b"C\x01a") + b"}b.", "no array"),
        (b"\x80\x04" + array(b"K\x01\x85", b"C\x01a") + b")R.", "no array"),
        (b"\x80\x04" + name("numpy", "ndarray") + b"K\x09\x85\x85R.", "makes no array"),
        (b"\x80\x04" + name("collections", "OrderedDict") + b"]\x85R.", "makes no array"),
        (b"\x80\x04" + name("builtins", "bytes") + b"J\xff\xff\xff\x7f\x85R.", "makes no array"),
        (b"\x80\x04" + name("_codecs", "encode") + text("a") + text("zip") + b"\x86R.", "encoding"),
        (b"\x80\x04K\x01K\x02\x93.", "it asks for"),
        (b"cos\nsystem\n(S'ls'\ntR.", "it asks for os.system"),
        (b"c" + b"a" * 1000, "name that is too long"),
        (b"\x80\x04\x82\x01.", "no pickle|asks for more"),  # EXT1
        (b"\x80\x04Pabc\n.", "asks for more"),  # PERSID
        (b"\x80\x04N)\x81.", "asks for more"),  # NEWOBJ
        (b"\x80\x05\x96" + struct.pack("<Q", 1 << 40), "asks for more"),  # BYTEARRAY8
        (b"(lp0\n.", "asks for more"),  # protocol 0
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused(content, words):
    with pytest.raises(ValueError, match=words):
        read(content)


def nested(make, times):
    value = None
    for _ in range(times):
        value = make(value)
    return value


@pytest.mark.parametrize(
    "value",
    [
        nested(lambda v: (v, v), 60),
        nested(lambda v: [v, v], 60),
        nested(lambda v: {"a": v, "b": v}, 60),
        {"key": {"inner": [nested(lambda v: (v, v), 60)]}},
        ["x" * 1000] + [["y" * 10_000] * 100] * 1000,
    ],
    ids=["tuples", "lists", "dicts", "inside", "texts"],
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_shared_values_may_not_expand(value, protocol):
    content = pickle.dumps(value, protocol)
    assert len(content) < 20_000
    with pytest.raises(ValueError, match="expands to a multiple of its size"):
        read(content)


def test_a_doubled_tuple_as_a_key_is_refused_before_it_is_hashed():
    # written by hand: an ordinary pickler would hash it too
    key = b"N" + b"".join(b"q%ch%c\x86" % (i, i) for i in range(18))
    with pytest.raises(ValueError, match="a tuple as a key"):
        read(b"\x80\x04}" + key + b"Ns.")


def test_one_text_for_many_arrays():
    """The bytes of a thousand arrays stand in the file once: each array would have its own."""
    shared = b"\x80\x04(" + b"B" + struct.pack("<I", 100_000) + b"a" * 100_000 + b"q\x01"
    many = array(b"J" + struct.pack("<i", 100_000) + b"\x85", b"h\x01") * 1000
    with pytest.raises(ValueError, match="expands to a multiple of its size"):
        read(shared + many + b"t.")


def test_many_names_for_one_array_are_fine():
    value = np.ones(1_000_000)
    back = read(pickle.dumps({"a": value, "b": value, "c": [value]}))
    assert back["a"] is back["b"] is back["c"][0]


def test_depth_has_a_limit():
    assert read(pickle.dumps(nested(lambda v: [v], DEPTH))) is not None
    for make in (lambda v: [v], lambda v: (v,), lambda v: {"a": v}):
        with pytest.raises(ValueError, match="nested more than"):
            read(pickle.dumps(nested(make, DEPTH + 1)))
    with pytest.raises(ValueError, match="nested more than"):
        read(b"\x80\x04N" + b"\x85" * 1_000_000 + b".")


def test_keys_that_collide_are_refused():
    prime = 2**61 - 1
    with pytest.raises(ValueError, match="as a key"):
        read(pickle.dumps({i * prime: None for i in range(1000)}))
    with pytest.raises(ValueError, match="tuples as keys"):
        read(pickle.dumps({(i, 0): None for i in range(20_000)}))


SMALL = {
    "BINBYTES8": b"\x8e" + struct.pack("<Q", 1 << 36),
    "BINUNICODE8": b"\x8d" + struct.pack("<Q", 1 << 36),
    "BYTEARRAY8": b"\x96" + struct.pack("<Q", 1 << 36),
    "BINBYTES": b"\x80\x03B\xff\xff\xff\xff",
    "BINUNICODE": b"\x80\x02X\xff\xff\xff\xff",
    "BINSTRING": b"\x80\x02T\xff\xff\xff\x7f",
    "LONG4": b"\x80\x02\x8b\xff\xff\xff\x7f",
    "FRAME": b"\x80\x04\x95" + struct.pack("<Q", 1 << 36) + b"N.",
    "LONG_BINPUT": b"\x80\x02Nr\xff\xff\xff\x7f.",
    "EMPTY_DICT": b"\x80\x02" + b"}" * 1_500_000,
    "MEMOIZE": b"\x80\x04N" + b"\x94" * 3_000_000,
    "REDUCE": b"\x80\x04"
    + DTYPE
    + b"\x94"
    + text("u1")
    + b"\x85\x94R"
    + b"h\x00h\x01R" * 1_200_000,
}


@needs_limits
def test_a_small_file_takes_little_memory(tmp_path):
    for word, content in SMALL.items():
        (tmp_path / word).write_bytes(content)
    lines = run_limited(
        """
from pathlib import Path
from nndl.pickles import load_pickle
limit(500 << 20)
for path in sorted(Path(sys.argv[1]).iterdir()):
    print(path.name)
    refused(load_pickle, path)
""",
        tmp_path,
    )
    answers = dict(zip(lines[::2], lines[1::2], strict=True))
    assert answers.keys() == SMALL.keys()
    for word, answer in answers.items():
        if word not in ("LONG_BINPUT", "FRAME"):  # a large number for a small thing: harmless here
            assert answer.startswith("refused"), (word, answer)
            assert str(tmp_path / word) in answer


@pytest.mark.parametrize("protocol", [2, 4])
def test_altered_bytes_never_do_more_than_be_refused(protocol, tmp_path):
    rng = random.Random(protocol)
    value = {
        "a": np.arange(6.0).reshape(2, 3),
        "b": [1, 2.5, "text", b"bytes", (None, True, 2**70)],
        "c": {"inner": np.asfortranarray(np.ones((3, 2), "float32")), "list": [np.zeros(2)] * 2},
    }
    whole = pickle.dumps(value, protocol)
    path = tmp_path / "altered"
    refusals = 0
    for _ in range(3000):
        content = bytearray(whole)
        for _ in range(rng.randint(1, 3)):
            place = rng.randrange(len(content))
            kind = rng.randrange(3)
            if kind == 0:
                content[place] = rng.randrange(256)
            elif kind == 1:
                content.insert(place, rng.randrange(256))
            else:
                del content[place]
        path.write_bytes(content)
        try:
            load_pickle(path)
        except ValueError as error:
            assert str(path) in str(error)
            refusals += 1
    assert refusals > 1500
