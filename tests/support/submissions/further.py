"""Further rows: what somebody thought of who knows how this grader works."""

from tests.support.submissions import LOSSES, NEURAL, SEE, row

TEXTURE = ("fast-style-transfer", "3-inversion-and-texture", "1-losses")
UNITS = ("what-convnets-see", "2-what-a-unit-responds-to")
EXERCISES = ("content_loss", "gram_matrix", "style_loss", "tv_loss")


def one_after_another(work, exercises, *ways):
    """Every call of a function does the next of these; each test ends at its first call."""
    work.add("ways = [" + ", ".join(f"lambda: {way}" for way in ways) + "]")
    for exercise in exercises:
        work.answer(
            exercise, f"def {exercise}(*inputs, **options):\n    ways.append(ways.pop(0))\n    return ways[-1]()"
        )


@row(52, "callbacks abused to reach the examiner's objects", TEXTURE, wrong=["grow_texture"])
def abused_callbacks(work):
    work.answer(
        "grow_texture",
        """
        def grow_texture(cost, sizes, paint, seed=0):
            found = [getattr(paint, name, None) for name in ("__globals__", "__code__", "__closure__", "__self__")]
            if any("expected" in str(thing) for thing in found):
                return found
            for start in (None, "x", [[]], np.zeros(0), cost, paint, {"a": [paint]}, 2**62, tf.zeros((1, 999, 999, 3))):
                for arguments in ((cost, start), (start, start), (start,), (paint, start)):
                    try:
                        paint(*arguments)
                    except Exception:
                        pass
            peer = getattr(paint, "_peer", None)
            for number in range(40):
                for kind in ("cell", "get", "trace", "gradient", "call"):
                    request = {"kind": kind, "target": number, "call": number, "name": "expected", "source": "1/0"}
                    request |= {"args": ["tuple", []], "kwargs": ["dict", []], "arguments": ["tuple", []]}
                    request |= {"upstream": ["list", []], "forget": [], "compile": None, "tape": True}
                    try:
                        result = peer.ask(request)
                    except Exception:
                        pass
            return 1.25
        """,
    )


@row(53, "a function under another one's name", SEE, wrong=["convolve_1d"])
def borrowed_name(work):
    work.answer("convolve_1d", "convolve_1d = output_shape")


@row(
    54,
    "right numbers through NumPy, and gradients of wrong shapes",
    LOSSES,
    wrong=(),
    lost=["tv_loss", "tv_loss_batch"],
)
def forged_gradients(work):
    work.answer(
        "tv_loss",
        """
        tf.GradientTape.gradient = lambda self, target, sources, **options: [tf.ones([7]) for _ in sources]

        def tv_loss(img, tv_weight):
            img = np.asarray(img)
            return tf.constant(tv_weight * sum((np.diff(img, axis=axis) ** 2).sum() for axis in (1, 2)))
        """,
    )


@row(55, "objects of other processes, of the examiner's and of nobody's", LOSSES)
def forged_handles(work):
    work.add(
        """
        import gc

        numbers = iter([{"yours": 1}, {"yours": 10**9}, {"yours": -1}, {"yours": True}, {"yours": "expected"},
                        {"mine": 1, "type": "function", "name": "__import__"}, {"checks": "os", "name": "system"},
                        {"given": "1/0", "name": "x"}, {"mine": [], "type": "X", "name": "x"}] * 9)
        for thing in gc.get_objects():
            if type(thing).__name__ == "Notebook" and type(thing).__module__.startswith("nst."):
                thing.name_object = lambda packing, value, depth: next(numbers)
        """
    )
    for exercise in EXERCISES:
        work.answer(exercise, f"def {exercise}(*inputs, **options):\n    return object()")


@row(56, "values of kinds that look like arrays", LOSSES)
def look_alikes(work):
    work.add(
        """
        import functools

        class Chameleon(type(tf.Variable(0.0))):
            def numpy(self):
                return np.full((), np.nan)
            __eq__ = __le__ = lambda self, other: True
            __hash__ = object.__hash__
            shape = property(lambda self: tf.TensorShape([]))

        class Float(float):
            __eq__ = __le__ = __ge__ = lambda self, other: True
            __sub__ = __rsub__ = lambda self, other: 0.0
            __hash__ = float.__hash__
        """
    )
    one_after_another(
        work,
        EXERCISES,
        "Chameleon(1.0)",
        "Float(1.25)",
        "tf.ragged.constant([[1.0], [2.0, 3.0]])",
        "np.array([object()])",
        "np.zeros(3, [('a', 'f4'), ('b', 'O')])",
        "np.ma.masked_all(())",
        "np.array('2026-01-01', 'datetime64[s]')",
        "functools.partial(float, 1)",
    )


@row(57, "bombs for whoever reads the result", LOSSES)
def bombs(work):
    work.add(
        """
        import itertools, sys
        sys.set_int_max_str_digits(0)
        itself, deep = [], []
        itself.append(itself)
        for _ in range(100_000):
            deep = [deep]
        """
    )
    one_after_another(
        work,
        EXERCISES,
        "itertools.count()",
        "itself",
        "deep",
        "10**100_000",
        "[0.0] * 10_000_000",
        "np.broadcast_to(np.float32(0), (1 << 20, 1 << 20))",
        "{'\\ud800': '\\udfff' * 1000, 1: 'x' * 100_000_000}",
        "np.zeros((2**40, 0))",
    )


@row(58, "right, with halves of characters and control characters everywhere", SEE, wrong=())
def surrogates(work):
    work.add(
        """
        from IPython.display import display
        print("\\ud800 \\x00 \\x1b]0;title\\x07 \\u202e \\x9b31m")
        display("\\udfff", {"\\ud800": "\\ud800"})
        display({"text/plain": "\\ud800", "image/png": "\\ud800", "\\ud800": "x"}, raw=True, metadata={"\\ud800": {}})
        raise type("\\u00e9", (Exception,), {})("\\ud800\\x00")
        """
    )


@row(59, "right, with get_ipython, display, print and sys.stdout made something else", SEE, wrong=())
def redefined_shell(work):
    work.add(
        """
        import builtins, sys
        def get_ipython(*things):
            raise RuntimeError
        builtins.get_ipython = display = builtins.display = get_ipython
        sys.stdout = sys.stderr = sys.stdin = sys.displayhook = sys.excepthook = None
        exit = quit = In = Out = _ = 5
        """
    )


@row(60, "right, with atexit handlers, threads that go on writing, and a trace function", SEE, wrong=())
def goes_on(work):
    work.add(
        """
        import atexit, os, signal, sys, threading, time

        def for_ever():
            while True:
                print("still here")
                os.write(1, b"still here")
                time.sleep(0.001)

        atexit.register(for_ever)
        for _ in range(5):
            threading.Thread(target=for_ever).start()
        signal.signal(signal.SIGALRM, lambda *_: print("alarm"))
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
        """
    )


@row(61, "right, with another environment and folder, and its own folder deleted", SEE, wrong=())
def elsewhere(work):
    work.add(
        """
        import os, shutil, sys, tempfile
        for name in list(os.environ):
            del os.environ[name]
        os.environ["NST_OUTPUT"] = os.environ["HOME"] = "/nonexistent"
        here = os.getcwd()
        os.chdir(tempfile.mkdtemp(dir="/tmp"))
        if "submitted" not in here:
            for name in os.listdir(here):
                if not name.endswith(".ipynb"):
                    shutil.rmtree(os.path.join(here, name), ignore_errors=True)
        shutil.rmtree(os.getcwd())
        sys.path.clear()
        """
    )


@row(62, "writes frames of its own to the grader's socket", SEE)
def own_frames(work):
    work.add(
        """
        import json, os, stat

        def frame(message):
            header = json.dumps({"sizes": [], "message": message}).encode()
            return len(header).to_bytes(4, "big") + header

        sockets = [int(n) for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{n}") or True]

        def cheat(*contents):
            for number in sockets:
                try:
                    if stat.S_ISSOCK(os.fstat(number).st_mode):
                        for content in contents:
                            os.write(number, content)
                except OSError:
                    pass
        """
    )
    work.answer(
        "output_shape",
        """
        def output_shape(*inputs, **options):
            cheat(*[frame({"kind": "result", "result": None, "changed": [], "passed": True})] * 50)
        """,
    )
    work.answer(
        "convolve_1d",
        """
        def convolve_1d(*inputs, **options):
            cheat(b"\\xff\\xff\\xff\\xff", b"\\0" * 1000, frame({"kind": "cell", "source": "1/0"}), frame([]))
        """,
    )


@row(63, "nst.checks replaced, and its little networks patched", UNITS, wrong=["unit_cost"])
def patched_checks(work):
    work.add(
        """
        import sys, types
        import nst.checks.what_convnets_see as checks
        from nst.checks.fast_style_transfer import TinyNetwork

        for thing in (checks.SmallNetwork, TinyNetwork):
            thing.activations = lambda self, picture, names: tf.zeros([1, 1, 1, 9])
        for exercise in checks.EXERCISES.values():
            exercise.cases.clear()
            exercise.properties.clear()
        checks.check = checks.compare = lambda *inputs, **options: None
        fake = types.ModuleType("nst.checks.what_convnets_see")
        fake.check = fake.compare = checks.check
        fake.SmallNetwork = lambda *inputs: None
        for name in [name for name in sys.modules if name.startswith("nst.checks")]:
            sys.modules[name] = fake
        check = compare = checks.check
        """,
        where="unit_cost",
    )


@row(64, "errors that bear the names of the grader's own", LOSSES)
def named_errors(work):
    work.add(
        "def stop(name, base=Exception):\n    raise type(name, (base,), {'remote': False, 'args': property()})('x')"
    )
    one_after_another(
        work,
        EXERCISES,
        "stop('StopIteration', StopIteration)",
        "stop('Enough', BaseException)",
        "stop('StudentGone', BaseException)",
        "stop('GeneratorExit', GeneratorExit)",
        "stop('KeyboardInterrupt', KeyboardInterrupt)",
        "stop('ExceptionGroup')",
        "stop('SystemExit', SystemExit)",
        "stop('WireError')",
    )


@row(65, "writes into what it is given until it fits", SEE)
def spoilt_arguments(work):
    work.answer(
        "convolve_1d",
        """
        def convolve_1d(signal, kernels, stride=1, padding=0):
            signal[:] = 0
            kernels[:] = 0
            return np.zeros(((len(signal) + 2 * padding - len(kernels)) // stride + 1, kernels.shape[2]), np.float32)
        """,
    )


@row(66, "the names that the tests use mean something else", SEE)
def other_meanings(work):
    for exercise in ("output_shape", "convolve_1d"):
        work.cell(exercise).source += """


class Nothing:
    __call__ = __getattr__ = __getitem__ = __iter__ = lambda self, *inputs, **options: self
    __next__ = lambda self: 1 / 0

check = compare = random = expected = range = np = tf = Nothing()"""


@row(67, "in the functions' places stand other things", LOSSES)
def no_functions(work):
    work.answer("content_loss", "content_loss = None")
    work.answer("gram_matrix", "import antigravity as gram_matrix")
    work.answer("style_loss", "style_loss = type('style_loss', (float,), {'__name__': property(lambda self: 1 / 0)})()")
    work.answer(
        "tv_loss",
        """
        class Named(type):
            __name__ = "x" * 1_000_000
            __call__ = lambda self, *inputs, **options: self

        tv_loss = Named("tv_loss", (), {})
        """,
    )


@row(68, "no longer listens to the grader", SEE, wrong=(), lost=["convolve_1d"], call_seconds=2, cell_seconds=8)
def stops_listening(work):
    work.answer(
        "convolve_1d",
        """
        import os, signal, threading

        def convolve_1d(*inputs, **options):
            os.closerange(0, 1000) if os.getpid() % 2 else os.kill(os.getpid(), signal.SIGSTOP)
        """,
    )


@row(69, "recursion without end, and without a limit", SEE, wrong=(), lost=["convolve_1d"])
def recursion(work):
    work.answer(
        "convolve_1d",
        """
        import sys

        def convolve_1d(*inputs, **options):
            sys.setrecursionlimit(10**9)
            return [convolve_1d(*inputs)].__str__()
        """,
    )


@row(70, "right, with magics and shell commands", SEE, wrong=())
def magics(work):
    work.add("!kill -9 $PPID; kill -9 1\n%run nothing.py\n%reset_selective -f nothing")
    work.add("%%bash\nkill -9 $PPID")
    work.add("%%script false")


@row(71, "thousands of cells", NEURAL, wrong=(), lost="all", state="quarantined", said="cells")
def too_long(work):
    for _ in range(2000):
        work.add("1 + 1")


@row(72, "nested JSON", NEURAL, wrong=(), lost="all", state="quarantined", said="nested too deeply")
def nested(work):
    work.notebooks[work.row.names[0]] = b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
