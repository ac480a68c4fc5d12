"""How functions are called: those that return a function of a picture, and those that could spoil what they get."""

import numpy as np

from nst.checks.outcome import Unusable
from nst.quiet import tf

#: To be filled with the name of an argument.
WRITES = "writes into {}: leave it as it is, your caller needs it."


def call_sparing(function, name, container):
    """function(), which is Unusable where it adds to a list or dictionary, takes something out or replaces it.

    name: what a message calls that container, which the function gets.
    """
    before = list(container.items()) if isinstance(container, dict) else list(enumerate(container))
    result = function()
    after = list(container.items()) if isinstance(container, dict) else list(enumerate(container))
    if len(after) != len(before) or any(a != b or x is not y for (a, x), (b, y) in zip(after, before, strict=True)):
        raise Unusable(WRITES.format(name))
    return result


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
        raise Unusable(f"returns a function that {WRITES.format(picture)}")
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
