"""Render the course's own pictures into images/.

    python tools/pictures/make_images.py                     all of them (about a minute)
    python tools/pictures/make_images.py starry tiles        some of them
    python tools/pictures/make_images.py --out FOLDER lake   somewhere else

Every picture is computed by the module of its name, from fixed seeds: nothing is read from anywhere.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from nst.paths import IMAGES
from tools.pictures import fluid, impressionist, lake, mosaic, pyramid, starry, tiles, woodcut

LARGE, SMALL = (800, 600), (400, 300)
CONTENT = {"pyramid": pyramid.pyramid, "lake": lake.lake}
STYLES = {
    "impressionist": impressionist.impressionist,
    "starry": starry.starry,
    "tiles": tiles.tiles,
    "fluid": fluid.fluid,
    "woodcut": woodcut.woodcut,
    "mosaic": mosaic.mosaic,
}


def files_of(name):
    """The files that picture `name` is saved as: {file name: (width, height)}."""
    return {f"{name}.jpg": LARGE, f"{name}_small.jpg": SMALL} if name in CONTENT else {f"{name}.jpg": SMALL}


def make(name, folder):
    """Render one picture (a name in CONTENT or STYLES) and save its files in `folder`."""
    picture = {**CONTENT, **STYLES}[name]()
    image = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    for file, size in files_of(name).items():
        image.resize(size, Image.Resampling.LANCZOS).save(folder / file, quality=90, subsampling=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*CONTENT, *STYLES]
    parser.add_argument("names", nargs="*", metavar="name", help=f"which pictures: {', '.join(names)} (default: all)")
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder to save them in (default: images/)")
    args = parser.parse_args()
    for name in args.names:
        if name not in names:
            parser.error(f"there is no picture {name!r}; choose from {', '.join(names)}")
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.names or names:
        make(name, args.out)
        print(*(args.out / file for file in files_of(name)))


if __name__ == "__main__":
    main()
