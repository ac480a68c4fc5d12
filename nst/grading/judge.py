"""Judge a submission: put it in order, run it in a sandbox, examine it from outside.

`judge` depends on nothing but its arguments, so that judging again gives the same, and two submissions never meet.
nbgrader is not needed here; plugin.py carries the outcome into its gradebook.
"""

import copy
import platform
import re
import time
from contextlib import suppress
from functools import cache
from importlib.metadata import version

import nbformat
from nbformat import NotebookNode, v4

from nst.display import is_picture
from nst.grading.evidence import fingerprints
from nst.grading.exam.client import OUTPUT_BYTES, RemoteNotebook, StudentGone
from nst.grading.exam.examiner import examine
from nst.grading.exam.painting import needs_painting
from nst.grading.exam.setting import Setting
from nst.grading.exam.wire import clean
from nst.grading.intake.needs import is_run
from nst.grading.intake.statements import definitions
from nst.grading.intake.submission import take_in
from nst.grading.judgement import Judgement, Mark
from nst.grading.walls.box import START
from nst.grading.walls.sandbox import Limits, Sandbox, TimeSpent

#: A cell of the grader's own, run where a student's process has died: can anything be computed here?
CONTROL = "import tensorflow as tf\nassert float(tf.reduce_sum(tf.ones((2, 2)))) == 4"

#: Outputs that can't carry code into a browser. HTML, SVG, Markdown, LaTeX and JavaScript can, but for HTML that is one
#: of the course's own pictures.
SAFE_MIMES = ("text/plain", "image/png", "image/jpeg")


def judge(folder, sources, limits=Limits(), unsafe=False):  # noqa: B008
    """Judge what a student handed in for one assignment.

    folder: the submission's files. They are only read.
    sources: a dict from notebook name to the instructor's notebook, with solutions and hidden tests, as
        nst.course.release.read_source gives it. Those without exercises and tests are left out: they are not run,
        cannot be missing, and get no feedback.
    limits: Limits.
    unsafe: run without a sandbox, with your own rights: only for submissions that you trust.

    Returns a Judgement, whatever was handed in. Raises NotJudged where the grader itself has failed, and SandboxError,
    which is such a one, where there is no sandbox here.
    """
    began = time.monotonic()
    submission = take_in(folder, sources)
    files = {
        f"{name}.ipynb": nbformat.writes(repaired.notebook).encode() for name, repaired in submission.notebooks.items()
    }
    judgement = Judgement(submission.state, submission.reasons, submission.repairs, submission.flags)
    judgement.evidence = {
        "submission": submission.hashes,
        "tests": fingerprints(sources),
        "versions": dict(_versions()),
    }
    with Sandbox(files, limits, unsafe, paints=needs_painting(sources.values())) as sandbox:
        for name, released in submission.released.items():
            if name in submission.notebooks:
                _Sitting(name, submission.notebooks[name], released, sources[name], sandbox, judgement).run()
            else:
                _refuse(name, released, judgement)
        if judgement.deaths:
            _demand_that_others_live(sandbox)
    judgement.seconds = time.monotonic() - began
    return judgement


class _Sitting:
    """One notebook being judged: its cells in order, in a process that is started again where it dies."""

    def __init__(self, name, repaired, released, source, sandbox, judgement):
        self.name, self.cells, self.source = name, repaired.cells, source
        self.sandbox, self.judgement = sandbox, judgement
        self.shown = [
            _shown(cell, original) for cell, original in zip(self.cells, repaired.notebook.cells, strict=True)
        ]
        self.tests = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if _is_test(cell)}
        self.stubs = {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in released.cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }
        self.harmful = set()  # cells that ended their process: only their definitions are run again
        self.hopeless = set()  # those that did it a second time
        self.doubted = set()  # those that may have done so: what kills from outside doesn't come twice
        self.at = self.ran = 0
        self.output = OUTPUT_BYTES  # that all its processes together may still show
        self.spent = None  # one sentence once nothing can be run any more

    def run(self):
        """Run and examine all cells; every test gets a Mark."""
        setting = Setting(self.source)
        while self.at < len(self.cells) and self.spent is None:
            try:
                with self.sandbox.notebook(self.name) as sock:
                    deadline = time.monotonic() + max(self.sandbox.time_left(), 0)
                    limits = self.sandbox.limits
                    student = RemoteNotebook(
                        sock, limits.cell_seconds, limits.call_seconds, deadline, self.output, limits.output
                    )
                    if not student.answers(START):
                        self.sandbox.unanswered()
                        continue
                    self._catch_up(student)
                    while student.alive and self.at < len(self.cells):
                        self._step(self.at, student, setting)
                    student.close()
                    self.output = student.output_left
            except TimeSpent as error:
                self.spent = str(error)
        for number in range(self.at, len(self.cells)):
            if self.cells[number].role == "test":
                self._mark(number, False, f"This test was not run: {self.spent}", "")
        notebook = v4.new_notebook(cells=self.shown, metadata=self.source.metadata)
        self.judgement.notebooks[self.name] = notebook

    def _catch_up(self, student):
        """Bring a new process to where the last one ended. The outputs are there already."""
        for number in range(self.at):
            source = self.cells[number].source
            if number in self.harmful:
                source = definitions(source)
            if source and self._runs(number) and student.alive:
                try:
                    student.run_cell(source, draws=False)
                except StudentGone:
                    if self._tried_again(number, student):
                        return
                    # The sitting goes on without it, or, where it was harmless the first time, with less of it.
                    (self.hopeless if number in self.harmful else self.harmful).add(number)
                    self._say(number, "error", "This cell ended its process when it was run again.")

    def _tried_again(self, number, student):
        """Is the death of this process left open, until the cell has been run in another one?"""
        if not student.died or self.sandbox.ended:
            return False
        if number in self.doubted:
            self.judgement.deaths += 1
            return False
        self.doubted.add(number)
        return True

    def _runs(self, number):
        return is_run(self.cells[number]) and number not in self.hopeless

    def _step(self, number, student, setting):
        cell = self.cells[number]
        if (cell.role == "test" or self._runs(number)) and number not in self.doubted:
            self.ran += 1
            self.shown[number].execution_count = self.ran
        if cell.role == "test":
            outcome = examine(self.tests[cell.grade_id].source, student, setting)
            if not student.alive and self._tried_again(number, student):
                return
            message = outcome.message
            if not student.alive and self.sandbox.ended:
                message += f"\n{self.sandbox.ended}"
            self._mark(number, outcome.passed, message, outcome.printed)
        elif self._runs(number):
            if cell.role == "solution" and cell.source == self.stubs.get(cell.grade_id):
                self.judgement.unanswered.add(cell.grade_id)
            try:
                result = student.run_cell(cell.source, draws=cell.role != "given")
                self.shown[number].outputs = _safe(result.outputs)
                self._flag_failed(cell, result)
            except StudentGone as error:
                if self._tried_again(number, student):
                    return
                self.harmful.add(number)
                self._say(number, "error", self.sandbox.ended or f"This cell was stopped: {error}.")
                if cell.role == "solution" and definitions(cell.source):
                    self._flag(cell, "was stopped; from then on only what it defines is run.")
        self.at += 1

    def _flag_failed(self, cell, result):
        """Somebody should look where an answer cannot be read, or where only a part of a cell was run."""
        kind, message = result.error or ("", "")
        if cell.role == "solution" and kind in ("SyntaxError", "IndentationError", "TabError"):
            message = re.sub(r"<ipython-input[^>]*>, ", "", clean(message, 200))
            self._flag(cell, f"cannot be read as a whole by Python: {message}.")
        if cell.from_student and result.rescued:
            self._flag(cell, f"stops with {kind}; what it defines all the same was run: {', '.join(result.rescued)}.")

    def _flag(self, cell, text):
        sentence = f"{self.name}: {cell.grade_id or 'an added cell'} {text}"
        self.judgement.flags.append(" ".join(sentence.split()))

    def _mark(self, number, passed, message, printed):
        grade_id = self.cells[number].grade_id
        points = float(self.tests[grade_id].metadata.nbgrader.points)
        self.judgement.marks.append(Mark(self.name, grade_id, points, passed, message, printed))
        if printed:
            self._say(number, "stream", printed)
        if not passed:
            self._say(number, "error", message)

    def _say(self, number, kind, text):
        """Write an output of the grader's own under a cell."""
        if kind == "stream":
            output = v4.new_output("stream", name="stdout", text=text)
        else:
            output = v4.new_output("error", ename="Not passed", evalue=text.partition("\n")[0], traceback=[text])
        self.shown[number].outputs.append(output)


def _demand_that_others_live(sandbox):
    """Raise NotJudged if the grader's own cell fails, too, after a student's process has died."""
    with suppress(TimeSpent):
        while True:
            with sandbox.notebook("control") as sock:
                control = RemoteNotebook(sock)
                if control.answers(START) and control.computes(CONTROL):
                    return
                sandbox.unanswered()


def _refuse(name, released, judgement):
    """No points for a notebook that could not be used; the student reads why in its place."""
    judgement.refused.add(name)
    why = " ".join(judgement.reasons)
    released = copy.deepcopy(released)
    note = v4.new_markdown_cell(f"**This notebook could not be graded.**\n\n{_fenced(why)}")
    judgement.notebooks[name] = v4.new_notebook(cells=[note, *released.cells], metadata=released.metadata)
    for cell in filter(_is_test, released.cells):
        points = float(cell.metadata.nbgrader.points)
        judgement.marks.append(Mark(name, cell.metadata.nbgrader.grade_id, points, False, why, ""))


def _is_test(cell):
    return cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade", False)


def _shown(cell, original):
    """A cell as it will be read; a student's Markdown becomes plain text, for it may hold HTML."""
    shown = NotebookNode(original)
    if cell.role == "markdown" and cell.from_student:
        shown.source = _fenced(shown.source)
    elif shown.cell_type == "code":
        shown.outputs = []
    return shown


def _fenced(text):
    return "\n".join("    " + line for line in text.splitlines())


def _safe(outputs):
    """Without what could run in the browser of whoever reads the feedback."""
    safe = []
    for output in outputs:
        if "data" in output:
            given, page = output["data"], output["data"].get("text/html", "")
            output["data"] = {mime: given[mime] for mime in SAFE_MIMES if mime in given}
            if is_picture(page):
                output["data"]["text/html"] = page
            if not output["data"]:
                continue
        safe.append(nbformat.from_dict(output))
    return safe


@cache
def _versions():
    found = {name: version(name) for name in ("tensorflow", "numpy", "keras", "nbgrader", "ipython")}
    return tuple({"python": platform.python_version(), **found}.items())
