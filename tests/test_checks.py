"""The checks accept every right form, and reject and name every misunderstanding."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from student_forms import ACCEPTED, REJECTED

from nst.checks import load_reference
from nst.checks.neural_style_transfer import EXERCISES, check, compare, quadratic_costs
from nst.quiet import tf
from tools import make_reference


def submitted(function, name):
    """`function` as a student hands it in: under the exercise's name."""

    def hand_in(*inputs, **options):
        return function(*inputs, **options)

    hand_in.__name__ = name
    return hand_in


def forms(table):
    return [
        pytest.param(name, *rest, id=f"{name}: {label}") for name, entries in table.items() for label, *rest in entries
    ]


def painting_inputs(rng):
    """A picture, the targets of quadratic costs for it, and J, J_content, J_style with dJ/dpicture in float64."""
    picture, content_target, style_target = rng.uniform(-3, 3, (3, 1, 3, 2, 3)).astype(np.float32)
    from_content, from_style = (np.float64(picture - target) for target in (content_target, style_target))
    J_content, J_style = np.sum(from_content**2), np.sum(from_style**2)
    gradient = 20 * from_content + 80 * from_style
    expected = (10 * J_content + 40 * J_style, J_content, J_style)
    return picture, quadratic_costs(content_target, style_target), expected, gradient


def fresh_tests(name):
    """Two hidden tests of an exercise: (inputs, options, expected), computed in float64 without TensorFlow."""
    # No size is 2 or 4: a forgotten square would look like a forgotten factor.
    for seed, shape in ((101, (1, 5, 7, 3)), (102, (1, 7, 3, 6))):
        rng = np.random.default_rng(seed)
        n_H, n_W, n_C = shape[1:]
        a, a_G = rng.normal(1, 2, (2, *shape)).astype(np.float32)
        if name == "compute_content_cost":
            yield (a, a_G), {}, np.sum((np.float64(a) - a_G) ** 2) / (4 * n_H * n_W * n_C)
        elif name == "gram_matrix":
            A = a.reshape(n_H, -1)
            yield (A,), {}, np.einsum("ik,jk->ij", np.float64(A), np.float64(A))
        elif name == "compute_layer_style_cost":
            G_S, G_G = (np.einsum("bhwi,bhwj->ij", np.float64(x), np.float64(x)) for x in (a, a_G))
            yield (a, a_G), {}, np.sum((G_S - G_G) ** 2) / (4 * n_C**2 * (n_H * n_W) ** 2)
        elif name == "total_cost":
            J_content, J_style, alpha, beta = rng.uniform(1, 20, 4).tolist()
            yield (J_content, J_style), {}, 10 * J_content + 40 * J_style
            yield (J_content, J_style), {"alpha": alpha, "beta": beta}, alpha * J_content + beta * J_style
        elif name == "train_step":
            picture, costs, expected, gradient = painting_inputs(rng)
            optimizer = tf.keras.optimizers.SGD(0.003)
            yield (picture, costs, optimizer), {}, (*expected, picture - 0.003 * gradient)
        elif name == "model_nn":
            # Adam's first step is the learning rate, down every slope, however steep.
            picture, costs, _, gradient = painting_inputs(rng)
            options = {"num_iterations": 1, "learning_rate": 0.3}
            yield (costs, picture), options, picture - 0.3 * np.sign(gradient)


@pytest.mark.parametrize(("name", "function"), forms(ACCEPTED))
def test_right_forms_pass_the_check(name, function, capfd):
    check(submitted(function, name))
    printed = capfd.readouterr()
    assert name in printed.out and "reference:" in printed.out and "✓" in printed.out
    assert printed.err == ""


@pytest.mark.parametrize(("name", "function"), forms(ACCEPTED))
def test_right_forms_pass_hidden_tests(name, function, capfd):
    for inputs, options, expected in fresh_tests(name):
        compare(submitted(function, name), *inputs, expected=expected, **options)
    assert capfd.readouterr() == ("", "")


def test_there_are_more_than_thirty_right_forms():
    assert sum(map(len, ACCEPTED.values())) > 30
    assert set(ACCEPTED) == set(EXERCISES)


@pytest.mark.parametrize(
    ("name", "misunderstanding"),
    [pytest.param(e.name, m, id=f"{e.name}: {m.name}") for e in EXERCISES.values() for m in e.misunderstandings],
)
def test_every_misunderstanding_is_rejected_and_named(name, misunderstanding, capfd):
    function = submitted(misunderstanding.function, name)
    with pytest.raises(AssertionError) as caught:
        check(function)
    assert f"\n{misunderstanding.name}: {misunderstanding.hint}" in str(caught.value)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "misunderstanding"),
    [
        pytest.param(e.name, m, id=f"{e.name}: {m.name}")
        for e in EXERCISES.values()
        if e.name != "model_nn"
        for m in e.misunderstandings
    ],
)
def test_hidden_tests_reject_every_misunderstanding_without_telling(name, misunderstanding):
    function, messages = submitted(misunderstanding.function, name), []
    for inputs, options, expected in fresh_tests(name):
        try:
            compare(function, *inputs, expected=expected, **options)
        except AssertionError as error:
            messages.append(str(error))
            numbers = np.hstack([np.ravel(value) for value in (expected if name == "train_step" else [expected])])
            assert not any(f"{number:.3f}" in str(error) or f"{number:.4g}" in str(error) for number in numbers)
    assert messages
    assert all(len(message) < 450 for message in messages)
    hints = {m.hint for m in EXERCISES[name].misunderstandings if f"\n{m.name}: " in "".join(messages)}
    if misunderstanding.name == "defaults-swapped":  # weights unnamed, nobody can tell it from swapped weights
        hints.add(misunderstanding.hint)
    assert misunderstanding.hint in hints
    assert all("\n" in message for message in messages)


@pytest.mark.parametrize(("name", "function", "message"), forms(REJECTED))
def test_other_wrong_forms_are_told_what_is_wrong(name, function, message, capfd):
    with pytest.raises(AssertionError) as caught:
        check(submitted(function, name))
    assert message in str(caught.value)
    assert len(str(caught.value)) < 450
    assert capfd.readouterr().err == ""


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
    with pytest.raises(AssertionError, match=r"your total_cost is not: get check\(total_cost\) to pass first"):
        check(step)


def test_a_right_total_cost_is_not_blamed_for_a_wrong_step():
    notebook = {"tf": tf, "total_cost": ACCEPTED["total_cost"][0][1]}
    exec(NOTEBOOK_STEP.replace("return J,", "return J_content + J_style,"), notebook)
    with pytest.raises(AssertionError, match="J of train_step has the wrong value") as caught:
        check(notebook["train_step"])
    assert "check(total_cost)" not in str(caught.value)


def test_a_wrong_total_cost_that_the_step_does_without_is_no_matter():
    notebook = {"tf": tf, "total_cost": lambda J_content, J_style: J_content}
    exec(NOTEBOOK_STEP.replace("total_cost(J_content, J_style)", "10 * J_content + 40 * J_style"), notebook)
    check(notebook["train_step"])


@pytest.mark.parametrize("name", EXERCISES)
def test_an_unfinished_function_says_so_unchanged(name):
    complaint = NotImplementedError("write me")

    def stub(*inputs, **options):
        raise complaint

    for run in (lambda f: check(f), lambda f: compare(f, *next(fresh_tests(name))[0], expected=[0] * 4)):
        with pytest.raises(NotImplementedError) as caught:
            run(submitted(stub, name))
        assert caught.value is complaint


@pytest.mark.parametrize("name", EXERCISES)
def test_a_forgotten_return_is_named(name):
    with pytest.raises(AssertionError, match="did you forget `return`"):
        check(submitted(lambda *inputs, **options: None, name))


def test_an_error_keeps_its_traceback_and_names_the_inputs():
    def broken(a_C, a_G):
        return a_C[1]

    with pytest.raises(AssertionError, match=r"stops on the published inputs, shapes \(1, 4, 4, 3\)") as caught:
        check(submitted(broken, "compute_content_cost"))
    original = caught.value.__cause__
    assert original is not None and original.__traceback__.tb_next is not None


def test_a_function_under_another_name_is_told_the_names():
    for function in (lambda a, b: a, submitted(lambda a, b: a, "content_cost"), 3):
        with pytest.raises(AssertionError, match=r"compute_content_cost, gram_matrix, .*model_nn"):
            check(function)
        with pytest.raises(AssertionError, match="There is no check for"):
            compare(function, 1, 2, expected=3)


def test_the_published_values_are_printed(capsys):
    for name, entries in ACCEPTED.items():
        if name not in ("train_step", "model_nn"):
            check(submitted(entries[0][1], name))
    printed = capsys.readouterr().out
    for value in ("reference: 6.76559", "reference: 9.19028", "reference: 35.34667875478276", "19.46584 19.56387"):
        assert value in printed


def test_the_value_of_the_classic_slip_is_shown(capsys):
    slip = next(
        m for m in EXERCISES["compute_layer_style_cost"].misunderstandings if m.name == "reshaped-not-transposed"
    )
    with pytest.raises(AssertionError):
        check(submitted(slip.function, "compute_layer_style_cost"))
    assert "compute_layer_style_cost: 11.3452   reference: 9.19028" in capsys.readouterr().out


def test_hidden_tests_name_what_is_wrong_with_a_painting():
    wrong = next(m for m in EXERCISES["model_nn"].misunderstandings if m.name == "learning-rate-ignored")
    ((costs, start), options, expected), *_ = fresh_tests("model_nn")
    with pytest.raises(AssertionError, match="learning-rate-ignored"):
        compare(submitted(wrong.function, "model_nn"), costs, start, expected=expected, **options)


def test_compare_does_not_spoil_what_it_is_given():
    picture, costs, expected, gradient = painting_inputs(np.random.default_rng(7))
    variable, optimizer = tf.Variable(picture), tf.keras.optimizers.SGD(0.01)
    wanted = (*expected, picture - 0.01 * gradient)
    step = submitted(ACCEPTED["train_step"][0][1], "train_step")
    compare(step, variable, costs, optimizer, expected=wanted)
    compare(step, variable, costs, optimizer, expected=wanted)
    np.testing.assert_array_equal(variable.numpy(), picture)
    assert int(optimizer.iterations) == 0


def test_names_are_stable_and_hints_are_short():
    for exercise in EXERCISES.values():
        names = [m.name for m in exercise.misunderstandings]
        assert len(set(names)) == len(names)
        for m in exercise.misunderstandings:
            assert m.name == m.name.lower() and " " not in m.name
            assert m.hint.endswith((".", "?")) and len(m.hint) < 260


# The stored reference


def test_the_stored_reference_is_what_the_tool_makes():
    stored = json.loads(make_reference.TARGET.read_text(encoding="utf-8"))
    made = json.loads(make_reference.as_json(make_reference.make()))
    assert list(stored) == list(made)
    for exercise, cases in stored.items():
        assert len(cases) == len(made[exercise])
        for case, again in zip(cases, made[exercise], strict=True):
            assert (case["name"], case["provenance"], case["options"]) == tuple(
                again[key] for key in ("name", "provenance", "options")
            )
            assert list(case["inputs"]) == list(again["inputs"]) and list(case["expected"]) == list(again["expected"])
            for key, value in case["inputs"].items():
                if isinstance(value, list):
                    # TensorFlow's normal numbers may differ in the last bit on another processor; ours are exact.
                    rounding = 1e-6 if case["provenance"] == make_reference.DRAWN else 0
                    np.testing.assert_allclose(
                        np.float32(value), np.float32(again["inputs"][key]), rtol=rounding, atol=rounding
                    )
                else:
                    assert value == again["inputs"][key]
            for key, value in case["expected"].items():
                np.testing.assert_allclose(value, again["expected"][key], rtol=1e-9, atol=1e-12)


def test_every_stored_case_says_where_it_comes_from():
    for cases in load_reference("neural-style-transfer").values():
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


def test_a_check_leaves_stderr_empty_in_a_new_process(root):
    """TensorFlow writes some lines only at its first operation, so another test cannot see them."""
    program = (
        "from student_forms import ACCEPTED\n"
        "from test_checks import submitted\n"
        "from nst.checks.neural_style_transfer import check\n"
        "for name, entries in ACCEPTED.items():\n"
        "    check(submitted(entries[0][1], name))\n"
        "try:\n"
        "    check(submitted(lambda a_C, a_G: a_C * 0, 'compute_content_cost'))\n"
        "except AssertionError as error:\n"
        "    print(error)\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    environment["PYTHONPATH"] = os.pathsep.join([str(root), str(root / "tests")])
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert "has shape (1, 4, 4, 3), not () as a scalar has" in run.stdout
