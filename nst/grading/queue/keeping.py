"""A pool for one submission that stays open for the next: who presses the formgrader's button again does not wait for
TensorFlow again."""

import atexit
import os
import threading
from contextlib import contextmanager

from nst.grading.queue.pool import Pool

#: Seconds for which a pool waits for the next submission; its processes hold about 700 MB.
KEEP = 600

_lock = threading.Lock()
_kept = {}  # what a pool is for -> (Pool, Timer): one at most


@contextmanager
def lent(sources, limits, unsafe, judge):
    """A Pool of one process, as Pool's arguments say: the one of the last time where it was for the same."""
    # A fork of this process has nothing to do with the processes of this one.
    key = os.getpid(), repr((sources, limits, unsafe, judge))
    pool = _take(key) or Pool(1, sources, limits, unsafe, judge).__enter__()
    try:
        yield pool
    except BaseException:
        pool.close()
        raise
    _keep(key, pool)


def _take(key):
    with _lock:
        pool, timer = _kept.pop(key, (None, None))
    if timer:
        timer.cancel()
    return pool


def _keep(key, pool):
    close_all()
    timer = threading.Timer(KEEP, close_all)
    timer.daemon = True
    with _lock:
        _kept[key] = pool, timer
    timer.start()


@atexit.register
def close_all():
    """Close the pool that is kept."""
    with _lock:
        kept = [*_kept.items()]
        _kept.clear()
    for (process, _), (pool, timer) in kept:
        if process == os.getpid():
            timer.cancel()
            pool.close()
