"""The course's own pictures: what a reader sees, and that tools/make_images.py makes them again."""

import itertools
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

LARGE, SMALL = (800, 600), (400, 300)
CONTENT = ("pyramid", "lake")
STYLES = ("impressionist", "starry", "tiles", "fluid", "woodcut", "mosaic")
FILES = {f"{name}.jpg": LARGE for name in CONTENT} | {f"{name}_small.jpg": SMALL for name in CONTENT}
FILES |= {f"{name}.jpg": SMALL for name in STYLES}


@pytest.fixture(scope="module")
def images(root):
    return root / "images"


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_every_picture_is_there_and_nothing_else(images):
    assert {path.name for path in images.iterdir()} == {*FILES, "ATTRIBUTION.md"}


def test_every_picture_is_attributed_and_every_attribution_has_a_picture(images):
    text = (images / "ATTRIBUTION.md").read_text()
    assert set(re.findall(r"`(\w+\.jpg)`", text)) == set(FILES)
    assert "tools/make_images.py" in text
    assert "MIT" in text


@pytest.mark.parametrize("name", FILES)
def test_size_and_mode(images, name):
    with Image.open(images / name) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", FILES[name])
        assert not image.getexif(), "a date or a camera in the file would differ from run to run"


def test_the_folder_is_light_enough_to_clone(images):
    assert sum(path.stat().st_size for path in images.iterdir()) < 1_500_000


@pytest.mark.parametrize("name", FILES)
def test_a_picture_has_light_shadow_colour_and_detail(images, name):
    picture = pixels(images / name)
    gray = picture.mean(-1)
    dark, light = np.percentile(gray, [5, 95])
    assert light - dark > 90
    assert len(np.unique(picture.reshape(-1, 3) // 16, axis=0)) > 200
    # half of the 20 x 20 px patches, at least, are not flat
    height, width = gray.shape
    patches = gray[: height // 20 * 20, : width // 20 * 20].reshape(height // 20, 20, width // 20, 20)
    assert np.median(patches.std(axis=(1, 3))) > 6


@pytest.mark.parametrize("name", CONTENT)
def test_the_small_copy_shows_the_same_as_the_large_one(images, name):
    with Image.open(images / f"{name}.jpg") as image:
        reduced = np.asarray(image.resize(SMALL, Image.Resampling.LANCZOS), float)
    assert np.abs(reduced - pixels(images / f"{name}_small.jpg")).mean() < 6  # what two JPEG compressions differ by


def colour_histogram(picture):
    bins = (picture.reshape(-1, 3) // 64) @ [16, 4, 1]
    return np.bincount(bins, minlength=64) / len(bins)


def stroke_statistics(picture):
    """How strong edges are at three scales, and how they are oriented: what a style is beside its colours."""
    gray = picture.mean(-1)
    features = []
    for sigma in (1, 2, 4):
        down, right = (ndimage.gaussian_filter(gray, sigma, order=order) for order in ((1, 0), (0, 1)))
        strength = np.hypot(down, right) + 1e-9
        double = np.exp(2j * np.arctan2(down, right))
        mean = (strength * double).mean() / strength.mean()
        features += [np.log(strength.mean()), 2 * mean.real, 2 * mean.imag]
    return np.array(features)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(STYLES, 2)))
def test_styles_differ_in_colour_and_in_stroke(images, one, other):
    first, second = pixels(images / f"{one}.jpg"), pixels(images / f"{other}.jpg")
    shared = np.minimum(colour_histogram(first), colour_histogram(second)).sum()
    assert shared < 0.75
    assert np.linalg.norm(stroke_statistics(first) - stroke_statistics(second)) > 0.15


def start_script(root, folder, *names):
    command = [sys.executable, root / "tools" / "make_images.py", *names, "--out", folder]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def remade(root, tmp_path_factory):
    """A folder with every picture made anew: half of them in each of two processes, half a minute on two cores."""
    folder = tmp_path_factory.mktemp("remade")
    halves = ("pyramid", "tiles", "fluid", "woodcut", "mosaic"), ("lake", "impressionist", "starry")
    for process in [start_script(root, folder, *names) for names in halves]:
        _, complaint = process.communicate(timeout=500)
        assert process.returncode == 0, complaint
    return folder


@pytest.mark.slow
def test_the_script_makes_every_picture_and_nothing_else(remade):
    assert {path.name for path in remade.iterdir()} == set(FILES)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_the_script_makes_the_committed_picture(remade, images, name):
    if (remade / name).read_bytes() == (images / name).read_bytes():
        return
    # another processor or JPEG library may round the last place differently; nothing that could be seen may differ
    difference = np.abs(pixels(remade / name).astype(int) - pixels(images / name)).max(-1)
    assert (difference > 4).mean() < 0.002, f"{name} is not what tools/make_images.py makes: run it and commit"


def test_an_unknown_name_is_one_sentence_and_writes_nothing(root, tmp_path):
    process = start_script(root, tmp_path, "pyramide")
    _, complaint = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "no picture 'pyramide'; choose from pyramid, lake" in complaint
    assert "Traceback" not in complaint
    assert not list(tmp_path.iterdir())
