"""Workers that live across jobs: one process each, replaced where it is killed, and what they meet is told as it is."""

from __future__ import annotations

import errno
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.pvalue import AsSingleton
from apache_beam.runners.portability.fn_api_runner import fn_runner

from parsers.fork_server import Forked
from pipeline.jobs import new_job
from pipeline.local_runner import LocalRunner
from pipeline.options import ParsedOptions
from pipeline.storage_errors import StoreUnusable
from pipeline.worker import GONE
from pipeline.worker_pool import WorkerPool
from pipeline.worker_server import Preparation, WorkerServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
NUMBERS = 24
MakeJob = Callable[[], beam.Pipeline]


@pytest.fixture(scope="module")
def held() -> Iterator[list[WorkerServer]]:
    """A server, which ends when nobody holds it any more: before the next module counts processes."""
    holding = [WorkerServer(Preparation())]
    yield holding
    holding.clear()
    gc.collect()


@pytest.fixture
def forked() -> list[Forked]:
    return []


@pytest.fixture
def new(held: list[WorkerServer], forked: list[Forked]) -> Iterator[MakeJob]:
    def fork() -> Forked:
        forked.append(held[0].worker())
        return forked[-1]

    # It wonders at several workers that it doesn't start.
    logging.getLogger(fn_runner.__name__).setLevel(logging.ERROR)
    pool = WorkerPool(2, fork)
    yield lambda: new_job(LocalRunner(2, pool=pool), ParsedOptions([]))
    for process in forked:
        process.kill()


def _mark(number: int, folder: str) -> int:
    """Leaves a file by which one sees which process has worked on a number."""
    (Path(folder) / f"{number}").write_text(str(os.getpid()))
    return number


def _processes(job: beam.Pipeline, folder: Path) -> set[int]:
    """Runs a job, and says who has worked for it."""
    folder.mkdir()
    with job:
        job | beam.Create(range(NUMBERS)) | beam.Reshuffle() | beam.Map(_mark, str(folder))
    found = {int(path.name): int(path.read_text()) for path in folder.iterdir()}
    assert set(found) == set(range(NUMBERS))
    return set(found.values())


def test_the_first_job_has_its_own_and_later_ones_share_theirs(
    new: MakeJob, forked: list[Forked], tmp_path: Path
) -> None:
    by_job = [_processes(new(), tmp_path / str(number)) for number in range(3)]
    assert not by_job[0] & (by_job[1] | by_job[2]) and os.getpid() not in set.union(*by_job)
    assert len(by_job[1] | by_job[2]) <= 2 and len(forked) <= 4
    assert all(process.wait() in (0, -signal.SIGKILL) for process in forked[: len(by_job[0])])


def _end_once(number: int, folder: str) -> int:
    """Kills its process at the first try of one number."""
    try:
        (Path(folder) / f"{number}.tried").touch(exist_ok=False)
        if number == NUMBERS // 2:
            os.kill(os.getpid(), signal.SIGKILL)
    except FileExistsError:
        (Path(folder) / f"{number}.again").touch()
    return number


def test_a_worker_that_is_killed_is_replaced_and_its_bundle_done_again(
    new: MakeJob, forked: list[Forked], tmp_path: Path
) -> None:
    def write_sum(numbers: list[int]) -> None:
        (tmp_path / f"sum-{sum(numbers)}-of-{len(numbers)}").touch()

    with new() as job:
        worked = job | beam.Create(range(NUMBERS)) | beam.Reshuffle() | beam.Map(_end_once, str(tmp_path))
        worked | beam.combiners.ToList() | "write" >> beam.Map(write_sum)
    assert (tmp_path / f"{NUMBERS // 2}.again").exists() and len(forked) == 3
    assert (tmp_path / f"sum-{sum(range(NUMBERS))}-of-{NUMBERS}").exists()


def test_a_worker_that_was_killed_between_two_jobs_is_replaced(
    new: MakeJob, forked: list[Forked], tmp_path: Path
) -> None:
    for number in range(2):
        _processes(new(), tmp_path / str(number))
    for process in _processes(new(), tmp_path / "2"):
        os.kill(process, signal.SIGKILL)
    _processes(new(), tmp_path / "3")


def _end(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_bundle_that_costs_each_process_ends_the_job_with_a_sentence(new: MakeJob, forked: list[Forked]) -> None:
    with pytest.raises(RuntimeError, match=GONE[:20]), new() as job:
        job | beam.Create(["grain"]) | beam.Reshuffle() | beam.Map(_end)
    assert len(forked) == 2


def test_a_server_that_is_gone_ends_the_job_with_a_sentence() -> None:
    def refused() -> Forked:
        raise ConnectionRefusedError

    with (
        pytest.raises(RuntimeError, match=GONE[:20]),
        new_job(LocalRunner(2, pool=WorkerPool(2, refused)), ParsedOptions([])) as job,
    ):
        job | beam.Create(["grain"]) | beam.Reshuffle() | beam.Map(len)


def _raise(error: Exception) -> None:
    raise error


def test_what_a_step_raises_is_told_with_where_it_was_and_the_crew_goes_on(new: MakeJob, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)Traceback.*in _raise.*ValueError: no grain"), new() as job:
        job | beam.Create([ValueError("no grain")]) | beam.Reshuffle() | beam.Map(_raise)
    _processes(new(), tmp_path / "after")


def test_what_a_store_refuses_is_told_as_such(new: MakeJob) -> None:
    refused = PermissionError(errno.EACCES, "Forbidden")
    with pytest.raises(StoreUnusable, match="the store denies access"), new() as job:
        job | beam.Create([refused]) | beam.Reshuffle() | beam.Map(_raise)


def _with_side_input(number: int, total: int, folder: str) -> None:
    (Path(folder) / f"{number}-of-{total}").touch()


def test_side_inputs_come_from_the_driver(new: MakeJob, tmp_path: Path) -> None:
    with new() as job:
        numbers = job | beam.Create(range(NUMBERS)) | beam.Reshuffle()
        total = AsSingleton(numbers | beam.CombineGlobally(sum))
        numbers | "beside" >> beam.Map(_with_side_input, total, str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{number}-of-{sum(range(NUMBERS))}" for number in range(NUMBERS)
    }


def _log(text: str) -> None:
    logging.getLogger("pipeline.grain").info(text)
    logging.getLogger("elsewhere").info("of no interest")
    logging.getLogger("elsewhere").warning("100 % of it")


def test_what_is_logged_is_handed_on(new: MakeJob, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), new() as job:
        job | beam.Create(["milled"]) | beam.Reshuffle() | beam.Map(_log)
    told = [(record.name, record.levelname, record.getMessage()) for record in caplog.records]
    assert ("pipeline.grain", "INFO", "milled") in told and ("elsewhere", "WARNING", "100 % of it") in told
    assert not [text for _, _, text in told if text == "of no interest"]
