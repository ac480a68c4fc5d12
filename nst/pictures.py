"""Pictures in and out.

Pictures come in two forms. On disk and on screen a picture is (height, width, 3), uint8, RGB. For VGG-19 it is
(1, height, width, 3), float32, with the mean colour of the network's training pictures subtracted.
`reshape_and_normalize_image` goes one way, `to_rgb` the other.
"""

import operator
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from nst.paths import whole_file
from nst.words import in_short

#: Mean red, green and blue of the pictures VGG-19 was trained on (0-255).
MEANS = np.array([123.68, 116.779, 103.939], np.float32).reshape(1, 1, 1, 3)

#: How much of the starting picture is noise, as in the classic exercise.
NOISE_RATIO = 0.6

#: The network halves a picture five times, so this is the smallest that leaves it one pixel at the end.
SMALLEST_SIDE = 32

#: Painting takes memory in proportion to the picture; beyond this no ordinary machine has enough.
MOST_PIXELS = 20_000_000


class PictureError(ValueError):
    """A picture that can't be used, in one sentence."""


def load_image(path, size=None):
    """Read a picture file as (height, width, 3) uint8 RGB.

    size: (height, width) crops the picture about its centre to that shape and resizes it; a single number resizes it
    until its smaller side has that many pixels, and crops nothing; None keeps it as it is.
    In any case the result has at most 20 million pixels.
    Grey and palette pictures become RGB, transparency is laid over white, 16 bits become 8, of an animation the first
    frame is taken, and a photo taken sideways is turned upright as its EXIF note says.
    Raises PictureError, one sentence, for a file that is missing, damaged, no picture, too small or absurdly large,
    and for a size that cannot be.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise PictureError(
            f"load_image expects the path of a picture file and was given a {type(path).__name__}; "
            'write it as in load_image("images/lake_small.jpg").'
        )
    path = Path(path)
    if os.path.isdir(path):
        raise PictureError(f"{path} is a folder; give the path of one picture in it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as file:
                if size is None and file.width * file.height > MOST_PIXELS:
                    raise PictureError(
                        f"{path} is {file.width}×{file.height} pixels, more than {MOST_PIXELS // 10**6} million; "
                        "give size=(height, width), for instance size=(300, 400), to load it smaller."
                    )
                picture = _as_rgb(ImageOps.exif_transpose(file))
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
    except (OSError, ValueError, SyntaxError) as error:  # Pillow raises SyntaxError for a broken PNG
        raise PictureError(f"{path} cannot be read ({error}); save it again as JPEG or PNG.") from None
    if min(picture.size) < SMALLEST_SIDE:
        raise PictureError(
            f"{path} is {picture.width}×{picture.height} pixels and the network needs at least {SMALLEST_SIDE} in "
            "each direction; use a larger picture."
        )
    if size is not None:
        height, width = _checked_size(size, picture)
        picture = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
    return np.array(picture, np.uint8)


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


def _as_rgb(picture):
    """A Pillow picture of any mode as RGB; ValueError for NaN and infinity."""
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        # Pillow would clip grey values above 255; these files go up to 65535, and floating-point ones often to 1.
        values = np.asarray(picture, np.float64)
        if not np.isfinite(values).all():
            raise ValueError("it has values that are no numbers, NaN or infinity")
        largest = values.max(initial=0)
        if picture.mode.startswith("I;16") or largest > 255:
            values = values / 257
        elif largest <= 1:
            values = values * 255
        picture = Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


def reshape_and_normalize_image(image):
    """A picture as the network takes it: (1, height, width, 3) float32, the mean colour subtracted.

    image: (height, width, 3) or (1, height, width, 3), RGB, 0-255.
    Raises PictureError for another shape, for values between 0 and 1 instead of 0 and 255, and for negative values,
    NaN and infinity.
    """
    image = np.asarray(image)
    if image.ndim not in (3, 4) or image.shape[-1] != 3 or (image.ndim == 4 and image.shape[0] != 1):
        raise PictureError(
            f"Expected a picture of shape (height, width, 3) and found {image.shape}; load_image(path) makes one."
        )
    if image.size == 0:
        raise PictureError(
            f"Expected a picture and found an empty array of shape {image.shape}; look at how it was cut."
        )
    colours = image.reshape(1, *image.shape[-3:]).astype(np.float32)
    if not np.isfinite(colours).all():
        raise PictureError("Expected colours between 0 and 255 and found NaN or infinity; load the picture again.")
    if colours.min() < 0:
        raise PictureError(
            f"Expected colours between 0 and 255 and found {colours.min():g}; if the picture is normalised already, "
            "use it as it is, else clip it with np.clip(picture, 0, 255)."
        )
    if image.dtype.kind == "f" and 0 < colours.max() <= 1:
        raise PictureError("Expected colours between 0 and 255 and found 0 to 1; multiply the picture by 255.")
    return colours - MEANS


def to_rgb(image):
    """The inverse of reshape_and_normalize_image: (height, width, 3) uint8 RGB, rounded and clipped to 0-255.

    image: (1, height, width, 3) or (height, width, 3) with the mean colour subtracted; array, tensor or variable.
    uint8 is taken as RGB already. Raises PictureError for another shape or for NaN and infinity.
    """
    image = np.asarray(image)
    if image.ndim == 4 and image.shape[0] == 1:
        image = image[0]
    if image.ndim != 3 or image.shape[-1] != 3:
        raise PictureError(f"Expected a picture of shape (1, height, width, 3) and found {image.shape}.")
    if image.dtype == np.uint8:
        return image
    if not np.isfinite(image).all():
        raise PictureError(
            "The picture has values that are no numbers any more (NaN or infinity); paint again with a smaller "
            "learning rate."
        )
    return np.clip(np.rint(image + MEANS[0]), 0, 255).astype(np.uint8)


def generate_noise_image(content_image, noise_ratio=NOISE_RATIO, rng=None):
    """The picture that painting starts from: noise mixed with the content picture.

    content_image: (1, height, width, 3), mean subtracted.
    noise_ratio: 0 gives the content picture, 1 gives noise alone, uniform between -20 and 20.
    rng: a numpy Generator, for the same noise again; None for fresh noise.
    Returns float32 of content_image's shape.
    """
    content_image = np.asarray(content_image, np.float32)
    if content_image.ndim != 4 or content_image.shape[-1] != 3:
        raise PictureError(
            f"Expected a picture of shape (1, height, width, 3) and found {content_image.shape}; "
            "pass it through reshape_and_normalize_image first."
        )
    if not 0 <= noise_ratio <= 1:
        raise ValueError(f"noise_ratio is a share between 0 and 1, and {noise_ratio} is not; 0.6 is usual.")
    noise = np.random.default_rng(rng).uniform(-20, 20, content_image.shape).astype(np.float32)
    return np.float32(noise_ratio) * noise + np.float32(1 - noise_ratio) * content_image


def save_image(path, image):
    """Write a picture to a .png or .jpg file; the folder is made if need be.

    image: (1, height, width, 3) with the mean colour subtracted, as the network takes it.
    The file appears whole or not at all. Raises PictureError, one sentence, when it can't be written.
    """
    path = Path(path)
    kinds = {".png": {"format": "PNG"}, ".jpg": {"format": "JPEG", "quality": 95}}
    kinds[".jpeg"] = kinds[".jpg"]
    if path.suffix.lower() not in kinds:
        raise PictureError(f"{path} should end in .png or .jpg, so that its kind is known.")
    picture = Image.fromarray(to_rgb(image))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as unfinished:
            picture.save(unfinished, **kinds[path.suffix.lower()])
    except OSError as error:
        raise PictureError(f"{path} cannot be written ({error.strerror or error}); choose another folder.") from None
