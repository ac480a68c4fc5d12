"""Files that appear whole or not at all."""

import os
from contextlib import contextmanager


@contextmanager
def whole_file(path):
    """A path to write to that becomes `path` once the block is done; a block that fails leaves no half file."""
    unfinished = path.with_name(f".unfinished-{os.getpid()}-{path.name}")
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
