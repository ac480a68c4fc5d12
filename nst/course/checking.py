"""Is a script of answers/ fit to be released? nbgrader says little, and Jupytext takes a broken line for prose."""

import ast
import re
from collections import Counter
from pathlib import Path

import jupytext


def demand_sound(script):
    """Raise RuntimeError, one sentence, where a percent script cannot be released: what is wrong with it, and where."""
    name = f"{script.parent.name}/{script.name}"
    try:
        text = Path(script).read_text(encoding="utf-8")
    except OSError as error:
        raise RuntimeError(
            f"Expected to read answers/{name}, and found {error.strerror}: give yourself the right to."
        ) from None
    except UnicodeDecodeError as error:
        raise RuntimeError(
            f"Expected UTF-8 in answers/{name}, and found something else at byte {error.start}: save it as UTF-8."
        ) from None
    cells = jupytext.reads(text, fmt="py:percent").cells
    settings = [cell.metadata["nbgrader"] for cell in cells if "nbgrader" in cell.metadata]
    problem = _problem_of_settings(text, settings) or _problem_of_code(cells)
    if problem:
        raise RuntimeError(f"Expected a script that can be released, and found in answers/{name} {problem}.")


def _problem_of_settings(text, settings):
    headers = [line for line in text.splitlines() if re.match(r"# ?%%.*\bnbgrader\b", line)]
    if len(headers) != len(settings) or not all(isinstance(its, dict) for its in settings):
        return (
            f"{len(headers)} cells whose first line speaks of nbgrader, of which Jupytext understands {len(settings)}: "
            "mend the JSON behind nbgrader="
        )
    ids = Counter(its.get("grade_id") for its in settings)
    if not all(isinstance(grade_id, str) and grade_id for grade_id in ids):
        return "a cell of nbgrader's without a grade_id: give it one"
    if twice := [grade_id for grade_id, times in ids.items() if times > 1]:
        return f"the grade_id {twice[0]} twice: give one of the two cells another"
    for its in settings:
        points = its.get("points")
        if its.get("grade") and (isinstance(points, bool) or not isinstance(points, int | float) or not points >= 0):
            return f"a test, {its['grade_id']}, with the points {points!r}: give it a number that is not negative"
    return None


def _problem_of_code(cells):
    from IPython.core.inputtransformer2 import TransformerManager

    for number, cell in enumerate(cells, 1):
        if cell.cell_type != "code":
            continue
        try:
            ast.parse(TransformerManager().transform_cell(cell.source))  # which makes function calls of magics
        except SyntaxError as error:
            which = cell.metadata.get("nbgrader", {}).get("grade_id") or f"number {number}"
            return f"a cell, {which}, that is no Python at its line {error.lineno} ({error.msg}): mend it"
    return None
