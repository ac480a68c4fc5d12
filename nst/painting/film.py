"""The film of a painting: frames kept while it is painted, written as a GIF and an MP4."""

import imageio.v2 as imageio
import numpy as np
from PIL import Image

from nst.paths import whole_file

_FRAMES = 30  # a long painting's film has from this many frames to twice as many
_FRAMES_PER_SECOND = 12
_LONGEST_SIDE = 640


class Frames:
    """Pictures of a painting, evenly spaced in time, few enough for any number of iterations.

    Every picture is kept until there are 2 * _FRAMES; then every other one is dropped, and from there on only every
    second, fourth, eighth ... is kept. deprocess: from a picture as it is painted to (H, W, 3) uint8.
    """

    def __init__(self, deprocess):
        self._deprocess = deprocess
        self.kept = []  # (H, W, 3) uint8 each
        self._seen = 0
        self._stride = 1
        self._last = None

    def add(self, picture):
        self._last = picture
        if self._seen % self._stride == 0:
            self.kept.append(shrunk(self._deprocess(picture)))
            if len(self.kept) == 2 * _FRAMES:
                self.kept = self.kept[::2]
                self._stride *= 2
        self._seen += 1

    def with_the_last(self):
        """All frames and the last picture, in one size: a list of (H, W, 3) uint8."""
        last = Image.fromarray(shrunk(self._deprocess(self._last)))
        # Two paintings of different sizes can share one monitor: a small picture first, then a large one.
        frames = [np.asarray(Image.fromarray(frame).resize(last.size)) for frame in self.kept]
        return [*frames, np.asarray(last)]


def shrunk(pixels, longest=_LONGEST_SIDE):
    """(H, W, 3) uint8 with no side longer than `longest`."""
    image = Image.fromarray(pixels)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return np.asarray(image)


def milliseconds(frames):
    """How long each of so many frames stays; the last, for a second."""
    return [round(1000 / _FRAMES_PER_SECOND)] * (frames - 1) + [1000]


def save_gif(path, frames):
    """frames: a list of (H, W, 3) uint8. One palette of 256 colours for all of them, so that nothing flickers."""
    sample = np.concatenate([frames[i] for i in np.linspace(0, len(frames) - 1, 8).astype(int)])
    palette = Image.fromarray(sample).quantize(256, method=Image.Quantize.FASTOCTREE)
    dither = Image.Dither.FLOYDSTEINBERG
    images = [Image.fromarray(frame).quantize(palette=palette, dither=dither) for frame in frames]
    with whole_file(path) as unfinished:
        images[0].save(unfinished, save_all=True, append_images=images[1:], duration=milliseconds(len(frames)), loop=0)


def save_mp4(path, frames):
    """frames: a list of (H, W, 3) uint8. Raises whatever imageio does where no ffmpeg works."""
    # H.264 at yuv420p, which every browser plays, stores colour at half the resolution and so needs even sides.
    height, width = (side - side % 2 for side in frames[0].shape[:2])
    with (
        whole_file(path) as unfinished,
        imageio.get_writer(
            unfinished,
            format="FFMPEG",
            fps=_FRAMES_PER_SECOND,
            codec="libx264",
            quality=8,
            pixelformat="yuv420p",
            macro_block_size=1,
            ffmpeg_log_level="quiet",
        ) as writer,
    ):
        for frame in frames + [frames[-1]] * (_FRAMES_PER_SECOND - 1):
            writer.append_data(frame[:height, :width])
