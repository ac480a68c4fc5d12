"""A fault of the grader is no mark: what this machine lacks, or does, must never be taken for the student's code."""

import errno
import os
import resource
import signal
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbgrader.converters.base import NbGraderException

from nst.grading import judge as judging
from nst.grading import probe as probing
from nst.grading.exam.client import RemoteNotebook
from nst.grading.exam.examiner import examine
from nst.grading.exam.setting import Setting
from nst.grading.faults import NotJudged
from nst.grading.intake.submission import take_in
from nst.grading.judge import judge
from nst.grading.judgement import Judgement, Mark
from nst.grading.probe import probe
from nst.grading.walls import box, bubblewrap, warm
from nst.grading.walls.sandbox import Limits, Sandbox, available

pytestmark = pytest.mark.skipif(available() is not None, reason=str(available()))

SERVER = b"""
def serve(sock):
    while code := sock.recv(65536):
        exec(code, {"sock": sock})
"""


@pytest.fixture
def light(monkeypatch):
    """Sandboxes that start at once: nothing is imported in them."""
    monkeypatch.setattr(warm, "IMPORTS", ())


@pytest.fixture
def cold(monkeypatch):
    """Sandboxes whose first process imports everything by itself."""
    monkeypatch.setattr(warm, "call", lambda: None)


@pytest.fixture(autouse=True)
def nobody_is_believed(monkeypatch):
    monkeypatch.setattr(probing, "_believed", {})


def make(limits=Limits(), **options):  # noqa: B008
    return Sandbox({"server.py": SERVER}, limits, main="server:serve", **options)


def run(sandbox, code="sock.sendall(b'served')"):
    """What code in a notebook's process of the sandbox sends; nothing where it was killed."""
    with sandbox.notebook("one") as sock, suppress(ConnectionResetError):
        sock.settimeout(60)
        sock.sendall(code.encode())
        return sock.recv(65536)
    return b""


def instead(command, monkeypatch):
    """Have this command started in the sandbox in the place of the first process."""
    start = bubblewrap.start
    monkeypatch.setattr(box, "start", lambda usual, *rest, **options: start([*command, *usual], *rest, **options))


@contextmanager
def no_descriptor_left():
    """Take all the file descriptors that this process may have."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(map(int, os.listdir("/proc/self/fd")))
    with ExitStack() as taken:
        taken.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, limits[1]))
        with suppress(OSError):
            while True:
                taken.enter_context(open("/dev/null"))
        yield


# ---- before any of the student's code ----


def test_what_cannot_be_imported_is_named_and_the_second_notebook_says_so_too(monkeypatch):
    monkeypatch.setattr(warm, "IMPORTS", ("no_such_module",))
    with make() as sandbox:
        for _ in range(2):
            with pytest.raises(
                NotJudged, match=r"^Expected .* found ModuleNotFoundError: No module named 'no_such_mod.*"
            ):
                run(sandbox)


FIRST = {
    "that never answers": (["sh", "-c", "sleep 60"], "nothing, in 1 seconds"),
    "that ends at once": (["sh", "-c", "exit 1"], "exit status 1, without a word"),
    "that is killed": (["sh", "-c", "kill -9 $$"], "exit status 137, without a word"),
    "that says why": (["sh", "-c", "echo 'libfoo.so: cannot open' >&2; exit 1"], "libfoo.so: cannot open"),
}


@pytest.mark.parametrize("kind", FIRST)
def test_a_first_process(light, cold, monkeypatch, kind):
    command, found = FIRST[kind]
    monkeypatch.setattr(box, "START", 1)
    instead(command, monkeypatch)
    with make() as sandbox, pytest.raises(NotJudged, match=f"found {found}: mend .* judge again"):
        run(sandbox)


def test_a_bubblewrap_that_will_not_start(light, monkeypatch):
    monkeypatch.setattr(bubblewrap, "_walls", lambda *_: ["--no-such-wall"])
    with make() as sandbox, pytest.raises(NotJudged, match="found bwrap: Unknown option --no-such-wall"):
        run(sandbox)


def test_no_file_descriptor_is_left(light):
    with make() as sandbox, no_descriptor_left():
        with pytest.raises(
            NotJudged, match=r"to run a notebook, and found OSError \(\[Errno 24\] Too many open files\)"
        ):
            run(sandbox)
        with pytest.raises(NotJudged, match="to start a sandbox, and found OSError"):
            make().__enter__()


def test_no_process_can_be_made(light, cold, monkeypatch):
    def refused(*args, **options):
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(box, "start", refused)
    with pytest.raises(NotJudged, match=r"found BlockingIOError \(\[Errno 11\] Resource temporarily unavailable\)"):
        make().__enter__()


def test_no_thread_can_be_made(light, cold, monkeypatch):
    def refused(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(box.threading.Thread, "start", refused)
    started = []
    monkeypatch.setattr(
        box, "start", lambda *args, **options: started.append(bubblewrap.start(*args, **options)) or started[0]
    )
    with pytest.raises(NotJudged, match="can't start new thread"):
        make().__enter__()
    assert started[0][0].returncode is not None, "what was started is not left running"


def test_a_full_disk_stops_only_who_needs_one(light, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    with make() as sandbox:
        assert run(sandbox) == b"served"
    with pytest.raises(NotJudged, match="to start a sandbox, and found FileNotFoundError"):
        make(unsafe=True).__enter__()


def test_a_slow_start_is_not_in_the_students_time(light, cold, monkeypatch):
    instead(["sh", "-c", 'sleep 1.5; exec "$@"', "sh"], monkeypatch)
    with make(Limits(total_seconds=1)) as sandbox:
        assert run(sandbox) == b"served"


def test_limits_in_which_nothing_can_start():
    with make(Limits(memory=50 << 20)) as sandbox, pytest.raises(NotJudged, match="can be imported, and found"):
        run(sandbox)


@pytest.mark.parametrize("call", ["open", "scandir"])
def test_no_file_of_a_submission_can_be_opened(monkeypatch, tmp_path, call):
    source = probing._notebook()
    nbformat.write(source, tmp_path / "probe.ipynb")

    def refused(*args, **options):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(os, call, refused)
    with pytest.raises(NotJudged, match=r"to open what was handed in, and found OSError .*Too many open files"):
        take_in(tmp_path, {"probe": source})


# ---- while it runs ----


def test_without_the_watching_thread_nothing_goes_on(light, monkeypatch):
    def broken(*_):
        raise KeyError("MemAvailable")

    with pytest.raises(NotJudged, match="to watch a submission, and found KeyError"), make() as sandbox:
        monkeypatch.setattr(box, "machine_runs_low", broken)
        assert run(sandbox, "import time; time.sleep(60)") == b""


@pytest.mark.parametrize("number, is_fault", [(errno.EMFILE, True), (errno.EACCES, False)])
def test_what_cannot_be_watched_does_not_go_on(light, monkeypatch, number, is_fault):
    def refused(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(box, "BLIND", 0.2)
    try:
        with make() as sandbox:
            monkeypatch.setattr(box, "usage", refused)
            assert run(sandbox, "import time; time.sleep(60)") == b""
            assert sandbox.ended == "The submission could not be watched."
        assert not is_fault
    except NotJudged as error:
        assert is_fault and "Too many open files" in str(error)


@pytest.mark.parametrize("held, is_fault", [(3, True), (5, False)])
def test_a_machine_that_runs_low_is_the_submissions_doing_where_it_holds_much(light, monkeypatch, held, is_fault):
    low, available = [], iter([0, held << 30])  # before it is killed, and after
    monkeypatch.setattr(box, "machine_runs_low", lambda: bool(low) and low.pop())
    monkeypatch.setattr(box, "memory_of_machine", lambda: (next(available), 64 << 30))
    try:
        with make(Limits(memory=8 << 30)) as sandbox:
            with sandbox.notebook("one") as sock:
                low.append(True)
                assert sock.recv(1) == b""
            assert sandbox.ended == "The machine ran out of memory while the submission ran."
        assert not is_fault
    except NotJudged as error:
        assert is_fault and "8 GB of memory for a submission" in str(error)


# ---- what a whole judgement makes of it ----


def submission(tmp_path):
    source = probing._notebook()
    nbformat.write(source, tmp_path / "probe.ipynb")
    return tmp_path, {"probe": source}


def test_a_process_that_never_answers_is_no_mark(light, monkeypatch, tmp_path):
    monkeypatch.setattr(judging, "Sandbox", partial(Sandbox, main="no_such_module:serve"))
    with pytest.raises(NotJudged, match="a fresh sandbox in which a notebook's process answers"):
        judge(*submission(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("often", ["once", "always"])
def test_a_signal_from_outside(monkeypatch, tmp_path, often):
    boxes, killed = [], []
    fork = box.Box.fork
    monkeypatch.setattr(box.Box, "fork", lambda self, sock: boxes.append(self) or fork(self, sock))

    class Killed(RemoteNotebook):
        def run_cell(self, source, timeout=None):
            if often == "always" or ("def right" in source and not killed):
                os.kill(third_process(boxes[-1].init), signal.SIGTERM)
                killed.append(source)
            return super().run_cell(source, timeout)

    monkeypatch.setattr(judging, "RemoteNotebook", Killed)
    if often == "once":
        judgement = judge(*submission(tmp_path))
        assert [mark.passed for mark in judgement.marks] == [True, False, True]
        assert len(killed) == 1 and judgement.deaths == 0
    else:
        with pytest.raises(NotJudged, match="a fresh sandbox in which a notebook's process answers"):
            judge(*submission(tmp_path))


def third_process(init):
    """The id, out here, of the sandbox's process that serves a notebook, the youngest there."""
    walls, found = os.readlink(f"/proc/{init}/ns/pid"), []
    for process in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            if os.readlink(f"/proc/{process}/ns/pid") == walls:
                status = Path(f"/proc/{process}/status").read_text()
                found.append((int(status.partition("NSpid:")[2].partition("\n")[0].split()[-1]), int(process)))
    assert len(found) == 3
    return max(found)[1]


@pytest.mark.parametrize("line", ["import no_such_module", "open('/no/such/file')"])
def test_what_the_graders_own_process_lacks_is_no_mark(line):
    student = SimpleNamespace(withdraw=lambda: None)
    with pytest.raises(NotJudged, match="Expected the grader's own process to have all that a test needs, and found"):
        examine(f"{line}\nassert True", student, Setting(nbformat.v4.new_notebook()))


# ---- the probe ----


@pytest.mark.slow
def test_the_probe_is_content_here_and_asks_once(monkeypatch):
    probe()
    monkeypatch.setattr(probing, "judge", None)
    probe()


@pytest.mark.slow
def test_the_probe_names_a_package_that_the_sandbox_lacks(monkeypatch):
    monkeypatch.setattr(probing, "direct", lambda: ["numpy", "no_such_package"])
    with pytest.raises(NotJudged, match=r"found that the right answer failed \(the sandbox does not find \['no_such_p"):
        probe()


@pytest.mark.parametrize(
    "passed, cause", [((True, True, True), "the wrong answer passed"), ((False, False, True), "right answer failed")]
)
def test_the_probe_sees_wrong_marks(monkeypatch, passed, cause):
    names = ("test_right", "test_wrong", "test_absent")
    marks = [Mark("probe", name, 1, ok, "No.", "") for name, ok in zip(names, passed, strict=True)]
    notebooks = {"probe": nbformat.v4.new_notebook()}
    monkeypatch.setattr(probing, "judge", lambda *_: Judgement("graded", [], [], [], marks, notebooks))
    with pytest.raises(NotJudged, match=cause):
        probe()


def test_a_broken_grader_writes_nothing_and_fails(released_tiny, monkeypatch, tmp_path):
    course = released_tiny.copy(tmp_path / "course")
    course.hand_in("ada")
    monkeypatch.setattr(warm, "IMPORTS", ("no_such_module",))
    with pytest.raises(NbGraderException, match="No module named 'no_such_module'"):
        course.grade()
    assert not (course.folder / "autograded").exists() and not (course.folder / "judged").exists()
    assert course.scores() == {}
