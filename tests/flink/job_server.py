"""Beam's job server with a Flink in its own process, and a pool of Python workers, for as long as a test lasts."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.spark import toolchain
from tests.spark.cluster import JVM
from tests.spark.service import Service

_READY_SECONDS = 180
_SLOTS = 2


class FlinkJobServer:
    """Context manager: entering starts it and waits until it takes jobs, leaving kills all of it.

    Ports are the system's choice; logs stay in `logs`. Entering raises ToolError or ServiceError, whose messages say
    what to do or show the log that tells.
    """

    def __init__(self) -> None:
        self.logs: Path | None = None
        self.pipeline_options: list[str] = []
        self._services: list[Service] = []

    def __enter__(self) -> Self:
        java, jars = toolchain.provide_flink()
        folder = toolchain.CACHE / "flink-logs"
        folder.mkdir(parents=True, exist_ok=True)
        self.logs = Path(tempfile.mkdtemp(dir=folder))
        try:
            self._start(java, jars)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self, java: str, jars: Path) -> None:
        pool = self._service(
            "worker pool", [sys.executable, "-m", "apache_beam.runners.worker.worker_pool_main", "--service_port=0"]
        )
        ports = ["--job-host=localhost", "--job-port=0", "--artifact-port=0", "--expansion-port=0"]
        job_server = self._service(
            "job server",
            [
                *[java, *JVM, "-Xmx1g", "-cp", f"{jars}/*", "org.apache.beam.runners.flink.FlinkJobServerDriver"],
                *["--flink-master=[local]", *ports],
            ],
        )
        job_port = job_server.wait_for(r"JobService started on localhost:(\d+)", _READY_SECONDS)
        pool_port = pool.wait_for(r"worker pool servicer at port: localhost:(\d+)", _READY_SECONDS)
        self.pipeline_options = [
            "--runner=PortableRunner",
            f"--job_endpoint=localhost:{job_port}",
            "--environment_type=EXTERNAL",
            f"--environment_config=localhost:{pool_port}",
            "--environment_cache_millis=60000",
            f"--parallelism={_SLOTS}",
            # All is in the job server's process; unless some file is named, it would copy its class path for each job.
            f"--files_to_stage={toolchain.FLINK_POM}",
        ]

    def _service(self, name: str, command: list[str]) -> Service:
        # The pool starts its workers as `python`, whichever comes first, and they import the project's packages.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "PYTHONPATH": str(toolchain.PROJECT)}
        log = self.logs / f"{name.replace(' ', '-')}.log"
        service = Service(name, command, log, environment, toolchain.PROJECT)
        self._services.append(service)
        return service

    def _stop(self) -> None:
        while self._services:
            self._services.pop().stop()
