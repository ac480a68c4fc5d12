"""Where in the student's code an error arose, and what stands there: the words that a sentence on it is filled with."""

import ast
import builtins
import difflib
import linecache
import textwrap

from nst.tracebacks import own_lines

_NOTHING = object()


class Place:
    """The expression that stopped, as the student wrote it. Without a traceback it knows nothing, and says "it".

    error: what was raised. function: where it came without a traceback, the function that raised it, for its names.
    """

    def __init__(self, error, function=None):
        lines = own_lines(error)
        self.line = lines[-1] if lines else None
        self.frame = self.line.frame if self.line else None
        self.error, self.function = error, function
        self.node = self._node()

    def words(self):
        """What templates are filled with.

        code: all of the expression. owner, other: its parts: what stands before a dot, a bracket or an operator, and
        what in or behind it. names: what a line `names = values` unpacks to, values: from what.
        """
        node = self.node
        owner = getattr(node, "value", None) or getattr(node, "func", None) or getattr(node, "left", None)
        other = getattr(node, "slice", None) or getattr(node, "right", None)
        if isinstance(node, ast.Compare):
            other = node.comparators[0]
        return {
            "code": _quoted(node) or "this line",
            "owner": _quoted(owner) or "A value here",
            "other": _quoted(other) or "another",
            "bare": _source(owner) or "x",
        }

    def unpacked(self):
        """(what is unpacked, as the student wrote it, its values) of a line `a, b = values`; None where it is none."""
        try:
            statement = ast.parse(self.line.text.strip()).body[0]
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple | ast.List):
                return _quoted(statement.value), self.value(statement.value)
        except (SyntaxError, AttributeError, IndexError):
            pass
        return None

    def value(self, node):
        """What a name, or names with dots between, stands for where the error arose; None for anything else."""
        if isinstance(node, ast.Name):
            found = self.names().get(node.id, _NOTHING)
            return None if found is _NOTHING else found
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            return None if owner is None else getattr(owner, node.attr, None)
        return None

    def called(self):
        """The function that was called where the error arose, and how the student wrote it; (None, None) without."""
        if isinstance(self.node, ast.Call):
            return self.value(self.node.func), _quoted(self.node.func)
        return None, None

    def names(self):
        """name -> value of all names in sight where the error arose."""
        if self.frame is not None:
            return vars(builtins) | self.frame.f_globals | self.frame.f_locals
        return vars(builtins) | getattr(self.function, "__globals__", {})

    def _node(self):
        """The syntax tree of the expression at which it stopped."""
        if self.frame is None or self.line.position < 0:
            return None
        positions = list(self.frame.f_code.co_positions())[self.line.position // 2]
        if None in positions:
            return None
        first, last, begin, end = positions
        lines = [linecache.getline(self.line.file, number).encode() for number in range(first, last + 1)]
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][begin:]
        try:
            return ast.parse(b"".join(lines).decode().strip(), mode="eval").body
        except (SyntaxError, UnicodeDecodeError):
            return None


def nearest(name, names):
    """The name that is meant, probably; None where no name is near."""
    named = [other for other in map(str, names) if not other.startswith("_") and other != name]
    found = difflib.get_close_matches(name, named, n=1, cutoff=0.9)
    found = found or [other for other in named if other.lower() == name.lower()]
    found = found or difflib.get_close_matches(name, named, n=1, cutoff=0.7)
    return found[0] if found else None


def _source(node):
    return None if node is None else textwrap.shorten(ast.unparse(node), 60, placeholder=" …")


def _quoted(node):
    return None if node is None else f"`{_source(node)}`"
