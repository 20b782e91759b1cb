"""The evidence of each page for its domain, as a table aligned with each part; of large domains, of a sample.

    features -> (domain, count and smallest ids) -> last id of each large domain's sample -> evidence of the pages before it

Ids are hashes, so the pages with the smallest are a uniform sample that no order of input or number of workers changes. A
page costs 8 bytes and its domain's name in the shuffle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np

from filters.page_evidence import KINDS, PageClassifier, PageEvidence, PageLimits
from filters.pii import PiiCounter
from pipeline import storage, tables
from pipeline.commit import Attempt
from pipeline.run_state import Part, RunState
from pipeline.stopwatch import measure, measured
from pipeline.transforms.packed_combine import Gather
from pipeline.transforms.subjobs import committed, paths
from pipeline.transforms.work_units import UnitDoFn, part_units, units_collection
from recipes.schema import Domains
from text.document import Document

SAMPLE_JOB, EVIDENCE_JOB = "domains-sample", "domains-evidence"
_TABLE_UNIT = "table"
_TEXT_ROWS = ["text", "language", "url"]


def evidence_tables(pipeline: beam.Pipeline, run: RunState, settings: Domains) -> dict[int, str]:
    """For each part the path of its table of evidence (:data:`pipeline.tables.PAGE_EVIDENCE`); made now, unless it is."""
    sample = committed(pipeline, run, SAMPLE_JOB, [_TABLE_UNIT], lambda job: _sample(job, run, settings.sample_pages))
    (last_ids,) = paths(run, sample, "last_ids")
    looked_at = committed(
        pipeline, run, EVIDENCE_JOB, part_units(run), lambda job: _look(job, run, settings, last_ids)
    )
    return dict(enumerate(paths(run, looked_at, "evidence")))


def page_evidence(settings: Domains) -> PageEvidence:
    """What a recipe looks for. Raises ``ValueError`` or ``FileNotFoundError`` where it can't be."""
    return PageEvidence(
        PageLimits(**vars(settings.page)),
        PiiCounter(settings.personal.regions, kinds=settings.personal.kinds),
        [PageClassifier(**vars(classifier)) for classifier in settings.classifiers],
    )


def _sample(job: beam.Pipeline, run: RunState, size: int) -> None:
    last_ids = (
        units_collection(job, run.parts())
        | "ids by domain" >> beam.FlatMap(_ids_by_domain, size)
        | "smallest ids" >> beam.CombinePerKey(_Smallest(size))
        | "of large domains" >> beam.FlatMap(lambda found: [(found[0], found[1][1])] if found[1][0] > size else [])
    )
    nothing = job | "no domain" >> beam.Create([("", b"")])
    _ = (
        (last_ids, nothing)
        | beam.Flatten()
        | "one table" >> beam.GroupBy(lambda row: 0)
        | "write" >> beam.Map(_write_last_ids, run)
    )


@measured("domains")
def _ids_by_domain(part: Part, size: int) -> Iterator[tuple[str, tuple[int, bytes]]]:
    features = part.read("extract", "features", ["id", "domain"])
    by_domain: dict[str, list[int]] = defaultdict(list)
    for identity, domain in zip(features["id"].to_pylist(), features["domain"].to_pylist(), strict=True):
        by_domain[domain].append(_rank(identity))
    for domain, ranks in by_domain.items():
        yield domain, (len(ranks), np.sort(np.array(ranks, np.uint64))[:size].tobytes())


def _rank(identity: str) -> int:
    return int(identity[:16], 16)


class _Smallest(Gather):
    """Counts pages and keeps the smallest ranks of their ids."""

    def __init__(self, size: int):
        self.size = size

    def merge(self, packed: list[Any]) -> tuple[int, bytes]:
        ranks = np.concatenate([np.frombuffer(each, np.uint64) for _, each in packed] or [np.empty(0, np.uint64)])
        return sum(count for count, _ in packed), np.sort(ranks)[: self.size].tobytes()


def _write_last_ids(element: tuple[int, Iterable[tuple[str, bytes]]], run: RunState) -> None:
    rows = [
        {"domain": domain, "last": int(np.frombuffer(ranks, np.uint64)[-1])}
        for domain, ranks in sorted(element[1])
        if ranks
    ]
    attempt = Attempt(run.dir, SAMPLE_JOB, _TABLE_UNIT)
    attempt.write_table("last_ids", tables.table(tables.LAST_IDS, rows))
    attempt.finish({"sampled_domains": len(rows)})


def _look(job: beam.Pipeline, run: RunState, settings: Domains, last_ids: str) -> None:
    parts = units_collection(job, run.parts())
    _ = parts | "evidence" >> beam.ParDo(_LookAtPart(run, settings, last_ids))


class _LookAtPart(UnitDoFn):
    def __init__(self, run: RunState, settings: Domains, last_ids: str):
        super().__init__(run, EVIDENCE_JOB)
        self._settings, self._last_ids = settings, last_ids

    def setup(self) -> None:
        self._evidence = page_evidence(self._settings)
        table = storage.read_table(self._last_ids)
        self._last = dict(zip(table["domain"].to_pylist(), table["last"].to_pylist(), strict=True))

    def work(self, unit: Part, attempt: Attempt) -> dict[str, Any]:
        features = unit.read("extract", "features", ["id", "domain", "links", "listed_links"]).to_pylist()
        texts = unit.read("extract", "text", _TEXT_ROWS)
        rows: list[dict[str, Any]] = []
        for number, row in enumerate(features):
            last = self._last.get(row["domain"])
            if last is not None and _rank(row["id"]) > last:
                rows.append({})
                continue
            (text,) = texts.slice(number, 1).to_pylist()
            with measure("domains"):
                document = Document(text["text"], text["language"], (), text["url"])
                found = self._evidence.look(document, row["links"] or 0, row["listed_links"] or 0)
            rows.append(
                {
                    "evidence": list(found.evidence.to_tuple()),
                    "strengths": [found.strengths[kind] for kind in KINDS],
                    "terms": list(found.terms),
                }
            )
        attempt.write_table("evidence", tables.table(tables.PAGE_EVIDENCE, rows))
        return {"looked_at": sum(map(bool, rows))}
