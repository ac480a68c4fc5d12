"""Fixtures that several test modules share."""

import os
import signal
import sys
import tempfile
from pathlib import Path
from types import FunctionType

import nbformat
import numpy as np
import pytest
import setuptools  # noqa: F401 (nbgrader needs it, and it must come before anything imports distutils)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# What the tests paint must not take the place of what you have painted.
os.environ["NST_OUTPUT"] = tempfile.mkdtemp(prefix="nst-tests-")

# A shell that starts the tests in the background has them ignore Ctrl+C, and so would every program they start; several
# tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent

#: The modules that take minutes, longest first. pytest-xdist gives a worker a whole module at a time, in this order.
LONGEST = (
    "test_submissions.py",
    "test_grading.py",
    "test_submitted_forms.py",
    "test_execution.py",
    "test_checks.py",
    "test_unanswered.py",
    "test_sandbox.py",
    "test_distil.py",
    "test_convnets_browser.py",
    "test_course_browser.py",
    "test_painting.py",
    "test_examiner.py",
    "test_demo.py",
    "test_images.py",
    "test_histories.py",
    "test_facenet.py",
)


def pytest_collection_modifyitems(items):
    """Put the longest modules first, so that at the end no worker waits minutes for the other."""
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))


@pytest.fixture(scope="session")
def root():
    """The repository's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def real_data():
    """The folder of real weights beside the repository; the test is skipped where there is none."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real weights beside this clone (../shared/data)")
    return folder


@pytest.fixture(scope="session")
def warm_kernels():
    """A JUPYTER_PATH with which kernels start at once, forked from a process that has imported TensorFlow."""
    from tests.support import warm

    with warm.warm_kernels() as jupyter_path:
        yield jupyter_path


@pytest.fixture(scope="session")
def released_tiny(tmp_path_factory):
    """The tiny course, released; to be copied."""
    from tests.support.tiny_course import TinyCourse

    return TinyCourse(tmp_path_factory.mktemp("released"))


@pytest.fixture(autouse=True)
def failures_are_forgotten():
    """Where a test made warm sandboxes fail, those of the next one are not cold."""
    yield
    warm = sys.modules.get("nst.grading.walls.warm")
    if warm:
        warm._failures, warm._reason = 0, None


@pytest.fixture
def judged(monkeypatch):
    """The judge only looks at answers and needs no sandbox; a list of the students whom it has judged."""
    from tests.support.stored import stored_judge

    names = []

    def judge(folder, *arguments):
        names.append(folder.parent.name)
        return stored_judge(folder, *arguments)

    monkeypatch.setattr("nst.grading.judge.judge", judge)
    monkeypatch.setattr("nst.grading.probe.probe", lambda *arguments: None)
    return names


@pytest.fixture
def tiny(released_tiny, tmp_path, judged):
    """A TinyCourse of the test's own, in which the judge only looks at answers."""
    return released_tiny.copy(tmp_path / "course")


@pytest.fixture
def in_short(monkeypatch):
    """Pages of feedback hold the score only: to draw a whole one takes its time."""
    from nst.grading.feedback import FreshFeedback, Scores

    def convert(self, notebook):
        resources = self.init_single_notebook_resources(notebook)
        _, resources = Scores(parent=self).preprocess(nbformat.read(notebook, as_version=4), resources)
        its = resources["nbgrader"]
        page = Path(self._format_dest(its["assignment"], its["student"]), f"{its['notebook']}.html")
        page.write_text(f"<h4>{its['notebook']} (Score: {its['score']} / {its['max_score']})</h4>")

    monkeypatch.setattr(FreshFeedback, "convert_single_notebook", convert)


@pytest.fixture(scope="session")
def lab(tmp_path_factory, warm_kernels):
    """A JupyterLab server with warm kernels: its folder and its address."""
    from tests.support.lab import start_lab

    folder = tmp_path_factory.mktemp("lab")
    with start_lab(folder, jupyter_path=warm_kernels) as url:
        yield folder, url


@pytest.fixture(scope="module")
def wrong_ones_asked_once():
    """Naming a misunderstanding asks all wrong functions of its exercise: the same inputs they are asked just once."""
    from nst.checks import naming

    observe_wrong, outcomes = naming.observe_wrong, {}

    def remembered(exercise, misunderstanding, inputs, options):
        key = exercise.name, misunderstanding.function, _key(inputs), _key(options)
        if key not in outcomes:
            # The inputs are kept, so that no other object gets the id of one of them.
            outcomes[key] = observe_wrong(exercise, misunderstanding, inputs, options), inputs, options
        return outcomes[key][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(naming, "observe_wrong", remembered)
        yield


def _key(value):
    """Alike for inputs that hold the same numbers; networks and other objects are like themselves alone.

    A test cell that is run again makes its functions and optimisers anew: they are alike by their code and settings.
    """
    if isinstance(value, dict):
        return tuple((name, _key(item)) for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return type(value), *map(_key, value)
    if isinstance(value, (np.ndarray, np.generic)) or hasattr(value, "numpy"):
        array = np.asarray(value)
        return type(value), array.dtype.str, array.shape, array.tobytes()
    if isinstance(value, FunctionType):
        used = [value.__globals__.get(name) for name in value.__code__.co_names]
        enclosed = [cell.cell_contents for cell in value.__closure__ or ()]
        return value.__code__, _key([*used, *enclosed, *(value.__defaults__ or ())])
    if hasattr(value, "get_config"):
        return type(value), _key(value.get_config() | {"name": None})  # Keras numbers them
    return (type(value), value) if isinstance(value, (bool, int, float, str)) else id(value)


@pytest.fixture
def in_a_terminal():
    """A terminal that closes is heard of, also where these tests run under nohup."""
    earlier = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, earlier)
