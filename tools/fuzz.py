"""Feed hostile bytes to everything that reads some, for as long as you like, with coverage as the guide.

    pip install atheris          # https://github.com/google/atheris; the course itself does without it
    python tools/fuzz.py --minutes 60 --corpus /tmp/corpus
    python tools/fuzz.py --minutes 5 wire torch

Each target (tests/support/fuzzing.py) gets its share of the time in a process of its own. Printed is a table: inputs
tried, inputs kept because they reached new code, and faults. An input that crashes a reader, keeps it longer than 20
seconds, takes more than 4 GB, or raises something else than the target allows ends that target; it is kept in
`<corpus>/faults`, to become a test. The corpus is used again by the next run.
"""

import argparse
import os
import random
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests.support


#: Where libFuzzer tells the seconds, the inputs tried and the inputs kept.
STATISTICS = (
    r"in (\d+) second",
    r"stat::number_of_executed_units:\s+(\d+)",
    r"stat::new_units_added:\s+(\d+)",
)


def run_one(name, folder, seconds):
    """Fuzz one target in this process; libFuzzer ends it."""
    import atheris

    with atheris.instrument_imports(include=["nst", "scipy.io", "numpy.lib", "zipfile", "pickletools", "json", "PIL"]):
        from tests.support import fuzzing

        found = fuzzing.made(name, folder / "work" / name)

    def one_input(data):
        fuzzing.attempt(found, data)

    def mutate(data, most, seed):
        rng = random.Random(seed)
        if rng.random() < 0.5:
            return atheris.Mutate(data, most)
        return fuzzing.mutated(found, rng, data)[:most]

    corpus, faults = folder / name, folder / "faults"
    for path in (corpus, faults):
        path.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(found.seeds):
        (corpus / f"seed{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=4096", "-max_len=200000", "-seed=16"]
    options += [f"-artifact_prefix={faults}/{name}-", "-print_final_stats=1", "-verbosity=1", "-reload=0"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one_input, custom_mutator=mutate)
    atheris.Fuzz()


def main():
    """Share the time among the targets, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", help="such as wire and torch (default: all)")
    parser.add_argument("--minutes", type=float, default=60, help="for all together (default: 60)")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="where inputs are kept (default: corpus)")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    folder = options.corpus.resolve()
    if options.one:
        return run_one(options.one, folder, round(options.minutes * 60))

    from tests.support.fuzzing import TARGETS  # not before run_one, which has it instrumented as it is imported

    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        sys.exit(f"There is no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}.")
    names = options.targets or list(TARGETS)
    print("| target | seconds | inputs | kept | fault |\n|---|---|---|---|---|")
    failed = False
    for name in names:
        command = [sys.executable, __file__, "--one", name, "--corpus", folder]
        command += ["--minutes", str(options.minutes / len(names))]
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"{name}.log"
        with log.open("w") as file:
            quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
            code = subprocess.run(command, stdout=file, stderr=file, env=quiet).returncode
        said = log.read_text(errors="replace")
        written = re.search(r"Test unit written to (\S+)", said)
        fault = (written[1] if written else f"exit {code}, see {log}") if code else ""
        failed |= code != 0
        seconds, inputs, kept = (_last(pattern, said) for pattern in STATISTICS)
        print(f"| {name} | {seconds} | {inputs} | {kept} | {fault} |", flush=True)
    return int(failed)


def _last(pattern, text):
    found = [match for match in re.findall(pattern, text) if match]
    return found[-1] if found else "?"


if __name__ == "__main__":
    sys.exit(main())
