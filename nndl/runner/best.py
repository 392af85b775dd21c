"""The best value on the development set, and the weights that reached it."""

import math
import os
from typing import Any

from nndl.runner.checkpoint import save_state
from nndl.runner.history import Evaluation, History

__all__: list[str] = []


class Best:
    """Keep the best weights of a run.

    Parameters
    ----------
    backend : OpBackend or LayerBackend
        Of the model whose weights they are.
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
        backend: Any,
        history: History,
        mode: str,
        save_path: str | os.PathLike | None = None,
        restore: bool = False,
    ):
        self.backend, self.history, self.mode = backend, history, mode
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
            self._weights = self.backend.state()
        self._save()
        return True

    def finish(self) -> None:
        """Give the model its best weights back, and leave no run without a file."""
        if self._weights is not None:
            self.backend.set_state(self._weights)
        if not self._saved:
            self._save()

    def state(self) -> dict[str, Any]:
        """Give what a checkpoint must hold of it; value and step are in the history."""
        return {"weights": self._weights, "saved": self._saved}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from such a state."""
        # a run that is resumed with restore_best, but was not begun with it, has no best weights
        self._weights, self._saved = state["weights"], state["saved"]

    def _is_better(self, value: float) -> bool:
        if math.isnan(value):
            return False
        best = self.history.best_score
        # The first value is the best so far, whatever it is: a score can be negative.
        return best is None or (value > best if self.mode == "max" else value < best)

    def _save(self) -> None:
        if self.save_path is not None:
            save_state(self.backend.state(), self.save_path)
            self._saved = True
