"""Two slips at once are named both. (That one alone is never taken for two, test_checks sees of every one.)"""

from itertools import combinations

import pytest

from nst.checks import naming, neural_style_transfer
from nst.checks.engine import quiet
from nst.checks.outcome import observe
from nst.checks.wrong_versions import both, composable
from nst.quiet import tf
from tests.test_checks import EXERCISES
from tools.mutation_table import handed_in as submitted

pytestmark = pytest.mark.usefixtures("wrong_ones_asked_once")


def named(exercise, function):
    """The names that are found for a function, by what it does on the first case."""
    case = exercise.cases[0]
    with quiet():
        outcome = observe(exercise, function, case.inputs, case.options)
        return [m.name for m in naming.find_misunderstandings(exercise, outcome, case.inputs, case.options, function)]


@pytest.mark.parametrize(("assignment", "name"), EXERCISES)
def test_two_slips_at_once_are_named_both_or_one_hides_the_other(assignment, name, monkeypatch):
    monkeypatch.setattr(naming, "MOST_PAIRS", 10_000)
    exercise = assignment.checks.EXERCISES[name]
    pairs = [pair for pair in combinations(exercise.misunderstandings, 2) if both(*(m.function for m in pair))]
    for first, second in pairs[:: len(pairs) // 4 + 1]:
        names = named(exercise, both(first.function, second.function))
        assert len(names) in (1, 2), (first.name, second.name)


def test_reshaped_and_mean_are_told_both():
    def style_cost(a_S, a_G):
        _, n_H, n_W, n_C = a_G.shape
        rows = [tf.reshape(a, [n_C, n_H * n_W]) for a in (a_S, a_G)]
        S, G = (tf.matmul(A, A, transpose_b=True) for A in rows)
        return tf.reduce_mean(tf.square(S - G)) / (4 * n_C**2 * (n_H * n_W) ** 2)

    with pytest.raises(AssertionError) as caught:
        neural_style_transfer.check(submitted(style_cost, "compute_layer_style_cost"))
    assert "a row mixes the channels" in str(caught.value) and "A mean over the Gram matrix" in str(caught.value)


def test_two_versions_are_put_together_where_their_wrong_parts_differ():
    @composable
    def build(**wrong):
        return lambda: {"a": 1, "b": 2} | wrong

    @composable
    def other(**wrong):
        return lambda: wrong

    assert both(build(a=3), build(b=4))() == {"a": 3, "b": 4}
    assert both(build(a=3), build(a=5)) is None
    assert both(build(a=3), other(b=4)) is None
    assert both(build(a=3), lambda: 0) is None
