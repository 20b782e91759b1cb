"""Jobs within a phase are committed once and not run again."""

from __future__ import annotations

import apache_beam as beam
import pyarrow as pa
import pytest

from pipeline import storage
from pipeline.commit import Attempt
from pipeline.run_state import RunState
from pipeline.transforms.subjobs import committed, paths
from recipes import load
from tests.pipeline.parts import beam_job


def _write(unit: str, run_dir: str) -> None:
    attempt = Attempt(run_dir, "phase-part", unit)
    attempt.write_table("numbers", pa.table({"n": [len(unit)]}))
    attempt.finish({"length": len(unit)})


def test_a_job_runs_once(tmp_path) -> None:
    run = RunState(str(tmp_path), load("llama3"), ())
    built = []

    def build(job: beam.Pipeline) -> None:
        built.append(job)
        _ = job | beam.Create(["a", "bb"]) | beam.Map(_write, run.dir)

    for _ in range(2):
        with beam_job() as pipeline:
            manifest = committed(pipeline, run, "phase-part", ["a", "bb"], build)
    assert len(built) == 1 and manifest.total("length") == 3
    assert [storage.read_table(path)["n"].to_pylist() for path in paths(run, manifest, "numbers")] == [[1], [2]]


def test_a_job_that_leaves_a_unit_out_is_not_done(tmp_path) -> None:
    run = RunState(str(tmp_path), load("llama3"), ())

    def build(job: beam.Pipeline) -> None:
        _ = job | beam.Create(["a"]) | beam.Map(_write, run.dir)

    with pytest.raises(RuntimeError, match="1 of its units handed nothing in"), beam_job() as pipeline:
        committed(pipeline, run, "phase-part", ["a", "bb"], build)
