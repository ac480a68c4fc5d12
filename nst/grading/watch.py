"""Judges what arrives, while it arrives, and answers each submission within the limits that the course sets.

What is done is read from what is there: submissions in submitted/, records in judged/, pages that are released. The log
of attempts adds when a student had feedback. So a watch that was stopped in whatever way goes on where it was.

Of what a student hands in before anybody could judge it, only the last is judged. Students take turns: one that hands
in without end waits behind the others. Several are judged at a time, so that a slow one keeps nobody waiting.
"""

import json
import time
from collections import defaultdict
from pathlib import Path

from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect

from nst.grading import handing_in
from nst.grading.arrivals import inbound
from nst.grading.arrivals.attempts import FEEDBACK, NO_LIMITS, PASSED_OVER, WAITING, WITHOUT, Attempts
from nst.grading.arrivals.collecting import collect
from nst.grading.arrivals.early import hidden_tests
from nst.grading.arrivals.publishing import Publishing, utc
from nst.grading.autograde import JudgedAutograde
from nst.grading.faults import NotJudged
from nst.grading.intake.skeleton import is_graded
from nst.grading.one_by_one import in_a_sentence
from nst.grading.queue.outcome import from_bytes
from nst.grading.queue.parcel import pack
from nst.grading.queue.pool import Again, Done, Pool, SetAside, cores
from nst.grading.records import record_path

#: Seconds between two looks, at least; and how many times as long as a look takes, so that looking costs little.
LOOK_EVERY, REST = 1, 10
#: Seconds until what the grader failed with is tried again: the first time, and at most.
TRY_AGAIN, AT_MOST = 30, 3600
#: Notes for submissions that newer ones have taken the place of, written at one look: others wait meanwhile.
NOTES_AT_ONCE = 20


class Watch:
    """Watches over an assignment of a course.

    config: nbgrader's. place: an Exchange or a Folder. tell: called with (a student's name or "", state, details),
    texts, for each thing that happens. allowance: an Allowance, for each student. show_hidden: do students see
    everything at once? settings: of JudgedAutograde's. pool: Pool.
    """

    def __init__(self, config, place, tell, allowance=NO_LIMITS, show_hidden=False, settings=None, pool=Pool):
        self.config, self.place, self.tell, self.allowance = config, place, tell, allowance
        self.settings, self.clock, self.pool = settings or {}, place.clock, pool
        self.stopped = False
        self.coursedir = CourseDirectory(config=config, assignment_id=place.assignment)
        self._excluded = set(self.coursedir.student_id_exclude.split(","))
        self._publishing = Publishing(config, place.assignment, allowance, show_hidden)
        self._converter, self._sources, self._names, self._hidden = None, {}, [], set()
        self._queue, self._look_at = [], 0
        self._in_hand = {}  # student -> (Arrival, Handed), of those who are being judged
        self._logs, self._turns, self._turn = {}, defaultdict(int), 0
        self._collected = {}  # student -> key of what lies in submitted/
        self._done, self._told = set(), set()  # (student, key); lines that are told once
        self._trouble = {}  # (student, key) -> (seconds since the epoch when to try again, how long that was)

    def stop(self):
        """Let `run` end after the submissions in hand."""
        self.stopped = True

    def run(self, once=False):
        """Look and judge until `stop` is called; once: until there is nothing to do.

        Raises OSError where the folder can't be read from the first.
        """
        self.place.look()
        wait = TRY_AGAIN
        while not self.stopped:
            try:
                _Judging(self, once).start()
                wait = TRY_AGAIN
                if once:
                    return
            except (NbGraderException, NotJudged, OSError) as error:  # nobody can be judged here now
                self.tell("", "no judge", f"{in_a_sentence(error)} It is tried again in {wait} s.")
                if once:
                    return
                self._sleep(wait)
                wait = min(2 * wait, AT_MOST)
            finally:
                self._in_hand.clear()

    def _sleep(self, seconds):
        until = time.monotonic() + seconds
        while not self.stopped and time.monotonic() < until:
            time.sleep(0.2)

    def judge(self, converter, sources, limits, once):
        """Judge what comes with these sources, until they are others. Raises NotJudged."""
        times = self._times()
        self._converter, self._sources, self._hidden = converter, sources, hidden_tests(sources)
        self._names = [name for name, source in sources.items() if is_graded(source)]
        jobs = converter.jobs or cores()
        with self.pool(jobs, sources, limits, converter.unsafe, converter.judge) as pool:
            pool.probe(jobs)
            if why := pool.why_cold():
                self._once("", "cold", why)
            for event in pool.judge(self._submissions(times, once)):
                self._hear(event)

    def _times(self):
        """When the sources were changed."""
        folder = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", self.place.assignment))
        try:
            return {path: path.stat().st_mtime_ns for path in folder.glob("*.py")}
        except OSError:  # an editor is at it
            return {}

    def _submissions(self, times, once):
        """(student, parcel) of each that is to be judged, as long as there are any to come; None while nobody waits."""
        while not self.stopped and self._times() == times:
            job = self._next(once)
            if job is None and once and not self._in_hand:
                return
            yield job

    def _next(self, at_once):
        if at_once or time.monotonic() >= self._look_at:
            began, self._queue = time.monotonic(), []
            try:
                self._queue = self._look()
            except OSError as error:  # a network drive that comes and goes
                self._once("", "no look", in_a_sentence(error))
            self._look_at = time.monotonic() + max(LOOK_EVERY, REST * (time.monotonic() - began))
        while self._queue:
            arrival = self._queue.pop(0)
            parcel = self._attempt(self._begin, arrival)
            if parcel is not None:
                return arrival.student, parcel
        return None

    def _look(self):
        """Whoever may be judged now, in the order of their turns. What can be said without judging is said."""
        groups = defaultdict(list)
        for arrival in self.place.look():
            if arrival.student not in self._excluded:
                groups[arrival.student].append(arrival)
        for refusal in self.place.refusals:
            self._once("", "refused", refusal)
        older = [arrival for group in groups.values() for arrival in group[:-1] if _id(arrival) not in self._done]
        for arrival in [arrival for arrival in older if self._attempt(self._is_new, arrival)][:NOTES_AT_ONCE]:
            self._attempt(self._pass_over, arrival)
        newest = [group[-1] for group in groups.values() if group[-1].student not in self._in_hand]
        new = [arrival for arrival in newest if self._attempt(self._is_new, arrival)]
        due = [arrival for arrival in new if self._attempt(self._is_due, arrival)]
        return sorted(due, key=lambda arrival: (self._turns[arrival.student], arrival.came))

    def _is_new(self, arrival):
        """Is anything left to be done for it? What was done stays done, unless something else took its place since."""
        log = self._log(arrival)
        state = log.states.get(arrival.key)
        replaced = self.place.replaces and log.last not in (None, arrival.key)
        if self._trouble.get(_id(arrival), (0,))[0] > self.clock():
            return False
        if arrival.student in self._in_hand or (_id(arrival) in self._done and not replaced):
            return False
        if state == WAITING or (state and replaced) or (state is None and not self._publishing.is_named(arrival)):
            return True
        # What is out without a line in the log was released by somebody, and is more than what is shown here.
        if not self._publishing.is_out(arrival, self._names):
            return True
        self._done.add(_id(arrival))
        return False

    def _is_due(self, arrival):
        """Take it in. May it be judged now?"""
        if self._collected.get(arrival.student) != arrival.key:
            self._collect(arrival)
            self._collected[arrival.student] = arrival.key
        log = self._log(arrival)
        until = self.allowance.free_from(log)
        counted = log.states.get(arrival.key) in (FEEDBACK, WITHOUT)
        if counted or self.allowance.exhausted(log) or not until or until <= utc(self.clock()):
            return True
        if log.states.get(arrival.key) != WAITING:
            log.note(arrival.key, WAITING, utc(self.clock()))
            self._publishing.wait(arrival, self._names, until)
            self.tell(arrival.student, "waits", f"until {self._publishing.told(until)}; it is collected")
        return False

    def _collect(self, arrival):
        target = self._target(arrival)
        if target.exists() and target.samefile(arrival.folder):
            return
        if target.is_dir() and _notes(target) == _notes(arrival.folder):
            return
        if left := collect(arrival.folder, target, self.coursedir):
            self.tell(arrival.student, "collected", left)

    def _begin(self, arrival):
        """The parcel of a submission that is to be judged; None where there is nothing to judge any more."""
        self._turn += 1
        self._turns[arrival.student] = self._turn
        target = self._target(arrival)
        if not self._converter.needs_judging(arrival.student, target, self._sources):
            self._answer(arrival)
            return None
        if not self._converter.begins(arrival.student, target):
            raise NbGraderException(self._converter.troubles[arrival.student])
        self._in_hand[arrival.student] = arrival, self._converter.look_at(arrival.student, target)
        return pack(target, self._sources)

    def _hear(self, event):
        """Write down what a submission came to, and answer."""
        if isinstance(event, Again):
            self.tell(event.name, "again", f"{event.reason} It is tried once more, alone.")
        elif isinstance(event, SetAside):
            self._later(self._in_hand.pop(event.name)[0], event.reason)
        elif isinstance(event, Done):
            arrival, handed = self._in_hand.pop(event.name)

            def write(arrival):
                target, judgement = self._target(arrival), from_bytes(event.outcome)
                self._converter.write_down(arrival.student, target, handed, judgement, self._sources)
                self._answer(arrival)

            self._attempt(write, arrival)

    def _answer(self, arrival):
        """Give feedback, as far as the course allows."""
        log = self._log(arrival)
        state = log.states.get(arrival.key)
        if state not in (FEEDBACK, WITHOUT):
            state = WITHOUT if self.allowance.exhausted(log) else FEEDBACK
        if (log.last, log.states.get(arrival.key)) != (arrival.key, state):
            log.note(arrival.key, state, utc(self.clock()))
        if state == FEEDBACK:
            self._publishing.show(arrival, log, self._hidden)
            detail = f"attempt {log.number(arrival.key)}"
        else:
            self._publishing.refuse(arrival, self._names)
            detail = "all attempts are made: no feedback"
        self._done.add(_id(arrival))
        self._trouble.pop(_id(arrival), None)
        judged, points = self._outcome(arrival)
        self.tell(arrival.student, judged, f"{points}  {_duration(self.clock() - arrival.came)}  {detail}")

    def _pass_over(self, arrival):
        """Say that a newer one was judged in its place."""
        log = self._log(arrival)
        if log.states.get(arrival.key) != FEEDBACK:  # which was being made when somebody stopped it
            log.note(arrival.key, PASSED_OVER, utc(self.clock()))
        self._publishing.pass_over(arrival, self._names)
        self._done.add(_id(arrival))
        self.tell(arrival.student, "passed over", "a newer one is there")

    def _attempt(self, function, arrival):
        """What function(arrival) returns. What goes wrong with one is told, and stops no other."""
        try:
            return function(arrival)
        except Exception as error:
            self._in_hand.pop(arrival.student, None)
            self._later(arrival, in_a_sentence(error))
            return None

    def _later(self, arrival, trouble):
        _, before = self._trouble.get(_id(arrival), (0, 0))
        wait = min(2 * before or TRY_AGAIN, AT_MOST)
        self._trouble[_id(arrival)] = self.clock() + wait, wait
        self.tell(arrival.student, "not judged", f"{trouble} It is tried again in {wait} s.")

    def _outcome(self, arrival):
        """(state, points of possible points) as the record has them."""
        path = record_path(self.coursedir, arrival.assignment, arrival.student)
        record = json.loads(path.read_text(encoding="utf-8"))
        return record["state"], f"{record['points']:g} of {record['possible']:g}"

    def _target(self, arrival):
        step = self.coursedir.submitted_directory
        return Path(self.coursedir.format_path(step, arrival.student, arrival.assignment))

    def _log(self, arrival):
        if arrival.student not in self._logs:
            path = record_path(self.coursedir, arrival.assignment, arrival.student).with_suffix(".attempts")
            self._logs[arrival.student] = Attempts(path)
        return self._logs[arrival.student]

    def _once(self, student, state, details):
        if (student, state, details) not in self._told:
            self._told.add((student, state, details))
            self.tell(student, state, details)


class _Judging(JudgedAutograde):
    """nbgrader's way to the sources and the gradebook, for a Watch."""

    def __init__(self, watch, once):
        super().__init__(coursedir=watch.coursedir, config=watch.config, **watch.settings)
        self.watch, self.once = watch, once

    def init_notebooks(self):
        """There is nobody yet."""
        self._refuse_what_it_cannot_do()

    def convert_notebooks(self):
        """Judge whoever comes. Raises NbGraderException, NotJudged."""
        self.watch.judge(self, self._sources(), self._limits(), self.once)


def place(config, assignment, folder=None, clock=time.time):
    """Where submissions arrive: an Exchange, or a Folder where one is named."""
    course = CourseDirectory(config=config)
    if folder:
        return inbound.Folder(course, folder, assignment, clock)
    exchange = ExchangeCollect(coursedir=course, config=config)
    path = Path(exchange.root, course.course_id, "inbound")
    return inbound.Exchange(path, assignment, exchange.check_owner, clock)


def _id(arrival):
    return arrival.student, arrival.key


def _notes(folder):
    """What tells one submission from another."""
    handed = handing_in.look_at(folder)
    return handed.files, handed.note, handing_in.read_note(folder / "submission_secret.txt")


def _duration(seconds):
    if seconds < 600:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
