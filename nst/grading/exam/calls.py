"""Calls over the wire, in both directions, with what they write into their arguments, and with gradients.

Each end of a connection is a `Peer`. What is no plain data stays where it is: the other end gets its number, and a
`Remote` that stands for it. A call sends the arguments; the answer holds the result, and whatever has become of the
arguments that can be written to. Where a tf.GradientTape is recording on this side, the other side records too, and
the gradients of the result are asked for when the tape wants them; so tape.watch and tape.gradient work as ever.

    request    {"kind": "call", "call": number, "target": number of the function there, "args": tree, "kwargs": tree,
                "tape": bool, "compile": options of tf.function or null, "forget": calls whose tapes can go}
               {"kind": "gradient", "call": number, "output": which tensor of its result, "upstream": tree}
    answer     {"kind": "result", "result": tree, "changed": [[number of the argument, tree], ...]}
               {"kind": "error", "type": name, "message": text, "raised": number or null, "changed": as above}
"""

import threading
import weakref
from collections import OrderedDict

from nst.grading.exam.changes import contents, unchanged, write
from nst.grading.exam.packing import Packing, Unpacking
from nst.grading.exam.remote import Remote, RemoteCallable, error_named
from nst.grading.exam.wire import NESTED, OBJECTS, TAPES, TEXT, Channel, Closed, Late, Unsendable, WireError, clean
from nst.quiet import tf


class _Kept:
    """Lives as long as a tape here can ask for a gradient of a call."""


class Peer:
    """One end of a connection. The two subclasses are client.RemoteNotebook and inside.Notebook."""

    #: What a function may raise that the other end is told of.
    catches = Exception
    #: Most bytes that may arrive with a request.
    most_bytes = None
    #: The `__globals__` of a function at the other end: which other exercises there are.
    names = {}  # noqa: RUF012 (read only)

    def __init__(self, sock):
        self.channel = Channel(sock)
        self.until = None  # time.monotonic() at which the other end is too late
        self.requests = {"call": self._answer_call, "gradient": self._answer_gradient}
        self._lock = threading.RLock()
        self._depth = self._calls = self._last_number = 0
        self._offered, self._numbers = {}, {}
        self.held = {}  # number of a function at the other end -> see RemoteCallable.held
        self._remotes, self._classes = {}, {}
        self._tapes, self._forget = OrderedDict(), []
        self._raised = []

    # Asking

    def ask(self, request, buffers=()):
        """Send a request, and return the answer's (message, buffers). Raises what the answer says was raised."""
        message, buffers = self._exchange(request, buffers)
        if message["kind"] == "error":
            raise self._error(message)
        return message, buffers

    def _exchange(self, request, buffers):
        """Send a request, answer those that come in between, and return the answer, be it an error."""
        with self._lock:
            if self._depth >= NESTED:
                raise WireError("calls are nested too deeply")
            self._depth += 1
            try:
                self.channel.send(request, buffers, self.until)
                while True:
                    message, buffers = self.channel.receive(self.until)
                    if message.get("kind") in ("result", "error"):
                        break
                    self.answer(message, buffers)
            finally:
                self._depth -= 1
        return message, buffers

    def call(self, function, args, kwargs):
        """Call a RemoteCallable."""
        if not tf.executing_eagerly():
            return self.call_in_graph(function, args, kwargs)
        packing = Packing(self.name_object)
        self._calls += 1
        request = {"kind": "call", "call": self._calls, "target": function._number, "compile": function._options}
        request |= {"args": packing.pack(args), "kwargs": packing.pack(kwargs)}
        leaves = [value for value in packing.objects if _has_gradient(value)]
        request["tape"] = bool(leaves) and _is_recording()
        # Read now, as the call may write into variables.
        values = [tf.convert_to_tensor(leaf) for leaf in leaves] if request["tape"] else []
        request["forget"] = [self._forget.pop() for _ in range(len(self._forget))]
        message, buffers = self._exchange(request, packing.buffers)
        failed = message["kind"] == "error"
        unpacking = Unpacking(buffers, self.make_object, packing.objects)
        result = None if failed else unpacking.unpack(message.get("result"))
        tensors = list(unpacking.tensors)
        changed = message.get("changed", [])
        if type(changed) is not list or not all(type(change) is list and len(change) == 2 for change in changed):
            raise WireError("the changed arguments are not in a list")
        for number, tree in changed:
            value = unpacking.unpack(["same", number])
            unpacking.within = number
            write(value, unpacking.unpack(tree))
            unpacking.within = None
        if failed:
            raise self._error(message)
        if values and tensors:
            kept = _Kept()
            weakref.finalize(kept, self._forget.append, request["call"]).atexit = False
            attached = [self._attach(request["call"], i, values, tensor, kept) for i, tensor in enumerate(tensors)]
            again = Unpacking(buffers, self.make_object, packing.objects, attached)
            result = again.unpack(message["result"])
        return result

    def call_in_graph(self, function, args, kwargs):
        """Call a RemoteCallable while tf.function makes a graph."""
        raise TypeError(
            f"{function.__name__} runs in another process, so no graph can be made of it here: write "
            "nst.checks.compiled(function) for tf.function(function)."
        )

    def _attach(self, call, output, values, tensor, kept):
        """A tensor that a call gave, as a tape here sees it: computed from these values."""

        # Each tensor of a result on its own: of several, the tape would send zeros for those that do not matter, and
        # a gradient of zeros would come back where none arrives.
        def gradients(upstream, kept=kept):
            return self.gradients(call, output, upstream, values)

        @tf.custom_gradient
        def attach(*values):
            return tensor, gradients

        return attach(*values)

    def gradients(self, call, output, upstream, values):
        """The gradients of an earlier call's output with respect to `values`, None where none arrives."""
        packing = Packing(self.name_object)
        request = {
            "kind": "gradient",
            "call": call,
            "output": output,
            "upstream": packing.pack(tf.convert_to_tensor(upstream)),
        }
        message, buffers = self.ask(request, packing.buffers)
        found = Unpacking(buffers, self.make_object).unpack(message.get("result"))
        if type(found) is not list or len(found) != len(values):
            raise WireError("gradients are not as many as arguments")
        if not all(gradient is None or _alike(gradient, value) for gradient, value in zip(found, values, strict=True)):
            raise WireError("a gradient does not have the shape of its argument")
        return found

    # Answering

    def answer(self, message, buffers):
        """Do what a request asks, and send the result or the error."""
        kind = message.get("kind")
        if type(kind) is not str or kind not in self.requests:
            raise WireError("there is no such request")
        try:
            if self.most_bytes and sum(map(len, buffers)) > self.most_bytes:
                raise Unsendable("is too large")
            reply, buffers = self.requests[kind](message, buffers)
        except (WireError, Closed, Late):
            raise
        except self.catches as error:
            reply, buffers = self.describe_error(error), ()
        try:
            self.channel.send(reply, buffers, self.until)
        except Unsendable as error:
            self.channel.send(self.describe_error(error), (), self.until)

    def _answer_call(self, message, buffers):
        unpacking = Unpacking(buffers, self.make_object)
        args, kwargs = unpacking.unpack(message.get("args")), unpacking.unpack(message.get("kwargs"))
        if type(args) is not tuple or type(kwargs) is not dict or not all(type(name) is str for name in kwargs):
            raise WireError("arguments are not a tuple and a dictionary")
        for call in _whole_numbers(message.get("forget")):
            self._tapes.pop(call, None)
        function, objects = self.compiled(self.offered(message.get("target"), call=True), message), unpacking.objects
        before = [contents(value) for value in objects]
        leaves = [value for value in objects if _has_gradient(value)]
        packing = Packing(self.name_object, objects)
        try:
            if message.get("tape") is True:
                with tf.GradientTape(persistent=True) as tape:
                    tape.watch(leaves)
                    result = packing.pack(function(*args, **kwargs))
                (call,) = _whole_numbers([message.get("call")])
                self._tapes[call] = tape, leaves, list(packing.tensors)
                if len(self._tapes) > TAPES:
                    self._tapes.popitem(last=False)
            else:
                result = packing.pack(function(*args, **kwargs))
            reply = {"kind": "result", "result": result}
        except (WireError, Closed, Late):
            raise
        except self.catches as error:
            # Even so it may have asked the model that it was given, or written into an array.
            reply, packing = self.describe_error(error), Packing(self.name_object, objects)
        changed = []
        for number, (value, old) in enumerate(zip(objects, before, strict=True)):
            new = contents(value)
            if not unchanged(old, new):
                changed.append([number, packing.pack(new)])
        return reply | {"changed": changed}, packing.buffers

    def _answer_gradient(self, message, buffers):
        call, output = _whole_numbers([message.get("call"), message.get("output")])
        if call not in self._tapes:
            raise ValueError("this gradient cannot be computed any more: there were too many calls after it")
        tape, leaves, tensors = self._tapes[call]
        upstream = Unpacking(buffers, self.make_object).unpack(message.get("upstream"))
        if not 0 <= output < len(tensors) or not _alike(upstream, tensors[output]):
            raise WireError("an upstream gradient does not fit the result")
        gradients = tape.gradient(tensors[output], leaves, output_gradients=upstream)
        packing = Packing(self.name_object)
        dense = [None if gradient is None else tf.convert_to_tensor(gradient) for gradient in gradients]
        return {"kind": "result", "result": packing.pack(dense)}, packing.buffers

    def compiled(self, function, message):
        """The function that a call asks for. The examiner's own are never compiled."""
        return function

    # Objects

    def offer(self, value, call=True):
        """The number under which the other end may hand back an object, and call it."""
        if id(value) not in self._numbers:
            number = self._last_number = self._last_number + 1
            self._numbers[id(value)], self._offered[number] = number, (value, call)
        return self._numbers[id(value)]

    def withdraw(self):
        """Offer nothing any more. The numbers are not used again."""
        self._offered.clear()
        self._numbers.clear()
        self._tapes.clear()
        self._raised.clear()

    def offered(self, number, call=False):
        """The object that was offered under a number."""
        if type(number) is not int:
            raise WireError("an object has no number")
        value, callable_ = self._offered.get(number, (None, None))
        if callable_ is None:
            raise ValueError("this object belongs to an earlier test")
        if call and not callable_:
            raise WireError("an object is called that is not there to be called")
        return value

    def name_object(self, packing, value, depth):
        """How an object that is no plain data is described to the other end."""
        if isinstance(value, Remote) and value._peer is self:
            return {"yours": value._number}
        description = {"mine": self.offer(value), "type": type(value).__name__, "name": None}
        if callable(value):
            description["name"] = str(getattr(value, "__name__", type(value).__name__))
        return description

    def make_object(self, unpacking, description, depth):
        """The object that a description stands for."""
        if set(description) == {"yours"}:
            return self.offered(description["yours"])
        if set(description) != {"mine", "type", "name"}:
            raise WireError("an object is not described as it should be")
        number, kind, name = description["mine"], _name(description["type"]), description["name"]
        if type(number) is not int:
            raise WireError("an object has no number")
        if number not in self._remotes:
            if len(self._remotes) >= OBJECTS:
                raise WireError("there are too many objects")
            class_ = self._class(kind, Remote if name is None else RemoteCallable)
            self._remotes[number] = class_(self, number) if name is None else class_(self, number, _name(name))
        return self._remotes[number]

    def _class(self, name, base):
        if (name, base) not in self._classes:
            self._classes[name, base] = type(name, (base,), {"__slots__": ()})
        return self._classes[name, base]

    # Errors

    def describe_error(self, error):
        """The answer that says what was raised."""
        text = clean(str(error))
        return {"kind": "error", "type": type(error).__name__, "message": text, "raised": None}

    def _error(self, message):
        """The exception that an answer speaks of."""
        kind, text, raised = (message.get(key) for key in ("type", "message", "raised"))
        if type(text) is not str or len(text) > TEXT:
            raise WireError("an error is not described as it should be")
        if type(raised) is int and 0 <= raised < len(self._raised):
            return self._raised[raised]
        return error_named(_name(kind), clean(text))


def _is_recording():
    """Is a tf.GradientTape recording in this thread? TensorFlow has no public name for that, so this one may change."""
    from tensorflow.python.eager import record

    return record.could_possibly_record()


def _name(text):
    """A name that came over the wire."""
    if type(text) is not str:
        raise WireError("a name is no text")
    return text if len(text) <= 100 and text.isidentifier() else "object"


def _whole_numbers(values):
    if type(values) is not list or not all(type(value) is int for value in values):
        raise WireError("whole numbers are not in a list")
    return values


def _has_gradient(value):
    return isinstance(value, (tf.Tensor, tf.Variable)) and value.dtype.is_floating


def _alike(tensor, other):
    return isinstance(tensor, tf.Tensor) and tensor.dtype == other.dtype and tensor.shape == other.shape
