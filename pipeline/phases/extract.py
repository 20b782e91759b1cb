"""Phase extract: input files in; text, features and first rejections of their documents out.

Map-only, one unit a stretch of an input file, or some small files (:mod:`pipeline.input_units`). Reads their records, walks
each through the first stages of a page's way (:mod:`pipeline.transforms.first_stages`), and writes the outcomes in parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import apache_beam as beam

from pipeline import counters
from pipeline.commit import Attempt
from pipeline.input_units import InputListing, InputUnit
from pipeline.phase import Phase
from pipeline.run_state import RunState
from pipeline.sources.files import read_part_of_archive, read_records
from pipeline.sources.records import PageRecord, Record
from pipeline.sources.stretches import Seam
from pipeline.stages import READ
from pipeline.stopwatch import measured
from pipeline.transforms.extracted_part import (
    ExtractedPart,
    Measured,
    Outcome,
    Rejection,
    noting_places,
    words_of,
)
from pipeline.transforms.first_stages import FirstStages
from pipeline.transforms.reading_place import ReadingPlace
from pipeline.transforms.work_units import UnitDoFn, Units, work_on
from recipes import Recipe

# Pages that wait for the parser together.
BATCH_PAGES = 16


def units(run: RunState) -> int:
    return run.input_units


def build(pipeline: beam.Pipeline, run: RunState, settings: Recipe) -> None:
    work_on(pipeline, Units(run.input_units, InputListing(run.dir).block), ExtractUnit(run, PHASE.name))


def build_again(pipeline: beam.Pipeline, run: RunState, job: str, count: int) -> None:
    """Extracts the units of ``job``'s own listing."""
    work_on(pipeline, Units(count, InputListing(run.dir, job).block), ExtractUnit(run, job))


PHASE = Phase("extract", units, build, settings=lambda recipe: recipe)


Reading = tuple[int, int, str, Seam]
"""Of a stretch: the index of its file, where it starts, the sha256 of its bytes, how it fits its neighbours."""


class ExtractUnit(UnitDoFn):
    """Turns stretches of input files into parts."""

    def setup(self) -> None:
        self._stages = FirstStages(self.run.recipe)

    def teardown(self) -> None:
        self._stages.close()

    def work(self, unit: InputUnit, attempt: Attempt) -> dict[str, Any]:
        counts = {"records": 0, "undated": 0, "words": 0, "lines": 0, "clock": 0, "parts": 0}
        languages: Counter[str] = Counter()
        kept_texts = self.run.recipe.output.keep_rejected
        texts = kept_texts.texts if kept_texts else 0
        part = ExtractedPart(texts)
        read: list[Reading] = []
        places: list[dict[str, Any]] = []
        place = ReadingPlace(unit)
        source = self._records(unit, read, places, place)
        while batch := _next_batch(source):
            counts["records"] += len(batch)
            counts["undated"] += sum(isinstance(record, PageRecord) and not record.date for record in batch)
            seen: Counter[str] = Counter()
            went: list[str] = []
            for outcome in self._stages.outcomes(batch):
                seen[_counter_of(outcome)] += 1
                seen["words"] += words_of(outcome)
                if isinstance(outcome, Rejection):
                    went.append(f"{outcome.stage}/{outcome.reason}")
                counts["clock"] += isinstance(outcome, Rejection) and outcome.reason == "clock"
                if isinstance(outcome, Measured):
                    counts["lines"] += outcome.features["lines"]
                    languages[outcome.features["language"]] += 1
                part.add(outcome)
            counts["words"] += seen["words"]
            counters.add({**seen, "records": len(batch)})
            self.advanced(place.share, len(batch), seen["extracted"], place.advance(), went)
            if part.is_full():
                part.write(attempt, counts["parts"], places)
                counts["parts"] += 1
                part = ExtractedPart(texts)
                places.clear()
        if not part.is_empty() or counts["parts"] == 0:
            part.write(attempt, counts["parts"], places)
            counts["parts"] += 1
        return {**counts, "languages": dict(languages), "read": read}

    def _records(
        self, unit: InputUnit, read: list[Reading], places: list[dict[str, Any]], place: ReadingPlace
    ) -> Iterator[Record]:
        """The records of all stretches. Adds to ``read`` how each was read, to ``places`` where each record lies; moves
        ``place`` on."""
        settings = self.run.recipe.read
        for one in unit.stretches:
            found: list[tuple[str, Seam]] = []
            if one.is_whole:
                digests: list[str] = []
                records = read_records(one.path, one.name, settings, one.limit, digests.append)
                yield from place.following(noting_places(records, one, places), one)
                found.append((digests[0], Seam(0, None)))
            else:
                bounds = one.start, one.end, one.exact, one.damaged
                records = read_part_of_archive(one.path, one.name, settings, bounds, found.append)
                yield from place.following(noting_places(records, one, places), one)
            read.append((one.file, one.start, *found[0]))


@measured(READ.name)
def _next_batch(source: Iterator[Record]) -> list[Record]:
    return list(islice(source, BATCH_PAGES))


def _counter_of(outcome: Outcome) -> str:
    if isinstance(outcome, Rejection):
        return counters.rejected(outcome.stage)
    return "extracted" if isinstance(outcome, Measured) else "failed"
