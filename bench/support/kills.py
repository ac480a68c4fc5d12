"""Kills at seeded random moments while a class is graded, and what is lost, graded twice or changed by them."""

import random
import shutil
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from bench.support.courses import grades, written

#: A run that takes longer hangs, which is a fault.
PATIENCE = 300


@dataclass
class Toll:
    """What came of it: kills by what was killed; students without a grade, whose finished record was written again, or
    whose grade, comments or state differ from an uninterrupted run's; how many runs and classes it took."""

    kills: dict = field(default_factory=dict)
    lost: set = field(default_factory=set)
    twice: set = field(default_factory=set)
    changed: set = field(default_factory=set)
    runs: int = 0
    classes: int = 0
    hung: int = 0

    def told(self):
        """As plain data, with counts for sets."""
        return {name: len(value) if isinstance(value, set) else value for name, value in vars(self).items()}


class Records(threading.Thread):
    """Looks after the records of a class: `twice` holds whose was written again. Use it in a with statement."""

    def __init__(self, folder, assignment):
        super().__init__(daemon=True)
        self.folder, self.name = folder / "judged", f"{assignment}.json"
        self.seen, self.twice, self._over = {}, set(), threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join()
        self.look()

    def look(self):
        """Note which records there are."""
        for path in self.folder.glob(f"*/{self.name}"):
            with suppress(OSError):
                told = path.stat()
                now = (told.st_ino, told.st_mtime_ns)
                if self.seen.setdefault(path.parent.name, now) != now:
                    self.seen[path.parent.name] = now
                    self.twice.add(path.parent.name)

    def run(self):
        """Look until it is over."""
        while not self._over.wait(0.01):
            self.look()


class Grading:
    """`nst grade` as something that can be killed.

    command: a list. box: Box. targets: what is killed -> (how often in relation to others, a function of the process
    and the dice that kills it, and says whether it was there).
    """

    def __init__(self, command, folder, box, log):
        self.command, self.folder, self.box, self.log = command, folder, box, log
        self.targets = {
            "a worker": (5, self._worker),
            "the coordinator": (3, self._coordinator),
            "everything": (2, self._everything),
        }

    def start(self):
        """The process, begun."""
        with self.log.open("ab") as said:
            return subprocess.Popen(
                self.box.wrap(self.command), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )

    def pristine(self):
        """Take back all that grading has left, but for a gradebook in which the assignment is released."""
        kept = self.folder / "released.db"
        if not kept.exists():
            shutil.copy(self.folder / "gradebook.db", kept)
        for name in ("autograded", "judged", "feedback"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for path in self.folder.glob("gradebook.db*"):
            path.unlink()
        shutil.copy(kept, self.folder / "gradebook.db")

    def _worker(self, process, dice):
        with suppress(psutil.Error):
            children = sorted(psutil.Process(process.pid).children(), key=lambda child: child.pid)
            if children:
                dice.choice(children).kill()
                return True
        return False

    def _coordinator(self, process, dice):
        process.kill()
        process.wait()
        return True

    def _everything(self, process, dice):
        self.box.kill()
        process.wait()
        return True


def uninterrupted(grading, assignment):
    """(grades, seconds until the first record, seconds from there to the last) of a run that nobody disturbs."""
    grading.pristine()
    began = time.time()
    grading.start().wait(PATIENCE)
    when = written(grading.folder, assignment)
    return grades(grading.folder, assignment), when[0] - began, when[-1] - when[0]


def kill_at_random(grading, assignment, undisturbed, kills, seed):
    """The Toll of so many kills.

    undisturbed: what `uninterrupted` gives. A class is graded, disturbed, and graded on until it is done; then it is
    begun again, as long as there are kills left. Most come while submissions are judged, some while it starts.
    """
    dice, toll, (expected, start, span) = random.Random(seed), Toll(), undisturbed
    while sum(toll.kills.values()) < kills and toll.classes < kills + 20:
        grading.pristine()
        toll.classes += 1
        spare = kills + 20  # runs, until what is not done by then counts as lost
        with Records(grading.folder, assignment) as records:
            done = False
            while not done and toll.runs < spare:
                toll.runs += 1
                _one_run(grading, records, dice, toll, kills, start, span)
                done = set(grades(grading.folder, assignment)) == set(expected)
        got = grades(grading.folder, assignment)
        toll.lost |= {(toll.classes, student) for student in expected.keys() - got.keys()}
        toll.changed |= {(toll.classes, student) for student in got if got[student] != expected.get(student)}
        toll.twice |= {(toll.classes, student) for student in records.twice}
        print(f"class {toll.classes}, after {toll.runs} runs: {toll.told()}")
        if not done:
            break
    return toll


def _one_run(grading, records, dice, toll, kills, start, span):
    """Start grading, and kill things until it ends."""
    process, until, there = grading.start(), time.monotonic() + PATIENCE, len(records.seen)
    while process.poll() is None:
        if time.monotonic() > until:
            toll.hung += 1
            process.kill()
            process.wait()
        elif sum(toll.kills.values()) >= kills:
            _wait(process, until)
        else:
            if dice.random() < 0.2:
                pause = dice.uniform(0, start)
            else:
                while process.poll() is None and len(records.seen) == there and time.monotonic() < until:
                    time.sleep(0.01)
                pause = dice.uniform(0, span / 2)
            _wait(process, min(until, time.monotonic() + pause))
            there = len(records.seen)
            names, weighed = list(grading.targets), [weight for weight, _ in grading.targets.values()]
            (name,) = dice.choices(names, weighed)
            if process.poll() is None and grading.targets[name][1](process, dice):
                toll.kills[name] = toll.kills.get(name, 0) + 1


def _wait(process, until):
    with suppress(subprocess.TimeoutExpired):
        process.wait(max(0, until - time.monotonic()))
