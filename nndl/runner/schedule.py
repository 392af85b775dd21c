"""When a scheduler of the learning rate is stepped, and what it is told."""

import math
from collections.abc import Sequence
from typing import Any

from nndl.device import paddle
from nndl.runner import checks

__all__: list[str] = []


def scheduler_of(optimizer: Any) -> Any:
    """Give an optimizer's scheduler of the learning rate, if it has one."""
    # Paddle's optimizer keeps it in the place of a number and has no public name for it.
    rate = getattr(optimizer, "_learning_rate", None)
    return rate if isinstance(rate, paddle.optimizer.lr.LRScheduler) else None


def watches(scheduler: Any) -> bool:
    """Tell whether a scheduler is told a value when it is stepped."""
    return isinstance(scheduler, paddle.optimizer.lr.ReduceOnPlateau)


def check_scheduler(scheduler: Any, mode: str, evaluates: bool, when: str) -> None:
    """Check that there is a new value whenever a scheduler that watches one is stepped."""
    if watches(scheduler):
        # without a development set it watches the training loss, of which less is better
        checks.check_watching("ReduceOnPlateau", scheduler.mode, mode if evaluates else "min")
        if when == "step" and not evaluates:
            raise ValueError(
                "scheduler_step must be 'epoch' for ReduceOnPlateau without a dev_loader: the mean "
                "training loss, which it watches then, is new once an epoch"
            )


def tell(scheduler: Any, value: float) -> None:
    """Step a scheduler that watches a value by one that was measured just now."""
    worst = math.inf if scheduler.mode == "min" else -math.inf
    # with NaN for its first value nothing would ever be better
    scheduler.step(worst if math.isnan(value) else value)


def value_for(evaluation: Any, mode_of_run: str, mode: str) -> float:
    """Give the value of an evaluation of which the greatest, or the least, is the best.

    It is the score where the run judges in the same direction, and the loss otherwise; NaN where
    there is neither.
    """
    score, loss = evaluation or (None, None)
    value = loss if score is None or mode != mode_of_run else score
    return math.nan if value is None else value


def after_evaluation(scheduler: Any, evaluation: Any, mode_of_run: str) -> None:
    """Step a scheduler that watches a value; the others wait for the end of the epoch or step."""
    if watches(scheduler):
        tell(scheduler, value_for(evaluation, mode_of_run, scheduler.mode))


def at_its_time(scheduler: Any, losses: Sequence[float] | None) -> None:
    """Step a scheduler at the end of an epoch or step.

    One that watches a value is told the last of the training losses; None where there are
    evaluations, after which it was stepped.
    """
    if scheduler is not None and not watches(scheduler):
        scheduler.step()
    elif scheduler is not None and losses is not None:
        tell(scheduler, losses[-1])
