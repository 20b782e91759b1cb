"""Signatures estimate the Jaccard similarity of shingle sets; bands find what is similar and mix nothing up.

datasketch is the reference: its estimates and its LSH, fed our signatures.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given
from hypothesis import strategies as st

from dedup.minhash import band_keys, detection, jaccard, signature, similarity, standard_error
from text.hashing import hash64, hash64s

PLACES = 120


def numbered(start: int, stop: int) -> np.ndarray:
    """A set of so many shingles."""
    return np.sort(hash64s([f"shingle {number}" for number in range(start, stop)]))


@pytest.mark.parametrize("places", [PLACES, 512])
@pytest.mark.parametrize("overlap", [0, 100, 300, 450, 490, 500])
def test_the_estimate_lies_within_three_standard_errors(overlap: int, places: int) -> None:
    one, other = numbered(0, 500), numbered(500 - overlap, 1000 - overlap)
    true = jaccard(one, other)
    assert true == overlap / (1000 - overlap)
    (estimate,) = similarity(signature(one, places), signature(other, places)[None])
    assert abs(estimate - true) <= 3 * standard_error(true, places)


def test_estimates_scatter_as_the_formula_says() -> None:
    pairs = [(numbered(n, n + 80), numbered(n + 20, n + 100)) for n in range(0, 60_000, 200)]
    found = [similarity(signature(a, PLACES), signature(b, PLACES)[None])[0] for a, b in pairs]
    assert abs(np.mean(found) - 0.6) < 3 * standard_error(0.6, PLACES) / len(pairs) ** 0.5
    assert 0.85 < np.std(found) / standard_error(0.6, PLACES) < 1.15


def reference(shingles: np.ndarray, places: int) -> MinHash:
    sketch = MinHash(num_perm=places, seed=1, hashfunc=int)
    sketch.update_batch((shingles >> np.uint64(32)).tolist())
    return sketch


@pytest.mark.parametrize("overlap", [100, 250, 400, 480])
def test_estimates_agree_with_those_of_datasketch(overlap: int) -> None:
    one, other = numbered(0, 500), numbered(500 - overlap, 1000 - overlap)
    true = overlap / (1000 - overlap)
    (ours,) = similarity(signature(one, 512), signature(other, 512)[None])
    theirs = reference(one, 512).jaccard(reference(other, 512))
    # Two independent estimates of one number.
    assert abs(ours - theirs) <= 3 * 2**0.5 * standard_error(true, 512)


def test_the_lsh_of_datasketch_fed_our_signatures_finds_the_same_candidates() -> None:
    bands, rows = 10, 4
    sets = [numbered(7 * n, 7 * n + 60) for n in range(40)]
    signatures = np.stack([signature(shingles, bands * rows) for shingles in sets])
    lsh = MinHashLSH(num_perm=bands * rows, params=(bands, rows))
    sketches = []
    for number, values in enumerate(signatures):
        sketch = MinHash(num_perm=bands * rows, seed=1)
        sketch.hashvalues = values.astype(np.uint64)
        sketches.append(sketch)
        lsh.insert(number, sketch)
    theirs = {tuple(sorted((n, m))) for n, sketch in enumerate(sketches) for m in lsh.query(sketch) if m != n}
    keys = band_keys(signatures, bands, rows)
    ours = {(n, m) for n, m in itertools.combinations(range(40), 2) if (keys[n] == keys[m]).any()}
    assert ours == theirs and 20 < len(ours) < 400


@pytest.mark.parametrize("size", [1, 127, 128, 129, 1000])
def test_a_set_is_the_sum_of_its_halves(size: int) -> None:
    whole = numbered(0, size)
    halves = [signature(part, PLACES) for part in (whole[: size // 2], whole[size // 2 :])]
    assert signature(whole, PLACES).tolist() == np.minimum(*halves).tolist()


@given(st.lists(st.integers(0, 2**64 - 1), max_size=11), st.sampled_from([1, 3, 7, 16, 21]))
def test_a_signature_is_what_its_definition_says(shingles: list[int], places: int) -> None:
    factors = [hash64(f"minhash {place}") | 1 for place in range(places)]
    expected = [min([shingle * factor % 2**64 for shingle in shingles], default=2**64 - 1) >> 32 for factor in factors]
    found = signature(np.array(shingles, np.uint64), places)
    assert found.dtype == np.uint32 and found.tolist() == expected


def test_order_and_repetitions_change_nothing() -> None:
    whole = numbered(0, 300)
    assert signature(np.concatenate([whole[::-1], whole[:50]]), PLACES).tolist() == signature(whole, PLACES).tolist()


def test_more_places_begin_with_the_fewer_ones() -> None:
    assert signature(numbered(0, 50), 200)[:PLACES].tolist() == signature(numbered(0, 50), PLACES).tolist()


def test_signatures_and_keys_are_the_same_in_every_version() -> None:
    """Runs are continued with the signatures that they have stored."""
    found = signature(numbered(0, 50), 4)
    assert found.dtype == np.uint32 and found.tolist() == [7604426, 103017757, 173018238, 215240477]
    assert (
        band_keys(found[None], 2, 2).tolist()
        == band_keys(found[None], 2, 2, salt=0).tolist()
        == [[13666841540858061277, 4744680737594030606]]
    )


def test_the_signature_of_nothing_is_the_largest() -> None:
    assert signature(numbered(0, 0), 4).tolist() == [2**32 - 1] * 4


def test_an_order_is_a_bijection() -> None:
    """Multipliers are odd: shingles that differ in their highest bit alone still have different ranks."""
    pair = np.array([1 << 63, 0], np.uint64)
    assert (signature(pair[:1], PLACES) == 1 << 31).all()
    assert (signature(pair, PLACES) == 0).all()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [([], [], 0.0), ([1], [], 0.0), ([1], [1], 1.0), ([1, 2, 3], [2, 3, 4, 5], 0.4), ([1, 2], [3], 0.0)],
)
def test_jaccard_is_the_share_of_common_ones(one: list[int], other: list[int], expected: float) -> None:
    assert jaccard(np.array(one, np.uint64), np.array(other, np.uint64)) == expected


def test_formulas() -> None:
    assert standard_error(0.7, 120) == pytest.approx(0.041833, abs=1e-6)
    assert detection(0.7, 20, 6) == pytest.approx(1 - (1 - 0.7**6) ** 20)
    assert detection(0.5, 2, 1) == 0.75


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
    rows = np.stack([signature(numbered(place, place + 50), 112) for place in range(6)])
    together = band_keys(rows, 14, 8, 7)
    alone = np.concatenate([band_keys(rows[place : place + 1], 14, 8, 7) for place in range(6)])
    assert (together == alone).all()


@pytest.mark.parametrize(("bands", "rows", "shared"), [(20, 6, 350), (14, 8, 350), (20, 13, 400), (20, 6, 300)])
def test_bands_find_pairs_as_often_as_the_formula_says(bands: int, rows: int, shared: int) -> None:
    found, pairs = 0, 300
    for pair in range(pairs):
        one, other = (
            numbered(start + 1000 * pair, start + 1000 * pair + 225 + shared // 2) for start in (0, 225 - shared // 2)
        )
        keys = band_keys(np.stack([signature(s, bands * rows) for s in (one, other)]), bands, rows)
        found += bool((keys[0] == keys[1]).any())
    expected = detection(shared / 450, bands, rows)
    assert abs(found / pairs - expected) <= 3 * np.sqrt(expected * (1 - expected) / pairs)
