"""A course of one tiny assignment, released, handed in and graded through nbgrader within a second.

Two notebooks, "one" and "two", with an exercise each: `add` and `double`, of 2 points for the visible test and 3 for
the hidden one. Where a test is about what becomes of a mark and not about the mark, `stored_judge` of stored.py stands
in for the judge.
"""

import copy
import csv
import html
import os
import re
import shutil
import time
from datetime import timedelta
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.exportapp import ExportApp
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from nst.course.release import generate, gradebook_url
from nst.grading import plugin
from nst.paths import CHECKOUT
from tests.support.stored import RIGHT

ASSIGNMENT = "tiny"
EXERCISES = {"one": "add", "two": "double"}
WRONG = {"add": "def add(a, b):\n    return a - b", "double": "def double(a):\n    return a * a"}
CALLS = {"add": "add(2, 3) == 5", "double": "double(3) == 6"}

_SCRIPT = """\
# %% [markdown]
# # {name}

# %% nbgrader={{"grade": false, "grade_id": "{exercise}", "locked": false, "schema_version": 3, "solution": true}}
### BEGIN SOLUTION
{right}
### END SOLUTION

# %% nbgrader={{"grade": true, "grade_id": "test_{exercise}", "locked": true, "points": 2, "schema_version": 3, \
"solution": false}}
assert {call}

# %% nbgrader={{"grade": true, "grade_id": "hidden_{exercise}", "locked": true, "points": 3, "schema_version": 3, \
"solution": false}}
### BEGIN HIDDEN TESTS
assert {call}
### END HIDDEN TESTS
"""


class TinyCourse:
    """A course of one assignment in `folder`, released.

    settings: lines that are added to its nbgrader_config.py.
    """

    def __init__(self, folder, settings="", assignment=ASSIGNMENT):
        self.folder, self.assignment = Path(folder), assignment
        config = (CHECKOUT / "nbgrader_config.py").read_text(encoding="utf-8")
        # What tests put in the place of the judge is there in their own process only.
        config += "\nc.JudgedAutograde.jobs = 0\n"
        (self.folder / "nbgrader_config.py").write_text(f"{config}\n{settings}\n", encoding="utf-8")
        answers = self.folder / "answers" / self.assignment
        answers.mkdir(parents=True)
        for name, exercise in EXERCISES.items():
            script = _SCRIPT.format(name=name, exercise=exercise, right=RIGHT[exercise], call=CALLS[exercise])
            (answers / f"{name}.py").write_text(script, encoding="utf-8")
        self.release()

    def copy(self, folder):
        """The same course, as it is now, in a folder that is not there yet."""
        other = copy.copy(self)
        other.folder = Path(shutil.copytree(self.folder, folder))
        return other

    def release(self):
        """What `nst release` does. Raises RuntimeError."""
        generate(self.folder, [self.assignment])

    def edit(self, name, old, new):
        """Change the source of a notebook: points ('"points": 2'), a test's grade_id, the text of a test."""
        script = self.folder / "answers" / self.assignment / f"{name}.py"
        text = script.read_text(encoding="utf-8")
        assert old in text, (name, old)
        script.write_text(text.replace(old, new), encoding="utf-8")
        # Scripts are written out as notebooks where they are newer, and this one may be so by less than a tick.
        later = time.time() + 2
        os.utime(script, (later, later))

    def submission(self, student):
        """The folder of what a student hands in."""
        return self.folder / "submitted" / student / self.assignment

    def hand_in(self, student, add=True, double=True, when=None, said=None):
        """Hand in, in place of what was handed in before.

        add, double: is the answer right? None: the notebook is missing; a text stands in the answer's cell.
        when: a datetime, UTC, for timestamp.txt. said: the bytes of timestamp.txt instead.
        """
        target = self.submission(student)
        if target.exists():
            shutil.rmtree(target)
        target.mkdir(parents=True)
        for name, answer in (("one", add), ("two", double)):
            exercise = EXERCISES[name]
            if answer is None:
                continue
            notebook = nbformat.read(self.folder / "notebooks" / self.assignment / f"{name}.ipynb", as_version=4)
            (cell,) = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == exercise]
            cell.source = answer if isinstance(answer, str) else (RIGHT if answer else WRONG)[exercise]
            nbformat.write(notebook, target / f"{name}.ipynb")
        if when is not None:
            said = f"{when:%Y-%m-%d %H:%M:%S.%f} UTC".encode()
        if said is not None:
            (target / "timestamp.txt").write_bytes(said)
        return target

    def config(self):
        """The course's configuration, read anew."""
        return PyFileConfigLoader("nbgrader_config.py", path=str(self.folder)).load_config()

    def grade(self, student="*", force=False, **settings):
        """What `nst grade` and `nbgrader autograde` do; the converter. Raises NbGraderException."""
        config = self.config()
        course = CourseDirectory(config=config, assignment_id=self.assignment, student_id=student)
        converter = plugin.JudgedAutograde(coursedir=course, config=config, force=force, **settings)
        converter.start()
        return converter

    def api(self):
        """nbgrader's own API, through which the formgrader works."""
        return NbGraderAPI(config=self.config())

    def make_feedback(self, student="*", force=False):
        """What `nbgrader generate_feedback` does; nbgrader's dict of success, log and error."""
        return self.api().generate_feedback(self.assignment, student, force=force)

    def feedback(self, student):
        """Notebook name -> (score, possible score) as a student's feedback shows them."""
        shown = {}
        for path in (self.folder / "feedback" / student / self.assignment).iterdir():
            if path.suffix == ".html":
                text = html.unescape(path.read_text(encoding="utf-8"))
                score, possible = re.search(r"<h4>.*\(Score: (\S+) / (\S+)\)</h4>", text).groups()
                shown[path.stem] = float(score), float(possible)
        return shown

    def export(self):
        """Student -> row of `nbgrader export`, a dict of texts."""
        to = self.folder / "grades.csv"
        app = ExportApp(config=self.config())
        exporter = app.plugin_class(to=str(to))
        with self.gradebook() as gradebook:
            exporter.export(gradebook)
        with to.open(newline="", encoding="utf-8") as file:
            return {row["student_id"]: row for row in csv.DictReader(file)}

    def listed(self, students):
        """Student -> points, of these students, as the formgrader's lists have them.

        Who has handed in again stands among the submissions as somebody who is still to be graded.
        """
        api = self.api()
        submissions = {s["student"]: s["score"] for s in api.get_submissions(self.assignment) if s["autograded"]}
        alone = {entry["id"]: entry["score"] for entry in api.get_students()}
        assert all(alone[student] == score for student, score in submissions.items())
        return {student: alone[student] for student in students}

    def gradebook(self):
        """The gradebook, open: use it in a with statement."""
        return Gradebook(gradebook_url(self.folder), "nst")

    def scores(self):
        """Student -> (score before the penalty, penalty, possible score) of whom the gradebook knows a submission."""
        with self.gradebook() as gradebook:
            return {
                submission.student.id: (submission.score, submission.late_submission_penalty, submission.max_score)
                for submission in gradebook.find_assignment(self.assignment).submissions
            }

    def due(self, when):
        """Set the date that the assignment is due, a datetime, UTC; None takes it back."""
        with self.gradebook() as gradebook:
            gradebook.find_assignment(self.assignment).duedate = when
            gradebook.db.commit()

    def extend(self, student, **time):
        """Give a student more time: hours=1, say."""
        with self.gradebook() as gradebook:
            gradebook.find_submission(self.assignment, student).extension = timedelta(**time)
            gradebook.db.commit()

    def grade_by_hand(self, student, grade_id, score, extra=None, comment=None):
        """What the formgrader does when somebody types a score, extra credit or a comment."""
        (name,) = [name for name, exercise in EXERCISES.items() if grade_id.endswith(exercise)]
        with self.gradebook() as gradebook:
            grade = gradebook.find_grade(grade_id, name, self.assignment, student)
            grade.manual_score, grade.extra_credit = score, extra
            grade.needs_manual_grade = score is None and grade.auto_score is None
            if comment is not None:
                gradebook.find_comment(EXERCISES[name], name, self.assignment, student).manual_comment = comment
            gradebook.db.commit()

    def remove(self, student):
        """What `nbgrader db student remove --force` does."""
        with self.gradebook() as gradebook:
            gradebook.remove_student(student)


def contents(*folders):
    """Path -> bytes and time of change of all files below."""
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def the_same_everywhere(course, made=None):
    """Student -> points, on which gradebook, export, feedback and formgrader must agree. made: what making feedback
    came to."""
    assert made is None or made["success"], made
    exported = {student: float(row["score"]) for student, row in course.export().items()}
    shown = {student: sum(score for score, _ in course.feedback(student).values()) for student in exported}
    booked = {student: max(0, score - penalty) for student, (score, penalty, _) in course.scores().items()}
    assert exported == shown == booked
    assert exported == course.listed(exported)
    mean = course.api().get_assignment(course.assignment)["average_score"]
    assert abs(mean * len(booked) - sum(exported.values())) < 1e-6
    return exported
