"""Train the small encoder of face-recognition on the synthetic town, as a student does in notebook 1, and measure it.

    python tools/training/train_encoder.py --seeds 0 1 2

draws eight pictures of each of the 400 residents of TOWN once, trains an encoder for each seed with triplet_loss and
choose_triplets as the answers have them, compares it with the distance of pixels on pairs of residents of HELD_OUT,
whom no training sees, and writes the first seed's encoder into pretrained-model/.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from nst.course.release import write_source_notebooks
from nst.lessons.take import take
from nst.lessons.town import HELD_OUT, TOWN, pictures
from nst.lessons.verification import pair_distances, roc, verification_accuracy
from nst.networks.encoder import EMBEDDED, encode, load_encoder, save_encoder, small_encoder, train
from nst.paths import CHECKOUT
from nst.quiet import tf


def reference_solution():
    """The functions triplet_loss and choose_triplets as the answers have them."""
    write_source_notebooks(CHECKOUT / "answers")
    folder = CHECKOUT / "answers" / "face-recognition"
    return take("1-verification-and-triplets", "triplet_loss", "choose_triplets", folder=folder)


def figures(features):
    """Area under the ROC curve, accuracy and best threshold for (residents, pictures of each, ...)."""
    same, different = pair_distances(features)
    return roc(same, different)[3], *verification_accuracy(same, different)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--each", type=int, default=8, help="pictures of each resident")
    parser.add_argument("--output", type=Path, default=EMBEDDED)
    options = parser.parse_args(arguments)

    triplet_loss, choose_triplets = reference_solution()
    start = time.monotonic()
    town = pictures(TOWN, options.each, seed=0)
    print(f"{len(town) * options.each} pictures drawn in {time.monotonic() - start:.0f} s")
    strangers = pictures(HELD_OUT, 8, seed=1)
    print("| | seconds | area under the ROC curve | accuracy | best threshold |\n|---|---|---|---|---|")
    row = "| {} | {} | {:.3f} | {:.1%} | {:.2f} |"
    print(row.format("pixel distance", "", *figures(strangers.astype(np.float32) / 255)), flush=True)
    for seed in options.seeds:
        tf.keras.utils.set_random_seed(seed)
        encoder, start = small_encoder(), time.monotonic()
        train(encoder, triplet_loss, choose_triplets, town, steps=options.steps, seed=seed)
        seconds = f"{time.monotonic() - start:.0f}"
        print(row.format(f"seed {seed}", seconds, *figures(encode(encoder, strangers))), flush=True)
        if seed == options.seeds[0]:
            save_encoder(encoder, options.output)
    print(row.format(options.output.name, "", *figures(encode(load_encoder(options.output), strangers))))


if __name__ == "__main__":
    main()
