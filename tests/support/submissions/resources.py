"""Rows that end, hang, or use too much of something."""

from tests.support.submissions import SEE, row


def one_function(work, body):
    """convolve_1d does this, output_shape is right."""
    work.answer("convolve_1d", "def convolve_1d(*inputs, **options):\n    " + "\n    ".join(body.split("\n")))


@row(21, "os._exit in one function", SEE, wrong=(), lost=["convolve_1d"])
def exits(work):
    one_function(work, "import os\nos._exit(0)")


@row(22, "SystemExit, exit() and quit()", SEE, wrong=(), lost=["convolve_1d"])
def leaves(work):
    work.add("import sys\nsys.exit(0)")
    work.add("exit()")
    work.add("import sys\nways = [exit, quit, sys.exit]", where="output_shape")
    one_function(work, "ways.append(ways.pop(0))\nways[-1]()")


@row(23, "an infinite loop", SEE, wrong=(), lost=["convolve_1d"], call_seconds=2, cell_seconds=8)
def loops(work):
    one_function(work, "while True:\n    pass")


@row(24, "ignores signals and swallows every exception", SEE, wrong=(), lost=["convolve_1d"], call_seconds=2,
     cell_seconds=8)  # fmt: skip
def refuses_to_stop(work):
    work.add(
        """
        import signal
        for number in range(1, 32):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        """
    )
    one_function(
        work, "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    )


@row(25, "sleeps in every cell", SEE, wrong=(), lost="all", cell_seconds=8, total_seconds=10)
def sleeps(work):
    for _ in range(8):
        work.add("import time\ntime.sleep(7)")


@row(26, "a memory bomb", SEE, wrong=(), lost=["convolve_1d"], memory=2 << 30)
def memory_bomb(work):
    one_function(work, "hoard = []\nwhile True:\n    hoard.append(np.ones(1 << 24))")


@row(27, "a fork bomb", SEE, wrong=(), lost=["convolve_1d"], call_seconds=3)
def fork_bomb(work):
    one_function(work, "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass")


@row(28, "fills the disk, also with one huge file", SEE, wrong=(), lost=["convolve_1d"], call_seconds=15)
def fills_the_disk(work):
    one_function(
        work,
        """import pathlib, tempfile
number, error = 0, None
while True:
    for folder in (".", tempfile.gettempdir(), pathlib.Path.home(), "/dev/shm"):
        number += 1
        with open(pathlib.Path(folder, f"full-{number}"), "wb") as file:
            for _ in range(40 if number > 4 else 400):
                file.write(bytes(1 << 20))""",
    )


@row(29, "floods its output, also in one line", SEE, wrong=())
def floods(work):
    work.add("for _ in range(100):\n    print('x' * 1_000_000, end='')")
    work.add("import sys\nfor number in range(200_000):\n    print(number, file=sys.stderr)")
