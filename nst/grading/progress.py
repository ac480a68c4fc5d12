"""What whoever grades a class is told meanwhile."""


class Progress:
    """Is told how far grading is; this one says nothing, and commands/standings.py has one that does."""

    def begins(self, total, jobs):
        """So many submissions are to be judged, so many at a time; None: as many as a queue's workers like."""

    def started(self, student):
        """This student's submission is being judged."""

    def done(self, student, judgement, how):
        """It has been judged, and the gradebook has it. how: JUDGED, SHARED or KEPT, of queue/run.py."""

    def failed(self, student, trouble):
        """It has not been judged, or could not be written down. trouble: a sentence."""

    def ends(self, cold=None):
        """Nobody is judged any more. cold: why sandboxes had to start cold, a sentence; "" where none had to, None
        where nobody knows."""
