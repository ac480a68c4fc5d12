"""Pictures in and out.

Pictures come in two forms. On disk and on screen a picture is (height, width, 3), uint8, RGB. For VGG-19 it is
(1, height, width, 3), float32, with the mean colour of the network's training pictures subtracted.
`reshape_and_normalize_image` goes one way, `to_rgb` the other.
"""

import io
import operator
import os
import sys
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from nst import disk
from nst.colour import srgb_bytes, to_srgb
from nst.paths import whole_file
from nst.progress import say
from nst.words import in_short, is_number

#: Mean red, green and blue of the pictures VGG-19 was trained on (0-255).
MEANS = np.array([123.68, 116.779, 103.939], np.float32).reshape(1, 1, 1, 3)

#: How much of the starting picture is noise, as in the classic exercise.
NOISE_RATIO = 0.6

#: The network halves a picture five times, so this is the smallest that leaves it one pixel at the end.
SMALLEST_SIDE = 32

#: Painting takes memory in proportion to the picture; beyond this no ordinary machine has enough.
MOST_PIXELS = 20_000_000

#: What a JPEG file can hold in each direction.
MOST_OF_JPEG = 65_500


class PictureError(ValueError):
    """A picture that can't be used, in one sentence."""


def load_image(path, size=None):
    """Read a picture file as (height, width, 3) uint8 RGB.

    size: (height, width) crops the picture about its centre to that shape and resizes it; a single number resizes it
    until its smaller side has that many pixels, and crops nothing; None keeps it as it is.
    In any case the result has at most 20 million pixels.
    Grey, palette and CMYK pictures become RGB, transparency is laid over white, 16 bits become 8, of an animation the
    first frame is taken, and a photo taken sideways is turned upright as its EXIF note says. The colours are those of
    sRGB: what a file's profile says is converted (nst.colour), and a profile that can't be used is told in a line.
    HEIC, as iPhones take photos, needs the package pillow-heif; Pillow reads the rest: JPEG, PNG, WebP, AVIF, TIFF ….
    Raises PictureError, one sentence, for a file that is missing, damaged, no picture, too small or absurdly large,
    and for a size that cannot be.
    """
    path = _checked_path(path, "load_image", "images/lake_small.jpg")
    if os.path.isdir(path):
        raise PictureError(f"{path} is a folder; give the path of one picture in it.")
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe would be waited for, for ever
        raise PictureError(f"{path} is no plain file; save the picture to a file, and give the path of that.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a camera wrote oddly matters to nobody here
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with _opened(path) as file:
                if size is None and file.width * file.height > MOST_PIXELS:
                    raise PictureError(
                        f"{path} is {file.width}×{file.height} pixels, more than {MOST_PIXELS // 10**6} million; "
                        "give size=(height, width), for instance size=(300, 400), to load it smaller."
                    )
                picture, note = to_srgb(file)
                picture = _upright(picture, file)
    except PictureError:
        raise
    except FileNotFoundError:
        raise PictureError(f"There is no picture {path}; check the spelling and the folder.") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise PictureError(
            f"{path} has more than {Image.MAX_IMAGE_PIXELS // 10**6} million pixels; make it smaller first "
            "(400×300 is plenty for painting)."
        ) from None
    except UnidentifiedImageError:
        raise PictureError(f"{path} is not a picture that can be read; use a JPEG or PNG file.") from None
    except (MemoryError, ImportError):
        raise
    except Exception as error:  # for damaged files Pillow raises a dozen kinds, SyntaxError and struct.error among them
        if isinstance(error, OSError) and disk.is_fault_of_disk(error):
            advice = disk.when_reading(error)
            raise PictureError(f"{path} cannot be read ({error.strerror}); {advice}.") from None
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise PictureError(f"{path} cannot be read ({reason}); save it again as JPEG or PNG.") from None
    if note:
        say(f"{path}: {note}, so its colours are taken as they are; they may be a little off.")
    if min(picture.size) < SMALLEST_SIDE:
        raise PictureError(
            f"{path} is {picture.width}×{picture.height} pixels and the network needs at least {SMALLEST_SIDE} in "
            "each direction; use a larger picture."
        )
    if size is not None:
        height, width = _checked_size(size, picture)
        picture = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
    return np.array(picture, np.uint8)


def _checked_path(path, function, example):
    if not isinstance(path, (str, os.PathLike)):
        raise PictureError(
            f"{function} expects the path of a picture file and was given a {type(path).__name__}; "
            f'write it as in {function}("{example}"{", picture" if function == "save_image" else ""}).'
        )
    return Path(path)


def _opened(path):
    """The file as Pillow opens it, with pillow-heif's help where it is HEIC."""
    try:
        return Image.open(path)
    except UnidentifiedImageError:
        with open(path, "rb") as file:
            beginning = file.read(12)
        if beginning[4:8] != b"ftyp" or beginning[8:11] not in (b"hei", b"hev", b"mif", b"msf"):
            raise
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        raise PictureError(
            f"{path} is a HEIC picture, which needs a package of its own; install it with "
            f"`{sys.executable} -m pip install pillow-heif`, or save the picture as JPEG."
        ) from None
    register_heif_opener()
    return Image.open(path)


#: What an EXIF orientation asks for; 1 is upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _upright(picture, file):
    """The picture turned as the loaded file's EXIF note says; a note that can't be read says nothing."""
    try:
        turn = _TURNS.get(file.getexif().get(0x0112))
    except Exception:  # damaged notes raise all kinds, and the picture is none the worse
        return picture
    return picture if turn is None else picture.transpose(turn)


def _checked_size(size, picture):
    """(height, width) that `size` asks for; a single number is the smaller side, and `picture` gives the other."""
    try:
        sides = [operator.index(side) for side in ([size] if np.ndim(size) == 0 else size)]
    except (TypeError, ValueError):
        sides = []
    if len(sides) == 1 and np.ndim(size) == 0:
        if not SMALLEST_SIDE <= sides[0] <= MOST_PIXELS:
            raise PictureError(
                f"size={size} cannot be a picture's smaller side: it should be a number from {SMALLEST_SIDE} up, such "
                "as 300."
            )
        scale = sides[0] / min(picture.size)
        sides = [round(side * scale) for side in (picture.height, picture.width)]
    if len(sides) != 2:
        raise PictureError(
            "size should be a pair of whole numbers, (height, width), such as (300, 400), or one number for the "
            f"smaller side, and it is {in_short(size)}."
        )
    height, width = sides
    if min(height, width) < SMALLEST_SIDE:
        raise PictureError(
            f"size=({height}, {width}) is too small: the network needs at least {SMALLEST_SIDE} pixels in each "
            "direction."
        )
    if height * width > MOST_PIXELS:
        raise PictureError(
            f"size=({height}, {width}) is more than {MOST_PIXELS // 10**6} million pixels; make it smaller "
            "(300×400 is plenty for painting)."
        )
    return height, width


def reshape_and_normalize_image(image):
    """A picture as the network takes it: (1, height, width, 3) float32, the mean colour subtracted.

    image: (height, width, 3) or (1, height, width, 3), RGB, 0-255, whole numbers or not.
    Raises PictureError for another shape, for what are no numbers, and for values that do not round to 0-255; of those
    between 0 and 1 or -1 and 1 it says so.
    """
    image = _checked_array(image, "(height, width, 3)")
    low, high = float(image.min()), float(image.max())
    if image.dtype.kind == "f" and low >= -1 and high <= 1 and (low, high) != (0, 0):
        found, advice = ("0", "picture * 255") if low >= 0 else ("-1", "(picture + 1) * 127.5")
        raise PictureError(f"Expected colours between 0 and 255 and found {found} to 1; turn the picture by {advice}.")
    if low <= -0.5:
        raise PictureError(
            f"Expected colours between 0 and 255 and found {low:g}; if the picture is normalised already, "
            "use it as it is, else clip it with np.clip(picture, 0, 255)."
        )
    if high >= 255.5:
        deep = image.dtype.kind in "iu" and 4096 <= high <= 65535
        advice = "it has 16 bits, so divide it by 257" if deep else "clip it with np.clip(picture, 0, 255)"
        raise PictureError(f"Expected colours between 0 and 255 and found {high:g}; {advice}.")
    return image.reshape(1, *image.shape[-3:]).astype(np.float32) - MEANS


def to_rgb(image):
    """The inverse of reshape_and_normalize_image: (height, width, 3) uint8 RGB, rounded and clipped to 0-255.

    image: (1, height, width, 3) or (height, width, 3) with the mean colour subtracted; array, tensor or variable.
    uint8 is taken as RGB already. Raises PictureError for another shape, for other whole numbers, which no normalised
    picture has, and for NaN and infinity.
    """
    image = _checked_array(
        image,
        "(1, height, width, 3)",
        advice="The picture has values that are no numbers any more (NaN or infinity); paint again with a smaller "
        "learning rate.",
    )
    image = image.reshape(image.shape[-3:])
    if image.dtype == np.uint8:
        return image
    if image.dtype.kind != "f":
        raise PictureError(
            f"Expected a picture with the mean colour subtracted, in floating point, or RGB in uint8, and found "
            f"{image.dtype}; if it is RGB from 0 to 255, turn it by picture.astype(np.uint8)."
        )
    return np.clip(np.rint(image + MEANS[0]), 0, 255).astype(np.uint8)


def as_pixels(image):
    """Any array that reshape_and_normalize_image takes as (height, width, 3) uint8 RGB, rounded; the same errors."""
    return to_rgb(reshape_and_normalize_image(image))


def generate_noise_image(content_image, noise_ratio=NOISE_RATIO, rng=None):
    """The picture that painting starts from: noise mixed with the content picture.

    content_image: (1, height, width, 3), mean subtracted.
    noise_ratio: 0 gives the content picture, 1 gives noise alone, uniform between -20 and 20.
    rng: a numpy Generator, for the same noise again; None for fresh noise.
    Returns float32 of content_image's shape. Raises PictureError for what is no normalised picture, ValueError for a
    noise_ratio that is no share.
    """
    content_image = _array(content_image)
    if content_image.ndim != 4 or content_image.shape[-1] != 3 or content_image.dtype.kind != "f":
        raise PictureError(
            f"Expected a picture of shape (1, height, width, 3) in floating point and found {content_image.shape} of "
            f"{content_image.dtype}; pass it through reshape_and_normalize_image first."
        )
    if not is_number(noise_ratio) or not 0 <= noise_ratio <= 1:
        raise ValueError(f"noise_ratio is a share between 0 and 1, and {in_short(noise_ratio)} is not; 0.6 is usual.")
    noise = np.random.default_rng(rng).uniform(-20, 20, content_image.shape).astype(np.float32)
    return np.float32(noise_ratio) * noise + np.float32(1 - noise_ratio) * content_image.astype(np.float32)


def _checked_array(image, shape, advice=None):
    """`image` as an array of finite numbers, (H, W, 3) or (1, H, W, 3), not empty.

    shape: how a sentence writes the shape expected; advice: the sentence about NaN and infinity, where it is another.
    """
    image = _array(image)
    if image.ndim not in (3, 4) or image.shape[-1] != 3 or (image.ndim == 4 and image.shape[0] != 1):
        raise PictureError(f"Expected a picture of shape {shape} and found {image.shape}; {_about_shape(image.shape)}.")
    if image.size == 0:
        raise PictureError(
            f"Expected a picture and found an empty array of shape {image.shape}; look at how it was cut."
        )
    if not np.isfinite(image).all():
        raise PictureError(
            advice or "Expected colours between 0 and 255 and found NaN or infinity; load the picture again."
        )
    return image


def _array(image):
    """`image` as an array of whole or floating-point numbers; a tensor, a picture of Pillow's, a list will do."""
    try:
        array = np.asarray(image)
    except Exception:  # rows of different lengths, tensors of a graph: whatever asks for a number raises its own kind
        raise PictureError(
            f"Expected a picture, an array of numbers, and found {in_short(image)}; load_image(path) makes one."
        ) from None
    if str(array.dtype) == "bfloat16":  # TensorFlow's, which NumPy does not count among its own
        array = array.astype(np.float32)
    if array.dtype.kind not in "iuf":
        found = f"{array.dtype} of shape {array.shape}" if array.ndim else in_short(image)
        advice = "multiply it by 255" if array.dtype == bool else "load_image(path) makes one"
        raise PictureError(f"Expected a picture, an array of numbers, and found {found}; {advice}.")
    return array


def _about_shape(shape):
    """What to do about a picture of another shape than (height, width, 3), the end of a sentence."""
    if len(shape) == 4 and shape[-1] == 3 and shape[0] > 1:
        return "take one of them, picture[0] say"
    sides = shape[1:] if len(shape) == 4 else shape
    if len(sides) == 3 and sides[-1] == 4:
        return "the fourth channel is transparency, so take picture[..., :3]"
    if len(sides) == 3 and sides[0] == 3:
        return "its colours come first, so turn it by np.moveaxis(picture, -3, -1)"
    if len(sides) == 2 or (len(sides) == 3 and sides[-1] == 1):
        return "it is grey, so turn it by np.stack([grey] * 3, axis=-1), where grey has two dimensions"
    return "load_image(path) makes one"


def save_image(path, image):
    """Write a picture to a .png or .jpg file; the folder is made if need be.

    image: (1, height, width, 3) with the mean colour subtracted, as the network takes it.
    The file says that its colours are sRGB, and appears whole or not at all. Raises PictureError, one sentence, when it
    can't be written.
    """
    path = _checked_path(path, "save_image", "output/painting.png")
    contents = encoded(to_rgb(image), path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as unfinished:
            unfinished.write_bytes(contents)
    except (OSError, ValueError) as error:  # ValueError: a name that no system takes
        reason = getattr(error, "strerror", None) or error
        advice = disk.when_writing(error) if isinstance(error, OSError) else "choose a name without unusual characters"
        raise PictureError(f"{path} cannot be written ({reason}); {advice}.") from None


def encoded(pixels, path):
    """What a .png or .jpg file called `path` has to hold, as bytes; pixels: (height, width, 3), uint8, RGB.

    Raises PictureError, one sentence, for a name that ends otherwise, and for a side too long for a JPEG file.
    """
    kinds = {".png": {"format": "PNG"}, ".jpg": {"format": "JPEG", "quality": 95}}
    kinds[".jpeg"] = kinds[".jpg"]
    if path.suffix.lower() not in kinds:
        raise PictureError(f"{path} should end in .png or .jpg, so that its kind is known.")
    options = kinds[path.suffix.lower()]
    picture = Image.fromarray(pixels)
    if options["format"] == "JPEG" and max(picture.size) > MOST_OF_JPEG:
        raise PictureError(
            f"{path} cannot hold {picture.width}×{picture.height} pixels: JPEG has at most {MOST_OF_JPEG:,} in each "
            "direction; give a name that ends in .png."
        )
    file = io.BytesIO()
    picture.save(file, icc_profile=srgb_bytes(), **options)
    return file.getvalue()
