"""The worked solution of an exercise, for whoever learns alone and is stuck."""

import re

from IPython.display import Markdown, display

from nst.checks import face_recognition, fast_style_transfer, neural_style_transfer, what_convnets_see
from nst.checks.tries import ENOUGH, count_tries, solutions_are_offered
from nst.course.release import read_source
from nst.paths import CHECKOUT

_ASSIGNMENTS = {
    "what-convnets-see": what_convnets_see,
    "neural-style-transfer": neural_style_transfer,
    "fast-style-transfer": fast_style_transfer,
    "face-recognition": face_recognition,
}

_ADVICE = (
    "Find the line of yours that differs, and say to yourself why. Then close this, and write the function again "
    "without looking."
)


def worked_solution(function):
    """Show how the course itself answers an exercise: the formula, and the lines that compute it.

    function: yours, under its own name. First the check must have found fault with two different versions of it in this
    session; until then a sentence says so. Another says where an instructor has switched solutions off, or the answers
    did not come with the course.
    """
    name = getattr(function, "__name__", str(function))
    # An exercise may have a part of its own about batches.
    found = [
        (folder, exercise)
        for folder, checks in _ASSIGNMENTS.items()
        for exercise in checks.EXERCISES.values()
        if exercise.name == name
    ]
    if not found:
        print(f"There is no exercise called {name!r}: pass one of your functions, under its own name.")
    elif not solutions_are_offered():
        print("This course shows no worked solutions here: ask your instructor, or a friend, to look at it with you.")
    else:
        # Two assignments have a gram_matrix: it is about the one that was tried.
        folder, exercise = max(found, key=lambda entry: count_tries(entry[1]))
        tries = count_tries(exercise)
        if tries < ENOUGH:
            print(
                f"Try {name} yourself first: its check has found fault with {tries} of your versions so far, and after "
                f"{ENOUGH} different ones you may see how the course does it."
            )
        else:
            display(Markdown(_worked(folder, name)))


def _worked(folder, name):
    """The formula of an exercise and its solution, as Markdown."""
    for script in sorted((CHECKOUT / "answers" / folder).glob("*.py")):
        told = ""
        for cell in read_source(script).cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == name:
                formula = re.search(r"(?s)\*\*The (?:formula|recipe|rule).*(?=\*\*Your task)", told)[0]
                code = re.sub(r"(?m)^ *### (BEGIN|END) SOLUTION\n?", "", cell.source).strip()
                return f"{formula}```python\n{code}\n```\n\n{_ADVICE}"
            if cell.cell_type == "markdown":
                told = cell.source if "Exercise: `" in cell.source else f"{told}\n\n{cell.source}"
    raise LookupError(f"answers/{folder} has no cell called {name!r}.")
