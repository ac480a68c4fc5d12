"""Pictures in and out."""

import os

import numpy as np
import pytest
from PIL import Image

from nst import pictures
from nst.painting.colours import keep_colours, match_colours
from nst.painting.styles import Style, cost_maker
from nst.quiet import tf
from nst_utils import (
    CONFIG,
    PictureError,
    generate_noise_image,
    load_image,
    reshape_and_normalize_image,
    save_image,
    to_rgb,
)


def assert_sentence(error):
    sentence = str(error)
    assert "\n" not in sentence and sentence.endswith("."), sentence


@pytest.fixture(scope="module")
def content():
    return reshape_and_normalize_image(load_image(CONFIG.CONTENT_IMAGE, size=(300, 400)))


# Pictures in


def gradient_picture(height=40, width=60):
    rows, columns = np.mgrid[0:height, 0:width]
    red, green, blue = rows * 255 // (height - 1), columns * 255 // (width - 1), (rows + columns) % 256
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)


def test_rgb_comes_in_unchanged(tmp_path):
    Image.fromarray(gradient_picture()).save(tmp_path / "a.png")
    found = load_image(tmp_path / "a.png")
    assert found.dtype == np.uint8 and np.array_equal(found, gradient_picture())
    assert found.flags.writeable
    assert np.array_equal(load_image(str(tmp_path / "a.png")), found)


def test_grey_becomes_three_equal_channels(tmp_path):
    grey = gradient_picture()[..., 0]
    Image.fromarray(grey).save(tmp_path / "grey.png")
    assert np.array_equal(load_image(tmp_path / "grey.png"), np.stack([grey] * 3, -1))


def test_palette(tmp_path):
    picture = np.full((40, 40, 3), (200, 30, 60), np.uint8)
    picture[:, 20:] = (10, 90, 250)
    Image.fromarray(picture).quantize(2).save(tmp_path / "palette.png")
    assert np.array_equal(load_image(tmp_path / "palette.png"), picture)


def test_black_and_white(tmp_path):
    picture = np.zeros((40, 40), bool)
    picture[:, 20:] = True
    Image.fromarray(picture).save(tmp_path / "bits.png")
    assert np.array_equal(load_image(tmp_path / "bits.png"), np.stack([picture * np.uint8(255)] * 3, -1))


def test_transparency_is_laid_over_white(tmp_path):
    picture = np.zeros((40, 40, 4), np.uint8)
    picture[..., 0] = 200
    picture[:, :10, 3] = 255
    picture[:, 10:20, 3] = 51  # a fifth
    Image.fromarray(picture).save(tmp_path / "alpha.png")
    found = load_image(tmp_path / "alpha.png")
    assert np.array_equal(found[0, [0, 15, 30]], [[200, 0, 0], [244, 204, 204], [255, 255, 255]])


def test_palette_with_a_transparent_colour(tmp_path):
    picture = np.full((40, 40, 3), (200, 30, 60), np.uint8)
    picture[:, 20:] = 0
    palette = Image.fromarray(picture).quantize(2)
    palette.save(tmp_path / "gif.gif", transparency=palette.getpixel((30, 0)))
    found = load_image(tmp_path / "gif.gif")
    assert np.array_equal(found[0, [0, 30]], [[200, 30, 60], [255, 255, 255]])


def test_sixteen_bits_become_eight(tmp_path):
    grey = np.linspace(0, 65535, 40 * 60).reshape(40, 60).astype(np.uint16)
    Image.fromarray(grey).save(tmp_path / "deep.png")
    Image.fromarray(grey).save(tmp_path / "deep.tif")
    for name in ("deep.png", "deep.tif"):
        found = load_image(tmp_path / name)
        assert np.abs(found[..., 1] - grey / 257).max() <= 0.5


@pytest.mark.parametrize("largest", [1, 200, 300])
def test_dark_sixteen_bits_stay_dark(tmp_path, largest):
    grey = np.full((40, 60), largest, np.uint16)
    for name in ("dark.png", "dark.tif"):
        Image.fromarray(grey).save(tmp_path / name)
        assert (load_image(tmp_path / name) == round(largest / 257)).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_floating_point_grey_without_a_value_is_refused(tmp_path, recwarn, value):
    grey = np.full((40, 60), 0.5, np.float32)
    grey[3, 4] = value
    Image.fromarray(grey).save(tmp_path / "float.tif")
    with pytest.raises(PictureError, match=r"float\.tif cannot be read .*NaN or infinity") as caught:
        load_image(tmp_path / "float.tif")
    assert_sentence(caught.value)
    assert not recwarn


def test_floating_point_grey(tmp_path):
    grey = np.linspace(0, 1, 40 * 60, dtype=np.float32).reshape(40, 60)
    Image.fromarray(grey).save(tmp_path / "float.tif")
    assert np.abs(load_image(tmp_path / "float.tif")[..., 0] - grey * 255).max() <= 0.501


def test_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    assert np.array_equal(load_image(tmp_path / "film.gif")[0, 0], [255, 0, 0])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_sideways_photos_are_turned_upright(tmp_path, orientation):
    """Each orientation note says how to turn the stored picture; turned, all show the same."""
    upright = np.zeros((40, 60, 3), np.uint8)
    upright[:20, :30] = 255  # white top left
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "photo.png", exif=exif)
    assert np.array_equal(load_image(tmp_path / "photo.png"), upright)


def test_cmyk_jpeg(tmp_path):
    Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(tmp_path / "print.jpg")
    red = load_image(tmp_path / "print.jpg")[20, 20].astype(int)
    assert red[0] > 200 and red[1] < 60 and red[2] < 60


@pytest.mark.parametrize("shape", [(40, 60), (80, 40), (32, 120), (100, 100)])
def test_size_crops_about_the_centre(tmp_path, shape):
    Image.fromarray(gradient_picture(80, 80)).save(tmp_path / "a.png")
    found = load_image(tmp_path / "a.png", size=shape)
    assert found.shape == (*shape, 3)
    # Red grows from top to bottom and green from left to right, each symmetrical about the centre.
    middle = found.mean(axis=(0, 1))
    assert abs(middle[0] - 127.5) < 3 and abs(middle[1] - 127.5) < 3
    share = shape[0] / shape[1]
    red_range = np.ptp(found[..., 0].mean(axis=1))
    assert abs(red_range - 255 * min(1, share)) < 12


def test_size_keeps_proportions(tmp_path):
    rows, columns = np.mgrid[0:120, 0:200]
    disc = ((rows - 60) ** 2 + (columns - 100) ** 2 < 40**2) * np.uint8(255)
    Image.fromarray(disc).save(tmp_path / "disc.png")
    found = load_image(tmp_path / "disc.png", size=(60, 60))[..., 0] > 127
    assert abs(found.any(axis=0).sum() - found.any(axis=1).sum()) <= 1


@pytest.fixture
def unreadable(tmp_path):
    whole = tmp_path / "whole.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)).save(whole)
    Image.open(whole).save(tmp_path / "whole.jpg")
    for name in ("whole.png", "whole.jpg"):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name.replace("whole", "cut")).write_bytes(content[: len(content) // 2])
    (tmp_path / "text.jpg").write_text("<html>not found</html>")
    (tmp_path / "empty.jpg").write_bytes(b"")
    Image.new("RGB", (31, 200)).save(tmp_path / "tiny.png")
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "circle.jpg").symlink_to("circle.jpg")
    (tmp_path / "fault.jpg").symlink_to("/proc/self/mem")  # reading it gives EIO, as a broken disk does
    return tmp_path


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing.jpg", "There is no picture"),
        ("cut.png", "cannot be read"),
        ("cut.jpg", "cannot be read"),
        ("text.jpg", "is not a picture"),
        ("empty.jpg", "is not a picture"),
        ("tiny.png", "is 31×200 pixels and the network needs at least 32"),
        ("folder.jpg", "is a folder"),
        ("pipe.jpg", "is no plain file"),
        ("circle.jpg", "links there lead in a circle"),
        ("fault.jpg", r"cannot be read \(Input/output error\); the disk has a fault"),
        ("text.jpg/a.jpg", "a file stands where its folder would be"),
        ("a" * 300, r"cannot be read \(File name too long\); no name is that long"),
        ("nul\0.jpg", "cannot be read .*null"),
    ],
)
def test_unusable_files_are_refused_in_a_sentence(unreadable, name, says):
    with pytest.raises(PictureError, match=says) as caught:
        load_image(unreadable / name)
    assert_sentence(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize("side", [10_000, 20_000])
def test_absurdly_large_pictures_are_refused(tmp_path, side):
    Image.new("1", (side, side)).save(tmp_path / "huge.png")
    with pytest.raises(PictureError, match="more than 89 million pixels") as caught:
        load_image(tmp_path / "huge.png")
    assert_sentence(caught.value)


def test_absurdly_small_size_is_refused():
    with pytest.raises(PictureError, match=r"size=\(20, 400\) is too small"):
        load_image(CONFIG.CONTENT_IMAGE, size=(20, 400))


@pytest.mark.parametrize(
    ("size", "says"),
    [
        (300.5, "pair of whole numbers.* it is 300.5"),
        (-5, "size=-5 cannot be a picture's smaller side: it should be a number from 32 up"),
        (20, "size=20 cannot be"),
        (10**9, "size=1000000000 cannot be"),
        (5000, r"size=\(5000, 6667\) is more than 20 million pixels"),
        ("300x400", "pair of whole numbers.* it is '300x400'"),
        ((150.0, 200.0), r"pair of whole numbers.* it is \(150.0, 200.0\)"),
        ((300, 400, 3), r"pair of whole numbers.* it is \(300, 400, 3\)"),
        (np.zeros((300, 400, 3)), "pair of whole numbers"),
        ((5000, 5000), r"size=\(5000, 5000\) is more than 20 million pixels"),
    ],
)
def test_impossible_sizes_are_refused_in_a_sentence(size, says):
    with pytest.raises(PictureError, match=says) as caught:
        load_image(CONFIG.CONTENT_IMAGE, size=size)
    assert_sentence(caught.value)


def test_size_takes_numpys_whole_numbers():
    assert load_image(CONFIG.CONTENT_IMAGE, size=np.array([40, 50])).shape == (40, 50, 3)


@pytest.mark.parametrize(("shape", "found"), [((60, 90), (40, 60)), ((90, 60), (60, 40)), ((33, 100), (40, 121))])
def test_a_single_number_is_the_smaller_side(tmp_path, shape, found):
    picture = np.zeros((*shape, 3), np.uint8)
    picture[0, 0] = picture[-1, -1] = 255  # both corners are still there: nothing is cropped
    Image.fromarray(picture).save(tmp_path / "a.png")
    loaded = load_image(tmp_path / "a.png", size=40)
    assert loaded.shape == (*found, 3)
    assert loaded[0, 0].min() > 60 and loaded[-1, -1].min() > 60


def test_large_photos_need_a_size(tmp_path):
    Image.new("L", (5000, 4001)).save(tmp_path / "photo.png")
    with pytest.raises(PictureError, match=r"5000×4001 pixels.*give size=\(height, width\)") as caught:
        load_image(tmp_path / "photo.png")
    assert_sentence(caught.value)
    assert load_image(tmp_path / "photo.png", size=(40, 50)).shape == (40, 50, 3)


@pytest.mark.parametrize(("path", "kind"), [(None, "NoneType"), (np.zeros((40, 60, 3)), "ndarray")])
def test_what_is_no_path_is_refused_in_a_sentence(path, kind):
    with pytest.raises(PictureError, match=f"expects the path of a picture file and was given a {kind}") as caught:
        load_image(path)
    assert_sentence(caught.value)


# To the network and back


def test_normalising_subtracts_the_mean_and_to_rgb_adds_it():
    picture = gradient_picture()
    normal = reshape_and_normalize_image(picture)
    assert normal.shape == (1, 40, 60, 3) and normal.dtype == np.float32
    np.testing.assert_allclose(normal[0], picture - np.array([123.68, 116.779, 103.939]), atol=1e-4)
    back = to_rgb(normal)
    assert back.dtype == np.uint8 and np.array_equal(back, picture)
    assert np.array_equal(to_rgb(tf.Variable(normal)), picture)
    assert np.array_equal(to_rgb(normal[0]), picture)


def test_to_rgb_clips():
    assert np.array_equal(to_rgb(np.full((1, 32, 32, 3), 1e6)), np.full((32, 32, 3), 255))
    assert np.array_equal(to_rgb(np.full((1, 32, 32, 3), -1e6)), np.zeros((32, 32, 3)))


LEVELS = gradient_picture().astype(float)
NO_PICTURES = [
    (np.zeros((40, 60)), r"found \(40, 60\); it is grey, so turn it by np.stack"),
    (np.zeros((40, 60, 1)), r"found \(40, 60, 1\); it is grey"),
    (np.zeros((40, 60, 4), np.uint8), r"found \(40, 60, 4\); the fourth channel is transparency"),
    (np.zeros((1, 40, 60, 4), np.uint8), r"found \(1, 40, 60, 4\); the fourth channel is transparency"),
    (np.zeros((2, 40, 60, 3)), r"found \(2, 40, 60, 3\); take one of them, picture\[0\]"),
    (np.zeros((3, 40, 60)), r"found \(3, 40, 60\); its colours come first, so turn it by np.moveaxis\(picture, -3"),
    (np.zeros((1, 3, 40, 60)), r"found \(1, 3, 40, 60\); its colours come first"),
    (np.zeros((1, 1, 40, 60, 3)), r"found \(1, 1, 40, 60, 3\); load_image"),
    (np.zeros((0, 60, 3)), r"empty array of shape \(0, 60, 3\)"),
    (np.zeros((40, 60, 3), bool), r"found bool of shape \(40, 60, 3\); multiply it by 255"),
    (LEVELS.astype(complex), r"found complex128 of shape \(40, 60, 3\); load_image"),
    (LEVELS.astype(object), r"found object of shape \(40, 60, 3\); load_image"),
    ("images/lake.jpg", r"found 'images/lake.jpg'; load_image\(path\) makes one"),
    (None, "found None; load_image"),
    (7, r"found \(\); load_image"),
    ([[1, 2, 3], [4, 5]], r"found \[\[1, 2, 3\], \[4, 5\]\]; load_image"),
    (np.full((40, 60, 3), np.nan), r"NaN or infinity"),
    (np.full((40, 60, 3), -np.inf, np.float16), r"NaN or infinity"),
]


@pytest.mark.parametrize(("picture", "says"), NO_PICTURES)
@pytest.mark.parametrize("function", [reshape_and_normalize_image, to_rgb], ids=["normalise", "to_rgb"])
def test_what_is_no_picture_is_refused_in_a_sentence(function, picture, says):
    with pytest.raises(PictureError, match=says) as caught:
        function(picture)
    assert_sentence(caught.value)


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (LEVELS / 255, "found 0 to 1; turn the picture by picture \\* 255"),
        (np.float16(LEVELS / 255), "found 0 to 1"),
        (LEVELS / 127.5 - 1, r"found -1 to 1; turn the picture by \(picture \+ 1\) \* 127.5"),
        (reshape_and_normalize_image(gradient_picture()), "found -123.68; if the picture is normalised already"),
        ((LEVELS - 128).astype(np.int8), "found -128; if the picture is normalised"),
        (LEVELS.astype(np.uint16) * 257, "found 65535; it has 16 bits, so divide it by 257"),
        (LEVELS.astype(np.int64) * 257, "found 65535; it has 16 bits"),
        (LEVELS.astype(np.int32) + 1, r"found 256; clip it with np.clip\(picture, 0, 255\)"),
        (LEVELS + 45.5, "found 300.5; clip it"),
        (LEVELS * 1e300, r"found 2.55e\+302; clip it"),
    ],
)
def test_normalising_refuses_what_lies_in_another_range(picture, says):
    with pytest.raises(PictureError, match=says) as caught:
        reshape_and_normalize_image(picture)
    assert_sentence(caught.value)


@pytest.mark.parametrize(
    "picture",
    [
        LEVELS.astype(np.uint16),
        LEVELS.astype(np.float16),
        LEVELS / 255 * np.float32(255) + 1e-4,
        LEVELS - 1e-4,
        LEVELS.tolist(),
        tf.constant(LEVELS),
        tf.cast(LEVELS, tf.bfloat16),
        Image.fromarray(gradient_picture()),
        gradient_picture()[None],
        np.broadcast_to(LEVELS, (1, *LEVELS.shape)),  # read-only
    ],
)
def test_normalising_takes_the_same_picture_in_any_type(picture):
    found = reshape_and_normalize_image(picture)
    assert found.dtype == np.float32 and found.flags.writeable
    assert np.abs(to_rgb(found).astype(int) - gradient_picture()).max() <= (
        getattr(picture, "dtype", None) == tf.bfloat16
    )


TAKERS = {
    "keep_colours, painted": lambda picture: keep_colours(picture, gradient_picture()),
    "keep_colours, content": lambda picture: keep_colours(gradient_picture(), picture),
    "match_colours, style": lambda picture: match_colours(picture, gradient_picture()),
    "match_colours, content": lambda picture: match_colours(gradient_picture(), picture),
    "cost_maker, content": lambda picture: cost_maker(None, picture, [Style(gradient_picture())], None, None),
    "cost_maker, style": lambda picture: cost_maker(None, gradient_picture(), [Style(picture)], None, None),
}


@pytest.mark.parametrize("taker", TAKERS)
def test_all_that_take_a_picture_refuse_the_same(taker):
    for picture, says in (*NO_PICTURES, (LEVELS / 255, "found 0 to 1"), (LEVELS * 257, "found 65535")):
        with pytest.raises(PictureError, match=says) as caught:
            TAKERS[taker](picture)
        assert_sentence(caught.value)


@pytest.mark.parametrize("taker", [name for name in TAKERS if "colours" in name])
@pytest.mark.parametrize("kind", [float, int, np.uint16])
def test_all_that_take_a_picture_take_any_type(taker, kind):
    assert np.array_equal(TAKERS[taker](gradient_picture().astype(kind)), TAKERS[taker](gradient_picture()))


@pytest.mark.parametrize("kind", [np.int64, np.uint16, np.int8])
def test_to_rgb_refuses_whole_numbers_to_which_the_mean_would_be_added(kind):
    with pytest.raises(PictureError, match=rf"found {np.dtype(kind)}; .* picture.astype\(np.uint8\)") as caught:
        to_rgb(gradient_picture().astype(kind))
    assert_sentence(caught.value)


def test_to_rgb_refuses_a_painting_that_diverged():
    with pytest.raises(PictureError, match="smaller learning rate"):
        to_rgb(np.full((1, 32, 32, 3), np.nan))


def test_noise_is_mixed_with_the_content(content):
    noisy = generate_noise_image(content, rng=np.random.default_rng(1))
    assert noisy.shape == content.shape and noisy.dtype == np.float32
    noise = (noisy - 0.4 * content) / 0.6
    assert -20 <= noise.min() < -19.9 and 19.9 < noise.max() <= 20.0001
    assert abs(noise.mean()) < 0.1 and noise.std() == pytest.approx(40 / 12**0.5, rel=0.01)
    assert np.array_equal(noisy, generate_noise_image(content, rng=np.random.default_rng(1)))
    assert not np.array_equal(generate_noise_image(content), generate_noise_image(content))
    np.testing.assert_allclose(generate_noise_image(content, 0), content)
    assert np.abs(generate_noise_image(tf.constant(content), 1)).max() <= 20


def test_noise_leaves_the_content_unchanged(content):
    before = content.copy()
    generate_noise_image(content)
    assert np.array_equal(content, before)


@pytest.mark.parametrize("ratio", [-0.1, 1.5, 60, "0.6", None, float("nan"), [0.5, 0.5]])
def test_noise_ratio_is_a_share(content, ratio):
    with pytest.raises(ValueError, match="share between 0 and 1"):
        generate_noise_image(content, ratio)


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (gradient_picture(), r"found \(40, 60, 3\) of uint8"),
        (
            gradient_picture()[None],
            r"found \(1, 40, 60, 3\) of uint8; pass it through reshape_and_normalize_image first",
        ),
        (np.zeros((1, 40, 60, 3), complex), r"found complex128 of shape \(1, 40, 60, 3\)"),
        ("lake.jpg", "found 'lake.jpg'"),
    ],
)
def test_noise_needs_a_normalised_picture(picture, says):
    with pytest.raises(PictureError, match=says) as caught:
        generate_noise_image(picture)
    assert_sentence(caught.value)


# Pictures out


def test_saving_png_and_loading_gives_the_picture_back(tmp_path):
    save_image(tmp_path / "new" / "folder" / "a.png", reshape_and_normalize_image(gradient_picture()))
    assert np.array_equal(load_image(tmp_path / "new" / "folder" / "a.png"), gradient_picture())


@pytest.mark.parametrize("name", ["a.jpg", "a.JPG", "a.jpeg"])
def test_saving_jpeg(tmp_path, name):
    flat = np.full((40, 60, 3), (200, 100, 50), np.uint8)
    save_image(str(tmp_path / name), reshape_and_normalize_image(flat))
    assert Image.open(tmp_path / name).format == "JPEG"
    assert np.abs(load_image(tmp_path / name).astype(int) - flat).max() <= 3


def test_saving_leaves_no_other_file_and_replaces_the_old(tmp_path):
    for value in (0, 255):
        save_image(tmp_path / "a.png", reshape_and_normalize_image(np.full((32, 32, 3), value, np.uint8)))
    assert os.listdir(tmp_path) == ["a.png"]
    assert load_image(tmp_path / "a.png").min() == 255


def test_failing_to_save_leaves_the_old_picture_whole(tmp_path, monkeypatch):
    picture = reshape_and_normalize_image(gradient_picture())
    save_image(tmp_path / "a.png", picture)

    def half_written(self, data):
        with open(self, "wb") as file:
            file.write(data[:4])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pictures.Path, "write_bytes", half_written)
    with pytest.raises(PictureError, match="No space left on device") as caught:
        save_image(tmp_path / "a.png", -picture)
    assert_sentence(caught.value)
    assert os.listdir(tmp_path) == ["a.png"]
    assert np.array_equal(load_image(tmp_path / "a.png"), gradient_picture())


def test_saving_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PictureError, match="cannot be written") as caught:
        save_image(tmp_path / "file" / "a.png", reshape_and_normalize_image(gradient_picture()))
    assert_sentence(caught.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (None, "save_image expects the path of a picture file and was given a NoneType"),
        ("nul\0.png", "cannot be written .*choose a name without unusual characters"),
        ("a" * 300 + ".png", r"cannot be written \(File name too long\); choose a shorter name"),
        ("folder.png", "a folder has that name already"),
    ],
)
def test_saving_where_it_cannot_be_names_the_cause(tmp_path, name, says):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(PictureError, match=says) as caught:
        save_image(name and tmp_path / name, reshape_and_normalize_image(gradient_picture()))
    assert_sentence(caught.value)


def test_saving_more_than_a_jpeg_holds(tmp_path):
    with pytest.raises(PictureError, match=r"65600×1 pixels: JPEG has at most 65,500 .* ends in \.png") as caught:
        save_image(tmp_path / "a.jpg", np.zeros((1, 1, 65_600, 3), np.float32))
    assert_sentence(caught.value)


@pytest.mark.parametrize("name", ["picture", "picture.gif", "picture.txt"])
def test_saving_needs_a_known_kind(tmp_path, name):
    with pytest.raises(PictureError, match=r"should end in \.png or \.jpg"):
        save_image(tmp_path / name, reshape_and_normalize_image(gradient_picture()))
    assert not os.listdir(tmp_path)
