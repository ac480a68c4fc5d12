"""The small encoder: what it tells apart, its file, and its training with a student's functions."""

import time

import numpy as np
import pytest

from nst.lessons.town import HELD_OUT, TOWN, pictures
from nst.lessons.verification import pair_distances, roc, verification_accuracy
from nst.networks.encoder import EMBEDDED, encode, load_encoder, save_encoder, small_encoder, train
from nst.quiet import tf
from nst.weights.files import WeightsError


@pytest.fixture(scope="module")
def strangers():
    """Pictures of residents whom the embedded encoder's training never saw."""
    return pictures(HELD_OUT[:40], 4, seed=7)


@pytest.fixture(scope="module")
def townspeople():
    return pictures(TOWN[:8], 4, seed=3)


@pytest.mark.parametrize("dimensions", [64, 5])
def test_the_small_encoder_answers_with_unit_vectors(dimensions):
    encodings = encode(
        small_encoder(dimensions=dimensions), np.random.default_rng(0).integers(0, 256, (2, 3, 96, 96, 3))
    )
    assert encodings.shape == (2, 3, dimensions) and encodings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(encodings, axis=-1), 1, rtol=1e-5)


def test_the_embedded_encoder_tells_strangers_apart_where_pixels_cannot(strangers):
    same, different = pair_distances(encode(load_encoder(), strangers), 2000)
    pixels = pair_distances(strangers / np.float32(255), 2000)
    accuracy, threshold = verification_accuracy(same, different)
    assert roc(same, different)[3] > 0.96 and roc(*pixels)[3] < 0.8
    assert accuracy > 0.9 and 0.5 < threshold < 1.1


def test_the_embedded_encoder_is_small():
    assert EMBEDDED.stat().st_size <= 2_000_000


def test_a_saved_encoder_comes_back(townspeople, tmp_path):
    tf.keras.utils.set_random_seed(0)
    encoder = small_encoder(dimensions=16)
    # Statistics as after a training, which have to come back too.
    encoder.get_layer("bn2").moving_variance.assign(np.linspace(0.1, 2, 48))
    save_encoder(encoder, tmp_path / "mine.npz")
    again = load_encoder(tmp_path / "mine.npz")
    np.testing.assert_allclose(encode(again, townspeople), encode(encoder, townspeople), atol=0.01)


def embedded_arrays(**changed):
    with np.load(EMBEDDED) as file:
        return dict(file) | {name.replace("__", "/"): array for name, array in changed.items()}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"conv2__kernel": np.zeros((3, 3, 24, 47))},
            r"of shape \(3, 3, 24, 48\) for conv2/kernel, found float64 of shape \(3, 3, 24, 47\); write a good one",
        ),
        ({"conv2__kernel": np.zeros((3, 3, 24, 48), int)}, r"floating-point numbers .* for conv2/kernel, found int64"),
        ({"bn1__gamma": np.full(24, np.nan)}, r"has NaN or infinity among the numbers of bn1/gamma"),
        ({"bn1__moving_variance": np.full(24, -1.0)}, r"has a negative number in bn1/moving_variance, where variances"),
        ({"bn1__gamma": np.array([{}] * 24)}, r"holds Python objects under bn1/gamma, where an array"),
        ({"dense__kernel": np.zeros((3456, 0))}, r"of shape \(3456, 64\) for dense/kernel"),
    ],
)
def test_an_encoder_of_other_arrays_is_refused(changed, said, tmp_path):
    np.savez(tmp_path / "bad.npz", **embedded_arrays(**changed))
    with pytest.raises(WeightsError, match=said) as caught:
        load_encoder(tmp_path / "bad.npz")
    assert "bad.npz" in str(caught.value) and "\n" not in str(caught.value)


def test_files_that_hold_no_encoder_are_refused(tmp_path):
    content = EMBEDDED.read_bytes()
    (tmp_path / "half.npz").write_bytes(content[: len(content) // 2])
    (tmp_path / "text.npz").write_text("no weights")
    (tmp_path / "empty.npz").write_bytes(b"")
    np.save(tmp_path / "array.npy", np.zeros(3))
    np.savez(tmp_path / "other.npz", **{"conv1_1/kernel": np.zeros((3, 3, 3, 64))})
    for name, sentence in {
        "half.npz": "is damaged: it begins like a zip",
        "text.npz": "is no weights file for this network: expected an .npz, found a file that begins",
        "empty.npz": "is empty, where a weights file was expected",
        "array.npy": "is no weights file for this network",
        "other.npz": "holds another network: expected a small encoder with conv1/kernel, ",
    }.items():
        with pytest.raises(WeightsError, match=rf"{name} {sentence}.*; .*write a good one with save_encoder\(.+\.$"):
            load_encoder(tmp_path / name)
    with pytest.raises(WeightsError, match=r"^There is no weights file .*none\.npz; check the path, or write a good"):
        load_encoder(tmp_path / "none.npz")
    with pytest.raises(WeightsError, match=r"is a folder where a weights file was expected"):
        load_encoder(tmp_path)


def loss_of_triplets(_, encodings):
    anchors, positives, negatives = encodings
    hinges = tf.reduce_sum((anchors - positives) ** 2, -1) - tf.reduce_sum((anchors - negatives) ** 2, -1) + 0.2
    return tf.reduce_sum(tf.maximum(hinges, 0))


def neighbours(encodings, labels):
    """Triplets in lists, as a student may write them: the next picture of the same resident, and all strangers."""
    n = range(len(labels))
    triplets = [(i, i + 1, k) for i in n[:-1] if labels[i] == labels[i + 1] for k in n if labels[k] != labels[i]]
    return [list(row) for row in zip(*triplets, strict=True)]


def trained(pictures, seed=0, **options):
    tf.keras.utils.set_random_seed(0)
    encoder = small_encoder()
    return encoder, train(encoder, loss_of_triplets, neighbours, pictures, seed=seed, **options)


def test_training_brings_pictures_of_one_resident_together(townspeople):
    before = roc(*pair_distances(encode(trained(townspeople, steps=0)[0], townspeople), 500))[3]
    seen = []
    encoder, history = trained(townspeople, steps=40, callback=lambda *step: seen.append(step))
    assert roc(*pair_distances(encode(encoder, townspeople), 500))[3] > max(0.95, before + 0.1)
    assert seen == [(i, *row) for i, row in enumerate(history, 1)] and len(seen) == 40
    assert history[-1][0] < 0.3 * history[0][0] and history[0][1] == 8 * 3 * 28


def test_the_same_steps_and_seed_train_the_same_encoder(townspeople):
    (first, one), (second, two), (_, other) = (trained(townspeople, seed, steps=4, people=4) for seed in (0, 0, 1))
    np.testing.assert_allclose(one, two, rtol=1e-3)
    np.testing.assert_allclose(encode(first, townspeople), encode(second, townspeople), atol=1e-2)
    assert abs(one[0][0] - other[0][0]) > 1e-3 * one[0][0]


def test_training_ends_when_its_seconds_are_over(townspeople):
    start = time.monotonic()
    _, history = trained(townspeople, seconds=1)
    assert history and 1 <= time.monotonic() - start < 20


def test_a_batch_without_triplets_changes_no_weight(townspeople):
    encoder = small_encoder()
    before = [np.asarray(weight) for weight in encoder.trainable_variables]

    def mean(_, encodings):
        return tf.reduce_mean(encodings[0])

    assert train(encoder, mean, lambda *_: ([], [], []), townspeople, steps=2) == [(0, 0), (0, 0)]
    for weight, old in zip(encoder.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(weight, old)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"choose_triplets": lambda *_: None},
            r"choose_triplets should give three rows of equally many indices, from 0 to",
        ),
        ({"choose_triplets": lambda *_: ([0], [1])}, "choose_triplets should give three rows"),
        ({"choose_triplets": lambda *_: ([0], [1], [2, 3])}, "choose_triplets should give three rows"),
        ({"choose_triplets": lambda *_: ([0], [1], [32])}, "from 0 to 31"),
        ({"choose_triplets": lambda *_: ([0], [1], [0.5])}, "choose_triplets should give three rows"),
        ({"triplet_loss": lambda _, y: tf.reduce_sum(y[0], -1)}, "triplet_loss should give one finite number"),
        ({"triplet_loss": lambda _, y: tf.reduce_sum(y[0]) / 0}, "triplet_loss should give one finite number"),
        ({"triplet_loss": lambda _, y: float(np.sum(y[0]))}, "no gradient comes back"),
        ({"steps": None}, "either steps or seconds"),
        ({"pictures": np.zeros((8, 4, 96, 96, 3))}, r"was given float64 of shape \(8, 4, 96, 96, 3\)"),
    ],
)
def test_what_training_cannot_use_is_named(options, said, townspeople):
    usual = {"triplet_loss": loss_of_triplets, "choose_triplets": neighbours, "pictures": townspeople, "steps": 1}
    with pytest.raises(ValueError, match=said):
        train(small_encoder(), **usual | options)
