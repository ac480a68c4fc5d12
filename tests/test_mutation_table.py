"""tools/mutation_table.py, which a maintainer runs after changing a check."""

from nst.checks.exercise import Misunderstanding
from nst.checks.neural_style_transfer import EXERCISES
from tools import mutation_table


def test_the_table_has_a_row_for_each_misunderstanding_and_says_when_one_passes(monkeypatch, capsys):
    exercise = EXERCISES["total_cost"]
    for name in [name for name in EXERCISES if name != "total_cost"]:
        monkeypatch.delitem(EXERCISES, name)

    assert mutation_table.main(["neural-style-transfer"]) == 0
    header, line, *rows, empty, counts = capsys.readouterr().out.splitlines()
    assert header.startswith("| exercise | misunderstanding |") and line == "|---|---|---|---|---|" and empty == ""
    assert len(rows) == len(exercise.misunderstandings) == 15
    swapped = "| total_cost | alpha and beta swapped | total_cost has the wrong value on the published inputs, with the"
    assert rows[0].startswith(swapped) and "| yes | The weights sit on the wrong costs." in rows[0]
    assert counts == (
        "15 misunderstandings: 15 rejected and named by the visible check, 15 rejected by the hidden tests."
    )

    def right(J_content, J_style, alpha=10, beta=40):
        return alpha * J_content + beta * J_style

    exercise.misunderstandings.append(Misunderstanding("none", "Nothing is wrong.", right))
    try:
        assert mutation_table.main(["neural-style-transfer"]) == 1
    finally:
        exercise.misunderstandings.pop()
    *_, row, empty, counts = capsys.readouterr().out.splitlines()
    assert row == "| total_cost | none | nothing | no | Nothing is wrong. |"
    assert counts.startswith("16 misunderstandings: 15 rejected and named")
