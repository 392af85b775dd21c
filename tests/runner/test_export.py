"""What is exported predicts in a process that knows nothing of the model's class."""

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
