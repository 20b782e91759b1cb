"""Runs a recipe: phase after phase, each a Beam job, each done once its manifest is written.

A killed run is continued by the same command: phases with a manifest are passed over, phases whose units don't depend on
each other go on with those that have no receipt yet. Workers and runner may differ between the two; recipe and inputs
may not.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import apache_beam as beam

from pipeline import early_start, lock, outputs, preflight, run_status, seams, storage, timings
from pipeline.calls import Call
from pipeline.commit import handed_in, receipts_folder
from pipeline.input_units import InputFile, InputListing, cut
from pipeline.jobs import of_size
from pipeline.listing import Manifest, read_manifest, write_manifest
from pipeline.phase import Phase
from pipeline.phases import PHASES, extract
from pipeline.progress import PhaseProgress, Progress, WorkOfAll, clear
from pipeline.run_state import PARTS, RunState, number_parts
from pipeline.runners import MakePipeline, at_work, pipeline_maker
from pipeline.sources.inputs import find_inputs
from pipeline.stages import BESIDE
from pipeline.transforms.subjobs import committed
from recipes import Recipe

_log = logging.getLogger(__name__)


def run(
    recipe: Recipe,
    patterns: list[str],
    output_dir: str,
    workers: int = 1,
    limit: int | None = None,
    runner_flags: list[str] | None = None,
    progress: Progress = lambda how_far: None,
    said: Callable[[str], None] = lambda sentence: None,
) -> dict:
    """Mills the crawl that ``patterns`` name into ``output_dir``, and returns the ledger.

    ``limit`` reads about that many pages: an equal number from the start of each input file. ``said`` is told, in a
    sentence each, what is begun and where an earlier start has come to. ``workers``: at the most
    (:func:`pipeline.runners.at_work`). Raises ``ValueError``
    or ``FileNotFoundError`` with a sentence where something is wrong before work starts,
    :class:`pipeline.ledger.Unbalanced` where the books don't balance at the end.
    """
    output_dir = storage.absolute(output_dir)
    inputs = _inputs(patterns, limit, output_dir, recipe.read.common_crawl)
    workers = at_work(workers, [output_dir, *(file.path for file in inputs)])
    make_pipeline = pipeline_maker(runner_flags or [], workers, recipe)
    state = RunState(output_dir, recipe)
    continued = preflight.is_begun(output_dir)
    plan = preflight.check(state, inputs)
    said(
        f"{len(inputs):,} files, {sum(file.bytes or 0 for file in inputs):,} bytes, by recipe {recipe.name}, to {output_dir}"
    )
    return mill(state, plan, make_pipeline, progress, lambda: _units(output_dir, recipe, inputs), said, continued)


def mill(
    state: RunState,
    plan: dict[str, Any],
    make_pipeline: MakePipeline,
    progress: Progress,
    prepare: Callable[[], int],
    said: Callable[[str], None] = lambda sentence: None,
    continued: bool = False,
) -> dict:
    """Does what a checked plan leaves to do, and returns the ledger. ``prepare`` writes down what the phases begin with
    and returns the number of units of the inputs. ``continued``: whether there was an earlier start, which is looked at
    then and not of a fresh run."""
    if outputs.is_finished(state):
        said("the run is finished, nothing is left to do")
    else:
        if continued and (standing := run_status.standing(run_status.status(state.dir))):
            said(f"an earlier start is continued: {standing}")
        with lock.held(state.dir):
            state = replace(state, input_units=prepare())
            _run_phases(state, make_pipeline, progress)
            outputs.publish(state, plan)
    return outputs.read_ledger(state.dir)


def extracted_parts(state: RunState, make_pipeline: MakePipeline, progress: Progress) -> Manifest:
    """Extraction alone, run where it isn't done, with all stretches of the inputs fitting together."""
    manifest = read_manifest(state.dir, extract.PHASE.name)
    if manifest is None:
        manifest = _run_phase(extract.PHASE, state, state.recipe, make_pipeline, progress)
    return _parts(state, manifest, make_pipeline)[0]


def _run_phases(state: RunState, make_pipeline: MakePipeline, progress: Progress) -> None:
    """Does what is left to do, and adds the manifest of each phase to the state."""
    beside: dict[str, Call] = {}
    try:
        for phase in PHASES:
            settings = phase.settings(state.recipe)
            if settings is None:
                continue  # the recipe leaves it out
            manifest = read_manifest(state.dir, phase.name)
            alone = f"{__name__}:run_alone", phase.name, state
            if manifest is None and phase.name in BESIDE and (call := early_start.beside(*alone)):
                beside[phase.name] = call
                continue
            manifest = manifest or _run_phase(phase, state, settings, make_pipeline, progress)
            if phase is extract.PHASE:
                manifest, state.manifests[PARTS] = _parts(state, manifest, make_pipeline)
            state.manifests[phase.name] = manifest
        for name, call in beside.items():
            state.manifests[name] = call.result()
    finally:
        for call in beside.values():
            call.stop()


def run_alone(name: str, state: RunState) -> Manifest:
    """Runs one phase of a run whose other phases are the work of another process, and returns its manifest."""
    phase = next(each for each in PHASES if each.name == name)
    return _run_phase(phase, state, phase.settings(state.recipe), pipeline_maker([], 1), lambda how_far: None, True)


def _units(run_dir: str, recipe: Recipe, inputs: tuple[InputFile, ...]) -> int:
    """How many units the inputs are cut into, listed for workers while those have still to be extracted."""
    extracted = read_manifest(run_dir, extract.PHASE.name)
    if extracted is not None:
        return extracted.units
    # Written again at each start: the plan says that they are the same.
    return InputListing(run_dir).write(cut(inputs, recipe.read.unit_bytes))


def _inputs(patterns: list[str], limit: int | None, output_dir: str, crawl_base: str) -> tuple[InputFile, ...]:
    paths = find_inputs(patterns, output_dir, crawl_base)
    share = None if limit is None else -(-limit // len(paths))
    return input_files(paths, common_folder(paths), limit=share)


def common_folder(paths: Iterable[str]) -> int:
    """How many characters of all paths are the folder that they share. Failures name a file by what tells it from the
    others: where the crawl lies must not change a run's bytes."""
    folders = (os.path.dirname(path).rstrip("/") + "/" for path in paths)
    first = last = next(folders)
    for folder in folders:
        first, last = min(first, folder), max(last, folder)
    # What they share all between them share.
    return len(os.path.commonprefix([first, last]).rpartition("/")[0]) + 1  # noqa: RUF071 (cut to whole names)


def input_files(paths: list[str], folder: int, first: int = 0, limit: int | None = None) -> tuple[InputFile, ...]:
    """Paths as inputs, counted from ``first`` on and named without the ``folder`` characters at their beginning."""
    sizes = preflight.sizes_of(paths)
    return tuple(
        InputFile(index, path, path[folder:], limit, size)
        for index, (path, size) in enumerate(zip(paths, sizes, strict=True), first)
    )


def _run_phase(
    phase: Phase[Any], state: RunState, settings: Any, make: MakePipeline, progress: Progress, beside: bool = False
) -> Manifest:
    units = phase.units(state)
    reports = _ProgressReports(phase.name, state, units, progress)
    manifest = write_manifest(state.dir, phase.name, units)  # a driver that was killed may have left it to do
    if manifest is None:
        _log.info("phase %s begins: %d units", phase.name, units)
        clear(state.dir, phase.name)  # of an earlier start
        with (
            timings.timed(state.dir, phase.name, beside),
            reports,
            of_size(make(), phase.shared_seconds(state)) as pipeline,
        ):
            phase.build(pipeline, state, settings)
        manifest = write_manifest(state.dir, phase.name, units)
    if manifest is None:
        raise RuntimeError(
            f"phase {phase.name} ended, but not all of its {units} units have handed in what they wrote; run the same "
            f"command again to continue"
        )
    reports.finish()
    clear(state.dir, phase.name)
    _log.info("phase %s is done", phase.name)
    return manifest


def _parts(state: RunState, extracted: Manifest, make_pipeline: MakePipeline) -> tuple[Manifest, Manifest]:
    """Extraction with all its stretches fitting together, and the listing of the parts that it has written."""
    parts = read_manifest(state.dir, PARTS)
    if parts is not None:
        return read_manifest(state.dir, seams.CORRECTED) or extracted, parts

    def read_again(job: str, units: int) -> Manifest:
        # Only its engine and options are asked for; the job has a pipeline of its own.
        return committed(make_pipeline(), state.dir, job, units, partial(_build_again, state, job, units))

    extracted = seams.corrected(state.dir, extracted, read_again)
    return extracted, number_parts(state.dir, extracted)


def _build_again(state: RunState, job: str, units: int, pipeline: beam.Pipeline) -> None:
    extract.build_again(pipeline, state, job, units)


class _ProgressReports:
    """Reports progress while Beam blocks: the receipts that have come in, and what workers write down in between."""

    def __init__(self, phase: str, state: RunState, units: int, progress: Progress, seconds: float = 1.0):
        phases = [each.name for each in PHASES if each.settings(state.recipe) is not None]
        self._so_far = PhaseProgress(phase, 1 + phases.index(phase), len(phases), 0, units)
        self._receipts = receipts_folder(state.dir, phase)
        self._work = WorkOfAll(state.dir, phase)
        self._progress = progress
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._report, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exception) -> None:
        self._stop.set()
        self._thread.join()

    def finish(self) -> None:
        """Reports that all is done."""
        self._look()
        self._progress(replace(self._so_far, done=self._so_far.units))

    def _look(self) -> None:
        try:
            done = min(self._so_far.units, handed_in(storage.list_files(self._receipts)))
            self._so_far = replace(self._so_far, done=done, work=self._work.read())
        except Exception as error:  # noqa: BLE001 (a store that fails once mustn't end the reports, still less the run)
            _log.warning(
                "how far phase %s is can't be told just now, and is asked again: %s", self._so_far.phase, error
            )

    def _report(self) -> None:
        while True:
            began = time.monotonic()
            self._look()
            self._progress(self._so_far)
            # Listing large folders on an object store must not become work of its own.
            if self._stop.wait(max(self._seconds, 10 * (time.monotonic() - began))):
                return
