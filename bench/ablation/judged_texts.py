"""What models are judged by: text that people marked as the content of a page, code, formulas, questions of test sets.

The pages of the first kind come from sites that the crawl may hold too; a corpus leaves those sites out
(:attr:`JudgedTexts.sites`), so that no arm is paid for having kept the answer.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from blocklists import registrable_domain
from filters.language import LanguageIdentifier

CODE, FORMULAS = "code", "formulas"
QUESTIONS = 400  # of each test set: a bit more than one page's worth of text would change no interval
_SHORTEST = 200  # characters; of less, bits per byte say more about the first word than about the model
_SOME_CHARACTERS = 20_000  # of one page: a few documentations would outweigh all others


@dataclass(frozen=True)
class JudgedTexts:
    """``texts[set]`` in a fixed order, and the registrable domains they were taken from."""

    texts: dict[str, list[str]]
    sites: frozenset[str]


def read_judged_texts(data: Path, language: str | None = "en", most: int | None = None) -> JudgedTexts:
    """From the unpacked data at ``data``: ``extraction/gold.jsonl`` by source, and ``labelled/bench-decontam``.

    Of the pages those in ``language`` count (all of them with ``None``). No set has more than ``most`` texts: every n-th of them.
    """
    identifier = LanguageIdentifier()
    texts: dict[str, list[str]] = {}
    sites: set[str] = set()
    with (data / "extraction/gold.jsonl").open(encoding="utf-8") as file:
        for page in map(json.loads, file):
            sites.add(site(page["url"]))
            text = page["text"]
            if language and identifier.identify(text)[0] != language:
                continue
            texts.setdefault(page["source"], []).append(text)
            texts.setdefault(CODE, []).append("\n\n".join(page.get("code", [])))
            texts.setdefault(FORMULAS, []).append("\n".join(page.get("tex", [])))
    for name, found in _questions(data / "labelled/bench-decontam").items():
        texts.setdefault(name, []).extend(found)
    kept = {name: [t[:_SOME_CHARACTERS] for t in found if len(t) >= _SHORTEST] for name, found in texts.items()}
    if most is not None:
        kept = {name: list(_evenly(found, most)) for name, found in kept.items()}
    return JudgedTexts({name: found for name, found in sorted(kept.items()) if found}, frozenset(sites))


def site(url: str) -> str:
    """The registrable domain of an address; the address itself where it names no host."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return registrable_domain(host) if host else url


def _questions(folder: Path) -> dict[str, list[str]]:
    """Programs of HumanEval with their solutions, problems of GSM8K with theirs, questions of MMLU with the answer."""
    found: dict[str, list[str]] = {}
    if (path := folder / "HumanEval.jsonl.gz").exists():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            found[CODE] = [row["prompt"] + row["canonical_solution"] for row in map(json.loads, file)]
    if (path := folder / "gsm8k_test.jsonl").exists():
        with path.open(encoding="utf-8") as file:
            found["gsm8k"] = [f"{row['question']}\n{row['answer']}" for row in map(json.loads, file)][:QUESTIONS]
    files = sorted(folder.glob("mmlu/test/*.csv"))
    if files:
        found["mmlu"] = list(_evenly([f"{q}\n{answer}" for q, answer in _choices(files)], QUESTIONS))
    return found


def _choices(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """The question and its right answer."""
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["question"], row[f"choice{row['answer']}"]


def _evenly(items: list[str], number: int) -> Iterator[str]:
    """Every n-th of those that are long enough."""
    long = [item for item in items if len(item) >= _SHORTEST]
    step = max(len(long) // number, 1)
    yield from long[::step][:number]
