"""The parts of bench/grading.py: each takes the options and a folder of its own, and adds to what was found."""

import random
import statistics
import subprocess
import time

from bench.support import courses, otter
from bench.support import kills as killing
from bench.support.meter import Box, Watch
from nst.course.release import read_source
from nst.paths import CHECKOUT


def mix(options, folder, found):
    """found["mix"]: assignment -> grader -> submissions, how many of them got a grade, seconds, processor seconds."""
    folder.mkdir()
    rows = found.setdefault("mix", {})
    found["otter"] = otter.missing(options.otter_python) if options.otter else "It was not asked for."
    with Box() as box:
        found["counted"] = box.how
        for assignment in options.assignments:
            handed = courses.a_class(assignment, options.students, options.seed)
            some = random.Random(options.seed).sample(handed, min(options.stock, len(handed)))
            row = rows.setdefault(assignment, {})
            # In turn, so that what slows the machine down for a while slows down more than one of them.
            halves = [half for half in (some[::2], some[1::2]) if half]
            _add(row, "stock", halves[0], _stock(box, folder, assignment, halves[0]))
            for jobs in (1, 2):
                _add(row, f"judge {jobs}", handed, _judge(box, folder, assignment, handed, jobs))
                if jobs == 1 and not found["otter"]:
                    few = some[: options.otter]
                    place, log = folder / f"otter {assignment}", folder / "log"
                    seconds, used, points = otter.grade(box, options.otter_python, place, assignment, few, log)
                    if points:
                        _add(row, "otter", few, (seconds, used, len(points)))
                    else:  # a guest that stumbles ends nobody else's measuring
                        print(f"otter gave no grade in {assignment}; its log ends so:\n{log.read_text()[-1500:]}")
            for half in halves[1:]:
                _add(row, "stock", half, _stock(box, folder, assignment, half))


def _stock(box, folder, assignment, handed):
    place = folder / f"stock {assignment} {handed[0].student}"
    classroom = courses.course(place, assignment, judged=False)
    courses.hand_in(place, assignment, handed)
    return courses.grade_with_stock(box, classroom, folder / "log")


def _judge(box, folder, assignment, handed, jobs):
    place = folder / f"judge {assignment} {jobs}"
    courses.course(place, assignment, judged=True)
    courses.hand_in(place, assignment, handed)
    return courses.grade_with_judge(box, place, assignment, jobs, folder / "log")


def _add(row, grader, handed, measured):
    seconds, used, graded = measured
    # Seconds in which nothing was done are no speed.
    enough = len(handed) if grader.startswith("judge") else 1
    if graded < enough:
        raise RuntimeError(f"{grader} graded {graded} of {len(handed)}")
    one = row.setdefault(grader, {"submissions": 0, "graded": 0, "seconds": 0.0, "cpu": 0.0})
    for name, value in (("submissions", len(handed)), ("graded", graded), ("seconds", seconds), ("cpu", used)):
        one[name] += value
    each = seconds / len(handed)
    print(f"{grader:9s}{len(handed):4} submissions, {graded} graded, {each:6.2f} s each, "
          f"{used / len(handed):6.2f} s of a processor", flush=True)  # fmt: skip


def latency(options, folder, found):
    """found["latency"]: assignment -> seconds of one submission after another, in a process that has judged one."""
    from nst.grading.queue.parcel import pack
    from nst.grading.queue.pool import Pool

    rows = found.setdefault("latency", {})
    for assignment in options.assignments:
        scripts = sorted((CHECKOUT / "answers" / assignment).glob("*.py"))
        handed = courses.a_class(assignment, options.repeats + 1, options.seed + 1)
        courses.hand_in(folder, assignment, handed)
        sources = {script.stem: read_source(script) for script in scripts}
        with Pool(1, sources) as pool:
            pool.probe()
            seconds = []
            for one in handed:
                began = time.monotonic()
                parcel = pack(folder / "submitted" / one.student / assignment, sources)
                events = list(pool.judge({one.student: parcel}))
                seconds.append(time.monotonic() - began)
                assert hasattr(events[-1], "outcome"), events[-1]
        rows[assignment] = [round(one, 3) for one in seconds[1:]]
        print(f"{assignment:24s}{statistics.median(rows[assignment]):6.2f} s, at worst {max(rows[assignment]):.2f}")


def memory(options, folder, found):
    """found["memory"]: MB of the process that writes the gradebook, and of all others together, by number of jobs."""
    assignment, rows = options.assignments[0], found.setdefault("memory", {})
    if "neural-style-transfer" in options.assignments:
        assignment = "neural-style-transfer"
    handed = courses.a_class(assignment, 6, options.seed)
    folder.mkdir()
    for jobs in (1, 2):
        place = folder / str(jobs)
        courses.course(place, assignment, judged=True)
        courses.hand_in(place, assignment, handed)
        with Box() as box, (folder / "log").open("ab") as said:
            command = box.wrap(courses.grading(place, assignment, jobs))
            process = subprocess.Popen(command, cwd=place, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
            with Watch(box, process.pid, every=0.3) as watch:
                process.wait()
        if not watch.first or not watch.others:
            raise RuntimeError("The memory of processes could not be read: that needs a control group of their own.")
        rows[str(jobs)] = {"coordinator": round(max(mb for _, mb in watch.first)), "others": round(watch.others)}
        print(f"{jobs} jobs: {rows[str(jobs)]} MB")


def growth(options, folder, found):
    """found["growth"]: how many, seconds in all, from the first record to the last, and the coordinator's memory."""
    folder.mkdir()
    rows = found.setdefault("growth", [])
    for size in options.sizes:
        place = folder / str(size)
        courses.tiny_class(place, size)
        with Box() as box, (folder / "log").open("ab") as said:
            command, began = box.wrap(courses.grading(place, courses.TINY, 2)), time.monotonic()
            process = subprocess.Popen(command, cwd=place, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
            with Watch(box, process.pid, every=0.5, alone=True) as watch:
                process.wait()
            seconds = time.monotonic() - began
        when = courses.written(place, courses.TINY)
        memory = [round(mb, 1) for _, mb in watch.first]
        rows.append({"size": size, "graded": len(when), "seconds": seconds, "span": when[-1] - when[0],
                     "memory": memory})  # fmt: skip
        half, span = when[len(when) // 2] - when[0], when[-1] - when[0]
        print(f"{size:5} submissions, {len(when)} graded: {seconds:.1f} s, from the first record to the last "
              f"{span:.1f} (half of them {half:.1f}); coordinator {memory[0]:.0f} to {max(memory):.0f} MB",
              flush=True)  # fmt: skip


def kills(options, folder, found):
    """found["kills"]: what was killed how often, and what of the class was lost, graded twice or changed by it."""
    folder.mkdir()
    place = folder / courses.TINY
    courses.tiny_class(place, 30)
    with Box() as box:
        grading = killing.Grading(courses.grading(place, courses.TINY, 2), place, box, folder / "log")
        undisturbed = killing.uninterrupted(grading, courses.TINY)
        assert len(undisturbed[0]) == 30, f"{len(undisturbed[0])} of 30 were graded when nobody disturbed"
        here = options.kills - options.kills // 3  # the others are for `queue`
        toll = killing.kill_at_random(grading, courses.TINY, undisturbed, here, options.seed)
    found["kills"] = toll.told()


def queue(options, folder, found):
    """found["queue"]: submissions a second through PostgreSQL and two workers, and what came of kills there."""
    from bench.support.queued import queue_of_workers

    folder.mkdir()
    place, size = folder / courses.TINY, min(40, max(options.sizes))
    courses.tiny_class(place, size)
    with Box() as box, queue_of_workers(place, box, folder / "log") as grading:
        undisturbed = killing.uninterrupted(grading, courses.TINY)
        found["queue"] = {"size": size, "per_s": round((size - 1) / undisturbed[2], 2)}
        print(found["queue"])
        assert len(undisturbed[0]) == size, f"{len(undisturbed[0])} of {size} were graded when nobody disturbed"
        toll = killing.kill_at_random(grading, courses.TINY, undisturbed, options.kills // 3, options.seed)
    found["queue"] |= toll.told()
