"""Attacks on the sandbox, each run inside it. What they could do if a wall gave way is bounded too: no bomb is endless.

Most do without TensorFlow, so that a sandbox starts at once. The last test but one runs all of them as a plain user,
where they were run by root.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from nst.grading.faults import NotJudged
from nst.grading.walls import box as life
from nst.grading.walls import bubblewrap, sandbox, usage, warm
from nst.grading.walls.course import course_files
from nst.grading.walls.sandbox import Limits, Sandbox, SandboxError, TimeSpent
from nst.paths import CHECKOUT

MB = 1 << 20

#: Serves the socket in a notebook's process: runs the code that comes in, and sends back what it prints.
SERVER = """
import contextlib, io, json, socket, traceback

def serve(sock):
    code, unsafe = json.loads(sock.makefile("rb").readline())
    # Some of this code kills all that it can reach.
    assert unsafe or socket.gethostname() == "student"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(code, {"__name__": "__main__"})
        except BaseException:
            traceback.print_exc(file=printed)
    sock.sendall(printed.getvalue().encode())
"""

OF_A_STUDENT = ["nst_utils.py", *(["images", "pretrained-model", "pyproject.toml"] if CHECKOUT else [])]

FILES = {"attack_server.py": SERVER.encode(), "1-content-cost.ipynb": b"{}"}


def make(limits=Limits(), files=(), **options):  # noqa: B008
    return Sandbox(FILES | dict(files), limits, main="attack_server:serve", **options)


def send(sock, code, unsafe=False):
    sock.sendall(json.dumps([textwrap.dedent(code), unsafe]).encode() + b"\n")


def hear(sock, seconds=60):
    """All that the notebook's process printed; nothing when it was killed."""
    sock.settimeout(seconds)
    heard = b""
    with suppress(ConnectionResetError):
        while part := sock.recv(65536):
            heard += part
    return heard.decode()


def run(box, code, seconds=60):
    """Run code in a notebook's process of the sandbox, and return what it prints."""
    with box.notebook("attack") as sock:
        send(sock, code, box.unsafe)
        return hear(sock, seconds)


def running(*words):
    """Ids of this machine's processes whose command line is just this."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cmdline").read_text().split("\0")[:-1] == list(words):
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def eventually(condition, seconds=20):
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def own_memory():
    return usage.numbers("/proc/self/status", "RssAnon", "RssShmem")["RssAnon"]


@pytest.fixture(autouse=True)
def light(request, monkeypatch):
    if sandbox.available():
        pytest.skip(sandbox.available())
    if "heavy" not in request.fixturenames:
        monkeypatch.setattr(warm, "IMPORTS", ())


@pytest.fixture
def heavy():
    """Have everything imported that a notebook's process comes with."""


@pytest.fixture
def box():
    with make() as box:
        yield box


# ---- reading ----


def test_of_the_instructors_files_only_the_course_is_there(box):
    python = [f"{prefix}/{name}" for prefix in (sys.prefix, sys.base_prefix) for name in ("bin", "lib", "lib64")]
    system = ["/proc", "/dev", "/usr", "/etc/alternatives", "/etc/fonts", "/etc/ld.so.conf.d"]
    course = [str(bubblewrap.COURSE / name) for name in OF_A_STUDENT]
    found = run(
        box,
        f"""
        import os
        for top, folders, files in os.walk("/"):
            if top in {[*system, *python, *course]}:
                folders.clear()
                continue
            for name in files:
                print(os.path.join(top, name))
        """,
    )
    assert set(map(Path, found.splitlines())) == {
        *(Path("/tmp/work") / name for name in FILES),
        *(Path("/tmp/home/.config/matplotlib") / name for name in life.font_lists()),
        *(Path("/etc") / name for name in bubblewrap._ETC if Path("/etc", name).is_file()),
        Path(sys.prefix, "pyvenv.cfg"),
        *(bubblewrap.COURSE / "nst" / place for place in course_files(False)),
        bubblewrap.COURSE / "nst_utils.py",
        bubblewrap.COURSE / "pyproject.toml",
    }


@pytest.mark.skipif(CHECKOUT is None, reason="the course is installed, there is no checkout")
def test_the_instructors_part_of_the_checkout_is_not_there(box):
    for name in ("answers", "tests", "tools", "gradebook.db", "submitted", ".git", "nbgrader_config.py"):
        assert run(box, f"import os; print(os.path.lexists({str(CHECKOUT / name)!r}))") == "False\n", name
    assert (CHECKOUT / "answers").is_dir()


def test_no_process_outside_is_seen_or_reached(box):
    printed = run(
        box,
        f"""
        import os, signal
        print(sorted(int(name) for name in os.listdir("/proc") if name.isdigit())[:2])
        print(len([name for name in os.listdir("/proc") if name.isdigit()]))
        for process in range(3, 70000):
            try:
                if process != os.getpid():
                    os.kill(process, 0)
                    print("there is", process)
            except OSError:
                pass
        print(os.path.exists("/proc/{os.getpid()}/root"))
        """,
    )
    assert printed == "[1, 2]\n3\nFalse\n"


def test_nothing_of_the_instructors_environment_or_open_files_is_there(monkeypatch, tmp_path):
    monkeypatch.setenv("TOKEN", "very-secret")
    monkeypatch.setenv("NBGRADER_DB", "very-secret")
    opened = (tmp_path / "very-secret").open("w")
    os.set_inheritable(opened.fileno(), True)
    with opened, make() as box:
        printed = run(
            box,
            """
            import os
            print(*os.environ)
            for process in (1, 2, "self"):
                for kind in ("environ", "cmdline"):
                    try:
                        print(open(f"/proc/{process}/{kind}", "rb").read())
                    except OSError:
                        pass
                try:
                    print([os.readlink(f"/proc/{process}/fd/{n}") for n in os.listdir(f"/proc/{process}/fd")])
                except OSError:
                    pass
            """,
        )
    assert "very-secret" not in printed
    assert "NBGRADER" not in printed
    assert str(tmp_path) not in printed
    names = "PATH LANG HOME USER LOGNAME TMPDIR NST_OUTPUT MPLBACKEND MPLCONFIGDIR TF_CPP_MIN_LOG_LEVEL"
    assert printed.splitlines()[0] == f"{names} CUDA_VISIBLE_DEVICES PWD"


# ---- writing ----


def test_nothing_can_be_written_but_in_the_sandboxes_own_folders(box):
    places = ["/", "/etc", "/usr/bin", "/dev", "/var", "/proc", "/proc/sys/kernel", sys.prefix, Path.home()]
    places += [sys.prefix + "/bin", sys.prefix + "/lib", sys.base_prefix + "/lib"]
    places += [bubblewrap.COURSE, *(bubblewrap.COURSE / name for name in ("nst", "images", "pretrained-model"))]
    printed = run(
        box,
        f"""
        import os
        for place in {list(map(str, places))}:
            for act in (lambda: open(place + "/planted", "w"), lambda: os.mkdir(place + "/planted"),
                        lambda: os.chmod(place, 0o777), lambda: os.rename(place, place + "-away")):
                try:
                    act()
                    print("written:", place)
                except OSError:
                    pass
        for path in ("nst/__init__.py", "nst_utils.py"):
            try:
                open({str(bubblewrap.COURSE)!r} + "/" + path, "a")
                print("written:", path)
            except OSError:
                pass
        for folder in ("/tmp", "/tmp/work", "/tmp/home", "/tmp/output", "/dev/shm"):
            open(folder + "/mine", "w").write("x")
        """,
    )
    assert printed == ""


def test_the_submission_may_not_leave_its_folder():
    for name in ("../x", "/etc/x", "a/../../x", "", "x\0", "\ud800"):
        with pytest.raises(ValueError):
            Sandbox({name: b""})


def test_files_stay_for_the_next_notebook_and_not_for_the_next_submission(box):
    assert run(box, "open('kept.npy', 'w').write('7')") == ""
    assert run(box, "print(open('kept.npy').read())") == "7\n"
    with make() as other:
        assert "FileNotFoundError" in run(other, "open('kept.npy')")


def test_a_full_disk_is_the_submissions_own(tmp_path):
    limits = Limits(disk=40 * MB, file_size=10 * MB)
    free = shutil.disk_usage("/").free
    with make(limits) as box:
        printed = run(
            box,
            """
            import os
            try:
                with open("huge", "wb") as file:
                    for _ in range(100):
                        file.write(bytes(1 << 20))
            except OSError as error:
                print(os.path.getsize("huge") >> 20, error.strerror)
            try:
                for i in range(100):
                    with open(f"many{i}", "wb") as file:
                        file.write(bytes(1 << 20))
            except OSError as error:
                print(i, error.strerror)
            """,
        )
        huge, many = printed.splitlines()
        assert huge == "10 File too large"
        assert many.endswith("No space left on device") and 28 <= int(many.split()[0]) <= 30
        # The next notebook has room again.
        assert run(box, "open('mine', 'wb').write(bytes(9 << 20)); print('written')") == "written\n"
    assert shutil.disk_usage("/").free > free - 30 * MB - (free >> 5)


def test_so_many_empty_files_count_as_memory():
    with make(Limits(memory=100 * MB)) as box:
        run(box, "for i in range(400_000): open(f'/tmp/{i}', 'w').close()")
        assert box.ended == "The submission used more than 0.0977 GB of memory."


# ---- network ----


def test_there_is_no_network(box):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as hidden:
        hidden.bind("\0nst-test-of-the-sandbox")
        hidden.listen()
        printed = run(
            box,
            f"""
            import os, socket
            print(os.listdir("/sys/class/net") if os.path.exists("/sys") else "no /sys")
            print(socket.if_nameindex())
            for family, address in ((socket.AF_INET, ("127.0.0.1", {server.getsockname()[1]})),
                                    (socket.AF_INET, ("192.0.2.1", 80)),
                                    (socket.AF_UNIX, "\\0nst-test-of-the-sandbox")):
                try:
                    socket.socket(family).connect(address)
                    print("connected")
                except OSError as error:
                    print(error.strerror)
            try:
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))
                print("sent")
            except OSError as error:
                print(error.strerror)
            """,
        )
    refused, unreachable = "Connection refused", "Network is unreachable"
    assert printed.splitlines()[2:] == [refused, unreachable, refused, unreachable]
    assert printed.splitlines()[:2] == ["no /sys", "[(1, 'lo')]"]


# ---- killing, and not dying ----


@pytest.mark.parametrize(
    "attack", ["os.kill(os.getppid(), 9)", "os.kill(-1, 9)", "os.killpg(0, 9)", "os.kill(1, 9)", "os.abort()"]
)
def test_what_kills_its_parent_kills_only_its_own_submission(box, attack):
    with make() as other, other.notebook("other") as waiting:
        run(box, f"import os; {attack}")
        assert run(box, "print('again')") == "again\n"
        send(waiting, "print('unharmed')")
        assert hear(waiting) == "unharmed\n"
    assert box.ended is None


def test_a_stopped_parent_costs_only_a_new_start(box, monkeypatch):
    monkeypatch.setattr(life, "CLEAR", 1)
    run(box, "import os, signal; os.kill(os.getppid(), signal.SIGSTOP)")
    assert run(box, "print('again')") == "again\n"


def test_an_answer_forged_on_the_parents_socket_costs_only_a_new_start(box, monkeypatch):
    monkeypatch.setattr(life, "CLEAR", 1)
    forge = """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.pidfd_open(os.getppid())
    for number in range(20):
        found = libc.syscall(438, parent, number, 0)  # pidfd_getfd
        try:
            os.write(found, b"x" * 100_000)
        except OSError:
            pass
    """
    run(box, forge)
    assert run(box, "print('again')") == "again\n"


DAEMON = """
import os
if not os.fork():
    os.setsid()
    if not os.fork():
        os.execv("/usr/bin/sleep", ["sleep", "{seconds}"])
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize("unsafe", [False, True])
def test_a_daemon_dies_with_its_notebook(unsafe):
    sleep = "sleep", f"4567.{os.getpid()}"
    with make(unsafe=unsafe) as box:
        with box.notebook("first") as sock:
            send(sock, DAEMON.format(seconds=sleep[1]), unsafe)
            hear(sock)
            eventually(lambda: running(*sleep))
        assert running(*sleep) == []
        assert run(box, "print('next')") == "next\n"


def test_a_daemon_dies_with_its_sandbox_and_with_a_killed_one():
    sleep = "sleep", f"5678.{os.getpid()}"
    with make() as box, box.notebook("first") as sock:
        send(sock, DAEMON.format(seconds=sleep[1]))
        hear(sock)
        eventually(lambda: running(*sleep))
        box.kill()
        assert running(*sleep) == []


def test_all_dies_with_a_grader_that_is_killed(tmp_path):
    sleep = "sleep", f"6789.{os.getpid()}"
    grader = f"""
import sys, time
from tests.test_sandbox import *
warm.IMPORTS = ()
with make() as box, box.notebook("first") as sock:
    send(sock, DAEMON.format(seconds={sleep[1]!r}))
    hear(sock)
    print("ready", flush=True)
    time.sleep(600)
"""
    process = subprocess.Popen([sys.executable, "-c", grader], stdout=subprocess.PIPE, cwd=tmp_path)
    assert process.stdout.readline() == b"ready\n"
    eventually(lambda: running(*sleep))
    process.kill()
    process.communicate()
    eventually(lambda: not running(*sleep))


def test_what_ignores_every_signal_and_swallows_every_exception_is_killed(box):
    with box.notebook("first") as sock:
        send(
            sock,
            """
            import signal
            for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            while True:
                try:
                    while True: pass
                except BaseException: pass
            """,
        )
        with pytest.raises(TimeoutError):
            hear(sock, 0.5)
        start = time.monotonic()
    assert time.monotonic() - start < 10
    assert run(box, "import os; print([n for n in os.listdir('/proc') if n.isdigit()][:2])") == "['1', '2']\n"


def test_the_submissions_time_is_kept():
    with make(Limits(total_seconds=1)) as box:
        assert run(box, "import time; time.sleep(600)") == ""
        assert box.ended == "The submission took longer than 1 seconds."
        with pytest.raises(TimeSpent, match="The submission's 1 seconds are spent"):
            run(box, "print('again')")


# ---- memory ----


def test_a_memory_bomb_is_a_memory_error_and_its_process_lives_on():
    with make(Limits(memory=300 * MB)) as box:
        printed = run(
            box,
            """
            kept = []
            try:
                for _ in range(20):
                    kept.append(bytearray(50 << 20))
            except MemoryError:
                print(len(kept))
            """,
        )
        assert 3 <= int(printed) <= 6
        assert box.ended is None


SPREAD = {
    "over processes": """
        import os, time
        for _ in range(20):
            if not os.fork():
                kept = bytearray(100 << 20)
                kept[::4096] = b"x" * (len(kept) // 4096)
                time.sleep(600)
        time.sleep(600)
        """,
    "in shared pages": """
        import mmap, time
        for _ in range(20):
            kept = mmap.mmap(-1, 100 << 20)
            for place in range(0, len(kept), 4096):
                kept[place] = 1
            globals()[f"kept{_}"] = kept
        time.sleep(600)
        """,
    "in files": """
        import time
        for i in range(20):
            open(f"/tmp/{i}", "wb").write(bytes(100 << 20))
        time.sleep(600)
        """,
    "in unlinked files": """
        import os, time
        for i in range(20):
            globals()[f"kept{i}"] = file = open("/tmp/x", "wb")
            os.unlink("/tmp/x")
            file.write(bytes(100 << 20))
        time.sleep(600)
        """,
}


@pytest.mark.parametrize("attack", SPREAD)
def test_memory_is_bounded_for_all_processes_and_files_together(attack):
    before = own_memory()
    with make(Limits(memory=400 * MB, disk=2000 * MB)) as box:
        assert run(box, SPREAD[attack]) == ""
        assert box.ended == "The submission used more than 0.391 GB of memory."
        assert own_memory() < before + 50 * MB
        assert run(box, "print('again')") == "again\n"


def test_pages_shared_with_a_forked_process_are_counted_once():
    with make(Limits(memory=400 * MB)) as box:
        printed = run(
            box,
            """
            import os, time
            kept = bytearray(b"x") * (100 << 20)
            for _ in range(10):
                if not os.fork():
                    time.sleep(1)
                    os._exit(0)
            time.sleep(1)
            print("not killed")
            """,
        )
        assert (printed, box.ended) == ("not killed\n", None)


def test_memory_that_belongs_to_no_process_is_refused(box):
    printed = run(
        box,
        """
        import ctypes, os
        try:
            os.memfd_create("x")
            print("made")
        except OSError as error:
            print(error.strerror)
        libc = ctypes.CDLL(None)
        print(libc.shmget(0, 1 << 20, 0o1600), libc.semget(0, 1, 0o1600), libc.msgget(0, 0o1600))
        """,
    )
    assert printed == "Operation not permitted\n-1 -1 -1\n"


def test_a_machine_that_runs_low_is_relieved(monkeypatch):
    with (
        pytest.raises(NotJudged, match=r"it ran out when this one had 0\.0"),
        make() as box,
        box.notebook("first") as sock,
    ):
        send(sock, "import time; time.sleep(600)")
        monkeypatch.setattr(usage, "RESERVE", 2)
        assert hear(sock) == ""
        assert box.ended == "The machine ran out of memory while the submission ran."


def test_what_the_machine_uses_is_not_counted_while_the_walls_rise(monkeypatch):
    start = bubblewrap.start

    def interrupted(*args, **options):
        process, init = start(*args, **options)
        process.send_signal(signal.SIGSTOP)  # often it has not yet left the machine's own root folder
        threading.Timer(0.2, process.send_signal, [signal.SIGCONT]).start()
        return process, init

    monkeypatch.setattr(life, "start", interrupted)
    for _ in range(8):
        with make(Limits(memory=100 * MB)) as box:
            assert run(box, "print('started')") == "started\n"


def test_the_kernel_would_take_the_students_processes_first(box):
    assert run(box, "print(open('/proc/self/oom_score_adj').read(), end='')") == "1000\n"


# ---- processes ----

FORKS = """
import os, time
end = time.monotonic() + 4
while time.monotonic() < end:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
"""

THREADS = """
import threading, time
try:
    for i in range(2000):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
except RuntimeError:
    print(i)
"""


def test_a_fork_bomb_is_bounded_and_gone_afterwards():
    with make(Limits(processes=60)) as box:
        with box.notebook("first") as sock:
            send(sock, FORKS)
            most, ends = 0, time.monotonic() + 3
            while time.monotonic() < ends:
                most = max(most, usage.usage(box._box.init, box.limits.memory)[1])
                time.sleep(0.02)
            assert 50 <= most <= 62  # bubblewrap's own process and the zygote are counted here
            subprocess.run(["true"], check=True, timeout=10)
        printed = run(box, "import os; print(len([n for n in os.listdir('/proc') if n.isdigit()]))")
        assert (printed, box.ended) == ("3\n", None)


def test_threads_are_counted_as_processes():
    with make(Limits(processes=60)) as box:
        assert 50 <= int(run(box, THREADS)) <= 60


def test_two_sandboxes_have_their_own_count():
    with make(Limits(processes=60)) as box, make(Limits(processes=60)) as other, box.notebook("first") as sock:
        send(sock, THREADS + "time.sleep(60)")
        assert 50 <= int(run(other, THREADS)) <= 60


def test_limits_cannot_be_raised(box):
    printed = run(
        box,
        """
        import resource
        for name in ("NPROC", "DATA", "FSIZE", "NOFILE"):
            kind = getattr(resource, "RLIMIT_" + name)
            try:
                resource.setrlimit(kind, (resource.getrlimit(kind)[1] + 1,) * 2)
                print("raised", name)
            except (ValueError, OSError):
                pass
        """,
    )
    assert printed == ""


def test_no_user_namespace_in_which_limits_would_not_hold(box):
    printed = run(
        box,
        """
        import ctypes, os, subprocess
        new_user, new_mounts = 0x10000000, 0x20000
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.unshare(new_user), os.strerror(ctypes.get_errno()))
        print(libc.unshare(new_mounts), os.strerror(ctypes.get_errno()))
        clone = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
        print(libc.syscall(clone, new_user | 17, 0, 0, 0, 0), os.strerror(ctypes.get_errno()))
        print(libc.syscall(435, 0, 0), os.strerror(ctypes.get_errno()))  # clone3
        print(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), os.strerror(ctypes.get_errno()))
        print([line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff")])
        print(os.getuid() == 0, os.getgroups() in ([], [os.getgid()]))
        """,
    )
    refused = "-1 Operation not permitted"
    assert printed.splitlines()[:5] == [refused, refused, refused, "-1 Function not implemented", refused]
    assert printed.splitlines()[5:] == ["['0000000000000000']", "False True"]


# ---- starting, and what is read then ----


def test_input_ends_at_once(box):
    assert "EOFError" in run(box, "input()")
    assert run(box, "import sys; print(repr(sys.stdin.read()))") == "''\n"


def test_a_flood_past_python_goes_nowhere(box):
    before = own_memory()
    flood = "import os\nfor n in (1, 2):\n    for _ in range(200): os.write(n, b'x' * (1 << 20))\nprint('done')"
    assert run(box, flood) == "done\n"
    assert own_memory() < before + 50 * MB


@pytest.mark.slow
def test_no_start_up_file_is_run(heavy, tmp_path):
    here = tmp_path / "ran-in-the-grader"
    evil = f"""
for path in ("/tmp/ran", {str(here)!r}):
    try: open(path, "w")
    except OSError: pass
"""
    names = ["sitecustomize.py", "usercustomize.py", "numpy.py", "tensorflow.py", "nst_utils.py", "nst/__init__.py"]
    names += ["ipykernel_launcher.py", "json.py", "socket.py", "evil.py", "zygote.py", "tensorflow/__init__.py"]
    home = [".ipython/profile_default/startup/00.py", ".ipython/profile_default/ipython_config.py", ".pythonrc.py"]
    files = {name: evil.encode() for name in [*names, *home]} | {
        "evil.pth": b"import evil",
        "matplotlibrc": b"backend: nonsense",
    }
    plant = f"""
    import os, site
    for name in {home}:
        os.makedirs(os.path.dirname(os.path.expanduser("~/" + name)), exist_ok=True)
        open(os.path.expanduser("~/" + name), "w").write({evil!r})
    folder = site.getusersitepackages()
    os.makedirs(folder)
    open(folder + "/usercustomize.py", "w").write({evil!r})
    open(folder + "/evil.pth", "w").write("import evil")
    print(os.path.exists("/tmp/ran"))
    """
    look = """
    import os, sys
    import numpy, tensorflow, nst_utils, nst.quiet, json, socket, matplotlib
    import nst.grading.exam.inside
    print([m.__file__ for m in (numpy, tensorflow, nst_utils, nst, json, socket) if m.__file__.startswith(os.getcwd())])
    print(os.path.exists("/tmp/ran"), matplotlib.get_backend())
    """
    with make(files=files) as box:
        assert run(box, plant) == "False\n"
        assert run(box, look) == "[]\nFalse module://matplotlib_inline.backend_inline\n"
    with make() as box:
        assert run(box, look) == "[]\nFalse module://matplotlib_inline.backend_inline\n"
    assert not here.exists()


@pytest.mark.slow
def test_tensorflow_works_in_a_forked_process(heavy, box):
    code = """
    import os, sys
    from tensorflow.python.eager import context
    print(context.context()._initialized, "rfc3987_syntax" in sys.modules)
    from nst.quiet import tf
    x = tf.Variable(tf.ones((300, 300)))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.matmul(x, x))
    print(float(tf.reduce_max(tape.gradient(y, x))))
    import matplotlib.pyplot as plt
    plt.plot([1, 2])
    plt.savefig("figure.png")
    """
    for _ in range(2):
        assert run(box, code) == "False False\n600.0\n"


COURSES = {"a checkout": ["images", "pretrained-model", "pyproject.toml"], "an installed course": []}


@pytest.mark.slow
@pytest.mark.parametrize("kind", COURSES)
def test_a_private_folder_can_hold_the_course(kind, root, tmp_path):
    site = tmp_path / "private" / "site"
    site.mkdir(parents=True)
    for name in ["nst", "nst_utils.py", *COURSES[kind]]:
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        copy(root / name, site / name)
    (site / "answers").mkdir()
    (site / "answers" / "secret.py").write_text("")
    (site.parent / "secret").write_text("")
    site.parent.chmod(0o700)
    grader = f"""
import sys
from tests.test_sandbox import *
warm.IMPORTS = ()
with make() as box:
    print(run(box, "import os, nst, nst_utils; from nst.paths import *; print(nst.__file__, nst_utils.__file__, IMAGES)"
        "\\nprint(sorted(os.listdir({str(site)!r})), os.listdir({str(site.parent)!r}))"), end="")
"""
    done = subprocess.run(
        [sys.executable, "-c", grader],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    images = site / "images" if COURSES[kind] else site / "nst" / "_data" / "images"
    imported, seen = done.stdout.splitlines()
    assert imported == f"{site}/nst/__init__.py {site}/nst_utils.py {images}", done.stderr
    assert seen == f"{sorted(['nst', 'nst_utils.py', *COURSES[kind]])} ['site']"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's sandbox runs as another user")
def test_a_course_that_only_root_may_read_is_refused_with_a_reason(tmp_path, root, monkeypatch):
    shutil.copy(root / "nst_utils.py", tmp_path)
    (tmp_path / "nst_utils.py").chmod(0o600)
    in_its_place = ["--ro-bind", str(tmp_path / "nst_utils.py"), str(bubblewrap.COURSE / "nst_utils.py")]
    walls = bubblewrap._walls
    monkeypatch.setattr(bubblewrap, "_walls", lambda *given: [*walls(*given), *in_its_place])
    with make() as box, pytest.raises(NotJudged, match="expected files that every user may read"):
        run(box, "")


def test_no_other_copy_of_the_course_is_there(tmp_path, monkeypatch):
    """Say, one that was installed before there was this clone."""
    for file in ("nst/grading/__init__.py", "nst/checks/answers.py", "numpy_like/__init__.py"):
        path = tmp_path / "lib/python3.99/site-packages" / file
        path.parent.mkdir(parents=True)
        path.touch()
    monkeypatch.setattr(bubblewrap, "_python", lambda: [sys.prefix, sys.base_prefix, str(tmp_path)])
    with make() as box:
        found = run(box, f"import pathlib; print(*pathlib.Path({str(tmp_path)!r}).rglob('*.py'), sep='\\n')")
    assert found.splitlines() == [f"{tmp_path}/lib/python3.99/site-packages/numpy_like/__init__.py"]


MOVED = """
import sys
from nst.grading.walls.sandbox import Sandbox
SERVER = b'''
import json, os
import tqdm, imageio, numpy, tensorflow
def serve(sock):
    files = [module.__file__ for module in (tqdm, imageio, numpy, tensorflow)]
    sock.sendall(json.dumps([files, [os.listdir(place) for place in PLACES]]).encode())
'''
with Sandbox({"server.py": SERVER.replace(b"PLACES", sys.argv[1].encode())}, main="server:serve") as box:
    with box.notebook("one") as sock:
        print(sock.recv(65536).decode())
"""


@pytest.mark.slow
def test_tensorflow_and_others_may_lie_outside_of_the_environment_and_what_lies_beside_them_is_not_seen(root, tmp_path):
    # Python as the system has it: tqdm on PYTHONPATH, imageio as `pip install --user` puts it, and all the rest, with
    # TensorFlow, where a .pth file says.
    site = Path(sysconfig.get_path("purelib"))
    path, user = tmp_path / "path", Path(sysconfig.get_path("purelib", "posix_user", {"userbase": tmp_path / "base"}))
    for folder, package in ((path, "tqdm"), (user, "imageio")):
        shutil.copytree(site / package, folder / package)
        (folder / "secret.txt").write_text("")
    (user / "rest.pth").write_text(f"{site}\n")
    done = subprocess.run(
        [f"{sys.base_prefix}/bin/python3", "-c", MOVED, json.dumps([str(path), str(user)])],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{path}:{root}", "PYTHONUSERBASE": str(tmp_path / "base")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    files, seen = json.loads(done.stdout)
    assert [Path(file).parent for file in files] == [
        path / "tqdm",
        user / "imageio",
        site / "numpy",
        site / "tensorflow",
    ]
    assert seen == [["tqdm"], ["imageio"]]


def test_where_there_is_no_sandbox_grading_says_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    bubblewrap.available.cache_clear()
    try:
        with pytest.raises(SandboxError, match=r"^Grading needs bubblewrap, .*: install Debian's bubblewrap .*\.$"):
            make().__enter__()
        with make(unsafe=True) as box:
            assert run(box, "print(open('1-content-cost.ipynb').read())") == "{}\n"
    finally:
        bubblewrap.available.cache_clear()


def test_unsafe_leaves_no_files_behind():
    with make(unsafe=True) as box:
        folder = run(box, "import os; print(os.getcwd())").strip()
        assert Path(folder).is_dir()
    assert not Path(folder).parent.exists()


def test_sandboxes_run_side_by_side():
    printed = {}

    def grade(number):
        with make() as box:
            printed[number] = run(box, f"open('mine', 'x').write('{number}'); print(open('mine').read())")

    threads = [threading.Thread(target=grade, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert printed == {number: f"{number}\n" for number in range(4)}


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="you are a plain user: the other tests have shown it")
def test_all_of_this_holds_for_a_plain_user(root):
    # A view of this machine for a user who is not root: with folders that only root may enter, such as /root, opened as
    # far as Python and the course lie there, and a /tmp of its own.
    needed = {os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, root)}
    view = ["--dev-bind", "/", "/", "--perms", "1777", "--tmpfs", "/tmp"]
    made = {Path("/tmp")}
    for path in map(Path, sorted(needed)):
        for parent in reversed(path.parents):
            if not parent.stat().st_mode & 0o001 and parent not in made:
                view += ["--perms", "0755", "--tmpfs", str(parent)]
                made.add(parent)
            elif made & set(parent.parents):
                view += ["--perms", "0755", "--dir", str(parent)]
        if made & set(path.parents):
            view += ["--ro-bind", str(path), str(path)]
    user = str(bubblewrap.spare_uid())
    drop = [
        "setpriv",
        f"--reuid={user}",
        f"--regid={user}",
        "--clear-groups",
        "env",
        "HOME=/tmp/instructor",
        "TMPDIR=/tmp",
    ]
    slow = "plain_user or start_up or tensorflow or private"
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", __file__, "-k", f"not ({slow})"]
    done = subprocess.run(
        ["bwrap", *view, "--cap-add", "ALL", "--chdir", str(root), "--", *drop, *pytest_],
        env=os.environ | {"PYTEST_ADDOPTS": ""},  # yours may name a file that only you may write
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b4\d passed", done.stdout), done.stdout
