"""Look through everything of the course that a submission's process can import for functions that answer exercises.

The search runs where the student's code runs. It puts a spy in the place of an exercise's function: the spy gives the
examiner what the instructor's solution gives, and holds every callable that it has found against that, on the very
inputs of the hidden tests. What agrees with all of them is then handed in.
"""

import json
from contextlib import contextmanager

import nbformat

from nst.course.release import read_source
from nst.grading.exam.client import RemoteNotebook
from nst.grading.exam.examiner import examine
from nst.grading.exam.painting import needs_painting
from nst.grading.exam.setting import Setting
from nst.grading.walls.sandbox import Limits, Sandbox
from nst.paths import CHECKOUT
from tests.support.light import lighten

#: What runs in the student's process: `FOUND` maps a name, such as "nst.painting.paint", to a callable.
SEARCH = '''
import copy, functools, gc, importlib, inspect, io, os, pkgutil, signal, sys, time, types
from contextlib import redirect_stderr, redirect_stdout

import numpy as np, tensorflow as tf
from matplotlib.figure import Figure
from nst.grading.exam.calls import Peer

FOUND, _KEPT = {}, {}


class _Slow(BaseException):
    """Takes longer than anybody's answer should."""


_exchange, _talking = Peer._exchange, []


def _talk(*things):
    _talking.append(1)
    try:
        return _exchange(*things)
    finally:
        _talking.pop()


Peer._exchange = _talk


def _slow(*_):
    if _talking:  # whoever is interrupted there is not understood again
        signal.setitimer(signal.ITIMER_REAL, 0.1)
    else:
        raise _Slow


def _quietly(seconds, function, *inputs, **options):
    """What a call gives, or None; some of these functions are meant to end the process that calls them."""
    def harmless(*_, **__):
        raise _Slow

    names = ("_exit", "kill", "killpg", "setsid", "fork", "dup2", "setresuid", "chdir")
    places = [*((os, name) for name in names), (Figure, "__init__")]  # and drawing takes long, for nothing
    real = [(place, name, getattr(place, name)) for place, name in places]
    shell = get_ipython()
    outputs = shell.outputs
    signal.signal(signal.SIGALRM, _slow)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        for place, name in places:
            setattr(place, name, harmless)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            return function(*inputs, **options)
    except BaseException:
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        shell.outputs = outputs
        for place, name, function in real:
            setattr(place, name, function)


def _ours(thing):
    return str(getattr(thing, "__module__", "")).partition(".")[0] in ("nst", "nst_utils")


def _takes(function, count, names=()):
    try:
        inspect.signature(function).bind(*range(count), **dict.fromkeys(names))
        return True
    except (TypeError, ValueError):
        return False


def _look(name, thing, depth):
    """Note a callable, and what it holds or makes."""
    if depth > 6 or id(thing) in _KEPT:
        return
    if isinstance(thing, (dict, list, tuple, set)):
        _KEPT[id(thing)] = thing
        entries = thing.items() if isinstance(thing, dict) else enumerate(thing)
        for key, item in list(entries)[:200]:
            _look(f"{name}[{key!r}]", item, depth + 1)
        return
    if isinstance(thing, functools.partial):
        FOUND[name] = thing
        _look(f"{name}.func", thing.func, depth + 1)
        return
    if not _ours(thing) and not isinstance(thing, types.SimpleNamespace) and not _ours(type(thing)):
        return
    _KEPT[id(thing)] = thing
    if callable(thing):
        FOUND[name] = thing
    if inspect.isfunction(thing):
        for kind, inner in (("__wrapped__", getattr(thing, "__wrapped__", None)), ("default", thing.__defaults__)):
            _look(f"{name}.{kind}", inner, depth + 1)
        for number, cell in enumerate(thing.__closure__ or ()):
            try:
                _look(f"{name}.__closure__[{number}]", cell.cell_contents, depth + 1)
            except ValueError:
                pass
    elif not inspect.isclass(thing):
        for key, item in getattr(thing, "__dict__", {}).items():
            _look(f"{name}.{key}", item, depth + 1)
        for key, item in vars(type(thing)).items():
            if inspect.isfunction(item) and not key.startswith("__"):
                FOUND[f"{name}.{key}"] = getattr(thing, key)
    if depth < 3 and callable(thing) and _takes(thing, 0):
        _look(f"{name}()", _quietly(1, thing), depth + 1)


def _search(within):
    import nst
    names = [module.name for module in pkgutil.walk_packages(nst.__path__, "nst.", onerror=lambda name: None)]
    for name in [name for name in ["nst", "nst_utils", *names] if name.startswith(within)]:
        module = _quietly(20, importlib.import_module, name)
        for key, thing in vars(module).items() if module else ():
            _look(f"{name}.{key}", thing, 0)
    for thing in gc.get_objects():
        if inspect.isfunction(thing) and str(thing.__module__).startswith(within):
            if "." not in thing.__qualname__.replace(".<locals>.", ""):  # methods are called on their objects
                _look(f"gc {thing.__module__}.{thing.__qualname__}", thing, 0)


#: Ways to hand in a function that another name, order or shape keeps from being the answer: (the way, whether it makes
#: sense for c with so many inputs, and these options).
_WAYS = {
    "as it is": (lambda c: c, lambda c, n, o: _takes(c, n, o)),
    "options by position": (
        lambda c: lambda *inputs, **options: c(*inputs, *options.values()),
        lambda c, n, o: o and _takes(c, n + len(o)),
    ),
    "inputs reversed": (
        lambda c: lambda *inputs, **options: c(*inputs[::-1], **options),
        lambda c, n, o: n > 1 and _takes(c, n, o),
    ),
    "result reversed": (
        lambda c: lambda *inputs, **options: c(*inputs, **options)[::-1],
        lambda c, n, o: _takes(c, n, o),
    ),
    "first of the result": (
        lambda c: lambda *inputs, **options: c(*inputs, **options)[0],
        lambda c, n, o: _takes(c, n, o),
    ),
    "as a batch of one": (
        lambda c: lambda a, *inputs, **options: c(a[None], *inputs, **options)[0],
        lambda c, n, o: _takes(c, n, o),
    ),
    "as a batch of one, inputs reversed": (
        lambda c: lambda a, b: c(b, a[None])[0],
        lambda c, n, o: n == 2 and not o and _takes(c, 2),
    ),
    "columns for rows": (
        lambda c: lambda a: c(tf.transpose(a)[None, None]),
        lambda c, n, o: n == 1 and not o and _takes(c, 1),
    ),
    "a painting": (
        lambda c: lambda costs, start, num_iterations=200, learning_rate=2.0, callback=None: c(
            lambda x: dict(zip(("total", "content", "style"), (lambda a, b: (10 * a + 40 * b, a, b))(*costs(x)))),
            start,
            iterations=num_iterations,
            learning_rate=learning_rate,
            callback=callback,
        ),
        lambda c, n, o: "num_iterations" in o and _takes(c, 2, ("iterations", "learning_rate", "callback")),
    ),
}


def _fresh(value):
    if isinstance(value, (list, tuple)):
        return type(value)(map(_fresh, value))
    if isinstance(value, dict):
        return {key: _fresh(item) for key, item in value.items()}
    if isinstance(value, tf.Variable):
        return tf.Variable(value)
    if isinstance(value, tf.keras.optimizers.Optimizer):
        return type(value).from_config(value.get_config())
    if type(value).__module__ == "nst.checks.by_hand":
        return copy.copy(value)
    return value.copy() if isinstance(value, np.ndarray) else value


def _alike(one, other):
    if callable(one) or callable(other):
        return callable(one) and callable(other)
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, dict) or isinstance(other, dict) or isinstance(one, str) or isinstance(other, str):
        return type(one) is type(other) and one == other
    if one is None or other is None:
        return one is other
    try:
        one, other = np.asarray(one), np.asarray(other)
        return one.shape == other.shape and np.allclose(one, other, rtol=1e-3, atol=1e-5)
    except Exception:
        return False


def _spy(name):
    """Put a spy in the place of an exercise's function."""
    global _solution, _left, _calls
    _solution, _left, _calls = globals()[name], None, 0

    def spy(*inputs, **options):
        global _left, _calls
        if not tf.executing_eagerly():  # a graph is being made, in which there is nothing to compare
            return _solution(*inputs, **options)
        given = _fresh(inputs)
        began = time.monotonic()
        result = _solution(*inputs, **options)
        seconds = 1 + 3 * (time.monotonic() - began)
        if _left is None:
            _left = [(found, way) for found in FOUND for way in _WAYS]
        _calls += 1
        if _calls <= 4:
            _left = [key for key in _left if _agrees(*key, given, options, result, seconds)]
        return result

    spy.__name__ = name
    globals()[name] = spy


def _silent(*_):
    """Stands for a callback: the test counts what it is told, and should be told by the solution alone."""


def _agrees(found, way, inputs, options, result, seconds):
    wrap, makes_sense = _WAYS[way]
    if not makes_sense(FOUND[found], len(inputs), options):
        return False
    options = {key: _silent if key == "callback" else value for key, value in options.items()}
    return _alike(_quietly(seconds, wrap(FOUND[found]), *map(_fresh, inputs), **options), result)
'''

_LIMITS = Limits(cell_seconds=300, call_seconds=300, total_seconds=1200)


def borrowed(*assignments, scripts="*.py", within="nst", unsafe=False):
    """(exercise, name of what was found, how it is handed in) of all that passes an exercise's hidden tests.

    scripts: of which notebooks. within: how the names of the modules begin that are searched.
    """
    sources = {
        script.stem: lighten(read_source(script))
        for assignment in assignments
        for script in sorted((CHECKOUT / "answers" / assignment).glob(scripts))
        if "nbgrader" in script.read_text(encoding="utf-8")
    }
    files = {f"{name}.ipynb": nbformat.writes(notebook).encode() for name, notebook in sources.items()}
    paints = needs_painting(sources.values())
    with Sandbox(files, _LIMITS, unsafe, paints=paints) as sandbox, sandbox.notebook("search") as sock:
        student = RemoteNotebook(sock, _LIMITS.cell_seconds, _LIMITS.call_seconds)
        _run(student, SEARCH)
        _run(student, f"_search({within!r})")
        return [entry for source in sources.values() for entry in _passing(student, source)]


def _passing(student, source):
    setting = Setting(source)
    for cell in source.cells:
        grader = cell.metadata.get("nbgrader", {})
        name = grader.get("grade_id", "").removeprefix("hidden_").removesuffix("_batch")
        if cell.cell_type != "code":
            continue
        if not grader.get("grade"):
            _run(student, cell.source)
        elif grader["grade_id"].startswith("hidden_"):
            with _restored(student, name):
                _run(student, f"_spy({name!r})")
                assert examine(cell.source, student, setting).passed, name
                left = json.loads(_run(student, "import json; print(json.dumps(_left))"))
                assert left is not None, f"no call of {name} could be watched"
                for found, way in left:
                    _run(student, f"{name} = _WAYS[{way!r}][0](FOUND[{found!r}])")
                    if examine(cell.source, student, setting).passed:
                        yield name, found, way


@contextmanager
def _restored(student, name):
    _run(student, f"_right = {name}")
    yield
    _run(student, f"{name} = _right")


def _run(student, source):
    """What a cell prints."""
    result = student.run_cell(source)
    assert result.error is None, result
    return "".join(output.get("text", "") for output in result.outputs)
