"""Law 1: what came in is kept, rejected or failed, record by record and word by word, or the run is not published."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import ledger, tables
from pipeline.commit import Receipt
from pipeline.counts import counts_of, duplicates_of
from pipeline.listing import write_listing
from pipeline.phases import duplicates
from pipeline.run_state import RunState
from recipes import load

KEPT = [
    {"id": "a", "language": "en", "class": "general", "words": 100, "removed_words": 7},
    {"id": "b", "language": "de", "class": "multilingual", "words": 50, "removed_words": 0},
    {"id": "c", "language": "en", "class": "code", "words": 30, "removed_words": 0},
]
REJECTED = [
    {"id": "d", "stage": "extract", "reason": "too_short", "words": 12, "removed_words": 0},
    {"id": "e", "stage": "lines", "reason": "too_short", "words": 3, "removed_words": 40},
    {"id": "f", "stage": "extract", "reason": "too_short", "words": 8, "removed_words": 0},
    {"id": "g", "stage": "read", "reason": "not_html", "words": 0, "removed_words": 0},
]
FAILED = [{"id": "h", "url": "https://mill.example/h", "error": "torn"}]
READ = {"records": 8, "words": 250, "clock": 2, "undated": 1}


def finished_run(
    folder: Path,
    read: dict[str, int] = READ,
    domains: bool = False,
    in_test_sets: dict[str, int] | None = None,
    removed_by: dict[str, int] | None = None,
) -> RunState:
    """A run of two input files and two parts whose phases have all been committed."""
    state = RunState(str(folder), load("llama3"))
    half = {name: count // 2 for name, count in read.items()}
    rest = {name: count - half[name] for name, count in read.items()}
    not_judged = [{"kl_divergence": 2}, {"kl_divergence": 1, "quality": 1}]
    merged = []
    for kept, rejected, failed in ((KEPT[:2], REJECTED[:1], FAILED), (KEPT[2:], REJECTED[1:], [])):
        written = {
            "documents": tables.table(tables.DOCUMENTS, kept),
            "rejected": tables.table(tables.REJECTED, rejected),
            "failed": tables.table(tables.FAILED, failed),
        }
        merged.append({**counts_of(**written), "tokens": 150, "held_out_tokens": 15})
    judged = [{"not_judged": found, "in_test_sets": in_test_sets or {}} for found in not_judged]
    judged[1] |= {"removed_by": removed_by or {}, "redacted": {"email": 2} if removed_by else {}}
    counts = {"extract": [half, rest], "judge": judged, "shards": merged}
    if domains:
        counts["domains"] = [{"not_judged": 5}]
    for phase, of_units in counts.items():
        receipts = [Receipt(f"unit-{number}", number, [], found) for number, found in enumerate(of_units)]
        state.manifests[phase] = write_listing(state.dir, phase, receipts)
    return state


def test_the_books_of_a_run(tmp_path: Path) -> None:
    assert ledger.count(finished_run(tmp_path)) == {
        "records": {"read": 8, "kept": 3, "rejected": 4, "failed": 1},
        "failed": {"torn": 1},
        "rejected": {"extract": {"too_short": 2}, "lines": {"too_short": 1}, "read": {"not_html": 1}},
        "words": {
            "in": 250,
            "kept": 180,
            "removed": {"lines/frequent_lines": 47, "extract/too_short": 20, "lines/too_short": 3},
        },
        "tokens": {"all": 300, "held_out": 30},
        "kept_by": {"language": {"en": 2, "de": 1}, "class": {"general": 1, "multilingual": 1, "code": 1}},
        "not_judged": {"kl_divergence": 3, "quality": 1},
        "clock_struck": 2,
        "undated": 1,
        "duplicates": {},
    }


def test_documents_that_hold_test_questions_are_told_by_set(tmp_path: Path) -> None:
    state = finished_run(tmp_path, in_test_sets={"gsm8k": 2, "mmlu": 1})
    assert ledger.count(state)["in_test_sets"] == {"gsm8k": 4, "mmlu": 2}


def test_what_went_as_a_duplicate_is_told_by_level(tmp_path: Path) -> None:
    state = finished_run(tmp_path)
    members = [("exact", 0), ("near", 4), ("near", 9), ("url", None)]
    counted = [
        duplicates_of(
            tables.table(duplicates.SCHEMA, [{"level": level, "unique_words": unique} for level, unique in half])
        )
        for half in (members[:2], members[2:])
    ]
    receipts = [Receipt(f"clusters-{number}", number, [], counts) for number, counts in enumerate(counted)]
    state.manifests["duplicates"] = write_listing(state.dir, "duplicates", receipts)
    assert ledger.count(state)["duplicates"] == {
        "exact": {"documents": 1, "unique_words": 0},
        "near": {"documents": 2, "unique_words": 13},
        "url": {"documents": 1},
    }


def test_domains_that_were_not_judged_are_counted_where_domains_are_judged(tmp_path: Path) -> None:
    assert ledger.count(finished_run(tmp_path, domains=True))["not_judged"]["domains"] == 5


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_record_that_vanished_or_came_twice_is_no_balance(tmp_path: Path, difference: int) -> None:
    state = finished_run(tmp_path, {**READ, "records": 8 + difference})
    with pytest.raises(
        ledger.Unbalanced, match=f"records don't balance: {8 + difference} came in and 8 are accounted"
    ):
        ledger.count(state)


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_word_that_vanished_or_came_twice_is_no_balance(tmp_path: Path, difference: int) -> None:
    state = finished_run(tmp_path, {**READ, "words": 250 + difference})
    with pytest.raises(ledger.Unbalanced, match=f"words don't balance: {250 + difference} came in and 250 are"):
        ledger.count(state)


@pytest.mark.parametrize(("words", "removed"), [(46, {"lines/frequent_lines": 1}), (47, {})])
def test_words_that_a_filter_removed_line_by_line_are_its_own(
    tmp_path: Path, words: int, removed: dict[str, int]
) -> None:
    """They stand among those that documents lack, and may be all of them."""
    found = ledger.count(finished_run(tmp_path, removed_by={"passages.repeated": words}))
    others = {"extract/too_short": 20, "lines/too_short": 3}
    assert found["words"]["removed"] == {"heuristics/passages.repeated": words, **removed, **others}
    assert found["redacted"] == {"email": 2}


def test_a_filter_cannot_have_removed_more_words_than_documents_lack(tmp_path: Path) -> None:
    state = finished_run(tmp_path, removed_by={"passages.repeated": 48})
    with pytest.raises(ledger.Unbalanced, match="filters removed more words line by line than"):
        ledger.count(state)


def test_an_unbalanced_run_is_not_published(tmp_path: Path) -> None:
    from pipeline import outputs

    state = finished_run(tmp_path, {**READ, "records": 9})
    with pytest.raises(ledger.Unbalanced):
        outputs.publish(state, {})
    assert not outputs.is_finished(state)
    with pytest.raises(FileNotFoundError, match="holds no finished run"):
        outputs.read_ledger(state.dir)


def test_a_run_that_lost_no_word_balances(tmp_path: Path) -> None:
    state = RunState(str(tmp_path), load("llama3"))
    written = {
        "documents": tables.table(tables.DOCUMENTS, [KEPT[1]]),
        "rejected": tables.table(tables.REJECTED, []),
        "failed": tables.table(tables.FAILED, []),
    }
    for phase, counts in {
        "extract": {"records": 1, "words": 50},
        "judge": {},
        "shards": counts_of(**written),
    }.items():
        state.manifests[phase] = write_listing(state.dir, phase, [Receipt("unit-0", 0, [], counts)])
    assert ledger.count(state)["words"] == {"in": 50, "kept": 50, "removed": {}}
