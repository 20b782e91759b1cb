"""Phase extract: input files in; text, features and first rejections of their documents out.

Map-only, one unit a stretch of an input file, or some small files (:mod:`pipeline.input_units`). Walks the first stages of
a page's way: read, block, extract, identify. What can be measured on a text alone is measured here too, while it is in
memory: words, links of its page, and the MinHash signature.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import apache_beam as beam

from blocklists import load as load_lists
from blocklists.blocker import Blocked, Blocker
from blocklists.decisions import KEEP
from blocklists.domain import registrable_domain
from filters.content_class import content_class
from filters.language import of_settings
from filters.linked_sites import linked_hosts
from parsers.blocks.normalize import inline
from parsers.extracted import Extracted
from parsers.sandbox import Failure, IsolatedParser, Limits, Page
from pipeline import counters, tables
from pipeline.commit import Attempt
from pipeline.input_units import InputListing, InputUnit
from pipeline.phase import Phase
from pipeline.run_state import RunState
from pipeline.sources.body import tidy_text
from pipeline.sources.files import read_part_of_archive, read_records
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord
from pipeline.sources.stretches import Seam
from pipeline.stages import BLOCK, EXTRACT, IDENTIFY, READ
from pipeline.stopwatch import measure, measured
from pipeline.transforms.extracted_part import (
    ExtractedPart,
    Measured,
    Outcome,
    Rejection,
    noting_places,
    words_of,
)
from pipeline.transforms.measures import signatures, url_key
from pipeline.transforms.people import decisions_of
from pipeline.transforms.reading_place import ReadingPlace
from pipeline.transforms.work_units import UnitDoFn, Units, work_on
from recipes import Recipe
from text.document import Document
from text.hashing import hash128_hex
from text.hosts import host_of

# Pages that wait for the parser together.
BATCH_PAGES = 16


def units(run: RunState) -> int:
    return run.input_units


def build(pipeline: beam.Pipeline, run: RunState, settings: Recipe) -> None:
    work_on(pipeline, Units(run.input_units, InputListing(run.dir).block), ExtractUnit(run, PHASE.name))


def build_again(pipeline: beam.Pipeline, run: RunState, job: str, count: int) -> None:
    """Extracts the units of ``job``'s own listing."""
    work_on(pipeline, Units(count, InputListing(run.dir, job).block), ExtractUnit(run, job))


PHASE = Phase("extract", units, build, settings=lambda recipe: recipe)


Reading = tuple[int, int, str, Seam]
"""Of a stretch: the index of its file, where it starts, the sha256 of its bytes, how it fits its neighbours."""


class ExtractUnit(UnitDoFn):
    """Turns stretches of input files into parts."""

    def setup(self) -> None:
        recipe = self.run.recipe
        self._blocker = Blocker(**vars(recipe.block)) if recipe.block else None
        self._decisions = decisions_of(recipe)
        limits = Limits(
            recipe.read.max_record_bytes,
            recipe.extract.max_tags,
            recipe.extract.max_depth,
            recipe.extract.memory_mb,
            recipe.extract.seconds,
        )
        self._parser = IsolatedParser(recipe.extract.parser, limits, recipe.extract.alt_text)
        self._identifier = of_settings(recipe.identify)
        self._marks_mixed = recipe.identify is not None and recipe.identify.mixed_share is not None
        self._listed = load_lists(recipe.domains.listed) if recipe.domains and recipe.domains.listed else None

    def teardown(self) -> None:
        self._parser.close()

    def work(self, unit: InputUnit, attempt: Attempt) -> dict[str, Any]:
        counts = {"records": 0, "undated": 0, "words": 0, "lines": 0, "clock": 0, "parts": 0}
        languages: Counter[str] = Counter()
        kept_texts = self.run.recipe.output.keep_rejected
        texts = kept_texts.texts if kept_texts else 0
        part = ExtractedPart(texts)
        read: list[Reading] = []
        places: list[dict[str, Any]] = []
        place = ReadingPlace(unit)
        source = self._records(unit, read, places, place)
        while batch := _next_batch(source):
            counts["records"] += len(batch)
            counts["undated"] += sum(isinstance(record, PageRecord) and not record.date for record in batch)
            seen: Counter[str] = Counter()
            went: list[str] = []
            for outcome in self._outcomes(batch):
                seen[_counter_of(outcome)] += 1
                seen["words"] += words_of(outcome)
                if isinstance(outcome, Rejection):
                    went.append(f"{outcome.stage}/{outcome.reason}")
                counts["clock"] += isinstance(outcome, Rejection) and outcome.reason == "clock"
                if isinstance(outcome, Measured):
                    counts["lines"] += outcome.features["lines"]
                    languages[outcome.features["language"]] += 1
                part.add(outcome)
            counts["words"] += seen["words"]
            counters.add({**seen, "records": len(batch)})
            self.advanced(place.share, len(batch), seen["extracted"], place.advance(), went)
            if part.is_full():
                part.write(attempt, counts["parts"], places)
                counts["parts"] += 1
                part = ExtractedPart(texts)
                places.clear()
        if not part.is_empty() or counts["parts"] == 0:
            part.write(attempt, counts["parts"], places)
            counts["parts"] += 1
        return {**counts, "languages": dict(languages), "read": read}

    def _records(
        self, unit: InputUnit, read: list[Reading], places: list[dict[str, Any]], place: ReadingPlace
    ) -> Iterator[Record]:
        """The records of all stretches. Adds to ``read`` how each was read, to ``places`` where each record lies; moves
        ``place`` on."""
        settings = self.run.recipe.read
        for one in unit.stretches:
            found: list[tuple[str, Seam]] = []
            if one.is_whole:
                digests: list[str] = []
                records = read_records(one.path, one.name, settings, one.limit, digests.append)
                yield from place.following(noting_places(records, one, places), one)
                found.append((digests[0], Seam(0, None)))
            else:
                bounds = one.start, one.end, one.exact, one.damaged
                records = read_part_of_archive(one.path, one.name, settings, bounds, found.append)
                yield from place.following(noting_places(records, one, places), one)
            read.append((one.file, one.start, *found[0]))

    def _outcomes(self, batch: list[Record]) -> Iterator[Outcome]:
        pages: list[PageRecord] = []
        for record in batch:
            if isinstance(record, FailedRecord):
                yield record
            elif isinstance(record, RejectedRecord):
                yield Rejection(record, READ.name, record.reason, record.score)
            elif blocked := self._blocked(record):
                yield Rejection(record, BLOCK.name, blocked.reason, links=self._links_of_listed(record))
            elif record.text is not None:
                text = Extracted(tidy_text(record.text), inline(record.title), undecodable=record.undecodable)
                yield self._judge_text(record, text)
            else:
                pages.append(record)
        for page, result in zip(pages, self._parse(pages), strict=True):
            yield self._judge_text(page, result)

    def _blocked(self, page: PageRecord) -> Blocked | None:
        blocked = self._blocker.judge(page.url) if self._blocker else None
        if blocked and self._decisions:
            decision = self._decisions.of_page(page.id, page.url, registrable_domain(host_of(page.url)))
            if decision is not None and decision.verdict == KEEP:
                return None
        return blocked

    def _links_of_listed(self, page: PageRecord) -> tuple[tuple[str, str], ...]:
        if self._listed is None or page.text is not None or self._listed.category(page.url) is None:
            return ()
        own, others = _domains_linked(page)
        return tuple((own, other) for other in others)

    @measured(EXTRACT.name)
    def _parse(self, pages: list[PageRecord]) -> list[Extracted | Failure]:
        results = list(self._parser.extract_all([Page(page.html, page.url, page.content_type) for page in pages]))
        if self.run.recipe.extract.headline == "keep":
            return results
        return [each.without_headline() if isinstance(each, Extracted) else each for each in results]

    def _judge_text(self, page: PageRecord, extracted: Extracted | Failure) -> Outcome:
        settings = self.run.recipe.extract
        if isinstance(extracted, Failure):
            # Limits are verdicts with a number; a parser that raised or died is a failure.
            if extracted.kind in ("too_many_bytes", "too_many_tags", "too_deep", "memory", "clock"):
                return Rejection(page, EXTRACT.name, extracted.kind, extracted.score)
            return FailedRecord(page.id, page.url, extracted.message)
        if extracted.undecodable > settings.max_undecodable:
            return Rejection(page, EXTRACT.name, "undecodable", extracted.undecodable, extracted=extracted)
        document = Document(extracted.text, spans=extracted.spans, url=page.url)
        with measure(EXTRACT.name):
            words = document.view.word_count
        if not words:
            return Rejection(page, EXTRACT.name, "no_text", 0)
        if words < settings.min_words:
            return Rejection(page, EXTRACT.name, "too_short", words, words, extracted=extracted)
        with measure(IDENTIFY.name):
            language, score = self._identifier.identify(extracted.text, extracted.spans)
        if reason := self._unwanted(language, score):
            return Rejection(page, IDENTIFY.name, reason, score, words, (), extracted, language)
        return self._measure(page, extracted, document.in_language(language), score)

    def _unwanted(self, language: str, score: float) -> str:
        """The reason why documents of a language go that was identified with this score; empty where they stay."""
        settings = self.run.recipe.identify
        if settings is None:
            return ""
        if score < settings.min_score:
            return "uncertain_language"
        return "" if settings.languages is None or language in settings.languages else f"language_{language}"

    def _measure(self, page: PageRecord, extracted: Extracted, document: Document, language_score: float) -> Measured:
        recipe, language = self.run.recipe, document.language
        with measure("documents"):
            signed = signatures(document, recipe)
        links = listed_links = None
        if self._listed is not None and page.text is None:
            with measure("domains"):
                _, others = _domains_linked(page)
                links, listed_links = len(others), sum(self._listed.category(other) is not None for other in others)
        languages = {}
        if self._marks_mixed:
            with measure(IDENTIFY.name):
                languages = self._identifier.shares(extracted.text, extracted.spans)
        features = {
            "id": page.id,
            "url": page.url,
            "date": page.date,
            "language": language,
            "language_score": language_score,
            "domain": registrable_domain(host_of(page.url)),
            "url_key": url_key(page.url, recipe),
            "content_hash": hash128_hex(extracted.text),
            "class": content_class(document, extracted.kinds, recipe.classes.code, recipe.classes.math),
            "words": document.view.word_count,
            "lines": len(document.view.lines),
            "kinds": extracted.kinds,
            "removed": extracted.removed,
            "published": extracted.date or None,
            "language_hint": extracted.language_hint or None,
            "languages": [{"language": name, "share": share} for name, share in languages.items()] or None,
            "warc_file": page.file,
            "warc_offset": page.offset,
            "links": links,
            "listed_links": listed_links,
            **signed,
        }
        text = {
            **{name: features[name] for name in ("id", "url", "date", "language", "language_score")},
            "title": extracted.title or page.title,
            "text": extracted.text,
            "spans": tables.spans_to(extracted.spans),
        }
        return Measured(text, features)


@measured(READ.name)
def _next_batch(source: Iterator[Record]) -> list[Record]:
    return list(islice(source, BATCH_PAGES))


def _domains_linked(page: PageRecord) -> tuple[str, list[str]]:
    """The page's own domain, and the others that it links to."""
    own = registrable_domain(host_of(page.url))
    return own, sorted({registrable_domain(host) for host in linked_hosts(page.html)} - {own})


def _counter_of(outcome: Outcome) -> str:
    if isinstance(outcome, Rejection):
        return counters.rejected(outcome.stage)
    return "extracted" if isinstance(outcome, Measured) else "failed"
