"""Seconds per iteration of painting at 300 × 400: compiled against eager, the embedded network against the full widths.

The values of the full-width weights do not matter for speed, so they are random. All are timed in turn in one run; the
last line is JSON. Run it on a machine that does nothing else.
"""

import json
import sys
import time

import numpy as np

from nst.paths import CHECKOUT
from nst.pretrained import EMBEDDED, read_weights
from nst.quiet import tf
from nst_utils import VGG

# The tests know how to make weights of every shape.
sys.path.insert(0, str(CHECKOUT / "tests"))
from weights_files import random_weights

CONTENT_LAYER = "conv4_2"
STYLE_LAYERS = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
ROUNDS = 8


def make_step(model):
    """One iteration of the classic painting: forward to conv5_1, five Gram matrices, gradient, Adam."""
    picture = tf.Variable(np.random.default_rng(1).uniform(-60, 60, (1, 300, 400, 3)).astype("float32"))
    optimizer = tf.keras.optimizers.Adam(2.0)
    optimizer.build([picture])

    def step():
        with tf.GradientTape() as tape:
            activations = model.activations(picture, [CONTENT_LAYER, *STYLE_LAYERS])
            cost = tf.reduce_mean(activations[CONTENT_LAYER] ** 2)
            for layer in STYLE_LAYERS:
                unrolled = tf.reshape(activations[layer], [-1, activations[layer].shape[-1]])
                cost += tf.reduce_mean(tf.matmul(unrolled, unrolled, transpose_a=True) ** 2)
        optimizer.apply_gradients([(tape.gradient(cost, picture), picture)])

    return step


def median_seconds(steps):
    """A dict from name to the median seconds of a step, all steps timed in turn."""
    seconds = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(ROUNDS):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - began)
    return {name: float(np.median(times)) for name, times in seconds.items()}


def main():
    """Time every way in turn, print a table and one line of JSON."""
    ways = {}
    for network, weights in (("embedded", read_weights(EMBEDDED)), ("full width", random_weights("conv5_4"))):
        step = make_step(VGG(weights, network))
        ways[f"{network}, eager"] = step
        ways[f"{network}, tf.function"] = tf.function(step)
    median = median_seconds(ways)
    for name, value in median.items():
        print(f"{name:26s}{value:8.3f} s per iteration")
    result = {
        "compiled_over_eager": median["embedded, tf.function"] / median["embedded, eager"],
        "full_over_embedded": median["full width, tf.function"] / median["embedded, tf.function"],
        "rounds": ROUNDS,
    }
    print(json.dumps({name: round(value, 3) for name, value in result.items()}))


if __name__ == "__main__":
    main()
