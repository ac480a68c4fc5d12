"""Pages for a student who reads them while others still work on the same: nbgrader's, with what everybody may see.

They show the tests that students have, what each came to, and a sentence about what counts. They lie in a folder of
their own, so that `nbgrader generate_feedback` still makes the full ones when the time has come, which take their place
in the exchange under the same names.

A page says nothing of hidden tests, not even through the student's own code: outputs of the student's cells are left
out, for a function can keep what a hidden test gave it, and a later cell can print that. Points and comments given by
hand are left out too: nobody has released them yet.
"""

import html
from pathlib import Path

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import v4
from nbgrader.preprocessors import GetGrades
from traitlets import List, Set, Unicode

from nst.grading import handing_in, replacing
from nst.grading.feedback import FreshFeedback
from nst.grading.intake.skeleton import released

STEP = "early_feedback"


def hidden_tests(sources):
    """(notebook, grade_id) of every graded cell that students don't have whole; a set.

    sources: notebook name -> source notebook.
    """
    return {
        (name, its["grade_id"])
        for name, source in sources.items()
        for cell, shown in zip(source.cells, released(source).cells, strict=True)
        if (its := cell.metadata.get("nbgrader", {})).get("grade") and cell.source != shown.source
    }


class VisibleScores(GetGrades):
    """Puts into a notebook what its visible tests came to, a note at its top, and takes everything else out."""

    def preprocess(self, nb, resources):
        """Put scores into a notebook and its resources."""
        its = resources["nbgrader"]
        nb.cells = [cell for cell in nb.cells if self._is_shown(cell, its)]
        nb, resources = super().preprocess(nb, resources)
        graded = [cell.metadata.nbgrader for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade")]
        its["score"] = sum(grade.score for grade in graded)
        its["max_score"] = sum(grade.points for grade in graded)
        its["late_penalty"] = 0
        nb.cells.insert(0, v4.new_markdown_cell(its["note"]))
        return nb, resources

    def _is_shown(self, cell, its):
        """Keep what is no part of a hidden test, without what only the judge or somebody's hand has given."""
        settings = cell.metadata.get("nbgrader", {})
        hidden = (its["notebook"], settings.get("grade_id")) in its["hidden"]
        if settings and (hidden or settings.get("task") or (settings.get("grade") and settings.get("solution"))):
            settings.grade = settings.task = False
            if hidden and not cell.source.strip():
                return False
        if cell.cell_type == "code" and not settings.get("grade"):
            cell.outputs = []
        return True

    def _get_comment(self, cell, resources):
        its = resources["nbgrader"]
        comment = self.gradebook.find_comment(
            cell.metadata.nbgrader.grade_id, its["notebook"], its["assignment"], its["student"]
        )
        cell.metadata.nbgrader["comment"] = comment.auto_comment

    def _get_score(self, cell, resources):
        its = resources["nbgrader"]
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader.grade_id, its["notebook"], its["assignment"], its["student"]
        )
        cell.metadata.nbgrader["score"] = grade.auto_score or 0.0
        cell.metadata.nbgrader["points"] = grade.max_score


class FullFeedback(FreshFeedback):
    """nbgrader's GenerateFeedback of one student, who is never a pattern, even if called *."""

    def init_notebooks(self):
        """Find what was graded of that student."""
        super().init_notebooks()
        student = self.coursedir.student_id
        self.assignments = {name: found for name, found in self.assignments.items() if name == student}


class EarlyFeedback(FullFeedback):
    """nbgrader's GenerateFeedback of the visible tests alone.

    note: a sentence at the top of each page. hidden: what `hidden_tests` gives.
    """

    preprocessors = List([VisibleScores, CSSHTMLHeaderPreprocessor]).tag(config=True)
    note = Unicode()
    hidden = Set()

    _output_directory = STEP
    _memory = ".early"

    def init_single_notebook_resources(self, notebook_filename):
        """What the preprocessors are given."""
        resources = super().init_single_notebook_resources(notebook_filename)
        resources["nbgrader"] |= {"note": self.note, "hidden": self.hidden}
        return resources


class Notices(FreshFeedback):
    """Pages of nbgrader's look with nothing in them but a sentence."""

    _output_directory = STEP

    def __init__(self, coursedir=None, **kwargs):
        super().__init__(coursedir=coursedir, **kwargs)
        self.exporter = self.exporter_class(parent=self, config=self.config)
        self.exporter.register_preprocessor(CSSHTMLHeaderPreprocessor)
        self._pages = {}

    def write(self, student, folder, names, sentence):
        """Put pages in the place of a student's early feedback.

        folder: the submission's, for whose secret they are. names: of the notebooks. Raises OSError.
        """
        target = Path(self._format_dest(self.coursedir.assignment_id, student))
        with self._new_folder(target) as new:
            for name in names:
                (new / f"{name}.html").write_text(self._page(name, sentence), encoding="utf-8")
            for note in ("timestamp.txt", "submission_secret.txt"):
                if text := handing_in.read_note(Path(folder, note)):
                    (new / note).write_text(text, encoding="utf-8")
            self.set_permissions(self.coursedir.assignment_id, student)
        replacing.put(target)

    def _page(self, name, sentence):
        if (name, sentence) not in self._pages:
            self._pages = {key: page for key, page in self._pages.items() if key[1] == sentence}
            its = {"notebook": name, "score": 0, "max_score": 0, "late_penalty": 0}
            notebook = v4.new_notebook(cells=[v4.new_markdown_cell(sentence)])
            page, _ = self.exporter.from_notebook_node(notebook, resources={"nbgrader": its})
            # nbgrader's template has points at the top of every page, and here are none.
            self._pages[name, sentence] = page.replace(f"{html.escape(name)} (Score: 0.0 / 0.0)", html.escape(name), 1)
        return self._pages[name, sentence]
