"""From verdicts that come out of a shuffle, in any order, to one table aligned with each part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import apache_beam as beam
from apache_beam.pvalue import PValue

from pipeline import counters, tables
from pipeline.commit import Attempt, Receipt
from pipeline.run_state import Part, RunState
from pipeline.transforms.work_units import every_range


class Verdict(NamedTuple):
    """Why document ``row`` of a part goes; for a duplicate that was compared, how many of its words go with it that the
    survivor doesn't have."""

    row: int
    reason: str
    score: float | None = None
    detail: str | None = None
    unique_words: int | None = None


def unpacked(part: Part, verdicts: Iterable[tuple]) -> Iterable[Verdict]:
    """Verdicts that came out of a shuffle as tuples."""
    return (Verdict(*verdict) for verdict in verdicts)


def write_verdicts(
    pipeline: beam.Pipeline,
    verdicts: PValue | None,
    run: RunState,
    phase: str,
    complete: Callable[[Part, Iterable], Iterable[Verdict]] = unpacked,
) -> PValue:
    """Writes a table of verdicts for every part, and returns the receipts.

    ``verdicts`` holds pairs of a part's index and what ``complete`` makes that part's verdicts of: such verdicts, or
    what they follow from, never ``None``; no collection where it is known that there are none. A part without any gets
    a table of nulls: that it exists says that the phase has looked at it.
    """
    every_part = every_range(pipeline, run.part_count(), None)
    # Flattened rather than joined by CoGroupByKey, whose tags and lists are six transforms more.
    together = every_part if verdicts is None else (every_part, verdicts) | "parts and verdicts" >> beam.Flatten()
    return (
        together
        | "verdicts by part" >> beam.GroupByKey()
        | "write verdicts" >> beam.ParDo(_WriteVerdicts(run, phase, complete))
    )


def verdict_rows(rows: int, stage: str, verdicts: Iterable[Verdict]) -> list[dict]:
    """One mapping a row for the table of verdicts; the first by content where a row has two."""
    result: list[dict] = [{} for _ in range(rows)]
    for verdict in sorted(verdicts, key=lambda v: (v.row, v.reason, v.detail or ""), reverse=True):
        result[verdict.row] = {
            "stage": stage, "reason": verdict.reason, "score": verdict.score, "detail": verdict.detail,
            "unique_words": verdict.unique_words,
        }  # fmt: skip
    return result


class _WriteVerdicts(beam.DoFn):
    def __init__(self, run: RunState, phase: str, complete: Callable[[Part, Iterable], Iterable[Verdict]]):
        self.run = run
        self.phase = phase
        self.complete = complete

    def process(self, element: tuple[int, Iterable]) -> Iterable[Receipt]:
        index, found = element
        part = self.run.part(index)
        attempt = Attempt(self.run.dir, self.phase, part.unit, part.number)
        given = [each for each in found if each is not None]
        rows = verdict_rows(part.rows, self.phase, self.complete(part, given))
        attempt.write_table("verdicts", tables.table(tables.VERDICTS, rows))
        count = sum(bool(row) for row in rows)
        counters.add({counters.rejected(self.phase): count})
        yield attempt.finish({"rejected": count})
