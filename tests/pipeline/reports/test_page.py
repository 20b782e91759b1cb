"""What ``gristmill why`` says of every kind of end, from the tables of a run made by hand."""

from __future__ import annotations

import json
import shutil

import pytest

from gristmill.cli import main
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
    _publish(run.dir, "documents", tables.DOCUMENTS, [{**by_name["kept"], "text": "a text\nof two lines"}])
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
        (
            "copy",
            f"REJECTED   documents: near_duplicate, score 0.9 (the survivor is {SURVIVOR}), beyond the limit >= 0.7 (documents.min_similarity)",
        ),
        (
            "dirty",
            "REJECTED   heuristics: dirty_words, score 12.5 (filter dirty_words), beyond the limit > 10 (heuristics.dirty_words.max_per_1000)",
        ),
        (
            "spam",
            "REJECTED   domains: adult, score 0.4 (its domain is spam.example), limit > 0.9 (domains.confidence)",
        ),
        ("old", f"REJECTED   urls: older_capture (the newer capture is {SURVIVOR})"),
        ("short", "REJECTED   extract: too_short, score 3, beyond the limit < 50 (extract.min_words)"),
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


def test_pages_are_found_by_domain_and_by_how_an_id_begins(run_dir: str) -> None:
    assert list(explain(run_dir, document_id("kept")[:8])) == list(explain(run_dir, document_id("kept")))
    listed = list(explain(run_dir, "spam.example"))
    assert "no domains.parquet" in listed[0] and listed[1].split() == [
        "domains/adult", document_id("spam"), "https://spam.example/page"
    ]  # fmt: skip


def test_the_text_is_told_where_it_is_and_said_to_be_gone_where_not(run_dir: str) -> None:
    assert list(explain(run_dir, document_id("short"), text=True))[-1].startswith("  (its text was cleared away")
    assert list(explain(run_dir, document_id("kept"), text=True))[-2:] == ["    | a text", "    | of two lines"]


def test_a_run_without_work_says_what_it_cannot_tell(run_dir: str) -> None:
    shutil.rmtree(storage.join(run_dir, "work"))
    lines = list(explain(run_dir, document_id("kept")))
    assert "work/ is gone" in lines[1] and lines[-1].strip().startswith("KEPT")


def test_a_survivor_that_fell_later_is_told(run_dir: str) -> None:
    copy, dirty = document_id("copy"), document_id("dirty")
    folder = [
        {"id": copy, "url": "https://copy.example/page", "stage": "documents", "reason": "near_duplicate", "detail": dirty},
        {"id": dirty, "url": "https://dirty.example/page", "stage": "heuristics", "reason": "dirty_words", "score": 12.5,
         "detail": "dirty_words"},
    ]  # fmt: skip
    _publish(run_dir, "rejected", tables.REJECTED, sorted(folder, key=lambda row: row["id"]))
    (told,) = [line.strip() for line in explain(run_dir, copy) if line.startswith("  survivor")]
    assert told == f"survivor   {dirty} itself went later, heuristics: dirty_words: https://dirty.example/page"


def test_programs_get_the_same_as_json(run_dir: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", run_dir, document_id("dirty"), document_id("bad"), "--json"]) == 0
    dirty, bad = json.loads(capsys.readouterr().out)
    assert (dirty["outcome"], bad["outcome"], bad["end"]["said"]) == (
        "heuristics/dirty_words",
        "failed",
        "the parser died",
    )
    assert dirty["steps"][0] == {
        "label": "extracted",
        "said": "7 words, 2 lines, language en",
        "value": 7,
        "limit": None,
    }
    assert main(["why", run_dir, "https://nowhere.example/", document_id("bad")]) == 1
    output = capsys.readouterr()
    assert "the parser died" in output.out and "never seen https://nowhere.example/" in output.err
