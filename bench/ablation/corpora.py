"""The corpora that are compared: what several pipelines make of the same WARC files.

Every arm keeps English alone and is run as its users run it. Ours differ by settings of the recipe, and those that leave
the extraction as it is go on from that of the first (``gristmill refilter``). The classes keep the shares that they
have: ``mix`` only changes how often a document is shown.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from filters.language import LanguageIdentifier
from parsers.encoding.detection import decode
from pipeline.sources.files import read_records
from pipeline.sources.records import PageRecord
from recipes import load

ENGLISH = ("identify.languages=[en]", "mix=null", "output.keep_work=text")
DATATROVE_CHILD = Path(__file__).with_name("datatrove_child.py")


@dataclass(frozen=True)
class Text:
    """A document of a corpus. ``id`` is the same for the same address and date in whichever corpus it is."""

    id: str
    url: str
    text: str


@dataclass(frozen=True)
class Arm:
    """A corpus to be made: by the mill with ``changes`` of the recipe, or by one of the other ways below."""

    name: str
    what: str
    changes: tuple[str, ...] = ()
    way: str = "mill"


def _without(name: str, what: str, *changes: str) -> Arm:
    return Arm(f"without {name}", what, changes, way="refilter")


OURS = "ours"
ARMS = (
    Arm("all text", "all text of the pages, as resiliparse gives it without looking for the main content", way="all text"),
    Arm("datatrove", "trafilatura and the filters and MinHash of datatrove's FineWeb recipe", way="datatrove"),
    Arm(OURS, "the recipe llama3 as it ships"),
    Arm("ours with trafilatura", "the same behind trafilatura", ("extract.parser=trafilatura",)),
    Arm("ours with resiliparse", "the same behind resiliparse", ("extract.parser=resiliparse",)),
    _without("domains", "no domain-level filter", "domains=null"),
    _without("near-duplicates", "near-duplicates stay", "documents=null"),
    _without("lines", "frequent lines stay", "lines=null"),
    _without("repetition", "repeated passages and repetitive documents stay", "heuristics={dirty_words: {}, kl_divergence: {}}"),
    _without("KL", "outliers of the token distribution stay", "heuristics={passages: {}, repetition: {}, dirty_words: {}}"),
    _without("heuristics", "none of the heuristics", "heuristics=null"),
    _without("quality", "documents of low quality stay", "quality=null"),
)  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """An arm's texts in the order of their ids, and the wall-clock seconds it took."""

    arm: Arm
    texts: tuple[Text, ...]
    seconds: float


def make(arm: Arm, crawl: Sequence[str], folder: Path, datatrove: str | None, workers: int = 1) -> Corpus:
    """Makes a corpus below ``folder``, or reads it where it was made before.

    ``datatrove``: a Python that has it. Raises ``LookupError`` with what is missing, ``subprocess.CalledProcessError``
    where a pipeline failed.
    """
    stored = folder / f"{arm.name.replace(' ', '-')}.jsonl"
    if not stored.exists():
        began = time.perf_counter()
        if arm.way == "mill" or (arm.way == "refilter" and not (folder / OURS).exists()):
            inputs = [part for path in crawl for part in ("--input", path)]
            texts = _milled(["run", "llama3", *inputs], (*ENGLISH, *arm.changes), folder / stored.stem, workers)
        elif arm.way == "refilter":
            texts = _milled(["refilter", str(folder / OURS)], arm.changes, folder / stored.stem, workers)
        elif arm.way == "all text":
            texts = _all_text(crawl)
        else:
            if datatrove is None:
                raise LookupError("name a Python that has datatrove: --datatrove PYTHON")
            texts = _datatrove(crawl, folder / stored.stem, datatrove)
        _store(stored, sorted(texts, key=lambda text: text.id), time.perf_counter() - began)
    with stored.open(encoding="utf-8") as file:
        seconds = json.loads(next(file))["seconds"]
        return Corpus(arm, tuple(Text(**json.loads(line)) for line in file), seconds)


def _store(path: Path, texts: list[Text], seconds: float) -> None:
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        print(json.dumps({"seconds": seconds}), file=file)
        for text in texts:
            print(json.dumps({"id": text.id, "url": text.url, "text": text.text}), file=file)
    part.replace(path)


def _milled(words: Sequence[str], changes: Sequence[str], output: Path, workers: int) -> Iterator[Text]:
    settings = [part for change in changes for part in ("--set", change)]
    command = [
        sys.executable,
        "-m",
        "gristmill",
        *words,
        "--output",
        str(output),
        "--workers",
        str(workers),
        *settings,
    ]
    subprocess.run(command, check=True, stdout=sys.stderr)
    for shard in sorted((output / "documents").glob("*.parquet")):
        for row in pq.read_table(shard, columns=["id", "url", "text"]).to_pylist():
            yield Text(row["id"], row["url"], row["text"])


def _all_text(crawl: Sequence[str]) -> Iterator[Text]:
    from resiliparse.extract.html2text import extract_plain_text  # an arm's own library

    identifier, settings = LanguageIdentifier(), load("llama3").read
    for path in crawl:
        for record in read_records(path, path, settings):
            if isinstance(record, PageRecord) and record.html:
                text = extract_plain_text(decode(record.html, record.content_type)[0], main_content=False)
                if text and identifier.identify(text)[0] == "en":
                    yield Text(record.id, record.url, text)


def _datatrove(crawl: Sequence[str], output: Path, python: str) -> Iterator[Text]:
    found = output / "texts.jsonl"
    if not found.exists():
        output.mkdir(parents=True, exist_ok=True)
        identifier = LanguageIdentifier()
        command = [python, str(DATATROVE_CHILD), str(output), str(identifier.model_path), *crawl]
        subprocess.run(command, check=True, stdout=sys.stderr)
    with found.open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            key = hashlib.sha256(f"{row['url']} {row['date']}".encode()).hexdigest()
            yield Text(key, row["url"], row["text"])
