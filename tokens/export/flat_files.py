"""Forms whose files are all ids end to end with nothing around them, and a second file that says where documents end.

datatrove   ``SPLIT/00000.ds``, uint16 or uint32; ``.ds.index``, the end of each document in ids (uint64);
            ``.ds.metadata``, a name and the bytes of an id with a ``|`` between, then the number of ids, then that
            number for people. As datatrove's ``TokenizedFile`` writes them.
OLMo-core   ``SPLIT/part-00000.npy`` (a bare array with no header, in spite of its name) and ``part-00000.csv.gz`` with
            the first id, the end and the name of each document, as OLMo-core's guide "Data loading" and the Dolma
            toolkit have them.

All is little-endian. A file ends with the row group that fills it to :data:`FILE_TOKENS`: readers cut each file into
rows and drop what is left at its end.
"""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tokens.index import Documents
from tokens.info import TokenizerInfo

FILE_TOKENS = 1 << 30
_TWO_BYTES = 1 << 16


class _FlatFiles:
    """Files of bare ids; what derives from it writes where documents lie."""

    name = ""

    def __init__(self, folder: Path, tokenizer: TokenizerInfo) -> None:
        self._folder, self._tokenizer = folder, tokenizer
        self._type = "<u2" if tokenizer.vocab_size <= _TWO_BYTES else "<u4"
        self._tokens: BinaryIO | None = None

    def begin(self, split: str) -> None:
        self._finish()
        self._split, self._number = split, 0
        (self._folder / split).mkdir()

    def add(self, documents: Documents) -> None:
        if self._tokens is None:
            self._path = self._folder / self._split / self.name.format(self._number)
            self._tokens, self._written = self._path.open("wb"), 0
            self._open_places()
        self._tokens.write(documents.values.astype(self._type).tobytes())
        self._write_places(documents, documents.offsets + self._written)
        self._written += len(documents.values)
        if self._written >= FILE_TOKENS:
            self._finish()

    def close(self) -> None:
        self._finish()

    def _finish(self) -> None:
        if self._tokens is not None:
            self._tokens.close()
            self._tokens = None
            self._number += 1
            self._close_places()

    def _open_places(self) -> None: ...

    def _write_places(self, documents: Documents, places: np.ndarray) -> None:
        """``places``: where in the file each document begins, and the end of the last one."""

    def _close_places(self) -> None: ...


class DatatroveWriter(_FlatFiles):
    """``datatrove.utils.dataset.DatatroveFolderDataset(FOLDER/train, seq_len, token_size=…)`` reads it."""

    name = "{:05d}.ds"

    def _open_places(self) -> None:
        self._index = self._path.with_name(f"{self._path.name}.index").open("wb")

    def _write_places(self, documents: Documents, places: np.ndarray) -> None:
        self._index.write(places[1:].astype("<u8").tobytes())

    def _close_places(self) -> None:
        self._index.close()
        about = (f"{self._tokenizer.name}|{self._type[-1]}", f"{self._written}", f"{self._written / 1e9:.3g} GT")
        self._path.with_name(f"{self._path.name}.metadata").write_text("\n".join(about), "utf-8")


class OlmoCoreWriter(_FlatFiles):
    """``olmo_core.data.NumpyFSLDatasetConfig(paths=[FOLDER/train/*.npy], …)`` reads it."""

    name = "part-{:05d}.npy"

    def _open_places(self) -> None:
        packed = gzip.GzipFile(self._path.with_suffix(".csv.gz"), "wb", mtime=0)  # equal exports give equal bytes
        self._places = io.TextIOWrapper(packed, "utf-8", newline="\n")

    def _write_places(self, documents: Documents, places: np.ndarray) -> None:
        for id, begin, end in zip(documents.ids, places[:-1].tolist(), places[1:].tolist(), strict=True):
            self._places.write(f"{begin},{end},{id}\n")

    def _close_places(self) -> None:
        self._places.close()
