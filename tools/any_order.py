"""Run the notebooks' cells in random orders, and print every failure that does not say which cell to run first.

    python tools/any_order.py --orders 40

Before that, each notebook is run from top to bottom with every cell twice, where nothing at all may fail. The exit code
is 1 where something did that should not.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests.support

from tests.support import orders
from tests.support.kernels import NOTEBOOKS

ROOT = Path(__file__).resolve().parents[1]


def main():
    """Print a line for each run: how many cells failed, and how many of them without a sentence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", nargs="*", default=NOTEBOOKS, help="such as fast-style-transfer/1-losses")
    parser.add_argument("--orders", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="the seed of the first order")
    options = parser.parse_args()
    failed = silent = 0
    with tempfile.TemporaryDirectory() as folder:
        orders.finished(ROOT / "answers", folder)
        orders.prepare()
        for seed in (None, *range(options.first, options.first + options.orders)):
            for notebook in options.notebook:
                path = Path(folder, f"{notebook}.ipynb")
                begun = time.monotonic()
                failures = orders.run(path, orders.each_twice(path) if seed is None else orders.by_chance(path, seed))
                bad = [failure for failure in failures if seed is None or not failure.names_a_cell]
                failed, silent = failed + len(failures), silent + len(bad)
                order = "each cell twice" if seed is None else f"order {seed}"
                taken = time.monotonic() - begun
                print(
                    f"{notebook}, {order}: {len(failures)} fail, {len(bad)} without a sentence, {taken:.0f} s",
                    flush=True,
                )
                for failure in bad:
                    print(f"    {failure.raised[:300]}\n        " + "\n        ".join(failure.source.splitlines()[:3]))
    print(
        f"{options.orders} orders of {len(options.notebook)} notebooks: {failed} failures, {silent} without a sentence"
    )
    sys.exit(silent > 0)


if __name__ == "__main__":
    main()
