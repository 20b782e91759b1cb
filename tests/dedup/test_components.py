"""Two ways to connected components, one answer: that of the plainest union-find."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.components import components, directed, large_star, range_of, small_star, star_of_one

POINTER = 10**15


def union_find(edges: list[tuple[int, int]]) -> dict[int, int]:
    """Each pointer's smallest companion."""
    leader = {pointer: pointer for edge in edges for pointer in edge}

    def find(pointer: int) -> int:
        while leader[pointer] != pointer:
            leader[pointer] = leader[leader[pointer]]
            pointer = leader[pointer]
        return pointer

    for one, other in edges:
        first, second = sorted((find(one), find(other)))
        leader[second] = first
    return {pointer: find(pointer) for pointer in leader}


def by_stars(edges: np.ndarray, ranges: int) -> tuple[dict[int, int], int]:
    """Labels, and how many stars it took: the driver's loop, with ranges one after the other."""
    unchanged = stars = 0
    while unchanged < 2:
        large = stars % 2 == 0
        outgoing = directed(edges, large)
        target = range_of(outgoing[:, 0], ranges)
        results = [(large_star if large else small_star)(outgoing[target == number]) for number in range(ranges)]
        edges = np.concatenate([new for new, _ in results])
        unchanged = 0 if sum(changed for _, changed in results) else unchanged + 1
        stars += 1
    return {**{int(root): int(root) for root in edges[:, 0]}, **{int(v): int(root) for root, v in edges}}, stars


def check(edges: list[tuple[int, int]]) -> int:
    """Both ways agree with union-find. Returns the number of stars."""
    expected = union_find(edges)
    array = np.array(edges, np.int64).reshape(-1, 2)
    assert dict(zip(*(found.tolist() for found in components(array)), strict=True)) == expected
    labels, stars = by_stars(array, 1)
    assert labels == by_stars(array, 5)[0] == expected
    return stars


pairs = st.tuples(st.integers(0, 25), st.integers(0, 25)).filter(lambda pair: pair[0] != pair[1])


@given(st.lists(pairs.map(lambda pair: (min(pair) * POINTER, max(pair) * POINTER)), max_size=40))
def test_random_graphs(edges: list[tuple[int, int]]) -> None:
    check(edges)


@given(st.permutations(range(60)), st.integers(0, 3))
def test_chains_in_any_numbering(order: list[int], gaps: int) -> None:
    links = list(pairwise(order))
    for gap in range(gaps):
        del links[(gap + 1) * 13]
    check([(min(link), max(link)) for link in links])


def test_a_long_chain_needs_rounds_by_the_logarithm_of_its_length() -> None:
    assert check([(place, place + 1) for place in range(4096)]) <= 2 * 2 * 13


@pytest.mark.parametrize("centre", [0, 500, 999])
def test_a_star_and_a_giant_bucket(centre: int) -> None:
    check([(min(centre, leaf), max(centre, leaf)) for leaf in range(1000) if leaf != centre])
    check([(one, other) for one in range(50) for other in range(one + 1, 50)])


def test_no_edges_have_no_components() -> None:
    assert check([]) == 2


def test_ranges_are_even_for_pointers_in_a_row() -> None:
    counts = np.bincount(range_of(np.arange(8000, dtype=np.int64) | 3 << 32, 8), minlength=8)
    assert counts.min() > 900 and counts.max() < 1100


@given(st.lists(pairs, min_size=1, max_size=40), st.booleans(), st.integers(1, 4))
def test_the_star_of_one_pointer_that_comes_some_at_a_time_has_the_same_edges(
    found: list[tuple[int, int]], large: bool, at_once: int
) -> None:
    edges = np.array([(min(pair), max(pair)) for pair in found], np.int64)
    outgoing = directed(edges, large)
    whole, changed = (large_star if large else small_star)(outgoing)
    pieces, changes = [], 0
    for pointer in np.unique(outgoing[:, 0]).tolist():
        own = outgoing[outgoing[:, 0] == pointer]
        for start in range(0, len(own), at_once):
            some, of_them = star_of_one(own[start : start + at_once], int(own.min()), large)
            pieces += some.tolist()
            changes += of_them
    assert sorted(set(map(tuple, pieces))) == list(map(tuple, whole.tolist()))
    assert bool(changes) == bool(changed)
