"""What hangs together is found, one survivor stays, and a chain of weak links sweeps nothing away."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.clusters import Duplicate, Member, components, find_duplicates, star_edges

PLACES = 20


def smallest_of_component(edges: list[tuple[int, int]]) -> dict[int, int]:
    """The plainest union-find: each pointer's smallest companion."""
    leader = {pointer: pointer for edge in edges for pointer in edge}
    changed = True
    while changed:
        changed = False
        for one, other in edges:
            smallest = min(leader[one], leader[other])
            if leader[one] != smallest or leader[other] != smallest:
                leader[one] = leader[other] = smallest
                changed = True
    return leader


pointers = st.integers(0, 12).map(lambda number: number * 10**15)


@given(st.lists(st.tuples(pointers, pointers), max_size=15))
def test_components_are_those_of_a_plain_union_find(edges: list[tuple[int, int]]) -> None:
    found = components(np.array(edges, np.int64).reshape(-1, 2))
    assert dict(zip(*(array.tolist() for array in found), strict=True)) == smallest_of_component(edges)


@given(st.lists(st.tuples(st.integers(0, 4), pointers), max_size=20))
def test_stars_connect_exactly_what_shares_a_key(entries: list[tuple[int, int]]) -> None:
    keys = np.array([key for key, _ in entries], np.uint64)
    edges = star_edges(keys, np.array([pointer for _, pointer in entries], np.int64))
    pairs = [
        (one, other)
        for (key_one, one), (key_other, other) in itertools.combinations(entries, 2)
        if key_one == key_other and one != other
    ]
    assert smallest_of_component([tuple(edge) for edge in edges.tolist()]) == smallest_of_component(pairs)
    # A star has one edge for each document but its centre, never one for each pair.
    assert len(edges) <= sum(len({p for k, p in entries if k == key}) - 1 for key in {key for key, _ in entries})


def test_a_bucket_of_one_and_a_document_that_meets_itself_give_no_edges() -> None:
    assert star_edges(np.array([1, 2, 2], np.uint64), np.array([10, 20, 20], np.int64)).tolist() == []
    assert star_edges(np.empty(0, np.uint64), np.empty(0, np.int64)).shape == (0, 2)


def member(pointer: int, signature: list[int], date: str = "2024-01-01T00:00:00Z", words: int = 100) -> Member:
    return Member(pointer, f"id{pointer:04d}", date, words, np.array(signature, np.uint32).tobytes())


def agreeing(places: int) -> list[int]:
    """A signature that agrees with ``[0] * PLACES`` in so many places."""
    return [0] * places + list(range(1, PLACES - places + 1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (member(2, [0] * PLACES, date="2024-02-01T00:00:00Z", words=1), member(1, [0] * PLACES, words=900)),
        (member(2, [0] * PLACES, words=101), member(1, [0] * PLACES, words=100)),
        (member(1, [0] * PLACES), member(2, [0] * PLACES)),
        (member(2, [0] * PLACES, date="2024-01-01T00:00:00Z"), member(1, [0] * PLACES, date="")),
    ],
    ids=["the newest stays", "then the longest", "then the smallest id", "any date beats none"],
)
def test_who_survives(one: Member, other: Member) -> None:
    expected = [Duplicate(other.pointer, one.id, 1.0)]
    assert find_duplicates([one, other], 0.7) == find_duplicates([other, one], 0.7) == expected


def test_members_go_from_the_threshold_on() -> None:
    members = [member(1, [0] * PLACES, words=200), member(2, agreeing(14)), member(3, agreeing(13))]
    assert find_duplicates(members, 0.7) == [Duplicate(2, "id0001", 0.7)]


def test_a_chain_of_weak_links_sweeps_nothing_away() -> None:
    # Each of the chain agrees with the next in 16 places of 20, the first and the last in 4.
    chain = [member(step, [100 + step] * (4 * step) + [0] * (PLACES - 4 * step), words=900 - step) for step in range(5)]
    assert [(gone.pointer, gone.survivor) for gone in find_duplicates(chain, 0.75)] == [(1, "id0000")]


def test_what_is_unlike_the_survivor_is_compared_among_itself() -> None:
    members = [
        member(1, [0] * PLACES, words=900),
        member(2, [7] * PLACES, words=800),
        member(3, [7] * PLACES, words=700),
        member(4, [0] * PLACES, words=600),
    ]
    found = {(gone.pointer, gone.survivor) for gone in find_duplicates(members, 0.7)}
    assert found == {(4, "id0001"), (3, "id0002")}


lots = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["", "2023", "2024"]), st.integers(0, 2)), min_size=1, max_size=9
)


@given(lots, st.randoms(use_true_random=False), st.sampled_from([0.5, 0.8, 1.0]))
def test_the_order_of_arrival_changes_nothing(lot: list, shuffler, threshold: float) -> None:
    members = [
        member(number, [0] * (PLACES - 4 * kind) + [number] * (4 * kind), date, words)
        for number, (kind, date, words) in enumerate(lot)
    ]
    shuffled = list(members)
    shuffler.shuffle(shuffled)
    found = find_duplicates(members, threshold)
    assert find_duplicates(shuffled, threshold) == found
    gone = {duplicate.pointer for duplicate in found}
    assert len(gone) == len(found) < len(members)
    assert not {duplicate.survivor for duplicate in found} & {f"id{pointer:04d}" for pointer in gone}
    assert all(duplicate.similarity >= threshold for duplicate in found)
