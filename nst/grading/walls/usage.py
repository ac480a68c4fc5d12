"""What a submission uses at a moment, seen from outside: memory, threads, files; and what the machine has left."""

import os
from contextlib import suppress

from nst.grading.walls.bubblewrap import PRIVATE

#: The part of the machine's memory that must stay available. What the kernel keeps for a process, such as what waits in
#: its sockets, is counted nowhere else.
RESERVE = 1 / 32


def usage(process, most):
    """(memory, threads) of a sandbox: bytes that its processes and files take, and how many threads it has.

    process: the id, out here, of the first process inside. most: bytes of memory beyond which it does not matter how
    many. Raises OSError where the sandbox ends meanwhile.
    """
    # The sandbox's own /proc, seen from outside, lists just its processes.
    proc = f"/proc/{process}/root/proc"
    processes = [f"{proc}/{entry}" for entry in os.listdir(proc) if entry.isdigit()]
    files, threads = files_size(process), 0
    memory = files
    for folder in processes:
        with suppress(OSError):
            status = numbers(f"{folder}/status", "RssAnon", "RssShmem", "VmPTE", "Threads")
            threads += status.pop("Threads", 0)
            memory += sum(status.values())
    if memory > most:
        # Pages that a forked process shares with the one it comes from were counted for both: divide them now.
        memory = files
        for folder in processes:
            with suppress(OSError):
                memory += sum(numbers(f"{folder}/smaps_rollup", "Pss_Anon", "Pss_Shmem").values())
                memory += numbers(f"{folder}/status", "VmPTE").get("VmPTE", 0)
            if memory > most:
                break
    return memory, threads


def files_size(process):
    """Bytes in a sandbox's file systems, counting 1 KB for a file's own entry."""
    used = 0
    for folder in PRIVATE:
        stat = os.statvfs(f"/proc/{process}/root{folder}")
        used += (stat.f_blocks - stat.f_bfree) * stat.f_frsize + (stat.f_files - stat.f_ffree) * 1024
    return used


def machine_runs_low():
    """Has this machine little memory left?"""
    available, total = memory_of_machine()
    return available < total * RESERVE


def memory_of_machine():
    """Bytes of memory that are available on this machine, and that it has."""
    machine = numbers("/proc/meminfo", "MemTotal", "MemAvailable")
    return machine["MemAvailable"], machine["MemTotal"]


def numbers(path, *names):
    """Numbers in a file such as /proc/meminfo, as bytes where the file says kB."""
    found = {}
    with open(path, encoding="ascii", errors="replace") as lines:
        for line in lines:
            name, _, value = line.partition(":")
            if name in names:
                number, *unit = value.split()
                found[name] = int(number) * (1024 if unit else 1)
    return found
