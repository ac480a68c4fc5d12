"""Fixtures that several test modules share."""

import os
import signal
import tempfile
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# What the tests paint must not take the place of what you have painted.
os.environ["NST_OUTPUT"] = tempfile.mkdtemp(prefix="nst-tests-")

# A shell that starts the tests in the background has them ignore Ctrl+C, and so would every program they start; several
# tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root():
    """The repository's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def real_data():
    """The folder of real weights beside the repository; the test is skipped where there is none."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real weights beside this clone (../shared/data)")
    return folder
