"""What extraction makes of records, gathered into parts: documents with their features, rejections, failures, places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline import tables
from pipeline.commit import Attempt
from pipeline.input_units import Stretch
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord

# What a part may hold: it bounds a worker's memory.
PART_TEXT_BYTES = 32 << 20
PART_ROWS = 20_000
# The role and output folder of where records were read.
PLACES = "places"


@dataclass(frozen=True)
class Rejection:
    """A record that goes in extraction."""

    record: PageRecord | RejectedRecord
    stage: str
    reason: str
    score: float | None = None
    words: int = 0
    links: tuple[tuple[str, str], ...] = ()  # of a listed site: its domain, and one that it links to


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
    """Collects outcomes until there are enough for a part; writes them sorted by id."""

    def __init__(self) -> None:
        self._measured: list[Measured] = []
        self._rejected: list[Rejection] = []
        self._failed: list[FailedRecord] = []
        self._bytes = 0

    def add(self, outcome: Outcome) -> None:
        if isinstance(outcome, Measured):
            self._measured.append(outcome)
            self._bytes += 2 * len(outcome.text["text"])
        elif isinstance(outcome, Rejection):
            self._rejected.append(outcome)
        else:
            self._failed.append(outcome)

    def is_full(self) -> bool:
        rows = len(self._measured) + len(self._rejected) + len(self._failed)
        return self._bytes >= PART_TEXT_BYTES or rows >= PART_ROWS

    def is_empty(self) -> bool:
        return not (self._measured or self._rejected or self._failed)

    def write(self, attempt: Attempt, part: int, places: list[dict[str, Any]]) -> None:
        documents = sorted(self._measured, key=lambda m: m.text["id"])
        attempt.write_table("text", tables.table(tables.TEXT, (m.text for m in documents)), part)
        attempt.write_table("features", tables.table(tables.FEATURES, (m.features for m in documents)), part)
        rejected = sorted((_rejected_row(rejection) for rejection in self._rejected), key=lambda row: row["id"])
        attempt.write_table("rejected", tables.table(tables.REJECTED, rejected), part)
        links = sorted({link for rejection in self._rejected for link in rejection.links})
        rows = ({"source": source, "target": target} for source, target in links)
        attempt.write_table("listed_links", tables.table(tables.LISTED_LINKS, rows), part)
        failures = sorted(self._failed, key=lambda f: (f.id, f.error))
        attempt.write_table("failed", tables.table(tables.FAILED, (vars(failure) for failure in failures)), part)
        where = tables.table(tables.PLACES, places).sort_by("id").combine_chunks()
        attempt.write_table(PLACES, where, part, folder=PLACES)


def _rejected_row(rejection: Rejection) -> dict[str, Any]:
    record = rejection.record
    return {
        "id": record.id,
        "url": record.url,
        "date": record.date,
        "stage": rejection.stage,
        "reason": rejection.reason,
        "score": rejection.score,
        "words": rejection.words,
        "removed_words": 0,
    }
