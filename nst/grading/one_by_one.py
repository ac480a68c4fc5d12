"""What the course's converters have in common: they go through students one by one, and what goes wrong with one of
them is told and stops no other."""

import traceback
from contextlib import contextmanager
from pathlib import Path

from nbgrader.converters.base import NbGraderException

from nst.grading import replacing
from nst.grading.intake.reading import some


class OneByOne:
    """To be put before a converter of nbgrader's.

    troubles: student -> why nothing came of them, a sentence, once it has run.
    """

    _verdict = "{} failed"
    _new = None  # the folder that is being made in place of another

    def __init__(self, coursedir=None, **kwargs):
        super().__init__(coursedir=coursedir, **kwargs)
        self.troubles = {}

    def _go_through(self, students, convert):
        """Call convert(student) for each. Raises NbGraderException, one sentence, if there is any trouble."""
        for student in students:
            self.attempt(convert, student)
        self.raise_troubles()

    def raise_troubles(self):
        """Raises NbGraderException, one sentence, if there is any trouble."""
        if self.troubles:
            named = [f"{student!r} ({trouble.rstrip('.')})" for student, trouble in sorted(self.troubles.items())]
            raise NbGraderException(f"{self._verdict}: {some(named)}.")

    def attempt(self, function, student):
        """What function(student) returns; None where it raises, which is told."""
        try:
            return function(student)
        except KeyboardInterrupt:
            self.log.error("Canceled")
            raise
        except Exception as error:
            self.log.debug("What went wrong with %r", student, exc_info=True)
            self.tell(student, in_a_sentence(error))
            return None

    def _included(self, students):
        """Those of a dict by student whom nbgrader's student_id_exclude does not name."""
        excluded = self.coursedir.student_id_exclude.split(",")
        return {student: value for student, value in students.items() if student not in excluded}

    @contextmanager
    def _new_folder(self, target):
        """A folder that will take the target's place when `replacing.put` is called; nbgrader's methods write there."""
        self._new = replacing.begin(target)
        try:
            yield self._new
        except Exception:
            replacing.give_up(target)
            raise
        finally:
            self._new = None

    def _format_dest(self, assignment_id, student_id, escape=False):
        return str(self._new or super()._format_dest(assignment_id, student_id, escape))

    def tell(self, student, trouble):
        """Nothing comes of this student, for that reason: a sentence."""
        self.troubles[student] = trouble
        self.log.error("%s: %r. %s", self._verdict, student, trouble)

    def _fail(self, message):
        self.log.error("%s", message)
        raise NbGraderException(message)


def in_a_sentence(error):
    """An exception as one sentence that says what to do."""
    said = " ".join(str(error).split())
    if isinstance(error, OSError):
        return f"This machine refused something that is needed ({said}): mend that, and say the same again."
    if said.endswith("."):
        return said
    where = traceback.extract_tb(error.__traceback__)[-1]
    met = f"{type(error).__name__}: {said}, in {Path(where.filename).name}, line {where.lineno}"
    return f"The grader met something that nobody has thought of ({met}): please report it."
