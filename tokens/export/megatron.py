"""Megatron-LM: ``SPLIT.bin``, all ids end to end, and ``SPLIT.idx``, where documents lie in it.

The index, little-endian, as Megatron Core's ``datasets/readme.md`` describes it: 9 bytes ``MMIDIDX\\0\\0``, version 1
(uint64), the code of the ids' type (uint8: 8 is uint16, 4 is int32), the number of sequences and that of document
indices (uint64); then for each sequence its length (int32), for each its first byte in the .bin (int64), and the
sequences at which documents begin with a last one behind all (int64). A document of ours is one sequence.

The index needs all lengths before the first place, so lengths wait in a file beside it, not in memory.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tokens.index import Documents
from tokens.info import TokenizerInfo

_AT_ONCE = 1 << 20
"""Lengths in memory while the index is put together."""
_SMALL_VOCABULARY = 65_500
"""Below it Megatron-LM stores ids in two bytes (``DType.optimal_dtype``)."""


class MegatronWriter:
    """One pair of files a split. ``megatron.core.datasets.indexed_dataset.IndexedDataset(FOLDER/train)`` reads it."""

    def __init__(self, folder: Path, tokenizer: TokenizerInfo) -> None:
        self._folder = folder
        self._code, self._type = (8, "<u2") if tokenizer.vocab_size < _SMALL_VOCABULARY else (4, "<i4")
        self._split: str | None = None

    def begin(self, split: str) -> None:
        self._finish()
        self._split = split
        self._tokens: BinaryIO = self._path(".bin").open("wb")
        self._lengths: BinaryIO = self._path(".lengths").open("wb")

    def add(self, documents: Documents) -> None:
        self._tokens.write(documents.values.astype(self._type).tobytes())
        self._lengths.write(np.diff(documents.offsets).astype("<i4").tobytes())

    def close(self) -> None:
        self._finish()

    def _path(self, suffix: str) -> Path:
        return self._folder / f"{self._split}{suffix}"

    def _finish(self) -> None:
        if self._split is None:
            return
        self._tokens.close()
        self._lengths.close()
        count = self._path(".lengths").stat().st_size // 4
        with self._path(".idx").open("wb") as index:
            index.write(b"MMIDIDX\0\0" + struct.pack("<QBQQ", 1, self._code, count, count + 1))
            for lengths in self._read_lengths():
                index.write(lengths.tobytes())
            place = 0
            for lengths in self._read_lengths():
                ends = place + np.cumsum(lengths, dtype=np.int64) * int(self._type[-1])
                index.write(np.concatenate(([place], ends[:-1])).astype("<i8").tobytes())
                place = int(ends[-1])
            for first in range(0, count + 1, _AT_ONCE):
                index.write(np.arange(first, min(first + _AT_ONCE, count + 1), dtype="<i8").tobytes())
        self._path(".lengths").unlink()
        self._split = None

    def _read_lengths(self) -> Iterator[np.ndarray]:
        with self._path(".lengths").open("rb") as file:
            while data := file.read(4 * _AT_ONCE):
                yield np.frombuffer(data, "<i4")
