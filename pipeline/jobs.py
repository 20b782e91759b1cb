"""How a Beam job is made, so that nothing is left where temporary files are, no worker is started in vain, and what Beam asks of a
step four times and more is looked up once: the signatures of its methods, and which of them keep states or set timers."""

from __future__ import annotations

import contextlib
import os
from types import FunctionType, MethodType
from typing import Any
from weakref import WeakKeyDictionary

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineRunner
from apache_beam.transforms import core, userstate

from pipeline.local_runner import LocalRunner

_Arguments = tuple[list[str], list[Any]]
_look_up = core.get_function_args_defaults
_known: dict[FunctionType, _Arguments] = {}
_Specs = tuple[set[userstate.StateSpec], set[userstate.TimerSpec]]
_look_for_specs = userstate.get_dofn_specs
_specs: WeakKeyDictionary[beam.DoFn, _Specs] = WeakKeyDictionary()


def new_job(runner: PipelineRunner | str | None, options: PipelineOptions) -> beam.Pipeline:
    """A job without steps. Beam makes a folder for each, for steps in other languages, which we have none of, and removes
    it when the job has run: of one that never does, because a step can't be built or the run is stopped, it would stay."""
    core.get_function_args_defaults = _arguments
    userstate.get_dofn_specs = _specs_of
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


def _arguments(f: Any) -> _Arguments:
    """What Beam's own gives: names of arguments without ``self``, and the values of those that have one by default."""
    # A bound method: whose it is makes no difference.
    if type(f) is not MethodType or type(f.__func__) is not FunctionType:
        return _look_up(f)
    if f.__func__ not in _known:
        _known[f.__func__] = _look_up(f)
    names, defaults = _known[f.__func__]
    return list(names), list(defaults)


def _specs_of(dofn: beam.DoFn) -> _Specs:
    """What Beam's own gives, which goes through all attributes of a step: its states and its timers."""
    if dofn not in _specs:
        _specs[dofn] = _look_for_specs(dofn)
    return _specs[dofn]
