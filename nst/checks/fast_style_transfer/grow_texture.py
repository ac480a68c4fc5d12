"""grow_texture(cost, sizes, paint, seed=0)"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from nst.checks.exercise import Exercise, Misunderstanding, Property, cases
from nst.checks.outcome import fresh
from nst.checks.wrong_versions import composable, parts_of
from nst.quiet import tf


def constant_cost(picture):
    """A cost of 1/4, whatever the picture."""
    return 0.25


def square_and_add(cost, start):
    """A stand-in for painting: start² + cost(start)."""
    return np.float32(start) ** 2 + np.float32(cost(start))


def _ready(case):
    sizes = [tuple(map(int, size)) for size in case.inputs[0]]
    return replace(case, inputs=(constant_cost, sizes, square_and_add))


@composable
def _texture(**wrong):
    """A grow_texture with a wrong part: size, noise, the next start, which sizes are painted, the result."""
    parts = parts_of(
        wrong,
        size=lambda size: size,
        noise=lambda s, size: s.random.uniform(0, 1, (1, *size, 3)),
        enlarge=lambda s, picture, size: tf.image.resize(picture, size, method="bicubic"),
        paints=lambda number, last: True,
        finish=lambda s, picture: picture,
    )

    def function(cost, sizes, paint, seed=0):
        s = SimpleNamespace(sizes=sizes, seed=seed, random=np.random.default_rng(seed))
        picture = parts.noise(s, parts.size(sizes[0]))
        for number, size in enumerate(sizes):
            if number > 0:
                picture = parts.enlarge(s, picture, parts.size(size))
            if parts.paints(number, len(sizes) - 1):
                picture = paint(cost, picture)
        return parts.finish(s, picture)

    return function


def _tiled(s, picture, size):
    return tf.tile(picture, [1, size[0] // picture.shape[1], size[1] // picture.shape[2], 1])


_FRESH_NOISE = (
    "You begin with new noise at every size, so what was painted before is lost. Enlarge the painted picture, and let "
    "it be the next start."
)
_BICUBIC = 'Enlarge with tf.image.resize(picture, size, method="bicubic")'
_LAST = "Every size is painted, the last one too, and nothing is enlarged after that: "
_FIRST_NOISE = "The first start is np.random.default_rng(seed).uniform(0, 1, shape)"

_EXPERIMENT = """\
def told(cost, start): print(np.shape(start), np.round(np.ravel(start)[:3], 2)); return 2 * np.array(start)
grow_texture(None, [(2, 3), (4, 9)], told, seed=7)  # starts with 0.63 0.9 0.78, then with 1.37 2.04 1.62"""

_LOOK_RESIZE = "Look at the line that enlarges the picture."
_LOOK_LOOP = "Follow the picture through your loop, size by size: what is painted, and from what?"
_LOOK_NOISE = "Look at the line that makes the first start."

_MISUNDERSTANDINGS = [
    Misunderstanding(
        "tiled",
        "You lay copies of the picture side by side. A texture grows by being enlarged, so that its forms grow with "
        "it.",
        _texture(enlarge=_tiled),
        _LOOK_RESIZE,
    ),
    Misunderstanding(
        "bilinear",
        _BICUBIC + ": without a method it is bilinear.",
        _texture(enlarge=lambda s, picture, size: tf.image.resize(picture, size)),
        _LOOK_RESIZE,
    ),
    Misunderstanding(
        "nearest neighbour",
        _BICUBIC + ": yours repeats pixels.",
        _texture(enlarge=lambda s, picture, size: tf.image.resize(picture, size, method="nearest")),
        _LOOK_RESIZE,
    ),
    Misunderstanding(
        "area",
        _BICUBIC + ": yours averages areas.",
        _texture(enlarge=lambda s, picture, size: tf.image.resize(picture, size, method="area")),
        _LOOK_RESIZE,
    ),
    Misunderstanding(
        "clipped to 0 and 1",
        "You clip to 0 and 1. Normalised pixels lie between −2.1 and 2.6, and paint knows its bounds: enlarge the "
        "picture, and leave its numbers as they are.",
        _texture(
            enlarge=lambda s, picture, size: tf.clip_by_value(tf.image.resize(picture, size, method="bicubic"), 0, 1)
        ),
        _LOOK_RESIZE,
    ),
    Misunderstanding(
        "channels first",
        "Your start is (1, 3, H, W), as PyTorch has it. Here the channels come last: (1, H, W, 3).",
        _texture(noise=lambda s, size: s.random.uniform(0, 1, (1, 3, *size))),
        _LOOK_NOISE,
    ),
    Misunderstanding(
        "fresh noise at every size",
        _FRESH_NOISE,
        _texture(enlarge=lambda s, picture, size: s.random.uniform(0, 1, (1, *size, 3))),
        _LOOK_LOOP,
    ),
    Misunderstanding(
        "fresh noise of the same seed",
        _FRESH_NOISE,
        _texture(enlarge=lambda s, picture, size: np.random.default_rng(s.seed).uniform(0, 1, (1, *size, 3))),
        _LOOK_LOOP,
    ),
    Misunderstanding(
        "sizes swapped",
        "Your pictures lie on their side: a size is (height, width), in this order.",
        _texture(size=lambda size: size[::-1]),
        "Look at the order in which you use height and width.",
    ),
    Misunderstanding(
        "sizes swapped in resize",
        "Your enlarged pictures lie on their side: tf.image.resize takes (height, width) too.",
        _texture(enlarge=lambda s, picture, size: tf.image.resize(picture, size[::-1], method="bicubic")),
        _LOOK_RESIZE,
    ),
    Misunderstanding(
        "last size not painted",
        _LAST + "yours is enlarged to the last size, and not painted.",
        _texture(paints=lambda number, last: number < last),
        _LOOK_LOOP,
    ),
    Misunderstanding(
        "enlarged after the last",
        _LAST + "yours looks for one more size than there is.",
        _texture(finish=lambda s, picture: tf.image.resize(picture, s.sizes[len(s.sizes)], method="bicubic")),
        _LOOK_LOOP,
    ),
    Misunderstanding(
        "first size not painted",
        "The first size is never painted: you enlarge the noise. Paint first, then enlarge what was painted.",
        _texture(paints=lambda number, last: number > 0),
        _LOOK_LOOP,
    ),
    Misunderstanding(
        "painted only at the end",
        "You enlarge noise, and paint once at the end. Paint at every size.",
        _texture(paints=lambda number, last: number == last),
        _LOOK_LOOP,
    ),
    Misunderstanding(
        "normal noise",
        _FIRST_NOISE + ": yours is normally distributed.",
        _texture(noise=lambda s, size: s.random.normal(size=(1, *size, 3))),
        _LOOK_NOISE,
    ),
    Misunderstanding(
        "noise around zero",
        _FIRST_NOISE + ": yours goes from −1 to 1.",
        _texture(noise=lambda s, size: s.random.uniform(-1, 1, (1, *size, 3))),
        _LOOK_NOISE,
    ),
    Misunderstanding(
        "starts from black",
        _FIRST_NOISE + ": yours is the same everywhere, so all pixels get the same gradient.",
        _texture(noise=lambda s, size: np.zeros((1, *size, 3))),
        _LOOK_NOISE,
    ),
    Misunderstanding(
        "another generator",
        _FIRST_NOISE + ": yours comes from another generator, so nobody gets the same picture again.",
        _texture(noise=lambda s, size: np.random.RandomState(s.seed).uniform(0, 1, (1, *size, 3))),
        _LOOK_NOISE,
    ),
    Misunderstanding(
        "seed not used",
        _FIRST_NOISE + ": yours does not listen to seed.",
        _texture(noise=lambda s, size: np.random.default_rng(0).uniform(0, 1, (1, *size, 3))),
        _LOOK_NOISE,
    ),
]


def _every_size_is_painted(exercise, function):
    for case in exercise.cases:
        _is_painted_at_every_size(function, *case.inputs, **case.options)


def _is_painted_at_every_size(function, wanted, sizes, paint, **options):
    given, seen = fresh(sizes), []

    def recording(cost, start):
        seen.append(tuple(np.shape(start)))
        if cost != wanted:
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


def _begins_with_seed_0(exercise, function):
    wanted, sizes, paint = exercise.cases[0].inputs
    if not np.array_equal(function(wanted, fresh(sizes), paint), function(wanted, fresh(sizes), paint, seed=0)):
        raise AssertionError(
            "grow_texture without a seed should give what it gives with seed=0, and the same each time.\n"
            "The signature was written for you with seed=0: put this default back."
        )


EXERCISE = Exercise(
    name="grow_texture",
    cases=cases("fast-style-transfer", "grow_texture", _ready),
    misunderstandings=_MISUNDERSTANDINGS,
    properties=[
        Property("every size is painted once, in order", _every_size_is_painted),
        Property("by default the seed is 0", _begins_with_seed_0),
    ],
    advice={"picture": f"{_FIRST_NOISE}. {_BICUBIC}, and paint once at every size."},
    look="Compare your code with the recipe above, sentence by sentence.",
    experiment=_EXPERIMENT,
)
