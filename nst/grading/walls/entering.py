"""How a process that was forked outside enters walls that stand already, and keeps nothing of where it came from.

The walls are new, and nothing in them runs yet but a process that waits: whoever enters is alone until it has given up
all that it could do more than a student.
"""

import ctypes
import errno
import importlib
import os
import sys

_libc = ctypes.CDLL(None, use_errno=True)

_NEW_MOUNTS, _NEW_CGROUPS, _NEW_UTS, _NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
_NEW_USERS, _NEW_PROCESSES, _NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
_ALL_BUT_USERS = _NEW_MOUNTS | _NEW_CGROUPS | _NEW_UTS | _NEW_IPC | _NEW_PROCESSES | _NEW_NETWORK

_SET_SECCOMP, _BY_FILTER, _DROP_FROM_BOUNDS, _NO_NEW_RIGHTS, _AMBIENT, _CLEAR_ALL = 22, 2, 24, 38, 47, 4


def enter(walls, keep):
    """Be the second process within these walls; the caller's process ends, and a child of it comes back from here.

    walls: a handle (pidfd) of the first process there. keep: the only file descriptor that stays, besides 0, 1 and 2,
    which go nowhere. Raises OSError where this machine does not let it in.
    """
    _demand(_libc.setns(walls, _ALL_BUT_USERS))
    if os.fork():
        os._exit(0)  # only who is made after setns is in the namespace of processes
    os.setsid()  # signals to a group of processes reach across namespaces
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))
    if os.geteuid() != 0:
        # The limit of processes counts from here, as no rights over the walls do.
        user, group = os.geteuid(), os.getegid()
        _demand(_libc.unshare(_NEW_USERS))
        for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(line)
    right = 0
    while _libc.prctl(_DROP_FROM_BOUNDS, right, 0, 0, 0) == 0:
        right += 1
    if ctypes.get_errno() != errno.EINVAL:  # there is no right of this number
        _demand(-1)


def give_up_rights(filter_):
    """Keep no right and get none again, and have the kernel filter this process's calls: bytes, in its form."""
    _demand(_libc.prctl(_AMBIENT, _CLEAR_ALL, 0, 0, 0))
    version_3 = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _demand(_libc.capset(version_3, (ctypes.c_uint32 * 6)()))
    _demand(_libc.prctl(_NO_NEW_RIGHTS, 1, 0, 0, 0))
    program = ctypes.create_string_buffer(filter_, len(filter_))
    _demand(_libc.prctl(_SET_SECCOMP, _BY_FILTER, ctypes.byref(_Program(len(filter_) // 8, ctypes.addressof(program)))))


def be_another():
    """Have nothing in common with others forked from the same process: no random number, no list of files."""
    importlib.invalidate_caches()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # Python's own does that itself


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _demand(result):
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
