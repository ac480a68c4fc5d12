"""The synthetic town: who lives there, what their pictures show, and that the committed faces are made again."""

import runpy
import sys

import numpy as np
import pytest
from PIL import Image

from nst.lessons import town
from nst.lessons.town import DOOR, HELD_OUT, TOWN, View, picture, pictures, random_view, resident

VISITS = [(who.name.lower(), part) for who in DOOR for part in ("card", 1, 2, 3)]


@pytest.fixture(scope="module")
def held_out():
    """Four pictures of each of 60 residents whom nobody trains with, (60, 4, 96, 96, 3) uint8."""
    return pictures(HELD_OUT[:60], 4, seed=0)


def mean_difference(one, other):
    """In grey levels."""
    return np.abs(one.astype(int) - other).mean()


# ---------------------------------------------------------------------------------------------------------- residents


def test_a_resident_is_always_the_same():
    assert resident(1234) == resident(1234)
    assert resident(1234) != resident(1235)


def test_at_the_door_are_twelve_people_with_names_and_nobody_else_has_one():
    assert len({who.name for who in DOOR}) == len(DOOR) == 12
    assert all(who == resident(who.number) for who in DOOR)
    assert {resident(number).name for number in [*TOWN, *HELD_OUT]} == {""}


def test_the_three_sets_of_residents_are_disjoint():
    numbers = [who.number for who in DOOR] + [*TOWN, *HELD_OUT]
    assert len(set(numbers)) == len(numbers)
    assert len(TOWN) >= 300 and len(HELD_OUT) >= 100


def test_no_two_identities_are_equal():
    everybody = [*DOOR, *(resident(number) for number in [*TOWN, *HELD_OUT])]
    vectors = np.array([who.vector for who in everybody])
    assert np.isfinite(vectors).all()
    assert len(np.unique(vectors, axis=0)) == len(everybody)


def test_the_town_has_all_sorts():
    everybody = [resident(number) for number in TOWN]
    assert {who.hair for who in everybody} == set(town.HAIR_STYLES)
    assert {who.beard for who in everybody} == set(town.BEARDS)
    assert 0.15 < np.mean([who.glasses > 0 for who in everybody]) < 0.5
    # skin tones and ages are spread evenly: every fifth of the scale has about a fifth of the people
    for trait in ([sum(who.skin) / 3 for who in everybody], [who.age for who in everybody]):
        share = np.histogram(trait, bins=5)[0] / len(everybody)
        assert share.min() > 0.1 and share.max() < 0.32


def test_an_identity_cannot_be_changed():
    with pytest.raises(AttributeError):
        DOOR[0].age = 0.0


@pytest.mark.parametrize("number", [-1, 1.5, "Kofi", None])
def test_what_is_no_number_of_a_resident_is_one_sentence(number):
    with pytest.raises(ValueError, match=r"whole number, 0 or more, and it is .*; TOWN and HELD_OUT"):
        resident(number)


# ----------------------------------------------------------------------------------------------------------- pictures


def test_size_and_dtype(held_out):
    assert picture(DOOR[0], 0).shape == (96, 96, 3)
    assert picture(DOOR[0], 0).dtype == held_out.dtype == np.uint8
    assert held_out.shape == (60, 4, 96, 96, 3)
    assert pictures([], 4, seed=0).shape == (0, 4, 96, 96, 3)


def test_the_same_seed_makes_the_same_picture_and_another_seed_another():
    one = picture(DOOR[0], 5)
    assert np.array_equal(one, picture(DOOR[0], np.random.default_rng(5)))
    assert np.array_equal(one, picture(DOOR[0].number, 5))
    assert mean_difference(one, picture(DOOR[0], 6)) > 5


def test_a_picture_does_not_depend_on_who_else_is_drawn(held_out):
    assert np.array_equal(pictures([resident(HELD_OUT[7])], 2, seed=0)[0], held_out[7, :2])
    assert mean_difference(pictures(HELD_OUT[:1], 1, seed=1)[0], held_out[0, :1]) > 5


def test_pictures_of_one_resident_differ_from_each_other(held_out):
    for row in held_out[:20]:
        assert min(mean_difference(row[i], row[j]) for i in range(4) for j in range(i)) > 5


def test_every_picture_has_light_and_shadow(held_out):
    low, high = np.percentile(held_out.reshape(240, -1), [2, 98], axis=1)
    assert (high - low).min() > 50


@pytest.mark.parametrize("hair", town.HAIR_STYLES)
def test_the_face_is_in_the_picture_and_the_hair_does_not_cover_it(hair):
    """In a portrait the cheeks have the resident's skin, and the middle of the eyes is darker."""
    who = next(who for who in map(resident, TOWN) if who.hair == hair and who.beard == "none")
    view = View()
    face = picture(who, 0, view).astype(float)
    middle = 48 * (1 + view.place[1])
    row = round(middle + 48 * view.scale * 0.30)
    skin = face[row, [round(48 - 48 * view.scale * 0.38), round(48 + 48 * view.scale * 0.38)]].mean(0)
    assert np.abs(skin / skin.sum() - np.array(who.skin) / sum(who.skin)).max() < 0.06
    column = round(48 + 48 * view.scale * who.eye_distance)
    around = face[round(middle) - 2 : round(middle) + 3, column - 2 : column + 3]
    assert around.mean(-1).min() < 0.7 * skin.mean()


def moment(face):
    """The mean column and row of what differs between two pictures; face is their difference."""
    weight = np.abs(face).sum(-1)
    return (weight.sum(0) @ np.arange(96)) / weight.sum(), (weight.sum(1) @ np.arange(96)) / weight.sum()


@pytest.mark.parametrize(
    ("change", "across", "down"),
    [({"yaw": 0.3}, 6, 0), ({"pitch": 0.15}, 0, 3), ({"place": (0.1, 0.05)}, 4.8, 0), ({"roll": 0.2}, 0, 0)],
)
def test_the_eyes_follow_the_pose(change, across, down):
    def eyes(**pose):
        opened = picture(DOOR[4], 0, View(**pose)).astype(int)
        return moment(opened - picture(DOOR[4], 0, View(**pose, eyes_open=0.1)))

    (x0, y0), (x1, y1) = eyes(), eyes(**change)
    assert x1 - x0 == pytest.approx(across, abs=2.5)
    assert y1 - y0 == pytest.approx(down, abs=2)


def test_light_from_the_right_brightens_the_right_cheek():
    def cheeks(light):
        face = picture(DOOR[7], 0, View(light=(light, -0.2), strength=1)).astype(float)
        return face[50:65, 60:72].mean() - face[50:65, 24:36].mean()

    assert cheeks(0.9) > 20
    assert cheeks(-0.9) < -20


def test_glasses_come_off_in_some_pictures():
    views = [random_view(np.random.default_rng(seed)) for seed in range(100)]
    assert 60 < sum(view.glasses_on for view in views) < 95
    who = next(who for who in DOOR if who.glasses)
    taken_off = picture(who, 0, View(glasses_on=False))
    assert mean_difference(picture(who, 0, View()), taken_off) > 0.5


def test_a_larger_picture_shows_the_same():
    large = picture(DOOR[2], 0, View(), size=192)
    reduced = np.asarray(Image.fromarray(large).resize((96, 96), Image.Resampling.BOX))
    assert mean_difference(reduced, picture(DOOR[2], 0, View())) < 2


def area_under_the_curve(same, different):
    """The chance that two pictures of one resident are nearer to each other than two of different ones."""
    return (same[:, None] < different[None, :]).mean()


def test_the_distance_between_pixels_does_not_tell_who_it_is(held_out):
    rng = np.random.default_rng(0)
    one, other = rng.integers(60, size=(2, 1000))
    other = np.where(one == other, (one + 1) % 60, other)
    first, second = np.array([rng.permutation(4)[:2] for _ in range(1000)]).T
    faces = held_out.reshape(60, 4, -1).astype(np.float32)

    def distance(a, b):
        return np.linalg.norm(a - b, axis=1)

    same = distance(faces[one, first], faces[one, second])
    different = distance(faces[one, first], faces[other, second])
    assert 0.5 < area_under_the_curve(same, different) < 0.75


# ---------------------------------------------------------------------------------------------- the committed pictures


@pytest.fixture(scope="module")
def remade(root, tmp_path_factory):
    """A folder with the faces as tools/pictures/make_faces.py makes them now."""
    folder = tmp_path_factory.mktemp("faces")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["make_faces.py", "--out", str(folder)])
        runpy.run_path(str(root / "tools" / "pictures" / "make_faces.py"), run_name="__main__")
    return folder


def test_the_folder_of_faces_is_complete_light_and_attributed(root, remade):
    folder = root / "images" / "faces"
    names = {f"{name}_{part}.jpg" for name, part in VISITS}
    assert {path.name for path in folder.iterdir()} == {path.name for path in remade.iterdir()} == names
    assert sum(path.stat().st_size for path in folder.iterdir()) < 400_000
    attribution = (root / "images" / "ATTRIBUTION.md").read_text()
    assert "faces/" in attribution and "tools/pictures/make_faces.py" in attribution
    assert all(who.name in attribution for who in DOOR)
    with Image.open(root / "docs" / "faces.jpg") as sheet:
        assert sheet.size == (12 * 100 - 4, 6 * 100 - 4)


@pytest.mark.parametrize(("name", "part"), VISITS)
def test_a_committed_face_is_what_the_town_draws(root, remade, name, part):
    with Image.open(root / "images" / "faces" / f"{name}_{part}.jpg") as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (96, 96))
        assert not image.getexif()
        committed = np.asarray(image)
    with Image.open(remade / f"{name}_{part}.jpg") as image:
        assert mean_difference(committed, np.asarray(image)) < 1, "run tools/pictures/make_faces.py and commit"


def test_a_committed_card_is_its_residents_portrait(root):
    for who in DOOR:
        drawn = picture(who, who.number, View(background=who.number, clothes=who.number))
        with Image.open(root / "images" / "faces" / f"{who.name.lower()}_card.jpg") as image:
            assert mean_difference(drawn, np.asarray(image)) < 2.5  # what JPEG changes
