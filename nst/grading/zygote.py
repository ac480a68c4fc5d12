"""What runs first inside the sandbox: it gives up its rights, imports what takes long, then forks for each notebook.

Importing TensorFlow takes seconds; a process forked from one that has imported it, and has run none of its operations,
is ready at once. This file is started by its path, with the number of a socket to the instructor's process.

Orders that arrive there: a line of JSON with the files after it; then "f" and a socket (fork a process that serves it),
and "c" (kill all but this one). Nothing but "ready", an error before that, and "c" is ever answered.
"""

import importlib
import json
import os
import random
import signal
import socket
import sys
import time
from contextlib import suppress

#: What the notebooks and the server of their processes import. None of it runs a TensorFlow operation.
HEAVY = (
    "nst.quiet",
    "scipy.linalg",
    "scipy.optimize",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "IPython.core.interactiveshell",
    "ipywidgets",
    "imageio",
    "nbformat",
    "h5py",
    "tqdm.auto",
    "PIL.Image",
    "PIL.PngImagePlugin",
    "PIL.JpegImagePlugin",
)


def main():
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        orders = prepare(control)
    except Exception as error:
        control.sendall(f"{type(error).__name__}: {error}".encode())
        return
    # What native code writes is nobody's; bubblewrap's own errors went here until now.
    os.dup2(1, 2)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no process of ours is waited for
    control.sendall(b"ready")
    while True:
        order, sockets, _, _ = socket.recv_fds(control, 1, 1)
        if not order:
            return
        if order == b"f":
            sock = socket.socket(fileno=sockets[0])
            if not os.fork():
                control.close()
                serve(sock, orders)
            sock.close()
        if order == b"c":
            clear(orders["contained"])
            control.sendall(b"c")


def prepare(control):
    """Read the orders and the files, give up rights, import what takes long, and write the files."""
    with control.makefile("rb") as stream:
        orders = json.loads(stream.readline())
        contents = [stream.read(size) for _, size in orders["files"]]
    confine(orders)
    for folder in (orders["folder"], *orders["folders"]):
        os.makedirs(folder)
    for (path, _), content in zip(orders["files"], contents, strict=True):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    # At the end: where the course is installed it is found anyway.
    sys.path.append(orders["course"])
    # The submission's folder is neither the working directory nor on the path yet, so none of its files is taken for a
    # module or a matplotlibrc.
    for name in HEAVY:
        importlib.import_module(name)
    import tensorflow as tf

    tf.keras.optimizers.Adam  # noqa: B018 (Keras is imported when it is first asked for)
    return orders


def confine(orders):
    """Set the limits, which no process of this user can raise again, and become a user without rights."""
    import resource

    with open("/proc/self/oom_score_adj", "w") if sys.platform == "linux" else open(os.devnull, "w") as score:
        score.write("1000")  # should the machine run out of memory after all, this goes first
    # TensorFlow starts threads for each core it may use: eight are enough, and stay within the limit on large machines.
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, random.sample(cores, min(8, len(cores))))
    for name, value in orders["limits"].items():
        if hasattr(resource, name):
            number = getattr(resource, name)
            hard = resource.getrlimit(number)[1]
            if hard != resource.RLIM_INFINITY:
                value = min(value, hard)
            resource.setrlimit(number, (value, value))
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
        # The student's own modules can be imported, and take no other's place.
        sys.path.append(orders["folder"])
        sys.argv = ["notebook"]
        module, _, function = orders["main"].partition(":")
        getattr(importlib.import_module(module), function)(sock)
    finally:
        os._exit(0)


def clear(contained):
    """Kill every process but this one, and wait until they are gone."""
    # Inside the sandbox this is the second process, after bubblewrap's own: there -1 means the submission's processes.
    # Anywhere else it would mean all of the instructor's.
    contained = contained and os.getpid() == 2 and os.getppid() == 1
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        others = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) > 2] if contained else []
        others = others if contained else descendants(os.getpid())
        if not others:
            return
        if contained:
            os.kill(-1, signal.SIGKILL)
        for process in [] if contained else others:
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.005)
    os._exit(1)


def descendants(process):
    """Ids of the processes that a process started, and that those started."""
    found = []
    for thread in os.listdir(f"/proc/{process}/task"):
        try:
            with open(f"/proc/{process}/task/{thread}/children") as children:
                for child in children.read().split():
                    found += [int(child), *descendants(child)]
        except OSError:
            pass
    return found


if __name__ == "__main__":
    main()
