"""The first stages of a page's way, in memory: block, extract, identify; and what is measured of a document while its text
is there: words, links of its page, and the MinHash signature. A page that shows at a glance that it is in none of the languages
that are kept goes without being parsed."""

from __future__ import annotations

from collections.abc import Iterator

from blocklists import load as load_lists
from blocklists.blocker import Blocked, Blocker
from blocklists.decisions import KEEP
from blocklists.domain import registrable_domain
from filters.content_class import content_class
from filters.language import of_settings
from filters.linked_sites import linked_hosts
from filters.other_languages import OtherLanguages
from parsers.blocks.normalize import inline
from parsers.extracted import Extracted
from parsers.limits import PageTooCostly, check_size
from parsers.markup_text import stated_language, visible_text
from parsers.sandbox import Failure, IsolatedParser, Limits, Page
from pipeline.sources.body import tidy_text
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord
from pipeline.stages import BLOCK, EXTRACT, IDENTIFY, READ
from pipeline.stopwatch import measure, measured
from pipeline.transforms.extracted_part import Measured, Outcome, Rejection
from pipeline.transforms.measures import signatures, url_key
from pipeline.transforms.people import decisions_of
from recipes import Recipe
from text.document import Document
from text.hashing import hash128_hex
from text.hosts import host_of

# What a verdict of identify was taken by where the page was not parsed, and how much of that text is kept to be looked at.
_UNPARSED = "its markup, unparsed"
_SHOWN_CHARS = 10_000


class FirstStages:
    """Judges and measures records by a recipe. Holds a parser's process until :meth:`close`."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._blocker = Blocker(**vars(recipe.block)) if recipe.block else None
        self._decisions = decisions_of(recipe)
        self._limits = Limits(
            recipe.read.max_record_bytes,
            recipe.extract.max_tags,
            recipe.extract.max_depth,
            recipe.extract.memory_mb,
            recipe.extract.seconds,
        )
        self._parser = IsolatedParser(recipe.extract.parser, self._limits, recipe.extract.alt_text)
        self._identifier = of_settings(recipe.identify)
        self._others = None
        if recipe.identify and recipe.identify.before_parsing and recipe.identify.languages is not None:
            self._others = OtherLanguages(self._identifier, recipe.identify.languages)
        self._marks_mixed = recipe.identify is not None and recipe.identify.mixed_share is not None
        self._listed = load_lists(recipe.domains.listed) if recipe.domains and recipe.domains.listed else None

    def close(self) -> None:
        """Ends the parser's process."""
        self._parser.close()

    def outcomes(self, batch: list[Record]) -> Iterator[Outcome]:
        """One for each record; those of pages that are parsed come last."""
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
            elif unwanted := self._in_other_language(record):
                yield unwanted
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

    @measured(IDENTIFY.name)
    def _in_other_language(self, page: PageRecord) -> Rejection | None:
        """The verdict on a page that needs no parsing, because all that its markup shows is surely in other languages."""
        if self._others is None or stated_language(page.html) in self._others.wanted:
            return None
        try:
            check_size(page.html, self._limits)
        except PageTooCostly:
            return None  # it is rejected for that
        text = visible_text(page.html, page.content_type)
        found = self._others.judge(text) if text is not None else None
        if text is None or found is None:
            return None
        language, score = found
        shown = Extracted(text[:_SHOWN_CHARS])
        reason = self._unwanted(language, score)
        return Rejection(page, IDENTIFY.name, reason, score, 0, (), shown, language, _UNPARSED) if reason else None

    @measured(EXTRACT.name)
    def _parse(self, pages: list[PageRecord]) -> list[Extracted | Failure]:
        results = list(self._parser.extract_all([Page(page.html, page.url, page.content_type) for page in pages]))
        if self._recipe.extract.headline == "keep":
            return results
        return [each.without_headline() if isinstance(each, Extracted) else each for each in results]

    def _judge_text(self, page: PageRecord, extracted: Extracted | Failure) -> Outcome:
        settings = self._recipe.extract
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
        settings = self._recipe.identify
        if settings is None:
            return ""
        if score < settings.min_score:
            return "uncertain_language"
        return "" if settings.languages is None or language in settings.languages else f"language_{language}"

    def _measure(self, page: PageRecord, extracted: Extracted, document: Document, language_score: float) -> Measured:
        recipe, language = self._recipe, document.language
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
            "spans": extracted.spans,
        }
        return Measured(text, features)


def _domains_linked(page: PageRecord) -> tuple[str, list[str]]:
    """The page's own domain, and the others that it links to."""
    own = registrable_domain(host_of(page.url))
    return own, sorted({registrable_domain(host) for host in linked_hosts(page.html)} - {own})
