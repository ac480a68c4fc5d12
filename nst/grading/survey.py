"""Who is there, what has become of everybody's submission, and what somebody should know about it.

Students and their points are the gradebook's to say (points.py). The judge's records in judged/ say how a mark came
about (evidence.py), and submitted/ who waits for one. Whichever of them cannot be read, everybody gets a row: it, or a
sentence below, says what is wrong.
"""

import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from nst.grading.evidence import Record, fingerprints, points_of, read_record, tests_of
from nst.grading.handing_in import handed_in_again, noted
from nst.grading.intake.listing import HARMLESS
from nst.grading.intake.reading import UnreadableError, some
from nst.grading.points import Book, GradebookError, Standing, by_exercise, read_book

COLUMNS = ("student", "state", "points", "of", "no points for", "late", "by hand", "repaired", "flagged", "reason")
#: Columns that are shown only where somebody has something in them.
RARE = ("late", "by hand")
#: What a submission may have come to, the best first.
STATES = ("graded", "partial", "quarantined", "no record", "not judged", "missing")


class Place(NamedTuple):
    """Where a course keeps what a survey needs: two folders, and the address of the gradebook.

    autograded, feedback: two more, with the notebooks that pages show and link to.
    """

    judged: Path
    submitted: Path
    gradebook: str
    autograded: Path | None = None
    feedback: Path | None = None


@dataclass
class Row:
    """A student. state: one of STATES. of: points possible. standing: None where there is no mark. reasons: sentences.

    row["points"] is what stands in a column, "" for nothing.
    """

    student: str
    state: str
    of: float
    standing: Standing | None = None
    record: Record | None = None
    reasons: list[str] = field(default_factory=list)

    def __getitem__(self, column):
        if column in ("student", "state"):
            return getattr(self, column)
        if column == "reason":
            return " ".join(self.reasons)
        if column in ("repaired", "flagged"):
            sentences = self.record and {"repaired": self.record.repairs, "flagged": self.record.flags}[column]
            return "" if sentences is None else len(sentences)
        if self.standing is None:
            return ""
        if column == "no points for":
            return ", ".join(self._lost())
        if column == "by hand":
            return sum(grade.by_hand for grade in self.standing.grades) or ""
        return {"points": self.standing.points, "of": self.of, "late": -self.standing.penalty or ""}[column]

    @property
    def changes(self):
        """Sentences about what hands and the clock have made of the judge's points."""
        sentences = []
        for grade in self.standing.grades if self.standing else ():
            if grade.manual is not None:
                judged = "" if grade.auto is None else f", where the judge gave {_figure(grade.auto)}"
                sentences.append(f"{grade.name}: {_figure(grade.manual)} by hand{judged}.")
            if grade.extra and grade.given:
                sentences.append(f"{grade.name}: {_figure(grade.extra)} extra.")
        if self.standing and self.standing.penalty:
            sentences.append(f"Late: {_figure(self.standing.penalty)} off.")
        return sentences

    @property
    def hashes(self):
        """(file or notebook, hash) of what was judged, and with which tests."""
        return [] if self.record is None else [*self.record.submission.items(), *(self.record.tests or {}).items()]

    def _lost(self):
        """Exercises that have fewer points than there are, as the tests of a notebook stand."""
        order = {test: number for number, test in enumerate(self.record.order)} if self.record else {}
        notebooks = {}
        for grade in sorted(self.standing.grades, key=lambda grade: order.get(grade[:2], len(order))):
            if grade.given:
                notebooks.setdefault(grade.notebook, {})[grade.name] = grade.score, grade.possible
        exercises = [exercise for _, points in sorted(notebooks.items()) for exercise in by_exercise(points).items()]
        return dict.fromkeys(name for name, (got, possible) in exercises if got < possible)


@dataclass
class Survey:
    """rows: a Row a student, sorted. notices: sentences about the class. problems: about what could not be read.

    has_points: could the gradebook be read? place: where all this was found.
    """

    assignment: str
    rows: list[Row]
    notices: list[str]
    problems: list[str]
    has_points: bool
    place: Place

    @property
    def columns(self):
        """Names of the columns that are shown."""
        return [name for name in COLUMNS if name not in RARE or any(row[name] != "" for row in self.rows)]


class UnknownAssignmentError(Exception):
    """An assignment that is nowhere; one sentence that names those which are somewhere."""


def survey(place, assignment, sources, troubles, known=()):
    """The Survey of an assignment, whatever state the files are in that it is made from.

    place: a Place. sources: name -> source notebook; {} where there are none. troubles: student -> a sentence, of those
    whom the judge has just failed to judge; they keep the mark that they had. known: assignments known otherwise.

    Raises UnknownAssignmentError.
    """
    surveyor = _Surveyor(place, assignment, sources, troubles)
    assignments = sorted({*known, *surveyor.book.assignments})
    if not _is_name(assignment) or (assignment not in assignments and not surveyor.traces):
        there = f"there are: {', '.join(assignments)}." if assignments else "`nst release` makes the first."
        raise UnknownAssignmentError(f"There is no assignment {assignment!r}; {there}")
    return Survey(assignment, surveyor.rows, surveyor.notices, surveyor.problems, surveyor.readable, place)


class _Surveyor:
    """Looks at everything once."""

    def __init__(self, place, assignment, sources, troubles):
        self.place, self.assignment, self.troubles = place, assignment, troubles
        self.tests, self.points, self.judged = fingerprints(sources), points_of(sources), tests_of(sources)
        self.notices, self.problems = [], []
        self.changed, self.again, self.older, self.removed = [], [], [], []
        try:
            self.book, self.readable = read_book(place.gradebook, assignment), True
        except GradebookError as error:
            self.book, self.readable = Book([], {}, 0.0, {}), False
            self.problems.append(f"{error} There are no points without it, and no file for a learning platform.")
        submitted = self._students(place.submitted, assignment)
        judged = self._students(place.judged, f"{assignment}.json")
        # A record makes nobody a student: it stays behind where one is removed from the gradebook.
        students = {*self.book.students, *submitted, *troubles, *(() if self.readable else judged)}
        self.traces = {*submitted, *judged, *troubles}
        self.rows = [row for student in sorted(students) if (row := self._row(student, student in submitted))]
        self.removed += [student for student in sorted(judged) if student not in students]
        self._tell_of_the_class()

    def _students(self, folder, name):
        """Names of the folders in a folder that hold a file or folder of this name."""
        try:
            with os.scandir(folder) as entries:
                # What begins with a dot is some program's, and no student.
                found = {entry.name: os.path.isdir(entry) for entry in entries if not entry.name.startswith(".")}
        except FileNotFoundError:
            return set()
        except OSError as error:
            self.problems.append(f"{folder} cannot be opened ({type(error).__name__}): see to whom it belongs.")
            return set()
        odd = [student for student, is_folder in found.items() if not is_folder and not HARMLESS.fullmatch(student)]
        odd = sorted({*odd} - self.troubles.keys())
        if odd and folder == self.place.submitted:
            self.notices.append(f"{folder} should hold a folder for each student; these are none: {_names(odd)}.")
        return {student for student, is_folder in found.items() if is_folder and _is_there(folder / student / name)}

    def _row(self, student, is_handed_in):
        """The Row of a student; None for one who was removed from the gradebook."""
        row = Row(student, "missing", self.book.of, self.book.students.get(student))
        unreadable = ""
        try:
            row.record = read_record(self._path(student)) if _is_name(student) else None
        except UnreadableError as error:
            unreadable = f"{self._said(student)} {error}; `{self._command(student)}` writes it again."
        folder = self.place.submitted / student / self.assignment
        again = is_handed_in and row.record is not None and self._is_again(folder, student)
        unknown = self.readable and student not in self.book.students and student not in self.troubles
        if unknown and (unreadable or (row.record and not again)):
            self.removed.append(student)
            return None
        if self.readable and row.standing is None:
            row.record, unreadable = None, ""
        if row.record:
            row.state = row.record.state
            row.reasons += row.record.reasons
        elif row.standing or unreadable:
            row.state = "no record"
            row.reasons.append(unreadable or f"There is no {self._said(student)}, which says how a mark came about.")
            self.problems += [unreadable] if unreadable else []
        elif is_handed_in:
            row.state = "not judged"
            row.reasons.append(f"`{self._command()}` judges it, or says why not.")
        row.reasons += self._since(row, again)
        if student in self.troubles:
            row.state = "not judged"
            row.reasons.insert(0, self.troubles[student])
        return row

    def _is_again(self, folder, student):
        judged = noted(self._path(student))
        return handed_in_again(folder, judged, judged and judged.time)

    def _since(self, row, again):
        """Sentences about what has happened since a mark was given."""
        grades, tests = row.standing.grades if row.standing else [], row.record and row.record.tests
        if again and row.record:
            self.again.append(row.student)
            yield "Handed in again since."
        if row.record and tests is None:
            self.older.append(row.student)
        if (tests and self.tests and tests != self.tests) or not all(map(self._fits, grades)):
            self.changed.append(row.student)
            yield "Its tests or points have changed since."
        new = [grade.name for grade in grades if grade.waiting and not grade.given and grade[:2] not in self.judged]
        old = [grade.name for grade in grades if grade.waiting and grade.manual is not None]
        if new:
            yield f"To be graded by hand: {', '.join(new)}."
        if old:
            yield f"Judged again since points were given by hand: {', '.join(old)}."

    def _fits(self, grade):
        """Was a test judged, and for as many points as it has now, in the gradebook and in the sources?"""
        possible = self.points.get(grade[:2], grade.possible if not self.points else None)
        judged = grade.auto is not None or grade[:2] not in self.judged
        return judged and possible == grade.possible and grade.auto in (None, 0.0, grade.possible)

    def _tell_of_the_class(self):
        differing = [
            f"{name} {_figure(self.points.get((notebook, name)))} and {_figure(self.book.cells.get((notebook, name)))}"
            for notebook, name in sorted(self.points.keys() | self.book.cells.keys())
            if self.points.get((notebook, name)) != self.book.cells.get((notebook, name))
        ]
        if not self.rows:
            place = f"{self.place.submitted.name}/<student>/{self.assignment}/"
            self.notices.append(f"Nobody is there yet; what they hand in belongs in {place}.")
        release = f"nst release {shlex.quote(self.assignment)}"
        force = f"`{self._command()} --force` judges them again."
        if self.points and self.book.cells and differing:
            self.notices.append(
                f"The points in answers/ and in the gradebook differ ({some(differing)}): `{release}` brings them into "
                f"the gradebook, and then {force}"
            )
        for students, sentence, advice in (
            (self.changed, "Tests or points have changed since these marks were given", f"; {force}"),
            (self.again, "Handed in again since they were judged", f"; `{self._command()}` judges them."),
            (self.older, "Judged before records said whether tests have changed", f"; {force}"),
            (self.removed, "Records in judged/ of students whom the gradebook no longer has", "."),
        ):
            if students:
                self.notices.append(f"{sentence}: {_names(students)}{advice}")

    def _path(self, student):
        return self.place.judged / student / f"{self.assignment}.json"

    def _said(self, student):
        return f"{self.place.judged.name}/{student}/{self.assignment}.json"

    def _command(self, student=None):
        command = f"nst grade {shlex.quote(self.assignment)}"
        if student is None:
            return command
        return f"{command} --student{'=' if student.startswith('-') else ' '}{shlex.quote(student)} --force"


def _is_name(text):
    """Is this a name of a file or a folder, and no way to elsewhere?"""
    return text not in ("", ".", "..") and os.sep not in text and "\0" not in text


def _is_there(path):
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # it is there, and somebody else's
    return True


def _names(students):
    return some(sorted(students))


def _figure(points):
    return "none" if points is None else f"{points:g}"
