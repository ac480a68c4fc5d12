"""choose_triplets(encodings, labels, alpha=0.2)"""

from dataclasses import replace

import numpy as np

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.outcome import Unusable
from nst.checks.probes import spoils_nothing
from nst.checks.wrong_versions import parts_of, returns


def _call(function, *inputs, **options):
    rows = function(*inputs, **options)
    if rows is None:
        return None
    try:
        rows = np.array([np.asarray(row) for row in rows])
    except (TypeError, ValueError):
        raise Unusable("returns something else than three rows of equally many indices.") from None
    if rows.ndim != 2 or len(rows) != 3:
        raise Unusable(
            f"returns something of shape {rows.shape}; expected were three rows of indices, equally long: anchors, "
            "positives, negatives."
        )
    if rows.size and rows.dtype.kind not in "iu":
        raise Unusable(f"returns rows of {rows.dtype}; expected were whole numbers, the indices.")
    return rows.shape[1], in_order(rows.T)


def in_order(triplets):
    """Triplets (anchor, positive, negative) in one order, whatever theirs was: (n, 3) int."""
    return np.array(sorted(tuple(map(int, triplet)) for triplet in triplets), int).reshape(-1, 3)


def _prepared(case):
    encodings, labels = case.inputs
    triplets = in_order(case.expected["triplets"])
    return replace(
        case, inputs=(encodings, labels.astype(int)), expected={"count": len(triplets), "triplets": triplets}
    )


def _squares(encodings):
    return np.square(encodings[:, None] - encodings).sum(-1)


def _same_label(d, labels, a):
    return np.flatnonzero((labels == labels[a]) & (np.arange(len(labels)) != a))


def _chooser(**wrong):
    """A choose_triplets with a wrong part: distances, pairs, who may be a negative, which is it, is it kept."""
    parts = parts_of(
        wrong,
        labels=lambda labels: labels,
        distances=_squares,
        positives=_same_label,
        others=lambda labels, a: labels != labels[a],
        candidates=lambda to, others, near, alpha: others & (to > near),
        choose=lambda to, candidates: [min(candidates, key=to.__getitem__)],
        otherwise=lambda to, others: [],
        keep=lambda near, far, alpha: far < near + alpha,
        order=lambda a, p, n: (a, p, n),
        rows=lambda triplets, labels: np.array(triplets, int).reshape(-1, 3).T,
    )

    def function(encodings, labels, alpha=0.2):
        triplets, d, labels = [], parts.distances(encodings), parts.labels(labels)
        for a in range(len(labels)):
            for p in parts.positives(d, labels, a):
                others = parts.others(labels, a)
                candidates = np.flatnonzero(parts.candidates(d[a], others, d[a, p], alpha))
                chosen = parts.choose(d[a], candidates) if len(candidates) else parts.otherwise(d[a], others)
                triplets += [parts.order(a, p, n) for n in chosen if parts.keep(d[a, p], d[a, n], alpha)]
        return parts.rows(triplets, labels)

    return function


_SEMI_HARD = (
    "The negative is the nearest picture of another resident among those that are farther from the anchor than the "
    "positive is. "
)
_EVERY_PAIR = "Every ordered pair of two pictures of a resident is an (anchor, positive): "
_COSTS = "A triplet is kept if it costs something, ‖a − n‖² < ‖a − p‖² + α: "
_SQUARED = "Distances are squared Euclidean ones, ‖f − g‖²: "
_ROWS = "Return three rows of indices: anchors, positives, negatives. "
_PENCIL = (
    "Take one anchor and one positive, write down the squared distances from the anchor to all pictures of other "
    "residents, and follow the rule with a pencil."
)

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "hardest-of-all",
        _SEMI_HARD + "You allow nearer ones too: the hardest of all can make an encoder collapse.",
        _chooser(candidates=lambda to, others, near, alpha: others),
    ),
    Misunderstanding(
        "hardest-of-all-then-dropped",
        _SEMI_HARD + "You take the nearest of all, and drop the pair when that one is nearer. Look only among the "
        "farther ones.",
        _chooser(
            candidates=lambda to, others, near, alpha: others,
            keep=lambda near, far, alpha: near < far < near + alpha,
        ),
    ),
    Misunderstanding(
        "nearer-than-the-positive",
        _SEMI_HARD + "Yours are nearer than it.",
        _chooser(candidates=lambda to, others, near, alpha: others & (to < near)),
    ),
    Misunderstanding(
        "farthest",
        _SEMI_HARD + "You take the farthest, which teaches least.",
        _chooser(choose=lambda to, candidates: [max(candidates, key=to.__getitem__)]),
    ),
    Misunderstanding(
        "first-that-is-farther",
        _SEMI_HARD + "You take the first that is farther.",
        _chooser(choose=lambda to, candidates: [candidates[0]]),
    ),
    Misunderstanding(
        "first-of-another-resident",
        _SEMI_HARD + "You take the first picture of another resident, wherever it is.",
        _chooser(candidates=lambda to, others, near, alpha: others, choose=lambda to, candidates: [candidates[0]]),
    ),
    Misunderstanding(
        "every-negative-that-costs",
        _SEMI_HARD + "You keep all those that cost something. A pair has one negative.",
        _chooser(choose=lambda to, candidates: candidates),
    ),
    Misunderstanding(
        "beyond-the-margin",
        _SEMI_HARD + "Yours are farther by α as well, so they cost nothing and teach nothing.",
        _chooser(
            candidates=lambda to, others, near, alpha: others & (to > near + alpha),
            keep=lambda near, far, alpha: True,
        ),
    ),
    Misunderstanding(
        "farthest-where-none-is-farther",
        "A pair without a negative farther than its positive gives no triplet. You take the farthest there is, as some "
        "libraries do.",
        _chooser(otherwise=lambda to, others: np.flatnonzero(others)[[to[others].argmax()]]),
    ),
    Misunderstanding(
        "hinge-forgotten",
        _COSTS + "you keep those too that cost nothing.",
        _chooser(keep=lambda near, far, alpha: True),
    ),
    Misunderstanding(
        "only-what-costs-nothing",
        _COSTS + "you keep the others.",
        _chooser(keep=lambda near, far, alpha: far >= near + alpha),
    ),
    Misunderstanding(
        "alpha-left-out",
        _COSTS + "you keep none at all. Without + α on the positive's side nothing can be farther than it and cost "
        "something.",
        _chooser(keep=lambda near, far, alpha: far < near),
    ),
    Misunderstanding(
        "alpha-hard-coded",
        _COSTS + "yours takes 0.2 whatever alpha says.",
        _chooser(keep=lambda near, far, alpha: far < near + 0.2),
    ),
    Misunderstanding(
        "distances-not-squared",
        _SQUARED + "you take the square root, so the margin α is another.",
        _chooser(distances=lambda f: np.sqrt(_squares(f))),
    ),
    Misunderstanding(
        "absolute-differences",
        _SQUARED + "you add up absolute differences.",
        _chooser(distances=lambda f: np.abs(f[:, None] - f).sum(-1)),
    ),
    Misunderstanding(
        "mean-of-squares",
        _SQUARED + "you take the mean of the squares, so the margin α is another.",
        _chooser(distances=lambda f: _squares(f) / f.shape[1]),
    ),
    Misunderstanding(
        "dot-product-for-distance",
        _SQUARED + "you compare products, which are large where encodings are alike.",
        _chooser(distances=lambda f: f @ f.T),
    ),
    Misunderstanding(
        "unit-norm-taken-for-granted",
        _SQUARED + "2 − 2 f·g is that only where encodings have unit norm. In general it is ‖f‖² + ‖g‖² − 2 f·g.",
        _chooser(distances=lambda f: 2 - 2 * f @ f.T),
    ),
    Misunderstanding(
        "encodings-normalised",
        "You divide the encodings by their norms. Take them as they are: the encoder has done what it does.",
        _chooser(distances=lambda f: _squares(f / np.linalg.norm(f, axis=1, keepdims=True))),
    ),
    Misunderstanding(
        "anchor-as-its-own-positive",
        _EVERY_PAIR + "yours also pair a picture with itself.",
        _chooser(positives=lambda d, labels, a: np.flatnonzero(labels == labels[a])),
    ),
    Misunderstanding(
        "each-pair-once",
        _EVERY_PAIR + "you take (i, j) and leave out (j, i), where the anchor is another.",
        _chooser(positives=lambda d, labels, a: [p for p in _same_label(d, labels, a) if p > a]),
    ),
    Misunderstanding(
        "hardest-positive-only",
        _EVERY_PAIR + "you keep the farthest positive of each anchor alone.",
        _chooser(positives=lambda d, labels, a: sorted(_same_label(d, labels, a), key=d[a].__getitem__)[-1:]),
    ),
    Misunderstanding(
        "nearest-positive-only",
        _EVERY_PAIR + "you keep the nearest positive of each anchor alone.",
        _chooser(positives=lambda d, labels, a: sorted(_same_label(d, labels, a), key=d[a].__getitem__)[:1]),
    ),
    Misunderstanding(
        "first-positive-only",
        _EVERY_PAIR + "you stop after the first positive of each anchor.",
        _chooser(positives=lambda d, labels, a: _same_label(d, labels, a)[:1]),
    ),
    Misunderstanding(
        "positive-of-any-label",
        _EVERY_PAIR + "yours take any picture for the positive. It shows the anchor's resident.",
        _chooser(positives=lambda d, labels, a: [p for p in range(len(labels)) if p != a]),
    ),
    Misunderstanding(
        "negative-of-any-label",
        _SEMI_HARD + "Yours may show the anchor's own resident.",
        _chooser(others=lambda labels, a: np.arange(len(labels)) != a),
    ),
    Misunderstanding(
        "labels-taken-for-sorted",
        "You take it that the pictures of a resident stand side by side, equally many of each. Look at the labels: "
        "they come in any order.",
        _chooser(labels=lambda labels: np.arange(len(labels)) // (len(labels) // len(set(labels.tolist())))),
    ),
    Misunderstanding(
        "anchor-and-positive-swapped",
        "Anchors and positives have changed places: the negative's distance is measured from the anchor, and the "
        "anchors are the first row.",
        _chooser(order=lambda a, p, n: (p, a, n)),
    ),
    Misunderstanding(
        "negatives-before-positives",
        _ROWS + "Yours has the negatives in the second row.",
        _chooser(order=lambda a, p, n: (a, n, p)),
    ),
    Misunderstanding(
        "labels-for-indices",
        _ROWS + "You return whom the pictures show: return where they stand in the batch.",
        _chooser(rows=lambda triplets, labels: labels[np.array(triplets, int).reshape(-1, 3).T]),
    ),
    Misunderstanding(
        "one-row-per-triplet",
        _ROWS + "Yours has one row for each triplet: turn it round, with np.transpose or zip(*triplets).",
        _chooser(rows=lambda triplets, labels: triplets),
    ),
    Misunderstanding(
        "no-rows-without-triplets",
        "Where no triplet is left, return three empty rows. zip(*triplets) and np.transpose(triplets) have none then.",
        _chooser(rows=lambda triplets, labels: list(zip(*triplets, strict=True))),
    ),
    returns([[1, 4], [3, 0], [0, 2]]),
]

EXERCISE = Exercise(
    name="choose_triplets",
    cases=cases("face-recognition", "choose_triplets", _prepared),
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[Property("encodings and labels are not written to", spoils_nothing("encodings", "labels"))],
    call=_call,
    advice={"count": _PENCIL, "triplets": _PENCIL},
)
