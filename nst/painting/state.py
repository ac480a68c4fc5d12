"""The file that keeps the state of a painting, so that it can be stopped today and resumed tomorrow."""

import time
import zipfile
from pathlib import Path

import numpy as np

from nst.paths import whole_file


class State:
    """The state of a painting in an .npz file of plain arrays, never pickled; with path None it is kept nowhere.

    what: a text that says which painting it is. A file of another one is refused with a ValueError.
    arrays: what was saved last, a dict; empty where there was nothing.
    """

    EVERY = 30.0  # seconds; in between, a state costs a copy and no writing

    def __init__(self, path, what):
        self.path = None if path is None else Path(path)
        self.what = what
        self.arrays = {}
        self._write_again_at = time.monotonic() + self.EVERY
        if self.path is None or not self.path.exists():
            return
        try:
            with np.load(self.path, allow_pickle=False) as file:
                self.arrays = dict(file)
            found = str(self.arrays.pop("what"))
        except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile):
            raise ValueError(
                f"{self.path} should be the saved state of a painting, and it is not; give another file name."
            ) from None
        if found != what:
            raise ValueError(
                f"{self.path} holds another painting ({found}; this one is {what}); delete it to begin anew, or give "
                "another file name."
            )

    def take(self, **arrays):
        """Remember the state, and write it if the last time is a while ago. OSError where that fails."""
        if self.path is not None:
            self.arrays = arrays
            if time.monotonic() >= self._write_again_at:
                self.write()

    def write(self):
        """Write what was taken last. OSError where that fails."""
        if self.path is not None and self.arrays:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(self.path) as unfinished, open(unfinished, "wb") as file:
                np.savez(file, what=self.what, **self.arrays)
            self._write_again_at = time.monotonic() + self.EVERY
