"""The course inside nbgrader: its commands, the formgrader and NbGraderAPI judge and release as the course does.

nbgrader_config.py calls `install()`, and every nbgrader command reads that file: TensorFlow is imported only to judge.

Submissions go through the judge. nbgrader's own way in, a list of preprocessors, comes too late: by then it has
read the file, matched names and copied what lay beside, and each of these can stop a class or carry something out.
So the converter is replaced. What it leaves behind is what nbgrader's other commands expect: notebooks in autograded/,
scores and comments in the gradebook. Besides, judged/<student>/<assignment>.json keeps what each judgement rests on.
"""

import json
import os
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import nbgrader.apps.api
import nbgrader.apps.autogradeapp
import nbgrader.apps.generateassignmentapp
import nbgrader.apps.generatesolutionapp
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateSolution
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc
from traitlets import Bool, Dict, Unicode

from nst.course.release import read_source, write_source_notebooks
from nst.paths import whole_file

#: A time in timestamp.txt that lies longer before the collection than this is not believed.
LONGEST_WAIT = timedelta(days=60)


class JudgedAutograde(Autograde):
    """nbgrader's Autograde, with the judge in place of running tests among the student's code."""

    unsafe = Bool(
        False, help="Run submissions without a sandbox, with your own rights. Only for submissions that you trust."
    ).tag(config=True)
    limits = Dict(help="What a submission may use; see nst.grading.walls.sandbox.Limits.").tag(config=True)
    judged_directory = Unicode("judged", help="Where the record of each judgement goes.").tag(config=True)

    def init_notebooks(self):
        """Find the submissions: every folder of a student counts, whatever is in it."""
        pattern = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        root = Path(self.coursedir.root)
        folders = sorted(
            path for path in root.glob(os.path.relpath(pattern, root)) if path.is_dir() or path.is_symlink()
        )
        self.assignments = {str(folder): [] for folder in folders}
        if not folders:
            message = f"There is no submission in {pattern}."
            self.log.error(message)
            raise NbGraderException(message)

    def convert_notebooks(self):
        """Judge every submission. One that goes wrong is told and stops no other."""
        from nst.grading.faults import NotJudged
        from nst.grading.probe import probe
        from nst.grading.walls.sandbox import Limits, SandboxError

        sources, failed = self._sources(), []
        try:
            probe(Limits(**self.limits), self.unsafe)
        except NotJudged as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from None
        pattern = self._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
        for folder in self.assignments:
            student = re.fullmatch(pattern, folder)["student"]
            self.notebooks = []
            try:
                if self.init_destination(self.coursedir.assignment_id, student):
                    self.run_pre_convert_hook()
                    self._judge(Path(folder), student, sources)
                    self.run_post_convert_hook()
            except SandboxError as error:
                self.log.error("%s", error)
                raise NbGraderException(str(error)) from None
            except Exception:
                self.log.exception("The submission in %s could not be judged.", folder)
                failed.append(student)
        if failed:
            raise NbGraderException(f"These submissions could not be judged: {', '.join(failed)}; the log says why.")

    def _sources(self):
        assignment = self.coursedir.assignment_id
        folder = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment))
        sources = {script.stem: read_source(script) for script in sorted(folder.glob("*.py"))}
        if not sources:
            message = f"Expected the assignment's sources in {folder}, and found none; grade where answers/ is."
            self.log.error(message)
            raise NbGraderException(message)
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                known = {notebook.name for notebook in gradebook.find_assignment(assignment).notebooks}
            except MissingEntry:
                known = set()
        if known != set(sources):
            message = f"The gradebook does not know the notebooks of {assignment} as they are; run `nst release` first."
            self.log.error(message)
            raise NbGraderException(message)
        return sources

    def _judge(self, folder, student, sources):
        from nst.grading.judge import judge
        from nst.grading.walls.sandbox import Limits

        self.log.info("Judging %s", folder)
        judgement = judge(folder, sources, Limits(**self.limits), self.unsafe)
        submitted, doubt = submission_time(folder)
        if doubt:
            judgement.flags.append(doubt)
        self._record(student, judgement, submitted)
        target = Path(self._format_dest(self.coursedir.assignment_id, student))
        target.mkdir(parents=True, exist_ok=True)
        for name, notebook in judgement.notebooks.items():
            with whole_file(target / f"{name}.ipynb") as unfinished:
                nbformat.write(notebook, unfinished)
        self.set_permissions(self.coursedir.assignment_id, student)
        points, possible = judgement.score
        self.log.info("%s: %s, %g of %g points, %.1f s", student, judgement.state, points, possible, judgement.seconds)

    def _record(self, student, judgement, submitted):
        """Write into the gradebook, as nbgrader's own SaveAutoGrades does, and keep the judgement."""
        from nst.grading.judge import as_record

        assignment = self.coursedir.assignment_id
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            gradebook.update_or_create_student(student)
            when = {"timestamp": submitted} if submitted else {}
            gradebook.update_or_create_submission(assignment, student, **when)
            for mark in judgement.marks:
                grade = gradebook.find_grade(mark.grade_id, mark.notebook, assignment, student)
                grade.auto_score = mark.score
                # Somebody who has given points by hand is asked to look again.
                grade.needs_manual_grade = grade.manual_score is not None
            for notebook in gradebook.find_submission(assignment, student).notebooks:
                for comment in notebook.comments:
                    comment.auto_comment = "No response." if comment.name in judgement.unanswered else None
            gradebook.db.commit()
        resources = {"assignment": assignment, "student": student, "db_url": self.coursedir.db_url}
        for name, notebook in judgement.notebooks.items():
            AssignLatePenalties(parent=self).preprocess(notebook, {"nbgrader": {"notebook": name, **resources}})
        record = {"student": student, "assignment": assignment, **as_record(judgement)}
        path = Path(self.coursedir.root) / self.judged_directory / student / f"{assignment}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as unfinished:
            unfinished.write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")


def submission_time(folder):
    """When a submission was handed in, and a sentence of doubt: (naive UTC datetime or None, str or "").

    timestamp.txt is among the student's files and may say anything. It is believed where it is possible: not after the
    submission came to this disk, and not long before. Otherwise the time at which it came counts.
    """
    path = Path(folder) / "timestamp.txt"
    try:
        found = os.lstat(path)
    except OSError:
        return None, ""
    # The time of the last change to the file's entry: no program can set it, and no archive carries it.
    collected = datetime.fromtimestamp(found.st_ctime, UTC).replace(tzinfo=None)
    try:
        if not stat.S_ISREG(found.st_mode) or found.st_size > 200:
            raise ValueError
        said = parse_utc(path.read_text(encoding="utf-8").strip())
        if not collected - LONGEST_WAIT < said <= collected + timedelta(minutes=10):
            raise ValueError
    except (OSError, ValueError, OverflowError, TypeError):
        return collected, "timestamp.txt says something impossible; the time of collection counts."
    return said, ""


class FromScripts:
    """A converter of sources: nbgrader reads notebooks, and what is edited are scripts."""

    def init_notebooks(self):
        """Find the notebooks of the assignment, written out anew where their script is newer."""
        write_source_notebooks(Path(self.coursedir.root) / self.coursedir.source_directory)
        super().init_notebooks()


class AssignmentFromScripts(FromScripts, GenerateAssignment):
    """nbgrader's GenerateAssignment, of scripts."""


class SolutionFromScripts(FromScripts, GenerateSolution):
    """nbgrader's GenerateSolution, of scripts."""


def install():
    """Make nbgrader's commands, its API and the formgrader judge submissions, and release what the scripts say."""
    apps = nbgrader.apps
    apps.api.Autograde = apps.autogradeapp.Autograde = JudgedAutograde
    apps.api.GenerateAssignment = apps.generateassignmentapp.GenerateAssignment = AssignmentFromScripts
    apps.api.GenerateSolution = apps.generatesolutionapp.GenerateSolution = SolutionFromScripts
