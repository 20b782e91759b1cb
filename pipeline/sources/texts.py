"""Texts to learn from: the documents of a finished run, or any JSONL or Parquet with a column of text."""

# fsspec says too little of what it opens.
# pyright: reportArgumentType=false

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import pyarrow.parquet as pq

from pipeline import storage
from pipeline.sources.compressed import spooled, unpacked
from pipeline.sources.inputs import find_inputs
from pipeline.sources.layouts import COLUMNS, HTML, TEXTS, text_and_url


def read_texts(patterns: list[str], option: str) -> Iterator[tuple[str, str]]:
    """``(text, url)`` of every row with a text in the files that ``patterns`` name (files, folders, globs; of a finished
    run's folder its documents), file by file in the order of their paths. ``option`` is what messages call them.

    Raises ``ValueError`` for a file that can't be read, or in which no row has a text.
    """
    for path in find_inputs([_documents_of(pattern) for pattern in patterns], option=option):
        found = False
        with storage.open_read(path) as file:
            for row in _rows(file, path):
                if (text := text_and_url(row)) is not None:
                    found = True
                    yield text
        if not found:
            raise ValueError(
                f"No row of {path} has a text (looked for {', '.join(TEXTS)}); pages in {' or '.join(HTML)} become "
                f"texts by a run: gristmill run RECIPE --input {path} --output DIR, then {option} DIR."
            )


def _documents_of(pattern: str) -> str:
    documents = storage.join(pattern, "documents")
    return documents if storage.is_there(storage.join(pattern, "run.json")) else pattern


def _rows(file: BinaryIO, path: str) -> Iterator[Mapping[str, Any]]:
    head = file.read(4)
    file.seek(0)
    try:
        if head == b"PAR1":
            table = pq.ParquetFile(spooled(file))
            names = [name for name in table.schema_arrow.names if name in COLUMNS]
            for batch in table.iter_batches(batch_size=256, columns=names):
                yield from batch.to_pylist()
            return
        for line in unpacked(file):
            row = json.loads(line) if line.strip() else None
            if isinstance(row, dict):
                yield row
    except (ValueError, EOFError, RecursionError) as error:  # of JSON, UTF-8 and Arrow among them
        raise ValueError(f"{path} is neither Parquet nor JSONL that can be read: {error}") from error
