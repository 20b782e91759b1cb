"""What becomes of records in extraction, and the part that they are collected in until it is written."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from parsers.extracted import Extracted
from pipeline import tables
from pipeline.commit import Attempt
from pipeline.input_units import Stretch
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord

# What a part may hold: with the pages that wait for the parser it bounds a worker's memory to some 300 MB.
PART_TEXT_BYTES = 32 << 20
PART_ROWS = 20_000
# The role and output folder of where records were read.
PLACES = "places"
# The role of texts that were rejected while they were extracted.
REJECTED_TEXTS = "rejected_texts"


@dataclass(frozen=True)
class Rejection:
    """A record that goes in extraction; ``extracted`` and ``language`` as far as it had come. ``detail``: what it was judged by,
    where that isn't the text that a parser gave."""

    record: PageRecord | RejectedRecord
    stage: str
    reason: str
    score: float | None = None
    words: int = 0
    links: tuple[tuple[str, str], ...] = ()  # of a listed site: its domain, and one that it links to
    extracted: Extracted | None = None
    language: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Measured:
    """A document that goes on, with all that its tables hold."""

    text: dict[str, Any]
    features: dict[str, Any]


Outcome = Measured | Rejection | FailedRecord


def words_of(outcome: Outcome) -> int:
    """How many words of text were read."""
    if isinstance(outcome, Measured):
        return outcome.features["words"]
    return outcome.words if isinstance(outcome, Rejection) else 0


def noting_places(records: Iterator[Record], read: Stretch, places: list[dict[str, Any]]) -> Iterator[Record]:
    """The records, and of each a row of :data:`tables.PLACES`."""
    for record in records:
        member = None
        if record.file is not None and record.file != read.name:
            member = record.file.removeprefix(f"{read.name}, ")  # as the reader of WACZ files names it
        offset = record.row if record.offset is None else record.offset
        places.append({"id": record.id, "file": read.file, "member": member, "offset": offset})
        yield record


class ExtractedPart:
    """Collects outcomes until there are enough for a part; writes them sorted by id.

    Of what was rejected with a text, those of the ``texts`` smallest ids of each reason are kept: whichever way a crawl is
    cut into parts, the smallest of all are among them.
    """

    def __init__(self, texts: int) -> None:
        self._measured: list[Measured] = []
        self._rejected: list[dict[str, Any]] = []
        self._links: set[tuple[str, str]] = set()
        self._failed: list[FailedRecord] = []
        self._texts: defaultdict[tuple[str, str], _Smallest] = defaultdict(lambda: _Smallest(texts))
        self._bytes = 0

    def add(self, outcome: Outcome) -> None:
        if isinstance(outcome, Measured):
            self._measured.append(outcome)
            self._bytes += 2 * len(outcome.text["text"])
        elif isinstance(outcome, Rejection):
            # The row alone: the record may hold a page's bytes.
            row = _rejected_row(outcome)
            self._rejected.append(row)
            self._links.update(outcome.links)
            if outcome.extracted is not None and outcome.extracted.text:
                added = {"language": outcome.language, **_text_columns(outcome.extracted)}
                self._bytes += self._texts[outcome.stage, outcome.reason].add({**row, **added})
        else:
            self._failed.append(outcome)

    def is_full(self) -> bool:
        rows = len(self._measured) + len(self._rejected) + len(self._failed)
        return self._bytes >= PART_TEXT_BYTES or rows >= PART_ROWS

    def is_empty(self) -> bool:
        return not (self._measured or self._rejected or self._failed)

    def write(self, attempt: Attempt, part: int, places: list[dict[str, Any]]) -> None:
        documents = sorted(self._measured, key=lambda m: m.text["id"])
        attempt.write_table("text", tables.document_table(tables.TEXT, (m.text for m in documents)), part)
        attempt.write_table("features", tables.table(tables.FEATURES, (m.features for m in documents)), part)
        rejected = sorted(self._rejected, key=lambda row: row["id"])
        attempt.write_table("rejected", tables.table(tables.REJECTED, rejected), part)
        texts = sorted((row for each in self._texts.values() for row in each.rows()), key=_by_reason)
        attempt.write_table(REJECTED_TEXTS, tables.table(tables.REJECTED_TEXTS, texts), part)
        rows = ({"source": source, "target": target} for source, target in sorted(self._links))
        attempt.write_table("listed_links", tables.table(tables.LISTED_LINKS, rows), part)
        failures = sorted(self._failed, key=lambda f: (f.id, f.error))
        attempt.write_table("failed", tables.table(tables.FAILED, (vars(failure) for failure in failures)), part)
        where = tables.table(tables.PLACES, places).sort_by("id").combine_chunks()
        attempt.write_table(PLACES, where, part, folder=PLACES)


class _Smallest:
    """The rows with the smallest ids of all that were added; of rows with one id the first."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._rows: dict[str, dict[str, Any]] = {}
        self._largest: list[tuple[int, str]] = []  # ids by descending rank: a heap whose first is the largest id

    def add(self, row: dict[str, Any]) -> int:
        """Returns how many bytes of text more are held, some two for each character."""
        identity = row["id"]
        if not self._count or identity in self._rows:
            return 0
        gone = None
        if len(self._rows) == self._count:
            if identity > self._largest[0][1]:
                return 0
            gone = self._rows.pop(heapq.heappop(self._largest)[1])
        self._rows[identity] = row
        heapq.heappush(self._largest, (-int(identity, 16), identity))
        return 2 * (len(row["text"]) - (len(gone["text"]) if gone else 0))

    def rows(self) -> list[dict[str, Any]]:
        return list(self._rows.values())


def _by_reason(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["stage"], row["reason"], row["id"]


def _text_columns(extracted: Extracted) -> dict[str, Any]:
    return {"title": extracted.title, "text": extracted.text, "spans": tables.spans_to(extracted.spans)}


def _rejected_row(rejection: Rejection) -> dict[str, Any]:
    record = rejection.record
    return {
        "id": record.id,
        "url": record.url,
        "date": record.date,
        "stage": rejection.stage,
        "reason": rejection.reason,
        "score": rejection.score,
        "detail": rejection.detail,
        "words": rejection.words,
        "removed_words": 0,
    }
