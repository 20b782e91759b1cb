"""Jobs within a phase are committed once and not run again."""

from __future__ import annotations

import apache_beam as beam
import pyarrow as pa
import pytest

from pipeline import storage
from pipeline.commit import Attempt, Receipt
from pipeline.transforms.committing import commit
from pipeline.transforms.subjobs import committed
from tests.pipeline.parts import beam_job


def _write(number: int, run_dir: str) -> Receipt:
    attempt = Attempt(run_dir, "phase-part", f"unit-{number}", number)
    attempt.write_table("numbers", pa.table({"n": [number]}))
    return attempt.finish({"length": number + 1})


def test_a_job_runs_once(tmp_path) -> None:
    built = []

    def build(job: beam.Pipeline) -> None:
        built.append(job)
        commit(job | beam.Create([0, 1]) | beam.Map(_write, str(tmp_path)), str(tmp_path), "phase-part", 2)

    for _ in range(2):
        with beam_job() as pipeline:
            manifest = committed(pipeline, str(tmp_path), "phase-part", 2, build)
    assert len(built) == 1 and manifest.total("length") == 3
    assert [storage.read_table(path)["n"].to_pylist() for path in manifest.paths("numbers")] == [[0], [1]]


def test_a_job_that_leaves_a_unit_out_is_not_done(tmp_path) -> None:
    def build(job: beam.Pipeline) -> None:
        commit(job | beam.Create([0]) | beam.Map(_write, str(tmp_path)), str(tmp_path), "phase-part", 2)

    with pytest.raises(RuntimeError, match="not all of its 2 units have handed in"), beam_job() as pipeline:
        committed(pipeline, str(tmp_path), "phase-part", 2, build)
