"""The progress bar of the whole course, and lines of text that keep out of its way."""

import html
import sys
from contextlib import suppress

import tqdm

from nst import replay


def in_notebook():
    """True in a Jupyter kernel, False in a terminal, IPython's own included."""
    ipython = sys.modules.get("IPython")  # imported already where there is a kernel, and slow to import elsewhere
    return ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None


def progress_bar(total, desc, **options):
    """A tqdm bar on stdout: HTML in a notebook, text in a terminal, nothing where stdout is a file or a pipe.

    total: what 100 % is, or None where nobody knows; desc: what goes on; options: any others of tqdm's.
    On stdout, because nbgrader takes stderr for a failure; and control characters would only fill a file.
    """
    options = {"total": total, "desc": desc, "file": sys.stdout, "dynamic_ncols": True, **options}
    if in_notebook():
        return NotebookBar(**options)
    # None: in a terminal alone. Without any stdout, tqdm would take stderr.
    return tqdm.tqdm(disable=None if sys.stdout else True, **options)


def progress(things, desc):
    """Go through a sequence with a progress bar: `for who in progress(TOWN, "Drawing"):`. desc: what goes on."""
    with progress_bar(len(things), desc) as bar:
        for thing in things:
            yield thing
            bar.update()


class NotebookBar(tqdm.tqdm):
    """A tqdm bar as HTML that changes in place, and is a line of text once it is closed.

    tqdm's own bar for notebooks is a widget, and a widget leaves "Painting: 0%" in every notebook that is opened again,
    sent to GitHub or made into a web page.
    """

    def __init__(self, **options):
        from IPython import get_ipython
        from IPython.display import display

        replay.keep()  # what has a bar takes long enough for a page to be loaded again meanwhile
        self._place = None
        # gui: so that tqdm itself writes nothing. A message to the page three times a second is enough.
        super().__init__(**{"mininterval": 0.3, **options, "gui": True})
        self._place = display(self._shown(), raw=True, display_id=True)
        self._events = getattr(get_ipython(), "events", None)
        if self._events is not None:
            # An interrupt can leave a bar open, that of `progress` above all: its cell has ended all the same.
            self._events.register("post_run_cell", self._cell_ended)

    def display(self, *_, **__):
        if self._place is not None:
            self._place.update(self._shown(), raw=True)

    def clear(self, *_, **__):
        """Nothing: a line of text does not stand in its way."""

    def close(self):
        if self.disable or self._place is None:
            return
        super().close()
        self._place.update(self._shown(ended=True), raw=True)
        if self._events is not None:
            self._events.unregister("post_run_cell", self._cell_ended)

    def _cell_ended(self, *_):
        self.close()

    def _shown(self, ended=False):
        """The bar as a bundle of HTML and plain text."""
        state = self.format_dict
        took, done, total = state["elapsed"], state["n"], state["total"]
        number = tqdm.tqdm.format_sizeof if state["unit_scale"] else "{:,.0f}".format
        count = number(done) if total is None else f"{number(done)} of {number(total)}"
        if ended:
            words = f"{state['prefix']}: {count} in {_clock(took)}"
            return {"text/html": f'<div style="{_LOOK}">{html.escape(words)}</div>', "text/plain": words}
        parts = [count, f"{_clock(took)} so far"]
        if total and done and took > 3:  # what is prepared at first takes longer than a step
            parts.append(f"about {_clock(took * (total - done) / done)} to go")
        if state["postfix"]:
            parts.append(state["postfix"])
        name, words = html.escape(state["prefix"]), html.escape(", ".join(parts))
        value = f' value="{done:g}" max="{total:g}"' if total else ""
        bar = f'<progress{value} aria-label="{name}" style="width: 16em; vertical-align: middle"></progress>'
        return {
            "text/html": f'<div style="{_LOOK}">{name} {bar} {words}</div>',
            "text/plain": f"{state['prefix']}: {', '.join(parts)}",
        }


_LOOK = "font-variant-numeric: tabular-nums"


def _clock(seconds):
    """A time as one reads it: "41 s", "1 min 5 s"."""
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


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
