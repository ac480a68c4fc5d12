"""Loading MatConvNet's VGG-19: the first load against the second, and how much memory each needs.

The file is written here with random numbers and the real shapes, fully connected layers included (about
570 MB on disk for the time of the run). Each load has a process of its own; the last line is JSON.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

# The tests know how to write every kind of file.
from tests.support.weights_files import random_weights, write_matconvnet

FULLY_CONNECTED = {"fc6": (7, 7, 512, 4096), "fc7": (1, 1, 4096, 4096), "fc8": (1, 1, 4096, 1000)}

# Memory as Linux counts it, in MB: what the process holds, and the most it held since the mark was reset.
LOAD = """
import json, re, sys, time
from pathlib import Path
from nst.weights.vgg19 import read_weights
def memory(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
Path("/proc/self/clear_refs").write_text("5")
before, began = memory("VmRSS"), time.perf_counter()
weights = read_weights(sys.argv[1])
print(json.dumps({
    "s": time.perf_counter() - began,
    "peak_mb": memory("VmHWM") - before,
    "after_mb": memory("VmRSS") - before,
    "convolutions_mb": sum(kernel.nbytes + bias.nbytes for kernel, bias in weights.values()) / 2**20,
}))
"""


def load(path):
    """Load in a fresh process; return its measurements."""
    return json.loads(subprocess.run([sys.executable, "-c", LOAD, path], check=True, capture_output=True).stdout)


def main():
    """Write the file, load it twice, print a table and one line of JSON."""
    weights, random = random_weights("conv5_4"), np.random.default_rng(0)
    dense = [
        (name, random.standard_normal(shape, dtype="float32"), np.zeros(shape[-1], "float32"))
        for name, shape in FULLY_CONNECTED.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "imagenet-vgg-verydeep-19.mat"
        write_matconvnet(path, weights, extra=dense)
        del weights, dense
        size = path.stat().st_size / 2**20
        first, second = load(path), load(path)
    print(f"the file has {size:.0f} MB, its convolutions {first['convolutions_mb']:.0f} MB")
    for name, got in (("first load", first), ("from the cache", second)):
        print(f"{name:16s}{got['s']:7.2f} s   peak {got['peak_mb']:6.0f} MB   afterwards {got['after_mb']:6.0f} MB")
    result = {
        "second_over_first": second["s"] / first["s"],
        "peak_over_file": first["peak_mb"] / size,
        "afterwards_over_convolutions": first["after_mb"] / first["convolutions_mb"],
    }
    print(json.dumps({name: round(value, 3) for name, value in result.items()}))


if __name__ == "__main__":
    main()
