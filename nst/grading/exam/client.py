"""The examiner's end: a notebook that runs in another process, asked to run cells and to call functions.

`RemoteNotebook` speaks to inside.serve in the student's process. What that process sends is plain data within bounds
(see wire.py), so it can be a wrong value and nothing else.
"""

import base64
import sys
import time
import types
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from nst.grading.exam.calls import Peer
from nst.grading.exam.changes import is_by_hand
from nst.grading.exam.packing import Packing, Unpacking
from nst.grading.exam.remote import Remote
from nst.grading.exam.wire import CALL_BYTES, CALLBACK_BYTES, CELL_BYTES, Closed, Late, WireError, clean
from nst.quiet import tf

OUTPUT_BYTES = 64 << 20  # of all cells of a notebook
_TOO_MUCH = "[Left out: this {} has shown too much.]\n"
MIMES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml", "image/png", "image/jpeg")


class Enough(BaseException):
    """A test has failed; what is left is only counted."""


class StudentGone(BaseException):
    """The student's process has ended, or has sent what cannot be read. Not an Exception: no test may catch it."""


class StudentTimeout(StudentGone):
    """The student's process has not answered in time, and is not asked again."""


class CellResult(NamedTuple):
    """What running a cell gave. outputs: as in nbformat; error: (type, message), or None; rescued: names that were
    defined all the same below the statement that failed."""

    outputs: list
    error: tuple | None
    rescued: tuple = ()


class RemoteNotebook(Peer):
    """A notebook that runs in another process, at the other end of a socket.

    cell_seconds, call_seconds: how long a cell may run, and a call. deadline: time.monotonic() at which all ends.
    output: bytes that all cells together may show; what comes later is left out. What is left: `output_left`.
    cell_output: bytes that one cell may show, of the CELL_BYTES that are read.
    Once something has gone wrong with the process it is not asked again: `alive` is False then.
    """

    most_bytes = CALLBACK_BYTES

    def __init__(
        self, sock, cell_seconds=60, call_seconds=20, deadline=None, output=OUTPUT_BYTES, cell_output=CELL_BYTES
    ):
        super().__init__(sock)
        self.cell_seconds, self.call_seconds, self.deadline = cell_seconds, call_seconds, deadline
        self.alive, self.output_left, self.cell_output = True, output, cell_output
        self.died = False  # has it hung up?
        self.setting, self.counting = None, False  # of the test that is being run
        self.names = _Names(self)
        self.requests["trace"] = self._answer_trace
        self.channel.limit = CALL_BYTES

    def run_cell(self, source, timeout=None, draws=True):
        """Run a cell, and go on after errors. Raises StudentGone, StudentTimeout.

        draws: are the course's figures drawn that it asks for?
        """
        self.held.clear()
        with self._asking(timeout or self.cell_seconds):
            try:
                message, buffers = self.ask({"kind": "cell", "source": source, "draws": draws})
            except (Late, Closed, WireError):
                raise
            except Exception as error:
                # Only a shell that the student's code has spoilt answers with an error.
                if getattr(error, "remote", False):
                    return CellResult([], (type(error).__name__, str(error)))
                raise WireError("no answer to a cell") from error
            error = message.get("error")
            if error is not None and not (type(error) is list and list(map(type, error)) == [str, str]):
                raise WireError("a cell's error is not described as it should be")
            error = error and (clean(error[0], 100), clean(error[1]))
            size = sum(map(len, buffers))
            if size > CELL_BYTES:
                raise WireError("a cell shows too much")
            outputs = _within(self.cell_output, _outputs(message.get("outputs"), buffers))
            self.output_left -= min(size, self.cell_output)
            if self.output_left < 0:
                outputs = [_left_out("notebook")]
            rescued = message.get("rescued")
            rescued = rescued if error and type(rescued) is list else []
            return CellResult(outputs, error, tuple(clean(name, 100) for name in rescued[:12] if type(name) is str))

    def answers(self, seconds):
        """Does the process answer? To be asked before any of the student's code runs there."""
        try:
            with self._asking(seconds):
                self.ask({"kind": "get", "name": "__name__"})
        except (StudentGone, Exception):
            return False
        return True

    def computes(self, source):
        """Does a cell of the grader's own run there, without an error?"""
        try:
            return self.run_cell(source).error is None
        except StudentGone:
            return False

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
            raise Enough
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
            self.died = True
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
        """Also what the notebook was given, what nst.checks.by_hand has, optimizers, and the test's own functions."""
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
            # Keras has no public name for the variables that an optimizer was built for.
            variables = list(value._trainable_variables) if value.built else None
            state = tuple(np.array(variable.numpy()) for variable in value.variables) if value.built else None
            tree = {"optimizer": type(value).__name__, "config": packing.pack(value.get_config(), depth)}
            return tree | {"variables": packing.pack(variables, depth), "state": packing.pack(state, depth)}
        thing = value if isinstance(value, (types.FunctionType, type)) else type(value)
        if not is_by_hand(thing) or getattr(sys.modules[thing.__module__], thing.__name__, None) is not thing:
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
        raise WireError("outputs are not in a list")

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


def _within(limit, outputs):
    """The first outputs, as many as have no more bytes together than this."""
    for number, output in enumerate(outputs):
        texts = [output.get(key, "") for key in ("text", "ename", "evalue")]
        texts += [*output.get("data", {}).values(), *output.get("traceback", ())]
        limit -= sum(len(text.encode()) for text in texts)
        if limit < 0:
            return [*outputs[:number], _left_out("cell")]
    return outputs


def _left_out(what):
    return {"output_type": "stream", "name": "stdout", "text": _TOO_MUCH.format(what)}


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
