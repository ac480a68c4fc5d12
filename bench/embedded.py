"""How much of the way from an untrained network to the real VGG-19 the embedded network goes, in painting.

Every pair of course pictures is painted three times, from the same start, with the same style layers, weights and
iterations: with the features of (a) the embedded network, (b) the same network untrained, (c) the real VGG-19. All
three paintings are then judged by one ruler, the objective in the real features,

    objective = ALPHA · |F - F_content|² / |F_content|²  +  BETA · mean over style layers of |G - G_style|² / |G_style|²

with F the content layer's activations and G a style layer's Gram matrix. It is also what every painting minimised, each
in features of its own. The gap closed is (untrained - embedded) / (untrained - real): 1 means that the embedded
network paints as the real one does, by that ruler.

The real features are those of --vgg, to conv3_2 at least. It prints a table, saves a contact sheet into output/, and
ends with one line of JSON. About seven minutes; the seconds per iteration are worth something only on an otherwise idle
machine.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from painting import make_step, median_seconds
from PIL import Image, ImageDraw, ImageFont

from nst.networks import squeezenet
from nst.painting import paint
from nst.paths import CHECKOUT, IMAGES, OUTPUT
from nst.quiet import tf
from nst.weights.vgg19 import EMBEDDED, read_weights
from nst_utils import VGG, generate_noise_image, load_image, reshape_and_normalize_image, to_rgb

# The tests know how to make weights of every shape, and to read the real ones beside the clone.
from tests.support.weights_files import random_weights, real_weights

PAIRS = [
    ("pyramid_small", "starry"),
    ("lake_small", "fluid"),
    ("pyramid_small", "mosaic"),
    ("lake_small", "impressionist"),
]
STYLE_LAYERS = ["conv1_1", "conv2_1", "conv3_1"]
CONTENT_LAYER = "conv3_2"
ALPHA, BETA = 1.0, 30.0  # in the real features the scene stays readable and the style is carried over
LEARNING_RATE = 4.0
SEED = 3


def untrained(weights, pictures):
    """A network of the shapes of `weights` with random orthogonal kernels, each channel of mean 0 and variance 1.

    (Before the ReLU, over all positions of `pictures`.) The training of the embedded network began with such a one.
    """
    rng = np.random.default_rng(19)
    made, x = {}, pictures
    for layer, (kernel, _) in weights.items():
        if layer.endswith("_1") and layer != "conv1_1":
            x = tf.nn.avg_pool2d(x, ksize=2, strides=2, padding="SAME")
        flat = rng.standard_normal((np.prod(kernel.shape[:3]), kernel.shape[3]))
        flat = np.linalg.qr(flat)[0] if flat.shape[0] >= flat.shape[1] else flat
        x = tf.nn.conv2d(x, flat.reshape(kernel.shape).astype(np.float32), strides=1, padding="SAME").numpy()
        deviation, mean = x.std(axis=(0, 1, 2)), x.mean(axis=(0, 1, 2))
        made[layer] = (flat.reshape(kernel.shape) / deviation).astype(np.float32), -mean / deviation
        x = np.maximum((x - mean) / deviation, 0)
    return made


def gram_matrix(activation):
    unrolled = tf.reshape(activation, [-1, activation.shape[-1]])
    return tf.matmul(unrolled, unrolled, transpose_a=True)


class Objective:
    """The distances of a picture from a content and a style, in the features of one network."""

    def __init__(self, model, content, style):
        self.model = model
        self.content = model.activations(content, [CONTENT_LAYER])[CONTENT_LAYER]
        self.grams = {layer: gram_matrix(x) for layer, x in model.activations(style, STYLE_LAYERS).items()}

    def __call__(self, picture):
        found = self.model.activations(picture, [*STYLE_LAYERS, CONTENT_LAYER])
        content = _relative(found[CONTENT_LAYER], self.content)
        by_layer = {layer: _relative(gram_matrix(found[layer]), gram) for layer, gram in self.grams.items()}
        style = tf.add_n(list(by_layer.values())) / len(by_layer)
        return {"total": ALPHA * content + BETA * style, "content": content, "style": style, **by_layer}


def _relative(found, wanted):
    return tf.reduce_sum(tf.square(found - wanted)) / tf.reduce_sum(tf.square(wanted))


def paint_pair(networks, content_name, style_name, size, iterations):
    """One row of the sheet: pictures and, for each network, the distances in the real features."""
    content, style = (load_image(IMAGES / f"{name}.jpg", size=size) for name in (content_name, style_name))
    prepared = [reshape_and_normalize_image(picture) for picture in (content, style)]
    start = generate_noise_image(prepared[0], rng=np.random.default_rng(SEED))
    ruler = Objective(networks["real"], *prepared)
    pictures, judged = [content, style], {}
    for name, model in networks.items():
        totals = []
        painted = paint(
            Objective(model, *prepared),
            start,
            iterations=iterations,
            learning_rate=LEARNING_RATE,
            callback=lambda _, costs, __, totals=totals: totals.append(float(costs["total"])),
        )
        # What is judged is the picture as it is saved: 8 bits, nothing below 0 or above 255.
        saved = to_rgb(painted)
        judged[name] = {key: float(value) for key, value in ruler(reshape_and_normalize_image(saved)).items()}
        judged[name]["still falling"] = 1 - totals[-1] / totals[-1 - iterations // 10]
        pictures.append(saved)
    return pictures, judged


def contact_sheet(rows, names):
    """The rows of pictures below their column names."""
    height, width = rows[0][0].shape[:2]
    gap, header = 8, 26
    sheet = Image.new("RGB", (len(names) * (width + gap) - gap, header + len(rows) * (height + gap) - gap), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=16)
    for column, name in enumerate(names):
        draw.text((column * (width + gap) + 2, 3), name, fill="#20242a", font=font)
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            sheet.paste(Image.fromarray(picture), (column * (width + gap), header + row * (height + gap)))
    return sheet


def real_network(path):
    """The real VGG-19: from `path`, else from what lies beside the clone, else None."""
    if path is not None:
        return VGG(read_weights(path), "real")
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        return None
    return VGG(real_weights(folder), "real")


def main():
    """Paint, judge, time; print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vgg", type=Path, help="a file of the real VGG-19's weights; an .npz must take RGB")
    parser.add_argument("--embedded", type=Path, default=EMBEDDED, help="the network to judge (default: %(default)s)")
    parser.add_argument("--iterations", type=int, default=300)
    parser.add_argument("--size", type=int, nargs=2, default=(225, 300), metavar=("HEIGHT", "WIDTH"))
    parser.add_argument("--sheet", type=Path, default=OUTPUT / "embedded.png", help="where the contact sheet goes")
    options = parser.parse_args()

    real = real_network(options.vgg)
    if real is None:
        print("The real VGG-19 is the ruler here: fetch it with `make weights`, and give its file as --vgg FILE.")
        print(json.dumps({"skipped": "no real VGG-19"}))
        return
    weights = read_weights(options.embedded)
    contents = {content for content, _ in PAIRS}
    pictures = [reshape_and_normalize_image(load_image(IMAGES / f"{n}.jpg", size=(300, 400))) for n in sorted(contents)]
    networks = {
        "real": real,
        "embedded": VGG(weights, "embedded"),
        "untrained": VGG(untrained(weights, np.concatenate(pictures)), "untrained"),
    }
    rows, gaps, by_layer = [], [], []
    columns = f"{'pair':29s}{'network':12s}{'content':>9s}{'style':>9s}{'objective':>11s}{'gap closed':>12s}"
    print(f"{columns}  style by layer")
    for pair in PAIRS:
        row, judged = paint_pair(networks, *pair, options.size, options.iterations)
        rows.append(row)
        gap = {
            key: (judged["untrained"][key] - judged["embedded"][key]) / (judged["untrained"][key] - judged["real"][key])
            for key in ["total", *STYLE_LAYERS]
        }
        gaps.append(gap["total"])
        by_layer.append({layer: gap[layer] for layer in STYLE_LAYERS})
        for name, found in judged.items():
            closed = f"{gap['total']:.0%}" if name == "embedded" else ""
            layers = "  ".join(f"{layer} {found[layer]:.4f}" for layer in STYLE_LAYERS)
            label = " + ".join(pair) if name == "real" else ""
            distances = f"{found['content']:9.4f}{found['style']:9.4f}{found['total']:11.4f}"
            falling = f"(in its last tenth {found['still falling']:.1%} lower)"
            print(f"{label:29s}{name:12s}{distances}{closed:>12s}  {layers}  {falling}")
    options.sheet.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet(rows, ["content", "style", *networks]).save(options.sheet)
    both = {"embedded": weights, "full width": random_weights("conv5_4")}
    seconds = median_seconds({name: tf.function(make_step(VGG(arrays, name))) for name, arrays in both.items()})
    sizes = {path.name: path.stat().st_size for path in (options.embedded, squeezenet.EMBEDDED)}
    print(f"\nContact sheet: {options.sheet}")
    print(", ".join(f"{name} {value:.3f} s per iteration" for name, value in seconds.items()))
    print(", ".join(f"{name} {size:,} bytes" for name, size in sizes.items()))
    result = {
        "gap_closed": [round(gap, 3) for gap in gaps],
        "gap_closed_by_style_layer": [{layer: round(gap, 3) for layer, gap in row.items()} for row in by_layer],
        "speedup": round(seconds["full width"] / seconds["embedded"], 2),
        "bytes": sum(sizes.values()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
