"""Painting: changing the pixels of a picture until a cost is low.

`paint` paints in one size, `paint_scales` from coarse to fine. Both move the pixels and never draw; their callback is
told of every step, and `nst.painting.Monitor` is one that shows and keeps the picture:

    with Monitor(200) as monitor:
        picture = paint(cost, start, iterations=200, callback=monitor)
"""

import textwrap
import time
import zlib
from contextlib import suppress

import numpy as np

from nst.painting.arguments import Phase, checked_costs, checked_schedule, checked_start
from nst.painting.lbfgs import NotFiniteError, lbfgs
from nst.painting.scales import resized, scales
from nst.painting.state import State
from nst.quiet import tf
from nst.words import checked_whole_number, in_short, kind_of, say


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
    TensorFlow 1's AdamOptimizer, which the classic exercise used; or L-BFGS (Liu and Nocedal, 1989), which learns from
    its last ten steps how the cost curves, and shortens a step where the cost rose. It is nst.painting.lbfgs, for
    SciPy's takes a quarter longer for a step with the embedded network, and three times the memory.

    The cost is compiled once with tf.function: Python that runs inside it (print, a counter, np.random) runs then and
    not at every step. A cost that cannot be compiled, because it calls .numpy() say, is run as it is, with a notice.

    An interrupt (Ctrl-C, or the notebook's stop button) ends the painting and returns the picture so far; a callback
    that it interrupts is called again. A cost that is not a finite number any more ends it, too; the picture is then
    the last one whose cost was finite, and the callback is told of it once more.
    Raises ValueError, one sentence, for an argument that cannot work.
    """
    start = checked_start(start)
    iterations = checked_whole_number("iterations", iterations, least=0, advice="200 is a good start")
    phases = checked_schedule([Phase(0, learning_rate)] if schedule is None else schedule)
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
    learning_rate=4.0,
    bounds=None,
    callback=None,
    saved=None,
    xla=False,
):
    """Paint from coarse to fine: small first, where a step is cheap, then ever larger; return the largest picture.

    What is large in a picture is settled where a step takes a quarter or a sixteenth of the time. A larger size then
    begins with the smaller picture enlarged, and with the fine detail that `start` has and the smaller one cannot:
    without it, the finest style layers would have nothing to hold on to.

    make_cost: a function of a size (height, width) that returns the cost, as `paint` takes it, for pictures of that
        size. It is called once for each size, and is the place to compute what belongs to the fixed pictures.
    start: (1, H, W, 3), the picture to begin with, in full size.
    iterations: steps at each of the sizes; or a list with a number for each. The callback counts through all of them,
        so a Monitor's number is their sum: Monitor(20 * len(scales((H, W)))).
    sizes: a list of (height, width), the last that of `start`; None for scales((H, W)).
    bounds: (lowest, highest) value of a pixel, or None.
    learning_rate: as in `paint`, though twice as large by default: a larger size begins far off in its fine detail.
    method, callback, saved, xla: as in `paint`, whose errors and interrupts are the same. The picture is of full size
        after an interrupt, too, enlarged if need be.
    """
    start = checked_start(start)
    full = start.shape[1:3]
    sizes = scales(full) if sizes is None else [tuple(map(int, size)) for size in sizes]
    if not sizes or sizes[-1] != full:
        raise ValueError(f"sizes should be a list of (height, width) that ends with the start's, {full}: {sizes}.")
    if np.ndim(iterations) == 0:
        iterations = [iterations] * len(sizes)
    if len(iterations) != len(sizes):
        raise ValueError(f"iterations should be one number or {len(sizes)}, one a size, and it is {iterations}.")
    iterations = [
        checked_whole_number("iterations", number, least=0, advice="20 is a good start") for number in iterations
    ]
    phases = checked_schedule([Phase(0, learning_rate, bounds)])
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
            begin = resized(picture, size) + detail
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
            say(f"Going on from iteration {before + first}, as saved in {state.path}.")
    if method == "adam":
        optimizer = tf.keras.optimizers.Adam(phases[0].learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-8)
        optimizer.build([picture])
        for index, variable in enumerate(optimizer.variables if resumed else []):
            variable.assign(resumed[f"adam{index}"])
    kept, iteration, untold = picture.numpy(), first, None

    def measure():
        with tf.GradientTape() as tape:
            costs = checked_costs(cost(picture))
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
        nonlocal kept, iteration, untold
        kept, iteration, untold = picture.numpy(), number, costs
        memory = {}
        if state.path is not None and method == "adam":
            memory = {f"adam{index}": variable.numpy() for index, variable in enumerate(optimizer.variables)}
        _keep(lambda: state.take(picture=kept, iteration=number + 1, scale=scale, **memory))
        if callback is not None:
            callback(before + number, costs, picture)
        untold = None

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
        if callback is not None and untold is not None:  # the interrupt came before it had taken note
            with suppress(KeyboardInterrupt):
                callback(before + iteration, untold, picture)
        say(f"Interrupted at iteration {before + iteration} of {before + iterations}; the picture so far is kept.")
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
    say(
        f"The cost or its gradient is not a finite number any more at iteration {iteration} (total "
        f"{float(costs['total'])}); the picture before it is kept. Try a learning rate below {rate}."
    )


def _keep(write):
    """Call write(); a disk that refuses is told of and stops no painting."""
    try:
        write()
    except OSError as error:
        say(f"The state of the painting cannot be saved ({error.strerror or error}); painting goes on.")


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
    say(f"This cost cannot be compiled, so every step takes about twice as long. TensorFlow says: {reason}")
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
        say(f"XLA cannot compile this cost, so it is left out. It says: {reason}")
        return compiled
    return min(seconds, key=lambda function: min(seconds[function][1:]))  # the first time compiles


def _traced(function, *specs):
    """`function` as a graph, made now: made at its first call, it would bring warnings with many short paintings."""
    return tf.function(function, autograph=False).get_concrete_function(*specs)


def _check_cost(cost):
    if not callable(cost):
        raise ValueError(
            f"cost should be a function of the picture, and it is {kind_of(cost)}; give the function itself, without "
            "calling it."
        )


def _check_choices(method, callback):
    if method not in ("adam", "lbfgs"):
        raise ValueError(f'method should be "adam" or "lbfgs", and it is {in_short(method)}.')
    if callback is not None and not callable(callback):
        raise ValueError(
            "callback should be a Monitor or a function of (iteration, costs, picture), and it is "
            f"{kind_of(callback)}; leave it out to paint in silence."
        )


def _fingerprint(start):
    """What tells the state of one painting from that of another: size and start."""
    return f"{start.shape[1]}×{start.shape[2]}, start {zlib.crc32(start.tobytes()):08x}"
