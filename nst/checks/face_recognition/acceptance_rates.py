"""acceptance_rates(same, different, threshold)"""

import numpy as np

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.looks import with_looks
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import composable, parts_of, returns


@composable
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


_PAIRS_OF = "Each rate is a share of its own pairs, so divide by how many these are. "
_LET_IN = "Both rates are of pairs that are let in, with a distance below the threshold. "

_LOOKS = {
    "limit": "Look at what you compare the distances with.",
    "below": "Look at your comparison: which distances count?",
    "false": "Look at your first rate: what is counted, and what do you divide by?",
    "true": "Look at your second rate: what is counted, and what do you divide by?",
    "finish": "Look at what you return: which two numbers, and in which order?",
}
_EXPERIMENT = """\
same, different = np.array([0.1, 0.2, 0.4, 0.5, 0.9]), np.array([0.3, 0.5, 0.6, 1.1])
print(acceptance_rates(same, different, 0.5))  # 1/4 = 0.25 and 3/5 = 0.6"""

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "rates swapped",
        "The two rates have changed places: first false accepts, the share of `different`, then true ones, of `same`.",
        _rates(finish=lambda false, true: (true, false)),
    ),
    Misunderstanding(
        "distances above the threshold",
        _LET_IN + "You count those above it.",
        _rates(below=lambda distances, threshold: distances > threshold),
    ),
    Misunderstanding(
        "distances at exactly the threshold",
        _LET_IN + "A distance of exactly the threshold is not below it.",
        _rates(below=lambda distances, threshold: distances <= threshold),
    ),
    Misunderstanding(
        "residents who are kept out",
        _LET_IN + "Your second rate is of residents who are kept out.",
        _rates(true=lambda same, different: np.mean(~same)),
    ),
    Misunderstanding(
        "strangers who are kept out",
        _LET_IN + "Your first rate is of strangers who are kept out.",
        _rates(false=lambda same, different: np.mean(~different)),
    ),
    Misunderstanding(
        "counts in place of rates",
        _PAIRS_OF + "You only count.",
        _rates(false=lambda same, different: np.sum(different), true=lambda same, different: np.sum(same)),
    ),
    Misunderstanding(
        "percentages",
        "Yours are percentages. A rate is from 0 to 1.",
        _rates(finish=lambda false, true: (100 * false, 100 * true)),
    ),
    Misunderstanding(
        "divided by all pairs",
        _PAIRS_OF + "You divide by all pairs, of both kinds.",
        _rates(
            false=lambda same, different: np.sum(different) / (len(same) + len(different)),
            true=lambda same, different: np.sum(same) / (len(same) + len(different)),
        ),
    ),
    Misunderstanding(
        "divided by the other kind",
        _PAIRS_OF + "You divide by those of the other kind.",
        _rates(
            false=lambda same, different: np.sum(different) / len(same),
            true=lambda same, different: np.sum(same) / len(different),
        ),
    ),
    Misunderstanding(
        "share of those let in",
        _PAIRS_OF + "You divide by those who are let in.",
        _rates(
            false=lambda same, different: np.sum(different) / max(1, np.sum(same) + np.sum(different)),
            true=lambda same, different: np.sum(same) / max(1, np.sum(same) + np.sum(different)),
        ),
    ),
    Misunderstanding(
        "divided without remainder",
        _PAIRS_OF + "// cuts off what is behind the point. Write /.",
        _rates(
            false=lambda same, different: np.sum(different) // len(different),
            true=lambda same, different: np.sum(same) // len(same),
        ),
    ),
    Misunderstanding(
        "one accuracy in place of two rates",
        "Yours is one number, how many pairs are judged right. Return two rates: an accuracy hides which mistakes are "
        "made.",
        lambda same, different, threshold: np.mean([*(same < threshold), *(different >= threshold)]),
        look=_LOOKS["finish"],
    ),
    Misunderstanding(
        "distances squared",
        "You square the distances. They are compared with the threshold as they are.",
        _rates(below=lambda distances, threshold: distances**2 < threshold),
    ),
    Misunderstanding(
        "truth values not averaged",
        _PAIRS_OF + "You return True or False for every pair. Their mean is the rate.",
        _rates(false=lambda same, different: different, true=lambda same, different: same),
    ),
    Misunderstanding(
        "threshold ignored",
        "Your threshold is 0.7 whatever the argument says.",
        _rates(limit=lambda threshold: 0.7),
    ),
    returns(0.2, 0.75),
]

EXERCISE = Exercise(
    name="acceptance_rates",
    cases=cases("face-recognition", "acceptance_rates"),
    misunderstandings=with_looks(_LOOKS, _MISUNDERSTANDINGS),
    properties=[Property("the distances are not written to", spoils_nothing("same", "different", "threshold"))],
    look="Look at your two fractions: what is counted, and what do you divide by?",
    experiment=_EXPERIMENT,
)
