"""Judges for the tiny course that look at answers instead of running them, here and in other processes."""

import os
import signal
import time
from pathlib import Path

import nbformat

from nst.grading.faults import NotJudged
from nst.grading.intake.skeleton import is_graded, released
from nst.grading.intake.submission import take_in
from nst.grading.judgement import Judgement, Mark

RIGHT = {"add": "def add(a, b):\n    return a + b", "double": "def double(a):\n    return 2 * a"}


def stored_judge(folder, sources, limits=None, unsafe=False):
    """In place of nst.grading.judge.judge: the same Judgement, by looking at the answers instead of running them."""
    submission = take_in(folder, sources)
    judgement = Judgement(submission.state, submission.reasons, submission.repairs, submission.flags)
    judgement.evidence = {"submission": submission.hashes, "tests": {}, "versions": {}}
    for name in sorted(name for name in sources if is_graded(sources[name])):
        skeleton = released(sources[name])
        handed = submission.notebooks.get(name)
        judgement.notebooks[name] = handed.notebook if handed else skeleton
        if not handed:
            judgement.refused.add(name)
        answers = [cell for cell in handed.cells if cell.role == "solution"] if handed else []
        right = bool(answers) and all(cell.source.strip() in RIGHT.values() for cell in answers)
        judgement.unanswered |= {cell.grade_id for cell in answers if not cell.from_student}
        for cell in sources[name].cells:
            settings = cell.metadata.get("nbgrader", {})
            if settings.get("grade") and not settings.get("solution"):
                message = "" if right else "Not what was asked for."
                judgement.marks.append(Mark(name, settings.grade_id, float(settings.points), right, message, ""))
    return judgement


def told_judge(folder, sources, limits, unsafe):
    """A simpler one, which does what a comment in an answer tells it to, once it has noted that it was asked.

    "# kill": it kills its process; "# kill once": the first time. "# fault": the grader's own. "# sleep": it takes two
    seconds. Notes are files in the folder that NST_TOLD names, one for each time.
    """
    told = Path(os.environ["NST_TOLD"])
    text = "".join(path.read_text() for path in sorted(Path(folder).glob("*.ipynb")))
    asked = text in [path.read_text() for path in told.iterdir()]
    (told / f"{time.time_ns()}-{os.getpid()}").write_text(text)
    if "# kill" in text and not (asked and "# kill once" in text):
        os.kill(os.getpid(), signal.SIGKILL)
    if "# fault" in text:
        raise NotJudged("This machine is out of order.")
    if "# sleep" in text:
        time.sleep(2)
    judgement = Judgement("graded", [], [], [])
    for name in sources:
        right = Path(folder, f"{name}.ipynb").exists()
        notebook = nbformat.read(Path(folder, f"{name}.ipynb"), 4) if right else sources[name]
        right = right and any(cell.source in RIGHT.values() for cell in notebook.cells)
        judgement.notebooks[name] = notebook
        for cell in sources[name].cells:
            settings = cell.metadata.get("nbgrader", {})
            if settings.get("grade"):
                judgement.marks.append(Mark(name, settings.grade_id, float(settings.points), right, "No.", ""))
    return judgement
