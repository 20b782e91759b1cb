"""What was seen of each domain: counts and evidence of its pages, its worst pages, its parts, who links to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import apache_beam as beam

from filters.domain_evidence import Evidence
from pipeline.run_state import Part
from pipeline.stopwatch import measured
from pipeline.transforms.domain_pages import EVIDENCE_JOB

MOST_SOURCES = 10
_SAMPLES = 3


class Looked(NamedTuple):
    """What was seen of a domain: its pages in the crawl, the :class:`Evidence` of those looked at, the parts it is in, the
    worst pages as (strength, id, URL, terms), and listed sites that link to it (at most ten)."""

    pages: int = 0
    evidence: tuple[int, ...] = Evidence().to_tuple()
    parts: tuple[int, ...] = ()
    worst: tuple[tuple, ...] = ()
    sources: tuple[str, ...] = ()


@measured("domains")
def by_domain(part: Part) -> Iterator[tuple[str, Looked]]:
    """What a part says of the domains of its pages."""
    features = part.read("extract", "features", ["id", "domain", "url"]).to_pylist()
    seen = part.read(EVIDENCE_JOB, "evidence").to_pylist()
    pages: Counter[str] = Counter()
    sums: dict[str, Evidence] = defaultdict(Evidence)
    worst: dict[str, list[tuple]] = defaultdict(list)
    for row, page in zip(features, seen, strict=True):
        domain = row["domain"]
        pages[domain] += 1
        if page["evidence"] is not None:
            sums[domain] += Evidence.from_tuple(tuple(page["evidence"]))
            if any(page["strengths"]):
                worst[domain].append((max(page["strengths"]), row["id"], row["url"], tuple(page["terms"])))
    for domain, count in pages.items():
        yield domain, Looked(count, sums[domain].to_tuple(), (part.index,), _worst(worst[domain]))


def _worst(pages: Iterable[tuple]) -> tuple[tuple, ...]:
    return tuple(sorted(pages, key=lambda page: (-page[0], page[1]))[:_SAMPLES])


@measured("domains")
def linked_to(part: Part) -> Iterator[tuple[str, Looked]]:
    """The domains that listed sites of a part link to."""
    links = part.read("extract", "listed_links").to_pylist()
    for row in links:
        yield row["target"], Looked(sources=(row["source"],))


class AddUp(beam.CombineFn):
    """Adds up what was seen of a domain, in any order.

    Parts gather in a list that is sorted once, at the end: the largest domains have pages in every part, and sorting at
    each addition would cost as much as all parts so far.
    """

    def create_accumulator(self):
        return 0, Evidence().to_tuple(), [], (), ()

    def add_input(self, accumulator, element):
        pages, evidence, parts, worst, sources = accumulator
        each = Looked._make(element)
        parts.extend(each.parts)
        total = Evidence.from_tuple(evidence) + Evidence.from_tuple(each.evidence)
        linking = sorted({*sources, *each.sources})[:MOST_SOURCES]
        return pages + each.pages, total.to_tuple(), parts, _worst({*worst, *each.worst}), tuple(linking)

    def merge_accumulators(self, accumulators):
        first, *others = accumulators
        for each in others:
            first = self.add_input(first, each)
        return first

    def extract_output(self, accumulator):
        found = Looked._make(accumulator)
        return tuple(found._replace(parts=tuple(sorted(set(found.parts)))))
