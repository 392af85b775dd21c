"""Plain lines on a page, a bar only for somebody who watches."""

import io
import sys

import numpy as np
import pytest

from nndl import ops
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.runner import Callback, RunnerV1, RunnerV2, RunnerV3
from nndl.runner.progress import Progress, is_watched


def train(**kwargs):
    model = paddle.nn.Linear(2, 1)
    runner = RunnerV3(
        model, paddle.optimizer.SGD(0.1, model.parameters()), paddle.nn.functional.mse_loss
    )
    return runner.train([(paddle.ones([4, 2]), paddle.ones([4, 1]))] * 4, num_epochs=2, **kwargs)


def test_lines_when_nobody_watches(capsys):
    train(log_steps=4)
    out, err = capsys.readouterr()
    assert [line[:22] for line in out.splitlines()] == [
        "Training on the CPU.",
        "epoch 1/2  step 4/8  t",
        "epoch 2/2  step 8/8  t",
    ]
    assert err == ""
    assert "\r" not in out
    assert "\x1b" not in out


def test_quiet(capsys):
    train(log_steps=1, verbose=False)
    assert capsys.readouterr() == ("", "")


def test_a_bar_for_who_watches(capsys):
    with Progress(total=3, watched=True) as progress:
        for _ in range(3):
            progress.step()
        progress.line("a line")
    out, err = capsys.readouterr()
    assert out.strip() == "a line"
    assert "step" in err


def test_quiet_even_for_who_watches(capsys):
    with Progress(total=3, verbose=False, watched=True) as progress:
        progress.step()
        progress.line("a line")
    assert capsys.readouterr() == ("", "")


def test_terminal_and_file(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    assert is_watched() is True
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert is_watched() is False
    monkeypatch.setattr(sys, "stderr", None)
    assert is_watched() is False


@pytest.mark.slow
def test_executed_notebook_holds_plain_text_only():
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    code = (
        "from nndl.device import paddle\nfrom nndl.runner import RunnerV3\n"
        "model = paddle.nn.Linear(2, 1)\n"
        "runner = RunnerV3(model, paddle.optimizer.SGD(0.1, model.parameters()), "
        "paddle.nn.functional.mse_loss)\n"
        "h = runner.train([(paddle.ones([4, 2]), paddle.ones([4, 1]))] * 4, log_steps=2)"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(notebook, timeout=120).execute()
    outputs = notebook.cells[0].outputs
    assert {output.output_type for output in outputs} == {"stream"}
    assert {output.name for output in outputs} == {"stdout"}
    text = "".join(output.text for output in outputs)
    assert [line[:20] for line in text.splitlines()] == [
        "Training on the CPU.",
        "epoch 1/1  step 2/4 ",
        "epoch 1/1  step 4/4 ",
    ]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk", "utf-8"])
@pytest.mark.parametrize("watched", [False, True])
def test_any_console_shows_names_and_reasons_in_any_language(monkeypatch, encoding, watched):
    class Stop(Callback):
        def on_epoch_end(self, run):
            run.stop("够了 ✓")

    def score(outputs, labels):
        return 0.5

    class Score(Accuracy):
        def name(self):
            return "准确率"

    score.__name__ = "准确率"
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", console)
    monkeypatch.setattr("nndl.runner.progress.is_watched", lambda: watched)
    model = paddle.nn.Linear(2, 2)
    sgd = paddle.optimizer.SGD(0.1, model.parameters())
    data = paddle.ones([4, 2]), paddle.zeros([4], dtype="int64")
    loss_fn = paddle.nn.functional.cross_entropy
    RunnerV3(model, sgd, loss_fn, Score()).train([data], [data], callbacks=[Stop()])
    RunnerV2(model, sgd, loss_fn, score).train(data, data, log_epochs=1)
    RunnerV1(ops.Linear(2, 1, bias=False)).train((np.eye(2), np.ones(2)))
    console.flush()
    shown = console.buffer.getvalue().decode(encoding)
    assert "Stopped at step 1: " in shown and "Solved for" in shown
    assert ("准确率" in shown) is (encoding in ("gbk", "utf-8"))
    assert ("✓" in shown) is (encoding == "utf-8")
