"""The colours of a painting: the content picture's, kept, or given to the style picture beforehand."""

import numpy as np
from PIL import Image

from nst.pictures import as_pixels

#: From red, green and blue to brightness and two differences of colour (YIQ, as NTSC television had them).
_YIQ = np.array([[0.299, 0.587, 0.114], [0.595716, -0.274453, -0.321263], [0.211456, -0.522591, 0.311135]])


def keep_colours(painted, content):
    """The painting with the colours of the content picture: the brightness of one, all else from the other.

    painted: (H, W, 3) uint8; content: (h, w, 3) uint8, which is resized to the painting.
    Returns (H, W, 3) uint8. After Gatys et al., "Preserving Color in Neural Artistic Style Transfer" (2016,
    arXiv:1606.05897), luminance-only transfer.
    """
    painted, content = as_pixels(painted), as_pixels(content)
    height, width = painted.shape[:2]
    content = np.asarray(Image.fromarray(content).resize((width, height), Image.Resampling.LANCZOS))
    mixed = content @ _YIQ.T
    mixed[..., 0] = painted @ _YIQ[0]
    return np.clip(np.rint(mixed @ np.linalg.inv(_YIQ).T), 0, 255).astype(np.uint8)


def match_colours(style, content):
    """The style picture with the content's mean colour and covariance of colours; paint with this in its place.

    style: (H, W, 3) uint8; content: (h, w, 3) uint8. Returns (H, W, 3) uint8.
    Every colour x becomes A x + b, with A = sqrt(covariance of content) sqrt(covariance of style)⁻¹: the linear method
    of Gatys et al. (2016, arXiv:1606.05897). Contrasts that the style hardly has, as a grey woodcut has none of colour,
    (below a standard deviation of 5 grey levels), are not blown up into noise.
    """
    style, content = as_pixels(style), as_pixels(content)
    colours, wanted = style.reshape(-1, 3).astype(float), content.reshape(-1, 3).astype(float)
    A = _power(np.cov(wanted.T), 0.5) @ _power(np.cov(colours.T), -0.5, least=5.0**2)
    matched = (colours - colours.mean(axis=0)) @ A.T + wanted.mean(axis=0)
    return np.clip(np.rint(matched), 0, 255).astype(np.uint8).reshape(style.shape)


def _power(symmetric, exponent, least=0.0):
    """A power of a symmetric matrix whose eigenvalues are taken as `least` at least."""
    values, vectors = np.linalg.eigh(symmetric)
    return (vectors * np.maximum(values, least) ** exponent) @ vectors.T
