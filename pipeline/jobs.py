"""How a Beam job is made, so that nothing is left where temporary files are and no worker is started in vain."""

from __future__ import annotations

import contextlib
import os

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineRunner

from pipeline.local_runner import LocalRunner


def new_job(runner: PipelineRunner | str | None, options: PipelineOptions) -> beam.Pipeline:
    """A job without steps. Beam makes a folder for each, for steps in other languages, which we have none of, and removes
    it when the job has run: of one that never does, because a step can't be built or the run is stopped, it would stay."""
    job = beam.Pipeline(runner=runner, options=options)
    with contextlib.suppress(AttributeError, OSError):
        os.rmdir(job.local_tempdir)
    return job


def of_size(job: beam.Pipeline, seconds: float) -> beam.Pipeline:
    """``job`` once it is known of how many seconds of one worker's work several can have their shares: the local runner does
    what is small in the driver's own process. Engines of clusters aren't told: they have their workers already."""
    runner = getattr(job, "runner", None)
    if isinstance(runner, LocalRunner):
        job.runner = runner.for_work(seconds)
    return job
