"""The schedule of a painting: phases, each with a learning rate and bounds of its own."""

from typing import NamedTuple

import numpy as np

from nst.words import checked_whole_number, in_short, is_number


class Phase(NamedTuple):
    """A part of a painting's schedule.

    start: the iteration from which it holds, until a later phase does.
    learning_rate: how far a pixel may move in one step, about; in the units of the picture.
    bounds: (lowest, highest) value of a pixel: the picture is clipped to them when the phase begins and after each of
        its steps. None for no bounds.
    """

    start: int
    learning_rate: float
    bounds: tuple | None = None


def checked_schedule(schedule):
    """The phases as a list, or a ValueError."""
    wanted = "schedule should be a list such as [Phase(0, 3.0, bounds=(-1.5, 1.5)), Phase(180, 0.1)]"
    try:
        phases = [Phase(*phase) for phase in schedule]
    except TypeError:
        raise ValueError(f"{wanted}, and it is {in_short(schedule)}.") from None
    checked = []
    for start, rate, bounds in phases:
        if not is_number(rate) or not np.isfinite(rate) or rate <= 0:
            raise ValueError(
                f"learning_rate should be a number above 0, and it is {in_short(rate)}; 2.0 is a good start for "
                "pictures of 0-255."
            )
        start = checked_whole_number("The start of a phase", start, least=0, advice="it is an iteration")
        if bounds is not None:
            try:
                lowest, highest = map(float, bounds)
            except (TypeError, ValueError):
                lowest = highest = np.nan
            if not lowest < highest:
                raise ValueError(
                    f"The bounds of a phase should be a lowest and a highest value of a pixel, such as (-1.5, 1.5), "
                    f"and they are {in_short(bounds)}."
                )
            bounds = lowest, highest
        checked.append(Phase(start, float(rate), bounds))
    starts = [phase.start for phase in checked]
    if starts[:1] != [0] or sorted(set(starts)) != starts:
        raise ValueError(
            f"{wanted}: its phases should start at 0 and then later and later, and they start at {starts}."
        )
    return checked


def stretches(phases, first, end):
    """The phases that hold between the iterations `first` and `end` - 1: pairs (phase, range of its iterations)."""
    ends = [*(phase.start for phase in phases[1:]), end]
    for phase, its_end in zip(phases, ends, strict=True):
        iterations = range(max(phase.start, first), min(its_end, end))
        if iterations:
            yield phase, iterations
