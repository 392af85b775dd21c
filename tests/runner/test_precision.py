"""Mixed precision asks Paddle for the right things, and a lack of memory is told in words."""

import contextlib

import numpy as np
import pytest

from nndl.device import paddle
from nndl.runner import GradientNorms, RunnerV3, precision

F = paddle.nn.functional
BATCH = (paddle.ones([64, 4]), paddle.zeros([64], dtype="int64"))


def linear_runner(model=None):
    paddle.seed(0)
    model = model or paddle.nn.Linear(4, 3)
    return RunnerV3(model, paddle.optimizer.SGD(0.1, model.parameters()), F.cross_entropy)


@pytest.mark.parametrize("level", ["O1", "O2"])
def test_on_a_cpu_it_says_why_not_and_goes_on(level):
    plain, mixed = linear_runner(), linear_runner()
    plain.train([BATCH] * 3, verbose=False)
    with pytest.warns(RuntimeWarning, match=f"amp='{level}' has no effect on a CPU: Paddle comp"):
        mixed.train([BATCH] * 3, amp=level, verbose=False)
    assert mixed.history.train_losses == plain.history.train_losses
    assert mixed.model.weight.dtype == paddle.float32


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"amp": "O3"}, "amp must be False or 'O1' or 'O2', got 'O3'"),
        ({"amp": True}, "amp must be False or 'O1' or 'O2', got True"),
        ({"amp_dtype": "float64"}, "amp_dtype must be 'float16' or 'bfloat16', got 'float64'"),
    ],
)
def test_bad_values(arguments, message):
    with pytest.raises(ValueError, match=message):
        linear_runner().train([BATCH], **arguments)


class FakeGPU:
    """What Paddle is asked for when there is a GPU; on this machine it computes in float32."""

    def __init__(self, monkeypatch):
        self.casts, self.decorated, self.scaler = [], [], None
        monkeypatch.setattr(precision, "on_accelerator", lambda: True)
        monkeypatch.setattr(paddle.amp, "auto_cast", self.auto_cast)
        monkeypatch.setattr(paddle.amp, "decorate", self.decorate)
        monkeypatch.setattr(paddle.amp, "GradScaler", self.grad_scaler)

    @contextlib.contextmanager
    def auto_cast(self, level, dtype):
        self.casts.append((level, dtype))
        yield

    def decorate(self, model, optimizer, level, dtype, save_dtype):
        self.decorated.append((level, dtype, save_dtype))
        model.to(dtype="bfloat16")
        return model, optimizer

    def grad_scaler(self):
        self.scaler = Scaler()
        return self.scaler


class Scaler:
    """Paddle's GradScaler in a few lines: scale by 1024, count."""

    def __init__(self):
        self.calls = []
        self.count = 0

    def scale(self, loss):
        self.calls.append("scale")
        return loss * 1024

    def unscale_(self, optimizer):
        self.calls.append("unscale")
        for parameter in optimizer._parameter_list:
            parameter.grad.set_value(parameter.grad / 1024)

    def step(self, optimizer):
        self.calls.append("step")
        optimizer.step()

    def update(self):
        self.calls.append("update")
        self.count += 1

    def state_dict(self):
        return {"scale": np.array([1024.0], "float32"), "count": self.count}

    def load_state_dict(self, state):
        self.count = state["count"]


class TestOnAGPU:
    def test_o1_in_float16_with_a_scaler(self, monkeypatch):
        gpu = FakeGPU(monkeypatch)
        plain, mixed, norms = linear_runner(), linear_runner(), GradientNorms()
        plain.train([BATCH] * 2, verbose=False)
        mixed.train([BATCH] * 2, [BATCH], amp="O1", callbacks=[norms], verbose=False)
        assert gpu.casts == [("O1", "float16")] * 3  # two steps and an evaluation
        assert gpu.scaler.calls == ["scale", "unscale", "step", "update"] * 2
        # gradients and losses have their true size
        np.testing.assert_allclose(mixed.model.weight, plain.model.weight, rtol=1e-6)
        assert mixed.history.train_losses == plain.history.train_losses
        assert norms.total[0] < 10
        mixed.predict(BATCH[0])
        assert len(gpu.casts) == 4

    def test_bfloat16_needs_no_scaler(self, monkeypatch, capsys):
        gpu = FakeGPU(monkeypatch)
        linear_runner().train([BATCH], amp="O1", amp_dtype="bfloat16", log_steps=0)
        assert gpu.scaler is None
        assert gpu.casts == [("O1", "bfloat16")]
        assert "Mixed precision O1 in bfloat16." in capsys.readouterr().out

    def test_o2_decorates_once_and_saves_in_float32(self, monkeypatch):
        gpu = FakeGPU(monkeypatch)
        runner = linear_runner()
        for _ in range(2):  # Paddle computes with 16-bit weights on a GPU only: no training here
            precision.Precision("O2", "bfloat16").prepare(runner.model, runner.optimizer)
        assert gpu.decorated == [("O2", "bfloat16", "float32")]

    def test_the_scaler_is_kept_in_a_checkpoint(self, monkeypatch, tmp_path):
        gpu = FakeGPU(monkeypatch)
        arguments = {"amp": "O1", "verbose": False, "num_epochs": 2}
        linear_runner().train([BATCH] * 3, checkpoint_path=tmp_path / "c", **arguments)
        resumed = linear_runner()
        resumed.train([BATCH] * 3, resume_from=tmp_path / "c", **{**arguments, "num_epochs": 3})
        assert gpu.scaler.calls == ["scale", "unscale", "step", "update"] * 3
        assert gpu.scaler.count == 9


class TestLackOfMemory:
    def model_that_raises(self, error):
        class Big(paddle.nn.Linear):
            def forward(self, x):
                raise error

        return Big(4, 3)

    @pytest.mark.parametrize(
        "error",
        [
            MemoryError("ResourceExhaustedError: \n\nOut of memory error on GPU 0."),
            RuntimeError("(ResourceExhausted) Out of memory error on GPU 0."),
            OSError("CUDA error(2), out of memory."),
        ],
    )
    def test_says_what_to_turn_down(self, error, monkeypatch):
        monkeypatch.setattr(paddle, "get_device", lambda: "gpu:0")
        runner = linear_runner(self.model_that_raises(error))
        message = "gpu:0 ran out of memory in step 1, with batches of 64 samples: turn down the ba"
        with pytest.raises(MemoryError, match=message) as caught:
            runner.train([BATCH], verbose=False)
        assert "amp='O1'" in str(caught.value)
        assert "Paddle says: " in str(caught.value)
        assert caught.value.__cause__ is error
        assert runner.model.training

    def test_a_real_one(self):
        class Big(paddle.nn.Linear):
            def forward(self, x):
                return super().forward(x) + paddle.zeros([10**7, 10**7]).sum()

        with pytest.raises(MemoryError, match="cpu ran out of memory in step 1") as caught:
            linear_runner(Big(4, 3)).train([BATCH], verbose=False)
        assert "amp=" not in str(caught.value)

    def test_other_errors_stay(self):
        error = RuntimeError("something else")
        with pytest.raises(RuntimeError, match="something else") as caught:
            linear_runner(self.model_that_raises(error)).train([BATCH], verbose=False)
        assert caught.value is error
