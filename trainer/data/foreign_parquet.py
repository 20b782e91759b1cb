"""Parquet that is no shard of ours: any directory whose files have a column ``tokens: list<int32>``.

Its footers name no tokenizer, so that the configuration must (``model.vocab_size``), and hold no split and no weight:
all documents are for training, each once an epoch. An ``id`` column is used where there is one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from fsspec import AbstractFileSystem

from tokens.files import parquet_files
from tokens.index import Documents, GroupRef, ShardIndex
from tokens.shards import CLASSES, METADATA_KEY, TRAIN, ShardError
from tokens.tokenizer import TokenizerInfo

UNNAMED = hashlib.sha256(b"plain").hexdigest()
"""In the place of the hash of a tokenizer that nobody named."""


@dataclass(frozen=True)
class PlainGroup:
    """A row group, with what :class:`tokens.index.GroupRef` has."""

    fs: AbstractFileSystem
    path: str
    number: int
    documents: int
    tokens: int
    has_ids: bool
    split: str = TRAIN

    def read(self) -> Documents:
        """Its documents, in the order of the file. Raises :class:`ShardError` for a damaged file."""
        columns = ["tokens", "id"] if self.has_ids else ["tokens"]
        try:
            with self.fs.open(self.path, "rb") as file:
                table = pq.ParquetFile(file).read_row_group(self.number, columns=columns, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise ShardError(f"{self.path} cannot be read as Parquet ({error}). Write or copy it again.") from None
        tokens = table["tokens"].combine_chunks()
        if tokens.null_count or tokens.values.null_count:
            raise ShardError(f"Row group {self.number} of {self.path} holds null where token ids belong.")
        offsets = tokens.offsets.to_numpy().astype(np.int64)
        name = self.path.rsplit("/", 1)[-1]
        ids = (
            [str(id) for id in table["id"].to_pylist()]
            if self.has_ids
            else [f"{name} {self.number} {row}" for row in range(len(tokens))]
        )
        return Documents(
            ids,
            tokens.values.to_numpy()[offsets[0] : offsets[-1]],
            offsets - offsets[0],
            np.ones(len(tokens), dtype=np.float32),
            np.full(len(tokens), len(CLASSES), dtype=np.int8),
        )


def is_plain(directory: str) -> bool:
    """Whether the first file of ``directory`` is Parquet without our footer. A directory that is missing, empty or
    damaged is not: our own reader says what is wrong with it."""
    try:
        fs, path = parquet_files(directory)[0]
        with fs.open(path, "rb") as file:
            return METADATA_KEY not in (pq.read_metadata(file).metadata or {})
    except (OSError, pa.ArrowException):
        return False


def read_plain(directory: str, vocab_size: int | None) -> ShardIndex:
    """The index of a directory of plain Parquet, from footers alone. Raises :class:`ShardError` where a file is
    damaged or has no such column, or without ``vocab_size``."""
    if vocab_size is None:
        raise ShardError(
            f"{directory} holds Parquet that names no tokenizer, and so the size of the vocabulary is not known. Set "
            "model.vocab_size, or write shards with gristmill."
        )
    groups = []
    for fs, path in parquet_files(directory):
        try:
            with fs.open(path, "rb") as file:
                parquet = pq.ParquetFile(file)
                metadata, schema = parquet.metadata, parquet.schema_arrow
        except (OSError, pa.ArrowException) as error:
            raise ShardError(f"{path} cannot be read as Parquet ({error}). Write or copy it again.") from None
        if (
            "tokens" not in schema.names
            or schema.field("tokens").type.__class__ is not pa.ListType
            or (schema.field("tokens").type.value_type != pa.int32())
        ):
            raise ShardError(f"{path} has no column tokens of list<int32>. Point to Parquet that has.")
        paths = [metadata.schema.column(i).path.split(".")[0] for i in range(metadata.num_columns)]
        column = paths.index("tokens")
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            # Values of the list's leaf: its tokens, and one for each empty list.
            tokens = group.column(column).num_values
            groups.append(PlainGroup(fs, path, number, group.num_rows, tokens, "id" in schema.names))
    # There is no frame to tell documents apart by, and none is needed: rows of the table are documents.
    described = TokenizerInfo("an unnamed tokenizer", UNNAMED, vocab_size, 0, 0)
    return ShardIndex(directory, described, cast(tuple[GroupRef, ...], tuple(groups)))
