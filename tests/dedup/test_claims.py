"""Of all that share a key the best stays, and every other one learns its id."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.claims import LOSER, best_of_each, losers, make_claims, survivor_id

dates = st.sampled_from(["", "2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z"])
rows = st.tuples(st.integers(0, 3), st.integers(0, 5), dates, st.integers(1, 3))


def lost(claims: list[tuple[int, int, str, int]], order: list[str], where: list[int]) -> list[tuple[int, str, bool]]:
    keys, ids, dates, words = zip(*claims, strict=True) if claims else ((), (), (), ())
    packed = make_claims([f"{key:032x}" for key in keys], [f"{i:032x}" for i in ids], list(dates), list(words), where)
    return sorted((int(row["pointer"]), survivor_id(row), bool(row["identical"])) for row in losers(packed, order))


@given(st.lists(rows, max_size=12))
def test_the_newest_stays_then_the_longest_then_the_smallest_id(claims: list) -> None:
    best: dict[int, tuple] = {}
    for key, identity, date, words in claims:
        best[key] = max(best.get(key, ("", 0, -99)), (date, words, -identity))
    found = lost(claims, ["newest", "longest"], list(range(len(claims))))
    assert len(found) == len(claims) - len(best)
    for pointer, survivor, identical in found:
        key, identity, _, _ = claims[pointer]
        assert survivor == f"{-best[key][2]:032x}"
        assert identical == (identity == -best[key][2])


@given(st.lists(rows, max_size=12), st.randoms())
def test_the_order_of_arrival_changes_nothing(claims: list, shuffler) -> None:
    order = list(range(len(claims)))
    shuffler.shuffle(order)
    for criteria in (["newest"], ["oldest", "shortest"], []):
        one = lost(claims, criteria, list(range(len(claims))))
        other = lost([claims[i] for i in order], criteria, list(range(len(claims))))
        # Where two claims have one id, either may go.
        summary = [
            sorted((claims[p], s, same) for p, s, same in one),
            sorted((claims[order[p]], s, same) for p, s, same in other),
        ]
        if len({(key, identity) for key, identity, _, _ in claims}) == len(claims):
            assert summary[0] == summary[1]


@given(st.lists(st.tuples(rows, st.integers(0, 3)), max_size=12))
def test_in_stretches_the_same_go_for_the_same(dealt: list) -> None:
    order = ["newest", "longest"]
    columns = list(zip(*(claim for claim, _ in dealt), strict=True)) or [(), (), (), ()]
    keys, ids = ([f"{number:032x}" for number in numbers] for numbers in columns[:2])
    claims = make_claims(keys, ids, list(columns[2]), list(columns[3]), range(len(dealt)))
    stretch = np.array([number for _, number in dealt], int)
    stretches = [claims[stretch == number] for number in range(4)]
    best = [best_of_each(claims, order) for claims in stretches]
    assert all(len(found) == len(np.unique(found["key_low"])) for found in best)
    elsewhere = losers(np.concatenate(best), order)
    found = np.concatenate([losers(claims, order, elsewhere) for claims in stretches])
    assert np.array_equal(np.sort(found, order="pointer"), np.sort(losers(claims, order), order="pointer"))
    assert found.dtype == LOSER


def test_dates_and_ids_come_through_whole() -> None:
    one, other = "0" * 31 + "1", "f" * 32
    packed = make_claims(
        ["ab" * 16] * 2, [one, other], ["2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z"], [1, 1], [4, 5]
    )
    (found,) = losers(packed, ["newest"])
    assert (int(found["pointer"]), survivor_id(found)) == (4, other)
    assert np.dtype(packed.dtype).itemsize == 68
