"""The exercises of fast-style-transfer: `check(function)`, and `compare(function, …)` for hidden tests."""

from nst.checks.by_hand import TinyNetwork
from nst.checks.engine import check_function, compare_function
from nst.checks.fast_style_transfer import (
    content_loss,
    gram_matrix,
    grow_texture,
    inversion_cost,
    style_loss,
    style_transfer,
    tv_loss,
)

__all__ = ["EXERCISES", "TinyNetwork", "check", "compare"]

#: In the order of the notebooks.
EXERCISES = {
    "content_loss": content_loss.EXERCISE,
    "gram_matrix": gram_matrix.EXERCISE,
    "style_loss": style_loss.EXERCISE,
    "tv_loss": tv_loss.EXERCISE,
    "style_transfer": style_transfer.EXERCISE,
    "inversion_cost": inversion_cost.EXERCISE,
    "grow_texture": grow_texture.EXERCISE,
}


def check(function):
    """Hold one of your functions against its stored reference and its properties.

    function: content_loss, gram_matrix, style_loss, tv_loss, style_transfer, inversion_cost or grow_texture, under that
    name. Prints your value beside the reference; raises AssertionError with a hint where something is not right.
    """
    check_function(EXERCISES, function)


def compare(function, *inputs, expected, **options):
    """Hold a function against `expected` on inputs of your own, for hidden tests; the message never tells `expected`.

    The inputs stand in the order of the function's arguments, options by keyword. NumPy arrays of float64 become
    float32, and activations (content_current, features, feats) and img become tensors. Every run gets fresh copies.

    compare(content_loss, content_weight, F, P, expected=number)
    compare(gram_matrix, features, normalize=False, expected=array of shape (N, C, C))
    compare(style_loss, feats, style_layers, style_targets, style_weights, expected=number)
    compare(tv_loss, img, tv_weight, expected=number)
    compare(style_transfer, model, content, style, content_layer, content_weight, style_layers, style_weights,
        tv_weight, init_random=True, seed=7, expected=(start, content cost, style cost, tv cost, total, picture))
    compare(inversion_cost, model, picture, layer, content_weight, tv_weight, x,
        expected=(content cost, tv cost, total))
    compare(grow_texture, cost, sizes, paint, seed=7, expected=the last picture)

    style_transfer is run twice: for 0 iterations, which gives the start, and for 1, which gives the costs of the start
    and the picture after one step. It clips its start to ±1.5, so give it a content picture within them. The function
    that inversion_cost returns is run on x. A `TinyNetwork` makes a model you can compute by hand. Raises
    AssertionError on a mismatch, with the hint of the misunderstanding that gives the same result. A function whose
    values are right is then held to all that `check` holds it to, on these inputs.
    """
    compare_function(EXERCISES, function, *inputs, expected=expected, **options)
