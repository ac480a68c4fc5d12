"""The log of what became of a student's submissions of an assignment, and what it still allows.

It is one line of JSON for each, written to the disk before the student can see anything of it: whoever is stopped in
between, the next one goes on without counting an attempt twice.
"""

import json
import os
from datetime import datetime, timedelta
from typing import NamedTuple

#: What a line says. Only FEEDBACK is an attempt; WAITING is followed by another line when the wait is over.
FEEDBACK, WITHOUT, PASSED_OVER, WAITING = "feedback", "without feedback", "passed over", "waiting"


class Allowance(NamedTuple):
    """How often a student gets feedback on an assignment, and how many minutes lie between two; 0 is no limit."""

    attempts: int = 0
    minutes: float = 0

    def exhausted(self, log):
        """Have all attempts been made?"""
        return bool(self.attempts) and len(log.given) >= self.attempts

    def free_from(self, log):
        """The time from which another one is allowed: naive UTC, or None where it is at once."""
        return max(log.given) + timedelta(minutes=self.minutes) if self.minutes and log.given else None


NO_LIMITS = Allowance()


class Attempts:
    """The log of one student and assignment.

    path: the file's. states: key of an arrival -> what the last line about it says. last: the key in the last line.
    """

    last = None

    def __init__(self, path):
        self.path, self.states, self._given = path, {}, {}
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError:
            lines = []
        for line in lines:
            try:
                entry = json.loads(line)
                self._take(entry["arrival"], entry["state"], datetime.fromisoformat(entry["time"]))
            except (ValueError, KeyError, TypeError):
                continue  # the line that was being written when the power went

    @property
    def given(self):
        """When there was feedback: naive UTC, for each arrival once."""
        return list(self._given.values())

    def number(self, key):
        """Which attempt this arrival is, counted from 1, or would be."""
        keys = list(self._given)
        return keys.index(key) + 1 if key in self._given else len(keys) + 1

    def note(self, key, state, now):
        """Write a line; it is on the disk when this returns. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"arrival": key, "state": state, "time": now.isoformat()}).encode()
        with self.path.open("ab") as file:
            file.write(b"\n" + line + b"\n")  # whatever a line before it was cut off at
            file.flush()
            os.fsync(file.fileno())
        self._take(key, state, now)

    def _take(self, key, state, when):
        self.states[key], self.last = state, key
        if state == FEEDBACK:
            self._given.setdefault(key, when)
