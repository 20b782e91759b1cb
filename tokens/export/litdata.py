"""litdata, which litgpt reads: ``SPLIT/chunk-0-N.bin`` and ``SPLIT/index.json``.

A chunk, little-endian, as litdata's writer describes it: the number of its items n (uint32), the places of their first
bytes and the end of the last one (n + 1 uint32), the items. An item of ours is a document, its ids int32. The index
says of every chunk how many bytes, items and ids it has.

litdata's ``TokensLoader`` takes a chunk for one stretch of ids, cuts it into blocks and drops what is left at its end:
hence chunks of 64 MiB, litdata's own default.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tokens.index import Documents
from tokens.info import TokenizerInfo

CHUNK_BYTES = 1 << 26
_INT32 = 16
"""The number of ``torch.int`` in litdata's table of types, in which an int64 has 18."""
_ONE_TENSOR = '[1, {"type": null, "context": null, "children_spec": []}]'
"""The structure of an item, as ``torch.utils._pytree`` writes it: one tensor."""


class LitdataWriter:
    """``litdata.StreamingDataset(FOLDER/train, item_loader=TokensLoader(block_size))`` reads it."""

    def __init__(self, folder: Path, tokenizer: TokenizerInfo) -> None:
        self._folder = folder
        self._split: str | None = None

    def begin(self, split: str) -> None:
        self._finish()
        self._split = split
        (self._folder / split).mkdir()
        self._chunks: list[dict[str, Any]] = []
        self._values: list[np.ndarray] = []
        self._lengths: list[np.ndarray] = []
        self._bytes = 0

    def add(self, documents: Documents) -> None:
        self._values.append(documents.values.astype("<i4"))
        self._lengths.append(np.diff(documents.offsets))
        self._bytes += 4 * (len(documents.values) + len(documents.ids))
        if self._bytes >= CHUNK_BYTES:
            self._write_chunk()

    def close(self) -> None:
        self._finish()

    def _write_chunk(self) -> None:
        lengths = np.concatenate(self._lengths)
        header = 4 * (len(lengths) + 2)
        places = header + 4 * np.concatenate(([0], np.cumsum(lengths)))
        name = f"chunk-0-{len(self._chunks)}.bin"
        with (self._folder / str(self._split) / name).open("wb") as file:
            file.write(np.concatenate(([len(lengths)], places)).astype("<u4").tobytes())
            for values in self._values:
                file.write(values.tobytes())
        self._chunks.append(
            {
                "chunk_bytes": int(places[-1]),
                "chunk_size": len(lengths),
                "dim": int(lengths.sum()),
                "filename": name,
            }
        )
        self._values, self._lengths, self._bytes = [], [], 0

    def _finish(self) -> None:
        if self._split is None:
            return
        if self._bytes:
            self._write_chunk()
        config = {
            "chunk_bytes": CHUNK_BYTES,
            "chunk_size": None,
            "compression": None,
            "data_format": [f"no_header_tensor:{_INT32}"],
            "data_spec": _ONE_TENSOR,
            "encryption": None,
            "item_loader": "TokensLoader",
        }
        index = json.dumps({"chunks": self._chunks, "config": config}, sort_keys=True)
        (self._folder / self._split / "index.json").write_text(index, "utf-8")
        self._split = None
