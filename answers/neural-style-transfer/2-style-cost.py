# %% [markdown]
# # 2. What a picture is made of: the style cost
#
# Cut a painting into small pieces and shuffle them. The scene is gone, but you can still say who might have painted it. Style
# is what survives the shuffle: *which* colours and strokes occur, and which occur *together*. It does not matter where.
#
# In this notebook you turn that sentence into a cost, in two steps: a matrix that describes the style of one picture
# (`gram_matrix`), and a cost that compares two of them (`compute_layer_style_cost`).

# %%
import numpy as np

from nst.painting import paint
from nst.checks.neural_style_transfer import check
from nst.lessons import figures
from nst.lessons.predictions import predict, reveal
from nst.paths import IMAGES
from nst.quiet import tf
from nst_utils import generate_noise_image, load_image, load_vgg_model, reshape_and_normalize_image, to_rgb

# %config InlineBackend.figure_format = "retina"
model = load_vgg_model()

# %%
names = ["impressionist", "starry", "tiles", "fluid", "woodcut"]
styles = {name: load_image(IMAGES / f"{name}.jpg", size=(300, 400)) for name in names}
figures.show(
    styles,
    "Five styles: a meadow in dabs of colour, a whirling night sky, painted tiles, ribbons of poured paint, a woodcut.",
    width=2.6,
)

# %% [markdown]
# ## 2.1 Forget where, remember what
#
# A layer's activation is a block of numbers $(n_H, n_W, n_C)$: at each position, one number per channel. To forget the
# positions, you first lay them all in a row. Every channel becomes one long list of $n_H \cdot n_W$ numbers. This is the
# **unrolled** activation, of shape $(n_C, n_H \cdot n_W)$.
#
# It sounds like a job for `reshape`. It is not, and this is the most common mistake in the whole assignment. So look at it first.
# Here is a tiny activation, 2 × 3 positions with 3 channels, in which every number spells out its own coordinates: the number
# *hwc* sits in row *h*, column *w*, channel *c*. Each colour is one channel.

# %%
a = np.array([[[100 * h + 10 * w + c for c in range(3)] for w in range(3)] for h in range(2)])
print("shape", a.shape)
figures.numbered_cells({f"channel {c}": a[:, :, c] for c in range(3)})

# %% [markdown]
# Unrolled, each row should hold one channel, so each row should have one colour. On the left, the positions were put in a row and the result was
# transposed: `a.reshape(6, 3).T`. On the right, the shape was asked for straight away: `a.reshape(3, 6)`.

# %% tags=["explore"]
predict("read in memory order", "?")

# %%
figures.numbered_cells(
    {
        "transposed: one channel per row": a.reshape(6, 3).T,
        "reshaped straight: channels mixed": a.reshape(3, 6),
    }
)

# %% tags=["explore"]
reveal("read in memory order")

# %% [markdown]
# `reshape` never moves a number. It reads them in memory order, and in memory the channels of one position lie side by side. So a
# straight reshape cuts that sequence in the wrong places. The shape is right, no error is raised, and every result after it is wrong.
#
# **To swap axes you transpose. To merge neighbouring axes you reshape.**

# %% [markdown]
# ## 2.2 Exercise: `gram_matrix`
#
# **Why.** You want to know which channels answer together. If one channel likes blue and another likes short curved strokes, then a
# painting with short blue curves makes both large at the same positions.
#
# **The formula.** For an unrolled activation $A$, the Gram matrix is
#
# $$G = A A^T, \qquad G_{ij} = \sum_k A_{ik} A_{jk}$$
#
# $G_{ij}$ is large when channels $i$ and $j$ are active at the same positions $k$. On the diagonal, $G_{ii}$ says how active channel $i$ is altogether. This is the
# paper's equation 3. It is **not** divided by anything: other sources divide by $n_H n_W$ or by $n_H n_W n_C$.
# Here the division comes later, in the cost.
#
# **The shapes.** $A$ is $(n_C, n_H \cdot n_W)$. $G$ is $(n_C, n_C)$: the number of positions has disappeared, which was the point.
#
# **If you know a Gram matrix from elsewhere.** Many tutorials hand it a whole activation of three or four axes, which it unrolls itself, or a matrix with one
# row per position. Here $A$ comes unrolled, with one row per channel.
#
# **Your task** (10 points, about 5 minutes): write `gram_matrix`.

# %% nbgrader={"grade": false, "grade_id": "gram_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gram_matrix(A):
    """Compute the Gram matrix of an unrolled activation.

    Arguments:
    A -- tensor of shape (n_C, n_H * n_W), one row per channel

    Returns:
    GA -- Gram matrix of A, tensor of shape (n_C, n_C)

    Hint: tf.matmul can transpose for you.
    """
    ### BEGIN SOLUTION
    return tf.matmul(A, A, transpose_b=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_gram_matrix", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(gram_matrix)

# %% nbgrader={"grade": true, "grade_id": "hidden_gram_matrix", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: the same formula, other shapes.
### BEGIN HIDDEN TESTS
from nst.checks.neural_style_transfer import compare

random = np.random.default_rng(21)
for n_C, positions in [(4, 15), (7, 3), (1, 8)]:
    A = random.normal(size=(n_C, positions)).astype("float32")
    compare(gram_matrix, tf.constant(A), expected=np.array([[row @ other for other in A] for row in A]))
### END HIDDEN TESTS

# %% [markdown]
# Here is *your* Gram matrix of the five styles, at `conv2_1`, one row and one column per channel. Each is the signature of a manner, and no two are
# alike.

# %% tags=["explore"]
def signature(image, layer="conv2_1"):
    a = model.activations(reshape_and_normalize_image(image), [layer])[layer]
    return gram_matrix(tf.transpose(tf.reshape(a, [-1, a.shape[-1]])))


figures.heatmaps(
    {name: np.log1p(np.abs(signature(image))) for name, image in styles.items()},
    "Five Gram matrices, all symmetric with a bright diagonal, each with bright rows and columns of its own.",
)

# %% [markdown]
# Does it really not matter where? Take the activation of one picture, shuffle its positions, and compare.

# %% tags=["explore"]
predict("shuffled positions", "?")

# %% tags=["explore"]
a = model.activations(reshape_and_normalize_image(styles["starry"]), ["conv2_1"])["conv2_1"]
positions = np.reshape(a, (-1, a.shape[-1]))
shuffled = np.random.default_rng(4).permutation(positions)
before, after = gram_matrix(tf.constant(positions.T)), gram_matrix(tf.constant(shuffled.T))
change = float(tf.reduce_max(tf.abs(after - before)) / tf.reduce_max(tf.abs(before)))
print(f"{len(positions):,} positions shuffled; the Gram matrix changes by {change:.0e} of its largest entry")

# %% tags=["explore"]
reveal("shuffled positions")

# %% [markdown]
# That is rounding, and nothing else.
#
# ## 2.3 Exercise: `compute_layer_style_cost`
#
# **Why.** Two pictures have a similar style, as one layer sees it, when their Gram matrices are similar.
#
# **The formula.** With the Gram matrices $G^{(S)}$ of the style picture and $G^{(G)}$ of the generated picture,
#
# $$J_{style}^{[l]}(S, G) = \frac{1}{4 \, n_C^2 \, (n_H n_W)^2} \sum_{i=1}^{n_C} \sum_{j=1}^{n_C} \left(G^{(S)}_{ij} - G^{(G)}_{ij}\right)^2$$
#
# This is the paper's equation 4, with its $N_l$ written $n_C$ and its $M_l$ written $n_H n_W$. Notice that both are squared: a Gram matrix sums over
# $n_H n_W$ positions, and the cost squares that sum.
#
# **The shapes.** Both activations come as $(1, n_H, n_W, n_C)$. Unroll each to $(n_C, n_H \cdot n_W)$; you saw above how. The result is a scalar.
# As in notebook 1, the arguments are activations, not the lists of them that the exercise's newer edition passes. And the channels come last: if PyTorch is your
# habit, mind that `a_G.shape` is not (batch, channels, height, width).
#
# **Your task** (15 points, about 15 minutes): write `compute_layer_style_cost`, using your `gram_matrix`.

# %% nbgrader={"grade": false, "grade_id": "compute_layer_style_cost", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compute_layer_style_cost(a_S, a_G):
    """Compute the style cost of a generated picture at one layer.

    Arguments:
    a_S -- activations for the style picture, shape (1, n_H, n_W, n_C); a tensor or a NumPy array
    a_G -- activations for the generated picture, a tensor of the same shape

    Returns:
    J_style_layer -- a scalar tensor

    Hints:
    - unroll both activations: one row per channel
    - take the dimensions from a_G
    """
    ### BEGIN SOLUTION
    _, n_H, n_W, n_C = a_G.shape
    A_S = tf.transpose(tf.reshape(a_S, [n_H * n_W, n_C]))
    A_G = tf.transpose(tf.reshape(a_G, [n_H * n_W, n_C]))
    difference = gram_matrix(A_S) - gram_matrix(A_G)
    return tf.reduce_sum(tf.square(difference)) / (4 * n_C**2 * (n_H * n_W) ** 2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_compute_layer_style_cost", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check(compute_layer_style_cost)

# %% nbgrader={"grade": true, "grade_id": "hidden_compute_layer_style_cost", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: pictures that are not square, and other numbers of channels.
### BEGIN HIDDEN TESTS
from nst.checks.neural_style_transfer import compare

random = np.random.default_rng(23)
for n_H, n_W, n_C in [(5, 3, 7), (3, 6, 5), (7, 5, 3)]:
    a_S, a_G = random.normal(1, 2, size=(2, 1, n_H, n_W, n_C)).astype("float32")
    unrolled = [[a[0, :, :, c].ravel() for c in range(n_C)] for a in (a_S, a_G)]
    G_S, G_G = (np.array([[i @ j for j in rows] for i in rows]) for rows in unrolled)
    expected = ((G_S - G_G) ** 2).sum() / (4.0 * n_C**2 * (n_H * n_W) ** 2)
    compare(compute_layer_style_cost, a_S, tf.constant(a_G), expected=expected)
### END HIDDEN TESTS

# %% [markdown]
# **What you should remember**
# - Style is which channels are active together, summed over all positions. That is the Gram matrix.
# - Transposing swaps axes; reshaping only merges or splits neighbouring ones. The wrong one raises no error.
# - The style cost squares the difference of two Gram matrices, and divides by $4 n_C^2 (n_H n_W)^2$.

# %% [markdown]
# ## 2.4 Several layers at once
#
# One layer sees one scale: `conv1_1` fine grain and colours, `conv4_1` broad strokes and larger forms. A style has all of them. So you add the layers up, each with a
# weight $\lambda^{[l]}$:
#
# $$J_{style}(S, G) = \sum_l \lambda^{[l]} J_{style}^{[l]}(S, G)$$
#
# The weights below are the paper's: five layers, one fifth each. This function is given. Read it: it only calls yours.

# %%
STYLE_LAYERS = [
    ("conv1_1", 0.2),
    ("conv2_1", 0.2),
    ("conv3_1", 0.2),
    ("conv4_1", 0.2),
    ("conv5_1", 0.2),
]


def compute_style_cost(style_activations, generated_activations, style_layers=STYLE_LAYERS):
    """Add up the style costs of several layers.

    Arguments:
    style_activations -- dict from layer name to the style picture's activations
    generated_activations -- dict from layer name to the generated picture's activations
    style_layers -- list of (layer name, weight)

    Returns:
    J_style -- a scalar tensor
    """
    J_style = 0.0
    for name, weight in style_layers:
        J_style += weight * compute_layer_style_cost(style_activations[name], generated_activations[name])
    return J_style


figures.network(model, content=["conv4_2"], style=[name for name, _ in STYLE_LAYERS])

# %% [markdown]
# Blue is the content layer of notebook 1, `conv4_2`; orange are the five style layers, the first of each block.
#
# ## 2.5 See it work
#
# Nothing below this line is graded.
#
# First a sanity check that costs a second: is each style nearest to itself? Cut every style picture in two halves and compare every left half with every
# right half. If your cost measures style and not scene, the smallest number of each row is on the diagonal.

# %% tags=["explore"]
predict("two halves", "?")

# %% tags=["explore"]
layers = [name for name, _ in STYLE_LAYERS]


def half_activations(image, side):
    half = image[:, :200] if side == "left" else image[:, 200:]
    return model.activations(reshape_and_normalize_image(half), layers)


left = [half_activations(image, "left") for image in styles.values()]
right = [half_activations(image, "right") for image in styles.values()]
costs = [[float(compute_style_cost(theirs, ours)) for theirs in right] for ours in left]
figures.table_of_numbers(costs, names, "Style cost between left halves (rows) and right halves (columns)")

# %% tags=["explore"]
reveal("two halves")

# %% [markdown]
# Now paint with nothing but the style cost, from noise. It takes about twenty seconds.

# %% tags=["explore"]
predict("nothing but style", "?")

# %% tags=["explore"]
with figures.Gallery(
    3,
    "Three textures from noise: dabs like the meadow's, curved strokes like the night sky's, rings and dots like tiles.",
    width=3.6,
) as gallery:
    for name in ["impressionist", "starry", "tiles"]:
        style = reshape_and_normalize_image(load_image(IMAGES / f"{name}.jpg", size=(150, 200)))
        a_S = model.activations(style, layers)

        def only_style(picture, a_S=a_S):
            return {"total": compute_style_cost(a_S, model.activations(picture, layers))}

        start = generate_noise_image(style, noise_ratio=1.0, rng=np.random.default_rng(2))
        gallery[name] = to_rgb(paint(only_style, start, iterations=150, learning_rate=5.0))

# %% tags=["explore"]
reveal("nothing but style")

# %% [markdown]
# There was no scene to keep, so what came out is pure texture: the style, shuffled.
#
# **Things to try**
# - Use only `conv1_1`, then only `conv4_1`. Which one carries the colours? Which one the strokes?
# - Replace your unrolling by the straight reshape of 2.1 and paint again. Now you know what that mistake looks like.
# - Does the texture change if you flip the style picture from left to right? Think first, then try.
#
# Save this notebook, then go on to [3-painting](3-painting.ipynb).
