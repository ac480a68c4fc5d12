"""Messages between the examiner and the process that runs a student's notebook.

A message is one JSON text, followed by the raw bytes of its arrays. Nothing is pickled, evaluated or looked up by
a name that came over the wire. Both ends run it, but only the examiner depends on it: whatever arrives is
held to the bounds below before it becomes a value, so the worst that a student's process can send is a wrong value.

    frame    4 bytes: length of the header; the header, JSON: {"sizes": [...], "message": {...}}; the buffers
    value    null, true, 1, 0.5, "text" as they are; everything else is a list that begins with its kind:
             ["list", values]  ["tuple", values]  ["dict", [[key, value], ...]]
             ["array" | "number" | "tensor" | "variable", dtype, shape, index of its buffer]
             ["spec", dtype, shape]       a tensor whose values are not known yet
             ["same", n]                  the n-th object of the call that this is an answer to
             ["object", {...}]            anything else: what a `Peer` makes of it

This module has the frames and the bounds, packing.py the values.
"""

import json
import time

HEADER_BYTES = 4 << 20
BUFFER_BYTES = 64 << 20  # of one message, all buffers together
CALLBACK_BYTES = 4 << 20  # of the arguments of one callback: the examiner computes with them
CELL_BYTES = 10 << 20  # of what one cell may show
CALL_BYTES = 256 << 20  # of everything that arrives during one call
VALUES = 100_000  # in one message
DEPTH = 16  # of lists within lists
TEXT = 20_000  # characters of an error's message: tf.function puts a whole traceback there
OBJECTS = 10_000  # that one end may know of the other
NESTED = 8  # calls within calls
TAPES = 256  # calls whose gradient can still be asked for


class WireError(Exception):
    """What arrived breaks the rules of this module."""


class Unsendable(ValueError):
    """A value that is too large, or nested too deeply, to be sent."""

    def __init__(self, why):
        super().__init__(f"this value cannot be sent to the other process, because it {why}")


class Closed(Exception):
    """The other end has gone."""


class Late(Exception):
    """The other end has not done its part in time."""


class Channel:
    """Frames over a connected socket.

    received: how much memory what has arrived may take; limit: how much may arrive, None for any.
    """

    def __init__(self, sock):
        self._socket = sock
        self.received, self.limit = 0, None

    def send(self, message, buffers=(), until=None):
        """Send a message. until: time.monotonic() at which it is too late."""
        header = json.dumps({"sizes": [len(buffer) for buffer in buffers], "message": message}).encode()
        if len(header) > HEADER_BYTES:
            raise Unsendable("holds too many values")
        self._socket.settimeout(_left(until))
        try:
            self._socket.sendall(b"".join([len(header).to_bytes(4, "big"), header, *buffers]))
        except TimeoutError:
            raise Late from None
        except OSError:
            raise Closed from None

    def receive(self, until=None):
        """The next (message, buffers). Raises Late, Closed, or WireError."""
        length = int.from_bytes(self._exactly(4, until), "big")
        if length > HEADER_BYTES:
            raise WireError("a header is too long")
        header = _parsed(self._exactly(length, until))
        if type(header) is not dict or set(header) != {"sizes", "message"} or type(header["message"]) is not dict:
            raise WireError("a header is not as it should be")
        sizes = header["sizes"]
        if type(sizes) is not list or not all(type(size) is int and size >= 0 for size in sizes):
            raise WireError("the sizes of buffers are not as they should be")
        if sum(sizes) > BUFFER_BYTES or len(sizes) > VALUES:
            raise WireError("the buffers are too large")
        # A value in JSON takes far more memory once it is parsed.
        self.received += 32 * length + sum(sizes)
        if self.limit is not None and self.received > self.limit:
            raise WireError("too much arrived during one call")
        return header["message"], [self._exactly(size, until) for size in sizes]

    def _exactly(self, count, until):
        received = bytearray(count)
        view = memoryview(received)
        while view:
            self._socket.settimeout(_left(until))
            try:
                size = self._socket.recv_into(view)
            except TimeoutError:
                raise Late from None
            except OSError:
                size = 0
            if size == 0:
                raise Closed
            view = view[size:]
        return received

    def close(self):
        """Close the socket."""
        self._socket.close()


def _left(until):
    if until is None:
        return None
    left = until - time.monotonic()
    if left <= 0:
        raise Late
    return left


def _whole(text):
    if len(text) > 20:
        raise WireError("a whole number is too long")
    return int(text)


def _unique(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WireError("a key comes twice")
    return found


_decode = json.JSONDecoder(parse_int=_whole, object_pairs_hook=_unique).decode


def _parsed(header):
    try:
        return _decode(header.decode())
    except (ValueError, RecursionError):
        raise WireError("a header is no JSON text") from None


def clean(text, length=TEXT):
    """At most so many characters of a text, without control characters and halves of characters."""
    text = text[:length].encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
