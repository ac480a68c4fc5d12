"""Answers with the same code and another look: a docstring as in the release, other names for what is local."""

import ast


def with_docstring(text, stub):
    """`text` with the docstring of the function of the same name in `stub`, where it has none."""
    documented = {node.name: ast.get_docstring(node, clean=False) for node in _functions(stub)}
    lines = text.splitlines()
    for node in reversed(_functions(text)):
        said, first = documented.get(node.name), node.body[0]
        if said and not ast.get_docstring(node) and first.lineno > node.lineno:
            above = min([first.lineno, *(part.lineno for part in getattr(first, "decorator_list", ()))]) - 1
            lines.insert(above, f'{" " * first.col_offset}"""{said}"""')
    return "\n".join(lines)


def _functions(text):
    return [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]


class _Rename(ast.NodeTransformer):
    def __init__(self, names):
        self.names = names

    def visit_Name(self, node):
        node.id = self.names.get(node.id, node.id)
        return node


def renamed(text):
    """The text with other names for its local variables, another layout, and no comments.

    Arguments keep their names, as tests may call by them. A text that is no Python stays as it is.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            inner = [node for node in ast.walk(function) if isinstance(node, ast.FunctionDef | ast.Lambda)]
            kept = {argument.arg for node in inner for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
            kept |= {node.name for node in inner if isinstance(node, ast.FunctionDef)}
            kept |= {name for node in ast.walk(function) if isinstance(node, ast.Global | ast.Nonlocal)
                     for name in node.names}  # fmt: skip
            stored = dict.fromkeys(
                node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            )
            names = {name: f"my_{name}" for name in stored if name not in kept}
            _Rename(names).visit(function)
    return ast.unparse(tree)
