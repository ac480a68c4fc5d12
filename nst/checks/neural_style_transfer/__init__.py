"""The exercises of neural-style-transfer: `check(function)`, and `compare(function, …)` for hidden tests."""

from nst.checks.by_hand import QuadraticCosts, quadratic_costs
from nst.checks.engine import check_function, compare_function
from nst.checks.neural_style_transfer import (
    compute_content_cost,
    compute_layer_style_cost,
    gram_matrix,
    model_nn,
    total_cost,
    train_step,
)

__all__ = ["EXERCISES", "QuadraticCosts", "check", "compare", "quadratic_costs"]

#: In the order of the notebooks.
EXERCISES = {
    "compute_content_cost": compute_content_cost.EXERCISE,
    "gram_matrix": gram_matrix.EXERCISE,
    "compute_layer_style_cost": compute_layer_style_cost.EXERCISE,
    "total_cost": total_cost.EXERCISE,
    "train_step": train_step.EXERCISE,
    "model_nn": model_nn.EXERCISE,
}


def check(function):
    """Hold one of your functions against its stored reference and its properties.

    function: compute_content_cost, gram_matrix, compute_layer_style_cost, total_cost, train_step or model_nn, under
    that name. Prints your value beside the reference; raises AssertionError with a hint where something is not right.
    """
    check_function(EXERCISES, function)


def compare(function, *inputs, expected, **options):
    """Hold a function against `expected` on inputs of your own, for hidden tests; the message never tells `expected`.

    The inputs stand in the order of the function's arguments, options by keyword. NumPy arrays of float64 become
    float32, and tensors where the exercise promises one (a_G, A). Every run gets fresh copies.

    compare(compute_content_cost, a_C, a_G, expected=number)              also compute_layer_style_cost(a_S, a_G)
    compare(gram_matrix, A, expected=array of shape (n_C, n_C))
    compare(total_cost, J_content, J_style, alpha=1, beta=2, expected=number)
    compare(train_step, picture, costs, optimizer, expected=(J, J_content, J_style, picture after the step))
    compare(model_nn, costs, start, num_iterations=3, learning_rate=0.5, expected=picture after the last step)

    For train_step, give the picture as an array and a new optimizer; `quadratic_costs` makes costs you can compute
    by hand. Raises AssertionError on a mismatch, with the hint of the misunderstanding that gives the same result. A
    function whose values are right is then held to all that `check` holds it to, on these inputs.
    """
    compare_function(EXERCISES, function, *inputs, expected=expected, **options)
