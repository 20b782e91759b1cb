"""Which files a folder consists of: those that its manifest names, or else its Parquet files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tokens.files import FORMER_MANIFEST, MANIFEST, parquet_files


def named(root: Path, folder: str = "") -> list[str]:
    return [Path(path).name for _, path in parquet_files(str(root), folder)]


def write_manifest(folder: Path, name: str, *files: str) -> None:
    (folder / name).write_text(json.dumps({"files": [{"path": file} for file in files]}))


def test_a_file_that_the_manifest_does_not_name_does_not_exist(tmp_path: Path) -> None:
    for name in ("b.parquet", "a.parquet", "c.parquet", "notes.txt"):
        (tmp_path / name).write_text("")
    assert named(tmp_path) == named(tmp_path.parent, tmp_path.name) == ["a.parquet", "b.parquet", "c.parquet"]
    write_manifest(tmp_path, FORMER_MANIFEST, "c.parquet")
    assert named(tmp_path) == ["c.parquet"]
    write_manifest(tmp_path, MANIFEST, "b.parquet", "a.parquet")
    assert named(tmp_path) == ["a.parquet", "b.parquet"]
    assert [path for _, path in parquet_files(f"{tmp_path}/")] == [
        str(tmp_path / "a.parquet"),
        str(tmp_path / "b.parquet"),
    ]


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=rf"^There is no directory {tmp_path}/none\.$"):
        parquet_files(f"{tmp_path}/none")
    with pytest.raises(FileNotFoundError, match=rf"^There is no directory {tmp_path}/none\.$"):
        parquet_files(f"{tmp_path}/", "none")
    with pytest.raises(FileNotFoundError, match="There is no Parquet file in .* Has the run that writes it finished"):
        parquet_files(str(tmp_path))
    write_manifest(tmp_path, MANIFEST)
    with pytest.raises(FileNotFoundError, match="There is no Parquet file in"):
        parquet_files(str(tmp_path))
    write_manifest(tmp_path, MANIFEST, "gone.parquet")
    with pytest.raises(FileNotFoundError, match=r"names .*gone\.parquet, which is not there\. Run the mill again"):
        parquet_files(str(tmp_path))
