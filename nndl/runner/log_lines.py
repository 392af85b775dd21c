"""Tell the reader how the training goes, in lines and by a bar."""

from typing import Any

import numpy as np

from nndl.arithmetic.checks import integer
from nndl.device import choose, paddle
from nndl.runner.callbacks import Callback
from nndl.runner.measure import name_of
from nndl.runner.progress import Progress

__all__ = ["Logging"]


class Logging(Callback):
    """Print where a run stands: a moving bar for who watches, plain lines for a page.

    ``train`` adds one by itself, unless it is called with ``verbose=False``.

    Parameters
    ----------
    log_steps : int
        Print the training loss every so many steps; 0 for never. Evaluations are always printed.

    Examples
    --------
    >>> from nndl.runner import RunnerV3
    >>> model = paddle.nn.Linear(2, 1)
    >>> runner = RunnerV3(
    ...     model, paddle.optimizer.SGD(0.1, model.parameters()), paddle.nn.functional.mse_loss
    ... )
    >>> batches = [(paddle.ones([4, 2]), paddle.ones([4, 1]))] * 2
    >>> history = runner.train(batches, log_steps=1)
    Training on the ...
    epoch 1/1  step 1/2  train loss ...
    epoch 1/1  step 2/2  train loss ...
    """

    def __init__(self, log_steps: int = 100):
        self.log_steps = integer("log_steps", log_steps, 0)
        self.progress: Any = None
        self._shown = 0

    def on_train_begin(self, run: Any) -> None:
        """Say on what device, and from where."""
        progress = Progress(run.total, run.is_first_process, initial=run.step)
        self.progress = progress.__enter__()
        self._shown = run.step
        self.progress.line(device_words(run.model) + run.parallel.words() + run.precision.words())
        if run.resumed:
            self.progress.line(f"Going on from step {run.step}, in epoch {run.epoch}.")

    def on_step_end(self, run: Any) -> None:
        """Move the bar, and print a line now and then."""
        self.progress.step()
        if self.log_steps and run.step % self.log_steps == 0 and not run.evaluates_now:
            self.progress.line(self._words(run))

    def on_evaluate(self, run: Any) -> None:
        """Print the values on the development set."""
        score, loss = run.evaluation
        words = f"{self._words(run)}  dev loss {loss:.4f}"
        if score is not None:
            words += f"  dev {name_of(run.metric)} {score:.4f}"
        self.progress.line(words + ("  best so far" if run.is_best else ""))

    def on_train_end(self, run: Any) -> None:
        """Say why a run ended early, and take the bar away."""
        if self.progress is None:
            return
        if run.history.interrupted:
            kept = "history and weights so far are kept"
            self.progress.line(f"Stopped at step {run.step}: {kept}.")
        elif run.history.stopped:
            self.progress.line(f"Stopped at step {run.step}: {run.history.stopped}.")
        self.progress.__exit__()
        self.progress = None

    def _words(self, run: Any) -> str:
        """Say where the run stands: its loss is the mean since it was last said."""
        run.losses.flush()
        since = min(self._shown, run.step - 1)
        loss = float(np.mean(run.history.train_losses[since:]))
        self._shown = run.step
        of = "" if run.total is None else f"/{run.total}"
        return (
            f"epoch {run.epoch:{len(str(run.num_epochs))}}/{run.num_epochs}"
            f"  step {run.step:{max(len(of) - 1, 0)}}{of}  train loss {loss:.4f}"
        )


def device_words(model: Any) -> str:
    """Say on what a model is trained."""
    parameters = model.parameters()
    place = str(parameters[0].place) if parameters else paddle.get_device()
    if "gpu" in place.lower():
        return f"Training on the GPU ({paddle.device.cuda.get_device_name()})."
    if choose() != "cpu":
        return "Training on the CPU. For the GPU, call paddle.set_device('gpu:0') before all else."
    return "Training on the CPU."
