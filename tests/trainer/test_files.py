"""Small files that are whole at any moment, figures as JSON can keep them, and places that can't be written to."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from trainer.errors import TrainerError
from trainer.files import finite, replace_file
from trainer.outputs import check_output_directory, check_output_file


def test_numbers_that_json_has_no_word_for_are_none() -> None:
    found = finite({"a": math.nan, "b": [1.5, -math.inf, (math.inf, 2)], "c": "nan", "d": 3})
    assert found == {"a": None, "b": [1.5, None, [None, 2]], "c": "nan", "d": 3}


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, flushed = tmp_path / "facts.json", []
    monkeypatch.setattr(os, "fsync", lambda number: flushed.append(os.fstat(number).st_size))
    replace_file(path, "first, and longer")
    replace_file(path, "é")
    assert path.read_text("utf-8") == "é" and flushed == [17, 2] and [*tmp_path.iterdir()] == [path]


def test_a_file_stays_as_it_was_where_writing_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "facts.json"
    replace_file(path, "before")

    def fail(number: int) -> None:
        raise OSError("full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="full"):
        replace_file(path, "after")
    assert path.read_text() == "before" and [*tmp_path.iterdir()] == [path]


def test_where_a_command_may_write(tmp_path: Path) -> None:
    there, read = tmp_path / "there.jsonl", tmp_path / "read.jsonl"
    for path in (there, read):
        path.write_text("x")
    (tmp_path / "link.jsonl").symlink_to(read)
    assert check_output_file(str(there), read) == there  # may be replaced
    assert (
        check_output_file(tmp_path / "new" / "deep" / "file", read, tmp_path / "absent")
        == tmp_path / "new" / "deep" / "file"
    )
    assert check_output_directory(tmp_path / "new" / "deep") == tmp_path / "new" / "deep"
    assert check_output_directory(str(tmp_path)) == tmp_path
    for path, sentence in (
        (tmp_path, "is a directory. Name a file to write"),
        (read, "is read, and writing would replace it"),
        (tmp_path / "link.jsonl", "is read, and writing would replace it"),
        (there / "below", r"there\.jsonl is a file, and a directory is to be written there"),
    ):
        with pytest.raises(TrainerError, match=sentence):
            check_output_file(path, tmp_path / "absent", read)
    for path in (there, there / "below" / "deep"):
        with pytest.raises(TrainerError, match=r"there\.jsonl is a file, and a directory is to be written there"):
            check_output_directory(path)
