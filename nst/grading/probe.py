"""Can this machine judge at all? A right answer and a wrong one go the whole way before the first student's does."""

import tempfile
import time
from pathlib import Path

import nbformat
from nbformat import v4

from nst.course.release import KERNEL
from nst.grading.faults import NotJudged, of_the_grader
from nst.grading.judge import judge
from nst.grading.walls.packages import direct
from nst.grading.walls.sandbox import Limits

#: Seconds for which a machine that could judge is believed to be still able to.
BELIEVED = 600

_IMPORTS = "import importlib.util\n\nimport numpy as np\nimport tensorflow as tf"

_EXERCISES = {
    "right": ("x", "return tf.reduce_sum(tf.constant(x) ** 2)"),
    "wrong": ("x", "return tf.reduce_sum(tf.constant(x))"),
    "absent": ("names", "return [name for name in names if importlib.util.find_spec(name) is None]"),
}

_TESTS = {
    "right": "assert np.isclose(float(right(np.array([3.0, 4.0]))), 25)",
    "wrong": "assert np.isclose(float(wrong(np.array([3.0, 4.0]))), 25)",
    "absent": "missing = absent({names})\nassert missing == [], f'the sandbox does not find {{missing}}'",
}

_believed = {}


def probe(limits=Limits(), unsafe=False):  # noqa: B008
    """Judge a tiny submission whose marks are known. Raises NotJudged where they come out otherwise.

    Whoever has just been believed is not asked again, so that judging one submission after another costs no more.
    """
    key = limits, unsafe
    if time.monotonic() < _believed.pop(key, 0):
        _believed[key] = time.monotonic() + BELIEVED
        return
    source = _notebook()
    with of_the_grader("to judge a submission of its own"), tempfile.TemporaryDirectory() as folder:
        nbformat.write(source, Path(folder, "probe.ipynb"))
        judgement = judge(folder, {"probe": source}, limits, unsafe)
    cause = _cause(judgement)
    if cause:
        raise NotJudged(
            "Expected this machine to give a right answer its point and a wrong one none, before it judges anybody, "
            f"and found {cause}: mend the Python environment, or what this machine lacks, then judge again."
        )
    _believed[key] = time.monotonic() + BELIEVED


def _notebook():
    """A source notebook: three exercises, one answered wrongly, and their tests."""
    cells = [v4.new_code_cell(_IMPORTS, id="imports")]
    for name, (argument, answer) in _EXERCISES.items():
        solution = f"def {name}({argument}):\n    ### BEGIN SOLUTION\n    {answer}\n    ### END SOLUTION"
        cells.append(_cell(name, solution, solution=True, grade=False))
        test = _TESTS[name].format(names=direct())
        cells.append(_cell(f"test_{name}", test, solution=False, grade=True, points=1))
    return v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def _cell(name, source, **settings):
    nbgrader = {"grade_id": name, "locked": not settings["solution"], "schema_version": 3, "task": False} | settings
    return v4.new_code_cell(source, id=name, metadata={"nbgrader": nbgrader})


def _cause(judgement):
    """What is not as it should be with the marks, in words; or None."""
    marks = {mark.grade_id: mark for mark in judgement.marks}
    if len(marks) < len(_TESTS):
        return f"that its own submission is {judgement.state} ({' '.join(judgement.reasons)})"
    if marks["test_wrong"].passed:
        return "that the wrong answer passed"
    failed = [name for name in ("right", "absent") if not marks[f"test_{name}"].passed]
    if not failed:
        return None
    errors = [
        f"{output.ename}: {output.evalue}"
        for cell in judgement.notebooks["probe"].cells
        for output in cell.get("outputs", ())
        if output.output_type == "error" and output.ename != "Not passed"
    ]
    lines = marks[f"test_{failed[0]}"].message.splitlines()
    return f"that the right answer failed ({'; '.join([*errors[:1], *lines[:1]])})"
