"""How a function is called that should ask the encoder that it is given."""

import copy
from dataclasses import replace

import numpy as np

from nst.checks.by_hand import TinyEncoder
from nst.checks.exercise import Misunderstanding
from nst.checks.outcome import Unusable


def with_encoder(case):
    """A stored case of a picture, other inputs, and a kernel and a bias: these two become the model."""
    image, *others, kernel, bias = case.inputs
    return replace(case, inputs=(image.astype(np.uint8), *others, TinyEncoder(kernel, bias)))


def ask(function, *inputs, **options):
    """What the function gives; the last of its inputs is the model, and it should be asked."""
    *others, model = inputs
    if not isinstance(model, TinyEncoder):
        return function(*inputs, **options)
    # Anew for each run, as a compiled function asks a model that it knows only once.
    model = copy.copy(model)
    model.asked = 0
    elsewhere = Unusable("never asks the model that it is given.")
    try:
        result = function(*others, model, **options)
    except ValueError as error:
        if not model.asked and "incompatible with the layer" in str(error):
            raise elsewhere from error
        raise
    if result is not None and not model.asked:
        raise elsewhere
    return result


def _of_another_model(exercise, outcome, function):
    return isinstance(outcome, NameError) and "model" in str(outcome).lower()


#: Of every exercise that is given a model.
GLOBAL_MODEL = Misunderstanding(
    "model of the notebook",
    "You ask a model of your notebook, or none. Use the argument `model`: the tests bring one of their own.",
    lambda *inputs, **options: np.float32(0),
    look="Look at which model you ask.",
    recognises=_of_another_model,
)
