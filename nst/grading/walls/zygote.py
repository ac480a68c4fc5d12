"""What runs first inside the sandbox: it gives up its rights, imports what takes long, then forks for each notebook.

Importing TensorFlow takes seconds; a process forked from one that has imported it, and has run none of its operations,
is ready at once. This file is started by its path, with the number of a socket to the instructor's process.

What arrives there: orders, a line of JSON, with the files after it; then "f" and a socket (fork a process that serves
it), and "c" (kill all that were forked). The answer to the first is "ready" or an error, to the last "c".
"""

import ctypes
import importlib
import json
import os
import random
import signal
import socket
import sys
import time
from contextlib import suppress


def main():
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        orders = prepare(control)
    except Exception as error:
        control.sendall(f"{type(error).__name__}: {error}".encode())
        return
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


def prepare(control):
    """Read the orders and the files, give up rights, write the files, and import what takes long."""
    with control.makefile("rb") as stream:
        orders = json.loads(stream.readline())
        contents = [stream.read(size) for _, size in orders["files"]]
    confine(orders)
    for path in (orders["course"] + "/nst/paths.py", sys.prefix + "/lib", *orders["packages"]["paths"]):
        if not os.access(path, os.R_OK):
            raise PermissionError(
                f"expected files that every user may read, because root's sandbox runs as another user, and {path} "
                "is not: say chmod -R go+rX for the course and for its Python environment."
            )
    # Before the environment's own packages, which they may be meant to replace, and after Python's own modules.
    installed = [number for number, entry in enumerate(sys.path) if entry.endswith("-packages")]
    place = installed[0] if installed else len(sys.path)
    sys.path[place:place] = orders["packages"]["entries"]
    for folder in (orders["folder"], *orders["folders"]):
        os.makedirs(folder)
    for (path, _), content in zip(orders["files"], contents, strict=True):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    sys.path.append(orders["course"])
    # The submission's folder is neither the working directory nor on the path yet: none of its files is taken for a
    # module or a matplotlibrc.
    sys.modules["rfc3987_syntax"] = None  # jsonschema takes it if it can; it takes seconds, for nothing that is used
    for name in orders["imports"]:
        importlib.import_module(name)
    del sys.modules["rfc3987_syntax"]
    return orders


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
            become_subreaper = 36
            ctypes.CDLL(None).prctl(become_subreaper, 1, 0, 0, 0)  # or `clear` misses processes whose parent has died
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
    if contained and (os.getpid(), os.getppid()) != (2, 1):
        # Only where this is the second process, after bubblewrap's own, does -1 mean just the submission's processes.
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
