"""Hostile bytes for everything that reads some: a short run of tools/fuzz.py's targets with a fixed seed.

What a longer run has found stands as a test of its own where the reader is tested.
"""

import random
import signal

import pytest

from tests.support.fuzzing import TARGETS, attempt, made, mutated

#: A SciPy in a process of its own is slow to try.
COUNTS = dict.fromkeys(TARGETS, 300) | {"matconvnet": 60}


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_bytes_are_read_or_refused_in_a_sentence(tmp_path, name):
    found, rng = made(name, tmp_path), random.Random(16)
    for seed in found.seeds:
        attempt(found, seed)

    def too_long(*_):
        raise TimeoutError(f"20 seconds for {data[:200]!r}")

    signal.signal(signal.SIGALRM, too_long)
    for number in range(COUNTS[name]):
        data = mutated(found, rng)
        signal.alarm(20)
        try:
            attempt(found, data)
        except BaseException:
            (tmp_path / "fault").write_bytes(data)
            print(f"input {number}, kept in {tmp_path / 'fault'}")
            raise
        finally:
            signal.alarm(0)


def test_damage_is_the_same_for_the_same_seed_and_reaches_the_readers(tmp_path):
    found = made("torch", tmp_path)
    first, second = ([mutated(found, random.Random(seed)) for seed in range(50)] for _ in range(2))
    assert first == second
    refused = 0
    for data in first:
        try:
            found.read(data)
        except found.allowed:
            refused += 1
    assert 10 < refused < 50, "some must be refused, and some must still be good"
