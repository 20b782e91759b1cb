"""Jobs within a phase: a phase whose work takes several Beam jobs, or a number of them that only the data knows.

Each is committed like a phase, under the phase's name and its own; a killed run continues after the last one.
"""

from __future__ import annotations

from collections.abc import Callable

import apache_beam as beam

from pipeline import storage
from pipeline.commit import Manifest, read_manifest, write_manifest
from pipeline.run_state import RunState


def committed(
    pipeline: beam.Pipeline, run: RunState, name: str, units: list[str], build: Callable[[beam.Pipeline], None]
) -> Manifest:
    """The manifest of job ``name``, which ``build`` puts together; run now, on the engine of ``pipeline``, unless it
    is done."""
    manifest = read_manifest(run.dir, name)
    if manifest is None:
        with beam.Pipeline(runner=pipeline.runner, options=pipeline.options) as job:
            build(job)
        manifest = write_manifest(run.dir, name, units)
    return manifest


def paths(run: RunState, manifest: Manifest, role: str) -> list[str]:
    """Where the files of a role lie."""
    return [storage.join(run.dir, file.path) for file in manifest.files(role)]
