"""The instructor's side: locked test cells run here, with the student's functions as remote ones.

`examine` runs a test cell in this process: its source and what it expects never leave it. A test has passed when its
last statement has been executed here, and in no other way.
"""

import ast
import io
import types
from contextlib import redirect_stdout
from typing import NamedTuple

import numpy as np

from nst.checks.outcome import first_line
from nst.checks.printing import told_as_text
from nst.checks.verdict import CheckFailed
from nst.grading.exam.client import Enough, StudentGone
from nst.grading.exam.setting import parsed, wanted
from nst.grading.exam.wire import clean
from nst.grading.faults import NotJudged
from nst.quiet import tf

PRINTED = 20_000  # characters of what a test prints


class Outcome(NamedTuple):
    """What examining gave. message: for the student, why not; printed: what the visible tests have printed."""

    passed: bool
    message: str
    printed: str


def examine(source, student, setting):
    """Run a locked test cell here, on the functions of a RemoteNotebook; an Outcome.

    source: the instructor's, hidden tests included. setting: the Setting of its notebook. Never raises for anything
    that the student has done, and NotJudged where the grader lacks a module or a file; `student.alive` is False
    afterwards where the process can't be asked again.
    """
    if not parsed(source).body:
        raise ValueError("This test cell has nothing in it that could fail; examine the source, not the release.")
    test = _Test(source, student, setting)
    student.setting = setting
    printed = _Printed()
    try:
        with redirect_stdout(printed):
            passed, message = test.run(printed)
    finally:
        student.setting, student.counting = None, False
        student.withdraw()
    return Outcome(passed, message, clean(printed.getvalue(), PRINTED))


class _Printed(io.StringIO):
    """What the visible tests print, up to a bound."""

    hidden = False

    def write(self, text):
        if not self.hidden and self.tell() < PRINTED:
            super().write(text)
        return len(text)


class _Test:
    """A test cell that is being run."""

    def __init__(self, source, student, setting):
        self._student = student
        self._body = parsed(source).body
        lines = source.splitlines()
        inside, self._hidden_lines = False, set()
        for number, line in enumerate(lines, 1):
            inside = (inside or "### BEGIN HIDDEN TESTS" in line) and "### END HIDDEN TESTS" not in line
            if inside:
                self._hidden_lines.add(number)
        self._source, self._setting = source, setting
        self._begun, self._hidden, self._failure = 0, False, ""

    def run(self, printed):
        """Run it: (True, ""), or (False, what the student reads)."""
        left = list(self._body)
        printed.hidden = True  # what the given cells print was printed before
        message = ""
        try:
            namespace = self._namespace()
            while left:
                self._hidden = printed.hidden = left[0].lineno in self._hidden_lines
                self._execute(left[0], namespace)
                left.pop(0)
            if not self._failure:
                return True, ""  # the only way to pass: every statement has been executed, and none has failed
        except Enough:
            pass
        except StudentGone as error:
            message = f"This could not be tested: {error}."
        except Exception as error:
            if isinstance(error, (ImportError, OSError)) and not getattr(error, "remote", False):
                raise NotJudged(
                    f"Expected the grader's own process to have all that a test needs, and found {first_line(error)}: "
                    "mend the Python environment or the course's files, then judge again."
                ) from error
            message = self._explain(error)
        if self._failure:
            number, message = self._failure
            return False, f"Hidden test {number}{self._total(left)}: {message}"
        where = f"Hidden test{f' {self._begun}' if self._begun else 's'}: " if self._hidden else ""
        return False, where + message

    def _total(self, left):
        """` of 4`, or nothing where the statements that are left do not tell."""
        if any("compare(" in ast.unparse(node) for node in left):
            return ""
        return f" of {self._begun + sum(isinstance(node, ast.Assert) for node in left)}"

    def _namespace(self):
        namespace = {"__name__": "__main__"}
        for name in wanted(self._source):
            own = self._setting.own(name, self._source)
            if own:
                namespace[name] = own[0]
                continue
            try:
                found = self._student.get(name)
                namespace[name] = self._student.function(name) if callable(found) else found
            except NameError:
                continue  # names are found too many; a missing one says so where it is used
        return namespace

    def _execute(self, node, namespace):
        if self._hidden and isinstance(node, ast.Assert):
            self._begun += 1
            if self._failure:
                return
        try:
            exec(compile(ast.Module([node], []), "<test>", "exec"), namespace)
        except AssertionError as error:
            if not (self._hidden and isinstance(node, ast.Assert)) or getattr(error, "remote", False):
                raise
            said = node.msg.value if isinstance(node.msg, ast.Constant) else "it does not hold"
            self._fail(f"{said}.")
        compare = namespace.get("compare")
        if self._hidden and isinstance(compare, types.FunctionType) and compare.__module__.startswith("nst.checks."):
            namespace["compare"] = self._counted(compare)

    def _counted(self, compare):
        def counted(function, *inputs, **options):
            self._begun += 1
            if self._failure:
                return
            try:
                compare(function, *inputs, **options)
            except AssertionError as error:
                options.pop("expected", None)
                self._fail(f"{_call_in_words(function, inputs, options)}\n{error}")

        return counted

    def _fail(self, text):
        self._failure = self._begun, text
        self._student.counting = True

    def _explain(self, error):
        """What a student reads of an exception that has ended the test."""
        function = getattr(error, "called", "a function")
        if isinstance(error, NotImplementedError):
            return f"{function} is not written yet, or calls one that is not."
        if getattr(error, "remote", False):
            return f"{function} stops: {clean(first_line(error), 300)}"
        if isinstance(error, CheckFailed) and not self._hidden:
            return told_as_text(error.verdict)
        if isinstance(error, AssertionError) and not self._hidden:
            return str(error) or "What this test asserts does not hold."
        if isinstance(error, NameError) and error.name:
            return f"{error.name} is not defined in your notebook."
        return (
            f"The test could not be completed ({type(error).__name__}), because a function gave something else than it "
            "should."
        )


def _call_in_words(function, inputs, options):
    """`gram_matrix(tensor of shape (2, 3), normalize=False)`."""
    inputs = [_in_words(value) for value in inputs]
    inputs += [f"{name}={_in_words(value)}" for name, value in options.items()]
    return f"{getattr(function, '__name__', 'the function')}({', '.join(inputs)})"


def _in_words(value):
    if isinstance(value, (tf.Tensor, tf.Variable, np.ndarray)) and value.shape != ():
        return f"{'array' if isinstance(value, np.ndarray) else 'tensor'} of shape {tuple(value.shape)}"
    if isinstance(value, (list, tuple)):
        text = f"[{', '.join(map(_in_words, value))}]"
        return text if len(text) < 120 else f"{len(value)} values"
    if isinstance(value, dict):
        return f"a dictionary of {', '.join(map(str, value))}"[:120]
    if value is None or isinstance(value, (bool, int, str, np.integer)):
        return repr(value)[:60]
    if isinstance(value, (float, np.floating)):
        return f"{value:.5g}"
    return "a function" if isinstance(value, types.FunctionType) else f"a {type(value).__name__}"
