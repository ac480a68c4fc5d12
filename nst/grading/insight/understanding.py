"""What the class has not understood: of every exercise who is right, who made which mistake, who has nothing written.

Functions and tests are counted here, and points nowhere: those are the gradebook's.
"""

from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from nst.grading.arrivals.attempts import Attempts
from nst.grading.evidence import NO_NOTEBOOK, NOT_WRITTEN, WAITS
from nst.grading.insight.outcomes import group
from nst.grading.insight.tasks import Task, tasks_in, tasks_of

#: What a student may have made of an exercise: right; wrong, in a way that has a name, or none yet; held up by another
#: exercise; nothing written; wrong, and judged before records said how.
RIGHT, NAMED, UNNAMED, WAITING, BLANK, UNKNOWN = STATES = (
    "right",
    "named",
    "unnamed",
    "waiting",
    "blank",
    "unknown",
)


class Seen(NamedTuple):
    """What a student has made of an exercise. named: names of misunderstandings; outcome: see judgement.Mark."""

    state: str
    named: tuple[str, ...] = ()
    outcome: str = ""


class Group(NamedTuple):
    """Students who have made the same mistake. name: of the misunderstanding, or else the outcome."""

    name: str
    students: list[str]


@dataclass
class Exercise:
    """task: a Task. seen: student -> Seen, in the order of the students."""

    task: Task
    seen: dict[str, Seen] = field(default_factory=dict)

    @cached_property
    def counts(self):
        """State -> how many students, of all STATES."""
        counted = Counter(seen.state for seen in self.seen.values())
        return {state: counted[state] for state in STATES}

    @property
    def of(self):
        """How many students there are."""
        return len(self.seen)

    @cached_property
    def named(self):
        """A Group for each misunderstanding, the largest first. Who made two at once is in both."""
        found = defaultdict(list)
        for student, seen in self.seen.items():
            for name in dict.fromkeys(seen.named):
                found[name].append(student)
        return sorted((Group(*item) for item in found.items()), key=lambda it: (-len(it.students), it.name))

    @cached_property
    def unnamed(self):
        """A Group for each outcome that has no name, the largest first."""
        outcomes = {student: seen.outcome for student, seen in self.seen.items() if seen.state == UNNAMED}
        return [Group(outcomes[students[0]], students) for students in group(outcomes)]

    def who(self, state):
        """The students in a state."""
        return [student for student, seen in self.seen.items() if seen.state == state]


@dataclass
class Understanding:
    """assignment: its name. made: when. exercises: as they stand in the notebooks.

    times: student -> when they handed in, naive UTC, None where nobody knows. attempts: student -> how often they had
    feedback from `nst watch`, of those who had any.
    """

    assignment: str
    made: datetime
    exercises: list[Exercise]
    times: dict[str, datetime | None]
    attempts: dict[str, int]

    @property
    def students(self):
        """Names, sorted."""
        return list(self.times)


def understand(survey, sources):
    """The Understanding of an assignment. survey: its Survey; sources: name -> source notebook, {} if there are none.

    Only students whose submission has been judged are in it.
    """
    records = {row.student: row.record for row in survey.rows if row.record}
    tasks = tasks_of(sources) or tasks_in(records.values())
    exercises = [Exercise(task) for task in tasks]
    for student, record in records.items():
        findings = {finding[:2]: finding for finding in record.findings}
        blanks = {task.answer for task in tasks if task.answer in record.unanswered}
        for exercise in exercises:
            exercise.seen[student] = _seen(exercise.task, findings, blanks)
    times = {student: _time(record.handed_in) for student, record in records.items()}
    return Understanding(survey.assignment, datetime.now(), exercises, times, _attempts(survey, records))


def _seen(task, findings, blanks):
    """What one student has made of a Task. blanks: the answers where nothing is written."""
    found = [findings[task.notebook, test] for test in task.tests if (task.notebook, test) in findings]
    failed = [finding for finding in found if not finding.passed]
    if found and not failed:
        return Seen(RIGHT)
    if failed and task.answer and task.answer in blanks:
        return Seen(BLANK)
    if not found or any(finding.named is None for finding in failed):
        return Seen(UNKNOWN)
    for finding in failed:
        if finding.named:
            return Seen(NAMED, finding.named)
    outcome = failed[0].outcome
    if outcome == NO_NOTEBOOK or (outcome == NOT_WRITTEN and not blanks):
        return Seen(BLANK)
    if outcome == NOT_WRITTEN or outcome.startswith(WAITS):
        return Seen(WAITING)
    return Seen(UNNAMED, outcome=outcome)


def _attempts(survey, students):
    """Student -> how often they had feedback from `nst watch`, of those who had any."""
    found = {}
    for student in students:
        with suppress(OSError, ValueError):
            log = Attempts(survey.place.judged / student / f"{survey.assignment}.attempts")
            found[student] = len(log.given)
    return {student: number for student, number in found.items() if number}


def _time(text):
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if time.tzinfo else time
