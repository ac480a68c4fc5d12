"""The file that keeps the state of a painting, so that it can be stopped today and resumed tomorrow."""

import time
from pathlib import Path

import numpy as np

from nst.paths import tried_file, whole_file
from nst.progress import say


class State:
    """The state of a painting in an .npz file of plain arrays, never pickled; with path None it is kept nowhere.

    In the file: `what`, a text that says which painting it is; `scale`, which of its sizes it has come to; `iteration`,
    how many steps are done at that size; `picture`, (1, H, W, 3) float32; `adam0`, `adam1`, ..., what Adam remembers.

    Raises ValueError, one sentence, for a file of another painting (another `what`), or that is no state.
    A disk that refuses is told of and stops no painting.
    """

    EVERY = 30.0  # seconds; in between, a state costs a copy and no writing

    def __init__(self, path, what):
        self.path = None if path is None else Path(path)
        self.what = what
        self._arrays = {}
        self._write_again_at = time.monotonic() + self.EVERY
        self._told = False
        if self.path is None:
            return
        try:
            with np.load(self.path, allow_pickle=False) as file:
                self._arrays = dict(file)
            found = str(self._arrays.pop("what"))
            scale, iteration = (int(self._arrays[name]) for name in ("scale", "iteration"))
            if min(scale, iteration) < 0 or self._arrays["picture"].dtype != np.float32:
                raise ValueError
        except (FileNotFoundError, NotADirectoryError):
            self._save(tried_file)  # what stands in the way is told now, and not after half a minute
            return
        except PermissionError as error:
            raise ValueError(
                f"{self.path} should be the saved state of a painting, and cannot be opened ({error.strerror}); check "
                "its permissions, or give another file name."
            ) from None
        except Exception:  # NumPy and zipfile raise a dozen kinds for a file that is damaged or something else
            raise ValueError(
                f"{self.path} should be the saved state of a painting, and it is not; give another file name."
            ) from None
        if found != what:
            raise ValueError(
                f"{self.path} holds another painting ({found}; this one is {what}); delete it to begin anew, or give "
                "another file name."
            )

    @property
    def scale(self):
        """Which of the sizes the painting has come to, counting from 0."""
        return int(self._arrays.get("scale", 0))

    def resumed(self, scale, start):
        """(steps done at this size, picture, memory): what was saved; where nothing was, (0, start, [])."""
        if not self._arrays or self.scale != scale:
            return 0, start, []
        memory = [self._arrays[f"adam{index}"] for index in range(len(self._arrays)) if f"adam{index}" in self._arrays]
        return int(self._arrays["iteration"]), self._arrays["picture"], memory

    def take(self, scale, picture, step):
        """Take note of the picture after a Step, and write it if the last time is a while ago."""
        if self.path is not None:
            memory = {f"adam{index}": variable.numpy() for index, variable in enumerate(step.memory)}
            self._arrays = {"picture": picture, "iteration": step.number + 1, "scale": scale, **memory}
            if time.monotonic() >= self._write_again_at:
                self.write()

    def write(self):
        """Write what was taken last."""
        if self.path is None or not self._arrays:
            return
        self._write_again_at = time.monotonic() + self.EVERY
        self._save(whole_file)

    def _save(self, kind):
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with kind(self.path) as unfinished, open(unfinished, "wb") as file:
                np.savez(file, what=self.what, **self._arrays)
        except OSError as error:
            if not self._told:
                self._told = True
                say(f"The state of the painting cannot be saved ({error.strerror or error}); painting goes on.")
