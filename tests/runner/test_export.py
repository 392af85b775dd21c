"""What is exported predicts in a process that knows nothing of the model's class."""

import os
import subprocess
import sys

import numpy as np
import pytest

from nndl.device import paddle
from nndl.runner import RunnerV3


class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear, self.dropout = paddle.nn.Linear(4, 3), paddle.nn.Dropout(0.5)
        self.norm = paddle.nn.BatchNorm1D(3)

    def forward(self, x):
        return self.norm(self.dropout(self.linear(x)))


class Two(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = paddle.nn.Linear(4, 3)

    def forward(self, x, scale):
        return self.linear(x) * scale


def test_from_a_fresh_process(tmp_path):
    runner = RunnerV3(Net())
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    runner.export(tmp_path / "deep" / "net", x[:1])
    assert all(layer.training for layer in runner.model.sublayers(include_self=True))
    np.save(tmp_path / "x.npy", x)
    code = (
        "import numpy as np, paddle\n"
        f"model = paddle.jit.load({str(tmp_path / 'deep' / 'net')!r})\n"
        f"x = paddle.to_tensor(np.load({str(tmp_path / 'x.npy')!r}))\n"
        f"np.save({str(tmp_path / 'y.npy')!r}, model(x).numpy())\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, capture_output=True)
    np.testing.assert_allclose(
        np.load(tmp_path / "y.npy"), runner.predict(x).numpy(), rtol=1e-5, atol=1e-6
    )
    # and the model trains on as before
    assert runner.model(paddle.to_tensor(x)).stop_gradient is False


def test_several_inputs_and_a_specification(tmp_path):
    runner = RunnerV3(Two())
    spec = paddle.static.InputSpec([None, 4], "float32")
    runner.export(tmp_path / "two", [spec, paddle.ones([1, 1])])
    x, scale = paddle.ones([7, 4]), paddle.full([7, 1], 2.0)
    again = paddle.jit.load(str(tmp_path / "two"))
    np.testing.assert_allclose(again(x, scale), runner.predict((x, scale)), rtol=1e-6)


@pytest.mark.parametrize("wrong", ["image", 3, [1.0, 2.0], paddle.to_tensor(1.0)])
def test_what_is_no_example(tmp_path, wrong):
    with pytest.raises(TypeError, match="inputs must be an example with an axis of samples"):
        RunnerV3(Net()).export(tmp_path / "net", wrong)


SMALL_LIMIT = """
import resource, signal, sys
import numpy as np
from nndl.device import paddle
from nndl.runner import RunnerV3

model = paddle.nn.Sequential(paddle.nn.Linear(60, 60), paddle.nn.Linear(60, 3))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    RunnerV3(model).export(sys.argv[1], np.ones((1, 60), "float32"))
except OSError as error:
    print("refused", error)
"""


@pytest.mark.parametrize("missing", [1, 8000, 15000])
def test_an_export_that_finds_no_room_leaves_the_old_one(tmp_path, missing):
    """A limit on the size of files is like a full disk: Paddle writes what fits, in silence."""
    pytest.importorskip("resource")
    path = tmp_path / "net"
    old = paddle.nn.Sequential(paddle.nn.Linear(60, 60), paddle.nn.Linear(60, 3))
    RunnerV3(old).export(path, np.ones((1, 60), "float32"))
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    limit = len(before["net.pdiparams"]) - missing
    done = subprocess.run(
        [sys.executable, "-c", SMALL_LIMIT, str(path), str(limit)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.startswith("refused"), done.stderr
    assert "what was there before is untouched" in done.stdout and str(path) in done.stdout
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_an_export_replaces_an_older_one_and_leaves_nothing_else(tmp_path):
    x = np.ones((1, 4), "float32")
    for _ in range(2):
        runner = RunnerV3(Net())
        runner.export(tmp_path / "net", x)
    assert sorted(os.listdir(tmp_path)) == ["net.json", "net.pdiparams"]
    again = paddle.jit.load(str(tmp_path / "net"))
    np.testing.assert_allclose(again(paddle.to_tensor(x)), runner.predict(x), rtol=1e-6)


def test_a_model_that_cannot_be_traced_leaves_the_old_export(tmp_path):
    class Broken(paddle.nn.Layer):
        def forward(self, x):
            raise RuntimeError("no way")

    x = np.ones((1, 4), "float32")
    RunnerV3(Net()).export(tmp_path / "net", x)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(RuntimeError):
        RunnerV3(Broken()).export(tmp_path / "net", x)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_model_without_weights(tmp_path):
    with pytest.warns(UserWarning, match="no variable"):
        RunnerV3(paddle.nn.ReLU()).export(tmp_path / "relu", np.ones((1, 4), "float32"))
    assert (tmp_path / "relu.json").exists()


def test_an_export_draws_no_random_number(tmp_path):
    runner = RunnerV3(Net())
    paddle.seed(3)
    drawn = paddle.rand([2]).tolist()
    paddle.seed(3)
    runner.export(tmp_path / "net", np.ones((1, 4), "float32"))
    assert paddle.rand([2]).tolist() == drawn


@pytest.mark.parametrize("wrong", ["folder/", "file/net", "", 3])
def test_a_place_where_nothing_can_be_written_is_refused_at_once(tmp_path, monkeypatch, wrong):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="path must"):
        RunnerV3(Net()).export(wrong, np.ones((1, 4), "float32"))
