"""A process that judges one parcel after another: `python -m nst.grading.queue.apart`, which pool.py starts.

It imports TensorFlow once. It reads no gradebook and writes none: what comes in is a parcel, what goes out an outcome.
When the process that has started it is gone, it ends at once, with all that it runs.
"""

import json
import os
import select
import shutil
import sys
import tempfile
import threading
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path

import nbformat

from nst.grading.faults import NotJudged, of_the_grader
from nst.grading.queue.outcome import as_bytes
from nst.grading.queue.parcel import unpack
from nst.grading.walls import warm
from nst.grading.walls.sandbox import Limits

#: What an answer begins with: it has imported everything; an outcome follows; the probe is content; a sentence follows.
READY, OUTCOME, CONTENT, FAULT = b"r", b"o", b"c", b"f"
#: In place of a parcel: probe this machine.
PROBE = b"probe"


def judge_parcel(data, sources, limits, unsafe, judge, folder=None):
    """The outcome of a parcel, as bytes. Raises NotJudged, and ParcelError.

    judge: nst.grading.judge.judge. folder: where it is unpacked, below which nothing stays.
    """
    with of_the_grader("to unpack a submission"):
        place = tempfile.TemporaryDirectory(prefix="submission-", dir=folder, ignore_cleanup_errors=True)
    with place:
        with of_the_grader("to unpack a submission"):
            unpack(data, Path(place.name, "handed-in"))
        return as_bytes(judge(Path(place.name, "handed-in"), sources, limits, unsafe))


def serve(link):
    """Answer what comes over a Connection, until it is closed."""
    orders = json.loads(link.recv_bytes())
    threading.Thread(target=_end_with, args=(link.fileno(), orders["folder"]), daemon=True).start()
    sources = {name: nbformat.from_dict(notebook) for name, notebook in orders["sources"].items()}
    warm.use(orders.get("warm"))
    limits, unsafe = Limits(**orders["limits"]), orders["unsafe"]
    module, _, name = orders["judge"].partition(":")
    judge = getattr(import_module(module), name)
    link.send_bytes(READY)
    while True:
        data = link.recv_bytes()
        try:
            if data == PROBE:
                from nst.grading.probe import probe

                probe(limits, unsafe)
                answer = CONTENT
            else:
                answer = OUTCOME + judge_parcel(data, sources, limits, unsafe, judge, orders["folder"])
        except NotJudged as error:
            answer = FAULT + str(error).encode("utf-8", "replace")
        except Exception as error:
            from nst.grading.one_by_one import in_a_sentence

            answer = FAULT + in_a_sentence(error).encode("utf-8", "replace")
        del data
        link.send_bytes(answer)


def _end_with(descriptor, folder):
    """End this process, with its sandbox, as soon as nobody is at the other end."""
    poll = select.poll()
    poll.register(descriptor, 0)  # that is, for its being hung up, which nobody can leave out
    poll.poll()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
