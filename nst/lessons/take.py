"""Carry your own functions from one notebook of an assignment to the next."""

import ast
import io
import linecache
import re
import sys
from contextlib import redirect_stdout
from functools import partial
from itertools import pairwise
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager


def take(notebook, name, *names, folder=None):
    """Return functions that you wrote in another notebook of this assignment.

    Only the imports, functions, classes and constants of that notebook are run, so no painting starts again. What it
    takes from a notebook before it, in a line such as `f, g = take("1-losses", "f", "g")`, comes along.

    notebook: the notebook's name, such as "1-content-cost".
    name, names: the function to take, or several.
    folder: where the notebook is; by default the working directory, which Jupyter sets to the folder of the open
        notebook.

    Returns the function, or a tuple of them when you name several. A stand-in takes the place of one that is not
    finished yet: a line says so, and calling it raises NotImplementedError with the same words.
    Raises FileNotFoundError or ValueError, one sentence, for a notebook that is not there or is damaged.
    """
    path = Path(folder or Path.cwd()) / f"{notebook}.ipynb"
    if not path.exists():
        raise FileNotFoundError(
            f"Expected your notebook {path.name} in {path.parent}, and it is not there: "
            "put it beside this notebook, or open this notebook from its own folder."
        )
    try:
        cells = nbformat.read(path, as_version=4).cells
    except Exception as error:
        raise ValueError(
            f"{path.name} is damaged and cannot be read ({type(error).__name__}): "
            "restore it from a copy or a checkpoint."
        ) from None
    names = (name, *names)
    stubs, broken, namespace = set(), [], {"__name__": notebook}
    for number, cell in enumerate(cells, start=1):
        if cell.cell_type != "code":
            continue
        source = _plain_python(cell.source)
        try:
            found = ast.parse(source).body
        except SyntaxError:
            broken.append(number)
            found = _readable(source)
        definitions = [node for node in found if _is_definition(node)]
        for node in definitions:
            if isinstance(node, ast.FunctionDef):
                (stubs.add if _is_stub(node) else stubs.discard)(node.name)
        # A traceback shows the line of your cell, and tf.function can read the source.
        where = f"<{path.name}, cell {number}>"
        linecache.cache[where] = (len(source), None, source.splitlines(keepends=True), where)
        for node in definitions:
            said = None
            if _is_take(node):
                namespace["take"] = partial(take, folder=path.parent)
                said = io.StringIO()  # what is unfinished there is told where it is taken for its own sake, or called
            try:
                with redirect_stdout(said or sys.stdout):
                    exec(compile(ast.Module([node], type_ignores=[]), where, "exec"), namespace)
            except ImportError as error:
                # Most often something of Colab's, which no function needs.
                print(f"{path.name}, cell {number}: {error}. It is left out.")
    for missing in [name for name in names if name not in namespace] + sorted(stubs):
        namespace[missing] = _stand_in(missing, path, broken)
    taken = tuple(namespace[name] for name in names)
    return taken if len(taken) > 1 else taken[0]


def _stand_in(name, path, broken):
    sentence = (
        f"{name} is not finished in {path.name} yet: finish it there, save that notebook, then run this cell again."
    )
    if broken:
        sentence += f" (A syntax error there hides what is in cell {', '.join(map(str, broken))}.)"
    print(sentence)

    def unfinished(*args, **kwargs):
        raise NotImplementedError(sentence)

    return unfinished


def _plain_python(source):
    """A cell as Python: magics become function calls, and the first line of a cell magic such as %%time goes."""
    if source.lstrip().startswith("%%"):
        source = "\n" + source.lstrip().partition("\n")[2]
    return TransformerManager().transform_cell(source)


def _readable(source):
    """The statements that Python can read of a cell of which it cannot read the whole."""
    # A statement begins at the left edge, or with its decorators.
    starts = [match.start() for match in re.finditer(r"(?m)^(?:@.*\n)*[^\s#)\]}@]", source)]
    found = []
    for start, end in pairwise([*starts, len(source)]):
        try:
            found += ast.parse("\n" * source.count("\n", 0, start) + source[start:end]).body
        except SyntaxError:
            continue
    return found


def _is_definition(node):
    """An import, a function, a class, or an assignment of a lambda, of something spelled out in numbers and text, or of
    what was taken from another notebook."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef) or _is_take(node):
        return True
    literal = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.BinOp, ast.UnaryOp)
    grammar = (ast.operator, ast.unaryop, ast.expr_context)
    return isinstance(node, ast.Assign) and (
        isinstance(node.value, ast.Lambda) or all(isinstance(part, literal + grammar) for part in ast.walk(node.value))
    )


def _is_take(node):
    """Is it names = take("1-losses", …), with nothing but texts inside?"""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
        return False
    call = node.value
    texts = all(isinstance(argument, ast.Constant) for argument in call.args) and not call.keywords
    return texts and isinstance(call.func, ast.Name) and call.func.id == "take"


def is_stub(source):
    """Does each function of a cell, or a cell without any, raise NotImplementedError before it can return anything?"""
    try:
        cell = ast.parse(_plain_python(source))
    except SyntaxError:
        return False
    return all(map(_is_stub, [node for node in cell.body if isinstance(node, ast.FunctionDef)] or [cell]))


def _is_stub(function):
    """Does the function raise NotImplementedError before it can return anything?"""
    for node in function.body:
        if isinstance(node, ast.Raise) and node.exc is not None and "NotImplementedError" in ast.dump(node.exc):
            return True
        if any(isinstance(part, ast.Return) for part in _own(node)):
            return False
    return False


def _own(node):
    """A statement and what is in it, without the functions in it."""
    found = [node]
    for part in found:  # grows meanwhile
        if not isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            found += ast.iter_child_nodes(part)
    return found
