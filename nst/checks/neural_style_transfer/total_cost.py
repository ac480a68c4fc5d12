"""total_cost(J_content, J_style, alpha=10, beta=40)"""

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.gradients import cut, gradient_is_true
from nst.checks.outcome import Unusable, first_line
from nst.checks.wrong_versions import hard_coded

_DEFAULTS = (
    "With weights given your cost is right; without, it is not. The signature was written for you with "
    "alpha=10 and beta=40: put these defaults back."
)

_CASES = cases("neural-style-transfer", "total_cost")

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "alpha-beta-swapped",
        "The weights sit on the wrong costs. alpha goes with the content, beta with the style.",
        lambda J_content, J_style, alpha=10, beta=40: beta * J_content + alpha * J_style,
    ),
    Misunderstanding(
        "defaults-swapped",
        _DEFAULTS,
        lambda J_content, J_style, alpha=40, beta=10: alpha * J_content + beta * J_style,
    ),
    Misunderstanding(
        "defaults-changed",
        _DEFAULTS,
        lambda J_content, J_style, alpha=1, beta=1: alpha * J_content + beta * J_style,
    ),
    Misunderstanding(
        "weights-fixed",
        "Your cost does not listen to alpha and beta: it uses 10 and 40 whatever is passed. Use the two arguments.",
        lambda J_content, J_style, alpha=10, beta=40: 10 * J_content + 40 * J_style,
    ),
    Misunderstanding(
        "unweighted",
        "Both costs are added as they are. alpha and beta decide how much each one counts.",
        lambda J_content, J_style, alpha=10, beta=40: J_content + J_style,
    ),
    Misunderstanding(
        "beta-unused",
        "One weight multiplies both costs. Each cost has a weight of its own.",
        lambda J_content, J_style, alpha=10, beta=40: alpha * (J_content + J_style),
    ),
    Misunderstanding(
        "averaged",
        "You divide by alpha + beta, which makes a weighted mean. The formula adds the weighted costs and stops there.",
        lambda J_content, J_style, alpha=10, beta=40: (alpha * J_content + beta * J_style) / (alpha + beta),
    ),
    Misunderstanding(
        "subtracted",
        "The style cost is subtracted, so a worse style would lower the total. Both costs should become "
        "small: add them.",
        lambda J_content, J_style, alpha=10, beta=40: alpha * J_content - beta * J_style,
    ),
    hard_coded(_CASES),
    cut(lambda J_content, J_style, alpha=10, beta=40: float(alpha * J_content + beta * J_style)),
]


def _call(function, J_content, J_style, **weights):
    try:
        return function(J_content, J_style, **weights)
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
)
