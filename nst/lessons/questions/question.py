"""What a question to predict is."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something to predict before an experiment.

    text: the question; options: letter -> what may happen, empty where a number is asked for; answer: the letter or the
    whole number; reason: why it is so, read afterwards.
    """

    text: str
    answer: str | int
    reason: str
    options: dict = field(default_factory=dict)


def choice(text, *options, answer, reason):
    """A Question with these options, lettered from a on."""
    lettered = dict(zip("abcde", options, strict=False))
    return Question(text=text, options=lettered, answer=answer, reason=reason)


def number(text, *, answer, reason):
    """A Question whose answer is a whole number."""
    return Question(text=text, answer=answer, reason=reason)
