"""Judges what arrives, while it arrives, and answers each submission within the limits that the course sets.

What is done is read from what is there: submissions in submitted/, records in judged/, pages that are released. The log
of attempts adds when a student had feedback. So a watch that was stopped in whatever way goes on where it was.

Of what a student hands in before anybody could judge it, only the last is judged. Students take turns: one that hands
in without end waits behind the others.
"""

import fcntl
import json
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect

from nst.course.release import read_source
from nst.grading import handing_in
from nst.grading.arrivals import inbound
from nst.grading.arrivals.attempts import FEEDBACK, NO_LIMITS, PASSED_OVER, WAITING, WITHOUT, Attempts
from nst.grading.arrivals.collecting import collect
from nst.grading.arrivals.early import hidden_tests
from nst.grading.arrivals.publishing import Publishing, utc
from nst.grading.autograde import JudgedAutograde
from nst.grading.intake.skeleton import is_graded
from nst.grading.one_by_one import in_a_sentence
from nst.grading.records import record_path

#: Seconds between two looks, at least; and how many times as long as a look takes, so that looking costs little.
LOOK_EVERY, REST = 1, 10
#: Seconds until what the grader failed with is tried again: the first time, and at most.
TRY_AGAIN, AT_MOST = 30, 600
#: Notes for submissions that newer ones have taken the place of, written at one look: others wait meanwhile.
NOTES_AT_ONCE = 20


class AlreadyWatchedError(Exception):
    """Somebody watches this course already; one sentence."""


@contextmanager
def only_one(folder):
    """Nobody else watches the course meanwhile; whoever tries gets AlreadyWatchedError. A killed one holds nothing.

    folder: where records are kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".watch.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyWatchedError(
                "Another `nst watch` is at work on this course: end it first, or name all assignments to one of them."
            ) from None
        yield


class Watch:
    """Watches over some assignments of a course.

    config: nbgrader's. place: an Exchange or a Folder. tell: called with (Arrival or None, state, details), texts, for
    each thing that happens. allowance: an Allowance, for each student and assignment. show_hidden: do students see
    everything at once? clock: seconds since the epoch.
    """

    def __init__(self, config, place, tell, allowance=NO_LIMITS, show_hidden=False, unsafe=False, clock=time.time):
        self.config, self.place, self.allowance, self.unsafe = config, place, allowance, unsafe
        self.tell, self.clock = tell, clock
        self.stopped, self._look_takes = False, 0
        self.coursedir = CourseDirectory(config=config)
        self._excluded = set(self.coursedir.student_id_exclude.split(","))
        self._publishing = {
            assignment: Publishing(config, assignment, allowance, show_hidden) for assignment in place.assignments
        }
        self._releases = {}  # assignment -> (times of its sources, names, hidden tests)
        self._logs, self._turns, self._turn = {}, defaultdict(int), 0
        self._collected = {}  # (student, assignment) -> key of what lies in submitted/
        self._done, self._told = set(), set()
        self._trouble = {}  # key -> (seconds since the epoch when to try again, how long that was)

    def stop(self):
        """Let `run` end after the submission in hand."""
        self.stopped = True

    def run(self):
        """Look and judge until `stop` is called. Raises OSError where the folder can't be read from the first."""
        self.place.look()
        while not self.stopped:
            try:
                busy = self.step()
            except OSError as error:  # a network drive that comes and goes
                self.tell(None, "no look", in_a_sentence(error))
                busy = False
            until = time.monotonic() + (0 if busy else max(LOOK_EVERY, REST * self._look_takes))
            while not self.stopped and time.monotonic() < until:
                time.sleep(0.2)

    def step(self):
        """Look once, and serve who is first. Is there more to do at once? Raises OSError where nobody can look."""
        groups, began = defaultdict(list), time.monotonic()
        arrivals = self.place.look()
        self._look_takes = time.monotonic() - began
        for arrival in arrivals:
            if arrival.student not in self._excluded:
                groups[arrival.assignment, arrival.student].append(arrival)
        for refusal in self.place.refusals:
            self._once(None, "refused", refusal)
        older = [arrival for group in groups.values() for arrival in group[:-1] if self._attempt(self._is_new, arrival)]
        queue = [group[-1] for group in groups.values() if self._attempt(self._is_new, group[-1])]
        due = [arrival for arrival in queue if self._attempt(self._is_due, arrival)]
        due.sort(key=lambda arrival: (self._turns[arrival.student], arrival.came))
        for arrival in due[:1]:
            self._turn += 1
            self._turns[arrival.student] = self._turn
            self._attempt(self._serve, arrival)
        for arrival in older[:NOTES_AT_ONCE]:
            self._attempt(self._pass_over, arrival)
        return len(due) > 1 or len(older) > NOTES_AT_ONCE

    def _is_new(self, arrival):
        """Is anything left to be done for it? What was done stays done, unless something else took its place since."""
        log, publishing = self._log(arrival), self._publishing[arrival.assignment]
        state = log.states.get(arrival.key)
        replaced = self.place.replaces and log.last not in (None, arrival.key)
        if self._trouble.get(self._id(arrival), (0,))[0] > self.clock():
            return False
        if self._id(arrival) in self._done and not replaced:
            return False
        if state == WAITING or (state and replaced) or (state is None and not publishing.is_named(arrival)):
            return True
        # What is out without a line in the log was released by somebody, and is more than what is shown here.
        if not publishing.is_out(arrival, self._release(arrival.assignment)[0]):
            return True
        self._done.add(self._id(arrival))
        return False

    def _is_due(self, arrival):
        """Take it in. May it be judged now?"""
        whose = arrival.student, arrival.assignment
        if self._collected.get(whose) != arrival.key:
            self._collect(arrival)
            self._collected[whose] = arrival.key
        log = self._log(arrival)
        until = self.allowance.free_from(log)
        counted = log.states.get(arrival.key) in (FEEDBACK, WITHOUT)
        if counted or self.allowance.exhausted(log) or not until or until <= utc(self.clock()):
            return True
        if log.states.get(arrival.key) != WAITING:
            names, _ = self._release(arrival.assignment)
            log.note(arrival.key, WAITING, utc(self.clock()))
            self._publishing[arrival.assignment].wait(arrival, names, until)
        self._once(arrival, "waits", f"until {until:%H:%M} UTC, and is collected")
        return False

    def _collect(self, arrival):
        target = Path(
            self.coursedir.format_path(self.coursedir.submitted_directory, arrival.student, arrival.assignment)
        )
        if target.exists() and target.samefile(arrival.folder):
            return
        if target.is_dir() and _notes(target) == _notes(arrival.folder):
            return
        if left := collect(arrival.folder, target, self.coursedir):
            self.tell(arrival, "collected", left)

    def _serve(self, arrival):
        """Judge it and answer."""
        trouble = self._judge(arrival)
        if trouble:
            self._later(arrival, trouble)
            return
        log, publishing = self._log(arrival), self._publishing[arrival.assignment]
        names, hidden = self._release(arrival.assignment)
        state = log.states.get(arrival.key)
        if state not in (FEEDBACK, WITHOUT):
            state = WITHOUT if self.allowance.exhausted(log) else FEEDBACK
        if (log.last, log.states.get(arrival.key)) != (arrival.key, state):
            log.note(arrival.key, state, utc(self.clock()))
        if state == FEEDBACK:
            publishing.show(arrival, log, hidden)
            detail = f"attempt {log.number(arrival.key)}"
        else:
            publishing.refuse(arrival, names)
            detail = "all attempts are made: no feedback"
        self._done.add(self._id(arrival))
        self._trouble.pop(self._id(arrival), None)
        judged, points = self._outcome(arrival)
        self.tell(arrival, judged, f"{points}  {_duration(self.clock() - arrival.came)}  {detail}")

    def _judge(self, arrival):
        """Judge it into the gradebook. A sentence where it could not be judged, or ""."""
        course = CourseDirectory(config=self.config, assignment_id=arrival.assignment, student_id=arrival.student)
        converter = JudgedAutograde(coursedir=course, config=self.config, unsafe=self.unsafe)
        try:
            converter.start()
        except NbGraderException as error:
            return converter.troubles.get(arrival.student, str(error))
        return ""

    def _pass_over(self, arrival):
        log, publishing = self._log(arrival), self._publishing[arrival.assignment]
        names, _ = self._release(arrival.assignment)
        if log.states.get(arrival.key) != FEEDBACK:  # which was being made when somebody stopped it
            log.note(arrival.key, PASSED_OVER, utc(self.clock()))
        publishing.pass_over(arrival, names)
        self._done.add(self._id(arrival))
        self.tell(arrival, "passed over", "a newer one is there")

    def _attempt(self, function, arrival):
        """What function(arrival) returns. What goes wrong with one is told, and stops no other."""
        try:
            return function(arrival)
        except Exception as error:
            self._later(arrival, in_a_sentence(error))
            return None

    def _later(self, arrival, trouble):
        _, before = self._trouble.get(self._id(arrival), (0, 0))
        wait = min(2 * before or TRY_AGAIN, AT_MOST)
        self._trouble[self._id(arrival)] = self.clock() + wait, wait
        self.tell(arrival, "not judged", f"{trouble} It is tried again in {wait} s.")

    def _outcome(self, arrival):
        """(state, points of possible points) as the record has them."""
        path = record_path(self.coursedir, arrival.assignment, arrival.student)
        record = json.loads(path.read_text(encoding="utf-8"))
        return record["state"], f"{record['points']:g} of {record['possible']:g}"

    def _release(self, assignment):
        """(names of the graded notebooks, hidden tests) of an assignment as answers/ has it now."""
        folder = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment))
        times = {path: path.stat().st_mtime_ns for path in sorted(folder.glob("*.py"))}
        if self._releases.get(assignment, (None,))[0] != times:
            sources = {path.stem: read_source(path) for path in times}
            names = [name for name, source in sources.items() if is_graded(source)]
            self._releases[assignment] = times, names, hidden_tests(sources)
        return self._releases[assignment][1:]

    def _log(self, arrival):
        path = record_path(self.coursedir, arrival.assignment, arrival.student).with_suffix(".attempts")
        if path not in self._logs:
            self._logs[path] = Attempts(path)
        return self._logs[path]

    def _id(self, arrival):
        return arrival.student, arrival.assignment, arrival.key

    def _once(self, arrival, state, details):
        if (arrival, state, details) not in self._told:
            self._told.add((arrival, state, details))
            self.tell(arrival, state, details)


def place(config, assignments, folder=None, clock=time.time):
    """Where submissions arrive: an Exchange, or a Folder where one is named."""
    course = CourseDirectory(config=config)
    if folder:
        return inbound.Folder(course, folder, assignments, clock)
    exchange = ExchangeCollect(coursedir=course, config=config)
    path = Path(exchange.root, course.course_id, "inbound")
    return inbound.Exchange(path, assignments, exchange.check_owner, clock)


def records(config):
    """The folder in which records of judgements are kept."""
    return record_path(CourseDirectory(config=config), "any", "any").parent.parent


def _notes(folder):
    """What tells one submission from another."""
    handed = handing_in.look_at(folder)
    return handed.files, handed.note, handing_in.read_note(folder / "submission_secret.txt")


def _duration(seconds):
    if seconds < 600:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
