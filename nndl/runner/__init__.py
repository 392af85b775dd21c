"""The Runner: it binds model, optimizer, loss function and metric, and trains.

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

from nndl.runner.checkpoint import load_state, save_state
from nndl.runner.core import RunnerV3
from nndl.runner.history import Evaluation, History

__all__ = ["Evaluation", "History", "RunnerV3", "load_state", "save_state"]
