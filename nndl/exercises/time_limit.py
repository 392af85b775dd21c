"""Cut off code that does not end, such as a learner's endless loop."""

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

__all__ = ["TimeLimit", "TimeUp"]

AGAIN = 0.05  # seconds until the next try, when the learner's code swallowed the first


class TimeUp(BaseException):
    """The time limit; no Exception, so that no `except Exception` of a learner's stops it."""


class TimeLimit:
    """Raise `TimeUp` in the block when it takes too long.

    In the main thread of a Unix system an alarm does it, again and again until it gets past a bare
    `except`; elsewhere a second thread asks the interpreter to raise it. Code that stays inside
    one call of a C library can't be stopped by either.

    Parameters
    ----------
    seconds : float
        How long the block may take.

    Examples
    --------
    >>> with TimeLimit(60):
    ...     sum(range(10))
    45
    """

    def __init__(self, seconds: float):
        self.seconds = seconds
        in_main = threading.current_thread() is threading.main_thread()
        self._by_alarm = in_main and hasattr(signal, "setitimer")

    def __enter__(self) -> "TimeLimit":
        self._rang, self._tracer = False, sys.gettrace()
        if self._by_alarm:
            self._before = signal.signal(signal.SIGALRM, self._ring)
            self._since = time.monotonic()
            self._timer_before = signal.setitimer(signal.ITIMER_REAL, self.seconds, AGAIN)
            return self
        self._thread = ctypes.c_ulong(threading.get_ident())
        self._ended, self._lock = False, threading.Lock()
        self._timer = threading.Timer(self.seconds, self._raise_in_thread)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._by_alarm:
            signal.setitimer(signal.ITIMER_REAL, 0)
            if self._rang:
                sys.settrace(self._tracer)
            signal.signal(signal.SIGALRM, self._before or signal.SIG_DFL)
            left, again = self._timer_before
            if left:  # an alarm that was set goes on, less the time that has passed
                left = max(1e-3, left - (time.monotonic() - self._since))
                signal.setitimer(signal.ITIMER_REAL, left, again)
            return
        self._timer.cancel()
        with self._lock:
            self._ended = True
        # one that was asked for in the last moment must not hit whatever comes next
        ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, None)

    def _ring(self, _: int, frame: FrameType | None) -> None:
        if not self._may_raise_in(frame):
            return
        if self._rang:
            # a bare `except` has caught the last one: raise once more in its first line
            sys.settrace(self._trace)
            while frame is not None and self._may_raise_in(frame):
                frame.f_trace = self._trace
                frame = frame.f_back
        self._rang = True
        raise TimeUp

    def _trace(self, frame: FrameType, event: str, _: object) -> Callable:
        # "line" is the first one in the except clause; at "exception" it would be caught there
        if event == "line" and self._may_raise_in(frame):
            raise TimeUp
        return self._trace

    def _may_raise_in(self, frame: FrameType | None) -> bool:
        """Tell whether somebody would catch it.

        Not while the limit is being set or lifted, nor again while the first is being caught.
        """
        module = frame.f_globals.get("__name__") if frame else None
        spared = __name__.rpartition(".")[0] if self._rang else __name__
        return not str(module).startswith(spared)

    def _raise_in_thread(self) -> None:
        with self._lock:
            if not self._ended:
                raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
                raise_in(self._thread, ctypes.py_object(TimeUp))
