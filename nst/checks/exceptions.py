"""What a patient teacher says of an exception of TensorFlow, NumPy or Python in a student's function.

The sentences stand in slips_of_python.py and slips_of_arrays.py, each tried with the slip itself, with TensorFlow 2.21,
Keras 3 and NumPy 2. Here the one that fits is found, and filled with the student's own names and shapes.
"""

import re

from nst.checks import slips_of_arrays, slips_of_python
from nst.checks.place import Place
from nst.tracebacks import EXPLAINED_BY, message, of_course, text_of

_SENTENCES = [
    (kinds, re.compile(pattern, re.DOTALL), said)
    for kinds, pattern, said in (*slips_of_arrays.SENTENCES, *slips_of_python.SENTENCES)
]


def sentence(error, function=None):
    """What is wrong, in one sentence or a few; None where the catalogue does not know the error.

    error: an exception that a student's function has raised, with its traceback where there is one. function: that
    function, whose names are taken where there is no traceback. What the course itself has raised is a sentence
    already, and not in the catalogue.
    """
    if of_course(error):
        return None
    texts = [message(error), text_of(error)]  # of a compiled function the shapes stand far behind
    place = words = None
    for kinds, pattern, said in _SENTENCES:
        match = isinstance(error, kinds) and next(filter(None, map(pattern.search, texts)), None)
        if not match:
            continue
        if place is None:
            place = Place(error, function)
            words = place.words()
        found = said.format_map(words | match.groupdict()) if isinstance(said, str) else said(match, place)
        if found:
            return found
    return None


EXPLAINED_BY.append(sentence)
