"""The commonest exceptions in students' functions, each provoked by the slip that brings it, and what is said of it."""

import linecache
from itertools import count

import numpy as np
import pytest

from nst.checks.exceptions import sentence
from nst.quiet import tf
from nst.tracebacks import raw

#: line of a student's function of A, a tensor (1, 2, 3, 4), M, one of (2, 3), and a, an array (1, 2, 3, 4) -> what the
#: sentence says, in part.
SLIPS = {
    # names behind a dot
    "tf.reduce_summ(M)": "no `tf.reduce_summ`; did you mean `tf.reduce_sum`?",
    "tf.transpos(M)": "did you mean `tf.transpose`?",
    "tf.math.sqaure(M)": "no `tf.math.sqaure`; did you mean `tf.math.square`?",
    "tf.mean(M)": "it is called `tf.reduce_mean`",
    "tf.log(M)": "did you mean `tf.math.log`?",
    "tf.keras.optimizer.Adam(2.0)": "did you mean `tf.keras.optimizers`?",
    "tf.keras.optimizers.adam(2.0)": "did you mean `tf.keras.optimizers.Adam`?",
    "tf.train.AdamOptimizer(2.0)": "it is called `tf.keras.optimizers.Adam`",
    "tf.Session()": "belongs to TensorFlow 1",
    "np.norm(a)": "did you mean `np.linalg.norm`?",
    "np.float(a)": "write `float`, which is Python's own",
    "np.summ(a)": "did you mean `np.sum`?",
    "np.xyzzy(a)": "letter by letter",
    "A.get_shape.as_list()": "call it first, with round brackets, `A.get_shape().as_list()`",
    "a.shape.as_list()": "`a.shape` is a plain Python tuple or list already",
    "a.get_shape()": "`a.shape` works for tensors and arrays alike",
    "M.T": "write `tf.transpose(M)`",
    "A.reshape(4, 6)": "write `tf.reshape(A, …)`",
    "tf.square(A).sum()": "write `tf.reduce_sum(tf.square(A))`",
    "tf.Variable(A).permute(0, 3, 1, 2)": "write `tf.transpose(tf.Variable(A), perm=[…])`",
    "M.shap": "did you mean `.shape`?",
    "M.xyzzy": "look for a function of `tf`",
    "M.assign(M)": "only a tf.Variable has `.assign`. Make it one: tf.Variable(M)",
    "a.numpy()": "`a` is an array or a plain number already",
    "nothing.shape": "`nothing` is None. It comes from a function that returns nothing",
    "[1.0].shape": "`[1.0]` is a Python list",
    "a.shape.shape": "`a.shape` is a tuple",
    "costs.total": '`costs["total"]`',
    "(2.0).shape": "`2.0` is a plain number or text",
    "own.shape": "`own` is a function, and has no `.shape` itself",
    "optimizer.minimize(M)": "ask a tf.GradientTape",
    "optimizer.apply_gradient(M)": "`optimizer` has no `.apply_gradient`; did you mean `.apply_gradients`?",
    "exec('M.shape = 3', {'M': M})": "`.shape` can be read, and not written",
    # brackets
    "a.shape(3)": "`a.shape` is no function, so round brackets after it call nothing",
    "tf.shape(A)(0)": "take an entry with square ones",
    "n(n + 1)": "`n` is a number or a text",
    "costs('total')": '`costs["name"]`',
    "tf(M)": "`tf` is a module",
    "nothing(1)": "`nothing` is None",
    "nothing[0]": "`nothing` is None",
    "list(nothing)": "One of the values here is None",
    "own[0]": "`own` is a function: call it with round brackets",
    "n[0]": "`n` is a single number",
    "exec('M[0] = 1', {'M': M})": "cannot be changed in place",
    "exec('t[0] = 1', {'t': (1, 2)})": "a tuple cannot be changed",
    "nested[0, 1]": "`nested[0][1]`",
    "nested['a']": "whose places have numbers",
    "nested[n / 2]": "`//` a whole one",
    "M[1.0]": "`//` a whole one",
    # operators and arguments
    "nothing * 2": "`nothing` is None",
    "2 - nothing": "`nothing` is None",
    "nothing < 2": "One of the values here is None",
    "own * 2": "`own` is a function: call it",
    "1 / (4 * a.shape)": "`4 * a.shape` is a tuple, several numbers in one",
    "4.0 * a.shape": "a list, a tuple or a shape is multiplied by a number",
    "A.shape * 2": "`A.shape` is a tuple",
    "nested - 1.0": "`nested` is a Python list",
    "costs - 1": "`costs` is a dictionary",
    "'2' - n": "is a text, and no number",
    "'2' + n": "joins another text",
    "[2] + (3,)": "joins another one",
    "nested < 2": "cannot be compared",
    "tf.reduce_sum(M, axes=1)": "`tf.reduce_sum` has no argument `axes`; did you mean `axis`?",
    "tf.reduce_sum(M, dim=1)": "did you mean `axis`?",
    "tf.reduce_sum(M, keep_dims=True)": "did you mean `keepdims`?",
    "np.sum(a, axes=1)": "`np.sum` has no argument `axes`; did you mean `axis`?",
    "tf.matmul(M, M, transposeb=True)": "did you mean `transpose_b`?",
    "tf.keras.optimizers.Adam(lr=2.0)": "did you mean `learning_rate`?",
    "own(M, wide=3)": "`own` has no argument `wide`; it takes x",
    "own()": "`own` is called with too few arguments; it needs x",
    "own(1, 2)": "`own` is called with too many arguments: it takes x",
    "own(1, x=2)": "`x` is given twice",
    "tf.matmul(M)": "`tf.matmul` is called with too few arguments; it needs a, b",
    "M * nothing": "One of the values is None here",
    "float(nothing)": "One of the values here is None",
    "tf.reduce_sum(own)": "A function stands here where a tensor should",
    "tf.reduce_sum(costs)": "A dictionary stands here",
    # number types
    "tf.constant(2) * M": "here int32 meets float32",
    "tf.constant(np.ones((2, 3))) * M": "here float64 meets float32. NumPy's numbers are float64",
    "M / tf.shape(M)[0]": "here float32 meets int32",
    "tf.constant([1, 2]) * 0.5": "tensor of whole numbers (int32) cannot take up 0.5",
    "tf.sqrt(tf.constant([1, 4]))": "gets whole ones",
    "M * '2'": "A text stands here",
    "tf.cast(M, 'flaot32')": "did you mean 'float32'?",
    "tf.reshape(A, [24 / 4, 4])": "`//` a whole one",
    "a.reshape(24 / 4, 4)": "`//` a whole one",
    "range(tf.constant(2.0))": "`//` a whole one",
    "range(nested)": "len(…)",
    # one number, or many
    "float(M)": "`float(M)` takes one number",
    "list(tf.reduce_sum(M))": "summed up a step too early",
    "len(tf.reduce_sum(M))": "summed up a step too early",
    "sum(n)": "is range(…) missing",
    "bool(M > 0)": "Python needs a single one",
    "tf.constant([[1], [1, 2]])": "different lengths",
    "{M: 1}": "A tensor cannot be the name of an entry",
    # shapes
    "own_unpacking(A)": "`A.shape` has 4 sizes, (1, 2, 3, 4), and on the left stand 3 names",
    "own_unpacking(tf.constant([1.0]))": "`A.shape` has 1 sizes, (1,), and on the left stand 3 names",
    "[h for h, w in [(1, 2, 3)]]": "On the left stand 2 names",
    "own_unpacked_values((1, 2))": "`pair` has 2 values, and on the left stand 3 names",
    "tf.matmul(M, M)": "here the shapes are [2,3] and [2,3]. Is one of them to be transposed",
    "np.ones((2, 3)) @ np.ones((2, 3))": "here they are 3 and 2",
    "np.dot(np.ones((2, 3)), np.ones((2, 3)))": "here the shapes are (2,3) and (2,3)",
    "tf.matmul(tf.ones((2, 3, 4)), tf.ones((3, 4, 2)))": "the matrices in the last two axes",
    "tf.matmul(M, tf.constant([1.0, 2.0, 3.0]))": "has a single axis",
    "M - tf.transpose(M)": "The shapes [2,3] and [3,2] do not fit together",
    "np.ones((2, 3)) - np.ones((3, 2))": "The shapes (2,3) and (3,2) do not fit together",
    "tf.reshape(A, [5, 5])": "there are 24, and the new shape would hold 25",
    "tf.reshape(A, [5, -1])": "there are 24, and they cannot be shared out evenly among 5",
    "a.reshape(5, 5)": "there are 24, and the shape (5,5) holds another count",
    "tf.transpose(A, [1, 0])": "The tensor has 4 axes, and perm names 2",
    "tf.transpose(M, 0)": "as one list",
    "np.transpose(a, (1, 0))": "every axis once",
    "np.sum(a, axis=5)": "There is no axis 5 here: axes are counted from 0, so the last of 4 is 3",
    "tf.reduce_sum(M, axis=5)": "There is no axis 5 here: axes are counted from 0, so the last of 2 is 1",
    "tf.reduce_sum(tf.constant(1.0), axis=0)": "A single number has no axes",
    "tf.expand_dims(M, 7)": "There is no axis 7 here",
    "tf.concat([M, M], 5)": "There is no axis 5 here",
    "tf.squeeze(A, 1)": "axis 1 has size 2",
    "np.squeeze(a, 1)": "axis of size 1 can be squeezed",
    "tf.concat([M, tf.transpose(M)], 0)": "the shapes [2,3] and [3,2]",
    "tf.stack([M, tf.transpose(M)])": "has different shapes, [2,3] and [3,2]",
    "np.concatenate([a, np.ones(3)])": "What is joined here has different shapes",
    "tf.Variable([1.0, 2.0]).assign([1.0])": "A variable keeps its shape, (2,)",
    "tf.einsum('ij,kj->il', M, M)": "The letter l stands after einsum's arrow",
    "tf.einsum('ij,jk->ik', M, M)": "a letter stands for one size",
    "tf.einsum('ijk,ijl->kl', M, M)": "einsum has 3 letters for an input with 2 axes",
    "tf.norm(M, ord='fro')": "Frobenius' norm",
    # places
    "np.ones((2, 3))[2]": "Axis 0 has 2 places, counted from 0, so there is no place 2",
    "M[5]": "Axis 0 has no place 5",
    "np.ones((2, 3))[0, 0, 0]": "3 places stand in the brackets, and the array has 2 axes",
    "M[0, 0, 0]": "than the tensor has axes, which are 2",
    "M.shape[3]": "`M.shape` has 2 entries, counted from 0, so the last place is 1",
    "[][0]": "Places are counted from 0",
    "costs['Total']": "`costs` has no entry 'Total'; did you mean 'total'?",
    "costs['weight']": "`costs` has no entry 'weight'; it has 'total', 'content'",
    # gradients, optimizers, networks
    "optimizer.apply_gradients([(None, v)])": "The gradient is None",
    "optimizer.apply_gradients([(v, tf.ones(2))])": "in each a gradient and then its variable",
    "used.apply_gradients([(tf.ones(2), tf.Variable([1.0, 2.0]))])": "make a new optimizer for a new picture",
    "twice(v)": "A tape gives gradients once",
    "network(tf.ones((2, 2, 3)))": "One picture becomes a batch of one by `picture[None]`",
    # compiled by tf.function
    "tf.function(lambda x: x.numpy())(M)": "its tensors have no numbers yet",
    "tf.function(lambda x: np.sqrt(x))(M)": "its tensors have no numbers yet",
    "tf.function(lambda x: float(x), autograph=False)(M)": "its tensors have no numbers yet",
    "tf.function(lambda x: 1 if x[0, 0] > 0 else 2, autograph=False)(M)": "cannot look into them",
    "tf.function(lambda x: x.T)(M)": "write `tf.transpose(x)`",
    "tf.function(lambda x: x - tf.transpose(x))(M)": "The shapes [2,3] and [3,2] do not fit together",
    "tf.function(lambda x: tf.matmul(x, x))(M)": "here the shapes are [2,3] and [2,3]. Is one of them to be transposed",
    "tf.function(lambda x: tf.reshape(x, [4]))(M)": "there are 6, and the new shape would hold 4",
    "tf.function(lambda x: tf.reshape(x, [4, -1]))(M)": "there are 6, and they cannot be shared out evenly among 4",
    "tf.function(lambda x: tf.transpose(x, [0, 2, 1]))(M)": "The tensor has 2 axes, and perm names 3",
    "tf.function(lambda x: tf.constant(2) * x)(M)": "here float32 meets int32",
    "tf.function(lambda x: tf.reduce_sum(x, axis=5))(M)": "There is no axis 5 here",
    "tf.function(lambda x: tf.concat([x, tf.transpose(x)], 0))(M)": "the shapes [2,3] and [3,2]",
    "tf.function(lambda x: tf.Variable(x))(M)": "may not make a tf.Variable",
    "tf.function(lambda x: len(x), autograph=False)(M)": "Take the first size of its shape",
    # Python itself
    "reduce_sum(M)": "There is no `reduce_sum` here; did you mean `tf.reduce_sum`?",
    "keras.optimizers.Adam(2.0)": "There is no `keras` here; did you mean `tf.keras`?",
    "optimiser": "There is no `optimiser` here; did you mean `optimizer`?",
    "xyzzy(M)": "There is no `xyzzy` here: is it spelt as where you made it",
    "late()": "`k` is used before it has a value",
    "endless(1)": "A function calls itself again and again",
    "1.0 / (n - 3)": "Something is divided by 0 in `1.0 / (n - 3)`",
    "tf.constant(1) // 0": "Something is divided by 0",
    "exec('from tensorflow import reduce_summ')": "There is no `reduce_summ` in tensorflow; did you mean `reduce_sum`?",
    "exec('import tensorflwo')": "There is no module tensorflwo",
    "np.ones((10**6, 10**8))": "more memory than there is",
    "exec('assert len(M.shape) == 3', {'M': M})": "The line with `assert` says what has to hold there",
    "exec('def f(x)\\n  return x')": "A colon is missing",
    "exec('def f(x):\\nreturn x')": "moved in by four spaces",
    "exec('def f(x):\\n    a = 1\\n  b = 2')": "bring them all to the same column",
    "exec('def f(x):\\n        a = 1\\n\\tb = 2')": "Tabs and spaces are mixed",
    "exec('a = (1, 2\\nb = 3')": "The bracket ( is opened",
    "exec('a = 1)')": "The bracket ) is closed here",
    "exec('if a = 1: pass')": "`==`, compare",
    "exec('a = \\'b')": "closing quotation mark is missing",
    "exec('return 1')": "belongs to no function",
}

#: What the lines above use, as a student's notebook would have it.
NOTEBOOK = """
import numpy as np
from nst.quiet import tf

def own(x):
    return x

def own_unpacking(A):
    h, w, c = A.shape

def own_unpacked_values(pair):
    a, b, c = pair

def late():
    print(k)
    k = 1

def endless(x):
    return endless(x)

def twice(v):
    with tf.GradientTape() as tape:
        cost = tf.reduce_sum(v * v)
    return tape.gradient(cost, v), tape.gradient(cost, v)

A = tf.reshape(tf.range(24.0), [1, 2, 3, 4])
M = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
a = A.numpy()
n, nothing, nested, costs = 3, None, [[1, 2], [3, 4]], {"total": 1.0, "content": 2.0}
v = tf.Variable([1.0, 2.0])
optimizer, used = tf.keras.optimizers.Adam(2.0), tf.keras.optimizers.Adam(2.0)
used.apply_gradients([(tf.ones(2), v)])
network = tf.keras.Sequential([tf.keras.Input((2, 2, 3)), tf.keras.layers.Conv2D(1, 1)])
"""
_numbers = count()


def define(source, names):
    """Run a cell of a student's; a traceback shows its lines."""
    where = f"<cell {next(_numbers)}>"
    linecache.cache[where] = (len(source), None, source.splitlines(keepends=True), where)
    exec(compile(source, where, "exec"), names)


@pytest.fixture(scope="module")
def notebook():
    names = {"__name__": "__main__"}
    define(NOTEBOOK, names)
    return names


def raised(line, names):
    """What a student's function with this line raises."""
    names = dict(names)
    define(f"def answer():\n    return {line}", names)
    try:
        names["answer"]()
    except Exception as error:
        return error
    raise AssertionError(f"{line} raises nothing")


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("line", SLIPS)
def test_a_slip_is_explained_with_the_students_own_names(line, notebook):
    error = raised(line, notebook)
    said, itself = sentence(error), raw(error)
    assert SLIPS[line] in said and "\n" not in said + itself
    assert itself.startswith(f"{type(error).__name__}")
    assert "{{" not in itself and "[Op:" not in itself and "NodeDef" not in itself


def test_what_nobody_knows_is_told_as_it_is(notebook):
    error = raised("max([])", notebook)
    assert sentence(error) is None
    assert raw(error).startswith("ValueError: max()") and "\n" not in raw(error)


def test_what_the_course_says_itself_is_left_as_it_is(notebook):
    error = raised("load_image('x.jpg')", notebook | {"load_image": __import__("nst_utils").load_image})
    assert sentence(error) is None and raw(error) == f"PictureError: {error}"


def test_without_a_traceback_the_functions_own_names_are_known(notebook):
    def answer():
        return 1

    assert "did you mean `answer`" not in sentence(NameError("name 'optimiser' is not defined"))
    names = notebook | {}
    define("def answer():\n    return optimizer", names)
    said = sentence(NameError("name 'optimiser' is not defined"), names["answer"])
    assert "did you mean `optimizer`?" in said


def test_a_call_by_the_course_with_other_arguments_than_the_first_line_says(notebook):
    """The student has changed the line with def: it is not their call that is wrong."""
    names = dict(notebook)
    define("def gram_matrix(A, B):\n    return A", names)
    try:
        np.apply_over_axes(lambda *_: names["gram_matrix"](1), np.ones(2), 0)
    except TypeError as error:
        assert "gram_matrix" in sentence(error)


def test_an_error_that_cannot_be_printed_is_told_too(notebook):
    class Odd(Exception):
        def __str__(self):
            raise ValueError("odd")

    assert sentence(Odd()) is None and raw(Odd()) == "Odd"


def test_graph_errors_at_run_time_are_told_without_their_long_list(notebook):
    error = raised("tf.function(lambda x: x + tf.reshape(x, [-1])[: tf.cast(x[0, 0] + 1, tf.int32)])(M)", notebook)
    assert "do not fit together" in sentence(error)
    assert "\n" not in sentence(error) + raw(error) and tf.__name__ not in raw(error)
