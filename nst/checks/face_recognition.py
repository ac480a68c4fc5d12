"""The exercises of face-recognition: `check(function)`, and `compare(function, …)` for hidden tests.

No solution is written here: what is right comes from the stored reference, or from the caller of `compare`. What the
wrong functions share is no function before one of its parts is wrong.
"""

import copy
from dataclasses import replace

import numpy as np

from nst.checks.engine import Unusable, check_function, compare_function, find_problem, observe
from nst.checks.exercise import Exercise, Misunderstanding, Property, load_reference
from nst.checks.probes import as_tensors, spoils_nothing
from nst.checks.wrong_versions import hard_coded, parts_of, returns
from nst.quiet import tf

_REFERENCE = load_reference("face-recognition")


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

    A `TinyEncoder` makes a model you can compute by hand; a Keras model will do as well. Raises AssertionError on a
    mismatch, with the hint of the misunderstanding that gives the same result.
    """
    name = getattr(function, "__name__", "")
    if name == "choose_triplets":
        expected = len(expected), _sorted(expected)
    elif name == "who_is_it":
        expected = expected[0], _place(expected[1], inputs[1])
    compare_function(EXERCISES, function, *inputs, expected=expected, **options)


class TinyEncoder:
    """An encoder small enough to compute by hand, which is called like a Keras model.

    kernel: (H, W, 3, d), bias: (d,). Pictures (n, H, W, 3) from 0 to 1 have the encodings
    `einsum("nhwc,hwcd->nd", pictures, kernel) + bias`, each divided by its norm: (n, d) of unit norm.
    asked: how often it was called.
    """

    def __init__(self, kernel, bias):
        self._kernel, self._bias = tf.constant(kernel, tf.float32), tf.constant(bias, tf.float32)
        self.input_shape = (None, *self._kernel.shape[:3])
        self.asked = 0

    def __call__(self, pictures, training=False):
        """The encodings, a tensor; with training=True those of a batch normalisation: less the batch's mean."""
        self.asked += 1
        pictures = tf.cast(tf.convert_to_tensor(pictures), tf.float32)
        if len(pictures.shape) != 4 or pictures.shape[1:] != self._kernel.shape[:3]:
            # As Keras says it.
            raise ValueError(
                "Input 0 of layer 'tiny_encoder' is incompatible with the layer: expected "
                f"shape={self.input_shape}, found shape={tuple(pictures.shape)}"
            )
        if training:
            pictures = pictures - tf.reduce_mean(pictures, [0, 1, 2])
        encodings = tf.einsum("nhwc,hwcd->nd", pictures, self._kernel) + self._bias
        return encodings / tf.norm(encodings, axis=1, keepdims=True)

    def predict(self, pictures, batch_size=None, verbose="auto"):
        """The encodings, an array."""
        return self(pictures).numpy()

    def predict_on_batch(self, pictures):
        """The encodings, an array."""
        return self(pictures).numpy()


def _cases(name, prepare=lambda case: case):
    return list(map(prepare, _REFERENCE[name]))


# triplet_loss(y_true, y_pred, alpha=0.2)


def _loss(**wrong):
    """A triplet_loss with a wrong part: the three encodings, a distance, what one triplet costs, and all of them."""
    parts = parts_of(
        wrong,
        split=lambda y_true, y_pred: y_pred,
        distance=lambda f, g: tf.reduce_sum(tf.square(f - g), axis=-1),
        far=lambda a, p, n: (a, n),
        gap=lambda near, far, alpha: near - far + alpha,
        hinge=lambda gap, alpha: tf.maximum(gap, 0.0),
        total=tf.reduce_sum,
    )

    def function(y_true, y_pred, alpha=0.2):
        a, p, n = (parts.split(y_true, y_pred)[i] for i in range(3))
        near, far = parts.distance(a, p), parts.distance(*parts.far(a, p, n))
        return parts.total(parts.hinge(parts.gap(near, far, alpha), alpha))

    return function


_SQUARES = "A distance here is the sum of the squared differences, ‖a − p‖²: "
_HINGE = "The hinge is max(…, 0) of every triplet: a triplet that is far enough apart costs nothing. "
_ALPHA = "The margin α is added inside the hinge, once for each triplet: "
_SUM_TRIPLETS = "The loss is the sum over the triplets: "


def _triplet_loss_case(case):
    y_true, y_pred = case.inputs
    return replace(case, inputs=(y_true, list(y_pred.values())))


TRIPLET_LOSS_CASES = _cases("triplet_loss", _triplet_loss_case)

TRIPLET_LOSS = [
    Misunderstanding(
        "batch-summed-before-the-hinge",
        "You sum over the whole batch before the hinge, so easy triplets pay for hard ones. 350.026, an old key of the "
        "published inputs, is this slip. Sum over axis −1, take max(…, 0) of each triplet, then add up.",
        _loss(distance=lambda f, g: tf.reduce_sum(tf.square(f - g))),
    ),
    Misunderstanding(
        "max-of-the-sum",
        _HINGE + "You add up first and take the maximum of the sum.",
        _loss(hinge=lambda gap, alpha: gap, total=lambda gaps: tf.maximum(tf.reduce_sum(gaps), 0.0)),
    ),
    Misunderstanding(
        "no-hinge",
        _HINGE + "Yours has none, so it is rewarded for pushing easy negatives ever farther away.",
        _loss(hinge=lambda gap, alpha: gap),
    ),
    Misunderstanding(
        "square-for-hinge",
        _HINGE + "You square instead, so a triplet that is right already costs as much as a wrong one.",
        _loss(hinge=lambda gap, alpha: tf.square(gap)),
    ),
    Misunderstanding(
        "absolute-value-for-hinge",
        _HINGE + "You take the absolute value instead.",
        _loss(hinge=lambda gap, alpha: tf.abs(gap)),
    ),
    Misunderstanding(
        "minimum-for-maximum",
        _HINGE + "You take the minimum, so only those count that should not.",
        _loss(hinge=lambda gap, alpha: tf.minimum(gap, 0.0)),
    ),
    Misunderstanding(
        "hinge-per-number",
        "Your hinge looks at every number of an encoding by itself. First sum over axis −1, so that each triplet has "
        "its two distances, then take the maximum.",
        _loss(distance=lambda f, g: tf.square(f - g)),
    ),
    Misunderstanding(
        "summed-over-the-triplets-first",
        "You sum over axis 0, the triplets. A distance is a sum over the numbers of an encoding: axis −1.",
        _loss(distance=lambda f, g: tf.reduce_sum(tf.square(f - g), axis=0)),
    ),
    Misunderstanding(
        "mean-over-triplets", _SUM_TRIPLETS + "you take the mean of what they cost.", _loss(total=tf.reduce_mean)
    ),
    Misunderstanding(
        "mean-over-costly-triplets",
        _SUM_TRIPLETS + "you divide it by the number of those that cost something.",
        _loss(total=lambda costs: tf.math.divide_no_nan(tf.reduce_sum(costs), tf.reduce_sum(tf.sign(costs)))),
    ),
    Misunderstanding(
        "one-cost-per-triplet", _SUM_TRIPLETS + "you return what each of them costs.", _loss(total=tf.identity)
    ),
    Misunderstanding(
        "mean-of-squares",
        _SQUARES + "you take the mean.",
        _loss(distance=lambda f, g: tf.reduce_mean(tf.square(f - g), axis=-1)),
    ),
    Misunderstanding(
        "distances-not-squared",
        _SQUARES + "you take its square root. Leave the norm squared.",
        _loss(distance=lambda f, g: tf.norm(f - g, axis=-1)),
    ),
    Misunderstanding(
        "absolute-differences",
        _SQUARES + "you add up absolute differences.",
        _loss(distance=lambda f, g: tf.reduce_sum(tf.abs(f - g), axis=-1)),
    ),
    Misunderstanding(
        "differences-not-squared",
        _SQUARES + "you add up the differences themselves, so positive and negative ones cancel.",
        _loss(distance=lambda f, g: tf.reduce_sum(f - g, axis=-1)),
    ),
    Misunderstanding(
        "positive-and-negative-swapped",
        "The loss grows as the positive comes nearer: anchor to positive counts with plus, anchor to negative with "
        "minus. y_pred holds anchors, positives, negatives, in this order.",
        _loss(gap=lambda near, far, alpha: far - near + alpha),
    ),
    Misunderstanding(
        "positive-to-negative",
        "Both distances begin at the anchor. Yours to the negative begins at the positive.",
        _loss(far=lambda a, p, n: (p, n)),
    ),
    Misunderstanding(
        "positives-only",
        "The negatives are missing. Without them the encoder may answer the same to every face.",
        _loss(gap=lambda near, far, alpha: near + alpha),
    ),
    Misunderstanding("alpha-left-out", _ALPHA + "yours is left out.", _loss(gap=lambda near, far, alpha: near - far)),
    Misunderstanding(
        "alpha-subtracted", _ALPHA + "you subtract it.", _loss(gap=lambda near, far, alpha: near - far - alpha)
    ),
    Misunderstanding(
        "alpha-hard-coded",
        "Your loss takes 0.2 whatever alpha says. Use the argument.",
        _loss(gap=lambda near, far, alpha: near - far + 0.2),
    ),
    Misunderstanding(
        "alpha-outside-the-hinge",
        _ALPHA + "you add it after the maximum, so every triplet costs α at least.",
        _loss(gap=lambda near, far, alpha: near - far, hinge=lambda gap, alpha: tf.maximum(gap, 0.0) + alpha),
    ),
    Misunderstanding(
        "alpha-as-the-floor",
        _ALPHA + "you take max(…, α). The floor is 0.",
        _loss(gap=lambda near, far, alpha: near - far, hinge=lambda gap, alpha: tf.maximum(gap, alpha)),
    ),
    Misunderstanding(
        "y-true-used",
        "You look into y_true. Keras passes it to every loss, and here nothing is in it: the encodings are in y_pred.",
        _loss(split=lambda y_true, y_pred: y_true),
    ),
    hard_coded(TRIPLET_LOSS_CASES),
]


def _call_triplet_loss(function, y_true, y_pred, **options):
    return function(y_true, as_tensors(y_pred), **options)


# choose_triplets(encodings, labels, alpha=0.2)


def _squares(encodings):
    return np.square(encodings[:, None] - encodings).sum(-1)


def _chooser(**wrong):
    """A choose_triplets with a wrong part: distances, pairs, who may be a negative, which is it, is it kept."""
    parts = parts_of(
        wrong,
        labels=lambda labels: labels,
        distances=_squares,
        positives=lambda d, labels, a: [p for p in range(len(labels)) if p != a and labels[p] == labels[a]],
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


def _same_label(d, labels, a):
    return np.flatnonzero((labels == labels[a]) & (np.arange(len(labels)) != a))


_SEMI_HARD = (
    "The negative is the nearest picture of another resident among those that are farther from the anchor than the "
    "positive is. "
)
_EVERY_PAIR = "Every ordered pair of two pictures of a resident is an (anchor, positive): "
_COSTS = "A triplet is kept if it costs something, ‖a − n‖² < ‖a − p‖² + α: "
_SQUARED = "Distances are squared Euclidean ones, ‖f − g‖²: "
_ROWS = "Return three rows of indices: anchors, positives, negatives. "

CHOOSE_TRIPLETS = [
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


def _call_choose_triplets(function, *inputs, **options):
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
    return rows.shape[1], _sorted(rows.T)


def _sorted(triplets):
    return np.array(sorted(tuple(map(int, triplet)) for triplet in triplets), int).reshape(-1, 3)


def _choose_triplets_case(case):
    encodings, labels = case.inputs
    triplets = _sorted(case.expected["triplets"])
    return replace(
        case, inputs=(encodings, labels.astype(int)), expected={"count": len(triplets), "triplets": triplets}
    )


# img_to_encoding(image, model)


def _encoding(**wrong):
    """An img_to_encoding with a wrong part: scaling, the batch, how the model is asked, what is taken of the answer."""
    parts = parts_of(
        wrong,
        scale=lambda image: image / 255,
        batch=lambda picture: picture[None],
        ask=lambda model, batch: model(batch, training=False),
        finish=lambda encodings: np.asarray(encodings)[0],
    )

    def function(image, model):
        return parts.finish(parts.ask(model, parts.batch(parts.scale(image))))

    return function


_FROM_0_TO_1 = "The encoder learnt from pictures from 0 to 1: divide by 255, and do nothing else to the picture. "
_BATCH = "A model takes a batch: put an axis in front, image[None], so that one picture is (1, H, W, 3). "
_ONE = "Return the encoding of the one picture, (d,): "
_GIVEN = Misunderstanding(
    "global-model",
    "You ask a model of your notebook, or none. Use the argument `model`: the tests bring one of their own.",
    lambda *inputs, **options: np.float32(0),
)

IMG_TO_ENCODING = [
    Misunderstanding(
        "not-divided", _FROM_0_TO_1 + "Yours is still from 0 to 255.", _encoding(scale=lambda image: image)
    ),
    Misunderstanding(
        "divided-twice", _FROM_0_TO_1 + "You divide twice.", _encoding(scale=lambda image: image / 255 / 255)
    ),
    Misunderstanding(
        "divided-by-256", _FROM_0_TO_1 + "You divide by 256, so white is not 1.", _encoding(scale=lambda x: x / 256)
    ),
    Misunderstanding(
        "divided-without-remainder",
        _FROM_0_TO_1 + "Yours is 0 nearly everywhere: // and uint8 cut off what is behind the point.",
        _encoding(scale=lambda image: image // 255),
    ),
    Misunderstanding(
        "minus-one-to-one", _FROM_0_TO_1 + "Yours is from −1 to 1.", _encoding(scale=lambda x: x / 127.5 - 1)
    ),
    Misunderstanding(
        "divided-by-its-largest",
        _FROM_0_TO_1 + "You divide by the picture's own largest number.",
        _encoding(scale=lambda image: image / image.max()),
    ),
    Misunderstanding(
        "standardised",
        _FROM_0_TO_1 + "You subtract the picture's mean and divide by its standard deviation.",
        _encoding(scale=lambda image: (image - image.mean()) / image.std()),
    ),
    Misunderstanding(
        "imagenet-normalisation",
        _FROM_0_TO_1 + "ImageNet's mean and standard deviation belong to the networks of other assignments.",
        _encoding(scale=lambda x: (x / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])),
    ),
    Misunderstanding(
        "colours-reversed",
        "You turn the colours round, blue first, as OpenCV has them. Here they are red, green, blue already.",
        _encoding(scale=lambda image: image[..., ::-1] / 255),
    ),
    Misunderstanding(
        "channels-first",
        "You put the colours first, as the published FaceNet wants them. This encoder takes them last: leave the axes "
        "as they are.",
        _encoding(scale=lambda image: image.transpose(2, 0, 1) / 255),
    ),
    Misunderstanding(
        "rows-and-columns-swapped",
        "You swap the rows and columns of the picture. Leave its axes as they are.",
        _encoding(scale=lambda image: image.transpose(1, 0, 2) / 255),
    ),
    Misunderstanding("no-batch-axis", _BATCH + "Yours has none.", _encoding(batch=lambda picture: picture)),
    Misunderstanding(
        "batch-axis-left-on", _ONE + "yours has the batch's axis in front. Take row 0.", _encoding(finish=np.asarray)
    ),
    Misunderstanding(
        "first-number-only",
        _ONE + "yours is its first number.",
        _encoding(finish=lambda encodings: np.asarray(encodings)[0, 0]),
    ),
    Misunderstanding(
        "divided-by-its-sum",
        _ONE + "as the model gives it. You divide it by its sum.",
        _encoding(finish=lambda encodings: np.asarray(encodings)[0] / np.sum(encodings)),
    ),
    Misunderstanding(
        "training-mode",
        "With training=True the batch normalisation looks at this one picture instead of what it has learnt. Say "
        "training=False.",
        _encoding(ask=lambda model, batch: model(batch, training=True)),
    ),
    _GIVEN,
]


def _ask(function, *inputs, **options):
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


def _img_to_encoding_case(case):
    image, *weights = case.inputs
    return replace(case, inputs=(image.astype(np.uint8), TinyEncoder(*weights)))


# verify(image, identity, database, model, threshold=0.7) and who_is_it(image, database, model, threshold=0.7)


def _norm(f, g):
    return float(np.linalg.norm(f - g))


def _limit(threshold):
    return 0.7 if threshold is None else threshold


def _verify(**wrong):
    """A verify with a wrong part: the entry of the database, the distance, the threshold, the door, the result."""
    parts = parts_of(
        wrong,
        encode=lambda image, model: model(image[None] / 255).numpy()[0],
        entry=lambda database, identity, encoding: database[identity],
        distance=_norm,
        limit=_limit,
        opens=lambda distance, limit: distance < limit,
        finish=lambda distance, door: (distance, door),
    )

    def function(image, identity, database, model, threshold=None):
        encoding = parts.encode(image, model)
        distance = parts.distance(encoding, parts.entry(database, identity, encoding))
        return parts.finish(distance, bool(parts.opens(distance, parts.limit(threshold))))

    return function


def _who(**wrong):
    """A who_is_it with a wrong part: the distance, which entry it is, the threshold, who is known, the result."""
    parts = parts_of(
        wrong,
        encode=lambda image, model: model(image[None] / 255).numpy()[0],
        distance=_norm,
        choose=lambda distances, limit: min(distances, key=distances.get),
        found=lambda distances, chosen, limit: distances[chosen],
        name=lambda distances, chosen, limit: chosen,
        limit=_limit,
        known=lambda distance, limit: distance <= limit,
        stranger=None,
        finish=lambda distance, name, distances: (distance, name),
    )

    def function(image, database, model, threshold=None):
        encoding, limit = parts.encode(image, model), parts.limit(threshold)
        distances = {name: parts.distance(encoding, entry) for name, entry in database.items()}
        chosen = parts.choose(distances, limit)
        distance, name = parts.found(distances, chosen, limit), parts.name(distances, chosen, limit)
        return parts.finish(distance, name if parts.known(distance, limit) else parts.stranger, distances)

    return function


_EUCLIDEAN = "The distance is ‖f − g‖₂, the square root of the sum of the squared differences: "
_DEFAULT = "Where no threshold is given, it is 0.7: "


def _shared(make):
    """What verify and who_is_it can both get wrong."""
    distances = {
        "squared": ("yours has no square root.", lambda f, g: _norm(f, g) ** 2),
        "sum-of-differences": ("you add up the differences, so positive and negative ones cancel.", _sum),
        "absolute-differences": ("you add up absolute differences.", lambda f, g: np.abs(f - g).sum()),
        "mean-for-sum": ("you take the mean of the squares.", lambda f, g: np.sqrt(np.square(f - g).mean())),
        "dot-product": ("you take the product f·g, which is large where they are alike.", lambda f, g: f @ g),
        "one-minus-dot-product": ("you take 1 − f·g.", lambda f, g: 1 - f @ g),
    }
    limits = {
        "default-too-high": (_DEFAULT + "yours is higher, and lets strangers in.", 5),
        "default-too-low": (_DEFAULT + "yours is lower, and keeps residents out.", 0.1),
    }
    return [
        *(Misunderstanding(n, _EUCLIDEAN + hint, make(distance=distance)) for n, (hint, distance) in distances.items()),
        *(
            Misunderstanding(n, hint, make(limit=lambda given, default=default: given or default))
            for n, (hint, default) in limits.items()
        ),
        Misunderstanding(
            "threshold-ignored",
            "Your door is at 0.7 whatever threshold says. Use the argument.",
            make(limit=lambda given: 0.7),
        ),
        _GIVEN,
    ]


def _sum(f, g):
    return np.sum(f - g)


_BELOW = "The door opens where the distance is below the threshold, and only there: "
_DOOR = "Return the distance and whether the door opens, (distance, door_open): "
_IDENTITY = "The card says who somebody claims to be: compare with database[identity]. "

VERIFY = [
    Misunderstanding(
        "door-reversed",
        _BELOW + "yours opens where it is above. A small distance means the same face.",
        _verify(opens=lambda distance, limit: distance > limit),
    ),
    Misunderstanding("always-shut", _BELOW + "yours never opens.", _verify(opens=lambda distance, limit: False)),
    Misunderstanding(
        "always-open",
        _BELOW + "yours always opens. Unit-norm encodings are never farther apart than 2: no distance reaches a "
        "threshold such as 5.",
        _verify(opens=lambda distance, limit: True),
    ),
    Misunderstanding(
        "open-at-the-threshold",
        _BELOW + "a distance of exactly the threshold leaves it shut.",
        _verify(opens=lambda distance, limit: distance <= limit),
    ),
    Misunderstanding(
        "first-entry",
        _IDENTITY + "You compare with the first entry, whoever it is.",
        _verify(entry=lambda database, identity, encoding: next(iter(database.values()))),
    ),
    Misunderstanding(
        "nearest-of-all",
        _IDENTITY + "You compare with whoever is nearest, so any resident's card will do.",
        _verify(entry=lambda database, identity, encoding: min(database.values(), key=lambda e: _norm(e, encoding))),
    ),
    Misunderstanding("door-alone", _DOOR + "yours is the door alone.", _verify(finish=lambda distance, door: door)),
    Misunderstanding(
        "distance-alone", _DOOR + "yours is the distance alone.", _verify(finish=lambda distance, door: distance)
    ),
    Misunderstanding(
        "door-first", _DOOR + "yours has the door first.", _verify(finish=lambda distance, door: (door, distance))
    ),
    Misunderstanding(
        "text-for-the-door",
        _DOOR + "the door is True or False, not a text.",
        _verify(finish=lambda distance, door: (distance, "welcome" if door else "go away")),
    ),
    *_shared(_verify),
]


def _pair(result):
    return isinstance(result, (tuple, list)) and len(result) == 2


def _truth(value):
    return np.shape(value) == () and np.asarray(value).dtype == bool


def _call_verify(function, *inputs, **options):
    result = _ask(function, *inputs, **options)
    if not _pair(result):
        return result
    distance, door = result
    if _truth(distance) and not _truth(door):
        raise Unusable("returns the door first; expected were distance, then door_open.")
    if not _truth(door):
        kind = "a text" if isinstance(door, str) else "something else"
        raise Unusable(f"returns {kind} for door_open; expected was True or False.")
    return distance, int(door)


_NEAREST = "The entry with the smallest distance of all is the one: "
_STRANGER = "The name is None where even the nearest is farther than the threshold: "
_TWO = "Return two things, (distance, name): "


def _beneath(distances, limit):
    """The entries below the threshold, or the nearest where there is none."""
    below = [name for name, distance in distances.items() if distance < limit]
    return below or [min(distances, key=distances.get)]


WHO_IS_IT = [
    Misunderstanding(
        "last-entry",
        _NEAREST + "yours is always the last. Do you set the minimum anew inside the loop?",
        _who(choose=lambda distances, limit: list(distances)[-1]),
    ),
    Misunderstanding(
        "first-entry",
        _NEAREST + "yours is always the first. Compare each distance with the smallest so far.",
        _who(choose=lambda distances, limit: next(iter(distances))),
    ),
    Misunderstanding(
        "name-overwritten",
        "Your distance is right, and the name is that of the last entry. Keep the name only where you keep the "
        "distance: inside the if.",
        _who(name=lambda distances, chosen, limit: list(distances)[-1]),
    ),
    Misunderstanding(
        "farthest",
        _NEAREST + "yours is the farthest.",
        _who(choose=lambda distances, limit: max(distances, key=distances.get)),
    ),
    Misunderstanding(
        "first-below-the-threshold",
        _NEAREST + "yours is the first below the threshold. Somebody nearer may follow.",
        _who(choose=lambda distances, limit: _beneath(distances, limit)[0]),
    ),
    Misunderstanding(
        "last-below-the-threshold",
        _NEAREST + "yours is the last below the threshold.",
        _who(choose=lambda distances, limit: _beneath(distances, limit)[-1]),
    ),
    Misunderstanding(
        "minimum-starts-at-the-threshold",
        _NEAREST + "you begin with the threshold, so whoever is farther is not seen. Begin with something that every "
        "distance is below, such as infinity.",
        _who(found=lambda distances, chosen, limit: min(distances[chosen], limit), known=lambda d, limit: d < limit),
    ),
    Misunderstanding("always-a-name", _STRANGER + "yours always has a name.", _who(known=lambda distance, limit: True)),
    Misunderstanding("never-a-name", _STRANGER + "yours never has a name.", _who(known=lambda distance, limit: False)),
    Misunderstanding(
        "reversed", _STRANGER + "yours has names for strangers only.", _who(known=lambda d, limit: d > limit)
    ),
    Misunderstanding(
        "text-for-none",
        _STRANGER + "yours is a text. Print what you like, and return None.",
        _who(stranger="Not in the database."),
    ),
    Misunderstanding(
        "no-distance-for-strangers",
        _TWO + "the distance of the nearest is there even where nobody is near enough.",
        _who(finish=lambda distance, name, distances: (distance if name else None, name)),
    ),
    Misunderstanding(
        "three-values",
        _TWO + "yours has three.",
        _who(finish=lambda distance, name, distances: (distance, name, bool(name))),
    ),
    Misunderstanding(
        "name-first", _TWO + "yours has the name first.", _who(finish=lambda distance, name, all: (name, distance))
    ),
    Misunderstanding(
        "place-for-name",
        _TWO + "the name is the key in the database, not where it stands.",
        _who(finish=lambda distance, name, distances: (distance, [*distances, None].index(name))),
    ),
    Misunderstanding("name-alone", _TWO + "yours is the name alone.", _who(finish=lambda d, name, distances: name)),
    Misunderstanding("distance-alone", _TWO + "yours is the distance alone.", _who(finish=lambda d, name, all: d)),
    *_shared(_who),
]


def _place(name, names):
    return -1 if name is None else list(names).index(name)


def _call_who_is_it(function, image, database, model, **options):
    names = list(database)
    result = _ask(function, image, database, model, **options)
    if not _pair(result):
        return result
    distance, name = result
    if isinstance(distance, str):
        raise Unusable("returns the name first; expected were distance, then name.")
    if name is not None and (not isinstance(name, str) or name not in names):
        kind = "a text that is no name in the database" if isinstance(name, str) else "something else"
        raise Unusable(f"returns {kind} for name; expected was a name in the database, or None.")
    return distance, _place(name, names)


def _door_case(case):
    image, *middle, kernel, bias = case.inputs
    expected = dict(case.expected)
    if "name" in expected:
        expected["name"] = _place(expected["name"], middle[-1])
    return replace(case, inputs=(image.astype(np.uint8), *middle, TinyEncoder(kernel, bias)), expected=expected)


# acceptance_rates(same, different, threshold)


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

ACCEPTANCE_RATES = [
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


# probability_same(f_1, f_2, w, b, similarity="absolute")


def _head(**wrong):
    """A probability_same with a wrong part: what is compared, weighed, added, and made of the sum."""
    parts = parts_of(
        wrong,
        similarity=lambda similarity: similarity,
        absolute=lambda f, g: tf.abs(f - g),
        chi2=lambda f, g: tf.math.divide_no_nan(tf.square(f - g), f + g),
        weigh=lambda u, w: tf.reduce_sum(u * w, axis=-1),
        shift=lambda z, b: z + b,
        squash=tf.sigmoid,
        finish=lambda p: p,
    )

    def function(f_1, f_2, w, b, similarity="absolute"):
        compare = parts.absolute if parts.similarity(similarity) == "absolute" else parts.chi2
        return parts.finish(parts.squash(parts.shift(parts.weigh(compare(f_1, f_2), w), b)))

    return function


def _not_a_number(f, g):
    return tf.square(f - g) / (f + g)


_SIGMOID = "A probability is the sigmoid of the sum, 1 / (1 + exp(−z)): "
_WEIGHTED = "z is Σ w_k u_k + b, each u_k with its own weight: "
_BIAS = "z is Σ w_k u_k + b, the bias added once at the end: "
_ABSOLUTE = "u_k is |f_1 − f_2|, number by number: "
_CHI2 = "For chi2, u_k is (f_1 − f_2)² / (f_1 + f_2), number by number: "
_PER_PAIR = "Return one probability for each pair, shape (n,): "

PROBABILITY_SAME_CASES = _cases("probability_same")

PROBABILITY_SAME = [
    Misunderstanding("no-sigmoid", _SIGMOID + "you return z itself.", _head(squash=tf.identity)),
    Misunderstanding(
        "softmax-for-sigmoid",
        _SIGMOID + "softmax makes the pairs of a batch compete with one another.",
        _head(squash=tf.nn.softmax),
    ),
    Misunderstanding(
        "probability-of-different",
        _SIGMOID + "yours is 1 − p. The signs of w and b are learnt, so leave z as it is.",
        _head(squash=lambda z: tf.sigmoid(-z)),
    ),
    Misunderstanding("rounded", _SIGMOID + "you round it. Leave the decision to a threshold.", _head(finish=tf.round)),
    Misunderstanding(
        "sigmoid-before-the-sum",
        _SIGMOID + "you take it of each term, before you add them up.",
        _head(weigh=lambda u, w: u * w, squash=lambda z: tf.reduce_sum(tf.sigmoid(z), axis=-1)),
    ),
    Misunderstanding("bias-left-out", _BIAS + "yours is left out.", _head(shift=lambda z, b: z)),
    Misunderstanding("bias-subtracted", _BIAS + "you subtract it.", _head(shift=lambda z, b: z - b)),
    Misunderstanding(
        "bias-in-every-term",
        _BIAS + "you add it to every term.",
        _head(weigh=lambda u, w: u * w, shift=lambda terms, b: tf.reduce_sum(terms + b, axis=-1)),
    ),
    Misunderstanding(
        "bias-after-the-sigmoid",
        _BIAS + "you add it behind the sigmoid.",
        _head(shift=lambda z, b: tf.sigmoid(z) + b, squash=tf.identity),
    ),
    Misunderstanding(
        "weights-ignored", _WEIGHTED + "w is not used.", _head(weigh=lambda u, w: tf.reduce_sum(u, axis=-1))
    ),
    Misunderstanding(
        "summed-before-the-weights",
        _WEIGHTED + "you add up the u_k first, and the weights apart.",
        _head(weigh=lambda u, w: tf.reduce_sum(u, axis=-1) * tf.reduce_sum(w)),
    ),
    Misunderstanding(
        "mean-for-sum", _WEIGHTED + "you take the mean.", _head(weigh=lambda u, w: tf.reduce_mean(u * w, axis=-1))
    ),
    Misunderstanding(
        "no-absolute-value",
        _ABSOLUTE + "without the bars it matters which picture comes first.",
        _head(absolute=lambda f, g: f - g),
    ),
    Misunderstanding(
        "absolute-after-the-sum",
        _ABSOLUTE + "you take the bars around the weighted sum.",
        _head(absolute=lambda f, g: f - g, weigh=lambda u, w: tf.abs(tf.reduce_sum(u * w, axis=-1))),
    ),
    Misunderstanding("squared-for-absolute", _ABSOLUTE + "you square.", _head(absolute=lambda f, g: (f - g) ** 2)),
    Misunderstanding(
        "chi2-upside-down",
        _CHI2 + "you divide the sum by the square.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(f + g, tf.square(f - g))),
    ),
    Misunderstanding(
        "chi2-denominator-squared",
        _CHI2 + "you square the denominator too.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(tf.square(f - g), tf.square(f + g))),
    ),
    Misunderstanding(
        "chi2-of-absolute-differences",
        _CHI2 + "yours has |f_1 − f_2| on top. Square it.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(tf.abs(f - g), f + g)),
    ),
    Misunderstanding(
        "chi2-halved", _CHI2 + "the ½ of other texts is not there.", _head(chi2=lambda f, g: _chi2_over(f, g, 2))
    ),
    Misunderstanding("chi2-not-divided", _CHI2 + "yours is not divided.", _head(chi2=lambda f, g: tf.square(f - g))),
    Misunderstanding(
        "chi2-over-one-encoding",
        _CHI2 + "you divide by f_1 alone.",
        _head(chi2=lambda f, g: tf.math.divide_no_nan(tf.square(f - g), f)),
    ),
    Misunderstanding(
        "chi2-with-a-large-epsilon",
        _CHI2 + "a small number in the denominator keeps 0/0 away, and 0.001 is not small. tf.math.divide_no_nan needs "
        "none.",
        _head(chi2=lambda f, g: tf.square(f - g) / (f + g + 1e-3)),
    ),
    Misunderstanding(
        "zero-over-zero",
        _CHI2 + "and 0 where both numbers are 0. There 0/0 is not a number, and it spoils the whole sum: use "
        "tf.math.divide_no_nan.",
        _head(chi2=_not_a_number),
    ),
    Misunderstanding(
        "similarity-ignored",
        'You take absolute differences whatever similarity says. With "chi2" u is another.',
        _head(similarity=lambda similarity: "absolute"),
    ),
    Misunderstanding(
        "always-chi2",
        'You take chi2 whatever similarity says. With "absolute", the default, u is |f_1 − f_2|.',
        _head(similarity=lambda similarity: "chi2"),
    ),
    Misunderstanding("column", _PER_PAIR + "yours is a column, (n, 1).", _head(finish=lambda p: tf.expand_dims(p, -1))),
    Misunderstanding(
        "summed-over-the-pairs",
        _PER_PAIR + "you add up over the pairs as well. Sum over axis −1.",
        _head(weigh=lambda u, w: tf.reduce_sum(u * w)),
    ),
    hard_coded(PROBABILITY_SAME_CASES),
]


def _chi2_over(f, g, divisor):
    return tf.math.divide_no_nan(tf.square(f - g), divisor * (f + g))


def _call_probability_same(function, f_1, f_2, w, b, **options):
    given = [tf.constant(f_1), tf.constant(f_2), tf.Variable(w), tf.Variable(b, dtype=tf.float32)]
    result = function(*given, **options)
    if isinstance(result, (tf.Tensor, np.ndarray)) and np.any(np.isnan(np.asarray(result, float))):
        raise Unusable("is NaN, not a number, for some pair.")
    return result


# What is probed beside values


def _gradient_reaches(names, arguments):
    """A probe that each array of the first case gets a gradient; arguments: makes the function's of these tensors."""

    def probe(exercise, function):
        arrays = [value for value in tf.nest.flatten(exercise.cases[0].inputs) if value is not None]
        given = [tf.Variable(value, dtype=tf.float32) for value in arrays]
        with tf.GradientTape() as tape:
            result = function(*arguments(*map(tf.convert_to_tensor, given)))
        for name, gradient in zip(names, _gradients(tape, result, given), strict=True):
            if gradient is None or not np.any(gradient):
                raise AssertionError(
                    f"{exercise.name} has the right value, but no gradient reaches {name}, so nothing could be learnt "
                    "from it.\nCompute with TensorFlow's operations from the arguments to what you return: NumPy, "
                    ".numpy(), float() and tf.stop_gradient cut the thread."
                )

    return probe


def _gradients(tape, result, given):
    if not isinstance(result, tf.Tensor):
        return [None] * len(given)
    return [None if g is None else g.numpy() for g in tape.gradient(result, given)]


def _takes_a_tuple(exercise, function):
    case = exercise.cases[-1]
    y_true, y_pred = case.inputs
    outcome = observe(exercise, function, (y_true, tuple(y_pred)), case.options)
    problem = find_problem(exercise, outcome, case.expected.values(), "y_pred as a tuple")
    if problem:
        raise AssertionError(f"{problem}\nTake the three out of it by y_pred[0], y_pred[1] and y_pred[2].")


def _gradient_at_zero(exercise, function):
    case = exercise.cases[-1]
    f_1, f_2, w, b = (tf.Variable(value, dtype=tf.float32) for value in case.inputs)
    with tf.GradientTape() as tape:
        result = function(tf.convert_to_tensor(f_1), tf.convert_to_tensor(f_2), w, b, **case.options)
    (gradient,) = _gradients(tape, result, [f_1])
    if gradient is not None and not np.all(np.isfinite(gradient)):
        return (
            "right, but where both numbers are 0 the gradient of the encodings is NaN, so the encoder could not learn "
            "with this head: tf.where hides the value of 0/0, not its slope; tf.math.divide_no_nan has neither"
        )


# The exercises

_PENCIL = (
    "Take one anchor and one positive, write down the squared distances from the anchor to all pictures of other "
    "residents, and follow the rule with a pencil."
)

EXERCISES = {
    exercise.name: exercise
    for exercise in [
        Exercise(
            name="triplet_loss",
            cases=TRIPLET_LOSS_CASES,
            misunderstandings=TRIPLET_LOSS,
            properties=[
                Property("the three may come as a tuple", _takes_a_tuple),
                Property(
                    "gradients reach anchors, positives and negatives",
                    _gradient_reaches(
                        ("the anchors", "the positives", "the negatives"), lambda *three: (None, list(three))
                    ),
                    needed=True,
                ),
            ],
            call=_call_triplet_loss,
        ),
        Exercise(
            name="choose_triplets",
            cases=_cases("choose_triplets", _choose_triplets_case),
            misunderstandings=CHOOSE_TRIPLETS,
            properties=[Property("encodings and labels are not written to", spoils_nothing("encodings", "labels"))],
            call=_call_choose_triplets,
            advice={"count": _PENCIL, "triplets": _PENCIL},
        ),
        Exercise(
            name="img_to_encoding",
            cases=_cases("img_to_encoding", _img_to_encoding_case),
            misunderstandings=IMG_TO_ENCODING,
            properties=[Property("the picture is not written to", spoils_nothing("image", "model"))],
            call=_ask,
        ),
        Exercise(
            name="verify",
            cases=_cases("verify", _door_case),
            misunderstandings=VERIFY,
            properties=[
                Property(
                    "picture and database are not written to",
                    spoils_nothing("image", "identity", "database", "model"),
                )
            ],
            call=_call_verify,
            builds_on=("img_to_encoding",),
            words={"door_open": lambda opens: str(bool(opens))},
        ),
        Exercise(
            name="who_is_it",
            cases=_cases("who_is_it", _door_case),
            misunderstandings=WHO_IS_IT,
            properties=[
                Property("picture and database are not written to", spoils_nothing("image", "database", "model"))
            ],
            call=_call_who_is_it,
            builds_on=("img_to_encoding",),
            words={"name": lambda place: "None" if place < 0 else f"entry {int(place) + 1} of the database"},
        ),
        Exercise(
            name="acceptance_rates",
            cases=_cases("acceptance_rates"),
            misunderstandings=ACCEPTANCE_RATES,
            properties=[Property("the distances are not written to", spoils_nothing("same", "different", "threshold"))],
        ),
        Exercise(
            name="probability_same",
            cases=PROBABILITY_SAME_CASES,
            misunderstandings=PROBABILITY_SAME,
            properties=[
                Property(
                    "gradients reach w, b and the encodings",
                    _gradient_reaches(("f_1", "f_2", "w", "b"), lambda *four: four),
                    needed=True,
                ),
                Property("gradients are finite where both encodings are 0", _gradient_at_zero),
            ],
            call=_call_probability_same,
        ),
    ]
}
