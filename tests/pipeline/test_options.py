"""Options that are parsed once: what Beam's own say, and views that share their values."""

from __future__ import annotations

import copy

import pytest
from apache_beam.options.pipeline_options import (
    DebugOptions,
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
    StandardOptions,
    TypeOptions,
    WorkerOptions,
)

from pipeline.options import ParsedOptions

FLAGS = [[], ["--project=p", "--experiments=a", "--experiments=b", "--streaming"], ["--nobody_knows=1", "--runner=X"]]
VIEWS = [StandardOptions, SetupOptions, TypeOptions, DebugOptions, GoogleCloudOptions, WorkerOptions]


@pytest.mark.parametrize("flags", FLAGS)
def test_every_view_says_what_beam_s_own_says(flags: list[str]) -> None:
    ours, beams = ParsedOptions(flags), PipelineOptions(flags)
    for _ in range(2):
        for view in VIEWS:
            assert type(ours.view_as(view)) is view
            assert str(ours.view_as(view)) == str(beams.view_as(view))
    assert ours.get_all_options() == beams.get_all_options()


@pytest.mark.parametrize("flags", FLAGS)
def test_what_a_job_s_start_asks_for_is_what_beam_s_own_say_once_more_too(flags: list[str]) -> None:
    for runner, experiment in (("FnApiRunner", "first"), ("PrismRunner", None)):
        ours, beams = ParsedOptions(flags), PipelineOptions(flags)
        for options in (ours, beams):
            options.view_as(StandardOptions).runner = runner
            if experiment:  # of the first alone
                options.view_as(DebugOptions).add_experiment(experiment)
        said = [each.get_all_options(display_warnings=True, retain_unknown_options=True) for each in (ours, beams)]
        assert said[0] == said[1] and said[0]["runner"] == runner


def test_what_is_set_in_a_view_holds_in_all_views_of_these_options_alone() -> None:
    one, other = ParsedOptions([]), ParsedOptions([])
    one.view_as(StandardOptions).runner = "FnApiRunner"
    one.view_as(DebugOptions).add_experiment("a")
    assert one.view_as(StandardOptions).view_as(StandardOptions).runner == "FnApiRunner"
    assert one.view_as(DebugOptions).experiments == ["a"]
    assert other.view_as(StandardOptions).runner is None and not other.view_as(DebugOptions).experiments
    copied = copy.deepcopy(one)
    copied.view_as(DebugOptions).add_experiment("b")
    assert one.view_as(DebugOptions).experiments == ["a"]
    assert copied.view_as(DebugOptions).experiments == ["a", "b"]


def test_a_list_that_is_added_to_is_nobody_else_s() -> None:
    flags = ["--experiments=a"]
    ParsedOptions(flags).view_as(DebugOptions).add_experiment("b")
    assert ParsedOptions(flags).view_as(DebugOptions).experiments == ["a"]
