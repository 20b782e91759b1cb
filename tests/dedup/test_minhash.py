"""Signatures estimate the Jaccard similarity of 5-word shingles; bands find what is similar and mix nothing up."""

from __future__ import annotations

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.minhash import SHINGLE_WORDS, band_keys, signature, similarity
from text.hashing import hash64s, ngram_hashes

PLACES = 112


def numbered(start: int, stop: int) -> list[str]:
    return [f"word{number}" for number in range(start, stop)]


def shingles(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[place : place + SHINGLE_WORDS]) for place in range(len(words) - SHINGLE_WORDS + 1)}


@pytest.mark.parametrize("places", [PLACES, 512])
@pytest.mark.parametrize("overlap", [0, 100, 300, 450, 490, 500])
def test_the_estimate_lies_within_three_standard_errors(overlap: int, places: int) -> None:
    one, other = numbered(0, 500), numbered(500 - overlap, 1000 - overlap)
    true = len(shingles(one) & shingles(other)) / len(shingles(one) | shingles(other))
    (estimate,) = similarity(signature(one, places), signature(other, places)[None])
    assert abs(estimate - true) <= 3 * np.sqrt(true * (1 - true) / places)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from("the mill turns in the wind and grinds".split()), max_size=60))
def test_a_signature_is_datasketch_s_own_of_the_same_hashes(words: list[str]) -> None:
    theirs = MinHash(num_perm=PLACES, seed=1, hashfunc=lambda shingle: shingle)
    for shingle in ngram_hashes(hash64s(words), min(SHINGLE_WORDS, max(1, len(words)))):
        theirs.update(int(shingle) >> 32)
    ours = signature(words, PLACES)
    assert ours.dtype == np.uint32 and ours.tolist() == theirs.hashvalues.tolist()


def test_a_long_document_is_the_sum_of_its_chunks() -> None:
    halves = [signature(numbered(0, 5004), PLACES), signature(numbered(5000, 10_000), PLACES)]
    assert signature(numbered(0, 10_000), PLACES).tolist() == np.minimum(*halves).tolist()


def test_repeated_shingles_count_once() -> None:
    assert signature(numbered(0, 9) * 2, PLACES).tolist() == signature(numbered(0, 9) * 7, PLACES).tolist()


def test_the_order_of_words_matters() -> None:
    words = numbered(0, 200)
    assert similarity(signature(words, PLACES), signature(words[::-1], PLACES)[None])[0] < 0.1


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_documents_shorter_than_a_shingle_are_compared_as_a_whole(length: int) -> None:
    words = numbered(0, length)
    assert similarity(signature(words, PLACES), signature(list(words), PLACES)[None]).tolist() == [1.0]
    for other in (words[:-1] + ["changed"], words + ["more"]):
        assert similarity(signature(words, PLACES), signature(other, PLACES)[None])[0] < 0.1


def test_similarity_is_the_share_of_equal_places() -> None:
    one = np.array([1, 2, 3, 4], np.uint32)
    others = np.array([[1, 2, 3, 4], [1, 2, 3, 5], [5, 6, 7, 8], [4, 3, 2, 1]], np.uint32)
    assert similarity(one, others).tolist() == [1.0, 0.75, 0.0, 0.0]


signatures = st.integers(1, 5).flatmap(
    lambda documents: st.lists(
        st.lists(st.integers(0, 2), min_size=12, max_size=12), min_size=documents, max_size=documents
    )
).map(lambda rows: np.array(rows, np.uint32))  # fmt: skip


@given(signatures, st.integers(0, 2**63 - 1))
def test_two_documents_share_a_key_exactly_where_all_rows_of_a_band_agree(rows: np.ndarray, salt: int) -> None:
    keys = band_keys(rows, bands=4, rows=3, salt=salt)
    assert keys.shape == (len(rows), 4) and keys.dtype == np.uint64
    grouped = rows.reshape(len(rows), 4, 3)
    equal_rows = (grouped[:, None] == grouped[None]).all(axis=3)
    assert ((keys[:, None] == keys[None]) == equal_rows).all()


def test_equal_rows_in_different_bands_have_different_keys() -> None:
    keys = band_keys(np.zeros((1, 112), np.uint32), bands=14, rows=8)
    assert len(set(keys[0].tolist())) == 14


def test_salts_are_kept_apart() -> None:
    rows = np.arange(112, dtype=np.uint32)[None]
    keys = [band_keys(rows, 14, 8, salt) for salt in (0, 1, 2, 2**40, 2**63)]
    assert len(np.unique(np.concatenate(keys))) == 5 * 14


def test_a_key_does_not_depend_on_the_documents_beside_it() -> None:
    rows = np.stack([signature(numbered(place, place + 50), PLACES) for place in range(6)])
    together = band_keys(rows, 14, 8, 7)
    alone = np.concatenate([band_keys(rows[place : place + 1], 14, 8, 7) for place in range(6)])
    assert (together == alone).all()


def test_bands_find_pairs_as_often_as_the_formula_says() -> None:
    # 1 - (1 - s^8)^14 (Leskovec et al., ch. 3.4): 0.93 at s = 0.80. 200 pairs of documents at that similarity.
    found = 0
    for pair in range(200):
        words = [f"{pair}-{number}" for number in range(454)]
        rows = np.stack([signature(words[:404], PLACES), signature(words[50:], PLACES)])
        keys = band_keys(rows, 14, 8)
        found += bool((keys[0] == keys[1]).any())
    true = 350 / 450
    expected = 1 - (1 - true**8) ** 14
    assert abs(found / 200 - expected) <= 3 * np.sqrt(expected * (1 - expected) / 200)
