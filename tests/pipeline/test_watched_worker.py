"""A worker that is killed ends its job with a sentence, wherever it was: nobody waits for it forever."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions
from apache_beam.portability.python_urns import SUBPROCESS_SDK
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.portability.fn_api_runner.worker_handlers import SubprocessSdkWorkerHandler, WorkerHandler
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from pipeline import worker
from pipeline.watched_worker import GONE, watch_workers


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
    assert capsys.readouterr().err == ""
    assert "the same command continues" in GONE
