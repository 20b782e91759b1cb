"""Texts to learn from, out of a run's documents, JSONL and Parquet."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.sources.texts import read_texts


def test_runs_tables_and_lines_are_read_with_or_without_an_address(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "documents").mkdir(parents=True)
    (run / "run.json").write_text("{}")
    (run / "tokens").mkdir()
    (run / "tokens" / "shard.parquet").write_bytes(b"not looked at")
    rows = pa.table({"text": ["one", None], "url": ["https://a.example/", "https://b.example/"], "words": [1, 0]})
    pq.write_table(rows, run / "documents" / "part.parquet")
    lines = tmp_path / "lines.jsonl.gz"
    lines.write_bytes(gzip.compress((json.dumps({"content": "two"}) + "\n\n" + json.dumps({"x": 1})).encode()))
    assert sorted(read_texts([str(run), str(lines)], "--positive")) == [("one", "https://a.example/"), ("two", "")]


def test_what_holds_no_text_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "pages.jsonl").write_text(json.dumps({"html": "<p>a"}))
    with pytest.raises(ValueError, match=r"No row of .*pages.jsonl has a text .*gristmill run RECIPE"):
        list(read_texts([str(tmp_path / "pages.jsonl")], "--positive"))
    (tmp_path / "broken.jsonl").write_text("{")
    with pytest.raises(ValueError, match="neither Parquet nor JSONL"):
        list(read_texts([str(tmp_path / "broken.jsonl")], "--positive"))
    with pytest.raises(FileNotFoundError, match="--negative .* names no file"):
        list(read_texts([str(tmp_path / "none-*")], "--negative"))
