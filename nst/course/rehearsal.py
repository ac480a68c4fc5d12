"""A course to throw away: released, handed in and graded in a folder of its own. The demo and the tests use it."""

import shutil
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import PyFileConfigLoader

from nst.course.release import generate, gradebook_url
from nst.paths import CHECKOUT


class Course:
    """A copy of `answers/` and `nbgrader_config.py` in `folder`, with one assignment released there.

    Nothing outside the folder is read or written afterwards, so your own gradebook stays as it is.
    unsafe: grade without a sandbox, for submissions of the course's own where there is none.
    """

    def __init__(self, folder, assignment, unsafe=False):
        self.folder, self.assignment = Path(folder), assignment
        shutil.copy(CHECKOUT / "nbgrader_config.py", self.folder)
        shutil.copytree(CHECKOUT / "answers", self.folder / "answers")
        generate(self.folder, [assignment])
        config = PyFileConfigLoader("nbgrader_config.py", path=str(self.folder)).load_config()
        config.JudgedAutograde.unsafe = unsafe
        self._api = NbGraderAPI(config=config)

    def notebooks(self, step):
        """Notebooks of the "answers" or of the released "notebooks", as a dict from name to notebook."""
        return {
            path.stem: nbformat.read(path, as_version=4)
            for path in sorted((self.folder / step / self.assignment).glob("*.ipynb"))
        }

    def submit(self, student, notebooks):
        """Hand in a dict of notebooks, as the exchange would have collected them."""
        target = self.folder / "submitted" / student / self.assignment
        target.mkdir(parents=True)
        for name, notebook in notebooks.items():
            nbformat.write(notebook, target / f"{name}.ipynb")

    def autograde(self, student):
        """Autograde what the student handed in. Raises RuntimeError with nbgrader's log when it fails."""
        self._demand(self._api.autograde(self.assignment, student))

    def feedback(self, student):
        """Generate feedback and return it: a dict from notebook name to HTML."""
        self._demand(self._api.generate_feedback(self.assignment, student))
        folder = self.folder / "feedback" / student / self.assignment
        return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html"))}

    def points(self, student):
        """Points by test cell: a dict from grade_id to (points, points possible)."""
        with Gradebook(gradebook_url(self.folder), "nst") as gradebook:
            submission = gradebook.find_submission(self.assignment, student)
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            return {grade.name: (grade.score, grade.max_score) for grade in grades}

    def _demand(self, result):
        if not result["success"]:
            raise RuntimeError(f"nbgrader failed:\n{result.get('log')}\n{result.get('error')}")
