"""Beside `nst.painting`: L-BFGS, sizes from coarse to fine, and the file that keeps the state of a painting.

`paint` and `paint_scales` in nst/painting/loop.py are what you call.
"""

from collections import deque, namedtuple

import numpy as np


class NotFiniteError(Exception):
    """A cost or its gradient is not a finite number. costs: the dictionary; first: True at the very first picture."""

    def __init__(self, costs, first):
        super().__init__()
        self.costs, self.first = costs, first


#: How many of its last steps L-BFGS learns from, and how many lengths of a step it tries before it gives up.
REMEMBERED, TRIALS = 10, 10

#: A picture, flat, with its costs, their total and its gradient, both in units of the first gradient's length.
_Point = namedtuple("_Point", ["x", "costs", "total", "gradient"])


def lbfgs(measure, picture, phases, evaluations, first, tell):
    """Change the tf.Variable `picture` with L-BFGS until the cost is low.

    Liu and Nocedal, 1989; the two loops are Algorithm 7.4 of Nocedal and Wright, Numerical Optimization, 2006. Within
    bounds, pixels that stand at one and want to go beyond it are left out of a step, and the others stop there.

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
    """One run of L-BFGS from `picture`: (evaluations used, whether the cost fell)."""
    lowest, highest = phase.bounds or (-np.inf, np.inf)
    memory = deque(maxlen=REMEMBERED)
    used, unit, told = 0, None, None

    def evaluate(x):
        nonlocal used, unit
        picture.assign(x.reshape(picture.shape))
        costs, gradient, finite = measure()
        if not finite:
            raise NotFiniteError(costs, first=first == 0 and used == 0)
        used += 1
        gradient = gradient.numpy().ravel()
        if unit is None:
            # A first gradient of length 1, whatever the cost: float32 can then hold the squares of all that follows.
            unit = np.linalg.norm(gradient.astype(np.float64)) or 1.0
        return _Point(x, costs, float(costs["total"]) / unit, gradient / np.float32(unit))

    def lower(here, direction, length, slope):
        """The first point along `direction` whose cost is low enough, or None."""
        for _ in range(min(TRIALS, most - used)):
            there = evaluate(np.clip(here.x + np.float32(length) * direction, lowest, highest))
            rise = there.total - here.total - slope * length
            if there.total <= here.total + 1e-4 * slope * length:
                return there
            length *= min(max(-slope * length / (2 * rise), 0.1), 0.5)  # where the parabola through all this is lowest
        return None

    here = None
    try:
        here = start = evaluate(np.clip(picture.numpy().ravel(), lowest, highest))
        while used < most:
            free = ((here.x > lowest) | (here.gradient < 0)) & ((here.x < highest) | (here.gradient > 0))
            direction = -_newton_step(here.gradient * free, memory) * free
            slope, there = float(direction @ here.gradient), None
            if slope < 0:
                far = phase.learning_rate * np.sqrt(direction.size) / np.linalg.norm(direction)
                there = lower(here, direction, 1.0 if memory else far, slope)
            if there is not None:
                step, change = there.x - here.x, there.gradient - here.gradient
                if (curvature := float(step @ change)) > 0:
                    memory.append((step, change, curvature))
                here, told = there, used
                tell(first + used - 1, here.costs)
            elif memory:
                memory.clear()  # what was learned misleads here; the gradient itself may not
            else:
                break
    finally:
        if here is not None:
            picture.assign(here.x.reshape(picture.shape))
    if told != used:
        tell(first + used - 1, here.costs)
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
