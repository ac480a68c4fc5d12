"""The costs that `nst paint` paints with: those of Gatys, Ecker and Bethge (CVPR 2016).

Normalised as in the classic exercise, which students write in neural-style-transfer: so they stand here, where no
notebook imports from, and not in the room of painting, which a submission's sandbox may hold.
`nst.painting.cost_maker` takes any others, too. Activations are (1, height, width, channels) float32, costs scalars.
"""

from nst.quiet import tf


def content_cost(a_C, a_G):
    """How far the activation a_G of the painting is from a_C of the content picture: their mean squared difference / 4.

    Equation 1 takes half the sum. Divided by twice the number of values, it does not grow with the picture.
    """
    return tf.reduce_mean(tf.math.squared_difference(a_C, a_G)) / 4


def gram_matrix(a):
    """Which channels respond together: (channels, channels), sums over all positions. Equation 3."""
    by_position = tf.reshape(a, [-1, a.shape[3]])
    return tf.matmul(by_position, by_position, transpose_a=True)


def layer_style_cost(a_S, a_G):
    """How far the Gram matrices of two activations of one layer are apart; a_S and a_G have the same shape.

    Equation 4: the sum of squared differences over 4 N² M², with N channels and M positions.
    """
    positions, channels = a_G.shape[1] * a_G.shape[2], a_G.shape[3]
    return tf.reduce_sum((gram_matrix(a_G) - gram_matrix(a_S)) ** 2) / (2.0 * channels * positions) ** 2
