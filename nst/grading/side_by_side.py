"""Submissions judged in other processes, several at a time, and written down by this one, one after another."""

from nst.grading.queue.journal import Journal
from nst.grading.queue.keeping import lent
from nst.grading.queue.keys import judge_key, release_key
from nst.grading.queue.outcome import from_bytes
from nst.grading.queue.parcel import pack
from nst.grading.queue.pool import Again, Pool, SetAside, Started, cores
from nst.grading.queue.run import Run
from nst.grading.records import journal_path


class SideBySide:
    """One run of JudgedAutograde's, the converter, over submissions, a dict from student to folder.

    No more of them are in memory than are judged at a time; outcomes are written as they come.
    """

    def __init__(self, converter, folders, sources, limits):
        self.converter, self.folders, self.sources, self.limits = converter, folders, sources, limits
        self._handed = {}  # student -> what was handed in, of those who are being judged
        self._written, self._open = set(), set()  # keys of outcomes that are written down, and that could not be

    def go(self):
        """Judge and write down. Raises NotJudged where nobody can be judged."""
        converter, course = self.converter, self.converter.coursedir
        jobs, cold = min(converter.jobs or cores(), len(self.folders)), None
        journal = Journal(journal_path(course), course.assignment_id)
        keys = release_key(self.sources), judge_key(self.limits, converter.unsafe)
        converter.progress.begins(len(self.folders), None if converter.queue else jobs)
        try:
            with self._pool(jobs) as pool:
                pool.probe(len(self.folders))
                Run(pool, journal, *keys, self._hear, anew=converter.force).go(self._parcels())
                cold = pool.why_cold()
        finally:
            converter.progress.ends(cold)
            if journal.trouble:
                converter.log.warning("%s", journal.trouble)
        if course.student_id == "*":
            journal.forget_others(self._open)
        else:  # somebody's whom a run over the class had judged when it was stopped may be there, too
            journal.forget(self._written - self._open)

    def _pool(self, jobs):
        converter = self.converter
        if len(self.folders) == 1 and not converter.queue:
            return lent(self.sources, self.limits, converter.unsafe, converter.judge)
        if not converter.queue:
            return Pool(jobs, self.sources, self.limits, converter.unsafe, converter.judge)
        from nst.grading.queue.postgres_pool import PostgresPool

        return PostgresPool(converter.queue, self.sources, self.limits, converter.force)

    def _parcels(self):
        for student in self.folders:
            parcel = self.converter.attempt(self._pack, student)
            if parcel is not None:
                yield student, parcel

    def _pack(self, student):
        folder = self.folders[student]
        if not self.converter.begins(student, folder):
            return None
        self._handed[student] = self.converter.look_at(student, folder)
        return pack(folder, self.sources)

    def _hear(self, event):
        if isinstance(event, Started):
            self.converter.progress.started(event.name)
        elif isinstance(event, Again):
            self.converter.log.warning("%s: %s It is tried once more, alone.", event.name, event.reason)
        elif isinstance(event, SetAside):
            self._handed.pop(event.name)
            self.converter.tell(event.name, event.reason)
        else:
            written = self.converter.attempt(lambda student: self._write(student, event), event.name)
            (self._written if written else self._open).add(event.key)

    def _write(self, student, event):
        judgement, handed = from_bytes(event.outcome), self._handed.pop(student)
        self.converter.write_down(student, self.folders[student], handed, judgement, self.sources)
        self.converter.progress.done(student, judgement, event.how)
        return True
