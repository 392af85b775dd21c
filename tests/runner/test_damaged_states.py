"""A file of weights that is damaged, or made to do harm, is refused by name and costs little."""

import json
import os
import pickle
import random
import struct

import numpy as np
import pytest
from limits import needs_limits, run_limited

from nndl.runner import load_state, save_state

STATE = {
    "weight": np.arange(12, dtype="float32").reshape(3, 4),
    "bias": np.ones(4, "float64"),
    "empty": np.zeros((0, 3), "int32"),
}
ENDINGS = [".pdparams", ".safetensors"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_altered_bytes_are_refused_by_name_or_harmless(tmp_path, ending):
    if ending == ".safetensors":
        pytest.importorskip("safetensors")
    rng = random.Random(ending)
    path = tmp_path / f"w{ending}"
    save_state(STATE, path)
    whole = path.read_bytes()
    refusals = 0
    for _ in range(1500):
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
            state = load_state(path)
        except ValueError as error:
            assert str(path) in str(error)
            refusals += 1
        else:
            assert all(isinstance(name, str) for name in state)
    assert refusals > 900


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_folder_or_a_pipe_is_no_file(tmp_path, ending):
    if ending == ".safetensors":
        pytest.importorskip("safetensors")
    os.mkdir(tmp_path / f"folder{ending}")
    os.mkfifo(tmp_path / f"pipe{ending}")
    for word in ("folder", "pipe"):
        with pytest.raises(ValueError, match=f"{word}{ending}' must be a file, it is a {word}"):
            load_state(tmp_path / f"{word}{ending}")


@needs_limits
def test_a_small_file_takes_little_memory_and_time(tmp_path):
    pytest.importorskip("safetensors")
    value = None
    for _ in range(60):
        value = (value, value)
    header = json.dumps({"a": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}})
    attacks = {
        "doubled": pickle.dumps({"weight": value}, 4),
        "doubled-key": b"\x80\x04}N" + b"".join(b"q%ch%c\x86" % (i, i) for i in range(60)) + b"Ns.",
        "bytes": b"\x8e" + struct.pack("<Q", 1 << 36),
        "text": b"\x80\x04}X\xff\xff\xff\xff",
        "shape.safetensors": struct.pack("<Q", len(header)) + header.encode(),
        "header.safetensors": struct.pack("<Q", 1 << 62) + b"{}",
        "nested.safetensors": struct.pack("<Q", 100_000) + b"[" * 100_000,
    }
    for name, content in attacks.items():
        (tmp_path / name).write_bytes(content)
    lines = run_limited(
        """
from pathlib import Path
from nndl.runner import load_state
import safetensors.numpy
limit(500 << 20)
for path in sorted(Path(sys.argv[1]).iterdir()):
    print(path.name)
    refused(load_state, path)
""",
        tmp_path,
    )
    answers = dict(zip(lines[::2], lines[1::2], strict=True))
    assert answers.keys() == attacks.keys()
    for name, answer in answers.items():
        assert answer.startswith(f"refused: '{tmp_path / name}' cannot be loaded"), answer


def test_parts_of_a_large_array_are_joined(tmp_path):
    """With protocol 2 Paddle cuts what has more than 1 GB; here as it would cut less."""
    cut = {"weight": {"OriginShape": (3, 4), "slices": ["weight@@.0", "weight@@.1"]}}
    flat = STATE["weight"].ravel()
    parts = {"bias": STATE["bias"], "weight@@.0": flat[:7], "weight@@.1": flat[7:]}
    path = tmp_path / "w.pdparams"
    path.write_bytes(pickle.dumps(parts | {"UnpackBigParamInfor@@": cut}, 2))
    state = load_state(path)
    assert state.keys() == {"weight", "bias"}
    np.testing.assert_array_equal(state["weight"], STATE["weight"])
    for wrong in ([], {"weight": 3}, {"weight": {"slices": ["no"], "OriginShape": (3, 4)}},
                  {"weight": cut["weight"] | {"OriginShape": (5, 5)}}):  # fmt: skip
        path.write_bytes(pickle.dumps(parts | {"UnpackBigParamInfor@@": wrong}, 2))
        with pytest.raises(ValueError, match=r"w\.pdparams' has parts that do not fit"):
            load_state(path)


def test_a_save_without_room_names_the_file(tmp_path, monkeypatch):
    from nndl.device import paddle

    def full(state, name):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(paddle, "save", full)
    with pytest.raises(OSError, match=r"No space left on device; make room .*w\.pdparams"):
        save_state(STATE, tmp_path / "w.pdparams")


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
@pytest.mark.parametrize("ending", ENDINGS)
def test_weights_are_saved_through_a_link(tmp_path, ending):
    if ending == ".safetensors":
        pytest.importorskip("safetensors")
    (tmp_path / "far").mkdir()
    link = tmp_path / f"w{ending}"
    link.symlink_to(tmp_path / "far" / "target")
    save_state(STATE, link)
    assert link.is_symlink()
    assert load_state(link).keys() == STATE.keys()
    assert os.listdir(tmp_path / "far") == ["target"]
