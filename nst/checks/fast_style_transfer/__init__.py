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

#: In the order of the notebooks. What is asked of several pictures at once is a part of the task, with its own points.
EXERCISES = {
    "content_loss": content_loss.EXERCISE,
    "content_loss_batch": content_loss.BATCH,
    "gram_matrix": gram_matrix.EXERCISE,
    "gram_matrix_batch": gram_matrix.BATCH,
    "style_loss": style_loss.EXERCISE,
    "style_loss_batch": style_loss.BATCH,
    "tv_loss": tv_loss.EXERCISE,
    "tv_loss_batch": tv_loss.BATCH,
    "style_transfer": style_transfer.EXERCISE,
    "inversion_cost": inversion_cost.EXERCISE,
    "grow_texture": grow_texture.EXERCISE,
}

#: part -> the name under which a function is handed in -> its exercise
_PARTS = {
    "": EXERCISES,
    "batch": {
        name: exercise
        for key, exercise in EXERCISES.items()
        if exercise.part == "batch"
        for name in (exercise.name, key)
    },
}


def check(function, part=""):
    """Hold one of your functions against its stored reference and its properties.

    function: content_loss, gram_matrix, style_loss, tv_loss, style_transfer, inversion_cost or grow_texture, under that
    name. part: "batch" asks the first four for several pictures at once. Prints your value beside the reference; raises
    AssertionError with a hint where something is not right.
    """
    check_function(_exercises(part), function)


def compare(function, *inputs, expected, part="", **options):
    """Hold a function against `expected` on inputs of your own, for hidden tests; the message never tells `expected`.

    The inputs stand in the order of the function's arguments, options by keyword. NumPy arrays of float64 become
    float32, and activations (content_current, features, feats) and img become tensors. Every run gets fresh copies.

    compare(content_loss, content_weight, F, P, expected=number)
    compare(gram_matrix, features, normalize=False, expected=array of shape (C, C))
    compare(style_loss, feats, style_layers, style_targets, style_weights, expected=number)
    compare(tv_loss, img, tv_weight, expected=number)
    compare(style_transfer, model, content, style, content_layer, content_weight, style_layers, style_weights,
        tv_weight, init_random=True, seed=7, expected=(start, content cost, style cost, tv cost, total, picture))
    compare(inversion_cost, model, picture, layer, content_weight, tv_weight, x,
        expected=(content cost, tv cost, total))
    compare(grow_texture, cost, sizes, paint, seed=7, expected=the last picture)

    These are about one picture, (1, H, W, C). With part="batch" the first four get several, and gram_matrix an array of
    shape (N, C, C). A Gram matrix of one picture may have the shape (C, C) or (1, C, C); style_targets are (1, C, C)
    here, and a function that wants (C, C) gets these.

    style_transfer is run twice: for 0 iterations, which gives the start, and for 1, which gives the costs of the start
    and the picture after one step. It clips its start to ±1.5, so give it a content picture within them. The function
    that inversion_cost returns is run on x. A `TinyNetwork` makes a model you can compute by hand. Raises
    AssertionError on a mismatch, with the hint of the misunderstanding that gives the same result. A function whose
    values are right is then held to all that `check` holds it to, on these inputs.
    """
    compare_function(_exercises(part), function, *inputs, expected=expected, **options)


def _exercises(part):
    if part not in _PARTS:
        raise AssertionError(f'There is no part "{part}" of a task: say "batch", or leave it out.')
    return _PARTS[part]
