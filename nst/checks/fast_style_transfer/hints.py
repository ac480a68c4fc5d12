"""Hints that several exercises of fast-style-transfer give, and what is said of their properties."""

ROOT = "You take a square root at the end, as for a distance. The formula is the plain sum of squares."
MEAN = (
    "You take a mean. This assignment's formula is a plain sum, so that its weights mean the same as in the original."
)
HALF = "Your loss is half the reference: the paper writes ½ in front of the sum, this assignment does not."
WEIGHT_UNUSED = "Your loss does not listen to its weight. Multiply by it."
WEIGHT_SQUARED = "The weight counts twice, as if it had been squared with the differences. Multiply the sum by it once."
INTEGER_TENSOR = (
    "tf.constant makes an integer tensor of a weight such as 3, which cannot be multiplied with floats. Write "
    "weight * … with the plain number."
)
NOT_SCALAR = (
    "The loss is one number, of shape (). Sum over all axes, and begin adding with 0.0 rather than with a list."
)
OTHER_ASSIGNMENT = (
    "This is the formula of the assignment neural-style-transfer, which divides by the sizes of the layer. The formula "
    "here has other normalisations: look at it again."
)
FROM_PAINTED = (
    "The {} cost is 0 whatever is painted: its target is taken from the picture being painted. Targets are computed "
    "once, before painting, from the pictures that do not change."
)
GRADIENT_CUT = (
    "A cost is in the total, and its gradient is not, so painting does not see it. float(), .numpy(), tf.constant and "
    "tf.stop_gradient cut the thread: add the costs as your losses give them."
)
WEIGHTS_SWAPPED = (
    "A weight sits on the wrong cost: content_weight goes with the content, tv_weight with the total variation."
)
LAYER_FIXED = "You name the layers yourself. Take them from the arguments, so that others can be tried."
NOT_A_LIST = (
    "model.activations takes a list of layers, and reads a single name letter by letter. Write [{0}] rather than {0}."
)

# Titles and advice of properties

GRADIENT = "a scalar tensor comes back, and its true gradient reaches {}"
COMPILES = "leave out float(), an if that looks at a number, and a for that runs over a tensor."
