"""Import TensorFlow without its start-up chatter: `from nst.quiet import tf`.

TensorFlow writes native log lines straight to file descriptor 2 while it loads, even at TF_CPP_MIN_LOG_LEVEL=3. In a
notebook they frighten, and nbgrader takes any text on stderr for a failed test. They are held back here, and
shown after all when the import fails.
"""

import os
import sys
import tempfile
from contextlib import contextmanager


@contextmanager
def held_back_stderr():
    """Send file descriptor 2 to a temporary file; replay it on stderr only if the block raises.

    Where stderr is closed, or no folder for temporary files can be written to, nothing is held back.
    """
    try:
        held, original = tempfile.TemporaryFile(), os.dup(2)  # noqa: SIM115, closed below
    except OSError:
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    with held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except Exception:  # an interrupt is no fault of TensorFlow's
            os.dup2(original, 2)
            held.seek(0)
            os.write(2, held.read())
            raise
        finally:
            os.dup2(original, 2)
            os.close(original)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with held_back_stderr():
    import tensorflow as tf

__all__ = ["tf"]
