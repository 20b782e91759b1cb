"""What every form of export has: it takes documents a row group at a time, and holds one of them in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tokens.index import Documents
from tokens.info import TokenizerInfo


class ExportWriter(Protocol):
    """Writes one form into a folder of its own. Calls come as ``begin(split)``, ``add`` for each row group of that
    split, the next ``begin``, …, ``close()``."""

    def __init__(self, folder: Path, tokenizer: TokenizerInfo) -> None: ...

    def begin(self, split: str) -> None: ...

    def add(self, documents: Documents) -> None: ...

    def close(self) -> None: ...
