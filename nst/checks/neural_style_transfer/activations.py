"""What compute_content_cost and compute_layer_style_cost share: a cost of two activations of shape (1, n_H, n_W, n_C).

No batch of two is probed in either of them: reshaping to [n_H * n_W, n_C] is right for the one picture we paint.
"""

from dataclasses import replace

from nst.checks.exercise import Exercise, Property, cases
from nst.checks.gradients import gradient_is_true
from nst.checks.outcome import as_tensors
from nst.checks.probes import costs_nothing, takes_numpy
from nst.quiet import tf

NOT_NORMALISED = (
    "This is the bare sum of squares. The formula has a factor in front of it that takes out the size of the layer."
)
PRECEDENCE = (
    "Python reads 1/4*a*b as (1/4)*a*b, so the sizes multiply where they should divide. Put brackets around everything "
    "that belongs below the fraction bar."
)
#: To be filled with the name of the activation that is not painted.
COMPARED_WITH_ITSELF = (
    "The cost is 0 although the activations differ: you compare {} with itself. Look where your second unrolled tensor "
    "comes from."
)
SIZES_FROM_NUMPY = (
    "{} is computed once and may arrive as a NumPy array, which knows no get_shape(). Take the sizes from a_G, the "
    "activations that are painted."
)


def sizes_painted(a_first, a_G):
    """n_H, n_W, n_C, from where they should come."""
    return a_G.shape[1:]


def sizes_stored(a_first, a_G):
    """n_H, n_W, n_C, from what may be a NumPy array."""
    return a_first.get_shape().as_list()[1:]


def activation_exercise(name, argument, misunderstandings, builds_on=()):
    """The Exercise of a cost function (argument, a_G)."""
    stored = cases("neural-style-transfer", name, _as_tensors)
    a, _ = stored[0].inputs
    return Exercise(
        name=name,
        cases=stored,
        misunderstandings=misunderstandings,
        properties=[
            Property("a scalar tensor comes back, and its true gradient reaches a_G", gradient_is_true(("a_G", 1))),
            Property(
                "identical activations cost 0",
                costs_nothing((a, a), "identical activations should be 0: two that agree cost nothing.", ("a_G", 1)),
            ),
            Property(f"{argument} may be a NumPy array, and is not written to", takes_numpy(argument, 0)),
        ],
        call=_call,
        builds_on=builds_on,
    )


def _as_tensors(case):
    return replace(case, inputs=tuple(map(as_tensors, case.inputs)))


def _call(function, a_first, a_G):
    # a_C and a_S are precomputed and may be NumPy arrays; a_G is always what the network says about the picture.
    return function(a_first, tf.convert_to_tensor(a_G))
