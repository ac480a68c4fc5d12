"""Beside `nst.painting`: L-BFGS, sizes from coarse to fine, and the file that keeps the state of a painting.

`paint` and `paint_scales` in nst/painting.py are what you call.
"""

import ctypes
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import scipy
import scipy.optimize

from nst.files import whole_file
from nst.quiet import tf


class NotFiniteError(Exception):
    """A cost or its gradient is not a finite number. costs: the dictionary; first: True at the very first picture."""

    def __init__(self, costs, first):
        super().__init__()
        self.costs, self.first = costs, first


class _EnoughError(Exception):
    """As many evaluations as were asked for: SciPy's own limit would wait for the end of a line search."""


def lbfgs(measure, picture, phases, evaluations, first, tell):
    """Change the tf.Variable `picture` with L-BFGS-B (Byrd, Lu, Nocedal and Zhu, 1995; SciPy's) until the cost is low.

    measure: a function without arguments that returns (costs, gradient, finite) of the picture as it is.
    phases: each is a run of its own, within its bounds, and its first step moves a pixel by its learning rate, in the
        quadratic mean; from there on L-BFGS finds the lengths by itself.
    evaluations: stop after so many, counted from 0, of which `first` are done; earlier where nothing falls any more.
    tell: called as tell(number of the last evaluation, costs) when `picture` is the lowest one so far.
    Raises NotFiniteError, the picture being the lowest one found.
    """
    ends = [*(phase.start for phase in phases[1:]), evaluations]
    for phase, end in zip(phases, ends, strict=True):
        end = min(end, evaluations)
        while first < end:
            used, fell = _descend(measure, picture, phase, end - first, first, tell)
            first += used
            if not fell:
                break  # a restart, without a memory, would not find more
        first = max(first, end)


def _descend(measure, picture, phase, most, first, tell):
    """One run of L-BFGS-B from `picture`: (evaluations used, whether the cost fell)."""
    lowest, highest = phase.bounds or (-np.inf, np.inf)
    shape, size = picture.shape, int(np.prod(picture.shape))
    # SciPy's first step has length 1. In these units that is a mean step of the learning rate, and a dozen
    # evaluations are not lost in finding out that a picture is large.
    unit = phase.learning_rate * np.sqrt(size)
    start = np.clip(picture.numpy(), lowest, highest).ravel().astype(np.float64)
    totals, best, latest, told, scale = [], None, None, None, 1.0

    def evaluate(x):
        nonlocal best, latest, scale
        if len(totals) == most:
            raise _EnoughError
        picture.assign(np.clip((x * unit).astype(np.float32), lowest, highest).reshape(shape))
        costs, gradient, finite = measure()
        if not finite:
            raise NotFiniteError(costs, first=first == 0 and not totals)
        gradient = gradient.numpy().ravel().astype(np.float64) * unit
        if not totals:
            # With bounds SciPy takes the gradient itself for its first step, so that is given length 1, too.
            scale = 1 / (np.linalg.norm(gradient) or 1.0)
        totals.append(float(costs["total"]))
        latest = len(totals) - 1, picture.numpy(), costs
        if best is None or totals[-1] < totals[best[0]]:
            best = latest
        return totals[-1] * scale, gradient * scale

    def accepted(intermediate_result):
        nonlocal told
        told = latest
        tell(first + told[0], told[2])

    try:
        with _one_thread_for_scipy():
            scipy.optimize.minimize(
                evaluate,
                start / unit,
                jac=True,
                method="L-BFGS-B",
                bounds=None if phase.bounds is None else scipy.optimize.Bounds(lowest / unit, highest / unit),
                callback=accepted,
                options={"maxfun": 2 * most + 20, "maxiter": 2 * most + 20, "ftol": 0.0, "gtol": 0.0},
            )
    except _EnoughError:
        pass
    finally:
        if best is not None:
            picture.assign(best[1])
    if told is not best or best[0] != len(totals) - 1:
        tell(first + len(totals) - 1, best[2])
    return len(totals), totals[best[0]] < totals[0]


@contextmanager
def _one_thread_for_scipy():
    """Let SciPy's own OpenBLAS, where it has one, work in one thread.

    L-BFGS-B calls it hundreds of times a step with vectors so short that its threads wait for each other, spinning, and
    hold up TensorFlow's: on two busy cores that took longer than the network.
    """
    before = []
    for path in Path(scipy.__file__).parent.with_name("scipy.libs").glob("*openblas*.so"):
        library = ctypes.CDLL(str(path))
        try:
            before.append((library.scipy_openblas_set_num_threads, library.scipy_openblas_get_num_threads()))
        except AttributeError:
            continue  # another build, with other names: slower, not wrong
    for set_threads, _ in before:
        set_threads(1)
    try:
        yield
    finally:
        for set_threads, number in before:
            set_threads(number)


def scales(size, smallest=72):
    """The sizes from coarse to fine in which a picture of `size`, (height, width), is painted: a list that ends there.

    Each is half the next, and the smaller side of the coarsest has at least `smallest` pixels: VGG-19's deepest style
    layer then still has four or five positions to a side.
    """
    height, width = size
    halvings = max(0, int(np.log2(max(min(size) / smallest, 1))))
    return [(round(height / 2**k), round(width / 2**k)) for k in range(halvings, -1, -1)]


def resized(picture, size):
    """`picture`, (1, H, W, 3), in another size (height, width): averaged where it shrinks, else bicubic; float32."""
    method = "area" if size[0] < picture.shape[1] else "bicubic"
    return tf.image.resize(picture, size, method=method).numpy()


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
