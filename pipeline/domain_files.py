"""The table of domains that a finished run leaves: where it lies, how it is put together, how it is read in pieces.

    domains.parquet             of up to :data:`FILE_ROWS` domains
    domains/00000.parquet ...   of more, so many in each file, with a manifest

All are sorted by domain, in their order too. How many workers wrote the table changes none of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from pipeline import storage, tables
from pipeline.commit import ROW_GROUP_ROWS
from pipeline.listing import Manifest
from tokens.files import MANIFEST

NAME, FOLDER = "domains.parquet", "domains"
# What one process writes from memory: some 100 MB, and a footer that a reader holds whole, some 15 MB.
FILE_ROWS = 1 << 20
_ROLE = "table"


def publish(run_dir: str, written: Manifest) -> None:
    """Puts the table together from the ranges in which phase ``domains`` has written it, a row group in memory at a time
    and a file's bytes."""
    sources = list(written.paths(_ROLE))
    rows = written.rows(_ROLE)
    if rows <= FILE_ROWS:
        # As it is where there is but one range.
        data = (
            storage.read_bytes(sources[0])
            if len(sources) == 1
            else storage.parquet_of(tables.DOMAINS, _groups(sources))
        )
        storage.write_bytes(storage.join(run_dir, NAME), data)
        return
    files = []
    groups = _groups(sources)
    for number in range(-(-rows // FILE_ROWS)):
        data = storage.parquet_of(tables.DOMAINS, islice(groups, FILE_ROWS // ROW_GROUP_ROWS))
        path, held = f"{number:05d}.parquet", min(FILE_ROWS, rows - number * FILE_ROWS)
        storage.write_bytes(storage.join(run_dir, FOLDER, path), data)
        files.append({"path": path, "rows": held, "bytes": len(data), "sha256": storage.sha256(data)})
    storage.write_bytes(storage.join(run_dir, FOLDER, MANIFEST), storage.dump_json({"files": files}))


def paths(run_dir: str) -> list[str]:
    """The files of a run's table, in their order; none where it has judged no domains."""
    single = storage.join(run_dir, NAME)
    if storage.size(single) is not None:
        return [single]
    manifest = storage.join(run_dir, FOLDER, MANIFEST)
    if storage.size(manifest) is None:
        return []
    return [storage.join(run_dir, FOLDER, file["path"]) for file in json.loads(storage.read_bytes(manifest))["files"]]


def rows(files: Iterable[str], columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """All rows, a row group in memory at a time; of columns that a file hasn't, nothing."""
    for path in files:
        with storage.open_parquet(path) as file:
            names = [name for name in file.schema_arrow.names if columns is None or name in columns]
            for number in range(file.num_row_groups):
                yield from file.read_row_group(number, names).to_pylist()


def find(files: Iterable[str], domain: str) -> dict[str, Any] | None:
    """The row of a domain: the row groups alone are read whose names it may be among."""
    for path in files:
        with storage.open_parquet(path) as file:
            column = file.schema_arrow.names.index("domain")
            for number in range(file.num_row_groups):
                bounds = file.metadata.row_group(number).column(column).statistics
                if bounds is not None and bounds.has_min_max and not bounds.min <= domain <= bounds.max:
                    continue
                for row in file.read_row_group(number).to_pylist():
                    if row["domain"] == domain:
                        return row
    return None


def _groups(sources: Iterable[str]) -> Iterator[pa.Table]:
    """The rows of files as row groups of :data:`ROW_GROUP_ROWS`, of which the last may have fewer."""
    waiting = tables.DOMAINS.empty_table()
    for path in sources:
        with storage.open_parquet(path) as file:
            for number in range(file.num_row_groups):
                waiting = pa.concat_tables([waiting, file.read_row_group(number)])
                while len(waiting) >= ROW_GROUP_ROWS:
                    yield waiting.slice(0, ROW_GROUP_ROWS)
                    waiting = waiting.slice(ROW_GROUP_ROWS)
    if len(waiting):
        yield waiting
