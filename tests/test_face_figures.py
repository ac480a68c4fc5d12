"""The film of a training: it survives an interrupt, and its map does not flip from one look to the next."""

import numpy as np
import pytest

from nst.lessons.town import pictures
from nst.lessons.watch import Watch, flattened
from nst.networks import encoder as faces
from nst.quiet import tf


@pytest.fixture
def watch():
    tf.keras.utils.set_random_seed(5)
    shown = pictures([1, 4, 6], 3, seed=1)
    return Watch(faces.small_encoder(), shown, pictures(range(2000, 2006), 3, seed=1), 4, every=2)


def test_a_training_that_is_interrupted_keeps_what_it_has_seen(watch, capsys):
    with watch:
        for step in (1, 2, 3):
            watch(step, cost=2.0, triplets=10)
        raise KeyboardInterrupt
    assert "Interrupted after step 3; the encoder keeps what it has learnt." in capsys.readouterr().out
    assert [step for step, _ in watch.history] == [0, 2]
    assert all(0 <= error <= 0.5 for _, error in watch.history)


def test_an_error_is_not_swallowed(watch):
    with pytest.raises(NotImplementedError), watch:
        raise NotImplementedError


def test_the_map_shows_every_face_and_lies_still_while_nothing_is_learnt(watch):
    with watch:
        watch(2, 1.0, 5)
    first, second = watch.map(0), watch.map(2)
    np.testing.assert_array_equal(first, second)
    colours = {tuple(pixel) for pixel in first.reshape(-1, 3)}
    assert {(31, 119, 180), (174, 199, 232), (255, 127, 14)} <= colours  # a frame for each resident


def test_the_map_is_turned_as_the_one_before():
    encodings = np.random.default_rng(3).normal(size=(40, 8)) * [5, 3, 1, 1, 1, 1, 1, 1]
    before = flattened(encodings, None)
    turned = before @ np.array([[0, 1], [1, 0]])
    np.testing.assert_allclose(flattened(encodings, turned), turned, atol=1e-9)
