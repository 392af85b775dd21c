"""States are saved whole, come back bit for bit, and a file can't make us run its code."""

import collections
import os
import pickle
import sys

import numpy as np
import pytest

from nndl.device import paddle
from nndl.runner import RunnerV3, checkpoint, load_state, save_state


def net(seed=0):
    paddle.seed(seed)
    return paddle.nn.Sequential(
        paddle.nn.Conv2D(1, 4, 3), paddle.nn.BatchNorm2D(4), paddle.nn.Linear(6, 2)
    )


def stirred(seed=0):
    """A model whose running statistics differ from what they are made with."""
    model = net(seed)
    model.train()
    model(paddle.randn([4, 1, 8, 8]))
    return model


class Evil:
    """A pickle of this writes a file when it is loaded by an ordinary unpickler."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_equal_bit_for_bit(tmp_path):
    model, other = stirred(0), net(1)
    path = tmp_path / "deep" / "er" / "model.pdparams"
    RunnerV3(model).save_model(path)
    RunnerV3(other).load_model(path)
    assert list(model.state_dict()) == list(other.state_dict())
    for name, tensor in model.state_dict().items():
        assert tensor.numpy().tobytes() == other.state_dict()[name].numpy().tobytes(), name


def test_paddle_reads_ours_and_we_read_paddles(tmp_path):
    model = stirred()
    save_state(model.state_dict(), tmp_path / "ours.pdparams")
    theirs = paddle.load(str(tmp_path / "ours.pdparams"))
    paddle.save(model.state_dict(), str(tmp_path / "theirs.pdparams"))
    ours = load_state(tmp_path / "theirs.pdparams")
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(theirs[name].numpy(), tensor.numpy())
        np.testing.assert_array_equal(ours[name], tensor.numpy())


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_all_protocols_of_paddle(tmp_path, protocol):
    model = stirred()
    paddle.save(model.state_dict(), str(tmp_path / "w.pdparams"), protocol=protocol)
    state = load_state(tmp_path / "w.pdparams")
    assert list(state) == list(model.state_dict())
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(state[name], tensor.numpy())


@pytest.mark.parametrize(
    "array",
    [
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(6, dtype=">i4"),
        np.array(3.5),
        np.zeros((0, 3), "float32"),
        np.array([True, False]),
        np.array([1 + 2j], "complex64"),
        np.arange(10, dtype="uint16")[::2],
    ],
)
def test_arrays_of_all_kinds(tmp_path, array):
    path = tmp_path / "a"
    path.write_bytes(pickle.dumps({"a": array}, protocol=4))
    loaded = load_state(path)["a"]
    assert loaded.shape == array.shape
    assert loaded.dtype == array.dtype
    np.testing.assert_array_equal(loaded, array)
    assert loaded.flags.writeable


def test_optimizer_state_is_plain_too(tmp_path):
    model = net()
    schedule = paddle.optimizer.lr.StepDecay(0.1, 2)
    adam = paddle.optimizer.Adam(schedule, parameters=model.parameters())
    model[0](paddle.ones([1, 1, 5, 5])).sum().backward()
    adam.step()
    save_state(adam.state_dict(), tmp_path / "o.pdopt")
    state = load_state(tmp_path / "o.pdopt")
    assert state["LR_Scheduler"]["last_lr"] == 0.1
    assert any("moment1" in name for name in state)


def test_ordered_dict_and_bfloat16(tmp_path):
    tensor = paddle.to_tensor([1.5, -2.0]).astype("bfloat16")
    save_state(collections.OrderedDict(a=tensor), tmp_path / "b")
    assert load_state(tmp_path / "b")["a"].dtype == np.uint16


@pytest.mark.parametrize("where", ["value", "nested", "key", "whole"])
def test_a_harmful_file_does_nothing(tmp_path, where):
    mark = tmp_path / "harm-was-done"
    evil = Evil(mark)
    content = {
        "value": {"weight": evil},
        "nested": {"weight": [np.ones(2), {"deep": (evil,)}]},
        "key": {"weight": np.ones(2), "list": [[evil]]},
        "whole": evil,
    }[where]
    path = tmp_path / "w.pdparams"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match="only arrays and plain containers are admitted"):
        load_state(path)
    with pytest.raises(ValueError, match="cannot be loaded"):
        RunnerV3(net()).load_model(path)
    assert not mark.exists()
    pickle.loads(path.read_bytes())  # the file is not harmless: the ordinary way does run it
    assert mark.exists()


@pytest.mark.parametrize(
    "name",
    [
        "builtins eval", "builtins getattr", "os system", "posix system", "subprocess Popen",
        "numpy load", "numpy.core.multiarray scalar", "numpy f2py", "nndl.runner.checkpoint os",
        "numpy ndarray.tofile", "codecs decode", "paddle load", "functools partial",
    ],
)  # fmt: skip
def test_no_other_name_is_known(tmp_path, name):
    module, attribute = name.split()
    path = tmp_path / "w"
    for pickled in (
        f"c{module}\n{attribute}\n.".encode(),
        b"\x80\x04" + b"".join(
            b"\x8c" + bytes([len(word)]) + word.encode() for word in (module, attribute)
        ) + b"\x93.",
    ):  # fmt: skip
        path.write_bytes(pickled)
        with pytest.raises(ValueError, match="it asks for"):
            load_state(path)


@pytest.mark.parametrize(
    "array",
    [
        np.array([print, None], dtype=object),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.array(["text"]),
        np.array(["2020-01-01"], dtype="M8[D]"),
    ],
)
def test_arrays_of_anything_but_numbers_are_refused(tmp_path, array):
    path = tmp_path / "w"
    path.write_bytes(pickle.dumps({"a": array}))
    with pytest.raises(ValueError, match="it asks for"):
        load_state(path)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x80\x04}", b"PK\x03\x04"])
def test_damaged_files(tmp_path, content):
    path = tmp_path / "w.pdparams"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"w\.pdparams' (cannot be loaded|does not hold)"):
        load_state(path)


def test_every_truncation_is_an_error(tmp_path):
    path = tmp_path / "w.pdparams"
    save_state(net().state_dict(), path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError):
            load_state(path)


def test_bytes_that_do_not_fill_the_shape(tmp_path):
    path = tmp_path / "w"
    path.write_bytes(
        pickle.dumps({"a": np.ones((2, 3), "float32")}, 4).replace(b"K\x02K\x03", b"K\x09K\x09")
    )
    with pytest.raises(ValueError, match="cannot be loaded"):
        load_state(path)


@pytest.mark.parametrize("content", [[1, 2], 3, {1: np.ones(2)}])
def test_what_is_no_state(tmp_path, content):
    path = tmp_path / "w"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match="does not hold a state"):
        load_state(path)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        RunnerV3(net()).load_model(tmp_path / "nothing.pdparams")


def test_another_models_weights_change_nothing(tmp_path):
    path = tmp_path / "w.pdparams"
    save_state(paddle.nn.Sequential(paddle.nn.Linear(6, 2)).state_dict(), path)
    model = net()
    before = {k: v.numpy().copy() for k, v in model.state_dict().items()}
    with pytest.raises(ValueError, match=r"does not fit the model: 1\.weight is missing"):
        RunnerV3(model).load_model(path)
    for name, tensor in model.state_dict().items():
        assert (tensor.numpy() == before[name]).all()


def test_each_misfit_is_named(tmp_path):
    model = paddle.nn.Linear(6, 2)
    state = {"weight": np.ones((6, 3), "float32"), "extra": np.ones(1, "float32")}
    with pytest.raises(ValueError) as caught:
        checkpoint.set_state(model, state, "my file")
    assert str(caught.value) == (
        "my file does not fit the model: bias is missing; extra is not in the model; "
        "weight has shape [6, 3], the model has [6, 2]"
    )


@pytest.mark.parametrize("kind", ["int64", "bool", "complex64", "uint16"])
def test_numbers_of_another_kind_change_nothing(tmp_path, kind):
    model = paddle.nn.Linear(2, 2)
    before = model.weight.numpy().copy()
    state = {"weight": np.ones((2, 2), "float32"), "bias": np.ones(2, kind)}
    save_state(state, tmp_path / "w.pdparams")
    with pytest.raises(ValueError, match=rf"w\.pdparams does not fit .*bias holds .* {kind}"):
        RunnerV3(model).load_model(tmp_path / "w.pdparams")
    np.testing.assert_array_equal(model.weight.numpy(), before)


@pytest.mark.parametrize("kind", ["float64", "float16"])
def test_real_numbers_of_another_width_are_converted(tmp_path, kind):
    model = paddle.nn.Linear(2, 2)
    save_state({"weight": np.eye(2, dtype=kind), "bias": np.ones(2, kind)}, tmp_path / "w")
    RunnerV3(model).load_model(tmp_path / "w")
    assert model.weight.dtype == paddle.float32
    np.testing.assert_array_equal(model.weight.numpy(), np.eye(2))


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "w.pdparams"
    save_state({"a": paddle.ones([2])}, path)
    whole = path.read_bytes()

    def half(state, name):
        with open(name, "wb") as file:
            file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(paddle, "save", half)
    with pytest.raises(OSError, match="disk full"):
        save_state({"a": paddle.zeros([2])}, path)
    assert path.read_bytes() == whole
    assert os.listdir(tmp_path) == ["w.pdparams"]


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ValueError, match="path must name a file, got the folder"):
        save_state({}, tmp_path)


class TestSafetensors:
    def test_equal_bit_for_bit(self, tmp_path):
        pytest.importorskip("safetensors")
        model, other = stirred(0), net(1)
        path = tmp_path / "deep" / "model.safetensors"
        RunnerV3(model).save_model(path)
        RunnerV3(other).load_model(path)
        for name, tensor in model.state_dict().items():
            assert tensor.numpy().tobytes() == other.state_dict()[name].numpy().tobytes(), name
        assert os.listdir(path.parent) == ["model.safetensors"]

    def test_others_read_it_and_we_read_theirs(self, tmp_path):
        library = pytest.importorskip("safetensors.numpy")
        state = {"a": np.arange(6.0).reshape(2, 3).T, "b": np.array(3.5, "float32")}
        save_state(state, tmp_path / "ours.safetensors")
        library.save_file({"a": np.ones((2, 3))}, tmp_path / "theirs.safetensors")
        theirs = library.load_file(tmp_path / "ours.safetensors")
        for name, value in state.items():
            np.testing.assert_array_equal(theirs[name], value)
            assert theirs[name].shape == value.shape
        assert load_state(tmp_path / "theirs.safetensors")["a"].shape == (2, 3)

    @pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 100, pickle.dumps({})])
    def test_damaged(self, tmp_path, content):
        pytest.importorskip("safetensors")
        (tmp_path / "w.safetensors").write_bytes(content)
        with pytest.raises(ValueError, match=r"w\.safetensors' cannot be loaded"):
            load_state(tmp_path / "w.safetensors")

    def test_missing_file(self, tmp_path):
        pytest.importorskip("safetensors")
        with pytest.raises(FileNotFoundError):
            load_state(tmp_path / "nothing.safetensors")

    def test_without_the_package_it_says_so(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "safetensors", None)
        monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
        for call in (lambda path: save_state({}, path), load_state):
            with pytest.raises(ImportError, match="pip install safetensors"):
                call(tmp_path / "w.safetensors")
