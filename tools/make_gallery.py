"""Paint the sheet of pictures at the top of the README: `python tools/make_gallery.py`, a few minutes."""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from nst.demo import reference_solution
from nst.paths import CHECKOUT, IMAGES
from nst_utils import generate_noise_image, load_image, load_vgg_model, reshape_and_normalize_image, to_rgb

CONTENTS = ["pyramid_small", "lake_small"]
STYLES = ["impressionist", "starry", "fluid"]
SIZE = (300, 400)
GAP = 10


def main():
    """Paint every content in every style and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=CHECKOUT / "docs" / "gallery.jpg")
    parser.add_argument("--iterations", type=int, default=200)
    options = parser.parse_args()

    make_costs, model_nn, _ = reference_solution(load_vgg_model())
    contents = [load_image(IMAGES / f"{name}.jpg", size=SIZE) for name in CONTENTS]
    styles = [load_image(IMAGES / f"{name}.jpg", size=SIZE) for name in STYLES]
    rows = [[np.full_like(contents[0], 255), *styles]]
    for content in contents:
        row = [content]
        for style in styles:
            normalized = reshape_and_normalize_image(content)
            start = generate_noise_image(normalized, rng=np.random.default_rng(3))
            costs = make_costs(normalized, reshape_and_normalize_image(style))
            row.append(to_rgb(model_nn(costs, start, num_iterations=options.iterations)))
        rows.append(row)
    sheet = Image.new("RGB", (len(rows[0]) * (SIZE[1] + GAP) - GAP, len(rows) * (SIZE[0] + GAP) - GAP), "white")
    for i, row in enumerate(rows):
        for j, picture in enumerate(row):
            sheet.paste(Image.fromarray(picture), (j * (SIZE[1] + GAP), i * (SIZE[0] + GAP)))
    options.output.parent.mkdir(exist_ok=True)
    sheet.resize((sheet.width * 3 // 4, sheet.height * 3 // 4), Image.LANCZOS).save(options.output, quality=90)
    print(options.output)


if __name__ == "__main__":
    main()
