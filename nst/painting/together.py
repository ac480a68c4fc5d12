"""Several paintings that belong together: one interrupt ends them all, and each tells how far it has come.

    with Together() as block:
        for style in styles:
            pictures.append(paint(...))
            if block.stopped: break

`paint` looks here for the innermost block that it is called in. Without a block the paintings of one cell of a notebook
belong together: after an interrupt none of them begins any more.
"""

import sys

_blocks = []
_interrupted = None  # what the kernel was answering when an interrupt ended a painting


class Together:
    """A with block of paintings. stopped: True once an interrupt has ended one of them.

    painted: True once one of them has changed its picture. begun: how many have begun. reached: how far the one that
    was interrupted came, (steps taken, steps planned), or None.

    told: called as told(share) after every step, share being how much of this painting is done, from 0 to 1.
    """

    def __init__(self, told=None):
        self.told, self.stopped, self.painted, self.begun, self.reached = told, False, False, 0, None

    def titled(self, title):
        """The title of the painting that has just ended; it says how far it came, where an interrupt ended it."""
        return "{}\nso far: {} of {} steps".format(title, *self.reached) if self.stopped else title

    def __enter__(self):
        _blocks.append(self)
        return self

    def __exit__(self, *error):
        _blocks.remove(self)


def note_start():
    """A painting begins."""
    for block in _blocks:
        block.begun += 1


def note_step(done, planned):
    """A painting has taken `done` of `planned` steps."""
    for block in _blocks:
        block.painted = True
        if block.told is not None:
            block.told(done / planned)


def note_interrupt(done, planned):
    """An interrupt has ended a painting after `done` of `planned` steps."""
    global _interrupted
    _interrupted = _asked()
    for block in _blocks:
        block.stopped, block.reached = True, (done, planned)


def is_over():
    """True where an interrupt has ended a painting that the next one belongs together with."""
    if _blocks:
        return any(block.stopped for block in _blocks)
    return _interrupted is not None and _interrupted == _asked()


def something_painted():
    """True within a block in which a picture was changed: a next painting goes on from it, in another size, say."""
    return any(block.painted for block in _blocks)


def _asked():
    """The number of the message that the kernel is answering: of this run of this cell, or this click; else None."""
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython and ipython.get_ipython(), "kernel", None)
    return getattr(kernel, "get_parent", dict)().get("header", {}).get("msg_id")
