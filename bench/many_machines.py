"""How many submissions a second go through the queue in PostgreSQL, when judging them takes no time: the most that all
workers together can do. One who grades, one worker's process, a database of its own that waits for its disk. The last
line is JSON.
"""

import json
import sys

from tests.support import postgres

COUNT, JOBS = 1000, (1, 4, 8)


def main():
    """Print a table and a line of JSON."""
    if postgres.programs() is None:
        sys.exit("PostgreSQL is not installed: say `apt install postgresql`.")
    from tests.support.queues import queue_per_second

    print(f"{'at a time':>9}  a second")
    found = {}
    for jobs in JOBS:
        found[jobs] = round(queue_per_second(COUNT, jobs), 1)
        print(f"{jobs:9d}  {found[jobs]:8.1f}", flush=True)
    print(json.dumps({"jobs_per_second": found}))


if __name__ == "__main__":
    main()
