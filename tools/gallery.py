"""Paint the sheets of pictures in the README: `python tools/gallery.py`, a few minutes.

docs/gallery.jpg comes from neural-style-transfer, docs/fast-style-transfer.jpg, docs/what-convnets-see.jpg and
docs/face-recognition.jpg from the assignments of those names, all made by the functions in answers/. Name sheets, such
as `what-convnets-see`, to make no others. Prints the seconds that each picture took.
"""

import argparse
import time

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nst.course.answers import reference_solution
from nst.course.release import write_source_notebooks
from nst.lessons import convnets
from nst.lessons.face_figures import Watch
from nst.lessons.take import take
from nst.lessons.town import DOOR, HELD_OUT, TOWN, pictures
from nst.networks.encoder import small_encoder, train
from nst.networks.squeezenet import deprocess, load_squeezenet, preprocess
from nst.painting import paint
from nst.paths import CHECKOUT, IMAGES
from nst.quiet import tf
from nst.weights.vgg19 import EMBEDDED
from nst_utils import generate_noise_image, load_image, load_vgg_model, reshape_and_normalize_image, to_rgb

CONTENTS = ["pyramid_small", "lake_small"]
STYLES = ["impressionist", "starry", "fluid"]
CHANNELS = {"conv1_1": 16, "conv2_2": 44, "conv3_3": 57, "conv4_2": 85, "conv5_1": 105}
SIZE = (300, 400)
GAP = 10


def timed(title, painting, *arguments, **options):
    """The result of a painting; says how long it took."""
    began = time.perf_counter()
    painted = painting(*arguments, **options)
    print(f"{title:40s}{time.perf_counter() - began:6.1f} s", flush=True)
    return painted


def paint_pairs():
    """neural-style-transfer: every content in every style, as rows of (caption, image)."""
    make_costs, model_nn, _ = reference_solution(load_vgg_model())
    styles = {name: load_image(IMAGES / f"{name}.jpg", size=SIZE) for name in STYLES}
    rows = [[("", np.full((*SIZE, 3), 255, np.uint8)), *[("", style) for style in styles.values()]]]
    for content_name in CONTENTS:
        content = load_image(IMAGES / f"{content_name}.jpg", size=SIZE)
        normalized = reshape_and_normalize_image(content)
        row = [("", content)]
        for name, style in styles.items():
            start = generate_noise_image(normalized, rng=np.random.default_rng(3))
            costs = make_costs(normalized, reshape_and_normalize_image(style))
            row.append(("", to_rgb(timed(f"{content_name} in the manner of {name}", model_nn, costs, start))))
        rows.append(row)
    return rows


def paint_with_squeezenet():
    """fast-style-transfer: published sets, inversions and textures, as rows of (caption, image)."""
    write_source_notebooks(CHECKOUT / "answers")
    folder = CHECKOUT / "answers" / "fast-style-transfer"
    model = load_squeezenet()
    paint_set = take("2-style-transfer", "paint_set", folder=folder)
    names = ["inversion_cost", "texture_cost", "grow_texture", "even_weights", "STYLE_LAYERS", "GENTLE"]
    inversion_cost, texture_cost, grow_texture, even_weights, layers, gentle = take(
        "3-inversion-and-texture", *names, folder=folder
    )
    # These two look the network up in their notebook.
    paint_set.__globals__["model"] = even_weights.__globals__["model"] = model

    sets, pairs = [], [("Composition VII", "pyramid", "fluid"), ("The Scream", "lake", "woodcut")]
    for name, content, style in [*pairs, ("Starry Night", "lake", "starry")]:
        pictures = timed(f"{name}: {content}, {style}", paint_set, name, f"{content}.jpg", f"{style}.jpg")
        sets += [("style", load_image(IMAGES / f"{style}.jpg", (192, 256))), (f"weights “{name}”", pictures[name])]

    def gently(cost, start):
        return paint(cost, start, schedule=gentle)

    image = load_image(IMAGES / "lake.jpg", 192)
    start = np.random.default_rng(0).uniform(0, 1, (1, 192, 256, 3)).astype("float32")
    even_weights.__globals__["noise"] = start
    inversions = [("the lake", image)]
    for layer in ["relu1", "fire3", "fire5", "fire7", "fire9"]:
        cost = inversion_cost(model, preprocess(image), layer, 6e-2 / model.strength**2, 2e-2)
        inversions.append((f"inverted from {layer}", deprocess(timed(f"inversion from {layer}", gently, cost, start))))

    textures = []
    for name in ["fluid", "impressionist", "mosaic"]:
        image = load_image(IMAGES / f"{name}.jpg", 192)
        texture = preprocess(image)
        cost = texture_cost(model, texture, layers, even_weights(texture), 2e-2)
        grown = timed(f"texture of {name}", grow_texture, cost, [(96, 128), (192, 256)], gently)
        textures += [("a style", image), ("its texture", deprocess(grown))]
    return [sets, inversions, textures]


def paint_channels():
    """what-convnets-see: channels' nine patches, and what they paint, as two rows of (caption, image)."""
    write_source_notebooks(CHECKOUT / "answers")
    names = ["receptive_field", "strongest", "unit_cost"]
    folder = CHECKOUT / "answers" / "what-convnets-see"
    receptive_field, strongest, unit_cost = take("2-what-a-unit-responds-to", *names, folder=folder)
    model = load_vgg_model(EMBEDDED)
    library = convnets.Strongest(model, receptive_field, strongest)
    found, painted = [], []
    for layer, channel in CHANNELS.items():
        name = f"{layer}, channel {channel}"
        found.append((name, convnets.montage(library.patches(layer, channel), 256)))
        picture = timed(name, convnets.maximise, unit_cost(model, layer, channel, 0.003))
        large = Image.fromarray(picture).resize((256, 256), Image.Resampling.BICUBIC)
        painted.append(("what it paints", np.asarray(large)))
    return [found, painted]


def train_on_faces():
    """face-recognition: where an encoder puts the twelve residents, as a row of (caption, image)."""
    write_source_notebooks(CHECKOUT / "answers")
    names = ["triplet_loss", "choose_triplets"]
    losses = take("1-verification-and-triplets", *names, folder=CHECKOUT / "answers" / "face-recognition")
    town, shown, strangers = pictures(TOWN, 8, seed=0), pictures(DOOR, 5, seed=2), pictures(HELD_OUT[:100], 5, seed=1)
    tf.keras.utils.set_random_seed(0)
    encoder = small_encoder()
    with Watch(encoder, shown, strangers, steps=400) as watch:
        timed("400 steps of training", train, encoder, *losses, town, steps=400, callback=watch)
    row = []
    for step, error in watch.history:
        if step in (0, 60, 400):
            on_white = Image.alpha_composite(Image.new("RGBA", (540, 420), "white"), Image.fromarray(watch.map(step)))
            row.append((f"step {step}: {error:.1%} of the pairs judged wrongly", np.asarray(on_white.convert("RGB"))))
    return [row]


def sheet(rows, captions=0):
    """Rows of (caption, image), images of one size, in one picture; captions: pixels of room above an image."""
    height, width, _ = rows[0][0][1].shape
    whole = Image.new("RGB", (len(rows[0]) * (width + GAP) - GAP, len(rows) * (height + captions + GAP) - GAP), "white")
    draw, font = ImageDraw.Draw(whole), ImageFont.load_default(15)
    for i, row in enumerate(rows):
        for j, (caption, image) in enumerate(row):
            left, top = j * (width + GAP), i * (height + captions + GAP)
            draw.text((left + width // 2, top + 2), caption, font=font, fill="#2b2b33", anchor="mt")
            whole.paste(Image.fromarray(image), (left, top + captions))
    return whole


def gallery():
    """The sheet of neural-style-transfer, at three quarters of its size."""
    whole = sheet(paint_pairs())
    return whole.resize((whole.width * 3 // 4, whole.height * 3 // 4), Image.LANCZOS)


SHEETS = {
    "gallery": gallery,
    "fast-style-transfer": lambda: sheet(paint_with_squeezenet(), captions=22),
    "what-convnets-see": lambda: sheet(paint_channels(), captions=22),
    "face-recognition": lambda: sheet(train_on_faces(), captions=22),
}


def main():
    """Paint the sheets that are named, or all, and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheets", nargs="*", metavar="SHEET", help=f"one of {', '.join(SHEETS)}; all if none is named")
    for name in parser.parse_args().sheets or SHEETS:
        if name not in SHEETS:
            parser.error(f"there is no sheet {name!r}; the sheets are {', '.join(SHEETS)}.")
        SHEETS[name]().save(CHECKOUT / "docs" / f"{name}.jpg", quality=90)


if __name__ == "__main__":
    main()
