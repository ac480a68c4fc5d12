"""What Windows does otherwise than Linux, as far as Linux can be made to do it.

`follow_rules()` takes from this process what Windows lacks (fork, most signals, POSIX's modules and calls, /proc), has
no file replaced or removed that is open, no file made under a name that Windows refuses, and no text read or written
in an encoding that nobody has named. What libraries do as they are imported comes before. As a program,

    python tests/support/windows.py paint photo.jpg style.jpg

it runs a command of `nst` so.
"""

import builtins
import errno
import io
import multiprocessing
import os
import signal
import sys
import warnings
from contextlib import suppress
from pathlib import Path, PureWindowsPath

#: What the module os has on Windows, too, of the functions that Linux has; the others that anybody uses are taken away.
_NOT_IN_OS = (
    "chown fchmod fork forkpty getegid geteuid getgid getloadavg getpgid getpgrp getuid killpg lchown lockf mkfifo "
    "mknod nice pread pwrite sched_getaffinity sched_setaffinity sendfile setegid seteuid setgid setpgid setsid setuid "
    "statvfs sysconf uname wait wait3 wait4 O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_SYNC"
)
_NOT_IN_SIGNAL = (
    "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 SIGUSR2 SIGXCPU alarm getitimer pause "
    "pthread_kill pthread_sigmask setitimer siginterrupt sigwait"
)
_MODULES = ("fcntl", "grp", "posix_ipc", "pty", "pwd", "resource", "termios")
_SHARING = 32  # the number of Windows's error for a file that a program has open

#: An environment whose encoding of texts, when nobody names one, is older than UTF-8; what is printed is CP1252.
ENVIRONMENT = {
    "LC_ALL": "C",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONUTF8": "0",
    "PYTHONIOENCODING": "cp1252",
    "PYTHONWARNDEFAULTENCODING": "1",
}


def refused_name(path):
    """Why Windows would not have a file of this path, or None."""
    for part in PureWindowsPath(path).parts:
        if set(part) & set('<>:"|?*') or any(ord(character) < 32 for character in part):
            return f"{part!r} has a character that Windows refuses"
        if part.endswith((".", " ")) and part not in (".", ".."):
            return f"{part!r} ends with a dot or a space"
        if PureWindowsPath(part).is_reserved():
            return f"{part!r} is a device's name"
    return None


def follow_rules():
    """Have this process live by Windows's rules from now on."""
    everything = {name: getattr(os, name) for name in ("listdir", "readlink", "open", "replace", "unlink", "mkdir")}
    for module, names in ((os, _NOT_IN_OS), (signal, _NOT_IN_SIGNAL)):
        for name in names.split():
            with suppress(AttributeError):
                delattr(module, name)
    for name in _MODULES:
        sys.modules[name] = None
    sys.platform = "win32"
    multiprocessing.set_start_method("spawn", force=True)
    warnings.filterwarnings("error", category=EncodingWarning, module=r"nst|nst_utils|__main__")

    def path_of(file):
        return None if isinstance(file, int) else os.fsdecode(file)

    def seen(file):
        path = path_of(file)
        if path and os.path.abspath(path).startswith(("/proc", "/sys", "/dev/shm")) and not _asked_by_psutil():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    def named(file):
        reason = path_of(file) and refused_name(os.path.abspath(path_of(file)))
        if reason:
            raise OSError(errno.EINVAL, reason, path_of(file))

    def closed(*files):
        """Windows removes, renames and replaces no file that a program has open."""
        wanted = {os.path.realpath(path_of(file)) for file in files}
        for number in everything["listdir"]("/proc/self/fd"):
            with suppress(OSError):
                if everything["readlink"](f"/proc/self/fd/{number}") in wanted:
                    error = PermissionError(errno.EACCES, "The file is in use by a process", path_of(files[0]))
                    error.winerror = _SHARING
                    raise _InUse from error

    def guarded(function, *checks):
        def call(*arguments, **options):
            for check in checks:
                check(*arguments)
            return function(*arguments, **options)

        return call

    open_file = builtins.open

    def opened(file, mode="r", *arguments, **options):
        seen(file)
        if set(mode) & set("wax+"):
            named(file)
        return open_file(file, mode, *arguments, **options)

    builtins.open = io.open = opened
    os.open = guarded(everything["open"], lambda file, *_: seen(file))
    os.mkdir = guarded(everything["mkdir"], lambda file, *_: named(file))
    os.replace = os.rename = guarded(everything["replace"], closed, lambda source, target: named(target))
    os.unlink = os.remove = guarded(everything["unlink"], lambda file, *_: closed(file))


def _asked_by_psutil():
    """psutil knows Windows by itself."""
    frame = sys._getframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] != "psutil":
        frame = frame.f_back
    return frame is not None


class _InUse(Exception):
    """A file in use would have been touched: no OSError, which a program may take for a full disk."""


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    import nst.commands.cli
    import nst.commands.paint
    import nst.quiet
    import nst.weights  # asks the system where a user keeps files, and this one knows no answer of Windows

    follow_rules()
    nst.commands.cli.main()
