"""The numbers of a picture file come in as what they mean, against values computed here without any profile."""

import io
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from nst.colour import ADOBE_PRIMARIES, BT2020_PRIMARIES, P3_PRIMARIES, SRGB_PRIMARIES, matrix_profile, srgb_bytes
from nst.commands import paint
from nst.networks import vgg
from nst.pictures import PictureError, load_image, reshape_and_normalize_image, save_image
from tests.support.picture_files import cmyk_profile, grey_profile, png, tiff

P3 = matrix_profile(P3_PRIMARIES, None)
COLOURS = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
GREYS = np.arange(2400).reshape(40, 60) // 10 + 8


# What the numbers should become. Matrices from linear RGB to XYZ, white D65, as published in the standards.

TO_XYZ = {
    "srgb": [[0.4123908, 0.3575843, 0.1804808], [0.2126390, 0.7151687, 0.0721923], [0.0193308, 0.1191948, 0.9505322]],
    "p3": [[0.4865709, 0.2656677, 0.1982173], [0.2289746, 0.6917385, 0.0792869], [0.0, 0.0451134, 1.0439444]],
    "adobe": [[0.5766690, 0.1855582, 0.1882286], [0.2973450, 0.6273636, 0.0752915], [0.0270314, 0.0706889, 0.9913375]],
    "bt2020": [[0.6369580, 0.1446169, 0.1688810], [0.2627002, 0.6779981, 0.0593017], [0.0, 0.0280727, 1.0609851]],
}


def light(numbers):
    """sRGB's curve, from 0-255 to 0-1."""
    part = np.asarray(numbers) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def numbers(light):
    """The inverse: 0-255, rounded."""
    light = np.clip(light, 0, 1)
    return np.rint(255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))


def in_srgb(picture, space, exponent=None):
    """What a picture of another space looks like in sRGB; exponent: its curve's, where that is not sRGB's own."""
    linear = light(picture) if exponent is None else (np.asarray(picture) / 255) ** exponent
    return numbers(linear @ np.linalg.solve(TO_XYZ["srgb"], TO_XYZ[space]).T)


def off(found, expected):
    return np.abs(found.astype(float) - expected).max()


def written(path, content):
    path.write_bytes(content)
    return path


# Profiles


def test_a_phones_photo(tmp_path):
    Image.fromarray(COLOURS).save(tmp_path / "a.png", icc_profile=P3)
    expected = in_srgb(COLOURS, "p3")
    assert off(load_image(tmp_path / "a.png"), expected) <= 1
    assert np.abs(COLOURS - expected).mean() > 10  # so much it was off while profiles were passed over


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.tif", "a.avif", "a.png"])
def test_every_kind_of_file_has_its_profile_heeded(tmp_path, capsys, name):
    flat = np.zeros((64, 64, 3), np.uint8) + np.uint8([200, 40, 90])
    Image.fromarray(flat).save(tmp_path / name, icc_profile=P3, quality=95)
    assert off(load_image(tmp_path / name), in_srgb(flat, "p3")) <= 4  # what compression leaves
    assert off(flat, in_srgb(flat, "p3")) > 15
    assert capsys.readouterr().out == ""


def test_primaries_and_curves_that_a_profile_names(tmp_path):
    for primaries, space, exponent in ((ADOBE_PRIMARIES, "adobe", 563 / 256), (BT2020_PRIMARIES, "bt2020", 2.4)):
        Image.fromarray(COLOURS).save(tmp_path / "a.png", icc_profile=matrix_profile(primaries, exponent))
        assert off(load_image(tmp_path / "a.png"), in_srgb(COLOURS, space, exponent)) <= 1


def test_srgb_itself_stays_as_it_is(tmp_path):
    for profile in (srgb_bytes(), matrix_profile(SRGB_PRIMARIES, None)):
        Image.fromarray(COLOURS).save(tmp_path / "a.png", icc_profile=profile)
        assert np.array_equal(load_image(tmp_path / "a.png"), COLOURS)


def test_transparency_with_a_profile(tmp_path):
    half = np.dstack([COLOURS, np.full((40, 60), 51, np.uint8)])  # a fifth
    half[:, :20, 3], half[:, 20:40, 3] = 0, 255
    Image.fromarray(half).save(tmp_path / "a.png", icc_profile=P3)
    found, expected = load_image(tmp_path / "a.png"), in_srgb(COLOURS, "p3")
    assert (found[:, :20] == 255).all()
    assert off(found[:, 20:40], expected[:, 20:40]) <= 1
    assert off(found[:, 40:], expected[:, 40:] * 0.2 + 255 * 0.8) <= 1.5


def test_a_palette_with_a_profile(tmp_path):
    two = np.where(np.arange(60)[None, :, None] < 30, np.uint8([200, 40, 90]), np.uint8([10, 250, 30]))
    two = np.broadcast_to(two, (40, 60, 3)).copy()
    Image.fromarray(two).quantize(2).save(tmp_path / "a.png", icc_profile=P3)
    with Image.open(tmp_path / "a.png") as file:
        assert file.mode == "P"
    assert off(load_image(tmp_path / "a.png"), in_srgb(two, "p3")) <= 1


@pytest.mark.parametrize("bits", [8, 16])
def test_grey_with_a_profile(tmp_path, bits):
    levels = GREYS.astype(np.uint16) * 257 if bits == 16 else GREYS.astype(np.uint8)
    Image.fromarray(levels).save(tmp_path / "a.png", icc_profile=grey_profile(1))
    found = load_image(tmp_path / "a.png")
    assert off(found, np.stack([numbers(GREYS / 255)] * 3, -1)) <= 1
    assert off(found, GREYS[..., None]) > 60


def test_grey_with_a_profile_of_colours(tmp_path, capsys):
    """ImageMagick leaves sRGB's profile on what it turns grey."""
    Image.fromarray(GREYS.astype(np.uint8)).save(tmp_path / "a.jpg", icc_profile=srgb_bytes(), quality=100)
    assert off(load_image(tmp_path / "a.jpg"), GREYS[..., None]) <= 1
    Image.fromarray(GREYS.astype(np.uint8)).save(tmp_path / "b.png", icc_profile=matrix_profile(P3_PRIMARIES, 1.8))
    assert off(load_image(tmp_path / "b.png"), numbers((GREYS[..., None] / 255) ** 1.8)) <= 1
    assert capsys.readouterr().out == ""


def test_sixteen_bits_of_colour_with_a_profile(tmp_path):
    path = written(tmp_path / "a.png", png(COLOURS.astype(int) * 257, 16, (b"iCCP", b"P3\0\0" + zlib.compress(P3))))
    assert off(load_image(path), in_srgb(COLOURS, "p3")) <= 1


INKS = {(0, 0, 0, 0): (100, 0, 0), (1, 0, 0, 0): (60, -20, -30), (0, 1, 0, 0): (55, 50, -5), (0, 0, 0, 1): (12, 0, 0)}


BRADFORD_TO_D65 = np.array(
    [[0.9555766, -0.0230393, 0.0631636], [-0.0282895, 1.0099416, 0.0210077], [0.0122982, -0.0204830, 1.3299098]]
)


def from_lab(lab):
    """sRGB numbers of CIE Lab, white D50: by XYZ, adapted by Bradford's matrix to D65."""
    y = (lab[0] + 16) / 116
    parts = np.array([y + lab[1] / 500, y, y - lab[2] / 200])
    xyz = np.where(parts > 6 / 29, parts**3, 3 * (6 / 29) ** 2 * (parts - 4 / 29)) * [0.9642, 1, 0.8249]
    to_d65 = [
        [0.9555766, -0.0230393, 0.0631636],
        [-0.0282895, 1.0099416, 0.0210077],
        [0.0122982, -0.0204830, 1.3299098],
    ]
    return numbers(np.linalg.solve(TO_XYZ["srgb"], to_d65 @ xyz))


@pytest.mark.parametrize("name", ["a.tif", "a.jpg"])
def test_inks(tmp_path, name):
    profile = cmyk_profile(lambda ink: INKS.get(ink, (50, 0, 0)))
    for ink, lab in INKS.items():
        flat = Image.new("CMYK", (40, 40), tuple(255 * part for part in ink))
        flat.save(tmp_path / name, icc_profile=profile, quality=100)
        assert off(load_image(tmp_path / name)[20, 20], from_lab(lab)) <= 3, (ink, load_image(tmp_path / name)[20, 20])
        flat.save(tmp_path / name, quality=100)  # without a profile: ideal inks
        cyan, magenta, yellow, black = ink
        ideal = [255 * (1 - part) * (1 - black) for part in (cyan, magenta, yellow)]
        assert off(load_image(tmp_path / name)[20, 20], ideal) <= 3


def test_lab(tmp_path):
    for lab in ((100, 0, 0), (0, 0, 0), (60, -20, -30), (50, 40, 30)):
        pixel = np.array([round(lab[0] * 2.55), lab[1], lab[2]]).astype(np.uint8)  # a and b with a sign
        data = np.broadcast_to(pixel, (40, 40, 3)).tobytes()
        path = written(tmp_path / "a.tif", tiff(data, (40, 40), 8, 8, channels=3))
        assert off(load_image(path)[0, 0], from_lab(lab)) <= 2


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        (b"rubbish", "its colour profile cannot be used"),
        (P3[:200], "its colour profile cannot be used"),
        (P3[:128] + bytes(len(P3) - 128), "its colour profile cannot be used"),
        (P3.replace(b"rXYZ", b"qXYZ"), "its colour profile cannot be used"),
        (cmyk_profile(lambda ink: (50, 0, 0)), "(it is for CMYK, and the picture is RGB)"),
        (grey_profile(1), "(it is for GRAY, and the picture is RGB)"),
        (bytes(3_000_000), "its colour profile cannot be used"),
    ],
    ids=["rubbish", "cut", "zeros", "a tag is missing", "cmyk", "grey", "huge"],
)
def test_a_profile_that_is_no_good_is_told_of_once_and_passed_over(tmp_path, capsys, recwarn, profile, says):
    Image.fromarray(COLOURS).save(tmp_path / "a.tif", icc_profile=profile)
    assert np.array_equal(load_image(tmp_path / "a.tif"), COLOURS)
    said = capsys.readouterr()
    assert said.out.count("\n") == 1 and says in said.out and "a.tif: " in said.out and said.out.endswith(".\n")
    assert said.err == "" and not recwarn


def test_a_profile_that_cannot_be_unpacked(tmp_path):
    path = written(tmp_path / "a.png", png(COLOURS, 8, (b"iCCP", b"P3\0\0" + zlib.compress(P3)[:50])))
    assert np.array_equal(load_image(path), COLOURS)


def test_a_profile_of_more_than_a_million_bytes(tmp_path):
    huge = P3.ljust(3_000_000, b"\0")
    Image.fromarray(COLOURS).save(tmp_path / "a.tif", icc_profile=huge)
    assert off(load_image(tmp_path / "a.tif"), in_srgb(COLOURS, "p3")) <= 1
    path = written(tmp_path / "a.png", png(COLOURS, 8, (b"iCCP", b"P3\0\0" + zlib.compress(huge))))
    with pytest.raises(PictureError, match=r"a\.png cannot be read \(.*too large.*\); save it again"):
        load_image(path)  # Pillow unpacks no more: it might be a bomb


# What says so without a profile


CHROMATICITIES = struct.pack(">8I", *(round(value * 100_000) for value in P3_PRIMARIES))


def gamma(value):
    return b"gAMA", struct.pack(">I", value)


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([gamma(45455)], COLOURS),  # stands for sRGB nearly everywhere
        ([gamma(100_000)], in_srgb(COLOURS, "srgb", 1)),
        ([gamma(55556)], in_srgb(COLOURS, "srgb", 1.8)),
        ([(b"cHRM", CHROMATICITIES)], in_srgb(COLOURS, "p3")),
        ([gamma(45455), (b"cHRM", CHROMATICITIES)], in_srgb(COLOURS, "p3")),
        ([gamma(100_000), (b"cHRM", CHROMATICITIES)], in_srgb(COLOURS, "p3", 1)),
        ([(b"sRGB", b"\0"), gamma(100_000)], COLOURS),  # the more exact one holds
        ([(b"iCCP", b"P3\0\0" + zlib.compress(P3)), gamma(100_000)], in_srgb(COLOURS, "p3")),
        ([(b"cICP", bytes([12, 13, 0, 1]))], in_srgb(COLOURS, "p3")),
        ([(b"cICP", bytes([9, 8, 0, 1])), (b"sRGB", b"\0")], in_srgb(COLOURS, "bt2020", 1)),
        ([(b"cICP", bytes([1, 13, 0, 1]))], COLOURS),
        ([(b"cICP", bytes([2, 2, 0, 1]))], COLOURS),
    ],
)
def test_a_png_says_what_it_means(tmp_path, capsys, chunks, expected):
    path = written(tmp_path / "a.png", png(COLOURS, 8, *chunks))
    assert off(load_image(path), expected) <= 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("chunk", "says"),
    [
        ((b"cHRM", bytes(32)), "its chromaticities or its gamma cannot be"),
        ((b"cHRM", struct.pack(">8I", *[30_000] * 8)), "cannot be used"),
        (gamma(1), "its chromaticities or its gamma cannot be"),
        ((b"cICP", bytes([9, 16, 0, 1])), "marked as H.273's 9/16, as of high dynamic range"),
    ],
)
def test_a_png_that_says_what_cannot_be(tmp_path, capsys, chunk, says):
    path = written(tmp_path / "a.png", png(COLOURS, 8, chunk))
    assert np.array_equal(load_image(path), COLOURS)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("space", "interoperability", "is_adobe"),
    [(1, "R98", False), (2, None, True), (0xFFFF, "R03", True), (0xFFFF, "R98", False), (0xFFFF, None, False)],
)
def test_a_camera_set_to_adobe_rgb(tmp_path, space, interoperability, is_adobe):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = space
    if interoperability:
        exif.get_ifd(0x8769)[0xA005] = {1: interoperability}
    flat = np.zeros((40, 40, 3), np.uint8) + np.uint8([40, 180, 90])
    Image.fromarray(flat).save(tmp_path / "a.jpg", quality=100, exif=exif)
    expected = in_srgb(flat, "adobe", 563 / 256) if is_adobe else flat
    assert off(load_image(tmp_path / "a.jpg"), expected) <= 4
    assert off(in_srgb(flat, "adobe", 563 / 256), flat) > 30


@pytest.mark.parametrize(
    "exif",
    [b"Exif\0\0rubbish", b"Exif\0\0II*\0\xff\xff\xff\x7f", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(30)],
)
def test_a_damaged_note_of_a_camera_is_passed_over(tmp_path, recwarn, exif):
    Image.fromarray(COLOURS).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(load_image(tmp_path / "a.png"), COLOURS)
    assert not recwarn


# How bright a number is


@pytest.mark.parametrize(
    ("kind", "bits", "sample_format", "white"),
    [("<u1", 8, 1, 255), ("<u2", 16, 1, 65535), ("<i2", 16, 2, 32767), ("<u4", 32, 1, 2**32 - 1),
     ("<i4", 32, 2, 2**31 - 1), ("<f4", 32, 3, 1), ("<f4", 32, 3, 255)],
)  # fmt: skip
@pytest.mark.parametrize("photometric", [0, 1])
def test_white_is_white(tmp_path, kind, bits, sample_format, white, photometric):
    steps = np.zeros((40, 60))
    steps[:, 20:40], steps[:, 40:] = 0.5, 1
    content = tiff((steps * white).astype(kind).tobytes(), (40, 60), bits, photometric, sample_format)
    path = written(tmp_path / "a.tif", content)
    if photometric == 0 and kind in ("<i2", "<u4", "<i4"):
        with pytest.raises(PictureError, match="is not a picture that can be read"):  # nor can Pillow
            load_image(path)
    else:
        found = load_image(path)[0, [0, 30, 50], 0].astype(int)
        assert off(found, [255, 127.5, 0] if photometric == 0 else [0, 127.5, 255]) <= 1


def test_twelve_bits(tmp_path):
    packed = np.tile(np.uint8([0xFF, 0xF8, 0x00]), 40 * 20).tobytes()  # two numbers in three bytes: 4095 and 2048
    found = load_image(written(tmp_path / "a.tif", tiff(packed, (40, 40), 12, 1)))
    assert found[0, 0, 0] == 255 and found[0, 1, 0] == 128


@pytest.mark.parametrize("largest", [1, 200, 300])
def test_dark_portable_greymaps_stay_dark(tmp_path, largest):
    content = b"P5 40 40 65535\n" + np.full((40, 40), largest, ">u2").tobytes()
    assert (load_image(written(tmp_path / "a.pgm", content)) == round(largest / 257)).all()


def test_floating_point_that_sharpening_has_pushed_past_white(tmp_path):
    levels = np.linspace(-0.1, 1.1, 1600, dtype=np.float32).reshape(40, 40)
    found = load_image(written(tmp_path / "a.tif", tiff(levels.tobytes(), (40, 40), 32, 1, 3)))
    assert off(found[..., 0], np.clip(levels, 0, 1) * 255) <= 1


@pytest.mark.parametrize("extra", [1, 2])
def test_transparency_that_is_multiplied_in(tmp_path, extra):
    pixel = np.uint8([100, 50, 25, 128])
    data = np.broadcast_to(pixel, (40, 40, 4)).tobytes()
    found = load_image(written(tmp_path / "a.tif", tiff(data, (40, 40), 8, 2, channels=4, extra=extra)))[0, 0]
    colour = pixel[:3].astype(float) * (1 if extra == 1 else 128 / 255)
    assert off(found, colour + 127) <= 1.5


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("grey", [0, 1])
def test_one_grey_of_a_png_is_transparent(tmp_path, bits, grey):
    top = 2**bits - 1
    levels = np.full((40, 60), top)
    levels[:, 20:40], levels[:, 40:] = grey, max(0, top - 1)
    found = load_image(written(tmp_path / "a.png", png(levels, bits, (b"tRNS", struct.pack(">H", grey)))))[0, :, 0]
    expected = np.where(levels[0] == grey, 255, np.rint(levels[0] * (255 / top)))
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("bits", [8, 16])
def test_one_colour_of_a_png_is_transparent(tmp_path, bits):
    """Of 16 bits all count, not only those that are left after the conversion."""
    colours = np.zeros((40, 80, 3), int)
    wanted, near = (
        ((254, 18, 128), (254, 19, 128)) if bits == 8 else ((0xFEDC, 0x1234, 0x8000), (0xFEDC, 0x1235, 0x8000))
    )
    colours[:, 20:40], colours[:, 40:60] = wanted, near
    colours[:, 60:] = wanted[0], wanted[1], 0
    found = load_image(written(tmp_path / "a.png", png(colours, bits, (b"tRNS", struct.pack(">3H", *wanted)))))[0]
    expected = colours[0] >> (bits - 8)
    expected[20:40] = 255
    assert np.array_equal(found, expected)


def test_alpha_of_sixteen_bits(tmp_path):
    grey = np.full((40, 40, 2), [0, 0x8000])
    colours = np.full((40, 40, 4), [0xFFFF, 0, 0, 0x8000])
    assert off(load_image(written(tmp_path / "a.png", png(grey, 16)))[0, 0], 127.5) <= 1
    assert off(load_image(written(tmp_path / "a.png", png(colours, 16)))[0, 0], [255, 127.5, 127.5]) <= 1


# Which way is up, and which picture


UPRIGHT = np.zeros((40, 60, 3), np.uint8)
UPRIGHT[:20, :30] = 255  # white top left
STORED = {
    1: UPRIGHT,
    2: UPRIGHT[:, ::-1],
    3: UPRIGHT[::-1, ::-1],
    4: UPRIGHT[::-1],
    5: UPRIGHT.transpose(1, 0, 2),
    6: np.rot90(UPRIGHT, 1),
    7: UPRIGHT[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90(UPRIGHT, -1),
}


def exif_of(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("orientation", [*STORED, 0, 9])
@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.tif", "a.avif", "a.heic"])
def test_sideways_photos_of_every_kind_are_turned_upright(tmp_path, name, orientation):
    if name == "a.heic":
        pytest.importorskip("pillow_heif").register_heif_opener()
    stored = np.ascontiguousarray(STORED.get(orientation, UPRIGHT))
    Image.fromarray(stored).save(tmp_path / name, exif=exif_of(orientation).tobytes(), quality=95)
    found = load_image(tmp_path / name)
    assert found.shape == UPRIGHT.shape
    assert np.abs(found.astype(int) - UPRIGHT).mean() < 4


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "a.mpo", "a.tif"])
def test_of_several_pictures_the_first_is_taken(tmp_path, name):
    pictures = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    pictures[0].save(tmp_path / name, save_all=True, append_images=pictures[1:])
    assert off(load_image(tmp_path / name)[0, 0], [255, 0, 0]) <= 4


# HEIC


@pytest.fixture
def photo(tmp_path):
    """A photo as a phone takes it: HEIC, Display P3, on its side."""
    pytest.importorskip("pillow_heif", reason="pip install pillow-heif brings HEIC").register_heif_opener()
    flat = np.zeros((96, 64, 3), np.uint8) + np.uint8([200, 40, 90])
    Image.fromarray(flat).save(tmp_path / "photo.heic", icc_profile=P3, exif=exif_of(6).tobytes(), quality=95)
    return tmp_path / "photo.heic"


def test_a_photo_in_heic(photo):
    found = load_image(photo)
    assert found.shape == (64, 96, 3)
    assert off(found[30, 30], in_srgb([200, 40, 90], "p3")) <= 4


def test_a_heic_photo_without_a_profile_says_what_it_means_by_numbers(tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif")
    flat = Image.fromarray(np.zeros((64, 64, 3), np.uint8) + np.uint8([200, 40, 90]))
    numbers = {"color_primaries": 12, "transfer_characteristics": 13, "save_nclx_profile": True}
    pillow_heif.from_pillow(flat).save(tmp_path / "a.heic", quality=95, **numbers)
    assert off(load_image(tmp_path / "a.heic")[30, 30], in_srgb([200, 40, 90], "p3")) <= 4


@pytest.mark.parametrize(
    ("primaries", "profile", "space"), [(12, None, "p3"), (1, None, "srgb"), (1, P3, "p3"), (9, P3, "p3")]
)
def test_an_avif_picture_says_what_it_means_by_numbers_where_it_has_no_profile(tmp_path, primaries, profile, space):
    flat = Image.fromarray(np.zeros((64, 64, 3), np.uint8) + np.uint8([200, 40, 90]))
    flat.save(tmp_path / "a.avif", quality=95, **({"icc_profile": profile} if profile else {}))
    content = (tmp_path / "a.avif").read_bytes()
    place = content.index(b"colrnclx") + 8
    changed = content[:place] + struct.pack(">2H", primaries, 13) + content[place + 4 :]
    found = load_image(written(tmp_path / "a.avif", changed))[30, 30]
    assert off(found, in_srgb([200, 40, 90], space)) <= 4


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"msf1", b"hevc"])
def test_without_the_extra_a_sentence_says_what_to_type(tmp_path, monkeypatch, brand):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setattr(Image, "ID", [name for name in Image.ID if name != "HEIF"])
    path = written(tmp_path / "photo.heic", b"\0\0\0\x1cftyp" + brand + bytes(200))
    with pytest.raises(
        PictureError, match=r"photo\.heic is a HEIC picture, .* -m pip install pillow-heif`, or"
    ) as caught:
        load_image(path)
    assert sys.executable in str(caught.value) and str(caught.value).endswith(" save the picture as JPEG.")


def test_a_damaged_heic_photo(photo):
    photo.write_bytes(photo.read_bytes()[:300])
    with pytest.raises(PictureError, match=r"photo\.heic (cannot be read|is not a picture)"):
        load_image(photo)


def test_nst_paint_takes_a_heic_photo(photo, tmp_path, monkeypatch):
    """As far as the network, to which the photo is the same as any other."""

    def reached(path):
        raise ValueError("All pictures were read.")

    monkeypatch.setattr(vgg, "load_vgg_model", reached)
    with pytest.raises(SystemExit, match="All pictures were read"):
        paint.main([str(photo), str(photo), "-o", str(tmp_path / "painting.png")])


# What is saved


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_what_is_saved_says_that_it_is_srgb(tmp_path, name):
    normal = reshape_and_normalize_image(COLOURS)
    save_image(tmp_path / name, normal)
    with Image.open(tmp_path / name) as file:
        assert file.info["icc_profile"] == srgb_bytes() and len(srgb_bytes()) < 1000
    first = (tmp_path / name).read_bytes()
    save_image(tmp_path / name, normal)
    assert (tmp_path / name).read_bytes() == first


def test_what_is_saved_comes_back_unchanged(tmp_path):
    save_image(tmp_path / "a.png", reshape_and_normalize_image(COLOURS))
    assert np.array_equal(load_image(tmp_path / "a.png"), COLOURS)


def test_hostile_bytes_are_a_sentence(tmp_path):
    """Bytes changed anywhere in good files of many kinds: a picture, or a sentence."""
    rng, path = np.random.default_rng(5), tmp_path / "a"
    for kind in ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM", "TGA", "ICO", "JPEG2000", "AVIF"):
        file = io.BytesIO()
        options = {} if kind in ("GIF", "BMP", "PPM", "TGA", "ICO") else {"icc_profile": P3, "exif": exif_of(6)}
        Image.fromarray(COLOURS).save(file, kind, **options)
        for _ in range(20):
            content = bytearray(file.getvalue())
            for place in rng.integers(0, min(len(content), 900), rng.integers(1, 6)):
                content[place] = rng.integers(256)
            try:
                load_image(written(path, bytes(content)), size=(40, 40))
            except PictureError as error:
                assert "\n" not in str(error) and str(error).endswith(".")
