"""The course inside nbgrader: its commands, the formgrader and NbGraderAPI judge and release as the course does.

nbgrader_config.py calls `install()`, and every nbgrader command reads that file: TensorFlow is imported only to judge.
"""

import fnmatch
import os
from pathlib import Path

import nbgrader.apps.api
import nbgrader.apps.autogradeapp
import nbgrader.apps.generateassignmentapp
import nbgrader.apps.generatefeedbackapp
import nbgrader.apps.generatesolutionapp
import nbgrader.utils
from nbgrader.converters import GenerateAssignment, GenerateSolution
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from nst.course.gradebook import make_room
from nst.course.release import read_source, write_source_notebooks
from nst.grading import formgrader, handing_in
from nst.grading.autograde import JudgedAutograde
from nst.grading.feedback import FreshFeedback
from nst.grading.records import record_path


class FromScripts:
    """A converter of sources: nbgrader reads notebooks, and what is edited are scripts."""

    def init_notebooks(self):
        """Find the notebooks of the assignment, written out anew where their script is another."""
        answers = Path(self.coursedir.root) / self.coursedir.source_directory
        write_source_notebooks(answers, self.coursedir.assignment_id)
        folder = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        if not os.path.isdir(folder):
            super().init_notebooks()  # whose patterns and advice are good enough for what is not there by its name
            return
        wanted = f"{self.coursedir.notebook_id}.ipynb"
        found = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if fnmatch.fnmatchcase(name, wanted)]
        # What a script left behind that is gone is no source.
        found = [path for path in found if Path(path).with_suffix(".py").exists()]
        if not found:
            message = f"There is no notebook {wanted!r} in {folder}."
            self.log.error(message)
            raise NbGraderException(message)
        self.assignments, self.notebooks = {folder: found}, []


class AssignmentFromScripts(FromScripts, GenerateAssignment):
    """nbgrader's GenerateAssignment, of scripts, which goes on where nbgrader refuses because of submissions."""

    def init_assignment(self, assignment_id, student_id):
        """Let the gradebook's cells be those of the scripts."""
        if not self.no_database and self.coursedir.notebook_id == "*":
            sources = {Path(path).stem: read_source(Path(path).with_suffix(".py")) for path in self.notebooks}
            make_room(self.coursedir.db_url, self.coursedir.course_id, assignment_id, sources)
        super().init_assignment(assignment_id, student_id)


class SolutionFromScripts(FromScripts, GenerateSolution):
    """nbgrader's GenerateSolution, of scripts."""


def existing_timestamp(self, dest_path):
    """In place of CourseDirectory.get_existing_timestamp: what a folder's timestamp.txt says; None for nonsense."""
    return handing_in.said_time(dest_path)


def submitted_timestamp(self, assignment_id, student_id):
    """In place of NbGraderAPI.get_submitted_timestamp: when somebody handed in, as the mark has it."""
    folder = self.coursedir.format_path(self.coursedir.submitted_directory, student_id, assignment_id)
    return handing_in.believed_time(folder, record_path(self.coursedir, assignment_id, student_id))


def submitted_students(self, assignment_id):
    """In place of NbGraderAPI.get_submitted_students: a set, of those whose names nbgrader's pages can take."""
    assignments = self.get_source_assignments() if assignment_id == "*" else [assignment_id]
    return {
        student
        for assignment in assignments
        for student, folder in handing_in.students(
            self.coursedir, self.coursedir.submitted_directory, assignment
        ).items()
        if folder.is_dir() and not handing_in.name_trouble(student)
    }


def source_assignments(self):
    """In place of NbGraderAPI.get_source_assignments: a set of names."""
    root = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", "."))
    return {path.name for path in root.glob("*") if path.is_dir()}


def is_ignored(filename, ignore_globs=None):
    """In place of nbgrader.utils.is_ignored, which takes the folder's name for a pattern too, and would hand out the
    answers of an assignment "week [2]"."""
    return any(fnmatch.fnmatchcase(os.path.basename(filename), pattern) for pattern in ignore_globs or ())


def install():
    """Make nbgrader's commands, its API and the formgrader judge submissions, and release what the scripts say."""
    apps = nbgrader.apps
    apps.api.Autograde = apps.autogradeapp.Autograde = JudgedAutograde
    apps.api.GenerateFeedback = apps.generatefeedbackapp.GenerateFeedback = FreshFeedback
    apps.api.GenerateAssignment = apps.generateassignmentapp.GenerateAssignment = AssignmentFromScripts
    apps.api.GenerateSolution = apps.generatesolutionapp.GenerateSolution = SolutionFromScripts
    CourseDirectory.get_existing_timestamp = existing_timestamp
    apps.api.NbGraderAPI.get_submitted_timestamp = submitted_timestamp
    apps.api.NbGraderAPI.get_submitted_students = submitted_students
    apps.api.NbGraderAPI.get_source_assignments = source_assignments
    nbgrader.utils.is_ignored = is_ignored
    formgrader.install()
