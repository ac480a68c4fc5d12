"""How a resident of nst.lessons.town is drawn, with nothing but arrays and a few soft shapes.

The head is an ellipsoid. A scene holds, for every pixel, where it lies on the head as we see it (x, y) and on the face
as it would be seen from straight ahead (u, v). Every feature is drawn in (u, v), so a turned head foreshortens by
itself; and nearly every feature is a few lines of `part.lay(colour, cover)`.

Unit of length: half the height of the head. x and u grow to the right, y and v grow downwards; the crown is at v = -1,
the eyes are at 0, the chin is at 1.
"""

import copy
import math

import numpy as np
from PIL import Image, ImageFilter

# Pixels are computed FINE times as fine and then reduced. As the edge of every shape is as soft as a pixel already, 1.5
# looks like 3 at a third of the time.
FINE = 1.5


def colours(*codes):
    """Rows of red, green and blue from 0 to 1, of hexadecimal codes."""
    return np.array([[int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)] for code in codes], np.float32)


CLOTH = colours("b5473c", "d98a3d", "e3c15b", "5f8a5a", "2f6f73", "3f5f95", "6c4f86", "b86f86", "e8e2d6", "3a3f4a")
PLACES = (
    colours("dfe7d8", "a9c29b", "7fa37c", "f3ecc8"),
    colours("f2d9c4", "d99f7e", "b96f56", "f7ead9"),
    colours("cfdcea", "8fabc9", "5f7fa8", "f3e6e0"),
    colours("e9dff0", "b79fca", "806a9c", "f6d6d2"),
    colours("efe6d3", "cdb58c", "94795a", "fff6e0"),
    colours("4d5d6b", "6f8592", "35424e", "d9a066"),
    colours("d5ece8", "7fbab4", "3f8287", "f7f0d0"),
    colours("f4d2d0", "d88f93", "a35c6b", "fbeee3"),
)


def draw(who, view, rng, size):
    """A picture (size, size, 3) uint8 of a Resident as a View has it; rng: a np.random.Generator for the noise."""
    scene = _Scene(who, view, size)
    _paint_background(scene)
    if who.hair in _CUTS:
        locks = _hair_part(scene, who)
        edge, colour = _hair_outline(locks, who), _hair_colour(locks, who)
        locks.lay(0.7 * colour, locks.edge(edge))
    _paint_body(scene, who)
    if who.hair != "scarf":
        _paint_ears(scene, who)
    _paint_head(scene.part(0, 0, 1, 1.2), who)
    _paint_skin_marks(scene, who)
    _paint_nose(scene, who)
    if who.beard != "none":
        _paint_beard(scene, who)
    _paint_mouth(scene, who)
    _paint_eyes(scene, who)
    if who.glasses and view.glasses_on:
        _paint_glasses(scene, who)
    if who.hair in _CUTS:
        _paint_front_hair(locks, who, edge, colour)
    if who.hair == "scarf":
        _paint_scarf(scene, who)
    return _develop(scene, who, rng, size)


# ---------------------------------------------------------------------------------------------- a picture in the making


class _Scene:
    """Arrays (n, n) float32 with a value per fine pixel: x, y on the head as seen, u, v on the face as from straight
    ahead, lit from 0 for shadow to 1 for light; and the colours so far, rgb (3, n, n)."""

    def __init__(self, who, view, size):
        self.view, self.n = view, round(size * FINE)
        self.fine = 2 / (self.n * view.scale)  # the width of a fine pixel
        steps = (np.arange(self.n, dtype=np.float32) + 0.5) * (2 / self.n) - 1
        right = (steps[None, :] - view.place[0]) / view.scale
        down = (steps[:, None] - view.place[1]) / view.scale
        self.x = math.cos(view.roll) * right + math.sin(view.roll) * down
        self.y = math.cos(view.roll) * down - math.sin(view.roll) * right
        deep = np.sqrt((1 - self.x * self.x * (1 / 0.92**2) - self.y * self.y * (1 / 1.12**2)).clip(0, 1))
        self.u = math.cos(view.yaw) * self.x - 0.9 * math.sin(view.yaw) * deep
        self.v = math.cos(view.pitch) * self.y - 0.9 * math.sin(view.pitch) * deep
        across, along, ahead = (float(part) for part in _unit([*view.light, 0.75]))
        facing = (0.35 + 0.75 * (across * self.x + along * self.y + ahead * deep)).clip(0, 1)
        self.lit = 1 - view.strength * (1 - facing)
        self.outline = _outline(self, who)
        self.rgb = np.empty((3, self.n, self.n), np.float32)

    def part(self, x, y, reach_x, reach_y):
        """The scene about the point (x, y) of the head, as far as reach; painting on it paints on the whole."""
        c, s = math.cos(self.view.roll), math.sin(self.view.roll)
        middles = (s * x + c * y, c * x - s * y)
        reaches = (reach_y * c + reach_x * abs(s), reach_x * c + reach_y * abs(s))
        cut = [...]
        for middle, reach, place in zip(middles, reaches, self.view.place[::-1], strict=True):
            pixel = (middle * self.view.scale + place + 1) * self.n / 2
            reach = reach * self.view.scale * self.n / 2 + 2
            cut.append(slice(max(int(pixel - reach), 0), max(int(pixel + reach) + 1, 0)))
        part = copy.copy(self)
        for name in ("x", "y", "u", "v", "lit", "outline", "rgb"):
            setattr(part, name, getattr(self, name)[tuple(cut)])
        return part

    def face_part(self, v, reach_u, reach_v):
        """The scene about the point (0, v) of the face."""
        deep = 0.9 * math.sqrt(1 - (v / 1.12) ** 2)
        y = v * math.cos(self.view.pitch) + deep * math.sin(self.view.pitch)
        return self.part(deep * math.sin(self.view.yaw), y, reach_u, reach_v)

    def lay(self, colour, cover):
        """Lay a colour, (3,) or (3, h, w), over what is there; cover, (h, w): 0 for not at all, 1 for opaque."""
        colour = np.asarray(colour, np.float32)
        self.rgb += cover * ((colour[:, None, None] if colour.ndim == 1 else colour) - self.rgb)

    def edge(self, distance):
        """1 inside, where the distance is below 0, and 0 outside, with an edge of one fine pixel."""
        return (0.5 - distance * (1 / self.fine)).clip(0, 1)

    def band(self, place, low, high):
        """1 from low to high, 0 beyond, with such edges."""
        return self.edge(np.maximum(low - place, place - high))


def mix(a, b, t):
    return np.asarray(a) + (np.asarray(b) - np.asarray(a)) * t


def _unit(vector):
    return np.array(vector) / np.linalg.norm(vector)


def _far(x, y):
    """The distance from (0, 0). (np.hypot, which guards against overflow, takes ten times as long.)"""
    return np.sqrt(x * x + y * y)


def _spot(x, y, wide, high):
    """A soft spot of height 1."""
    return np.exp(-((x / wide) ** 2) - (y / high) ** 2)


def _ramp(low, high, x):
    """0 where x is at low (or beyond), 1 at high, smoothly between; low may be the larger one."""
    t = ((x - low) * (1 / (high - low))).clip(0, 1)
    return t * t * (3 - 2 * t)


def _squircle(x, y, square):
    """Below 0 inside a shape from a circle of radius 1 (square 0) to nearly a square (0.95)."""
    xx, yy = x * x, y * y
    return np.sqrt(xx + yy - square * xx.clip(0, 1) * yy.clip(0, 1)) - 1


def _shaded(colour, lit):
    """A colour (3,) in light and shadow (h, w): (3, h, w). A shadow on skin or cloth is warmer than grey."""
    colour = np.asarray(colour, np.float32)[:, None, None]
    shadow = np.array([0.46, 0.36, 0.36], np.float32)[:, None, None]
    return colour * (shadow + (1.06 - shadow) * lit)


def _strand_noise():
    """Uneven stripes: (1024,) float32, mean 0, repeating without a seam."""
    white = np.random.default_rng(3).standard_normal(1024)
    smooth = sum(np.convolve(np.tile(white, 3), np.hanning(w) / w**0.5, "same")[1024:2048] for w in (7, 15, 40))
    return (smooth / np.abs(smooth).max()).astype(np.float32)


_STRANDS = _strand_noise()


def _strands(place):
    """The noise along `place`, in units of its whole length."""
    return _STRANDS[(place * 1024).astype(np.int32) & 1023]


# --------------------------------------------------------------------------------------------------- what is painted


def _paint_background(scene):
    """A place out of focus: a small picture of random colours, much enlarged, with a few round lights."""
    rng, n = np.random.default_rng([7, scene.view.background]), scene.n
    colours, cells = PLACES[rng.integers(len(PLACES))], rng.integers(2, 6)
    small = colours[rng.integers(3, size=(cells, cells))].T * rng.uniform(0.85, 1.08, (cells, cells))
    for channel, cells in zip(scene.rgb, small.astype(np.float32), strict=True):
        channel[:] = Image.fromarray(cells).resize((n, n), Image.Resampling.BICUBIC)
    steps = (np.arange(n, dtype=np.float32) + 0.5) * (1 / n)
    for x, y, radius in rng.uniform([0, 0, 0.04], [1, 0.7, 0.12], (rng.integers(0, 5), 3)).tolist():
        down, right = (slice(max(int((place - radius) * n), 0), int((place + radius) * n) + 1) for place in (y, x))
        cover = 0.35 * _ramp(radius, radius - 0.02, _far(steps[None, right] - x, steps[down, None] - y))
        near = scene.rgb[:, down, right]
        near += cover * (colours[3][:, None, None] - near)


def _paint_body(scene, who):
    """Neck, shoulders and clothes; the clothes are no part of the identity."""
    view = scene.view
    rng = np.random.default_rng([8, view.clothes])
    cloth = CLOTH[rng.integers(len(CLOTH))] * rng.uniform(0.8, 1.05)
    depth, pointed = rng.uniform(0.2, 0.5), rng.random() < 0.4
    first = int(max((0.35 * view.scale + view.place[1] + 1) * scene.n / 2, 0))
    low = copy.copy(scene)
    low.rgb = scene.rgb[:, first:]
    steps = (np.arange(scene.n, dtype=np.float32) + 0.5) * (2 / scene.n) - 1
    y = (steps[first:, None] - view.place[1]) / view.scale  # shoulders stay level when the head tilts
    x = (steps[None, :] - view.place[0]) / view.scale + 0.8 * math.sin(view.roll)
    light = 0.74 + 0.26 * (0.5 + 0.7 * view.light[0] * x).clip(0, 1)
    neck_x = np.abs(x - (0.25 * math.sin(view.yaw) + 0.8 * math.sin(view.roll)) * _ramp(1.4, 0.6, y))
    neck = 0.46 * who.width + 0.35 * _ramp(1.1, 1.6, y) ** 2
    low.lay(_shaded(who.skin, light * (1 - 0.5 * _ramp(1.36, 0.9, y + 0.15 * neck_x))), low.edge(neck_x - neck))
    shoulders = 1.22 + 0.12 * x * x + 0.35 * np.maximum(np.abs(x) - 0.9, 0) ** 2
    if pointed:
        opening = 1.15 + depth + 0.2 - 1.6 * np.abs(x) - y
    else:
        opening = -0.45 * _squircle(x * (1 / 0.46), (y - 1.12) * (1 / (0.12 + depth)), 0)
    collar = 1 - 0.22 * _ramp(0.10, 0.085, -opening) - 0.12 * _ramp(0.2, 0.1, -opening)
    folds = 0.95 + 0.05 * np.sin(5 * x + 3 * y)
    low.lay(_shaded(cloth, light * collar * folds), low.edge(np.maximum(shoulders - y, opening)))


def _outline(part, who, longer=0.0):
    """Distance to the outline of the head, below 0 inside; longer: by how much the chin reaches further down."""
    jaw, y = _ramp(0.0, 1.0, part.y), part.y
    x = part.x - 0.16 * math.sin(part.view.yaw) * jaw
    wide = who.width * (1 - who.jaw * jaw - 0.03 * _ramp(0.0, -0.8, y))
    chin = who.chin + longer + 0.10 * math.sin(part.view.pitch)
    y = y + (1 / chin - 1) * y.clip(0, 2)
    return _squircle(x / wide, y, 0.15 + (who.square - 0.15) * jaw) * who.width


def _paint_ears(scene, who):
    skin, turn = np.array(who.skin), math.sin(scene.view.yaw)
    for side in (-1, 1):
        part = scene.part(side * (who.width - 0.05) - 0.1 * turn, 0.1, 0.24, 0.36)
        x = part.x - side * (who.width + 0.01 - 0.2 * max(side * turn, 0)) + 0.10 * turn
        y = part.y - 0.08
        ear = _far(x * 1.6, y) - who.ears
        part.lay(_shaded(skin * [1.0, 0.92, 0.91], 0.62 + 0.25 * part.lit), part.edge(ear))
        part.lay(skin * [0.70, 0.52, 0.48], 0.6 * _spot(x, y, 0.055, who.ears * 0.55))
        if who.earrings:
            part.lay([0.95, 0.80, 0.45], part.edge(_far(x, y - who.ears - 0.02) - 0.042))


def _paint_head(part, who):
    """The head in light and shadow, before it has features."""
    skin, u, v = np.array(who.skin), part.u, part.v
    aside = np.abs(u)
    lit = part.lit - 0.12 * _ramp(-0.2, 0.02, part.outline)
    lit -= 0.10 * _spot(aside - who.eye_distance, v + 0.04, 0.22, 0.14)
    lit -= 0.10 * _spot(u, v - who.mouth_height - 0.18, 0.16, 0.05)
    colour = _shaded(skin, lit)
    blush = 0.16 * _spot(aside - 0.42, v - 0.33, 0.2, 0.15)
    colour *= 1 - blush * np.array([0.05, 0.8, 0.7], np.float32)[:, None, None]
    shine = _spot(u, v + 0.42, 0.3, 0.16) + 0.6 * _spot(u, v - who.chin + 0.12, 0.12, 0.06)
    shine += 0.8 * _spot(aside - 0.40, v - 0.17, 0.15, 0.07)
    colour += (0.13 * shine * part.lit) * (1 - colour)
    part.lay(colour, part.edge(part.outline))


def _paint_skin_marks(scene, who):
    """Freckles, a mole, the lines of age."""
    dark = np.array(who.skin) * [0.62, 0.45, 0.40]
    rng = np.random.default_rng([9, who.number])
    spots = [(x, y, 0.024, 0.5 * who.freckles) for x, y in rng.normal([0, 0.25], [0.28, 0.08], (26, 2))]
    spots = spots if who.freckles else []
    if spots or who.mole:
        part = scene.face_part(0.3, 0.68, 0.55)
        cover = np.zeros_like(part.u)
        for x, y, radius, strong in [*spots, *([(*who.mole, 0.04, 1.0)] if who.mole else [])]:
            far = ((part.u - float(x)) ** 2 + (part.v - float(y)) ** 2) * (1 / radius**2)
            cover = np.maximum(cover, np.minimum(np.maximum(1 - far, 0) * 1.5, 1) * strong)
        part.lay(dark * 0.75, cover)
    lines = 1.2 * max(who.age - 0.5, 0)
    if lines:
        part = scene.face_part(0.05, 0.6, 0.7)
        u, v = np.abs(part.u), part.v
        brow = np.minimum(np.abs(v + 0.50 - 0.08 * u * u), np.abs(v + 0.41 - 0.1 * u * u))
        cheek = np.abs(u - 0.17 - 0.34 * (v - 0.3)) + _ramp(0.36, 0.26, v) + _ramp(0.5, 0.62, v)
        part.lay(
            dark, lines * np.maximum(0.55 * _ramp(0.02, 0, brow) * _ramp(0.36, 0.2, u), 0.9 * _ramp(0.024, 0, cheek))
        )


def _paint_nose(scene, who):
    view, skin = scene.view, np.array(who.skin)
    part = scene.face_part(0.18, 0.42, 0.42)
    side, end, half = math.copysign(1, view.light[0]), who.nose_length, who.nose_width
    v = part.v
    u = part.u - 0.10 * math.sin(view.yaw) * _ramp(-0.1, 0.3, v)  # the tip stands out from the face
    along = _ramp(-0.15, 0.12, v) * _ramp(end + 0.04, end - 0.08, v)
    part.lay(skin * [0.66, 0.50, 0.48], (0.15 + 0.3 * view.strength) * along * _spot(u + side * 0.6 * half, 0, 0.06, 1))
    bright = mix(skin, [1, 0.97, 0.92], 0.65)
    part.lay(bright, 0.35 * along * _spot(u - side * 0.02, 0, 0.035, 1))
    part.lay(bright, 0.40 * _spot(u - side * 0.02, v - end + 0.07, 0.05, 0.045))
    part.lay(skin * [0.62, 0.45, 0.42], 0.40 * _spot(u, v - end - 0.05, half, 0.035))
    wing = np.abs(_far(np.abs(u) - half * 0.6, v - end + 0.03) - half * 0.46)
    outside = _ramp(half * 0.6, half * 0.95, np.abs(u) + 0.6 * np.maximum(v - end + 0.03, 0))
    part.lay(skin * [0.56, 0.38, 0.36], 0.6 * _ramp(0.03, 0.0, wing) * outside)
    nostril = _far((np.abs(u) - half * 0.5) * (1 / (half * 0.32)), (v - end - 0.005) * (1 / 0.026))
    part.lay(skin * [0.36, 0.20, 0.18], 0.8 * _ramp(1.25, 0.6, nostril))


def _paint_mouth(scene, who):
    view, lips = scene.view, np.array(who.lip_colour)
    laughing = view.smile > 0.5
    half = who.mouth_width * (1 + 0.16 * view.smile) * (1 if laughing else 1 - 2.2 * view.mouth_open)
    part = scene.face_part(who.mouth_height, 0.5, 0.36)
    v = part.v - who.mouth_height
    t = (part.u - 0.06 * math.sin(view.yaw)) * (1 / half)
    inside = (1 - t * t).clip(0, 1)
    line = -0.17 * view.smile * (t * t - 0.3) + (0.012 * np.cos(6 * t) * inside if not view.mouth_open else 0)
    gap = line + view.mouth_open * (0.5 * inside + 0.5 * np.sqrt(inside))
    top = line - who.upper_lip * inside * (1.08 - 0.36 * _spot(t, 0, 0.18, 1))
    bottom = gap + who.lower_lip * inside * (0.75 + 0.25 * inside)
    within = part.edge((np.abs(t) - 1) * half)
    part.lay(lips * 0.88, part.band(v, top, line) * within)
    part.lay(lips * 1.06, part.band(v, gap, bottom) * within)
    shine = 0.4 * _spot(t - 0.1 * math.copysign(1, view.light[0]), v - gap - 0.4 * who.lower_lip, 0.35, 0.02)
    part.lay(mix(lips, [1, 0.95, 0.92], 0.5), shine)
    if view.mouth_open:
        part.lay([0.32, 0.11, 0.12], part.band(v, line, gap) * within)
        teeth = line + (gap - line) * (0.7 if laughing else 0.3)
        part.lay([0.96, 0.94, 0.90], part.band(v, line + 0.006, teeth) * _ramp(0.98, 0.85, np.abs(t)))
    dark = lips * [0.48, 0.36, 0.36]
    part.lay(dark, 0.75 * _ramp(0.02, 0.004, np.abs(v - line)) * _ramp(1.08, 0.9, np.abs(t)))
    part.lay(dark, 0.5 * _spot((np.abs(t) - 1.02) * half, v + 0.17 * view.smile * 0.72, 0.035, 0.03))


def _paint_eyes(scene, who):
    """Both eyes and eyebrows; a runs from -1 at the inner corner of an eye to 1 at the outer one."""
    view, skin, half = scene.view, np.array(who.skin), who.eye_size
    part = scene.face_part(-0.13, 0.78, 0.36)
    v = part.v
    a = (np.abs(part.u) - who.eye_distance) * (1 / half)
    b = v + who.eye_slant * half * a
    inside = (1 - a * a).clip(0, 1)
    up = -half * who.eye_open * view.eyes_open * (0.4 * np.sqrt(inside) + 0.6 * inside)
    squint = (0.75 + 0.25 * view.eyes_open) * (1 - 0.3 * max(view.smile - 0.4, 0))
    down = half * who.eye_open * 0.62 * squint * inside
    eye = part.edge(np.maximum(np.maximum(up - b, b - down), (np.abs(a) - 1) * half))
    near = _ramp(1.05, 0.7, np.abs(a))
    part.lay(skin * [0.78, 0.64, 0.62], 0.5 * _ramp(0.05, 0.0, np.abs(b - up + 0.05)) * inside)
    part.lay([0.955, 0.94, 0.92], eye)
    iris, colour = half * 0.58, np.array(who.eye_colour)
    right = part.u - np.copysign(np.float32(who.eye_distance), part.u) - view.gaze[0]
    below = v - view.gaze[1] + 0.01
    far = _far(right, below) * (1 / iris)
    part.lay(colour * 0.5, eye * part.edge((far - 1) * iris))
    part.lay(colour, eye * _ramp(1, 0.75, far))
    part.lay(np.minimum(colour * 1.5 + 0.06, 1), eye * 0.6 * _spot(right, below - 0.5 * iris, 0.5 * iris, 0.35 * iris))
    part.lay([0.05, 0.04, 0.05], eye * _ramp(0.52, 0.38, far))
    part.lay([0.25, 0.18, 0.18], eye * 0.55 * _ramp(0.07, 0.0, b - up))
    spark = _far(right - 0.3 * iris * math.copysign(1, view.light[0]), below + 0.35 * iris) - 0.25 * iris
    part.lay([1, 1, 1], 0.95 * eye * part.edge(spark))
    thick = 0.014 + 0.022 * who.lashes * _ramp(-1.2, 1.0, a)
    lash = mix(np.array(who.hair_colour) * 0.3, [0.10, 0.07, 0.07], 0.6)
    part.lay(lash, 0.92 * part.band(b, up - thick, up + 0.008) * _ramp(1.22, 1.0, np.abs(a)))
    crease = 0.5 * _ramp(0.022, 0.0, np.abs(b - 1.25 * up + 0.045)) * near
    part.lay(skin * [0.60, 0.45, 0.43], np.maximum(crease, 0.5 * _ramp(0.02, 0.0, np.abs(b - down)) * inside))
    if who.age > 0.5:
        part.lay(skin * [0.6, 0.45, 0.42], (who.age - 0.5) * _ramp(0.025, 0.0, np.abs(b - down - 0.065)) * inside)
    bend = np.maximum(a - 0.3, 0) ** 2 * 1.5 + 0.35 * np.minimum(a - 0.3, 0) ** 2
    brow = v + who.brow_height + view.brows_up - who.brow_arch * bend + who.brow_angle * half * (a - 0.3)
    thick = who.brow_thickness * _ramp(1.5, 0.1, a) * (0.65 + 0.35 * _ramp(-1.25, -0.7, a)) + 0.006
    hairs = 0.92 + 0.08 * np.sin(40 * a + 30 * v)
    cover = _ramp(1.3, 0.75, np.abs(brow) / thick) * _ramp(1.5, 1.25, np.abs(a - 0.05)) * part.edge(part.outline)
    part.lay(mix(np.array(who.hair_colour) * 0.66, skin * 0.4, 0.25), 0.9 * hairs * cover)


def _paint_beard(scene, who):
    part = scene.part(0, 0.6, 0.95, 0.75)
    u, v, x, y = np.abs(part.u), part.v, part.x, part.y
    mouth = who.mouth_height
    lip = np.abs(v - mouth + who.upper_lip + 0.055 - 0.5 * u * u) * (1 / (0.065 - 0.04 * _ramp(0.05, 0.3, u)))
    lip = _ramp(1.2, 0.6, lip) * _ramp(who.mouth_width + 0.06, who.mouth_width - 0.04, u)
    chin = _ramp(0.04, -0.05, _far(u, (v - who.chin + 0.12) * 0.9) - 0.25)
    cheek = _ramp(-0.05, 0.08, v - mouth + 0.04 + 0.6 * (u * (1 / who.width)) ** 4)
    cover = {"moustache": lip, "goatee": np.maximum(lip, chin)}.get(who.beard, np.maximum(lip, cheek))
    inside = part.edge(part.outline)
    if who.beard == "full":
        inside = np.maximum(inside, part.edge(_outline(part, who, 0.04 + 0.12 * who.hair_length)) * (y > 0.2))
    hairs = 0.88 + 0.3 * _strands(0.35 * x / (2.2 - y) + 0.02 * np.sin(12 * y))
    strong = 0.32 if who.beard == "stubble" else 0.93
    part.lay(_shaded(np.array(who.hair_colour) * 0.9, part.lit * hairs), strong * cover * inside)


def _paint_glasses(scene, who):
    part = scene.face_part(0.02, who.width + 0.25, 0.36)
    u, v = np.abs(part.u), part.v - 0.02
    lens = who.glasses * _squircle(
        (u - who.eye_distance - 0.01) * (1 / who.glasses), v * (1.08 / who.glasses), who.lens_square
    )
    glare = np.abs(part.u * math.copysign(1, scene.view.light[0]) + v - 0.15)
    part.lay([0.93, 0.97, 1.0], (0.07 + 0.16 * _ramp(0.10, 0.0, glare)) * part.edge(lens))
    bridge = part.band(v, 0.6 * u * u - 0.055, 0.6 * u * u - 0.015) * (u < who.eye_distance)
    arms = part.band(v, -0.07, -0.03) * (u > who.eye_distance) * part.edge(part.outline)
    rim = np.maximum(part.edge(np.abs(lens) - 0.022), np.maximum(bridge, arms) * (lens > 0))
    part.lay(np.array(who.skin) * 0.4, 0.3 * _ramp(0.07, 0.0, np.abs(lens)))
    part.lay(who.frame, rim)


# ------------------------------------------------------------------------------------------------------------- hair

#: Of every style the lower edge of the hair on the forehead, v = top + drop * |u - lean * parting|^power / wide^power,
#: how much it stands out at the sides and how far down it reaches there, if it is long.
_CUTS = {
    "receding": (-1.02, 1.1, 0.74, 6, 0.0, 0.4, None),
    "crop": (-0.64, 0.70, 0.72, 8, 0.0, 0.4, None),
    "quiff": (-0.66, 0.66, 0.73, 8, 0.0, 0.4, None),
    "side parting": (-0.72, 0.42, 0.80, 2, 0.9, 0.6, None),
    "curls": (-0.62, 0.75, 0.73, 4, 0.0, 0.9, None),
    "bun": (-0.68, 0.70, 0.76, 4, 0.3, 0.5, None),
    "braids": (-0.76, 0.9, 0.72, 4, 0.2, 0.6, None),
    "bob": (-0.76, 1.2, 0.69, 4, 0.2, 0.9, (0.62, 0.35)),
    "fringe": (-0.34, 1.3, 0.68, 8, 0.0, 0.9, (0.7, 0.9)),
    "long": (-0.78, 1.4, 0.67, 4, 0.2, 0.9, (1.2, 0.5)),
}


def _hair_part(scene, who):
    """The scene as far as hair of this cut can reach."""
    *_, length = _CUTS[who.hair]
    low = length[0] + length[1] * who.hair_length if length else {"braids": 1.5, "curls": 0.9}.get(who.hair, 0.2)
    return scene.part(0, (low - 1.55) / 2, who.width + 0.4, (low + 1.55) / 2)


def _hair_outline(part, who):
    """Distance to the outer edge of the hair: below 0 inside."""
    *_, stands_out, length = _CUTS[who.hair]
    turn = math.sin(part.view.yaw)
    x, y = part.x + 0.08 * turn, part.y
    full = 0.05 + 0.07 * who.volume
    if who.hair == "curls":
        full = 0.12 + 0.25 * who.volume
        bumps = 0.035 * np.sin(17 * x + 1) * np.sin(16 * y + 2)
        return 0.9 * _far(x * (1 / (who.width + full)), (y + 0.28) * (1 / (0.82 + full))) - 0.9 + bumps
    side = who.width + full * stands_out
    if not length:
        side = side - (full * stands_out + 0.02) * _ramp(-0.5, 0.1, y)
        cap = np.maximum((_far(x / side, (y + 0.02) * (1 / (1 + full))) - 1) * who.width, y - 0.12)
        if who.hair == "quiff":
            cap = np.minimum(cap, _far((x - 0.5 * who.parting) * 0.62, y + 0.84) - 0.27 - 0.1 * who.volume)
        if who.hair == "bun":
            cap = np.minimum(cap, _far(x + 0.2 * turn - 0.2 * who.parting, y + 1.16) - 0.20 - 0.08 * who.volume)
        if who.hair == "braids":
            thick = (0.085 + 0.03 * np.abs(np.cos(11 * y))) * _ramp(0.02, 0.35, y) * _ramp(1.55, 1.35, y)
            plait = np.abs(np.abs(part.x) - who.width + 0.05 - 0.08 * _ramp(0.0, 0.4, y)) - thick
            cap = np.minimum(cap, np.maximum(plait, np.abs(y - 0.8) - 0.72))
        return cap
    length = length[0] + length[1] * who.hair_length
    cap = np.maximum((_far(x * (1 / side), (y + 0.02) * (1 / (1 + full))) - 1) * who.width, y + 0.02)
    wavy = 0.06 * who.wave * np.sin(8 * y + 2 * np.sign(x)) * _ramp(0.0, 0.5, y)
    wide = side + (0.04 + 0.10 * who.volume) * _ramp(-0.02, 0.8, y) - 0.3 * _ramp(length - 0.3, length + 0.1, y) ** 2
    return np.minimum(cap, np.maximum(np.maximum(np.abs(x) + wavy - wide, y - length), -y - 0.05))


def _hairline(part, who):
    """Distance to the lower edge of the front hair: below 0 where there is hair."""
    top, drop, wide, power, lean, *_ = _CUTS[who.hair]
    wide *= who.width / 0.75
    r = np.abs(part.u - lean * who.parting) * (1 / wide)
    steep = r * (r * r if power > 2 else 1)
    steep = {2: r, 4: steep, 6: steep * r * r, 8: steep * steep * r}[power]
    line = top + drop * steep * r
    if who.hair in ("crop", "quiff", "fringe", "curls"):
        line += 0.03 * _strands(0.3 * part.u)
    return (part.v - line) / np.sqrt(1 + (drop * power / wide * steep) ** 2)


def _hair_colour(part, who):
    """Hair (3, h, w) with strands that fan out from the crown and a band of gloss."""
    x, y = part.x, part.y
    if who.hair == "curls":
        strand = 0.6 * np.sin(21 * x + 12 * y + 3 * np.sin(6 * y)) * np.sin(13 * x - 20 * y + 3 * np.sin(7 * x))
    else:
        fan = (x - 0.3 * who.parting) / (y + 2.0 + 0.5 * np.abs(x))
        if who.wave > 0.5:
            fan += 0.03 * (who.wave - 0.4) * np.sin(7 * y)
        strand = _strands(0.45 * fan)
        if who.hair == "braids":
            strand = strand + 0.8 * np.cos(22 * y + 9 * np.abs(x)) * _ramp(0.0, 0.2, y)
    colour = np.array(who.hair_colour, np.float32)[:, None, None]
    lit = 0.45 + 0.6 * part.lit
    gloss = lit * np.exp(-(((y + 0.74 - 0.3 * x * x) * 7) ** 2)) * (0.55 + 0.6 * strand)
    return colour * (lit * (1 + 0.2 * strand) + 0.22 * gloss) + 0.04 * gloss


def _paint_front_hair(part, who, edge, colour):
    line = _hairline(part, who)
    part.lay(np.array(who.skin) * [0.5, 0.36, 0.34], 0.5 * _ramp(0.14, 0.0, line) * part.edge(part.outline))
    part.lay(colour, part.edge(np.maximum(line, edge)))


def _paint_scarf(scene, who):
    x, y = scene.x, scene.y
    head = 0.8 * (_far(x * (1 / (who.width + 0.13)), y * (1 / 1.12)) - 1)
    drape = np.maximum(np.abs(x) - 0.72 - 0.35 * _ramp(0.9, 1.8, y), 0.2 - y)
    face = _far(scene.u * (1 / (0.86 * who.width)), (scene.v - 0.12) * (1 / 0.80)) - 1
    face = np.maximum(face, scene.outline + 0.04)
    scene.lay(np.array(who.skin) * 0.45, 0.4 * _ramp(-0.16, 0.0, face) * scene.edge(face))
    folds = 0.09 * np.sin(9 * _far(x, y + 0.2) + 3 * x) * _ramp(0.0, 0.35, face)
    cloth = _shaded(who.cloth, 0.25 + 0.7 * scene.lit + folds)
    scene.lay(cloth, scene.edge(np.maximum(np.minimum(head, drape), -0.7 * face)))


# ------------------------------------------------------------------------------------------------------- the camera


def _develop(scene, who, rng, size):
    """The lens, the light's colour, the exposure and the sensor: (size, size, 3) uint8."""
    view = scene.view
    levels = (scene.rgb.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    image = Image.merge("RGB", [Image.fromarray(channel) for channel in levels])
    image = image.resize((size, size), Image.Resampling.HAMMING)
    if view.blur:
        image = image.filter(ImageFilter.GaussianBlur(view.blur * size / 96))
    face = view.exposure * (1.15 - 0.2 * sum(who.skin) / 3)  # a camera exposes for the face
    tint = np.array([1 + 0.12 * view.warmth, 1 + 0.01 * view.warmth, 1 - 0.16 * view.warmth])
    curve = np.arange(256) / 255 * face * tint[:, None]
    glare = (curve - 0.72).clip(0, 9)
    curve -= 1.6 * glare * glare / (1 + 1.6 * glare)  # lights fade to white, they are not cut off
    image = image.point((curve.clip(0, 1) * 255 + 0.5).astype(int).ravel().tolist())
    noise = view.noise * rng.standard_normal((size, size, 1), dtype=np.float32)
    return (np.asarray(image) + noise + 0.5).clip(0, 255).astype(np.uint8)
