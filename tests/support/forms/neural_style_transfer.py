"""What students hand in for neural-style-transfer: forms that are right and must be accepted, and forms that are not.

ACCEPTED: function name -> list of (label, function). REJECTED: the same, with a piece of the message that must come.
Every form stands for a family seen in public code, written from scratch.
"""

import numpy as np

from nst.quiet import tf

# compute_content_cost


def content_reshaped_3d(a_C, a_G):
    m, n_H, n_W, n_C = a_G.get_shape().as_list()
    a_C_unrolled = tf.reshape(a_C, [m, n_H * n_W, n_C])
    a_G_unrolled = tf.reshape(a_G, [m, n_H * n_W, n_C])
    return tf.reduce_sum(tf.square(tf.subtract(a_C_unrolled, a_G_unrolled))) / (4 * n_H * n_W * n_C)


def content_reshaped_with_minus_one(a_C, a_G):
    m, n_H, n_W, n_C = a_G.shape
    a_C, a_G = tf.reshape(a_C, [m, -1, n_C]), tf.reshape(a_G, [m, -1, n_C])
    return 1 / (4 * n_H * n_W * n_C) * tf.reduce_sum((a_C - a_G) ** 2)


def content_reshaped_2d(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    a_C, a_G = tf.reshape(a_C, [n_H * n_W, n_C]), tf.reshape(a_G, [n_H * n_W, n_C])
    return tf.reduce_sum(tf.pow(a_C - a_G, 2)) / (4.0 * n_H * n_W * n_C)


def content_flat(a_C, a_G):
    size = 4 * tf.size(a_G)
    return tf.reduce_sum(tf.math.squared_difference(tf.reshape(a_C, [-1]), tf.reshape(a_G, [-1]))) / tf.cast(
        size, tf.float32
    )


def content_not_reshaped(a_C, a_G):
    _, n_H, n_W, n_C = a_G.get_shape().as_list()
    return (1.0 / (4 * n_H * n_W * n_C)) * tf.reduce_sum(tf.square(a_C - a_G))


def content_transposed(a_C, a_G):
    m, n_H, n_W, n_C = a_G.get_shape().as_list()
    a_C = tf.transpose(tf.reshape(a_C, [n_H * n_W, n_C]))
    a_G = tf.transpose(tf.reshape(a_G, [n_H * n_W, n_C]))
    return tf.multiply(tf.reduce_sum(tf.square(tf.subtract(a_C, a_G))), 1 / (4 * m * n_H * n_W * n_C))


def content_transposed_perm(a_C, a_G):
    _, n_H, n_W, n_C = a_G.get_shape().as_list()
    a_C = tf.reshape(tf.transpose(a_C, perm=[0, 3, 1, 2]), [1, n_C, n_H * n_W])
    a_G = tf.reshape(tf.transpose(a_G, perm=[0, 3, 1, 2]), [1, n_C, n_H * n_W])
    return tf.reduce_sum(tf.square(a_C - a_G)) / 4 / n_H / n_W / n_C


def content_transposed_3d(a_C, a_G):
    m, n_H, n_W, n_C = a_G.shape
    a_C = tf.transpose(tf.reshape(a_C, [m, n_H * n_W, n_C]), perm=[0, 2, 1])
    a_G = tf.transpose(tf.reshape(a_G, [m, n_H * n_W, n_C]), perm=[0, 2, 1])
    return tf.divide(tf.reduce_sum(tf.square(a_C - a_G)), 4 * n_H * n_W * n_C)


def content_fully_transposed(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    return tf.reduce_sum(tf.square(tf.transpose(a_C) - tf.transpose(a_G))) / (4 * n_C * n_W * n_H)


def content_scrambled(a_C, a_G):
    # A habit that is fatal in the style cost; here both are scrambled alike, and the value is right.
    _, n_H, n_W, n_C = a_G.get_shape().as_list()
    a_C, a_G = tf.reshape(a_C, [n_C, n_H * n_W]), tf.reshape(a_G, [n_C, n_H * n_W])
    return tf.reduce_sum(tf.square(a_C - a_G)) / (4 * n_H * n_W * n_C)


def content_unrolled_and_unused(a_C, a_G):
    m, n_H, n_W, n_C = a_G.get_shape().as_list()
    a_C_unrolled = tf.reshape(a_C, [m, n_H * n_W, n_C])
    a_G_unrolled = tf.reshape(a_C, [m, n_H * n_W, n_C])  # wrong, and never used
    del a_C_unrolled, a_G_unrolled
    return tf.reduce_sum(tf.square(a_C - a_G)) / (4 * n_H * n_W * n_C)


def content_l2_loss(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    return 2 * tf.nn.l2_loss(a_C - a_G) / (4 * n_H * n_W * n_C)


def content_mean(a_C, a_G):
    return tf.reduce_mean(tf.square(a_C - a_G)) / 4


def content_quarter_mean(a_C, a_G):
    return 0.25 * tf.reduce_mean(tf.math.squared_difference(a_C, a_G))


def content_divided_inside(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    return tf.reduce_sum(tf.square(a_C - a_G) / (4 * n_H * n_W * n_C))


def content_divided_before(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    root = 2 * np.sqrt(float(n_H * n_W * n_C))
    return tf.reduce_sum(tf.square(a_C / root - a_G / root))


def content_divided_by_m(a_C, a_G):
    m, n_H, n_W, n_C = a_G.shape
    return tf.reduce_sum(tf.square(a_C - a_G)) / (4 * m * n_H * n_W * n_C)


def content_dynamic_shape(a_C, a_G):
    size = tf.cast(tf.reduce_prod(tf.shape(a_G)[1:]), tf.float32)
    return tf.reduce_sum(tf.square(a_C - a_G)) / (4.0 * size)


def content_dimensions_from_a_c_shape(a_C, a_G):
    # .shape works for NumPy arrays too, and both activations are of one size.
    _, n_H, n_W, n_C = a_C.shape
    return tf.reduce_sum(tf.square(a_C - a_G)) / (4 * n_H * n_W * n_C)


def content_first_of_batch(a_C, a_G):
    difference = a_C[0] - a_G[0]
    return tf.tensordot(difference, difference, axes=3) / (4 * tf.size(difference, out_type=tf.int32).numpy())


@tf.function
def content_compiled(a_C, a_G):
    return tf.reduce_mean(tf.square(a_C - a_G)) / 4


def content_in_float64(a_C, a_G):
    a_C, a_G = tf.cast(a_C, tf.float64), tf.cast(a_G, tf.float64)
    return tf.reduce_mean(tf.square(a_C - a_G)) / 4


def content_converted(a_C, a_G):
    a_C = tf.convert_to_tensor(a_C)
    _, n_H, n_W, n_C = a_C.get_shape().as_list()
    return tf.reduce_sum(tf.square(a_C - a_G)) / (4 * n_H * n_W * n_C)


def content_with_its_own_gradient(a_C, a_G):
    @tf.custom_gradient
    def cost(x):
        difference = x - a_C
        return tf.reduce_mean(difference**2) / 4, lambda upstream: upstream * difference / (2 * x.shape.num_elements())

    return cost(a_G)


def content_norm(a_C, a_G):
    return tf.norm(a_C - a_G) ** 2 / (4 * tf.size(a_G, out_type=tf.float32))


# gram_matrix


def gram_matmul(A):
    return tf.matmul(A, tf.transpose(A))


def gram_transpose_b(A):
    return tf.matmul(A, A, transpose_b=True)


def gram_at(A):
    return A @ tf.transpose(A, perm=[1, 0])


def gram_tensordot(A):
    return tf.tensordot(A, A, axes=[[1], [1]])


def gram_tensordot_transposed(A):
    return tf.tensordot(A, tf.transpose(A), axes=1)


def gram_einsum(A):
    return tf.einsum("ik,jk->ij", A, A)


def gram_broadcast(A):
    return tf.reduce_sum(A[:, None, :] * A[None, :, :], axis=-1)


def gram_loops(A):
    n_C = A.shape[0]
    return tf.stack([tf.stack([tf.reduce_sum(A[i] * A[j]) for j in range(n_C)]) for i in range(n_C)])


def gram_loop_over_positions(A):
    GA = tf.zeros((A.shape[0], A.shape[0]))
    for k in range(A.shape[1]):
        GA += tf.tensordot(A[:, k], A[:, k], axes=0)
    return GA


def gram_linalg(A):
    return tf.linalg.matmul(A, A, adjoint_b=True)


# compute_layer_style_cost


def style_classic(a_S, a_G):
    _, n_H, n_W, n_C = a_G.get_shape().as_list()
    a_S = tf.transpose(tf.reshape(a_S, [n_H * n_W, n_C]))
    a_G = tf.transpose(tf.reshape(a_G, [n_H * n_W, n_C]))
    GS, GG = gram_matmul(a_S), gram_matmul(a_G)
    return tf.reduce_sum(tf.square(tf.subtract(GS, GG))) / (4 * n_C**2 * (n_W * n_H) ** 2)


def style_transposed_in_the_call(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    a_S, a_G = tf.reshape(a_S, [n_H * n_W, n_C]), tf.reshape(a_G, [n_H * n_W, n_C])
    GS, GG = gram_transpose_b(tf.transpose(a_S)), gram_transpose_b(tf.transpose(a_G))
    return tf.reduce_sum((GS - GG) ** 2) / (4 * (n_H * n_W * n_C) ** 2)


def style_full_transpose(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    a_S = tf.reshape(tf.transpose(a_S), [n_C, n_H * n_W])
    a_G = tf.reshape(tf.transpose(a_G), [n_C, n_H * n_W])
    return tf.reduce_sum(tf.square(gram_at(a_S) - gram_at(a_G))) / (2 * n_H * n_W * n_C) ** 2


def style_perm_3012(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    a_S = tf.reshape(tf.transpose(a_S, perm=[3, 0, 1, 2]), [n_C, -1])
    a_G = tf.reshape(tf.transpose(a_G, perm=[3, 0, 1, 2]), [n_C, -1])
    return tf.reduce_sum(tf.square(gram_at(a_S) - gram_at(a_G))) * (0.5 / (n_H * n_W * n_C)) ** 2


def style_perm_0312(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    a_S = tf.reshape(tf.transpose(a_S, [0, 3, 1, 2]), (n_C, n_H * n_W))
    a_G = tf.reshape(tf.transpose(a_G, [0, 3, 1, 2]), (n_C, n_H * n_W))
    return tf.nn.l2_loss(gram_at(a_S) - gram_at(a_G)) / (2 * n_C**2 * (n_H * n_W) ** 2)


def style_perm_3210(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    a_S = tf.reshape(tf.transpose(a_S, perm=[3, 2, 1, 0]), [n_C, n_W * n_H])
    a_G = tf.reshape(tf.transpose(a_G, perm=[3, 2, 1, 0]), [n_C, n_W * n_H])
    factor = 1.0 / (4.0 * n_C * n_C * n_H * n_H * n_W * n_W)
    return factor * tf.reduce_sum(tf.pow(gram_at(a_S) - gram_at(a_G), 2))


def style_first_of_batch(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    a_S = tf.transpose(tf.reshape(a_S[0], [n_H * n_W, n_C]))
    a_G = tf.transpose(tf.reshape(a_G[0], [n_H * n_W, n_C]))
    return tf.reduce_sum(tf.math.squared_difference(gram_at(a_S), gram_at(a_G))) / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_batched_3d(a_S, a_G):
    m, n_H, n_W, n_C = a_G.shape
    a_S, a_G = tf.reshape(a_S, [m, n_H * n_W, n_C]), tf.reshape(a_G, [m, n_H * n_W, n_C])
    GS, GG = tf.matmul(a_S, a_S, transpose_a=True), tf.matmul(a_G, a_G, transpose_a=True)
    return tf.reduce_sum(tf.square(GS - GG)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_batched_3d_transposed(a_S, a_G):
    m, n_H, n_W, n_C = a_G.get_shape().as_list()
    a_S = tf.transpose(tf.reshape(a_S, [m, -1, n_C]), perm=[0, 2, 1])
    a_G = tf.transpose(tf.reshape(a_G, [m, -1, n_C]), perm=[0, 2, 1])
    GS, GG = gram_transpose_b(a_S), gram_transpose_b(a_G)
    return tf.reduce_sum(tf.square(GS - GG)) / float(4 * n_C**2 * (n_H * n_W) ** 2)


def style_dynamic_shape(a_S, a_G):
    shape = tf.shape(a_G)
    n_C = shape[3]
    a_S, a_G = tf.reshape(a_S, [-1, n_C]), tf.reshape(a_G, [-1, n_C])
    size = tf.cast(tf.size(a_G), tf.float32)
    GS, GG = tf.matmul(a_S, a_S, transpose_a=True), tf.matmul(a_G, a_G, transpose_a=True)
    return tf.reduce_sum(tf.square(GS - GG)) / (4.0 * size**2)


def style_einsum(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    GS, GG = tf.einsum("bhwi,bhwj->ij", a_S, a_S), tf.einsum("bhwi,bhwj->ij", a_G, a_G)
    return tf.reduce_sum(tf.square(GS - GG)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_mean_that_is_right(a_S, a_G):
    _, n_H, n_W, _ = a_G.shape
    GS, GG = tf.einsum("bhwi,bhwj->ij", a_S, a_S), tf.einsum("bhwi,bhwj->ij", a_G, a_G)
    return tf.reduce_mean(tf.square(GS - GG)) / (4 * (n_H * n_W) ** 2)


def style_normalised_gram_that_is_right(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    size = 2 * n_H * n_W * n_C
    GS, GG = tf.einsum("bhwi,bhwj->ij", a_S, a_S) / size, tf.einsum("bhwi,bhwj->ij", a_G, a_G) / size
    return tf.reduce_sum(tf.square(GS - GG))


def style_expanded_square(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    GS, GG = tf.einsum("bhwi,bhwj->ij", a_S, a_S), tf.einsum("bhwi,bhwj->ij", a_G, a_G)
    total = tf.reduce_sum(GS * GS) - 2 * tf.reduce_sum(GS * GG) + tf.reduce_sum(GG * GG)
    return total / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_dimensions_from_a_s_shape(a_S, a_G):
    _, n_H, n_W, n_C = a_S.shape
    a_S = tf.transpose(tf.reshape(a_S, [n_H * n_W, n_C]))
    a_G = tf.transpose(tf.reshape(a_G, [n_H * n_W, n_C]))
    return tf.reduce_sum(tf.square(gram_at(a_S) - gram_at(a_G))) / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_channel_loops(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    total = 0.0
    for i in range(n_C):
        for j in range(n_C):
            S = tf.reduce_sum(a_S[0, :, :, i] * a_S[0, :, :, j])
            G = tf.reduce_sum(a_G[0, :, :, i] * a_G[0, :, :, j])
            total += (S - G) ** 2
    return total / (4 * n_C**2 * (n_H * n_W) ** 2)


# total_cost


def total_plain(J_content, J_style, alpha=10, beta=40):
    return alpha * J_content + beta * J_style


def total_float_defaults(J_content, J_style, alpha=10.0, beta=40.0):
    J = J_style * beta
    J += J_content * alpha
    return J


def total_tf_add(J_content, J_style, alpha=10, beta=40):
    return tf.add(alpha * J_content, beta * J_style)


def total_tf_multiply(J_content, J_style, alpha=10, beta=40):
    return tf.add(tf.multiply(float(alpha), J_content), tf.multiply(float(beta), J_style))


def total_tf_multiply_integers(J_content, J_style, alpha=10, beta=40):
    return tf.add(tf.multiply(alpha, J_content), tf.multiply(beta, J_style))


def total_add_n(J_content, J_style, alpha=10, beta=40):
    weighted = [alpha * tf.convert_to_tensor(J_content), beta * tf.convert_to_tensor(J_style)]
    return tf.math.add_n(weighted)


def total_sum(J_content, J_style, alpha=10, beta=40):
    return sum(weight * J for weight, J in ((alpha, J_content), (beta, J_style)))


def total_reduce_sum(J_content, J_style, alpha=10, beta=40):
    return tf.reduce_sum([alpha * J_content, beta * J_style])


# train_step


def step_plain(picture, costs, optimizer):
    with tf.GradientTape() as tape:
        J_content, J_style = costs(picture)
        J = total_plain(J_content, J_style)
    gradient = tape.gradient(J, picture)
    optimizer.apply_gradients([(gradient, picture)])
    return J, J_content, J_style


def step_watched_and_zipped(picture, costs, optimizer):
    with tf.GradientTape() as tape:
        tape.watch(picture)
        content_and_style = costs(picture)
        J = total_plain(*content_and_style, alpha=10, beta=40)
    gradients = tape.gradient(J, [picture])
    optimizer.apply_gradients(zip(gradients, [picture], strict=True))
    return (J, *content_and_style)


def step_apply(picture, costs, optimizer):
    with tf.GradientTape() as tape:
        J_content, J_style = costs(picture)
        J = total_tf_add(J_content, J_style)
    optimizer.apply([tape.gradient(J, picture)], [picture])
    return [J, J_content, J_style]


def step_persistent(picture, costs, optimizer):
    with tf.GradientTape(persistent=True) as tape:
        J_content, J_style = costs(picture)
    gradient = 10 * tape.gradient(J_content, picture) + 40 * tape.gradient(J_style, picture)
    optimizer.apply_gradients([(gradient, picture)])
    return total_plain(J_content, J_style), J_content, J_style


@tf.function
def step_compiled(picture, costs, optimizer):
    return step_plain(picture, costs, optimizer)


# model_nn


def model_compiled_closure(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    picture = tf.Variable(start)
    optimizer = tf.keras.optimizers.Adam(learning_rate)

    @tf.function
    def step():
        return step_plain(picture, costs, optimizer)

    for i in range(num_iterations):
        J, J_content, J_style = step()
        if callback is not None:
            callback(i, {"total": J, "content": J_content, "style": J_style}, picture)
    return picture.numpy()


def model_compiled_function(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    picture = tf.Variable(tf.constant(start), trainable=True, dtype=tf.float32)
    optimizer = tf.keras.optimizers.Adam(learning_rate=learning_rate)
    step = tf.function(step_apply)
    i = 0
    while i < num_iterations:
        current = [float(cost) for cost in step(picture, costs, optimizer)]
        if callback:
            callback(i, dict(zip(("total", "content", "style"), current, strict=True)), picture)
        i += 1
    return np.array(picture)


def model_eager(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    optimizer = tf.keras.optimizers.Adam(learning_rate, beta_1=0.9, beta_2=0.999)
    picture = tf.Variable(start.copy())
    for i in tf.range(num_iterations):
        J, J_content, J_style = step_persistent(picture, costs, optimizer)
        if callback is not None:
            callback(i, {"content": J_content, "style": J_style, "total": J}, picture.numpy())
    return picture.read_value().numpy()


ACCEPTED = {
    "compute_content_cost": [
        ("reshape [m, H·W, C]", content_reshaped_3d),
        ("reshape [m, -1, C], factor in front, **2", content_reshaped_with_minus_one),
        ("reshape [H·W, C], pow", content_reshaped_2d),
        ("reshape [-1], squared_difference, tf.size", content_flat),
        ("no reshape", content_not_reshaped),
        ("transposed, tf.multiply by the factor with m", content_transposed),
        ("transposed by perm, divided in turn", content_transposed_perm),
        ("transposed in 3-D, tf.divide", content_transposed_3d),
        ("all axes transposed", content_fully_transposed),
        ("scrambled alike", content_scrambled),
        ("unrolled from the wrong tensor, unused", content_unrolled_and_unused),
        ("twice l2_loss", content_l2_loss),
        ("reduce_mean / 4", content_mean),
        ("a quarter of reduce_mean", content_quarter_mean),
        ("division inside the sum", content_divided_inside),
        ("division before the difference", content_divided_before),
        ("divided by m", content_divided_by_m),
        ("tf.shape", content_dynamic_shape),
        ("sizes from a_C.shape", content_dimensions_from_a_c_shape),
        ("a_C[0], tensordot", content_first_of_batch),
        ("compiled by tf.function", content_compiled),
        ("in float64", content_in_float64),
        ("a_C converted, then get_shape", content_converted),
        ("a true gradient of its own", content_with_its_own_gradient),
        ("norm squared", content_norm),
    ],
    "gram_matrix": [
        ("matmul with transpose", gram_matmul),
        ("transpose_b", gram_transpose_b),
        ("@", gram_at),
        ("tensordot over axis 1", gram_tensordot),
        ("tensordot with the transpose", gram_tensordot_transposed),
        ("einsum", gram_einsum),
        ("broadcast and sum", gram_broadcast),
        ("loops over channels", gram_loops),
        ("loop over positions", gram_loop_over_positions),
        ("adjoint_b", gram_linalg),
    ],
    "compute_layer_style_cost": [
        ("transpose of a [H·W, C] reshape, 4C²(HW)²", style_classic),
        ("transposed inside the Gram call, 4(HWC)²", style_transposed_in_the_call),
        ("full transpose, (2HWC)²", style_full_transpose),
        ("perm 3 0 1 2, (0.5/HWC)²", style_perm_3012),
        ("perm 0 3 1 2, l2_loss", style_perm_0312),
        ("perm 3 2 1 0, float factor", style_perm_3210),
        ("a_S[0]", style_first_of_batch),
        ("batched 3-D, transpose_a", style_batched_3d),
        ("batched 3-D, perm 0 2 1", style_batched_3d_transposed),
        ("tf.shape, float division", style_dynamic_shape),
        ("einsum", style_einsum),
        ("mean with n_C² left out", style_mean_that_is_right),
        ("normalised inside, and nowhere else", style_normalised_gram_that_is_right),
        ("expanded square", style_expanded_square),
        ("sizes from a_S.shape", style_dimensions_from_a_s_shape),
        ("loops over channels", style_channel_loops),
    ],
    "total_cost": [
        ("plain", total_plain),
        ("float defaults, +=", total_float_defaults),
        ("tf.add", total_tf_add),
        ("tf.multiply", total_tf_multiply),
        ("tf.multiply of whole numbers", total_tf_multiply_integers),
        ("add_n", total_add_n),
        ("sum over pairs", total_sum),
        ("reduce_sum", total_reduce_sum),
    ],
    "train_step": [
        ("plain", step_plain),
        ("watched, zip", step_watched_and_zipped),
        ("optimizer.apply, a list comes back", step_apply),
        ("persistent tape, gradients weighted", step_persistent),
        ("decorated with tf.function", step_compiled),
    ],
    "model_nn": [
        ("compiled closure", model_compiled_closure),
        ("compiled function, floats to the callback", model_compiled_function),
        ("eager, tf.range", model_eager),
    ],
}


# Wrong in ways that no value shows, or that are one slip away from a right form


def content_get_shape_of_a_c(a_C, a_G):
    _, n_H, n_W, n_C = a_C.get_shape().as_list()
    return tf.reduce_sum(tf.square(a_C - a_G)) / (4 * n_H * n_W * n_C)


def content_in_numpy(a_C, a_G):
    return np.mean(np.square(np.asarray(a_C) - np.asarray(a_G))) / 4


def content_as_float(a_C, a_G):
    return float(content_mean(a_C, a_G))


def content_as_new_constant(a_C, a_G):
    return tf.constant(content_mean(a_C, a_G).numpy())


def content_stopped(a_C, a_G):
    return content_mean(a_C, tf.stop_gradient(a_G))


def content_writes_into_a_c(a_C, a_G):
    if isinstance(a_C, np.ndarray):
        a_C -= a_G.numpy()
        return tf.reduce_mean(tf.square(a_C)) / 4 + 0 * tf.reduce_sum(a_G)
    return content_mean(a_C, a_G)


def content_keeps_dimensions(a_C, a_G):
    return tf.reduce_mean(tf.square(a_C - a_G), axis=[1, 2, 3]) / 4


def content_nan(a_C, a_G):
    return content_mean(a_C, a_G) / 0.0 * 0.0


def content_text(a_C, a_G):
    return "6.76559"


def content_no_return(a_C, a_G):
    content_mean(a_C, a_G)


def content_typo(a_C, a_G):
    return tf.reduce_mean(tf.sqaure(a_C - a_G)) / 4


def content_numpy_power(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    return tf.reduce_sum(np.power(a_C - a_G, 2)) / (4 * n_H * n_W * n_C)


def content_float_inside(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    return tf.constant(float(tf.reduce_sum(tf.square(a_C - a_G))) / (4 * n_H * n_W * n_C))


def content_shape_as_list_of_a_c(a_C, a_G):
    _, n_H, n_W, n_C = a_C.shape.as_list()
    return tf.reduce_sum(tf.square(a_C - a_G)) / (4 * n_H * n_W * n_C)


def content_divided_by_a_tuple(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    return tf.divide(tf.reduce_sum(tf.square(a_C - a_G)), (4 * n_H, n_W, n_C))


def content_divided_by_four_numbers(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    return tf.divide(tf.reduce_sum(tf.square(a_C - a_G)), (4, n_H, n_W, n_C))


def content_get_shape_not_called(a_C, a_G):
    _, n_H, n_W, n_C = a_G.get_shape.as_list()
    return tf.reduce_sum(tf.square(a_C - a_G)) / (4 * n_H * n_W * n_C)


def content_last_of_lists(a_C, a_G):
    a_C, a_G = a_C[-1], a_G[-1]
    _, n_H, n_W, n_C = a_G.get_shape().as_list()
    return tf.reduce_sum(tf.square(a_C - a_G)) / (4 * n_H * n_W * n_C)


def content_not_summed(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    return tf.square(a_C - a_G) / (4 * n_H * n_W * n_C)


def content_squared_after(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    return tf.square(tf.reduce_sum(a_C - a_G)) / (4 * n_H * n_W * n_C)


def content_absolute_mean(a_C, a_G):
    return tf.reduce_mean(tf.abs(a_C - a_G))


def content_without_4_and_channels(a_C, a_G):
    _, n_H, n_W, _ = a_G.shape
    return tf.reduce_sum(tf.square(a_C - a_G)) / (n_H * n_W)


def content_norm_without_square(a_C, a_G):
    _, n_H, n_W, n_C = a_G.shape
    return tf.norm(a_C - a_G) / (4 * n_H * n_W * n_C)


def gram_of_tf_tutorial(A):
    channels = int(A.shape[-1])
    a = tf.reshape(A, [-1, channels])
    return tf.matmul(a, a, transpose_a=True) / tf.cast(tf.shape(a)[0], tf.float32)


def gram_divided_by_rows(A):
    return tf.matmul(A, A, transpose_b=True) / A.shape[0]


def gram_of_four_sizes(A):
    N, C, H, W = A.shape
    features = tf.reshape(A, [N * C, H * W])
    return tf.matmul(features, features, transpose_b=True)


def gram_of_three_sizes(A):
    h, w, c = A.shape
    features = tf.reshape(A, [h * w, c])
    return tf.matmul(features, features, transpose_a=True) / (h * w)


def gram_with_an_assert(A):
    assert A.shape.ndims == 3
    return gram_of_keras_example(A)


def gram_t_of_a_tensor(A):
    return tf.matmul(A, A.T)


def gram_dot(A):
    return tf.dot(A, tf.transpose(A))


def gram_positions_divided(A):
    return tf.matmul(tf.transpose(A), A) / tf.cast(tf.size(A), tf.float32)


def style_last_of_lists(a_S, a_G):
    _, n_H, n_W, n_C = a_G[-1].get_shape().as_list()
    a_S, a_G = tf.reshape(a_S, [n_H * n_W, n_C]), tf.reshape(a_G, [n_H * n_W, n_C])
    difference = gram_at(tf.transpose(a_S)) - gram_at(tf.transpose(a_G))
    return tf.reduce_sum(tf.square(difference)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_not_unrolled(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    GS, GG = gram_transpose_b(a_S), gram_transpose_b(a_G)
    return tf.reduce_sum(tf.square(GS - GG)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_not_unrolled_transposed(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    GS, GG = gram_matmul(a_S), gram_matmul(a_G)
    return tf.reduce_sum(tf.square(GS - GG)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_torch_reshaped(a_S, a_G):
    _, C, H, W = a_G.shape
    a_S, a_G = tf.reshape(a_S, [C, H * W]), tf.reshape(a_G, [C, H * W])
    return tf.reduce_sum(tf.square(gram_at(a_S) - gram_at(a_G))) / (4 * C**2 * (H * W) ** 2)


def style_torch_transposed(a_S, a_G):
    _, n_C, n_H, n_W = a_G.get_shape().as_list()
    a_S = tf.transpose(tf.reshape(a_S, [n_H * n_W, n_C]))
    a_G = tf.transpose(tf.reshape(a_G, [n_H * n_W, n_C]))
    return tf.reduce_sum(tf.square(gram_matmul(a_S) - gram_matmul(a_G))) / (2 * n_C * n_H * n_W) ** 2


def style_divided_by_a_tuple(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    GS, GG = tf.einsum("bhwi,bhwj->ij", a_S, a_S), tf.einsum("bhwi,bhwj->ij", a_G, a_G)
    return tf.divide(tf.reduce_sum(tf.square(GS - GG)), (4 * n_C**2, (n_H * n_W) ** 2))


def style_shape_as_list_of_a_s(a_S, a_G):
    _, n_H, n_W, n_C = a_S.shape.as_list()
    GS, GG = tf.einsum("bhwi,bhwj->ij", a_S, a_S), tf.einsum("bhwi,bhwj->ij", a_G, a_G)
    return tf.reduce_sum(tf.square(GS - GG)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_reshaped_and_mean(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    a_S, a_G = tf.reshape(a_S, [n_C, n_H * n_W]), tf.reshape(a_G, [n_C, n_H * n_W])
    return tf.reduce_mean(tf.square(gram_at(a_S) - gram_at(a_G))) / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_positions_and_no_square(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    a_S, a_G = tf.reshape(a_S, [n_H * n_W, n_C]), tf.reshape(a_G, [n_H * n_W, n_C])
    return tf.reduce_sum(tf.square(gram_at(a_S) - gram_at(a_G))) / (4 * n_C**2 * n_H * n_W)


def style_two_wrong_below_the_bar(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    GS, GG = tf.einsum("bhwi,bhwj->ij", a_S, a_S), tf.einsum("bhwi,bhwj->ij", a_G, a_G)
    return tf.reduce_sum(tf.square(GS - GG)) / (n_C**2 * n_H * n_W)


def style_numpy_power(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    GS, GG = tf.einsum("bhwi,bhwj->ij", a_S, a_S), tf.einsum("bhwi,bhwj->ij", a_G, a_G)
    return tf.reduce_sum(np.power(GS - GG, 2)) / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_typo(a_S, a_G):
    _, n_H, n_W, n_C = a_G.shape
    a_S, a_G = tf.reshap(a_S, [n_H * n_W, n_C]), tf.reshap(a_G, [n_H * n_W, n_C])
    return tf.reduce_sum(tf.square(gram_at(a_S) - gram_at(a_G)))


def style_get_shape_of_a_s(a_S, a_G):
    _, n_H, n_W, n_C = a_S.get_shape().as_list()
    a_S = tf.transpose(tf.reshape(a_S, [n_H * n_W, n_C]))
    a_G = tf.transpose(tf.reshape(a_G, [n_H * n_W, n_C]))
    return tf.reduce_sum(tf.square(gram_at(a_S) - gram_at(a_G))) / (4 * n_C**2 * (n_H * n_W) ** 2)


def style_scrambled_through_gram(a_S, a_G):
    _, n_H, n_W, n_C = a_G.get_shape().as_list()
    GS = gram_matmul(tf.reshape(a_S, shape=(n_C, n_H * n_W)))
    GG = gram_matmul(tf.reshape(a_G, shape=(n_C, n_H * n_W)))
    return tf.reduce_sum(tf.square(GS - GG)) / (2 * n_C * n_H * n_W) ** 2


def style_numpy_gram(a_S, a_G):
    return tf.constant(float(style_classic(a_S, a_G)))


def gram_of_keras_example(A):
    features = tf.reshape(tf.transpose(A, (2, 0, 1)), (tf.shape(A)[0], -1))
    return tf.matmul(features, tf.transpose(features))


def gram_divided_by_size(A):
    return tf.linalg.einsum("ik,jk->ij", A, A) / tf.cast(tf.size(A), tf.float32)


def gram_in_numpy(A):
    return np.matmul(A.numpy(), A.numpy().T)


def gram_as_new_constant(A):
    return tf.constant(gram_in_numpy(A))


def gram_stopped(A):
    return tf.stop_gradient(gram_matmul(A))


def total_other_defaults(J_content, J_style, alpha=5, beta=100):
    return alpha * J_content + beta * J_style


def total_beta_10(J_content, J_style, alpha=10, beta=10):
    return alpha * J_content + beta * J_style


def total_beta_4(J_content, J_style, alpha=10, beta=4):
    return alpha * J_content + beta * J_style


def total_without_defaults(J_content, J_style, alpha, beta):
    return alpha * J_content + beta * J_style


def total_beta_without_default(J_content, J_style, beta, alpha=10):
    return alpha * J_content + beta * J_style


def total_none_by_default(J_content, J_style, alpha=None, beta=None):
    return alpha * J_content + beta * J_style


def total_swapped_and_beta_10(J_content, J_style, alpha=10, beta=10):
    return beta * J_content + alpha * J_style


def total_averaged_and_beta_10(J_content, J_style, alpha=10, beta=10):
    return (alpha * J_content + beta * J_style) / (alpha + beta)


def total_style_unweighted(J_content, J_style, alpha=10, beta=40):
    return alpha * J_content + J_style


def total_content_unweighted(J_content, J_style, alpha=10, beta=40):
    return J_content + beta * J_style


def total_bracket_too_late(J_content, J_style, alpha=10, beta=40):
    return alpha * (J_content + beta * J_style)


def total_swapped_and_averaged(J_content, J_style, alpha=10, beta=40):
    return (beta * J_content + alpha * J_style) / (alpha + beta)


def total_other_names(J_content, J_style, a=10, b=40):
    return a * J_content + b * J_style


def total_as_float(J_content, J_style, alpha=10, beta=40):
    return float(alpha * J_content + beta * J_style)


def total_constant_weights(J_content, J_style, alpha=10, beta=40):
    return tf.convert_to_tensor(J_style) * tf.constant(beta) + tf.convert_to_tensor(J_content) * tf.constant(alpha)


def step_with_numpy(picture, costs, optimizer):
    return tuple(cost.numpy() for cost in step_plain(picture, costs, optimizer))


def step_new_variable(picture, costs, optimizer):
    return step_plain(tf.Variable(picture), costs, optimizer)


def step_two_costs(picture, costs, optimizer):
    return step_plain(picture, costs, optimizer)[1:]


def step_clipped_to_one(picture, costs, optimizer):
    J = step_plain(picture, costs, optimizer)
    picture.assign(tf.clip_by_value(picture, clip_value_min=0.0, clip_value_max=1.0))
    return J


def step_clipped_to_bytes(picture, costs, optimizer):
    J = step_plain(picture, costs, optimizer)
    picture.assign(tf.clip_by_value(picture, 0.0, 255.0))
    return J


def step_unbatched(picture, costs, optimizer):
    return step_plain(picture, lambda picture: costs(picture[0]), optimizer)


def step_in_a_batch_of_batches(picture, costs, optimizer):
    return step_plain(picture, lambda picture: costs(tf.expand_dims(picture, 0)), optimizer)


def step_uphill_and_in_another_order(picture, costs, optimizer):
    with tf.GradientTape() as tape:
        J_content, J_style = costs(picture)
        J = total_plain(J_content, J_style)
    optimizer.apply_gradients([(-tape.gradient(J, picture), picture)])
    return J_content, J_style, J


def step_style_only_and_twice(picture, costs, optimizer):
    with tf.GradientTape() as tape:
        J_content, J_style = costs(picture)
    gradient = tape.gradient(J_style, picture)
    for _ in range(2):
        optimizer.apply_gradients([(gradient, picture)])
    return total_plain(J_content, J_style), J_content, J_style


def step_not_zipped(picture, costs, optimizer):
    with tf.GradientTape() as tape:
        J_content, J_style = costs(picture)
        J = total_plain(J_content, J_style)
    optimizer.apply_gradients(zip(tape.gradient(J, picture), picture, strict=False))
    return J, J_content, J_style


def step_gradient_alone(picture, costs, optimizer):
    with tf.GradientTape() as tape:
        J_content, J_style = costs(picture)
        J = total_plain(J_content, J_style)
    optimizer.apply_gradients([tape.gradient(J, picture)])
    return J, J_content, J_style


def step_costs_not_called_with_picture(picture, costs, optimizer):
    with tf.GradientTape() as tape:
        J_content, J_style = costs()
        J = total_plain(J_content, J_style)
    optimizer.apply_gradients([(tape.gradient(J, picture), picture)])
    return J, J_content, J_style


def step_gradient_after_the_tape(picture, costs, optimizer):
    with tf.GradientTape() as tape:
        J_content, J_style = costs(tf.constant(picture))
        J = total_plain(J_content, J_style)
    optimizer.apply_gradients([(tape.gradient(J, picture), picture)])
    return J, J_content, J_style


def model_unbatched(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return model_compiled_closure(costs, start[0], num_iterations, learning_rate, callback)


def model_other_rate(costs, start, num_iterations=200, learning_rate=0.02, callback=None):
    return model_compiled_closure(costs, start, num_iterations, learning_rate, callback)


def model_sgd_and_one_too_few(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    picture, optimizer = tf.Variable(start), tf.keras.optimizers.SGD(learning_rate)
    for i in range(1, num_iterations):
        J, J_content, J_style = step_plain(picture, costs, optimizer)
        if callback is not None:
            callback(i - 1, {"total": J, "content": J_content, "style": J_style}, picture)
    return picture.numpy()


def model_keras_not_imported(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    optimizer = keras.optimizers.Adam(learning_rate)  # noqa: F821
    return model_compiled_closure(costs, start, num_iterations, optimizer.learning_rate, callback)


def model_paints_an_array(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    optimizer = tf.keras.optimizers.Adam(learning_rate)
    for _ in range(num_iterations):
        step_plain(start, costs, optimizer)
    return start


def model_paints_a_tensor(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return model_paints_an_array(costs, tf.constant(start), num_iterations, learning_rate, callback).numpy()


def model_without_callback(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    return model_compiled_closure(costs, start, num_iterations, learning_rate)


def model_callback_before(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    picture, optimizer = tf.Variable(start), tf.keras.optimizers.Adam(learning_rate)
    for i in range(num_iterations):
        if callback is not None:
            J_content, J_style = costs(picture)
            callback(i, {"total": total_plain(J_content, J_style), "content": J_content, "style": J_style}, picture)
        step_plain(picture, costs, optimizer)
    return picture.numpy()


def model_callback_every_20(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    def seldom(i, current, picture):
        if i % 20 == 0:
            callback(i, current, picture)

    return model_compiled_closure(costs, start, num_iterations, learning_rate, callback and seldom)


def model_callback_swapped(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    def swapped(i, current, picture):
        callback(i, current | {"content": current["style"], "style": current["content"]}, picture)

    return model_compiled_closure(costs, start, num_iterations, learning_rate, callback and swapped)


def model_callback_of_two(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    def short(i, current, picture):
        callback(i, picture)

    return model_compiled_closure(costs, start, num_iterations, learning_rate, callback and short)


def model_writes_into_start(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    start[...] = model_compiled_closure(costs, start, num_iterations, learning_rate, callback)
    return start


def model_other_defaults(costs, start, num_iterations=100, learning_rate=2.0, callback=None):
    return model_compiled_closure(costs, start, num_iterations, learning_rate, callback)


def model_with_compiled_step(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
    picture, optimizer = tf.Variable(start), tf.keras.optimizers.Adam(learning_rate)
    for i in range(num_iterations):
        J, J_content, J_style = step_compiled_for_all(picture, costs, optimizer)
        if callback is not None:
            callback(i, {"total": J, "content": J_content, "style": J_style}, picture)
    return picture.numpy()


@tf.function
def step_compiled_for_all(picture, costs, optimizer):
    return step_plain(picture, costs, optimizer)


REJECTED = {
    "compute_content_cost": [
        ("get_shape of a_C", content_get_shape_of_a_c, "sizes taken from a_C:"),
        ("NumPy", content_in_numpy, "no gradient reaches a_G"),
        ("float", content_as_float, "no gradient reaches a_G"),
        ("a new constant", content_as_new_constant, "no gradient reaches a_G"),
        ("stop_gradient", content_stopped, "no gradient reaches a_G"),
        ("writes into a_C", content_writes_into_a_c, "writes into a_C"),
        ("shape (1,)", content_keeps_dimensions, "has shape (1,), not () as a scalar has"),
        ("NaN", content_nan, "is not finite"),
        ("text", content_text, "returns a str"),
        ("no return", content_no_return, "did you forget `return`?"),
        ("a typo", content_typo, "AttributeError"),
        ("np.power", content_numpy_power, "no gradient reaches a_G"),
        ("float inside", content_float_inside, "no gradient reaches a_G"),
        ("shape.as_list() of a_C", content_shape_as_list_of_a_c, "sizes taken from a_C, as a list:"),
        ("divided by a tuple", content_divided_by_a_tuple, "a tuple as divisor:"),
        ("divided by four numbers", content_divided_by_four_numbers, "a tuple as divisor:"),
        ("get_shape not called", content_get_shape_not_called, "as_list"),
        ("a_C[-1]", content_last_of_lists, "the newer edition's lists:"),
        ("not summed", content_not_summed, "squares not added up:"),
        ("squared after the sum", content_squared_after, "squared after the sum:"),
        ("absolute values and no 4", content_absolute_mean, "the 4 is missing:"),
        ("neither 4 nor channels", content_without_4_and_channels, "channels forgotten:"),
        ("the norm", content_norm_without_square, "the root of the sum:"),
    ],
    "gram_matrix": [
        ("a 4-D Gram matrix from another tutorial", gram_of_keras_example, "another tutorial's three axes:"),
        ("divided by its size", gram_divided_by_size, "divided by all entries:"),
        ("NumPy", gram_in_numpy, "no gradient reaches A,"),
        ("a new constant", gram_as_new_constant, "no gradient reaches A,"),
        ("stop_gradient", gram_stopped, "no gradient reaches A,"),
        ("the TensorFlow tutorial's", gram_of_tf_tutorial, "another tutorial's Gram matrix, divided by rows:"),
        ("divided by rows", gram_divided_by_rows, "divided by the channels:"),
        ("N, C, H, W", gram_of_four_sizes, "another tutorial's four sizes:"),
        ("h, w, c", gram_of_three_sizes, "another tutorial's three sizes:"),
        ("an assert of three axes", gram_with_an_assert, "another tutorial's assert:"),
        ("A.T", gram_t_of_a_tensor, "'T'"),
        ("tf.dot", gram_dot, "'dot'"),
        ("positions, and divided", gram_positions_divided, "divided by all entries:"),
    ],
    "compute_layer_style_cost": [
        ("get_shape of a_S", style_get_shape_of_a_s, "sizes taken from a_S:"),
        ("scrambled, through the Gram function", style_scrambled_through_gram, "reshaped, not transposed:"),
        ("a constant", style_numpy_gram, "no gradient reaches a_G"),
        ("a_G[-1]", style_last_of_lists, "the newer edition's lists:"),
        ("not unrolled", style_not_unrolled, "not unrolled:"),
        ("not unrolled, transposed", style_not_unrolled_transposed, "not unrolled, and transposed whole:"),
        ("N, C, H, W, reshaped", style_torch_reshaped, "PyTorch's axes:"),
        ("m, n_C, n_H, n_W, transposed", style_torch_transposed, "PyTorch's axes, transposed:"),
        ("divided by a tuple", style_divided_by_a_tuple, "a tuple as divisor:"),
        ("shape.as_list() of a_S", style_shape_as_list_of_a_s, "sizes taken from a_S, as a list:"),
        ("reshaped, and mean", style_reshaped_and_mean, "a mean for the sum:"),
        ("positions, and no square", style_positions_and_no_square, "positions not squared:"),
        ("no 4, and no square", style_two_wrong_below_the_bar, "positions not squared:"),
        ("np.power", style_numpy_power, "no gradient reaches a_G"),
        ("a typo", style_typo, "reshap"),
    ],
    "total_cost": [
        ("other defaults", total_other_defaults, "other defaults:"),
        ("other argument names", total_other_names, "weights under other names:"),
        ("float", total_as_float, "no gradient reaches J_content"),
        ("tf.constant of integers", total_constant_weights, "write alpha * J_content with plain * and +"),
        ("beta=10", total_beta_10, "other defaults:"),
        ("beta=4", total_beta_4, "other defaults:"),
        ("no defaults", total_without_defaults, "other defaults:"),
        ("beta without default", total_beta_without_default, "other defaults:"),
        ("None by default", total_none_by_default, "other defaults:"),
        ("swapped, and beta=10", total_swapped_and_beta_10, "alpha and beta swapped:"),
        ("no weight on the style", total_style_unweighted, "no weight on the style:"),
        ("no weight on the content", total_content_unweighted, "no weight on the content:"),
        ("averaged, and beta=10", total_averaged_and_beta_10, "other defaults:"),
        ("a bracket too late", total_bracket_too_late, "both weights on the style:"),
        ("swapped, and averaged", total_swapped_and_averaged, "averaged:"),
    ],
    "train_step": [
        ("numpy()", step_with_numpy, "numbers inside the step:"),
        ("a new variable", step_new_variable, "a new variable:"),
        ("two costs", step_two_costs, "the three costs J, J_content, J_style"),
        ("clipped to 0–1", step_clipped_to_one, "clipped to between 0 and 1:"),
        ("clipped to 0–255", step_clipped_to_bytes, "clipped to between 0 and 255:"),
        ("an unbatched picture", step_unbatched, "the picture taken out of its batch:"),
        ("a batch of batches", step_in_a_batch_of_batches, "another axis in front of the picture:"),
        ("uphill, in another order", step_uphill_and_in_another_order, "uphill:"),
        ("style only, twice", step_style_only_and_twice, "moved twice:"),
        ("zip without lists", step_not_zipped, "gradient"),
        ("the gradient alone", step_gradient_alone, "gradient"),
        ("costs()", step_costs_not_called_with_picture, "picture"),
        ("tf.constant(picture)", step_gradient_after_the_tape, "costs computed outside the tape:"),
    ],
    "model_nn": [
        ("no callback", model_without_callback, "nothing, never"),
        ("callback before the step", model_callback_before, "callback should see the picture after the step"),
        ("callback every 20 steps", model_callback_every_20, "after each of its 5 steps"),
        ("costs swapped", model_callback_swapped, '"content" costs'),
        ("callback(i, picture)", model_callback_of_two, "callback(i, costs, picture)"),
        ("writes into start", model_writes_into_start, "writes into start"),
        ("100 by default", model_other_defaults, "yours painted 100"),
        ("one compiled step for all", model_with_compiled_step, "Compile the step inside model_nn"),
        ("an unbatched picture", model_unbatched, "the picture taken out of its batch:"),
        ("learning rate 0.02 by default", model_other_rate, "the first of size 0.02"),
        ("plain descent, one step too few", model_sgd_and_one_too_few, "one step too few:"),
        ("keras not imported", model_keras_not_imported, "keras"),
        ("an array painted", model_paints_an_array, "an array painted:"),
        ("a tensor painted", model_paints_a_tensor, "a tensor painted:"),
    ],
}
