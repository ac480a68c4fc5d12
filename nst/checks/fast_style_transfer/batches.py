"""Several pictures at once: how functions are asked for them, and what is said of those that were written for one.

Each loss is graded for one picture first, as the original exercise has it. What it makes of a batch is a small part of
its own.
"""

from nst.checks.exercise import Misunderstanding
from nst.checks.fast_style_transfer import hints
from nst.checks.outcome import Unusable, find_problem, observe

_STOPS = "stops with {} pictures, though it has a result for one."


def asked_of_several(call, pictures, alone=lambda value: value[:1]):
    """The `call` of an exercise about batches: Unusable where a function stops that has a result for one picture.

    pictures: places of the inputs that hold the batch; alone: makes of such an input the same with one picture.
    """

    def call_of_several(function, *inputs, **options):
        try:
            return call(function, *inputs, **options)
        except (NotImplementedError, Unusable):
            raise
        except Exception as error:
            # Where one picture stops it too, the batch is not to blame, and this raises what the student should see.
            call(function, *(alone(value) if i in pictures else value for i, value in enumerate(inputs)), **options)
            raise Unusable(_STOPS.format("several")) from error

    return call_of_several


def written_for_one(exercise, right):
    """The misunderstandings of a function that was written for one picture, or is not right even for that.

    exercise: the one about one picture; right: a function that is right.
    """

    def stops(*inputs, **options):
        raise Unusable(_STOPS.format("several"))

    def is_wrong_for_one(batch, outcome, function):
        return any(
            find_problem(exercise, observe(exercise, function, case.inputs, case.options), case.expected.values(), "")
            for case in exercise.cases
        )

    return [
        Misunderstanding("written for one picture", hints.ONE_AT_A_TIME, stops),
        Misunderstanding(
            "not right for one picture yet",
            f"Your {exercise.name} is not right for one picture either: get check({exercise.name}) to pass first, then "
            "come back to the batch.",
            lambda *inputs, **options: right(*inputs, **options) * 7 + 1,
            f"Look at check({exercise.name}) first.",
            exercise.experiment,
            recognises=is_wrong_for_one,
        ),
    ]
