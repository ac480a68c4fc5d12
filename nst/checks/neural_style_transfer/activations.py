"""What compute_content_cost and compute_layer_style_cost share: a cost of two activations of shape (1, n_H, n_W, n_C).

No batch of two is probed in either of them: reshaping to [n_H * n_W, n_C] is right for the one picture we paint.
"""

from dataclasses import replace

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.gradients import gradient_is_true
from nst.checks.outcome import as_tensors, observe
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
LOOK_AT_FACTOR = "Look at what stands below the fraction bar, and hold it against the formula."
LOOK_AT_SUM = "Look at the line that makes one number of the two tensors."
LOOK_AT_SIZES = "Look at the line that asks for n_H, n_W and n_C: whom does it ask?"


def sizes_painted(a_first, a_G):
    """n_H, n_W, n_C, from where they should come."""
    return a_G.shape[1:]


def shared_misunderstandings(cost, name, argument, numpy_experiment):
    """What can go wrong in both functions; cost: a composable builder with the parts sizes and factor.

    name: the exercise; argument: the activation that is not painted; numpy_experiment: prints its cost of an array.
    """
    from_numpy = (
        f"{argument} is computed once and may arrive as a NumPy array, which knows neither get_shape() nor "
        "shape.as_list(). Take the sizes from a_G.shape, the activations that are painted."
    )
    return [
        Misunderstanding(
            f"sizes taken from {argument}",
            from_numpy,
            cost(sizes=lambda a_first, a_G: a_first.get_shape().as_list()[1:]),
            LOOK_AT_SIZES,
            numpy_experiment,
        ),
        Misunderstanding(
            f"sizes taken from {argument}, as a list",
            from_numpy,
            cost(sizes=lambda a_first, a_G: a_first.shape.as_list()[1:]),
            LOOK_AT_SIZES,
            numpy_experiment,
        ),
        Misunderstanding(
            "the newer edition's lists",
            f"The newer edition of this exercise passes lists of activations, and takes the last one: {argument}[-1]. "
            "Here both arguments are the activations of one layer themselves, so [-1] takes the batch away, and three "
            "sizes are left of four.",
            cost(sizes=_sizes_of_last),
            "Look at the first lines: what do you take out of the arguments?",
            "a_G = tf.ones([1, 2, 1, 3])\n"
            f"print(a_G.shape, a_G[-1].shape, float({name}(a_G, a_G)))  # four sizes, three, and 0.0",
        ),
        Misunderstanding(
            "a tuple as divisor",
            "There is a comma between the sizes, so you divide by several numbers, one after the other, and get as "
            "many results. Multiply the sizes: n_H * n_W * n_C.",
            cost(factor=lambda n_H, n_W, n_C: 1 / tf.constant([4 * n_H, n_W, n_C], tf.float32)),
            LOOK_AT_FACTOR,
            f"a_G = tf.ones([1, 2, 1, 3])\nprint({name}(0 * a_G, a_G).shape)  # (), as one number has",
            recognises=_has_one_shape,
        ),
    ]


def _sizes_of_last(a_first, a_G):
    _, n_H, n_W, n_C = a_G[-1].shape
    return n_H, n_W, n_C


def _has_one_shape(exercise, outcome, function):
    """Does every case, whatever its sizes, give a handful of numbers?"""
    given = [observe(exercise, function, case.inputs, case.options) for case in exercise.cases]
    shapes = {None if isinstance(found, Exception) else found[0].shape for found in given}
    return shapes in ({(2,)}, {(3,)}, {(4,)})


def activation_exercise(name, argument, misunderstandings, builds_on=(), **default):
    """The Exercise of a cost function (argument, a_G). default: its look and experiment."""
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
                own_inputs=True,
            ),
            Property(f"{argument} may be a NumPy array, and is not written to", takes_numpy(argument, 0)),
        ],
        call=_call,
        builds_on=builds_on,
        **default,
    )


def _as_tensors(case):
    return replace(case, inputs=tuple(map(as_tensors, case.inputs)))


def _call(function, a_first, a_G):
    # a_C and a_S are precomputed and may be NumPy arrays; a_G is always what the network says about the picture.
    return function(a_first, tf.convert_to_tensor(a_G))
