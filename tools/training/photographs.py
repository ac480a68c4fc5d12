"""Photographs, and the crops of them that networks learn from."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from nst.pictures import MEANS
from tools.training import settings

HELD_OUT = 20  # one photograph in so many is never trained on


def find_photos(folder):
    """(for training, held out): lists of paths; every HELD_OUT-th in the order of their names is held out."""
    paths = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if len(paths) < HELD_OUT:
        raise SystemExit(f"{folder} should hold at least {HELD_OUT} photographs, and {len(paths)} were found in it.")
    return [path for i, path in enumerate(paths) if i % HELD_OUT], paths[::HELD_OUT]


def read_photos(paths):
    """All of them stay in memory, so large ones are made smaller."""
    pictures = [Image.open(path).convert("RGB") for path in paths]
    for picture in pictures:
        picture.thumbnail((1024, 1024))
    return [
        p if min(p.size) >= settings.SIZE else p.resize([settings.SIZE * side // min(p.size) for side in p.size])
        for p in pictures
    ]


def centre_crops(photos):
    """(n, SIZE, SIZE, 3) uint8: the middle of each photograph, at its own scale."""
    corners = [((photo.width - settings.SIZE) // 2, (photo.height - settings.SIZE) // 2) for photo in photos]
    return np.stack(
        [
            photo.crop((x, y, x + settings.SIZE, y + settings.SIZE))
            for photo, (x, y) in zip(photos, corners, strict=True)
        ]
    )


def random_crop(photos, rng):
    """(SIZE, SIZE, 3) uint8: part of a photograph, at a scale of its own, flipped, recoloured, blended with noise."""
    photo = photos[rng.integers(len(photos))]
    side = round(min(photo.size) * rng.uniform(settings.SIZE / 2 / min(photo.size), 1) ** 0.7)
    x, y = (rng.integers(length - side + 1) for length in photo.size)
    crop = photo.resize((settings.SIZE, settings.SIZE), Image.Resampling.BILINEAR, box=(x, y, x + side, y + side))
    if rng.random() < 0.5:
        crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.random() < 0.1:
        crop = crop.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    if rng.random() < 0.7:
        for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
            crop = change(crop).enhance(rng.uniform(0.6, 1.5))
    pixels = np.asarray(crop, np.float32)
    if rng.random() < 0.4:
        pixels = pixels * rng.uniform(0.75, 1.25, 3)
    if rng.random() < 0.25:  # as generate_noise_image does, for any share of noise
        share = rng.uniform(0, 1)
        noise = rng.uniform(-20, 20, pixels.shape) * rng.uniform(0.5, 3)
        pixels = share * (MEANS[0, 0] + noise) + (1 - share) * pixels
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
