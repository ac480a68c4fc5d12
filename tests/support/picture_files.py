"""Picture files byte by byte, of kinds that Pillow reads and does not write, and profiles for them."""

import struct
import zlib

import numpy as np


def png(samples, bits=8, *chunks):
    """A PNG file: samples are (H, W) for grey, (H, W, 2) with alpha, (H, W, 3) RGB, (H, W, 4) with alpha.

    chunks: (name, content) of what comes between the head and the picture.
    """
    height, width = samples.shape[:2]
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[samples[0, 0].size]
    if bits == 16:
        rows = np.ascontiguousarray(samples, ">u2").view(np.uint8).reshape(height, -1)
    else:
        rows = np.unpackbits(samples.astype(np.uint8)[..., None], axis=-1)[..., -bits:]
        rows = np.packbits(rows.reshape(height, -1), axis=-1)
    content = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    head = struct.pack(">2I5B", width, height, bits, colour, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", content), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part)) for name, part in parts
    )


def tiff(data, shape, bits, photometric, sample_format=1, channels=1, extra=None):
    """A TIFF file of plain bytes. photometric: 0 white is zero, 1 black is zero, 2 RGB, 5 CMYK, 8 Lab.

    sample_format: 1 whole numbers, 2 with a sign, 3 floating point; extra: what the last channel is, 1 for alpha that
    is multiplied in already, 2 for one that is not.
    """
    height, width = shape
    values = {256: [width], 257: [height], 258: [bits] * channels, 259: [1], 262: [photometric], 277: [channels]}
    values |= {278: [height], 279: [len(data)], 339: [sample_format] * channels}
    if extra is not None:
        values[338] = [extra]
    outside, entries = b"", b""
    start = 8 + 2 + 12 * (len(values) + 1) + 4
    values[273] = [start + sum(2 * len(found) for found in values.values() if len(found) > 2)]
    for tag, found in sorted(values.items()):
        kind, form = (4, "I") if tag in (273, 279) else (3, "H")
        content = struct.pack(f"<{len(found)}{form}", *found)
        if len(content) > 4:
            content, outside = struct.pack("<I", start + len(outside)), outside + content
        entries += struct.pack("<2HI", tag, kind, len(found)) + content.ljust(4, b"\0")
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(values)) + entries + bytes(4) + outside + data


def cmyk_profile(corners):
    """An ICC profile of four inks; corners: (c, m, y, k), each 0 or 1, -> (L, a, b) on paper, 0-100 and ±127."""
    inks = [tuple(int(digit) for digit in f"{number:04b}") for number in range(16)]
    grid = bytes(
        round(value)
        for ink in inks
        for value in np.array([corners(ink)[0] * 2.55, corners(ink)[1] + 128, corners(ink)[2] + 128]).clip(0, 255)
    )
    matrix = struct.pack(">9i", *(65536 * int(i % 4 == 0) for i in range(9)))
    straight = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + straight * 4 + grid + straight * 3
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    tags = {b"wtpt": white, b"A2B0": table, b"A2B1": table}
    start, directory, data = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        directory += struct.pack(">4s2I", name, start + len(data), len(content))
        data += content.ljust(-len(content) % 4 + len(content), b"\0")
    head = struct.pack(">I4sI4s4s4s", start + len(data), b"", 0x02400000, b"prtr", b"CMYK", b"Lab ") + bytes(12)
    head += b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + directory + data


def grey_profile(exponent):
    """An ICC profile of greys whose light is their number to the power of `exponent`."""
    curve = b"para" + bytes(8) + struct.pack(">i", round(exponent * 65536))
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    start = 128 + 4 + 12 * 2
    directory = (
        struct.pack(">I", 2) + struct.pack(">4s2I", b"wtpt", start, 20) + struct.pack(">4s2I", b"kTRC", start + 20, 16)
    )
    head = struct.pack(">I4sI4s4s4s", start + 36, b"", 0x04200000, b"mntr", b"GRAY", b"XYZ ") + bytes(12)
    head += b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + directory + white + curve
