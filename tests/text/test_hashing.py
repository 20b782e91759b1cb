"""Hashes are pinned: a change would silently reorder everything that gristmill decides by them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from text.hashing import GOLDEN, document_id, hash64, hash64s, hash128_hex, ngram_hashes, splitmix64


def test_values_are_pinned() -> None:
    assert hash64("grist") == 6857132580295608753
    assert hash64("grist", seed=1) != hash64("grist")
    assert hash128_hex("grist") == "4c0bd65dd433b0ddf56c812e371b3a24"
    assert document_id("http://a.example/", "2024-01-01", b"x") == "624a2653c7db4535b0f277162fae6edc"


def test_text_is_hashed_as_utf8_and_lone_surrogates_pass() -> None:
    assert hash64("é") == hash64("é".encode())
    assert hash64("\ud800") != hash64("\ud801")


@given(st.lists(st.text(), max_size=20), st.integers(0, 2**64 - 1))
def test_many_at_once_are_the_same_as_one_by_one(items: list[str], seed: int) -> None:
    hashes = hash64s(items, seed)
    assert hashes.dtype == np.uint64
    assert hashes.tolist() == [hash64(item, seed) for item in items]


@given(st.tuples(st.text(), st.text(), st.binary()), st.tuples(st.text(), st.text(), st.binary()))
def test_ids_tell_triples_apart(one: tuple[str, str, bytes], other: tuple[str, str, bytes]) -> None:
    assert (document_id(*one) == document_id(*other)) == (one == other)


def test_fields_of_an_id_do_not_run_into_each_other() -> None:
    assert document_id("ab", "c", b"d") != document_id("a", "bc", b"d")
    assert document_id("a", "bc", b"d") != document_id("a", "b", b"cd")


def test_splitmix64_gives_the_published_sequence() -> None:
    # The generator with seed 0 adds GOLDEN before each number (Vigna's splitmix64.c prints these first three).
    with np.errstate(over="ignore"):
        states = np.arange(1, 4, dtype=np.uint64) * GOLDEN
    assert [hex(value) for value in splitmix64(states)] == [
        "0xe220a8397b1dcdaf", "0x6e789e6aa1b965f4", "0x6c45d188009454f",
    ]  # fmt: skip
    assert states[0] == GOLDEN  # the argument stays


def test_ngrams_are_hashed_in_order() -> None:
    one, two, three = (np.array(values, np.uint64) for values in ([1, 2, 3], [2, 1], [7]))
    assert len(ngram_hashes(one, 2)) == 2 and len(ngram_hashes(three, 2)) == 0
    assert ngram_hashes(one, 2)[0] != ngram_hashes(two, 2)[0]
    assert ngram_hashes(one, 1).tolist() == splitmix64(one).tolist()
