"""nanochat: Parquet files with a column ``text``, which nanochat encodes itself; the last one is for validation.

As nanochat's ``dataset.py`` and ``dataloader.py`` have it: files ``shard_00000.parquet`` and on, taken by name; the GPU
with the number r of n reads the row groups r, r + n, … of each. The text is what the ids decode to, without BOS and
EOS: encoded again by the same tokenizer it gives the same ids.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tokens.index import Documents
from tokens.shards import HELD_OUT
from tokens.tokenizer import Tokenizer

FILE_CHARACTERS = 250_000_000
"""As in the data that nanochat was made with."""
GROUP_DOCUMENTS = 1024
_SCHEMA = pa.schema([pa.field("text", pa.string())])


class NanochatWriter:
    """Texts, training documents first; all that are held out lie in one file, the last."""

    def __init__(self, folder: Path, tokenizer: Tokenizer) -> None:
        self._folder, self._tokenizer = folder, tokenizer
        self._number = 0
        self._file: pq.ParquetWriter | None = None

    def begin(self, split: str) -> None:
        self.close()
        self._split = split

    def add(self, documents: Documents) -> None:
        texts = [
            self._text(documents.values[begin:end].tolist())
            for begin, end in zip(documents.offsets[:-1], documents.offsets[1:], strict=True)
        ]
        if self._file is None:
            path = self._folder / f"shard_{self._number:05d}.parquet"
            self._file, self._characters = pq.ParquetWriter(path, _SCHEMA, compression="zstd"), 0
        self._file.write_table(pa.table([texts], _SCHEMA), row_group_size=GROUP_DOCUMENTS)
        self._characters += sum(map(len, texts))
        if self._characters >= FILE_CHARACTERS and self._split != HELD_OUT:
            self.close()

    def _text(self, ids: list[int]) -> str:
        if ids[:1] == [self._tokenizer.bos_id]:
            ids = ids[1:]
        if ids[-1:] == [self._tokenizer.eos_id]:
            ids = ids[:-1]
        return self._tokenizer.decode(ids)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            self._number += 1
