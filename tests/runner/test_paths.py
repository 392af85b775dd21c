"""Where nothing can be written is found out before the first step, not after the last."""

import os
import sys

import numpy as np
import pytest

from nndl.device import paddle
from nndl.ops import Linear, SquaredError
from nndl.optim import SGD
from nndl.runner import RunnerV1, RunnerV2, RunnerV3, paths

X = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
y = X.sum(1, keepdims=True)


def v1(**arguments):
    RunnerV1(Linear(2, 1), loss_fn=SquaredError()).train((X, y), verbose=False, **arguments)


def v2(**arguments):
    model = Linear(2, 1)
    RunnerV2(model, SGD(model), SquaredError()).train((X, y), verbose=False, **arguments)


def v3(**arguments):
    def loss_fn(outputs, labels):
        steps.append(1)
        return paddle.nn.functional.mse_loss(outputs, labels)

    steps = []
    model = paddle.nn.Linear(2, 1)
    optimizer = paddle.optimizer.SGD(0.1, parameters=model.parameters())
    try:
        RunnerV3(model, optimizer, loss_fn).train([(X, y)], verbose=False, **arguments)
    except ValueError:
        assert not steps
        raise


WRITERS = [(v1, "save_path"), (v2, "save_path"), (v3, "save_path"), (v3, "checkpoint_path")]
WRITERS_IDS = [f"{train.__name__}-{name}" for train, name in WRITERS]


@pytest.mark.parametrize(("train", "name"), WRITERS, ids=WRITERS_IDS)
@pytest.mark.parametrize(
    "wrong", [".", "folder", "folder/", "file/weights", "pipe", "link", "n" * 300, "", 3, "a\0b"]
)
def test_what_is_no_place_for_a_file(tmp_path, monkeypatch, train, name, wrong):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    else:
        (tmp_path / "pipe").mkdir()
    (tmp_path / "link").symlink_to("folder")
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(ValueError, match=f"{name} must"):
        train(**{name: wrong})
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize(("train", "name"), WRITERS, ids=WRITERS_IDS)
def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, train, name):
    def refuse(**arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(paths.tempfile, "TemporaryFile", refuse)  # root may write anywhere
    with pytest.raises(ValueError, match=rf"{name} must .*weights': Permission denied"):
        train(**{name: tmp_path / "weights"})


@pytest.mark.parametrize(("train", "name"), WRITERS, ids=WRITERS_IDS)
def test_a_missing_folder_is_made_when_it_is_needed(tmp_path, train, name):
    path = tmp_path / "deep" / "er" / "weights"
    paths.check_file(name, path)
    assert not path.parent.exists()
    train(**{name: path})
    assert os.listdir(path.parent) == ["weights"]


@pytest.mark.parametrize("ending", [".safetensors", ".SAFETENSORS"])
def test_a_checkpoint_is_more_than_that_format_holds(tmp_path, ending):
    with pytest.raises(ValueError, match=r"checkpoint_path must not end in \.safetensors"):
        v3(checkpoint_path=tmp_path / f"run{ending}")


@pytest.mark.parametrize(("train", "name"), WRITERS[:3], ids=WRITERS_IDS[:3])
def test_a_missing_package_is_missed_before_the_first_step(tmp_path, monkeypatch, train, name):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)

    def too_late(*arguments):
        raise AssertionError("it has begun to train")

    monkeypatch.setattr(np.linalg, "lstsq", too_late)
    monkeypatch.setattr(SGD, "step", too_late)
    with pytest.raises(ImportError, match="pip install safetensors"):
        train(**{name: tmp_path / "w.safetensors"})


def test_the_ending_counts_in_any_case(tmp_path):
    library = pytest.importorskip("safetensors.numpy")
    v3(save_path=tmp_path / "w.SAFETENSORS")
    assert library.load_file(tmp_path / "w.SAFETENSORS").keys() == {"weight", "bias"}


@pytest.mark.parametrize("spelling", ["same", "dotted", "link", "hard link", "linked folder"])
def test_weights_and_checkpoint_in_one_file_are_refused(tmp_path, spelling):
    path = tmp_path / "run"
    other = {"dotted": tmp_path / "no" / ".." / "run", "linked folder": tmp_path / "here" / "run"}
    other = other.get(spelling, tmp_path / "other")
    if spelling == "same":
        other = str(path)
    if spelling == "link":
        other.symlink_to(path)
    if spelling == "hard link":
        path.touch()
        os.link(path, other)
    if spelling == "linked folder":
        (tmp_path / "here").symlink_to(tmp_path)
    (tmp_path / "no").mkdir()
    with pytest.raises(ValueError, match="checkpoint_path and save_path must be two files"):
        v3(checkpoint_path=path, save_path=other)
    with pytest.raises(ValueError, match="resume_from and save_path must be two files"):
        v3(resume_from=path, save_path=other)


def test_long_names_are_written(tmp_path):
    name = "权重" * 40  # 240 bytes
    v3(save_path=tmp_path / name, checkpoint_path=tmp_path / f"{name}点")
    assert sorted(os.listdir(tmp_path)) == [name, f"{name}点"]


@pytest.mark.parametrize("wrong", ["", 3, b"bytes", "a\0b"])
def test_what_is_no_path_to_resume_from(wrong):
    with pytest.raises(ValueError, match="resume_from must be a path, got"):
        v3(resume_from=wrong)
