"""The best value on the development set, and the weights that reached it."""

import math
import os
from typing import Any

from nndl.runner.checkpoint import save_state, set_state
from nndl.runner.history import Evaluation, History

__all__: list[str] = []


class Best:
    """Keep the best weights of a run.

    Parameters
    ----------
    model : paddle.nn.Layer
        Whose weights they are.
    history : History
        Where the best value and its step are written.
    mode : str
        ``"max"`` or ``"min"``.
    save_path : str or path, optional
        The file for the weights.
    restore : bool
        Whether the model gets them back at the end.
    """

    def __init__(
        self,
        model: Any,
        history: History,
        mode: str,
        save_path: str | os.PathLike | None = None,
        restore: bool = False,
    ):
        self.model, self.history, self.mode = model, history, mode
        self.save_path, self.restore = save_path, restore
        self._weights: dict[str, Any] | None = None
        self._saved = False

    def judge(self, step: int, evaluation: Evaluation) -> bool:
        """Keep the weights if they are the best so far, and tell whether they are."""
        value = evaluation.loss if evaluation.score is None else evaluation.score
        if value is None or not self._is_better(value):
            return False
        self.history.best_score, self.history.best_step = value, step
        if self.restore:
            state = self.model.state_dict()
            self._weights = {name: tensor.numpy().copy() for name, tensor in state.items()}
        self._save()
        return True

    def finish(self) -> None:
        """Give the model its best weights back, and leave no run without a file."""
        if self._weights is not None:
            set_state(self.model, self._weights)
        if not self._saved:
            self._save()

    def _is_better(self, value: float) -> bool:
        if math.isnan(value):
            return False
        best = self.history.best_score
        # The first value is the best so far, whatever it is: a score can be negative.
        return best is None or (value > best if self.mode == "max" else value < best)

    def _save(self) -> None:
        if self.save_path is not None:
            save_state(self.model.state_dict(), self.save_path)
            self._saved = True
