"""The history's table and the log of losses."""

import pytest

from nndl.device import paddle
from nndl.runner import History
from nndl.runner.history import LossLog


def test_rows_of_evaluations():
    history = History(
        train_steps=[1, 2, 3, 4],
        train_losses=[4.0, 2.0, 1.0, 3.0],
        dev_steps=[2, 4],
        dev_losses=[2.5, 1.5],
        dev_scores=[0.5, 0.75],
        epoch_steps=[4],
        epoch_losses=[2.5],
    )
    assert history.to_rows() == [
        {"step": 2, "train_loss": 3.0, "dev_loss": 2.5, "dev_score": 0.5},
        {"step": 4, "train_loss": 2.0, "dev_loss": 1.5, "dev_score": 0.75},
    ]


def test_rows_of_epochs_without_a_development_set():
    history = History(
        train_steps=[1, 2], train_losses=[4.0, 2.0], epoch_steps=[1, 2], epoch_losses=[4.0, 2.0]
    )
    assert history.to_rows() == [
        {"step": 1, "train_loss": 4.0, "dev_loss": None, "dev_score": None},
        {"step": 2, "train_loss": 2.0, "dev_loss": None, "dev_score": None},
    ]


def test_empty():
    assert History().to_rows() == []
    assert repr(History()) == "History(0 steps, 0 epochs)"


def test_log_waits_then_writes():
    history = History()
    log = LossLog(history, most=3)
    for value in (1.0, 2.0):
        log.add(paddle.to_tensor(value), 1)
    assert history.train_losses == []
    log.add(paddle.to_tensor([3.0]), 1)  # some losses have shape [1]
    assert history.train_losses == [1.0, 2.0, 3.0]
    assert history.train_steps == [1, 2, 3]


def test_epoch_means_are_of_that_epoch_alone():
    history = History()
    log = LossLog(history, most=2)
    for epoch in ([(1.0, 4), (1.0, 4), (7.0, 1)], [(3.0, 1)]):
        for value, size in epoch:
            log.add(paddle.to_tensor(value), size)
        log.end_epoch()
    assert history.epoch_losses == pytest.approx([15 / 9, 3.0])
    assert history.epoch_steps == [3, 4]


def test_warns_once():
    log = LossLog(History(), most=1)
    with pytest.warns(RuntimeWarning, match="became nan at step 2") as caught:
        for value in (1.0, float("nan"), float("nan")):
            log.add(paddle.to_tensor(value), 1)
    assert len(caught) == 1
