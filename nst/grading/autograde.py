"""nbgrader's converter from submitted/ to autograded/, with the judge in place of running tests among students' code.

nbgrader's own way in, a list of preprocessors, comes too late: by then it has read the file, matched names and copied
what lay beside, and each of these can stop a class or carry something out. So the converter is replaced. What it
leaves behind is what nbgrader's other commands expect: notebooks in autograded/, scores and comments in the gradebook.
Besides, judged/<student>/<assignment>.json keeps what each judgement rests on. README.md goes through the effects.

Submissions are judged in processes of their own, several at a time (queue/); this one alone writes, one student after
another. jobs = 0 judges here, in this process, as a debugger needs it.
"""

import os
from pathlib import Path

import nbformat
from nbgrader.converters import Autograde
from traitlets import Bool, Dict, Int, Unicode

from nst.course.release import read_source
from nst.grading import gradebook, handing_in, replacing
from nst.grading.faults import NotJudged
from nst.grading.intake.listing import HARMLESS
from nst.grading.intake.reading import some
from nst.grading.intake.skeleton import is_graded
from nst.grading.judgement import as_record
from nst.grading.one_by_one import OneByOne
from nst.grading.progress import Progress
from nst.grading.queue.postgres import QueueError
from nst.grading.queue.run import JUDGED
from nst.grading.records import one_writer, record_path, write_record
from nst.grading.side_by_side import SideBySide
from nst.grading.walls import warm
from nst.grading.walls.sandbox import Limits

#: What the judge has no use for, and why: settings of nbgrader's -> a sentence.
WITHOUT_EFFECT = {
    "sanitize_preprocessors": "The judge takes a submission in by itself.",
    "autograde_preprocessors": "The judge runs a submission by itself.",
    "exclude_overwriting": "The judge takes nothing but notebooks from a submission.",
}


class JudgedAutograde(OneByOne, Autograde):
    """nbgrader's Autograde, with the judge in place of running tests among the student's code.

    troubles: student -> why their submission was not judged, a sentence, once it has run. progress: a Progress, which
    is told how far it is.
    """

    unsafe = Bool(
        False, help="Run submissions without a sandbox, with your own rights. Only for submissions that you trust."
    ).tag(config=True)
    limits = Dict(help="What a submission may use; see nst.grading.walls.sandbox.Limits.").tag(config=True)
    judged_directory = Unicode("judged", help="Where the record of each judgement goes.").tag(config=True)
    jobs = Int(
        None,
        allow_none=True,
        help="How many submissions are judged at a time, each in a process of its own; None for as many as there are "
        "cores, 0 for one after another in nbgrader's own process.",
    ).tag(config=True)
    queue = Unicode(
        "", help="postgresql://… of a queue whose workers judge, on whatever machines; empty: this machine judges."
    ).tag(config=True)

    _verdict = "Not judged"
    judge = "nst.grading.judge:judge"  # what is called in the other processes, as module:function

    def __init__(self, coursedir=None, **kwargs):
        super().__init__(coursedir=coursedir, **kwargs)
        self.progress = Progress()

    def init_notebooks(self):
        """Find the submissions: every folder of a student counts, whatever is in it.

        Raises NbGraderException where there is none, or where the judge can't do what it is asked for.
        """
        self._refuse_what_it_cannot_do()
        self.troubles = {}
        course, assignment = self.coursedir, self.coursedir.assignment_id
        everybody = handing_in.students(course, course.submitted_directory, assignment)
        known = self._known()
        if assignment not in known:
            there = some(map(repr, sorted(known)))
            self._fail(f"There is no assignment {assignment!r} in {course.source_directory}/; there are {there}.")
        self.assignments = {}
        chosen = handing_in.chosen(everybody, course.student_id)
        for student in chosen:
            self.attempt(lambda student: self._find(student, chosen[student], known), student)
        if not self.assignments and not self.troubles:
            self._fail(self._nobody(everybody))

    def _find(self, student, folder, known):
        trouble = handing_in.name_trouble(student) or _out_of_place(folder, known)
        if trouble:
            self.tell(student, trouble)
        elif os.path.lexists(folder):
            self.assignments[student] = folder
        elif student == self.coursedir.student_id:
            assignment = self.coursedir.assignment_id
            self.tell(student, f"There is no {folder}: {student!r} has handed in nothing for {assignment!r}.")

    def _refuse_what_it_cannot_do(self):
        if self.coursedir.notebook_id != "*":
            self._fail(
                "The judge takes a submission as a whole, as one notebook may need functions of another: "
                "leave --notebook out."
            )
        if self.config.Execute.get("enabled", True) is False:
            self._fail("The judge gives points for what it has seen run, never for outputs: leave --no-execute out.")
        if self.queue and self.unsafe:
            self._fail("A queue's workers judge within walls: leave --unsafe out, or the queue.")
        for name, reason in WITHOUT_EFFECT.items():
            if any(name in self.config[section] for section in ("Autograde", "JudgedAutograde")):
                self.log.warning("The setting %s has no effect. %s", name, reason)

    def _known(self):
        """The names of the assignments, a set."""
        answers = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", "."))
        known = {script.parent.name for script in answers.glob("*/*.py")}
        if not known:
            self._fail(f"Expected the assignments' sources in {answers}, and found none; grade where answers/ is.")
        return known

    def _nobody(self, everybody):
        """One sentence: there is no submission, and what there is instead."""
        assignment, wanted = self.coursedir.assignment_id, self.coursedir.student_id
        handed_in = sorted(student for student, folder in everybody.items() if os.path.lexists(folder))
        if handed_in:
            return f"No student's name fits {wanted!r}; {assignment!r} was handed in by {some(map(repr, handed_in))}."
        others = {path.name for folder in everybody.values() for path in folder.parent.glob("*") if path.is_dir()}
        instead = f"what was handed in is for {some(map(repr, sorted(others)))}" if others else "nothing was handed in"
        return f"There is no submission of {assignment!r} in {self.coursedir.submitted_directory}/; {instead}."

    def convert_notebooks(self):
        """Judge every submission that is not judged yet. One that goes wrong is told and stops no other.

        All that can be checked is checked before anything is touched. Raises NbGraderException, one sentence, when
        something could not be judged.
        """
        included, sources = self._included(self.assignments), {}
        if included:
            sources = self._sources()

        def needs_judging(student):
            return self.needs_judging(student, included[student], sources)

        waiting = [student for student in included if self.attempt(needs_judging, student)]
        if waiting:
            judge = self._judge_here if self.jobs == 0 and not self.queue else self._judge_apart
            judge({student: included[student] for student in waiting}, sources, self._limits())
        self.raise_troubles()

    def _sources(self):
        """Notebook name -> source. Raises NbGraderException unless the gradebook knows all tests as they are there."""
        assignment = self.coursedir.assignment_id
        folder = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment))
        sources = {}
        for script in sorted(folder.glob("*.py")):
            try:
                sources[script.stem] = read_source(script)
            except Exception as error:  # jupytext raises whatever a slip of the pen makes it raise
                self._fail(f"Expected {script} to be a notebook's script, and found {type(error).__name__}: {error}.")
        try:
            misfits = gradebook.misfits(self.coursedir, assignment, sources)
        except gradebook.GradebookError as error:
            self._fail(str(error))
        if misfits:
            self._fail(
                f"The gradebook does not know {assignment} as answers/ has it ({misfits}): run `nst release` first, or "
                "undo the change."
            )
        return sources

    def _limits(self):
        try:
            return Limits(**self.limits)
        except TypeError as error:
            self._fail(f"JudgedAutograde.limits must name what nst.grading.walls.sandbox.Limits has: {error}.")

    def _judge_apart(self, waiting, sources, limits):
        """Judge submissions, student -> folder, in processes of their own."""
        try:
            SideBySide(self, waiting, sources, limits).go()
        except (NotJudged, QueueError) as error:
            self._fail(str(error))

    def _judge_here(self, waiting, sources, limits):
        """Judge submissions, student -> folder, one after another in this process."""
        from nst.grading.judge import judge
        from nst.grading.probe import probe

        def convert(student):
            folder = waiting[student]
            if self.begins(student, folder):
                self.progress.started(student)
                handed = self.look_at(student, folder)
                judgement = judge(folder, sources, limits, self.unsafe)
                self.write_down(student, folder, handed, judgement, sources)
                self.progress.done(student, judgement, JUDGED)

        try:
            probe(limits, self.unsafe)
        except NotJudged as error:
            self._fail(str(error))
        self.progress.begins(len(waiting), 1)
        try:
            for student in waiting:
                self.attempt(convert, student)
        finally:
            self.progress.ends(None if self.unsafe else warm.why_cold() or "")

    def needs_judging(self, student, folder, sources):
        """Is there something that has no mark yet? nbgrader's rule, and whatever differs from what was judged."""
        target = self._autograded(student)
        graded = [f"{name}.ipynb" for name, source in sources.items() if is_graded(source)]
        whole = target.is_dir() and all((target / name).is_file() for name in graded)
        if self.force or not whole or replacing.is_unfinished(target):
            return True
        record = handing_in.noted(self._record(student))
        if handing_in.handed_in_again(folder, record, handing_in.said_time(target)):
            self.log.warning("Updating existing assignment: %s", target)
            return True
        self.log.info("Skipping existing assignment: %s", target)
        replacing.tidy(target)
        return False

    def begins(self, student, folder):
        """Is this student to be judged, now that the course's own hook has been called?"""
        if not self.create_student and not gradebook.knows_student(self.coursedir, student):
            self.tell(student, f"No student with ID {student!r} exists in the database.")
            return False
        self.notebooks = sorted(map(str, folder.glob("*.ipynb")))
        self.run_pre_convert_hook()
        return True

    def look_at(self, student, folder):
        """The Handed of a submission that is about to be judged."""
        self.log.info("Judging %s", folder)
        return handing_in.look_at(folder, handing_in.noted(self._record(student)))

    def write_down(self, student, folder, handed, judgement, sources):
        """Write a Judgement into autograded/, gradebook and judged/.

        handed: what `look_at` gave before. Whatever stops it leaves the old state, or one that is judged again the next
        time.
        """
        if handed.doubt:
            judgement.flags.append(handed.doubt)
        for reason in judgement.reasons:
            self.log.warning("%s: %s", student, reason)
        with one_writer(self.coursedir):
            if handing_in.look_at(folder).files != handed.files:
                self._fail("Something else was handed in while this was judged: judge it, too.")
            self._put(student, folder, handed, judgement)
        points, possible = judgement.score
        self.log.info("%s: %s, %g of %g points, %.1f s", student, judgement.state, points, possible, judgement.seconds)
        self.notebooks = [str(path) for path in sorted(folder.glob("*.ipynb")) if path.stem in sources]
        self.run_post_convert_hook()

    def _put(self, student, folder, handed, judgement):
        assignment, target = self.coursedir.assignment_id, self._autograded(student)
        with self._new_folder(target) as new:
            self._write(new, folder, handed, judgement)
            self.set_permissions(assignment, student)
            with gradebook.transaction(self.coursedir) as book:
                submission = gradebook.write_marks(book, assignment, student, judgement, handed.time)
                self.log.info("%s submitted at %s", submission, handed.time)
                gradebook.assign_penalties(book, submission, judgement.notebooks, self)
        record = {"student": student, "assignment": assignment, **as_record(judgement)}
        write_record(self._record(student), record | {"handed_in": handing_in.as_noted(handed)})
        replacing.put(target)

    def _write(self, new, folder, handed, judgement):
        """The coming folder in autograded/: the notebooks, and what nbgrader reads of a submission beside them."""
        for name, notebook in judgement.notebooks.items():
            with (new / f"{name}.ipynb").open("w", encoding="utf-8") as file:
                nbformat.write(notebook, file)
        notes = {"timestamp.txt": handed.time and f"{handed.time:%Y-%m-%d %H:%M:%S.%f} UTC"}
        # nbgrader names released feedback by this, so that nobody but the student finds it.
        notes["submission_secret.txt"] = handing_in.read_note(folder / "submission_secret.txt")
        for name, text in notes.items():
            if text:
                (new / name).write_text(text, encoding="utf-8")

    def tell(self, student, trouble):
        """No mark comes of this student now, for that reason: a sentence."""
        super().tell(student, trouble)
        self.progress.failed(student, trouble)

    def _record(self, student):
        return record_path(self.coursedir, self.coursedir.assignment_id, student)

    def _autograded(self, student):
        return Path(os.path.normpath(self._format_dest(self.coursedir.assignment_id, student)))


def _out_of_place(folder, known):
    """Why something that stands in the place of a submission is none, in a sentence; "" where all is well.

    known: names of the assignments. A student's folder that holds no assignment's may be a slip of somebody's.
    """
    for place in (folder.parent, folder):
        if os.path.lexists(place) and not place.is_dir() and not place.is_symlink():
            if HARMLESS.fullmatch(place.name):
                return ""
            return f"{str(place)!r} is a file where a folder was expected: put what was handed in into a folder."
    if not os.path.lexists(folder.parent) or os.path.lexists(folder):
        return ""
    if not folder.parent.is_dir():
        return f"{str(folder.parent)!r} is a link that leads nowhere: mend it, or remove it."
    there = sorted(path.name for path in folder.parent.iterdir() if not HARMLESS.fullmatch(path.name))
    if there and known.isdisjoint(there):
        return f"There is no {str(folder)!r}, but beside it {some(map(repr, there))}: rename what was meant for it."
    return ""
