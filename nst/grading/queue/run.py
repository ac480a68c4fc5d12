"""One run over a class: the same submission is judged once, and not at all where the journal has its outcome."""

from typing import NamedTuple

from nst.grading.queue.keys import job_key
from nst.grading.queue.pool import Again, Done, Started

#: How an outcome was come by: by judging, from the same submission of somebody else's, from a run that was stopped.
JUDGED, SHARED, KEPT = "judged", "shared", "kept"


class Outcome(NamedTuple):
    """What a student's submission came to. key: its job's. outcome: bytes. how: JUDGED, SHARED or KEPT."""

    name: str
    key: str
    outcome: bytes
    how: str


class Run:
    """Take the submissions of an assignment through a pool.

    pool: has `judge`, as Pool has. journal: Journal. release, judge: keys. anew: judge what the journal has, too.
    tell: is called with what happens, in the process that runs this, one after another: Started, Again, Outcome or
    SetAside, with the student as `name`. It may raise; what is done until then is in the journal.
    """

    def __init__(self, pool, journal, release, judge, tell, anew=False):
        self.pool, self.journal, self.release, self.judge = pool, journal, release, judge
        self.tell, self.anew = tell, anew
        self._asking = {}  # key -> the students who wait for its outcome, the first being the one who is judged
        self._own = set()  # keys that this run has judged

    def go(self, submissions):
        """Judge all of an iterable of (student, parcel), of which no more is taken than can be judged at once."""
        for event in self.pool.judge(self._to_judge(submissions)):
            if isinstance(event, Started | Again):
                self.tell(event._replace(name=self._asking[event.name][0]))
                continue
            students = self._asking.pop(event.name)
            if isinstance(event, Done):
                # First the journal, then the gradebook: whoever is stopped in between goes on from here.
                self.journal.keep(event.name, event.outcome)
                self._own.add(event.name)
                for number, student in enumerate(students):
                    self.tell(Outcome(student, event.name, event.outcome, SHARED if number else JUDGED))
            else:
                for student in students:
                    self.tell(event._replace(name=student))

    def _to_judge(self, submissions):
        for student, parcel in submissions:
            key = job_key(parcel, self.release, self.judge)
            own = key in self._own
            kept = self.journal.outcome(key) if own or not self.anew else None
            if kept is not None:
                self.tell(Outcome(student, key, kept, SHARED if own else KEPT))
            elif key in self._asking:
                self._asking[key].append(student)
            else:
                self._asking[key] = [student]
                yield key, parcel
