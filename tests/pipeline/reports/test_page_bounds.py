"""``gristmill why``: every record of a page, and each number that decided, from the tables that a run leaves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline import storage, tables
from pipeline.commit import Attempt
from pipeline.listing import write_listing
from pipeline.reports.page import explain
from pipeline.run_state import number_parts

ID = {
    name: f"{number:032x}"
    for number, name in enumerate(("kept", "dirty", "older", "near", "failed", "blocked", "plain"), 1)
}
URL = {name: f"https://mill.example/{name}" for name in ID}


def feature(name: str, **changes: Any) -> dict[str, Any]:
    row = {"id": ID[name], "url": URL[name], "date": "2024-05-01T00:00:00Z", "language": "en", "class": "code"}
    return {**row, "domain": "mill.example", "words": 120, "lines": 9, "kinds": [], "removed": None, **changes}


def rejected(name: str, stage: str, reason: str, **changes: Any) -> dict[str, Any]:
    row = {"id": ID[name], "url": URL[name], "date": "2024-05-01T00:00:00Z", "stage": stage, "reason": reason}
    return {**row, "words": 0, "removed_words": 0, **changes}


EXTRACTED = [
    feature("kept", kinds=["article", "code"], removed=0.256),
    feature("dirty"),
    feature("older"),
    feature("near"),
]
REMOVED = [{"removed": [2, 5], "removed_words": 11}, *[{"removed": None, "removed_words": 0}] * 3]
SCORES = [
    {"scores": [("quality.content", 0.875), ("dirty_words.hits", 3.0)], "not_judged": ["kl_divergence"]},
    {"scores": [("dirty_words.per_1000_words", 45.5)], "not_judged": []},
    *[{"scores": None, "not_judged": None}] * 2,
]
REJECTED = [
    rejected("dirty", "heuristics", "dirty_words", score=45.5, detail="dirty_words"),
    rejected("older", "urls", "older_capture", detail=ID["kept"]),
    rejected("near", "documents", "near_duplicate", score=0.9, detail=ID["dirty"]),
    rejected("blocked", "block", "adult", url=None),
]


def commit(folder: str, phase: str, unit: str, written: Mapping[str, tuple]) -> None:
    attempt = Attempt(folder, phase, unit, 0)
    for role, (schema, rows) in written.items():
        attempt.write_table(role, tables.table(schema, rows))
    manifest = write_listing(folder, phase, [attempt.finish()])
    if phase == "extract":
        number_parts(folder, manifest)


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = str(tmp_path_factory.mktemp("why") / "run")
    commit(
        folder,
        "extract",
        "unit-000000",
        {"text": (tables.TEXT, EXTRACTED), "features": (tables.FEATURES, EXTRACTED)},
    )
    commit(folder, "clean", "part-000000", {"lines": (tables.REMOVED_LINES, REMOVED)})
    commit(folder, "judge", "part-000000", {"scores": (tables.SCORES, SCORES)})
    documents = [
        {**feature("kept"), "text": "int main()", "removed_words": 11},
        {**feature("plain", **{"class": "general"}), "text": "prose", "removed_words": 0},
    ]
    failures = [{"id": ID["failed"], "url": URL["failed"], "error": "the parser died"}]
    for role, schema, rows in (
        ("documents", tables.DOCUMENTS, documents),
        ("rejected", tables.REJECTED, REJECTED),
        ("failed", tables.FAILED, failures),
    ):
        columns = [{name: row.get(name) for name in schema.names} for row in rows]
        data = storage.parquet_bytes(tables.table(schema, columns), 512)
        storage.write_bytes(storage.join(folder, role, "one.parquet"), data)
        listed = storage.dump_json({"files": [{"path": "one.parquet"}]})
        storage.write_bytes(storage.join(folder, role, "manifest.json"), listed)
    about = {"recipe": {"urls": {"rules": ["scheme", "host_case", "fragment", "www"]}}}
    for name, content in (("run", about), ("ledger", {}), ("mix", {"weights": {"code": 2.5}})):
        storage.write_bytes(storage.join(folder, f"{name}.json"), storage.dump_json(content))
    return folder


def told(run_dir: str, page: str) -> list[str]:
    return [line.strip() for line in explain(run_dir, page)]


def test_a_kept_page_is_told_with_all_that_was_measured(run_dir: str) -> None:
    assert told(run_dir, URL["kept"]) == [
        f"{URL['kept']}  2024-05-01T00:00:00Z  id {ID['kept']}",
        "extracted  120 words, 9 lines, language en",
        "domain     mill.example",
        "page       article, code",
        "removed    26% of the page's words were not content",
        "lines      2 frequent ones removed, 11 words",
        "score      quality.content = 0.875",
        "score      dirty_words.hits = 3",
        "not judged by kl_divergence: too little evidence",
        "KEPT       120 words of class code, weight 2.5 in the mix",
    ]


def test_a_class_that_the_mix_does_not_weigh_has_weight_1(run_dir: str) -> None:
    assert told(run_dir, URL["plain"])[-1] == "KEPT       120 words of class general, weight 1 in the mix"


def test_a_rejected_page_is_told_with_the_number_that_decided(run_dir: str) -> None:
    assert told(run_dir, ID["dirty"])[1:] == [
        "extracted  120 words, 9 lines, language en",
        "domain     mill.example",
        "score      dirty_words.per_1000_words = 45.5",
        "REJECTED   heuristics: dirty_words, score 45.5 (filter dirty_words)",
    ]


def test_a_duplicate_names_who_stayed(run_dir: str) -> None:
    assert told(run_dir, URL["older"])[-1] == f"REJECTED   urls: older_capture (the newer capture is {ID['kept']})"
    near = told(run_dir, ID["near"])[-1]
    assert near == f"REJECTED   documents: near_duplicate, score 0.9 (the survivor is {ID['dirty']})"


def test_what_was_never_extracted_has_its_verdict_alone(run_dir: str) -> None:
    assert told(run_dir, ID["blocked"]) == [
        f"(no URL)  2024-05-01T00:00:00Z  id {ID['blocked']}",
        "REJECTED   block: adult",
    ]
    assert told(run_dir, URL["failed"]) == [f"{URL['failed']}    id {ID['failed']}", "failed     the parser died"]


def test_a_page_is_found_by_every_spelling_that_the_recipe_takes_for_one(run_dir: str) -> None:
    assert told(run_dir, "http://WWW.mill.example/kept#top") == told(run_dir, URL["kept"])


@pytest.mark.parametrize("page", ["https://mill.example/else", f"{99:032x}", "kept"])
def test_a_page_that_the_run_has_never_seen_is_a_sentence(run_dir: str, page: str) -> None:
    with pytest.raises(ValueError, match=f"has never seen {page}; give the URL as it was crawled, or an id"):
        told(run_dir, page)


def test_a_run_that_is_not_finished_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no finished run"):
        told(str(tmp_path), URL["kept"])


@pytest.mark.parametrize("count", [1, 50, 51, 60])
def test_of_a_host_with_many_pages_so_many_are_listed(tmp_path: Path, count: int) -> None:
    folder = str(tmp_path / "run")
    names = [f"{number:032x}" for number in range(1, count + 1)]
    rows = [
        {"id": id, "url": f"https://mill.example/{id}", "stage": "urls", "reason": "older_capture"} for id in names
    ]
    for role, schema, those in (
        ("documents", tables.DOCUMENTS, []),
        ("rejected", tables.REJECTED, rows),
        ("failed", tables.FAILED, []),
    ):
        storage.write_bytes(
            storage.join(folder, role, "one.parquet"), storage.parquet_bytes(tables.table(schema, those), 7)
        )
        storage.write_bytes(
            storage.join(folder, role, "manifest.json"), storage.dump_json({"files": [{"path": "one.parquet"}]})
        )
    for name, content in (("run", {"recipe": {"urls": {"rules": []}}}), ("ledger", {}), ("mix", {})):
        storage.write_bytes(storage.join(folder, f"{name}.json"), storage.dump_json(content))
    verdict, *listed = explain(folder, "mill.example")
    assert verdict.startswith("(")
    shown = listed[:-1] if count > 50 else listed
    assert [line.split()[1] for line in shown] == names[:50]
    assert count <= 50 or listed[-1] == f"and {count - 50} records more"
