"""How far grading is: a bar with the time that is left on a terminal, plain lines elsewhere, a summary at the end."""

import sys
import time
from collections import Counter
from contextlib import suppress

from tqdm import tqdm

from nst.grading.progress import Progress
from nst.grading.queue.run import KEPT, SHARED
from nst.grading.report import shown

_NOT_JUDGED = "not judged"


class Standings(Progress):
    """Tells on a stream, stderr if none is named, what becomes of each submission.

    On a terminal whoever is graded moves the bar only; all others have a line.
    """

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.states, self.ways = Counter(), Counter()
        self._bar, self._cold, self.seconds, self.total = None, None, 0.0, 0

    def begins(self, total, jobs):
        """Show the bar, or say how many there are."""
        self.total, self._began = total, time.monotonic()
        if self.stream.isatty():
            many = f"{jobs} at a time, " if jobs else ""
            self._bar = tqdm(
                total=total,
                bar_format=f"{{n_fmt}}/{{total_fmt}} |{{bar}}| {many}about {{remaining}} left{{postfix}}",
                file=self.stream,
                dynamic_ncols=True,
                smoothing=0.05,
            )
        else:
            queued = f"Submissions to be judged by the workers of a queue: {total}."
            self._say(f"Submissions to judge: {total}; at a time: {jobs}." if jobs else queued)

    def started(self, student):
        """Show whose turn it is."""
        if self._bar is not None:
            self._bar.set_postfix_str(shown(student)[:24])

    def done(self, student, judgement, how):
        """Count it; a line for whoever is not graded, or for everybody where there is no bar."""
        points, possible = judgement.score
        self.ways[how] += 1
        self._count(student, judgement.state, f"{judgement.state}, {points:g} of {possible:g} points")

    def failed(self, student, trouble):
        """A line, and the reason."""
        if self.total:
            self._count(student, _NOT_JUDGED, f"{_NOT_JUDGED}. {trouble}")

    def _count(self, student, state, said):
        self.states[state] += 1
        if self._bar is None:
            self._say(f"{self.states.total()}/{self.total} {shown(student)}: {shown(said)}")
            return
        if state != "graded":
            self._bar.write(f"{shown(student)}: {shown(said)}", file=self.stream)
        self._bar.update()

    def _say(self, line):
        with suppress(OSError):  # nobody listens any more; what is judged is judged
            print(line, file=self.stream, flush=True)

    def ends(self, cold=None):
        """Take the bar away."""
        self.seconds, self._cold = time.monotonic() - self._began, cold
        if self._bar is not None:
            self._bar.close()

    def sum_up(self):
        """Say what it came to, in sentences; nothing where nobody was to be judged."""
        done = self.states.total()
        if not done:
            return
        rate = f"{done / self.seconds * 60:.1f}" if self.seconds else "-"
        counted = ", ".join(f"{state} {number}" for state, number in sorted(self.states.items()))
        sentences = [f"Submissions in this run: {done} in {self.seconds:.0f} s, {rate} a minute ({counted})."]
        if self.ways[SHARED]:
            sentences.append(f"Judged once with another that is the same: {self.ways[SHARED]}.")
        if self.ways[KEPT]:
            sentences.append(f"Judged already by a run that was stopped: {self.ways[KEPT]}.")
        if self._cold is not None:
            sentences.append(self._cold or "TensorFlow was imported once for all sandboxes.")
        self._say("\n".join(sentences))
