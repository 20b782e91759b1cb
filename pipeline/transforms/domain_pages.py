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
from pipeline.commit import Attempt, Receipt
from pipeline.run_state import PARTS, Part, RunState
from pipeline.stopwatch import measure, measured
from pipeline.transforms.clean_documents import rows_of
from pipeline.transforms.committing import commit
from pipeline.transforms.packed_combine import Gather
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import UnitDoFn, every_range, part_units, units_collection, work_on
from recipes.schema import Domains
from text.document import Document

SAMPLE_JOB, EVIDENCE_JOB = "domains-sample", "domains-evidence"
_SAMPLE_MICROSECONDS, _MICROSECONDS = 10, 700
_TABLE_UNIT = "table"
_TEXT_ROWS = ["text", "language", "url"]


def looked_at(pipeline: beam.Pipeline, run: RunState, settings: Domains) -> RunState:
    """``run`` with the evidence of its pages (:data:`pipeline.tables.PAGE_EVIDENCE`, job :data:`EVIDENCE_JOB`), which is
    collected now, unless it is there."""
    sampled = run
    if run.manifests[PARTS].rows("text") > settings.sample_pages:  # of fewer pages no domain can have more
        sample = committed(
            pipeline, run.dir, SAMPLE_JOB, 1,
            lambda job: _sample(job, run, settings.sample_pages), run.shared_seconds(_SAMPLE_MICROSECONDS),
        )  # fmt: skip
        sampled = run.having(sample)
    evidence = committed(
        pipeline, run.dir, EVIDENCE_JOB, run.part_count(),
        lambda job: work_on(job, part_units(run), _LookAtPart(sampled, settings)), run.shared_seconds(_MICROSECONDS),
    )  # fmt: skip
    return run.having(evidence)


def page_evidence(settings: Domains) -> PageEvidence:
    """What a recipe looks for. Raises ``ValueError`` or ``FileNotFoundError`` where it can't be."""
    return PageEvidence(
        PageLimits(**vars(settings.page)),
        PiiCounter(settings.personal.regions, kinds=settings.personal.kinds),
        [PageClassifier(**vars(classifier)) for classifier in settings.classifiers],
    )


def _sample(job: beam.Pipeline, run: RunState, size: int) -> None:
    last_ids = (
        units_collection(job, part_units(run))
        | "ids by domain" >> beam.FlatMap(_ids_by_domain, size)
        | "smallest ids" >> beam.CombinePerKey(_Smallest(size))
        | "of large domains" >> beam.FlatMap(_if_large, size)
    )
    table = (
        (last_ids, every_range(job, 1, ("", b""), "no domain"))
        | "rows" >> beam.Flatten()
        | "one table" >> beam.GroupByKey()
        | "write" >> beam.Map(_write_last_ids, run.dir)
    )
    commit(table, run.dir, SAMPLE_JOB, 1)


def _if_large(found: tuple[str, tuple[int, bytes]], size: int) -> list[tuple[int, tuple[str, bytes]]]:
    domain, (pages, ranks) = found
    return [(0, (domain, ranks))] if pages > size else []


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


def _write_last_ids(element: tuple[int, Iterable[tuple[str, bytes]]], run_dir: str) -> Receipt:
    rows = [
        {"domain": domain, "last": int(np.frombuffer(ranks, np.uint64)[-1])}
        for domain, ranks in sorted(element[1])
        if ranks
    ]
    attempt = Attempt(run_dir, SAMPLE_JOB, _TABLE_UNIT, 0)
    attempt.write_table("last_ids", tables.table(tables.LAST_IDS, rows))
    return attempt.finish({"sampled_domains": len(rows)})


class _LookAtPart(UnitDoFn):
    def __init__(self, run: RunState, settings: Domains):
        super().__init__(run, EVIDENCE_JOB)
        self._settings = settings

    def setup(self) -> None:
        self._evidence = page_evidence(self._settings)
        self._last: dict[str, int] = {}
        if SAMPLE_JOB in self.run.manifests:
            (path,) = self.run.manifests[SAMPLE_JOB].paths("last_ids")
            table = storage.read_table(path)
            self._last = dict(zip(table["domain"].to_pylist(), table["last"].to_pylist(), strict=True))

    def work(self, unit: Part, attempt: Attempt) -> dict[str, Any]:
        features = unit.read("extract", "features", ["id", "domain", "links", "listed_links"]).to_pylist()
        texts = unit.read("extract", "text", _TEXT_ROWS)
        rows: list[dict[str, Any]] = [{} for _ in features]
        chosen = [number for number, row in enumerate(features) if self._is_looked_at(row)]
        for number, text in rows_of(texts, np.array(chosen, np.int64)):
            row = features[number]
            with measure("domains"):
                document = Document(text["text"], text["language"], (), text["url"])
                found = self._evidence.look(document, row["links"] or 0, row["listed_links"] or 0)
            rows[number] = {
                "evidence": list(found.evidence.to_tuple()),
                "strengths": [found.strengths[kind] for kind in KINDS],
                "terms": list(found.terms),
            }
        attempt.write_table("evidence", tables.table(tables.PAGE_EVIDENCE, rows))
        return {"looked_at": sum(map(bool, rows))}

    def _is_looked_at(self, row: dict[str, Any]) -> bool:
        last = self._last.get(row["domain"])
        return last is None or _rank(row["id"]) <= last
