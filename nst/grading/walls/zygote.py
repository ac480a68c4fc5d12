"""What runs first inside the sandbox: it gives up its rights, imports what takes long, then forks for each notebook.

Importing TensorFlow takes seconds; a process forked from one that has imported it, and has run none of its operations,
is ready at once. So a cold sandbox imports it once for a submission. A warm one does not import it at all: one process
of the machine has, outside of all sandboxes (`lend`), and what runs first inside is forked from that one.

This file is started by its path, with the number of a socket to the instructor's process.

What arrives there: orders, a line of JSON, with the files after it; then "f" and a socket (fork a process that serves
it), and "c" (kill all that were forked). The answer to the first is "ready" or an error, to the last "c".

The process outside is given a second socket, at which whoever wants to have one forked calls: "u" is answered with its
namespace of users; "e", with the socket of a sandbox and a handle of the first process there, has one enter it.
"""

import ctypes
import gc
import importlib
import json
import mmap
import os
import random
import select
import signal
import socket
import sys
import time
from contextlib import contextmanager, suppress

#: Bytes that the limit of memory must leave a sandbox when all is imported.
ROOM = 16 << 20


def main():
    control = socket.socket(fileno=int(sys.argv[1]))
    if len(sys.argv) > 2:
        lend(control, socket.socket(fileno=int(sys.argv[2])))
        return
    with reporting(control):
        orders, contents = received(control)
        confine(orders)
        demand_readable(orders)
        write_files(orders, contents)
        import_all(orders)
    keep(control, orders)


def lend(owner, calls):
    """Import what takes long, then fork, for each who calls, a process that enters a sandbox; until the owner ends."""
    with reporting(owner):
        orders, contents = received(owner)
        write_files(orders, contents)
        import_all(orders)
        from nst.grading.walls import entering  # noqa: F401

        if painting := [name for name in sys.modules if name.startswith("nst.painting")]:
            raise ImportError(f"{painting[0]} is not the same in all sandboxes, and must not be imported for all")
    gc.collect()
    gc.freeze()  # or collecting garbage would copy all of this into each process that is forked
    os.dup2(1, 2)
    become_subreaper()  # who has entered a sandbox is buried at once, which its end waits for
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    users = os.open("/proc/self/ns/user", os.O_RDONLY)
    owner.sendall(b"ready")
    callers = []
    while True:
        ready, _, _ = select.select([owner, calls, *callers], [], [])
        if owner in ready:
            return
        if calls in ready:
            callers.append(calls.accept()[0])
        for caller in set(ready) & set(callers):
            if not answer(caller, users):
                callers.remove(caller)
                caller.close()


def answer(caller, users):
    """Do what a caller asks for; False when there is nothing more to be asked."""
    with suppress(OSError):
        order, numbers, _, _ = socket.recv_fds(caller, 1, 2)
        if order == b"u":
            socket.send_fds(caller, [b"u"], [users])
            return True
        if order == b"e":
            control, walls = socket.socket(fileno=numbers[0]), numbers[1]
            try:
                if not os.fork():
                    live(control, walls)
            except OSError as error:
                control.sendall(f"{type(error).__name__}: {error}".encode())
            finally:
                control.close()
                os.close(walls)
    return False


def live(control, walls):
    """The life of a warm sandbox's process."""
    try:
        with reporting(control):
            entering = sys.modules["nst.grading.walls.entering"]
            entering.enter(walls, control.fileno())
            orders, contents = received(control)
            confine(orders)
            entering.give_up_rights(bytes.fromhex(orders["filter"]))
            entering.be_another()
            mmap.mmap(-1, ROOM, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
            demand_readable(orders)
            write_files(orders, contents)
        keep(control, orders)
    finally:
        os._exit(0)


def keep(control, orders):
    """Fork for each notebook, and kill what was forked."""
    os.dup2(1, 2)  # /dev/null; until now errors were to be seen
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for what is forked
    control.sendall(b"ready")
    forked = None
    while True:
        order, sockets, _, _ = socket.recv_fds(control, 1, 1)
        if not order:
            return
        if order == b"f":
            sock = socket.socket(fileno=sockets[0])
            sock.set_inheritable(False)  # or a program that the student's code starts keeps the connection open
            forked = os.fork()
            if not forked:
                control.close()
                serve(sock, orders)
            sock.close()
        if order == b"c" and forked:
            clear(orders["contained"], forked)
        if order == b"c":
            control.sendall(b"c")


@contextmanager
def reporting(control):
    """An error within the block is told, and ends this process."""
    try:
        yield
    except Exception as error:
        control.sendall(f"{type(error).__name__}: {error}".encode())
        sys.exit()


def received(control):
    """The orders, and the contents of the files."""
    with control.makefile("rb") as stream:
        orders = json.loads(stream.readline())
        return orders, [stream.read(size) for _, size in orders["files"]]


def demand_readable(orders):
    """Raise PermissionError where the user of this sandbox may not read what it needs."""
    for path in (orders["course"] + "/nst_utils.py", sys.prefix + "/lib", *orders["packages"]["paths"]):
        if not os.access(path, os.R_OK):
            raise PermissionError(
                f"expected files that every user may read, because root's sandbox runs as another user, and {path} "
                "is not: say chmod -R go+rX for the course and for its Python environment."
            )


def write_files(orders, contents):
    """Make the folders, and write the files."""
    for folder in orders["folders"]:
        os.makedirs(folder)
    for (path, _), content in zip(orders["files"], contents, strict=True):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)


def import_all(orders):
    """Import what takes long.

    The submission's folder is neither the working directory nor on the path yet: none of its files is taken for a
    module or a matplotlibrc.
    """
    # Before the environment's own packages, which they may be meant to replace, and after Python's own modules.
    installed = [number for number, entry in enumerate(sys.path) if entry.endswith("-packages")]
    place = installed[0] if installed else len(sys.path)
    sys.path[place:place] = orders["packages"]["entries"]
    sys.path.append(orders["course"])
    sys.modules["rfc3987_syntax"] = None  # jsonschema takes it if it can; it takes seconds, for nothing that is used
    for name in orders["imports"]:
        importlib.import_module(name)
    del sys.modules["rfc3987_syntax"]


def become_subreaper():
    """Become the parent of whatever process below this one loses its own."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def confine(orders):
    """Set limits that no process of this user can raise again, and become a user without rights."""
    import resource

    if sys.platform.startswith("linux"):
        with open("/proc/self/oom_score_adj", "w") as score:
            score.write("1000")  # should the machine run out of memory after all, this goes first
        # TensorFlow starts threads for each core it may use: eight cores stay within the limit on large machines too.
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, random.sample(cores, min(8, len(cores))))
        if not orders["contained"]:
            become_subreaper()  # or `clear` misses processes whose parent has died
    for name, value in orders["limits"].items():
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))
    if orders["uid"] is not None:
        os.setgroups([])
        os.setresgid(orders["uid"], orders["uid"], orders["uid"])
        os.setresuid(orders["uid"], orders["uid"], orders["uid"])


def serve(sock, orders):
    """The life of a notebook's process."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.chdir(orders["folder"])
        # At the end: the student's own modules can be imported, and take no other's place.
        sys.path.append(orders["folder"])
        sys.argv = ["notebook"]
        module, _, function = orders["main"].partition(":")
        getattr(importlib.import_module(module), function)(sock)
    finally:
        os._exit(0)


def clear(contained, forked):
    """Kill every process but this one, and wait until they are gone."""
    if contained and (os.getpid(), os.getppid()) not in ((2, 1), (2, 0)):
        # Only where this is the second process, after the one that the walls were made with, and its parent that one or
        # nobody in here, does -1 mean just the submission's processes.
        os._exit(1)
    if not contained and not os.path.isdir("/proc/self"):
        with suppress(OSError):
            os.killpg(forked, signal.SIGKILL)
        return
    while others := processes() - {1, 2} if contained else descendants(os.getpid()):
        for process in [-1] if contained else others:
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.005)


def processes():
    """Ids of all processes."""
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


def descendants(process):
    """Ids of the processes that a process started, of those that these started, and so on."""
    found = set()
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children") as children:
                for child in map(int, children.read().split()):
                    found |= {child} | descendants(child)
    return found


if __name__ == "__main__":
    main()
