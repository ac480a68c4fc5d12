"""A picture in the making: where every pixel lies on a face, and the colours so far."""

import copy
import math

import numpy as np

from nst.lessons.town_drawing.shapes import ramp, squircle, unit

# Pixels are computed FINE times as fine and then reduced. As the edge of every shape is as soft as a pixel already, 1.5
# looks like 3 at a third of the time.
FINE = 1.5


class Scene:
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
        across, along, ahead = (float(part) for part in unit([*view.light, 0.75]))
        facing = (0.35 + 0.75 * (across * self.x + along * self.y + ahead * deep)).clip(0, 1)
        self.lit = 1 - view.strength * (1 - facing)
        self.outline = outline(self, who)
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


def outline(part, who, longer=0.0):
    """Distance to the outline of the head, below 0 inside; longer: by how much the chin reaches further down."""
    jaw, y = ramp(0.0, 1.0, part.y), part.y
    x = part.x - 0.16 * math.sin(part.view.yaw) * jaw
    wide = who.width * (1 - who.jaw * jaw - 0.03 * ramp(0.0, -0.8, y))
    chin = who.chin + longer + 0.10 * math.sin(part.view.pitch)
    y = y + (1 / chin - 1) * y.clip(0, 2)
    return squircle(x / wide, y, 0.15 + (who.square - 0.15) * jaw) * who.width
