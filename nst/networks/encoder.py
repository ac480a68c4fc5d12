"""The small encoder of the face-recognition assignment, which a student trains in a minute."""

import time
from pathlib import Path

import numpy as np

from nst.paths import PRETRAINED, whole_file
from nst.quiet import tf
from nst.weights.files import NPZ, checked, kind_of, read_npz

keras = tf.keras

#: The layers of the small encoder: channels out, kernel size, stride.
SMALL = ((24, 5, 2), (48, 3, 2), (64, 3, 1), (96, 3, 2))

#: The small encoder that comes with the course, trained by tools/training/train_encoder.py.
EMBEDDED = PRETRAINED / "small-encoder.npz"

#: What to do about a weights file that is no good.
ADVICE = "write a good one with save_encoder(model, path)"


def small_encoder(input_shape=(96, 96, 3), dimensions=64):
    """A small encoder with random weights, a Keras model: (n, 96, 96, 3) float32 RGB from 0 to 1 -> (n, 64), unit norm.

    input_shape: (height, width, 3), the colours last. dimensions: the length of an encoding.
    The picture is halved, four convolutions with batch normalisation and ReLU follow, and one dense layer.
    Weights start the same after each `tf.keras.utils.set_random_seed(seed)`.
    """
    picture = keras.Input(tuple(input_shape))
    x = keras.layers.AveragePooling2D(2, data_format="channels_last")(picture)
    for i, (channels, size, stride) in enumerate(SMALL, 1):
        x = keras.layers.Conv2D(
            channels,
            size,
            strides=stride,
            padding="same",
            use_bias=False,  # the batch normalisation has one
            data_format="channels_last",
            name=f"conv{i}",
        )(x)
        # So short a training is over before the statistics of Keras's default, 0.99, have caught up.
        x = keras.layers.BatchNormalization(axis=-1, momentum=0.9, name=f"bn{i}")(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.Dense(dimensions, name="dense")(keras.layers.Flatten()(x))
    return keras.Model(picture, keras.layers.UnitNormalization()(x), name="small_encoder")


def save_encoder(model, path):
    """Write a small_encoder()'s weights, an .npz of plain arrays in half precision, such as conv1/kernel."""
    arrays = {name: np.asarray(variable).astype(np.float16) for name, variable in _variables(model).items()}
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with whole_file(Path(path)) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, **arrays)


def load_encoder(path=None):
    """The small encoder, trained: see small_encoder. path: save_encoder's .npz; None: the one that is embedded.

    Nothing in a file is ever run. Raises nst.weights.WeightsError, one sentence, for a file that can't be used.
    """
    path = Path(EMBEDDED if path is None else path)
    kind_of(path, (NPZ,), ADVICE)
    model = small_encoder()
    found, names = read_npz(path, _variables(model), ADVICE)
    shape = np.shape(found.get("dense/kernel"))
    # A file may claim any shape; a senseless one is refused below, before it costs memory.
    if len(shape) == 2 and shape[1] != 64 and 0 < shape[1] <= 4096:
        model = small_encoder(dimensions=shape[1])
    variables = _variables(model)
    shapes = {name: tuple(variable.shape) for name, variable in variables.items()}
    variances = [name for name in shapes if name.endswith("moving_variance")]
    for name, array in checked(path, found, shapes, "a small encoder", ADVICE, names, variances).items():
        variables[name].assign(array)
    return model


def _variables(model):
    return {f"{layer.name}/{variable.name}": variable for layer in model.layers for variable in layer.weights}


def encode(encoder, pictures):
    """The encodings of many pictures: (..., 96, 96, 3) uint8 -> (..., dimensions) float32, 100 at a time."""
    pictures = np.asarray(pictures)
    rows = pictures.reshape(-1, *pictures.shape[-3:])
    encodings = [
        np.asarray(encoder(rows[i : i + 100].astype(np.float32) / 255, training=False))
        for i in range(0, len(rows), 100)
    ]
    return np.concatenate(encodings).reshape(*pictures.shape[:-3], -1)


def train(
    encoder,
    triplet_loss,
    choose_triplets,
    pictures,
    steps=None,
    seconds=None,
    callback=None,
    people=16,
    each=4,
    learning_rate=1e-3,
    seed=0,
):
    """Train an encoder with a triplet loss; returns what every step cost, a list of (cost, number of triplets).

    A step takes `each` pictures of `people` residents, encodes them, lets triplets be chosen among them (Schroff et al.
    2015, section 3.2), and follows the gradient of their loss with Adam (there AdaGrad). The learning rate falls to a
    third after 60 % of the training, and to a tenth after 85 %.

    triplet_loss: a function (None, [anchors, positives, negatives]) -> a number; the three are (t, dimensions) tensors.
    choose_triplets: a function (encodings, labels) -> three rows of t indices, of anchors, positives and negatives;
        it gets encodings (people * each, dimensions) float32 and labels (people * each,), arrays of NumPy.
    pictures: (residents, pictures of each, 96, 96, 3) uint8, as nst.lessons.town.pictures draws them.
    steps or seconds: how long; the same steps give the same encoder, seconds depend on the computer.
    callback: a function (step, cost, triplets) that is called after each step. seed: which pictures come when.

    Raises ValueError, one sentence, for a loss or triplets that can't be used.
    """
    pictures = np.asarray(pictures)
    if (steps is None) == (seconds is None):
        raise ValueError("train takes either steps or seconds, and was given both or neither.")
    if pictures.ndim != 5 or pictures.shape[-1] != 3 or pictures.dtype != np.uint8 or min(pictures.shape[:2]) < 2:
        raise ValueError(
            "train takes uint8 pictures of shape (residents, pictures of each, height, width, 3), two residents and "
            f"two pictures at least, and was given {pictures.dtype} of shape {pictures.shape}."
        )
    people, each = min(people, len(pictures)), min(each, pictures.shape[1])
    random, optimizer, weights = np.random.default_rng(seed), keras.optimizers.Adam(), encoder.trainable_variables
    optimizer.build(weights)
    encode_batch = tf.function(lambda batch: encoder(batch, training=True), autograph=False)
    follow = tf.function(lambda gradients: optimizer.apply(gradients, weights), autograph=False)
    history, start = [], time.monotonic()
    while True:
        done = len(history) / steps if steps else (time.monotonic() - start) / seconds if seconds else 1
        if done >= 1:
            return history
        optimizer.learning_rate.assign(learning_rate * (1 if done < 0.6 else 0.3 if done < 0.85 else 0.1))
        who = random.choice(len(pictures), people, replace=False)
        which = np.stack([random.choice(pictures.shape[1], each, replace=False) for _ in who])
        batch = pictures[who[:, None], which].reshape(-1, *pictures.shape[2:]).astype(np.float32) / 255
        with tf.GradientTape() as tape:
            encodings = encode_batch(tf.constant(batch))
            triplets = _triplets(choose_triplets(encodings.numpy(), np.repeat(who, each)), len(batch))
            # Without triplets there is nothing to learn, and a mean over them would be NaN.
            cost, count = tf.constant(0.0), len(triplets[0])
            if count:
                cost = tf.convert_to_tensor(triplet_loss(None, [tf.gather(encodings, row) for row in triplets]))
        if cost.shape != () or not np.isfinite(cost):
            raise ValueError(
                f"triplet_loss should give one finite number, and gave {cost.numpy()!r} for {count} triplets."
            )
        if count:
            gradients = tape.gradient(cost, weights)
            if gradients[0] is None:
                raise ValueError(
                    "triplet_loss should be computed with TensorFlow from the three encodings, and no gradient comes "
                    "back."
                )
            follow(gradients)
        history.append((float(cost), count))
        if callback:
            callback(len(history), *history[-1])


def _triplets(chosen, size):
    """What a student's function chose, as three int arrays; size: of the batch."""
    try:
        rows = np.array([np.asarray(row) for row in chosen])
        valid = rows.ndim == 2 and len(rows) == 3 and (rows.dtype.kind in "iu" or rows.size == 0)
    except (TypeError, ValueError):
        valid = False
    if not valid or (rows.size and not (rows.min() >= 0 and rows.max() < size)):
        raise ValueError(
            f"choose_triplets should give three rows of equally many indices, from 0 to {size - 1}: anchors, positives "
            "and negatives."
        )
    return rows.astype(np.int32)
