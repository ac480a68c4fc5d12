"""Slips of the pen: the course's own solution with one thing in it changed, as students hand it in when nearly done."""

import ast
import copy

_INSTEAD = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div}
_ORDER = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.Lt}
_CALLED = {
    "reduce_sum": "reduce_mean",
    "reduce_mean": "reduce_sum",
    "square": "abs",
    "maximum": "minimum",
    "argmin": "argmax",
    "argmax": "argmin",
    "norm": "sum",
    "mean": "sum",
    "sigmoid": "tanh",
}


def slips(solution):
    """[(what was done, text)], one for each thing in a solution that is easily got wrong, from top to bottom.

    A slip need not be a mistake: some leave the function right. Comments are lost, docstrings are not.
    """
    tree, made = ast.parse(solution), []
    places = [place for place, node in enumerate(ast.walk(tree)) if _slip(node)]
    for place in places:
        changed = copy.deepcopy(tree)
        node = next(node for number, node in enumerate(ast.walk(changed)) if number == place)
        said, put = _slip(node)
        put()
        made.append((node.lineno, said, ast.unparse(changed)))
    return [(f"{said}, line {line}", text) for line, said, text in sorted(made)]


def _slip(node):
    """(what is to be done to a node, how to do it), or None."""
    if isinstance(node, ast.BinOp) and type(node.op) in _INSTEAD:
        other = _INSTEAD[type(node.op)]
        return f"{type(node.op).__name__} became {other.__name__}", lambda: setattr(node, "op", other())
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _ORDER:
        other = _ORDER[type(node.ops[0])]
        return f"{type(node.ops[0]).__name__} became {other.__name__}", lambda: setattr(node, "ops", [other()])
    if isinstance(node, ast.Attribute) and node.attr in _CALLED:
        return f"{node.attr} became {_CALLED[node.attr]}", lambda: setattr(node, "attr", _CALLED[node.attr])
    if isinstance(node, ast.keyword) and node.arg.startswith("transpose_"):
        other = "transpose_a" if node.arg == "transpose_b" else "transpose_b"
        return f"{node.arg} became {other}", lambda: setattr(node, "arg", other)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        return "a minus was forgotten", lambda: setattr(node, "op", ast.UAdd())
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and isinstance(node.value.elts[0], ast.Name):
        return "the first of what is returned was returned alone", lambda: setattr(node, "value", node.value.elts[0])
    return None
