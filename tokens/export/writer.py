"""What every form of export has: it takes documents a row group at a time, and holds one of them in memory."""

from __future__ import annotations

from typing import Protocol

from tokens.index import Documents


class ExportWriter(Protocol):
    """Writes one form into a folder of its own. Calls come as ``begin(split)``, ``add`` for each row group of that
    split, the next ``begin``, …, ``close()``. Made with the folder and the tokenizer, or what it says of itself."""

    def begin(self, split: str) -> None: ...

    def add(self, documents: Documents) -> None: ...

    def close(self) -> None: ...
