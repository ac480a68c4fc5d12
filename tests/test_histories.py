"""A few random histories of marks, always the same; tools/histories.py goes through hundreds with the real judge."""

import logging

import pytest

from tests.support.histories import go_through
from tests.support.stored import stored_judge

pytestmark = pytest.mark.slow


def test_after_each_step_all_numbers_are_one():
    logging.disable(logging.CRITICAL)
    try:
        assert go_through(6, 12, stored_judge) > 40
    finally:
        logging.disable(logging.NOTSET)
