"""The measurement of languages reads a run's documents and compares with fasttext."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import languages

TEXTS = ["The miller rose before dawn. " * 90, "Der Müller stand vor dem Morgen auf. " * 9, "x = 1\n" * 50]


def test_a_run_is_measured_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "documents").mkdir()
    spans = [None, [], [{"start": 0, "end": 5, "kind": "code"}]]
    pq.write_table(pa.table({"text": TEXTS, "spans": spans}), tmp_path / "documents" / "part.parquet")
    monkeypatch.setattr(sys, "argv", ["languages", str(tmp_path), "--rounds", "1"])
    languages.main()
    said = capsys.readouterr().out
    assert all(name in said for name in ("identify", "shares", "fasttext"))
    assert "of 3 texts 3 have fasttext's label" in said


def test_documents_are_taken_evenly(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    for number in range(2):
        texts = [str(10 * number + each) for each in range(10)]
        pq.write_table(pa.table({"text": texts, "spans": [[]] * 10}), tmp_path / "documents" / f"{number}.parquet")
    assert [text for text, _ in languages.texts_of(tmp_path, 5)] == ["0", "4", "8", "12", "16"]


def test_of_a_long_text_fasttext_is_shown_its_start_and_its_middle() -> None:
    assert languages.shown("A" * 3_000 + "b" * 3_000) == "a" * 2_000 + " " + "b" * 2_000
    assert languages.shown("A\nB\ud800") == "a b?"
