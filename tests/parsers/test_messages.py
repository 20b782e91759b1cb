"""Messages through pipes: whole ones, several at once, and what becomes of deadlines and ends."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from parsers.messages import Replies, receive, send, widen


@pytest.fixture
def pipe() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb") as target:
        yield source, target


def soon() -> float:
    return time.monotonic() + 60


def test_messages_come_one_by_one_in_their_order(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    source, target = pipe
    for value in ("one", {"two": b"2"}, None):
        send(target, value)
    replies = Replies(source)
    assert [replies.next(soon()) for _ in range(3)] == ["one", {"two": b"2"}, None]


def test_a_message_larger_than_a_pipe_comes_whole_both_ways(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    source, target = pipe
    large = [os.urandom(1 << 20) for _ in range(3)]
    for take in (lambda: receive(source), lambda: Replies(source).next(soon())):
        writing = threading.Thread(target=send, args=(target, large))
        writing.start()
        assert take() == large
        writing.join()


def test_what_comes_too_late_is_a_timeout_and_is_not_lost(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    source, target = pipe
    replies = Replies(source)
    with pytest.raises(TimeoutError):
        replies.next(time.monotonic() - 1)
    send(target, "late")
    assert replies.next(soon()) == "late"


def test_the_end_of_a_pipe_is_an_end_also_in_the_middle_of_a_message(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    source, target = pipe
    send(target, "whole")
    os.write(target.fileno(), b"\x09\x00\x00")
    target.close()
    replies = Replies(source)
    assert replies.next(soon()) == "whole"
    with pytest.raises(EOFError):
        replies.next(soon())


def test_no_message_is_an_end_for_who_waits_without_a_deadline(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    source, target = pipe
    target.close()
    with pytest.raises(EOFError):
        receive(source)


@pytest.mark.skipif(not hasattr(fcntl, "F_GETPIPE_SZ"), reason="pipes have a size on Linux alone")
def test_a_wide_pipe_holds_a_batch_of_pages(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    _, target = pipe
    before = fcntl.fcntl(target.fileno(), fcntl.F_GETPIPE_SZ)
    widen(target)
    assert fcntl.fcntl(target.fileno(), fcntl.F_GETPIPE_SZ) >= before


def test_what_is_no_pipe_stays_as_it_is(tmp_path) -> None:
    with open(tmp_path / "file", "wb") as file:
        widen(file)
