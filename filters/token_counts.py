"""Integer word counts of a corpus, one table a language: the statistics that the KL filter compares with.

Case-folded words fall by their hash into 65,536 buckets, so that a table is half a megabyte whatever the corpus, and two
tables add up to the table of both corpora in any order: an engine combines them as it likes.
"""

from __future__ import annotations

import struct

import numpy as np

from filters.count_kernels import add_counts

BUCKETS = 1 << 16
MAX_WORDS_PER_DOCUMENT = 4096
"""Of a longer document this many words, evenly spread, are counted: one log must not teach the corpus its tokens."""

_HEADER = struct.Struct("<8sq")
_MAGIC = b"gmcount2"


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

    def merge(self, other: TokenCounts) -> None:
        """Adds another table to this one."""
        self.counts += other.counts
        self.documents += other.documents

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TokenCounts):
            return NotImplemented
        return self.documents == other.documents and np.array_equal(self.counts, other.counts)

    def __getstate__(self) -> tuple[int, np.ndarray, np.ndarray]:
        # Between processes the buckets that have something: of most languages a part of a crawl has few words.
        filled = np.flatnonzero(self.counts).astype(np.uint16)
        return self.documents, filled, self.counts[filled]

    def __setstate__(self, state: tuple[int, np.ndarray, np.ndarray]) -> None:
        self.documents, filled, counts = state
        self.counts = np.zeros(BUCKETS, np.int64)
        self.counts[filled] = counts

    __hash__ = None  # type: ignore[assignment]  # mutable

    def to_bytes(self) -> bytes:
        """The table as bytes, the same on every machine: magic, documents, then the counts as little-endian int64."""
        return _HEADER.pack(_MAGIC, self.documents) + self.counts.astype("<i8").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> TokenCounts:
        """The inverse of :meth:`to_bytes`; ``ValueError`` for anything else."""
        if len(data) != _HEADER.size + 8 * BUCKETS or not data.startswith(_MAGIC):
            raise ValueError("These bytes are no table of token counts; write them with TokenCounts.to_bytes.")
        table = cls()
        table.documents = _HEADER.unpack_from(data)[1]
        table.counts = np.frombuffer(data, "<i8", offset=_HEADER.size).astype(np.int64)
        return table
