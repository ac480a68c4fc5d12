"""Paintings by a student, which its teachers look at too."""

import numpy as np

from nst.pictures import MEANS
from nst.quiet import tf
from tools.training import settings

STAGES = 4, 12, 40  # after so many steps of Adam a painting is kept


class Easel:
    """Small paintings by a student, kept at several stages."""

    def __init__(self, student):
        self.student = student
        self.canvas = tf.Variable(tf.zeros((settings.BATCH, settings.SIZE, settings.SIZE, 3)))
        self.optimizer = tf.keras.optimizers.Adam(1.0)
        self.optimizer.build([self.canvas])

    @tf.function(autograph=False)
    def statistics(self, pictures, content):
        features = self.student.look(pictures, [*self.student.style_layers, content])
        grams = {}
        for layer in self.student.style_layers:
            x = tf.reshape(features[layer], [settings.BATCH, -1, features[layer].shape[-1]])
            grams[layer] = tf.matmul(x, x, transpose_a=True) / tf.cast(tf.shape(x)[1], tf.float32)
        return features[content], grams

    @tf.function(autograph=False)
    def move(self, wanted_content, wanted_grams, content, weights, alpha):
        with tf.GradientTape() as tape:
            found, grams = self.statistics(self.canvas, content)
            cost = alpha * _relative(found, wanted_content)
            for weight, layer in zip(tf.unstack(weights), self.student.style_layers, strict=True):
                cost += weight * _relative(grams[layer], wanted_grams[layer])
        self.optimizer.apply([tape.gradient(cost, self.canvas)], [self.canvas])

    def paint(self, contents, styles, rng):
        """(len(STAGES) · BATCH, SIZE, SIZE, 3) uint8: each content in a style, at every stage."""
        contents, styles = contents.astype(np.float32), styles.astype(np.float32)
        content = str(rng.choice(self.student.content_layers))
        weights = rng.uniform(0, 1, len(self.student.style_layers)) * rng.integers(0, 2, len(self.student.style_layers))
        if not weights.any():
            weights[0] = 1
        share = rng.uniform(0, 1, (settings.BATCH, 1, 1, 1))
        self.canvas.assign(share * (MEANS + rng.uniform(-20, 20, contents.shape)) + (1 - share) * contents)
        for variable in self.optimizer.variables:
            variable.assign(tf.zeros_like(variable))
        self.optimizer.learning_rate.assign(rng.uniform(2, 10))
        alpha = tf.constant(10 ** rng.uniform(-2, 0), tf.float32)
        wanted_content, wanted_grams = self.statistics(contents, content)[0], self.statistics(styles, content)[1]
        kept = []
        for step in range(1, max(STAGES) + 1):
            self.move(wanted_content, wanted_grams, content, tf.constant(weights, tf.float32), alpha)
            if step in STAGES:
                kept.append(np.clip(np.rint(self.canvas.numpy()), 0, 255).astype(np.uint8))
        return np.concatenate(kept)


def _relative(found, wanted):
    axes = list(range(1, found.shape.rank))
    return tf.reduce_sum(tf.reduce_sum(tf.square(found - wanted), axes) / tf.reduce_sum(tf.square(wanted), axes))
