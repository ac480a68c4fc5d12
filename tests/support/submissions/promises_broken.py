"""Rows whose values are right, and whose gradients, arguments or optimizers are not."""

from tests.support.submissions import FACES, LOSSES, NEURAL, SEE, row

STYLE, PAINTING = ("neural-style-transfer", "2-style-cost"), ("neural-style-transfer", "3-painting")
UNITS, DOOR = ("what-convnets-see", "2-what-a-unit-responds-to"), ("face-recognition", "2-who-is-at-the-door")

#: What the dishonest answers share: a value with another gradient, and what it takes for a right one.
BENT = """
def bent(function, bend):
    def with_bent_gradient(*tensors):
        @tf.custom_gradient
        def forward(*tensors):
            with tf.GradientTape() as tape:
                tape.watch(tensors)
                value = function(*tensors)
            def backward(upstream):
                found = tape.gradient(value, tensors, upstream, tf.UnconnectedGradients.ZERO)
                return [bend(tf.convert_to_tensor(gradient)) for gradient in found]
            return value, backward
        return forward(*map(tf.convert_to_tensor, tensors))
    return with_bent_gradient
"""


@row(100, "a right content cost whose gradient is NaN", NEURAL, wrong=(), lost=["compute_content_cost"])
def nan_gradient(work):
    work.add(BENT)
    work.answer(
        "compute_content_cost",
        """
        def compute_content_cost(a_C, a_G):
            return bent(lambda x: tf.reduce_mean((x - a_C) ** 2) / 4, lambda gradient: gradient * np.nan)(a_G)
        """,
    )


@row(101, "an infinite gradient, and none through tf.numpy_function", STYLE, wrong=(), lost="all")
def infinite_gradient(work):
    work.add(BENT)
    work.answer(
        "gram_matrix",
        """
        def gram_matrix(A):
            return bent(lambda x: x @ tf.transpose(x), lambda gradient: gradient + np.inf)(A)
        """,
    )
    work.answer(
        "compute_layer_style_cost",
        """
        def style_in_numpy(a_S, a_G):
            S, G = (np.einsum("bhwi,bhwj->ij", a, a) for a in (a_S, a_G))
            return np.float32(np.sum((S - G) ** 2) / (2 * a_G.size) ** 2)

        def compute_layer_style_cost(a_S, a_G):
            return tf.ensure_shape(tf.numpy_function(style_in_numpy, [a_S, a_G], tf.float32), [])
        """,
    )


@row(102, "twice the gradient, a step by hand, and no Adam", PAINTING, wrong=(), lost="all")
def by_hand(work):
    work.add(BENT)
    work.answer(
        "total_cost",
        """
        def total_cost(J_content, J_style, alpha=10, beta=40):
            if not isinstance(J_content, tf.Tensor):
                return alpha * J_content + beta * J_style
            return bent(lambda c, s: alpha * c + beta * s, lambda gradient: 2 * gradient)(J_content, J_style)
        """,
    )
    work.answer(
        "train_step",
        """
        def train_step(picture, costs, optimizer):
            with tf.GradientTape() as tape:
                J_content, J_style = costs(picture)
                J = 10 * J_content + 40 * J_style
            gradient = tape.gradient(J, picture)
            rate = tf.cast(optimizer.learning_rate, tf.float32)
            picture.assign_sub(rate * (tf.sign(gradient) if "Adam" in type(optimizer).__name__ else gradient))
            return J, J_content, J_style
        """,
    )
    work.answer(
        "model_nn",
        """
        def model_nn(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
            picture = tf.Variable(start)
            for i in range(num_iterations):
                with tf.GradientTape() as tape:
                    J_content, J_style = costs(picture)
                    J = 10 * J_content + 40 * J_style
                picture.assign_sub(learning_rate * tf.sign(tape.gradient(J, picture)))
                if callback is not None:
                    callback(i, {"total": J, "content": J_content, "style": J_style}, picture)
            return picture.numpy()
        """,
    )


@row(
    103, "a number for a tensor, an optimizer of its own, a start that is painted over", PAINTING, wrong=(), lost="all"
)
def of_its_own(work):
    work.answer(
        "total_cost",
        "def total_cost(J_content, J_style, alpha=10, beta=40):\n    return float(alpha * J_content + beta * J_style)",
    )
    work.answer(
        "train_step",
        """
        def train_step(picture, costs, optimizer):
            with tf.GradientTape() as tape:
                J_content, J_style = costs(picture)
                J = 10 * J_content + 40 * J_style
            anew = type(optimizer).from_config(optimizer.get_config())
            anew.apply_gradients([(tape.gradient(J, picture), picture)])
            return J, J_content, J_style
        """,
    )
    work.answer(
        "model_nn",
        """
        def model_nn(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
            picture, optimizer = tf.Variable(start), tf.keras.optimizers.Adam(learning_rate)
            for i in range(num_iterations):
                with tf.GradientTape() as tape:
                    J_content, J_style = costs(picture)
                    J = 10 * J_content + 40 * J_style
                optimizer.apply_gradients([(tape.gradient(J, picture), picture)])
                if callback is not None:
                    callback(i, {"total": J, "content": J_content, "style": J_style}, picture)
            start[...] = picture.numpy()
            return start.copy()
        """,
    )


_RIGHT_LOSSES = """
def right_content(weight, F, P):
    return weight * tf.reduce_sum((F - P) ** 2)

def right_gram(features, normalize=True):
    gram = tf.einsum("nhwi,nhwj->nij", features, features)
    return gram / np.prod(features.shape[1:]) if normalize else gram

def right_style(feats, layers, targets, weights):
    return sum(w * tf.reduce_sum((right_gram(feats[l]) - t) ** 2) for l, t, w in zip(layers, targets, weights))

def right_tv(img, weight):
    across, down = img[:, :, 1:] - img[:, :, :-1], img[:, 1:] - img[:, :-1]
    return weight * (tf.reduce_sum(across**2) + tf.reduce_sum(down**2))
"""


@row(104, "uphill, elsewhere, of one layer only, and too small by far", LOSSES, wrong=(), lost="all")
def bent_losses(work):
    work.add(BENT + _RIGHT_LOSSES)
    work.answer(
        "content_loss",
        """
        def content_loss(content_weight, F, P):
            return bent(lambda x: right_content(content_weight, x, P), lambda gradient: -gradient)(F)
        """,
    )
    work.answer(
        "gram_matrix",
        """
        def gram_matrix(features, normalize=True):
            def elsewhere(gradient):
                return tf.reshape(tf.reverse(tf.reshape(gradient, [-1]), [0]), gradient.shape)
            return bent(lambda x: right_gram(x, normalize), elsewhere)(features)
        """,
    )
    work.answer(
        "style_loss",
        """
        def style_loss(feats, style_layers, style_targets, style_weights):
            feats = {name: a if name == style_layers[0] else tf.stop_gradient(a) for name, a in feats.items()}
            return right_style(feats, style_layers, style_targets, style_weights)
        """,
    )
    work.answer(
        "tv_loss",
        """
        def tv_loss(img, tv_weight):
            return bent(lambda x: right_tv(x, tv_weight), lambda gradient: gradient * 1e-12)(img)
        """,
    )


@row(105, "half, none at identical activations, NaN behind tf.where, and a forged tape", LOSSES, wrong=(), lost="all")
def half_losses(work):
    work.add(BENT + _RIGHT_LOSSES)
    work.answer(
        "content_loss",
        """
        def content_loss(content_weight, F, P):
            squares = tf.where(F == P, 0.0, (F - P) ** 4 / (F - P) ** 2)
            return content_weight * tf.reduce_sum(squares)
        """,
    )
    work.answer(
        "gram_matrix",
        """
        def gram_matrix(features, normalize=True):
            gram = right_gram(features, normalize)
            return 0.5 * gram + tf.stop_gradient(0.5 * gram)
        """,
    )
    work.answer(
        "style_loss",
        """
        def style_loss(feats, style_layers, style_targets, style_weights):
            value = right_style(feats, style_layers, style_targets, style_weights)
            noise = sum(tf.reduce_sum(a * np.random.normal(size=a.shape)) for a in feats.values())
            return tf.stop_gradient(value - noise) + noise
        """,
    )
    work.answer(
        "tv_loss",
        """
        def alike(self, target, sources, *others, **options):
            return tf.nest.map_structure(tf.ones_like, sources)

        tf.GradientTape.gradient = alike
        tv_loss = right_tv
        """,
    )


@row(
    106,
    "right losses that write into what they are given",
    LOSSES,
    wrong=(),
    lost=["content_loss", "style_loss", "tv_loss"],
)
def written_losses(work):
    work.add(_RIGHT_LOSSES)
    work.answer(
        "content_loss",
        """
        def content_loss(content_weight, F, P):
            loss = right_content(content_weight, F, P)
            if isinstance(P, np.ndarray):
                P[0] += 1
            return loss
        """,
    )
    work.answer(
        "style_loss",
        """
        def style_loss(feats, style_layers, style_targets, style_weights):
            loss = right_style(feats, style_layers, style_targets, style_weights)
            style_layers.pop()
            return loss
        """,
    )
    work.answer(
        "tv_loss",
        """
        def tv_loss(img, tv_weight):
            loss = right_tv(img, tv_weight)
            if isinstance(img, tf.Variable):
                img.assign_add(tf.ones_like(img))
            return loss
        """,
    )


@row(107, "a triplet that pulls from one side, and labels that are sorted on the way", FACES, wrong=(), lost="all")
def one_sided_triplet(work):
    work.answer(
        "triplet_loss",
        """
        def triplet_loss(y_true, y_pred, alpha=0.2):
            a, p, n = y_pred
            far = tf.reduce_sum((tf.stop_gradient(a) - n) ** 2, -1)
            return tf.reduce_sum(tf.maximum(tf.reduce_sum((a - p) ** 2, -1) - far + alpha, 0))
        """,
    )
    work.cell("choose_triplets").source += """


chosen = choose_triplets
def choose_triplets(encodings, labels, alpha=0.2):
    result = chosen(encodings, labels, alpha)
    labels.sort()
    return result"""


@row(108, "everything at the door writes into what it is given", DOOR, wrong=(), lost="all")
def written_at_the_door(work):
    for exercise, spoil in {
        "img_to_encoding": "inputs[0][0] = 0",
        "verify": "inputs[2].popitem()",
        "who_is_it": "inputs[1].clear()",
        "acceptance_rates": "inputs[1].sort()",
        "probability_same": "inputs[3].assign(0.0) if isinstance(inputs[3], tf.Variable) else None",
    }.items():
        work.cell(exercise).source += f"""


def spoiling(right_one):
    def {exercise}(*inputs, **options):
        result = right_one(*inputs, **options)
        {spoil}
        return result
    return {exercise}

{exercise} = spoiling({exercise})"""


@row(109, "half a gradient for the weights, NaN for one encoding", DOOR, wrong=(), lost=["probability_same"])
def bent_probability(work):
    work.add(BENT)
    work.cell("probability_same").source += """


right_probability = probability_same
def probability_same(f_1, f_2, w, b, similarity="absolute"):
    if similarity == "absolute":
        w = 0.5 * w + tf.stop_gradient(0.5 * w)
    else:
        f_2 = bent(tf.identity, lambda gradient: gradient * np.nan)(f_2)
    return right_probability(f_1, f_2, w, b, similarity)"""


@row(
    110,
    "a unit painted backwards, layers that are used up, activations that are crossed out",
    UNITS,
    wrong=(),
    lost="all",
)
def bent_unit(work):
    work.add(BENT)
    work.cell("unit_cost").source += """


right_unit = unit_cost
def unit_cost(model, layer, channel, tv_weight):
    def backwards(x):
        return {name: bent(lambda x: cost(x)[name], lambda gradient: -gradient)(x) for name in ("total", "unit", "tv")}

    cost = right_unit(model, layer, channel, tv_weight)
    return backwards"""
    work.cell("receptive_field").source += """


right_field = receptive_field
def receptive_field(layers):
    result = right_field(layers)
    while layers:
        layers.pop()
    return result"""
    work.cell("strongest").source += """


right_strongest = strongest
def strongest(activation, count):
    result = right_strongest(activation, count)
    activation[:] = -1
    return result"""


@row(111, "a signal that is padded in place", SEE, wrong=(), lost=["convolve_1d"])
def written_signal(work):
    work.cell("convolve_1d").source += """


right_convolution = convolve_1d
def convolve_1d(signal, kernels, stride=1, padding=0):
    result = right_convolution(signal, kernels, stride, padding)
    kernels *= 2
    return result"""
