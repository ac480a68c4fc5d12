"""How a function is called that returns a function of a picture, which gives a dictionary of costs."""

import numpy as np

from nst.checks.engine import Unusable
from nst.quiet import tf


def costs_of_picture(function, *inputs, names, picture):
    """What the function of a picture that `function` returns makes of the last of the inputs: its costs of these names.

    picture: what a message calls that picture. None where `function` returns nothing; Unusable for anything else.
    """
    *arguments, pixels = inputs
    cost = function(*arguments)
    if cost is None:
        return None
    if not callable(cost):
        raise Unusable(f"returns something else than a function of {picture}: a {type(cost).__name__}.")
    painted = tf.Variable(pixels)
    costs = cost(painted)
    if not np.array_equal(painted, pixels):
        raise Unusable(f"returns a function that writes into {picture}: whoever paints it moves it, and nobody else.")
    if costs is None:
        raise Unusable("returns a function that returns nothing: did you forget the `return` inside cost?")
    return named_costs(costs, names, "gives")


def named_costs(costs, names, where):
    """The costs of these names in a dictionary, as a list; Unusable where it is no such. where: begins the message."""
    wanted = ", ".join(f'"{name}"' for name in names)
    if not isinstance(costs, dict):
        raise Unusable(f"{where} something else than a dictionary of {wanted}.")
    missing = [name for name in names if name not in costs]
    if missing:
        raise Unusable(f'{where} costs without "{missing[0]}"; they should be {wanted}.')
    return [costs[name] for name in names]
