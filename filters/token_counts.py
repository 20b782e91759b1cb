"""Integer word counts of a corpus, one table a language: the statistics that the KL filter compares with.

Case-folded words fall by their hash into 65,536 buckets, so that a table is half a megabyte at most whatever the corpus, and
two tables add up to the table of both corpora in any order: an engine combines them as it likes.
"""

from __future__ import annotations

import struct

import numpy as np

from filters.count_kernels import add_counts

BUCKETS = 1 << 16
MAX_WORDS_PER_DOCUMENT = 4096
"""Of a longer document this many words, evenly spread, are counted: one log must not teach the corpus its tokens."""

_HEADER = struct.Struct("<8sqq")
_MAGIC = b"gmcount3"


def buckets(hashes: np.ndarray) -> np.ndarray:
    """The bucket (0 … 65,535) of each word by its hash (:attr:`text.view.TextView.folded_hashes`), ``int64``."""
    return (hashes & np.uint64(BUCKETS - 1)).astype(np.int64)


def counting_step(words: int) -> int:
    """Every how manieth word of a document of ``words`` is counted: 1 up to :data:`MAX_WORDS_PER_DOCUMENT`."""
    return -(-words // MAX_WORDS_PER_DOCUMENT) or 1


class TokenCounts:
    """How often each bucket occurred, and in how many documents they were counted.

    ``counts`` is an ``int64`` array of shape ``(65536,)``; ``documents`` the number of documents added.
    """

    def __init__(self) -> None:
        self.counts = np.zeros(BUCKETS, np.int64)
        self.documents = 0

    def add(self, hashes: np.ndarray) -> None:
        """Counts the words of one document by their :attr:`text.view.TextView.folded_hashes`."""
        add_counts(self.counts, buckets(hashes), counting_step(len(hashes)))
        self.documents += 1

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TokenCounts):
            return NotImplemented
        return self.documents == other.documents and np.array_equal(self.counts, other.counts)

    __hash__ = None  # type: ignore[assignment]  # mutable

    def to_bytes(self) -> bytes:
        """The table as bytes, the same on every machine: magic, documents, how many buckets have something; these, ascending,
        as ``uint16``, and the count of each as ``int64``, all little-endian. Of most languages a part of a crawl has few words."""
        filled = np.flatnonzero(self.counts)
        header = _HEADER.pack(_MAGIC, self.documents, len(filled))
        return header + filled.astype("<u2").tobytes() + self.counts[filled].astype("<i8").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> TokenCounts:
        """The inverse of :meth:`to_bytes`; ``ValueError`` for anything else."""
        table = cls()
        table.merge_bytes(data)
        return table

    def merge_bytes(self, data: bytes) -> None:
        """Adds the table that :meth:`to_bytes` has written; ``ValueError`` for anything else."""
        known = len(data) >= _HEADER.size and data.startswith(_MAGIC)
        filled = _HEADER.unpack_from(data)[2] if known else 0
        if not known or len(data) != _HEADER.size + 10 * filled:
            raise ValueError("These bytes are no table of token counts; write them with TokenCounts.to_bytes.")
        self.documents += _HEADER.unpack_from(data)[1]
        where = np.frombuffer(data, "<u2", filled, _HEADER.size)
        self.counts[where] += np.frombuffer(data, "<i8", filled, _HEADER.size + 2 * filled)
