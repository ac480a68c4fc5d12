"""Adam, as a generator of steps."""

import numpy as np

from nst.painting.measure import FEW
from nst.painting.schedule import stretches
from nst.painting.step import NotFiniteError, Step
from nst.quiet import tf


def adam(measure, picture, phases, first, end, memory):
    """Change the tf.Variable `picture` with Adam, and yield a Step after each of the iterations `first` to `end` - 1.

    Kingma and Ba, 2015, with the defaults of TensorFlow 1's AdamOptimizer, which the classic exercise used.

    measure: as nst.painting.measure.compiled_measure makes it.
    phases: the learning rate and the bounds; Adam remembers its past gradients from one to the next.
    memory: that of the Step before `first`, as arrays; empty at the start of a painting.

    A step's costs are those of the picture before it, for only the next step measures its own.
    Raises NotFiniteError.
    """
    optimizer = tf.keras.optimizers.Adam(phases[0].learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-8)
    optimizer.build([picture])
    for variable, value in zip(optimizer.variables, memory, strict=bool(memory)):
        variable.assign(value)

    def move(gradient, bounds):
        optimizer.apply([gradient], [picture])
        picture.assign(tf.clip_by_value(picture, bounds[0], bounds[1]))

    if end - first > FEW:
        move = _traced(move, tf.TensorSpec(picture.shape), tf.TensorSpec([2]))
    last_good = picture.numpy()
    for phase, iterations in stretches(phases, first, end):
        optimizer.learning_rate.assign(phase.learning_rate)
        bounds = tf.constant(phase.bounds or (-np.inf, np.inf), tf.float32)
        picture.assign(tf.clip_by_value(picture, bounds[0], bounds[1]))
        for iteration in iterations:
            costs, gradient, finite = measure()
            step = Step(iteration, costs, optimizer.variables)
            if not finite:
                picture.assign(last_good)
                raise NotFiniteError(step)
            last_good = picture.numpy()
            move(gradient, bounds)
            yield step


def _traced(function, *specs):
    """`function` as a graph, made now: made at its first call, it would bring warnings with many short paintings."""
    return tf.function(function, autograph=False).get_concrete_function(*specs)
