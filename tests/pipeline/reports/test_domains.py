"""What ``gristmill domains`` says of a run's domains, and how decisions come back into the next run."""

from __future__ import annotations

from pathlib import Path

import pytest

from blocklists.decisions import read
from pipeline import storage, tables
from pipeline.reports.domains import explain_domain, ranking, review
from recipes import as_dict, load

BAD = {
    "domain": "bad.com", "pages": 900, "sampled": 500, "words": 5000, "adult_pages": 400, "adult_low": 0.77, "adult_high": 0.82,
    "adult_score": 1.0, "adult_name": 2, "pii_low": 0.0, "pii_high": 0.01, "pii_score": 0.0, "harm_unjudged": 500,
    "links": 40, "listed_links": 20, "listed_sources": 3, "reason": "adult", "score": 1.0, "review": False,
    "samples": [{"id": "0" * 32, "url": "https://bad.com/1", "terms": ["milf"]}],
}  # fmt: skip
UNCLEAR = {
    **BAD,
    "domain": "unclear.org",
    "adult_pages": 130,
    "adult_score": 0.7,
    "reason": None,
    "score": None,
    "review": True,
}
LONE = {
    "domain": "lone.net",
    "pages": 1,
    "sampled": 1,
    "emails": 3,
    "pii_values": 2,
    "decision": "keep",
    "review": False,
}


@pytest.fixture
def run_dir(tmp_path: Path) -> str:
    zeros = {field.name: 0 for field in tables.DOMAINS if str(field.type) == "int64"}
    zeros |= {field.name: 0.0 for field in tables.DOMAINS if field.name.endswith(("_low", "_high", "_words"))}
    rows = [{**zeros, "samples": [], **row} for row in (BAD, LONE, UNCLEAR)]
    data = storage.parquet_bytes(tables.table(tables.DOMAINS, rows), 512)
    storage.write_bytes(str(tmp_path / "domains.parquet"), data)
    storage.write_bytes(str(tmp_path / "run.json"), storage.dump_json({"recipe": as_dict(load("llama3"))}))
    return str(tmp_path)


def test_the_ranking_has_the_surest_first(run_dir: str) -> None:
    lines = list(ranking(run_dir, 10))
    assert [line.split("  (")[0].split()[-1] for line in lines if not line.startswith(" ")] == [
        "bad.com", "unclear.org", "lone.net"
    ]  # fmt: skip
    assert lines[0].startswith("adult") and "900 pages, 500 looked at" in lines[0]
    assert "adult 400 bad, score 1" in lines[1] and lines[2].strip() == "https://bad.com/1  [milf]"
    assert any(line.startswith("kept by people") for line in lines)
    assert len([line for line in ranking(run_dir, 1) if not line.startswith(" ")]) == 1


def test_the_queue_has_those_that_people_should_look_at(run_dir: str) -> None:
    (head, *_) = ranking(run_dir, 10, review_only=True)
    assert head.startswith("stays, look") and "unclear.org" in head


def test_a_verdict_is_explained_by_its_numbers(run_dir: str) -> None:
    text = "\n".join(explain_domain(run_dir, "https://www.bad.com/some/page"))
    for part in (
        "bad.com: adult", "900 in the crawl, 500 looked at", "400 of 500 pages are bad: surely 0.77 to 0.82",
        "domains.adult = 0.25", "its name 2", "score 1 (domains.confidence = 0.9)", "harm        not judged",
        "to 40 other domains, 20 of them listed", "from 3 listed sites", "https://bad.com/1  [milf]",
    ):  # fmt: skip
        assert part in text
    lone = "\n".join(explain_domain(run_dir, "lone.net"))
    assert "under 3 pages" in lone and "3 emails" in lone and "decided     keep" in lone
    with pytest.raises(ValueError, match="seen no page of other.com"):
        list(explain_domain(run_dir, "other.com"))


def test_decisions_are_added_with_what_was_seen(run_dir: str, tmp_path: Path) -> None:
    table, target = tmp_path / "decisions.csv", tmp_path / "kept" / "decisions.jsonl"
    table.write_text(
        "domain,decision,reviewer,date,note\nunclear.org,deny,ada,2026-11-28,escorts\nnew.com,allow,ada,2026-11-28,\n",
        "utf-8",
    )
    assert review(run_dir, table, target) == 2
    assert review(run_dir, table, target) == 2, "lines are only added"
    first, second, *again = read([target])
    assert (first.verdict, first.note, second.verdict, len(again)) == ("drop", "escorts", "keep", 2)
    assert first.seen["adult_score"] == 0.7 and first.seen["recipe"] == "llama3"
    assert len(first.seen["recipe_sha256"]) == 64 and "adult_score" not in second.seen
    assert load("llama3", [f"decisions=[{target}]"]).decisions == [str(target)]


def test_a_table_with_a_mistake_adds_nothing(run_dir: str, tmp_path: Path) -> None:
    table, target = tmp_path / "decisions.csv", tmp_path / "decisions.jsonl"
    table.write_text(
        "domain,decision,reviewer,date\nbad.com,deny,ada,2026-11-28\nbad.com,no,ada,2026-11-28\n", "utf-8"
    )
    with pytest.raises(ValueError, match="line 3"):
        review(run_dir, table, target)
    assert not target.exists()


def test_a_folder_without_scores_is_a_sentence(tmp_path: Path) -> None:
    old = tables.table(tables.DOMAINS, []).select(["domain", "pages"])
    storage.write_bytes(str(tmp_path / "old" / "domains.parquet"), storage.parquet_bytes(old, 512))
    with pytest.raises(ValueError, match="an earlier version"):
        list(ranking(str(tmp_path / "old"), 5))
    with pytest.raises(FileNotFoundError, match=r"no domains\.parquet"):
        list(ranking(str(tmp_path), 5))


@pytest.mark.parametrize(
    ("review_only", "said"), [(True, "no domain is to be looked at"), (False, "the run has no domain")]
)
def test_a_run_without_domains_to_show_says_so(tmp_path: Path, review_only: bool, said: str) -> None:
    storage.write_bytes(
        str(tmp_path / "domains.parquet"), storage.parquet_bytes(tables.table(tables.DOMAINS, []), 512)
    )
    assert list(ranking(str(tmp_path), 5, review_only=review_only)) == [said]
