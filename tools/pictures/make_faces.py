"""Draw the faces that are committed: `python tools/pictures/make_faces.py`, a few seconds.

images/faces/<name>_card.jpg is the portrait on the resident's card, for the database; <name>_1.jpg to <name>_3.jpg are
the same resident at the door. docs/faces.jpg shows the town, a resident a row.

    python tools/pictures/make_faces.py --out FOLDER   the faces only, somewhere else
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from nst.lessons.town import DOOR, TOWN, View, picture, resident
from nst.paths import CHECKOUT, IMAGES

VISITS = 3
GAP = 4


def door_pictures():
    """{file name: (96, 96, 3) uint8}: a card and VISITS pictures of everybody at the door."""
    faces = {}
    for who in DOOR:
        name = who.name.lower()
        faces[f"{name}_card.jpg"] = picture(who, who.number, View(background=who.number, clothes=who.number))
        for visit in range(1, VISITS + 1):
            faces[f"{name}_{visit}.jpg"] = picture(who, [96, who.number, visit])
    return faces


def sheet(rows):
    """Pictures (h, w, 3), in rows, as one image on white."""
    rows = [
        np.concatenate([np.pad(face, ((0, GAP), (0, GAP), (0, 0)), constant_values=255) for face in row], 1)
        for row in rows
    ]
    return Image.fromarray(np.concatenate(rows)[:-GAP, :-GAP])


def town_sheet(residents=6, each=11):
    """A resident a row: a portrait, then pictures as at the door."""
    some = [*DOOR[:2], *(resident(number) for number in TOWN[2 : 2 * residents - 2 : 2])][:residents]
    portraits = [picture(who, 0, View(background=who.number, clothes=who.number)) for who in some]
    return sheet(
        [
            [card, *(picture(who, [3, who.number, j]) for j in range(each))]
            for card, who in zip(portraits, some, strict=True)
        ]
    )


def save(image, path):
    """JPEG with a colour for every pixel, so that a face of 96 pixels stays crisp."""
    image.save(path, quality=95, subsampling=0, optimize=True)


def main():
    """Write the faces, and the sheet of the town unless the faces go elsewhere."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--out", type=Path, help="the folder for the faces; images/faces and docs/faces.jpg if left out"
    )
    folder = parser.parse_args().out
    if folder is None:
        folder = IMAGES / "faces"
        save(town_sheet(), CHECKOUT / "docs" / "faces.jpg")
    folder.mkdir(parents=True, exist_ok=True)
    for name, face in door_pictures().items():
        save(Image.fromarray(face), folder / name)


if __name__ == "__main__":
    main()
