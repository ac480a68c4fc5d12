"""The one process from which warm sandboxes are forked: what it must never hold, and what becomes of it."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest

from nst.grading.walls import warm
from nst.grading.walls.sandbox import Limits, available
from tests.test_sandbox import DAEMON, eventually, make, run

pytestmark = pytest.mark.skipif(available() is not None, reason=str(available()))

LIMITS = Limits(call_seconds=10, cell_seconds=10)


@pytest.fixture(autouse=True)
def nobody_has_failed(monkeypatch):
    monkeypatch.setattr(warm, "_own", {})
    monkeypatch.setattr(warm, "_given", None)
    yield
    for own in warm._own.values():
        own.close()


@pytest.fixture
def light(monkeypatch):
    """Nothing is imported in the warm process."""
    monkeypatch.setattr(warm, "IMPORTS", ())


def forker():
    """The id of the only warm process of these tests."""
    (own,) = warm._own.values()
    return child(own.process.pid)


def child(process):
    (found,) = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return int(found)


# ---- what it holds ----


def memory(process, wanted):
    """Which of these bytes are in the memory that a process has written to, its environment or its command line."""
    found = set()
    with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb") as memory:
        for line in maps:
            start, end, rights = re.match(r"(\w+)-(\w+) (....)", line).groups()
            if rights.startswith("rw"):
                with suppress(OSError):
                    memory.seek(int(start, 16))
                    part = memory.read(int(end, 16) - int(start, 16))
                    found |= {secret for secret in wanted if secret in part}
    for name in ("environ", "cmdline"):
        content = Path(f"/proc/{process}/{name}").read_bytes()
        found |= {secret for secret in wanted if secret in content}
    return found


@pytest.mark.slow
def test_no_secret_has_ever_been_in_it(tmp_path, monkeypatch):
    from nst.grading import probe as probing  # here, as they take seconds
    from nst.grading.judge import judge

    secrets = {name: f"canary-{name}-{os.urandom(8).hex()}" for name in ("environment", "hidden", "answer", "handed")}
    monkeypatch.setenv("TOKEN", secrets["environment"])
    (tmp_path / secrets["answer"]).write_text(secrets["answer"])
    opened = (tmp_path / secrets["answer"]).open()
    os.set_inheritable(opened.fileno(), True)
    source = probing._notebook()
    for cell in source.cells:
        if cell.id == "test_right":
            cell.source += f"\n### BEGIN HIDDEN TESTS\nassert right(np.ones(3)) == 3, {secrets['hidden']!r}"
            cell.source += "\n### END HIDDEN TESTS"
        cell.source = cell.source.replace("### BEGIN SOLUTION", f"### BEGIN SOLUTION\n    # {secrets['answer']}")
    handed = nbformat.from_dict(source)
    handed.cells[0].source += f"\nmine = {secrets['handed']!r}"
    nbformat.write(handed, tmp_path / "probe.ipynb")
    with opened:
        for _ in range(2):
            assert judge(tmp_path, {"probe": source}, LIMITS).score == (2, 3)
    assert warm.why_cold() is None
    wanted = [*(secret.encode() for secret in secrets.values()), str(tmp_path).encode(), b"tensorflow/python"]
    assert memory(os.getpid(), wanted) == set(wanted), "the search finds what is there"
    assert memory(forker(), wanted) == {b"tensorflow/python"}
    places = {os.readlink(f"/proc/{forker()}/fd/{number}") for number in os.listdir(f"/proc/{forker()}/fd")}
    assert {re.sub(r"\d+", "", place) for place in places} <= {"/dev/null", "socket:[]", "user:[]"}


HOSTILE = (
    "import os; os.kill(os.getppid(), 9)",
    "import os; os.kill(0, 9)",
    "import os; os.killpg(0, 9)",
    "import os; os.kill(-1, 9)",
    "import os; os.kill(1, 9)",
    "import os, signal; os.kill(os.getppid(), signal.SIGSTOP)",
    "import os\nfor n in range(1, 70000):\n    try: n == os.getpid() or os.kill(n, 9)\n    except OSError: pass",
    "kept = [bytearray(1 << 20) for _ in range(100)]",
    "import threading, time\nfor _ in range(50): threading.Thread(target=time.sleep, args=(60,)).start()",
    "import os\nfor number in range(3, 1024):\n    try: os.write(number, b'e' * 1000)\n    except OSError: pass",
    DAEMON.format(seconds=600),
)


@pytest.mark.slow
def test_twenty_hostile_submissions_leave_it_as_it_was(monkeypatch):
    def state():
        status = Path(f"/proc/{forker()}/status").read_text()
        numbers = dict(re.findall(r"(VmData|VmSize|RssAnon|Threads|SigIgn|SigCgt):\s+(\w+)", status))
        anonymous = int(numbers.pop("RssAnon"))
        files = sorted(os.listdir(f"/proc/{forker()}/fd"))
        return anonymous, (forker(), numbers, files, os.listdir(f"/proc/{forker()}/task"))

    monkeypatch.setattr("nst.grading.walls.box.CLEAR", 1)
    with make(Limits(processes=100)) as box:
        run(box, "")
    before = state()
    for attack in (HOSTILE * 2)[:20]:
        with make(Limits(processes=100)) as box:
            run(box, attack)
    eventually(lambda: Path(f"/proc/{forker()}/task/{forker()}/children").read_text() == "")
    after = state()
    assert after[1] == before[1]
    assert after[0] < before[0] + 1024
    assert warm.why_cold() is None


@pytest.mark.slow
def test_what_is_forked_from_it_shares_no_random_number():
    draw = """
    import random, numpy, tensorflow as tf, keras, uuid, tempfile
    print(random.random(), numpy.random.random(), float(tf.random.uniform(())), uuid.uuid4())
    print(float(keras.random.uniform(())), next(tempfile._get_candidate_names()), numpy.random.default_rng().random())
    """
    drawn = []
    for _ in range(2):
        with make() as box:
            drawn.append(run(box, draw).split())
    assert len(drawn[0]) == len(drawn[1]) == 7
    assert set(drawn[0]).isdisjoint(drawn[1])


@pytest.mark.slow
def test_painting_and_no_painting_are_told_apart_in_what_is_forked_from_it():
    look = "import nst.painting; print(hasattr(nst.painting, 'lbfgs'))\nfrom nst.painting import loop"
    with make(paints=True) as box:
        paints = run(box, look)
    with make(paints=False) as box:
        stands_in = run(box, look)
    assert "True" in paints and "Error" not in paints
    assert "False" in stands_in and "ImportError" in stands_in
    assert len(warm._own) == 1


# ---- its life ----


def test_another_one_is_started_when_it_dies_and_who_was_forked_lives_on(light):
    with make() as box:
        assert run(box, "print('first')") == "first\n"
        first = forker()
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not Path(f"/proc/{first}").exists())
        assert run(box, "print('still there')") == "still there\n"
    for _ in range(2):
        with make() as box:
            assert run(box, "import os; print(os.getppid())") == "2\n"
    assert forker() != first
    assert warm.why_cold() is None


def test_one_that_is_killed_while_somebody_waits_for_it_costs_nothing_but_time(light):
    with make() as box:
        run(box, "")
    os.kill(forker(), signal.SIGSTOP)
    stopped, printed = forker(), []

    def grade():
        with make() as box:
            printed.append(run(box, "print('forked')"))

    thread = threading.Thread(target=grade)
    thread.start()
    thread.join(0.5)
    os.kill(stopped, signal.SIGKILL)
    thread.join(60)
    assert printed == ["forked\n"]


def test_it_ends_with_an_owner_that_is_killed(tmp_path):
    owner = """
import sys, time
from tests.test_warm import *
warm.IMPORTS = ()
with make() as box:
    run(box, "")
    print(forker(), list(warm._own.values())[0].process.pid, flush=True)
    time.sleep(600)
"""
    process = subprocess.Popen([sys.executable, "-c", owner], stdout=subprocess.PIPE, cwd=tmp_path)
    ids = process.stdout.readline().split()
    assert len(ids) == 2 and all(Path("/proc", number.decode()).exists() for number in ids)
    process.kill()
    process.communicate()
    eventually(lambda: not any(Path("/proc", number.decode()).exists() for number in ids))


WORKER = """
import sys
from tests.test_warm import *
warm.IMPORTS = ()
warm.use(sys.argv[1])
for _ in range(3):
    with make() as box:
        assert run(box, "print('forked')") == "forked\\n"
print(warm.why_cold(), len(warm._own))
"""


def test_all_workers_of_a_run_have_the_same_one(light, tmp_path):
    with warm.serve() as address:
        workers = [
            subprocess.Popen([sys.executable, "-c", WORKER, address], stdout=subprocess.PIPE, cwd=tmp_path)
            for _ in range(3)
        ]
        assert [worker.communicate()[0] for worker in workers] == [b"None 0\n"] * 3
        with make() as box:
            assert run(box, "print('here, too')") == "here, too\n"
    assert not Path(address).parent.exists()
    assert warm._own == {}


# ---- where it cannot be had ----


def without_folder(monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")


def with_painting(monkeypatch):
    monkeypatch.setattr(warm, "IMPORTS", ("nst.painting",))


def that_cannot_start(monkeypatch):
    monkeypatch.setattr(warm, "start_outside", lambda command, *rest, **options: subprocess.Popen(["false"], **options))


def that_nobody_may_enter(monkeypatch):
    """As on a machine that gives no rights within a namespace of one's own."""
    start = warm.start_outside
    rights = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-all", "--ambient-caps=-all"]
    monkeypatch.setattr(
        warm, "start_outside", lambda command, *rest, **options: start([*rights, *command], *rest, **options)
    )


LACKS = {
    without_folder: "FileNotFoundError",
    with_painting: "nst.painting is not the same in all sandboxes",
    that_cannot_start: "without a word",
    that_nobody_may_enter: r"PermissionError: \[Errno 1\] Operation not permitted",
}


@pytest.mark.parametrize("lacking", LACKS)
def test_where_there_is_none_sandboxes_are_cold_and_it_is_said_why(light, monkeypatch, lacking):
    lacking(monkeypatch)
    if lacking is with_painting:
        monkeypatch.setattr("nst.grading.walls.box.warm.IMPORTS", ("nst.painting",))
    for _ in range(warm.TRIES + 1):
        with make() as box:
            assert run(box, "import os; print(os.getppid())") == "2\n"
    assert re.fullmatch(rf"Expected one process .*{LACKS[lacking]}.*\.", warm.why_cold())
    assert warm.call() is None, "it is not tried for ever"


def test_a_sandbox_that_could_not_be_forked_once_is_cold_and_the_next_one_is_not(light, monkeypatch):
    send_fds = socket.send_fds
    with monkeypatch.context() as broken:
        broken.setattr(
            socket, "send_fds", lambda sock, *rest: sock.close() if rest[0] == [b"e"] else send_fds(sock, *rest)
        )
        with make() as box:
            assert run(box, "print('cold')") == "cold\n"
    assert warm.why_cold()
    with make() as box:
        run(box, "")
        assert warm._failures == 0
