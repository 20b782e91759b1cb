"""The table of all domains: a row each with what was seen of it, how it was judged and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from operator import itemgetter
from typing import Any, NamedTuple

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import PValue

from filters.domain_evidence import KINDS, Evidence, Marks, interval
from filters.verdict import Scores
from pipeline import storage, tables
from pipeline.commit import ROW_GROUP_ROWS, Attempt, Receipt
from pipeline.run_state import PARTS, RunState
from pipeline.transforms.domain_sums import Looked
from pipeline.transforms.name_ranges import Cuts, range_of_name
from pipeline.transforms.work_units import every_range
from recipes.schema import Domains

TABLE_UNIT = "table"
_DOMAIN = tables.DOMAINS.names.index("domain")
_COUNTED = ["sampled", "adult_unjudged", "harm_unjudged", "review", "decision"]


class Judged(NamedTuple):
    """A domain with its scores (``None``: too small), and why all its pages go, if they do."""

    domain: str
    looked: Looked
    marks: Marks
    scores: Scores | None
    reason: str | None = None
    score: float | None = None
    decision: str | None = None


def table_row(judged, settings: Domains) -> dict[str, Any]:
    """The row of a :class:`Judged`, or of the tuple that a shuffle makes of it."""
    judged = Judged._make(judged)
    looked, marks = judged.looked, judged.marks
    evidence = Evidence.from_tuple(looked.evidence)
    numbers = vars(evidence)
    thousands = max(evidence.words, 1) / 1000
    row: dict[str, Any] = {**numbers, "domain": judged.domain, "pages": looked.pages, "sampled": evidence.pages}
    for name in tables.PER_1000_WORDS:
        row[f"{name}_per_1000_words"] = round(numbers[name] / thousands, 4)
    for kind in KINDS:
        low, high = interval(evidence.bad(kind), evidence.judged(kind))
        row |= {f"{kind}_low": low, f"{kind}_high": high, f"{kind}_score": (judged.scores or {}).get(kind)}
    for what, by_kind in (("name", marks.name), ("links_out", marks.links_out), ("links_in", marks.links_in)):
        row |= {f"{kind}_{what}": by_kind.get(kind, 0) for kind in ("adult", "harm")}
    best = max((judged.scores or {}).values(), default=0.0)
    unclear = judged.reason is None and judged.decision is None and best > settings.review
    lone = judged.scores is None and judged.decision is None and bool(looked.worst)
    return {
        **row,
        "listed_sources": len(looked.sources),
        "reason": judged.reason,
        "score": judged.score,
        "decision": judged.decision,
        "review": unclear or lone,
        "samples": [{"id": page[1], "url": page[2], "terms": list(page[3])} for page in looked.worst],
    }


def ranges_of_table(run: RunState, settings: Domains) -> int:
    """How many files the table is written as. How many domains there are isn't known before, but that they are no more
    than pages."""
    return 1 + max(0, run.manifests[PARTS].rows("text") - 1) // settings.pages_per_range


def write_tables(
    pipeline: beam.Pipeline, judged: PValue, names: PValue, run: RunState, phase: str, settings: Domains
) -> PValue:
    """Writes the table of all domains, each a :class:`Judged`, and returns the receipts. ``names``: those of the domains."""
    ranges = ranges_of_table(run, settings)
    cuts = () if ranges == 1 else names | "cut names" >> beam.CombineGlobally(Cuts(ranges)).as_singleton_view()
    rows = judged | "row of domain" >> beam.Map(_to_range, settings, cuts)
    # A crawl without a page has no domain, and still needs its table.
    no_row = every_range(pipeline, ranges, (), "no row")
    return (
        (rows, no_row)
        | "rows" >> beam.Flatten()
        | "by range" >> beam.GroupByKey()
        | "write tables" >> beam.Map(write_table, run.dir, phase, run.part_count(), ranges, settings)
    )


def _to_range(judged, settings: Domains, cuts: tuple[str, ...]) -> tuple[int, tuple]:
    row = table_row(judged, settings)
    return range_of_name(row["domain"], cuts), packed(row)


def packed(row: dict[str, Any]) -> tuple:
    """A row without the names of its columns, which would be most of it in a shuffle and in memory."""
    return tuple(row.get(name) for name in tables.DOMAINS.names)


def write_table(
    element: tuple[int, Iterable[tuple]], run_dir: str, phase: str, first: int, ranges: int, settings: Domains
) -> Receipt:
    """Writes the rows (:func:`packed`) of a range of domains as a unit of a phase, whose number ``first`` is that of the
    first of so many ranges."""
    number, found = element
    rows = sorted(filter(None, found), key=itemgetter(_DOMAIN))
    attempt = Attempt(run_dir, phase, TABLE_UNIT if ranges == 1 else f"{TABLE_UNIT}-{number:05d}", first + number)
    values = zip(*rows, strict=True) if rows else ((),) * len(tables.DOMAINS)
    columns = [pa.array(column, field.type) for column, field in zip(values, tables.DOMAINS, strict=True)]
    table = pa.table(columns, schema=tables.DOMAINS)
    # Packed however few: where there is one range, these are the bytes of an output.
    attempt.write_bytes("table", storage.parquet_bytes(table, ROW_GROUP_ROWS), len(table), "parquet")
    counts = _counts(table.select(_COUNTED).to_pylist(), settings)
    return attempt.finish({"not_judged": counts["not_judged"], "domains": counts})


def _counts(rows: list[dict[str, Any]], settings: Domains) -> dict[str, int]:
    decided = Counter(row["decision"] for row in rows if row["decision"])
    return {
        "domains": len(rows),
        "page_by_page": sum(row["sampled"] < settings.min_pages for row in rows),
        # No list and no classifier knows the language of any page.
        "not_judged": sum(row["adult_unjudged"] == row["sampled"] == row["harm_unjudged"] for row in rows),
        "to_review": sum(row["review"] for row in rows),
        **{f"decided_{verdict}": count for verdict, count in sorted(decided.items())},
    }
