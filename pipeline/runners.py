"""Beam options from our command line: which runner, how many workers, and flags that Beam really knows."""

from __future__ import annotations

import argparse
import difflib
import logging
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    PortableOptions,
    SetupOptions,
    StandardOptions,
    TestOptions,
)
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.transforms.environments import Environment, SubprocessSDKEnvironment

from parsers.fork_server import AVAILABLE
from pipeline import early_start, storage
from pipeline.job_server_options import job_server_options
from pipeline.jobs import new_job
from pipeline.local_runner import LocalRunner
from pipeline.options import ParsedOptions
from pipeline.watched_worker import watch_workers
from pipeline.worker_pool import WorkerPool
from recipes import Recipe

_log = logging.getLogger(__name__)

_LOCAL_RUNNERS = (None, "DirectRunner", "FnApiRunner")

MakePipeline = Callable[[], beam.Pipeline]
"""Makes the pipeline of the next phase."""


def at_work(workers: int, paths: Iterable[str]) -> int:
    """How many of so many ``workers`` a run that reads and writes ``paths`` gives work: no more than there are cores (but two),
    where all lie on this machine. More would cost their start and memory, and wait for each other. Where a store has to be
    waited for, all of them."""
    if any(map(storage.is_remote, paths)):
        return workers
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(workers, max(2, cores))


def pipeline_maker(flags: list[str], workers: int, recipe: Recipe | None = None) -> MakePipeline:
    """How to make pipelines for a run. Raises ``ValueError`` for flags that nobody knows, which Beam would ignore, and for
    those with which no job would start. ``recipe``: that of a run which begins with extraction."""
    options = ParsedOptions(flags)
    _refuse_unknown(flags, options)
    _refuse_no_jobs(options)
    # Nothing of ours lives in __main__, so there is no session to ship.
    options.view_as(SetupOptions).save_main_session = False
    runner = options.view_as(StandardOptions).runner
    if runner not in _LOCAL_RUNNERS:
        return lambda: new_job(None, options)
    if runner == "DirectRunner":
        # Beam's DirectRunner first looks for a Go binary on the network, and changes runners without a word.
        _log.warning("--runner=DirectRunner is taken as --runner=FnApiRunner, which needs no network")
    options.view_as(StandardOptions).runner = "FnApiRunner"
    if workers == 1:
        return lambda: new_job(LocalRunner(), options)
    # As --direct_running_mode=multi_processing does it, but with our own workers; Beam wonders at the mode.
    logging.getLogger(fn_runner.__name__).setLevel(logging.ERROR)
    if AVAILABLE:
        pool = WorkerPool(workers, early_start.worker_server(recipe).worker)
        return lambda: new_job(LocalRunner(workers, pool=pool), options)
    watch_workers()
    # Beam registers the class by a decorator that hides its type.
    kind: Any = SubprocessSDKEnvironment

    def environment() -> Environment:
        return kind.from_command_string(f"{sys.executable} -m pipeline.worker")

    return lambda: new_job(LocalRunner(workers, environment), options)


def _refuse_unknown(flags: list[str], options: PipelineOptions) -> None:
    # Where groups of options share a flag, the later one takes it and both keep their others.
    parser: Any = argparse.ArgumentParser(add_help=False, allow_abbrev=False, conflict_handler="resolve")
    for group in _all_subclasses(PipelineOptions):
        group._add_argparse_args(parser)
    known = {option for action in parser._actions for option in action.option_strings}
    unknown = [name for name in (flag.partition("=")[0] for flag in flags) if name.startswith("--")]
    unknown = [name for name in unknown if name not in known]
    if unknown:
        known |= {f"--{name}" for name in job_server_options(options.view_as(PortableOptions).job_endpoint)}
    for name in unknown:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise ValueError(
                f"neither gristmill nor Beam knows the option {name}" + (f"; did you mean {near[0]}?" if near else "")
            )


def _refuse_no_jobs(options: PipelineOptions) -> None:
    """With these Beam writes a job down, or checks it, and never starts one: the phase after it would find nothing."""
    written, checked = options.view_as(GoogleCloudOptions).template_location, options.view_as(TestOptions).dry_run
    for flag, given in (("--template_location", written), ("--dry_run", checked)):
        if given:
            raise ValueError(
                f"{flag} starts no job, and a run is a chain of jobs, each of which needs what the one before has "
                "written; leave it out. docker/README.md says how to start a run from Google Cloud"
            )


def _all_subclasses(cls: type[PipelineOptions]) -> list[type[PipelineOptions]]:
    return [cls, *(found for direct in cls.__subclasses__() for found in _all_subclasses(direct))]
