"""Hostile bytes for everything that reads them, made by damaging good files; and what may come of each.

A target has good inputs (seeds) and a function that reads one. `mutated` damages a seed, by its bytes or, where it is
JSON, also by its values. What is allowed to come out stands in the target; anything else is a fault: another exception,
a crash, or a wait. tests/test_fuzzing.py tries a few hundred of each with a fixed seed; tools/fuzz.py goes on for as
long as you like and lets coverage choose.
"""

import io
import json
import os
import signal
import socket
import time
import warnings
from contextlib import redirect_stdout
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from unittest import mock

import numpy as np
from PIL import Image

from nst.weights.files import WeightsError


class Target(NamedTuple):
    """What reads hostile bytes.

    seeds: good inputs. read: a function of the bytes. allowed: exceptions that explain themselves. tree: a function
    from an input to (JSON value in it, function from such a value to an input), where there is one; else None.
    """

    seeds: list
    read: object
    allowed: tuple = ()
    tree: object = None


TARGETS = {}


def target(make):
    """Register a function from an empty folder to a Target under its own name."""
    TARGETS[make.__name__] = make
    return make


def attempt(found, data):
    """Read an input; whatever is not allowed is raised."""
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            found.read(data)
        except found.allowed as error:
            sentence = str(error)
            assert sentence and len(sentence) < 5000, f"no sentence: {sentence[:200]!r}"


# Damage -------------------------------------------------------------------------------------------------------------

#: Numbers at which readers go wrong: signs, sizes of bytes, lengths.
EDGES = (0, 1, 2, 127, 128, 255, 256, 32767, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)

ODD_VALUES = (
    *(
        None,
        True,
        0,
        -1,
        2**63,
        2**64,
        10**30,
        0.5,
        1e308,
        "",
        "a\ud800",
        "\x00",
        "x" * 5000,
        "<script>",
        "../..",
        "nan",
    ),
    *([], {}, [[]], ["list", []], ["same", 0], ["object", {}], {"a": None}, [None] * 300),
)


def mutated(found, rng, data=None):
    """An input like the seeds, and damaged. rng: random.Random; data: the input to damage, by default a seed."""
    data = rng.choice(found.seeds) if data is None else data
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        twist = found.tree and rng.random() < 0.6
        data = _twisted(found, rng, data) if twist else _damaged(rng, data, found.seeds)
    return data


def _damaged(rng, data, seeds):
    data = bytearray(data)
    at = rng.randrange(len(data) + 1)
    match rng.randrange(9):
        case 0 if data:
            data[at % len(data)] ^= 1 << rng.randrange(8)
        case 1 if data:
            data[at % len(data)] = rng.randrange(256)
        case 2:
            del data[at:]
        case 3:
            del data[at : at + rng.randrange(1, 64)]
        case 4:
            data[at:at] = rng.randbytes(rng.randrange(1, 16))
        case 5:
            data[at:at] = data[at : at + rng.randrange(1, 200)] * rng.choice((1, 2, 50))
        case 6:
            size = rng.choice((1, 2, 4, 8))
            number = rng.choice(EDGES) % 256**size
            data[at : at + size] = number.to_bytes(size, rng.choice(("little", "big")))
        case 7:
            other = rng.choice(seeds)
            data[at:] = other[rng.randrange(len(other) + 1) :]
        case _:
            data[at:at] = str(rng.choice(EDGES)).encode()
    return bytes(data)


def _twisted(found, rng, data):
    """With a value of its JSON replaced, removed, doubled or exchanged with another."""
    try:
        value, again = found.tree(data)
    except (ValueError, RecursionError, UnicodeError):
        return data
    places = list(_places(value))
    if not places:
        return data
    holder, key = rng.choice(places)
    match rng.randrange(5):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(key, holder[key])
        case 2:
            other, where = rng.choice(places)
            holder[key] = json.loads(json.dumps(other[where]))
        case 3 if isinstance(holder, dict):
            holder[str(rng.choice(ODD_VALUES))[:50]] = holder.pop(key)
        case _:
            holder[key] = rng.choice(ODD_VALUES)
    return again(value)


def _places(value):
    level = [value]
    while level:
        holder = level.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in keys:
            yield holder, key
            level.append(holder[key])


def _json(data):
    return json.loads(data), lambda value: json.dumps(value).encode()


def _file_reader(path, read):
    """A function that writes bytes to the path and reads the file."""

    def from_file(data):
        path.write_bytes(data)
        read(path)

    return from_file


# The readers --------------------------------------------------------------------------------------------------------


@target
def submission(folder):
    """A notebook that was handed in: read, repaired, written."""
    import nbformat

    from nst.grading.intake.skeleton import released
    from nst.grading.intake.submission import take_in
    from tests.support.submissions import FACES, sources

    taught = sources(FACES[0], FACES[1:])
    blank = released(taught[FACES[1]])
    answered = nbformat.from_dict(json.loads(json.dumps(blank)))
    for cell in answered.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = f"def {cell.metadata.nbgrader.grade_id}(*inputs):\n    return 1  # mine"
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"], "outputs": []}]}]}
    seeds = [json.dumps(notebook).encode() for notebook in (blank, answered, old)]
    path = folder / f"{FACES[1]}.ipynb"

    def read(path):
        for repaired in take_in(path.parent, taught).notebooks.values():
            nbformat.writes(repaired.notebook).encode()

    return Target(seeds, _file_reader(path, read), (), _json)


@target
def similar(folder):
    """A notebook as the judge left it, with what a student wrote in it: read, taken apart, compared."""
    from nst.grading.similar.answers import Given, work
    from nst.grading.similar.traits import of_code, of_prose

    known = Given(frozenset({"tf"}), {"gram_matrix": ("",)}, {"gram_matrix": "one"}, frozenset(), frozenset(), "  ")
    answer = "def gram_matrix(A):\n    # of all\n    return tf.matmul(A, A, transpose_b=True) / f'{A!r:>3}'\n"
    cells = [
        {"cell_type": "code", "source": answer, "metadata": {"nbgrader": {"grade_id": "gram_matrix"}}},
        {"cell_type": "markdown", "source": ["some words\n", "and more"], "metadata": {}, "id": "student-001"},
    ]
    place = folder / "autograded" / "ada" / "losses"
    place.mkdir(parents=True)

    def read(path):
        for text, is_code in work(folder / "autograded", folder / "judged", "ada", "losses", known).parts.values():
            of_code(text, known.names) if is_code else of_prose(text)

    return Target([json.dumps({"cells": cells}).encode()], _file_reader(place / "one.ipynb", read), (), _json)


def _frame(message, buffers=()):
    header = json.dumps({"sizes": [len(buffer) for buffer in buffers], "message": message}).encode()
    return b"".join([len(header).to_bytes(4, "big"), header, *buffers])


def _first_frame(data):
    """The JSON of a stream's first frame."""
    length = int.from_bytes(data[:4], "big")
    header, rest = data[4 : 4 + length], data[4 + length :]

    def again(value):
        text = json.dumps(value).encode()
        return len(text).to_bytes(4, "big") + text + rest

    return json.loads(header), again


@target
def wire(folder):
    """What a student's process sends, to the examiner that asks it to run a cell, for a function, and to call it."""
    from nst.grading.exam.client import RemoteNotebook, StudentGone
    from nst.quiet import tf

    number = np.arange(4, dtype=np.float32).tobytes()
    function = ["object", {"mine": 1, "type": "function", "name": "f"}]
    array, tensor = ["array", "float32", [2, 2], 0], ["tensor", "float32", [2, 2], 0]
    text = {"type": "stream", "name": "stdout", "text": 0}
    picture = {"type": "display_data", "data": {"image/png": 0}, "sizes": {"image/png": {"width": 9}}}
    failed = {"kind": "error", "type": "ValueError", "message": "no", "raised": None, "changed": [[0, array]]}
    call_back = {"kind": "call", "call": 1, "target": 1, "args": ["tuple", [tensor]], "kwargs": ["dict", []],
                 "tape": True, "compile": None, "forget": []}  # fmt: skip
    cell = _frame({"kind": "result", "outputs": [text, picture], "error": ["A", "b"]}, [b"hello", b"aGVsbG8="])
    found, given = _frame({"kind": "result", "result": function}), _frame({"kind": "result", "result": array}, [number])
    answer = _frame({"kind": "result", "result": ["list", [tensor, ["same", 0]]], "changed": []}, [number])
    changed = _frame({"kind": "result", "result": None, "changed": [[0, array]]}, [number])
    gradient = _frame({"kind": "result", "result": ["list", [tensor]]}, [number])
    seeds = [
        cell + found + answer + gradient,
        cell + found + changed,
        cell + found + _frame(call_back, [number]) + answer,
        cell + found + _frame(failed, [number]),
        given,
        _frame({"kind": "error", "type": "NameError", "message": "f", "raised": None}),
    ]

    def test_function(value):
        return value * 2

    def read(data):
        mine, theirs = socket.socketpair()
        with mine, theirs:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
            theirs.settimeout(0)
            try:
                theirs.send(data[: 1 << 17])
                theirs.shutdown(socket.SHUT_WR)
            except OSError:
                return
            notebook = RemoteNotebook(mine, deadline=time.monotonic() + 5)
            arguments = tf.ones((2, 2)), np.zeros((2, 2), np.float32), [1, {"a": None}], test_function
            try:
                notebook.run_cell("f")
                with tf.GradientTape() as tape:
                    tape.watch(arguments[0])
                    value = notebook.function("f")(*arguments)
                if isinstance(value, list) and value and isinstance(value[0], tf.Tensor):
                    tape.gradient(value[0], arguments[0])
            except StudentGone:
                pass
            except TypeError as error:  # what it sent in the function's place is none
                assert getattr(error, "remote", False) or "is not a function" in str(error), error
            except Exception as error:
                if not getattr(error, "remote", False):
                    raise

    return Target(seeds, read, (), _first_frame)


@target
def torch(folder):
    """PyTorch's files: what is in them, and every tensor's numbers."""
    from nst.weights.torch_file import TorchFile
    from nst.weights.torch_pickle import Tensor
    from tests.support.weights_files import TorchParameter, write_torch

    numbers = np.arange(6, dtype=np.float32).reshape(2, 3)
    content = {"a.weight": numbers, "deep": {"b": TorchParameter(numbers.T), "list": [1, (2.5, None, "text")]}}
    seeds = [write_torch(folder / f"{kind}.pth", content, kind).read_bytes() for kind in ("zip", "sequence")]

    def read(path):
        file = TorchFile(path)
        level = [file.content]
        for _ in range(1000):
            if not level:
                break
            value = level.pop()
            if isinstance(value, Tensor):
                file.array(value)
            elif isinstance(value, dict | list | tuple):
                level += list(value.values() if isinstance(value, dict) else value)[:100]

    return Target(seeds, _file_reader(folder / "weights.pth", read), (WeightsError,))


def _weights_target(folder, write, *kinds):
    """Files of a network of one convolution, which is refused only where all of it has been read."""
    from nst.weights import vgg19
    from tests.support.weights_files import random_weights

    few = random_weights("conv1_1")
    seeds = [write(folder / f"seed{number}.{kind}", few, kind).read_bytes() for number, kind in enumerate(kinds)]

    def read(path):
        with mock.patch.object(vgg19, "USER_FOLDER", folder / "user"):
            vgg19.read_weights(path)
        for copy in folder.rglob("*.cache.npz"):
            copy.unlink()

    return Target(seeds, _file_reader(folder / "weights", read), (WeightsError,))


def _forked(command, timeout, **options):
    """As subprocess.run for `python -P -m nst.weights.matconvnet ...`, a hundred times as quick."""
    from nst.weights import matconvnet

    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            for crash in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL):
                signal.signal(crash, signal.SIG_DFL)  # a fuzzer's handlers would count it as this process's crash
            os.dup2(writing, 1)
            with redirect_stdout(os.fdopen(1, "w", encoding="utf-8", closefd=False)):
                code = matconvnet.main(*map(str, command[4:]))
        finally:
            os._exit(code)
    os.close(writing)
    until, status = time.monotonic() + timeout, 0
    while not status and time.monotonic() < until:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            break
        time.sleep(0.002)
    else:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        status = 1
    with os.fdopen(reading, encoding="utf-8", errors="replace") as file:
        return SimpleNamespace(returncode=os.waitstatus_to_exitcode(status), stdout=file.read(), stderr="")


@target
def matconvnet(folder):
    """MatConvNet's files, of both layouts. SciPy reads them in processes of their own, so coverage sees none of it."""
    from nst.weights import matconvnet
    from tests.support.weights_files import write_matconvnet

    found = _weights_target(folder, lambda path, few, kind: write_matconvnet(path.with_suffix(".mat"), few, kind),
                            "current", "beta16")  # fmt: skip

    def read(data):
        with (
            mock.patch.object(matconvnet.subprocess, "run", _forked),
            mock.patch.multiple(matconvnet, SECONDS=3, MEMORY=1 << 30),
        ):
            found.read(data)

    return found._replace(read=read)


@target
def npz(folder):
    """Weights in an .npz."""
    from tests.support.weights_files import write_npz

    return _weights_target(folder, lambda path, few, kind: write_npz(path.with_suffix(".npz"), few, kind), "f4", "f2")


@target
def keras(folder):
    """Keras's .h5."""
    from tests.support.weights_files import write_keras

    return _weights_target(folder, write_keras, "old", "nested")


@target
def state(folder):
    """The saved state of a painting."""
    from nst.painting.state import State

    file = io.BytesIO()
    picture = np.zeros((1, 8, 8, 3), np.float32)
    np.savez(file, what="a painting", scale=0, iteration=3, picture=picture, adam0=picture, adam1=picture)

    def read(path):
        found = State(path, "a painting")
        found.resumed(found.scale, picture)

    return Target([file.getvalue()], _file_reader(folder / "state.npz", read), (ValueError,))


@target
def picture(folder):
    """Pictures of the kinds that people have."""
    from nst.pictures import PictureError, load_image

    colours = np.arange(40 * 40 * 3, dtype=np.uint8).reshape(40, 40, 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    made = Image.fromarray(colours)
    grey16 = Image.fromarray(np.arange(1600, dtype=np.uint16).reshape(40, 40))
    written = [
        (made, "JPEG", {"exif": exif}),
        (made, "PNG", {}),
        (made, "WEBP", {}),
        (made, "TIFF", {}),
        (made.convert("P"), "GIF", {"transparency": 0}),
        (made.convert("RGBA"), "PNG", {}),
        (made.convert("CMYK"), "JPEG", {}),
        (made, "BMP", {}),
        (grey16, "PNG", {}),
        (grey16, "TIFF", {}),
    ]
    seeds = []
    for one, kind, options in written:
        file = io.BytesIO()
        one.save(file, kind, **options)
        seeds.append(file.getvalue())

    def read(path):
        colours = load_image(path)
        assert colours.dtype == np.uint8 and colours.ndim == 3 and colours.shape[-1] == 3

    return Target(seeds, _file_reader(folder / "picture", read), (PictureError,))


@target
def timestamp(folder):
    """timestamp.txt: when a submission was handed in, as the judge and nbgrader's own commands ask."""
    from nst.grading.handing_in import look_at, said_time, submission_time

    def read(path):
        times = [said_time(folder), submission_time(folder)[0], look_at(folder).time]
        assert all(time is None or (isinstance(time, datetime) and time.tzinfo is None) for time in times)
        str(times)

    texts = ("2026-11-28 09:30:00.5 UTC", "2026-11-28 09:30 +0100", "yesterday", "\ufeff2026-01-02 03:04:05 UTC", "0")
    seeds = [*map(str.encode, texts), texts[0].encode("utf-16")]
    return Target(seeds, _file_reader(folder / "timestamp.txt", read))


@target
def record(folder):
    """The record of a judgement: what a report takes from it, and what the next run compares."""
    from nst.grading.evidence import read_record
    from nst.grading.handing_in import handed_in_again, noted
    from nst.grading.intake.reading import UnreadableError

    mark = {"notebook": "one", "grade_id": "test_f", "points": 2.0, "passed": False, "message": "no", "printed": ""}
    hashes = {"submission": {"one.ipynb": "0" * 64}, "tests": {"one": "1" * 64}, "versions": {"python": "3.11"}}
    handed = {"files": {"one.ipynb": "0" * 64}, "note": "", "time": "2026-11-28T09:30:00", "doubt": ""}
    found = {"student": "ann", "assignment": "a", "format": 2, "state": "graded", "points": 0.0, "possible": 2.0,
             "reasons": [], "repairs": ["put right."], "flags": ["look."], "marks": [mark, mark | {"passed": True}],
             "seconds": 3.5, "evidence": hashes, "handed_in": handed}  # fmt: skip

    def read(path):
        judged = noted(path)
        handed_in_again(folder, judged, judged and judged.time)
        read_record(path)

    return Target([json.dumps(found).encode()], _file_reader(folder / "a.json", read), (UnreadableError,), _json)


def made(name, folder):
    """The Target of this name; folder: an empty one, for its files."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return TARGETS[name](folder)
