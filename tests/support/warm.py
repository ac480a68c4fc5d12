"""Kernels that start at once: forked from a process that has imported TensorFlow and whatever else takes seconds.

    with warm_kernels() as jupyter_path:
        subprocess.run(["nbgrader", "validate", path], env=os.environ | {"JUPYTER_PATH": jupyter_path})

What is forked is ipykernel as it is, in a process of its own. Jupyter starts a small program for each kernel (this
file, with a socket's path and the kernel's arguments), which has the kernel forked, passes signals on, and ends with
it; the kernel ends with that program, too. As a process that has run a TensorFlow operation cannot be forked, what is
imported beforehand runs none.
"""

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

#: What notebooks import, and a kernel; not matplotlib_inline's backend, which looks for its kernel when it is imported.
_IMPORTS = (
    "nst.quiet",
    "keras",
    "scipy.linalg",
    "scipy.optimize",
    "matplotlib.pyplot",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipywidgets",
    "imageio",
    "h5py",
    "tqdm.auto",
)


@contextmanager
def warm_kernels():
    """Yields a folder: where JUPYTER_PATH names it, Jupyter takes such a kernel for "python3"."""
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        address = Path(folder) / "socket"
        spec = Path(folder) / "kernels" / "python3" / "kernel.json"
        spec.parent.mkdir(parents=True)
        argv = [sys.executable, "-IS", __file__, str(address), "-f", "{connection_file}"]
        spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3, warm", "language": "python"}))
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(address))
            listening.listen()
            forking = subprocess.Popen(
                [sys.executable, __file__, str(listening.fileno())],
                pass_fds=[listening.fileno()],
                stdin=subprocess.DEVNULL,
                # A parent of 1: who started the kernel is not its parent, and need not be watched as such.
                env=os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "JPY_PARENT_PID": "1"},
            )
            try:
                yield folder
            finally:
                forking.kill()
                forking.wait()


def _ask(address, *arguments):
    """What Jupyter takes for the kernel: has one forked, and stays as long as it runs."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(address)
        orders = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}
        socket.send_fds(sock, [json.dumps(orders).encode() + b"\n"], [0, 1, 2])
        stream = sock.makefile("rb")
        kernel = int(stream.readline())
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, frame: os.kill(kernel, number))
        stream.read()  # until the kernel has ended


def _serve(listening):
    """Fork a kernel for each that asks."""
    for name in _IMPORTS:
        importlib.import_module(name)
    for name in [name for name in sys.modules if name.partition(".")[0] == "nst"]:
        del sys.modules[name]  # a kernel is to find out itself that it is one
    sys.modules["matplotlib"].rcParams["figure.dpi"] = 50  # each figure is drawn, in a quarter of the time
    signal.signal(signal.SIGCHLD, lambda *_: _bury())
    while True:
        sock, _ = listening.accept()
        said, files, _, _ = socket.recv_fds(sock, 1 << 20, 3)
        while not said.endswith(b"\n"):
            said += sock.recv(1 << 20)
        if not os.fork():
            listening.close()
            _become_kernel(sock, files, **json.loads(said))
        sock.close()
        for file in files:
            os.close(file)


def _bury():
    """Wait for those that have ended, so that their processor time is counted."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become_kernel(sock, files, arguments, folder, environment):
    """The life of a kernel's process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    for number, given in enumerate(files):
        os.dup2(given, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = ["", *sys.path[1:]]
    sys.argv = ["ipykernel_launcher", *arguments]
    sock.sendall(b"%d\n" % os.getpid())
    threading.Thread(target=lambda: sock.recv(1) or os._exit(1), daemon=True).start()

    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance()
    os._exit(0)


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        _serve(socket.socket(fileno=int(sys.argv[1])))
    else:
        _ask(*sys.argv[1:])
