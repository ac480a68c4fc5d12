"""What is no part of an identity: the place, the clothes, and the camera."""

import copy
import math

import numpy as np
from PIL import Image, ImageFilter

from nst.lessons.town_drawing.shapes import colours, distance, ramp, shaded, squircle

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


def paint_background(scene):
    """A place out of focus: a small picture of random colours, much enlarged, with a few round lights."""
    rng, n = np.random.default_rng([7, scene.view.background]), scene.n
    palette, cells = PLACES[rng.integers(len(PLACES))], rng.integers(2, 6)
    small = palette[rng.integers(3, size=(cells, cells))].T * rng.uniform(0.85, 1.08, (cells, cells))
    for channel, cells in zip(scene.rgb, small.astype(np.float32), strict=True):
        channel[:] = Image.fromarray(cells).resize((n, n), Image.Resampling.BICUBIC)
    steps = (np.arange(n, dtype=np.float32) + 0.5) * (1 / n)
    for x, y, radius in rng.uniform([0, 0, 0.04], [1, 0.7, 0.12], (rng.integers(0, 5), 3)).tolist():
        down, right = (slice(max(int((place - radius) * n), 0), int((place + radius) * n) + 1) for place in (y, x))
        cover = 0.35 * ramp(radius, radius - 0.02, distance(steps[None, right] - x, steps[down, None] - y))
        near = scene.rgb[:, down, right]
        near += cover * (palette[3][:, None, None] - near)


def paint_body(scene, who):
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
    neck_x = np.abs(x - (0.25 * math.sin(view.yaw) + 0.8 * math.sin(view.roll)) * ramp(1.4, 0.6, y))
    neck = 0.46 * who.width + 0.35 * ramp(1.1, 1.6, y) ** 2
    low.lay(shaded(who.skin, light * (1 - 0.5 * ramp(1.36, 0.9, y + 0.15 * neck_x))), low.edge(neck_x - neck))
    shoulders = 1.22 + 0.12 * x * x + 0.35 * np.maximum(np.abs(x) - 0.9, 0) ** 2
    if pointed:
        opening = 1.15 + depth + 0.2 - 1.6 * np.abs(x) - y
    else:
        opening = -0.45 * squircle(x * (1 / 0.46), (y - 1.12) * (1 / (0.12 + depth)), 0)
    collar = 1 - 0.22 * ramp(0.10, 0.085, -opening) - 0.12 * ramp(0.2, 0.1, -opening)
    folds = 0.95 + 0.05 * np.sin(5 * x + 3 * y)
    low.lay(shaded(cloth, light * collar * folds), low.edge(np.maximum(shoulders - y, opening)))


def develop(scene, who, rng, size):
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
