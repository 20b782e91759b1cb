"""Of documents that share a key the best stays, however they are dealt into parts."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.transforms import best_per_key
from pipeline.transforms.best_per_key import all_but_one
from tests.pipeline.parts import beam_job, document_id, extracted, finished


def _row(name: str, key: str, date: str, words: int = 10) -> dict:
    hashed = hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
    return {"id": document_id(name), "url_key": hashed, "date": date, "words": words}


def _verdicts(folder, *parts: list[dict], order: list[str], identical: str | None = None) -> dict:
    """By id, (reason, the id of the one that stays) of all that go; twice the same id counts twice."""
    run = extracted(folder, *parts)
    with beam_job() as job:
        all_but_one(job, run, "urls", "url_key", order, "older", identical)
    run = run.having(finished(run, "urls"))
    found: dict = {}
    for part in run.parts():
        ids = part.read("extract", "features", ["id"])["id"].to_pylist()
        for identity, row in zip(ids, part.read("urls", "verdicts").to_pylist(), strict=True):
            if row["reason"]:
                found.setdefault(identity, []).append((row["reason"], row["detail"]))
    return found


OLD, NEW, OTHER = _row("old", "k", "2024-01-01"), _row("new", "k", "2024-01-02"), _row("other", "l", "2023-01-01")


@pytest.mark.parametrize("parts", [([OLD, NEW, OTHER],), ([OLD], [NEW], [OTHER]), ([NEW, OTHER], [], [OLD])])
def test_the_newest_stays_and_is_named(tmp_path, parts) -> None:
    assert _verdicts(tmp_path, *parts, order=["newest"]) == {OLD["id"]: [("older", NEW["id"])]}


def test_the_order_decides_in_turn_and_ids_break_ties(tmp_path) -> None:
    same_day = [_row(name, "k", "2024-01-01", words) for name, words in (("a", 5), ("b", 9), ("c", 9))]
    survivor = min(same_day[1:], key=lambda row: row["id"])
    found = _verdicts(tmp_path, same_day[:2], same_day[2:], order=["newest", "longest"])
    assert set(found) == {row["id"] for row in same_day} - {survivor["id"]}
    assert {detail for ((_, detail),) in found.values()} == {survivor["id"]}


def test_the_same_record_twice_goes_once_for_a_reason_of_its_own(tmp_path) -> None:
    found = _verdicts(tmp_path, [NEW, OLD], [NEW], order=["newest"], identical="identical")
    assert found == {OLD["id"]: [("older", NEW["id"])], NEW["id"]: [("identical", NEW["id"])]}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from("klm"), st.integers(1, 3), st.integers(0, 2)), max_size=12),
    st.sampled_from([1, 3, 1_000_000]),
)
def test_one_of_each_key_stays_in_any_deal(tmp_path_factory, rows, claims_per_range) -> None:
    documents = [(_row(str(n), key, f"2024-01-0{day}"), part) for n, (key, day, part) in enumerate(rows)]
    parts = [[row for row, where in documents if where == part] for part in range(3)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(best_per_key, "_CLAIMS_PER_RANGE", claims_per_range)
        gone = _verdicts(tmp_path_factory.mktemp("run"), *parts, order=["newest"])
    expected = {}
    for key in {row["url_key"] for row, _ in documents}:
        group = [row for row, _ in documents if row["url_key"] == key]
        best = min(group, key=lambda row: ([-ord(c) for c in row["date"]], row["id"]))
        expected |= {row["id"]: [("older", best["id"])] for row in group if row is not best}
    assert gone == expected
