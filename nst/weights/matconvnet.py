"""MatConvNet's .mat of VGG-19, and the compact copy that is read in its place from the second time on."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import scipy.io

from nst.paths import whole_file
from nst.pictures import MEANS
from nst.weights.files import MATCONVNET, PARTS, WeightsError, reading

#: The exit status of the process that reads a .mat and refuses it.
REFUSED = 3

#: What that process may take: bytes of memory, besides EXPANSION times the file's size, and seconds, besides the time
#: at SLOWEST bytes a second. A full network's 575 MB load in 3 s, with 0.7 GB.
MEMORY, EXPANSION, SECONDS, SLOWEST = 4 << 30, 8, 60, 4 << 20


def read(path, wanted, advice):
    """The arrays of the layers `wanted`, by name, and the names of all layers; path: a Path, advice: for the sentences.

    SciPy's reader of .mat files is compiled, and a damaged one can make it crash or take all memory: of 2,016 files
    with one bit changed in their first 700 bytes, 24 ended the process, and 5 took more than 3 seconds. So it runs in
    a process of its own, within bounds, and what it has read comes back in an .npz. That costs half a second, once.
    """
    size = path.stat().st_size
    with tempfile.TemporaryDirectory(prefix="nst-") as folder:
        copy = Path(folder) / "arrays.npz"
        # -P: a file in the working directory must not be taken for one of the libraries.
        command = [sys.executable, "-P", "-m", __name__, path, copy, advice, *wanted]
        surroundings = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONIOENCODING": "utf-8"}
        with reading(path, MATCONVNET, advice):
            done = subprocess.run(
                command,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                env=surroundings,
                timeout=SECONDS + size / SLOWEST,
            )
            if done.returncode == REFUSED:
                raise WeightsError(done.stdout.strip())
            if done.returncode:
                said = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
                raise ValueError(f"reading it ended its process: {said[0]}")
            with np.load(copy, allow_pickle=False) as file:
                return {name: file[name] for name in file.files if name != "names"}, file["names"].tolist()


def _read(path, wanted, advice):
    """As read, in this process.

    Simonyan & Zisserman's release for MATLAB, by way of MatConvNet.

    `layers` is a row of structs. A convolution's struct has a field `weights`, a row of kernel and bias. It is
    the third field in the current layout (layers[0][i][0][0][2][0]) and the first in beta16's
    (layers[0][i][0][0][0][0]), so it is looked up by name. Kernels are (height, width, channels in, channels
    out), as TensorFlow has them.
    """
    with reading(path, MATCONVNET, advice):
        data = scipy.io.loadmat(path, variable_names=["layers", "meta", "normalization"])
        if "layers" not in data:
            raise WeightsError(
                f"{path} holds no MatConvNet network: expected a MATLAB file with `layers`, found one without "
                f"`layers`; {advice}."
            )
        names, found = [], {}
        for cell in data["layers"].ravel():
            layer = cell[0, 0]
            if "weights" not in layer.dtype.names:
                continue
            name = str(layer["name"].item())
            names.append(name)
            if name in wanted:
                for part, array in zip(PARTS, layer["weights"].ravel(), strict=False):
                    found[f"{name}/{part}"] = array.ravel() if part == "bias" else array
        normalization = data["meta"][0, 0]["normalization"] if "meta" in data else data["normalization"]
        # Either one colour or a whole picture of it; reshaping to (pixels, 3) serves both.
        means = normalization[0, 0]["averageImage"].reshape(-1, 3).mean(axis=0, dtype=np.float64)
    if not np.allclose(means, MEANS, atol=0.01):
        raise WeightsError(
            f"{path} holds another network: expected VGG-19's mean colour {_rounded(MEANS.ravel())}, found "
            f"{_rounded(means)}; {advice}."
        )
    return found, names


def main(path, copy, advice, *wanted):
    """What runs in the process of its own: from the .mat to the .npz, or the sentence that refuses it."""
    with suppress(ImportError, ValueError, OSError):  # where the system has no such limit, the time ends it
        import resource

        limit = MEMORY + EXPANSION * Path(path).stat().st_size
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
    try:
        found, names = _read(path, wanted, advice)
    except WeightsError as error:
        print(error)
        return REFUSED
    np.savez(copy, names=np.array(names, str), **found)
    return 0


def _rounded(means):
    return tuple(round(float(mean), 3) for mean in means)


# The compact copy ---------------------------------------------------------------------------------------------------


def _copies(path, folder):
    """Where the copy may lie: in the file's own folder, or where that cannot be written to, in the user's."""
    name = f"{path.stem}.cache.npz"
    return [path.parent / name, folder / name]


def _fingerprint(path):
    """What the copy was made from; a .mat that was replaced has another size or time of change."""
    status = path.stat()
    return json.dumps([path.name, status.st_size, status.st_mtime_ns])


def fresh_copies(path, folder):
    """Paths of copies that were made of this very .mat; folder: the user's."""
    for copy in _copies(path, folder):
        try:
            with np.load(copy, allow_pickle=False) as file:
                fresh = str(file["source"]) == _fingerprint(path)
        except Exception:  # absent, cut short, or something else: whatever it is, it is no copy
            continue
        if fresh:
            yield copy


def keep_copy(path, folder, weights):
    """Write a copy of what was read of the .mat; folder: the user's; weights: layer -> (kernel, bias)."""
    arrays = {"source": np.array(_fingerprint(path))}
    for layer, arrays_of_layer in weights.items():
        arrays |= {f"{layer}/{part}": array for part, array in zip(PARTS, arrays_of_layer, strict=True)}
    for copy in _copies(path, folder):
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(copy) as unfinished:
                np.savez(unfinished, **arrays)
            return
        except OSError:  # without a copy the next load is slower, and nothing else
            continue


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
