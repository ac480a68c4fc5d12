"""What has arrived, and is it whole? In nbgrader's exchange, or in a folder that students write to in another way.

Whoever writes there may write anything: names are matched and never looked up as patterns, no link is followed, and
what a name or an owner makes impossible is refused with a sentence.
"""

import hashlib
import os
import pwd
import re
import stat
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from nst.grading import handing_in

#: Seconds for which a submission must not have changed. nbgrader's last step is to open the folder for everybody, so
#: where it is open and holds its secret there is nothing to wait for. One without a secret was cut off, or comes from
#: something else than `nbgrader submit`.
IN_THE_EXCHANGE, WITHOUT_SECRET, IN_A_FOLDER = 2, 60, 5
#: Seconds after which it is told that a submission still changes.
PATIENCE = 600
#: Entries of a submission that are looked at to see whether it still changes, and how many folders deep.
MAX_ENTRIES, MAX_DEPTH = 2000, 3


class Arrival(NamedTuple):
    """A whole submission that lies there.

    key: what it is called in the log of attempts; no other submission of this student's ever has the same. time: when
    it was handed in, naive UTC. came: seconds since the epoch when it was whole.
    """

    student: str
    assignment: str
    folder: Path
    key: str
    time: datetime
    came: float


class _Watched:
    """To be told apart from what is still being written.

    refusals: a sentence for each thing that lies there and is not taken. replaces: does what is handed in again take
    the place of what was there?
    """

    replaces = False

    def __init__(self, assignment, clock=time.time):
        self.assignment, self.clock = assignment, clock
        self.refusals = []
        self._last, self._whole = {}, {}  # name -> (what it looked like, since when); name -> Arrival
        self._seen = {}  # name -> when first

    def _rests(self, name, seconds):
        """Has nothing changed in this folder for so long?"""
        looks, now = tuple(_entries(self.folder / name)), self.clock()
        before, since = self._last.get(name, (None, now))
        if before != looks:
            since = now
        self._last[name] = looks, since
        if now - since >= seconds:
            self._seen.pop(name, None)
            return True
        if now - self._seen.setdefault(name, now) > PATIENCE:
            self._refuse(name, f"It has not stopped changing for {PATIENCE // 60} minutes: see who writes there.")
        return False

    def _refuse(self, name, why):
        self.refusals.append(f"{name!r} is not taken. {why}")

    def _forget(self, there):
        for known in (self._last, self._whole, self._seen):
            for name in known.keys() - there:
                del known[name]


class Exchange(_Watched):
    """The inbound folder of nbgrader's exchange: a folder for each time that somebody has handed in.

    check_owner: is a submission refused that belongs to somebody else than the student whom it names? Where one account
    hands in for everybody, as on many hubs, it is the account of whoever watches, and nothing can be told.
    """

    def __init__(self, folder, assignment, check_owner=True, clock=time.time):
        super().__init__(assignment, clock)
        self.folder, self.check_owner = Path(folder), check_owner
        # nbgrader takes the name apart from its end: a student's may have a + in it.
        self._name = re.compile(rf"(?P<student>.*)\+{re.escape(assignment)}\+(?P<time>[^+]*)(\+[^+]*)?", re.DOTALL)

    def look(self):
        """The Arrivals that lie there, by the time at which they were handed in. Raises OSError if nobody can look."""
        names = set(os.listdir(self.folder))
        self._forget(names)
        self.refusals, found = [], list(self._whole.values())
        for name in names - self._whole.keys():
            if match := self._name.fullmatch(name):
                with suppress(FileNotFoundError):  # taken away just now
                    found.append(self._arrival(name, **match.groupdict()))
        return sorted(filter(None, found), key=lambda arrival: (arrival.time, arrival.key))

    def _arrival(self, name, student, time):
        folder, when = self.folder / name, handing_in.read_time(time)
        trouble = _trouble(student) or (not when and "Its name tells no time at which it was handed in.")
        trouble = trouble or self._not_theirs(folder, student)
        if trouble:
            self._refuse(name, trouble)
            return None
        secret = handing_in.read_note(folder / "submission_secret.txt")
        found = os.lstat(folder)
        finished = secret and stat.S_IMODE(found.st_mode) == 0o777
        if not finished and not self._rests(name, IN_THE_EXCHANGE if secret else WITHOUT_SECRET):
            return None
        self._whole[name] = Arrival(student, self.assignment, folder, name, when, found.st_ctime)
        return self._whole[name]

    def _not_theirs(self, folder, student):
        """Why this can't be the student's, in a sentence; "" where all is well."""
        found = os.lstat(folder)
        if not stat.S_ISDIR(found.st_mode):
            return "It is no folder."
        if not self.check_owner or found.st_uid == os.getuid():
            return ""
        try:
            owner = pwd.getpwuid(found.st_uid).pw_name
        except KeyError:
            owner = f"the user {found.st_uid}, who has no name here"
        if owner == student:
            return ""
        return (
            f"It says that it is {student}'s and belongs to {owner}: ask them, or, where accounts are not called as "
            "students are, set c.ExchangeCollect.check_owner = False."
        )


class Folder(_Watched):
    """Any folder that is laid out as submitted/ is: one submission for each student, which the next one replaces."""

    replaces = True

    def __init__(self, coursedir, folder, assignment, clock=time.time):
        super().__init__(assignment, clock)
        self.coursedir, self.folder = coursedir, Path(folder).resolve()

    def look(self):
        """The Arrivals that lie there, by the time at which they were handed in. Raises OSError if nobody can look."""
        os.scandir(self.folder).close()
        self.refusals = []
        found, there = [], set()
        for student, folder in handing_in.students(self.coursedir, str(self.folder), self.assignment).items():
            if os.path.lexists(folder):
                name = str(folder.relative_to(self.folder))
                there.add(name)
                with suppress(FileNotFoundError, NotADirectoryError):  # taken away just now, or replaced
                    found.append(self._arrival(name, student))
        self._forget(there)
        return sorted(filter(None, found), key=lambda arrival: (arrival.time, arrival.key))

    def _arrival(self, name, student):
        folder, trouble = self.folder / name, _trouble(student)
        if not trouble and not stat.S_ISDIR(os.lstat(folder).st_mode):
            trouble = "It is no folder."
        if trouble:
            self._refuse(name, trouble)
            return None
        looked = self._last.get(name)
        if not self._rests(name, IN_A_FOLDER):
            self._whole.pop(name, None)
            return None
        if name not in self._whole or looked != self._last[name]:
            handed = handing_in.look_at(folder)
            key = hashlib.sha256(repr((sorted(handed.files.items()), handed.note)).encode()).hexdigest()
            since = self._last[name][1]
            when = handed.time or datetime.fromtimestamp(since, UTC).replace(tzinfo=None)
            self._whole[name] = Arrival(student, self.assignment, folder, key, when, since)
        return self._whole[name]


def _trouble(student):
    """Why nobody can be called so, in a sentence; "" for almost everybody."""
    if not student or student.startswith("."):
        # ".." would be another folder, and what begins with a dot is invisible to nbgrader and the judge.
        return "No student's name may be empty or begin with a dot."
    return handing_in.name_trouble(student)


def _entries(folder):
    """Name, size and time of change of what lies in a folder, as far as it is looked at."""
    return islice(_all_entries(folder, MAX_DEPTH), MAX_ENTRIES)


def _all_entries(folder, depth):
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                found = entry.stat(follow_symlinks=False)
                yield entry.path, found.st_size, found.st_mtime_ns
                if depth and entry.is_dir(follow_symlinks=False):
                    yield from _all_entries(entry.path, depth - 1)
    except OSError as error:  # removed in between, or closed
        yield str(folder), type(error).__name__, 0
