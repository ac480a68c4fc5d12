"""Questions to predict: asked before an experiment, answered in the notebook, revealed after it."""

import re

import pytest

from nst.lessons import predictions
from nst.lessons.questions import QUESTIONS
from tests.support.kernels import NOTEBOOKS

CELLS = r"(?m)^# %%.*\n((?:(?!# %%).*\n?)*)"


def asked(root, notebook):
    """What a notebook asks and reveals, in its order: ("predict", name), ("reveal", name), or ("experiment", "")."""
    found = []
    for cell in re.findall(CELLS, (root / "answers" / f"{notebook}.py").read_text("utf-8")):
        call = re.fullmatch(r'(predict|reveal)\("([^"]+)"(?:, "\?")?\)\s*', cell)
        code = [line for line in cell.splitlines() if line and not line.startswith("#")]
        found += [call.groups()] if call else [("experiment", "")] if code else []
    return found


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    monkeypatch.setattr(predictions, "_given", {})


@pytest.fixture
def shown(monkeypatch):
    """What has been shown: (html, text)."""
    seen = []
    monkeypatch.setattr(
        predictions, "display", lambda data, raw: seen.append((data["text/html"], data["text/plain"])) or None
    )
    return seen


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_asks_three_to_six_questions_and_reveals_each_after_its_experiment(root, notebook):
    steps = asked(root, notebook)
    names = [name for kind, name in steps if kind == "predict"]
    assert 3 <= len(names) <= 6 and len(set(names)) == len(names)
    for name in names:
        at = steps.index(("predict", name))
        assert [kind for kind, _ in steps[at + 1 : at + 3]] == ["experiment", "reveal"] and steps[at + 2][1] == name


def test_every_question_is_asked_somewhere_and_can_be_answered(root):
    names = {name for notebook in NOTEBOOKS for _, name in asked(root, notebook) if name}
    assert names == set(QUESTIONS)
    for question in QUESTIONS.values():
        if question.options:
            assert len(question.options) >= 3 and question.answer in question.options
            assert len(set(question.options.values())) == len(question.options)
        else:
            assert isinstance(question.answer, int)
        assert question.text.rstrip(")").rstrip("…").endswith(("?", ".")) and question.reason.endswith(".")


def test_the_right_letter_is_not_always_the_same():
    letters = [question.answer for question in QUESTIONS.values() if question.options]
    assert all(letters.count(letter) > len(letters) / 6 for letter in "abc")


def test_no_notebook_holds_an_answer_or_a_reason(root):
    for path in (root / "notebooks").rglob("*.ipynb"):
        text = path.read_text("utf-8")
        assert not [name for name, question in QUESTIONS.items() if question.reason[:40] in text]


def test_an_answer_is_kept_and_held_against_what_happens(shown):
    predictions.predict("read in memory order", 10)
    predictions.reveal("read in memory order")
    (_, asked_text), (_, text) = shown
    assert "You say 10" in asked_text and "Not what you expected" in text and "You said 10" in text
    predictions.predict("four pixels to the side", "B ")
    predictions.reveal("four pixels to the side")
    assert shown[-1][1].startswith("As you said.") and "every edge has moved" in shown[-1][1]


def test_without_an_answer_it_stays_folded(shown):
    predictions.predict("four pixels to the side", "?")
    predictions.reveal("four pixels to the side")
    html, _ = shown[-1]
    assert html.index("<details>") < html.index("every edge has moved") < html.index("</details>")
    predictions.predict("four pixels to the side", "a")
    predictions.predict("four pixels to the side", "?")
    predictions.reveal("four pixels to the side")
    assert "<details>" in shown[-1][0], "who takes an answer back has none"


@pytest.mark.parametrize(
    "name, answer, expected",
    [
        ("four pixels to the side", "d", "one of 'a', 'b', 'c'"),
        ("read in memory order", "one", "a whole number"),
        ("four pixels", "a", "There is no question called 'four pixels'"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_in_a_sentence(name, answer, expected):
    with pytest.raises(ValueError, match=re.escape(expected)):
        predictions.predict(name, answer)


def test_markup_in_a_question_is_text(shown, monkeypatch):
    question = next(iter(QUESTIONS.values()))
    monkeypatch.setitem(QUESTIONS, "odd", type(question)(text="1 < 2 & <b>?", answer=3, reason="So."))
    predictions.predict("odd")
    assert "1 &lt; 2 &amp; &lt;b&gt;?" in shown[-1][0]
