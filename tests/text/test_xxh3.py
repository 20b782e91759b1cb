"""The compiled hash is that of the library, at every length and of any bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from text.hashing import hash64
from text.xxh3 import LONGEST, xxh3


def hashed(data: bytes) -> int:
    padded = data + bytes(-len(data) % 8 + 8)
    return int(xxh3(np.frombuffer(padded, np.uint64), len(data)))


def test_every_length() -> None:
    data = bytes(range(7, 7 + LONGEST))
    assert [hashed(data[:size]) for size in range(1, LONGEST + 1)] == [
        hash64(data[:size]) for size in range(1, LONGEST + 1)
    ]


@given(st.binary(min_size=1, max_size=LONGEST))
def test_any_bytes(data: bytes) -> None:
    assert hashed(data) == hash64(data)
