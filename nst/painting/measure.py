"""The cost of a picture and its gradient, compiled: the only question that an optimiser asks."""

import textwrap
import time

from nst.progress import say
from nst.quiet import tf
from nst.words import kind_of

#: A painting of so few steps is over before TensorFlow would have compiled anything.
FEW = 3


def compiled_measure(cost, picture, xla, steps):
    """The function measure() of the tf.Variable `picture` as it is: (costs, gradient, finite).

    cost, xla: as nst.painting.paint takes them. steps: how many there will be; for FEW of them nothing is compiled.
    costs: a dictionary of scalars, float32. gradient: of the total cost, in the shape of the picture. finite: True
    where both are finite numbers. All are tensors.
    Raises ValueError, one sentence, for a cost that cannot work, and whatever the cost itself raises.
    """

    def measure():
        with tf.GradientTape() as tape:
            costs = _checked_costs(cost(picture))
        gradient = tape.gradient(costs["total"], picture)
        if gradient is None:
            raise ValueError(
                "The total cost does not depend on the picture, so no pixel can be improved; compute it from the "
                "argument that cost(picture) is given, with TensorFlow operations all the way "
                "(model.activations(picture, names) rather than NumPy or model['conv4_2'])."
            )
        finite = tf.math.is_finite(costs["total"]) & tf.reduce_all(tf.math.is_finite(gradient))
        return costs, tf.convert_to_tensor(gradient), finite

    if steps <= FEW:
        return measure
    compiled = _compiled(measure)
    return _quicker(compiled, measure) if xla else compiled


def _checked_costs(costs):
    """The user's dictionary with every value a scalar float32 tensor."""
    wanted = 'cost(picture) should return a dictionary of scalars such as {"total": J, "content": J_content}'
    if not isinstance(costs, dict):
        raise ValueError(f"{wanted}, and it returned {kind_of(costs)}.")
    if "total" not in costs:
        raise ValueError(f'{wanted}; "total" is missing, and what it has is {sorted(map(str, costs))}.')
    checked = {}
    for name, value in costs.items():
        try:
            value = tf.convert_to_tensor(value)
        except (TypeError, ValueError):
            raise ValueError(f'{wanted}, and "{name}" is {kind_of(value)}.') from None
        if value.shape.rank not in (0, None):
            raise ValueError(f'{wanted}, and "{name}" has the shape {tuple(value.shape)}; sum it up.')
        if not (value.dtype.is_floating or value.dtype.is_integer):
            raise ValueError(f'{wanted}, and "{name}" is no real number but {value.dtype.name}.')
        checked[name] = tf.cast(value, tf.float32)
    return checked


def _compiled(measure):
    """`measure` as a tf.function; as it is, with a notice, where TensorFlow cannot compile it."""
    # Without autograph, a cost typed at a prompt brings no warning on stderr, and mistakes keep their own line numbers.
    compiled = tf.function(measure, autograph=False)
    try:
        compiled.get_concrete_function()  # compiles and runs nothing, so the picture stays where it is
        return compiled
    except Exception as error:
        reason = _reason(error)
    measure()  # a mistake in the cost itself shows here, as its author wrote it
    say(f"This cost cannot be compiled, so every step takes about twice as long. TensorFlow says: {reason}")
    return measure


def _quicker(compiled, measure):
    """`compiled`, or `measure` compiled with XLA, whichever takes less time."""
    with_xla = tf.function(measure, autograph=False, jit_compile=True)
    seconds = {compiled: [], with_xla: []}
    try:
        for function in [*seconds] * 3:
            began = time.monotonic()
            function()[0]["total"].numpy()
            seconds[function].append(time.monotonic() - began)
    except Exception as error:
        say(f"XLA cannot compile this cost, so it is left out. It says: {_reason(error)}")
        return compiled
    return min(seconds, key=lambda function: min(seconds[function][1:]))  # the first time compiles


def _reason(error):
    return textwrap.shorten(str(error) or type(error).__name__, 90, placeholder=" …")
