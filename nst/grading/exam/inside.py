"""The student's side of a notebook's process: it runs cells, and calls the functions that they have defined.

`serve(sock)` answers what client.RemoteNotebook asks. Cells run in an IPython shell without a kernel: no ports, no
threads, nothing to connect to. Everything here lies within reach of the student's code, which may read or change it.
That is no harm: tests and expected values are not here, and all that leaves this process is held to wire.py.
"""

import __future__

import os
import sys
from collections import OrderedDict
from importlib import import_module
from textwrap import dedent

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import activate_matplotlib
from matplotlib_inline.backend_inline import configure_inline_support
from traitlets import Type
from traitlets.config import Config

from nst import display
from nst.grading.exam.calls import Peer
from nst.grading.exam.outputs import Hook, Outputs, Publisher, Stream
from nst.grading.exam.packing import Packing, Unpacking
from nst.grading.exam.remote import error_named
from nst.grading.exam.wire import TEXT, Closed, clean
from nst.grading.intake.statements import definitions, statements
from nst.quiet import tf

#: What stands in the place of a given cell's pictures.
NOT_DRAWN = "Pictures of this cell were not drawn while your work was graded. Your own notebook has them.\n"

MADE = 1_000  # objects like the examiner's own, known by their numbers

INLINE = "module://matplotlib_inline.backend_inline"


def serve(sock):
    """Run a notebook for the examiner at the other end of this socket; return when it hangs up."""
    _silence()
    notebook = Notebook(sock)
    try:
        while True:
            message, buffers = notebook.channel.receive()
            notebook.answer(message, buffers)
    except Closed:
        return


def _silence():
    """No input, and nothing printed past Python: TensorFlow's own log lines cost nobody anything."""
    for descriptor, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        nowhere = os.open(os.devnull, flags)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
    os.environ["PIP_NO_INDEX"] = "1"  # there is no network, for which pip would wait
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 (for as long as the process lives)


class Notebook(Peer):
    """A notebook's process, as its examiner sees it."""

    catches = BaseException  # also SystemExit, and what a student has made of it

    def __init__(self, sock):
        super().__init__(sock)
        self.outputs = Outputs()
        self.shell = _shell(self.outputs)
        self.requests |= {"cell": self._answer_cell, "get": self._answer_get}
        self._given, self._made = {}, OrderedDict()

    def _answer_cell(self, message, buffers):
        self.outputs.begin()
        self.outputs.open = True
        stdout, stderr = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = Stream(self.outputs, "stdout"), Stream(self.outputs, "stderr")
        display.left_out = None if message["draws"] else []
        try:
            result = self.shell.run_cell(message["source"], store_history=True)
            error = result.error_before_exec or result.error_in_exec
            rescued = [] if error is None else self._go_on(message["source"], result)
            if display.left_out:
                self.outputs.write("stdout", NOT_DRAWN)
        finally:
            display.left_out = None
            sys.stdout, sys.stderr = stdout, stderr
            self.outputs.open = False
        described = None if error is None else [type(error).__name__, clean(_text(error))]
        outputs, buffers = self.outputs.packed()
        return {"kind": "result", "outputs": outputs, "error": described, "rescued": rescued}, buffers

    def _go_on(self, source, result):
        """Run what a cell defines below the statement at which it stopped; the names. What never ran is all below."""
        names, failed = [], -1
        if result.error_before_exec is None:
            within = getattr(result.error_in_exec.__traceback__, "tb_next", None)
            if within is None:
                return names
            blank = len(source) - len(source.lstrip())  # which IPython leaves out
            failed = source.count("\n", 0, blank) + within.tb_lineno - 1
        for statement in statements(source):
            if statement.number > failed and statement.is_definition:
                done = self.shell.run_cell(dedent(statement.source), store_history=False)
                names += sorted(statement.binds) if done.success else []
        return names

    def _answer_get(self, message, buffers):
        if message["name"] not in self.shell.user_ns:
            raise NameError(f"{message['name']} is not defined in the notebook")
        packing = Packing(self.name_object)
        return {"kind": "result", "result": packing.pack(self.shell.user_ns[message["name"]])}, packing.buffers

    def compiled(self, function, message):
        """The function as it is, or as tf.function makes it."""
        options = message["compile"]
        return function if options is None else tf.function(function, **options)

    # What the examiner sends besides plain data: nothing that a student does not have

    def name_object(self, packing, value, depth):
        """Also what was made like an object of the examiner's: as that one."""
        number, made = self._made.get(id(value), (None, None))
        return super().name_object(packing, value, depth) if made is None else {"yours": number}

    def make_object(self, unpacking, description, depth):
        """Also what the given cells or nst.checks.by_hand make, and optimizers."""
        made = self._make(unpacking, description, depth)
        if made is None:
            return super().make_object(unpacking, description, depth)
        self._made[id(made)] = description["mine"], made
        if len(self._made) > MADE:
            self._made.popitem(last=False)
        return made

    def _make(self, unpacking, description, depth):
        if "given" in description:
            return self._make_given(description["given"], description["name"])
        if "checks" in description:
            thing = getattr(import_module(description["checks"]), description["name"])
            if description["state"] is None:
                return thing
            made = thing.__new__(thing)
            vars(made).update(unpacking.unpack(description["state"], depth))
            return made
        if "optimizer" in description:
            # In the order in which they were packed.
            config, variables, state = (
                unpacking.unpack(description[key], depth) for key in ("config", "variables", "state")
            )
            optimizer = getattr(tf.keras.optimizers, description["optimizer"]).from_config(config)
            if variables:
                # Made here, as a step compiled by tf.function may make no variables at its second call.
                optimizer.build(variables)
                for variable, array in zip(optimizer.variables, state, strict=True):
                    variable.assign(array)
            return optimizer
        return None

    def _make_given(self, source, name):
        # Made anew, so that a notebook that has another `model` by now is still tested on the one that it was given.
        if (source, name) not in self._given:
            namespace = {"__name__": "__main__"}
            exec(source, namespace)
            self._given[source, name] = namespace[name]
        return self._given[source, name]

    def call_in_graph(self, function, args, kwargs):
        """A graph's step that calls a function of the test."""
        flat = tf.nest.flatten([args, kwargs])
        places = [i for i, value in enumerate(flat) if isinstance(value, (tf.Tensor, tf.Variable))]
        inputs = [tf.convert_to_tensor(flat[i]) for i in places]

        def filled_in(values):
            filled = list(flat)
            for i, value in zip(places, values, strict=True):
                filled[i] = value
            return tf.nest.pack_sequence_as([args, kwargs], filled)

        packing = Packing(self.name_object)
        specs = filled_in([tf.TensorSpec(value.shape, value.dtype) for value in inputs])
        request = {"kind": "trace", "target": function._number, "arguments": packing.pack(specs)}
        message, buffers = self.ask(request, packing.buffers)
        structure = Unpacking(buffers, self.make_object).unpack(message["result"])
        outline = tf.nest.flatten(structure)
        wanted = [i for i, value in enumerate(outline) if isinstance(value, tf.TensorSpec)]

        def step(*values):
            args, kwargs = filled_in(values)
            found = tf.nest.flatten(self.call(function, args, kwargs))
            return [tf.convert_to_tensor(found[i]) for i in wanted]

        tensors = tf.py_function(step, inputs, [outline[i].dtype for i in wanted])
        for i, tensor in zip(wanted, tensors, strict=True):
            tensor.set_shape(outline[i].shape)
            outline[i] = tensor
        return tf.nest.pack_sequence_as(structure, outline)

    # Errors

    def describe_error(self, error):
        """The answer that says what was raised; by the test itself, where it was a function of the test."""
        raised = getattr(error, "_raised", None)
        return {"kind": "error", "type": type(error).__name__, "message": clean(_text(error)), "raised": raised}

    def _error(self, message):
        error = error_named(message["type"], message["message"])
        error._raised = message["raised"]
        return error


def _text(error):
    try:
        return str(error)[:TEXT]
    except BaseException:
        return ""


class Shell(InteractiveShell):
    """IPython without a terminal and without a kernel."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)
    outputs = None

    def _showtraceback(self, etype, evalue, stb):
        self.outputs.fail(etype.__name__, _text(evalue), "\n".join(stb))

    def init_path(self):
        """Leave sys.path alone: a file beside the notebook takes no module's place."""

    def ask_exit(self):
        """exit and quit end the cell, or the call, and no more."""
        raise SystemExit

    def enable_gui(self, gui=None):
        """There is none."""

    def run_line_magic(self, magic_name, line, _stack_depth=1):
        """A magic that fails says so, and the cell goes on: it may be a matter of the student's machine."""
        try:
            return super().run_line_magic(magic_name, line, _stack_depth + 1)
        except Exception:
            self.showtraceback()

    def run_cell_magic(self, magic_name, line, cell):
        """What stands under a magic that fails, or that only measures or writes it, is defined all the same."""
        done = False
        try:
            result = super().run_cell_magic(magic_name, line, cell)
            done = magic_name not in ("timeit", "writefile", "file")
        except Exception:
            result = self.showtraceback()
        if not done:
            self.run_cell(definitions(cell), store_history=False)
        return result


def _shell(outputs):
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 0
    shell = Shell.instance(config=config)
    shell.outputs = outputs
    shell.compile.flags |= __future__.annotations.compiler_flag  # a hint that nobody has imported stops no function
    shell.user_ns["exit"] = shell.user_ns["quit"] = _exit
    activate_matplotlib(INLINE)
    configure_inline_support(shell, INLINE)
    return shell


def _exit(code=None):
    raise SystemExit(code)
