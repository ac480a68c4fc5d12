"""The loop that paints: it changes the pixels of a picture until a cost is low.

`paint` moves the pixels and never draws; its callback is told of every step, and `nst.painting.Monitor` is one that
shows and keeps the picture:

    with Monitor(200) as monitor:
        picture = paint(cost, start, iterations=200, callback=monitor)

The steps come from nst/painting/adam.py or nst/painting/lbfgs.py, which ask nst/painting/measure.py for the cost and
its gradient. What happens between two of them stands here. `paint_scales` is in nst/painting/scales.py.
"""

import zlib
from contextlib import suppress

import numpy as np

from nst.painting.adam import adam
from nst.painting.arguments import check_choices, check_cost, checked_start
from nst.painting.lbfgs import lbfgs
from nst.painting.measure import compiled_measure
from nst.painting.schedule import Phase, checked_schedule
from nst.painting.state import State
from nst.painting.step import NotFiniteError
from nst.painting.together import is_over, note_interrupt, note_start, note_step, something_painted
from nst.progress import say
from nst.quiet import tf
from nst.words import checked_whole_number


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
    its last ten steps how the cost curves, and shortens a step where the cost rose. It is the course's own, for
    SciPy's takes a quarter longer for a step with the embedded network, and three times the memory.

    The cost is compiled once with tf.function: Python that runs inside it (print, a counter, np.random) runs then and
    not at every step. A cost that cannot be compiled, because it calls .numpy() say, is run as it is, with a notice; so
    is every cost, without one, where there are three steps or fewer.

    An interrupt (Ctrl-C, or the notebook's stop button) ends the painting and returns the picture so far; a callback
    that it interrupts is called again. Before the first step there is no picture yet, and the interrupt goes on as a
    KeyboardInterrupt. So it does in the next painting of the same cell, for one interrupt ends them all. A cost that is
    not a finite number any more ends the painting, too; the picture is then the last one whose cost was finite, and the
    callback is told of it once more.
    Raises ValueError, one sentence, for an argument that cannot work.
    """
    start = checked_start(start)
    iterations = checked_whole_number("iterations", iterations, least=0, advice="200 is a good start")
    phases = checked_schedule([Phase(0, learning_rate)] if schedule is None else schedule)
    check_choices(method, callback)
    check_cost(cost)
    state = State(saved, f"{method}, {fingerprint(start)}")
    return Painting(method, phases, callback, state, xla, iterations).run(cost, start, iterations)


class Painting:
    """A painting under way, in one size or one size after another; its arguments are those of `paint`, checked.

    planned: how many steps there are to be, in all sizes together.
    scale, before: which of several sizes it has come to, and how many steps the earlier ones took together.
    stopped: True once an interrupt, or a cost that is not finite, has ended it on the way.
    """

    def __init__(self, method, phases, callback, state, xla, planned):
        self.steps = {"adam": adam, "lbfgs": lbfgs}[method]
        self.phases, self.callback, self.state, self.xla, self.planned = phases, callback, state, xla, planned
        self.scale, self.before, self.stopped = 0, 0, False

    def run(self, cost, start, iterations):
        """Paint in the size of `start`; return the picture, (1, H, W, 3) float32."""
        if is_over():
            if not something_painted():
                raise KeyboardInterrupt
            self.stopped = True
            return start  # the picture so far, in another size
        if not self.before:
            note_start()
        first, begun, memory = self.state.resumed(self.scale, start)
        self.picture = tf.Variable(begun)
        self.kept, self.iteration, self.untold = begun, first, None
        try:
            if first < iterations:
                if begun is not start:
                    say(f"Going on from iteration {self.before + first}, as saved in {self.state.path}.")
                measure = compiled_measure(cost, self.picture, self.xla, iterations - first)
                self._follow(self.steps(measure, self.picture, self.phases, first, iterations, memory))
        except KeyboardInterrupt:
            self.stopped = True
            self.picture.assign(self.kept)  # what is returned is what the callback was told of
            if self.untold is not None:  # the interrupt came before it had taken note
                with suppress(KeyboardInterrupt):
                    self._call_back()
            reached = f"iteration {self.before + self.iteration} of {self.before + iterations}"
            painted = self.before or self.iteration or self.kept is not begun
            note_interrupt(self.before + self.iteration + 1, self.planned)
            if painted:
                say(f"Interrupted at {reached}; the picture so far is kept.")
            else:
                say(f"Interrupted at {reached}; nothing was painted yet.")
                if not something_painted():
                    raise
        finally:
            self.state.write()
        return self.picture.numpy()

    def _follow(self, steps):
        """Take every step; where a cost is not finite, stop at the last picture whose cost was."""
        try:
            for step in steps:
                self._take(step)
        except NotFiniteError as error:
            number, total = error.step.number, float(error.step.costs["total"])
            if number == 0:
                raise ValueError(
                    f"The cost of the starting picture or its gradient is not a finite number (total {total}), so "
                    "there is no way to go; look for a division by zero, or a square root of zero, in the cost."
                ) from None
            self.stopped = True
            rate = [phase.learning_rate for phase in self.phases if phase.start <= number][-1]
            say(
                f"The cost or its gradient is not a finite number any more at iteration {number} (total {total}); the "
                f"picture before it is kept. Try a learning rate below {rate}."
            )
            if not np.array_equal(self.picture.numpy(), self.kept):  # the callback was told of one that went too far
                self._take(error.step)

    def _take(self, step):
        """Take note of a picture that is to be kept, whatever happens next, and tell of it."""
        self.kept, self.iteration, self.untold = self.picture.numpy(), step.number, step.costs
        self.state.take(self.scale, self.kept, step)
        note_step(self.before + step.number + 1, self.planned)
        self._call_back()
        self.untold = None

    def _call_back(self):
        if self.callback is not None:
            self.callback(self.before + self.iteration, self.untold, self.picture)


def fingerprint(start):
    """What tells the state of one painting from that of another: size and start."""
    return f"{start.shape[1]}×{start.shape[2]}, start {zlib.crc32(start.tobytes()):08x}"
