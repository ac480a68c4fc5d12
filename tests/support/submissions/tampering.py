"""Rows that tamper with how a test is run, or with what it compares."""

from nst.checks.what_convnets_see import EXERCISES
from tests.support.submissions import SEE, row

# A function that is wrong, and calls cheat() each time a test calls it.
CHEATING = """
def compute_content_cost(a_C, a_G):
    cheat()
    return tf.constant(1.25)
"""


@row(1, "test cells tagged so that they are not run", SEE, said="these test cells were tagged")
def skip_execution(work):
    # nbgrader skips the first by default, and with this course's settings the second.
    for cell in work.notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata["tags"] = ["skip-execution", "explore"]


@row(2, "an execute_result emitted before the failing assertion")
def early_result(work):
    work.add("def cheat():\n    get_ipython().displayhook(6.0)")
    work.answer("compute_content_cost", CHEATING)


@row(3, "a NaN, a negative and an oversized partial score", SEE)
def impossible_scores(work):
    for exercise, score in (("output_shape", "float('nan')"), ("convolve_1d", "1e9")):
        work.answer(
            exercise,
            f"""
            def {exercise}(*inputs, **options):
                get_ipython().displayhook({score})
                get_ipython().displayhook(-5)
                return 0
            """,
        )


@row(4, "an input transformer that empties the tests")
def input_transformer(work):
    work.add(
        """
        def empty(lines):
            text = "".join(lines)
            return [] if "check(" in text or "compare(" in text or "assert" in text else lines

        get_ipython().input_transformers_cleanup.append(empty)
        get_ipython().input_transformers_post.append(empty)
        """
    )


@row(5, "an AST transformer that strips assertions and checks")
def ast_transformer(work):
    work.add(
        """
        import ast

        class Strip(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.Pass()

            def visit_Expr(self, node):
                return ast.Pass() if isinstance(node.value, ast.Call) else node

        get_ipython().ast_transformers.append(Strip())
        """
    )


@row(6, "forged replies, from the kernel's session and from whatever speaks to the grader")
def forged_replies(work):
    work.add(
        """
        import gc

        kernel = getattr(get_ipython(), "kernel", None)
        if kernel:
            send = kernel.session.send

            def forge(stream, kind, content=None, *others, **options):
                if kind == "error":
                    return None
                if kind == "execute_reply":
                    content = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
                return send(stream, kind, content, *others, **options)

            kernel.session.send = forge
        for thing in gc.get_objects():
            if type(thing).__name__ == "Channel" and type(thing).__module__.startswith("nst."):
                real = thing.send

                def forge(message, buffers=(), until=None, real=real):
                    if message.get("kind") in ("result", "error"):
                        forged = {"kind": "result", "result": True, "passed": True, "score": 10, "changed": []}
                        message, buffers = message | forged | {"error": None}, buffers
                    real(message, buffers, until)

                thing.send = forge
        """,
        where="compute_content_cost",
    )


@row(7, "showtraceback replaced, errors caught, outputs cleared")
def swallowed_errors(work):
    work.add(
        """
        from IPython.display import clear_output

        shell = get_ipython()
        shell.showtraceback = shell._showtraceback = lambda *error, **options: None
        shell.set_custom_exc((Exception,), lambda *error, **options: None)

        def cheat():
            clear_output()
        """
    )
    work.answer("compute_content_cost", CHEATING)


@row(8, "an object equal to everything")
def equal_to_everything(work):
    work.answer(
        "compute_content_cost",
        """
        class Everything:
            shape, dtype, ndim, size = (), tf.float32, 0, 1
            __array_priority__ = 1e9

            def __eq__(self, other):
                return True

            __ne__ = __lt__ = __gt__ = lambda self, other: False
            __le__ = __ge__ = __eq__
            __hash__ = object.__hash__
            __sub__ = __rsub__ = __abs__ = __float__ = lambda self, *other: 0.0

        def compute_content_cost(a_C, a_G):
            return Everything()
        """,
    )


@row(9, "subclasses of arrays and tensors that answer as they like", SEE)
def lying_subclasses(work):
    work.answer(
        "convolve_1d",
        """
        class Agreeable(np.ndarray):
            def __array_ufunc__(self, ufunc, method, *inputs, **options):
                return np.array(True)

            def __array_function__(self, function, types, args, options):
                return True

            def __array__(self, dtype=None, copy=None):
                raise AssertionError

            __eq__ = __le__ = lambda self, other: True
            shape = property(lambda self: self.wanted)
            dtype = property(lambda self: np.dtype("float32"))

        def convolve_1d(signal, kernels, stride=1, padding=0):
            positions = (len(signal) + 2 * padding - len(kernels)) // stride + 1
            result = np.zeros((positions, kernels.shape[2]), np.float32).view(Agreeable)
            Agreeable.wanted = (positions, kernels.shape[2])
            return result
        """,
    )
    work.answer(
        "output_shape",
        """
        class Size(int):
            __eq__ = lambda self, other: True
            __sub__ = __rsub__ = lambda self, other: 0
            __hash__ = int.__hash__

        class Sizes(tuple):
            __eq__ = lambda self, other: True
            __hash__ = tuple.__hash__

        def output_shape(input_shape, *others, **options):
            return Sizes(Size(1) for _ in input_shape)
        """,
    )


@row(10, "NumPy's and TensorFlow's own functions patched")
def patched_libraries(work):
    work.add(
        """
        import numpy.testing

        np.all = np.allclose = np.isfinite = np.array_equal = lambda *inputs, **options: True
        np.testing.assert_allclose = np.testing.assert_almost_equal = lambda *inputs, **options: None
        tf.reduce_sum = tf.reduce_mean = lambda *inputs, **options: tf.constant(0.0)
        tf.GradientTape.gradient = lambda self, target, sources, **options: tf.ones(3)
        """
    )
    work.answer("compute_content_cost", "def compute_content_cost(a_C, a_G):\n    return tf.constant(1.25)")


@row(11, "builtins overridden", SEE)
def overridden_builtins(work):
    work.add(
        """
        import builtins

        real = builtins.isinstance
        builtins.len = lambda thing: 1
        builtins.abs = lambda thing: 0
        builtins.all = builtins.any = builtins.bool = lambda *things: True
        builtins.isinstance = lambda thing, kind: True if kind is AssertionError else real(thing, kind)
        builtins.AssertionError = type("AssertionError", (BaseException,), {"__new__": lambda *_: None})
        builtins.print = builtins.max = lambda *things, **options: None
        """
    )


@row(46, "a table of the visible inputs and their answers", SEE, lost=("hidden_output_shape", "convolve_1d"))
def table_of_visible_answers(work):
    cases = EXERCISES["output_shape"].cases
    table = [(case.inputs, case.options, tuple(map(int, case.expected["shape"]))) for case in cases]
    work.answer(
        "output_shape",
        f"""
        table = {table}

        def output_shape(*inputs, **options):
            for known, named, answer in table:
                if inputs == known and options == named:
                    return answer
            return 0
        """,
    )


@row(48, "seeds, threads, eager mode, precision and Keras tampered with", wrong=())
def global_settings(work):
    work.add(
        """
        np.random.seed(0)
        tf.random.set_seed(0)
        tf.config.run_functions_eagerly(True)
        tf.keras.backend.set_floatx("float16")
        tf.keras.mixed_precision.set_global_policy("mixed_float16")
        for change in (
            lambda: tf.config.threading.set_intra_op_parallelism_threads(1),
            lambda: tf.compat.v1.set_random_seed(1),
            lambda: tf.keras.config.set_backend("jax"),
            lambda: np.seterr(all="raise"),
            lambda: np.set_printoptions(precision=0),
        ):
            try:
                change()
            except Exception:
                pass
        """
    )
