"""MinHash signatures and their bands (Broder 1997; Leskovec et al., Mining of Massive Datasets, ch. 3).

A document is the set of its 5-word shingles. Its signature holds, for each of ``bands * rows`` random orders of all
shingles, the first shingle of the document in that order; two signatures agree in a share of places that estimates
the Jaccard similarity of the two sets (standard error ``sqrt(s * (1 - s) / places)``: 0.04 at 0.8 and 112 places).
Two documents become candidates when all rows of one band agree.

The permutations are datasketch's; shingles are hashed by :mod:`text.hashing`. Words are case-folded and otherwise
taken as they are: unlike datatrove, numbers are not folded into one symbol, which would make price lists equal.
"""

from __future__ import annotations

import numpy as np
from datasketch import MinHash

from text.hashing import hash64s, ngram_hashes

SHINGLE_WORDS = 5
# Shingles hashed at once: bounds the work space to 2048 x places x 8 bytes (1.8 MB at 112 places).
_CHUNK = 2048


def signature(words: list[str], places: int) -> np.ndarray:
    """The MinHash signature of a document's case-folded ``words``: ``uint32`` of shape (places,).

    A document of fewer than five words has one shingle, all of it: it is compared like any other.
    """
    shingles = ngram_hashes(hash64s(words), min(SHINGLE_WORDS, max(1, len(words))))
    # datasketch expects 32-bit hashes: its permutations are taken modulo 2^61 - 1 and cut to 32 bits.
    shingles = np.unique(shingles >> np.uint64(32))
    minhash = MinHash(num_perm=places, seed=1, hashfunc=int)
    for start in range(0, len(shingles), _CHUNK):
        minhash.update_batch(shingles[start : start + _CHUNK])
    return minhash.hashvalues.astype(np.uint32)


def band_keys(signatures: np.ndarray, bands: int, rows: int, salt: int = 0) -> np.ndarray:
    """One 64-bit key per document and band: ``uint64`` of shape (documents, bands).

    ``signatures`` is ``uint32`` of shape (documents, bands * rows). Band number and ``salt`` (a language, say) go into
    the key, so that keys of different bands never meet.
    """
    documents = len(signatures)
    grouped = signatures.astype(np.uint64).reshape(documents, bands, rows)
    keys = np.empty((documents, bands), np.uint64)
    for band in range(bands):
        items = np.concatenate(
            [np.full((documents, 1), (band << 32) ^ salt, np.uint64), grouped[:, band, :]], axis=1
        )
        keys[:, band] = ngram_hashes(items.reshape(-1), rows + 1)[:: rows + 1][:documents]
    return keys


def similarity(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Estimated Jaccard similarity of signature ``one`` (places,) to each of ``others`` (documents, places)."""
    return (others == one).mean(axis=1)
