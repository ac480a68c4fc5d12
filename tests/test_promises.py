"""Whatever the task of an exercise promises is held by its check and by its hidden tests: broken, it earns nothing."""

import inspect
from dataclasses import replace

import numpy as np
import pytest

from nst.checks import naming
from nst.painting import measure
from tests.support.promises import PROMISES, Promises, spoilers
from tests.test_checks import ASSIGNMENTS
from tools import promise_table

pytestmark = pytest.mark.usefixtures("wrong_ones_asked_once", "nothing_compiled", "no_pairs")

EXERCISES = [(assignment, exercise) for assignment, exercises in PROMISES.items() for exercise in exercises]


@pytest.fixture(scope="module")
def nothing_compiled():
    """A cost is compiled for hundreds of steps, and here it takes a few."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "_compiled", lambda function: function)
        yield


@pytest.fixture(scope="module")
def no_pairs():
    """Whether it is rejected is asked here, and not by which two names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(naming, "MOST_PAIRS", 0)
        yield


def right_function(assignment, exercise):
    return ASSIGNMENTS[assignment].forms.ACCEPTED[exercise][0][1]


@pytest.mark.parametrize(("assignment", "exercise"), EXERCISES)
def test_a_broken_promise_is_rejected_by_the_check_and_by_the_hidden_tests(assignment, exercise):
    nothing, *broken = promise_table.verdicts(assignment, exercise)
    assert nothing == (promise_table.NOTHING, "", "")
    assert [promise for promise, check, hidden in broken if not (check and hidden)] == []
    assert all(len(said) < 450 for _, *complaints in broken for said in complaints)


def test_every_exercise_promises_something_of_every_argument_or_says_why_not():
    assert {name: set(exercises) for name, exercises in PROMISES.items()} == {
        name: set(assignment.checks.EXERCISES) for name, assignment in ASSIGNMENTS.items()
    }
    for assignment, exercise in EXERCISES:
        promises = PROMISES[assignment][exercise]
        parameters = inspect.signature(right_function(assignment, exercise)).parameters.values()
        required = {parameter.name for parameter in parameters if parameter.default is parameter.empty}
        optional = {parameter.name for parameter in parameters} - required
        assert required == {*promises.kept, *promises.unkept}, exercise
        assert optional == {*promises.defaults, *promises.undefended}, exercise
        assert all(len(reason) > 10 for _, reason in promises.not_promised())


def test_a_spoiler_leaves_the_value_as_it_is_unless_the_value_is_what_it_breaks():
    right = right_function("neural-style-transfer", "compute_content_cost")
    promises = PROMISES["neural-style-transfer"]["compute_content_cost"]
    inputs = ASSIGNMENTS["neural-style-transfer"].checks.EXERCISES["compute_content_cost"].cases[0].inputs
    for promise, function in spoilers(promises, right):
        value, wanted = np.ravel(function(*inputs)), np.ravel(right(*inputs))
        assert np.array_equal(value, wanted) == (promise not in ("value", "finite")), promise


def test_the_table_has_a_row_for_each_promise_and_says_when_one_is_not_held(monkeypatch, capsys):
    of_gram = Promises(("A",), unkept={"A": "a tensor cannot be written into"})
    alone = {name: {} for name in PROMISES} | {"neural-style-transfer": {"gram_matrix": of_gram}}
    monkeypatch.setattr(promise_table, "PROMISES", alone)
    assert promise_table.main() == 0
    printed = capsys.readouterr().out.splitlines()
    row = "| neural-style-transfer | gram_matrix |"
    assert f"{row} the gradient's sign | rejects | rejects |" in printed
    assert f"{row} A as it was | not promised: a tensor cannot be written into | |" in printed
    assert printed[-1] == "16 broken promises; 0 of 32 verdicts are wrong."

    idle = replace(of_gram, more={"nothing at all": lambda function: function})
    monkeypatch.setitem(alone, "neural-style-transfer", {"gram_matrix": idle})
    assert promise_table.main() == 1
    assert capsys.readouterr().out.endswith("17 broken promises; 2 of 34 verdicts are wrong.\n")
