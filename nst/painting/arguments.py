"""Arguments of painting, checked: each mistake is told in one sentence, before anything takes time."""

from typing import NamedTuple

import numpy as np

from nst.quiet import tf
from nst.words import checked_whole_number, in_short, is_number, kind_of


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


def checked_start(start):
    try:
        start = np.array(np.asarray(start), dtype=np.float32)
    except (TypeError, ValueError):
        raise ValueError(
            f"start should be an array of numbers of shape (1, height, width, 3), and it is {kind_of(start)}."
        ) from None
    if start.ndim != 4 or start.shape[0] != 1 or start.shape[3] != 3 or 0 in start.shape:
        raise ValueError(
            f"start should have the shape (1, height, width, 3), and it has {start.shape}; "
            "nst_utils.reshape_and_normalize_image and nst.networks.squeezenet.preprocess make such arrays of pictures."
        )
    if not np.isfinite(start).all():
        raise ValueError("start has values that are no numbers (NaN, infinity); begin with another picture.")
    return start


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


def checked_costs(costs):
    """The user's dictionary with every value a scalar float32 tensor."""
    wanted = 'cost(picture) should return a dictionary of scalars such as {"total": J, "content": J_content}'
    if not isinstance(costs, dict):
        raise ValueError(f"{wanted}, and it returned {kind_of(costs)}.")
    if "total" not in costs:
        raise ValueError(f'{wanted}; "total" is missing, and what it has is {sorted(map(str, costs))}.')
    checked = {}
    for name, value in costs.items():
        try:
            value = tf.convert_to_tensor(value)
        except (TypeError, ValueError):
            raise ValueError(f'{wanted}, and "{name}" is {kind_of(value)}.') from None
        if value.shape.rank not in (0, None):
            raise ValueError(f'{wanted}, and "{name}" has the shape {tuple(value.shape)}; sum it up.')
        if not (value.dtype.is_floating or value.dtype.is_integer):
            raise ValueError(f'{wanted}, and "{name}" is no real number but {value.dtype.name}.')
        checked[name] = tf.cast(value, tf.float32)
    return checked
