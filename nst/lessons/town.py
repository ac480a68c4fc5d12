"""A synthetic town: residents who are an identity, and pictures of them.

Nobody in this course is a real person. A resident is a frozen set of numbers, the identity: the shape of the head, the
colours, the eyes, the hair and so on. A picture of a resident adds what a camera would: pose, light, expression,
clothes, background, blur and noise. Everything follows from seeds, with NumPy and Pillow alone.

    face = picture(resident(7), 0)                (96, 96, 3) uint8
    faces = pictures(TOWN[:50], each=8, seed=0)   (50, 8, 96, 96, 3) uint8

How a face is drawn is in nst/lessons/town_drawing/.
"""

import operator
from dataclasses import asdict, dataclass, fields
from typing import NamedTuple

import numpy as np

from nst.lessons.town_drawing import draw
from nst.lessons.town_drawing.shapes import colours, mix
from nst.lessons.town_drawing.surroundings import CLOTH

SIZE = 96

#: The numbers of the residents whose pictures you train with, and of those who are for measuring. Nobody is in both.
TOWN = range(1000, 1400)
HELD_OUT = range(2000, 2200)
_AT_THE_DOOR = {
    1: "Emre",
    4: "Kofi",
    6: "Safiya",
    10: "Maeve",
    18: "Leilani",
    19: "Ingrid",
    23: "Nia",
    33: "Luis",
    42: "Yuki",
    45: "Tama",
    61: "Farid",
    65: "Ngozi",
}

_SHORT = ("bald", "receding", "crop", "quiff", "side parting", "curls")
HAIR_STYLES = (*_SHORT, "bob", "fringe", "long", "bun", "braids", "scarf")
BEARDS = ("none", "stubble", "moustache", "goatee", "full")

SKIN = colours("f7d9c3", "f1cbae", "dfae86", "c48c60", "9c6847", "7a5038", "5c3c2c")
HAIR = colours("211c1e", "3a2820", "5d3f2b", "7c4a2e", "a85a30", "c79a5c", "e3c690")
GREY = colours("8d8b8d", "dedbd6")
EYES = colours("3a2417", "5f3d22", "86683a", "5f8257", "5585b5", "7d8f9b")
FRAMES = colours("26242a", "6b3a22", "8c2f3a", "2f4f78", "b08d4a", "7d8288")


@dataclass(frozen=True)
class Resident:
    """An identity. Lengths are in halves of the head's height, colours (red, green, blue) from 0 to 1.

    number: which resident of the town this is; name: a first name, for the dozen at the door, else "".
    """

    number: int
    name: str
    age: float  # 0 for a young person, 1 for an old one
    width: float  # half the width of the head
    jaw: float  # how much narrower the jaw is, 0 to 0.4
    square: float  # how square the jaw is, 0 to 0.8
    chin: float  # how far down the chin reaches
    skin: tuple
    eye_colour: tuple
    eye_size: float
    eye_open: float  # height of the open eye by its width
    eye_distance: float  # from the middle of the face to the middle of an eye
    eye_slant: float  # outer corner up, if positive
    lashes: float
    brow_thickness: float
    brow_angle: float
    brow_arch: float
    brow_height: float
    nose_length: float
    nose_width: float
    mouth_width: float
    mouth_height: float
    upper_lip: float
    lower_lip: float
    lip_colour: tuple
    ears: float
    hair: str  # one of HAIR_STYLES
    hair_colour: tuple
    hair_length: float
    volume: float
    parting: float
    wave: float
    beard: str  # one of BEARDS
    glasses: float  # half the width of a lens, 0 for none
    lens_square: float  # 0 for round lenses, 0.9 for square ones
    frame: tuple
    freckles: float
    mole: tuple  # (u, v) of a mole, or () for none
    cloth: tuple  # of a scarf
    earrings: bool

    @property
    def vector(self):
        """The identity as numbers, without number and name: (51,) float64."""
        traits = asdict(self) | {"hair": HAIR_STYLES.index(self.hair), "beard": BEARDS.index(self.beard)}
        traits["mole"] = self.mole or (0, 0)
        return np.concatenate([np.ravel(traits[field.name]) for field in fields(self)[2:]]).astype(float)


def resident(number):
    """The Resident of this number; always the same. Raises ValueError for what is not a whole number, 0 or more."""
    try:
        valid = operator.index(number) >= 0
    except TypeError:
        valid = False
    if not valid:
        raise ValueError(
            f"number should be a whole number, 0 or more, and it is {number!r}; TOWN and HELD_OUT hold such numbers."
        )
    rng = np.random.default_rng([1962, number])
    age, tone, feminine = rng.random(3)

    def between(low, high, lean=None):
        """A number between the two; nearer to high where lean is near 1."""
        t = rng.random() if lean is None else 0.6 * rng.random() + 0.4 * lean
        return float(low + (high - low) * t)

    skin = _along(SKIN, tone) * (1 + rng.uniform(-0.03, 0.03) * np.array([1, 0, -2]))
    fair = max(0, 1 - 2 * tone)
    hair_colour = _along(HAIR, rng.random() * (0.35 + 0.65 * fair) if rng.random() < 0.8 else 0)
    if rng.random() < (age - 0.5) * 1.5:
        hair_colour = mix(hair_colour, _along(GREY, rng.random()), rng.uniform(0.6, 1))
    likely = np.array([0.35, 0.7 * age, 1.2, 1, 1, 1, 0.2, 0.1, 0.2, 0.2, 0.1, 0]) * (1 - feminine)
    likely += np.array([0, 0, 0.35, 0.25, 0.4, 1, 1.2, 1.1, 1.5, 1, 0.6 * (1 - age), 0.4]) * feminine
    hair = str(rng.choice(HAIR_STYLES, p=likely / likely.sum()))
    bearded = rng.random() < 0.9 - 2 * feminine and age > 0.15
    iris = _along(EYES, rng.random() * (0.3 + 0.7 * fair))
    return Resident(
        number=int(number),
        name=_AT_THE_DOOR.get(number, ""),
        age=float(age),
        width=between(0.69, 0.82),
        jaw=between(0.08, 0.3),
        square=between(0.0, 0.75, 1 - feminine),
        chin=between(0.93, 1.07),
        skin=_numbers(skin),
        eye_colour=_numbers(iris),
        eye_size=between(0.135, 0.18, 1 - age),
        eye_open=between(0.36, 0.62),
        eye_distance=between(0.29, 0.36),
        eye_slant=between(-0.10, 0.22),
        lashes=between(0.2, 1.0, feminine),
        brow_thickness=between(0.022, 0.062, 1 - feminine),
        brow_angle=between(-0.18, 0.07),
        brow_arch=between(0.02, 0.09),
        brow_height=between(0.20, 0.28, feminine),
        nose_length=between(0.29, 0.41, age),
        nose_width=between(0.10, 0.19),
        mouth_width=between(0.20, 0.31),
        mouth_height=between(0.57, 0.65),
        upper_lip=between(0.035, 0.075, feminine),
        lower_lip=between(0.05, 0.10, feminine),
        lip_colour=_numbers(mix(skin * [0.86, 0.62, 0.60], [0.76, 0.27, 0.29], 0.1 + 0.4 * feminine * rng.random())),
        ears=between(0.13, 0.21),
        hair=hair,
        hair_colour=_numbers(hair_colour),
        hair_length=between(0.0, 1.0),
        volume=between(0.0, 1.0),
        parting=float(rng.choice([-1, 1]) * rng.uniform(0.0, 0.4)),
        wave=between(0.0, 1.0),
        beard=str(rng.choice(BEARDS[1:])) if bearded else "none",
        glasses=between(0.19, 0.25) if rng.random() < 0.25 + 0.15 * age else 0.0,
        lens_square=between(0.0, 0.9),
        frame=_numbers(FRAMES[rng.integers(len(FRAMES))]),
        freckles=between(0.4, 1) if rng.random() < 0.06 + 0.3 * fair else 0.0,
        mole=(between(0.2, 0.4) * rng.choice([-1.0, 1.0]), between(0.3, 0.75)) if rng.random() < 0.15 else (),
        cloth=_numbers(CLOTH[rng.integers(len(CLOTH) - 1)]),
        earrings=bool(rng.random() < 0.45 * feminine),
    )


class View(NamedTuple):
    """What changes from one picture of a resident to the next. Angles in radians; the defaults are a portrait's."""

    yaw: float = 0.0  # turned to our right, if positive
    pitch: float = 0.0  # nodding, if positive
    roll: float = 0.0
    scale: float = 0.66  # half the head's height, in halves of the picture's
    place: tuple = (0.0, 0.05)  # of the middle of the head, in halves of the picture's height
    light: tuple = (-0.45, -0.5)  # where it comes from: right and down are positive
    strength: float = 0.5  # of the shadows, 0 to 1
    exposure: float = 1.0
    warmth: float = 0.0  # -1 for blue light, 1 for the light of a lamp
    smile: float = 0.35  # -0.3 to 1
    mouth_open: float = 0.0
    eyes_open: float = 1.0
    brows_up: float = 0.0
    gaze: tuple = (0.0, 0.0)
    glasses_on: bool = True
    background: int = 0  # seeds
    clothes: int = 0
    blur: float = 0.0  # standard deviation, in pixels of the picture
    noise: float = 0.0  # standard deviation, in grey levels


def picture(who, rng, view=None, size=SIZE):
    """A picture of a Resident, or of the resident of a number: (size, size, 3) uint8.

    rng: a seed or a np.random.Generator, for the view where none is given, and for the camera's noise.
    view: a View; View() for a portrait. size: a larger one shows the same picture with more pixels.
    """
    who, rng = who if isinstance(who, Resident) else resident(who), np.random.default_rng(rng)
    view = random_view(rng) if view is None else view
    return draw(who, view, rng, size)


def pictures(residents, each, seed):
    """Pictures of every resident: (n, each, 96, 96, 3) uint8. residents: n of them, or their numbers.

    A picture depends on the seed, the resident and its place in the row, and on nothing else.
    """
    residents = [who if isinstance(who, Resident) else resident(who) for who in residents]
    faces = np.empty((len(residents), each, SIZE, SIZE, 3), np.uint8)
    for row, who in zip(faces, residents, strict=True):
        for j in range(each):
            row[j] = picture(who, [seed, who.number, j])
    return faces


def random_view(rng):
    """A View as at somebody's door: any pose, light, mood, clothes and background. rng: a np.random.Generator."""

    def bell(spread, low, high):
        return float(np.clip(rng.normal(0, spread), low, high))

    mood = rng.choice(["calm", "smiling", "laughing", "surprised", "sleepy"], p=[0.35, 0.3, 0.15, 0.1, 0.1])
    angle = rng.uniform(0, 2 * np.pi)
    return View(
        yaw=bell(0.26, -0.5, 0.5),
        pitch=bell(0.09, -0.18, 0.18),
        roll=bell(0.11, -0.25, 0.25),
        scale=0.66 * float(np.exp(bell(0.09, -0.16, 0.16))),
        place=(bell(0.07, -0.14, 0.14), 0.05 + bell(0.06, -0.11, 0.11)),
        light=(0.95 * float(np.cos(angle)), 0.6 * float(np.sin(angle)) - 0.3),
        strength=float(rng.uniform(0.3, 1)),
        exposure=float(np.exp(bell(0.22, -0.5, 0.16))),
        warmth=bell(0.6, -0.7, 1),
        smile={"calm": 0.3, "smiling": 0.7, "laughing": 1.0, "surprised": 0.0, "sleepy": 0.2}[mood]
        + bell(0.1, -0.2, 0.2),
        mouth_open={"laughing": 0.12, "surprised": 0.15}.get(mood, 0.0) * float(rng.uniform(0.7, 1.1)),
        eyes_open={"laughing": 0.75, "surprised": 1.2, "sleepy": 0.4}.get(mood, 1.0) * float(rng.uniform(0.9, 1.05)),
        brows_up={"surprised": 0.09}.get(mood, 0.0) + bell(0.015, -0.03, 0.03),
        gaze=(bell(0.02, -0.04, 0.04), bell(0.01, -0.02, 0.02)),
        glasses_on=bool(rng.random() < 0.8),
        background=int(rng.integers(2**31)),
        clothes=int(rng.integers(2**31)),
        blur=float(rng.uniform(0, 0.8)),
        noise=float(rng.uniform(0, 4)),
    )


def _along(colours, t):
    """The colour at t, from 0 to 1, of a row of colours."""
    place = min(max(t, 0), 1) * (len(colours) - 1)
    first = min(int(place), len(colours) - 2)
    return mix(colours[first], colours[first + 1], place - first)


def _numbers(values):
    return tuple(round(float(value), 4) for value in np.clip(values, -1, 1))


#: The twelve residents at the door.
DOOR = tuple(resident(number) for number in _AT_THE_DOOR)
