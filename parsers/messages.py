"""Messages between a parser's process and whoever started it, through pipes: a length, then what pickle makes of a value.

A page has some 80 kB, a reply some 6: with what a pipe holds by itself (64 KiB) the two processes would wait for each other
twenty times a batch. So pipes are made wider where the system lets them be, and a reply is taken in one reading, with those
behind it that are there already.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pickle
import select
import struct
import time
from typing import IO, Any

_HEADER = struct.Struct("<Q")
# What Linux gives to anybody (/proc/sys/fs/pipe-max-size).
_PIPE_BYTES = 1 << 20
_PIECE_BYTES = 1 << 16
_SET_SIZE: int | None = getattr(fcntl, "F_SETPIPE_SZ", None)  # Linux alone


def widen(stream: IO[bytes]) -> None:
    """Lets the pipe hold a megabyte, where the system has such a thing and grants it."""
    if _SET_SIZE is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(stream.fileno(), _SET_SIZE, _PIPE_BYTES)


def send(stream: IO[bytes], value: Any) -> None:
    """Writes a message. Nothing else may be waiting in the buffer of ``stream``."""
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    descriptor = stream.fileno()
    written = os.writev(descriptor, (_HEADER.pack(len(data)), data)) - _HEADER.size
    rest = memoryview(data)
    if written < 0:  # not even the whole length, which no pipe does to so few bytes
        raise BrokenPipeError("the pipe took a part of a message's length")
    while written < len(data):
        written += os.write(descriptor, rest[written:])


def receive(stream: IO[bytes]) -> Any:
    """The next message, however long it takes. Raises ``EOFError`` where there is none."""
    header = stream.read(_HEADER.size)
    if not header:
        raise EOFError
    return pickle.loads(stream.read(_HEADER.unpack(header)[0]))


class Replies:
    """Messages from a pipe that nobody else reads, each awaited until its deadline."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._descriptor = stream.fileno()
        self._events = select.poll()
        self._events.register(self._descriptor, select.POLLIN)
        self._waiting = bytearray()

    def next(self, deadline: float) -> Any:
        """The next message. Raises ``TimeoutError`` after ``deadline`` (of ``time.monotonic``), ``EOFError`` if the pipe
        ends."""
        (length,) = _HEADER.unpack(self._take(_HEADER.size, deadline))
        return pickle.loads(self._take(length, deadline))

    def _take(self, size: int, deadline: float) -> bytearray:
        while len(self._waiting) < size:
            if not self._events.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TimeoutError
            piece = os.read(self._descriptor, max(_PIECE_BYTES, min(size, _PIPE_BYTES)))
            if not piece:
                raise EOFError
            self._waiting += piece
        taken = self._waiting[:size]
        del self._waiting[:size]
        return taken
