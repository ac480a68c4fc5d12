"""What a student finds of an answer: pages made, and put where their own `nbgrader fetch_feedback` looks for them.

A page is called by a hash of the submission's secret, which only that student has, so nobody finds another's.
"""

import glob
import os
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import as_timezone, notebook_hash

from nst.grading import handing_in
from nst.grading.arrivals.early import STEP, EarlyFeedback, FullFeedback, Notices

WAITS = (
    "Your submission of {label} has arrived. Its feedback comes after {time}, since {minutes:g} minutes lie between "
    "two attempts. You can still hand in a better version: the last one that you hand in counts."
)
WITHOUT = (
    "Your submission of {label} has arrived and is judged. There is no feedback on it, since you have had feedback on "
    "{attempts} attempts, which are all. The last version that you hand in counts."
)
PASSED_OVER = (
    "Before this submission was judged, you handed in a newer one: the feedback is with that one. The last version "
    "that you hand in counts."
)
VISIBLE = (
    "Here is what the tests that you have say of your answers. Your mark counts further tests too, and you see it when "
    "your instructor releases it. The last version that you hand in counts."
)
NUMBER = "This was attempt {number} of {attempts}."
NEXT = "Feedback on another version comes after {time}."
LAST = "This was the last attempt with feedback, number {attempts}. You can still hand in."


class _Release(ExchangeReleaseFeedback):
    """nbgrader's release of feedback, for which a student's name is a pattern; here it is a name."""

    def init_src(self):
        """Where the pages are."""
        super().init_src()
        self.src_path = glob.escape(self.src_path)


class Publishing:
    """Makes and releases the pages of one assignment.

    config: nbgrader's. allowance: an Allowance. show_hidden: are the pages nbgrader's full ones?
    """

    def __init__(self, config, assignment, allowance, show_hidden=False):
        self.config, self.assignment, self.allowance, self.show_hidden = config, assignment, allowance, show_hidden
        self._step = CourseDirectory(config=config).feedback_directory if show_hidden else STEP
        course = self._course(STEP)
        self._notices = Notices(coursedir=course, config=config)
        exchange = ExchangeReleaseFeedback(coursedir=course, config=config)
        self._zone = exchange.timezone
        self._to = Path(exchange.root, course.course_id, "feedback")

    def is_out(self, arrival, names):
        """Can the student see pages for this submission? names: of the graded notebooks.

        Without a secret pages lie there in the student's name, and may be those of another submission of theirs.
        """
        secret = self._secret(arrival)
        if secret:
            places = [[self._to / f"{notebook_hash(secret=secret, notebook_id=name)}.html" for name in names]]
        else:
            places = [[self._pages(arrival, step) / f"{name}.html" for name in names] for step in (self._step, STEP)]
        return any(all(page.is_file() for page in pages) for pages in places)

    def is_named(self, arrival):
        """Are pages called by this submission's own secret?"""
        return self._secret(arrival) is not None

    def show(self, arrival, log, hidden):
        """Put the feedback where the student finds it. log: their Attempts, with this one in it; hidden: a set, as of
        `hidden_tests`. Raises NbGraderException, OSError."""
        course = self._course(self._step, arrival.student)
        if self.show_hidden:
            pages = FullFeedback(coursedir=course, config=self.config)
        else:
            note = self._note(arrival, log)
            pages = EarlyFeedback(coursedir=course, config=self.config, note=note, hidden=hidden, force=True)
        pages.start()
        places = self._pages(arrival, self._step), arrival.folder
        made, theirs = (handing_in.read_note(place / "submission_secret.txt") for place in places)
        if made != theirs:
            raise NbGraderException("Another submission was judged in the meantime: this one is judged again.")
        self._release(arrival, self._step)

    def wait(self, arrival, names, until):
        """Say until when the feedback waits, a naive UTC time."""
        words = WAITS.format(
            label=self.told(arrival.time, seconds=True), time=self.told(until), minutes=self.allowance.minutes
        )
        self._say(arrival, names, words)

    def refuse(self, arrival, names):
        """Say that there is no feedback any more."""
        self._say(
            arrival,
            names,
            WITHOUT.format(label=self.told(arrival.time, seconds=True), attempts=self.allowance.attempts),
        )

    def pass_over(self, arrival, names):
        """Say that a newer one was judged in its place."""
        self._say(arrival, names, PASSED_OVER)

    def _say(self, arrival, names, sentence):
        self._notices.write(arrival.student, arrival.folder, names, sentence)
        self._release(arrival, STEP)

    def _note(self, arrival, log):
        attempts, number = self.allowance.attempts, log.number(arrival.key)
        sentences = [VISIBLE]
        if attempts and number >= attempts:
            sentences.append(LAST.format(attempts=attempts))
        else:
            if attempts:
                sentences.append(NUMBER.format(number=number, attempts=attempts))
            if until := self.allowance.free_from(log):
                sentences.append(NEXT.format(time=self.told(until)))
        return " ".join(sentences)

    def _release(self, arrival, step):
        if self._secret(arrival):
            try:
                _Release(coursedir=self._course(step, arrival.student), config=self.config).start()
            except ExchangeError as error:
                raise NbGraderException(
                    f"nbgrader cannot release feedback there: mend what it says ({error})."
                ) from None

    def _secret(self, arrival):
        """The secret by which nbgrader finds feedback; None where it can't, and pages are left for other ways."""
        if not self._to.parent.is_dir():
            return None
        return handing_in.read_note(arrival.folder / "submission_secret.txt")

    def _pages(self, arrival, step):
        return Path(os.path.normpath(self._course(step).format_path(step, arrival.student, arrival.assignment)))

    def _course(self, step, student="*"):
        settings = {"assignment_id": self.assignment, "student_id": student, "feedback_directory": step}
        return CourseDirectory(config=self.config, **settings)

    def told(self, when, seconds=False):
        """A naive UTC time as nbgrader's setting of the exchange has it, a text."""
        when = as_timezone(when, self._zone)
        return f"{when:{'%Y-%m-%d %H:%M:%S' if seconds else '%Y-%m-%d %H:%M'}} {when.tzname() or 'UTC'}"


def utc(seconds):
    """Seconds since the epoch as a naive UTC datetime."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
