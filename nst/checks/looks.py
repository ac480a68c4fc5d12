"""Where in the code to look: the first step of a hint, which gives nothing away."""

from dataclasses import replace


def with_looks(looks, misunderstandings):
    """The misunderstandings, each with the sentence for the part of their function that is wrong.

    looks: name of a part of the builder (see nst.checks.wrong_versions.composable) -> where to look. A misunderstanding
    that has a sentence of its own, or no part that has one, stays as it is.
    """
    return [replace(m, look=m.look or _look_of(m.function, looks)) for m in misunderstandings]


def _look_of(function, looks):
    _, wrong = getattr(function, "made_of", (None, {}))
    return next((looks[part] for part in wrong if part in looks), "")
