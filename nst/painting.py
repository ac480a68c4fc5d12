"""Painting: changing the pixels of a picture until a cost is low, and watching it happen.

`paint` moves the pixels and never draws. `Monitor` shows and keeps what it is told: a progress bar, the costs, a live
preview in a notebook, the pictures on the way, the last picture and a film. They meet in one line:

    with Monitor(200) as monitor:
        picture = paint(cost, start, iterations=200, callback=monitor)

and a loop of your own uses the monitor in the same way:

    with Monitor(200) as monitor:
        for iteration in range(200):
            costs = your_step(picture)
            monitor(iteration, costs, picture)
"""

import operator
import signal
import sys
import tempfile
import textwrap
import threading
import time
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tqdm
import tqdm.notebook
from IPython import get_ipython
from IPython.display import Image as NotebookImage
from IPython.display import display
from PIL import Image, PngImagePlugin

from nst.files import whole_file
from nst.film import Frames, save_gif, save_mp4
from nst.optimise import NotFiniteError, State, lbfgs, resized, scales
from nst.paths import OUTPUT
from nst.preview import compose_preview
from nst.quiet import tf
from nst_utils import to_rgb


class Phase(NamedTuple):
    """A part of a painting's schedule.

    start: the iteration from which it holds, until a later phase does.
    learning_rate: how far a pixel may move in one step, about; in the units of the picture.
    bounds: (lowest, highest) value of a pixel: the picture is clipped to them when the phase begins and after each of
        its steps. None for no bounds.
    """

    start: int
    learning_rate: float
    bounds: tuple | None = None


def paint(
    cost,
    start,
    *,
    iterations=200,
    method="adam",
    learning_rate=2.0,
    schedule=None,
    callback=None,
    saved=None,
    xla=False,
):
    """Change the pixels of `start`, step by step, so that the cost falls; return the picture, (1, H, W, 3) float32.

    cost: a function of the picture, a tf.Variable of shape (1, H, W, 3), that returns a dictionary of scalar tensors.
        "total" is the one that falls; any others, such as "content" and "style", are for showing.
    start: (1, H, W, 3), finite numbers: the picture to begin with. It is left as it is.
    iterations: how many steps, 0 or more. Each takes one evaluation of the cost and its gradient.
    method: "adam", or "lbfgs", which needs several times fewer steps to the same cost; see below.
    learning_rate: how far a pixel may move in one step, about; in the units of the picture, grey levels of 0-255 for
        nst_utils' pictures. With L-BFGS it says so of the first step alone.
    schedule: a list of Phase (plain tuples will do), the first from iteration 0, where the learning rate changes on the
        way or the pixels are kept within bounds; it takes the place of learning_rate. Adam keeps its memory from one
        phase to the next, L-BFGS begins anew.
    callback: called after every step as callback(iteration, costs, picture), iteration counting from 0: the costs
        are those of the picture before that step, the picture is the tf.Variable after it. L-BFGS evaluates pictures
        that it then throws away; it is called for the others, in order, with the costs of the very picture.
    saved: a file, .npz, for the state of the painting: written every half minute and whenever painting stops. If it is
        there already, painting goes on from it, so that a run can be stopped today and resumed tomorrow, or taken
        further with more iterations. Adam goes on as if it had never stopped; L-BFGS has to collect its memory anew.
    xla: compile with XLA as well, and use it if it takes less time over two steps. Compiling takes some seconds or
        half a minute, so this is for long paintings with a wide network.

    The optimiser is Adam (Kingma and Ba, 2015) with beta_1 0.9, beta_2 0.999 and epsilon 1e-8, the defaults of
    TensorFlow 1's AdamOptimizer, which the classic exercise used; or L-BFGS-B (Byrd, Lu, Nocedal and Zhu, 1995), which
    learns from its last ten steps how the cost curves, and takes a step back where the cost rose.

    The cost is compiled once with tf.function: Python that runs inside it (print, a counter, np.random) runs then and
    not at every step. A cost that cannot be compiled, because it calls .numpy() say, is run as it is, with a notice.

    An interrupt (Ctrl-C, or the notebook's stop button) ends the painting and returns the picture so far. So does a
    cost that is not a finite number any more; the picture is then the last one whose cost was finite, and the callback
    is told of it once more. Raises ValueError, one sentence, for an argument that cannot work.
    """
    start = _checked_start(start)
    iterations = _checked_whole_number("iterations", iterations, least=0, advice="200 is a good start")
    phases = _checked_schedule([Phase(0, learning_rate)] if schedule is None else schedule)
    _check_choices(method, callback)
    _check_cost(cost)
    state = State(saved, f"{method}, {_fingerprint(start)}")
    return _paint(cost, start, iterations, method, phases, callback, xla, state)[0]


def paint_scales(
    make_cost,
    start,
    *,
    iterations=20,
    sizes=None,
    method="lbfgs",
    learning_rate=2.0,
    bounds=None,
    callback=None,
    saved=None,
    xla=False,
):
    """Paint from coarse to fine: small first, where a step is cheap, then ever larger; return the largest picture.

    What is large in a picture is settled where a step takes a quarter or a sixteenth of the time. A larger size then
    begins with the smaller picture enlarged, and with half of the fine detail that `start` has and the smaller one
    cannot: without any, the finest style layers would have nothing to hold on to.

    make_cost: a function of a size (height, width) that returns the cost, as `paint` takes it, for pictures of that
        size. It is called once for each size, and is the place to compute what belongs to the fixed pictures.
    start: (1, H, W, 3), the picture to begin with, in full size.
    iterations: steps at each of the sizes; or a list with a number for each. The callback counts through all of them,
        so a Monitor's number is their sum: Monitor(20 * len(scales((H, W)))).
    sizes: a list of (height, width), the last that of `start`; None for scales((H, W)).
    bounds: (lowest, highest) value of a pixel, or None.
    method, learning_rate, callback, saved, xla: as in `paint`, whose errors and interrupts are the same. The picture is
        of full size after an interrupt, too, enlarged if need be.
    """
    start = _checked_start(start)
    full = start.shape[1:3]
    sizes = scales(full) if sizes is None else [tuple(map(int, size)) for size in sizes]
    if not sizes or sizes[-1] != full:
        raise ValueError(f"sizes should be a list of (height, width) that ends with the start's, {full}: {sizes}.")
    if np.ndim(iterations) == 0:
        iterations = [iterations] * len(sizes)
    if len(iterations) != len(sizes):
        raise ValueError(f"iterations should be one number or {len(sizes)}, one a size, and it is {iterations}.")
    iterations = [
        _checked_whole_number("iterations", number, least=0, advice="20 is a good start") for number in iterations
    ]
    phases = _checked_schedule([Phase(0, learning_rate, bounds)])
    _check_choices(method, callback)
    state = State(saved, f"{method}, {_fingerprint(start)}, sizes {sizes}")
    starts = [resized(start, size) if size != full else start for size in sizes]
    picture = None
    for scale, size in enumerate(sizes):
        if scale < state.arrays.get("scale", 0):
            continue
        if picture is None:
            begin = starts[scale]
        else:
            detail = starts[scale] - resized(starts[scale - 1], size)
            begin = resized(picture, size) + np.float32(0.5) * detail
        cost = make_cost(size)
        _check_cost(cost)
        before = sum(iterations[:scale])
        picture, stopped = _paint(
            cost, begin, iterations[scale], method, list(phases), callback, xla, state, scale, before
        )
        if stopped:
            break
    return picture if picture.shape == start.shape else resized(picture, full)


def _paint(cost, start, iterations, method, phases, callback, xla, state, scale=0, before=0):
    """`paint` without its checks: (picture, True if it was stopped on the way).

    scale, before: which of several sizes this is, and how many steps the earlier ones took together.
    """
    picture = tf.Variable(start)
    resumed = state.arrays if state.arrays.get("scale", -1) == scale else {}
    first = int(resumed.get("iteration", 0))
    if resumed:
        picture.assign(resumed["picture"])
        if first < iterations:
            _say(f"Going on from iteration {before + first}, as saved in {state.path}.")
    if method == "adam":
        optimizer = tf.keras.optimizers.Adam(phases[0].learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-8)
        optimizer.build([picture])
        for index, variable in enumerate(optimizer.variables if resumed else []):
            variable.assign(resumed[f"adam{index}"])
    kept, iteration = picture.numpy(), first

    def measure():
        with tf.GradientTape() as tape:
            costs = _checked_costs(cost(picture))
        gradient = tape.gradient(costs["total"], picture)
        if gradient is None:
            raise ValueError(
                "The total cost does not depend on the picture, so no pixel can be improved; compute it from the "
                "argument that cost(picture) is given, with TensorFlow operations all the way "
                "(model.activations(picture, names) rather than NumPy or model['conv4_2'])."
            )
        finite = tf.math.is_finite(costs["total"]) & tf.reduce_all(tf.math.is_finite(gradient))
        return costs, tf.convert_to_tensor(gradient), finite

    def tell(number, costs):
        """Take note of a picture that is to be kept, whatever happens."""
        nonlocal kept, iteration
        kept, iteration = picture.numpy(), number
        memory = {}
        if state.path is not None and method == "adam":
            memory = {f"adam{index}": variable.numpy() for index, variable in enumerate(optimizer.variables)}
        _keep(lambda: state.take(picture=kept, iteration=number + 1, scale=scale, **memory))
        if callback is not None:
            callback(before + number, costs, picture)

    stopped = False
    try:
        if first < iterations:
            compiled = _compiled(measure)
            if xla:
                compiled = _quicker(compiled, measure)
            if method == "adam":
                stopped = _adam(compiled, optimizer, picture, phases, first, iterations, tell)
            else:
                lbfgs(compiled, picture, phases, iterations, first, tell)
    except NotFiniteError as error:
        if error.first:
            raise ValueError(_no_finite_start(error.costs)) from None
        stopped = True
        _say_not_finite(iteration + 1, error.costs, phases[0].learning_rate)
    except KeyboardInterrupt:
        stopped = True
        picture.assign(kept)  # what is returned is what the callback was told of
        _say(f"Interrupted at iteration {before + iteration} of {before + iterations}; the picture so far is kept.")
    finally:
        _keep(state.write)
    return picture.numpy(), stopped


def _adam(measure, optimizer, picture, phases, first, iterations, tell):
    """Steps number `first` to `iterations` - 1 of Adam; True where the cost was not a finite number any more."""

    def move(gradient, bounds):
        optimizer.apply([gradient], [picture])
        picture.assign(tf.clip_by_value(picture, bounds[0], bounds[1]))

    move = _traced(move, tf.TensorSpec(picture.shape), tf.TensorSpec([2]))
    while len(phases) > 1 and phases[1].start <= first:
        phases.pop(0)
    last_good = picture.numpy()
    for iteration in range(first, iterations):
        if phases and iteration >= phases[0].start:
            _, rate, bounds = phases.pop(0)
            optimizer.learning_rate.assign(rate)
            bounds = tf.constant(bounds or (-np.inf, np.inf), tf.float32)
            picture.assign(tf.clip_by_value(picture, bounds[0], bounds[1]))
        costs, gradient, finite = measure()
        if not finite:
            if iteration == 0:
                raise ValueError(_no_finite_start(costs))
            _say_not_finite(iteration, costs, rate)
            picture.assign(last_good)
            tell(iteration, costs)
            return True
        last_good = picture.numpy()
        move(gradient, bounds)
        tell(iteration, costs)
    return False


def _no_finite_start(costs):
    return (
        f"The cost of the starting picture or its gradient is not a finite number (total {float(costs['total'])}), so "
        "there is no way to go; look for a division by zero, or a square root of zero, in the cost."
    )


def _say_not_finite(iteration, costs, rate):
    _say(
        f"The cost or its gradient is not a finite number any more at iteration {iteration} (total "
        f"{float(costs['total'])}); the picture before it is kept. Try a learning rate below {rate}."
    )


def _keep(write):
    """Call write(); a disk that refuses is told of and stops no painting."""
    try:
        write()
    except OSError as error:
        _say(f"The state of the painting cannot be saved ({error.strerror or error}); painting goes on.")


def _compiled(measure):
    """`measure` as a tf.function; as it is, with a notice, where TensorFlow cannot compile it."""
    # Without autograph, a cost typed at a prompt brings no warning on stderr, and mistakes keep their own line numbers.
    compiled = tf.function(measure, autograph=False)
    try:
        compiled.get_concrete_function()  # compiles and runs nothing, so the picture stays where it is
        return compiled
    except Exception as error:
        reason = textwrap.shorten(str(error) or type(error).__name__, 90, placeholder=" …")
    measure()  # a mistake in the cost itself shows here, as its author wrote it
    _say(f"This cost cannot be compiled, so every step takes about twice as long. TensorFlow says: {reason}")
    return measure


def _quicker(compiled, measure):
    """`compiled`, or `measure` compiled with XLA, whichever takes less time."""
    with_xla = tf.function(measure, autograph=False, jit_compile=True)
    seconds = {compiled: [], with_xla: []}
    try:
        for function in [*seconds] * 3:
            began = time.monotonic()
            function()[0]["total"].numpy()
            seconds[function].append(time.monotonic() - began)
    except Exception as error:
        reason = textwrap.shorten(str(error) or type(error).__name__, 90, placeholder=" …")
        _say(f"XLA cannot compile this cost, so it is left out. It says: {reason}")
        return compiled
    return min(seconds, key=lambda function: min(seconds[function][1:]))  # the first time compiles


def _traced(function, *specs):
    """`function` as a graph, made now: made at its first call, it would bring warnings with many short paintings."""
    return tf.function(function, autograph=False).get_concrete_function(*specs)


def _check_cost(cost):
    if not callable(cost):
        raise ValueError(
            f"cost should be a function of the picture, and it is {_kind(cost)}; give the function itself, without "
            "calling it."
        )


def _check_choices(method, callback):
    if method not in ("adam", "lbfgs"):
        raise ValueError(f'method should be "adam" or "lbfgs", and it is {_in_short(method)}.')
    if callback is not None and not callable(callback):
        raise ValueError(
            f"callback should be a Monitor or a function of (iteration, costs, picture), and it is {_kind(callback)}; "
            "leave it out to paint in silence."
        )


def _fingerprint(start):
    """What tells the state of one painting from that of another: size and start."""
    return f"{start.shape[1]}×{start.shape[2]}, start {zlib.crc32(start.tobytes()):08x}"


def _checked_start(start):
    try:
        start = np.array(np.asarray(start), dtype=np.float32)
    except (TypeError, ValueError):
        raise ValueError(
            f"start should be an array of numbers of shape (1, height, width, 3), and it is {_kind(start)}."
        ) from None
    if start.ndim != 4 or start.shape[0] != 1 or start.shape[3] != 3 or 0 in start.shape:
        raise ValueError(
            f"start should have the shape (1, height, width, 3), and it has {start.shape}; "
            f"nst_utils.reshape_and_normalize_image and nst.squeezenet.preprocess make such arrays of pictures."
        )
    if not np.isfinite(start).all():
        raise ValueError("start has values that are no numbers (NaN, infinity); begin with another picture.")
    return start


def _checked_schedule(schedule):
    """The phases as a list, or a ValueError."""
    wanted = "schedule should be a list such as [Phase(0, 3.0, bounds=(-1.5, 1.5)), Phase(180, 0.1)]"
    try:
        phases = [Phase(*phase) for phase in schedule]
    except TypeError:
        raise ValueError(f"{wanted}, and it is {_in_short(schedule)}.") from None
    checked = []
    for start, rate, bounds in phases:
        if not _is_number(rate) or not np.isfinite(rate) or rate <= 0:
            raise ValueError(
                f"learning_rate should be a number above 0, and it is {_in_short(rate)}; 2.0 is a good start for "
                "pictures of 0-255."
            )
        start = _checked_whole_number("The start of a phase", start, least=0, advice="it is an iteration")
        if bounds is not None:
            try:
                lowest, highest = map(float, bounds)
            except (TypeError, ValueError):
                lowest = highest = np.nan
            if not lowest < highest:
                raise ValueError(
                    f"The bounds of a phase should be a lowest and a highest value of a pixel, such as (-1.5, 1.5), "
                    f"and they are {_in_short(bounds)}."
                )
            bounds = lowest, highest
        checked.append(Phase(start, float(rate), bounds))
    starts = [phase.start for phase in checked]
    if starts[:1] != [0] or sorted(set(starts)) != starts:
        raise ValueError(
            f"{wanted}: its phases should start at 0 and then later and later, and they start at {starts}."
        )
    return checked


def _checked_costs(costs):
    """The user's dictionary with every value a scalar float32 tensor."""
    wanted = 'cost(picture) should return a dictionary of scalars such as {"total": J, "content": J_content}'
    if not isinstance(costs, dict):
        raise ValueError(f"{wanted}, and it returned {_kind(costs)}.")
    if "total" not in costs:
        raise ValueError(f'{wanted}; "total" is missing, and what it has is {sorted(map(str, costs))}.')
    checked = {}
    for name, value in costs.items():
        try:
            value = tf.convert_to_tensor(value)
        except (TypeError, ValueError):
            raise ValueError(f'{wanted}, and "{name}" is {_kind(value)}.') from None
        if value.shape.rank not in (0, None):
            raise ValueError(f'{wanted}, and "{name}" has the shape {tuple(value.shape)}; sum it up.')
        if not (value.dtype.is_floating or value.dtype.is_integer):
            raise ValueError(f'{wanted}, and "{name}" is no real number but {value.dtype.name}.')
        checked[name] = tf.cast(value, tf.float32)
    return checked


def _checked_whole_number(name, value, least, advice):
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least:
        raise ValueError(f"{name} should be a whole number, {least} or more, and it is {_in_short(value)}; {advice}.")
    return number


def _is_number(value):
    """True for a real number; arrays, tensors and variables without dimensions are numbers too."""
    value = np.asarray(value)
    return value.ndim == 0 and value.dtype.kind not in "OSUc"  # objects, texts, complex numbers


def _in_short(value):
    return textwrap.shorten(repr(value), 60, placeholder=" …")


def _kind(value):
    return "None (a return is missing?)" if value is None else f"of type {type(value).__name__}"


def _say(text):
    """Print a line above the progress bar, if there is one, and to stdout: nbgrader takes stderr for a failure."""
    tqdm.tqdm.write(text)
    sys.stdout.flush()


class Monitor:
    """Shows a painting and keeps it: the callback of `paint`, or of a loop of your own. See the top of this module.

    iterations: how many steps there will be, for the progress bar.
    every: print the costs and save output/<iteration>.png at every so many iterations.
    output: the folder for the files; the course's own, nst.paths.OUTPUT, when None. A folder that cannot be written to
        is reported in one sentence, and the files go to a new temporary folder instead.
    preview: draw the picture and the cost curves while they change; None means in a notebook, and only there is it
        possible.
    film: make film.gif, and film.mp4 where an ffmpeg is found, at the end.
    deprocess: a function from a picture as the network takes it, (1, H, W, 3), to what is shown, (H, W, 3) uint8:
        nst_utils.to_rgb for VGG-19's pictures, nst.squeezenet.deprocess for SqueezeNet's.

    Call it as monitor(iteration, costs, picture): costs is a dictionary of scalars ("total" and any others), picture
    is (1, H, W, 3), normalised for the network; arrays, tensors and variables will do. At the end of the `with`
    block, however it ends, generated_image.jpg and the film are written. An interrupt in the block stays in the
    block; any other exception goes on once the picture is safe.

    At its first picture a painting removes the numbered pictures that an earlier Monitor left in the folder, so that
    what you find there is one painting. Those of another origin stay, unless this painting has the same number.

    picture: the last picture, (1, H, W, 3) float32; None before the first. One with NaN in it is never taken.
    history: a list of (iteration, dictionary of floats).
    folder: where the files are.
    """

    def __init__(self, iterations, *, every=20, output=None, preview=None, film=True, deprocess=to_rgb):
        self.iterations = _checked_whole_number("iterations", iterations, least=0, advice="200 is a good start")
        self.every = _checked_whole_number("every", every, least=1, advice="20 suits 200 iterations")
        self.film = film
        self._deprocess = deprocess
        self.preview = _in_notebook() and (preview is None or preview)
        self.folder = Path(OUTPUT if output is None else output)
        self.picture = None
        self.history = []
        self._bar = None

    def __enter__(self):
        self.picture = None
        self.history = []
        self._told_of_nan = False
        self._printed = None  # the iteration whose costs were printed last
        self._disk_gave_up = False
        self._frames = Frames(self._deprocess)
        self._shown = None  # the preview's place in the notebook
        self._show_again_at = 0.0
        self._keep(_try_folder)
        progress_bar = tqdm.notebook.tqdm if _in_notebook() else tqdm.tqdm
        # disable=None: no bar where stdout is a file or a pipe, which would only fill with control characters.
        disable = False if _in_notebook() else None
        self._bar = progress_bar(
            total=self.iterations, desc="Painting", file=sys.stdout, disable=disable, dynamic_ncols=True
        )
        return self

    def __call__(self, iteration, costs, picture):
        """Take note of one step. iteration: counts from 0; costs and picture: see the class."""
        if self._bar is None:
            raise RuntimeError("A Monitor works inside a with block: `with Monitor(200) as monitor: ...`.")
        if not isinstance(costs, dict) or not costs:
            raise ValueError(
                f'The monitor expects the costs as a dictionary such as {{"total": J}}, and they are {_kind(costs)}.'
            )
        for name, value in costs.items():
            if not _is_number(value):
                found = f"an array of shape {np.shape(value)}" if np.ndim(value) else _kind(value)
                raise ValueError(
                    f'The monitor expects every cost to be a single number, and "{name}" is {found}; give its sum or '
                    "leave it out."
                )
        if picture is None:
            raise ValueError(
                "The monitor expects a picture of shape (1, height, width, 3), and it is None; call it as "
                "monitor(iteration, costs, picture), and look for a missing return."
            )
        if not self.history:
            self._keep(_remove_earlier_pictures)
        self.history.append((int(iteration), {name: float(value) for name, value in costs.items()}))
        self._take(iteration, picture)
        self._bar.set_postfix_str(self._costs_in_words(names=1), refresh=False)
        self._bar.update(iteration + 1 - self._bar.n)
        if self.preview and time.monotonic() >= self._show_again_at:
            self._show()  # before the first line of costs, so that all of them stand together below the preview
        if iteration % self.every == 0:
            self._print_costs()
            if self.picture is not None:
                pixels = self._deprocess(self.picture)
                self._keep(lambda folder: _save_pixels(folder / f"{iteration}.png", pixels))

    def __exit__(self, kind, error, traceback):
        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        with _interrupts_wait():
            self._finish(kind, interrupted)
        if self.film and len(self._frames.kept) > 1:
            try:
                self._keep(self._make_film)
            except KeyboardInterrupt:
                _say("The film was interrupted and is left out.")
        return interrupted

    def _take(self, iteration, picture):
        picture = np.array(np.asarray(picture), dtype=np.float32)  # a copy: a variable moves on
        if np.isfinite(picture).all():
            self._frames.add(picture)  # first, because it checks the shape
            self.picture = picture
        elif not self._told_of_nan:
            self._told_of_nan = True
            _say(f"The picture of iteration {iteration} has NaN or infinity in it; an earlier one is kept.")

    def _finish(self, kind, interrupted):
        """Bring the last picture to safety, show it and close the bar."""
        saved = False
        if self.picture is not None:
            pixels = self._deprocess(self.picture)
            saved = self._keep(lambda folder: _save_pixels(folder / "generated_image.jpg", pixels))
        if self.history and self._printed != self.history[-1][0]:
            self._print_costs()
        if self.history and self.preview:
            self._show()
        self._bar.close()
        self._bar = None
        if self.picture is None:
            return
        reached = f"iteration {self.history[-1][0]}"
        where = f"is in {self.folder / 'generated_image.jpg'}" if saved else "is only in monitor.picture"
        if interrupted:
            _say(f"Interrupted at {reached}; the picture so far {where}")
        elif kind is not None:
            _say(f"Stopped by an error at {reached}; the picture so far {where}")
        else:
            _say(f"The picture {where}")

    def _costs_in_words(self, names=None):
        costs = self.history[-1][1]
        return "   ".join(f"{name} {costs[name]:.3e}" for name in list(costs)[:names])

    def _print_costs(self):
        iteration = self.history[-1][0]
        self._printed = iteration
        _say(f"iteration {iteration:{len(str(self.iterations))}d}   {self._costs_in_words()}")

    def _show(self):
        first, started = self._shown is None, time.monotonic()
        pixels = self._deprocess(self.picture) if self.picture is not None else np.full((3, 4, 3), 255, np.uint8)
        png, width, height = compose_preview(pixels, self.history, self.iterations)
        image = NotebookImage(png, format="png", width=width, height=height)
        if first:
            self._shown = display(image, display_id=True)
        else:
            self._shown.update(image)
        # At most every two seconds and a tenth of the time; the first drawing takes long, for it loads the fonts.
        now = time.monotonic()
        self._show_again_at = now + (2.0 if first else max(2.0, 10 * (now - started)))

    def _keep(self, write):
        """Call write(folder). A disk that refuses is reported once and stops nothing. True where it was written."""
        if self._disk_gave_up:
            return False
        try:
            write(self.folder)
            return True
        except OSError as error:
            try:
                self._move_to_temporary_folder(error)
                write(self.folder)
                return True
            except OSError as error:
                self._disk_gave_up = True
                _say(f"Nothing can be saved any more ({error.strerror or error}); monitor.picture has the picture.")
                return False

    def _move_to_temporary_folder(self, error):
        refused, self.folder = self.folder, Path(tempfile.mkdtemp(prefix="painting-"))
        why = error.strerror or error
        _say(f"{refused} cannot be written to ({why}); the files go to {self.folder} instead.")

    def _make_film(self, folder):
        frames = self._frames.with_the_last()
        save_gif(folder / "film.gif", frames)
        try:
            save_mp4(folder / "film.mp4", frames)
            _say(f"The film is in {folder / 'film.gif'} and film.mp4")
        except Exception as error:
            # An ffmpeg can be missing, too old or without a codec; whatever it is, the GIF is there.
            (folder / "film.mp4").unlink(missing_ok=True)
            reason = textwrap.shorten(str(error) or type(error).__name__, 60, placeholder=" …")
            _say(f"The film is in {folder / 'film.gif'} (no film.mp4 without a working ffmpeg: {reason})")


def _in_notebook():
    """True in a Jupyter kernel, False in a terminal, IPython's own included."""
    return getattr(get_ipython(), "kernel", None) is not None


@contextmanager
def _interrupts_wait():
    """Ignore interrupts for the moment that the block takes, so that a second Ctrl-C cannot lose the picture."""
    if threading.current_thread() is not threading.main_thread():
        yield  # interrupts come to the main thread alone
        return
    handler = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler or signal.default_int_handler)


# ---------------------------------------------------------------------------------------------------------- files

_MARK = "nst.painting.Monitor"


def _try_folder(folder):
    """Make the folder and write into it; OSError where that fails."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"painting")


def _remove_earlier_pictures(folder):
    """Remove <number>.png that a Monitor wrote, known by the mark inside, and no other file."""
    for path in folder.glob("*.png"):
        if path.stem.isdecimal():
            try:
                with Image.open(path) as image:
                    ours = image.info.get("Software") == _MARK
            except OSError:
                continue  # whatever it is, it is not ours
            if ours:
                path.unlink()


def _save_pixels(path, pixels):
    """pixels: (H, W, 3) uint8."""
    mark = PngImagePlugin.PngInfo()
    mark.add_text("Software", _MARK)
    options = {"pnginfo": mark} if path.suffix == ".png" else {"quality": 95}
    with whole_file(path) as unfinished:
        Image.fromarray(pixels).save(unfinished, **options)
