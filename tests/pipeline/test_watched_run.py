"""What people and engines are told of a run while it works: progress, counters, and nothing of what isn't known yet."""

from __future__ import annotations

import json
import logging
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from pipeline import counters, driver
from pipeline.progress import PhaseProgress
from pipeline.runners import pipeline_maker
from recipes import Recipe, load

WORDS = [
    first + last for first in ("mill", "pond", "gran", "whee", "sack") for last in ("er", "ing", "ow", "ard", "ly")
]
LOG = "Error: the connection to the server was lost while reading the reply of the host. " * 30


class Watched(NamedTuple):
    ledger: dict[str, Any]
    counters: Counter[str]
    told: list[PhaseProgress]
    logged: list[str]
    folder: Path


def prose(seed: int) -> str:
    """Words in an order that no other page has."""
    return " ".join(Random(seed).choices(WORDS, k=120)) + "."


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A small run in which the first look at how far it is fails, and that may not ask for an earlier start's standing."""
    folder = tmp_path_factory.mktemp("watched")
    texts = [*map(prose, range(6)), prose(0), LOG, "A few words."]
    pages = [{"url": f"https://{n}.example/", "text": text, "date": "2024-05-01"} for n, text in enumerate(texts)]
    pages += [{"url": "https://0.example/", "text": prose(9), "date": "2023-05-01"}, {"url": "", "text": "x"}]
    (folder / "crawl.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages))
    made = []
    told: list[PhaseProgress] = []
    logged: list[str] = []
    looks = 0
    handed_in = driver.handed_in

    def recording_maker(flags: list[str], workers: int, recipe: Recipe):
        make = pipeline_maker(flags, workers, recipe)

        def make_and_record():
            made.append(make())
            return made[-1]

        return make_and_record

    def failing_once(paths):
        nonlocal looks
        looks += 1
        if looks == 1:
            raise TimeoutError("the store is slow")
        return handed_in(paths)

    def refuse(*arguments):
        raise AssertionError("a fresh run has no earlier start to ask for")

    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("pipeline.driver").addHandler(handler)
    # Without the divergence from a language: the words are made up.
    recipe = load("llama3", ["heuristics={repetition: {}}", "identify=null", "quality=null", "domains=null"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "pipeline_maker", recording_maker)
        patch.setattr(driver, "handed_in", failing_once)
        patch.setattr(driver.run_status, "status", refuse)
        ledger = driver.run(recipe, [str(folder / "crawl.jsonl")], str(folder / "out"), progress=told.append)
    logging.getLogger("pipeline.driver").removeHandler(handler)
    found: Counter[str] = Counter()
    for pipeline in made:
        for result in pipeline.result.metrics().query()["counters"]:
            if result.key.metric.namespace == counters.NAMESPACE:
                found[result.key.metric.name] += result.committed
    return Watched(ledger, found, told, logged, folder / "out")


def test_counters_of_a_local_run_equal_its_ledger(watched: Watched) -> None:
    records, rejected = watched.ledger["records"], watched.ledger["rejected"]
    assert {"extract", "urls", "documents", "heuristics"} <= set(rejected) and records["failed"] and records["kept"]
    extracted = records["read"] - records["failed"] - sum(rejected["extract"].values())
    assert watched.counters == {
        "records": records["read"], "failed": records["failed"], "extracted": extracted,
        "words": watched.ledger["words"]["in"], "kept": records["kept"], "kept_words": watched.ledger["words"]["kept"],
        **{counters.rejected(stage): sum(reasons.values()) for stage, reasons in rejected.items()},
    }  # fmt: skip


def test_every_phase_is_told_to_its_end_with_what_was_done(watched: Watched) -> None:
    last = {how_far.phase: how_far for how_far in watched.told}
    assert [how_far.number for how_far in last.values()] == list(range(1, len(last) + 1))
    assert all(how_far.done == how_far.units and how_far.of == len(last) for how_far in last.values())
    records, rejected = watched.ledger["records"], watched.ledger["rejected"]
    extract, judge = last["extract"].work, last["judge"].work
    assert (extract.records, extract.kept) == (records["read"], watched.counters["extracted"])
    assert extract.rejected == {f"extract/{reason}": count for reason, count in rejected["extract"].items()}
    assert extract.bytes == (watched.folder.parent / "crawl.jsonl").stat().st_size and extract.memory > 10 << 20
    assert judge.kept == records["kept"]
    assert judge.rejected == {f"heuristics/{reason}": count for reason, count in rejected["heuristics"].items()}


def test_a_look_that_fails_is_logged_and_taken_again(watched: Watched) -> None:
    assert [line for line in watched.logged if "slow" in line] == [
        "how far phase extract is can't be told just now, and is asked again: the store is slow"
    ]


def test_what_workers_wrote_down_is_gone_when_a_phase_is_done(watched: Watched) -> None:
    assert not list(watched.folder.glob("work/*/progress/*"))
