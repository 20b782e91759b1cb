"""A real Spark 3.5 standalone cluster for portable Beam pipelines, on one machine, for as long as a test lasts.

A master, two workers of one core, Beam's job server and a pool of Python workers, each a process of its own. To try
things by hand, `python -m tests.spark.cluster` keeps one up until Ctrl-C and prints the options to run against it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.stopwatch import running_children
from tests.spark import toolchain
from tests.spark.service import Service, ServiceError
from tests.spark.toolchain import PROJECT, Toolchain

WORKERS = 2
_READY_SECONDS = 90
_HOST = "127.0.0.1"

# Spark on Java 17 reaches into these packages of java.base (what spark-submit would add by itself).
_OPENED = (
    "java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent "
    "java.util.concurrent.atomic sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar"
).split()
# Short-lived JVMs that share a few cores: the quick compiler, and the collector without helper threads.
JVM = [
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
]


class SparkCluster:
    """Context manager: entering starts the cluster and waits until it takes jobs, leaving kills all of it.

    Every server binds to a port that the system picks, so that clusters don't collide. Logs stay in `logs`. Entering
    raises ToolError or ServiceError, whose messages say what to do or show the log that tells. `properties` are more of
    Spark's, such as `{"spark.speculation": "true"}`.
    """

    def __init__(self, properties: Mapping[str, str] | None = None) -> None:
        self._properties = dict(properties or {})
        self.logs: Path | None = None
        self.pipeline_options: list[str] = []
        self._services: list[Service] = []
        self._pool: Service | None = None
        self._workers: list[Service] = []
        self._scratch: Path | None = None

    def __enter__(self) -> Self:
        tools = toolchain.provide()
        folder = toolchain.CACHE / "spark-logs"
        folder.mkdir(parents=True, exist_ok=True)
        self.logs = Path(tempfile.mkdtemp(prefix=time.strftime("%Y%m%d-%H%M%S-"), dir=folder))
        self._scratch = self.logs / "scratch"
        self._scratch.mkdir()
        try:
            self._start(tools)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def executors(self) -> list[int]:
        """The executors that run now, one a worker, as JVMs that the workers have started."""
        return [process for worker in self._workers for process in running_children(worker.process)]

    def python_workers(self) -> list[int]:
        """The Python processes that run stages now, which the pool has started."""
        return running_children(self._pool.process) if self._pool else []

    def _start(self, tools: Toolchain) -> None:
        spark_jars = f"{tools.spark_home}/jars/*"
        java = [tools.java, *JVM]
        daemon = [*java, "-Xmx256m", "-cp", spark_jars]

        self._pool = pool = self._service(
            "worker pool",
            [sys.executable, "-m", "apache_beam.runners.worker.worker_pool_main", "--service_port=0"],
            tools,
        )
        master = self._service(
            "Spark master",
            [*daemon, "org.apache.spark.deploy.master.Master", "--host", _HOST, "--port", "0", "--webui-port", "0"],
            tools,
        )
        master_url = master.wait_for(r"Starting Spark master at (spark://\S+)", _READY_SECONDS)

        job_server = self._service(
            "job server",
            [
                *java,
                "-Xmx1g",
                *(f"-D{key}={value}" for key, value in self._job_server_properties(tools).items()),
                "-cp",
                f"{tools.job_server_jars}/*:{spark_jars}",
                "org.apache.beam.runners.spark.SparkJobServerDriver",
                "--job-host=localhost",
                "--job-port=0",
                "--artifact-port=0",
                "--expansion-port=0",
                f"--spark-master-url={master_url}",
            ],
            tools,
        )
        address = ["--host", _HOST, "--webui-port", "0", "--work-dir", str(self.logs)]
        limits = ["--cores", "1", "--memory", "2g"]
        self._workers = workers = [
            self._service(
                f"Spark worker {number}",
                [*daemon, "org.apache.spark.deploy.worker.Worker", master_url, *address, *limits],
                tools,
            )
            for number in range(WORKERS)
        ]

        for worker in workers:
            worker.wait_for(r"(Successfully registered with master)", _READY_SECONDS)
        job_port = job_server.wait_for(r"JobService started on localhost:(\d+)", _READY_SECONDS)
        pool_port = pool.wait_for(r"worker pool servicer at port: localhost:(\d+)", _READY_SECONDS)
        self.pipeline_options = [
            "--runner=PortableRunner",
            f"--job_endpoint=localhost:{job_port}",
            "--environment_type=EXTERNAL",
            f"--environment_config=localhost:{pool_port}",
            # Without it every stage of a job starts Python workers anew, a second or more each time. A busy machine may
            # leave a worker idle for longer than a stage takes, and one that ends just as it is wanted costs the task.
            "--environment_cache_millis=60000",
            # The executors have the jars on their class path. Unless some other file is named here, the job server
            # sends each of them its own class path, 400 files, which makes the first job 15 s longer.
            f"--files_to_stage={toolchain.POM}",
        ]

    def _job_server_properties(self, tools: Toolchain) -> dict[str, str]:
        """Java system properties of the job server, which is Spark's driver: it takes `spark.*` from them."""
        return {
            "log4j2.level": "INFO",
            # One Spark application for all jobs: executors start once. Beam's own tests of the runner do the same.
            "beam.spark.test.reuseSparkContext": "true",
            "spark.driver.host": _HOST,
            "spark.default.parallelism": str(2 * WORKERS),
            "spark.executor.memory": "1g",
            "spark.executor.extraClassPath": f"{tools.job_server_jars}/*",
            "spark.executor.extraJavaOptions": " ".join(JVM),
            "spark.locality.wait": "0",
            "spark.ui.enabled": "false",
            **self._properties,
        }

    def _service(self, name: str, command: list[str], tools: Toolchain) -> Service:
        log = self.logs / f"{name.lower().replace(' ', '-')}.log"
        service = Service(name, command, log, self._environment(tools), PROJECT)
        self._services.append(service)
        return service

    def _environment(self, tools: Toolchain) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}
        return {
            **inherited,
            # The pool starts its workers as `python`, whichever comes first, and they import the project's packages.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(PROJECT),
            "SPARK_HOME": str(tools.spark_home),
            "SPARK_LOCAL_IP": _HOST,
            "SPARK_LOCAL_DIRS": str(self._scratch),
            "SPARK_SCALA_VERSION": "2.12",  # a worker that starts executors asks for it; bin/spark-class would set it
        }

    def _stop(self) -> None:
        while self._services:
            self._services.pop().stop()
        shutil.rmtree(self._scratch, ignore_errors=True)


def main() -> int:
    """Keep a cluster up until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with SparkCluster() as cluster:
            print(f"A Spark cluster is up; its logs lie in {cluster.logs}. Run a pipeline on it with\n")
            print(" \\\n".join(f"  {option}" for option in cluster.pipeline_options))
            print("\nCtrl-C stops it.", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except (toolchain.ToolError, ServiceError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
