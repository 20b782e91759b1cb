"""The frame of all work: one unit in, its files and receipt out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipeline.commit import Attempt
from pipeline.run_state import RunState


class UnitDoFn(beam.DoFn):
    """Works on one unit. Subclasses say in :meth:`work` what they write, and return the receipt's counts."""

    def __init__(self, run: RunState, phase: str):
        self.run = run
        self.phase = phase

    def process(self, unit: Any) -> Iterable[str]:
        attempt = Attempt(self.run.dir, self.phase, unit.unit)
        attempt.finish(self.work(unit, attempt))
        yield unit.unit

    @abstractmethod
    def work(self, unit: Any, attempt: Attempt) -> dict[str, Any]:
        """Writes the unit's files through ``attempt`` and returns the counts for its receipt."""


def units_collection(pipeline: beam.Pipeline, units: Iterable[Any], label: str = "units") -> PCollection:
    """The units as a collection spread over all workers: engines fuse what isn't reshuffled onto one of them."""
    return pipeline | f"{label}: name" >> beam.Create(list(units)) | f"{label}: spread" >> beam.Reshuffle()


def part_units(run: RunState) -> list[str]:
    return [part.unit for part in run.parts()]
