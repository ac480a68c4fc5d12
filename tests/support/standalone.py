"""The forms of tests/support/forms as text: what a student would have typed into the solution's cell."""

import ast
import re
from functools import lru_cache
from importlib import import_module
from inspect import getsource

from nst.cells import names_of


def texts_of_forms(assignment, kind):
    """Exercise -> [(label, text)] of one kind, "ACCEPTED" or "REJECTED".

    A text defines the function under the exercise's own name, and all that it needs of its module but what is another
    exercise: that is the student's own. Forms that are made by a call have no text of their own, and are left out.
    """
    module = import_module(f"tests.support.forms.{assignment.replace('-', '_')}")
    exercises = {name.removesuffix("_batch") for name in module.ACCEPTED}
    return {
        exercise: [
            (ast.literal_eval(entry.elts[0]), text)
            for entry in entries
            if (text := _text(module, entry.elts[1], exercise.removesuffix("_batch"), exercises))
        ]
        for exercise, entries in _entries(module, kind)
    }


def _entries(module, kind):
    """(exercise, the tuples of its forms) as the module has them."""
    (made,) = [node for node in _statements(module)[0] if isinstance(node, ast.Assign) and node.targets[0].id == kind]
    return [(key.value, value.elts) for key, value in zip(made.value.keys, made.value.values, strict=True)]


@lru_cache
def _statements(module):
    """(the statements of a module, the name -> the statement that makes it, its text)."""
    text = getsource(module)
    statements = ast.parse(text).body
    makers = {name: node for node in statements for name in names_of(ast.unparse(node))[0]}
    return statements, makers, text


def _text(module, form, exercise, exercises):
    if isinstance(form, ast.Lambda):
        own = f"def {exercise}({ast.unparse(form.args)}):\n    return {ast.unparse(form.body)}"
    elif isinstance(form, ast.Name):
        own = _segment(module, form.id)
    else:
        return None
    name = form.id if isinstance(form, ast.Name) else exercise
    statements, makers, _ = _statements(module)
    needed, waiting = set(), [own]
    while waiting:
        for other in names_of(waiting.pop())[1] & makers.keys():
            # A function that calls itself needs nothing; one that builds on the plain form of its exercise does.
            if other not in needed and other != name and (other == exercise or other not in exercises):
                needed.add(other)
                waiting.append(_segment(module, other))
    pieces = [_segment(module, next(n for n in needed if makers[n] is node))
              for node in statements if any(makers.get(n) is node for n in needed)]  # fmt: skip
    imports = [piece for piece in pieces if piece.startswith(("import ", "from "))]
    others = [piece for piece in pieces if piece not in imports]
    text = "\n\n\n".join(["\n".join(imports), *others, own] if imports else [*others, own])
    if exercise in needed:
        text = re.sub(rf"\b{exercise}\b", f"plain_{exercise}", text)
    return re.sub(rf"\b{name}\b", exercise, text) if name != exercise else text


def _segment(module, name):
    """The text of the statement that makes a name, decorators and the comments within it included."""
    node = _statements(module)[1][name]
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
    return "\n".join(_statements(module)[2].splitlines()[first - 1 : node.end_lineno])
