"""Two processes that share each batch train the model that one process trains."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from nndl.device import paddle
from nndl.runner import parallel
from nndl.runner.parallel import Parallel, take

SCRIPT = """
import json, os, sys
import numpy as np
from nndl.data import Batches, load_digits
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.runner import EarlyStopping, GradientNorms, RunnerV3

folder, name = sys.argv[1], sys.argv[2]
rank = os.environ.get("PADDLE_TRAINER_ID", "0")
train, dev, _ = load_digits()
# 203 samples in batches of 24: the last one has 11, shared out as 6 and 5
train, dev = [part[:203] for part in train], [part[:101] for part in dev]


class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.layers = paddle.nn.Sequential(
            paddle.nn.Flatten(), paddle.nn.Linear(64, 16), paddle.nn.Tanh(),
            paddle.nn.Linear(16, 10),
        )
        self.register_buffer("seen", paddle.zeros([1]))  # differs from process to process

    def forward(self, x):
        if self.training:
            self.seen.set_value(self.seen + x.shape[0])
        return self.layers(x)


def run(seed, **arguments):
    paddle.seed(seed + int(rank))  # the second process begins with other weights
    model = Net()
    adam = paddle.optimizer.Adam(
        0.01, parameters=model.parameters(), grad_clip=paddle.nn.ClipGradByGlobalNorm(1.0)
    )
    runner = RunnerV3(model, adam, paddle.nn.functional.cross_entropy, paddle.metric.Accuracy())
    norms = GradientNorms()
    history = runner.train(
        Batches(*train, batch_size=24, shuffle=True), Batches(*dev, batch_size=32), eval_steps=7,
        log_steps=5, callbacks=[norms, EarlyStopping(patience=50)], **arguments,
    )
    return runner, history, norms


path = f"{folder}/{name}.checkpoint"
runner, history, norms = run(
    0, num_epochs=3, save_path=f"{folder}/{name}.best", checkpoint_path=path, checkpoint_steps=4
)
# another one is stopped after its first epoch, and taken up
run(0, num_epochs=1, checkpoint_path=path + "2", checkpoint_steps=4, verbose=False)
resumed, _, _ = run(5, num_epochs=3, resume_from=path + "2", verbose=False)

sampler = paddle.io.DistributedBatchSampler(
    paddle.io.TensorDataset([paddle.to_tensor(part) for part in dev]), batch_size=10
)
loader = paddle.io.DataLoader(sampler.dataset, batch_sampler=sampler)
score, loss = runner.evaluate(Batches(*dev, batch_size=32))
runner.metric = Accuracy()
result = {
    "weights": {k: v.numpy().tolist() for k, v in runner.model.state_dict().items()},
    "resumed": {k: v.numpy().tolist() for k, v in resumed.model.state_dict().items()},
    "losses": history.train_losses, "epochs": history.epoch_losses,
    "dev": [history.dev_steps, history.dev_scores, history.dev_losses],
    "norms": norms.total, "evaluate": [score, loss], "ours": runner.evaluate(loader).score,
    "first": runner.predict(dev[0][:3]).numpy().tolist(),
}
with open(f"{folder}/{name}{rank}.json", "w") as file:
    json.dump(result, file)
"""


def run(folder, name, *command):
    script = folder / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, *command, str(script), str(folder), name],
        capture_output=True, text=True, timeout=240, cwd=folder, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def close(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(close(one[k], other[k]) for k in one)
    return np.allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_two_processes_train_as_one_does(tmp_path):
    pytest.importorskip("paddle.distributed")
    if not paddle.distributed.is_available():
        pytest.skip("this build of Paddle cannot train on several processes")
    run(tmp_path, "one")
    launch = ("-m", "paddle.distributed.launch", "--nproc_per_node", "2", "--backend", "gloo")
    run(tmp_path, "two", *launch, "--log_dir", str(tmp_path / "log"))
    one, first, second = (
        json.loads((tmp_path / f"{name}.json").read_text()) for name in ("one0", "two0", "two1")
    )
    assert first == second  # weights, history and measures: the same on both, to the last bit
    assert first["resumed"] == first["weights"]
    assert one["resumed"] == one["weights"]
    seen = one["weights"].pop("seen"), first["weights"].pop("seen")
    assert seen == ([609.0], [304.5])  # the mean of what the two have seen, not what one has
    for name in ("weights", "losses", "epochs", "dev", "norms", "evaluate", "first"):
        assert close(first[name], one[name]), name
    assert first["evaluate"] == pytest.approx(one["evaluate"], rel=1e-6)
    # a sampler that shares out by itself fills up to an even number of samples
    assert first["ours"] == pytest.approx(one["ours"], abs=0.02)
    logs = [(tmp_path / "log" / f"workerlog.{rank}").read_text() for rank in (0, 1)]
    assert "2 processes share each batch." in logs[0]
    assert "epoch 3/3" in logs[0]
    assert "epoch" not in logs[1]  # one process prints
    written = sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("two."))
    assert written == ["two.best", "two.checkpoint", "two.checkpoint2"]


class Two(Parallel):
    """One of two processes, without the other one."""

    def __init__(self, rank, size=2):
        self.rank, self.size = rank, size


@pytest.mark.parametrize("number", [1, 2, 5, 8])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_shares_make_the_whole(number, size):
    x = paddle.arange(number, dtype="float32").reshape([number, 1])
    total, seen = 0.0, []
    for rank in range(size):
        inputs, labels, weight = Two(rank, size).share([], x, x[:, 0])
        assert len(inputs) == len(labels) > 0
        total += float(inputs.mean()) * weight / size
        seen += labels.tolist() if weight else []
    assert sorted(seen) == list(range(number))
    assert total == pytest.approx(float(x.mean()))


def test_gathered_in_the_order_of_the_batch(monkeypatch):
    x = paddle.arange(10, dtype="float32").reshape([5, 2])
    shares = [take(x, Two(rank).chosen(5)) for rank in (0, 1)]
    padded = [shares[0], paddle.concat([shares[1], shares[1][:1]])]

    def all_gather(parts, value):
        assert value.shape == [3, 2]  # of both processes
        parts.extend(padded)

    monkeypatch.setattr(parallel.paddle.distributed, "all_gather", all_gather)
    for rank in (0, 1):
        assert (Two(rank).gathered(shares[rank], 5) == x).all()
        both = Two(rank).gathered((shares[rank], shares[rank]), 5)
        assert all((part == x).all() for part in both)


def test_alone_it_does_nothing(monkeypatch):
    monkeypatch.delenv("PADDLE_TRAINERS_NUM", raising=False)
    alone = Parallel()
    model = paddle.nn.Linear(1, 1)
    assert (alone.rank, alone.size, alone.words()) == (0, 1, "")
    assert alone.wrap(model) is model
    assert alone.everybodys(3) == [3]
    assert os.environ.get("PADDLE_TRAINERS_NUM") is None
