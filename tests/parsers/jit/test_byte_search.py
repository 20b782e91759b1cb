"""The next byte is found as Python finds it, from any place on, and none beyond the given size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.jit.byte_search import count_byte, find, holds, may_hold, which_hold, which_may_be


def found(data: bytes, size: int, at: int, byte: int) -> int:
    array = np.frombuffer(data, np.uint8)
    return int(find(array, np.frombuffer(data, np.uint64, len(data) // 8), size, at, byte))


def expected(data: bytes, size: int, at: int, byte: int) -> int:
    place = data.find(bytes([byte]), at, size)
    return place if place >= 0 else size


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 16, 23, 24, 30])
def test_one_byte_at_each_place_from_each_place(size: int) -> None:
    for place in range(size):
        data = b"a" * place + b"<" + b";=" * 20  # neighbours of the byte that is looked for
        for at in range(size + 1):
            assert found(data, size, at, 60) == expected(data, size, at, 60), (place, at)
    assert found(b"a" * 40, size, 0, 60) == size


@pytest.mark.parametrize("byte", [0, 1, 60, 127, 128, 129, 255])
def test_any_byte_is_told_from_its_neighbours(byte: int) -> None:
    others = bytes({(byte + by) % 256 for by in (1, 128, 129, 255)} - {byte}) * 8
    data = others + bytes([byte]) + others
    for at in range(len(others)):
        assert found(data, len(data), at, byte) == len(others)


@given(st.binary(min_size=1, max_size=60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 255))
def test_any_bytes(data: bytes, size: int, at: int, byte: int) -> None:
    size, at = min(size, len(data)), min(at, size, len(data))
    assert found(data, size, at, byte) == expected(data, size, at, byte)


@given(st.binary(max_size=80), st.binary(min_size=4, max_size=6))
def test_four_bytes_in_a_row_are_found_wherever_they_stand(data: bytes, name: bytes) -> None:
    assert may_hold(np.frombuffer(data, np.uint8), name) == (name[:4] in data)
    assert may_hold(np.frombuffer(data + name, np.uint8), name)


@given(st.binary(max_size=80), st.integers(0, 255))
def test_a_byte_is_counted_as_bytes_count_it(data: bytes, byte: int) -> None:
    assert count_byte(np.frombuffer(data, np.uint8), byte) == data.count(bytes([byte]))


@given(st.binary(max_size=80), st.binary(min_size=4, max_size=9), st.integers(0, 5))
def test_a_name_is_found_as_bytes_find_it(data: bytes, name: bytes, rare: int) -> None:
    rare = min(rare, len(name) - 4)
    assert holds(data, name, rare) == (name in data)
    assert holds(data + name, name, rare)
    assert holds(data[: len(name) // 2] + name[rare : rare + 4], name, rare) == (
        name in data[: len(name) // 2] + name[rare : rare + 4]
    )


WORDS = (b"cook", b"gdpr", b"1x2x", b"x 2x")


@given(st.binary(max_size=40), st.sets(st.sampled_from(WORDS)), st.booleans())
def test_words_are_found_in_either_case(data: bytes, said: set[bytes], upper: bool) -> None:
    text = data + b".".join(word.upper() if upper else word for word in said) + data
    found = which_may_be(np.frombuffer(text, np.uint8), np.frombuffer(b"".join(WORDS), np.uint8).reshape(-1, 4))
    folded = bytes(byte | 32 for byte in text)
    assert [found >> place & 1 for place in range(len(WORDS))] == [int(word in folded) for word in WORDS]
    assert all(found >> WORDS.index(word) & 1 for word in said)


def test_several_words_are_looked_for_at_once_and_case_counts() -> None:
    words = np.frombuffer(b"fourgrinmill", np.uint8).reshape(-1, 4)
    for text, bits in ((b"a windmill", 4), (b"four mills", 5), (b"FOUR", 0), (b"gri", 0), (b"", 0)):
        assert which_hold(np.frombuffer(text, np.uint8), words) == bits
