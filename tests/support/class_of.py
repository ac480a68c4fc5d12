"""A class on paper: a gradebook, records and folders as judging an assignment leaves them, without any judging."""

import csv
import hashlib
import json
from pathlib import Path

from nbformat import v4
from nbgrader.api import Base, Gradebook
from nbgrader.plugins import CsvExportPlugin
from sqlalchemy import create_engine

from nst.commands import report as command
from nst.course.release import gradebook_url
from nst.grading.evidence import FORMAT, fingerprints
from nst.grading.handing_in import as_noted, look_at

#: notebook -> grade_id -> points
TESTS = {"1-losses": {"test_tv_loss": 6.0, "hidden_tv_loss": 4.0}, "2-style": {"test_gram_matrix": 5.0}}

_SOURCE = """\
# %% [markdown]
# # Prose

# %% nbgrader={"grade": false, "grade_id": "answer", "locked": false, "schema_version": 3, "solution": true}
### BEGIN SOLUTION
answer = 1
### END SOLUTION
"""
_TEST = """
# %% nbgrader={{"grade": true, "grade_id": "{name}", "locked": true, "points": {points:g}, "schema_version": 3, \
"solution": false}}
assert answer == 1
"""

#: (assignment, points) -> the gradebook in which they are released, which is the same each time.
_RELEASED = {}


class ClassOf:
    """An assignment in a folder: `students` hand in and are judged by what a test says of them."""

    def __init__(self, folder, monkeypatch, assignment="losses", tests=TESTS):
        self.folder, self.assignment, self.tests = Path(folder), assignment, tests
        monkeypatch.setattr(command, "CHECKOUT", self.folder)
        self.write_answers(tests)
        database, key = self.folder / "gradebook.db", (assignment, repr(tests))
        if key not in _RELEASED:
            # With its tables there, nbgrader need not ask alembic for them, in a process of its own.
            engine = create_engine(self.url)
            Base.metadata.create_all(engine)
            engine.dispose()
            with self.gradebook() as gradebook:
                gradebook.add_assignment(assignment)
            self.release(tests)
            _RELEASED[key] = database.read_bytes()
        database.write_bytes(_RELEASED[key])

    @property
    def url(self):
        """The gradebook's."""
        return gradebook_url(self.folder)

    def gradebook(self):
        """The gradebook, open: use it in a with statement."""
        return Gradebook(self.url, "nst")

    def write_answers(self, tests):
        """Write the sources with these points."""
        folder = self.folder / "answers" / self.assignment
        folder.mkdir(parents=True, exist_ok=True)
        for name, cells in tests.items():
            text = _SOURCE + "".join(_TEST.format(name=cell, points=points) for cell, points in cells.items())
            (folder / f"{name}.py").write_text(text, encoding="utf-8")

    def release(self, tests, **more):
        """Bring these points into the gradebook."""
        with self.gradebook() as gradebook:
            for name, cells in tests.items():
                gradebook.update_or_create_notebook(name, self.assignment)
                for cell, points in cells.items():
                    gradebook.update_or_create_grade_cell(
                        cell, name, self.assignment, max_score=points, cell_type="code", **more
                    )

    def hand_in(self, student, text="as it was"):
        """A submission's folder, with a file for each notebook."""
        folder = self.folder / "submitted" / student / self.assignment
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.tests:
            notebook = v4.new_notebook(cells=[v4.new_code_cell(text, id="answer")])
            (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        return folder

    def judge(self, student, failed=(), tests=None, penalty=None, state="graded", mistakes=None, **others):
        """Hand in, and write into the gradebook and judged/ what judging leaves there.

        failed: grade_ids. tests: the points in answers/ as they are now. mistakes: grade_id -> the names of what was
        misunderstood, in a list, or what came out, a text. others: lists of sentences for the record.
        """
        mistakes = mistakes or {}
        failed = {*failed, *mistakes}
        folder, tests = self.hand_in(student), tests or self.tests
        with self.gradebook() as gradebook:
            gradebook.update_or_create_student(student)
            gradebook.update_or_create_submission(self.assignment, student)
            for name, cells in tests.items():
                for cell, points in cells.items():
                    grade = gradebook.find_grade(cell, name, self.assignment, student)
                    grade.auto_score = 0.0 if cell in failed else points
                    grade.needs_manual_grade = grade.manual_score is not None
            for notebook in gradebook.find_submission(self.assignment, student).notebooks:
                notebook.late_submission_penalty = penalty and penalty / len(tests)
            gradebook.db.commit()
        marks = [
            {
                "notebook": name,
                "grade_id": cell,
                "points": points,
                "passed": cell not in failed,
                "message": f"{cell} is wrong." if cell in failed else "",
                "printed": "",
                "named": named if isinstance(named := mistakes.get(cell, []), list) else [],
                "outcome": outcome if isinstance(outcome := mistakes.get(cell, ""), str) else "",
            }
            for name, cells in tests.items()
            for cell, points in cells.items()
        ]
        hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
        found = {
            "format": FORMAT,
            "state": state,
            "points": sum(mark["points"] for mark in marks if mark["passed"]),
            "possible": sum(mark["points"] for mark in marks),
            **({"reasons": [], "repairs": [], "flags": []} | others),
            "marks": marks,
            "seconds": 4.2,
            "evidence": {"submission": hashes, "tests": self.fingerprints(), "versions": {"numpy": "2.3"}},
            "handed_in": as_noted(look_at(folder)),
        }
        self.write_record(student, json.dumps(found))
        return found

    def fingerprints(self):
        """Of the sources as they are now."""
        sources, _ = command._sources(self.folder / "answers" / self.assignment)
        return fingerprints(sources)

    def record(self, student):
        """The path of a student's record."""
        return self.folder / "judged" / student / f"{self.assignment}.json"

    def write_record(self, student, text):
        """Write a record, or what is in its place."""
        self.record(student).parent.mkdir(parents=True, exist_ok=True)
        self.record(student).write_text(text, encoding="utf-8")

    def by_hand(self, student, cell, manual, extra=None):
        """What the formgrader does when somebody types points."""
        (name,) = [name for name, cells in self.tests.items() if cell in cells]
        with self.gradebook() as gradebook:
            grade = gradebook.find_grade(cell, name, self.assignment, student)
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = manual, extra, False
            gradebook.db.commit()

    def export(self):
        """Student -> (score, max_score), as `nbgrader export` writes them."""
        to = self.folder / "grades.csv"
        with self.gradebook() as gradebook:
            CsvExportPlugin(to=str(to), assignment=[self.assignment]).export(gradebook)
        with to.open(newline="", encoding="utf-8") as file:
            return {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}

    def sheet(self):
        """Student -> row of the CSV file."""
        with (self.folder / "judged" / f"{self.assignment}.csv").open(newline="", encoding="utf-8") as file:
            return {row["student"]: row for row in csv.DictReader(file)}

    def page(self):
        """The page's text."""
        return (self.folder / "judged" / f"{self.assignment}.html").read_text(encoding="utf-8")
