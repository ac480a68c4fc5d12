"""Questions to answer before an experiment: what will happen? Nothing here is graded.

    predict("the moved picture", "b")     # in a cell before the experiment: the question, and your answer to it
    reveal("the moved picture")           # in a cell after it: what happens, and why

An experiment surprises those who said beforehand what they expect. The questions stand in nst/lessons/questions/, away
from the notebooks, so that nobody reads an answer by accident.
"""

from html import escape

from IPython.display import display

from nst.lessons.questions import QUESTIONS

#: What stands for an answer that nobody has given yet, in the notebooks as they are handed out.
OPEN = "?"

# A line at the left edge reads on light and on dark, and without any colour at all.
_BOX = "border-left:4px solid var(--jp-brand-color1,#2a78c8);padding:0 0 0 1em;margin:0.6em 0;max-width:50em"

_given = {}


def predict(name, answer=OPEN):
    """Show a question, and keep your answer to it until `reveal` is asked.

    name: the question's name, as it stands in the notebook.
    answer: your prediction, one of the letters or, where a number is asked for, a whole number; "?" for none yet.

    Raises ValueError, one sentence, for a name that no question has, and for an answer that it cannot have.
    """
    question = _find(name)
    _given.pop(name, None)
    if answer == OPEN:
        what = f"one of the letters {', '.join(question.options)}" if question.options else "a whole number"
        _show("What do you think?", question, f"Write {what} in place of the question mark, and run this cell again.")
    else:
        _given[name] = _read(question, answer)
        _show("What do you think?", question, f"You say {_given[name]}. Run on, and see.")


def reveal(name):
    """Show what happens in the experiment that a question is about, and why, beside what you predicted.

    name: the question's name. Where you have not answered it yet, the answer stays folded. Raises ValueError for a name
    that no question has.
    """
    question = _find(name)
    happens = [_in_words(question, question.answer), question.reason]
    if name not in _given:
        title = f'You have not said what you think yet: answer predict("{name}") above, or unfold what happens.'
        folded = f"<details><summary>What happens</summary>{_paragraphs(happens)}</details>"
        _display(title, folded, happens)
    elif _given[name] == question.answer:
        _display("As you said.", _paragraphs(happens), happens)
    else:
        happens.insert(0, f"You said {_in_words(question, _given[name])} What happens is this:")
        _display("Not what you expected.", _paragraphs(happens), happens)


def _find(name):
    if name not in QUESTIONS:
        raise ValueError(f"There is no question called {name!r}: take the name as it stands in the notebook.")
    return QUESTIONS[name]


def _read(question, answer):
    """An answer as the question has it, a letter or a number."""
    text = str(answer).strip().lower()
    if question.options and text in question.options:
        return text
    if not question.options and text.lstrip("-").isdecimal():
        return int(text)
    expected = f"one of {', '.join(map(repr, question.options))}" if question.options else "a whole number"
    raise ValueError(f"Expected {expected} as your answer, and found {answer!r}: nothing else is to be changed here.")


def _in_words(question, answer):
    return f"{answer}) {question.options[answer]}" if question.options else f"{answer}."


def _show(title, question, follows):
    options = [f"{letter}) {text}" for letter, text in question.options.items()]
    _display(title, _paragraphs([question.text, *options, follows]), [question.text, *options, follows])


def _paragraphs(lines):
    return "".join(f'<p style="margin:0.4em 0">{escape(line)}</p>' for line in lines)


def _display(title, body, lines):
    """A box in a notebook, text elsewhere."""
    html = f'<div style="{_BOX}"><p style="margin:0.4em 0"><strong>{escape(title)}</strong></p>{body}</div>'
    display({"text/html": html, "text/plain": "\n".join([title, *lines])}, raw=True)
