"""A learner's code is run where it can do no harm, and ended when its time is up."""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import nndl.exercises as exercises
from nndl.exercises import Exercise, Mistake, child, running
from nndl.exercises.judging import judge
from nndl.exercises.running import run_all, settled
from nndl.exercises.time_limit import TimeLimit

linux_only = pytest.mark.skipif(not child.can_copy(), reason="nothing is copied on this system")


@pytest.fixture(params=["copy", "here"])
def either_way(request, monkeypatch):
    """Run learners' code in a copy of the process, and as where none can be made."""
    if request.param == "here":
        monkeypatch.setattr(running, "can_copy", lambda: False)
    elif not child.can_copy():
        pytest.skip("nothing is copied on this system")
    return request.param


def outcome_of(function, *arguments, seconds=0.3):
    start = time.monotonic()
    (outcome,) = run_all(function, [arguments], seconds=seconds)
    assert time.monotonic() - start < 10
    return outcome


def asleep():
    time.sleep(0.001)


def busy():
    sum(range(100))


def test_an_endless_loop_is_cut_off(either_way):
    def forever():
        while True:
            with contextlib.suppress(Exception):  # the limit is no Exception: it comes through
                time.sleep(0.001)

    outcome = outcome_of(forever)
    assert outcome.is_late and "endless loop" in outcome.message


@pytest.mark.parametrize("work", [asleep, busy])
def test_an_endless_loop_that_swallows_everything_is_cut_off(work, either_way):
    def stubborn():
        while True:
            try:
                work()
            except BaseException:
                continue

    tracer = sys.gettrace()
    assert outcome_of(stubborn).is_late
    assert sys.gettrace() is tracer


def test_an_endless_loop_is_cut_off_in_a_thread_too(either_way):
    found = []

    def forever():
        while True:
            pass

    thread = threading.Thread(target=lambda: found.append(outcome_of(forever)))
    thread.start()
    thread.join(10)
    assert found[0].is_late


def in_one_call_of_c():
    ctypes.PyDLL(None).sleep(3600)  # holds the interpreter all the time


def alarm_switched_off():
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    while True:
        time.sleep(1)


def deadlock():
    lock = threading.Lock()
    lock.acquire()
    while True:
        with contextlib.suppress(BaseException):
            lock.acquire()


def asked_for_input():
    return input("a number, please")


@linux_only
@pytest.mark.parametrize("work", [in_one_call_of_c, alarm_switched_off, deadlock])
@pytest.mark.parametrize("in_thread", [False, True])
def test_what_no_signal_ends_is_ended(work, in_thread):
    found = []
    thread = threading.Thread(target=lambda: found.append(outcome_of(work)))
    if in_thread:
        thread.start()
        thread.join(20)
    else:
        thread.run()
    assert found[0].is_late


@linux_only
def test_input_is_an_error_at_once():
    assert outcome_of(asked_for_input, seconds=30).error[0] == "EOFError"


def leave():
    os._exit(0)


def crash():
    ctypes.string_at(0)


def recursion_without_end():
    sys.setrecursionlimit(10**9)

    def deeper(x):
        return sorted([x], key=deeper)  # each call takes of the processor's own stack

    return deeper(0)


def two_of_us():
    os.fork()
    return 7


def all_files_closed():
    os.closerange(3, 1000)
    return 7


@linux_only
@pytest.mark.parametrize("work", [leave, crash, recursion_without_end, all_files_closed])
def test_code_that_ends_python_ends_a_copy_alone(work):
    outcome = outcome_of(work, seconds=60)
    assert outcome.error[0] in ("SystemExit", "RecursionError", "MemoryError"), outcome
    assert outcome.message


@linux_only
def test_code_that_copies_itself_answers_once():
    before = os.getpid()
    assert [o.value for o in run_all(two_of_us, [(), ()])] == [7, 7]
    assert os.getpid() == before


def state_of(process: int) -> str:
    """Return the state of a process as Linux writes it, Z for one that only waits to be counted."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


@linux_only
def test_nothing_is_left_of_a_copy_and_of_what_it_started():
    def leaves_a_child():
        child = os.fork()
        if child == 0:
            time.sleep(600)
        return os.getpid(), child

    own, started = outcome_of(leaves_a_child, seconds=5).value
    assert state_of(own) == "gone"
    limit = time.monotonic() + 10
    while state_of(started) not in ("Z", "gone") and time.monotonic() < limit:
        time.sleep(0.01)
    assert state_of(started) in ("Z", "gone")


@linux_only
def test_a_large_array_fails_instead_of_taking_the_memory():
    assert "MemoryError" in outcome_of(lambda: np.ones(2**38), seconds=20).error


@linux_only
def test_what_is_done_to_python_is_undone():
    def vandal(x):
        import builtins

        np.all = np.asarray = np.array = lambda *a, **k: True
        builtins.bool = lambda x: True
        return -1

    right = Exercise(
        id="a", title="A", kind="code", reference=lambda x: x, cases=((1.5,),),
        mistakes=tuple(Mistake(lambda x, k=k: k, f"{k}") for k in range(3)), hints=("a", "b"),
    )  # fmt: skip
    before = (np.all, np.asarray, np.array, bool)
    assert judge(right, vandal).outcome == "not passed"
    assert (np.all, np.asarray, np.array, bool) == before


def test_what_is_printed_is_shown(capsys, either_way):
    outcome = outcome_of(lambda x: print("x is", x) or 2 * x, 4)
    assert outcome.value == 8
    assert capsys.readouterr().out == "x is 4\n"


@linux_only
def test_what_was_printed_before_the_end_is_shown_but_not_without_end(capsys):
    def forever():
        while True:
            print("still here")

    assert outcome_of(forever).is_late
    text = capsys.readouterr().out
    assert text.startswith("still here\n") and len(text) <= child.MOST_PRINTED + 20


class Slow:
    """Hangs as soon as it is looked at."""

    def _hang(self, *_, **__):
        while True:
            pass

    __array__ = __eq__ = __repr__ = __str__ = __len__ = __iter__ = _hang
    __hash__ = None


class SlowWords(Exception):  # noqa: N818
    def __str__(self):
        while True:
            pass


class SlowName:
    def __getattribute__(self, name):
        while True:
            pass

    def __call__(self, x):
        return 1


@pytest.mark.parametrize("answer", [Slow(), [Slow()], {"a": Slow()}])
def test_an_object_that_hangs_when_it_is_read_is_cut_off(answer, either_way):
    start = time.monotonic()
    assert settled(answer, seconds=0.3).is_late
    assert time.monotonic() - start < 10


def test_showing_is_inside_the_time_limit(either_way):
    def raises(x):
        raise SlowWords

    assert outcome_of(lambda: Slow()).is_late
    assert outcome_of(raises, 1).is_late


def test_a_callable_object_of_the_learners_is_not_asked_for_its_name(either_way):
    double = Exercise(
        id="b", title="B", kind="code", reference=lambda x: 2 * x, cases=((2,),),
        mistakes=tuple(Mistake(lambda x, k=k: k, f"{k}") for k in range(3)), hints=("a", "b"),
    )  # fmt: skip
    verdict = judge(double, SlowName())
    assert verdict.outcome == "not passed" and dict(verdict.lines)["Call"] == "SlowName(2)"


def test_a_range_that_is_far_too_long_is_not_counted_out():
    assert "200000000" in settled(range(2 * 10**8)).text


def test_a_reader_can_stop_a_check(either_way):
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all(interrupted, [()])


def test_a_reader_who_stops_a_long_check_waits_no_longer():
    """The stop button sends a signal to this process."""

    def forever():
        while True:
            pass

    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_all(forever, [()], seconds=60)
    assert time.monotonic() - start < 30


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no alarms on this system")
def test_an_alarm_of_the_learners_still_rings(either_way):
    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        run_all(lambda: None, [()])
        left, _ = signal.getitimer(signal.ITIMER_REAL)
        assert 0 < left <= 0.5
        limit = time.monotonic() + 10
        while not rang and time.monotonic() < limit:
            time.sleep(0.02)
        assert rang
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_the_time_limit_leaves_no_alarm_behind():
    with TimeLimit(0.05):
        pass
    time.sleep(0.1)


def test_check_gives_a_verdict_on_each(monkeypatch):
    monkeypatch.setenv("NNDL_PROGRESS", "off")
    for answer in (Slow(), SlowName(), range(2 * 10**8), leave, lambda *a: Slow()):
        assert exercises.check("conv-positions", answer).outcome != "passed"
