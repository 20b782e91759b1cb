"""What every tokenizer says of itself, whichever library encodes for it; and the error of one that cannot be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np


class TokenizerError(ValueError):
    """A tokenizer that cannot be had; the message says what to do."""


@dataclass(frozen=True)
class TokenizerInfo:
    """What a shard's footer says of the tokenizer that wrote it.

    ``sha256`` is the hexadecimal hash of the tokenizer file's bytes and is what makes two tokenizers the same one.
    ``vocab_size`` is one more than the largest id, special tokens included.
    """

    name: str
    sha256: str
    vocab_size: int
    bos_id: int
    eos_id: int


class Encoder(Protocol):
    """A tokenizer file, read: what :class:`tokens.tokenizer.Tokenizer` encodes and decodes with.

    ``special_ids`` are the special tokens by name. ``encode`` takes text that is valid Unicode and gives ids without a special token among them; ``decode`` writes
    special tokens by their names, and U+FFFD for bytes that are no UTF-8.
    """

    vocab_size: int
    bos_id: int
    eos_id: int
    special_ids: dict[str, int]

    def encode(self, text: str) -> Sequence[int] | np.ndarray: ...

    def decode(self, ids: Sequence[int]) -> str: ...
