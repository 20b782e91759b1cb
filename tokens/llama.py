"""Llama 3's ``tokenizer.model``: byte-pair ranks, one a line in base64, encoded by tiktoken; by fastokens where there is
enough text to be worth its start."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Sequence

import numpy as np
import tiktoken

from tokens.fast import Encode, fast_encoder
from tokens.info import TokenizerError
from tokens.ranks_json import NUM_SPECIAL_TOKENS, ranks_json
from tokens.special import BOS, EOS, SPLIT_PATTERN, special_tokens

# llama-models, models/llama3/tokenizer.py: longer texts, or longer runs without (or of nothing but) white space, make
# tiktoken's regular expression engine panic or its merge loop quadratic. The same two cuts keep ids the same as there.
MAX_SLICE_CHARS = 400_000
MAX_RUN_CHARS = 25_000
# tiktoken takes .11 s for a million characters of web text; the fast encoder's start takes what it needs for some 36
# million. Who switches after that many never spends more than twice what the better choice would have cost.
_WORTH_STARTING = 36_000_000
_LONG_RUN = re.compile(rf"(?<!\s)\s{{{MAX_RUN_CHARS + 1},}}|(?<!\S)\S{{{MAX_RUN_CHARS + 1},}}")


class LlamaEncoder:
    """Meta's rank file with Llama 3's split pattern and its 256 special tokens after the ranks. ``spec`` names it in
    errors."""

    def __init__(self, spec: str, data: bytes) -> None:
        ranks = parse_ranks(spec, data)
        specials = {token: len(ranks) + i for i, token in enumerate(special_tokens(NUM_SPECIAL_TOKENS))}
        self.vocab_size = len(ranks) + NUM_SPECIAL_TOKENS
        self.bos_id, self.eos_id = specials[BOS], specials[EOS]
        self.special_ids = specials
        self._encoding = tiktoken.Encoding(
            spec,
            pat_str=SPLIT_PATTERN,
            mergeable_ranks=ranks,
            special_tokens=specials,
            explicit_n_vocab=self.vocab_size,
        )
        self._ranks = ranks
        self._fast: Encode | None = None
        self._encoded = 0  # characters, until the fast encoder is there; afterwards nobody counts

    def encode(self, text: str) -> np.ndarray:
        if self._encoded < _WORTH_STARTING:
            self._encoded += len(text)
            if self._encoded >= _WORTH_STARTING:
                content = json.dumps(ranks_json(self._ranks), ensure_ascii=False)
                self._fast = fast_encoder(content.encode(), self._encoding.encode_ordinary)
        pieces = [self._encode(piece) for piece in slices(text)]
        return np.concatenate(pieces) if pieces else np.empty(0, np.int32)

    def _encode(self, piece: str) -> np.ndarray:
        if self._fast is not None:
            try:
                return self._fast(piece)
            except ValueError:
                pass  # too long a run for its splitter, which has limits
        return np.array(self._encoding.encode_ordinary(piece), np.int32)

    def decode(self, ids: Sequence[int]) -> str:
        return self._encoding.decode(ids)


def slices(text: str) -> Iterator[str]:
    """``text`` in pieces of at most 400,000 characters, in which no run of one class (white space or not) exceeds
    25,000 characters. The pieces joined are the text."""
    for start in range(0, len(text), MAX_SLICE_CHARS):
        piece = text[start : start + MAX_SLICE_CHARS]
        position = 0
        for run in _LONG_RUN.finditer(piece):
            for cut in range(run.start() + MAX_RUN_CHARS, run.end(), MAX_RUN_CHARS):
                yield piece[position:cut]
                position = cut
        yield piece[position:]


def parse_ranks(spec: str, data: bytes) -> dict[bytes, int]:
    """Tokens and their ranks, from the content ``data`` of the file ``spec``. Raises :class:`TokenizerError`."""
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            token, rank = line.split()
            ranks[base64.b64decode(token, validate=True)] = int(rank)
        except (ValueError, binascii.Error):
            raise TokenizerError(
                f"{spec} is no tokenizer: line {number} is neither a base64 token with its rank (Llama 3's "
                "tokenizer.model) nor the start of a JSON object (a Hugging Face tokenizer.json). A file of a few "
                "hundred bytes is often a Git LFS pointer; fetch the real one."
            ) from None
    if sorted(ranks.values()) != list(range(len(ranks))) or not all(bytes([i]) in ranks for i in range(256)):
        raise TokenizerError(
            f"{spec} is damaged: its ranks must run from 0 without a gap and hold all 256 single bytes. "
            "Fetch the file again."
        )
    return ranks
