"""Processes that start at once: forked from one that has imported what they need.

Python has one such process for all who ask, with one list of what it imports first: whoever gave it another list would
take the first one's away, and each process would import TensorFlow by itself.
"""

import multiprocessing

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["nst.grading.exam.inside", "scipy.optimize", "nbformat", "tests.support.stand_in_worker"]
)
