"""What ``gristmill why`` says of every kind of end, from the tables of a run made by hand."""

from __future__ import annotations

import json

import pytest

from pipeline import storage, tables
from pipeline.commit import Attempt
from pipeline.reports.page import explain
from recipes import as_dict, load
from tests.pipeline.parts import add_tables, document_id, extracted

SURVIVOR = document_id("survivor")


@pytest.fixture
def run_dir(tmp_path) -> str:
    names = sorted(["kept", "copy", "dirty", "spam"], key=document_id)
    rows = [
        {"id": document_id(name), "url": f"https://{name}.example/page", "date": "2024-05-01", "language": "en",
         "domain": f"{name}.example", "words": 7, "lines": 2, "class": "general",
         "kinds": ["forum"] if name == "kept" else [], "removed": 0.25 if name == "kept" else None}
        for name in names
    ]  # fmt: skip
    run = extracted(tmp_path, rows)
    lines = [{"removed": [0, 4], "removed_words": 9} if name == "kept" else {"removed_words": 0} for name in names]
    add_tables(run, "clean", "lines", tables.REMOVED_LINES, lines)
    scores = [{"scores": [("dirty_words.per_1000", 12.5)], "not_judged": ["repetition"]} for _ in names]
    add_tables(run, "judge", "scores", tables.SCORES, scores)
    by_name = dict(zip(names, rows, strict=True))
    rejected = [
        {**by_name["copy"], "stage": "documents", "reason": "near_duplicate", "score": 0.9, "detail": SURVIVOR},
        {**by_name["dirty"], "stage": "heuristics", "reason": "dirty_words", "score": 12.5, "detail": "dirty_words"},
        {**by_name["spam"], "stage": "domains", "reason": "adult", "score": 0.4, "detail": "spam.example"},
        {"id": document_id("old"), "url": "https://old.example/", "stage": "urls", "reason": "older_capture",
         "detail": SURVIVOR},
        {"id": document_id("short"), "url": "https://short.example/", "stage": "extract", "reason": "too_short",
         "score": 3.0},
    ]  # fmt: skip
    _publish(run.dir, "documents", tables.DOCUMENTS, [by_name["kept"]])
    _publish(run.dir, "rejected", tables.REJECTED, rejected)
    failure = {"id": document_id("bad"), "url": "https://bad.example/", "error": "the parser died"}
    _publish(run.dir, "failed", tables.FAILED, [failure])
    for name, content in (
        ("ledger.json", {}), ("mix.json", {"weights": {"general": 2.5}}), ("run.json", {"recipe": as_dict(load("llama3"))})
    ):  # fmt: skip
        storage.write_bytes(storage.join(run.dir, name), storage.dump_json(content))
    return run.dir


def _publish(run_dir: str, folder: str, schema, rows: list[dict]) -> None:
    attempt = Attempt(run_dir, "shards", folder, 0)
    known = [{name: value for name, value in row.items() if name in schema.names} for row in rows]
    attempt.write_table(folder, tables.table(schema, known), folder=folder)
    (file,) = attempt.finish().files
    listed = {"files": [{"path": file.path.removeprefix(folder + "/"), "rows": file.rows}]}
    storage.write_bytes(storage.join(run_dir, folder, "manifest.json"), json.dumps(listed).encode())


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("copy", f"REJECTED   documents: near_duplicate, score 0.9 (the survivor is {SURVIVOR})"),
        ("dirty", "REJECTED   heuristics: dirty_words, score 12.5 (filter dirty_words)"),
        ("spam", "REJECTED   domains: adult, score 0.4 (its domain is spam.example)"),
        ("old", f"REJECTED   urls: older_capture (the newer capture is {SURVIVOR})"),
        ("short", "REJECTED   extract: too_short, score 3"),
        ("bad", "failed     the parser died"),
        ("kept", "KEPT       7 words of class general, weight 2.5 in the mix"),
    ],
)
def test_the_end_of_a_page_is_told_with_its_number(run_dir: str, name: str, end: str) -> None:
    lines = [line.strip() for line in explain(run_dir, document_id(name))]
    assert f"id {document_id(name)}" in lines[0] and lines[-1] == end


def test_what_was_measured_on_the_way_is_told(run_dir: str) -> None:
    assert [line.strip() for line in explain(run_dir, document_id("kept"))][1:-1] == [
        "extracted  7 words, 2 lines, language en",
        "domain     kept.example",
        "page       forum",
        "removed    25% of the page's words were not content",
        "lines      2 frequent ones removed, 9 words",
        "score      dirty_words.per_1000 = 12.5",
        "not judged by repetition: too little evidence",
    ]
    assert len(list(explain(run_dir, document_id("short")))) == 2  # it did not come that far


def test_a_page_is_found_by_every_address_that_counts_as_the_same(run_dir: str) -> None:
    by_id = list(explain(run_dir, document_id("kept")))
    assert list(explain(run_dir, "https://kept.example/page")) == by_id
    assert list(explain(run_dir, "http://www.kept.example/page?utm_source=x#top")) == by_id


def test_a_page_that_was_never_seen_and_a_folder_without_a_run(run_dir: str, tmp_path) -> None:
    with pytest.raises(ValueError, match="has never seen https://nowhere.example/"):
        list(explain(run_dir, "https://nowhere.example/"))
    with pytest.raises(FileNotFoundError, match="holds no finished run"):
        list(explain(str(tmp_path / "nothing"), "x"))
