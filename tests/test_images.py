"""The course's own pictures: what a reader sees, and that tools/pictures/make_images.py makes them again."""

import itertools
import os
import re
import runpy
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
    assert {path.name for path in images.iterdir()} == {*FILES, "ATTRIBUTION.md", "faces"}


def test_every_picture_is_attributed_and_every_attribution_has_a_picture(images):
    text = (images / "ATTRIBUTION.md").read_text()
    assert set(re.findall(r"`(\w+\.jpg)`", text)) == set(FILES)
    assert "tools/pictures/make_images.py" in text
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
    assert len(np.unique(picture // 16 @ np.array([256, 16, 1]))) > 200
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
    """How strong edges are at three scales, and how they are oriented: what a style is besides its colours."""
    gray = picture.mean(-1)
    features = []
    for sigma in (1, 2, 4):
        down, right = (ndimage.gaussian_filter(gray, sigma, order=order) for order in ((1, 0), (0, 1)))
        strength = np.hypot(down, right) + 1e-9
        double = np.exp(2j * np.arctan2(down, right))
        mean = (strength * double).mean() / strength.mean()
        features += [np.log(strength.mean()), 2 * mean.real, 2 * mean.imag]
    return np.array(features)


@pytest.fixture(scope="module")
def styles(images):
    """Of every style its colours and its strokes, as numbers."""
    pictures = {name: pixels(images / f"{name}.jpg") for name in STYLES}
    return {name: (colour_histogram(picture), stroke_statistics(picture)) for name, picture in pictures.items()}


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(STYLES, 2)))
def test_styles_differ_in_colour_and_in_stroke(styles, one, other):
    (first_colours, first_strokes), (second_colours, second_strokes) = styles[one], styles[other]
    assert np.minimum(first_colours, second_colours).sum() < 0.75
    assert np.linalg.norm(first_strokes - second_strokes) > 0.15


@pytest.fixture(scope="module")
def remade(root, tmp_path_factory):
    """A folder with every picture made anew, each of them once and all in one process."""
    folder = tmp_path_factory.mktemp("remade")
    script = root / "tools" / "pictures" / "make_images.py"
    # NumPy's own threads would only wait for each other here, and keep a second core busy at it
    made = subprocess.run(
        [sys.executable, script, "--out", folder],
        cwd=folder,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert made.returncode == 0, made.stderr
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
    assert (difference > 4).mean() < 0.002, f"{name} is not what tools/pictures/make_images.py makes: run it and commit"


def test_an_unknown_name_is_one_sentence_and_writes_nothing(root, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["make_images.py", "pyramide", "--out", str(tmp_path / "new")])
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(root / "tools" / "pictures" / "make_images.py", run_name="__main__")
    complaint = capsys.readouterr().err
    assert stop.value.code
    assert "no picture 'pyramide'; choose from pyramid, lake" in complaint
    assert not list(tmp_path.iterdir())
