"""What an exercise is: its stored cases, its misunderstandings, the properties that no value can show."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

REFERENCE = Path(__file__).resolve().parent / "reference"


@dataclass(frozen=True)
class Case:
    """Inputs of an exercise and the outputs they must give.

    name: what the inputs are, said so that it can follow "on"; inputs: the arguments by position, options: those by
    keyword; expected: result name -> number or array; provenance: how the numbers were made.
    """

    name: str
    inputs: tuple
    options: dict
    expected: dict
    provenance: str


@dataclass(frozen=True)
class Misunderstanding:
    """A wrong implementation of an exercise, and what whoever wrote it should read.

    name: in plain words; hint: what goes wrong, in one to three sentences; look: where in the code to look, before the
    hint gives it away; experiment: two or three lines that show it, with a comment saying what should come out, to be
    pasted below the function. Where look or experiment is empty, the exercise's own is read.
    recognises: for a slip that no single function stands for. recognises(exercise, outcome, function) says whether this
    is it; outcome: see nst.checks.outcome.observe, function: the student's, which is wrong. defaults: options that the
    function must be given by hand, as its own defaults are others; see nst.checks.wrong_versions.other_defaults.
    """

    name: str
    hint: str
    function: Callable
    look: str = ""
    experiment: str = ""
    recognises: Callable = lambda exercise, outcome, function: False
    defaults: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Property:
    """Something no value shows: probe(exercise, function) raises AssertionError where it fails.

    The title is what holds where it does not fail, and is printed; or what the probe returns, where that is a text.
    promised: the task asks for it, so the check and the hidden tests hold a function to it. What is not promised is
    told by the check alone, as advice, and fails nobody.
    own_inputs: the probe has inputs of its own, and looks at no case of the exercise: where it holds, it holds until
    the function is another.
    """

    title: str
    probe: Callable
    promised: bool = True
    own_inputs: bool = False


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One graded function; call(function, *inputs, **options) runs it and gives its result, or a tuple of results.

    builds_on: names of the exercises that this one calls. Where it is wrong and one of those is wrong in the
    student's notebook, the student is sent to that one first.
    advice: result name -> what to read where that result is wrong and no misunderstanding gives the same.
    words: result name -> a function from the number that `call` has made of that result to what a student reads.
    look, experiment: of every misunderstanding that has none of its own.
    part: which part of the task it is, where the function is checked for several: `check(gram_matrix, "batch")`.
    """

    name: str
    cases: list[Case]
    misunderstandings: list[Misunderstanding]
    properties: list[Property] = field(default_factory=list)
    call: Callable = lambda function, *inputs, **options: function(*inputs, **options)
    builds_on: tuple = ()
    advice: dict = field(default_factory=dict)
    words: dict = field(default_factory=dict)
    look: str = ""
    experiment: str = ""
    part: str = ""

    @property
    def title(self):
        """What a verdict is about: `gram_matrix`, or `gram_matrix for a batch`."""
        return f"{self.name} for a {self.part}" if self.part else self.name

    @property
    def asked_by(self):
        """How a notebook asks for the check: `check(gram_matrix)`, or `check(gram_matrix, "batch")`."""
        return f'check({self.name}, "{self.part}")' if self.part else f"check({self.name})"

    @property
    def results(self):
        """The names of what the function gives back."""
        return list(self.cases[0].expected)


def cases(assignment, exercise, prepare=lambda case: case):
    """The stored cases of an exercise, each as `prepare` makes it ready."""
    return list(map(prepare, load_reference(assignment)[exercise]))


@cache
def load_reference(assignment):
    """The stored cases of an assignment, exercise name -> list of Case.

    Lists become float32 inputs and float64 outputs, within dictionaries too; numbers and texts stay as they are.
    """
    stored = json.loads((REFERENCE / f"{assignment}.json").read_text(encoding="utf-8"))

    def array(value, dtype):
        if isinstance(value, dict):
            return {name: array(item, dtype) for name, item in value.items()}
        return np.array(value, dtype) if isinstance(value, list) else value

    return {
        exercise: [
            Case(
                name=case["name"],
                inputs=tuple(array(value, np.float32) for value in case["inputs"].values()),
                options=case["options"],
                expected={name: array(value, np.float64) for name, value in case["expected"].items()},
                provenance=case["provenance"],
            )
            for case in cases
        ]
        for exercise, cases in stored.items()
    }
