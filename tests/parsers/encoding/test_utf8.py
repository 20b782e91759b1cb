"""Valid UTF-8 is told as Python's decoder tells it, at every place of eight bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.encoding.utf8 import continuations


def expected(data: bytes) -> int:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return -1
    return -1 if "\ufffd" in text else len(data) - len(text)


EDGES = [
    "\x7f",
    "\x80",
    "\u07ff",
    "\u0800",
    "\ud7ff",
    "\ue000",
    "\ufffc",
    "\ufffe",
    "\uffff",
    "\U00010000",
    "\U0010ffff",
    "\ufffd",
    "\uff7d",
    "\uefbd",
]
BROKEN = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc2", b"\xc2\x7f", b"\xc2\xc0", b"\xe0\x9f\xbf", b"\xe0\xa0", b"\xed\xa0\x80", b"\xed\xbf\xbf",
          b"\xe1\x80", b"\xe1\x80\x7f", b"\xe1\x7f\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x90\x80", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf1\x80\x80\xc0",
          b"\xf1\x80\x41\x80", b"\xff", b"\xfe"]  # fmt: skip


@pytest.mark.parametrize("piece", [*(edge.encode() for edge in EDGES), *BROKEN])
def test_the_ends_of_each_range(piece: bytes) -> None:
    for before in range(18):
        for after in (0, 1, 9, 24):
            data = b"a" * before + piece + b"b" * after
            assert continuations(data) == expected(data), data


@pytest.mark.parametrize("size", range(20))
def test_ascii_continues_nothing(size: int) -> None:
    assert continuations(b"a" * size) == 0


@given(
    st.lists(
        st.sampled_from([*(edge.encode() for edge in EDGES), *BROKEN, b"a", b"a" * 7, b"a" * 8, b"a" * 17]), max_size=8
    ).map(b"".join)
    | st.binary(max_size=40)
)
def test_any_bytes(data: bytes) -> None:
    assert continuations(data) == expected(data)
