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
    keep : bool
        Whether to keep them for a checkpoint, so that a run that is resumed has them even where
        the file was moved, or is asked for only now.
    """

    def __init__(
        self,
        backend: Any,
        history: History,
        mode: str,
        save_path: str | os.PathLike | None = None,
        restore: bool = False,
        keep: bool = False,
    ):
        self.backend, self.history, self.mode = backend, history, mode
        self.save_path, self.restore = save_path, restore
        self._keeps = restore or keep
        self._weights: dict[str, Any] | None = None
        self._saved = False

    def judge(self, step: int, evaluation: Evaluation) -> bool:
        """Keep the weights if they are the best so far, and tell whether they are."""
        value = evaluation.loss if evaluation.score is None else evaluation.score
        if value is None or not self._is_better(value):
            return False
        self.history.best_score, self.history.best_step = value, step
        if self._keeps or self.save_path is not None:
            weights = self.backend.state()
            self._weights = weights if self._keeps else None
            self._save(weights)
        return True

    def finish(self) -> None:
        """Give the model its best weights back, and leave no run without a file."""
        if not self._saved:
            self._save(self.backend.state() if self._weights is None else self._weights)
        if self.restore and self._weights is not None:
            self.backend.set_state(self._weights)

    @property
    def weights(self) -> dict[str, Any] | None:
        """What a checkpoint must hold of it; value and step are in the history."""
        return self._weights

    def resume(self, weights: dict[str, Any] | None) -> None:
        """Go on from such weights."""
        self._weights = weights

    def save_kept(self) -> None:
        """Write the best weights so far: their file may have been moved, or be another one now."""
        if self._weights is not None:
            self._save(self._weights)

    def _is_better(self, value: float) -> bool:
        if math.isnan(value):
            return False
        best = self.history.best_score
        # The first value is the best so far, whatever it is: a score can be negative.
        return best is None or (value > best if self.mode == "max" else value < best)

    def _save(self, weights: dict[str, Any]) -> None:
        if self.save_path is not None:
            save_state(weights, self.save_path)
            self._saved = True
