"""Failures by what they say: without places and numbers, the most frequent first."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.reports import failures
from pipeline.reports.failures import Failures, by_error
from tests.review.runs import published


def run_with(folder: Path, *errors: str) -> str:
    rows = [{"id": f"{number:032x}", "url": "", "error": error} for number, error in enumerate(errors)]
    return published(folder / "run", documents=[], rejected=[], failed=rows)


CUT = "the record is cut off: {} of 90 bytes are there ({} at byte {})"
ERRORS = [
    "not valid JSON (line 7)", CUT.format(5, "b.warc", 12), CUT.format(6, "a.warc", 12), CUT.format(7, "a.warc", 99),
    "torn",
]  # fmt: skip


def test_sentences_are_counted_with_their_files(tmp_path: Path) -> None:
    assert by_error(run_with(tmp_path, *ERRORS)) == [
        Failures("the record is cut off: … of … bytes are there", 3, 2, "a.warc"),
        Failures("not valid JSON", 1, 1, "line 7"),
        Failures("torn", 1, 0, ""),
    ]


@pytest.mark.parametrize(("files", "sentences", "expected"), [(1, 9, (3, 1)), (2, 9, (3, 2)), (9, 2, (3, 2))])
def test_so_many_files_and_sentences_are_remembered(
    tmp_path: Path, files: int, sentences: int, expected: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "_FILES", files)
    monkeypatch.setattr(failures, "_SENTENCES", sentences)
    found = by_error(run_with(tmp_path, *ERRORS))
    assert (found[0].records, found[0].files) == expected
    assert len(found) == min(3, sentences)


def test_a_folder_without_a_run_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no finished run"):
        by_error(str(tmp_path))
