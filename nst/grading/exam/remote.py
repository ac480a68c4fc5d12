"""What stands in this process for things of the other one: objects, functions and errors."""

import builtins

from nst.grading.exam.wire import Unsendable
from nst.quiet import tf


class Remote:
    """Stands for an object at the other end, of the type that this class is called after. It has nothing to read."""

    __slots__ = ("__weakref__", "_number", "_peer")

    def __init__(self, peer, number):
        self._peer, self._number = peer, number

    def __repr__(self):
        return f"<a {type(self).__name__} at the other end>"


class RemoteCallable(Remote):
    """A Remote that can be called. __name__: as at the other end."""

    __slots__ = ("__globals__", "__name__", "_options")

    def __init__(self, peer, number, name, options=None):
        super().__init__(peer, number)
        self.__name__, self._options = name, options
        self.__globals__ = peer.names

    # In a compiled function it is a step, and not to be taken apart.
    @tf.autograph.experimental.do_not_convert
    def __call__(self, *args, **kwargs):
        """Call it there. Raises what it raises, as the built-in exception of that name, or one made like it."""
        return self._peer.call(self, args, kwargs)

    @property
    def held(self):
        """What has been found to hold of it since a cell was last run there, and need not be asked again: a set."""
        return self._peer.held.setdefault(self._number, set()) if self._options is None else set()

    def compiled(self, **options):
        """The function compiled at the other end, as tf.function(function, **options)."""
        return type(self)(self._peer, self._number, self.__name__, options)


def error_named(name, text):
    """An exception of that name and text: a kind of the built-in one, where it is one that means no more than that."""
    name = "ValueError" if name == Unsendable.__name__ else name
    base = getattr(builtins, name, None)
    plain = isinstance(base, type) and issubclass(base, Exception)
    # Iteration takes the first two for its end, so a test could come to its own without having run.
    if not plain or issubclass(base, (StopIteration, StopAsyncIteration, BaseExceptionGroup)):
        base = Exception
    methods = {"__init__": lambda self, *args: None, "__str__": lambda self: text}
    error = type(name, (base,), methods)(text)
    error.remote = True
    return error
