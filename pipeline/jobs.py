"""How a Beam job is made, so that nothing is left where temporary files are."""

from __future__ import annotations

import contextlib
import os

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineRunner


def new_job(runner: PipelineRunner | str | None, options: PipelineOptions) -> beam.Pipeline:
    """A job without steps. Beam makes a folder for each, for steps in other languages, which we have none of, and removes
    it when the job has run: of one that never does, because a step can't be built or the run is stopped, it would stay."""
    job = beam.Pipeline(runner=runner, options=options)
    with contextlib.suppress(AttributeError, OSError):
        os.rmdir(job.local_tempdir)
    return job
