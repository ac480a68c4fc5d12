"""What the hidden tests in answers/ ask of a function, for tests of the checks that they call."""

from functools import cache
from importlib import import_module
from unittest.mock import patch

from nst.course.answers import hidden_tests
from tools.mutation_table import handed_in

cells = cache(hidden_tests)


@cache
def asked(assignment, exercise):
    """The calls of compare() in the hidden tests of an exercise: (inputs, options, expected) of each, in order.

    They are made once, as compare() spoils nothing that it is given.
    """
    module = assignment.replace("-", "_")
    _, right = import_module(f"tests.support.forms.{module}").ACCEPTED[exercise][0]
    calls = []

    def compare(function, *inputs, expected, **options):
        calls.append((inputs, options, expected))

    with patch(f"nst.checks.{module}.compare", compare):
        cells(assignment)[exercise](handed_in(right, exercise))
    return calls
