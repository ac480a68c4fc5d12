"""The exercises of face-recognition: `check(function)`, and `compare(function, …)` for hidden tests.

One module for each exercise; `at_the_door` and `tiny_encoder` have what several of them use.
"""

from nst.checks.by_hand import OnePixel, TinyEncoder
from nst.checks.engine import check_function, compare_function
from nst.checks.face_recognition import (
    acceptance_rates,
    choose_triplets,
    img_to_encoding,
    probability_same,
    triplet_loss,
    verify,
    who_is_it,
)

__all__ = ["EXERCISES", "OnePixel", "TinyEncoder", "check", "compare"]

#: Exercise name -> Exercise, in the order of the notebooks.
EXERCISES = {
    module.EXERCISE.name: module.EXERCISE
    for module in (
        triplet_loss,
        choose_triplets,
        img_to_encoding,
        verify,
        who_is_it,
        acceptance_rates,
        probability_same,
    )
}


def check(function):
    """Hold one of your functions against its stored reference and its properties.

    function: triplet_loss, choose_triplets, img_to_encoding, verify, who_is_it, acceptance_rates or probability_same,
    under that name. Prints your value beside the reference: True as 1, a name as its place in the database (-1 for
    None). Raises AssertionError with a hint where something is not right.
    """
    check_function(EXERCISES, function)


def compare(function, *inputs, expected, **options):
    """Hold a function against `expected` on inputs of your own, for hidden tests; the message never tells `expected`.

    The inputs stand in the order of the function's arguments, options by keyword. NumPy arrays of float64 become
    float32. Every run gets fresh copies.

    compare(triplet_loss, None, [anchors, positives, negatives], alpha=0.5, expected=number)
    compare(choose_triplets, encodings, labels, alpha=0.5, expected=list of (anchor, positive, negative), in any order)
    compare(img_to_encoding, image, model, expected=array of shape (d,))
    compare(verify, image, identity, database, model, threshold=0.5, expected=(distance, True))
    compare(who_is_it, image, database, model, threshold=0.5, expected=(distance, name or None))
    compare(acceptance_rates, same, different, threshold, expected=(false accept rate, true accept rate))
    compare(probability_same, f_1, f_2, w, b, similarity="chi2", expected=array of shape (n,))

    A `TinyEncoder` makes a model you can compute by hand, `OnePixel` one that gives a pixel back; a Keras model will do
    as well. Raises AssertionError on a mismatch, with the hint of the misunderstanding that gives the same result. A
    function whose values are right is then held to all that `check` holds it to, on these inputs.
    """
    name = getattr(function, "__name__", "")
    if name == "choose_triplets":
        expected = len(expected), choose_triplets.in_order(expected)
    elif name == "who_is_it":
        expected = expected[0], who_is_it.place(expected[1], inputs[1])
    compare_function(EXERCISES, function, *inputs, expected=expected, **options)
