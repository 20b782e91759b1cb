"""Phase domains: the evidence of all pages of a domain decides about all of them.

    features -> (domain, evidence and parts) -> one verdict a domain -> (part, its rejected domains) -> verdicts

Only domain names, small sums and part numbers cross the shuffle. A domain's list of parts is bounded by the number of
parts. The table of all domains is written by one worker, which holds it whole: some 300 bytes a domain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import apache_beam as beam

from filters.domain_evidence import DomainThresholds, Evidence, judge
from pipeline import tables
from pipeline.commit import Attempt, Receipt
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState
from pipeline.stopwatch import measured
from pipeline.transforms.committing import commit
from pipeline.transforms.verdict_tables import Verdict, write_verdicts
from pipeline.transforms.work_units import part_units, units_collection
from recipes.schema import Domains

TABLE_UNIT = "table"


def units(run: RunState) -> int:
    return run.part_count() + 1


def build(pipeline: beam.Pipeline, run: RunState, settings: Domains) -> None:
    parts = units_collection(pipeline, part_units(run))
    judged = (
        parts
        | "evidence" >> beam.FlatMap(_evidence_by_domain)
        | "sum by domain" >> beam.CombinePerKey(_AddEvidence())
        | "judge" >> beam.Map(_judge, _thresholds(settings))
    )
    verdicts = (
        judged
        | "rejected" >> beam.FlatMap(_rejected_by_part)
        | "by part" >> beam.GroupByKey()
        | "rows" >> beam.FlatMap(_rows_of_domains, run)
    )
    by_part = write_verdicts(pipeline, verdicts, run, PHASE.name)
    # A crawl without a page has no domain, and still needs its table.
    no_row = pipeline | "no row" >> beam.Create([{}])
    table = (
        (judged | "row of domain" >> beam.Map(_table_row), no_row)
        | beam.Flatten()
        | "one table" >> beam.GroupBy(lambda row: 0)
        | "write domains.parquet" >> beam.Map(_write_table, run.dir, run.part_count(), settings)
    )
    commit((by_part, table) | "receipts" >> beam.Flatten(), run.dir, PHASE.name)


PHASE = Phase("domains", units, build, settings=lambda recipe: recipe.domains)


def _thresholds(settings: Domains) -> DomainThresholds:
    return DomainThresholds(settings.min_pages, settings.pii, settings.adult, settings.harm)


@measured("domains")
def _evidence_by_domain(part: Part) -> Iterator[tuple[str, tuple[tuple[int, ...], tuple[int, ...]]]]:
    features = part.read("extract", "features", ["domain", "evidence"])
    sums: dict[str, Evidence] = defaultdict(Evidence)
    for domain, evidence in zip(features["domain"].to_pylist(), features["evidence"].to_pylist(), strict=True):
        sums[domain] += Evidence.from_tuple(tuple(evidence))
    for domain, evidence in sums.items():
        yield domain, (evidence.to_tuple(), (part.index,))


class _AddEvidence(beam.CombineFn):
    """Adds evidence and gathers the parts that a domain occurs in."""

    def create_accumulator(self):
        return Evidence().to_tuple(), ()

    def add_input(self, accumulator, element):
        return self.merge_accumulators([accumulator, element])

    def merge_accumulators(self, accumulators):
        evidence, parts = Evidence(), set()
        for values, indices in accumulators:
            evidence += Evidence.from_tuple(values)
            parts.update(indices)
        return evidence.to_tuple(), tuple(sorted(parts))

    def extract_output(self, accumulator):
        return accumulator


def _judge(element, thresholds: DomainThresholds):
    domain, (values, parts) = element
    return domain, values, parts, judge(Evidence.from_tuple(values), thresholds)


def _rejected_by_part(judged) -> Iterator[tuple[int, tuple[str, str, float]]]:
    domain, _, parts, reject = judged
    if reject is not None:
        for part in parts:
            yield part, (domain, reject.reason, reject.score)


@measured("domains")
def _rows_of_domains(element, run: RunState) -> Iterator[tuple[int, Verdict]]:
    index, rejected = element
    reasons = {domain: (reason, score) for domain, reason, score in rejected}
    for row, domain in enumerate(run.part(index).read("extract", "features", ["domain"])["domain"].to_pylist()):
        if domain in reasons:
            yield index, Verdict(row, *reasons[domain], domain)


def _table_row(judged) -> dict:
    domain, values, _, reject = judged
    evidence = Evidence.from_tuple(values)
    verdict = {"reason": reject.reason, "score": reject.score} if reject else {"reason": None, "score": None}
    return {"domain": domain, **vars(evidence), **verdict}


def _write_table(element: tuple[int, Iterable[dict]], run_dir: str, number: int, settings: Domains) -> Receipt:
    rows = sorted(filter(None, element[1]), key=lambda row: row["domain"])
    attempt = Attempt(run_dir, PHASE.name, TABLE_UNIT, number)
    attempt.write_table("table", tables.domains_table(rows))
    too_small = sum(row["pages"] < settings.min_pages for row in rows)
    return attempt.finish({"domains": len(rows), "not_judged": too_small})
