"""One verdict a row, whatever the order in which they come."""

from __future__ import annotations

import itertools

from pipeline.run_state import Part
from pipeline.transforms.verdict_tables import Verdict, unpacked, verdict_rows


def test_each_row_has_its_verdict_or_nothing() -> None:
    assert verdict_rows(3, "urls", [Verdict(2, "older_capture", None, "id"), Verdict(0, "too_short", 3.0)]) == [
        {"stage": "urls", "reason": "too_short", "score": 3.0, "detail": None, "unique_words": None},
        {},
        {"stage": "urls", "reason": "older_capture", "score": None, "detail": "id", "unique_words": None},
    ]
    assert verdict_rows(0, "urls", []) == []


def test_of_several_verdicts_the_first_by_content_counts() -> None:
    verdicts = [
        Verdict(0, "near", 0.7, "b"),
        Verdict(0, "near", 0.9, "a"),
        Verdict(0, "exact", 1.0),
        Verdict(1, "near"),
    ]
    for order in itertools.permutations(verdicts):
        found = verdict_rows(2, "documents", order)
        assert [row["reason"] for row in found] == ["exact", "near"]
    for order in itertools.permutations(verdicts[:2]):
        assert verdict_rows(1, "documents", order)[0]["detail"] == "a"


def test_verdicts_come_back_from_a_shuffle_as_tuples() -> None:
    assert list(unpacked(Part(0, 9), [(3, "too_short", 2.0, None), (4, "near")])) == [
        Verdict(3, "too_short", 2.0),
        Verdict(4, "near"),
    ]
