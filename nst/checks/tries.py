"""How often somebody has honestly tried: different versions of a function that a check has found fault with."""

import ast
import inspect
import os
import textwrap

from nst.paths import CHECKOUT

#: So many different versions must have failed before a worked solution may be asked for.
ENOUGH = 2

# By the exercise itself, as two assignments have a gram_matrix. The exercise is kept, so that its id stays its own.
_failed = {}


def note_failed_try(exercise, function):
    """Remember that a check has found fault with this version of a function.

    Returns what to tell about the worked solution: a sentence once there were tries enough and where it is offered, or
    nothing.
    """
    _, versions = _failed.setdefault(id(exercise), (exercise, set()))
    versions.add(_version(function))
    if count_tries(exercise) < ENOUGH or not solutions_are_offered():
        return ""
    return (
        f"Stuck for good? `from nst.course.worked import worked_solution` and `worked_solution({exercise.name})` show "
        "how the course does it."
    )


def count_tries(exercise):
    """How many different versions have failed since the kernel began; a comment or a space makes no other version."""
    return len(_failed[id(exercise)][1]) if id(exercise) in _failed else 0


def solutions_are_offered():
    """May a worked solution be shown here? Not where an instructor says no, nor where there are no answers.

    An instructor says no with the environment variable NST_WORKED_SOLUTIONS=off, or by handing out no answers/.
    """
    is_off = os.environ.get("NST_WORKED_SOLUTIONS", "").lower() == "off"
    return not is_off and CHECKOUT is not None and (CHECKOUT / "answers").is_dir()


def _version(function):
    function = inspect.unwrap(function)
    try:
        return ast.dump(ast.parse(textwrap.dedent(inspect.getsource(function))))
    except (OSError, TypeError, SyntaxError):  # no source, as in a plain console
        return getattr(getattr(function, "__code__", None), "co_code", repr(function))
