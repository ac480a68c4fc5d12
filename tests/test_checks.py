"""The checks accept every right form, and reject and name every misunderstanding."""

import inspect
import json
import os
import re
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest

from nst.checks import face_recognition, fast_style_transfer, neural_style_transfer, what_convnets_see
from nst.checks.exercise import load_reference
from nst.quiet import tf
from tests.support.forms import face_recognition as forms_face_recognition
from tests.support.forms import fast_style_transfer as forms_fast_style_transfer
from tests.support.forms import neural_style_transfer as forms_neural_style_transfer
from tests.support.forms import what_convnets_see as forms_what_convnets_see
from tests.support.hidden import asked, cells
from tools.mutation_table import complaint
from tools.mutation_table import handed_in as submitted
from tools.reference import make_reference

pytestmark = pytest.mark.usefixtures("wrong_ones_asked_once")


class Assignment(NamedTuple):
    """An assignment's checks (check, compare, EXERCISES) and the forms they are tried with (ACCEPTED, REJECTED, …)."""

    name: str
    checks: object
    forms: object


ASSIGNMENTS = {
    name: Assignment(name, checks, forms)
    for name, checks, forms in (
        ("what-convnets-see", what_convnets_see, forms_what_convnets_see),
        ("neural-style-transfer", neural_style_transfer, forms_neural_style_transfer),
        ("fast-style-transfer", fast_style_transfer, forms_fast_style_transfer),
        ("face-recognition", face_recognition, forms_face_recognition),
    )
}
EXERCISES = [
    pytest.param(assignment, name, id=f"{label}: {name}")
    for label, assignment in ASSIGNMENTS.items()
    for name in assignment.checks.EXERCISES
]


def hidden_tests(assignment, name):
    """What the hidden tests of an exercise ask compare(): (inputs, options, expected) of each call."""
    return asked(assignment.name, name)


def forms(table):
    """The ACCEPTED or REJECTED forms of every assignment."""
    return [
        pytest.param(assignment, name, *rest, id=f"{label}: {name}: {form}")
        for label, assignment in ASSIGNMENTS.items()
        for name, entries in getattr(assignment.forms, table).items()
        for form, *rest in entries
    ]


def misunderstandings(without=()):
    return [
        pytest.param(assignment, name, m, id=f"{label}: {name}: {m.name}")
        for label, assignment in ASSIGNMENTS.items()
        for name, exercise in assignment.checks.EXERCISES.items()
        if name not in without
        for m in exercise.misunderstandings
    ]


def misunderstanding(assignment, exercise, name):
    """One misunderstanding, as a student hands it in."""
    (found,) = [m for m in ASSIGNMENTS[assignment].checks.EXERCISES[exercise].misunderstandings if m.name == name]
    return submitted(found.function, exercise)


@pytest.mark.parametrize(("assignment", "name", "function"), forms("ACCEPTED"))
def test_right_forms_pass_the_check(assignment, name, function, capfd):
    assignment.checks.check(submitted(function, name))
    printed = capfd.readouterr()
    exercise = assignment.checks.EXERCISES[name]
    assert exercise.name in printed.out and "reference:" in printed.out and "✓" in printed.out
    assert printed.err == ""


@pytest.mark.parametrize(("assignment", "name", "function"), forms("ACCEPTED"))
def test_right_forms_pass_hidden_tests(assignment, name, function, capfd):
    cells(assignment.name)[name](submitted(function, name))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("assignment", ASSIGNMENTS.values(), ids=ASSIGNMENTS)
def test_every_exercise_is_tried_with_many_forms(assignment):
    for table, least in ((assignment.forms.ACCEPTED, 30), (assignment.forms.REJECTED, 20)):
        assert sum(map(len, table.values())) > least
        assert set(table) == set(assignment.checks.EXERCISES)


@pytest.mark.parametrize(("assignment", "name", "misunderstanding"), misunderstandings())
def test_every_misunderstanding_is_rejected_and_named(assignment, name, misunderstanding, capfd):
    function = submitted(misunderstanding.function, name)
    with pytest.raises(AssertionError) as caught:
        assignment.checks.check(function)
    exercise = assignment.checks.EXERCISES[name]
    told = [m.hint for m in exercise.misunderstandings if f"\n{m.name}: {m.hint}" in str(caught.value)]
    assert told == [misunderstanding.hint]
    assert capfd.readouterr().err == ""


def secrets(expected):
    """How a message could tell the expected results."""
    plain = expected.tolist() if isinstance(expected, np.ndarray) else expected
    if re.fullmatch(r"[\d, ()\[\]]+", str(plain)):
        return [str(plain)]  # sizes and places: each number alone may stand in any message
    values = expected if isinstance(expected, tuple) else (expected,)
    names = [value for value in values if isinstance(value, str)]
    numbers = [np.ravel(value) for value in values if not isinstance(value, (str, bool, np.bool_, type(None)))]
    # A picture's ±1.5, a content cost of 0, and a rate of 0 or 1 are no secrets.
    numbers = [number for number in np.hstack(numbers) if number not in (0, 1, 1.5, -1.5)]
    return names + [f"{number:{form}}" for number in numbers for form in (".3f", ".4g")]


@pytest.mark.parametrize(("assignment", "name", "misunderstanding"), misunderstandings(without=["model_nn"]))
def test_hidden_tests_reject_every_misunderstanding_without_telling(assignment, name, misunderstanding):
    function, messages = submitted(misunderstanding.function, name), []
    for inputs, options, expected in hidden_tests(assignment, name):
        try:
            assignment.checks.compare(function, *inputs, expected=expected, **options)
        except AssertionError as error:
            messages.append(str(error))
            assert not any(secret in str(error) for secret in secrets(expected))
    assert messages
    assert all(len(message) < 450 for message in messages)
    exercise = assignment.checks.EXERCISES[name]
    hints = {m.hint for m in exercise.misunderstandings if f"\n{m.name}: " in "".join(messages)}
    # Some need a network of the checks' own to go wrong: then a property is not held.
    assert misunderstanding.hint in hints or all("\nIt should hold: " in message for message in messages)
    assert all("\n" in message for message in messages)


@pytest.mark.parametrize(("assignment", "name", "function", "message"), forms("REJECTED"))
def test_other_wrong_forms_are_told_what_is_wrong(assignment, name, function, message, capfd):
    with pytest.raises(AssertionError) as caught:
        assignment.checks.check(submitted(function, name))
    assert message in str(caught.value)
    assert len(str(caught.value)) < 700  # two hints, of those who made two slips
    assert capfd.readouterr().err == ""
    assert complaint(cells(assignment.name)[name], submitted(function, name)), "the hidden tests accept it"


@pytest.mark.parametrize(("assignment", "name"), EXERCISES)
def test_an_unfinished_function_says_so(assignment, name):
    complaint = NotImplementedError("write me")

    def stub(*inputs, **options):
        raise complaint

    inputs, options, expected = hidden_tests(assignment, name)[0]
    own = assignment.checks.EXERCISES[name].name
    with pytest.raises(NotImplementedError, match=f"{own} is not written yet.*write me") as caught:
        assignment.checks.check(submitted(stub, name))
    assert caught.value.__cause__ is complaint
    with pytest.raises(NotImplementedError) as caught:
        assignment.checks.compare(submitted(stub, name), *inputs, expected=expected, **options)
    assert caught.value is complaint


@pytest.mark.parametrize(("assignment", "name"), EXERCISES)
def test_a_forgotten_return_is_named(assignment, name):
    with pytest.raises(AssertionError, match="did you forget `return`"):
        assignment.checks.check(submitted(lambda *inputs, **options: None, name))


@pytest.mark.parametrize("assignment", ASSIGNMENTS.values(), ids=ASSIGNMENTS)
def test_a_function_under_another_name_is_told_the_names(assignment):
    names = ", ".join(dict.fromkeys(exercise.name for exercise in assignment.checks.EXERCISES.values()))
    for function in (lambda a, b: a, submitted(lambda a, b: a, "content_cost"), 3):
        with pytest.raises(AssertionError, match=f"one of your functions {names}, under that very name"):
            assignment.checks.check(function)
        with pytest.raises(AssertionError, match="There is no check for"):
            assignment.checks.compare(function, 1, 2, expected=3)


@pytest.mark.parametrize("assignment", ASSIGNMENTS.values(), ids=ASSIGNMENTS)
def test_names_are_plain_and_hints_are_short(assignment):
    for exercise in assignment.checks.EXERCISES.values():
        names = [m.name for m in exercise.misunderstandings]
        assert len(set(names)) == len(names)
        for m in exercise.misunderstandings:
            assert m.name[0].islower() or m.name.startswith(("Adam", "PyTorch", "NumPy", "TensorFlow"))
            assert ":" not in m.name and not m.name.endswith(".")
            assert m.hint.endswith((".", "?")) and len(m.hint) < 260


# A wrong function that others build on

NOTEBOOK_STEP = """
def train_step(picture, costs, optimizer):
    with tf.GradientTape() as tape:
        J_content, J_style = costs(picture)
        J = total_cost(J_content, J_style)
    optimizer.apply_gradients([(tape.gradient(J, picture), picture)])
    return J, J_content, J_style
"""


@pytest.mark.parametrize("compiled", [False, True])
def test_a_step_with_a_wrong_total_cost_is_sent_back_to_it(compiled):
    notebook = {"tf": tf, "total_cost": lambda J_content, J_style: 40 * J_content + 10 * J_style}
    exec(NOTEBOOK_STEP, notebook)
    step = tf.function(notebook["train_step"], autograph=False) if compiled else notebook["train_step"]
    with pytest.raises(AssertionError, match=r"as your total_cost is not: get check\(total_cost\) to pass first"):
        neural_style_transfer.check(step)


def test_a_right_total_cost_is_not_blamed_for_a_wrong_step():
    notebook = {"tf": tf, "total_cost": forms_neural_style_transfer.total_plain}
    exec(NOTEBOOK_STEP.replace("return J,", "return J_content + J_style,"), notebook)
    with pytest.raises(AssertionError, match="J of train_step has the wrong value") as caught:
        neural_style_transfer.check(notebook["train_step"])
    assert "check(total_cost)" not in str(caught.value)


def test_a_wrong_total_cost_that_the_step_does_without_is_no_matter():
    notebook = {"tf": tf, "total_cost": lambda J_content, J_style: J_content}
    exec(NOTEBOOK_STEP.replace("total_cost(J_content, J_style)", "10 * J_content + 40 * J_style"), notebook)
    neural_style_transfer.check(notebook["train_step"])


def transfer_notebook(**functions):
    """A notebook with right functions, but for those that are given."""
    f = forms_fast_style_transfer
    notebook = {"tf": tf, "np": np, "paint": f.paint, "SCHEDULE": f.SCHEDULE}
    for function in (f.content_loss, f.gram_matrix, f.style_loss, f.tv_loss, f.style_transfer, f.inversion_cost):
        exec(inspect.getsource(function), notebook)
    notebook.update(functions)
    return notebook


@pytest.mark.parametrize(
    ("exercise", "wrong", "slip"),
    [
        ("style_loss", "gram_matrix", "divided by the positions only"),
        ("style_transfer", "content_loss", "half of the loss"),
        ("style_transfer", "gram_matrix", "reshaped, not transposed"),
        ("style_transfer", "style_loss", "only the first layer"),
        ("style_transfer", "tv_loss", "both differences cropped"),
        ("inversion_cost", "content_loss", "mean instead of the sum"),
        ("inversion_cost", "tv_loss", "rolled, not cropped"),
    ],
)
def test_who_builds_on_a_wrong_loss_is_sent_back_to_it(exercise, wrong, slip):
    notebook = transfer_notebook(**{wrong: misunderstanding("fast-style-transfer", wrong, slip)})
    with pytest.raises(AssertionError, match=rf"as your {wrong} is not: get check\({wrong}\) to pass first"):
        fast_style_transfer.check(notebook[exercise])


# One picture, and a batch


ONE_PICTURE = ("gram_classic", "gram_squeezed_first", "gram_of_the_first", "gram_folded", "gram_one_room")


@pytest.mark.parametrize("form", ONE_PICTURE)
def test_a_gram_matrix_of_one_picture_is_right_and_all_that_is_built_on_it(form):
    gram = submitted(getattr(forms_fast_style_transfer, form), "gram_matrix")
    notebook = transfer_notebook(gram_matrix=gram)
    for name in ("gram_matrix", "style_loss", "style_transfer"):
        fast_style_transfer.check(notebook[name])
    with pytest.raises(AssertionError, match="You wrote for one picture, as the classic exercise asks"):
        fast_style_transfer.check(gram, "batch")
    with pytest.raises(AssertionError, match=r'as your gram_matrix is not: get check\(gram_matrix, "batch"\) to pass'):
        fast_style_transfer.check(notebook["style_loss"], "batch")


def test_a_gram_matrix_of_one_picture_may_keep_its_axis_or_not():
    a = tf.constant(np.random.default_rng(3).normal(size=(1, 3, 4, 2)), tf.float32)
    expected = np.einsum("nhwi,nhwj->ij", *2 * (np.float64(a),)) / 24
    for form in ("gram_matrix", "gram_classic"):
        gram = submitted(getattr(forms_fast_style_transfer, form), "gram_matrix")
        fast_style_transfer.compare(gram, a, expected=expected)
        fast_style_transfer.compare(gram, a, expected=24 * expected, normalize=False)


def test_there_is_no_other_part_of_a_task():
    gram = submitted(forms_fast_style_transfer.gram_matrix, "gram_matrix")
    with pytest.raises(AssertionError, match='There is no part "bacth" of a task: say "batch", or leave it out'):
        fast_style_transfer.check(gram, "bacth")
    with pytest.raises(AssertionError, match="pass one of your functions content_loss, gram_matrix, style_loss, tv_l"):
        fast_style_transfer.check(submitted(forms_fast_style_transfer.grow_loop, "grow_texture"), "batch")


def test_right_losses_are_not_blamed_for_a_wrong_transfer():
    notebook = transfer_notebook()
    source = inspect.getsource(forms_fast_style_transfer.style_transfer)
    exec(source.replace("activations(style, style_layers)", "activations(content, style_layers)"), notebook)
    with pytest.raises(AssertionError, match="style targets taken from the content:") as caught:
        fast_style_transfer.check(notebook["style_transfer"])
    assert "to pass first" not in str(caught.value)


def test_a_slip_that_style_loss_does_not_meet_is_no_matter():
    slip = misunderstanding("fast-style-transfer", "gram_matrix", "nothing when not normalised")
    fast_style_transfer.check(transfer_notebook(gram_matrix=slip)["style_loss"])


def test_hidden_tests_send_back_to_a_wrong_loss_too():
    slip = misunderstanding("fast-style-transfer", "tv_loss", "half of the loss")
    inputs, _, expected = asked("fast-style-transfer", "inversion_cost")[0]
    with pytest.raises(AssertionError, match=r"get check\(tv_loss\) to pass first"):
        fast_style_transfer.compare(transfer_notebook(tv_loss=slip)["inversion_cost"], *inputs, expected=expected)


@pytest.mark.parametrize("slip", ["picture not divided", "colours reversed", "training mode"])
@pytest.mark.parametrize("exercise", ["verify", "who_is_it"])
def test_who_asks_at_the_door_with_a_wrong_encoding_is_sent_back_to_it(exercise, slip):
    wrong = misunderstanding("face-recognition", "img_to_encoding", slip)
    notebook = {"np": np, "img_to_encoding": wrong}
    exec(inspect.getsource(getattr(forms_face_recognition, exercise)), notebook)
    inputs, options, expected = asked("face-recognition", exercise)[0]
    for run in (
        lambda f: face_recognition.check(f),
        lambda f: face_recognition.compare(f, *inputs, expected=expected, **options),
    ):
        with pytest.raises(AssertionError, match=r"as your img_to_encoding is not: get check\(img_to_encoding\) to"):
            run(notebook[exercise])


def test_a_right_encoding_is_not_blamed_for_a_wrong_door():
    notebook = {"np": np, "img_to_encoding": forms_face_recognition.img_to_encoding}
    exec(inspect.getsource(forms_face_recognition.verify).replace("distance < threshold", "distance > 0.7"), notebook)
    with pytest.raises(AssertionError, match="door_open of verify has the wrong value") as caught:
        face_recognition.check(notebook["verify"])
    assert "to pass first" not in str(caught.value)


# What painting needs


@pytest.mark.parametrize(
    ("assignment", "name", "function"),
    [
        ("what-convnets-see", "unit_cost", forms_what_convnets_see.unit_in_numpy),
        ("fast-style-transfer", "content_loss", forms_fast_style_transfer.content_in_numpy),
        ("fast-style-transfer", "gram_matrix", forms_fast_style_transfer.gram_assigned),
        ("fast-style-transfer", "style_loss", forms_fast_style_transfer.style_stopped),
        ("fast-style-transfer", "tv_loss", forms_fast_style_transfer.tv_in_numpy),
        ("fast-style-transfer", "inversion_cost", forms_fast_style_transfer.inversion_total_in_numpy),
        ("face-recognition", "triplet_loss", forms_face_recognition.loss_stopped),
        ("face-recognition", "probability_same", forms_face_recognition.probability_of_a_frozen_bias),
    ],
)
def test_hidden_tests_ask_for_a_gradient_too(assignment, name, function):
    assignment = ASSIGNMENTS[assignment]
    inputs, options, expected = hidden_tests(assignment, name)[0]
    with pytest.raises(AssertionError, match="no gradient"):
        assignment.checks.compare(submitted(function, name), *inputs, expected=expected, **options)


# What a student reads


def test_an_error_keeps_its_traceback_and_names_the_inputs():
    def broken(a_C, a_G):
        return a_C[1]

    with pytest.raises(AssertionError, match=r"stops on the published inputs, shapes \(1, 4, 4, 3\)") as caught:
        neural_style_transfer.check(submitted(broken, "compute_content_cost"))
    original = caught.value.__cause__
    assert original is not None and original.__traceback__.tb_next is not None


def test_the_published_values_are_printed(capsys):
    for name, entries in forms_neural_style_transfer.ACCEPTED.items():
        if name not in ("train_step", "model_nn"):
            neural_style_transfer.check(submitted(entries[0][1], name))
    printed = capsys.readouterr().out
    for value in ("reference: 6.76559", "reference: 9.19028", "reference: 35.34667875478276", "19.46584 19.56387"):
        assert value in printed


def test_the_value_of_the_classic_slip_is_shown(capsys):
    slip = misunderstanding("neural-style-transfer", "compute_layer_style_cost", "reshaped, not transposed")
    with pytest.raises(AssertionError):
        neural_style_transfer.check(slip)
    assert "compute_layer_style_cost: 11.3452   reference: 9.19028" in capsys.readouterr().out


def test_the_published_triplets_and_the_trap_of_the_batch_are_printed(capsys):
    face_recognition.check(submitted(forms_face_recognition.triplet_loss, "triplet_loss"))
    slip = misunderstanding("face-recognition", "triplet_loss", "batch summed before the hinge")
    with pytest.raises(AssertionError, match="easy triplets pay for hard ones"):
        face_recognition.check(slip)
    printed = capsys.readouterr().out
    assert "triplet_loss: 528.143   reference: 528.143\n" in printed
    assert "triplet_loss: 350.026   reference: 528.143\n" in printed


def test_a_model_of_keras_is_as_good_as_a_tiny_encoder():
    image = np.random.default_rng(8).integers(0, 256, (4, 6, 3)).astype(np.uint8)
    model = tf.keras.Sequential([tf.keras.Input((4, 6, 3)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(2)])
    kernel, bias = model.get_weights()
    right = np.float64(image.ravel() / 255) @ kernel + bias
    for _, function in forms_face_recognition.ACCEPTED["img_to_encoding"][:4]:
        face_recognition.compare(submitted(function, "img_to_encoding"), image, model, expected=right)
    slip = misunderstanding("face-recognition", "img_to_encoding", "picture not divided")
    with pytest.raises(AssertionError, match="picture not divided"):
        face_recognition.compare(slip, image, model, expected=right)


def test_what_can_be_computed_by_hand_is_printed(capsys):
    for name in ("content_loss", "gram_matrix", "style_loss", "tv_loss"):
        fast_style_transfer.check(submitted(forms_fast_style_transfer.ACCEPTED[name][0][1], name))
    printed = capsys.readouterr().out
    assert "content_loss: 42   reference: 42\n" in printed
    assert "reference:\n[[0.75 0.5 ]\n [0.5  1.75]]\n" in printed
    assert "style_loss: 3   reference: 3\n" in printed
    assert "tv_loss: 45   reference: 45\n" in printed


def test_truth_values_and_names_are_printed_as_such(capsys):
    for name in ("verify", "who_is_it"):
        face_recognition.check(submitted(forms_face_recognition.ACCEPTED[name][0][1], name))
    printed = capsys.readouterr().out
    assert "verify, door_open: True   reference: True\n" in printed
    assert "who_is_it, name: entry 3 of the database   reference: entry 3 of the database\n" in printed


def test_a_right_function_that_cannot_be_compiled_passes_and_is_told(capsys):
    fast_style_transfer.check(submitted(forms_fast_style_transfer.tv_needs_numbers, "tv_loss"))
    assert (
        "  – right, but tf.function cannot compile it, so painting will take about twice as long:"
        in capsys.readouterr().out
    )


def test_hidden_tests_name_what_is_wrong_with_a_painting():
    wrong = misunderstanding("neural-style-transfer", "model_nn", "the learning rate ignored")
    ((costs, start), options, expected), *_ = asked("neural-style-transfer", "model_nn")
    with pytest.raises(AssertionError, match="the learning rate ignored"):
        neural_style_transfer.compare(wrong, costs, start, expected=expected, **options)


def test_compare_does_not_spoil_what_it_is_given():
    ((variable, costs, optimizer), _, wanted), *_ = asked("neural-style-transfer", "train_step")
    picture = variable.numpy()
    step = submitted(forms_neural_style_transfer.step_plain, "train_step")
    neural_style_transfer.compare(step, variable, costs, optimizer, expected=wanted)
    neural_style_transfer.compare(step, variable, costs, optimizer, expected=wanted)
    np.testing.assert_array_equal(variable.numpy(), picture)
    assert int(optimizer.iterations) == 0


def test_a_content_cost_that_differs_from_zero_by_rounding_is_accepted():
    """The target is computed as it is, the painted picture's activation by a compiled graph."""

    tests = asked("fast-style-transfer", "style_transfer")
    ((model, *others), options, expected) = next(test for test in tests if not test[1]["init_random"])
    assert expected[1] == 0

    class Rounding:
        def activations(self, picture, names):
            found = model.activations(picture, names)
            return found if tf.executing_eagerly() else {name: a * (1 + 1e-6) for name, a in found.items()}

    function = submitted(forms_fast_style_transfer.style_transfer, "style_transfer")
    fast_style_transfer.compare(function, Rounding(), *others, expected=expected, **options)


# The stored reference


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_stored_reference_is_what_the_tool_makes(assignment):
    stored = json.loads((make_reference.TARGETS / f"{assignment}.json").read_text(encoding="utf-8"))
    made = json.loads(make_reference.as_json(make_reference.ASSIGNMENTS[assignment]()))
    assert list(stored) == list(made)
    for exercise, cases in stored.items():
        assert len(cases) == len(made[exercise])
        for case, again in zip(cases, made[exercise], strict=True):
            assert (case["name"], case["provenance"], case["options"]) == tuple(
                again[key] for key in ("name", "provenance", "options")
            )
            # TensorFlow's normal numbers may differ in the last bit on another processor; ours are exact.
            rounding = (
                1e-6
                if case["provenance"]
                in (make_reference.neural_style_transfer.DRAWN, make_reference.face_recognition.FACES)
                else 0
            )
            assert_same(case["inputs"], again["inputs"], rtol=rounding, atol=rounding)
            assert_same(case["expected"], again["expected"], rtol=1e-9, atol=1e-12)


def assert_same(stored, made, **tolerance):
    """The same keys in the same order, and the same numbers."""
    if isinstance(stored, dict):
        assert list(stored) == list(made)
        for key, value in stored.items():
            assert_same(value, made[key], **tolerance)
    elif stored is None or isinstance(stored, str):
        assert stored == made
    else:
        np.testing.assert_allclose(stored, made, **tolerance)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_stored_case_says_where_it_comes_from(assignment):
    for cases in load_reference(assignment).values():
        for case in cases:
            assert len(case.provenance) > 40
            assert case.name


def test_the_stored_reference_holds_the_published_values():
    reference = load_reference("neural-style-transfer")
    assert reference["compute_content_cost"][0].expected == {"J_content": 6.76559}
    assert reference["compute_layer_style_cost"][0].expected == {"J_style_layer": 9.19028}
    assert reference["total_cost"][0].expected == {"J": 35.34667875478276}
    np.testing.assert_array_equal(
        reference["gram_matrix"][0].expected["GA"][1], [-4.42912197, 19.46583748, 19.56387138]
    )
    assert load_reference("face-recognition")["triplet_loss"][0].expected == {"loss": 528.143}


#: assignment -> what is no scalar, and for which exercise
NO_SCALARS = {
    "what-convnets-see": (lambda *inputs: lambda x: {"unit": x, "tv": x, "total": x}, "unit_cost"),
    "neural-style-transfer": (lambda a_C, a_G: a_C * 0, "compute_content_cost"),
    "fast-style-transfer": (lambda w, F, P: F * 0, "content_loss"),
    "face-recognition": (lambda y_true, y_pred, alpha=0.2: y_pred[0], "triplet_loss"),
}


def check_first_forms(assignment):
    """Check the first right form of every exercise, and one that is wrong."""
    for name, entries in assignment.forms.ACCEPTED.items():
        assignment.checks.check(submitted(entries[0][1], name))
    with pytest.raises(AssertionError, match=r"not \(\) as a scalar has"):
        assignment.checks.check(submitted(*NO_SCALARS[assignment.name]))


def test_checks_leave_stderr_empty_in_a_new_process(root):
    """TensorFlow writes some lines only at its first operation, so another test cannot see them.

    A process for each assignment, all of them forked from one that has imported TensorFlow and run none of it.
    """
    program = (
        "import os, nst.quiet, pytest\n"
        f"for assignment in {list(ASSIGNMENTS)}:\n"
        "    process = os.fork()\n"
        "    if not process:\n"
        "        from tests.test_checks import ASSIGNMENTS, check_first_forms\n"
        "        check_first_forms(ASSIGNMENTS[assignment])\n"
        "        os._exit(0)\n"
        "    assert os.waitpid(process, 0)[1] == 0, assignment\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
