"""Jobs within a phase: a phase whose work takes several Beam jobs, or a number of them that only the data knows.

Each is committed like a phase, under the phase's name and its own; a killed run continues after the last one.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import apache_beam as beam

from pipeline.jobs import new_job, of_size
from pipeline.listing import Manifest, read_manifest, write_manifest


def committed(
    pipeline: beam.Pipeline,
    run_dir: str,
    name: str,
    units: int,
    build: Callable[[beam.Pipeline], None],
    seconds: float | None = None,
) -> Manifest:
    """The manifest of job ``name``, which ``build`` puts together; run now, on the engine of ``pipeline``, unless it
    is done. ``seconds``: of how many of its work several workers can have their shares (:func:`pipeline.jobs.of_size`); of
    a single unit none unless it is given. Raises ``RuntimeError`` where units have handed nothing in."""
    manifest = read_manifest(run_dir, name) or write_manifest(run_dir, name, units)
    if manifest is None:
        shared = (math.inf if units > 1 else 0.0) if seconds is None else seconds
        with of_size(new_job(pipeline.runner, pipeline.options), shared) as job:
            build(job)
        manifest = write_manifest(run_dir, name, units)
    if manifest is None:
        raise RuntimeError(
            f"job {name} ended, but not all of its {units} units have handed in what they wrote; run the same command "
            f"again to continue"
        )
    return manifest
