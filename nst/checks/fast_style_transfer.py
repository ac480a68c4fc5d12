"""The exercises of fast-style-transfer: `check(function)`, and `compare(function, …)` for hidden tests.

No solution is written here: what is right comes from the stored reference, or from the caller of `compare`. What the
wrong functions share is off by a factor, or incomplete, on purpose.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from nst.checks.engine import Unusable, check_function, close, compare_function, fresh, observe
from nst.checks.exercise import Exercise, Misunderstanding, Property, load_reference
from nst.checks.probes import (
    as_tensors,
    compiles,
    costs_nothing,
    gradient_arrives,
    spoils_nothing,
    takes_numpy,
)
from nst.checks.tiny_network import TinyNetwork
from nst.checks.wrong_versions import hard_coded
from nst.quiet import tf

_REFERENCE = load_reference("fast-style-transfer")


def check(function):
    """Hold one of your functions against its stored reference and its properties.

    function: content_loss, gram_matrix, style_loss, tv_loss, style_transfer, inversion_cost or grow_texture, under that
    name. Prints your value beside the reference; raises AssertionError with a hint where something is not right.
    """
    check_function(EXERCISES, function)


def compare(function, *inputs, expected, **options):
    """Hold a function against `expected` on inputs of your own, for hidden tests; the message never tells `expected`.

    The inputs stand in the order of the function's arguments, options by keyword. NumPy arrays of float64 become
    float32, and activations (content_current, features, feats) and img become tensors. Every run gets fresh copies.

    compare(content_loss, content_weight, F, P, expected=number)
    compare(gram_matrix, features, normalize=False, expected=array of shape (N, C, C))
    compare(style_loss, feats, style_layers, style_targets, style_weights, expected=number)
    compare(tv_loss, img, tv_weight, expected=number)
    compare(style_transfer, model, content, style, content_layer, content_weight, style_layers, style_weights,
        tv_weight, init_random=True, seed=7, expected=(start, content cost, style cost, tv cost, total, picture))
    compare(inversion_cost, model, picture, layer, content_weight, tv_weight, x,
        expected=(content cost, tv cost, total))
    compare(grow_texture, cost, sizes, paint, seed=7, expected=the last picture)

    style_transfer is run twice: for 0 iterations, which gives the start, and for 1, which gives the costs of the start
    and the picture after one step. It clips its start to ±1.5, so give it a content picture within them. The function
    that inversion_cost returns is run on x. A `TinyNetwork` makes a model you can compute by hand. Raises
    AssertionError on a mismatch, with the hint of the misunderstanding that gives the same result. A function whose
    values are right is then held to what painting needs: that gradients arrive, and iterations are passed on.
    """
    compare_function(EXERCISES, function, *inputs, expected=expected, **options)


def square_and_add(cost, start):
    """A stand-in for painting: start² + cost(start)."""
    return np.float32(start) ** 2 + np.float32(cost(start))


# Hints that several exercises share

_SQUARED = "You add up the differences themselves, so positive and negative ones cancel. Square them before you sum."
_ABSOLUTE = (
    "You add up absolute differences. The formula squares them: large differences should weigh much more than small "
    "ones."
)
_ROOT = "You take a square root at the end, as for a distance. The formula is the plain sum of squares."
_MEAN = (
    "You take a mean. This assignment's formula is a plain sum, so that its weights mean the same as in the original."
)
_HALF = "Your loss is half the reference: the paper writes ½ in front of the sum, this assignment does not."
_WEIGHT_UNUSED = "Your loss does not listen to its weight. Multiply by it."
_WEIGHT_SQUARED = (
    "The weight counts twice, as if it had been squared with the differences. Multiply the sum by it once."
)
_INTEGER_TENSOR = (
    "tf.constant makes an integer tensor of a weight such as 3, which cannot be multiplied with floats. Write "
    "weight * … with the plain number."
)
_NOT_SCALAR = (
    "The loss is one number, of shape (). Sum over all axes, and begin adding with 0.0 rather than with a list."
)
_OTHER_ASSIGNMENT = (
    "This is the formula of the assignment neural-style-transfer, which divides by the sizes of the layer. The formula "
    "here has other normalisations: look at it again."
)


def _squared(a, b):
    """The sum of all squared differences."""
    return tf.reduce_sum(tf.square(tf.subtract(a, b)))


def _call_with_weight(function, *inputs, at):
    """function(*inputs); Unusable where it stops at the weight, or list of weights, inputs[at] for being integer."""
    try:
        return function(*inputs)
    except Exception as error:
        if "int32" not in str(error):
            raise
        weight = tf.nest.map_structure(float, inputs[at])
        function(*inputs[:at], weight, *inputs[at + 1 :])  # stops in the same way where the weight is not the reason
        raise Unusable("stops where the weight is a whole number.") from error


# content_loss(content_weight, content_current, content_original)

CONTENT_LOSS = [
    Misunderstanding("mean-for-sum", _MEAN, lambda w, F, P: w * tf.reduce_mean(tf.square(F - P))),
    Misunderstanding("half", _HALF, lambda w, F, P: w * _squared(F, P) / 2),
    Misunderstanding("weight-unused", _WEIGHT_UNUSED, lambda w, F, P: _squared(F, P)),
    Misunderstanding("weight-squared", _WEIGHT_SQUARED, lambda w, F, P: _squared(w * F, w * P)),
    Misunderstanding("difference-not-squared", _SQUARED, lambda w, F, P: w * tf.reduce_sum(F - P)),
    Misunderstanding("absolute-difference", _ABSOLUTE, lambda w, F, P: w * tf.reduce_sum(tf.abs(F - P))),
    Misunderstanding("square-root", _ROOT, lambda w, F, P: w * tf.norm(F - P)),
    Misunderstanding(
        "not-subtracted",
        "Only the picture's own activation is in your loss, so nothing draws it to the content. It is the difference "
        "of the two that should become small.",
        lambda w, F, P: w * tf.reduce_sum(tf.square(F)),
    ),
    Misunderstanding(
        "formula-of-the-other-assignment",
        _OTHER_ASSIGNMENT,
        lambda w, F, P: w * tf.reduce_mean(tf.square(F - P)) / 4,
    ),
    Misunderstanding("not-a-scalar", _NOT_SCALAR, lambda w, F, P: w * tf.reduce_sum(tf.square(F - P), [1, 2, 3])),
    Misunderstanding(
        "not-summed",
        "You have the squares, one for every entry. Add them all up.",
        lambda w, F, P: w * tf.square(F - P),
    ),
    Misunderstanding(
        "weights-as-integer-tensors", _INTEGER_TENSOR, lambda w, F, P: tf.constant(w) * _squared(F, P) / 2
    ),
    hard_coded(_REFERENCE["content_loss"]),
]


def _call_content_loss(function, content_weight, F, P):
    return _call_with_weight(function, content_weight, tf.convert_to_tensor(F), P, at=0)


# gram_matrix(features, normalize=True)


def _products(a, b):
    """Every picture's sums of products of a channel of a and a channel of b."""
    return tf.einsum("nhwi,nhwj->nij", a, b)


def _channel_gram(a):
    """Every picture's Gram matrix over H * W * C, without a choice."""
    return _products(a, a) / float(np.prod(a.shape[1:]))


def _gram_of(pairs):
    """A gram_matrix with other entries: pairs(features)."""
    return lambda features, normalize=True: pairs(features) / (float(np.prod(features.shape[1:])) if normalize else 1)


def _gram_over(divisor):
    """A gram_matrix with another divisor: divisor(N, H, W, C)."""
    return lambda features, normalize=True: (
        _products(features, features) / (divisor(*features.shape) if normalize else 1)
    )


def _gram_over_positions(features):
    a = tf.reshape(features, [features.shape[0], -1, features.shape[3]])
    return tf.matmul(a, a, transpose_b=True)


def _gram_reshaped(features):
    N, H, W, C = features.shape
    a = tf.reshape(features, [N, C, H * W])
    return tf.matmul(a, a, transpose_b=True)


def _gram_undefined(features, normalize=True):
    if normalize:
        gram = _products(features, features) / features.shape[1]
    return gram


_MIXED = (
    "With several pictures, theirs come out mixed into one matrix. Keep the first axis: reshape to (N, H·W, C), and "
    "let every picture have a Gram matrix of its own."
)
_DIVISOR = "Your matrix is right up to a factor. With normalize=True it is divided by H · W · C: "
_NOT_NORMALISED = (
    "With normalize=False the sums stay as they are, and your function has no result for that. Give `gram` its value "
    "before the if, and let only the division depend on normalize."
)

GRAM_MATRIX = [
    Misunderstanding(
        "images-mixed",
        _MIXED,
        _gram_of(lambda features: tf.einsum("nhwi,nhwj->ij", features, features)),
    ),
    Misunderstanding(
        "images-mixed-and-kept",
        _MIXED,
        _gram_of(lambda features: tf.einsum("nhwi,nhwj->ij", features, features)[None]),
    ),
    Misunderstanding(
        "images-averaged",
        _MIXED,
        lambda features, normalize=True: (
            tf.einsum("nhwi,nhwj->ij", features, features) / (np.prod(features.shape) if normalize else 1)
        ),
    ),
    Misunderstanding(
        "only-the-first-image",
        "You look at the first picture and forget the others. features holds N of them, and each has a Gram matrix.",
        _gram_of(lambda features: _products(features[:1], features[:1])),
    ),
    Misunderstanding(
        "over-positions",
        "Your matrix compares positions with positions, and has one row for each of them. Style is which channels fire "
        "together: the matrix is (C, C).",
        _gram_of(_gram_over_positions),
    ),
    Misunderstanding(
        "reshaped-not-transposed",
        "Reshaping straight to (C, H·W) reads the numbers in memory order, so a row mixes the channels. Reshape to "
        "(H·W, C) first, then transpose: to swap axes you transpose.",
        _gram_of(_gram_reshaped),
    ),
    Misunderstanding(
        "not-unrolled",
        "matmul multiplies the last two axes, here columns and channels, one row of the picture at a time. Merge "
        "height and width into one axis of positions before you multiply.",
        _gram_of(lambda features: tf.matmul(features, features, transpose_a=True)),
    ),
    Misunderstanding(
        "diagonal-only",
        "You compare every channel with itself. The Gram matrix also compares each channel with every other one.",
        _gram_of(lambda features: tf.reduce_sum(tf.square(features), [1, 2])),
    ),
    Misunderstanding(
        "divided-by-positions",
        _DIVISOR + "the channels are missing.",
        _gram_over(lambda N, H, W, C: H * W),
    ),
    Misunderstanding(
        "divided-by-channels",
        _DIVISOR + "the positions are missing.",
        _gram_over(lambda N, H, W, C: C),
    ),
    Misunderstanding(
        "divided-by-the-number-of-images",
        _DIVISOR + "the number of pictures N has no place there, as every picture has a matrix of its own.",
        _gram_over(lambda N, H, W, C: N * H * W * C),
    ),
    Misunderstanding(
        "divided-twice",
        _DIVISOR + "you divide the features first, so the product holds the divisor squared.",
        _gram_over(lambda N, H, W, C: (H * W * C) ** 2),
    ),
    Misunderstanding(
        "divided-by-twice-the-entries",
        _DIVISOR + "the 2 of other texts is not there.",
        _gram_over(lambda N, H, W, C: 2 * H * W * C),
    ),
    Misunderstanding(
        "normalize-ignored",
        "You divide whatever normalize says. With normalize=False the sums stay as they are.",
        lambda features, normalize=True: _channel_gram(features),
    ),
    Misunderstanding(
        "never-normalised",
        "Nothing is divided. In the assignment neural-style-transfer it was so; here normalize=True, the default, "
        "divides by H · W · C.",
        lambda features, normalize=True: _products(features, features),
    ),
    Misunderstanding(
        "normalize-reversed",
        "It is the wrong way round: divide where normalize is True, and not where it is False.",
        lambda features, normalize=True: _products(features, features) if normalize else _channel_gram(features),
    ),
    Misunderstanding("undefined-when-not-normalised", _NOT_NORMALISED, _gram_undefined),
    Misunderstanding(
        "nothing-when-not-normalised",
        _NOT_NORMALISED,
        lambda features, normalize=True: _channel_gram(features) if normalize else None,
    ),
    hard_coded(_REFERENCE["gram_matrix"]),
]


def _call_gram_matrix(function, features, **options):
    try:
        gram = function(tf.convert_to_tensor(features), **options)
    except UnboundLocalError as error:
        # The message holds the name of the student's variable, which no misunderstanding can know.
        raise Unusable(f"stops with {options or 'the defaults'}: a variable has no value there.") from error
    # The original exercise drops the axis of a single picture.
    single = isinstance(gram, (tf.Tensor, np.ndarray)) and gram.ndim == 2 and len(features) == 1
    return gram[None] if single else gram


# style_loss(feats, style_layers, style_targets, style_weights)


def _style(layer_loss):
    """A style loss of its own kind: layer_loss(activation, target, weight), summed over the layers."""
    return lambda feats, layers, targets, weights: sum(
        layer_loss(feats[name], target, weight) for name, target, weight in zip(layers, targets, weights, strict=True)
    )


def _style_only(which):
    """The loss of the layer at index `which` alone."""
    return lambda feats, layers, targets, weights: (
        weights[which] * _squared(_channel_gram(feats[layers[which]]), targets[which])
    )


def _style_by_position(feats, layers, targets, weights):
    return sum(
        weight * _squared(_channel_gram(a), target)
        for a, target, weight in zip(feats.values(), targets, weights, strict=False)
    )


def _style_by_number(feats, layers, targets, weights):
    return sum(weights[i] * _squared(_channel_gram(feats[i]), targets[i]) for i in range(len(layers)))


def _style_targets_by_name(feats, layers, targets, weights):
    return sum(weights[i] * _squared(_channel_gram(feats[name]), targets[name]) for i, name in enumerate(layers))


def _style_gram_of_target(a, target, weight):
    N, H, W, C = target.shape
    return weight * _squared(_channel_gram(a), _channel_gram(target)) * N * H * W * C


def _style_fixed_channels(a, target, weight):
    a = tf.reshape(a, [1, -1, 64])
    return weight * _squared(tf.matmul(a, a, transpose_a=True) / tf.size(a, out_type=tf.float32), target)


_FEATS_BY_NAME = (
    "feats is a dictionary over layer names, and may hold other layers too, in another order. Look every activation up "
    "under its name from style_layers."
)

STYLE_LOSS = [
    Misunderstanding(
        "only-the-last-layer",
        "Only the last style layer is in your loss: the earlier ones were overwritten. Add up with +=.",
        _style_only(-1),
    ),
    Misunderstanding(
        "only-the-first-layer",
        "Only the first style layer is in your loss: the return stands inside the loop and ends it. Move it out.",
        _style_only(0),
    ),
    Misunderstanding(
        "not-a-scalar",
        _NOT_SCALAR,
        _style(lambda a, target, weight: weight * tf.reduce_sum(tf.square(_channel_gram(a) - target), [1, 2])),
    ),
    Misunderstanding("feats-by-position", _FEATS_BY_NAME, _style_by_position),
    Misunderstanding("feats-by-number", _FEATS_BY_NAME, _style_by_number),
    Misunderstanding(
        "targets-by-name",
        "style_targets and style_weights are lists, in the order of style_layers. Take them by position, or let zip "
        "walk along all three.",
        _style_targets_by_name,
    ),
    Misunderstanding(
        "no-gram-matrix",
        "You compare an activation with a Gram matrix. Take the Gram matrix of the activation first.",
        _style(lambda a, target, weight: weight * _squared(a, target)),
    ),
    Misunderstanding(
        "gram-of-the-target",
        "The style targets are Gram matrices already: only the activations of feats need gram_matrix.",
        _style(_style_gram_of_target),
    ),
    Misunderstanding(
        "channels-hard-coded",
        "You count on 64 channels, and layers differ in their number. Let gram_matrix take the sizes from the "
        "activation.",
        _style(_style_fixed_channels),
    ),
    Misunderstanding(
        "not-normalised",
        "The targets are divided by H · W · C, your Gram matrices are not. Call gram_matrix with its default.",
        _style(lambda a, target, weight: weight * _squared(_products(a, a), target)),
    ),
    Misunderstanding(
        "weights-unused",
        "Every layer counts alike. Multiply the loss of each layer by its weight.",
        _style(lambda a, target, weight: _squared(_channel_gram(a), target)),
    ),
    Misunderstanding(
        "weights-squared",
        "The weights are squared with the differences. Multiply the sum of each layer by its weight, once.",
        _style(lambda a, target, weight: weight**2 * _squared(_channel_gram(a), target)),
    ),
    Misunderstanding(
        "weights-as-integer-tensors",
        _INTEGER_TENSOR,
        _style(lambda a, target, weight: tf.constant(weight) * _squared(_channel_gram(a), target) / 2),
    ),
    Misunderstanding(
        "mean-for-sum",
        _MEAN,
        _style(lambda a, target, weight: weight * tf.reduce_mean(tf.square(_channel_gram(a) - target))),
    ),
    Misunderstanding(
        "half",
        _HALF,
        _style(lambda a, target, weight: weight * _squared(_channel_gram(a), target) / 2),
    ),
    Misunderstanding(
        "averaged-over-layers",
        "You divide by the number of layers. The weights decide how much each layer counts: add the layers up.",
        lambda feats, layers, targets, weights: (
            _style(lambda a, target, weight: weight * _squared(_channel_gram(a), target))(
                feats, layers, targets, weights
            )
            / len(layers)
        ),
    ),
    Misunderstanding(
        "square-root",
        _ROOT,
        _style(lambda a, target, weight: weight * tf.norm(_channel_gram(a) - target)),
    ),
    Misunderstanding(
        "difference-not-squared",
        _SQUARED,
        _style(lambda a, target, weight: weight * tf.reduce_sum(_channel_gram(a) - target)),
    ),
    Misunderstanding(
        "absolute-difference",
        _ABSOLUTE,
        _style(lambda a, target, weight: weight * tf.reduce_sum(tf.abs(_channel_gram(a) - target))),
    ),
    Misunderstanding(
        "formula-of-the-other-assignment",
        _OTHER_ASSIGNMENT,
        _style(lambda a, target, weight: weight * _squared(_channel_gram(a), target) / (4 * a.shape[3] ** 2)),
    ),
    Misunderstanding(
        "formula-of-the-other-assignment-on-bare-sums",
        _OTHER_ASSIGNMENT,
        _style(
            lambda a, target, weight: weight * _squared(_products(a, a), target) / (2 * float(np.prod(a.shape))) ** 2
        ),
    ),
    hard_coded(_REFERENCE["style_loss"]),
]


def _call_style_loss(function, feats, style_layers, style_targets, style_weights):
    feats = {name: tf.convert_to_tensor(a) for name, a in feats.items()}
    return _call_with_weight(function, feats, style_layers, style_targets, style_weights, at=3)


# tv_loss(img, tv_weight)


def _across(img):
    return img[:, :, 1:] - img[:, :, :-1]


def _down(img):
    return img[:, 1:] - img[:, :-1]


def _tv(of_difference):
    """Half a tv loss of its own kind: of_difference(d) for horizontal and for vertical differences."""
    return lambda img, weight: weight * (of_difference(_across(img)) + of_difference(_down(img))) / 2


def _sum_of_squares(x):
    return tf.reduce_sum(tf.square(x))


def _tv_cropped(img, weight):
    corner = img[:, :-1, :-1]
    return weight * (_squared(img[:, 1:, :-1], corner) + _squared(img[:, :-1, 1:], corner))


def _tv_isotropic(img, weight):
    corner = img[:, :-1, :-1]
    squares = tf.square(img[:, 1:, :-1] - corner) + tf.square(img[:, :-1, 1:] - corner)
    return weight * tf.reduce_sum(tf.sqrt(squares))


def _tv_rolled(img, weight):
    return weight * (_squared(tf.roll(img, 1, axis=1), img) + _squared(tf.roll(img, 1, axis=2), img))


def _tv_against_black(img, weight):
    return weight * (
        _sum_of_squares(_across(tf.pad(img, [[0, 0], [0, 0], [0, 1], [0, 0]])))
        + _sum_of_squares(_down(tf.pad(img, [[0, 0], [0, 1], [0, 0], [0, 0]])))
    )


def _tv_sizes(sizes):
    """A tv loss that takes sizes(H, W) for width and height."""

    def function(img, weight):
        W, H = sizes(img.shape[1], img.shape[2])
        return weight * (_squared(img[:, :, 1:W], img[:, :, : W - 1]) + _squared(img[:, 1:H], img[:, : H - 1]))

    return function


_BORDER = (
    "A difference exists between the last row (or column) and the one before it too. There are (H − 1) × W vertical "
    "and H × (W − 1) horizontal pairs: "
)
_SIZES = (
    "Your height and width do not fit the picture: a picture is (1, H, W, 3), so H is axis 1 and W is axis 2. On a "
    "square picture nobody would notice."
)

TV_LOSS = [
    Misunderstanding("both-cropped", _BORDER + "crop each difference in its own direction only.", _tv_cropped),
    Misunderstanding(
        "both-cropped-at-the-beginning",
        _BORDER + "crop each difference in its own direction only.",
        lambda img, weight: _tv_cropped(img[:, ::-1, ::-1], weight),
    ),
    Misunderstanding(
        "first-pair-skipped",
        _BORDER + "yours begin at the second pair. Python counts from 0.",
        lambda img, weight: weight * (_sum_of_squares(_across(img)[:, :, 1:]) + _sum_of_squares(_down(img)[:, 1:])),
    ),
    Misunderstanding(
        "last-pair-skipped",
        _BORDER + "yours end one pair early. The last row and the last column belong to a pair as well.",
        lambda img, weight: weight * (_sum_of_squares(_across(img)[:, :, :-1]) + _sum_of_squares(_down(img)[:, :-1])),
    ),
    Misunderstanding(
        "wraps-around",
        "tf.roll brings the last row round to the first, and these two are no neighbours. Leave out the pair that "
        "wraps around, in both directions.",
        _tv_rolled,
    ),
    Misunderstanding(
        "compared-with-black-outside",
        'The pixels of the border are compared with zeros outside the picture, as padding="SAME" adds them. Compare '
        "pixels "
        "of the picture only.",
        _tv_against_black,
    ),
    Misunderstanding(
        "only-horizontal",
        "Only horizontal neighbours are in your loss. The vertical ones count too: axis 1 is the height, axis 2 the "
        "width.",
        lambda img, weight: weight * _sum_of_squares(_across(img)),
    ),
    Misunderstanding(
        "only-vertical",
        "Only vertical neighbours are in your loss. The horizontal ones count too: axis 1 is the height, axis 2 the "
        "width, and axis 0 counts pictures.",
        lambda img, weight: weight * _sum_of_squares(_down(img)),
    ),
    Misunderstanding("width-from-axis-1", _SIZES, _tv_sizes(lambda H, W: (H, H))),
    Misunderstanding("sizes-swapped", _SIZES, _tv_sizes(lambda H, W: (H, W))),
    Misunderstanding("sizes-from-axes-0-and-1", _SIZES, _tv_sizes(lambda H, W: (H, 1))),
    Misunderstanding(
        "euclidean",
        "This is the length of each pixel's gradient, the total variation of other texts. The formula here adds plain "
        "squares, with no root and no cropped border.",
        _tv_isotropic,
    ),
    Misunderstanding(
        "tensorflow-total-variation",
        "tf.image.total_variation adds absolute differences, and gives one number for each picture. The formula here "
        "squares the differences and adds everything up.",
        lambda img, weight: weight * tf.image.total_variation(img),
    ),
    Misunderstanding("absolute-difference", _ABSOLUTE, _tv(lambda d: 2 * tf.reduce_sum(tf.abs(d)))),
    Misunderstanding("difference-not-squared", _SQUARED, _tv(lambda d: 2 * tf.reduce_sum(d))),
    Misunderstanding(
        "squared-twice",
        "The differences are squared twice. One square is enough: tf.square or ** 2, not both.",
        _tv(lambda d: 2 * _sum_of_squares(tf.square(d))),
    ),
    Misunderstanding(
        "sum-squared",
        "You add the differences first and square their sum, so they cancel. Square each difference, then add.",
        _tv(lambda d: 2 * tf.square(tf.reduce_sum(d))),
    ),
    Misunderstanding("mean-for-sum", _MEAN, _tv(lambda d: 2 * tf.reduce_mean(tf.square(d)))),
    Misunderstanding(
        "mean-over-images",
        "Of several pictures the losses are added up, and you divide by their number.",
        lambda img, weight: 2 * _tv(_sum_of_squares)(img, weight) / img.shape[0],
    ),
    Misunderstanding(
        "only-the-first-image",
        "You look at the first picture and forget the others. Of several pictures the losses are added up.",
        lambda img, weight: 2 * _tv(_sum_of_squares)(img[:1], weight),
    ),
    Misunderstanding("half", _HALF, _tv(_sum_of_squares)),
    Misunderstanding(
        "counted-twice",
        "Every pair counts twice in your loss, once from each side. Compare each pixel with the one after it only.",
        _tv(lambda d: 4 * _sum_of_squares(d)),
    ),
    Misunderstanding("square-root", _ROOT, lambda img, weight: weight * tf.sqrt(_tv(_sum_of_squares)(img, 2.0))),
    Misunderstanding("square-root-of-each", _ROOT, _tv(lambda d: 2 * tf.norm(d))),
    Misunderstanding("weight-unused", _WEIGHT_UNUSED, lambda img, weight: _tv(_sum_of_squares)(img, 2.0)),
    Misunderstanding("weight-squared", _WEIGHT_SQUARED, lambda img, weight: _tv(_sum_of_squares)(img, 2 * weight**2)),
    Misunderstanding(
        "weight-on-one-term",
        "Only one of the two sums is weighed. Put brackets around both: the weight multiplies all of it.",
        lambda img, weight: weight * _sum_of_squares(_across(img)) + _sum_of_squares(_down(img)),
    ),
    Misunderstanding(
        "not-a-scalar",
        _NOT_SCALAR,
        _tv(lambda d: 2 * tf.reduce_sum(tf.square(d), [1, 2, 3])),
    ),
    Misunderstanding(
        "weights-as-integer-tensors",
        _INTEGER_TENSOR,
        lambda img, weight: tf.constant(weight) * _tv(_sum_of_squares)(img, 1.0),
    ),
    hard_coded(_REFERENCE["tv_loss"]),
]


def _call_tv_loss(function, img, weight):
    return _call_with_weight(function, tf.convert_to_tensor(img), weight, at=1)


# style_transfer(model, content, style, content_layer, content_weight, style_layers, style_weights, tv_weight,
#                init_random=False, iterations=200, callback=None, seed=0)


_ARGUMENTS = (
    "model",
    "content",
    "style",
    "content_layer",
    "content_weight",
    "style_layers",
    "style_weights",
    "tv_weight",
)


def _at(s, picture, layer):
    return s.model.activations(picture, [layer])[layer]


def _noise(s):
    return np.random.default_rng(s.seed).uniform(0, 1, s.content.shape)


def _targets(s, picture):
    return [_channel_gram(_at(s, picture, layer)) for layer in s.style_layers]


def _style_cost(s, x, grams, weights):
    pairs = zip(weights, _targets(s, x), grams, strict=True)
    return sum(weight * _squared(gram, target) for weight, gram, target in pairs)


_PARTS = {
    "target": lambda s: _at(s, s.content, s.content_layer),
    "grams": lambda s: _targets(s, s.style),
    "start": lambda s: _noise(s) if s.init_random else s.content,
    "content": lambda s, x: s.content_weight * _squared(_at(s, x, s.content_layer), s.target),
    "style": lambda s, x: _style_cost(s, x, s.grams, s.style_weights),
    "tv": lambda s, x: _tv(_sum_of_squares)(x, 2 * s.tv_weight),
    "total": lambda s, content, style, tv: content + style + tv,
}


def _transfer(**changed):
    """A style_transfer with changed parts; s holds its arguments, target and grams. It paints one step at most."""
    parts = _PARTS | changed

    def function(*arguments, init_random=False, iterations=200, callback=None, seed=0):
        s = SimpleNamespace(**dict(zip(_ARGUMENTS, arguments, strict=True)), init_random=init_random, seed=seed)
        start = np.float32(parts["start"](s))
        if iterations == 0:
            return start
        s.target, s.grams = parts["target"](s), parts["grams"](s)
        x = tf.constant(start)
        with tf.GradientTape() as tape:
            tape.watch(x)
            costs = {name: parts[name](s, x) for name in ("content", "style", "tv")}
            costs["total"] = parts["total"](s, **costs)
        callback(0, costs, x)
        # Adam's first step is the learning rate, down every slope, however steep.
        return np.clip(start - 3.0 * np.sign(tape.gradient(costs["total"], x)), -1.5, 1.5)

    return function


_PAINTED_TARGET = (
    "The {} cost is 0 whatever is painted: its target is taken from the picture being painted. Targets are computed "
    "once, before painting, from the pictures that do not change."
)
_TOTAL = "The total is not the sum of content, style and tv cost. What it leaves out is shown, and never improved."
_CUT = (
    "A cost is in the total, and its gradient is not, so painting does not see it. float(), .numpy(), tf.constant and "
    "tf.stop_gradient cut the thread: add the costs as your losses give them."
)
_WEIGHTS = "A weight sits on the wrong cost: content_weight goes with the content, tv_weight with the total variation."
_LAYER_FIXED = "You name the layers yourself. Take them from the arguments, so that others can be tried."
_LIST_OF_LAYERS = (
    "model.activations takes a list of layers, and reads a single name letter by letter. Write [content_layer] rather "
    "than content_layer."
)
_WEIGHTS_TWICE = "A weight counts twice: content_loss and tv_loss multiply by it already."
_START = " With init_random it is np.random.default_rng(seed).uniform(0, 1, content.shape), else the content picture."

STYLE_TRANSFER = [
    Misunderstanding(
        "content-target-from-style",
        "The content cost draws to the style picture. Its target is the activation of the content picture.",
        _transfer(target=lambda s: _at(s, s.style, s.content_layer)),
    ),
    Misunderstanding(
        "content-target-at-a-style-layer",
        "The content target comes from a style layer. Take both activations at content_layer.",
        _transfer(target=lambda s: _at(s, s.content, s.style_layers[0])),
    ),
    Misunderstanding(
        "style-targets-from-content",
        "The style cost draws to the content picture. Its targets are Gram matrices of the style picture.",
        _transfer(grams=lambda s: _targets(s, s.content)),
    ),
    Misunderstanding(
        "style-targets-without-gram",
        "The style targets are activations. style_loss wants a Gram matrix for every style layer: call gram_matrix.",
        _transfer(grams=lambda s: [_at(s, s.style, layer) for layer in s.style_layers]),
    ),
    Misunderstanding(
        "style-targets-not-normalised",
        "style_loss normalises the Gram matrices of the painted picture, and your targets are not normalised. Call "
        "gram_matrix with its default.",
        _transfer(grams=lambda s: [_products(a, a) for a in (_at(s, s.style, layer) for layer in s.style_layers)]),
    ),
    Misunderstanding(
        "content-target-from-the-painted-picture",
        _PAINTED_TARGET.format("content"),
        _transfer(content=lambda s, x: 0 * tf.reduce_sum(x)),
    ),
    Misunderstanding(
        "style-targets-from-the-painted-picture",
        _PAINTED_TARGET.format("style"),
        _transfer(style=lambda s, x: 0 * tf.reduce_sum(x)),
    ),
    Misunderstanding(
        "tv-of-the-content",
        "The tv cost is that of the content picture, which does not change. Smooth the picture that is painted.",
        _transfer(tv=lambda s, x: _tv(_sum_of_squares)(tf.constant(s.content), 2 * s.tv_weight)),
    ),
    Misunderstanding("tv-left-out", _TOTAL, _transfer(total=lambda s, content, style, tv: content + style)),
    Misunderstanding("content-left-out", _TOTAL, _transfer(total=lambda s, content, style, tv: style + tv)),
    Misunderstanding("style-left-out", _TOTAL, _transfer(total=lambda s, content, style, tv: content + tv)),
    Misunderstanding(
        "content-without-its-gradient",
        _CUT,
        _transfer(total=lambda s, content, style, tv: tf.stop_gradient(content) + style + tv),
    ),
    Misunderstanding(
        "style-without-its-gradient",
        _CUT,
        _transfer(total=lambda s, content, style, tv: content + tf.stop_gradient(style) + tv),
    ),
    Misunderstanding(
        "tv-without-its-gradient",
        _CUT,
        _transfer(total=lambda s, content, style, tv: content + style + tf.stop_gradient(tv)),
    ),
    Misunderstanding(
        "content-and-style-swapped",
        "Content and style cost stand under each other's names.",
        _transfer(content=_PARTS["style"], style=_PARTS["content"]),
    ),
    Misunderstanding(
        "weights-swapped",
        _WEIGHTS,
        _transfer(
            content=lambda s, x: s.tv_weight * _squared(_at(s, x, s.content_layer), s.target),
            tv=lambda s, x: _tv(_sum_of_squares)(x, 2 * s.content_weight),
        ),
    ),
    Misunderstanding(
        "style-weights-reversed",
        "The style weights do not meet their layers. Keep style_layers, style_targets and style_weights in one order.",
        _transfer(style=lambda s, x: _style_cost(s, x, s.grams, s.style_weights[::-1])),
    ),
    Misunderstanding(
        "weights-twice",
        _WEIGHTS_TWICE,
        _transfer(
            content=lambda s, x: s.content_weight * _PARTS["content"](s, x),
            tv=lambda s, x: s.tv_weight * _PARTS["tv"](s, x),
        ),
    ),
    Misunderstanding(
        "content-weight-twice",
        _WEIGHTS_TWICE,
        _transfer(content=lambda s, x: s.content_weight * _PARTS["content"](s, x)),
    ),
    Misunderstanding("tv-weight-twice", _WEIGHTS_TWICE, _transfer(tv=lambda s, x: s.tv_weight * _PARTS["tv"](s, x))),
    Misunderstanding("content-layer-hard-coded", _LAYER_FIXED, _transfer(target=lambda s: _at(s, s.content, "fire2"))),
    Misunderstanding("style-layers-hard-coded", _LAYER_FIXED, _transfer(grams=lambda s: [_at(s, s.style, "relu1")])),
    Misunderstanding(
        "layer-not-in-a-list",
        _LIST_OF_LAYERS,
        _transfer(target=lambda s: s.model.activations(s.content, s.content_layer)),
    ),
    Misunderstanding(
        "init-random-ignored",
        "Your start is the content picture although init_random is true." + _START,
        _transfer(start=lambda s: s.content),
    ),
    Misunderstanding(
        "init-random-reversed",
        "Your start is random just where init_random is false." + _START,
        _transfer(start=lambda s: s.content if s.init_random else _noise(s)),
    ),
    Misunderstanding("always-random", "Your start is always random." + _START, _transfer(start=_noise)),
    Misunderstanding(
        "noise-around-the-content",
        "Your random start still shows the content picture." + _START,
        _transfer(start=lambda s: s.content + _noise(s) if s.init_random else s.content),
    ),
    Misunderstanding(
        "normal-noise",
        "Your random start is normally distributed." + _START,
        _transfer(
            start=lambda s: np.random.default_rng(s.seed).normal(size=s.content.shape) if s.init_random else s.content
        ),
    ),
    Misunderstanding(
        "noise-around-zero",
        "Your random start goes from −1 to 1." + _START,
        _transfer(start=lambda s: 2 * _noise(s) - 1 if s.init_random else s.content),
    ),
    Misunderstanding(
        "seed-ignored",
        "Your random start does not listen to seed." + _START,
        _transfer(
            start=lambda s: np.random.default_rng(0).uniform(0, 1, s.content.shape) if s.init_random else s.content
        ),
    ),
    Misunderstanding(
        "older-generator",
        "Your random start comes from another generator, so nobody gets the same picture again." + _START,
        _transfer(
            start=lambda s: np.random.RandomState(s.seed).uniform(0, 1, s.content.shape) if s.init_random else s.content
        ),
    ),
    Misunderstanding(
        "starts-from-the-style",
        "Your start is the style picture." + _START,
        _transfer(start=lambda s: s.style),
    ),
    Misunderstanding(
        "noise-of-the-style-shape",
        "Your random start has the shape of the style picture." + _START,
        _transfer(
            start=lambda s: np.random.default_rng(s.seed).uniform(0, 1, s.style.shape) if s.init_random else s.content
        ),
    ),
]


def _costs_of(costs, names, where):
    """The named costs, as they stand in a dictionary; a cost that is rounding beside the total is 0."""
    wanted = ", ".join(f'"{name}"' for name in names)
    if not isinstance(costs, dict):
        raise Unusable(f"{where} something else than a dictionary of {wanted}.")
    missing = [name for name in names if name not in costs]
    if missing:
        raise Unusable(f'{where} costs without "{missing[0]}"; they should be {wanted}.')
    values = [np.asarray(costs[name]) for name in names]
    if all(value.shape == () and value.dtype.kind == "f" for value in values):
        # Two activations that agree may differ in the last bit once tf.function has compiled one of them.
        return [value * (abs(value) > 1e-6 * abs(values[-1])) for value in values]
    return values


def _call_style_transfer(function, *inputs, **options):
    start = function(*fresh(list(inputs)), iterations=0, **options)
    if start is None:
        return None
    content = inputs[1]
    if np.shape(start) != content.shape:
        raise Unusable(f"starts from a picture of shape {np.shape(start)}; the content picture has {content.shape}.")
    seen = []
    picture = function(*inputs, iterations=1, callback=lambda i, costs, picture: seen.append(costs), **options)
    if len(seen) != 1:
        raise Unusable(
            f"calls callback {len(seen)} times in one iteration: pass iterations and callback on to paint as they are."
        )
    return start, *_costs_of(seen[0], ("content", "style", "tv", "total"), "hands to paint"), picture


# inversion_cost(model, picture, layer, content_weight, tv_weight)


def _inversion(
    content=lambda s, x: s.content_weight * _squared(_at(s, x, s.layer), _at(s, s.picture, s.layer)),
    tv=lambda s, x: _tv(_sum_of_squares)(x, 2 * s.tv_weight),
    total=lambda content, tv: np.float32(content + tv),
):
    """An inversion_cost with changed parts; s holds its arguments. Its total is a number, which nobody can paint."""

    def function(model, picture, layer, content_weight, tv_weight):
        s = SimpleNamespace(
            model=model, picture=picture, layer=layer, content_weight=content_weight, tv_weight=tv_weight
        )

        def cost(x):
            costs = {"content": content(s, x), "tv": tv(s, x)}
            return costs | {"total": total(**costs)}

        return cost

    return function


_TOTAL_CUT = (
    "Your total is a plain number, or nothing in it is computed from x. Compute from the argument of cost, and add the "
    "costs as your losses give them: float(), .numpy(), tf.constant and tf.stop_gradient cut the thread."
)
_INVERSION_TOTAL = "The total is the content cost and the tv cost, added. One of them is missing in yours."

INVERSION_COST = [
    Misunderstanding(
        "target-from-x",
        _PAINTED_TARGET.format("content"),
        _inversion(content=lambda s, x: 0 * tf.reduce_sum(x)),
    ),
    Misunderstanding(
        "another-layer",
        "The activations come from the first layer whatever `layer` says. Take both from `layer`.",
        _inversion(content=lambda s, x: s.content_weight * _squared(_at(s, x, "near"), _at(s, s.picture, "near"))),
    ),
    Misunderstanding(
        "layer-hard-coded",
        _LAYER_FIXED,
        _inversion(content=lambda s, x: _squared(_at(s, x, "fire2"), _at(s, s.picture, "fire2"))),
    ),
    Misunderstanding(
        "layer-not-in-a-list",
        _LIST_OF_LAYERS.replace("content_layer", "layer"),
        _inversion(content=lambda s, x: s.model.activations(s.picture, s.layer)),
    ),
    Misunderstanding(
        "pixels-compared",
        "You compare pixels. The question of this exercise is what a layer still knows: compare the activations at "
        "`layer`.",
        _inversion(content=lambda s, x: s.content_weight * _squared(x, s.picture)),
    ),
    Misunderstanding(
        "gram-matrices-compared",
        "You compare Gram matrices, which forget where things are. Inversion compares the activations themselves.",
        _inversion(
            content=lambda s, x: (
                s.content_weight
                * _squared(_channel_gram(_at(s, x, s.layer)), _channel_gram(_at(s, s.picture, s.layer)))
            )
        ),
    ),
    Misunderstanding(
        "tv-of-the-picture",
        "The tv cost is that of the picture you invert, which does not change. Smooth x, the one that is painted.",
        _inversion(tv=lambda s, x: _tv(_sum_of_squares)(tf.constant(s.picture), 2 * s.tv_weight)),
    ),
    Misunderstanding("total-without-a-gradient", _TOTAL_CUT, _inversion()),
    Misunderstanding(
        "content-without-its-gradient", _CUT, _inversion(total=lambda content, tv: tf.stop_gradient(content) + tv)
    ),
    Misunderstanding(
        "tv-without-its-gradient", _CUT, _inversion(total=lambda content, tv: content + tf.stop_gradient(tv))
    ),
    Misunderstanding("tv-left-out", _INVERSION_TOTAL, _inversion(total=lambda content, tv: content)),
    Misunderstanding("content-left-out", _INVERSION_TOTAL, _inversion(total=lambda content, tv: tv)),
    Misunderstanding(
        "content-and-tv-swapped",
        "Content and tv cost stand under each other's names.",
        _inversion(
            content=lambda s, x: _tv(_sum_of_squares)(x, 2 * s.tv_weight),
            tv=lambda s, x: s.content_weight * _squared(_at(s, x, s.layer), _at(s, s.picture, s.layer)),
        ),
    ),
    Misunderstanding(
        "weights-swapped",
        _WEIGHTS,
        _inversion(
            content=lambda s, x: s.tv_weight * _squared(_at(s, x, s.layer), _at(s, s.picture, s.layer)),
            tv=lambda s, x: _tv(_sum_of_squares)(x, 2 * s.content_weight),
        ),
    ),
    Misunderstanding(
        "weights-unused",
        "The costs do not listen to content_weight and tv_weight. Pass them on to content_loss and tv_loss.",
        _inversion(
            content=lambda s, x: _squared(_at(s, x, s.layer), _at(s, s.picture, s.layer)),
            tv=lambda s, x: _tv(_sum_of_squares)(x, 2.0),
        ),
    ),
    Misunderstanding(
        "costs-for-the-function",
        "You return costs of one picture. Return the function `cost`, without calling it: painting calls it again and "
        "again.",
        lambda model, picture, *others: _inversion()(model, picture, *others)(tf.constant(picture)),
    ),
]


def _call_inversion_cost(function, *inputs):
    *arguments, x = inputs
    cost = function(*arguments)
    if cost is None:
        return None
    if not callable(cost):
        raise Unusable(f"returns something else than a function of the picture x: a {type(cost).__name__}.")
    costs = cost(tf.Variable(x))
    if costs is None:
        raise Unusable("returns a function that returns nothing: did you forget the `return` inside cost?")
    return _costs_of(costs, ("content", "tv", "total"), "gives")


# grow_texture(cost, sizes, paint, seed=0)


def _noise_of(seed, size):
    return np.random.default_rng(seed).uniform(0, 1, (1, *size, 3))


def _texture(enlarge):
    """A grow_texture that enlarges otherwise: enlarge(picture, size, random) gives the next start."""

    def function(cost, sizes, paint, seed=0):
        random = np.random.default_rng(seed)
        picture = paint(cost, random.uniform(0, 1, (1, *sizes[0], 3)))
        for size in sizes[1:]:
            picture = paint(cost, enlarge(picture, size, random))
        return picture

    return function


def _texture_from(noise):
    """A grow_texture that begins otherwise: noise(random, shape) gives the first start."""

    def function(cost, sizes, paint, seed=0):
        picture = paint(cost, noise(np.random.default_rng(seed), (1, *sizes[0], 3)))
        for size in sizes[1:]:
            picture = paint(cost, tf.image.resize(picture, size, method="bicubic"))
        return picture

    return function


def _texture_tiled(picture, size, random):
    return tf.tile(picture, [1, size[0] // picture.shape[1], size[1] // picture.shape[2], 1])


def _texture_swapped(cost, sizes, paint, seed=0):
    picture = paint(cost, _noise_of(seed, sizes[0][::-1]))
    for size in sizes[1:]:
        picture = paint(cost, tf.image.resize(picture, size[::-1], method="bicubic"))
    return picture


def _texture_last_not_painted(cost, sizes, paint, seed=0):
    start = _noise_of(seed, sizes[0])
    for size in sizes[1:]:
        start = tf.image.resize(paint(cost, start), size, method="bicubic")
    return start


def _texture_enlarged_after_last(cost, sizes, paint, seed=0):
    start = _noise_of(seed, sizes[0])
    for i in range(len(sizes)):
        start = tf.image.resize(paint(cost, start), sizes[i + 1], method="bicubic")
    return start


def _texture_noise_enlarged(cost, sizes, paint, seed=0):
    start = _noise_of(seed, sizes[0])
    for size in sizes:
        start = tf.image.resize(start, size, method="bicubic")
    return paint(cost, start)


def _texture_first_not_painted(cost, sizes, paint, seed=0):
    picture = _noise_of(seed, sizes[0])
    for size in sizes[1:]:
        picture = paint(cost, tf.image.resize(picture, size, method="bicubic"))
    return picture


def _texture_only_last(cost, sizes, paint, seed=0):
    return paint(cost, _noise_of(seed, sizes[-1]))


_FRESH_NOISE = (
    "You begin with new noise at every size, so what was painted before is lost. Enlarge the painted picture, and let "
    "it be the next start."
)
_BICUBIC = 'Enlarge with tf.image.resize(picture, size, method="bicubic")'
_LAST = "Every size is painted, the last one too, and nothing is enlarged after that: "
_FIRST_NOISE = "The first start is np.random.default_rng(seed).uniform(0, 1, shape)"

GROW_TEXTURE = [
    Misunderstanding(
        "tiled",
        "You lay copies of the picture side by side. A texture grows by being enlarged, so that its forms grow with "
        "it.",
        _texture(_texture_tiled),
    ),
    Misunderstanding(
        "bilinear",
        _BICUBIC + ": without a method it is bilinear.",
        _texture(lambda picture, size, random: tf.image.resize(picture, size)),
    ),
    Misunderstanding(
        "nearest-neighbour",
        _BICUBIC + ": yours repeats pixels.",
        _texture(lambda picture, size, random: tf.image.resize(picture, size, method="nearest")),
    ),
    Misunderstanding(
        "area",
        _BICUBIC + ": yours averages areas.",
        _texture(lambda picture, size, random: tf.image.resize(picture, size, method="area")),
    ),
    Misunderstanding(
        "fresh-noise",
        _FRESH_NOISE,
        _texture(lambda picture, size, random: random.uniform(0, 1, (1, *size, 3))),
    ),
    Misunderstanding("fresh-noise-of-the-same-seed", _FRESH_NOISE, _texture_only_last),
    Misunderstanding(
        "sizes-swapped",
        "Your pictures lie on their side: a size is (height, width), in this order.",
        _texture_swapped,
    ),
    Misunderstanding(
        "sizes-swapped-in-resize",
        "Your enlarged pictures lie on their side: tf.image.resize takes (height, width) too.",
        _texture(lambda picture, size, random: tf.image.resize(picture, size[::-1], method="bicubic")),
    ),
    Misunderstanding(
        "last-size-not-painted",
        _LAST + "yours is enlarged to the last size, and not painted.",
        _texture_last_not_painted,
    ),
    Misunderstanding(
        "enlarged-after-the-last", _LAST + "yours looks for one more size than there is.", _texture_enlarged_after_last
    ),
    Misunderstanding(
        "first-size-not-painted",
        "The first size is never painted: you enlarge the noise. Paint first, then enlarge what was painted.",
        _texture_first_not_painted,
    ),
    Misunderstanding(
        "painted-only-at-the-end",
        "You enlarge noise, and paint once at the end. Paint at every size.",
        _texture_noise_enlarged,
    ),
    Misunderstanding(
        "normal-noise",
        _FIRST_NOISE + ": yours is normally distributed.",
        _texture_from(lambda random, shape: random.normal(size=shape)),
    ),
    Misunderstanding(
        "noise-around-zero",
        _FIRST_NOISE + ": yours goes from −1 to 1.",
        _texture_from(lambda random, shape: random.uniform(-1, 1, shape)),
    ),
    Misunderstanding(
        "starts-from-black",
        _FIRST_NOISE + ": yours is the same everywhere, so all pixels get the same gradient.",
        _texture_from(lambda random, shape: np.zeros(shape)),
    ),
    Misunderstanding(
        "seed-ignored",
        _FIRST_NOISE + ": yours does not listen to seed.",
        _texture_from(lambda random, shape: np.random.default_rng(0).uniform(0, 1, shape)),
    ),
]


# What is probed beside values


def _border_counts(exercise, function):
    for h, w in np.ndindex(3, 4):
        img = np.zeros((1, 3, 4, 3))
        img[0, h, w, 1] = 1
        neighbours = (h > 0) + (h < 2) + (w > 0) + (w < 3)
        outcome = observe(exercise, function, (img, 2.0), {})
        if isinstance(outcome, Exception) or not close(outcome[0], np.asarray(2.0 * neighbours)):
            raise AssertionError(
                f"tv_loss of a black picture of 3 × 4 pixels with one bright one, in row {h} and column {w}, is wrong: "
                f"that pixel has {neighbours} neighbours, and each of them counts once."
            )


def _starts(exercise, function):
    case = exercise.cases[1]

    def start(seed):
        return np.array(function(*fresh(list(case.inputs)), init_random=True, iterations=0, seed=seed))

    if not np.array_equal(start(1), start(1)) or np.array_equal(start(1), start(2)):
        raise AssertionError("The random start should be the same for the same seed, and another for another seed.")


def _paints(exercise, function):
    case = exercise.cases[0]
    inputs = fresh(list(case.inputs))
    numbers, pictures = [], []

    def callback(i, costs, picture):
        numbers.append(int(i))
        pictures.append(np.array(picture))

    picture = function(*inputs, iterations=3, callback=callback, **case.options)
    if numbers != [0, 1, 2] or not np.array_equal(pictures[-1], picture):
        raise AssertionError(
            f"style_transfer should paint 3 iterations when iterations=3, call callback after each of them, and return "
            f"what paint returns; callback came {len(numbers)} times.\n"
            "Pass iterations and callback on to paint as they are."
        )
    if np.max(np.abs(pictures)) > 1.5:
        raise AssertionError("Until iteration 180 the pixels stay within ±1.5: pass SCHEDULE on to paint.")


def _total_is_followed(exercise, function):
    *arguments, x = fresh(list(exercise.cases[0].inputs))
    cost = function(*arguments)
    variable = tf.Variable(x)
    with tf.GradientTape() as tape:
        total = cost(variable)["total"]
    gradient = tape.gradient(total, variable) if isinstance(total, tf.Tensor) else None
    if gradient is None:
        raise AssertionError(_lost("no gradient", "total-without-a-gradient"))
    step = np.random.default_rng(0).normal(size=x.shape).astype(np.float32)
    # The costs are squares of what is linear in x, so central differences are exact, however far apart.
    after, before = cost(tf.Variable(x + step)), cost(tf.Variable(x - step))
    content, tv = ((float(after[name]) - float(before[name])) / 2 for name in ("content", "tv"))
    followed = float(tf.reduce_sum(tf.convert_to_tensor(gradient) * step))
    rounding = 1e-3 * (abs(content) + abs(tv))
    if abs(followed - tv) < rounding:
        raise AssertionError(_lost("only the gradient of tv", "content-without-its-gradient"))
    if abs(followed - content) < rounding:
        raise AssertionError(_lost("only the gradient of the content cost", "tv-without-its-gradient"))
    if abs(followed - content - tv) > rounding:
        raise AssertionError(
            "The total has the right value, and the gradient that reaches x is not its own.\n"
            "Compute from the argument of cost, with TensorFlow's operations."
        )


def _lost(what_arrives, name):
    (hint,) = (m.hint for m in INVERSION_COST if m.name == name)
    return f"The total has the right value, but {what_arrives} reaches x, and painting follows it.\n{name}: {hint}"


def _every_size_is_painted(exercise, function):
    (wanted, sizes, paint), options = exercise.cases[1].inputs, exercise.cases[1].options
    given = fresh(sizes)
    seen = []

    def recording(cost, start):
        seen.append(tuple(np.shape(start)))
        if cost is not wanted:
            raise AssertionError("paint should get the very cost that grow_texture was given.")
        return paint(cost, start)

    function(wanted, given, recording, **options)
    if seen != [(1, *size, 3) for size in sizes]:
        raise AssertionError(
            f"grow_texture should paint once at each of the sizes, {', '.join(map(str, sizes))}; it painted pictures "
            f"of shape {', '.join(map(str, seen)) or 'nothing at all'}."
        )
    if given != sizes:
        raise AssertionError("grow_texture changes the list of sizes: your caller needs it as it is.")


# The exercises

_COMPILES = "leave out float(), an if that looks at a number, and a for that runs over a tensor."
_GRADIENT = "a scalar tensor comes back, and a gradient reaches {}"


def _content_loss_case(case):
    content_weight, F, P = case.inputs
    return replace(case, inputs=(content_weight, as_tensors(F), as_tensors(P)))


def _style_loss_case(case):
    feats, targets, weights = case.inputs
    return replace(
        case, inputs=(as_tensors(feats), list(targets), as_tensors(list(targets.values())), list(weights.values()))
    )


def _style_transfer_case(case):
    kernels, content, style, content_layer, content_weight, style_weights, tv_weight = case.inputs
    layers, weights = list(style_weights), list(style_weights.values())
    inputs = TinyNetwork(kernels), content, style, content_layer, content_weight, layers, weights, tv_weight
    return replace(case, inputs=inputs)


def _inversion_cost_case(case):
    kernels, *others = case.inputs
    return replace(case, inputs=(TinyNetwork(kernels), *others))


def _constant_cost(picture):
    return 0.25


def _grow_texture_case(case):
    sizes = [tuple(map(int, size)) for size in case.inputs[0]]
    return replace(case, inputs=(_constant_cost, sizes, square_and_add))


def _cases(name, prepare=lambda case: case):
    return list(map(prepare, _REFERENCE[name]))


_AGREEING = _style_loss_case(_REFERENCE["style_loss agreeing"][0]).inputs
_F = tf.constant(_REFERENCE["content_loss"][1].inputs[1])
_LOSSES = ("content_loss", "gram_matrix", "style_loss", "tv_loss")

EXERCISES = {
    exercise.name: exercise
    for exercise in [
        Exercise(
            name="content_loss",
            cases=_cases("content_loss", _content_loss_case),
            misunderstandings=CONTENT_LOSS,
            properties=[
                Property(_GRADIENT.format("content_current"), gradient_arrives("content_current", 1), needed=True),
                Property(
                    "identical activations cost 0",
                    costs_nothing((3.0, _F, _F), "identical activations should be 0: two that agree cost nothing."),
                ),
                Property(
                    "content_original may be a NumPy array, and is not written to", takes_numpy("content_original", 2)
                ),
            ],
            call=_call_content_loss,
        ),
        Exercise(
            name="gram_matrix",
            cases=_cases("gram_matrix"),
            misunderstandings=GRAM_MATRIX,
            properties=[
                Property(
                    "a tensor comes back, and a gradient reaches features", gradient_arrives("features"), needed=True
                ),
                Property("tf.function can compile it", compiles(_COMPILES, required=False, autograph=False)),
            ],
            call=_call_gram_matrix,
        ),
        Exercise(
            name="style_loss",
            cases=_cases("style_loss", _style_loss_case),
            misunderstandings=STYLE_LOSS,
            properties=[
                Property(_GRADIENT.format("feats"), gradient_arrives("feats", 0), needed=True),
                Property(
                    "targets that are the picture's own cost 0",
                    costs_nothing(_AGREEING, "a picture whose Gram matrices are the targets should be 0."),
                ),
                Property(
                    "style_targets may be NumPy arrays, and no list is written to", takes_numpy("style_targets", 2)
                ),
            ],
            call=_call_style_loss,
            builds_on=("gram_matrix",),
        ),
        Exercise(
            name="tv_loss",
            cases=_cases("tv_loss"),
            misunderstandings=TV_LOSS,
            properties=[
                Property(_GRADIENT.format("img"), gradient_arrives("img", 0), needed=True),
                Property(
                    "a picture of one colour costs 0",
                    costs_nothing((tf.fill([1, 4, 5, 3], 0.7), 2.0), "a picture of one colour should be 0."),
                ),
                Property("a bright pixel counts each of its neighbours once, at the border too", _border_counts),
                Property("tf.function can compile it", compiles(_COMPILES, required=False, autograph=False)),
            ],
            call=_call_tv_loss,
        ),
        Exercise(
            name="style_transfer",
            cases=_cases("style_transfer", _style_transfer_case),
            misunderstandings=STYLE_TRANSFER,
            properties=[
                Property("a random start is the same for the same seed, and another for another seed", _starts),
                Property("iterations and callback are passed on", _paints, needed=True),
                Property("no argument is written to", spoils_nothing(*_ARGUMENTS)),
            ],
            call=_call_style_transfer,
            builds_on=_LOSSES,
            advice={"start": "Your start is another one." + _START},
        ),
        Exercise(
            name="inversion_cost",
            cases=_cases("inversion_cost", _inversion_cost_case),
            misunderstandings=INVERSION_COST,
            properties=[
                Property("the gradient of the total reaches x", _total_is_followed, needed=True),
                Property(
                    "no argument is written to",
                    spoils_nothing("model", "picture", "layer", "content_weight", "tv_weight", "x"),
                ),
            ],
            call=_call_inversion_cost,
            builds_on=("content_loss", "tv_loss"),
        ),
        Exercise(
            name="grow_texture",
            cases=_cases("grow_texture", _grow_texture_case),
            misunderstandings=GROW_TEXTURE,
            properties=[Property("every size is painted once, in order", _every_size_is_painted)],
            advice={"picture": f"{_FIRST_NOISE}. {_BICUBIC}, and paint once at every size."},
        ),
    ]
}
