"""A worked solution may be asked for after an honest try, where the instructor has nothing against it."""

import pytest
import tensorflow as tf

from nst.checks import fast_style_transfer, neural_style_transfer, tries
from nst.course import worked
from nst.course.worked import worked_solution
from nst.paths import CHECKOUT

EXERCISES = sorted(
    {
        (folder, exercise.name)
        for folder, checks in worked._ASSIGNMENTS.items()
        for exercise in checks.EXERCISES.values()
    }
)


def sums(version=0):
    """A gram_matrix that is wrong in one of several ways."""

    def gram_matrix(A):
        return tf.reduce_sum(A) + version

    return gram_matrix


def commented():
    def gram_matrix(A):
        # now I have it
        return tf.reduce_sum(A) + version  # really

    version = 0
    return gram_matrix


def other():
    def gram_matrix(A):
        return tf.matmul(A, A)

    return gram_matrix


@pytest.fixture(autouse=True)
def nothing_tried(monkeypatch):
    monkeypatch.setattr(tries, "_failed", {})
    monkeypatch.delenv("NST_WORKED_SOLUTIONS", raising=False)


@pytest.fixture
def shown(monkeypatch):
    seen = []
    monkeypatch.setattr(worked, "display", lambda markdown: seen.append(markdown.data))
    return seen


def fail(function, checks=neural_style_transfer):
    with pytest.raises(AssertionError):
        checks.check(function)


def test_it_comes_after_two_different_versions_have_failed(shown, capsys):
    fail(sums())
    fail(sums())
    fail(commented())
    worked_solution(sums())
    assert not shown and "fault with 1 of your versions" in capsys.readouterr().out
    fail(other())
    worked_solution(other())
    (text,) = shown
    assert "tf.matmul(A, A, transpose_b=True)" in text and "G = A A^T" in text
    assert "SOLUTION" not in text and "HIDDEN" not in text


def test_the_assignment_is_the_one_that_was_tried(shown):
    fail(sums(), fast_style_transfer)
    fail(other(), fast_style_transfer)
    worked_solution(other())
    assert "transpose_a=True" in shown[0]


def test_an_instructor_can_switch_it_off(shown, capsys, monkeypatch):
    monkeypatch.setenv("NST_WORKED_SOLUTIONS", "off")
    fail(sums())
    fail(other())
    worked_solution(other())
    assert not shown and "ask your instructor" in capsys.readouterr().out


def test_a_copy_without_answers_has_none(shown, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(tries, "CHECKOUT", tmp_path)
    fail(sums())
    fail(other())
    worked_solution(other())
    assert not shown and "no worked solutions" in capsys.readouterr().out


def test_what_is_no_exercise_has_no_solution(shown, capsys):
    worked_solution(len)
    assert not shown and "no exercise called 'len'" in capsys.readouterr().out


@pytest.mark.parametrize("folder, name", EXERCISES)
def test_every_exercise_has_a_formula_and_a_solution(folder, name):
    text = worked._worked(folder, name)
    assert text.startswith("**The ") and f"def {name}(" in text
    assert CHECKOUT.joinpath("answers", folder).is_dir()
