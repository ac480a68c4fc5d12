"""How a resident of nst.lessons.town is drawn, with nothing but arrays and a few soft shapes.

The head is an ellipsoid. A scene holds, for every pixel, where it lies on the head as we see it (x, y) and on the face
as it would be seen from straight ahead (u, v). Every feature is drawn in (u, v), so a turned head foreshortens by
itself; and nearly every feature is a few lines of `part.lay(colour, cover)`.

Unit of length: half the height of the head. x and u grow to the right, y and v grow downwards; the crown is at v = -1,
the eyes are at 0, the chin is at 1.
"""

from nst.lessons.town_drawing.face import (
    paint_beard,
    paint_ears,
    paint_eyes,
    paint_glasses,
    paint_head,
    paint_mouth,
    paint_nose,
    paint_skin_marks,
)
from nst.lessons.town_drawing.hair import CUTS, paint_back_hair, paint_front_hair, paint_scarf
from nst.lessons.town_drawing.scene import Scene
from nst.lessons.town_drawing.surroundings import develop, paint_background, paint_body


def draw(who, view, rng, size):
    """A picture (size, size, 3) uint8 of a Resident as a View has it; rng: a np.random.Generator for the noise."""
    scene = Scene(who, view, size)
    paint_background(scene)
    hair = paint_back_hair(scene, who) if who.hair in CUTS else None
    paint_body(scene, who)
    if who.hair != "scarf":
        paint_ears(scene, who)
    paint_head(scene.part(0, 0, 1, 1.2), who)
    paint_skin_marks(scene, who)
    paint_nose(scene, who)
    if who.beard != "none":
        paint_beard(scene, who)
    paint_mouth(scene, who)
    paint_eyes(scene, who)
    if who.glasses and view.glasses_on:
        paint_glasses(scene, who)
    if hair:
        paint_front_hair(who, *hair)
    if who.hair == "scarf":
        paint_scarf(scene, who)
    return develop(scene, who, rng, size)
