"""The instructor's side: locked test cells run here, with the student's functions as remote ones.

`RemoteNotebook` speaks to inside.serve in the student's process. `examine` runs a test cell in this process: its source
and what it expects never leave it. A test has passed when its last statement has been executed here, and in no other
way: what the student's process sends is plain data within bounds (see wire.py), so it can be a wrong value
and nothing else.
"""

import ast
import base64
import builtins
import io
import sys
import time
import types
from contextlib import contextmanager, redirect_stdout
from typing import NamedTuple

import numpy as np
from IPython.core.inputtransformer2 import TransformerManager

from nst.checks.engine import first_line
from nst.grading.exam.calls import Peer, Remote, is_from_checks
from nst.grading.exam.wire import (
    CALL_BYTES,
    CALLBACK_BYTES,
    CELL_BYTES,
    Closed,
    Late,
    Packing,
    Unpacking,
    WireError,
    clean,
)
from nst.quiet import tf

OUTPUT_BYTES = 64 << 20  # of all cells of a notebook
PRINTED = 20_000  # characters of what a test prints
_TOO_MUCH = {"output_type": "stream", "name": "stdout", "text": "[Left out: this notebook has shown too much.]\n"}
MIMES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml", "image/png", "image/jpeg")


class StudentGone(BaseException):
    """The student's process has ended, or has sent what cannot be read. Not an Exception: no test may catch it."""


class StudentTimeout(StudentGone):
    """The student's process has not answered in time, and is not asked again."""


class CellResult(NamedTuple):
    """What running a cell gave. outputs: as in nbformat; error: (type, message), or None."""

    outputs: list
    error: tuple | None


class Outcome(NamedTuple):
    """What examining gave. message: for the student, why not; printed: what the visible tests have printed."""

    passed: bool
    message: str
    printed: str


class RemoteNotebook(Peer):
    """A notebook that runs in another process, at the other end of a socket.

    cell_seconds, call_seconds: how long a cell may run, and a call. deadline: time.monotonic() at which all ends.
    output: bytes that all cells together may show; what comes later is left out. What is left: `output_left`.
    Once something has gone wrong with the process it is not asked again: `alive` is False then.
    """

    most_bytes = CALLBACK_BYTES

    def __init__(self, sock, cell_seconds=60, call_seconds=20, deadline=None, output=OUTPUT_BYTES):
        super().__init__(sock)
        self.cell_seconds, self.call_seconds, self.deadline = cell_seconds, call_seconds, deadline
        self.alive, self.output_left = True, output
        self.setting, self.counting = None, False  # of the test that is being run
        self.names = _Names(self)
        self.requests["trace"] = self._answer_trace
        self.channel.limit = CALL_BYTES

    def run_cell(self, source, timeout=None):
        """Run a cell, and go on after errors. Raises StudentGone, StudentTimeout."""
        with self._asking(timeout or self.cell_seconds):
            try:
                message, buffers = self.ask({"kind": "cell", "source": source})
            except (Late, Closed, WireError):
                raise
            except Exception as error:
                # Only a shell that the student's code has spoilt answers with an error.
                if getattr(error, "remote", False):
                    return CellResult([], (type(error).__name__, str(error)))
                raise WireError("no answer to a cell") from error
            error = message.get("error")
            if error is not None and not (type(error) is list and list(map(type, error)) == [str, str]):
                raise WireError("a cell's error is none")
            error = error and (clean(error[0], 100), clean(error[1]))
            size = sum(map(len, buffers))
            if size > CELL_BYTES:
                raise WireError("a cell shows too much")
            self.output_left -= size
            outputs = _outputs(message.get("outputs"), buffers)
            if self.output_left < 0:
                outputs = [dict(_TOO_MUCH)]
            return CellResult(outputs, error)

    def get(self, name):
        """The object of this name: plain data, or a Remote. Raises NameError where there is none."""
        with self._asking(self.call_seconds):
            message, buffers = self.ask({"kind": "get", "name": name})
            return Unpacking(buffers, self.make_object).unpack(message.get("result"))

    def function(self, name):
        """The function of this name. Raises NameError where there is none, TypeError where it is something else."""
        found = self.get(name)
        if not callable(found):
            raise TypeError(f"{name} is not a function")
        # A test knows a function by the name that it has in the notebook.
        return type(found)(self, found._number, name)

    def call(self, function, args, kwargs):
        """Call a function there."""
        if self.counting and self._depth == 0:
            raise _Enough
        with self._asking(self.call_seconds, function.__name__):
            try:
                return super().call(function, args, kwargs)
            except Exception as error:
                if getattr(error, "remote", False):
                    error.called = function.__name__
                raise

    def gradients(self, call, output, upstream, values):
        """The gradients of an earlier call's output."""
        with self._asking(self.call_seconds):
            return super().gradients(call, output, upstream, values)

    @contextmanager
    def _asking(self, seconds, what="your notebook"):
        """Bounds on time and memory; whoever breaks them is not asked again."""
        if not self.alive:
            raise StudentGone("your notebook's process has ended")
        outermost = self._depth == 0
        if outermost:
            self.until = time.monotonic() + seconds
            if self.deadline is not None:
                self.until = min(self.until, self.deadline)
            self.channel.received = 0
        try:
            yield
        except Late:
            self.close()
            spent = self.deadline is not None and time.monotonic() >= self.deadline
            within = "the time for this submission" if spent else f"{seconds:g} seconds"
            raise StudentTimeout(f"{what} gave no answer within {within}") from None
        except Closed:
            self.close()
            raise StudentGone(f"the process in which {what} ran has ended") from None
        except WireError as error:
            self.close()
            raise StudentGone(f"your notebook's process sent what cannot be read ({error})") from None

    def close(self):
        """Hang up."""
        self.alive = False
        self.channel.close()

    # What can be sent

    def name_object(self, packing, value, depth):
        """Also what the notebook was given, what nst.checks has, optimizers, and the test's own functions."""
        if isinstance(value, Remote):
            return super().name_object(packing, value, depth)
        made = self._made_again(packing, value, depth)
        if made:
            return made | {"mine": self.offer(value, call=False)}
        if isinstance(value, (types.FunctionType, types.MethodType)):
            return {"mine": self.offer(value), "type": "function", "name": value.__name__}
        raise TypeError(f"A {type(value).__name__} cannot be given to a student's function from here.")

    def _made_again(self, packing, value, depth):
        """How the student's process can make an object like this one, or None."""
        given = self.setting and self.setting.origin(value)
        if given:
            return {"given": given[0], "name": given[1]}
        if isinstance(value, tf.keras.optimizers.Optimizer):
            variables = list(value._trainable_variables) if value.built else None
            state = tuple(np.array(variable.numpy()) for variable in value.variables) if value.built else None
            tree = {"optimizer": type(value).__name__, "config": packing.pack(value.get_config(), depth)}
            return tree | {"variables": packing.pack(variables, depth), "state": packing.pack(state, depth)}
        thing = value if isinstance(value, (types.FunctionType, type)) else type(value)
        if not is_from_checks(thing) or getattr(sys.modules[thing.__module__], thing.__name__, None) is not thing:
            return None
        state = None if thing is value else packing.pack(dict(vars(value)), depth)
        return {"checks": thing.__module__, "name": thing.__name__, "state": state}

    # What the student's process may ask for: the functions that it was given

    def describe_error(self, error):
        """An error in a function of the test: the student's process hears its kind, and this one keeps it."""
        self._raised.append(error)
        text = "raised by a function of the test"
        return {"kind": "error", "type": type(error).__name__, "message": text, "raised": len(self._raised) - 1}

    def _answer_trace(self, message, buffers):
        """What a function of the test gives for tensors of these shapes, where tf.function makes a graph."""
        function = self.offered(message.get("target"), call=True)
        arguments = Unpacking(buffers, self.make_object).unpack(message.get("arguments"))
        flat = tf.nest.flatten(arguments)
        places = [i for i, value in enumerate(flat) if isinstance(value, tf.TensorSpec)]

        def traced(*tensors):
            for i, tensor in zip(places, tensors, strict=True):
                flat[i] = tensor
            args, kwargs = tf.nest.pack_sequence_as(arguments, flat)
            return function(*args, **kwargs)

        graph = tf.function(traced, autograph=False).get_concrete_function(*[flat[i] for i in places])
        outline = tf.nest.map_structure(_spec, graph.structured_outputs)
        packing = Packing(self.name_object)
        return {"kind": "result", "result": packing.pack(outline)}, packing.buffers


def _spec(value):
    return tf.TensorSpec(value.shape, value.dtype) if hasattr(value, "dtype") else value


class _Names:
    """The names of a notebook, as a function's __globals__."""

    def __init__(self, student):
        self._student = student

    def __contains__(self, name):
        try:
            self._student.get(name)
        except NameError:
            return False
        return True

    def __getitem__(self, name):
        return self._student.function(name)


def _outputs(described, buffers):
    """Outputs as in nbformat, of what came over the wire."""
    if type(described) is not list or not all(type(output) is dict for output in described):
        raise WireError("outputs are none")

    def content(number):
        if type(number) is not int or not 0 <= number < len(buffers) or buffers[number] is None:
            raise WireError("a buffer is not there")
        found, buffers[number] = buffers[number], None
        return found

    outputs = []
    for output in described:
        kind = output.get("type")
        if kind == "stream" and output.get("name") in ("stdout", "stderr"):
            text = _readable(content(output.get("text")))
            outputs.append({"output_type": kind, "name": output["name"], "text": text})
        elif kind == "error" and type(output.get("name")) is type(output.get("message")) is str:
            traceback = _readable(content(output.get("text")))
            named = {"ename": clean(output["name"], 100), "evalue": clean(output["message"])}
            outputs.append({"output_type": kind, **named, "traceback": traceback.split("\n")})
        elif kind in ("display_data", "execute_result") and type(output.get("data")) is dict:
            data, metadata = {}, {}
            for mime, number in output["data"].items():
                if mime in MIMES:
                    data[mime] = _shown(mime, content(number))
                    size = _size(output.get("sizes"), mime)
                    metadata |= {mime: size} if size else {}
            shown = {"output_type": kind, "data": data, "metadata": metadata}
            outputs.append(shown | ({"execution_count": None} if kind == "execute_result" else {}))
        else:
            raise WireError("an output has a kind that does not exist")
    return outputs


def _readable(content):
    return bytes(content).decode("utf-8", "replace").replace("\0", "")


def _shown(mime, content):
    if mime not in ("image/png", "image/jpeg"):
        return _readable(content)
    try:
        return base64.b64encode(base64.b64decode(content)).decode()
    except ValueError:
        return ""


def _size(sizes, mime):
    size = sizes.get(mime) if type(sizes) is dict else None
    if type(size) is not dict:
        return {}
    return {key: n for key, n in size.items() if key in ("width", "height") and type(n) is int and 0 < n < 10_000}


# The source notebook around a test


class _Statement(NamedTuple):
    """A statement of a given cell. source; its names: those it binds, and those it uses."""

    source: str
    binds: frozenset
    uses: frozenset
    plain: bool


class Setting:
    """What the given cells of a source notebook define: the names that a test cell of it may use.

    notebook: the instructor's, with solutions and hidden tests. What the given cells import or compute without the
    student's code is the examiner's own, and made here from the instructor's source; everything else is the student's.
    """

    def __init__(self, notebook):
        self._statements, self._ends = [], {}
        for cell in notebook.cells:
            if cell.cell_type != "code" or "explore" in cell.metadata.get("tags", ()):
                continue
            grader = cell.metadata.get("nbgrader", {})
            if grader.get("grade"):
                self._ends[cell.source] = len(self._statements)
                continue
            for node in _parsed(cell.source).body:
                self._statements.append(_statement(node, solution=grader.get("solution", False)))
        self._made, self._origins = {}, {}

    def own(self, name, test):
        """A list of the examiner's own value of this name, as a test cell sees it; empty where it has none."""
        number = self._binding(name, self._ends.get(test, len(self._statements)))
        if number is None or not self._is_own(number):
            return []
        value = self._make(number)[name]
        if not _is_plain(value):
            self._origins[id(value)] = self._slice(number), name, value
        return [value]

    def origin(self, value):
        """(source, name): the statements of the given cells that make this value, or None."""
        found = self._origins.get(id(value))
        return found[:2] if found else None

    def _binding(self, name, before):
        """The number of the last statement before another that binds a name."""
        return next((i for i in reversed(range(before)) if name in self._statements[i].binds), None)

    def _needs(self, number):
        """name -> number of the statement that binds it, of those that a statement needs."""
        names = self._statements[number].uses - set(dir(builtins))
        return {name: self._binding(name, number) for name in sorted(names)}

    def _is_own(self, number):
        if not self._statements[number].plain:
            return False
        return all(needed is not None and self._is_own(needed) for needed in self._needs(number).values())

    def _make(self, number):
        if number not in self._made:
            namespace = {"__name__": "__main__"}
            for name, needed in self._needs(number).items():
                namespace[name] = self._make(needed)[name]
            exec(self._statements[number].source, namespace)
            self._made[number] = namespace
        return self._made[number]

    def _slice(self, number):
        """The statement and all that it needs, in order."""
        wanted, waiting = set(), [number]
        while waiting:
            number = waiting.pop()
            if number not in wanted:
                wanted.add(number)
                waiting += self._needs(number).values()
        return "\n".join(self._statements[i].source for i in sorted(wanted))


def _parsed(source):
    return ast.parse(TransformerManager().transform_cell(source))


def _statement(node, solution):
    binds, uses = _names(node)
    plain = isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef, ast.ClassDef)) and not solution
    if isinstance(node, ast.ImportFrom) and node.module == "nst.lessons.take":
        plain = False  # `take` gives the student's functions
    return _Statement(ast.unparse(node), frozenset(binds), frozenset(uses), plain)


def _names(node):
    """The names that a statement binds in its module, and those that it looks up there; a few too many of these."""
    binds, uses, inner = set(), set(), set()
    for part in ast.walk(node):
        if isinstance(part, (ast.Import, ast.ImportFrom)):
            binds |= {(alias.asname or alias.name).split(".")[0] for alias in part.names}
        elif isinstance(part, ast.Name):
            (uses if isinstance(part.ctx, ast.Load) else binds).add(part.id)
        elif isinstance(part, ast.arg):
            inner.add(part.arg)
        elif isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            binds.add(part.name)
        elif isinstance(part, ast.comprehension):
            inner |= {name.id for name in ast.walk(part.target) if isinstance(name, ast.Name)}
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        inner |= binds
        binds = {node.name}
    return binds - (inner - binds), uses - inner


def _is_plain(value):
    return value is None or isinstance(value, (bool, int, float, str, list, tuple, dict, np.ndarray, tf.Tensor))


# Examining


class _Enough(BaseException):
    """A test has failed; what is left is only counted."""


def examine(source, student, setting):
    """Run a locked test cell here, on the functions of a RemoteNotebook; an Outcome.

    source: the instructor's, hidden tests included. setting: the Setting of its notebook. Never raises for anything
    that the student has done; `student.alive` is False afterwards where the process can't be asked again.
    """
    if not _parsed(source).body:
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
        self._body = _parsed(source).body
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
        except _Enough:
            pass
        except StudentGone as error:
            message = f"This could not be tested: {error}."
        except Exception as error:
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
        names = [_names(node) for node in self._body]
        binds, uses = (set().union(*sets) for sets in zip(*names, strict=True))
        for name in sorted(uses - binds - set(dir(builtins))):
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
        if self._hidden and isinstance(compare, types.FunctionType) and is_from_checks(compare):
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
            return f"{function} is not written yet, or calls one that is not: it raises NotImplementedError."
        if getattr(error, "remote", False):
            return f"{function} stops: {clean(first_line(error), 300)}"
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
