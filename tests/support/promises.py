"""What the task of every exercise promises, and how to break one promise at a time.

A spoiler takes a right function and breaks one promise: the value stays right while the gradient is not, or an argument
is written into, or the optimizer is never asked. Each must cost an exercise's points, the visible ones and the hidden
ones. What a task does not promise stands here too, with the reason. `tools/promise_table.py` prints the table.
"""

import inspect
from dataclasses import dataclass, field

import numpy as np

from nst.quiet import tf


@dataclass(frozen=True)
class Promises:
    """What one exercise promises.

    gradient: names of the arguments that a gradient must reach; or why none is promised.
    kept: names of the arguments that must not be written into. unkept: the others, name -> why that is no matter.
    defaults: name -> another default than the signature's, which must be noticed. undefended: name -> why it need not.
    without: a promise that others make -> why it is none here.
    kind: why NumPy's kinds, or Python's, are as good as a tensor; "" where they are not.
    returns_cost: the function gives a function of a picture, which gives a dictionary of costs.
    more: name of a promise -> spoiler, for what this exercise alone promises.
    """

    gradient: object
    kept: tuple = ()
    unkept: dict = field(default_factory=dict)
    defaults: dict = field(default_factory=dict)
    undefended: dict = field(default_factory=dict)
    without: dict = field(default_factory=dict)
    kind: str = ""
    returns_cost: bool = False
    more: dict = field(default_factory=dict)

    def not_promised(self):
        """(what is not promised, why not) of each."""
        if isinstance(self.gradient, str):
            yield "a gradient", self.gradient
        yield from self.without.items()
        if self.kind:
            yield "the kind of the result", self.kind
        yield from ((f"{name} as it was", reason) for name, reason in self.unkept.items())
        yield from ((f"the default of {name}", reason) for name, reason in self.undefended.items())


# What can be made of a result


def first_of(change):
    """A spoiler that changes the result, or the first of several."""

    def spoil(function):
        def spoilt(*inputs, **options):
            result = function(*inputs, **options)
            if isinstance(result, (tuple, list)):
                first = result[0] if isinstance(result[0], tf.Tensor) else np.asarray(result[0])
                return type(result)([change(first), *result[1:]])
            return change(result)

        return spoilt

    return spoil


def on_costs(spoil):
    """The spoiler for a function that returns a function of a picture, which gives a dictionary of costs."""

    def spoil_all(function):
        def spoilt(*inputs, **options):
            cost = function(*inputs, **options)
            return lambda x: {name: spoil(lambda x, name=name: cost(x)[name])(x) for name in cost(x)}

        return spoilt

    return spoil_all


VALUES = {
    "value": first_of(lambda result: result * 2 + 1),
    "shape": first_of(lambda result: tf.convert_to_tensor(result)[None]),
    "finite": first_of(lambda result: result * np.float32("nan")),
}
#: Kinds that TensorFlow does not differentiate.
KINDS = {"tensor, not array": first_of(np.array), "tensor, not number": first_of(float)}


# What can be made of a gradient


def bent(bend):
    """A spoiler of the gradient alone: bend(gradient, number of the argument), for each tensor of the arguments."""

    def spoil(function):
        def spoilt(*inputs, **options):
            flat = tf.nest.flatten(list(inputs))
            places = [i for i, value in enumerate(flat) if isinstance(value, (tf.Tensor, tf.Variable))]

            @tf.custom_gradient
            def with_bent_gradient(*tensors):
                with tf.GradientTape() as tape:
                    tape.watch(tensors)
                    given = list(flat)
                    for place, tensor in zip(places, tensors, strict=True):
                        given[place] = tensor
                    result = function(*tf.nest.pack_sequence_as(list(inputs), given), **options)

                def gradients(upstream):
                    found = tape.gradient(result, tensors, upstream, tf.UnconnectedGradients.ZERO)
                    return [bend(tf.convert_to_tensor(gradient)) for gradient in found]

                return result, gradients

            tensors = [tf.convert_to_tensor(flat[place]) for place in places]
            return with_bent_gradient(*tensors) if tensors else function(*inputs, **options)

        return spoilt

    return spoil


def _elsewhere(gradient):
    return tf.reshape(tf.roll(tf.reshape(gradient, [-1]), 1, 0), gradient.shape)


GRADIENTS = {
    "a gradient": lambda function: lambda *inputs, **options: tf.stop_gradient(function(*inputs, **options)),
    "a gradient through NumPy": lambda function: (
        lambda *inputs, **options: tf.constant(function(*inputs, **options).numpy())
    ),
    "a gradient that is no NaN": bent(lambda gradient: gradient * float("nan")),
    "a gradient that is finite": bent(lambda gradient: gradient + float("inf")),
    "a gradient that is not zero": bent(lambda gradient: gradient * 0),
    "the gradient's sign": bent(lambda gradient: -gradient),
    "the gradient's size": bent(lambda gradient: gradient * 1e-12),
    "the gradient, not twice": bent(lambda gradient: gradient * 2),
    "the gradient, not half": bent(lambda gradient: gradient / 2),
    "the gradient, not squashed": bent(lambda gradient: tf.clip_by_norm(gradient, 1e-3)),
    "the gradient in its place": bent(_elsewhere),
}


def stopped(name, function):
    """The function, no gradient of which reaches the argument of this name."""
    at = list(inspect.signature(function).parameters).index(name)

    def spoilt(*inputs, **options):
        inputs = list(inputs)
        inputs[at] = tf.nest.map_structure(tf.stop_gradient, inputs[at])
        return function(*inputs, **options)

    return spoilt


# What can be done to an argument


def written(name, function):
    """The function, which writes into the argument of this name where it can."""
    parameters = list(inspect.signature(function).parameters)

    def spoilt(*inputs, **options):
        result = function(*inputs, **options)
        spoil_in_place(inputs[parameters.index(name)])
        return result

    return spoilt


def spoil_in_place(value):
    """Write into an array, a variable, a list or a dictionary, or what these hold."""
    if isinstance(value, np.ndarray):
        value[...] = 0
    elif isinstance(value, tf.Variable):
        value.assign(tf.zeros_like(value))
    elif isinstance(value, list):
        value.reverse()
        if len(value) < 2:
            value.clear()
    elif isinstance(value, dict):
        value.pop(next(iter(value)))


def with_default(name, other, function):
    """The function with another default for one of its parameters."""

    def spoilt(*inputs, **options):
        return function(*inputs, **({name: other} | options))

    return spoilt


def spoilers(promises, function):
    """(name of the promise, the function that breaks it) for all that an exercise promises."""
    differentiable = not isinstance(promises.gradient, str)
    general = VALUES | ({} if promises.kind else KINDS) | (GRADIENTS if differentiable else {})
    for name, spoil in general.items():
        if name in promises.without:
            continue
        yield name, (on_costs(spoil) if promises.returns_cost else spoil)(function)
    if differentiable and len(promises.gradient) > 1:
        yield from ((f"a gradient that reaches {name}", stopped(name, function)) for name in promises.gradient)
    yield from ((f"{name} as it was", written(name, function)) for name in promises.kept)
    yield from ((f"{name}, other than {v!r}", with_default(name, v, function)) for name, v in promises.defaults.items())
    yield from ((name, spoil(function)) for name, spoil in promises.more.items())


# What single exercises promise


def _list_entry_stopped(at):
    """The spoiler of triplet_loss that lets no gradient reach one of the three."""

    def spoil(function):
        def spoilt(y_true, y_pred, **options):
            return function(y_true, [tf.stop_gradient(f) if i == at else f for i, f in enumerate(y_pred)], **options)

        return spoilt

    return spoil


def _one_cost_stopped(name):
    """The spoiler of a cost function that cuts the gradient of the cost of this name."""

    def spoil(function):
        def spoilt(*inputs):
            cost = function(*inputs)
            return lambda x: cost(x) | {name: tf.stop_gradient(cost(x)[name])}

        return spoilt

    return spoil


def _picture_written(function):
    def spoilt(*inputs):
        cost = function(*inputs)

        def of_picture(x):
            costs = cost(x)
            if isinstance(x, tf.Variable):
                x.assign(tf.zeros_like(x))
            return costs

        return of_picture

    return spoilt


def _along(bend):
    """The spoiler of train_step and model_nn that follows a bent gradient."""

    def spoil(function):
        def spoilt(first, second, *others, **options):
            costs = first if callable(first) else second

            def bent_costs(picture):
                return tuple(bent(bend)(lambda x, i=i: costs(x)[i])(picture) for i in range(2))

            inputs = (bent_costs, second) if callable(first) else (first, bent_costs)
            return function(*inputs, *others, **options)

        return spoilt

    return spoil


def _stepped_by_hand(function):
    def spoilt(picture, costs, optimizer):
        with tf.GradientTape() as tape:
            J_content, J_style = costs(picture)
            J = 10 * J_content + 40 * J_style
        picture.assign_sub(optimizer.learning_rate * tape.gradient(J, picture))
        return J, J_content, J_style

    return spoilt


def _painted(step):
    """The spoiler of model_nn that takes another step than Adam's: step(gradient, t, memory) -> part of the rate."""

    def spoil(function):
        def spoilt(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
            picture, memory = tf.Variable(start), {}
            for i in range(num_iterations):
                with tf.GradientTape() as tape:
                    J_content, J_style = costs(picture)
                    J = 10 * J_content + 40 * J_style
                gradient = tape.gradient(J, picture)
                picture.assign_sub(learning_rate * step(gradient, memory))
                if callback is not None:
                    callback(i, {"total": J, "content": J_content, "style": J_style}, picture)
            return picture.numpy()

        return spoilt

    return spoil


def _root_mean_square(gradient, memory):
    memory["v"] = 0.9 * memory.get("v", 0.0) + 0.1 * gradient**2
    return gradient / (tf.sqrt(memory["v"]) + 1e-7)


def _never_told(function):
    def spoilt(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
        return function(costs, start, num_iterations=num_iterations, learning_rate=learning_rate)

    return spoilt


def _told_of_one_less(function):
    def spoilt(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
        def late(i, costs, picture):
            if i:
                callback(i, costs, picture)

        options = {"num_iterations": num_iterations, "learning_rate": learning_rate}
        return function(costs, start, callback=callback and late, **options)

    return spoilt


def _option_fixed(**fixed):
    """A spoiler that does not pass these options on."""
    return lambda function: lambda *inputs, **options: function(*inputs, **(options | fixed))


_NUMBER = "a number, a text or a tuple cannot be written into"
_TENSOR = "a tensor cannot be written into"
_MODEL = "a network is asked, and offers nothing to write into"
_FUNCTION = "a function cannot be written into"
_BATCH = "the part about one picture asks for that"
_NUMPY = "NumPy is allowed: the result is looked at, and nothing is learnt from it"
_ANY_KIND = "numbers of Python, NumPy and TensorFlow are equally good where nothing is differentiated"
_SHOWN = "none comes back: where the picture moves shows it, and bent gradients are promises of their own"

PROMISES = {
    "what-convnets-see": {
        "output_shape": Promises(
            "whole numbers have no slope",
            unkept=dict.fromkeys(("input_shape", "filter_shape", "filters"), _NUMBER),
            defaults={"stride": 2, "padding": 1},
            kind=_ANY_KIND,
        ),
        "convolve_1d": Promises(_NUMPY, ("signal", "kernels"), defaults={"stride": 2, "padding": 1}, kind=_ANY_KIND),
        "receptive_field": Promises("whole numbers have no slope", ("layers",), kind=_ANY_KIND),
        "strongest": Promises("whole numbers have no slope", ("activation",), {"count": _NUMBER}, kind=_ANY_KIND),
        "unit_cost": Promises(
            ("the picture",),
            unkept={"model": _MODEL} | dict.fromkeys(("layer", "channel", "tv_weight"), _NUMBER),
            returns_cost=True,
            more={"the picture as it was": _picture_written}
            | {f'a gradient of "{name}"': _one_cost_stopped(name) for name in ("unit", "tv", "total")},
        ),
    },
    "neural-style-transfer": {
        "compute_content_cost": Promises(("a_G",), ("a_C",), {"a_G": _TENSOR}),
        "gram_matrix": Promises(("A",), unkept={"A": _TENSOR}),
        "compute_layer_style_cost": Promises(("a_G",), ("a_S",), {"a_G": _TENSOR}),
        "total_cost": Promises(
            ("J_content", "J_style"),
            unkept=dict.fromkeys(("J_content", "J_style"), _NUMBER),
            defaults={"alpha": 11, "beta": 41},
            without={"the gradient in its place": "a number has one place"},
        ),
        "train_step": Promises(
            _SHOWN,
            unkept={
                "picture": "it is there to be changed",
                "costs": _FUNCTION,
                "optimizer": "it is there to remember the step",
            },
            more={
                "the optimizer takes the step": _stepped_by_hand,
                "along the gradient, not twice": _along(lambda gradient: 2 * gradient),
                "along the gradient, not backwards": _along(lambda gradient: -gradient),
                "along a gradient that is finite": _along(lambda gradient: gradient * float("nan")),
            },
        ),
        "model_nn": Promises(
            _SHOWN,
            ("start",),
            {"costs": _FUNCTION},
            {"num_iterations": 150, "learning_rate": 1.0},
            {"callback": "None says that nobody is told"},
            kind="it is an array, and a promise of its own",
            more={
                "an array, not a tensor": first_of(tf.convert_to_tensor),
                "along the gradient, not backwards": _along(lambda gradient: -gradient),
                "along a gradient that is finite": _along(lambda gradient: gradient * float("nan")),
                "Adam, not plain descent": _painted(lambda gradient, memory: gradient),
                "Adam, not the gradient's sign": _painted(lambda gradient, memory: tf.sign(gradient)),
                "Adam, not its root mean square alone": _painted(_root_mean_square),
                "callback is told": _never_told,
                "callback is told of every step": _told_of_one_less,
            },
        ),
    },
    "fast-style-transfer": {
        "content_loss": Promises(
            ("content_current",),
            ("content_original",),
            {"content_weight": _NUMBER, "content_current": _TENSOR},
        ),
        "content_loss_batch": Promises(
            ("content_current",),
            unkept={"content_weight": _NUMBER, "content_current": _TENSOR, "content_original": _BATCH},
        ),
        "gram_matrix": Promises(("features",), unkept={"features": _TENSOR}, defaults={"normalize": False}),
        "gram_matrix_batch": Promises(("features",), unkept={"features": _TENSOR}, defaults={"normalize": False}),
        "style_loss": Promises(("feats",), ("feats", "style_layers", "style_targets", "style_weights")),
        "style_loss_batch": Promises(
            ("feats",),
            ("feats",),
            dict.fromkeys(("style_layers", "style_targets", "style_weights"), _BATCH),
        ),
        "tv_loss": Promises(("img",), ("img",), {"tv_weight": _NUMBER}),
        "tv_loss_batch": Promises(("img",), unkept={"img": _BATCH, "tv_weight": _NUMBER}),
        "style_transfer": Promises(
            _SHOWN,
            ("content", "style", "style_layers", "style_weights"),
            {"model": _MODEL} | dict.fromkeys(("content_layer", "content_weight", "tv_weight"), _NUMBER),
            {"init_random": True, "seed": 5},
            {
                "iterations": "two hundred of them would keep everybody waiting",
                "callback": "None says that nobody is told",
            },
            kind=_ANY_KIND,
            more={
                "iterations are passed on": _option_fixed(iterations=1),
                "callback is passed on": _option_fixed(callback=None),
                "the seed is used": _option_fixed(seed=0),
            },
        ),
        "inversion_cost": Promises(
            ("x",),
            ("picture",),
            {"model": _MODEL} | dict.fromkeys(("layer", "content_weight", "tv_weight"), _NUMBER),
            kind="only the total is followed, and a gradient of it is a promise of its own",
            returns_cost=True,
            more={"x as it was": _picture_written, 'a gradient of "total"': _one_cost_stopped("total")},
        ),
        "grow_texture": Promises(
            "paint takes the steps, and is given",
            ("sizes",),
            {"cost": _FUNCTION, "paint": _FUNCTION},
            {"seed": 1},
            kind=_ANY_KIND,
            more={"the seed is used": _option_fixed(seed=0)},
        ),
    },
    "face-recognition": {
        "triplet_loss": Promises(
            ("y_pred",),
            ("y_pred",),
            {"y_true": "nothing is in it"},
            {"alpha": 0.3},
            more={
                f"a gradient that reaches the {name}": _list_entry_stopped(at)
                for at, name in enumerate(("anchors", "positives", "negatives"))
            },
        ),
        "choose_triplets": Promises(
            "choosing needs no gradient, says the task",
            ("encodings", "labels"),
            defaults={"alpha": 0.22},
            kind=_ANY_KIND,
        ),
        "img_to_encoding": Promises(_NUMPY, ("image",), {"model": _MODEL}, kind=_ANY_KIND),
        "verify": Promises(
            _NUMPY,
            ("image", "database"),
            {"identity": _NUMBER, "model": _MODEL},
            {"threshold": 0.72},
            kind=_ANY_KIND,
        ),
        "who_is_it": Promises(_NUMPY, ("image", "database"), {"model": _MODEL}, {"threshold": 0.68}, kind=_ANY_KIND),
        "acceptance_rates": Promises(_NUMPY, ("same", "different"), {"threshold": _NUMBER}, kind=_ANY_KIND),
        "probability_same": Promises(
            ("f_1", "f_2", "w", "b"),
            ("w", "b"),
            dict.fromkeys(("f_1", "f_2"), _TENSOR),
            {"similarity": "chi2"},
        ),
    },
}
