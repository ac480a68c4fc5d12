"""The hair in all its cuts, and the scarf."""

import math

import numpy as np

from nst.lessons.town_drawing.shapes import distance, ramp, shaded, strands

#: Of every style the lower edge of the hair on the forehead, v = top + drop * |u - lean * parting|^power / wide^power,
#: how much it stands out at the sides and how far down it reaches there, if it is long.
CUTS = {
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


def _part(scene, who):
    """The scene as far as hair of this cut can reach."""
    *_, length = CUTS[who.hair]
    low = length[0] + length[1] * who.hair_length if length else {"braids": 1.5, "curls": 0.9}.get(who.hair, 0.2)
    return scene.part(0, (low - 1.55) / 2, who.width + 0.4, (low + 1.55) / 2)


def _outline(part, who):
    """Distance to the outer edge of the hair: below 0 inside."""
    *_, stands_out, length = CUTS[who.hair]
    turn = math.sin(part.view.yaw)
    x, y = part.x + 0.08 * turn, part.y
    full = 0.05 + 0.07 * who.volume
    if who.hair == "curls":
        full = 0.12 + 0.25 * who.volume
        bumps = 0.035 * np.sin(17 * x + 1) * np.sin(16 * y + 2)
        return 0.9 * distance(x * (1 / (who.width + full)), (y + 0.28) * (1 / (0.82 + full))) - 0.9 + bumps
    side = who.width + full * stands_out
    if not length:
        side = side - (full * stands_out + 0.02) * ramp(-0.5, 0.1, y)
        cap = np.maximum((distance(x / side, (y + 0.02) * (1 / (1 + full))) - 1) * who.width, y - 0.12)
        if who.hair == "quiff":
            cap = np.minimum(cap, distance((x - 0.5 * who.parting) * 0.62, y + 0.84) - 0.27 - 0.1 * who.volume)
        if who.hair == "bun":
            cap = np.minimum(cap, distance(x + 0.2 * turn - 0.2 * who.parting, y + 1.16) - 0.20 - 0.08 * who.volume)
        if who.hair == "braids":
            thick = (0.085 + 0.03 * np.abs(np.cos(11 * y))) * ramp(0.02, 0.35, y) * ramp(1.55, 1.35, y)
            plait = np.abs(np.abs(part.x) - who.width + 0.05 - 0.08 * ramp(0.0, 0.4, y)) - thick
            cap = np.minimum(cap, np.maximum(plait, np.abs(y - 0.8) - 0.72))
        return cap
    length = length[0] + length[1] * who.hair_length
    cap = np.maximum((distance(x * (1 / side), (y + 0.02) * (1 / (1 + full))) - 1) * who.width, y + 0.02)
    wavy = 0.06 * who.wave * np.sin(8 * y + 2 * np.sign(x)) * ramp(0.0, 0.5, y)
    wide = side + (0.04 + 0.10 * who.volume) * ramp(-0.02, 0.8, y) - 0.3 * ramp(length - 0.3, length + 0.1, y) ** 2
    return np.minimum(cap, np.maximum(np.maximum(np.abs(x) + wavy - wide, y - length), -y - 0.05))


def _hairline(part, who):
    """Distance to the lower edge of the front hair: below 0 where there is hair."""
    top, drop, wide, power, lean, *_ = CUTS[who.hair]
    wide *= who.width / 0.75
    r = np.abs(part.u - lean * who.parting) * (1 / wide)
    steep = r * (r * r if power > 2 else 1)
    steep = {2: r, 4: steep, 6: steep * r * r, 8: steep * steep * r}[power]
    line = top + drop * steep * r
    if who.hair in ("crop", "quiff", "fringe", "curls"):
        line += 0.03 * strands(0.3 * part.u)
    return (part.v - line) / np.sqrt(1 + (drop * power / wide * steep) ** 2)


def _colour(part, who):
    """Hair (3, h, w) with strands that fan out from the crown and a band of gloss."""
    x, y = part.x, part.y
    if who.hair == "curls":
        strand = 0.6 * np.sin(21 * x + 12 * y + 3 * np.sin(6 * y)) * np.sin(13 * x - 20 * y + 3 * np.sin(7 * x))
    else:
        fan = (x - 0.3 * who.parting) / (y + 2.0 + 0.5 * np.abs(x))
        if who.wave > 0.5:
            fan += 0.03 * (who.wave - 0.4) * np.sin(7 * y)
        strand = strands(0.45 * fan)
        if who.hair == "braids":
            strand = strand + 0.8 * np.cos(22 * y + 9 * np.abs(x)) * ramp(0.0, 0.2, y)
    colour = np.array(who.hair_colour, np.float32)[:, None, None]
    lit = 0.45 + 0.6 * part.lit
    gloss = lit * np.exp(-(((y + 0.74 - 0.3 * x * x) * 7) ** 2)) * (0.55 + 0.6 * strand)
    return colour * (lit * (1 + 0.2 * strand) + 0.22 * gloss) + 0.04 * gloss


def paint_back_hair(scene, who):
    """The hair behind the head: the part of the scene that it reaches, the distance to its edge, and its colours."""
    part = _part(scene, who)
    edge, colour = _outline(part, who), _colour(part, who)
    part.lay(0.7 * colour, part.edge(edge))
    return part, edge, colour


def paint_front_hair(who, part, edge, colour):
    """The hair on the forehead, of what paint_back_hair gives."""
    line = _hairline(part, who)
    part.lay(np.array(who.skin) * [0.5, 0.36, 0.34], 0.5 * ramp(0.14, 0.0, line) * part.edge(part.outline))
    part.lay(colour, part.edge(np.maximum(line, edge)))


def paint_scarf(scene, who):
    x, y = scene.x, scene.y
    head = 0.8 * (distance(x * (1 / (who.width + 0.13)), y * (1 / 1.12)) - 1)
    drape = np.maximum(np.abs(x) - 0.72 - 0.35 * ramp(0.9, 1.8, y), 0.2 - y)
    face = distance(scene.u * (1 / (0.86 * who.width)), (scene.v - 0.12) * (1 / 0.80)) - 1
    face = np.maximum(face, scene.outline + 0.04)
    scene.lay(np.array(who.skin) * 0.45, 0.4 * ramp(-0.16, 0.0, face) * scene.edge(face))
    folds = 0.09 * np.sin(9 * distance(x, y + 0.2) + 3 * x) * ramp(0.0, 0.35, face)
    cloth = shaded(who.cloth, 0.25 + 0.7 * scene.lit + folds)
    scene.lay(cloth, scene.edge(np.maximum(np.minimum(head, drape), -0.7 * face)))
