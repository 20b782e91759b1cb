"""MinHash signatures and their bands (Broder 1997; Leskovec et al., Mining of Massive Datasets, ch. 3).

A document is the set of its shingles (:mod:`dedup.shingles`). Its signature holds, for each of ``bands * rows`` random
orders of all shingles, the first shingle of the document in that order; two signatures agree in a share of places that
estimates the Jaccard similarity of the two sets (standard error ``sqrt(s * (1 - s) / places)``: 0.04 at 0.7 and 120
places). Two documents become candidates when all rows of one band agree.

An order is a multiplication by an odd number modulo 2^64: one instruction, and a bijection, so that no two shingles
share a rank. That suffices because shingle hashes come well mixed; structured numbers would need more. Of the smallest
product the upper 32 bits are kept, which meet by chance once in four billion comparisons. datasketch and datatrove
compute ``(a * x + b) mod (2^61 - 1)``, whose division costs several times as much.
"""

from __future__ import annotations

import numpy as np

from text.hashing import hash64s, ngram_hashes


def signature(shingles: np.ndarray, places: int) -> np.ndarray:
    """The MinHash signature of a set of shingles (``uint64``, shape (shingles,)): ``uint32`` of shape (places,).

    Repetitions and order change nothing, so there is no need to sort them out beforehand.
    """
    from dedup.smallest_products import smallest_products  # imports numba: half a second, for signatures alone

    return smallest_products(shingles, _factors(places))


_FACTORS: dict[int, np.ndarray] = {}


def _factors(places: int) -> np.ndarray:
    """The odd multipliers: hashes of 0, 1, 2 …, so that more places only add to fewer."""
    if places not in _FACTORS:
        _FACTORS[places] = hash64s([f"minhash {place}" for place in range(places)]) | np.uint64(1)
    return _FACTORS[places]


def band_keys(signatures: np.ndarray, bands: int, rows: int, salt: int = 0) -> np.ndarray:
    """One 64-bit key per document and band: ``uint64`` of shape (documents, bands).

    ``signatures`` is ``uint32`` of shape (documents, bands * rows). Band number and ``salt`` (a language, say) go into
    the key, so that keys of different bands never meet.
    """
    documents = len(signatures)
    grouped = signatures.astype(np.uint64).reshape(documents, bands, rows)
    keys = np.empty((documents, bands), np.uint64)
    for band in range(bands):
        items = np.concatenate([np.full((documents, 1), (band << 32) ^ salt, np.uint64), grouped[:, band, :]], axis=1)
        keys[:, band] = ngram_hashes(items.reshape(-1), rows + 1)[:: rows + 1][:documents]
    return keys


def detection(similarity: float, bands: int, rows: int) -> float:
    """The probability that bands make candidates of a pair at that Jaccard similarity: ``1 - (1 - s^rows)^bands``."""
    return 1 - (1 - similarity**rows) ** bands


def standard_error(similarity: float, places: int) -> float:
    """Of the estimate from whole signatures."""
    return (similarity * (1 - similarity) / places) ** 0.5


def similarity(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Estimated Jaccard similarity of signature ``one`` (places,) to each of ``others`` (documents, places)."""
    return (others == one).mean(axis=1)


def jaccard(one: np.ndarray, other: np.ndarray) -> float:
    """The Jaccard similarity of two sorted arrays of different shingles."""
    both = len(np.intersect1d(one, other, assume_unique=True))
    return both / max(1, len(one) + len(other) - both)
