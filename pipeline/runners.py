"""Beam options from our command line: which runner, how many workers, and flags that Beam really knows."""

from __future__ import annotations

import argparse
import difflib
import logging
import sys
from collections.abc import Callable

import apache_beam as beam
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, SetupOptions, StandardOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner, fn_runner
from apache_beam.transforms.environments import SubprocessSDKEnvironment

_log = logging.getLogger(__name__)

MakePipeline = Callable[[], beam.Pipeline]
"""Makes the pipeline of the next phase."""


def pipeline_maker(flags: list[str], workers: int) -> MakePipeline:
    """How to make pipelines for a run. Raises ``ValueError`` for flags that no runner knows, which Beam would ignore."""
    _refuse_unknown(flags)
    options = PipelineOptions(flags)
    # Nothing of ours lives in __main__, so there is no session to ship.
    options.view_as(SetupOptions).save_main_session = False
    runner = options.view_as(StandardOptions).runner
    if runner not in (None, "DirectRunner", "FnApiRunner"):
        return lambda: beam.Pipeline(options=options)
    if runner == "DirectRunner":
        # Beam's DirectRunner first looks for a Go binary on the network, and changes runners without a word.
        _log.warning("--runner=DirectRunner is taken as --runner=FnApiRunner, which needs no network")
    options.view_as(StandardOptions).runner = "FnApiRunner"
    if workers == 1:
        return lambda: beam.Pipeline(runner=FnApiRunner(), options=options)
    # As --direct_running_mode=multi_processing does it, but with our own worker program; Beam wonders at the mode.
    options.view_as(DirectOptions).direct_num_workers = workers
    logging.getLogger(fn_runner.__name__).setLevel(logging.ERROR)
    environment = SubprocessSDKEnvironment.from_command_string(f"{sys.executable} -m pipeline.worker")
    return lambda: beam.Pipeline(runner=FnApiRunner(default_environment=environment), options=options)


def _refuse_unknown(flags: list[str]) -> None:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for group in _all_subclasses(PipelineOptions):
        try:
            group._add_argparse_args(parser)
        except argparse.ArgumentError:
            continue  # two groups of options share a flag; one of them is enough
    # Runners behind a job server have options that the Python SDK learns from it.
    known = {option for action in parser._actions for option in action.option_strings} | {"--spark_master_url"}
    for flag in flags:
        name = flag.partition("=")[0]
        if name.startswith("--") and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise ValueError(
                f"neither gristmill nor Beam knows the option {name}" + (f"; did you mean {near[0]}?" if near else "")
            )


def _all_subclasses(cls: type) -> list[type]:
    return [cls, *(found for direct in cls.__subclasses__() for found in _all_subclasses(direct))]
