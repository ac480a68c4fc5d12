"""The progress bar of the whole course, and lines of text that keep out of its way."""

import sys
from contextlib import suppress

import tqdm


def in_notebook():
    """True in a Jupyter kernel, False in a terminal, IPython's own included."""
    ipython = sys.modules.get("IPython")  # imported already where there is a kernel, and slow to import elsewhere
    return ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None


def progress_bar(total, desc, **options):
    """A tqdm bar on stdout: a widget in a notebook, text in a terminal, nothing where stdout is a file or a pipe.

    total: what 100 % is, or None where nobody knows; desc: what goes on; options: any others of tqdm's.
    On stdout, because nbgrader takes stderr for a failure; and control characters would only fill a file.
    """
    options = {"total": total, "desc": desc, "file": sys.stdout, "dynamic_ncols": True, **options}
    if in_notebook():
        from tqdm.notebook import tqdm as widget

        return widget(**options)
    # None: in a terminal alone. Without any stdout, tqdm would take stderr.
    return tqdm.tqdm(disable=None if sys.stdout else True, **options)


def say(text):
    """Print a line above the progress bar, if there is one, and to stdout: nbgrader takes stderr for a failure.

    Letters that stdout cannot show are spelt as Python would, × as \\xd7. Where stdout is closed or its disk full, the
    line is lost, and nothing else.
    """
    if sys.stdout is None:
        return
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    with suppress(OSError):
        tqdm.tqdm.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
