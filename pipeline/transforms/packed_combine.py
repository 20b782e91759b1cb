"""A combiner for packed arrays: they wait in a list and are merged together; one by one, each addition would sort."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import apache_beam as beam


class Gather(beam.CombineFn):
    """Subclasses say in :meth:`merge` what many packed elements are as one; engines may merge merged ones again."""

    @abstractmethod
    def merge(self, packed: list[Any]) -> Any:
        """One packed element for all of ``packed``, of which there may be none."""

    def create_accumulator(self):
        return []

    def add_input(self, accumulator, element):
        accumulator.append(element)
        return accumulator

    def merge_accumulators(self, accumulators):
        return [packed for accumulator in accumulators for packed in accumulator]

    def compact(self, accumulator):
        return [self.merge(accumulator)] if accumulator else []

    def extract_output(self, accumulator):
        return self.merge(accumulator)
