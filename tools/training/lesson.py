"""How much of its teachers a student explains, and a step that makes it more."""

from nst.quiet import tf
from tools.training import settings
from tools.training.teachers import GRID, sampled

KERNEL_POSITIONS = 256  # sampled for the comparison of inner products
KERNEL_WEIGHT = 0.5  # of that comparison, next to the unexplained variance
MEMORY = 0.95  # of the running covariances that the linear maps are solved from


class Lesson:
    """A student, what it is to explain, and the linear maps it is read by."""

    def __init__(self, student, stand_ins=()):
        self.student, self.stand_ins = student, stand_ins
        self.pairs = [(layer, target) for layer, targets in student.targets.items() for target in targets]
        self.own, self.cross = {}, {}  # running second moments: student with itself, student with teacher
        self.optimizer = tf.keras.optimizers.Adam(1e-3, beta_2=0.99, epsilon=1e-8)
        self.optimizer.build(student.trained)

    @property
    def variables(self):
        return [*self.student.variables, *self.own.values(), *self.cross.values(), *self.optimizer.variables]

    def prepare(self, features):
        """Make room for the moments, once the teachers' widths are known."""
        found = self.student.look(tf.zeros((1, settings.SIZE, settings.SIZE, 3)), list(self.student.targets))
        for layer, target in self.pairs:
            width, wanted = found[layer].shape[-1] + 1, features[target].shape[-1]
            self.own.setdefault(layer, tf.Variable(tf.zeros((width, width)), trainable=False))
            self.cross[layer, target] = tf.Variable(tf.zeros((width, wanted)), trainable=False)

    def rows(self, features, layer, target):
        """A student's and a teacher's features at the same positions: (positions, channels) each.

        Without padding SqueezeNet has a position or two less at the right and bottom.
        """
        x = sampled(features, GRID[layer])
        side = min(x.shape[1], target.shape[1])
        x, t = x[:, :side, :side], target[:, :side, :side]
        return tf.reshape(x, [-1, x.shape[-1]]), tf.reshape(t, [-1, t.shape[-1]])

    def maps(self):
        """The least-squares maps, (student's channels + 1, teacher's channels), from the running moments."""
        solutions = {}
        for layer, own in self.own.items():
            ridge = 1e-4 * tf.linalg.trace(own) / own.shape[0] * tf.eye(own.shape[0])
            root = tf.linalg.cholesky(own + ridge)
            for pair in self.pairs:
                if pair[0] == layer:
                    solutions[pair] = tf.linalg.cholesky_solve(root, self.cross[pair])
        return solutions

    def weight(self, pair):
        """The layers that pictures are painted with count four times, a stand-in's word a quarter."""
        weight = 4.0 if pair[0] in self.student.style_layers + self.student.content_layers else 1.0
        return weight / 4 if pair[1] in self.stand_ins else weight

    def losses(self, crops, targets, scales, seed, learn=True):
        """Unexplained variance and mismatch of inner products, each a dict from pair to a share (0 is perfect).

        seed: two whole numbers; they choose the positions whose inner products are compared.
        """
        features = self.student.look(tf.cast(crops, tf.float32), list(self.student.targets))
        rows, known = {}, set()
        for layer, target in self.pairs:
            x, t = self.rows(features[layer], layer, tf.cast(targets[target], tf.float32))
            rows[layer, target] = tf.pad(x, [[0, 0], [0, 1]], constant_values=1.0), t
        if learn:
            for (layer, target), (x, t) in rows.items():
                x = tf.stop_gradient(x)
                count = tf.cast(tf.shape(x)[0], tf.float32)
                if layer not in known:
                    known.add(layer)
                    own = self.own[layer]
                    own.assign(MEMORY * own + (1 - MEMORY) * tf.matmul(x, x, transpose_a=True) / count)
                cross = self.cross[layer, target]
                cross.assign(MEMORY * cross + (1 - MEMORY) * tf.matmul(x, t, transpose_a=True) / count)
        maps = self.maps()
        unexplained, mismatch = {}, {}
        for pair, (x, t) in rows.items():
            residual = t - tf.matmul(x, tf.stop_gradient(maps[pair]))
            unexplained[pair] = tf.reduce_mean(tf.square(residual)) / scales[pair[1]]
            if pair[1] == self.student.targets[pair[0]][0]:
                some = tf.random.stateless_uniform([KERNEL_POSITIONS], seed, 0, tf.shape(x)[0], tf.int32)
                ours, theirs = _inner_products(tf.gather(x[:, :-1], some)), _inner_products(tf.gather(t, some))
                mismatch[pair] = tf.reduce_sum(tf.square(ours - theirs)) / tf.reduce_sum(tf.square(theirs))
        return unexplained, mismatch

    @tf.function(autograph=False)
    def step(self, crops, targets, scales, seed, rate, learning):
        self.student.learning = learning
        with tf.GradientTape() as tape:
            unexplained, mismatch = self.losses(crops, targets, scales, seed)
            loss = tf.add_n([self.weight(pair) * share for pair, share in unexplained.items()])
            loss += KERNEL_WEIGHT * tf.add_n([self.weight(pair) * share for pair, share in mismatch.items()])
        self.student.learning = False
        self.optimizer.learning_rate.assign(rate)
        self.optimizer.apply(tape.gradient(loss, self.student.trained), self.student.trained)
        return loss

    @tf.function(autograph=False)
    def measure(self, crops, targets, scales, seed):
        """Like `losses`, on pictures that nothing is learnt from."""
        return self.losses(crops, targets, scales, seed, learn=False)


def _inner_products(rows):
    products = tf.matmul(rows, rows, transpose_b=True)
    return products / tf.reduce_mean(tf.linalg.diag_part(products))
