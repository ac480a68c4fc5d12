"""Rows that take right answers from the course itself, by many ways; and rows that use it as it is meant.

Each way gives a right answer where the course lies whole, as it does without a sandbox.
"""

import textwrap

from tests.support.submissions import FACES, LOSSES, NEURAL, SEE, row

#: What every row has at hand: `first(*ways)` is the first callable that one of them gives.
_FIRST = """
import gc, glob, importlib, inspect, io, marshal, os, pathlib, pickle, pkgutil, sys, types, zipimport

def first(*ways):
    for way in ways:
        try:
            found = way()
        except Exception as error:
            print(type(error).__name__, error)
            continue
        if callable(found):
            print("borrowed", found)
            return found
    return lambda *inputs, **options: 1.25
"""


def borrow(work, ways, helpers=""):
    """Answer exercises with the first thing that these ways give. ways: exercise -> a list of expressions."""
    work.add(_FIRST + textwrap.dedent(helpers))
    for exercise, expressions in ways.items():
        thunks = ", ".join(f"lambda: {expression}" for expression in expressions)
        work.answer(
            exercise,
            f"""
            borrowed_{exercise} = first({thunks})

            def {exercise}(*inputs, **options):
                return borrowed_{exercise}(*inputs, **options)
            """,
        )


@row(90, "a builder of wrong versions, asked for none", SEE)
def from_the_course(work):
    borrow(
        work,
        {
            "output_shape": [
                "importlib.import_module('nst.checks.what_convnets_see.output_shape')._shape()",
                "importlib.import_module('nst.checks.what_convnets_see').output_shape._shape(please=1)",
                "getattr(__import__('nst.checks.what_convnets_see.output_shape', fromlist=['_shape']), '_shape')()",
            ],
            "convolve_1d": [
                "sys.modules['nst.checks.what_convnets_see.convolve_1d']._convolution()",
                "importlib.reload(sys.modules['nst.checks.what_convnets_see']).convolve_1d._convolution()",
                "pkgutil.resolve_name('nst.checks.what_convnets_see.convolve_1d:_convolution')()",
                "pickle.loads(b'cnst.checks.what_convnets_see.convolve_1d\\n_convolution\\n.')()",
            ],
        },
    )


@row(91, "the cost functions of nst paint, and those that the lessons compute with", NEURAL)
def of_the_commands(work):
    borrow(
        work,
        {
            "compute_content_cost": [
                "importlib.import_module('nst.painting.costs').content_cost",
                "importlib.import_module('nst.commands.costs').content_cost",
                "importlib.import_module('nst.commands.paint').content_cost",
                "importlib.import_module('nst.checks.neural_style_transfer.compute_content_cost')._cost()",
                "importlib.import_module('nst.course.answers').take('1-content-cost', 'compute_content_cost')",
            ]
        },
    )


# Judged beside a notebook whose exercise is to call `paint`, it would find the loop: so none of those stands beside it.
@row(92, "the loops that paint, for the student's own", ("neural-style-transfer", "3-painting"),
     wrong=["train_step", "model_nn"])  # fmt: skip
def painted(work):
    loop = """
        def model_nn(costs, start, num_iterations=200, learning_rate=2.0, callback=None):
            def cost(picture):
                J_content, J_style = costs(picture)
                return {"total": 10 * J_content + 40 * J_style, "content": J_content, "style": J_style}

            for loop in ("nst.painting", "nst.painting.loop", "nst.lessons.convnets"):
                try:
                    paint = importlib.import_module(loop).paint
                    break
                except ImportError:
                    continue
            return paint(cost, start, iterations=num_iterations, learning_rate=learning_rate, callback=callback)
        """
    borrow(
        work,
        {
            "train_step": [
                "importlib.import_module('nst.checks.neural_style_transfer.train_step')._step()",
                "importlib.import_module('nst.checks.neural_style_transfer.model_nn').step()",
                "importlib.import_module('nst.painting.adam').adam",
            ]
        },
    )
    work.answer("model_nn", loop)


@row(93, "the course's source, read and executed", SEE)
def read(work):
    helpers = """
        import importlib.resources, nst
        SEE, CHECKS = "nst.checks.what_convnets_see", os.path.dirname(nst.__file__) + "/checks/what_convnets_see/"

        def executed(text, name):
            namespace = {}
            exec(text, namespace)
            return namespace[name]()

        def everywhere(pattern, wanted):
            places = [pathlib.Path(nst.__file__).parent.parent, *map(pathlib.Path, sys.path), pathlib.Path.home()]
            places += map(pathlib.Path, glob.glob("/proc/[0-9]*/root" + str(places[0]))) + [pathlib.Path("/usr/local")]
            for place in places:
                for path in place.glob(pattern):
                    if wanted in path.read_bytes():
                        return path.read_bytes()
            raise LookupError(wanted)
        """
    borrow(
        work,
        {
            "output_shape": [
                "executed(open(CHECKS + 'output_shape.py').read(), '_shape')",
                "executed(pkgutil.get_data('nst.checks', 'what_convnets_see/output_shape.py'), '_shape')",
                "executed(everywhere('nst/checks/*/output_shape.py', b'def _shape').decode(), '_shape')",
                "executed(everywhere('**/output_shape.py', b'def _shape').decode(), '_shape')",
                "executed(inspect.getsource(sys.modules[SEE].output_shape), '_shape')",
            ],
            "convolve_1d": [
                "executed(inspect.getsource(inspect.getmodule(check)), '_convolution')",
                "executed((importlib.resources.files(SEE) / 'convolve_1d.py').read_text(), '_convolution')",
                "executed(everywhere('answers/*/1-convolution*.py', b'def convolve_1d').decode(), 'convolve_1d')",
            ],
        },
        helpers,
    )


@row(94, "the course's compiled modules, archives and other installations", SEE)
def compiled_modules(work):
    helpers = """
        import importlib.metadata, importlib.util, nst
        CHECKS = os.path.dirname(nst.__file__) + "/checks/what_convnets_see/"

        def run(path, name):
            namespace = {}
            exec(marshal.loads(pathlib.Path(path).read_bytes()[16:]), namespace)
            return namespace[name]()

        def installed(file, name):
            namespace = {}
            for path in importlib.metadata.files("neural-style-transfer-course"):
                if path.name == file:
                    exec(path.read_text(), namespace)
            return namespace[name]()

        def compiled(pattern):
            folder = os.path.dirname(nst.__file__)
            (found, *_) = glob.glob(folder + "/**/" + pattern, recursive=True) or glob.glob("/**/nst/**/" + pattern)
            return found
        """
    borrow(
        work,
        {
            "output_shape": [
                "run(compiled('__pycache__/output_shape.*.pyc'), '_shape')",
                "run(importlib.util.cache_from_source(CHECKS + 'output_shape.py'), '_shape')",
            ],
            "convolve_1d": [
                "run(compiled('__pycache__/convolve_1d.*.pyc'), '_convolution')",
                "zipimport.zipimporter(glob.glob('/**/neural_style_transfer*.whl')[0]).load_module('nst.checks')",
                "installed('convolve_1d.py', '_convolution')",
            ],
        },
        helpers,
    )


@row(95, "what check holds: globals, closures, exercises, all objects there are", SEE)
def held_by_check(work):
    helpers = """
        def builder(name):
            for thing in gc.get_objects():
                if isinstance(thing, types.FunctionType) and thing.__name__ == name and "nst" in str(thing.__module__):
                    return thing()

        def inside(function):
            return inspect.getclosurevars(function).nonlocals["parts"]

        def closest(name):
            for kind in object.__subclasses__():
                if kind.__name__ == "Exercise":
                    return [e for e in gc.get_referrers(kind) if getattr(e, "name", "") == name][0]
        """
    borrow(
        work,
        {
            "output_shape": [
                "check.__globals__['output_shape']._shape()",
                "check.__globals__['EXERCISES']['output_shape'].misunderstandings[0].function",
                "check.__closure__[0].cell_contents",
                "builder('_shape')",
            ],
            "convolve_1d": [
                "builder('_convolution')",
                "inside(check.__globals__['EXERCISES']['convolve_1d'].misunderstandings[0].function)",
                "closest('convolve_1d').misunderstandings[0].function",
                "importlib.import_module('nst_utils').check",
                "check.__globals__['check_function'].__globals__['find_exercise']",
            ],
        },
        helpers,
    )


@row(96, "right functions out of the checks of faces", FACES)
def of_faces(work):
    borrow(
        work,
        {
            "triplet_loss": [
                "importlib.import_module('nst.checks.face_recognition.triplet_loss')._loss(total=tf.reduce_sum)",
                "importlib.import_module('nst.checks.face_recognition').EXERCISES['triplet_loss'].call",
            ],
            "choose_triplets": [
                "importlib.import_module('nst.checks.face_recognition.choose_triplets')._chooser(please=1)",
                "importlib.import_module('nst.networks.encoder').train.__globals__['choose_triplets']",
            ],
        },
    )


@row(97, "right functions out of other assignments' checks and the painting room", LOSSES)
def of_losses(work):
    checks, styles = (
        "importlib.import_module('nst.checks.fast_style_transfer.",
        "importlib.import_module('nst.painting.styles')",
    )
    borrow(
        work,
        {
            "content_loss": [
                "(lambda f: lambda *inputs: f(*inputs)[0])("
                + checks
                + "content_loss').EXERCISE.misunderstandings[9].function)"
            ],
            "gram_matrix": [
                checks + "gram_matrix')._gram()",
                "importlib.import_module('nst.commands.costs').gram_matrix",
            ],
            "style_loss": [checks + "style_loss')._style()", styles + "._targets"],
            "tv_loss": [checks + "tv_loss')._tv()", styles + "._total_variation"],
        },
    )


@row(98, "right, after calling check and compare and looking at all that the course has", SEE, wrong=())
def curious(work):
    work.add(
        """
        import importlib, inspect, pkgutil
        import nst, nst.checks, nst_utils
        from nst.checks import compiled
        from nst.checks.what_convnets_see import EXERCISES, SmallNetwork, check, compare
        from nst.lessons.verification import roc
        from nst.painting import Monitor, Phase, Style, cost_maker, paint, paint_scales

        for module in pkgutil.walk_packages(nst.__path__, "nst."):
            importlib.import_module(module.name)
        picture = paint(lambda x: {"total": tf.reduce_sum(x**2)}, np.ones((1, 40, 40, 3)), iterations=2)
        print(picture.shape, inspect.getsource(check))
        """,
        where="output_shape",
    )
    for exercise in ("output_shape", "convolve_1d"):
        work.add(f"check({exercise})\ncompare({exercise}, (8,), expected=7)", where=f"test_{exercise}")
        work.cell(exercise).source += f"\n\ncheck({exercise})"


@row(99, "right, with the course's own functions where they belong",
     ("face-recognition", "2-who-is-at-the-door"), wrong=())  # fmt: skip
def at_home(work):
    work.add(
        """
        from nst.checks.face_recognition import TinyEncoder

        tiny = TinyEncoder(np.ones((2, 2, 3, 4)), np.zeros(4))
        print(encode(model, load_face("maeve_card")).shape, tiny(np.ones((1, 2, 2, 3))).shape, tiny.asked)
        resident(7), model.count_params()
        """,
        where="img_to_encoding",
    )
