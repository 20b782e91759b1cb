"""Reading shards: a directory by its footers, a row group as two flat arrays.

index = read_index("out/tokens")
for group in index.groups:
    documents = group.read()
    first = documents.values[documents.offsets[0] : documents.offsets[1]]
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem

from tokens.files import parquet_files
from tokens.info import TokenizerInfo
from tokens.shards import CLASSES, Footer, ShardError, parse_footer

# Reading a footer is waiting for a disk or an object store, not computing.
FOOTER_THREADS = 16
_CLASSES = {name: place for place, name in enumerate(CLASSES)}


@dataclass(frozen=True)
class Documents:
    """The documents of one row group, ``n`` of them with ``t`` tokens in all.

    Document ``i`` is ``values[offsets[i] : offsets[i + 1]]``.
    """

    ids: list[str]
    values: np.ndarray
    """(t,) int32, read-only: a view into Arrow's memory."""
    offsets: np.ndarray
    """(n + 1,) int64, the first 0 and the last t."""
    weights: np.ndarray
    """(n,) float32."""
    classes: np.ndarray
    """(n,) int8: places in :data:`tokens.shards.CLASSES`, or behind it where a class isn't known."""


@dataclass(frozen=True)
class GroupRef:
    """Where a row group lies, and what its footer says of it."""

    fs: AbstractFileSystem
    path: str
    number: int
    split: str
    documents: int
    tokens: int

    def read(self) -> Documents:
        """Its documents, in the order of the file. Raises :class:`ShardError` for a damaged file."""
        try:
            with _open(self.fs, self.path) as file:
                table = pq.ParquetFile(file, page_checksum_verification=True).read_row_group(
                    self.number, columns=["id", "tokens", "weight", "class"], use_threads=False
                )
        except (OSError, pa.ArrowException) as error:
            raise ShardError(_damaged(self.path, error)) from None
        tokens = table["tokens"].combine_chunks()  # one chunk already: a row group is small
        offsets = tokens.offsets.to_numpy().astype(np.int64)
        return Documents(
            table["id"].to_pylist(),
            tokens.values.to_numpy(zero_copy_only=True)[offsets[0] : offsets[-1]],
            offsets - offsets[0],
            table["weight"].to_numpy(),
            np.array([_CLASSES.get(name, len(CLASSES)) for name in table["class"].to_pylist()], dtype=np.int8),
        )


@dataclass(frozen=True)
class ShardIndex:
    """All row groups of a directory of shards, ordered by file name and then by their place in the file."""

    directory: str
    tokenizer: TokenizerInfo
    groups: tuple[GroupRef, ...]

    def split(self, name: str) -> tuple[GroupRef, ...]:
        """The row groups of one split, ``train`` or ``held_out``."""
        return tuple(group for group in self.groups if group.split == name)

    @property
    def documents(self) -> int:
        return sum(group.documents for group in self.groups)

    @property
    def tokens(self) -> int:
        return sum(group.tokens for group in self.groups)


def read_index(directory: str) -> ShardIndex:
    """The index of ``directory`` (a path or an fsspec URL), read from footers alone.

    The shards are the files that its ``_manifest.json`` names, or, without one, all that end in ``.parquet``. Raises
    :class:`ShardError` for a directory that is missing or empty, a file that is cut off or no shard of ours, and
    shards of different tokenizers.
    """
    try:
        files = parquet_files(str(directory))
    except FileNotFoundError as error:
        raise ShardError(str(error)) from None
    with ThreadPoolExecutor(FOOTER_THREADS) as pool:
        footers = list(pool.map(lambda file: _read_footer(*file), files))
    first = footers[0]
    for (_, path), footer in zip(files, footers, strict=True):
        if footer.tokenizer.sha256 != first.tokenizer.sha256:
            raise ShardError(
                f"{files[0][1]} was written with the tokenizer {_describe(first)}, {path} with {_describe(footer)}. "
                "Ids of two tokenizers mean different things; keep their shards in different directories."
            )
    return ShardIndex(
        str(directory),
        first.tokenizer,
        tuple(
            GroupRef(fs, path, number, group.split, group.documents, group.tokens)
            for (fs, path), footer in zip(files, footers, strict=True)
            for number, group in enumerate(footer.row_groups)
        ),
    )


def _read_footer(fs: AbstractFileSystem, path: str) -> Footer:
    try:
        with _open(fs, path) as file:
            metadata = pq.read_metadata(file)
    except (OSError, pa.ArrowException) as error:
        raise ShardError(_damaged(path, error)) from None
    return parse_footer(path, metadata)


def _open(fs: AbstractFileSystem, path: str):
    # Arrow's own memory map spares a copy through Python; everything else goes through fsspec.
    return pa.memory_map(path) if isinstance(fs, LocalFileSystem) else fs.open(path, "rb")


def _damaged(path: str, error: Exception) -> str:
    return (
        f"{path} cannot be read as Parquet ({str(error).splitlines()[0]}). It may be half-written or cut off in "
        "copying; write or copy it again, or take it out of the directory."
    )


def _describe(footer: Footer) -> str:
    return f"{footer.tokenizer.name} (sha256 {footer.tokenizer.sha256[:12]}…)"
