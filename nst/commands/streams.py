"""What a command prints, where nobody reads it, or its letters cannot be shown: no reason to stop its work."""

import errno
import io
import os
import sys


class _Patient(io.FileIO):
    """A file descriptor to write to that never fails; `error` is the OSError that it would have failed with first."""

    error = None

    def write(self, data):
        if self.error is None:
            try:
                return super().write(data)
            except OSError as error:
                self.error = error
        return len(data)


def make_patient():
    """Make stdout and stderr of this process such as stop no work, whatever becomes of them.

    Letters that they cannot show are spelt as Python would: × as \\xd7. A stream that somebody has put in their place
    is left alone.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # It was closed from the start (`>&-`). The next file opened would take its number, and be printed into, by
            # this program or by one that it starts.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is getattr(sys, f"__{name}__"):
            setattr(sys, name, _patient(getattr(sys, name), descriptor))


def _patient(stream, descriptor):
    """stream: what writes to the descriptor so far, or None where it was closed."""
    if os.name == "nt" and stream is not None and stream.isatty():  # Windows writes to its terminal in another way
        stream.reconfigure(errors="backslashreplace")
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(_Patient(descriptor, "w", closefd=False)),
        encoding=getattr(stream, "encoding", "utf-8"),
        errors="backslashreplace",
        line_buffering=getattr(stream, "line_buffering", False),
        write_through=getattr(stream, "write_through", False),
    )


def demand_told():
    """Once the work is done: exit as a program does that could not print. Quietly, where the reader has gone.

    The status is 141 then, which a shell gives to whatever a closed pipe has ended; else 1, with a sentence on stderr.
    """
    sys.stdout.flush()
    error = getattr(getattr(getattr(sys.stdout, "buffer", None), "raw", None), "error", None)
    if error is None:
        return
    if error.errno in (errno.EPIPE, errno.EIO):  # EIO: the terminal was closed
        sys.exit(141)
    sys.exit(f"What this command had to say could not be written ({error.strerror}); its work is done.")
