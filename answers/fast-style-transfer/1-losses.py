# %% [markdown]
# # 1. Four losses

# %%
import numpy as np

from nst.checks.fast_style_transfer import check
from nst.quiet import tf

# %% nbgrader={"grade": false, "grade_id": "content_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def content_loss(content_weight, content_current, content_original):
    """Compute the content loss of a generated picture.

    Arguments:
    content_weight -- a number, w_c in the formula
    content_current -- activation of the generated picture, shape (1, H, W, C)
    content_original -- activation of the content picture, same layer, same shape

    Returns:
    loss -- a scalar tensor

    Hint: tf.square and tf.reduce_sum; only TensorFlow's functions can be differentiated later.
    """
    ### BEGIN SOLUTION
    return content_weight * tf.reduce_sum(tf.square(content_current - content_original))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_content_loss", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(content_loss)

# %% nbgrader={"grade": true, "grade_id": "hidden_content_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# More tests run here when your work is graded: the same formula, other numbers.
### BEGIN HIDDEN TESTS
from nst.checks.fast_style_transfer import compare

random = np.random.default_rng(31)
for weight, shape in [(0.05, (1, 5, 3, 7)), (2.5, (1, 2, 9, 4)), (1.0, (1, 6, 6, 1))]:
    current, original = random.normal(size=(2, *shape)).astype("float32")
    expected = weight * ((current.astype(float) - original) ** 2).sum()
    compare(content_loss, weight, current, original, expected=expected)
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "gram_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gram_matrix(features, normalize=True):
    """Compute the Gram matrix of every picture in a batch.

    Arguments:
    features -- activation of one layer, tensor of shape (N, H, W, C)
    normalize -- divide by H * W * C (True), or leave the sums as they are (False)

    Returns:
    gram -- tensor of shape (N, C, C), one Gram matrix per picture

    Hints:
    - merge the two axes of positions, and no others: (N, H * W, C)
    - tf.matmul multiplies every picture of a batch on its own, and can transpose for you
    """
    ### BEGIN SOLUTION
    N, H, W, C = features.shape
    unrolled = tf.reshape(features, [N, H * W, C])
    gram = tf.matmul(unrolled, unrolled, transpose_a=True)
    return gram / (H * W * C) if normalize else gram
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "style_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def style_loss(feats, style_layers, style_targets, style_weights):
    """Compute the style loss of a generated picture over several layers.

    Arguments:
    feats -- dict from layer name to the generated picture's activation, shape (1, H, W, C); it may hold other layers too
    style_layers -- list of layer names
    style_targets -- list of the style picture's Gram matrices, (1, C, C) each, in the order of style_layers
    style_weights -- list of numbers, w_l in the formula, in the same order

    Returns:
    loss -- a scalar tensor

    Hints:
    - zip walks along several lists at once
    - call your gram_matrix
    """
    ### BEGIN SOLUTION
    loss = 0.0
    for name, target, weight in zip(style_layers, style_targets, style_weights):
        loss += weight * tf.reduce_sum(tf.square(gram_matrix(feats[name]) - target))
    return loss
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "tv_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tv_loss(img, tv_weight):
    """Compute the total variation loss of a picture.

    Arguments:
    img -- a picture, tensor of shape (1, H, W, 3); of several pictures the losses are added up
    tv_weight -- a number, w_t in the formula

    Returns:
    loss -- a scalar tensor

    Hint: a slice without the first column, minus a slice without the last one, is all horizontal differences at once.
    """
    ### BEGIN SOLUTION
    across = img[:, :, 1:] - img[:, :, :-1]
    down = img[:, 1:] - img[:, :-1]
    return tv_weight * (tf.reduce_sum(tf.square(across)) + tf.reduce_sum(tf.square(down)))
    ### END SOLUTION
