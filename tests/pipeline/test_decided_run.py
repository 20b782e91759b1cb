"""A run that follows people's decisions: what is dropped goes before any rule is asked, what is kept passes them all."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from blocklists.decisions import Decision, append
from pipeline import storage
from pipeline.derived import refilter
from pipeline.driver import run
from pipeline.outputs import files_of
from pipeline.preflight import NotReady
from recipes import Recipe, load
from tests.pipeline.runs import output_hashes

WORDS = [
    first + last
    for first in ("mill", "pond", "slui", "gran", "whee", "sack", "barn")
    for last in ("er", "ing", "ow", "ard", "ly")
]
REPEATED = "Error: the connection to the server was lost while reading the reply of the host. " * 30
BLOCKED, LOG, ERASED, OTHER = (
    "https://listed.example/pages/1", "https://logs.example/dump", "https://erase.example/me", "https://plain.example/",
)  # fmt: skip


def prose(seed: int) -> str:
    """Words in an order that no other page has."""
    return " ".join(Random(seed).choices(WORDS, k=120)) + "."


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decided")
    pages = [
        (BLOCKED, prose(0)),
        ("https://listed.example/pages/2/x", prose(1)),
        (LOG, REPEATED),
        ("https://logs.example/other", REPEATED + "Twice."),
        (ERASED, prose(2)),
        ("http://www.erase.example/me?utm_source=x", prose(3)),
        (OTHER, prose(4)),
    ]
    rows = [json.dumps({"url": url, "text": text, "date": f"2024-0{n + 1}-01"}) for n, (url, text) in enumerate(pages)]
    (folder / "crawl.jsonl").write_text("\n".join(rows) + "\n")
    (folder / "listed.txt").write_text("listed.example\n")
    decisions = [
        ("prefix", "http://LISTED.example/pages/1", "keep", "false positive"),
        ("host", "logs.example", "drop", "licence"),
        ("url", LOG, "keep", "false positive"),
        ("url", ERASED, "drop", "erasure"),
        ("url", OTHER, "drop", "opt-out"),
        ("url", OTHER, "undo", ""),
    ]
    path = folder / "decisions.jsonl"
    append(
        path, [Decision("2026-11-28", "ada", scope, value, verdict, why) for scope, value, verdict, why in decisions]
    )
    run(recipe(folder, path), [str(folder / "crawl.jsonl")], str(folder / "out"))
    return folder / "out"


def recipe(folder: Path, *decisions: Path) -> Recipe:
    changes = [f"decisions=[{','.join(map(str, decisions))}]", f"block.lists=[{folder}/listed.txt]"]
    # Without the divergence from a language: the words are made up.
    heuristics = "heuristics={passages: {}, repetition: {}, dirty_words: {}}"
    return load("llama3", [*changes, "identify=null", "quality=null", heuristics, "output.keep_work=text"])


def test_what_people_drop_goes_in_every_variant_and_what_they_keep_passes_lists_and_rules(decided: Path) -> None:
    kept = {url for path in files_of(str(decided), "documents") for url in storage.read_table(path)["url"].to_pylist()}
    assert kept == {BLOCKED, LOG, OTHER}
    rows = [row for path in files_of(str(decided), "rejected") for row in storage.read_table(path).to_pylist()]
    assert {(row["url"], f"{row['stage']}/{row['reason']}", row["detail"]) for row in rows} == {
        (ERASED, "decisions/erasure", f"url {ERASED}"),
        ("http://www.erase.example/me?utm_source=x", "decisions/erasure", f"url {ERASED}"),
        ("https://logs.example/other", "decisions/licence", "host logs.example"),
        ("https://listed.example/pages/2/x", "block/listed", None),
    }


def test_a_kept_page_loses_no_line(decided: Path) -> None:
    rows = [row for path in files_of(str(decided), "documents") for row in storage.read_table(path).to_pylist()]
    log = next(row for row in rows if row["url"] == LOG)
    assert log["text"] == REPEATED.strip() and log["removed_words"] == 0


def test_the_ledger_counts_decisions_by_reason(decided: Path) -> None:
    ledger = json.loads((decided / "ledger.json").read_text())
    assert ledger["rejected"]["decisions"] == {"erasure": 2, "licence": 1}
    assert ledger["kept_by_people"] == {"false_positive": 2}
    assert set(json.loads((decided / "run.json").read_text())["models"]) >= {
        f"decisions {decided.parent}/decisions.jsonl"
    }


def test_later_decisions_need_no_second_extraction_and_give_what_a_fresh_run_gives(
    decided: Path, tmp_path: Path
) -> None:
    folder, more = decided.parent, tmp_path / "more.jsonl"
    append(more, [Decision("2026-11-29", "ada", "url", OTHER, "drop", "opt-out")])
    followed = recipe(folder, folder / "decisions.jsonl", more)
    ledger = refilter(str(decided), followed, str(tmp_path / "new"))
    assert ledger["rejected"]["decisions"] == {"erasure": 2, "licence": 1, "opt-out": 1}
    run(followed, [str(folder / "crawl.jsonl")], str(tmp_path / "fresh"))
    assert output_hashes(tmp_path / "new") == output_hashes(tmp_path / "fresh")


def test_decisions_about_pages_that_lists_took_ask_for_a_run_from_the_beginning(decided: Path, tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    append(path, [Decision("2026-11-29", "ada", "host", "listed.example", "keep", "false positive")])
    with pytest.raises(NotReady, match="decisions about pages that block lists took"):
        refilter(
            str(decided), recipe(decided.parent, decided.parent / "decisions.jsonl", path), str(tmp_path / "more")
        )
    with pytest.raises(NotReady, match="decisions about pages that block lists took"):
        refilter(str(decided), recipe(decided.parent), str(tmp_path / "fewer"))
