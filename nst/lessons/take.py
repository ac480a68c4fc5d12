"""Carry your own functions from one notebook of an assignment to the next."""

import ast
import inspect
import io
import linecache
import sys
from contextlib import redirect_stdout
from functools import partial
from itertools import chain
from pathlib import Path

import nbformat

from nst.cells import plain_python
from nst.disk import when_reading
from nst.lessons.definitions import definitions, functions, is_take, is_unwritten, readable


def take(notebook, name, *names, folder=None, even_if_wrong=False):
    """Return functions that you wrote in another notebook of this assignment.

    Only the imports, functions, classes and constants of that notebook are run, so no painting starts again. What it
    takes from a notebook before it, in a line such as `f, g = take("1-losses", "f", "g")`, comes along.

    notebook: the notebook's name, such as "1-content-cost".
    name, names: the function to take, or several.
    folder: where the notebook is; by default the working directory, which Jupyter sets to the folder of the open
        notebook.
    even_if_wrong: take a function although its check says that it is not right.

    Returns the function, or a tuple of them when you name several. Each is checked first, as check() does in its own
    notebook. A stand-in takes the place of one that is not finished yet, or not right: a line says so, and calling it
    raises NotImplementedError with the same words.
    Raises FileNotFoundError or ValueError, one sentence, for a notebook that is not there or cannot be read.
    """
    path = Path(folder or Path.cwd()) / f"{notebook}.ipynb"
    names = (name, *names)
    stubs, broken, namespace = set(), [], {"__name__": notebook}
    for number, cell in enumerate(_cells(path), start=1):
        if cell.cell_type != "code":
            continue
        source = plain_python(cell.source)
        try:
            found = ast.parse(source).body
        except SyntaxError:
            broken.append(number)
            found = readable(source)
        # A traceback shows the line of your cell, and tf.function can read the source.
        where = f"<{path.name}, cell {number}>"
        linecache.cache[where] = (len(source), None, source.splitlines(keepends=True), where)
        for node in definitions(found, namespace):
            for function in functions(node):
                (stubs.add if is_unwritten(function) else stubs.discard)(function.name)
            _run(node, where, namespace, path)
    unfinished = [name for name in names if name not in namespace] + sorted(stubs)
    for name in unfinished:
        sentence = f"{name} is not finished in {path.name} yet: finish it there, save that notebook, then run this cell"
        sentence += " again."
        if broken:
            sentence += f" (A syntax error there hides what is in cell {', '.join(map(str, broken))}.)"
        namespace[name] = _stand_in(sentence)
    if not even_if_wrong:
        _set_wrong_ones_aside(names, namespace, path)
    taken = tuple(namespace[name] for name in names)
    return taken if len(taken) > 1 else taken[0]


def _cells(path):
    """The cells of a notebook that may not be there, or not be one."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileNotFoundError(
            f"Expected your notebook {path.name} in {path.parent}, and it is not there: "
            "put it beside this notebook, or open this notebook from its own folder."
        ) from None
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read ({error.strerror}): {when_reading(error)}.") from None
    except UnicodeDecodeError:
        text = ""
    try:
        return nbformat.reads(text, as_version=4).cells
    except Exception as error:
        raise ValueError(
            f"{path.name} is damaged and cannot be read ({type(error).__name__}): "
            "restore it from a copy or a checkpoint."
        ) from None


def _run(node, where, namespace, path):
    """Run a definition of a cell."""
    said = None
    if is_take(node):
        # What is wrong or unfinished there is told where it is taken for its own sake, or called.
        namespace["take"] = partial(take, folder=path.parent, even_if_wrong=True)
        said = io.StringIO()
    try:
        with redirect_stdout(said or sys.stdout):
            exec(compile(ast.Module([node], type_ignores=[]), where, "exec"), namespace)
    except ImportError as error:
        # Most often something of Colab's, which no function needs.
        print(f"{where.strip('<>')}: {error}. It is left out.")
    except (NameError, AttributeError) as error:
        if not isinstance(node, ast.Assign | ast.AnnAssign):  # one is another name for what has not been made here
            print(f"{where.strip('<>')}: {error}, as only definitions of that notebook are run. It is left out.")


def _set_wrong_ones_aside(names, namespace, path):
    """Put a stand-in in the place of each function that its check finds wrong, of those named and those they call."""
    check = namespace.get("check")
    exercises = getattr(sys.modules.get(getattr(check, "__module__", None)), "EXERCISES", {})
    for name in _graded(names, namespace, exercises):
        # They are not there where submissions are judged, and neither are exercises.
        from nst.checks.engine import find_verdict
        from nst.checks.verdict import WRONG

        verdict = find_verdict(exercises, namespace[name])
        if verdict.state == WRONG:
            why = f"{verdict.sentence} {verdict.explanation}".strip()
            namespace[name] = _stand_in(
                f"{name} in {path.name} is not right yet: {why} Mend it there, save that notebook, then run this cell "
                "again; or insist, with even_if_wrong=True as the last argument of take."
            )


def _graded(names, namespace, exercises):
    """The exercises among these functions, and among those that the others of them call."""
    found, waiting, seen = [], list(names), set()
    for name in waiting:  # grows meanwhile
        function = inspect.unwrap(namespace.get(name))
        if name in seen or not inspect.isfunction(function):
            continue
        seen.add(name)
        if name in exercises:
            found += [name] if function.__name__ == name else []
        else:
            waiting += _called(function.__code__)
    return found


def _called(code):
    """The names from outside that a function uses, those in the functions and loops within it too."""
    inner = [_called(part) for part in code.co_consts if inspect.iscode(part)]
    return [*code.co_names, *chain(*inner)]


def _stand_in(sentence):
    """A function that only says this, now and whenever it is called."""
    print(sentence)

    def unfinished(*args, **kwargs):
        raise NotImplementedError(sentence)

    return unfinished
