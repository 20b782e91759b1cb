"""The whole mill on a Spark cluster writes what it writes locally, byte for byte."""

from __future__ import annotations

import pytest

from gristmill.sample import write_sample
from pipeline.driver import run
from recipes import load
from tests.pipeline.runs import output_hashes


@pytest.mark.spark
def test_spark_writes_the_bytes_that_the_local_runner_writes(cluster, tmp_path):
    write_sample(tmp_path / "crawl")
    files = [str(path) for path in sorted((tmp_path / "crawl").glob("*.warc.gz"))]
    local = run(load("llama3"), files, str(tmp_path / "local"))
    spark = run(load("llama3"), files, str(tmp_path / "spark"), runner_flags=cluster.pipeline_options)
    assert spark == local
    assert output_hashes(tmp_path / "spark") == output_hashes(tmp_path / "local")
