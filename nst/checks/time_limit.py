"""An end to what never ends: a function that is stopped when it has had its time.

No signal is needed, which Windows does not have and which only a main thread gets: another thread has Python raise
TimeSpent in the one that waits. Python does so between two of its steps, so one long computation of TensorFlow's is
first brought to its end.
"""

import ctypes
import sys
import threading

from nst.tracebacks import owner

#: Seconds between two tries.
_PAUSE = 0.1


class TimeSpent(BaseException):
    """The time is over. Not an Exception, so that `except Exception` in a loop lets it pass."""

    def __init__(self):
        super().__init__()
        # A bare `except:` around all that a loop does would catch this one, and the next: where it has, it comes again.
        frame = sys._getframe(1)
        while frame is not None and frame.f_code is not within.__code__:
            if owner(frame.f_code.co_filename) == "student":
                frame.f_trace = _again
            frame = frame.f_back
        sys.settrace(_again)


def _again(frame, event, argument):
    """A trace function: at the next line of the student's code, TimeSpent is raised once more."""
    if owner(frame.f_code.co_filename) != "student":
        return None
    if event == "line":
        raise TimeSpent
    return _again


def within(seconds, function, *arguments):
    """function(*arguments), or TimeSpent after that many seconds; no limit where `seconds` is None.

    It leaves nothing behind: neither a thread nor an exception that is still on its way.
    """
    if seconds is None:
        return function(*arguments)
    watch = _Watch(seconds)
    end = watch.running.release
    watch.start()
    try:
        try:
            return function(*arguments)
        finally:
            end()  # a single step, before which nothing is raised
    finally:
        watch.tidy()


class _Watch(threading.Thread):
    """Raises TimeSpent in the thread that has made it, again and again from some time on, until `running` is free."""

    def __init__(self, seconds):
        super().__init__(name="the time limit of a check", daemon=True)
        self._seconds, self._waiting = seconds, threading.get_ident()
        self.running = threading.Lock()
        self.running.acquire()
        self._traced = sys.gettrace()

    def run(self):
        """Wait for the end of the function or of its time, whichever comes first."""
        if not self.running.acquire(timeout=self._seconds):
            while not self.running.acquire(timeout=_PAUSE):
                self._raise(ctypes.py_object(TimeSpent))

    def tidy(self):
        """Once `running` is free: see the thread end, take back what it may still raise, and trace as before."""
        try:
            self.join()
        except TimeSpent:
            self.join()
        self._raise(None)
        sys.settrace(self._traced)

    def _raise(self, kind):
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._waiting), kind)
