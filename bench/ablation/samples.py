"""As many tokens of each corpus, in whole documents; each seed draws other ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.ablation.corpora import Text


@dataclass(frozen=True)
class Encoded:
    """A document's id and its tokens, (tokens,) int32."""

    id: str
    tokens: np.ndarray


def draw(documents: Sequence[Encoded], budget: int, seed: int) -> list[Encoded]:
    """Documents of at least ``budget`` tokens together, the last one cut; all of them, begun anew in the same order,
    where there are fewer tokens than that. In an order that ``seed`` and the ids alone decide.

    Raises ``ValueError`` for a corpus without a token.
    """
    order = sorted(documents, key=lambda document: _place(document.id, seed))
    if not any(len(document.tokens) for document in order):
        raise ValueError("a corpus without a token can't be sampled")
    taken: list[Encoded] = []
    left = budget
    epoch = 0
    while left > 0:
        for document in order:
            name = document.id if epoch == 0 else f"{document.id}#{epoch}"
            taken.append(Encoded(name, document.tokens[:left]))
            left -= len(taken[-1].tokens)
            if left <= 0:
                break
        epoch += 1
    return taken


def tokens_of(documents: Sequence[Encoded]) -> int:
    """All of a corpus's tokens."""
    return sum(len(document.tokens) for document in documents)


def union(corpora: Sequence[Sequence[Text]]) -> list[str]:
    """Each different text of all corpora once, in the order of their hashes: what the tokenizer is trained on."""
    texts = {hashlib.sha256(text.text.encode()).digest(): text.text for corpus in corpora for text in corpus}
    return [texts[key] for key in sorted(texts)]


def _place(id: str, seed: int) -> bytes:
    return hashlib.blake2b(id.encode(), digest_size=8, person=b"ablation", salt=seed.to_bytes(8)).digest()
