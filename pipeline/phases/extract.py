"""Phase extract: input files in; text, features and first rejections of their documents out.

Map-only, one unit an input file. Walks the first stages of a page's way: read, block, extract, identify. What can be
measured on a text alone is measured here too, while it is in memory: words, evidence for its domain's verdict, and
the MinHash signature.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import apache_beam as beam

from blocklists.blocker import Blocker
from blocklists.domain import registrable_domain
from dedup.minhash import signature
from dedup.shingles import shingle_hashes
from dedup.url import canonical_url
from filters.content_class import content_class
from filters.domain_evidence import PageEvidence, PageLimits
from filters.language import LanguageIdentifier
from parsers.blocks.normalize import inline
from parsers.extracted import Extracted
from parsers.sandbox import Failure, IsolatedParser, Limits, Page
from pipeline import tables
from pipeline.commit import Attempt
from pipeline.phase import Phase
from pipeline.phases.documents import shingling
from pipeline.run_state import InputFile, RunState
from pipeline.sources.body import tidy_text
from pipeline.sources.files import read_records
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord
from pipeline.stages import BLOCK, EXTRACT, IDENTIFY, READ
from pipeline.stopwatch import measure, measured
from pipeline.transforms.work_units import UnitDoFn, units_collection
from recipes import Recipe
from text.document import Document
from text.hashing import hash128_hex
from text.hosts import host_of

# Pages that wait for the parser together, and what a part may hold: they bound a worker's memory to some 300 MB.
BATCH_PAGES = 16
PART_TEXT_BYTES = 32 << 20
PART_ROWS = 20_000


def units(run: RunState) -> list[str]:
    return [file.unit for file in run.inputs]


def build(pipeline: beam.Pipeline, run: RunState, settings: Recipe, todo: frozenset[str]) -> None:
    files = units_collection(pipeline, [file for file in run.inputs if file.unit in todo])
    _ = files | "read, block, extract, identify" >> beam.ParDo(ExtractFile(run, PHASE.name))


PHASE = Phase("extract", units, build, map_only=True, settings=lambda recipe: recipe)


@dataclass(frozen=True)
class Rejection:
    """A record that goes in this phase."""

    record: PageRecord | RejectedRecord
    stage: str
    reason: str
    score: float | None = None
    words: int = 0


@dataclass(frozen=True)
class Measured:
    """A document that goes on, with all that its tables hold."""

    text: dict[str, Any]
    features: dict[str, Any]


Outcome = Measured | Rejection | FailedRecord


class ExtractFile(UnitDoFn):
    """Turns one input file into parts."""

    def setup(self) -> None:
        recipe = self.run.recipe
        self._blocker = Blocker(**vars(recipe.block)) if recipe.block else None
        limits = Limits(
            recipe.read.max_record_bytes,
            recipe.extract.max_tags,
            recipe.extract.max_depth,
            recipe.extract.memory_mb,
            recipe.extract.seconds,
        )
        self._parser = IsolatedParser(recipe.extract.parser, limits, recipe.extract.alt_text)
        self._identifier = LanguageIdentifier()
        self._evidence = PageEvidence(PageLimits(**vars(recipe.domains.page))) if recipe.domains else None

    def teardown(self) -> None:
        self._parser.close()

    def work(self, unit: InputFile, attempt: Attempt) -> dict[str, Any]:
        counts = {"records": 0, "undated": 0, "words": 0, "lines": 0, "clock": 0, "parts": 0}
        languages: Counter[str] = Counter()
        part = _Part()
        digests: list[str] = []
        source = read_records(unit.path, unit.name, self.run.recipe.read, unit.limit, digests.append)
        while batch := _next_batch(source):
            counts["records"] += len(batch)
            counts["undated"] += sum(isinstance(record, PageRecord) and not record.date for record in batch)
            for outcome in self._outcomes(batch):
                counts["clock"] += isinstance(outcome, Rejection) and outcome.reason == "clock"
                counts["words"] += _words_of(outcome)
                if isinstance(outcome, Measured):
                    counts["lines"] += outcome.features["lines"]
                    languages[outcome.features["language"]] += 1
                part.add(outcome)
            if part.is_full():
                part.write(attempt, counts["parts"])
                counts["parts"] += 1
                part = _Part()
        if not part.is_empty() or counts["parts"] == 0:
            part.write(attempt, counts["parts"])
            counts["parts"] += 1
        return {**counts, "languages": dict(languages), "sha256": digests[0]}

    def _outcomes(self, batch: list[Record]) -> Iterator[Outcome]:
        pages: list[PageRecord] = []
        for record in batch:
            if isinstance(record, FailedRecord):
                yield record
            elif isinstance(record, RejectedRecord):
                yield Rejection(record, READ.name, record.reason, record.score)
            elif blocked := self._blocker.judge(record.url) if self._blocker else None:
                yield Rejection(record, BLOCK.name, blocked.reason)
            elif record.text is not None:
                text = Extracted(tidy_text(record.text), inline(record.title), undecodable=record.undecodable)
                yield self._judge_text(record, text)
            else:
                pages.append(record)
        for page, result in zip(pages, self._parse(pages), strict=True):
            yield self._judge_text(page, result)

    @measured(EXTRACT.name)
    def _parse(self, pages: list[PageRecord]) -> list[Extracted | Failure]:
        return list(self._parser.extract_all([Page(page.html, page.url, page.content_type) for page in pages]))

    def _judge_text(self, page: PageRecord, extracted: Extracted | Failure) -> Outcome:
        settings = self.run.recipe.extract
        if isinstance(extracted, Failure):
            # Limits are verdicts with a number; a parser that raised or died is a failure.
            if extracted.kind in ("too_many_bytes", "too_many_tags", "too_deep", "memory", "clock"):
                return Rejection(page, EXTRACT.name, extracted.kind, extracted.score)
            return FailedRecord(page.id, page.url, extracted.message)
        if extracted.undecodable > settings.max_undecodable:
            return Rejection(page, EXTRACT.name, "undecodable", extracted.undecodable)
        document = Document(extracted.text, spans=extracted.spans, url=page.url)
        with measure(EXTRACT.name):
            found = document.view.words
        if not found:
            return Rejection(page, EXTRACT.name, "no_text", 0)
        if len(found) < settings.min_words:
            return Rejection(page, EXTRACT.name, "too_short", len(found), len(found))
        with measure(IDENTIFY.name):
            language, score = self._identifier.identify(extracted.text, extracted.spans)
        if identify := self.run.recipe.identify:
            if score < identify.min_score:
                return Rejection(page, IDENTIFY.name, "uncertain_language", score, len(found))
            if identify.languages is not None and language not in identify.languages:
                return Rejection(page, IDENTIFY.name, f"language_{language}", score, len(found))
        return self._measure(page, extracted, document.in_language(language), score)

    def _measure(self, page: PageRecord, extracted: Extracted, document: Document, language_score: float) -> Measured:
        recipe, language = self.run.recipe, document.language
        places = recipe.documents.bands * recipe.documents.rows if recipe.documents else 0
        with measure("documents"):
            signatures = {}
            if recipe.documents:
                folded = document.view.folded
                for kind, hashes in shingle_hashes(folded, language, shingling(recipe.documents)).items():
                    signatures[f"signature_of_{kind}"] = signature(hashes, places).tobytes()
        with measure("domains"):
            evidence = list(self._evidence(document).to_tuple()) if self._evidence else None
        features = {
            "id": page.id,
            "url": page.url,
            "date": page.date,
            "language": language,
            "domain": registrable_domain(host_of(page.url)),
            "url_key": hash128_hex(canonical_url(page.url, recipe.urls.rules)),
            "content_hash": hash128_hex(extracted.text),
            "class": content_class(document),
            "words": len(document.view.words),
            "lines": len(document.view.lines),
            "kinds": extracted.kinds,
            "removed": extracted.removed,
            "published": extracted.date or None,
            "language_hint": extracted.language_hint or None,
            "evidence": evidence,
            **signatures,
        }
        text = {
            **{name: features[name] for name in ("id", "url", "date", "language")},
            "language_score": language_score,
            "title": extracted.title or page.title,
            "text": extracted.text,
            "spans": tables.spans_to(extracted.spans),
        }
        return Measured(text, features)


@measured(READ.name)
def _next_batch(source: Iterator[Record]) -> list[Record]:
    return list(islice(source, BATCH_PAGES))


class _Part:
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

    def write(self, attempt: Attempt, part: int) -> None:
        documents = sorted(self._measured, key=lambda m: m.text["id"])
        attempt.write_table("text", tables.table(tables.TEXT, (m.text for m in documents)), part)
        attempt.write_table("features", tables.table(tables.FEATURES, (m.features for m in documents)), part)
        rejected = sorted((_rejected_row(rejection) for rejection in self._rejected), key=lambda row: row["id"])
        attempt.write_table("rejected", tables.table(tables.REJECTED, rejected), part)
        failures = sorted(self._failed, key=lambda f: (f.id, f.error))
        attempt.write_table("failed", tables.table(tables.FAILED, (vars(failure) for failure in failures)), part)


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


def _words_of(outcome: Outcome) -> int:
    if isinstance(outcome, Measured):
        return outcome.features["words"]
    return outcome.words if isinstance(outcome, Rejection) else 0
