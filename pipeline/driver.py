"""Runs a recipe: phase after phase, each a Beam job, each done once its manifest is written.

A killed run is continued by the same command: phases with a manifest are passed over, map-only phases go on with the
units that have no receipt yet. Workers and runner may differ between the two; recipe and inputs may not.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from pipeline import outputs, preflight, storage
from pipeline.commit import Manifest, read_manifest, write_manifest
from pipeline.phase import Phase
from pipeline.phases import PHASES
from pipeline.run_state import InputFile, RunState
from pipeline.runners import MakePipeline, pipeline_maker
from pipeline.sources.inputs import find_inputs
from recipes import Recipe

Progress = Callable[[str, int, int], None]
"""Called with a phase's name, how many of its units are done, and how many it has."""


def run(
    recipe: Recipe,
    patterns: list[str],
    output_dir: str,
    workers: int = 1,
    limit: int | None = None,
    runner_flags: list[str] | None = None,
    progress: Progress = lambda phase, done, total: None,
) -> dict:
    """Mills the crawl that ``patterns`` name into ``output_dir``, and returns the ledger.

    ``limit`` reads about that many pages: an equal number from the start of each input file. Raises ``ValueError``
    or ``FileNotFoundError`` with a sentence where something is wrong before work starts,
    :class:`pipeline.ledger.Unbalanced` where the books don't balance at the end.
    """
    output_dir = storage.absolute(output_dir)
    state = RunState(output_dir, recipe, _inputs(patterns, limit, output_dir, recipe.read.common_crawl))
    make_pipeline = pipeline_maker(runner_flags or [], workers)
    preflight.check(state)
    if not outputs.is_finished(state):
        for phase in PHASES:
            settings = phase.settings(recipe)
            if settings is None:
                continue  # the recipe leaves it out
            manifest = read_manifest(output_dir, phase.name)
            if manifest is None:
                manifest = _run_phase(phase, state, settings, make_pipeline, progress)
            state.manifests[phase.name] = manifest
        outputs.publish(state)
    return outputs.read_ledger(output_dir)


def _inputs(patterns: list[str], limit: int | None, output_dir: str, crawl_base: str) -> tuple[InputFile, ...]:
    paths = find_inputs(patterns, output_dir, crawl_base)
    share = None if limit is None else -(-limit // len(paths))
    # Failures name a file by what tells it from the others: where the crawl lies must not change a run's bytes.
    folders = [os.path.dirname(path) + "/" for path in paths]
    folder = len(os.path.commonprefix(folders).rpartition("/")[0]) + 1  # noqa: RUF071 (cut to whole names)
    return tuple(InputFile(index, path, path[folder:], share) for index, path in enumerate(paths))


def _run_phase(
    phase: Phase[Any], state: RunState, settings: Any, make_pipeline: MakePipeline, progress: Progress
) -> Manifest:
    units = phase.units(state)
    if todo := phase.todo(state):
        with _ProgressReports(phase.name, state.dir, len(units), progress), make_pipeline() as pipeline:
            phase.build(pipeline, state, settings, todo)
    progress(phase.name, len(units), len(units))
    return write_manifest(state.dir, phase.name, units)


class _ProgressReports:
    """Reports progress while Beam blocks: counts the receipts that have come in."""

    def __init__(self, phase: str, run_dir: str, total: int, progress: Progress, seconds: float = 1.0):
        self._arguments = phase, run_dir, total, progress, seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._report, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exception) -> None:
        self._stop.set()
        self._thread.join()

    def _report(self) -> None:
        phase, run_dir, total, progress, seconds = self._arguments
        started = time.monotonic()
        while True:
            folder = storage.join(run_dir, "work", phase, "receipts")
            progress(phase, min(total, len(storage.list_files(folder))), total)
            # Listing a large folder on an object store must not become work of its own.
            if self._stop.wait(max(seconds, (time.monotonic() - started) / 100)):
                return
