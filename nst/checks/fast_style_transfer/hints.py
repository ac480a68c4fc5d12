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
UNBATCHED = (
    "You expect three axes, and there are four: (1, H, W, C). The first counts pictures. Name it too, as in "
    "_, H, W, C = {}.shape."
)
FACTOR = (
    "Your loss is off by one and the same factor, whatever goes in. Look for a 2, a ½ or a constant that the formula "
    "does not have."
)

# Hints of batches

ONE_AT_A_TIME = (
    "You wrote for one picture, as the classic exercise asks; with two your function stops, since a shape or an "
    "unpacking in it has room for one only. Let axis 0 be as long as it is: write N or -1 where you wrote 1 or nothing."
)
FIRST_ONLY = (
    "You wrote for one picture, as the classic exercise asks; with two your loss is that of the first, as [0] takes "
    "it. Sum over all of axis 0: the losses of several pictures are added up."
)
AVERAGED = "With two pictures you divide by their number. The losses of several pictures are added up."
ONE_EACH = (
    "With two pictures you return two numbers. The losses of several pictures are added up too, so that one number "
    "comes back, of shape ()."
)

# Where to look

LOOK_RETURN = "Look at the line that makes the number you return."
LOOK_WEIGHT = "Look at every place where the weight stands."
LOOK_SUM = "Look at how many numbers become one."
LOOK_SQUARE = "Look at what happens to each difference before the sum."
LOOK_SHAPE = "Look at the line that takes the sizes out of a shape."
LOOK_FIRST_AXIS = "Look at each place that says something about axis 0, or leaves it out."
LOOK_TARGETS = "Look at where your targets come from."
LOOK_TOTAL = 'Look at what is added up for "total".'
LOOK_START = "Look at the lines that make the start."
LOOK_LAYERS = "Look at the names of layers in your calls of model.activations."

# Titles and advice of properties

GRADIENT = "a scalar tensor comes back, and its true gradient reaches {}"
COMPILES = "leave out float(), an if that looks at a number, and a for that runs over a tensor."
