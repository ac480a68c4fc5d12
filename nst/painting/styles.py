"""What a painting can ask for besides one picture and one style: several styles, masks, scale, smoothness.

`cost_maker` puts content, styles and your cost functions together to what `nst.painting.paint_scales` paints:

    styles = [Style(impressionist, weight=2), Style(mosaic, scale=0.5)]
    make_cost = cost_maker(model, content, styles, compute_content_cost, compute_layer_style_cost)
    picture = paint_scales(make_cost, start)
"""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from nst.pictures import SMALLEST_SIDE, PictureError, as_pixels, reshape_and_normalize_image
from nst.quiet import tf
from nst.words import in_short, is_number

#: The layers of the classic exercise: that of the content, and those of the style, each with its weight.
CONTENT_LAYER = "conv4_2"
STYLE_LAYERS = tuple((f"conv{block}_1", 0.2) for block in range(1, 6))


class Style(NamedTuple):
    """A style picture and how it is to be used.

    picture: (H, W, 3) uint8, of any size and shape.
    weight: its share of the style cost, relative to the other styles.
    scale: how large its forms become. At 1 the style picture is cropped and resized to the size of the painting, at 0.5
        to half its height and width, which makes strokes finer, at 2 to twice, which makes them coarser. It is never
        made smaller than 32 pixels.
    mask: (h, w), 0 to 1, or 0 to 255 in uint8: where in the painting this style goes. Any size: it is stretched over
        the painting. (h, w, 3), as load_image returns it, is taken as grey. None is everywhere.
    """

    picture: np.ndarray
    weight: float = 1.0
    scale: float = 1.0
    mask: np.ndarray | None = None


def cost_maker(
    model,
    content,
    styles,
    content_cost,
    layer_style_cost,
    *,
    content_layer=CONTENT_LAYER,
    style_layers=STYLE_LAYERS,
    alpha=10.0,
    beta=40.0,
    tv_weight=0.0,
):
    """The function make_cost(size) for nst.painting.paint_scales; make_cost((H, W)) is the cost for nst.painting.paint.

    model: a network with .activations(picture, names), as load_vgg_model returns it.
    content: (H, W, 3) uint8, of any size; it is cropped and resized where a size of another shape is asked for.
    styles: a list of Style.
    content_cost(a_C, a_G), layer_style_cost(a_S, a_G): functions of two activations, (1, h, w, channels) float32, that
        return a scalar: your own compute_content_cost and compute_layer_style_cost.
    content_layer, style_layers: a layer's name, and a list of (layer's name, its weight).
    alpha, beta, tv_weight: weights of the content cost, the style cost and the smoothness.

    make_cost(size)(picture) returns {"total", "content", "style"}, and "smoothness" where tv_weight is above 0: that is
    multiplied by tv_weight already, as alone it may be larger than the total. What belongs to the fixed pictures goes
    through the network once for each size.

    With several styles the style cost is their weighted mean: their Gram matrices are blended rather than their
    pictures. Where masks overlap, that holds there; where they don't, each style is as strong in its part as a style
    alone would be.

    A mask m multiplies the painting's activations, position by position, m being resized to each layer, as in Gatys et
    al., "Controlling Perceptual Factors in Neural Style Transfer" (2017, arXiv:1611.07865). The style's activations are
    multiplied by sqrt(mean(m²)), so that Gram matrices that sum over all positions can be compared. The cost so found
    is divided by mean(m²), so that a style in a small part of the painting pulls no less at a pixel there.

    A style picture of another scale has activations of another height and width. They are brought to the painting's by
    repeating or leaving out positions evenly. A Gram matrix does not mind: it does not know where a position was.

    Smoothness is total variation with exponent 2 (Mahendran and Vedaldi, 2015, arXiv:1412.0035), as a mean in place of
    the sum, so that it does not grow with the size: mean((x[i+1, j] - x[i, j])²) + mean((x[i, j+1] - x[i, j])²). With
    the embedded network a tv_weight of 0.01 smooths the grain a little, and 0.1 very much.

    Raises ValueError (PictureError for a picture), one sentence, for what cannot work.
    """
    styles = _checked_styles(styles)
    for name, value in (("alpha", alpha), ("beta", beta), ("tv_weight", tv_weight)):
        _check_number(name, value, zero=True)
    content = as_pixels(content)  # a mistake is told here, and not at the first size
    shares = _shares(styles)
    names = list(dict.fromkeys(name for name, _ in style_layers))

    def make_cost(size):
        fixed = model.activations(_fitted(content, size), [content_layer, *names])
        a_C = fixed[content_layer]
        shapes = {name: fixed[name].shape[1:3] for name in names}
        targets = [_targets(model, style, size, shapes) for style in styles]
        del fixed  # only a_C is needed on

        def cost(picture):
            a_G = model.activations(picture, [content_layer, *names])
            content_part = content_cost(a_C, a_G[content_layer])
            style_part = 0.0
            for share, (a_S, masks) in zip(shares, targets, strict=True):
                for name, weight in style_layers:
                    a = a_G[name] if masks is None else a_G[name] * masks[name]
                    style_part += share * weight * layer_style_cost(a_S[name], a)
            costs = {"total": alpha * content_part + beta * style_part, "content": content_part, "style": style_part}
            if tv_weight:
                costs["smoothness"] = tv_weight * _total_variation(picture)
                costs["total"] += costs["smoothness"]
            return costs

        return cost

    return make_cost


def _targets(model, style, size, shapes):
    """A style's activations in the shape of the painting's, and its masks: two dictionaries, the second may be None."""
    laid_out = [max(SMALLEST_SIDE, round(style.scale * side)) for side in size]
    a_S = model.activations(_fitted(style.picture, laid_out), list(shapes))
    a_S = {name: _spread(a_S[name], shape) for name, shape in shapes.items()}
    if style.mask is None:
        return a_S, None
    masks = {name: _mask_in(style.mask, shape) for name, shape in shapes.items()}
    return {name: a * tf.sqrt(tf.reduce_mean(masks[name] ** 2)) for name, a in a_S.items()}, masks


def _fitted(picture, size):
    """`picture`, (H, W, 3) uint8, cropped and resized to `size` as load_image does it, and normalised."""
    if tuple(picture.shape[:2]) != tuple(size):
        height, width = size
        picture = np.asarray(ImageOps.fit(Image.fromarray(picture), (width, height), Image.Resampling.LANCZOS))
    return reshape_and_normalize_image(picture)


def _spread(a, shape):
    """The activation `a`, (1, h, w, channels), with the height and width `shape`: positions repeated or left out."""
    for axis, wanted in enumerate(shape, start=1):
        found = a.shape[axis]
        if found != wanted:
            a = tf.gather(a, ((np.arange(wanted) + 0.5) * found / wanted).astype(int), axis=axis)
    return a


def _mask_in(mask, shape):
    """The mask, (h, w) 0 to 1, in another height and width: (1, height, width, 1) float32."""
    return tf.image.resize(mask[None, :, :, None], shape, antialias=True)


def _total_variation(picture):
    down = picture[:, 1:] - picture[:, :-1]
    right = picture[:, :, 1:] - picture[:, :, :-1]
    return tf.reduce_mean(down**2) + tf.reduce_mean(right**2)


def _shares(styles):
    """What each style's cost is multiplied with: its weight, over all the weights where there is a style at all."""
    parts = [1.0 if style.mask is None else style.mask for style in styles]
    if any(style.mask is not None for style in styles):
        size = np.max([style.mask.shape for style in styles if style.mask is not None], axis=0)
        parts = [
            np.ones(size) if style.mask is None else _mask_in(style.mask, size).numpy()[0, :, :, 0] for style in styles
        ]
    covered = np.mean(np.max([np.square(part) for part in parts], axis=0))
    weights = sum(style.weight * np.mean(np.square(part)) for style, part in zip(styles, parts, strict=True)) / covered
    return [float(style.weight / weights / np.mean(np.square(part))) for style, part in zip(styles, parts, strict=True)]


def _checked_styles(styles):
    if isinstance(styles, Style) or not isinstance(styles, (list, tuple)) or not styles:
        raise ValueError(f"styles should be a list such as [Style(picture)], and it is {in_short(styles)}.")
    checked = []
    for number, style in enumerate(styles, start=1):
        if not isinstance(style, Style):
            raise ValueError(f"styles should be a list such as [Style(picture)], and number {number} is no Style.")
        _check_number(f"The weight of style {number}", style.weight, zero=True)
        _check_number(f"The scale of style {number}", style.scale)
        checked.append(style._replace(picture=as_pixels(style.picture), mask=_checked_mask(style.mask, number)))
    if not any(style.weight for style in checked):
        raise ValueError("One of the styles should have a weight above 0, and all of them have 0.")
    return checked


def _checked_mask(mask, number):
    if mask is None:
        return None
    mask = np.asarray(mask)
    if mask.ndim == 3 and mask.shape[-1] == 3:
        mask = mask.mean(axis=-1) / (255 if mask.dtype == np.uint8 else 1)
    elif mask.dtype == np.uint8:
        mask = mask / 255
    if mask.ndim != 2 or 0 in mask.shape or mask.dtype.kind not in "fbiu" or not (0 <= mask.min() <= mask.max() <= 1):
        raise PictureError(
            f"The mask of style {number} should be an array (height, width) of numbers from 0 to 1, or of uint8 from 0 "
            f"to 255, and it is {in_short(mask)}."
        )
    if mask.max() == 0:
        raise PictureError(
            f"The mask of style {number} is black everywhere, so the style would go nowhere; leave the style out, or "
            "make white where it should go."
        )
    return mask.astype(np.float32)


def _check_number(name, value, zero=False):
    if not is_number(value) or not np.isfinite(value) or value < 0 or (value == 0 and not zero):
        raise ValueError(
            f"{name} should be a number {'from 0 up' if zero else 'above 0'}, and it is {in_short(value)}."
        )
