"""A job that never runs leaves nothing behind."""

from __future__ import annotations

import os

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.transforms import core, userstate

from pipeline.jobs import new_job, of_size
from pipeline.local_runner import LocalRunner


def test_a_job_has_no_folder_of_its_own_and_runs() -> None:
    job = new_job(FnApiRunner(), PipelineOptions([]))
    assert not os.path.exists(job.local_tempdir)
    with job:
        _ = job | beam.Create([1, 2])


def test_a_local_job_is_made_for_its_work_and_others_are_left_to_their_engines() -> None:
    asked: list[float] = []

    class Local(LocalRunner):
        def for_work(self, seconds: float) -> LocalRunner:
            asked.append(seconds)
            return self

    local = Local()
    job = beam.Pipeline(runner=local, options=PipelineOptions([]))
    assert of_size(job, 2.5) is job and job.runner is local and asked == [2.5]
    elsewhere = FnApiRunner()
    assert of_size(beam.Pipeline(runner=elsewhere, options=PipelineOptions([])), 2.5).runner is elsewhere


class _Step(beam.DoFn):
    def process(self, element: int, factor: int = 3) -> list[int]:
        return [element * factor]


def test_arguments_of_steps_are_what_beam_finds_each_time_anew() -> None:
    new_job(FnApiRunner(), PipelineOptions([]))
    for _ in range(2):
        names, defaults = core.get_function_args_defaults(_Step().process)
        assert (names, defaults) == (["element", "factor"], [3])
        names.append("changed")
        defaults.append("changed")
    assert core.get_function_args_defaults(lambda element, more=2: element) == (["element", "more"], [2])


class _Keeping(beam.DoFn):
    COUNT = userstate.CombiningValueStateSpec("count", combine_fn=sum)
    KEPT = beam.DoFn.StateParam(COUNT)

    def process(self, element: int, count=KEPT) -> None:
        pass


def test_states_of_steps_are_what_beam_finds_each_time_anew() -> None:
    new_job(FnApiRunner(), PipelineOptions([]))
    keeping, step = _Keeping(), _Step()
    for _ in range(2):
        assert userstate.get_dofn_specs(keeping) == ({_Keeping.COUNT}, set())
        assert userstate.get_dofn_specs(step) == (set(), set())
