"""The engine keeps its word: what runs on Spark writes the bytes that the local runner writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spark.census import run_census, run_rejecting
from tests.spark.cluster import SparkCluster

pytestmark = pytest.mark.spark


def test_a_failing_stage_fails_the_job_with_its_message(cluster: SparkCluster) -> None:
    with pytest.raises(RuntimeError, match="a word is not wanted here"):
        run_rejecting(cluster.pipeline_options)


def test_spark_writes_the_bytes_of_the_local_runner(cluster: SparkCluster, tmp_path: Path) -> None:
    """Runs after the failed job on purpose: the cluster outlives one."""
    local, spark = tmp_path / "local", tmp_path / "spark"
    local.mkdir()
    spark.mkdir()
    run_census(local, ["--runner=FnApiRunner"])
    run_census(spark, cluster.pipeline_options)
    expected = {path.name: path.read_bytes() for path in local.iterdir()}
    assert len(expected) > 1
    assert {path.name: path.read_bytes() for path in spark.iterdir()} == expected
