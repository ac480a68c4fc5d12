"""nbgrader's exchange in a temporary folder, and students who use it with nbgrader's own classes."""

import os
from pathlib import Path

import nbformat
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import (
    ExchangeFetchAssignment,
    ExchangeFetchFeedback,
    ExchangeList,
    ExchangeReleaseAssignment,
    ExchangeSubmit,
)
from traitlets.config import Config

from tests.support.tiny_course import EXERCISES, RIGHT, WRONG


def open_exchange(course, root):
    """Let a TinyCourse release its assignment into an exchange in `root`, which is made. Its settings are added."""
    root.mkdir()
    root.chmod(0o777)
    settings = course.folder / "nbgrader_config.py"
    settings.write_text(f"{settings.read_text('utf-8')}\nc.Exchange.root = {str(root)!r}\n", encoding="utf-8")
    config = course.config()
    folder = CourseDirectory(config=config, assignment_id=course.assignment)
    ExchangeReleaseAssignment(coursedir=folder, authenticator=Authenticator(config=config), config=config).start()


class Student:
    """Somebody with a folder and a nbgrader of their own.

    course: a TinyCourse. root: the exchange's.
    """

    def __init__(self, name, course, root, home):
        self.name, self.assignment, self.home = name, course.assignment, Path(home)
        self.home.mkdir()
        self.inbound = root / "nst" / "inbound"
        self.config = Config()
        self.config.Exchange.root, self.config.Exchange.cache = str(root), str(self.home / "cache")
        self.config.Exchange.assignment_dir = str(self.home)
        self._use(ExchangeFetchAssignment)
        self._handed = set()

    def _use(self, command, **settings):
        folder = CourseDirectory(
            config=self.config,
            root=str(self.home),
            course_id="nst",
            assignment_id=self.assignment,
            student_id=self.name,
        )
        it = command(coursedir=folder, authenticator=Authenticator(config=self.config), config=self.config, **settings)
        return it.start()

    def write(self, add=True, double=True):
        """Write the answers: right, wrong, or the text of a cell."""
        for name, answer in (("one", add), ("two", double)):
            path, exercise = self.home / self.assignment / f"{name}.ipynb", EXERCISES[name]
            notebook = nbformat.read(path, as_version=4)
            (cell,) = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == exercise]
            cell.source = answer if isinstance(answer, str) else (RIGHT if answer else WRONG)[exercise]
            nbformat.write(notebook, path)

    def hand_in(self, **answers):
        """What `nbgrader submit` does. The folder in the exchange."""
        self.write(**answers)
        before = set(os.listdir(self.inbound))
        self._use(ExchangeSubmit)
        (new,) = set(os.listdir(self.inbound)) - before
        return self.inbound / new

    def fetch(self):
        """What `nbgrader fetch_feedback` does. Notebook -> page, of the last submission; {} where there is none."""
        self._use(ExchangeFetchFeedback)
        fetched = sorted((self.home / self.assignment / "feedback").glob("*"))
        last = sorted((self.home / "cache" / "nst").iterdir())[-1].name.rsplit("+", 1)[1]
        return {
            page.stem: page.read_text(encoding="utf-8")
            for folder in fetched
            if folder.name == last
            for page in folder.iterdir()
        }

    def list(self):
        """What `nbgrader list --cached` knows of the submissions, those handed in first being first."""
        found = [info for group in self._use(ExchangeList, cached=True) for info in group["submissions"]]
        return sorted(found, key=lambda info: info["timestamp"])
