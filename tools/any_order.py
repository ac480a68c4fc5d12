"""Run the notebooks' cells in random orders, and print every failure that does not say which cell to run first.

    python tools/any_order.py --orders 40

Before that each notebook is run from top to bottom with every cell twice, where nothing at all may fail. With
--windows each is run once instead, by Windows's rules. The exit code is 1 where something failed that should not.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests.support

from tests.support import orders, windows
from tests.support.kernels import NOTEBOOKS

ROOT = Path(__file__).resolve().parents[1]


def main():
    """Print a line for each run: how many cells failed, and how many of them without a sentence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", nargs="*", default=NOTEBOOKS, help="such as fast-style-transfer/1-losses")
    parser.add_argument("--orders", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="the seed of the first order")
    parser.add_argument("--windows", action="store_true", help="instead, each from top to bottom by Windows's rules")
    options = parser.parse_args()
    failed = silent = 0
    with tempfile.TemporaryDirectory() as folder:
        orders.finished(ROOT / "answers", folder)
        orders.prepare()
        seeds = () if options.windows else range(options.first, options.first + options.orders)
        rules = windows.follow_rules if options.windows else None
        for seed in (None, *seeds):
            for notebook in options.notebook:
                path = Path(folder, f"{notebook}.ipynb")
                begun = time.monotonic()
                sources = orders.by_chance(path, seed) if seed is not None else orders.each_twice(path)
                failures = orders.run(path, sources[::2] if options.windows else sources, rules)
                bad = [failure for failure in failures if seed is None or not failure.names_a_cell]
                failed, silent = failed + len(failures), silent + len(bad)
                order = f"order {seed}" if seed is not None else "by Windows's rules" if rules else "each cell twice"
                taken = time.monotonic() - begun
                print(
                    f"{notebook}, {order}: {len(failures)} fail, {len(bad)} without a sentence, {taken:.0f} s",
                    flush=True,
                )
                for failure in bad:
                    print(f"    {failure.raised[:300]}\n        " + "\n        ".join(failure.source.splitlines()[:3]))
    print(f"{len(seeds)} orders of {len(options.notebook)} notebooks: {failed} failures, {silent} without a sentence")
    sys.exit(silent > 0)


if __name__ == "__main__":
    main()
