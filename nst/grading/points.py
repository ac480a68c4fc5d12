"""Points, added up."""

from collections import defaultdict


def total(points):
    """Sum of a `points` dict: (points, points possible)."""
    return tuple(sum(column) for column in zip(*points.values(), strict=True))


def by_exercise(points):
    """A `points` dict summed by exercise: `test_total_cost` and `hidden_total_cost` become `total_cost`."""
    exercises = defaultdict(dict)
    for name, score in points.items():
        exercises[name.split("_", 1)[1]][name] = score
    return {exercise: total(cells) for exercise, cells in exercises.items()}
