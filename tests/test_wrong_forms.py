"""What the checks reject, the hidden tests reject as well: the same properties are held by both."""

import pytest

from nst.checks import naming
from tests.support.hidden import cells
from tests.test_checks import forms, submitted

pytestmark = pytest.mark.usefixtures("wrong_ones_asked_once")

#: Those that paint take a minute; tools/form_table.py tries them too.
QUICK = ("what-convnets-see", "face-recognition")


@pytest.mark.parametrize(
    ("assignment", "name", "function", "message"),
    [form for form in forms("REJECTED") if form.values[0].name in QUICK],
)
def test_hidden_tests_reject_what_the_check_rejects(assignment, name, function, message, monkeypatch):
    monkeypatch.setattr(naming, "PAIRS_TAKE", 0)  # what it is called is no matter here
    with pytest.raises(AssertionError):
        cells(assignment.name)[name](submitted(function, name))
