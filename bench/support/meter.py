"""What a command and all that it starts use: processor seconds and memory, those of daemons included.

Linux counts them by control group. Where none can be made, the whole machine is counted, less what it does when idle.
"""

import os
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

#: Where version 2 of the control groups may lie; its `cpu.stat` needs no controller to be switched on.
_ROOTS = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))


class Box:
    """A context manager: processes that are counted together. group: its folder, None where there is none."""

    def __enter__(self):
        self.group, own = None, Path("/proc/self/cgroup").read_text() if os.path.exists("/proc/self/cgroup") else ""
        inside = next((line.removeprefix("0::").strip("/") for line in own.splitlines() if line.startswith("0::")), "")
        for root in _ROOTS:
            with suppress(OSError):
                made = Path(tempfile.mkdtemp(prefix="nst-bench-", dir=root / inside))
                if (made / "cgroup.procs").exists() and os.access(made / "cgroup.procs", os.W_OK):
                    self.group = made
                    return self
                made.rmdir()
        return self

    def __exit__(self, *_):
        if self.group:
            self.kill()
            for _ in range(100):
                with suppress(OSError):
                    self.group.rmdir()
                    return
                time.sleep(0.05)

    @property
    def how(self):
        """How processor seconds are counted, in words."""
        return "by control group" if self.group else "of the whole machine"

    def wrap(self, command):
        """The command, which enters the box before it begins."""
        if not self.group:
            return list(command)
        return ["sh", "-c", f'echo $$ > "{self.group}/cgroup.procs" && exec "$@"', "sh", *map(str, command)]

    def seconds(self):
        """Processor seconds used so far, by what lives and by what has ended."""
        if self.group:
            usage = dict(line.split() for line in (self.group / "cpu.stat").read_text().splitlines())
            return int(usage["usage_usec"]) / 1e6
        times = psutil.cpu_times()
        return times.user + times.nice + times.system

    def processes(self):
        """Process ids in it; [] where there is no control group."""
        return [int(pid) for pid in (self.group / "cgroup.procs").read_text().split()] if self.group else []

    def kill(self):
        """End everything in it at once."""
        if self.group and (self.group / "cgroup.kill").exists():
            (self.group / "cgroup.kill").write_text("1")
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def run(box, command, folder, log, **options):
    """(seconds, processor seconds, exit status) of a command in a box; what it says is added to the file `log`."""
    with open(log, "ab") as said:
        before, began = box.seconds(), time.monotonic()
        done = subprocess.run(
            box.wrap(command), cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False, **options
        )
        return time.monotonic() - began, box.seconds() - before, done.returncode


def memory(pid):
    """MB that a process needs: what it alone has, and its share of what it has with others. 0 where it is gone."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


class Watch(threading.Thread):
    """Looks, every so often, how much memory a process and everything else in a box need; use it in a with statement.

    first: (seconds, MB of the process) for each look; others: the most that the others needed together, in MB.
    """

    def __init__(self, box, pid, every=0.5, alone=False):
        super().__init__(daemon=True)
        self.box, self.pid, self.every, self.alone = box, pid, every, alone
        self.first, self.others, self._over = [], 0.0, threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join()

    def run(self):
        """Look until it is over."""
        began = time.monotonic()
        while not self._over.wait(self.every):
            if own := memory(self.pid):
                self.first.append((time.monotonic() - began, own))
            if not self.alone:
                self.others = max(self.others, sum(memory(pid) for pid in self.box.processes() if pid != self.pid))
