"""The three steps of every hint. The third shows the mistake: pasted below the function, it prints something else."""

import io
from contextlib import redirect_stdout

import numpy as np
import pytest

from nst.checks.engine import find_verdict, quiet
from nst.quiet import tf
from tests.test_checks import ASSIGNMENTS
from tools.mutation_table import handed_in

EXERCISES = [
    pytest.param(ASSIGNMENTS[assignment], name, id=f"{assignment}: {name}")
    for assignment in ASSIGNMENTS
    for name in ASSIGNMENTS[assignment].checks.EXERCISES
]


def printed(assignment, name, function, experiment):
    """What an experiment prints in a notebook that has this function, right ones beside it, tf and np."""
    right = {other: handed_in(entries[0][1], other) for other, entries in assignment.forms.ACCEPTED.items()}
    # What is asked of a batch is asked of the function that was written for one picture.
    own = assignment.checks.EXERCISES[name].name
    cell = {"tf": tf, "np": np, **right, own: handed_in(function, own)}
    with redirect_stdout(io.StringIO()) as out, quiet():
        try:
            exec(experiment, cell)
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
    return out.getvalue()


@pytest.mark.parametrize(("assignment", "name"), EXERCISES)
def test_every_experiment_shows_the_mistake(assignment, name):
    exercise = assignment.checks.EXERCISES[name]
    right, alike, shown = assignment.forms.ACCEPTED[name][0][1], [], {}
    for m in exercise.misunderstandings:
        experiment = m.experiment or exercise.experiment
        if experiment not in shown:
            shown[experiment] = printed(assignment, name, right, experiment)
        wanted = shown[experiment]
        assert wanted and "Error: " not in wanted, (m.name, wanted)
        if printed(assignment, name, m.function, experiment) == wanted:
            alike.append(m.name)
    assert alike == []


@pytest.mark.parametrize(("assignment", "name"), EXERCISES)
def test_every_hint_has_three_steps(assignment, name):
    exercise = assignment.checks.EXERCISES[name]
    for m in exercise.misunderstandings:
        look, experiment = m.look or exercise.look, m.experiment or exercise.experiment
        assert look.endswith((".", "?")) and len(look) < 160, (m.name, look)
        assert look not in m.hint, m.name
        lines = experiment.splitlines()
        assert 2 <= len(lines) <= 3 and "# " in lines[-1] and max(map(len, lines)) < 120, (m.name, experiment)
        assert not m.name.count("-"), m.name


def test_who_stopped_at_a_line_is_not_sent_to_another():
    assignment = ASSIGNMENTS["neural-style-transfer"]
    function = handed_in(assignment.forms.content_typo, "compute_content_cost")
    verdict = find_verdict(assignment.checks.EXERCISES, function)
    assert "tf.sqaure" in verdict.place.text and "did you mean `tf.square`?" in verdict.explanation
    assert verdict.look == verdict.experiment == ""
