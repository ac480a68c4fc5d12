"""The face, from the ears to the glasses."""

import math

import numpy as np

from nst.lessons.town_drawing.scene import outline
from nst.lessons.town_drawing.shapes import distance, mix, ramp, shaded, spot, squircle, strands


def paint_ears(scene, who):
    skin, turn = np.array(who.skin), math.sin(scene.view.yaw)
    for side in (-1, 1):
        part = scene.part(side * (who.width - 0.05) - 0.1 * turn, 0.1, 0.24, 0.36)
        x = part.x - side * (who.width + 0.01 - 0.2 * max(side * turn, 0)) + 0.10 * turn
        y = part.y - 0.08
        ear = distance(x * 1.6, y) - who.ears
        part.lay(shaded(skin * [1.0, 0.92, 0.91], 0.62 + 0.25 * part.lit), part.edge(ear))
        part.lay(skin * [0.70, 0.52, 0.48], 0.6 * spot(x, y, 0.055, who.ears * 0.55))
        if who.earrings:
            part.lay([0.95, 0.80, 0.45], part.edge(distance(x, y - who.ears - 0.02) - 0.042))


def paint_head(part, who):
    """The head in light and shadow, before it has features."""
    skin, u, v = np.array(who.skin), part.u, part.v
    aside = np.abs(u)
    lit = part.lit - 0.12 * ramp(-0.2, 0.02, part.outline)
    lit -= 0.10 * spot(aside - who.eye_distance, v + 0.04, 0.22, 0.14)
    lit -= 0.10 * spot(u, v - who.mouth_height - 0.18, 0.16, 0.05)
    colour = shaded(skin, lit)
    blush = 0.16 * spot(aside - 0.42, v - 0.33, 0.2, 0.15)
    colour *= 1 - blush * np.array([0.05, 0.8, 0.7], np.float32)[:, None, None]
    shine = spot(u, v + 0.42, 0.3, 0.16) + 0.6 * spot(u, v - who.chin + 0.12, 0.12, 0.06)
    shine += 0.8 * spot(aside - 0.40, v - 0.17, 0.15, 0.07)
    colour += (0.13 * shine * part.lit) * (1 - colour)
    part.lay(colour, part.edge(part.outline))


def paint_skin_marks(scene, who):
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
        cheek = np.abs(u - 0.17 - 0.34 * (v - 0.3)) + ramp(0.36, 0.26, v) + ramp(0.5, 0.62, v)
        part.lay(dark, lines * np.maximum(0.55 * ramp(0.02, 0, brow) * ramp(0.36, 0.2, u), 0.9 * ramp(0.024, 0, cheek)))


def paint_nose(scene, who):
    view, skin = scene.view, np.array(who.skin)
    part = scene.face_part(0.18, 0.42, 0.42)
    side, end, half = math.copysign(1, view.light[0]), who.nose_length, who.nose_width
    v = part.v
    u = part.u - 0.10 * math.sin(view.yaw) * ramp(-0.1, 0.3, v)  # the tip stands out from the face
    along = ramp(-0.15, 0.12, v) * ramp(end + 0.04, end - 0.08, v)
    part.lay(skin * [0.66, 0.50, 0.48], (0.15 + 0.3 * view.strength) * along * spot(u + side * 0.6 * half, 0, 0.06, 1))
    bright = mix(skin, [1, 0.97, 0.92], 0.65)
    part.lay(bright, 0.35 * along * spot(u - side * 0.02, 0, 0.035, 1))
    part.lay(bright, 0.40 * spot(u - side * 0.02, v - end + 0.07, 0.05, 0.045))
    part.lay(skin * [0.62, 0.45, 0.42], 0.40 * spot(u, v - end - 0.05, half, 0.035))
    wing = np.abs(distance(np.abs(u) - half * 0.6, v - end + 0.03) - half * 0.46)
    outside = ramp(half * 0.6, half * 0.95, np.abs(u) + 0.6 * np.maximum(v - end + 0.03, 0))
    part.lay(skin * [0.56, 0.38, 0.36], 0.6 * ramp(0.03, 0.0, wing) * outside)
    nostril = distance((np.abs(u) - half * 0.5) * (1 / (half * 0.32)), (v - end - 0.005) * (1 / 0.026))
    part.lay(skin * [0.36, 0.20, 0.18], 0.8 * ramp(1.25, 0.6, nostril))


def paint_mouth(scene, who):
    view, lips = scene.view, np.array(who.lip_colour)
    laughing = view.smile > 0.5
    half = who.mouth_width * (1 + 0.16 * view.smile) * (1 if laughing else 1 - 2.2 * view.mouth_open)
    part = scene.face_part(who.mouth_height, 0.5, 0.36)
    v = part.v - who.mouth_height
    t = (part.u - 0.06 * math.sin(view.yaw)) * (1 / half)
    inside = (1 - t * t).clip(0, 1)
    line = -0.17 * view.smile * (t * t - 0.3) + (0.012 * np.cos(6 * t) * inside if not view.mouth_open else 0)
    gap = line + view.mouth_open * (0.5 * inside + 0.5 * np.sqrt(inside))
    top = line - who.upper_lip * inside * (1.08 - 0.36 * spot(t, 0, 0.18, 1))
    bottom = gap + who.lower_lip * inside * (0.75 + 0.25 * inside)
    within = part.edge((np.abs(t) - 1) * half)
    part.lay(lips * 0.88, part.band(v, top, line) * within)
    part.lay(lips * 1.06, part.band(v, gap, bottom) * within)
    shine = 0.4 * spot(t - 0.1 * math.copysign(1, view.light[0]), v - gap - 0.4 * who.lower_lip, 0.35, 0.02)
    part.lay(mix(lips, [1, 0.95, 0.92], 0.5), shine)
    if view.mouth_open:
        part.lay([0.32, 0.11, 0.12], part.band(v, line, gap) * within)
        teeth = line + (gap - line) * (0.7 if laughing else 0.3)
        part.lay([0.96, 0.94, 0.90], part.band(v, line + 0.006, teeth) * ramp(0.98, 0.85, np.abs(t)))
    dark = lips * [0.48, 0.36, 0.36]
    part.lay(dark, 0.75 * ramp(0.02, 0.004, np.abs(v - line)) * ramp(1.08, 0.9, np.abs(t)))
    part.lay(dark, 0.5 * spot((np.abs(t) - 1.02) * half, v + 0.17 * view.smile * 0.72, 0.035, 0.03))


def paint_eyes(scene, who):
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
    near = ramp(1.05, 0.7, np.abs(a))
    part.lay(skin * [0.78, 0.64, 0.62], 0.5 * ramp(0.05, 0.0, np.abs(b - up + 0.05)) * inside)
    part.lay([0.955, 0.94, 0.92], eye)
    iris, colour = half * 0.58, np.array(who.eye_colour)
    right = part.u - np.copysign(np.float32(who.eye_distance), part.u) - view.gaze[0]
    below = v - view.gaze[1] + 0.01
    far = distance(right, below) * (1 / iris)
    part.lay(colour * 0.5, eye * part.edge((far - 1) * iris))
    part.lay(colour, eye * ramp(1, 0.75, far))
    part.lay(np.minimum(colour * 1.5 + 0.06, 1), eye * 0.6 * spot(right, below - 0.5 * iris, 0.5 * iris, 0.35 * iris))
    part.lay([0.05, 0.04, 0.05], eye * ramp(0.52, 0.38, far))
    part.lay([0.25, 0.18, 0.18], eye * 0.55 * ramp(0.07, 0.0, b - up))
    spark = distance(right - 0.3 * iris * math.copysign(1, view.light[0]), below + 0.35 * iris) - 0.25 * iris
    part.lay([1, 1, 1], 0.95 * eye * part.edge(spark))
    thick = 0.014 + 0.022 * who.lashes * ramp(-1.2, 1.0, a)
    lash = mix(np.array(who.hair_colour) * 0.3, [0.10, 0.07, 0.07], 0.6)
    part.lay(lash, 0.92 * part.band(b, up - thick, up + 0.008) * ramp(1.22, 1.0, np.abs(a)))
    crease = 0.5 * ramp(0.022, 0.0, np.abs(b - 1.25 * up + 0.045)) * near
    part.lay(skin * [0.60, 0.45, 0.43], np.maximum(crease, 0.5 * ramp(0.02, 0.0, np.abs(b - down)) * inside))
    if who.age > 0.5:
        part.lay(skin * [0.6, 0.45, 0.42], (who.age - 0.5) * ramp(0.025, 0.0, np.abs(b - down - 0.065)) * inside)
    bend = np.maximum(a - 0.3, 0) ** 2 * 1.5 + 0.35 * np.minimum(a - 0.3, 0) ** 2
    brow = v + who.brow_height + view.brows_up - who.brow_arch * bend + who.brow_angle * half * (a - 0.3)
    thick = who.brow_thickness * ramp(1.5, 0.1, a) * (0.65 + 0.35 * ramp(-1.25, -0.7, a)) + 0.006
    hairs = 0.92 + 0.08 * np.sin(40 * a + 30 * v)
    cover = ramp(1.3, 0.75, np.abs(brow) / thick) * ramp(1.5, 1.25, np.abs(a - 0.05)) * part.edge(part.outline)
    part.lay(mix(np.array(who.hair_colour) * 0.66, skin * 0.4, 0.25), 0.9 * hairs * cover)


def paint_beard(scene, who):
    part = scene.part(0, 0.6, 0.95, 0.75)
    u, v, x, y = np.abs(part.u), part.v, part.x, part.y
    mouth = who.mouth_height
    lip = np.abs(v - mouth + who.upper_lip + 0.055 - 0.5 * u * u) * (1 / (0.065 - 0.04 * ramp(0.05, 0.3, u)))
    lip = ramp(1.2, 0.6, lip) * ramp(who.mouth_width + 0.06, who.mouth_width - 0.04, u)
    chin = ramp(0.04, -0.05, distance(u, (v - who.chin + 0.12) * 0.9) - 0.25)
    cheek = ramp(-0.05, 0.08, v - mouth + 0.04 + 0.6 * (u * (1 / who.width)) ** 4)
    cover = {"moustache": lip, "goatee": np.maximum(lip, chin)}.get(who.beard, np.maximum(lip, cheek))
    inside = part.edge(part.outline)
    if who.beard == "full":
        inside = np.maximum(inside, part.edge(outline(part, who, 0.04 + 0.12 * who.hair_length)) * (y > 0.2))
    hairs = 0.88 + 0.3 * strands(0.35 * x / (2.2 - y) + 0.02 * np.sin(12 * y))
    strong = 0.32 if who.beard == "stubble" else 0.93
    part.lay(shaded(np.array(who.hair_colour) * 0.9, part.lit * hairs), strong * cover * inside)


def paint_glasses(scene, who):
    part = scene.face_part(0.02, who.width + 0.25, 0.36)
    u, v = np.abs(part.u), part.v - 0.02
    lens = who.glasses * squircle(
        (u - who.eye_distance - 0.01) * (1 / who.glasses), v * (1.08 / who.glasses), who.lens_square
    )
    glare = np.abs(part.u * math.copysign(1, scene.view.light[0]) + v - 0.15)
    part.lay([0.93, 0.97, 1.0], (0.07 + 0.16 * ramp(0.10, 0.0, glare)) * part.edge(lens))
    bridge = part.band(v, 0.6 * u * u - 0.055, 0.6 * u * u - 0.015) * (u < who.eye_distance)
    arms = part.band(v, -0.07, -0.03) * (u > who.eye_distance) * part.edge(part.outline)
    rim = np.maximum(part.edge(np.abs(lens) - 0.022), np.maximum(bridge, arms) * (lens > 0))
    part.lay(np.array(who.skin) * 0.4, 0.3 * ramp(0.07, 0.0, np.abs(lens)))
    part.lay(who.frame, rim)
