"""How many bad and noisy submissions come out right: through the course's judge, and through stock nbgrader.

The rows are those of tests/support/submissions. Each is handed in together with the work of a student who has
everything right, and `nbgrader autograde` grades both. Stock nbgrader runs in a container, on a private copy of the
course, so that what it lets happen happens there. Of it no flags or repairs are asked, just points, an unharmed class,
and feedback without scripts and hidden tests. Then the reference solutions of all assignments are timed in turn. The
last line is JSON.
About an hour on a machine that does nothing else; `--rows 1-11 24` takes only these.
"""

import argparse
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from nst.course.release import assignments, read_source
from nst.grading.walls.sandbox import available
from nst.paths import CHECKOUT
from tests.support.submissions import LIMITS, all_rows, complaints
from tests.support.submissions.classroom import NBGRADER, Classroom, running

#: Where the course lies in the container, and what the container gives back.
INSIDE, KEPT = Path("/tmp/course"), Path("/tmp/kept")
LISTED = 51  # the rows of the list; those after it were thought of by whoever knows the judge
PATIENCE = 400  # seconds in which stock nbgrader must have graded two students
ROUNDS = 3


def through_judge(row, folder, port):
    """(complaints, seconds) of a row that nbgrader grades with the judge."""
    limits = LIMITS._replace(**row.limits)
    classroom = Classroom(folder, row.assignment, row.names, limits._asdict())
    classroom.hand_in("row", row.files(folder, port))
    classroom.hand_in_victim(row)
    seconds, log = classroom.grade()
    record = folder / "judged" / "row" / f"{row.assignment}.json"
    if not record.exists():
        return [f"it was not judged: {log[-300:]}"], seconds
    record = json.loads(record.read_text(encoding="utf-8"))
    return judged(row, classroom, record, record["seconds"], limits), seconds


def through_stock(row, folder, port):
    """(complaints, seconds) of a row that stock nbgrader grades, in a container."""
    limits = LIMITS._replace(**row.limits)
    classroom = Classroom(folder, row.assignment, row.names, limits._asdict(), judged=False)
    classroom.hand_in("row", row.files(INSIDE, port))
    classroom.hand_in_victim(row)
    began = time.monotonic()
    died = contain([sys.executable, __file__, "--inside", row.assignment], folder, network=row.number == 30)
    report = folder / "report.json"
    if not report.exists():
        return [died or "grading was killed, and nobody in the class got a grade"], time.monotonic() - began
    report = json.loads(report.read_text())
    found = judged(row, classroom, None, report["seconds"], limits)
    if report["running"]:
        found.append("something was left running")
    return found, report["seconds"]


def judged(row, classroom, record, seconds, limits):
    """What is not as it must be, of a row that was graded."""
    found = complaints(row, classroom.finding(row, "row", record))
    if record:
        time.sleep(5 if row.number == 19 else 0)  # when its daemon would write
        found += [line for line in classroom.damage() if line not in found]
        if running("nst-daemon"):
            found.append("something was left running")
    if seconds > limits.total_seconds + 60:
        found.append(f"it took {seconds:.0f} seconds, and may take {limits.total_seconds:g}")
    return found


# The container


def contain(command, folder, network, before=(), shown=()):
    """Run a command where it can harm nothing but `folder`, its KEPT. Returns why it had to be killed, or None.

    before: a command that runs the container as its own last arguments. shown: more folders that it may read.
    """
    said, says = os.pipe()
    walls = ["bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    walls += [] if network else ["--unshare-net"]
    walls += ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    for path, size in (("/tmp", 2 << 30), (str(Path.home()), 1 << 30), ("/dev/shm", 1 << 28)):
        walls += ["--size", str(size), "--tmpfs", path]
    for path in dict.fromkeys((str(CHECKOUT), sys.prefix, sys.base_prefix, *map(str, shown))):
        walls += ["--ro-bind", path, path]
    walls += ["--bind", str(folder), str(KEPT), "--chdir", "/tmp", "--info-fd", str(says), "--"]
    with open(said, "rb") as said:
        process = subprocess.Popen(
            [*before, *walls, *command],
            pass_fds=[says],
            env=os.environ | {"TMPDIR": "/tmp"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_bounds,
        )
        os.close(says)
        init = json.loads(said.read(4096))["child-pid"]
    deadline, reason = time.monotonic() + PATIENCE + 60, None
    while process.poll() is None:
        try:
            count = sum(entry.isdigit() for entry in os.listdir(f"/proc/{init}/root/proc"))
        except OSError:
            count = 0
        if count > 300:
            reason = "grading was stopped by the container: there were more than 300 processes"
        if time.monotonic() > deadline:
            reason = f"grading was stopped by the container after {PATIENCE + 60} seconds"
        if reason:
            os.kill(init, 9)
            process.wait()
        time.sleep(0.02)
    return reason


def _bounds():
    resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def inside(assignment):
    """In the container: grade a copy of the course, and give back what came of it."""
    shutil.copytree(KEPT, INSIDE, symlinks=True)

    def nbgrader(*arguments):
        try:
            options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            subprocess.run([NBGRADER, *arguments], cwd=INSIDE, timeout=PATIENCE, **options)
        except subprocess.TimeoutExpired:
            pass

    began = time.monotonic()
    nbgrader("autograde", assignment)
    seconds = time.monotonic() - began
    nbgrader("generate_feedback", assignment, "--force")
    time.sleep(1)  # feedback takes longer than a daemon waits before it writes
    for path in INSIDE.iterdir():
        if path.name in ("gradebook.db", "feedback", "submitted") or path.name.startswith("trace-of-"):
            if path.is_dir():
                shutil.rmtree(KEPT / path.name, ignore_errors=True)
                shutil.copytree(path, KEPT / path.name, symlinks=True)
            else:
                shutil.copy(path, KEPT / path.name)
    (KEPT / "report.json").write_text(json.dumps({"seconds": seconds, "running": running("nst-daemon")}))


# Time


def median_seconds(assignment):
    """(judge, stock): median seconds for the reference solution of an assignment, graded in turn."""
    scripts = sorted((CHECKOUT / "answers" / assignment).glob("*.py"))
    taught = {script.stem: read_source(script) for script in scripts}
    seconds = {True: [], False: []}
    for _ in range(ROUNDS):
        for through in seconds:
            with tempfile.TemporaryDirectory() as folder:
                classroom = Classroom(folder, assignment, tuple(taught), None, through, taught)
                files = {f"{name}.ipynb": json.dumps(notebook).encode() for name, notebook in taught.items()}
                classroom.hand_in("reference", files)
                seconds[through].append(classroom.grade()[0])
                got, possible, *_ = classroom.points("reference")
                assert got == possible, (assignment, through, got)
    return statistics.median(seconds[True]), statistics.median(seconds[False])


def listen():
    """Somebody on this machine who listens. Returns the port, and a list that grows with each call."""
    listener, heard = socket.create_server(("127.0.0.1", 0)), []

    def accept():
        while True:
            heard.append(listener.accept()[0].close())

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1], heard


def numbers(texts):
    """Numbers of rows, from "3" and "5-9"."""
    chosen = set()
    for text in texts:
        first, _, last = text.partition("-")
        chosen |= set(range(int(first), int(last or first) + 1))
    return chosen


def main():
    """Grade, time, print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", help="such as 3 or 5-9 (default: all)")
    parser.add_argument("--inside", metavar="ASSIGNMENT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        inside(options.inside)
        return
    if available():
        print(available())
        print(json.dumps({"skipped": "no sandbox"}))
        return
    rows = all_rows()
    chosen = numbers(options.rows) if options.rows else set(rows)
    port, heard = listen()
    right = {through_judge: [], through_stock: []}
    print(f"{'row':>3}  {'submission':76s}{'judge':>7s}{'s':>6s}{'stock':>7s}{'s':>6s}")
    for number in sorted(chosen & set(rows)):
        line, reasons = f"{number:3}  {rows[number].title[:75]:76s}", []
        for grade in right:
            heard.clear()
            with tempfile.TemporaryDirectory() as folder:
                found, seconds = grade(rows[number], Path(folder), port)
            found += ["something came over the network"] * bool(heard)
            right[grade] += [] if found else [number]
            line += f"{'wrong' if found else 'right':>7s}{seconds:6.0f}"
            reasons.append(found[0] if found else "")
        print(f"{line}  {' | '.join(filter(None, reasons))}"[:300], flush=True)
    print(f"\n{'reference solution':28s}{'judge':>9s}{'stock':>9s}   seconds, nbgrader's start included")
    times = {name: median_seconds(name) for name in assignments(CHECKOUT / "answers")}
    for name, (judge, stock) in times.items():
        print(f"{name:28s}{judge:9.1f}{stock:9.1f}")
    judge, stock = map(sum, zip(*times.values(), strict=True))
    listed = sorted(number for number in chosen & set(rows) if number <= LISTED)
    result = {
        "judge_right": sum(number <= LISTED for number in right[through_judge]),
        "stock_right": sum(number <= LISTED for number in right[through_stock]),
        "total": len(listed),
        "further_judge_right": sum(number > LISTED for number in right[through_judge]),
        "further_stock_right": sum(number > LISTED for number in right[through_stock]),
        "further_total": len(chosen & set(rows)) - len(listed),
        "time_ratio": round(judge / stock, 2),
        "times": {name: [round(seconds, 1) for seconds in pair] for name, pair in times.items()},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
