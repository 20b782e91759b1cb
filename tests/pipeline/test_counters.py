"""What engines show of a job has the ledger's names, and its numbers where nothing was tried twice."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from pipeline import counters, driver
from pipeline.runners import pipeline_maker
from recipes import load

WORDS = [
    first + last for first in ("mill", "pond", "gran", "whee", "sack") for last in ("er", "ing", "ow", "ard", "ly")
]
LOG = "Error: the connection to the server was lost while reading the reply of the host. " * 30


def prose(seed: int) -> str:
    """Words in an order that no other page has."""
    return " ".join(Random(seed).choices(WORDS, k=120)) + "."


def test_counters_of_a_local_run_equal_its_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*map(prose, range(6)), prose(0), LOG, "A few words."]
    pages = [{"url": f"https://{n}.example/", "text": text, "date": "2024-05-01"} for n, text in enumerate(texts)]
    pages += [{"url": "https://0.example/", "text": prose(9), "date": "2023-05-01"}, {"url": "", "text": "x"}]
    (tmp_path / "crawl.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages))
    made = []

    def recording_maker(flags: list[str], workers: int):
        make = pipeline_maker(flags, workers)

        def make_and_record():
            made.append(make())
            return made[-1]

        return make_and_record

    monkeypatch.setattr(driver, "pipeline_maker", recording_maker)
    # Without the divergence from a language: the words are made up.
    recipe = load("llama3", ["heuristics={repetition: {}}", "identify=null", "quality=null", "domains=null"])
    ledger = driver.run(recipe, [str(tmp_path / "crawl.jsonl")], str(tmp_path / "out"))
    found: Counter[str] = Counter()
    for pipeline in made:
        for result in pipeline.result.metrics().query()["counters"]:
            if result.key.metric.namespace == counters.NAMESPACE:
                found[result.key.metric.name] += result.committed
    records, rejected = ledger["records"], ledger["rejected"]
    assert {"extract", "urls", "documents", "heuristics"} <= set(rejected) and records["failed"] and records["kept"]
    extracted = records["read"] - records["failed"] - sum(rejected["extract"].values())
    assert found == {
        "records": records["read"], "failed": records["failed"], "extracted": extracted,
        "words": ledger["words"]["in"], "kept": records["kept"], "kept_words": ledger["words"]["kept"],
        **{counters.rejected(stage): sum(reasons.values()) for stage, reasons in rejected.items()},
    }  # fmt: skip
