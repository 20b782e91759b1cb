"""Stars compare before they join, lose no pair for a bad centre, and don't depend on where documents lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import buckets
from dedup.buckets import STARS_PER_BUCKET, LargeBucket, estimates, pack, packed_width, tolerance, verified_stars
from dedup.minhash import signature
from text.hashing import hash64s

PLACES = 120


def sketch(kind: int, changed: int = 0) -> np.ndarray:
    """A signature of a kind with so many places of its own."""
    values = hash64s([f"{kind} {place}" for place in range(PLACES)])
    values[:changed] = hash64s([f"{kind} {changed} {place}" for place in range(changed)])
    return (values >> np.uint64(32)).astype(np.uint32)


def stars(keys: list[int], sketches: list[np.ndarray], where: list[int] | None = None, ranks: list[int] | None = None):
    count = len(keys)
    edges = verified_stars(
        np.array(keys, np.uint64),
        np.array(range(count) if ranks is None else ranks, np.uint64),
        np.array(range(count) if where is None else where, np.int64),
        pack(np.stack(sketches)) if count else np.empty((0, packed_width(PLACES)), np.uint8),
        PLACES,
        0.7,
    )
    return [tuple(edge) for edge in edges.tolist()]


@pytest.mark.parametrize("overlap", [0, 200, 350, 450, 500])
def test_packed_signatures_estimate_the_same_similarity(overlap: int) -> None:
    one, other = (signature(hash64s([str(n) for n in range(start, start + 500)]), 480) for start in (0, 500 - overlap))
    true = overlap / (1000 - overlap)
    (estimate,) = estimates(pack(one[None]), pack(other[None]), 480)
    assert abs(estimate - true) <= tolerance(true, 480) + 1e-9


def test_a_packed_signature_takes_two_bits_a_place() -> None:
    assert pack(sketch(1)[None]).shape == (1, packed_width(PLACES)) == (1, 30)


def differing(places: int) -> np.ndarray:
    """``sketch(1)`` with another lowest bit in so many places."""
    values = sketch(1)
    values[:places] ^= np.uint32(1)
    return values


def test_bits_are_packed_plane_by_plane() -> None:
    assert pack(np.array([[0, 1, 2, 3, 4, 5, 6, 7, 1]], np.uint32)).tolist() == [[0b01010101, 0x80, 0b00110011, 0]]
    assert [packed_width(places) for places in (1, 8, 9, 16, 120)] == [2, 2, 4, 4, 30]


@pytest.mark.parametrize("bit", [1, 2, 3])
def test_places_differ_by_either_bit_and_chance_is_taken_out(bit: int) -> None:
    one = np.zeros((3, 40), np.uint32)
    other = one.copy()
    other[1, :10] = bit
    other[2] = bit
    assert estimates(pack(one), pack(other), 40).tolist() == pytest.approx([1, 2 / 3, -1 / 3])


def test_the_tolerance_is_three_standard_errors_of_the_estimate() -> None:
    agreement = 0.25 + 0.75 * 0.7
    assert tolerance(0.7, PLACES) == pytest.approx(3 * (agreement * (1 - agreement) / PLACES) ** 0.5 / 0.75)
    assert tolerance(0.7, PLACES) == pytest.approx(0.15248, abs=1e-5)
    assert tolerance(1.0, PLACES) == 0


def test_pairs_within_the_tolerance_are_joined_and_no_others() -> None:
    # 0.7 less 0.152 is 0.5475; 40 places of 120 that differ make 0.556, 41 make 0.544.
    assert stars([7, 7], [sketch(1), differing(40)]) == [(0, 1)]
    assert stars([7, 7], [sketch(1), differing(41)]) == []


def test_where_only_equal_ones_are_wanted_equal_ones_are_joined() -> None:
    packed = pack(np.stack([sketch(1), sketch(1), differing(1)]))
    everyone = np.arange(3)
    edges = verified_stars(np.full(3, 7, np.uint64), everyone.astype(np.uint64), everyone, packed, PLACES, 1.0)
    assert edges.tolist() == [[0, 1]] and edges.dtype == np.int64


def test_ranks_choose_the_centre_and_pointers_among_equal_ranks() -> None:
    sketches = [sketch(1), differing(30), differing(60)]
    # From the middle one both are within 30 places, from either end only the middle one.
    assert stars([7] * 3, sketches, ranks=[1, 0, 2]) == [(0, 1), (1, 2)]
    assert stars([7] * 3, sketches, ranks=[0, 1, 2]) == [(0, 1)]
    assert stars([7] * 3, sketches, where=[5, 3, 9], ranks=[0, 0, 0]) == [(3, 5), (3, 9)]


def test_alike_ones_are_tied_to_the_first() -> None:
    assert stars([7, 7, 7], [sketch(1)] * 3) == [(0, 1), (0, 2)]


def test_nobody_is_tied_to_an_unlike_centre_and_the_others_are_starred_again() -> None:
    kinds = [1, 2, 1, 2, 3, 2]
    assert stars([7] * 6, [sketch(kind) for kind in kinds]) == [(0, 2), (1, 3), (1, 5)]


def test_buckets_keep_to_themselves() -> None:
    assert stars([1, 2, 1, 2], [sketch(1)] * 4) == [(0, 2), (1, 3)]


def test_a_pair_of_several_buckets_is_one_edge_and_a_document_never_meets_itself() -> None:
    assert stars([1, 1, 2, 2, 3, 3], [sketch(1)] * 6, where=[5, 9, 9, 5, 5, 5], ranks=[0, 1, 1, 0, 0, 0]) == [(5, 9)]


def test_no_entries_and_lonely_ones() -> None:
    assert stars([], []) == stars([1, 2, 3], [sketch(1)] * 3) == []


def test_after_so_many_stars_the_rest_is_tied_uncompared() -> None:
    assert STARS_PER_BUCKET == 256, "as docs/decisions.md says"
    count = STARS_PER_BUCKET + 10
    edges = stars([7] * count, [sketch(kind) for kind in range(count)])
    assert edges == [(STARS_PER_BUCKET - 1, other) for other in range(STARS_PER_BUCKET, count)]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from([0, 20, 40, 60])), max_size=12),
    st.randoms(),
)
def test_where_documents_lie_changes_no_pair(entries: list, shuffler) -> None:
    keys = [key for key, _, _ in entries]
    sketches = [sketch(kind, changed) for _, kind, changed in entries]
    places = list(range(100, 100 + len(entries)))
    shuffler.shuffle(places)
    document = {place: number for number, place in enumerate(places)}
    elsewhere = stars(keys, sketches, where=places)
    assert sorted(tuple(sorted((document[a], document[b]))) for a, b in elsewhere) == stars(keys, sketches)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0, 20, 40, 60]), st.integers(0, 9)), max_size=20),
    st.integers(1, 6), st.sampled_from([2, 3, 256]),
)  # fmt: skip
def test_a_bucket_that_comes_some_at_a_time_has_the_edges_of_one_that_comes_whole(
    entries: list, at_once: int, most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "STARS_PER_BUCKET", most)
        sketches = [sketch(kind, changed) for kind, changed, _ in entries]
        where = [pointer for _, _, pointer in entries]  # a document may be there twice
        whole = stars([7] * len(entries), sketches, where)
        bucket, found = LargeBucket(PLACES, 0.7), set()
        for start in range(0, len(entries), at_once):
            packed = pack(np.stack(sketches[start : start + at_once]))
            edges = bucket.edges(np.array(where[start : start + at_once], np.int64), packed)
            assert edges.tolist() == sorted(edges.tolist())
            found.update(map(tuple, edges.tolist()))
        assert sorted(found) == whole
