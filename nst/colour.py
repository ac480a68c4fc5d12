"""What the numbers of a picture file mean: as red, green and blue of sRGB, 8 bits each, over white.

Two files with the same numbers need not show the same picture. A colour profile says which red is meant by "red". Most
phones mean that of Display P3, which is deeper than sRGB's: read as sRGB, sixty photographs are 3 of 255 levels off on
average, the most colourful 9, and single pixels over 100; converted here, at most 1. White is 65535 in one file, 255 or
1 in the next, and 0 in some. The networks have learnt from sRGB.
"""

import functools
import io
import struct

import numpy as np
from PIL import Image, ImageCms

#: Chromaticities (x, y) of white, red, green and blue.
SRGB_PRIMARIES = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
P3_PRIMARIES = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
BT2020_PRIMARIES = (0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046)
ADOBE_PRIMARIES = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)

#: Numbers of ITU-T H.273, as in PNG's cICP chunk and in HEIC and AVIF; None is sRGB's own curve, else an exponent.
_H273_PRIMARIES = {1: SRGB_PRIMARIES, 9: BT2020_PRIMARIES, 12: P3_PRIMARIES}
_H273_CURVES = {1: None, 2: None, 4: 2.2, 5: 2.8, 6: None, 8: 1.0, 13: None}

_GREY = ("1", "L", "LA", "I", "F")
_MODES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK", "Lab": "LAB"}


def to_srgb(file):
    """(picture, note): what a file that Pillow has opened, and not yet loaded, shows; an RGB picture of Pillow's.

    Colours are converted from the file's profile, relative colorimetric with black point compensation, as browsers and
    Photoshop do it: what both spaces hold stays exact, the file's white becomes 255 and its black 0. Where there is no
    profile, a PNG's gAMA, cHRM, sRGB and cICP chunks say what is meant, the nclx box of AVIF and HEIC, or the Exif note
    of cameras set to Adobe RGB. Without any of these colours are sRGB, and CMYK is taken for ideal inks.
    note: why a profile was passed over, the end of a sentence, or None.
    Raises ValueError for NaN and infinity.
    """
    raw = _raw_mode(file)
    described = _described(file)  # read beforehand: loading closes the file
    file.load()
    alpha = None
    if file.mode in ("I", "F") or file.mode.startswith("I;16"):
        picture, alpha = _levels(file, raw), _alpha_of_grey(file)
    elif raw == "RGB;16B" and "transparency" in file.info:
        picture, alpha = file, _alpha_of_deep_colours(file)
    else:
        if raw in ("L;2", "L;4") and "transparency" in file.info:  # a number of 2 or 4 bits, where the grey has 8
            file.info["transparency"] *= {"L;2": 85, "L;4": 17}[raw]
        picture = file
        if file.has_transparency_data:
            picture = file.convert("RGBA")
            alpha = picture.getchannel("A")
    grey = file.mode in _GREY or file.mode.startswith("I;16")
    if grey:
        picture = picture.convert("RGB").getchannel("R")
    elif picture.mode not in ("CMYK", "LAB"):
        picture = picture.convert("RGB")
    picture, note = _converted(picture, described)
    if alpha is not None:
        picture = Image.composite(picture, Image.new("RGB", picture.size, "white"), alpha)
    return picture, note


# How bright a number is ---------------------------------------------------------------------------------------------


def _raw_mode(file):
    """How Pillow calls the numbers as they lie in the file, such as "L;4" for grey of 4 bits."""
    arguments = file.tile[0].args if file.tile else ""
    return arguments if isinstance(arguments, str) else str(arguments[0]) if arguments else ""


def _levels(file, raw):
    """Grey of more than 8 bits as 8; Pillow would clip what is above 255."""
    values = np.asarray(file)
    tags = getattr(file, "tag_v2", {})
    if file.mode == "F":
        if not np.isfinite(values).all():
            raise ValueError("it has values that are no numbers, NaN or infinity")
        largest = values.max(initial=0)
        white = 1 if largest < 2 else 255 if largest <= 255 else 65535  # above 1 lies what sharpening has overshot
    elif raw == "I;12":
        white = 2**12 - 1
    elif raw == "I;16S":
        white = 2**15 - 1
    elif file.mode.startswith("I;16") or file.format == "PPM":
        white = 2**16 - 1
    else:
        if raw == "I;32N":  # without a sign, which Pillow gives it
            values = values.view(np.uint32)
        tops = (255, 2**16 - 1, np.iinfo(values.dtype).max)  # nothing in a file says how much of 32 bits is used
        white = next(top for top in tops if values.max(initial=0) <= top)
    values = np.clip(values * (255 / white), 0, 255)
    if tags.get(262) == 0:  # PhotometricInterpretation: WhiteIsZero, which Pillow heeds up to 8 bits
        values = 255 - values
    return Image.fromarray(np.rint(values).astype(np.uint8))


def _alpha_of_grey(file):
    """Which parts of deep grey a PNG's tRNS chunk leaves: as a mask, or None where it is silent."""
    if "transparency" not in file.info:
        return None
    return _mask(np.asarray(file) != file.info["transparency"])


def _alpha_of_deep_colours(file):
    """The same for colours of 16 bits, of which Pillow keeps the upper 8: the lower ones are read once more."""
    with Image.open(file.filename) as again:
        again.tile = [tile._replace(args="RGB;16L") for tile in again.tile]  # takes of each number the other byte
        lower = np.asarray(again)
    transparent = np.array(file.info["transparency"])
    same = (np.asarray(file) == transparent >> 8) & (lower == (transparent & 255))
    return _mask(~same.all(axis=-1))


def _mask(there):
    return Image.fromarray(there.astype(np.uint8) * np.uint8(255))


# Which colour a number means ----------------------------------------------------------------------------------------


def _described(file):
    """What a file says of its colours: a profile's bytes; (primaries, exponent or None); a note; None for sRGB."""
    info = file.info
    by_numbers = file.format == "PNG" or not info.get("icc_profile")  # elsewhere a profile is the more exact one
    if by_numbers and (numbers := _h273(file)):
        primaries, curve = numbers[:2]
        if primaries in _H273_PRIMARIES and curve in _H273_CURVES:
            return _H273_PRIMARIES[primaries], _H273_CURVES[curve]
        if not (info.get("icc_profile") or 2 in (primaries, curve)):  # 2 is: unspecified
            return f"its colours are marked as H.273's {primaries}/{curve}, as of high dynamic range"
    if info.get("icc_profile"):
        return info["icc_profile"]
    if "srgb" in info:
        return None
    if "gamma" in info or "chromaticity" in info:
        exponent = 1 / info["gamma"] if info.get("gamma") else None
        if exponent is not None and abs(exponent - 2.2) < 0.05:  # written for sRGB where there is no room for its curve
            exponent = None
        return info.get("chromaticity", SRGB_PRIMARIES), exponent
    if _is_adobe_rgb(file):
        return ADOBE_PRIMARIES, 563 / 256
    return None


def _h273(file):
    """The numbers with which PNG, AVIF and HEIC files name their colours, or None."""
    if file.format == "HEIF" and (box := file.info.get("nclx_profile")):
        return box["color_primaries"], box["transfer_characteristics"]
    if file.format not in ("PNG", "AVIF"):
        return None
    with open(file.filename, "rb") as raw:
        if file.format == "AVIF":
            head = raw.read(1 << 14)
            place = head.find(b"colrnclx")
            return struct.unpack(">2H", head[place + 8 : place + 12]) if 0 <= place < len(head) - 12 else None
        raw.seek(8)
        while len(head := raw.read(8)) == 8 and head[4:] != b"IDAT":
            length = int.from_bytes(head[:4], "big")
            if head[4:] == b"cICP":
                return tuple(raw.read(2))
            raw.seek(length + 4, 1)
    return None


def _is_adobe_rgb(file):
    """Whether a camera's Exif note says Adobe RGB, which has no number there: interoperability R03 stands for it."""
    try:
        exif = file.getexif()
        space = exif.get_ifd(0x8769).get(0xA001)
        return space == 2 or (space == 0xFFFF and str(exif.get_ifd(0xA005).get(1, "")).startswith("R03"))
    except Exception:  # a damaged note raises all kinds, and says nothing
        return False


def _converted(picture, described):
    """(the picture, L, RGB, CMYK or LAB, in RGB of sRGB; a note or None)."""
    note = None
    if picture.mode == "LAB":
        described = ImageCms.createProfile("LAB")
    if isinstance(described, str):
        described, note = None, described
    if described is not None:
        try:
            profile = _profile(described)
            space = profile.profile.xcolor_space.strip()
            grey = picture.mode == "L"
            if grey and space == "RGB":
                picture = picture.convert("RGB")
            if _MODES.get(space) != picture.mode:
                raise ValueError(f"it is for {space}, and the picture is {'GRAY' if grey else picture.mode}")
            flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
            if picture.mode == "LAB":  # shortened to a table of this space, dark colours would be 12 levels off
                flags |= ImageCms.Flags.NOOPTIMIZE
            intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
            transform = ImageCms.buildTransform(profile, srgb_profile(), picture.mode, "RGB", intent, flags)
            if picture.mode != "RGB" or not _changes_nothing(transform):
                return ImageCms.applyTransform(picture, transform), None
        except (ImageCms.PyCMSError, OSError, ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
            reason = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
            note = f"its colour profile cannot be used ({reason})"
    return picture.convert("RGB"), note


def _changes_nothing(transform):
    """Whether a profile means sRGB itself, of which there are dozens: rounding would only blur such a picture."""
    steps = np.arange(0, 256, 15, np.uint8)
    probe = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    found = np.asarray(ImageCms.applyTransform(Image.fromarray(probe), transform))
    return np.abs(found.astype(int) - probe).max() <= 1


def _profile(described):
    """What `_described` returned as a profile that LittleCMS takes."""
    if isinstance(described, tuple):
        described = matrix_profile(*described)
    return ImageCms.ImageCmsProfile(io.BytesIO(described) if isinstance(described, bytes) else described)


@functools.cache
def srgb_profile():
    """sRGB, as a profile of LittleCMS's."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@functools.cache
def srgb_bytes():
    """sRGB, as a profile to put into a file; without the date in its head, so that equal pictures make equal files."""
    profile = srgb_profile().tobytes()
    return profile[:24] + bytes(12) + profile[36:]


def matrix_profile(primaries, exponent):
    """An ICC profile, version 4, as bytes.

    primaries: x and y of white, red, green and blue. exponent: of the curve from numbers to light, None for sRGB's.
    Raises ValueError or LinAlgError for primaries that cannot be.
    """
    values = np.array(primaries, float).reshape(4, 2)
    if not (np.isfinite(values).all() and (values[:, 1] > 0).all() and (exponent is None or 0.1 < exponent < 10)):
        raise ValueError("its chromaticities or its gamma cannot be")
    white, *colours = np.array([[x / y, 1, (1 - x - y) / y] for x, y in values])
    columns = np.array(colours).T
    columns = columns * np.linalg.solve(columns, white)  # so much of each that they make white together
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    d50 = np.array([0.9642, 1, 0.8249])
    columns = np.linalg.solve(bradford, (bradford @ d50 / (bradford @ white))[:, None] * (bradford @ columns))
    if exponent is None:
        form, numbers = 3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    else:
        form, numbers = 0, (exponent,)
    curve = b"para" + bytes(4) + struct.pack(">2H", form, 0) + _fixed(*numbers)
    tags = {b"wtpt": _xyz(d50)}
    tags |= {name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns.T, strict=True)}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, data, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4s2I", name, start + len(data), len(content))
        data += content
    head = struct.pack(">I4sI4s4s4s", start + len(data), b"", 0x04200000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + _fixed(*d50)
    return head.ljust(128, b"\0") + table + data


def _xyz(values):
    return b"XYZ " + bytes(4) + _fixed(*values)


def _fixed(*values):
    """Numbers as ICC writes them: 32 bits, 16 of them behind the point."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))
