"""Ctrl+C, and whatever else asks a command to end: the work stops there, and what it has made is saved."""

import signal
import threading
import time

#: Ctrl+C; what `kill` and a machine that shuts down send; a terminal that is closed; `ulimit -t`.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU")

#: Seconds. Whoever presses Ctrl+C twice in a row means the same thing, and the second must not stop the saving.
_TWICE = 2.0


class Endings:
    """In its `with` block these signals are a KeyboardInterrupt; while `saving` is True they wait.

    status: what a command that was ended by signal exits with, 128 and its number; 0 where there was none, and for
        Ctrl+C, by which a person chooses when a painting is done.
    A signal that was ignored before (`nohup`) stays so.
    """

    def __init__(self):
        self.saving = False
        self._taken = set()
        self._deaf_until = 0.0
        self._earlier = {}

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():  # signals come to it alone
            for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
                if signal.getsignal(number) != signal.SIG_IGN:
                    self._earlier[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, *error):
        for number, handler in self._earlier.items():
            signal.signal(number, handler or signal.SIG_DFL)

    @property
    def status(self):
        urgent = self._taken - {signal.SIGINT}
        return 128 + min(urgent) if urgent else 0

    def _take(self, number, frame):
        self._taken.add(number)
        if not self.saving and time.monotonic() >= self._deaf_until:
            self._deaf_until = time.monotonic() + _TWICE
            raise KeyboardInterrupt
