"""The Runner: it binds model, optimizer, loss function and metric, and trains.

:class:`RunnerV1` solves a linear model at once; :class:`RunnerV2` descends by the gradient of all
samples; :class:`RunnerV3` goes by mini-batches, and serves for most that is to be learned.

Examples
--------
>>> from nndl.data import Batches, load_digits
>>> from nndl.device import paddle
>>> from nndl.metrics import Accuracy
>>> from nndl.runner import RunnerV3
>>> seed = paddle.seed(0)
>>> train, dev, test = load_digits()
>>> model = paddle.nn.Sequential(paddle.nn.Flatten(), paddle.nn.Linear(64, 10))
>>> optimizer = paddle.optimizer.Adam(0.01, parameters=model.parameters())
>>> runner = RunnerV3(model, optimizer, paddle.nn.functional.cross_entropy, Accuracy())
>>> history = runner.train(
...     Batches(*train, shuffle=True), Batches(*dev), num_epochs=5, verbose=False
... )
>>> runner.evaluate(Batches(*test)).score > 0.8
True
"""

from nndl.runner.callbacks import Callback, EarlyStopping, VisualDL
from nndl.runner.checkpoint import load_state, save_state
from nndl.runner.gradient_norms import GradientNorms
from nndl.runner.history import Evaluation, History
from nndl.runner.live_plot import LivePlot
from nndl.runner.log_lines import Logging
from nndl.runner.run import Run
from nndl.runner.v1 import LeastSquares, RunnerV1, solve_least_squares
from nndl.runner.v2 import RunnerV2
from nndl.runner.v3 import RunnerV3

__all__ = [
    "Callback",
    "EarlyStopping",
    "Evaluation",
    "GradientNorms",
    "History",
    "LeastSquares",
    "LivePlot",
    "Logging",
    "Run",
    "RunnerV1",
    "RunnerV2",
    "RunnerV3",
    "VisualDL",
    "load_state",
    "save_state",
    "solve_least_squares",
]
