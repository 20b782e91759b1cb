"""A job that never runs leaves nothing behind."""

from __future__ import annotations

import os

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from pipeline.jobs import new_job


def test_a_job_has_no_folder_of_its_own_and_runs() -> None:
    job = new_job(FnApiRunner(), PipelineOptions([]))
    assert not os.path.exists(job.local_tempdir)
    with job:
        _ = job | beam.Create([1, 2])
