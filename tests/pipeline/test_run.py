"""A whole run of the sample crawl: what was planted meets its fate, and the books balance."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import pyarrow.parquet as pq
import pytest

from filters.registry import make_filter
from filters.rules import first_rule
from gristmill.sample.outcome import compare
from pipeline.driver import run
from pipeline.reports.page import explain
from pipeline.reports.records import text_of
from pipeline.run_state import parts_of_run
from pipeline.sources.captures import Limits
from pipeline.sources.warc import read_warc
from recipes import load
from tests.pipeline.runs import manifest, rows
from text.segment import count_words
from tokens.index import read_index
from tokens.tokenizer import load as load_tokenizer


@pytest.fixture(scope="module")
def demo_run(tmp_path_factory, files):
    """The recipe as it ships."""
    folder = tmp_path_factory.mktemp("demo") / "run"
    run(load("llama3"), files, str(folder))
    return folder


def test_everything_planted_meets_its_fate(crawl, demo_run):
    assert compare(crawl, demo_run) == []


def test_every_rule_of_the_way_has_fired(demo_run):
    ledger = json.loads((demo_run / "ledger.json").read_text())
    assert set(ledger["rejected"]) >= {
        "read", "block", "extract", "identify", "domains", "urls", "documents", "lines", "heuristics"
    }  # fmt: skip
    assert set(ledger["rejected"]["domains"]) >= {"pii", "adult", "harm"}
    # Dumps of hexadecimal digits go by repetition, all words with a digit being one, before their divergence is looked at.
    assert {"dirty_words", "duplicate_5gram", "mostly_repeated"} <= set(ledger["rejected"]["heuristics"])
    assert ledger["words"]["removed"]["lines/frequent_lines"] > 0
    assert ledger["records"]["failed"] > 0


def test_the_books_balance_with_the_tables(undisturbed):
    ledger = json.loads((undisturbed / "ledger.json").read_text())
    documents, rejected = rows(undisturbed, "documents"), rows(undisturbed, "rejected")
    assert ledger["records"]["kept"] == len(documents)
    assert ledger["records"]["read"] == len(documents) + len(rejected) + len(rows(undisturbed, "failed"))
    assert ledger["rejected"] == _nested(Counter((row["stage"], row["reason"]) for row in rejected))
    assert ledger["words"]["kept"] == sum(count_words(row["text"]) for row in documents)
    assert ledger["words"]["in"] == ledger["words"]["kept"] + sum(ledger["words"]["removed"].values())


def _nested(counts: Counter) -> dict:
    nested: dict = {}
    for (stage, reason), count in counts.items():
        nested.setdefault(stage, {})[reason] = count
    return nested


def test_shards_hold_the_documents(undisturbed):
    texts = {row["id"]: row["text"] for row in rows(undisturbed, "documents")}
    tokenizer = load_tokenizer("gristmill-8k")
    index = read_index(str(undisturbed / "tokens"))
    found = set()
    for group in index.groups:
        documents = group.read()
        for number, identity in enumerate(documents.ids):
            ids = documents.values[documents.offsets[number] : documents.offsets[number + 1]]
            assert ids[0] == tokenizer.bos_id and ids[-1] == tokenizer.eos_id
            assert tokenizer.decode(ids[1:-1]) == texts[identity]
            found.add(identity)
    assert found == set(texts)
    assert {group.split for group in index.groups} == {"train", "held_out"}


def test_spans_point_into_the_text(undisturbed):
    spans = [(row["text"], span) for row in rows(undisturbed, "documents") for span in row["spans"]]
    assert all(0 <= span["start"] < span["end"] <= len(text) for text, span in spans)


def test_documents_are_sorted_by_id_over_all_shards(undisturbed):
    ids = [row["id"] for row in rows(undisturbed, "documents")]
    assert ids == sorted(ids)


def test_domains_table_names_the_convicted(undisturbed):
    table = pq.read_table(undisturbed / "domains.parquet").to_pylist()
    assert {row["reason"] for row in table} == {None, "pii", "adult", "harm"}


def test_work_leaves_only_small_tables(undisturbed):
    names = [path.name for path in (undisturbed / "work").rglob("*.parquet")]
    assert names and not any(".text." in name or ".tokens." in name for name in names)
    listed = {
        file["path"]
        for folder in ("documents", "tokens", "rejected", "failed")
        for file in manifest(undisturbed, folder)
    }
    found = {
        p.name
        for folder in ("documents", "tokens", "rejected", "failed")
        for p in (undisturbed / folder).glob("*.parquet")
    }
    assert found == listed


def test_a_finished_run_is_not_run_again(undisturbed, files, recipe, tmp_path):
    folder = shutil.copytree(undisturbed, tmp_path / "run")
    before = sorted(path.stat().st_mtime_ns for path in folder.rglob("*.parquet"))
    ledger = run(recipe, files, str(folder))
    assert ledger["records"]["read"] > 0
    assert sorted(path.stat().st_mtime_ns for path in folder.rglob("*.parquet")) == before


def test_why_explains_every_kind_of_end(undisturbed):
    kept, rejected, failed = (rows(undisturbed, folder)[0] for folder in ("documents", "rejected", "failed"))
    assert any("KEPT" in line for line in explain(str(undisturbed), kept["url"]))
    assert any(
        f"{rejected['stage']}: {rejected['reason']}" in line for line in explain(str(undisturbed), rejected["id"])
    )
    assert any(failed["error"] in line for line in explain(str(undisturbed), failed["id"]))
    near = next(row for row in rows(undisturbed, "rejected") if row["reason"] == "near_duplicate")
    lines = list(explain(str(undisturbed), near["id"]))
    assert any(near["detail"] in line and "survivor" in line for line in lines)
    with pytest.raises(ValueError, match="has never seen"):
        list(explain(str(undisturbed), "https://nowhere.example/"))


def test_rules_reproduce_every_stored_verdict(undisturbed, recipe):
    """From stored scores alone: the reason, the number and the filter of all that the filters have rejected."""
    filters = [make_filter(name, settings, {}) for name, settings in recipe.heuristics.items()]
    filters.append(make_filter("quality", recipe.quality, {}))
    judged = 0
    for part in parts_of_run(str(undisturbed)):
        scores = part.read("judge", "scores")["scores"].to_pylist()
        for row, stored in zip(part.read("judge", "verdicts").to_pylist(), scores, strict=True):
            found = dict(stored or ())
            own = ((one, {key.partition(".")[2]: found[key] for key in found if key.startswith(f"{one.name}.")})
                   for one in filters)  # fmt: skip
            fired = ((one.name, first_rule(one.rules(), values)) for one, values in own if values)
            name, reject = next(((name, reject) for name, reject in fired if reject), (None, None))
            assert (row["detail"], row["reason"], row["score"]) == (
                (name, reject.reason, reject.score) if reject else (None, None, None)
            )
            judged += row["reason"] is not None
    assert judged > 10


def test_every_record_is_found_again_at_its_place(undisturbed):
    """One row a record, and what lies at an archive's byte is the record whose id is said."""
    everything = Counter(row["id"] for name in ("documents", "rejected", "failed") for row in rows(undisturbed, name))
    places = rows(undisturbed, "places")
    assert Counter(row["id"] for row in places) == everything
    inputs = json.loads((undisturbed / "run.json").read_text())["inputs"]
    wanted = {row["id"]: row for row in rows(undisturbed, "documents")[:20]}
    for place in places:
        if place["id"] in wanted:
            document = wanted[place["id"]]
            path = inputs[place["file"]]["path"]
            assert (path.endswith(document["warc_file"]), place["offset"]) == (True, document["warc_offset"])
            with open(path, "rb") as stream:
                found = next(iter(read_warc(stream, "", Limits(10_000_000, False), place["offset"])))
            assert found.id == place["id"]


def test_a_run_keeps_texts_of_every_reason_that_had_one(undisturbed) -> None:
    there = {row["id"]: row for row in rows(undisturbed, "rejected_texts")}
    gone = [row for row in rows(undisturbed, "rejected") if row["words"]]
    assert {f"{row['stage']}/{row['reason']}" for row in gone} == {
        f"{row['stage']}/{row['reason']}" for row in there.values()
    }
    # Fewer than 200 of each: all of them are there, those too that extraction itself rejected.
    assert {row["id"] for row in gone} == set(there)
    assert {"extract", "identify"} <= {row["stage"] for row in there.values()}
    for row in list(there.values())[::20]:
        found = text_of(str(undisturbed), row["id"])
        assert found is not None and found[0] == row["text"] and row["text"]
