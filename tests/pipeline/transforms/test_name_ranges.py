"""Ranges of names: the same in any order and for any number of workers, and about equally full."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pipeline.transforms.name_ranges import Cuts, range_of_name

NAMES = st.lists(st.text("abcxyz.-é", min_size=1, max_size=6), unique=True, max_size=400)


def cut(ranges: int, *workers: list[str]) -> tuple[str, ...]:
    combine = Cuts(ranges)
    accumulators = []
    for names in workers:
        accumulators.append(combine.create_accumulator())
        for name in names:
            accumulators[-1] = combine.add_input(accumulators[-1], name)
    return combine.extract_output(combine.merge_accumulators(accumulators))


@given(NAMES, st.integers(1, 9), st.integers(1, 4), st.randoms(use_true_random=False))
def test_cuts_are_the_same_in_any_order(names: list[str], ranges: int, workers: int, draw: random.Random) -> None:
    expected = cut(ranges, names)
    shuffled = draw.sample(names, len(names))
    assert cut(ranges, *(shuffled[number::workers] for number in range(workers))) == expected
    assert len(expected) == (ranges - 1 if names else 0) and list(expected) == sorted(expected)
    places = [range_of_name(name, expected) for name in sorted(names)]
    assert places == sorted(places) and all(0 <= place < ranges for place in places), "ranges follow each other"


def test_ranges_are_about_equally_full_though_names_are_not_spread_evenly() -> None:
    names = [f"www{number}.example" for number in range(9000)] + [
        f"{chr(97 + number % 26)}{number}.org" for number in range(999)
    ]
    cuts = cut(10, names)
    full = Counter(range_of_name(name, cuts) for name in names)
    assert sorted(full) == list(range(10)) and max(full.values()) < 2 * len(names) / 10


def test_one_range_has_no_cut() -> None:
    assert cut(1, ["a", "b"]) == ()
    assert range_of_name("anything", ()) == 0
