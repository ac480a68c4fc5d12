"""What has changed from one run to a later one, before and after a lecture say."""

from typing import NamedTuple

from nst.grading.insight.understanding import NAMED, RIGHT, UNNAMED


class Change(NamedTuple):
    """Of something that students did: how many of how many before and now; and of those who are in both runs (`both`),
    how many no longer do it, do it now only, and do it still."""

    before: int
    of_before: int
    now: int
    of: int
    both: int
    gone: int
    new: int
    stayed: int

    @property
    def points(self):
        """By how many percentage points the share has changed; None where there is no share."""
        if not self.of or not self.of_before:
            return None
        return round(100 * self.now / self.of) - round(100 * self.before / self.of_before)


class Changes:
    """Two Understandings of an assignment, compared. made: when the earlier one was."""

    def __init__(self, before, now):
        self.made = before.made
        self._before = {exercise.task.key: exercise for exercise in before.exercises}
        self._now = {exercise.task.key: exercise for exercise in now.exercises}
        self.both = len(before.times.keys() & now.times.keys())

    def knows(self, exercise):
        """Was this exercise there before?"""
        return exercise.task.key in self._before

    def of_state(self, exercise, state=RIGHT):
        """The Change of those in a state."""
        return self._change(exercise.task.key, lambda seen: seen.state == state)

    def of_name(self, exercise, name):
        """The Change of those who have made a misunderstanding."""
        return self._change(exercise.task.key, lambda seen: name in seen.named)

    def left_behind(self, exercise):
        """Names of misunderstandings that somebody has made before, and nobody makes now."""
        earlier = self._before.get(exercise.task.key)
        now = {name for name, _ in exercise.named}
        return [name for name, _ in earlier.named if name not in now] if earlier else []

    def row(self, key, what, name):
        """What stands in the columns sheets.COMPARED; empty of outcomes without a name, and of new exercises."""
        if what == UNNAMED or key not in self._before:
            return [""] * 7
        does = (lambda seen: name in seen.named) if what == NAMED else lambda seen: seen.state == what
        change = self._change(key, does)
        share = round(change.before / change.of_before, 4) if change.of_before else ""
        return [change.before, change.of_before, share, change.both, change.gone, change.new, change.stayed]

    def _change(self, key, does):
        before, now = self._before[key].seen, self._now[key].seen
        then, later = ({student for student, seen in run.items() if does(seen)} for run in (before, now))
        both = before.keys() & now.keys()
        counts = (len(then & both - later), len(later & both - then), len(then & later))
        return Change(len(then), len(before), len(later), len(now), len(both), *counts)
