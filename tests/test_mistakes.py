"""What a failed test tells of the student's mind, and which unnamed outcomes are the same."""

import json
import random

import numpy as np
import pytest

from nst.checks.neural_style_transfer import check, compare
from nst.grading.evidence import read_record
from nst.grading.exam.mistakes import LONGEST, mistake_in, stopped
from nst.grading.exam.remote import error_named
from nst.grading.insight.outcomes import agree, group
from nst.grading.judgement import Judgement, Mark, as_record
from nst.quiet import tf
from tests.support.forms import neural_style_transfer as forms


def wrong(function, *inputs, expected=None):
    """The Mistake of a function, in its check, or in a hidden test where there are inputs."""
    function.__name__ = "gram_matrix" if function.__name__ == "<lambda>" else function.__name__
    with pytest.raises(Exception) as caught:
        if inputs:
            compare(function, *inputs, expected=expected)
        else:
            check(function)
    return mistake_in(caught.value, 2 if inputs else 0)


def product(A):
    return tf.matmul(A, A, transpose_b=True)


def unnamed(function, *inputs, expected=None):
    named, outcome = wrong(function, *inputs, expected=expected)
    assert named == () and outcome
    return outcome


def test_what_is_named_in_the_check_or_in_a_hidden_test_is_carried_by_name():
    positions = ("positions compared, not channels",), ""
    assert wrong(lambda A: tf.matmul(A, A, transpose_a=True)) == positions
    ones = np.ones((2, 3), "float32")
    assert wrong(lambda A: tf.matmul(A, A, transpose_a=True), ones, expected=3 * np.ones((2, 2))) == positions


def test_an_unnamed_mistake_is_the_same_however_it_is_written():
    first = unnamed(lambda A: 1.5 * product(A) + 7.25)
    assert first.startswith("(3, 3) ") and first.count(" | ") == 2
    assert agree(first, unnamed(lambda A: (3 * np.float64(A) @ np.float64(A).T + 14.5) / 2))
    assert not agree(first, unnamed(lambda A: 1.51 * product(A) + 7.25))
    assert not agree(first, unnamed(lambda A: tf.reshape(1.5 * product(A) + 7.25, [-1])))


def test_a_large_result_that_differs_in_one_place_is_another_mistake():
    def off(place):
        def gram_matrix(A):
            return product(A) + tf.one_hot(place, A.shape[0]) * 3.0

        return unnamed(gram_matrix)

    assert agree(off(0), off(0)) and not agree(off(0), off(1))


@pytest.mark.filterwarnings("error")
def test_what_is_not_finite_is_told_too():
    assert unnamed(lambda A: product(A) / 0.0).startswith("(3, 3) inf, ")
    assert agree("1.5e+999", "1.5e+999") and not agree("1.5e+999", "-1.5e+999")


def test_an_exception_is_told_by_its_kind_and_not_by_names_of_the_students_own():
    misspelt = unnamed(lambda A: tf.matmul(A, B, transpose_b=True))  # noqa: F821
    assert misspelt == "NameError: name … is not defined"
    assert misspelt == unnamed(lambda A: tf.matmul(A, C, transpose_b=True))  # noqa: F821

    def addressed(A):
        raise ValueError(f"no {object()}")

    assert unnamed(lambda A: addressed(A)) == unnamed(lambda A: addressed(A))


def test_a_mistake_that_only_hidden_tests_see_says_so():
    def gram_matrix(A):
        return product(A) if A.shape[0] != 5 else product(A) + 1.0

    inputs = np.ones((5, 2), "float32")
    outcome = unnamed(gram_matrix, inputs, expected=2 * np.ones((5, 5)))
    assert outcome == "hidden test 2: gram_matrix has the wrong value on fresh inputs, shape (5, 2)."


def test_what_is_not_written_and_what_waits_for_another_function_are_no_mistakes_of_their_own():
    def gram_matrix(A):
        raise NotImplementedError()

    assert wrong(gram_matrix) == ((), "not written")
    assert mistake_in(error_named("NotImplementedError", "")) == ((), "not written")

    def compute_layer_style_cost(a_S, a_G):
        return tf.reduce_sum(globals()["gram_matrix"](a_S[0, 0]))

    compute_layer_style_cost.__globals__["gram_matrix"] = lambda A: product(A) + 1
    try:
        assert wrong(compute_layer_style_cost) == ((), "waits for gram_matrix")
    finally:
        del compute_layer_style_cost.__globals__["gram_matrix"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (AssertionError("the callback comes\nafter each step"), "hidden test 2: the callback comes"),
        (NameError("name 'f' is not defined", name="f"), "f is not defined"),
        (error_named("AssertionError", "mine"), "AssertionError: mine"),
        (error_named("Odd", "<b>\ud800\x1b[2J\n=1+1" + "x" * 999), "Odd: <b>?\N{REPLACEMENT CHARACTER}[2J"),
    ],
)
def test_whatever_ends_a_test_is_told_in_a_line(error, outcome):
    assert mistake_in(error, 2) == ((), outcome)


def test_a_process_that_ended_is_told_in_a_line_that_is_not_too_long():
    (named, outcome) = stopped("a\nb" + "x" * 9999)
    assert named == () and outcome.startswith("stopped: a bx") and len(outcome) == LONGEST


def test_every_rejected_form_is_named_or_has_an_outcome():
    for label, function, *_ in forms.REJECTED["gram_matrix"]:
        mistake = wrong(lambda A, function=function: function(A))
        assert bool(mistake.named) != bool(mistake.outcome), label


# Which outcomes are the same


def test_digits_at_a_boundary_of_rounding_do_not_part_what_is_the_same():
    assert agree("1.4999999", "1.5000001") and agree("1e+20 …", "1e+20 …")
    assert agree("J 1250.0; picture 0.0, 1.0", "J 1250.1; picture 1.0e-07, 1.0")
    assert not agree("1.5", "1.51") and not agree("(2, 3) 1.5", "(3, 2) 1.5")
    assert not agree("J 1250.0; picture 0.0, 0.01", "J 1250.0; picture 0.01, 0.01")
    assert not agree("hidden test 1: no", "hidden test 2: no")


def test_groups_do_not_depend_on_who_comes_first_and_the_largest_stands_first():
    outcomes = {
        name: f"{value}" for name, value in zip("abcdef", (2.0, 1.0, 2.0002, 1.00001, 0.99999, 7.0), strict=True)
    }
    assert group(outcomes) == [["b", "d", "e"], ["a", "c"], ["f"]]
    for seed in range(5):
        keys = random.Random(seed).sample(list(outcomes), 6)
        assert sorted(map(sorted, group({key: outcomes[key] for key in keys}))) == [["a", "c"], ["b", "d", "e"], ["f"]]
    assert group({}) == [] and group({"a": "", "b": ""}) == [["a", "b"]]


# Records


def test_a_record_keeps_what_was_named_and_an_older_one_says_nothing_of_it(tmp_path):
    judgement = Judgement("graded", [], [], [], unanswered={"f", "e"})
    judgement.marks = [
        Mark("one", "test_f", 2.0, True, "", ""),
        Mark("one", "test_g", 2.0, False, "no", "", ("entry by entry",), ""),
        Mark("one", "test_h", 2.0, False, "no", "", (), "1.5"),
    ]
    found = json.loads(json.dumps(as_record(judgement)))
    path = tmp_path / "record.json"
    path.write_text(json.dumps(found), encoding="utf-8")
    record = read_record(path)
    assert [finding[1:] for finding in record.findings] == [
        ("test_f", True, (), ""),
        ("test_g", False, ("entry by entry",), ""),
        ("test_h", False, (), "1.5"),
    ]
    assert record.unanswered == ["e", "f"]
    for mark in found["marks"]:
        del mark["named"], mark["outcome"]
    del found["unanswered"]
    path.write_text(json.dumps(found), encoding="utf-8")
    record = read_record(path)
    assert [finding[2:] for finding in record.findings] == [(True, None, None), *[(False, None, None)] * 2]
    assert record.unanswered == []
