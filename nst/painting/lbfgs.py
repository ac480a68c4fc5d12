"""L-BFGS, as a generator of steps."""

from collections import deque, namedtuple

import numpy as np

from nst.painting.schedule import stretches
from nst.painting.step import NotFiniteError, Step

#: How many of its last steps L-BFGS learns from, and how many lengths of a step it tries before it gives up.
REMEMBERED, TRIALS = 10, 10

#: A picture, flat, with its costs, their total and its gradient, both in units of the first gradient's length.
_Point = namedtuple("_Point", ["x", "costs", "total", "gradient"])


def lbfgs(measure, picture, phases, first, end, memory):
    """Change the tf.Variable `picture` with L-BFGS, and yield a Step for every picture that is the lowest so far.

    Liu and Nocedal, 1989; the two loops are Algorithm 7.4 of Nocedal and Wright, Numerical Optimization, 2006. Within
    bounds, pixels that stand at one and want to go beyond it are left out of a step, and the others stop there.

    measure: as nst.painting.measure.compiled_measure makes it. An iteration is one call of it, so those of pictures
        that are thrown away have numbers, too, and no Step.
    phases: each is a run of its own, within its bounds, and its first step moves a pixel by its learning rate, in the
        quadratic mean; from there on L-BFGS finds the lengths by itself.
    first, end: the iterations are `first` to `end` - 1; fewer where nothing falls any more.
    memory: not used; what L-BFGS learnt before it was stopped is not kept, and it begins anew.

    A step's costs are those of its very picture. Raises NotFiniteError.
    """
    for phase, iterations in stretches(phases, first, end):
        while iterations:
            used, fell = yield from _descend(measure, picture, phase, iterations)
            iterations = iterations[used:]
            if not fell:
                break  # a restart, without what was learnt, would not find more


def _descend(measure, picture, phase, iterations):
    """One run of L-BFGS from `picture`: yields its steps, returns (iterations used, whether the cost fell)."""
    lowest, highest = phase.bounds or (-np.inf, np.inf)
    memory = deque(maxlen=REMEMBERED)
    here, used, unit, told = None, 0, None, None

    def evaluate(x):
        nonlocal used, unit
        picture.assign(x.reshape(picture.shape))
        costs, gradient, finite = measure()
        if not finite:
            if here is not None:
                picture.assign(here.x.reshape(picture.shape))
            raise NotFiniteError(Step(iterations[used], costs, []))
        used += 1
        gradient = gradient.numpy().ravel()
        if unit is None:
            # A first gradient of length 1, whatever the cost: float32 can then hold the squares of all that follows.
            unit = np.linalg.norm(gradient.astype(np.float64)) or 1.0
        return _Point(x, costs, float(costs["total"]) / unit, gradient / np.float32(unit))

    def lower(direction, length, slope):
        """The first point along `direction` whose cost is low enough, or None."""
        for _ in range(min(TRIALS, len(iterations) - used)):
            there = evaluate(np.clip(here.x + np.float32(length) * direction, lowest, highest))
            rise = there.total - here.total - slope * length
            if there.total <= here.total + 1e-4 * slope * length:
                return there
            length *= min(max(-slope * length / (2 * rise), 0.1), 0.5)  # where the parabola through all this is lowest
        return None

    here = start = evaluate(np.clip(picture.numpy().ravel(), lowest, highest))
    while used < len(iterations):
        free = ((here.x > lowest) | (here.gradient < 0)) & ((here.x < highest) | (here.gradient > 0))
        direction = -_newton_step(here.gradient * free, memory) * free
        slope, there = float(direction @ here.gradient), None
        if slope < 0:
            far = phase.learning_rate * np.sqrt(direction.size) / np.linalg.norm(direction)
            there = lower(direction, 1.0 if memory else far, slope)
        if there is not None:
            step, change = there.x - here.x, there.gradient - here.gradient
            if (curvature := float(step @ change)) > 0:
                memory.append((step, change, curvature))
            here, told = there, used
            yield Step(iterations[used - 1], here.costs, [])
        elif memory:
            memory.clear()  # what was learnt misleads here; the gradient itself may not
        else:
            break
    picture.assign(here.x.reshape(picture.shape))
    if told != used:
        yield Step(iterations[used - 1], here.costs, [])
    return used, here.total < start.total


def _newton_step(gradient, memory):
    """`gradient` times the inverse of the Hessian, by the (step, change of gradient, their product) in `memory`."""
    shares = []
    for step, change, curvature in reversed(memory):
        shares.append(float(step @ gradient) / curvature)
        gradient = gradient - np.float32(shares[-1]) * change
    if memory:
        _, change, curvature = memory[-1]
        gradient = gradient * np.float32(curvature / float(change @ change))
    for (step, change, curvature), share in zip(memory, reversed(shares), strict=True):
        gradient = gradient + np.float32(share - float(change @ gradient) / curvature) * step
    return gradient
