"""Kills at seeded random moments while a class is graded, and what is lost, graded twice or changed by them."""

import random
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from bench.support.courses import grades

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

    command: a list. box: Box. targets: name -> a function of the process that kills something, and says whether there
    was anything to be killed.
    """

    def __init__(self, command, folder, box, log):
        self.command, self.folder, self.box, self.log = command, folder, box, log
        self.targets = {"a worker": self._worker, "the coordinator": self._coordinator, "everything": self._everything}

    def start(self):
        """The process, begun."""
        with self.log.open("ab") as said:
            return subprocess.Popen(
                self.box.wrap(self.command), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )

    def _worker(self, process, dice):
        with suppress(psutil.Error):
            children = sorted(psutil.Process(process.pid).children(), key=lambda child: child.pid)
            if children:
                dice.choice(children).send_signal(signal.SIGKILL)
                return True
        return False

    def _coordinator(self, process, dice):
        process.kill()
        process.wait()
        return True

    def _everything(self, process, dice):
        self.box.kill()
        process.kill()
        process.wait()
        return True


def pristine(folder):
    """Take back all that grading has left in a course."""
    for name in ("autograded", "judged", "feedback"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for path in folder.glob("gradebook.db*"):
        path.unlink()
    shutil.copy(folder / "released.db", folder / "gradebook.db")


def uninterrupted(grading, assignment):
    """(grades, seconds) of a run that nobody disturbs. Keeps the gradebook as it was before, for `pristine`."""
    folder = grading.folder
    if not (folder / "released.db").exists():
        shutil.copy(folder / "gradebook.db", folder / "released.db")
    pristine(folder)
    began = time.monotonic()
    grading.start().wait(PATIENCE)
    return grades(folder, assignment), time.monotonic() - began


def kill_at_random(grading, assignment, expected, seconds, kills, seed, tell=print):
    """The Toll of so many kills.

    expected, seconds: as `uninterrupted` gives them. A class is graded, disturbed, and begun again until it is done;
    then the next one, as long as there are kills left.
    """
    dice, toll, left = random.Random(seed), Toll(), kills
    while left > 0:
        pristine(grading.folder)
        toll.classes += 1
        with Records(grading.folder, assignment) as records:
            done = False
            while not done:
                toll.runs += 1
                process, began = grading.start(), time.monotonic()
                while True:
                    # By and by a class is done even by runs of which each is disturbed.
                    pause = dice.uniform(0.02, 0.7) * seconds
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(pause if left > 0 else PATIENCE)
                    if process.poll() is not None:
                        break
                    if time.monotonic() - began > PATIENCE:
                        toll.hung += 1
                        grading.box.kill()
                        process.wait()
                        break
                    if left > 0:
                        name = dice.choice(list(grading.targets))
                        if grading.targets[name](process, dice):
                            left -= 1
                            toll.kills[name] = toll.kills.get(name, 0) + 1
                # Killed by us, or with somebody set aside: grading goes on with the next run.
                done = process.returncode >= 0 and set(grades(grading.folder, assignment)) == set(expected)
                if process.returncode >= 0 and not done and left <= 0:
                    done = toll.runs > kills + 20
            records.look()
        got = grades(grading.folder, assignment)
        toll.lost |= {(toll.classes, student) for student in expected.keys() - got.keys()}
        toll.changed |= {(toll.classes, name) for name in got if name in expected and got[name] != expected[name]}
        toll.twice |= {(toll.classes, student) for student in records.twice}
        tell(f"class {toll.classes}: {kills - left} kills, {len(toll.lost)} lost, {len(toll.twice)} twice, "
             f"{len(toll.changed)} changed")  # fmt: skip
    return toll
