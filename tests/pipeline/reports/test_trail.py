"""The trail of a record as values: what each number was held against, what became of those that stayed for it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from filters.page_evidence import Evidence
from pipeline import storage, tables
from pipeline.reports.steps import Limit, Step, Trail
from pipeline.reports.trail import Tracer, trails
from recipes import as_dict, load
from tests.pipeline.reports.test_page_bounds import ID, URL, commit, feature, rejected

EVIDENCE = list(Evidence(pages=1).to_tuple())
# Rows of the part, by id.
EXTRACTED = [
    feature("kept", language_score=0.25, removed=0.0, kinds=["forum", "article"]),
    feature("dirty", language_score=0.9),
    feature("older"),
    feature("near"),
]
PEOPLE = [{"kept": True}, *[{"kept": False}] * 3]
SEEN = [
    {"evidence": EVIDENCE, "strengths": [0, 2, 1], "terms": ["one", "two"]},
    {"evidence": EVIDENCE, "strengths": [0, 0, 0], "terms": ["three"]},
    {"evidence": None, "strengths": None, "terms": None},
    {"evidence": EVIDENCE, "strengths": [0, 0, 0], "terms": []},
]
CLEANED = [{"removed": [1], "removed_words": 4}, *[{"removed": None, "removed_words": 0}] * 3]
LINES = [
    {"removed": [1, 6], "removed_words": 9, "removed_by": [("passages.repeated", 5)]},
    *[{"removed": None, "removed_words": 0, "removed_by": None}] * 3,
]
LIMIT = 0.05  # quality.min_content as shipped
SCORES = [
    {"scores": [("quality.quality", LIMIT), ("other.hits", 3.0)], "not_judged": []},
    {"scores": [("quality.quality", 0.01)], "not_judged": ["kl_divergence"]},
    *[{"scores": None, "not_judged": None}] * 2,
]
REJECTED = [
    rejected("dirty", "quality", "low_quality", score=0.01, detail="quality"),
    rejected("older", "urls", "older_capture", detail=ID["near"]),
    rejected("near", "documents", "near_duplicate", score=0.9, detail=ID["kept"]),
    rejected("blocked", "extract", "too_short", score=7),
    rejected("plain", "domains", "adult", score=0.95, detail="mill.example"),
]
DOMAIN = {
    "domain": "mill.example", "pages": 9, "sampled": 9, "words": 500, "adult_pages": 8, "adult_low": 0.7, "adult_high": 0.9,
    "adult_score": 0.95, "reason": "adult", "score": 0.95, "review": False,
    "samples": [{"id": ID["plain"], "url": URL["plain"], "terms": terms} for terms in (["b", "a"], ["c", "a"])],
}  # fmt: skip


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.commit.ROW_GROUP_ROWS", 3)  # so that a document lies at the first row of a group
        return write_run(str(tmp_path_factory.mktemp("trail") / "run"))


def write_run(folder: str) -> str:
    text = {"text": (tables.TEXT, EXTRACTED), "features": (tables.FEATURES, EXTRACTED)}
    commit(folder, "extract", "unit-000000", text)
    for phase, written in {
        "decisions": {"kept": (tables.KEPT, PEOPLE)},
        "domains-evidence": {"evidence": (tables.PAGE_EVIDENCE, SEEN)},
        "clean": {"lines": (tables.REMOVED_LINES, CLEANED)},
        "judge": {"scores": (tables.SCORES, SCORES), "lines": (tables.REMOVED_LINES, LINES)},
    }.items():
        commit(folder, phase, "part-000000", written)
    documents = [{**feature("kept"), "text": "int main()", "removed_words": 9}]
    for role, schema, rows in (
        ("documents", tables.DOCUMENTS, documents),
        ("rejected", tables.REJECTED, REJECTED),
        ("failed", tables.FAILED, [{"id": ID["failed"], "url": URL["failed"], "error": "the parser died"}]),
    ):
        columns = [{name: row.get(name) for name in schema.names} for row in rows]
        storage.write_bytes(
            storage.join(folder, role, "one.parquet"), storage.parquet_bytes(tables.table(schema, columns), 512)
        )
        storage.write_bytes(
            storage.join(folder, role, "manifest.json"), storage.dump_json({"files": [{"path": "one.parquet"}]})
        )
    zeros = {field.name: 0 for field in tables.DOMAINS if str(field.type) == "int64"}
    zeros |= {field.name: 0.0 for field in tables.DOMAINS if field.name.endswith(("_low", "_high", "_words"))}
    domain = tables.table(tables.DOMAINS, [zeros | DOMAIN])
    storage.write_bytes(storage.join(folder, "domains.parquet"), storage.parquet_bytes(domain, 512))
    about = {"recipe": as_dict(load("llama3"))}
    for name, content in (("run", about), ("ledger", {}), ("mix", {"weights": {"code": 2.5}})):
        storage.write_bytes(storage.join(folder, f"{name}.json"), storage.dump_json(content))
    return folder


def trail(run_dir: str, name: str) -> Trail:
    (found,) = trails(run_dir, ID[name])
    return found


def steps(found: Trail) -> dict[str, Step]:
    return {f"{step.label} {step.said}": step for step in found.steps}


def test_a_kept_page_is_told_step_by_step(run_dir: str) -> None:
    found = trail(run_dir, "kept")
    assert (found.id, found.url, found.date, found.outcome) == (
        ID["kept"],
        URL["kept"],
        "2024-05-01T00:00:00Z",
        "kept",
    )
    assert [(step.label, step.said, step.value) for step in found.steps if step.label != "score"] == [
        ("extracted", "120 words, 9 lines, language en", 120),
        ("language", "score 0.25", 0.25),
        ("domain", "mill.example", None),
        ("page", "forum, article", None),
        ("removed", "0% of the page's words were not content", 0.0),
        ("people", "keep it, whatever lists, domains, lines and filters say", None),
        (
            "evidence",
            "this page has harm 2 times over, pii 1 times over the limits of domains.page; words: one, two",
            None,
        ),
        ("lines", "1 frequent ones removed, 4 words", 4),
        ("lines", "removed by passages.repeated, 5 words", 5),
    ]
    language = next(step for step in found.steps if step.label == "language")
    assert language.limit == Limit("<", 0.3, "identify.min_score") and "beyond the limit < 0.3" in str(language)
    other = next(step for step in found.steps if step.said == "other.hits = 3")
    assert other.limit is None and other.value == 3.0
    assert found.end == Step("KEPT", "120 words of class code, weight 2.5 in the mix")
    assert found.missing == [] and found.terms == []


def test_evidence_is_told_where_there_is_any(run_dir: str) -> None:
    assert "evidence this page has nothing over the limits of domains.page; words: three" in steps(
        trail(run_dir, "dirty")
    )
    for name in ("older", "near"):
        assert not any(step.label == "evidence" for step in trail(run_dir, name).steps)


def test_a_page_that_people_did_not_keep_says_nothing_of_them(run_dir: str) -> None:
    found = steps(trail(run_dir, "dirty"))
    assert not any(told.startswith(("people", "lines", "removed")) for told in found)
    assert "not judged by kl_divergence: too little evidence" in found


def test_a_survivor_that_went_later_and_the_one_that_stayed_are_told(run_dir: str) -> None:
    survivors = [step.said for step in trail(run_dir, "older").steps if step.label == "survivor"]
    assert survivors == [
        f"{ID['near']} itself went later, documents: near_duplicate: {URL['near']}",
        f"{ID['kept']} was kept: {URL['kept']}",
    ]
    assert not any(step.label == "survivor" for step in trail(run_dir, "dirty").steps)


@pytest.mark.parametrize(
    ("name", "outcome", "said", "value", "limit"),
    [
        ("near", "documents/near_duplicate", f"documents: near_duplicate, score 0.9 (the survivor is {ID['kept']})", 0.9,
         Limit(">=", 0.7, "documents.min_similarity")),
        ("dirty", "quality/low_quality", "quality: low_quality, score 0.01 (filter quality)", 0.01,
         Limit("<", LIMIT, "quality.min_content")),
        ("older", "urls/older_capture", f"urls: older_capture (the newer capture is {ID['near']})", None, None),
        ("blocked", "extract/too_short", "extract: too_short, score 7", 7, Limit("<", 50, "extract.min_words")),
        ("plain", "domains/adult", "domains: adult, score 0.95 (its domain is mill.example)", 0.95,
         Limit(">", 0.9, "domains.confidence")),
    ],
)  # fmt: skip
def test_a_verdict_is_told_with_its_limit(
    run_dir: str, name: str, outcome: str, said: str, value: float | None, limit: Limit | None
) -> None:
    found = trail(run_dir, name)
    assert found.outcome == outcome and found.end == Step("REJECTED", said, value, limit)


def test_a_domain_tells_what_was_seen_of_it_and_its_words(run_dir: str) -> None:
    found = trail(run_dir, "plain")
    assert found.terms == ["a", "b", "c"] and any("mill.example" in step.said for step in found.steps)
    assert trail(run_dir, "near").terms == []


def test_a_failure_has_its_sentence_alone(run_dir: str) -> None:
    found = trail(run_dir, "failed")
    assert (found.outcome, found.steps, found.end) == ("failed", [], Step("failed", "the parser died"))


def test_a_record_that_the_run_has_never_seen_is_a_sentence(run_dir: str) -> None:
    with pytest.raises(ValueError, match="has never seen https://nowhere.example/; give the URL as it was crawled"):
        list(trails(run_dir, "https://nowhere.example/"))


def test_what_extraction_measured_and_which_rows_went_since(run_dir: str) -> None:
    tracer = Tracer(run_dir)
    features, gone = tracer.extracted(ID["kept"])
    assert features is not None and features["words"] == 120 and gone == [1, 6]
    features, gone = tracer.extracted(ID["near"])
    assert features is not None and features["id"] == ID["near"] and gone == []
    assert tracer.extracted(ID["blocked"]) == (None, [])


def test_limits_of_filters_are_the_recipe_s(run_dir: str) -> None:
    tracer = Tracer(run_dir)
    assert tracer.settings_of("quality") == ("quality", {})
    assert tracer.settings_of("repetition")[0] == "heuristics.repetition"
    assert tracer.settings_of("nowhere") == ("heuristics.nowhere", None) and tracer.rules_of("nowhere") == []
    rules = tracer.rules_of("repetition")
    assert rules and tracer.rules_of("repetition") is rules
    rule = next(rule for rule in rules if len({id(other) for other in rules if other.reason == rule.reason}) == 1)
    condition = rule.conditions[0]
    row: dict[str, Any] = {"stage": "heuristics", "reason": rule.reason, "score": 1.0, "detail": "repetition"}
    expected = Limit(condition.side, condition.limit, f"heuristics.repetition.{condition.setting}")
    assert tracer.limit_of(row) == expected
    for other in ({"score": None}, {"stage": "lines"}, {"reason": "nothing"}, {"detail": None}):
        assert tracer.limit_of(row | other) is None


def test_domains_that_went_as_the_worst_have_no_limit_of_their_own(run_dir: str, tmp_path: Path) -> None:
    copied = str(shutil.copytree(run_dir, tmp_path / "run"))
    about = {"recipe": as_dict(load("llama3", ["domains.worst=0.1"]))}
    storage.write_bytes(storage.join(copied, "run.json"), storage.dump_json(about))
    assert trail(copied, "plain").end.limit is None and trail(copied, "near").end.limit is not None
    shutil.rmtree(f"{copied}/work")
    found = trail(copied, "kept")
    assert found.steps == [] and found.missing == [
        "work/ is gone from the run: what was measured on the way can't be told"
    ]
