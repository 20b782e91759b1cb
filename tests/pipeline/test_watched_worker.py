"""A worker that is killed ends its job with a sentence, wherever it was: nobody waits for it forever."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions
from apache_beam.portability.python_urns import SUBPROCESS_SDK
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.portability.fn_api_runner.worker_handlers import SubprocessSdkWorkerHandler, WorkerHandler
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from pipeline import worker
from pipeline.watched_worker import WatchedWorker, watch_workers
from pipeline.worker import GONE


@pytest.fixture
def watched() -> Iterator[None]:
    hook, handlers = threading.excepthook, logging.getLogger().handlers[:]
    worker.quieten()
    watch_workers()
    yield
    WorkerHandler.register_environment(SUBPROCESS_SDK, bytes)(SubprocessSdkWorkerHandler)
    threading.excepthook, logging.getLogger().handlers[:] = hook, handlers


@pytest.mark.parametrize("command", ["kill -9 $$", "exit 3", "sleep 1; kill -9 $$"])
def test_a_worker_that_is_gone_before_it_has_begun(
    watched: None, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = PipelineOptions()
    options.view_as(DirectOptions).direct_num_workers = 2
    environment_of: Any = SubprocessSDKEnvironment  # Beam registers the class by a decorator that hides its type
    runner = FnApiRunner(default_environment=environment_of.from_command_string(command))
    told = pytest.raises(RuntimeError, match="a worker has ended|Channel closed prematurely")
    with told, beam.Pipeline(runner=runner, options=options) as pipeline:
        pipeline | beam.Create(["grain"]) | beam.Reshuffle() | beam.Map(len)
    assert "Traceback" not in capsys.readouterr().err
    assert "the same command continues" in GONE


class _Lost:
    """A connection that was lost: it raises what its reader met, and notes who was told."""

    def __init__(self) -> None:
        self.told: list[Exception] = []

    def close(self) -> None:
        raise ConnectionError("the connection was lost")

    def abort(self, error: Exception) -> None:
        self.told.append(error)


def _handler(work: Callable[[], object]) -> tuple[Any, _Lost]:
    """Of a worker that runs as long as ``work`` does."""
    handler: Any = WatchedWorker.__new__(WatchedWorker)
    handler._closing, handler._is_gone = threading.Event(), False
    handler.control_conn = handler.data_conn = lost = _Lost()
    handler.worker_thread = threading.Thread(target=work)
    handler.worker_thread.start()
    return handler, lost


def test_nobody_is_told_anything_as_long_as_the_worker_runs_or_when_it_was_to_end() -> None:
    ended = threading.Event()
    handler, lost = _handler(ended.wait)
    watching = threading.Thread(target=handler._watch)
    watching.start()
    watching.join(0.3)
    assert watching.is_alive() and lost.told == []
    handler._closing.set()
    ended.set()
    watching.join(30)
    assert not watching.is_alive() and lost.told == []


def test_a_connection_that_raises_when_it_is_closed_is_no_reason_to_tell_nobody() -> None:
    handler, lost = _handler(int)
    watching = threading.Thread(target=handler._watch)
    watching.start()
    until = time.monotonic() + 30
    while not lost.told:
        assert watching.is_alive() and time.monotonic() < until
        time.sleep(0.01)
    handler.close()
    watching.join(30)
    assert str(lost.told[0]) == GONE and not watching.is_alive()
