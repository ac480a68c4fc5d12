"""The exercises of what-convnets-see: `check(function)`, and `compare(function, …)` for hidden tests."""

from nst.checks.by_hand import SmallNetwork
from nst.checks.engine import check_function, compare_function
from nst.checks.what_convnets_see import convolve_1d, output_shape, receptive_field, strongest, unit_cost

__all__ = ["EXERCISES", "SmallNetwork", "check", "compare"]

#: In the order of the notebooks.
EXERCISES = {
    "output_shape": output_shape.EXERCISE,
    "convolve_1d": convolve_1d.EXERCISE,
    "receptive_field": receptive_field.EXERCISE,
    "strongest": strongest.EXERCISE,
    "unit_cost": unit_cost.EXERCISE,
}


def check(function):
    """Hold one of your functions against its stored reference and its properties.

    function: output_shape, convolve_1d, receptive_field, strongest or unit_cost, under that name. Prints your value
    beside the reference; raises AssertionError with a hint where something is not right.
    """
    check_function(EXERCISES, function)


def compare(function, *inputs, expected, **options):
    """Hold a function against `expected` on inputs of your own, for hidden tests; the message never tells `expected`.

    The inputs stand in the order of the function's arguments, options by keyword. NumPy arrays of float64 become
    float32. Every run gets fresh copies.

    compare(output_shape, input_shape, filter_shape, filters, stride=2, padding=1, expected=tuple of ints)
    compare(convolve_1d, signal, kernels, stride=2, padding=1, expected=array of shape (positions, filters))
    compare(receptive_field, layers, expected=(size, jump))
    compare(strongest, activation, count, expected=list of (picture, row, column))
    compare(unit_cost, model, layer, channel, tv_weight, picture, expected=(unit, tv, total))

    The function that unit_cost returns is run on picture; a `SmallNetwork` makes a model you can compute by hand.
    Raises AssertionError on a mismatch, with the hint of the misunderstanding that gives the same result. A function
    whose values are right is then held to all that `check` holds it to, on these inputs.
    """
    compare_function(EXERCISES, function, *inputs, expected=expected, **options)
