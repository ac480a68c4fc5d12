"""acceptance_rates(same, different, threshold)"""

import numpy as np

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import parts_of, returns


def _rates(**wrong):
    """An acceptance_rates with a wrong part: which distances count, the two shares, what is returned."""
    parts = parts_of(
        wrong,
        limit=lambda threshold: threshold,
        below=lambda distances, threshold: distances < threshold,
        false=lambda same, different: np.mean(different),
        true=lambda same, different: np.mean(same),
        finish=lambda false, true: (false, true),
    )

    def function(same, different, threshold):
        same, different = (parts.below(d, parts.limit(threshold)) for d in (same, different))
        return parts.finish(parts.false(same, different), parts.true(same, different))

    return function


_PAIRS_OF = "Each rate is a share of its own pairs, so divide by how many these are: "
_LET_IN = "Both rates are of pairs that are let in, with a distance below the threshold: "

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "rates-swapped",
        "The two rates have changed places: first false accepts, the share of `different`, then true ones, of `same`.",
        _rates(finish=lambda false, true: (true, false)),
    ),
    Misunderstanding(
        "above-the-threshold",
        _LET_IN + "you count those above it.",
        _rates(below=lambda distances, threshold: distances > threshold),
    ),
    Misunderstanding(
        "at-the-threshold",
        _LET_IN + "a distance of exactly the threshold is not.",
        _rates(below=lambda distances, threshold: distances <= threshold),
    ),
    Misunderstanding(
        "false-rejects",
        _LET_IN + "your second rate is of residents who are kept out.",
        _rates(true=lambda same, different: np.mean(~same)),
    ),
    Misunderstanding(
        "true-rejects",
        _LET_IN + "your first rate is of strangers who are kept out.",
        _rates(false=lambda same, different: np.mean(~different)),
    ),
    Misunderstanding(
        "counts",
        _PAIRS_OF + "you only count.",
        _rates(false=lambda same, different: np.sum(different), true=lambda same, different: np.sum(same)),
    ),
    Misunderstanding(
        "percent",
        "Yours are percentages. A rate is from 0 to 1.",
        _rates(finish=lambda false, true: (100 * false, 100 * true)),
    ),
    Misunderstanding(
        "divided-by-all-pairs",
        _PAIRS_OF + "you divide by all pairs, of both kinds.",
        _rates(
            false=lambda same, different: np.sum(different) / (len(same) + len(different)),
            true=lambda same, different: np.sum(same) / (len(same) + len(different)),
        ),
    ),
    Misunderstanding(
        "divided-by-the-other-kind",
        _PAIRS_OF + "you divide by those of the other kind.",
        _rates(
            false=lambda same, different: np.sum(different) / len(same),
            true=lambda same, different: np.sum(same) / len(different),
        ),
    ),
    Misunderstanding(
        "share-of-those-let-in",
        _PAIRS_OF + "you divide by those who are let in.",
        _rates(
            false=lambda same, different: np.sum(different) / max(1, np.sum(same) + np.sum(different)),
            true=lambda same, different: np.sum(same) / max(1, np.sum(same) + np.sum(different)),
        ),
    ),
    Misunderstanding(
        "divided-without-remainder",
        _PAIRS_OF + "// cuts off what is behind the point. Write /.",
        _rates(
            false=lambda same, different: np.sum(different) // len(different),
            true=lambda same, different: np.sum(same) // len(same),
        ),
    ),
    Misunderstanding(
        "accuracy",
        "Yours is one number, how many pairs are judged right. Return two rates: an accuracy hides which mistakes are "
        "made.",
        lambda same, different, threshold: np.mean([*(same < threshold), *(different >= threshold)]),
    ),
    Misunderstanding(
        "threshold-ignored",
        "Your threshold is 0.7 whatever the argument says.",
        _rates(limit=lambda threshold: 0.7),
    ),
    returns(0.2, 0.75),
]

EXERCISE = Exercise(
    name="acceptance_rates",
    cases=cases("face-recognition", "acceptance_rates"),
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[Property("the distances are not written to", spoils_nothing("same", "different", "threshold"))],
)
