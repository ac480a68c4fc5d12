"""total_cost(J_content, J_style, alpha=10, beta=40)"""

import numpy as np

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.outcome import Unusable, first_line
from nst.checks.wrong_versions import composable, hard_coded, other_defaults, parts_of
from nst.quiet import tf


@composable
def _total(**wrong):
    """A total_cost with a wrong part: the defaults, either weight, how the two costs are joined, the result."""
    parts = parts_of(
        wrong,
        defaults=(10, 40),
        of_content=lambda alpha, beta: alpha,
        of_style=lambda alpha, beta: beta,
        joined=lambda content, style: content + style,
        finish=lambda J, alpha, beta: J,
    )

    def function(J_content, J_style, alpha=parts.defaults[0], beta=parts.defaults[1]):
        J = parts.joined(parts.of_content(alpha, beta) * J_content, parts.of_style(alpha, beta) * J_style)
        return parts.finish(J, alpha, beta)

    return function


_CASES = cases("neural-style-transfer", "total_cost")
_LOOK = "Look at each cost in your sum: which weight stands beside it?"
_BY_DEFAULT = (
    "print(float(total_cost(1, 100, alpha=10, beta=40)))  # 10 · 1 + 40 · 100 = 4010.0\n"
    "print(float(total_cost(1, 100)))  # by default the same: 4010.0"
)

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "alpha and beta swapped",
        "The weights sit on the wrong costs. alpha goes with the content, beta with the style.",
        _total(of_content=lambda alpha, beta: beta, of_style=lambda alpha, beta: alpha),
    ),
    other_defaults(_total(defaults=(40, 10)), _BY_DEFAULT, alpha=10, beta=40),
    Misunderstanding(
        "weights under other names",
        "Whoever calls your function names the weights: alpha=10, beta=40. The first line was written for you with "
        "these names: put them back.",
        lambda J_content, J_style, a=10, b=40: a * J_content + b * J_style,
        "Look at the first line, the one that begins with def.",
        recognises=lambda exercise, outcome, function: "unexpected keyword argument" in str(outcome),
    ),
    Misunderstanding(
        "weights fixed",
        "Your cost does not listen to alpha and beta: it uses 10 and 40 whatever is passed. Use the two arguments.",
        _total(of_content=lambda alpha, beta: 10, of_style=lambda alpha, beta: 40),
    ),
    Misunderstanding(
        "no weights",
        "Both costs are added as they are. alpha and beta decide how much each one counts.",
        _total(of_content=lambda alpha, beta: 1, of_style=lambda alpha, beta: 1),
    ),
    Misunderstanding(
        "one weight for both costs",
        "alpha multiplies both costs. Each cost has a weight of its own: beta goes with the style.",
        _total(of_style=lambda alpha, beta: alpha),
    ),
    Misunderstanding(
        "beta for both costs",
        "beta multiplies both costs. Each cost has a weight of its own: alpha goes with the content.",
        _total(of_content=lambda alpha, beta: beta),
    ),
    Misunderstanding(
        "no weight on the style",
        "Only the content is weighted. The style has a weight of its own: beta.",
        _total(of_style=lambda alpha, beta: 1),
    ),
    Misunderstanding(
        "no weight on the content",
        "Only the style is weighted. The content has a weight of its own: alpha.",
        _total(of_content=lambda alpha, beta: 1),
    ),
    Misunderstanding(
        "both weights on the style",
        "alpha multiplies the style as well as the content. Close the bracket earlier: alpha is the content's alone.",
        _total(of_style=lambda alpha, beta: alpha * beta),
    ),
    Misunderstanding(
        "averaged",
        "You divide by alpha + beta, which makes a weighted mean. The formula adds the weighted costs and stops there.",
        _total(finish=lambda J, alpha, beta: J / (alpha + beta)),
        "Look at what you do after the sum.",
    ),
    Misunderstanding(
        "subtracted",
        "The style cost is subtracted, so a worse style would lower the total. Both costs should become "
        "small: add them.",
        _total(joined=lambda content, style: content - style),
        "Look at the sign between the two costs.",
    ),
    Misunderstanding(
        "multiplied",
        "You multiply the two costs, so that one which is 0 hides the other. Add them.",
        _total(joined=lambda content, style: content * style),
        "Look at the sign between the two costs.",
    ),
    hard_coded(_CASES),
    cut(
        _total(finish=lambda J, alpha, beta: float(J)),
        "J_content, J_style = tf.Variable(1.0), tf.Variable(1.0)\n"
        "with tf.GradientTape() as tape: J = total_cost(J_content, J_style)\n"
        "print(tape.gradient(J, [J_content, J_style]))  # the weights, 10 and 40, and not None",
    ),
]


def _call(function, J_content, J_style, **weights):
    # Numbers of NumPy lose their fractions in tf.multiply beside a whole number, unlike Python's.
    J_content, J_style = (J.item() if isinstance(J, np.generic) else J for J in (J_content, J_style))
    try:
        return function(J_content, J_style, **weights)
    except Exception as error:
        if "int32" not in str(error):
            raise
    # tf.multiply takes a whole number for a float beside a tensor alone, and in painting both costs are tensors.
    try:
        return function(tf.convert_to_tensor(J_content), tf.convert_to_tensor(J_style), **weights)
    except Exception as error:
        if "int32" not in str(error):
            raise
        raise Unusable(
            f"stops: {first_line(error)}\n"
            "The weights may be integers: write alpha * J_content with plain * and +, which take any numbers."
        ) from error


EXERCISE = Exercise(
    name="total_cost",
    cases=_CASES,
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property(
            "of tensors it is a tensor, and its true gradient reaches both costs",
            gradient_is_true(("J_content", 0), ("J_style", 1)),
        )
    ],
    call=_call,
    look=_LOOK,
    experiment=(
        "print(float(total_cost(1, 100)))  # 10 · 1 + 40 · 100 = 4010.0\n"
        "print(float(total_cost(1, 100, alpha=2, beta=3)))  # 2 · 1 + 3 · 100 = 302.0"
    ),
)
