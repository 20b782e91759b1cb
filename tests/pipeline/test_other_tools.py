"""Output folders open in other tools as they are: our manifests among the Parquet files are in nobody's way."""

from __future__ import annotations

from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipeline import storage, tables
from tests.pipeline.runs import rows

FOLDERS = ["documents", "tokens", "rejected", "failed", "duplicates"]


@pytest.fixture(params=FOLDERS)
def folder(request: pytest.FixtureRequest, undisturbed: Path) -> tuple[Path, int]:
    """An output folder of a finished run, and its rows."""
    return undisturbed / request.param, len(rows(undisturbed, request.param))


def test_arrow(folder: tuple[Path, int]) -> None:
    path, count = folder
    assert len(pq.read_table(path)) == len(pq.read_table(str(path))) == count
    assert ds.dataset(path, format="parquet").count_rows() == count


def test_pandas(folder: tuple[Path, int]) -> None:
    pandas = pytest.importorskip("pandas")
    assert len(pandas.read_parquet(folder[0])) == folder[1]


def test_polars(folder: tuple[Path, int]) -> None:
    polars = pytest.importorskip("polars")
    path, count = folder
    # Polars alone takes every file of a folder unless it is told what is hidden; it asks for a pattern itself.
    assert len(polars.read_parquet(f"{path}/*.parquet")) == count
    assert len(polars.scan_parquet(path, hidden_file_prefix="_").collect()) == count


def test_duckdb(folder: tuple[Path, int]) -> None:
    duckdb = pytest.importorskip("duckdb")
    path, count = folder
    assert duckdb.sql(f"select count(*) from '{path}/*.parquet'").fetchall() == [(count,)]


def test_datasets(folder: tuple[Path, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    path, count = folder
    shards = [pq.read_metadata(file).num_rows for file in path.glob("*.parquet")]
    if any(shards):  # of a folder without any row datasets makes no split
        found = datasets.load_dataset(str(path), cache_dir=str(tmp_path))
        assert sum(len(split) for split in found.values()) == count


def test_datasets_reads_beside_a_shard_without_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    rows = [{"id": "a", "error": "cut off"}]
    for name, table in (("shard-0", []), ("shard-1", rows), ("shard-2", [])):
        data = storage.parquet_bytes(tables.table(tables.FAILED, table), 10)
        storage.write_bytes(str(tmp_path / "failed" / f"{name}.parquet"), data)
    found = datasets.load_dataset(str(tmp_path / "failed"), cache_dir=str(tmp_path / "cache"))
    assert found["train"]["id"][:] == ["a"]


def test_spark(undisturbed: Path) -> None:
    sql = pytest.importorskip("pyspark.sql")
    session = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    for name in FOLDERS:
        assert session.read.parquet(str(undisturbed / name)).count() == len(rows(undisturbed, name))
    session.stop()
