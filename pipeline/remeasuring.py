"""Other measures of documents that are extracted: keys of URLs and signatures, where a recipe wants them otherwise.

text and features of a part of the base -> its features with the new columns    job extract-remeasured
-> the listing of parts, with these features in place of the base's
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import apache_beam as beam
import pyarrow as pa

from pipeline import tables
from pipeline.commit import Attempt, Receipt
from pipeline.listing import Manifest, read_manifest, write_listing
from pipeline.run_state import PARTS, Part, RunState
from pipeline.runners import MakePipeline
from pipeline.taking_over import Base, receipts
from pipeline.transforms.measures import signatures, url_key
from pipeline.transforms.subjobs import committed
from pipeline.transforms.work_units import UnitDoFn, part_units, work_on
from text.document import Document

JOB = "extract-remeasured"
_SIGNATURES = [name for name in tables.FEATURES.names if name.startswith("signature_of_")]


def list_remeasured_parts(base: Base, run: RunState, make_pipeline: MakePipeline) -> None:
    """Measures all parts of the base by the recipe of ``run``, and lists them there."""
    if read_manifest(run.dir, PARTS) is not None:
        return
    parts = Manifest(base.dir, PARTS)
    of_base = RunState(run.dir, run.recipe, {PARTS: parts})

    def build(pipeline: beam.Pipeline) -> None:
        work_on(pipeline, part_units(of_base), _Remeasure(of_base, JOB))

    measured = committed(make_pipeline(), run.dir, JOB, parts.units, build)
    write_listing(run.dir, PARTS, _together(receipts(base, PARTS), measured))


def _together(parts: Iterable[Receipt], measured: Manifest) -> Iterator[Receipt]:
    for part, new in zip(parts, measured.receipts(), strict=True):
        others = [file for file in part.files if file.role != "features"]
        yield replace(part, files=[*others, new.file("features")])


class _Remeasure(UnitDoFn):
    def work(self, unit: Part, attempt: Attempt) -> dict[str, Any]:
        features = unit.read("extract", "features")
        texts = unit.read("extract", "text", ["language", "text"]).to_pylist()
        signed = [signatures(Document(stored["text"], stored["language"]), self.run.recipe) for stored in texts]
        columns: dict[str, list[Any]] = {
            "url_key": [url_key(url, self.run.recipe) for url in features["url"].to_pylist()],
            **{name: [found.get(name) for found in signed] for name in _SIGNATURES},
        }
        for name, values in columns.items():
            field = tables.FEATURES.field(name)
            features = features.set_column(features.schema.get_field_index(name), field, pa.array(values, field.type))
        attempt.write_table("features", features)
        return {}
