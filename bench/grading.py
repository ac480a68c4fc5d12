"""How fast and how steadily submissions are graded: by stock nbgrader 0.9.6, by otter-grader 7, and by the judge.

    python bench/grading.py --quick                 # small classes, few kills
    python bench/grading.py                         # longer than twenty minutes on two quiet cores
    python bench/grading.py --parts mix --otter-python /elsewhere/bin/python

Parts: mix (a class in each assignment, through all graders in turn), latency (one submission after another, by a
process that has imported everything), memory, growth (a tiny course, from 10 to 1,000 submissions), kills (processes
killed at random moments), queue (speed and kills, through PostgreSQL). A part that fails is named, and stops no other.

Stock nbgrader and otter-grader run in a container, as in bench/trust.py, with no walls between a submission and its
tests; the judge runs with all of its own. All three skip cells tagged `explore`. Submissions that stock nbgrader gives
up the whole class for, and endless loops, are left out. Each grader's start is counted.

Prints a table in Markdown, writes a plot and all numbers to output/bench-grading.*, and ends with one line of JSON.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

from bench.support import parts
from bench.support.telling import last_line, save_plot, table
from nst.course.release import assignments
from nst.grading.walls.sandbox import available
from nst.paths import CHECKOUT, OUTPUT

PARTS = {
    "mix": parts.mix,
    "latency": parts.latency,
    "memory": parts.memory,
    "growth": parts.growth,
    "kills": parts.kills,
    "queue": parts.queue,
}
QUICK = {"students": 4, "stock": 1, "otter": 0, "sizes": [10, 40], "kills": 4, "repeats": 2}
QUICK["assignments"] = ["what-convnets-see", "neural-style-transfer"]


def options_of(arguments):
    """The options; what --quick says holds where nothing else is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="which to run (default: all)")
    parser.add_argument("--quick", action="store_true", help="two small classes, few kills, no otter-grader")
    known = assignments(CHECKOUT / "answers")
    parser.add_argument("--assignments", nargs="+", choices=known, default=known, metavar="NAME")
    parser.add_argument("--students", type=int, default=20, help="of an assignment, for the judge (default: 20)")
    parser.add_argument("--stock", type=int, default=4, help="how many of them for stock nbgrader (default: 4)")
    parser.add_argument("--otter", type=int, default=1, help="how many of them for otter-grader (default: 1)")
    parser.add_argument("--otter-python", type=Path, default=Path(sys.executable), help="the Python that has it")
    parser.add_argument("--repeats", type=int, default=8, help="of latency, in each assignment (default: 8)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 30, 100, 300, 1000], help="of growth")
    parser.add_argument("--kills", type=int, default=50, help="how many (default: 50)")
    parser.add_argument("--seed", type=int, default=1, help="of classes and kills (default: 1)")
    if "--quick" in arguments:
        parser.set_defaults(**QUICK)
    return parser.parse_args(arguments)


def main(arguments=None):
    """Measure, print a table and one line of JSON. The exit status tells whether a part has failed."""
    options = options_of(sys.argv[1:] if arguments is None else arguments)
    sys.stdout.reconfigure(line_buffering=True)  # a log tells how far it is
    if available():
        print(available())
        print(json.dumps({"skipped": "no sandbox"}))
        return 0
    found = {"failed": {}, "cores": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0], "seed": options.seed}
    if found["load"] > 0.5:
        print(f"This machine is busy (load {found['load']:.1f}): seconds will say little.")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nst-bench-") as folder:
        for name in options.parts:
            began = time.monotonic()
            print(f"\n== {name}", flush=True)
            try:
                PARTS[name](options, Path(folder, name), found)
            except Exception as error:
                traceback.print_exc()
                found["failed"][name] = f"{type(error).__name__}: {error}"[:300]
            found.setdefault("took_s", {})[name] = round(time.monotonic() - began)
            (OUTPUT / "bench-grading.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
            log = Path(folder, name, "log")
            if name in found["failed"] and log.exists():
                print(log.read_text("utf-8", "replace")[-3000:])
    text = table(found)
    (OUTPUT / "bench-grading.md").write_text(text, encoding="utf-8")
    print(f"\n{text}")
    if save_plot(OUTPUT / "bench-grading.png", found):
        print(f"Plot: {OUTPUT / 'bench-grading.png'}")
    print(json.dumps(last_line(found)))
    return 1 if found["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
