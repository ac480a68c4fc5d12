"""What a notebook's cells define, read without running the rest of them."""

import ast
import re
from itertools import pairwise

from nst.cells import plain_python

_LITERAL = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.BinOp, ast.UnaryOp)
_GRAMMAR = (ast.operator, ast.unaryop, ast.expr_context)


def readable(source):
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


def definitions(statements, namespace):
    """Those of the statements that only define something, one by one; each is to be run before the next is asked for.

    Of `if` and `with` come the definitions inside; what `if` asks is looked up in the namespace, where it is not there
    the first branch counts. Of `try` comes the statement itself, with its definitions alone.
    """
    for statement in statements:
        if isinstance(statement, ast.If):
            yield from definitions(statement.body if _holds(statement.test, namespace) else statement.orelse, namespace)
        elif isinstance(statement, ast.With):
            yield from definitions(statement.body, namespace)
        elif isinstance(statement, ast.Try):
            nothing = ast.copy_location(ast.Pass(), statement)
            for block in (statement, *statement.handlers):
                block.body = _only_definitions(block.body) or [nothing]
            statement.orelse = _only_definitions(statement.orelse)
            statement.finalbody = statement.finalbody and (_only_definitions(statement.finalbody) or [nothing])
            yield statement
        elif _is_definition(statement):
            yield statement


def _only_definitions(statements):
    return [node for node in statements if _is_definition(node)]


def _holds(test, namespace):
    """Whether a condition holds that calls nothing; True where it calls something, or cannot be told."""
    if any(isinstance(part, ast.Call | ast.Await | ast.NamedExpr) for part in ast.walk(test)):
        return True
    try:
        code = compile(ast.fix_missing_locations(ast.Expression(test)), "<if>", "eval")
        return bool(eval(code, namespace | {"__name__": "__main__"}))
    except Exception:
        return True


def _is_definition(node):
    """An import, a function, a class, or an assignment of a lambda, of something spelled out in numbers and text, of
    another name for something, or of what was taken from another notebook."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef) or is_take(node):
        return True
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return False
    if isinstance(node.value, ast.Lambda):
        return True
    parts = list(ast.walk(node.value))
    names = all(isinstance(part, ast.Name | ast.Attribute | ast.Load) for part in parts)
    return names or all(isinstance(part, _LITERAL + _GRAMMAR) for part in parts)


def is_take(node):
    """Is it names = take("1-losses", …), with nothing but texts, True and False inside?"""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
        return False
    call = node.value
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    constant = all(isinstance(argument, ast.Constant) for argument in given)
    return constant and isinstance(call.func, ast.Name) and call.func.id == "take"


def functions(statement):
    """The functions that a definition defines in the notebook, of `try` too."""
    if isinstance(statement, ast.FunctionDef):
        return [statement]
    blocks = [statement, *statement.handlers] if isinstance(statement, ast.Try) else []
    return [node for block in blocks for node in block.body if isinstance(node, ast.FunctionDef)]


def is_stub(source):
    """Does each function of a cell, or a cell without any, raise NotImplementedError before it can return anything?"""
    try:
        cell = ast.parse(plain_python(source))
    except SyntaxError:
        return False
    return all(map(is_unwritten, [node for node in cell.body if isinstance(node, ast.FunctionDef)] or [cell]))


def is_unwritten(function):
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
