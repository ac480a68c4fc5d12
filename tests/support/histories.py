"""Random histories of marks: what people do to a course, in any order, and what the numbers must be after each step.

`Histories` is a state machine for Hypothesis. Its rules act on a TinyCourse and on `Model`, a page of arithmetic. After
each step report, CSV file, gradebook, `nbgrader export`, feedback and the formgrader's lists must all say what the
model says. As long as nothing has happened that stock nbgrader gets wrong, a twin of the course is graded by nbgrader's
own converters, and must have the same numbers too.
"""

import copy
import csv
import hashlib
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from nbformat.v4 import new_output
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)

from nst.course.release import read_source, write_source_notebooks
from nst.grading import judge as judging
from nst.grading import probe as probing
from nst.grading.report import as_text, write_csv
from nst.grading.survey import Place, survey
from tests.support.tiny_course import EXERCISES, RIGHT, TinyCourse

STUDENTS = ("ann", "李", "s[2]")
CELLS = [(notebook, kind) for notebook in EXERCISES for kind in ("test", "hidden")]
SETTINGS = 'c.LateSubmissionPlugin.penalty_method = "zero"'

#: What is handed in as an answer: right, wrong, or no notebook.
ANSWERS = st.sampled_from([True, True, False, None])


# The model ----------------------------------------------------------------------------------------------------------


@dataclass
class Marks:
    """What the gradebook should hold of a submission; a cell is (notebook, "test" or "hidden")."""

    when: datetime
    auto: dict = field(default_factory=dict)
    manual: dict = field(default_factory=dict)
    extra: dict = field(default_factory=dict)
    penalty: dict = field(default_factory=dict)
    waiting: set = field(default_factory=set)
    extension: timedelta = timedelta()

    def score(self, notebook):
        """Points of a notebook before any penalty."""
        cells = [cell for cell in CELLS if cell[0] == notebook]
        return sum(self.manual.get(cell, self.auto[cell]) + self.extra.get(cell, 0) for cell in cells)

    @property
    def total(self):
        """What nbgrader exports."""
        return max(0.0, sum(map(self.score, EXERCISES)) - sum(self.penalty.values()))


class Model:
    """What the numbers must be: points, penalties and who is there, and nothing of how they are kept."""

    def __init__(self):
        self.points = {cell: 2.0 if cell[1] == "test" else 3.0 for cell in CELLS}
        self.names = {cell: f"{cell[1]}_{EXERCISES[cell[0]]}" for cell in CELLS}
        self.released = dict(self.points), dict(self.names)
        self.due = None
        self.handed, self.judged = {}, {}  # student -> (answers, when): what lies there, and what was judged last
        self.marks = {}  # student -> Marks, of whom the gradebook knows a submission
        self.known = set()  # students of the gradebook

    @property
    def is_released(self):
        """Does the gradebook have the tests as answers/ has them?"""
        return self.released == (self.points, self.names)

    def release(self):
        """`nst release`."""
        self.released = dict(self.points), dict(self.names)

    def grade(self, force):
        """`nst grade`: students who were judged."""
        waiting = [s for s, handed in self.handed.items() if force or self.judged.get(s) != handed]
        for student in waiting:
            answers, when = self.judged[student] = self.handed[student]
            marks = self.marks.setdefault(student, Marks(when))
            self.known.add(student)
            marks.when = when
            for cell in CELLS:
                marks.auto[cell] = self.points[cell] if answers[cell[0]] else 0.0
            marks.waiting = set(marks.manual)
            late = self.due is not None and when > self.due + marks.extension
            marks.penalty = {notebook: max(0.0, marks.score(notebook)) for notebook in EXERCISES} if late else {}
        return waiting

    @property
    def of(self):
        """Points possible."""
        return sum(self.released[0].values())


# The judge, asked once for each pair of a submission and tests ------------------------------------------------------

_judgements = {}


def remembering(judge):
    """A judge that is asked only for what it has not judged before; judging depends on nothing else."""

    def remembered(folder, sources, *limits):
        files = sorted((path.name, path.read_bytes()) for path in Path(folder).glob("*.ipynb"))
        tests = sorted((name, str(source)) for name, source in sources.items())
        key = hashlib.sha256(repr((judge.__name__, files, tests)).encode()).hexdigest()
        if key not in _judgements:
            _judgements[key] = judge(folder, sources, *limits)
        return copy.deepcopy(_judgements[key])

    return remembered


# Stock nbgrader -----------------------------------------------------------------------------------------------------


class Executed(NbGraderPreprocessor):
    """In place of nbgrader's Execute, which starts a kernel: a test fails where the answer is not the right one."""

    def preprocess(self, notebook, resources):
        """Put an error under each test that fails."""
        right = any(cell.source.strip() in RIGHT.values() for cell in notebook.cells)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade"):
                cell.outputs = [] if right else [new_output("error", ename="A", evalue="b", traceback=[])]
        return notebook, resources


class StockCourse(TinyCourse):
    """The same course with nbgrader's own converters."""

    def release(self):
        """What nbgrader's generate_assignment does."""
        write_source_notebooks(self.folder / "answers")
        course = CourseDirectory(config=self.config(), assignment_id=self.assignment)
        GenerateAssignment(coursedir=course, config=self.config(), force=True).start()

    def grade(self, student="*", force=False, **settings):
        """What nbgrader's autograde does, but for the kernel."""
        config = self.config()
        steps = [Executed, IgnorePattern, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
        config.Autograde.autograde_preprocessors = steps
        course = CourseDirectory(config=config, assignment_id=self.assignment, student_id=student)
        Autograde(coursedir=course, config=config, force=force).start()


# The machine --------------------------------------------------------------------------------------------------------

_templates = {}


def _fresh(kind):
    """A course as it is on the first day."""
    if kind not in _templates:
        _templates[kind] = kind(tempfile.mkdtemp(prefix="nst-histories-"), SETTINGS)
    return _templates[kind].copy(Path(tempfile.mkdtemp(prefix="nst-history-")) / "course")


class Histories(RuleBasedStateMachine):
    """What teachers and students do, in any order."""

    judge = staticmethod(judging.judge)
    steps = differences = 0

    @initialize(answers=st.tuples(*[st.tuples(ANSWERS, ANSWERS)] * 2), late=st.booleans())
    def first_weeks(self, answers, late):
        """A course, its twin, and the model; two students have handed in, perhaps late, and were graded."""
        self.course, self.twin, self.model = _fresh(TinyCourse), _fresh(StockCourse), Model()
        self.clock = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(days=10)
        for student, (one, two) in zip(STUDENTS, answers, strict=False):
            self.hand_in(student, one, two, newer=True)
        self.move_the_due_date(-2 if late else None)
        self.grade(force=False)

    def _leave_the_twin(self):
        if self.twin:
            shutil.rmtree(self.twin.folder.parent)
        self.twin = None

    def teardown(self):
        """Nothing stays behind."""
        for course in (self.course, self.twin):
            if course:
                shutil.rmtree(course.folder.parent)

    @property
    def courses(self):
        """The course, and its twin as long as that one can follow."""
        return [self.course, self.twin] if self.twin else [self.course]

    @rule(student=st.sampled_from(STUDENTS), one=ANSWERS, two=ANSWERS, newer=st.sampled_from([True, True, True, False]))
    def hand_in(self, student, one, two, newer):
        """For the first time or again; not always with a newer timestamp.txt."""
        model, before = self.model, self.model.handed.get(student)
        if newer or before is None:
            self.clock += timedelta(hours=1)
        when = self.clock if newer or before is None else before[1]
        model.handed[student] = {"one": one, "two": two}, when
        if not newer or None in (one, two) or "[" in student:
            # Stock nbgrader goes by the time alone, keeps old points for a missing notebook, takes names for patterns.
            self._leave_the_twin()
        for course in self.courses:
            course.hand_in(student, one, two, when)

    @rule(force=st.booleans())
    def grade(self, force):
        """`nst grade`, with or without --force; after `nst release`, where it asks for that."""
        if not self.model.is_released:
            try:
                self.course.grade(force=force)
            except NbGraderException as error:
                assert "nst release" in str(error)
            else:
                raise AssertionError("graded tests that the gradebook does not know")
            self.all_numbers_are_one()
            self.release()
        self.model.grade(force)
        for course in self.courses:
            course.grade(force=force)

    @precondition(lambda self: self.model.marks)
    @rule(data=st.data(), cell=st.sampled_from(CELLS), score=st.sampled_from([0.0, 1.5, 3.0, 7.0, None]),
          extra=st.sampled_from([None, None, 1.0]))  # fmt: skip
    def grade_by_hand(self, data, cell, score, extra):
        """Somebody types a score in the formgrader, or takes it back."""
        student = data.draw(st.sampled_from(sorted(self.model.marks)))
        marks = self.model.marks[student]
        marks.manual = {key: value for key, value in (marks.manual | {cell: score}).items() if value is not None}
        marks.extra = {key: value for key, value in (marks.extra | {cell: extra}).items() if value is not None}
        marks.waiting.discard(cell)
        for course in self.courses:
            course.grade_by_hand(student, self.model.released[1][cell], score, extra)

    @rule(cell=st.sampled_from(CELLS), points=st.sampled_from([1.0, 2.0, 3.0, 5.0]))
    def change_points(self, cell, points):
        """In answers/; what has been released and given stays until somebody releases and grades again."""
        old, self.model.points[cell] = self.model.points[cell], points
        name = self.model.names[cell]
        line = '"grade_id": "{}", "locked": true, "points": {:g}'
        for course in self.courses:
            course.edit(cell[0], line.format(name, old), line.format(name, points))

    @rule(cell=st.sampled_from(CELLS))
    def rename_a_test(self, cell):
        """In answers/, to another name or back. Stock nbgrader can't once somebody has handed in."""
        old = self.model.names[cell]
        new = old.removesuffix("_again") if old.endswith("_again") else f"{old}_again"
        self.model.names[cell] = new
        self._leave_the_twin()
        self.course.edit(cell[0], f'"grade_id": "{old}"', f'"grade_id": "{new}"')

    @rule()
    def release(self):
        """`nst release`."""
        self.model.release()
        for course in self.courses:
            course.release()

    @rule(hours=st.sampled_from([None, -30, 0, 2, 500]))
    def move_the_due_date(self, hours):
        """It counts when a submission is judged, as with nbgrader."""
        self.model.due = None if hours is None else self.clock + timedelta(hours=hours)
        for course in self.courses:
            course.due(self.model.due)

    @precondition(lambda self: self.model.marks)
    @rule(data=st.data(), hours=st.sampled_from([0, 5, 400]))
    def give_more_time(self, data, hours):
        """An extension for one student."""
        student = data.draw(st.sampled_from(sorted(self.model.marks)))
        self.model.marks[student].extension = timedelta(hours=hours)
        for course in self.courses:
            course.extend(student, hours=hours)
        if self.model.due is None:
            self._leave_the_twin()  # an extension of no date makes stock nbgrader stumble

    @precondition(lambda self: self.model.known)
    @rule(data=st.data())
    def remove_a_student(self, data):
        """`nbgrader db student remove --force`; what was handed in stays."""
        student = data.draw(st.sampled_from(sorted(self.model.known)))
        self.model.known.discard(student)
        self.model.marks.pop(student, None)
        for course in self.courses:
            course.remove(student)

    @invariant()
    def all_numbers_are_one(self):
        """Gradebook, export, formgrader, report, CSV file, feedback and stock nbgrader say what the model says."""
        Histories.steps += 1
        wanted = {student: marks.total for student, marks in self.model.marks.items()}
        assert self._exported(self.course) == wanted
        assert self.course.listed(wanted) == wanted, "formgrader"
        if self.twin:
            assert self._exported(self.twin) == wanted, "stock nbgrader"
        with self.course.gradebook() as gradebook:
            submissions = gradebook.find_assignment(self.course.assignment).submissions
            waiting = {submission.student.id: submission.needs_manual_grade for submission in submissions}
        assert waiting == {student: bool(marks.waiting) for student, marks in self.model.marks.items()}
        self._compare_report(wanted)
        self._compare_feedback(wanted)

    def _exported(self, course):
        """Student -> score, of whom export knows a submission, which the gradebook must agree with."""
        exported = {s: row for s, row in course.export().items() if row["timestamp"]}
        if course.folder == self.course.folder:
            assert course.export().keys() == self.model.known
        assert all(float(row["max_score"]) == self.model.of for row in exported.values())
        kept = {s: max(0.0, score - penalty) for s, (score, penalty, _) in course.scores().items()}
        scores = {student: float(row["score"]) for student, row in exported.items()}
        assert scores == kept
        return scores

    def _compare_report(self, wanted):
        course, model = self.course, self.model
        root = course.folder
        place = Place(root / "judged", root / "submitted", f"sqlite:///{root / 'gradebook.db'}")
        scripts = (root / "answers" / course.assignment).glob("*.py")
        found = survey(place, course.assignment, {path.stem: read_source(path) for path in scripts}, {})
        assert not found.problems
        rows = {row.student: row for row in found.rows}
        # Whoever was removed is gone, unless something new was handed in since.
        left = {s for s in model.handed if s not in model.known and model.judged.get(s) == model.handed[s]}
        assert rows.keys() == model.known | model.handed.keys() - left
        assert {s: row["points"] for s, row in rows.items() if row["points"] != ""} == wanted
        assert all(row["of"] == model.of for s, row in rows.items() if s in wanted)
        again = {s for s in wanted if model.judged[s] != model.handed[s]}
        assert {s for s, row in rows.items() if "Handed in again" in row["reason"]} == again
        stale = any("differ" in sentence for sentence in found.notices)
        assert stale == (not model.is_released)
        lines = as_text(found).splitlines()
        for student, points in wanted.items():
            (line,) = [line for line in lines if line.split()[:1] == [student]]
            assert f" {round(points, 2):.12g} " in line
        sheet = root / "sheet.csv"
        write_csv(sheet, found)
        with sheet.open(newline="", encoding="utf-8") as file:
            scores = {row["student"]: float(row["score"]) for row in csv.DictReader(file) if row["score"]}
        assert scores == wanted

    def _compare_feedback(self, wanted):
        made = self.course.make_feedback() if (self.course.folder / "autograded").exists() else {"success": True}
        assert made["success"], made
        for student, points in wanted.items():
            shown = self.course.feedback(student)
            assert set(shown) == set(EXERCISES)
            assert abs(sum(score for score, _ in shown.values()) - points) < 0.02
            assert sum(possible for _, possible in shown.values()) == self.model.of


def go_through(histories, steps, judge):
    """Let Hypothesis make so many histories, always the same, and compare all numbers after each step.

    judge: judging.judge, or something in its place. Returns how many times all numbers were compared.
    """
    from hypothesis.stateful import run_state_machine_as_test

    Histories.steps = 0
    how = settings(
        max_examples=histories,
        stateful_step_count=steps,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to find a shorter one takes many times as long
        suppress_health_check=list(HealthCheck),
    )
    probe = probing.probe if judge is judging.judge else lambda *limits: None
    with mock.patch.object(judging, "judge", remembering(judge)), mock.patch.object(probing, "probe", probe):
        run_state_machine_as_test(Histories, settings=how)
    return Histories.steps
