"""The command `nst paint`: a picture, without a notebook."""

import argparse
import math
import os
import sys
import time
from pathlib import Path

import numpy as np

from nst.commands.endings import Endings
from nst.limits import demand_program
from nst.paths import refusal, saved_somewhere, tried_file, whole_file
from nst.pictures import encoded, generate_noise_image, load_image, reshape_and_normalize_image, to_rgb
from nst.progress import progress_bar

#: Steps that a painting takes: at each of its sizes with L-BFGS, in all with Adam.
ITERATIONS = {"lbfgs": 20, "adam": 200}

#: --smooth 1 weighs the mean squared difference of neighbours with this times the cost of the starting picture.
SMOOTH = 1e-4

EPILOG = """examples:
  nst paint photo.jpg starry.jpg -o night.png
  nst paint photo.jpg starry.jpg -o large.jpg --size 600 --style-scale 0.5
  nst paint photo.jpg starry.jpg mosaic.jpg -o both.png --weights 3 1
  nst paint photo.jpg mosaic.jpg starry.jpg -o parts.png --masks sky.png ground.png

The first picture is there in some ten seconds. Ctrl+C ends the painting early and keeps the picture so far.
"""


def main(arguments=None):
    """`nst paint`: paint one picture in the style of another, or of several."""
    began = time.monotonic()
    with Endings() as endings:
        try:
            options = _checked(_parser().parse_args(arguments))
            content = load_image(options.content, size=options.size)
            _demand_output(options, content.shape[:2])
            demand_program()
            picture, frames, failure = _painted(options, content, endings)
        except ValueError as error:  # nst.pictures.PictureError and nst.weights.WeightsError are such; each a sentence
            sys.exit(str(error))
        except MemoryError:
            sys.exit("There was not enough memory to paint; close other programs, or give a smaller --size.")
        except KeyboardInterrupt:
            print("Interrupted; nothing was painted yet.", file=sys.stderr)
            sys.exit(endings.status or 130)
        height, width = picture.shape[:2]
        contents = encoded(picture, options.output)
        output, refused = _saved(options.output, "picture", lambda path: _write(path, contents))
        if not refused:
            seconds = time.monotonic() - began
            print(f"The picture is in {output}, {width}×{height} pixels, after {seconds:.0f} seconds.", flush=True)
        sentences = [refused, failure]
        if frames is not None and output and not endings.status:
            sentences.append(_save_film(output.with_suffix(".gif"), frames, endings))
    status = "\n".join(filter(None, sentences)) or endings.status
    if status:
        sys.exit(status)


def _parser():
    parser = argparse.ArgumentParser(
        prog="nst paint",
        usage="nst paint content.jpg style.jpg [more styles] [-o painting.png] [more options]",
        description="Paint one picture in the style of another, or of several.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("content", type=Path, help="the picture to paint, a JPEG or PNG file")
    add("styles", type=Path, nargs="+", metavar="style", help="how to paint it: one picture or more")
    add("-o", "--output", type=Path, default=Path("painting.png"), help="where to, .png or .jpg (default: %(default)s)")
    add("--size", type=int, default=300, help="the smaller side of the painting in pixels (default: %(default)s)")
    add(
        "--style-weight",
        type=_number,
        default=40.0,
        metavar="BETA",
        help="how much the style matters against the content, which has the weight 10 (default: %(default)g)",
    )
    add("--weights", type=_number, nargs="+", metavar="W", help="how much of each style, one number for each")
    add(
        "--style-scale",
        type=_number,
        default=1.0,
        metavar="S",
        help="how large the style's forms become, from 0.1 to 2; 0.5 makes strokes finer (default: %(default)g)",
    )
    add(
        "--masks",
        type=Path,
        nargs="+",
        metavar="MASK",
        help="where each style goes, one picture for each: white is there, black is not",
    )
    add(
        "--smooth",
        type=_number,
        default=0.0,
        metavar="S",
        help="how much to smooth the grain: 1 is a little, 5 is a lot (default: %(default)g)",
    )
    add("--keep-colours", action="store_true", help="keep the colours of the content picture")
    add(
        "--method",
        choices=["lbfgs", "adam"],
        default="lbfgs",
        help="lbfgs, from coarse to fine, is quick; adam is the notebook's way (default: %(default)s)",
    )
    add(
        "--iterations",
        type=int,
        metavar="N",
        help=f"steps: at each size with lbfgs (default: {ITERATIONS['lbfgs']}), in all with adam (default: "
        f"{ITERATIONS['adam']})",
    )
    add("--seed", type=int, default=3, help="another number, another noise to begin with (default: %(default)s)")
    add("--film", action="store_true", help="make a film of the painting, too: a .gif beside the picture")
    add(
        "--network",
        type=Path,
        metavar="FILE",
        help="a weights file of VGG-19 (default: the full one if `nst weights` has fetched it, else the course's own)",
    )
    return parser


def _number(text):
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no number; name the pictures first, before any option") from None


def _checked(options):
    """The options, with everything that can be told without a network or a picture found right; or a ValueError."""
    if options.iterations is None:
        options.iterations = ITERATIONS[options.method]
    for name, least, usual in (("size", 32, 300), ("iterations", 1, ITERATIONS[options.method]), ("seed", 0, 3)):
        value = getattr(options, name)
        if value < least:
            raise ValueError(f"--{name} should be {least} or more, and it is {value}; {usual} is usual.")
    number = len(options.styles)
    options.weights = _one_each("--weights", options.weights, number) or [1.0] * number
    options.masks = _one_each("--masks", options.masks, number) or [None] * number
    weights = [("--weights", weight) for weight in options.weights]
    for name, value in [*weights, ("--style-weight", options.style_weight), ("--smooth", options.smooth)]:
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"{name} should be 0 or more, and it is {value:g}; 0 leaves it out.")
    if not any(options.weights):
        raise ValueError("One of --weights should be above 0, and all of them are 0.")
    if not 0.1 <= options.style_scale <= 2:
        raise ValueError(f"--style-scale should be from 0.1 to 2, and it is {options.style_scale:g}; 1 is usual.")
    pictures = [options.content, *options.styles, *filter(None, options.masks)]
    for path in pictures:
        _demand_readable(path, f"There is no picture {path}; check the spelling and the folder.")
    if options.network:
        _demand_readable(options.network, f"There is no weights file {options.network}; check the spelling.")
    return options


def _demand_readable(path, missing):
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        raise ValueError(missing) from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}); check its name and who may read it.") from None


def _one_each(name, values, number):
    if values is not None and len(values) != number:
        styles = "1 style" if number == 1 else f"{number} styles"
        raise ValueError(f"{name} should be one for each style, and there are {len(values)} for {styles}.")
    return values


def _demand_output(options, size):
    """Make the folder if need be; a ValueError where no picture of `size`, or no film of it, can be written there.

    A picture of noise, which takes more room than any painting, goes all the way that the painting will go.
    """
    pictures = [options.content, *options.styles, *filter(None, options.masks)]
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    files = {options.output: encoded(noise, options.output)}
    if options.film:
        files[options.output.with_suffix(".gif")] = b"GIF"
    for path, contents in files.items():
        if os.path.isdir(path):
            raise ValueError(f"{path} is a folder; give the name of a file, such as {path / 'painting.png'}.")
        if os.path.exists(path) and any(path.samefile(picture) for picture in pictures):
            raise ValueError(f"{path} is one of the pictures to paint from; give another name, so that you keep it.")
        try:
            _write(path, contents, tried_file)
        except OSError as error:
            raise ValueError(refusal(path, error)) from None


def _write(path, contents, file=whole_file):
    path.parent.mkdir(parents=True, exist_ok=True)
    with file(path) as unfinished:
        unfinished.write_bytes(contents)


def _painted(options, content, endings):
    """The picture, (H, W, 3) uint8; the frames of its film, or None; a sentence if it is not as it should be, or None.

    Once it is painted, `endings` wait.
    """
    # Here, because TensorFlow takes seconds to import: a misspelt option is told at once, and so is --help.
    from nst.commands.costs import content_cost, layer_style_cost
    from nst.networks.vgg import load_vgg_model
    from nst.painting.colours import keep_colours
    from nst.painting.loop import paint
    from nst.painting.memory import demand_memory
    from nst.painting.scales import paint_scales, resized, scales
    from nst.painting.styles import Style, cost_maker
    from nst.quiet import tf
    from nst.weights.vgg19 import EMBEDDED, default_weights

    size = content.shape[:2]
    laid_out = [max(32, round(options.style_scale * side)) for side in size]
    styles = [
        Style(load_image(path, size=laid_out), weight, options.style_scale, mask and load_image(mask, size=size))
        for path, weight, mask in zip(options.styles, options.weights, options.masks, strict=True)
    ]
    network = options.network or default_weights()[0]
    model = load_vgg_model(network)
    _demand_layers(model)
    demand_memory(size, model, len(styles))
    if network == EMBEDDED:
        print("Painting with the small network that comes with the course; `nst weights` fetches the full one.")
    else:
        print(f"Painting with {network}.")

    def finished(picture):
        pixels = to_rgb(picture)
        return keep_colours(pixels, content) if options.keep_colours else pixels

    def make_costs(tv_weight):
        beta = options.style_weight
        return cost_maker(model, content, styles, content_cost, layer_style_cost, beta=beta, tv_weight=tv_weight)

    start = generate_noise_image(reshape_and_normalize_image(content), rng=np.random.default_rng(options.seed))
    make_cost = make_costs(0.0)
    if options.smooth:
        # Costs of the full network are a hundred million times those of the small one: no weight would suit both.
        make_cost = make_costs(options.smooth * SMOOTH * float(make_cost(size)(tf.constant(start))["total"]))
    sizes = scales(size) if options.method == "lbfgs" else [size]
    failure = None
    with _Progress(sizes, options.iterations, finished if options.film else None) as progress:
        try:
            if options.method == "lbfgs":
                picture = paint_scales(make_cost, start, iterations=options.iterations, sizes=sizes, callback=progress)
            else:
                picture = paint(make_cost(size), start, iterations=options.iterations, callback=progress)
            endings.saving = True
        except (KeyboardInterrupt, MemoryError, tf.errors.ResourceExhaustedError) as error:
            # An interrupt comes here while the next size was prepared; a painting that is going on ends by itself.
            endings.saving = True
            if progress.picture is None:
                raise error if isinstance(error, KeyboardInterrupt) else MemoryError from None
            picture = resized(progress.picture, size)
            if isinstance(error, KeyboardInterrupt):
                print("Interrupted; the picture so far is kept.")
            else:
                failure = "Memory ran out on the way, so this is the picture so far; give a smaller --size."
    if progress.picture is None:
        raise KeyboardInterrupt  # which the painting has taken for its own, before its first step
    try:
        return finished(picture), progress.frames, failure
    except MemoryError:
        return to_rgb(picture), progress.frames, "Memory ran out, so --keep-colours was left out."


def _demand_layers(model):
    from nst.painting.styles import CONTENT_LAYER, STYLE_LAYERS

    missing = [name for name in (*(name for name, _ in STYLE_LAYERS), CONTENT_LAYER) if name not in model]
    if missing:
        raise ValueError(
            f"{model.name} ends at {list(model)[-1]} and painting needs {', '.join(missing)}, too; leave --network out."
        )


class _Progress:
    """The callback of a painting: a bar that counts pixels, as a step takes time in proportion, and frames for a film.

    picture: the last one, (1, H, W, 3) float32, or None; frames: nst.painting.film.Frames, or None without `deprocess`.
    """

    def __init__(self, sizes, iterations, deprocess):
        self.picture, self.frames = None, None
        if deprocess:
            from nst.painting.film import Frames

            self.frames = Frames(deprocess)
        self._work = np.cumsum(np.repeat([height * width for height, width in sizes], iterations))

    def __enter__(self):
        form = "{desc} {percentage:3.0f}% {bar} {elapsed}, {remaining} to go{postfix}"
        self._bar = progress_bar(int(self._work[-1]), "Painting", bar_format=form)
        return self

    def __call__(self, iteration, costs, picture):
        self.picture = picture.numpy()
        if self.frames is not None:
            self.frames.add(self.picture)
        self._bar.set_postfix_str(f"cost {float(costs['total']):.3g}", refresh=False)
        self._bar.update(int(self._work[iteration]) - self._bar.n)

    def __exit__(self, *error):
        self._bar.close()


def _saved(path, what, write):
    """Call write(path), or with another one; return which, and a sentence if it is another, or None at all."""
    output, error = saved_somewhere(path, write)
    if error is None:
        return output, None
    where = f"the {what} is in {output} instead" if output else f"nor can any other file, and the {what} is lost"
    return output, f"{path} cannot be written ({error.strerror or error}); {where}."


def _save_film(path, frames, endings):
    """Write the film; a sentence if it is not where it should be."""
    from nst.painting.film import save_gif

    endings.saving = False
    try:
        film, refused = _saved(path, "film", lambda path: save_gif(path, frames.with_the_last()))
    except KeyboardInterrupt:
        return "The film was interrupted and is left out."
    if not refused:
        print(f"Its film is in {film}")
    return refused
