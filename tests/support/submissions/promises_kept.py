"""Rows that are right in other words: the honest relatives of the broken promises."""

from tests.support.submissions import FACES, LOSSES, NEURAL, row
from tests.support.submissions.promises_broken import PAINTING


@row(112, "right, with a gradient of its own that is true", NEURAL, wrong=())
def true_gradient(work):
    work.answer(
        "compute_content_cost",
        """
        def compute_content_cost(a_C, a_G):
            @tf.custom_gradient
            def cost(x):
                difference = x - a_C
                def slope(upstream):
                    return upstream * difference / (2 * x.shape.num_elements())
                return tf.reduce_mean(difference**2) / 4, slope
            return cost(a_G)
        """,
    )


@row(113, "right, with optimizers in other words", PAINTING, wrong=())
def other_words(work):
    work.answer(
        "total_cost",
        """
        def total_cost(J_content, J_style, alpha=10, beta=40):
            return tf.add_n([alpha * tf.convert_to_tensor(J_content), beta * tf.convert_to_tensor(J_style)])
        """,
    )
    work.answer(
        "train_step",
        """
        def train_step(picture, costs, optimizer):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(picture)
                J_content, J_style = costs(picture)
                J = tf.add(10 * J_content, 40 * J_style)
            (gradient,) = tape.gradient(J, [picture])
            optimizer.apply([tf.identity(gradient)], [picture])
            return J, J_content, J_style
        """,
    )
    work.answer(
        "model_nn",
        """
        def model_nn(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
            picture = tf.Variable(np.array(start), dtype=tf.float32)
            optimizer = tf.optimizers.Adam(learning_rate=learning_rate, beta_1=0.9, beta_2=0.999)
            step = tf.function(lambda: train_step(picture, costs, optimizer))
            for i in range(num_iterations):
                total, content, style = step()
                if callback:
                    callback(i, dict(total=total, content=content, style=style), picture)
            return np.array(picture.numpy())
        """,
    )


@row(114, "right, with einsum, loops, norms and a true gradient of its own", LOSSES, wrong=())
def other_losses(work):
    work.answer(
        "content_loss",
        """
        def content_loss(content_weight, F, P):
            return content_weight * tf.sqrt(tf.reduce_sum(tf.square(F - P)) + 1e-12) ** 2
        """,
    )
    work.answer(
        "gram_matrix",
        """
        def gram_matrix(features, normalize=True):
            N, H, W, C = features.shape
            scale = H * W * C if normalize else 1
            return tf.stack([tf.tensordot(picture, picture, [[0, 1], [0, 1]]) / scale for picture in features])
        """,
    )
    work.answer(
        "style_loss",
        """
        def style_loss(feats, style_layers, style_targets, style_weights):
            loss = 0.0
            for name, target, weight in zip(style_layers, style_targets, style_weights):
                difference = gram_matrix(feats[name]) - target
                loss += weight * tf.reduce_sum(tf.linalg.trace(tf.matmul(difference, difference, transpose_b=True)))
            return loss
        """,
    )
    work.answer(
        "tv_loss",
        """
        @tf.custom_gradient
        def neighbours(img):
            down, across = img[:, 1:] - img[:, :-1], img[:, :, 1:] - img[:, :, :-1]
            def laid(differences, before, after):
                return tf.pad(differences, [[0, 0], before, after, [0, 0]])
            def slope(upstream):
                slopes = laid(down, [1, 0], [0, 0]) - laid(down, [0, 1], [0, 0])
                slopes += laid(across, [0, 0], [1, 0]) - laid(across, [0, 0], [0, 1])
                return 2 * upstream * slopes
            return tf.reduce_sum(down**2) + tf.reduce_sum(across**2), slope

        def tv_loss(img, tv_weight):
            return tv_weight * neighbours(tf.convert_to_tensor(img))
        """,
    )


@row(115, "right, with norms that have an epsilon, and with a function of Keras", FACES, wrong=())
def other_triplets(work):
    work.answer(
        "triplet_loss",
        """
        def triplet_loss(y_true, y_pred, alpha=0.2):
            a, p, n = y_pred
            near, far = (tf.sqrt(tf.reduce_sum(tf.square(a - other), axis=1) + 1e-12) for other in (p, n))
            return tf.reduce_sum(tf.keras.activations.relu(near**2 - far**2 + alpha))
        """,
    )
