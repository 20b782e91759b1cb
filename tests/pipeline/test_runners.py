"""Options for Beam: those that somebody knows pass, typing errors don't."""

from __future__ import annotations

import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from apache_beam.options.pipeline_options import PipelineOptions, SetupOptions, StandardOptions
from apache_beam.portability.api import beam_job_api_pb2, beam_job_api_pb2_grpc

from pipeline import job_server_options as known
from pipeline import runners
from pipeline.local_runner import LocalRunner
from pipeline.runners import at_work, pipeline_maker


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["--runner=DirectRunner"],
        ["--runner=FlinkRunner", "--flink_master=HOST:8081", "--parallelism=4"],
        ["--runner=FlinkRunner", "--checkpointing_interval=60000", "--object_reuse", "--state_backend=rocksdb"],
        ["--runner=SparkRunner", "--spark_master_url=spark://HOST:7077", "--storage_level=MEMORY_AND_DISK"],
        ["--runner=SparkRunner", "--storage_level", "MEMORY_AND_DISK", "--cache_disabled"],
        ["--runner=DataflowRunner", "--project=p", "--region=r", "--temp_location=gs://b/t"],
    ],
)
def test_options_of_beam_and_of_its_job_servers_pass(flags: list[str]) -> None:
    assert callable(pipeline_maker(flags, 1))


@pytest.mark.parametrize(
    ("flag", "near"),
    [
        ("--checkpointing_intervall=1", "--checkpointing_interval"),
        ("--object_reuze", "--object_reuse"),
        ("--storage_levle=X", "--storage_level"),
        ("--paralelism=2", "--parallelism"),
        ("--job_endpiont=HOST:1", "--job_endpoint"),
    ],
)
def test_a_typing_error_is_refused_with_what_was_meant(flag: str, near: str) -> None:
    name = flag.partition("=")[0]
    with pytest.raises(ValueError, match=f"neither gristmill nor Beam knows the option {name}; did you mean {near}"):
        pipeline_maker(["--runner=FlinkRunner", flag], 1)


def test_workers_beyond_cores_are_there_where_a_store_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(4)), raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    here, elsewhere = ["/out", "/crawl/a.warc.gz"], ["/out", "s3://crawl/a.warc.gz"]
    assert [at_work(workers, here) for workers in (1, 2, 4, 16)] == [1, 2, 4, 4]
    assert at_work(16, elsewhere) == at_work(16, ["s3://out", here[1]]) == 16
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0}, raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert [at_work(workers, here) for workers in (1, 2, 4)] == [1, 2, 2]


@pytest.mark.parametrize("flag", ["--template_location=gs://b/template", "--dry_run=True"])
def test_what_would_start_no_job_is_refused(flag: str) -> None:
    with pytest.raises(ValueError, match=flag.partition("=")[0] + " starts no job, and a run is a chain of jobs"):
        pipeline_maker(["--runner=DataflowRunner", "--project=p", "--region=r", "--temp_location=gs://b/t", flag], 1)


@pytest.mark.parametrize(("flags", "warns"), [([], 0), (["--runner=FnApiRunner"], 0), (["--runner=DirectRunner"], 1)])
@pytest.mark.parametrize("workers", [1, 3])
def test_local_runs_are_ours_and_who_names_another_local_runner_is_told(
    flags: list[str], warns: int, workers: int, caplog: pytest.LogCaptureFixture
) -> None:
    job = pipeline_maker([*flags, "--save_main_session"], workers)()
    assert isinstance(job.runner, LocalRunner) and not job.options.view_as(SetupOptions).save_main_session
    assert job.options.view_as(StandardOptions).runner == "FnApiRunner"
    told = [record.getMessage() for record in caplog.records if record.name == "pipeline.runners"]
    assert told == ["--runner=DirectRunner is taken as --runner=FnApiRunner, which needs no network"] * warns


def test_a_cluster_s_engine_is_left_to_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[object, PipelineOptions]] = []
    monkeypatch.setattr(runners, "new_job", lambda runner, options: made.append((runner, options)))
    make = pipeline_maker(["--runner=FlinkRunner", "--parallelism=4", "--save_main_session"], 3)
    make()
    ((runner, options),) = made
    assert runner is None and options.view_as(StandardOptions).runner == "FlinkRunner"
    assert not options.view_as(SetupOptions).save_main_session


def test_several_workers_are_a_pool_where_they_can_be_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, Any]] = []
    asked: list[object] = []

    class Server:
        worker = "a new one"

    def local_runner(workers: int, *, pool: Any) -> None:
        made.append((workers, pool))

    monkeypatch.setattr(runners, "AVAILABLE", True)
    monkeypatch.setattr(runners.early_start, "worker_server", lambda recipe: asked.append(recipe) or Server())
    monkeypatch.setattr(runners, "WorkerPool", lambda size, fork: (size, fork))
    monkeypatch.setattr(runners, "LocalRunner", local_runner)
    monkeypatch.setattr(runners, "new_job", lambda runner, options: None)
    make = pipeline_maker([], 3)
    make()
    make()
    assert made == [(3, (3, "a new one"))] * 2 and asked == [None]  # one pool for all jobs


def test_several_workers_are_started_by_our_own_command_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, Callable[[], Any]]] = []
    monkeypatch.setattr(runners, "AVAILABLE", False)
    monkeypatch.setattr(runners, "LocalRunner", lambda *given: made.append(given))
    monkeypatch.setattr(runners, "new_job", lambda runner, options: None)
    pipeline_maker([], 3)()
    ((workers, environment),) = made
    assert workers == 3 and environment().command_string == f"{sys.executable} -m pipeline.worker"


def test_a_job_that_never_runs_leaves_no_folder(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(KeyError), pipeline_maker([], 1)():
        raise KeyError
    assert not list(tmp_path.iterdir())


class _JobServer(beam_job_api_pb2_grpc.JobServiceServicer):
    def DescribePipelineOptions(self, request, context):  # the name that gRPC calls
        option = beam_job_api_pb2.PipelineOptionDescriptor(name="of_this_server_alone")
        return beam_job_api_pb2.DescribePipelineOptionsResponse(options=[option])


@pytest.fixture
def endpoint():
    server = grpc.server(ThreadPoolExecutor(1))
    beam_job_api_pb2_grpc.add_JobServiceServicer_to_server(_JobServer(), server)
    port = server.add_insecure_port("localhost:0")
    server.start()
    yield f"localhost:{port}"
    server.stop(None)


def test_a_job_server_that_answers_is_believed(endpoint: str) -> None:
    portable = ["--runner=PortableRunner", f"--job_endpoint={endpoint}"]
    assert callable(pipeline_maker([*portable, "--of_this_server_alone=3"], 1))
    with pytest.raises(ValueError, match="knows the option --object_reuse"):
        pipeline_maker([*portable, "--object_reuse"], 1)


def test_a_job_server_that_is_about_to_start_is_waited_for() -> None:
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    server = grpc.server(ThreadPoolExecutor(1))
    beam_job_api_pb2_grpc.add_JobServiceServicer_to_server(_JobServer(), server)

    def start() -> None:
        server.add_insecure_port(f"localhost:{port}")
        server.start()

    later = threading.Timer(0.5, start)
    later.start()
    try:
        assert known.job_server_options(f"localhost:{port}") == {"of_this_server_alone"}
    finally:
        later.join()
        server.stop(None)


def test_where_no_job_server_answers_the_documented_options_are_known(monkeypatch) -> None:
    monkeypatch.setattr(known, "_SECONDS", 0.5)
    assert {"object_reuse", "storage_level"} <= known.job_server_options("localhost:1")
    assert known.job_server_options(None) == known.job_server_options("embed")


@pytest.mark.parametrize(
    ("flags", "told"), [(["--xqzw=1"], "knows the option --xqzw$"), (["--fooo", "--baar"], "--fooo")]
)
def test_what_is_near_to_nothing_is_refused_without_a_guess(flags: list[str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        pipeline_maker(["--runner=FlinkRunner", *flags], 1)


def test_a_value_that_stands_by_itself_is_no_option() -> None:
    assert callable(pipeline_maker(["--runner", "FlinkRunner", "--parallelism", "4"], 1))
