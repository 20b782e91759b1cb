"""Where runs are killed: on this machine's own runner, or on a Spark cluster of two workers that is started for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tests.spark.cluster import SparkCluster


class Engine(Protocol):
    """What runs a crawl, and what of it can be killed."""

    kinds: tuple[str, ...]
    options: list[str]

    def processes(self, kind: str, driver: int) -> list[int]:
        """Those of a kind that run now; none where there is none at this moment."""
        ...


class LocalRunner:
    """The local runner with so many workers, which its driver has started."""

    def __init__(self, workers: int) -> None:
        self.kinds = ("driver", "worker") if workers > 1 else ("driver",)
        self.options = ["--workers", str(workers)]

    def processes(self, kind: str, driver: int) -> list[int]:
        from pipeline.stopwatch import running_children

        if kind == "driver":
            return [driver]
        # A server that the driver has forked forks the workers.
        own = _command_of(driver)
        servers = (child for child in running_children(driver) if _command_of(child) == own)
        return [worker for server in servers for worker in running_children(server)]


class Spark:
    """Executors are JVMs, restarted by their Spark worker; ``worker`` is a Python process that runs the stages for one.

    The job server, which is Spark's driver, lives on: a job that was submitted works on when who submitted it is gone.
    """

    kinds = ("driver", "executor", "worker")

    def __init__(self, cluster: SparkCluster) -> None:
        self._cluster = cluster
        self.options = cluster.pipeline_options

    def processes(self, kind: str, driver: int) -> list[int]:
        if kind == "driver":
            return [driver]
        return self._cluster.executors() if kind == "executor" else self._cluster.python_workers()


@contextlib.contextmanager
def engine(spark: bool, workers: int, properties: list[str]) -> Iterator[Engine]:
    """The local runner, or Spark with more ``properties`` (``KEY=VALUE``) for as long as this lasts."""
    if not spark:
        yield LocalRunner(workers)
        return
    from tests.spark.cluster import SparkCluster

    with SparkCluster(dict(each.split("=", 1) for each in properties)) as cluster:
        print(f"a Spark cluster is up; its logs lie in {cluster.logs}", flush=True)
        yield Spark(cluster)


def _command_of(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""
