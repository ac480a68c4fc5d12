"""The film of a training: it survives an interrupt, and its map does not flip from one look to the next."""

import re

import numpy as np
import pytest

from nst.lessons.town import pictures
from nst.lessons.watch import Watch, apart, flattened
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
    shown = first[first[..., 3] > 0][:, :3]
    for frame in [(31, 119, 180), (174, 199, 232), (255, 127, 14)]:  # one for each resident
        assert (shown == frame).all(axis=1).sum() >= 3 * 4 * 34 * 3, "three whole frames, 3 wide around 34"


@pytest.mark.parametrize("spread", [0, 20, 90])
def test_faces_on_the_map_do_not_hide_one_another(spread):
    middle = np.array([270, 210])
    places = middle + spread * np.random.default_rng(0).normal(size=(60, 2))
    moved = apart(places, 41, (540, 420))
    distances = np.abs(moved[:, None] - moved).max(axis=2) + 1000 * np.eye(60)
    assert distances.min() >= 41
    assert (moved >= 20).all() and (moved <= np.array([540, 420]) - 20).all()


def test_faces_that_have_room_stay_where_they_are():
    places = np.array([[100.0, 100.0], [300.0, 100.0], [100.0, 300.0]])
    np.testing.assert_array_equal(apart(places, 41, (540, 420)), places)


def test_the_film_says_what_it_shows(watch, capsys):
    with watch:
        watch(2, 1.0, 5)
    watch.film()
    said = capsys.readouterr().out
    assert "a map of 9 faces, 3 of each of 3 residents" in said
    assert re.search(r"At the beginning step 0: [\d.]+% .* At the end step 2: [\d.]+%", said)


def test_the_map_is_turned_as_the_one_before():
    encodings = np.random.default_rng(3).normal(size=(40, 8)) * [5, 3, 1, 1, 1, 1, 1, 1]
    before = flattened(encodings, None)
    turned = before @ np.array([[0, 1], [1, 0]])
    np.testing.assert_allclose(flattened(encodings, turned), turned, atol=1e-9)
