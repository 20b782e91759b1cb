"""Files of rows: JSON Lines, plain or gzipped, and Parquet. Each row comes with its place, for those who must mend it."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from trainer.errors import TrainerError


class Row(NamedTuple):
    """A row as its file has it, and where it stands: ``FILE:LINE``, in Parquet counted from 1."""

    place: str
    content: dict[str, Any]


def read_rows(files: Sequence[str | Path]) -> Iterator[Row]:
    """The rows of ``files``, in their order. Raises :class:`TrainerError` for a file that is missing, empty or damaged,
    or a line that is no JSON object."""
    for file in files:
        path, empty = Path(file), True
        if not path.is_file():
            raise TrainerError(
                f"There is no file {path}. Name files of rows, JSON Lines (.jsonl, .jsonl.gz) or Parquet."
            )
        for row in _read_parquet(path) if path.suffix == ".parquet" else _read_lines(path):
            empty = False
            yield row
        if empty:
            raise TrainerError(f"{path} has no rows. Write it again, or leave it out.")


def _read_parquet(path: Path) -> Iterator[Row]:
    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1024):
                for content in batch.to_pylist():
                    number += 1
                    # A column is there in every row; a key that JSON would have left out is null.
                    yield Row(f"{path}:{number}", {k: v for k, v in content.items() if v is not None})
    except (OSError, pa.ArrowException) as error:
        raise TrainerError(f"{path} cannot be read as Parquet ({error}). Write or copy it again.") from None


def _read_lines(path: Path) -> Iterator[Row]:
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield Row(f"{path}:{number}", _object(line, path, number))
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise TrainerError(f"{path} cannot be read behind line {number} ({error}). Write or copy it again.") from None


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except ValueError as error:
        hint = " A list over several lines is no JSON Lines: write one object a line." if line[:1] == "[" else ""
        raise TrainerError(f"{path}:{number} is no JSON ({error}). Mend or remove the line.{hint}") from None
    if not isinstance(content, dict):
        raise TrainerError(f"{path}:{number} is no JSON object but {line[:60].strip()!r}. Write one object a line.")
    return content
