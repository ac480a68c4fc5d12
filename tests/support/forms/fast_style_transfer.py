"""What students hand in for fast-style-transfer: forms that are right and must be accepted, and forms that are not.

ACCEPTED: function name -> list of (label, function). REJECTED: the same, with a piece of the message that must come.
Every form stands for a family seen in public code, written from scratch. The one under the exercise's own name is the
plainest. Forms that were written for one picture are right, as the original exercise asks for one, and have no points
of the batch.
"""

import copy
from types import FunctionType

import numpy as np

from nst.painting import Phase, paint
from nst.quiet import tf

SCHEDULE = [Phase(0, 3.0, bounds=(-1.5, 1.5)), Phase(180, 0.1)]


# content_loss


def content_loss(content_weight, content_current, content_original):
    return content_weight * tf.reduce_sum(tf.square(content_current - content_original))


def content_squared_difference(content_weight, content_current, content_original):
    return tf.reduce_sum(tf.math.squared_difference(content_original, content_current)) * content_weight


def content_unrolled(content_weight, content_current, content_original):
    _, H, W, C = content_current.get_shape().as_list()
    F, P = tf.reshape(content_current, [H * W, C]), tf.reshape(content_original, [H * W, C])
    return tf.multiply(content_weight, tf.reduce_sum(tf.pow(tf.transpose(F) - tf.transpose(P), 2)))


def content_scrambled(content_weight, content_current, content_original):
    # Fatal in a Gram matrix; here both are scrambled alike.
    _, H, W, C = content_current.shape
    F, P = tf.reshape(content_current, [C, H * W]), tf.reshape(content_original, [C, H * W])
    return content_weight * tf.reduce_sum((F - P) ** 2)


def content_l2_loss(content_weight, content_current, content_original):
    return 2 * content_weight * tf.nn.l2_loss(content_current - content_original)


def content_norm(content_weight, content_current, content_original):
    return content_weight * tf.norm(tf.reshape(content_current - content_original, [-1]), ord=2) ** 2


def content_dot(content_weight, content_current, content_original):
    d = tf.reshape(content_current - content_original, [-1])
    return content_weight * tf.tensordot(d, d, axes=1)


def content_mean_times_size(content_weight, content_current, content_original):
    size = tf.cast(tf.size(content_current), tf.float32)
    return content_weight * tf.reduce_mean(tf.square(content_current - content_original)) * size


def content_loops(content_weight, content_current, content_original):
    loss = 0.0
    for c in range(content_current.shape[3]):
        d = content_current[0, :, :, c] - content_original[0, :, :, c]
        loss = loss + tf.reduce_sum(d * d)
    return content_weight * loss


@tf.function
def content_compiled(content_weight, content_current, content_original):
    return content_weight * tf.reduce_sum(tf.square(content_current - content_original))


# gram_matrix


def gram_matrix(features, normalize=True):
    N, H, W, C = features.shape
    a = tf.reshape(features, [N, H * W, C])
    gram = tf.matmul(a, a, transpose_a=True)
    return gram / (H * W * C) if normalize else gram


def gram_transpose_b(features, normalize=True):
    N, H, W, C = features.get_shape().as_list()
    a = tf.reshape(tf.transpose(features, [0, 3, 1, 2]), (N, C, H * W))
    gram = tf.matmul(a, a, transpose_b=True)
    if normalize:
        gram /= H * W * C
    return gram


def gram_at_sign(features, normalize=True):
    shape = tf.shape(features)
    a = tf.reshape(features, [shape[0], -1, shape[3]])
    gram = tf.transpose(a, [0, 2, 1]) @ a
    if normalize is True:
        return gram / tf.cast(shape[1] * shape[2] * shape[3], tf.float32)
    return gram


def gram_adjoint(features, normalize=True):
    a = tf.reshape(features, [features.shape[0], -1, features.shape[-1]])
    scale = 1.0 / (a.shape[1] * a.shape[2]) if normalize else 1.0
    return scale * tf.linalg.matmul(a, a, adjoint_a=True)


def gram_einsum(features, normalize=True):
    gram = tf.einsum("bijc,bijd->bcd", features, features)
    return gram / float(np.prod(features.shape[1:])) if normalize else gram


def gram_per_image(features, normalize=True):
    grams = []
    for image in tf.unstack(features):
        a = tf.reshape(image, [-1, image.shape[-1]])
        grams.append(tf.matmul(tf.transpose(a), a))
    gram = tf.stack(grams)
    return gram / tf.size(features[0], out_type=tf.float32) if normalize else gram


def gram_tensordot(features, normalize=True):
    gram = tf.stack([tf.tensordot(image, image, axes=[[0, 1], [0, 1]]) for image in features])
    _, H, W, C = features.shape
    return tf.divide(gram, H * W * C) if normalize else gram


def gram_map(features, normalize=True):
    _, H, W, C = features.shape
    gram = tf.map_fn(lambda image: tf.tensordot(image, image, axes=[[0, 1], [0, 1]]), features)
    return gram * (1 / (H * W * C)) if normalize else gram


def gram_channel_loops(features, normalize=True):
    _, H, W, C = features.shape
    rows = [
        tf.stack([tf.reduce_sum(features[..., i] * features[..., j], axis=[1, 2]) for j in range(C)], axis=1)
        for i in range(C)
    ]
    return tf.stack(rows, axis=1) / (H * W * C if normalize else 1)


def gram_squeezed(features, normalize=True):
    """(C, C) for a single picture, as the original's."""
    gram = gram_matrix(features, normalize)
    return tf.squeeze(gram, axis=0) if features.shape[0] == 1 else gram


def gram_square_root_first(features, normalize=True):
    N, H, W, C = features.shape
    a = tf.reshape(features, [N, H * W, C])
    if normalize:
        a = a / np.sqrt(H * W * C)
    return tf.matmul(a, a, transpose_a=True)


def gram_needs_numbers(features, normalize=True):
    # Slow, as it cannot be compiled, and right all the same.
    gram = gram_matrix(features, normalize)
    return gram if float(tf.reduce_max(gram)) > -1e9 else -gram


# gram_matrix, written for one picture


def gram_classic(features, normalize=True):
    """As the original's TensorFlow version is mostly solved."""
    features = tf.transpose(features, perm=[0, 3, 1, 2])
    shape = tf.shape(features)
    features = tf.reshape(features, (shape[1], shape[2] * shape[3]))
    gram = tf.matmul(features, tf.transpose(features))
    if normalize:
        gram = tf.divide(gram, tf.cast(shape[1] * shape[2] * shape[3], gram.dtype))
    return gram


def gram_one_picture(features, normalize=True):
    a = tf.reshape(tf.squeeze(features), [-1, features.shape[-1]])
    gram = tf.matmul(a, a, transpose_a=True)
    return gram / (features.shape[1] * features.shape[2] * features.shape[3]) if normalize else gram


def gram_squeezed_first(features, normalize=True):
    features = tf.squeeze(features)
    H, W, C = features.shape
    a = tf.reshape(features, [H * W, C])
    gram = tf.transpose(a) @ a
    return gram / (H * W * C) if normalize else gram


def gram_of_the_first(features, normalize=True):
    features = features[0]
    a = tf.reshape(tf.transpose(features, (2, 0, 1)), (tf.shape(features)[2], -1))
    gram = tf.matmul(a, tf.transpose(a))
    return gram / tf.size(features, out_type=tf.float32) if normalize else gram


def gram_folded(features, normalize=True):
    N, H, W, C = features.shape
    a = tf.reshape(tf.transpose(features, [0, 3, 1, 2]), [N * C, H * W])
    gram = tf.linalg.matmul(a, a, transpose_b=True)
    return gram / (N * C * H * W) if normalize else gram


def gram_one_room(features, normalize=True):
    H, W, C = features.get_shape().as_list()[1:]
    a = tf.reshape(features, [1, H * W, C])
    gram = tf.matmul(a, a, transpose_a=True)
    return gram / (H * W * C) if normalize else gram


def gram_all_axes(features, normalize=True):
    gram = tf.tensordot(features, features, axes=[[0, 1, 2], [0, 1, 2]])
    return gram / tf.cast(tf.size(features), tf.float32) if normalize else gram


# style_loss


def style_loss(feats, style_layers, style_targets, style_weights):
    loss = 0.0
    for name, target, weight in zip(style_layers, style_targets, style_weights, strict=True):
        loss += weight * tf.reduce_sum(tf.square(gram_matrix(feats[name]) - target))
    return loss


def style_range(feats, style_layers, style_targets, style_weights):
    loss = tf.constant(0.0)
    for i in range(len(style_layers)):
        gram = gram_transpose_b(feats[style_layers[i]])
        loss = tf.add(loss, style_weights[i] * tf.reduce_sum((gram - style_targets[i]) ** 2))
    return loss


def style_through_content_loss(feats, style_layers, style_targets, style_weights):
    return sum(
        content_loss(style_weights[i], gram_einsum(feats[layer]), style_targets[i])
        for i, layer in enumerate(style_layers)
    )


def style_comprehension(feats, style_layers, style_targets, style_weights):
    grams = [gram_per_image(feats[layer]) for layer in style_layers]
    return tf.add_n(
        [
            w * tf.reduce_sum(tf.math.squared_difference(G, A))
            for w, G, A in zip(style_weights, grams, style_targets, strict=True)
        ]
    )


def style_with_single_matrices(feats, style_layers, style_targets, style_weights):
    # (C, C) against (1, C, C): broadcasting gives the right sum.
    losses = [
        tf.reduce_sum(tf.square(tf.subtract(gram_squeezed(feats[layer]), target)))
        for layer, target in zip(style_layers, style_targets, strict=True)
    ]
    return tf.tensordot(tf.stack(losses), tf.constant(style_weights, tf.float32), axes=1)


def style_reduced(feats, style_layers, style_targets, style_weights):
    loss = 0
    for i, layer in enumerate(style_layers):
        gram, target = gram_at_sign(feats[layer]), tf.convert_to_tensor(style_targets[i])
        layer_loss = tf.reduce_sum(tf.square(gram - target)) * float(style_weights[i])
        loss = loss + layer_loss
    return loss


def style_classic(feats, style_layers, style_targets, style_weights):
    loss = tf.constant(0.0)
    for i in range(len(style_layers)):
        gram = gram_classic(feats[style_layers[i]])
        loss += style_weights[i] * tf.reduce_sum((gram - style_targets[i]) ** 2)
    return loss


def style_of_two_axes(feats, style_layers, style_targets, style_weights):
    # Wants targets as its own gram_matrix gives them, (C, C).
    losses = []
    for name, target, weight in zip(style_layers, style_targets, style_weights, strict=True):
        difference = gram_squeezed_first(feats[name]) - target
        losses.append(weight * tf.reduce_sum(tf.square(difference), axis=[0, 1]))
    return tf.add_n(losses)


def style_of_the_first(feats, style_layers, style_targets, style_weights):
    return sum(
        weight * tf.reduce_sum(tf.square(gram_matrix(feats[name])[0] - target[0]))
        for name, target, weight in zip(style_layers, style_targets, style_weights, strict=True)
    )


# tv_loss


def tv_loss(img, tv_weight):
    across = img[:, :, 1:, :] - img[:, :, :-1, :]
    down = img[:, 1:, :, :] - img[:, :-1, :, :]
    return tv_weight * (tf.reduce_sum(tf.square(across)) + tf.reduce_sum(tf.square(down)))


def tv_named_sizes(img, tv_weight):
    _, H, W, _ = img.shape
    down = tf.reduce_sum((img[:, 1:H] - img[:, 0 : H - 1]) ** 2)
    across = tf.reduce_sum((img[:, :, 1:W] - img[:, :, 0 : W - 1]) ** 2)
    return tv_weight * down + tv_weight * across


def tv_dynamic_sizes(img, tv_weight):
    H, W = tf.shape(img)[1], tf.shape(img)[2]
    down = tf.math.squared_difference(img[:, : H - 1, :, :], img[:, 1:, :, :])
    across = tf.math.squared_difference(img[:, :, : W - 1, :], img[:, :, 1:, :])
    return tf.multiply(tv_weight, tf.add(tf.reduce_sum(down), tf.reduce_sum(across)))


def tv_tf_slice(img, tv_weight):
    N, H, W, C = img.shape
    left, right = tf.slice(img, [0, 0, 0, 0], [N, H, W - 1, C]), tf.slice(img, [0, 0, 1, 0], [N, H, W - 1, C])
    top, bottom = tf.slice(img, [0, 0, 0, 0], [N, H - 1, W, C]), tf.slice(img, [0, 1, 0, 0], [N, H - 1, W, C])
    return 2 * tv_weight * (tf.nn.l2_loss(left - right) + tf.nn.l2_loss(top - bottom))


def tv_rolled_then_cropped(img, tv_weight):
    across = (tf.roll(img, -1, axis=2) - img)[:, :, :-1]
    down = (tf.roll(img, 1, axis=1) - img)[:, 1:]
    return tv_weight * (tf.reduce_sum(across**2) + tf.reduce_sum(down**2))


def tv_convolved(img, tv_weight):
    pair = tf.constant([-1.0, 1.0])
    one_channel = tf.transpose(img, [0, 3, 1, 2])
    one_channel = tf.reshape(one_channel, [-1, img.shape[1], img.shape[2], 1])
    across = tf.nn.conv2d(one_channel, tf.reshape(pair, [1, 2, 1, 1]), strides=1, padding="VALID")
    down = tf.nn.conv2d(one_channel, tf.reshape(pair, [2, 1, 1, 1]), strides=1, padding="VALID")
    return tv_weight * (tf.reduce_sum(tf.square(across)) + tf.reduce_sum(tf.square(down)))


def tv_depthwise(img, tv_weight):
    kernels = [np.array([[-1.0, 1.0]]), np.array([[-1.0], [1.0]])]
    loss = 0.0
    for kernel in kernels:
        kernel = tf.constant(np.repeat(kernel[:, :, None, None], 3, axis=2), tf.float32)
        d = tf.nn.depthwise_conv2d(img, kernel, strides=[1, 1, 1, 1], padding="VALID")
        loss += tf.reduce_sum(tf.square(d))
    return loss * tv_weight


def tv_image_gradients(img, tv_weight):
    # Its last row and its last column are zeros, which add nothing.
    dy, dx = tf.image.image_gradients(img)
    return tv_weight * (tf.reduce_sum(dy * dy) + tf.reduce_sum(dx * dx))


def tv_through_content_loss(img, tv_weight):
    return content_loss(tv_weight, img[:, 1:], img[:, :-1]) + content_loss(tv_weight, img[:, :, 1:], img[:, :, :-1])


def tv_pixel_loops(img, tv_weight):
    loss = 0.0
    for h in range(img.shape[1]):
        for w in range(img.shape[2]):
            if h + 1 < img.shape[1]:
                loss += tf.reduce_sum((img[:, h + 1, w] - img[:, h, w]) ** 2)
            if w + 1 < img.shape[2]:
                loss += tf.reduce_sum((img[:, h, w + 1] - img[:, h, w]) ** 2)
    return tv_weight * loss


def tv_gathered(img, tv_weight):
    loss = 0.0
    for axis in (1, 2):
        last = img.shape[axis]
        d = tf.gather(img, range(1, last), axis=axis) - tf.gather(img, range(last - 1), axis=axis)
        loss += tf.reduce_sum(tf.square(d))
    return tv_weight * loss


def tv_needs_numbers(img, tv_weight):
    # Slow, as it cannot be compiled, and right all the same.
    loss = tv_loss(img, tv_weight)
    return loss if loss > 0 else loss * 2


def tv_first_picture(img, tv_weight):
    img = img[0]
    return tv_weight * (tf.reduce_sum((img[1:] - img[:-1]) ** 2) + tf.reduce_sum((img[:, 1:] - img[:, :-1]) ** 2))


def tv_squeezed(img, tv_weight):
    img = tf.squeeze(img)
    return tv_weight * (tf.reduce_sum((img[1:] - img[:-1]) ** 2) + tf.reduce_sum((img[:, 1:] - img[:, :-1]) ** 2))


def tv_one_room(img, tv_weight):
    _, H, W, C = img.shape
    x = tf.reshape(img, [H, W, C])
    down, across = x[1:] - x[:-1], x[:, 1:] - x[:, :-1]
    return tv_weight * (tf.reduce_sum(down * down) + tf.reduce_sum(across * across))


@tf.function
def tv_compiled(img, tv_weight):
    return tv_loss(img, tv_weight)


# style_transfer


def style_transfer(
    model, content, style, content_layer, content_weight, style_layers, style_weights, tv_weight,
    init_random=False, iterations=200, callback=None, seed=0,
):  # fmt: skip
    content_target = model.activations(content, [content_layer])[content_layer]
    style_feats = model.activations(style, style_layers)
    style_targets = [gram_matrix(style_feats[name]) for name in style_layers]

    def cost(picture):
        feats = model.activations(picture, [content_layer, *style_layers])
        J_content = content_loss(content_weight, feats[content_layer], content_target)
        J_style = style_loss(feats, style_layers, style_targets, style_weights)
        J_tv = tv_loss(picture, tv_weight)
        return {"total": J_content + J_style + J_tv, "content": J_content, "style": J_style, "tv": J_tv}

    start = np.random.default_rng(seed).uniform(0, 1, content.shape) if init_random else content
    return paint(cost, start, iterations=iterations, schedule=SCHEDULE, callback=callback)


def transfer_of_tensors(
    model, content, style, content_layer, content_weight, style_layers, style_weights, tv_weight,
    init_random=False, iterations=200, callback=None, seed=0,
):  # fmt: skip
    # One pass per layer, targets as NumPy arrays, costs in another order.
    content_target = model.activations(tf.constant(content), (content_layer,))[content_layer].numpy()
    style_targets = [gram_squeezed(model.activations(style, [name])[name]).numpy() for name in style_layers]

    def cost(picture):
        costs = {
            "tv": tv_image_gradients(picture, tv_weight),
            "content": content_l2_loss(
                content_weight, model.activations(picture, [content_layer])[content_layer], content_target
            ),
            "style": style_range(model.activations(picture, style_layers), style_layers, style_targets, style_weights),
        }
        costs["total"] = tf.add_n(list(costs.values()))
        return costs

    if init_random:
        start = tf.constant(np.random.default_rng(seed).uniform(0, 1, content.shape).astype("float32"))
    else:
        start = content.copy()
    return paint(cost, start, iterations=iterations, schedule=SCHEDULE, callback=callback)


def transfer_of_one(*arguments, **options):
    # All losses written for one picture, targets (C, C).
    of_one = {
        "content_loss": content_unrolled,
        "gram_matrix": gram_squeezed_first,
        "style_loss": style_of_two_axes,
        "tv_loss": tv_squeezed,
    }
    transfer = FunctionType(style_transfer.__code__, globals() | of_one, argdefs=style_transfer.__defaults__)
    return transfer(*arguments, **options)


def transfer_random_method(
    model, content, style, content_layer, content_weight, style_layers, style_weights, tv_weight,
    init_random=False, iterations=200, callback=None, seed=0,
):  # fmt: skip
    # random(size) is uniform(0, 1, size); targets worked out at every step, which is only slow.
    def cost(picture):
        names = {content_layer, *style_layers}
        feats, theirs = model.activations(picture, names), model.activations(style, names)
        J_content = content_loss(content_weight, feats[content_layer], model.activations(content, names)[content_layer])
        J_style = style_loss(feats, style_layers, [gram_einsum(theirs[name]) for name in style_layers], style_weights)
        J_tv = tv_loss(picture, tv_weight)
        return {"content": J_content, "style": J_style, "tv": J_tv, "total": J_tv + J_style + J_content}

    start = content if not init_random else np.random.default_rng(seed).random(content.shape)
    return paint(cost, start, iterations=iterations, schedule=SCHEDULE, callback=callback)


# inversion_cost


def inversion_cost(model, picture, layer, content_weight, tv_weight):
    wanted = model.activations(picture, [layer])[layer]

    def cost(x):
        J_content = content_loss(content_weight, model.activations(x, [layer])[layer], wanted)
        J_tv = tv_loss(x, tv_weight)
        return {"total": J_content + J_tv, "content": J_content, "tv": J_tv}

    return cost


def inversion_lambda(model, picture, layer, content_weight, tv_weight):
    def both(x):
        a, b = (model.activations(p, [layer])[layer] for p in (x, picture))
        return content_squared_difference(content_weight, a, b), tv_depthwise(x, tv_weight)

    return lambda x: dict(zip(("content", "tv", "total"), (*both(x), sum(both(x))), strict=True))


def inversion_parts_as_numbers(model, picture, layer, content_weight, tv_weight):
    # Painting follows the total alone; the parts are for showing.
    def cost(x):
        costs = inversion_cost(model, picture, layer, content_weight, tv_weight)(x)
        return {"total": costs["total"], "content": float(costs["content"]), "tv": costs["tv"].numpy()}

    return cost


def inversion_compiled(model, picture, layer, content_weight, tv_weight):
    return tf.function(inversion_cost(model, picture, layer, content_weight, tv_weight), autograph=False)


# grow_texture


def grow_loop(cost, sizes, paint, seed=0):
    start = np.random.default_rng(seed).uniform(0, 1, (1, *sizes[0], 3))
    picture = paint(cost, start)
    for size in sizes[1:]:
        picture = paint(cost, tf.image.resize(picture, size, method="bicubic"))
    return picture


def grow_enumerate(cost, sizes, paint, seed=0):
    rng, picture = np.random.default_rng(seed), None
    for i, (height, width) in enumerate(sizes):
        if i == 0:
            start = rng.uniform(size=(1, height, width, 3)).astype(np.float32)
        else:
            start = tf.image.resize(picture, [height, width], method=tf.image.ResizeMethod.BICUBIC).numpy()
        picture = paint(cost, start)
    return picture


def grow_resize_first(cost, sizes, paint, seed=0):
    # The first resize is to the size that the noise has.
    picture = tf.constant(np.random.default_rng(seed).uniform(0, 1, (1, *sizes[0], 3)), tf.float32)
    for size in sizes:
        picture = paint(cost, tf.image.resize(picture, size, method="bicubic", antialias=True))
    return tf.convert_to_tensor(picture)


def grow_by_keyword(cost, sizes, paint, seed=0):
    picture = paint(cost=cost, start=np.random.default_rng(seed).uniform(0, 1, (1, *sizes[0], 3)))
    for size in sizes[1:]:
        picture = paint(start=tf.image.resize(picture, size, method="bicubic"), cost=cost)
    return picture


ACCEPTED = {
    "content_loss": [
        ("plain", content_loss),
        ("squared_difference", content_squared_difference),
        ("unrolled and transposed", content_unrolled),
        ("scrambled alike", content_scrambled),
        ("l2_loss", content_l2_loss),
        ("norm squared", content_norm),
        ("dot product", content_dot),
        ("mean times size", content_mean_times_size),
        ("channel by channel", content_loops),
        ("tf.function", content_compiled),
    ],
    "content_loss_batch": [
        ("plain", content_loss),
        ("squared_difference", content_squared_difference),
        ("norm squared", content_norm),
        ("mean times size", content_mean_times_size),
        ("tf.function", content_compiled),
    ],
    "gram_matrix": [
        ("transpose_a", gram_matrix),
        ("transpose_b of [N, C, H·W]", gram_transpose_b),
        ("@, dynamic shape", gram_at_sign),
        ("adjoint_a", gram_adjoint),
        ("einsum", gram_einsum),
        ("picture by picture", gram_per_image),
        ("tensordot", gram_tensordot),
        ("map_fn", gram_map),
        ("loops over channels", gram_channel_loops),
        ("(C, C) for one picture", gram_squeezed),
        ("divided by a square root first", gram_square_root_first),
        ("float in a condition", gram_needs_numbers),
        ("the original's, of one picture", gram_classic),
        ("squeezed and unrolled", gram_one_picture),
        ("squeezed first", gram_squeezed_first),
        ("features[0]", gram_of_the_first),
        ("[N·C, H·W]", gram_folded),
        ("[1, H·W, C]", gram_one_room),
        ("summed over all axes", gram_all_axes),
        ("tf.function", tf.function(gram_matrix)),
    ],
    "gram_matrix_batch": [
        ("transpose_a", gram_matrix),
        ("@, dynamic shape", gram_at_sign),
        ("picture by picture", gram_per_image),
        ("map_fn", gram_map),
        ("(C, C) for one picture", gram_squeezed),
        ("tf.function", tf.function(gram_matrix)),
    ],
    "style_loss": [
        ("zip", style_loss),
        ("range", style_range),
        ("through content_loss", style_through_content_loss),
        ("comprehension", style_comprehension),
        ("matrices (C, C)", style_with_single_matrices),
        ("float weights", style_reduced),
        ("with the original's matrices", style_classic),
        ("summed over two axes", style_of_two_axes),
        ("of the first picture", style_of_the_first),
        ("tf.function", tf.function(style_loss)),
    ],
    "style_loss_batch": [
        ("zip", style_loss),
        ("range", style_range),
        ("through content_loss", style_through_content_loss),
        ("comprehension", style_comprehension),
        ("tf.function", tf.function(style_loss)),
    ],
    "tv_loss": [
        ("slices", tv_loss),
        ("slices with H and W", tv_named_sizes),
        ("dynamic sizes", tv_dynamic_sizes),
        ("tf.slice", tv_tf_slice),
        ("rolled, then cropped", tv_rolled_then_cropped),
        ("convolution", tv_convolved),
        ("depthwise convolution", tv_depthwise),
        ("image_gradients", tv_image_gradients),
        ("through content_loss", tv_through_content_loss),
        ("loops over pixels", tv_pixel_loops),
        ("gather", tv_gathered),
        ("a condition on the loss", tv_needs_numbers),
        ("img[0]", tv_first_picture),
        ("squeezed", tv_squeezed),
        ("(H, W, C)", tv_one_room),
        ("tf.function", tv_compiled),
    ],
    "tv_loss_batch": [
        ("slices", tv_loss),
        ("dynamic sizes", tv_dynamic_sizes),
        ("convolution", tv_convolved),
        ("image_gradients", tv_image_gradients),
        ("tf.function", tv_compiled),
    ],
    "style_transfer": [
        ("plain", style_transfer),
        ("with losses of one picture", transfer_of_one),
        ("tensors and arrays", transfer_of_tensors),
        ("targets inside cost", transfer_random_method),
    ],
    "inversion_cost": [
        ("plain", inversion_cost),
        ("lambda", inversion_lambda),
        ("parts as numbers", inversion_parts_as_numbers),
        ("tf.function", inversion_compiled),
    ],
    "grow_texture": [
        ("loop", grow_loop),
        ("enumerate", grow_enumerate),
        ("resized to its own size first", grow_resize_first),
        ("paint by keyword", grow_by_keyword),
    ],
}


# Wrong


def content_in_numpy(content_weight, content_current, content_original):
    return content_weight * np.sum((np.asarray(content_current) - np.asarray(content_original)) ** 2)


def content_stopped(content_weight, content_current, content_original):
    return content_loss(content_weight, tf.stop_gradient(content_current), content_original)


def content_gradient_to_the_original(content_weight, content_current, content_original):
    return content_loss(content_weight, tf.constant(content_current.numpy()), content_original)


def content_writes(content_weight, content_current, content_original):
    if isinstance(content_original, np.ndarray):
        content_original -= np.asarray(content_current)
        return content_weight * tf.reduce_sum(tf.square(content_original))
    return content_loss(content_weight, content_current, content_original)


def content_wants_a_tensor(content_weight, content_current, content_original):
    F = tf.reshape(content_current, [-1])
    P = tf.reshape(content_original, content_original.get_shape().num_elements())
    return content_weight * tf.reduce_sum(tf.square(F - P))


def content_with_epsilon(content_weight, content_current, content_original):
    return content_loss(content_weight, content_current, content_original) + 1e-2


def content_integer_weight(content_weight, content_current, content_original):
    return tf.constant(content_weight) * tf.reduce_sum(tf.square(content_current - content_original))


@tf.function
def content_integer_weight_last(content_weight, content_current, content_original):
    return tf.reduce_sum(tf.square(content_current - content_original)) * tf.constant(content_weight)


def content_divided_by_integers(content_weight, content_current, content_original):
    return content_weight * tf.reduce_sum(tf.square(content_current - content_original)) / tf.size(content_current)


def content_power_in_numpy(content_weight, content_current, content_original):
    return content_weight * np.sum(np.power(content_current - content_original, 2))


def content_as_float(content_weight, content_current, content_original):
    return content_weight * float(tf.reduce_sum(tf.square(content_current - content_original)))


def content_of_three_axes(content_weight, content_current, content_original):
    h, w, c = content_current.shape
    F, P = tf.reshape(content_current, [h * w, c]), tf.reshape(content_original, [h * w, c])
    return content_weight * tf.reduce_sum(tf.square(F - P))


def content_half_of_a_mean(content_weight, content_current, content_original):
    return content_weight * 0.5 * tf.reduce_mean(tf.square(content_current - content_original))


def content_typo(content_weight, content_current, content_original):
    return content_weight * tf.reduce_sum(tf.sqaure(content_current - content_original))


def content_no_call(content_weight, content_current, content_original):
    _, H, W, C = content_current.get_shape.as_list()
    F, P = tf.reshape(content_current, [H * W, C]), tf.reshape(content_original, [H * W, C])
    return content_weight * tf.reduce_sum(tf.square(F - P))


def gram_other_variable(features, normalize=True):
    N, H, W, C = features.shape
    a = tf.reshape(features, [N, H * W, C])
    product = tf.matmul(a, a, transpose_a=True)
    if normalize:
        G = product / (H * W * C)
    return G


def gram_in_numpy(features, normalize=True):
    return gram_matrix(tf.constant(features.numpy()), normalize)


def gram_assigned(features, normalize=True):
    N, H, W, C = features.shape
    gram = np.zeros((N, C, C), np.float32)
    for i, j in np.ndindex(C, C):
        gram[:, i, j] = tf.reduce_sum(features[..., i] * features[..., j], axis=[1, 2])
    return tf.constant(gram / (H * W * C) if normalize else gram)


def gram_of_keras_example(features, normalize=True):
    a = tf.reshape(tf.transpose(features[0], (2, 0, 1)), (features.shape[-1], -1))
    return tf.matmul(a, tf.transpose(a))


def gram_of_a_tutorial(features, normalize=True):
    """Unrolled to two axes, and divided by its rows."""
    a = tf.reshape(features, [-1, int(features.shape[-1])])
    gram = tf.matmul(a, a, transpose_a=True)
    return gram / tf.cast(tf.shape(a)[0], tf.float32) if normalize else gram


def gram_of_a_tutorial_alone(input_tensor):
    a = tf.reshape(input_tensor, [-1, int(input_tensor.shape[-1])])
    return tf.matmul(a, a, transpose_a=True) / tf.cast(tf.shape(a)[0], tf.float32)


def gram_asserts(features, normalize=True):
    assert features.shape.ndims == 3
    a = tf.reshape(features, [-1, features.shape[-1]])
    return tf.matmul(a, a, transpose_a=True)


def gram_of_three_axes(features, normalize=True):
    height, width, channels = features.shape
    a = tf.reshape(features, [height * width, channels])
    return tf.matmul(a, a, transpose_a=True)


def gram_channels_first(features, normalize=True):
    N, C, H, W = features.shape
    a = tf.reshape(features, [N * C, H * W])
    gram = a @ tf.transpose(a)
    return gram / (N * C * H * W) if normalize else gram


def gram_other_default(features, normalize=False):
    return gram_matrix(features, normalize)


def gram_default_none(features, normalize=None):
    return gram_matrix(features, normalize)


def gram_no_default(features, normalize):
    return gram_matrix(features, normalize)


def gram_attribute(features, normalize=True):
    a = tf.reshape(features, [-1, features.shape[-1]])
    return a.T @ a


def gram_reshaped_by_positions(features, normalize=True):
    # Two slips at once.
    _, H, W, C = features.shape
    a = tf.reshape(features, [C, H * W])
    gram = tf.matmul(a, a, transpose_b=True)
    return gram / (H * W) if normalize else gram


def style_mean_of_the_last(feats, style_layers, style_targets, style_weights):
    # Two slips at once.
    for name, target, weight in zip(style_layers, style_targets, style_weights, strict=True):
        loss = weight * tf.reduce_mean(tf.square(gram_matrix(feats[name]) - target))
    return loss


def style_quarter(feats, style_layers, style_targets, style_weights):
    return 0.25 * style_loss(feats, style_layers, style_targets, style_weights)


def style_per_picture(feats, style_layers, style_targets, style_weights):
    return sum(
        weight * tf.reduce_sum(tf.square(gram_matrix(feats[name]) - target), axis=[1, 2])
        for name, target, weight in zip(style_layers, style_targets, style_weights, strict=True)
    )


def style_indexed_feats(feats, style_layers, style_targets, style_weights):
    loss = 0.0
    for i in range(len(style_layers)):
        loss += style_weights[i] * tf.reduce_sum((gram_matrix(feats[i]) - style_targets[i]) ** 2)
    return loss


def style_target_as_activation(feats, style_layers, style_targets, style_weights):
    loss = 0.0
    for name, target, weight in zip(style_layers, style_targets, style_weights, strict=True):
        loss += weight * tf.reduce_sum(tf.square(gram_matrix(feats[name]) - gram_matrix(target)))
    return loss


def style_shape_one(feats, style_layers, style_targets, style_weights):
    loss = tf.zeros([1])
    for name, target, weight in zip(style_layers, style_targets, style_weights, strict=True):
        loss += weight * tf.reduce_sum(tf.square(gram_matrix(feats[name]) - target))
    return loss


def style_pops(feats, style_layers, style_targets, style_weights):
    loss = 0.0
    while style_layers:
        name, target, weight = style_layers.pop(), style_targets.pop(), style_weights.pop()
        loss += weight * tf.reduce_sum(tf.square(gram_matrix(feats[name]) - target))
    return loss


def style_stopped(feats, style_layers, style_targets, style_weights):
    grams = {name: tf.stop_gradient(gram_matrix(a)) for name, a in feats.items()}
    return sum(
        weight * tf.reduce_sum(tf.square(grams[name] - target))
        for name, target, weight in zip(style_layers, style_targets, style_weights, strict=True)
    )


def style_integer_weights(feats, style_layers, style_targets, style_weights):
    loss = tf.constant(0.0)
    for name, target, weight in zip(style_layers, style_targets, style_weights, strict=True):
        loss += tf.constant(weight) * tf.reduce_sum(tf.square(gram_matrix(feats[name]) - target))
    return loss


def tv_corner_loops(img, tv_weight):
    loss = 0.0
    for h in range(img.shape[1] - 1):
        for w in range(img.shape[2] - 1):
            loss += tf.reduce_sum((img[:, h + 1, w] - img[:, h, w]) ** 2)
            loss += tf.reduce_sum((img[:, h, w + 1] - img[:, h, w]) ** 2)
    return tv_weight * loss


def tv_loops_from_one(img, tv_weight):
    loss = 0.0
    for h in range(1, img.shape[1]):
        for w in range(1, img.shape[2]):
            loss += tf.reduce_sum((img[:, h, w] - img[:, h - 1, w]) ** 2 + (img[:, h, w] - img[:, h, w - 1]) ** 2)
    return tv_weight * loss


def tv_skips_first_pair(img, tv_weight):
    _, H, W, _ = img.shape
    down = tf.reduce_sum((img[:, 2:H] - img[:, 1 : H - 1]) ** 2)
    across = tf.reduce_sum((img[:, :, 2:W] - img[:, :, 1 : W - 1]) ** 2)
    return tv_weight * (down + across)


def tv_one_axis_off(img, tv_weight):
    # Axes 0 and 1, as if the picture were (H, W, 3).
    down, across = img[1:] - img[:-1], img[:, 1:] - img[:, :-1]
    return tv_weight * (tf.reduce_sum(down**2) + tf.reduce_sum(across**2))


def tv_same_padding(img, tv_weight):
    one_channel = tf.reshape(tf.transpose(img, [0, 3, 1, 2]), [-1, img.shape[1], img.shape[2], 1])
    pair = tf.constant([-1.0, 1.0])
    across = tf.nn.conv2d(one_channel, tf.reshape(pair, [1, 2, 1, 1]), strides=1, padding="SAME")
    down = tf.nn.conv2d(one_channel, tf.reshape(pair, [2, 1, 1, 1]), strides=1, padding="SAME")
    return tv_weight * (tf.reduce_sum(across**2) + tf.reduce_sum(down**2))


def tv_added_too_early(img, tv_weight):
    across, down = img[:, :, 1:] - img[:, :, :-1], img[:, 1:] - img[:, :-1]
    return tv_weight * tf.reduce_sum(across**2 + down**2)


def tv_weight_on_rows(img, tv_weight):
    rows = tf.reduce_sum(tf.square(img[:, 1:] - img[:, :-1]))
    return tv_weight * rows + tf.reduce_sum(tf.square(img[:, :, 1:] - img[:, :, :-1]))


def tv_weight_on_columns(img, tv_weight):
    rows = tf.reduce_sum(tf.square(img[:, 1:] - img[:, :-1]))
    return rows + tf.reduce_sum(tf.square(img[:, :, 1:] - img[:, :, :-1])) * tv_weight


def tv_of_tensorflow(img, tv_weight):
    return tv_weight * tf.reduce_sum(tf.image.total_variation(img))


def tv_half_of_tensorflows(img, tv_weight):
    return 0.5 * tv_weight * tf.image.total_variation(img)[0]


def tv_channels_first(img, tv_weight):
    _, _, H, W = img.shape
    down = tf.reduce_sum(tf.square(img[:, :, 1:, :] - img[:, :, : H - 1, :]))
    across = tf.reduce_sum(tf.square(img[:, :, :, 1:] - img[:, :, :, : W - 1]))
    return tv_weight * (down + across)


def tv_squeezed_and_counted_from_one(img, tv_weight):
    img = tf.squeeze(img)
    return tv_weight * (
        tf.reduce_sum((img[:, 1:] - img[:, :-1]) ** 2) + tf.reduce_sum((img[:, :, 1:] - img[:, :, :-1]) ** 2)
    )


def tv_of_three_axes(img, tv_weight):
    height, width, _ = img.shape
    down, across = img[: height - 1] - img[1:], img[:, : width - 1] - img[:, 1:]
    return tv_weight * (tf.reduce_sum(tf.square(down)) + tf.reduce_sum(tf.square(across)))


def tv_mean_of_the_cropped(img, tv_weight):
    # Two slips at once.
    corner = img[:, :-1, :-1]
    across, down = img[:, :-1, 1:] - corner, img[:, 1:, :-1] - corner
    return tv_weight * (tf.reduce_mean(across**2) + tf.reduce_mean(down**2))


def tv_integer_weight(img, tv_weight):
    down, across = img[:, 1:] - img[:, :-1], img[:, :, 1:] - img[:, :, :-1]
    return tf.multiply(tf.reduce_sum(down**2) + tf.reduce_sum(across**2), tf.convert_to_tensor(tv_weight))


def tv_in_numpy(img, tv_weight):
    return tv_weight * sum(np.sum(np.diff(img, axis=axis) ** 2) for axis in (1, 2))


def tv_as_float(img, tv_weight):
    return float(tv_loss(img, tv_weight))


def transfer_changed(start=None, parts=lambda costs: costs, iterations_of=lambda n: n, **changed):
    """style_transfer, but for its start, its costs, or what it passes on to paint."""

    def function(model, content, *others, seed=0, **options):
        def other_paint(cost, first, iterations, **settings):
            first = start(content, seed, first) if start else first
            settings = settings | {"iterations": iterations_of(iterations)} | changed
            return paint(lambda picture: parts(cost(picture)), first, **settings)

        names = globals() | {"paint": other_paint}
        transfer = FunctionType(style_transfer.__code__, names, argdefs=style_transfer.__defaults__)
        return transfer(model, content, *others, seed=seed, **options)

    return function


def transfer_content_target_of_style(
    model, content, style, content_layer, content_weight, style_layers, style_weights, tv_weight,
    init_random=False, iterations=200, callback=None, seed=0,
):  # fmt: skip
    content_target = model.activations(style, [content_layer])[content_layer]

    def cost(picture):
        J_content = content_loss(
            content_weight, model.activations(picture, [content_layer])[content_layer], content_target
        )
        return {"total": J_content, "content": J_content, "style": 0.0, "tv": 0.0}

    return paint(cost, content, iterations=iterations, schedule=SCHEDULE, callback=callback)


def writes_into_content(content, seed, first):
    start = first.copy()
    content *= np.float32(0.5)
    return start


def cut(*names):
    """Costs whose total is right and knows nothing of the named costs' gradients."""

    def parts(costs):
        total = sum(
            tf.stop_gradient(costs[name]) if name in names else costs[name] for name in costs if name != "total"
        )
        return costs | {"total": total}

    return parts


def transfer_appends(*arguments, **options):
    model, content, style, content_layer, content_weight, style_layers, *others = arguments
    painted = style_transfer(
        model, content, style, content_layer, content_weight, list(style_layers), *others, **options
    )
    style_layers.append(content_layer)
    return painted


def transfer_extends(*arguments, **options):
    painted = style_transfer(*map(copy.copy, arguments), **options)
    weights = arguments[6]
    weights += [1.0]
    return painted


def transfer_name_for_list(
    model, content, style, content_layer, content_weight, style_layers, style_weights, tv_weight,
    init_random=False, iterations=200, callback=None, seed=0,
):  # fmt: skip
    return model.activations(content, content_layer)[content_layer]


def inversion_one_cost(model, picture, layer, content_weight, tv_weight):
    def cost(x):
        return inversion_cost(model, picture, layer, content_weight, tv_weight)(x)["total"]

    return cost


def inversion_forgotten_return(model, picture, layer, content_weight, tv_weight):
    def cost(x):
        inversion_cost(model, picture, layer, content_weight, tv_weight)(x)

    return cost


def inversion_cut(model, picture, layer, content_weight, tv_weight):
    plain = inversion_cost(model, picture, layer, content_weight, tv_weight)

    def cost(x):
        costs = plain(x)
        J_content = tf.constant(costs["content"].numpy())
        return {"content": J_content, "tv": costs["tv"], "total": J_content + costs["tv"]}

    return cost


def inversion_total_as_number(model, picture, layer, content_weight, tv_weight):
    def cost(x):
        costs = inversion_cost(model, picture, layer, content_weight, tv_weight)(x)
        return costs | {"total": float(costs["content"] + costs["tv"])}

    return cost


def inversion_total_in_numpy(model, picture, layer, content_weight, tv_weight):
    def cost(x):
        costs = inversion_cost(model, picture, layer, content_weight, tv_weight)(x)
        return {name: value.numpy() for name, value in costs.items()}

    return cost


def inversion_total_cut(*names):
    def function(*arguments):
        cost = inversion_cost(*arguments)
        return lambda x: cut(*names)(cost(x))

    return function


def inversion_writes(model, picture, layer, content_weight, tv_weight):
    cost = inversion_cost(model, picture.copy(), layer, content_weight, tv_weight)
    picture -= picture.mean()
    return cost


def grow_default_method(cost, sizes, paint, seed=0):
    picture = paint(cost, np.random.default_rng(seed).uniform(0, 1, (1, *sizes[0], 3)))
    for size in sizes[1:]:
        picture = paint(cost, tf.image.resize(picture, size))
    return picture


def grow_older_generator(cost, sizes, paint, seed=0):
    picture = paint(cost, np.random.RandomState(seed).uniform(0, 1, (1, *sizes[0], 3)))
    for size in sizes[1:]:
        picture = paint(cost, tf.image.resize(picture, size, method="bicubic"))
    return picture


def grow_new_noise(cost, sizes, paint, seed=0):
    rng = np.random.default_rng(seed)
    for height, width in sizes:
        picture = paint(cost, rng.uniform(0, 1, (1, height, width, 3)))
    return picture


def grow_next_size(cost, sizes, paint, seed=0):
    start = np.random.default_rng(seed).uniform(0, 1, (1, *sizes[0], 3))
    for i in range(len(sizes)):
        picture = paint(cost, start)
        start = tf.image.resize(picture, sizes[i + 1], method="bicubic")
    return picture


def grow_pops(cost, sizes, paint, seed=0):
    picture = paint(cost, np.random.default_rng(seed).uniform(0, 1, (1, *sizes.pop(0), 3)))
    while sizes:
        picture = paint(cost, tf.image.resize(picture, sizes.pop(0), method="bicubic"))
    return picture


def grow_list(cost, sizes, paint, seed=0):
    return [grow_loop(cost, sizes[: i + 1], paint, seed) for i in range(len(sizes))]


def grow_other_cost(cost, sizes, paint, seed=0):
    return grow_loop(lambda picture: cost(picture), sizes, paint, seed)


REJECTED = {
    "content_loss": [
        ("NumPy", content_in_numpy, "no gradient reaches content_current"),
        ("stop_gradient", content_stopped, "no gradient reaches content_current"),
        ("a new constant", content_gradient_to_the_original, "no gradient reaches content_current"),
        ("writes into content_original", content_writes, "writes into content_original"),
        ("get_shape of content_original", content_wants_a_tensor, "on content_original as a NumPy array"),
        ("something added", content_with_epsilon, "has the wrong value"),
        ("no return", lambda w, F, P: None, "did you forget `return`?"),
        ("integer tensor", content_integer_weight, "weight as an integer tensor:"),
        ("integer tensor, compiled", content_integer_weight_last, "weight as an integer tensor:"),
        ("integer size", content_divided_by_integers, "stops on four positions, computed by hand"),
        ("np.power", content_power_in_numpy, "no gradient reaches content_current"),
        ("float()", content_as_float, "no gradient reaches content_current"),
        ("three axes", content_of_three_axes, "axis of pictures forgotten:"),
        ("half of a mean", content_half_of_a_mean, "half of the loss:"),
        ("half of a mean, of the mean", content_half_of_a_mean, "mean instead of the sum:"),
        ("a typo", content_typo, "sqaure"),
        ("get_shape without a call", content_no_call, "as_list"),
    ],
    "content_loss_batch": [
        ("[H·W, C]", content_unrolled, "written for one picture:"),
        ("[0]", content_loops, "only the first picture:"),
        ("half", lambda w, F, P: content_loss(w, F, P) / 2, "not right for one picture yet:"),
        ("mean over the pictures", lambda w, F, P: content_loss(w, F, P) / F.shape[0], "averaged over the pictures:"),
        ("np.power", content_power_in_numpy, "no gradient reaches content_current"),
    ],
    "gram_matrix": [
        ("undefined under another name", gram_other_variable, "undefined when not normalised:"),
        ("a new constant", gram_in_numpy, "no gradient reaches features"),
        ("assigned", gram_assigned, "no gradient reaches features"),
        ("another tutorial's", gram_of_keras_example, "never normalised:"),
        ("divided by its rows", gram_of_a_tutorial, "divided by the positions only:"),
        ("divided by its rows, no normalize", gram_of_a_tutorial_alone, "divided by the positions only:"),
        ("no normalize", lambda features: gram_matrix(features), "no argument normalize:"),
        ("three axes, asserted", gram_asserts, "made for three axes:"),
        ("three axes", gram_of_three_axes, "axis of pictures forgotten:"),
        ("N, C, H, W", gram_channels_first, "axes read as channels first:"),
        ("another default", gram_other_default, "other defaults:"),
        ("None by default", gram_default_none, "other defaults:"),
        ("no default", gram_no_default, "other defaults:"),
        ("A.T", gram_attribute, "'T'"),
        ("reshaped, and divided by positions", gram_reshaped_by_positions, "reshaped, not transposed:"),
        ("divided by positions, and reshaped", gram_reshaped_by_positions, "divided by the positions only:"),
    ],
    "gram_matrix_batch": [
        ("the original's, of one picture", gram_classic, "written for one picture:"),
        ("squeezed and unrolled", gram_one_picture, "pictures mixed:"),
        ("squeezed first", gram_squeezed_first, "written for one picture:"),
        ("features[0]", gram_of_the_first, "only the first picture, axis dropped:"),
        ("[N·C, H·W]", gram_folded, "pictures taken for channels"),
        ("[1, H·W, C]", gram_one_room, "written for one picture:"),
        ("summed over all axes", gram_all_axes, "pictures averaged:"),
        ("another tutorial's", gram_of_keras_example, "not right for one picture yet:"),
        ("a new constant", gram_in_numpy, "no gradient reaches features"),
    ],
    "style_loss": [
        ("feats by number", style_indexed_feats, "activations by number:"),
        ("targets as activations", style_target_as_activation, "target made into a Gram matrix:"),
        ("tf.zeros([1])", style_shape_one, "not a single number:"),
        ("lists emptied", style_pops, "writes into"),
        ("stop_gradient", style_stopped, "no gradient reaches feats"),
        ("integer tensors", style_integer_weights, "weights as integer tensors:"),
        ("the mean of the last layer", style_mean_of_the_last, "only the last layer:"),
        ("the last layer's mean", style_mean_of_the_last, "mean instead of the sum:"),
        ("a quarter", style_quarter, "a constant factor:"),
        ("one for each picture", style_per_picture, "not a single number:"),
    ],
    "style_loss_batch": [
        ("with the original's matrices", style_classic, "written for one picture:"),
        ("of the first picture", style_of_the_first, "only the first picture:"),
        ("one for each picture", style_per_picture, "one number for each picture:"),
        ("a quarter", style_quarter, "not right for one picture yet:"),
    ],
    "tv_loss": [
        ("loops that stop at the corner", tv_corner_loops, "both differences cropped:"),
        ("loops from one", tv_loops_from_one, "both differences cropped at the beginning:"),
        ("slices from two", tv_skips_first_pair, "first pair skipped:"),
        ("axes 0 and 1", tv_one_axis_off, "only vertical neighbours:"),
        ("padding SAME", tv_same_padding, "compared with black outside:"),
        ("added too early", tv_added_too_early, "squares added before they are summed:"),
        ("weight on the rows", tv_weight_on_rows, "weight on the vertical sum only:"),
        ("weight on the columns", tv_weight_on_columns, "weight on the horizontal sum only:"),
        ("TensorFlow's", tv_of_tensorflow, "absolute differences:"),
        ("half of TensorFlow's", tv_half_of_tensorflows, "total variation of TensorFlow:"),
        ("N, C, H, W", tv_channels_first, "axes read as channels first:"),
        ("squeezed, axes as before", tv_squeezed_and_counted_from_one, "axes read as channels first:"),
        ("three axes", tv_of_three_axes, "axis of pictures forgotten:"),
        ("mean of the cropped", tv_mean_of_the_cropped, "mean instead of the sum:"),
        ("cropped, and their mean", tv_mean_of_the_cropped, "both differences cropped:"),
        ("float", tv_as_float, "no gradient reaches img"),
        ("np.diff", tv_in_numpy, "no gradient reaches img"),
        ("integer tensor", tv_integer_weight, "weight as an integer tensor:"),
    ],
    "tv_loss_batch": [
        ("img[0]", tv_first_picture, "only the first picture:"),
        ("squeezed", tv_squeezed, "squeezed:"),
        ("(H, W, C)", tv_one_room, "written for one picture:"),
        ("half of TensorFlow's", tv_half_of_tensorflows, "not right for one picture yet:"),
        ("np.diff", tv_in_numpy, "no gradient reaches img"),
    ],
    "style_transfer": [
        ("content target of the style", transfer_content_target_of_style, "content target taken from the style:"),
        ("no callback", transfer_changed(callback=None), "calls callback 0 times in one iteration"),
        (
            "iterations fixed",
            transfer_changed(iterations_of=lambda n: 2),
            "calls callback 2 times in one iteration",
        ),
        ("one iteration too many", transfer_changed(iterations_of=lambda n: n + (n > 0)), "calls callback 2 times"),
        ("three at most", transfer_changed(iterations_of=lambda n: min(n, 2)), "callback came 2 times"),
        ("no schedule", transfer_changed(schedule=None), "schedule not passed on:"),
        ("no tv among the costs", transfer_changed(parts=lambda costs: costs | {"tv": costs["tv"] * 0}), "tv of style"),
        ("tv missing", transfer_changed(parts=lambda costs: {"total": costs["total"]}), 'costs without "content"'),
        ("writes into content", transfer_changed(start=writes_into_content), "writes into content:"),
        ("style_layers.append", transfer_appends, "writes into style_layers:"),
        ("style_weights +=", transfer_extends, "writes into style_weights:"),
        ("no gradient from content", transfer_changed(parts=cut("content")), "content without its gradient:"),
        ("no gradient from style", transfer_changed(parts=cut("style")), "style without its gradient:"),
        ("no gradient from tv", transfer_changed(parts=cut("tv")), "tv without its gradient:"),
        ("no gradient at all", transfer_changed(parts=cut("content", "style", "tv")), "does not depend on the picture"),
        (
            "another generator",
            transfer_changed(start=lambda content, seed, first: first if first is content else first[:, ::-1]),
            "another generator:",
        ),
        (
            "float32 noise",
            transfer_changed(
                start=lambda content, seed, first: (
                    first if first is content else np.random.default_rng(seed).random(content.shape, dtype="float32")
                )
            ),
            "another generator:",
        ),
        (
            "TensorFlow's noise",
            transfer_changed(
                start=lambda content, seed, first: (
                    first if first is content else tf.random.stateless_uniform(content.shape, [seed, 0])
                )
            ),
            "another generator:",
        ),
        ("a name for a list", transfer_name_for_list, "layer not in a list:"),
    ],
    "inversion_cost": [
        ("one number", inversion_one_cost, 'something else than a dictionary of "content", "tv", "total"'),
        ("no return inside", inversion_forgotten_return, "a function that returns nothing"),
        ("a new constant", inversion_cut, "content without its gradient:"),
        ("total as a float", inversion_total_as_number, "total without a gradient:"),
        ("NumPy's costs", inversion_total_in_numpy, "total without a gradient:"),
        ("no gradient from content", inversion_total_cut("content"), "content without its gradient:"),
        ("no gradient from tv", inversion_total_cut("tv"), "tv without its gradient:"),
        ("no gradient at all", inversion_total_cut("content", "tv"), "total without a gradient:"),
        ("writes into picture", inversion_writes, "writes into picture:"),
    ],
    "grow_texture": [
        ("resize's own method", grow_default_method, "bilinear:"),
        ("new noise at every size", grow_new_noise, "fresh noise at every size:"),
        ("one size too many", grow_next_size, "enlarged after the last:"),
        ("sizes emptied", grow_pops, "changes the list of sizes"),
        ("all pictures", grow_list, "returns a list"),
        ("another cost", grow_other_cost, "the very cost"),
        ("another generator", grow_older_generator, "another generator:"),
    ],
}
