"""Phase domains: the evidence of a domain's pages, its name and its links decide about all of them.

    text -> evidence of each page (:mod:`pipeline.transforms.domain_pages`)
    -> (domain, evidence, parts, worst pages) and (domain, listed sites that link to it)
    -> scores -> verdicts -> (part, its domains) -> verdicts of pages

Domain names, small sums, part numbers and the addresses of three pages a domain cross the shuffle. A domain's list of
parts is bounded by the number of parts. The table of all domains is written by ranges of their names, one for each
``domains.pages_per_range`` pages: a worker holds the rows of one, some 2 kB each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from operator import itemgetter

import apache_beam as beam

from blocklists.blocker import load_allowed
from blocklists.decisions import DROP, KEEP
from filters.domain_evidence import (
    KINDS,
    DomainThresholds,
    Evidence,
    Marks,
    domain_scores,
    lone_page_score,
)
from filters.page_evidence import MAX_STRENGTH
from filters.site_names import name_marks
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState
from pipeline.stopwatch import measured
from pipeline.transforms.committing import commit
from pipeline.transforms.domain_pages import EVIDENCE_JOB, looked_at
from pipeline.transforms.domain_sums import MOST_SOURCES, AddUp, Looked, by_domain, linked_to
from pipeline.transforms.domain_table import Judged, ranges_of_table, write_tables
from pipeline.transforms.people import decisions_of, kept_by_people
from pipeline.transforms.verdict_tables import Verdict, write_verdicts
from pipeline.transforms.work_units import part_units, units_collection
from recipes.schema import Domains


def units(run: RunState) -> int:
    assert run.recipe.domains is not None
    return run.part_count() + ranges_of_table(run, run.recipe.domains)


def build(pipeline: beam.Pipeline, run: RunState, settings: Domains) -> None:
    run = looked_at(pipeline, run, settings)
    scored = (
        units_collection(pipeline, part_units(run))
        | "evidence and links" >> beam.FlatMap(_pages_and_links)
        | "sum by domain" >> beam.CombinePerKey(AddUp())
        | "score" >> beam.FlatMap(_scored, thresholds(settings))
    )
    # A view: that of no domain at all is made here, where otherwise a collection with a default would be.
    totals = (
        scored
        | "evidence alone" >> beam.Map(_evidence)
        | "whole crawl" >> beam.CombineGlobally(_add).as_singleton_view()
    )
    if settings.worst is None:
        judged = scored | "judge" >> beam.ParDo(_Judge(run, settings))
    else:
        cut = scored | "rank" >> beam.CombineGlobally(_Ranking(settings.worst, settings.review)).as_singleton_view()
        judged = scored | "judge" >> beam.ParDo(_Judge(run, settings), cut)
    of_parts = judged | "to parts" >> beam.FlatMap(_to_parts, settings, totals)
    by_part = write_verdicts(pipeline, of_parts, run, PHASE.name, _PageVerdicts(settings))
    names = scored | "name" >> beam.Map(itemgetter(0))
    table = write_tables(pipeline, judged, names, run, PHASE.name, settings)
    commit((by_part, table) | "receipts" >> beam.Flatten(), run.dir, PHASE.name, units(run))


PHASE = Phase("domains", units, build, settings=lambda recipe: recipe.domains, microseconds=50)


def thresholds(settings: Domains) -> DomainThresholds:
    """The thresholds of a recipe."""
    return DomainThresholds(
        settings.min_pages, settings.pii, settings.adult, settings.harm, settings.confidence, settings.review
    )


def _add(sums: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    total = Evidence()
    for values in sums:
        total += Evidence.from_tuple(values)
    return total.to_tuple()


def _pages_and_links(part: Part) -> Iterator[tuple[str, Looked]]:
    yield from by_domain(part)
    yield from linked_to(part)


def _evidence(judged) -> tuple[int, ...]:
    return Looked._make(Judged._make(judged).looked).evidence


@measured("domains")
def _scored(element: tuple[str, tuple], limits: DomainThresholds) -> Iterator[Judged]:
    """The scores of a domain that was crawled, and isn't only linked to."""
    domain, looked = element[0], Looked._make(element[1])
    if not looked.pages:
        return
    evidence = Evidence.from_tuple(looked.evidence)
    marks = Marks(name_marks(domain), _links_out(evidence), _links_in(looked))
    yield Judged(domain, looked, marks, domain_scores(evidence, limits, marks))


def _links_out(evidence: Evidence) -> dict[str, int]:
    """One bad page where three links and three of ten lead to listed sites of adults."""
    many = evidence.listed_links >= 3 and evidence.listed_links >= 0.3 * evidence.links
    return {"adult": 1} if many else {}


def _links_in(looked: Looked) -> dict[str, int]:
    """One bad page where two listed sites link to a domain, two where ten do."""
    return {"adult": 1 + (len(looked.sources) >= MOST_SOURCES)} if len(looked.sources) >= 2 else {}


class _Ranking(beam.CombineFn):
    """From the scores of all judged domains the one that so large a share of them is above, by kind."""

    def __init__(self, share: float, least: float):
        self.share, self.least = share, least

    def create_accumulator(self):
        return {kind: Counter() for kind in KINDS}

    def add_input(self, accumulator, judged):
        for kind, score in (Judged._make(judged).scores or {}).items():
            accumulator[kind][score] += 1
        return accumulator

    def merge_accumulators(self, accumulators):
        merged = self.create_accumulator()
        for each in accumulators:
            for kind, counts in each.items():
                merged[kind].update(counts)
        return merged

    def extract_output(self, accumulator):
        return {kind: cut_of(self.share, self.least, counts) for kind, counts in accumulator.items()}


def cut_of(share: float, least: float, counts: Counter[float]) -> float:
    """The score above which at most ``share`` of all lie; ``least`` where that would be lower. Equals stay together."""
    room = int(share * counts.total())
    for score in sorted(counts, reverse=True):
        room -= counts[score]
        if room < 0:
            return max(score, least)
    return least


class _Judge(beam.DoFn):
    """Verdicts by score; what people and allow lists say wins."""

    def __init__(self, run: RunState, settings: Domains):
        self.recipe, self.settings = run.recipe, settings

    def setup(self) -> None:
        self._decisions = decisions_of(self.recipe)
        self._allowed = load_allowed(self.recipe.block.allow if self.recipe.block else ())

    def process(self, judged, cuts: dict[str, float] | None = None):
        judged = Judged._make(judged)
        decision = self._decisions.of_domain(judged.domain)
        verdict = decision.verdict if decision else None
        if verdict not in (DROP, KEEP):
            allowed = self._allowed is not None and self._allowed.category(judged.domain) is not None
            for kind in KINDS:
                cut = cuts[kind] if cuts else self.settings.confidence
                score = (judged.scores or {}).get(kind, 0.0)
                if score > cut and not (allowed and kind != "pii"):
                    yield judged._replace(reason=kind, score=score, decision=verdict)
                    return
            verdict = verdict or ("allowed" if allowed else None)
        yield judged._replace(decision=verdict)


def _to_parts(judged, settings: Domains, totals: tuple[int, ...]) -> Iterator[tuple[int, tuple]]:
    """(part, (domain, reason, score, scores of single pages by kind and strength)) for domains of which pages may go."""
    judged = Judged._make(judged)
    by_strength: tuple = ()
    lone = judged.scores is None and judged.decision not in (DROP, KEEP, "allowed") and judged.reason is None
    if lone and judged.looked.worst:
        crawl, limits = Evidence.from_tuple(totals), thresholds(settings)
        by_strength = tuple(
            tuple(
                lone_page_score(strength, crawl.bad(kind) / max(1, crawl.judged(kind)), kind, limits, judged.marks)
                for strength in range(MAX_STRENGTH + 1)
            )
            for kind in KINDS
        )
    if judged.reason is not None or by_strength:
        for part in judged.looked.parts:
            yield part, (judged.domain, judged.reason, judged.score, by_strength)


class _PageVerdicts:
    """The verdicts of a part's pages that follow from their domains. Those that people have decided about are left alone."""

    def __init__(self, settings: Domains):
        self.settings = settings

    def __call__(self, part: Part, found: Iterable[tuple]) -> Iterator[Verdict]:
        domains = {domain: (reason, score, lone) for domain, reason, score, lone in found}
        if not domains:
            return
        judged = part.alive() & ~kept_by_people(part)
        features = part.read("extract", "features", ["domain"]).to_pylist()
        strengths = part.read(EVIDENCE_JOB, "evidence", ["strengths"])["strengths"].to_pylist()
        for row, page in enumerate(features):
            domain = page["domain"]
            if not judged[row] or domain not in domains:
                continue
            reason, score, lone = domains[domain]
            verdict = (reason, score) if reason else self._alone(lone, strengths[row])
            if verdict is not None:
                yield Verdict(row, verdict[0], verdict[1], domain)

    def _alone(self, scores: tuple, strengths: list[int] | None) -> tuple[str, float] | None:
        for kind, by_strength, strength in zip(KINDS, scores, strengths or (), strict=False):
            if by_strength[strength] > self.settings.confidence:
                return f"{kind}_page", by_strength[strength]
        return None
