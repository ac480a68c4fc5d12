"""Is this function right, and if not, which misunderstanding is it?

Each assignment is a package with one module for each exercise: its call, its cases, its wrong versions with their
hints, its properties, and the `EXERCISE` made of them. The rest is what they share: exercise (what an exercise is),
outcome (run, compare), naming (which misunderstanding is it?), findings and verdict (what was found), panel and
printing (how it is shown), exceptions (what an error means), time_limit, stale (is this the version on the screen?),
tries (how often was it tried?), engine (what a notebook calls), probes, wrong_versions, defaults, looks, hints, calls
and by_hand.

What is secret, decided once: a right solution that any search engine finds is no secret. So wrong versions are the
plain, true slips, each of them right but for what is wrong with it, and a builder of them without a wrong part gives a
solution. Secret are the inputs of hidden tests and what they expect: those stand in `answers/`, never here, and no
message tells them.
"""

import nst.checks.exceptions  # noqa: F401 (so that errors outside of checks are explained, too)
from nst.checks.engine import compiled

__all__ = ["compiled"]
