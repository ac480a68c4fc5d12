"""nbgrader's converter from autograded/ to feedback/, which makes a page again whenever it would show something else.

nbgrader makes feedback once, and again when timestamp.txt is newer. But a mark changes by judging again, by hand, by a
comment, by a penalty. So what a student's pages are made from is remembered as one hash, in judged/ and not among what
students get. The pages of a student are replaced all together or not at all.
"""

import fnmatch
import hashlib
import json
import os
import shutil
from pathlib import Path

import nbgrader
from jinja2 import BytecodeCache
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import GetGrades
from traitlets import List, default

from nst.grading import handing_in, replacing
from nst.grading.gradebook import GradebookError, told_in_a_sentence
from nst.grading.intake.reading import some
from nst.grading.one_by_one import OneByOne
from nst.grading.records import record_path
from nst.paths import whole_file


class Scores(GetGrades):
    """nbgrader's GetGrades; but what the pages of a student show adds up to what is exported.

    A penalty can be more than its notebook is worth, once points were taken back by hand. nbgrader would show less
    than nothing there, and export no less than nothing in all. What is left of the penalty is taken from the other
    notebooks.
    """

    def preprocess(self, nb, resources):
        """Put scores and comments into a notebook and its resources."""
        nb, resources = super().preprocess(nb, resources)
        its = resources["nbgrader"]
        with Gradebook(its["db_url"]) as gradebook:
            scores = shown_scores(gradebook.find_submission(its["assignment"], its["student"]))
        its["score"] = scores[its["notebook"]]
        return nb, resources

    def preprocess_cell(self, cell, resources, cell_index):
        """Put its score or comment into a cell; one that answers/ has no more, or under another name, stays without."""
        try:
            return super().preprocess_cell(cell, resources, cell_index)
        except MissingEntry:
            del cell.metadata["nbgrader"]
            return cell, resources


def shown_scores(submission):
    """Notebook name -> points after the penalty, of nbgrader's SubmittedAssignment. None is negative."""
    notebooks = sorted(submission.notebooks, key=lambda notebook: notebook.name)
    left = {notebook.name: notebook.score - (notebook.late_submission_penalty or 0) for notebook in notebooks}
    debt = -sum(points for points in left.values() if points < 0)
    shown = {}
    for name, points in left.items():
        shown[name] = max(0.0, points - debt) if points > 0 else 0.0
        debt -= max(0.0, points) - shown[name]
    return shown


class _Compiled(BytecodeCache):
    """Jinja's templates, once this process has compiled them: that takes longer than a page."""

    def __init__(self):
        self.kept = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket):
        self.kept[bucket.key] = bucket.bytecode_to_string()


class PageExporter(HTMLExporter):
    """nbconvert's HTMLExporter, which compiles its templates once a process and not once for each of it."""

    _compiled = _Compiled()

    def _create_environment(self):
        environment = super()._create_environment()
        environment.bytecode_cache = self._compiled
        return environment


class FreshFeedback(OneByOne, GenerateFeedback):
    """nbgrader's GenerateFeedback, which skips what would not change and nothing else.

    troubles: student -> why they got no feedback, a sentence, once it has run.
    """

    preprocessors = List([Scores, CSSHTMLHeaderPreprocessor]).tag(config=True)

    _verdict = "No new feedback for"
    _memory = ".feedback"  # the ending of the file beside the record that remembers what the pages were made from

    @default("exporter_class")
    def _exporter_class_default(self):
        return PageExporter

    def init_notebooks(self):
        """Find what was graded. Raises NbGraderException where there is nothing."""
        course, wanted = self.coursedir, f"{self.coursedir.notebook_id}.ipynb"
        everybody = handing_in.students(course, self._input_directory, course.assignment_id)
        self.troubles, self.assignments = {}, {}
        for student, folder in handing_in.chosen(everybody, course.student_id).items():
            found = sorted(path for path in folder.glob("*.ipynb") if fnmatch.fnmatchcase(path.name, wanted))
            if found:
                self.assignments[student] = found
        if not self.assignments:
            graded = sorted(student for student, folder in everybody.items() if folder.is_dir())
            instead = f"graded are {some(map(repr, graded))}" if graded else "nobody's is graded yet"
            self._fail(f"Nothing of {course.assignment_id!r} fits {course.student_id!r}, {wanted!r}; {instead}.")

    def convert_notebooks(self):
        """Make the pages of every student for whom they would change. One that goes wrong stops no other.

        Raises NbGraderException, one sentence, when somebody got none.
        """
        try:
            with told_in_a_sentence(), Gradebook(self.coursedir.db_url, self.coursedir.course_id):
                pass  # it can be read; else all would be told the same
            self._go_through(self._included(self.assignments), self._convert)
        except (GradebookError, NbGraderException) as error:
            self._fail(str(error))

    def _convert(self, student):
        assignment, source = self.coursedir.assignment_id, self.assignments[student][0].parent
        self.notebooks = list(map(str, self.assignments[student]))
        target = Path(os.path.normpath(self._format_dest(assignment, student)))
        if replacing.is_unfinished(source):
            self.tell(
                student, f"The last run of `nst grade {assignment}` was stopped while it judged this one: run it again."
            )
            return
        with told_in_a_sentence(), Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                made_from = self._digest(gradebook.find_submission(assignment, student), source)
            except MissingEntry:
                self.log.warning("Skipping %r, of whom the gradebook knows no submission of %s.", student, assignment)
                return
        kept = record_path(self.coursedir, assignment, student).with_suffix(self._memory)
        pages = [target / f"{Path(notebook).stem}.html" for notebook in self.notebooks]
        there = all(page.is_file() for page in pages) and not replacing.is_unfinished(target)
        if there and not self.force and kept.is_file() and kept.read_text(encoding="utf-8") == made_from:
            self.log.info("Skipping existing assignment: %s", target)
            replacing.tidy(target)
            return
        self.run_pre_convert_hook()
        with self._new_folder(target) as new:
            if self.coursedir.notebook_id != "*" and target.is_dir():
                shutil.copytree(target, new, dirs_exist_ok=True)
            self._copy_the_rest(source, new)
            for notebook in self.notebooks:
                self.convert_single_notebook(notebook)
            self.set_permissions(assignment, student)
        kept.unlink(missing_ok=True)
        replacing.put(target)
        if self.coursedir.notebook_id == "*":
            kept.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(kept) as unfinished:
                unfinished.write_text(made_from, encoding="utf-8")
        self.run_post_convert_hook()

    def _digest(self, submission, source):
        """A hash of all that a student's pages show."""
        files = {
            str(path.relative_to(source)): hashlib.sha256(path.read_bytes()).hexdigest() for path in self._files(source)
        }
        marks = [
            [
                notebook.name,
                notebook.score,
                notebook.max_score,
                notebook.late_submission_penalty,
                sorted([grade.name, grade.score, grade.max_score] for grade in notebook.grades),
                sorted([comment.name, comment.comment or ""] for comment in notebook.comments),
            ]
            for notebook in sorted(submission.notebooks, key=lambda notebook: notebook.name)
        ]
        shown = [nbgrader.__version__, files, marks, shown_scores(submission)]
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()

    def _files(self, source):
        """The files of a folder in autograded/ that count, links left out."""
        for place, folders, names in os.walk(source):
            folders[:] = sorted(name for name in folders if not self._is_ignored(name))
            for name in sorted(names):
                path = Path(place, name)
                if not self._is_ignored(name) and path.is_file() and not path.is_symlink():
                    yield path

    def _is_ignored(self, name):
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self.coursedir.ignore)

    def _copy_the_rest(self, source, new):
        """What lies beside the notebooks, as nbgrader does: the time and the secret by which feedback is released."""
        for path in self._files(source):
            if path.suffix != ".ipynb":
                copy = new / path.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.unlink(missing_ok=True)
                shutil.copy(path, copy)
