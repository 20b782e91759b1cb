"""The whole mill on Flink writes what it writes locally, byte for byte."""

from __future__ import annotations

import pytest

from gristmill.sample import write_sample
from pipeline.driver import run
from recipes import load
from tests.flink.job_server import FlinkJobServer
from tests.pipeline.runs import output_hashes


@pytest.mark.flink
def test_flink_writes_the_bytes_that_the_local_runner_writes(tmp_path):
    write_sample(tmp_path / "crawl")
    files = [str(path) for path in sorted((tmp_path / "crawl").glob("*.warc.gz"))]
    local = run(load("llama3"), files, str(tmp_path / "local"))
    with FlinkJobServer() as server:
        flink = run(load("llama3"), files, str(tmp_path / "flink"), runner_flags=server.pipeline_options)
    assert flink == local
    assert output_hashes(tmp_path / "flink") == output_hashes(tmp_path / "local")
