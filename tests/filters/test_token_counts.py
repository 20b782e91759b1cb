"""Word counts of a corpus: which words are counted, where, and what a stored table looks like."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from filters.token_counts import BUCKETS, MAX_WORDS_PER_DOCUMENT, TokenCounts, buckets, counting_step
from text.hashing import hash64s


def test_buckets_are_the_same_in_every_version() -> None:
    """Stored tables are continued with: a word must not move."""
    assert BUCKETS == 65_536
    assert buckets(hash64s(["the", "miller", "é", ""])).tolist() == [15741, 16781, 3251, 38082]
    assert buckets(hash64s([])).shape == (0,) and buckets(hash64s(["a"])).dtype == np.int64


def test_all_buckets_are_used_and_evenly() -> None:
    used = np.bincount(buckets(hash64s([f"word{number}" for number in range(400_000)])), minlength=BUCKETS)
    assert used.shape == (BUCKETS,) and abs(int((used == 0).sum()) / BUCKETS - np.exp(-400_000 / BUCKETS)) < 0.002


@pytest.mark.parametrize(
    ("words", "step"),
    [(0, 1), (1, 1), (4096, 1), (4097, 2), (8192, 2), (8193, 3), (10 * MAX_WORDS_PER_DOCUMENT, 10)],
)
def test_of_a_long_document_every_so_manieth_word_is_counted(words: int, step: int) -> None:
    assert counting_step(words) == step
    table = TokenCounts()
    table.add(hash64s(["mill"] * words))
    assert table.counts.sum() == -(-words // step) <= MAX_WORDS_PER_DOCUMENT
    assert table.documents == 1


def test_words_are_taken_from_the_whole_of_a_long_document() -> None:
    table = TokenCounts()
    table.add(hash64s(["first", "second"] * 4096))
    first, second = buckets(hash64s(["first", "second"]))
    assert (table.counts[first], table.counts[second]) == (4096, 0)


def test_a_stored_table_is_magic_documents_buckets_and_counts() -> None:
    table = TokenCounts()
    assert table == TokenCounts() and table.counts.shape == (BUCKETS,)
    table.add(hash64s(["mill", "mill", "wheel"]))
    table.add(hash64s([]))
    data = table.to_bytes()
    assert data[:24] == b"gmcount3" + struct.pack("<qq", 2, 2)
    filled, counts = np.frombuffer(data, "<u2", 2, 24), np.frombuffer(data, "<i8", 2, 28)
    assert filled.tolist() == sorted(buckets(hash64s(["mill", "wheel"])).tolist())
    assert table.counts[filled].tolist() == counts.tolist() and sorted(counts.tolist()) == [1, 2]
    again = TokenCounts.from_bytes(data)
    again.add(hash64s(["mill"]))  # what was read can be added to
    assert again.documents == 3 and again != table


def test_stored_tables_add_up() -> None:
    added, whole = TokenCounts(), TokenCounts()
    for words in (["mill", "mill", "wheel"], ["mill", "race"]):
        table = TokenCounts()
        table.add(hash64s(words))
        added.merge_bytes(table.to_bytes())
        whole.add(hash64s(words))
    assert added == whole and added.documents == 2


@pytest.mark.parametrize(
    "change",
    [lambda d: d[:-1], lambda d: d + b"\0", lambda d: b"x" + d[1:], lambda d: d[:20], lambda d: d[:14], lambda d: b""],
)
def test_other_bytes_are_refused(change) -> None:
    with pytest.raises(ValueError, match="no table of token counts; write them with TokenCounts.to_bytes"):
        TokenCounts.from_bytes(change(TokenCounts().to_bytes()))


def test_tables_differ_by_documents_and_by_counts() -> None:
    one, other = TokenCounts(), TokenCounts()
    one.add(hash64s([]))
    assert one != other
    other.add(hash64s(["mill"]))
    assert one != other and one != "a table"
