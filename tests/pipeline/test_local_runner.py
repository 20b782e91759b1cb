"""The local runner: small jobs stay in the driver's process, and workers take the next piece when they are done with one."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.transforms.environments import EmbeddedPythonEnvironment, Environment

from parsers.fork_server import Forked
from pipeline.jobs import of_size
from pipeline.local_runner import LocalRunner
from pipeline.runners import MakePipeline, pipeline_maker
from pipeline.worker_pool import WorkerPool

NUMBERS = 40


@pytest.fixture(scope="module")
def two_workers() -> MakePipeline:
    return pipeline_maker([], 2)


def _mark(number: int, folder: str) -> int:
    """Leaves a file by which one sees which process has worked on a number."""
    (Path(folder) / f"{number}").write_text(str(os.getpid()))
    return number


def _processes(folder: Path) -> dict[int, int]:
    return {int(path.name): int(path.read_text()) for path in folder.iterdir()}


def _job(job: beam.Pipeline, work: beam.PTransform) -> None:
    job | beam.Create(range(NUMBERS)) | beam.Reshuffle() | work


@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_a_job_that_workers_would_hardly_shorten_is_done_by_this_process(
    two_workers: MakePipeline, tmp_path: Path, seconds: float
) -> None:
    with of_size(two_workers(), seconds) as job:
        _job(job, beam.Map(_mark, str(tmp_path)))
    assert _processes(tmp_path) == dict.fromkeys(range(NUMBERS), os.getpid())


def test_a_job_of_unknown_size_is_given_to_workers_and_one_worker_is_this_process(
    two_workers: MakePipeline, tmp_path: Path
) -> None:
    with two_workers() as job:
        _job(job, beam.Map(_mark, str(tmp_path)))
    assert len(_processes(tmp_path)) == NUMBERS and os.getpid() not in _processes(tmp_path).values()
    with of_size(pipeline_maker([], 1)(), 1000.0) as job:
        _job(job, beam.Map(_mark, str(tmp_path)))
    assert set(_processes(tmp_path).values()) == {os.getpid()}


def _wait_for_most_others(number: int, folder: str) -> int:
    """The first of all waits until three quarters are done, which no worker can that is given half of them."""
    try:
        (Path(folder) / "first").touch(exist_ok=False)
    except FileExistsError:
        return _mark(number, folder)
    until = time.monotonic() + 120
    while len(list(Path(folder).iterdir())) < 1 + NUMBERS * 3 // 4:
        assert time.monotonic() < until, "others are not done: this worker was given them beforehand"
        time.sleep(0.01)
    return _mark(number, folder)


def test_while_a_worker_is_busy_the_other_one_does_the_rest(two_workers: MakePipeline, tmp_path: Path) -> None:
    with of_size(two_workers(), 100.0) as job:
        _job(job, beam.Map(_wait_for_most_others, str(tmp_path)))
    (tmp_path / "first").unlink()
    assert len(_processes(tmp_path)) == NUMBERS


def _sum_by_parity(element: tuple[int, Iterable[int]]) -> tuple[int, int]:
    return element[0], sum(element[1])


def test_what_is_grouped_is_whole_and_nothing_is_fine(two_workers: MakePipeline, tmp_path: Path) -> None:
    def keep(found: tuple[int, int]) -> None:
        (tmp_path / f"{found[0]}").write_text(str(found[1]))

    with of_size(two_workers(), 100.0) as job:
        numbers = job | beam.Create(range(3000)) | beam.Reshuffle()
        keyed = numbers | beam.Map(lambda number: (number % 1500, number))
        summed = keyed | beam.GroupByKey() | "sum" >> beam.Map(_sum_by_parity)
        summed | "keep" >> beam.Map(keep)
        job | "none" >> beam.Create([], reshuffle=False) | "again" >> beam.Reshuffle() | "never" >> beam.Map(keep)
    found = {int(path.name): int(path.read_text()) for path in tmp_path.iterdir()}
    assert found == {number: 2 * number + 1500 for number in range(1500)}


def _fail_at_once(number: int, folder: str) -> int:
    _mark(number, folder)
    if number % 2:
        raise ValueError("no grain")
    time.sleep(0.2)
    return number


def test_after_a_failure_nothing_more_is_taken(two_workers: MakePipeline, tmp_path: Path) -> None:
    told = pytest.raises(RuntimeError, match="no grain")
    with told, of_size(two_workers(), 100.0) as job:
        _job(job, beam.Map(_fail_at_once, str(tmp_path)))
    assert len(_processes(tmp_path)) < NUMBERS


@pytest.mark.parametrize(
    ("workers", "seconds", "at_work"),
    [(2, 0.98, 1), (2, 1.0, 2), (4, 0.66, 1), (4, 0.67, 4), (1, 1000.0, 1), (3, float("inf"), 3), (2, 0.0, 1)],
)
def test_workers_are_started_where_they_save_half_a_second(
    workers: int, seconds: float, at_work: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two each does half of the work, of four a quarter."""
    started: list[int] = []
    told: list[int] = []

    def run(runner: FnApiRunner, pipeline: object, options: PipelineOptions) -> None:
        told.append(options.view_as(DirectOptions).direct_num_workers)

    def environment() -> Environment:
        started.append(workers)
        return EmbeddedPythonEnvironment.default()

    monkeypatch.setattr(FnApiRunner, "run_pipeline", run)
    runner = LocalRunner(workers, environment)
    options = PipelineOptions([])
    runner.for_work(seconds).run_pipeline(beam.Pipeline(runner=runner, options=options), options)
    assert told == [at_work] and len(started) == (at_work > 1)


def test_a_pool_whose_workers_are_there_does_every_job(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []

    def run(runner: FnApiRunner, pipeline: object, options: PipelineOptions) -> None:
        told.append(options.view_as(DirectOptions).direct_num_workers)

    def never() -> Forked:
        raise AssertionError("no bundle was to be worked on")

    monkeypatch.setattr(FnApiRunner, "run_pipeline", run)
    runner, options = LocalRunner(2, pool=WorkerPool(2, never)), PipelineOptions([])
    for seconds in (0.0, 1.0, 0.0):
        runner.for_work(seconds).run_pipeline(beam.Pipeline(runner=runner, options=options), options)
    assert told == [1, 2, 2]  # the first is too small to fork any for
