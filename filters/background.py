"""How often words occur in a language at large: what the KL filter knows before it has seen a crawl.

``data/background.npz`` has one table a language, made by :mod:`filters.build_background` from the lists of the package
wordfreq; ``data/background.NOTICE.txt`` has its sources and licence.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from filters.vocabulary import DATA

WORDS = 1_000_000
"""How many words each table stands for: its counts add up to nearly that."""
TABLES = DATA / "background.npz"
_SHARED = {"nn": "no", "bs": "hr"}
"""Languages that are told apart by a word or two, and use one table."""


@lru_cache(maxsize=1)
def background_languages() -> frozenset[str]:
    """The languages that there is a table for, by the labels of :mod:`filters.language`."""
    with np.load(TABLES) as tables:
        names = set(tables.files)
    return frozenset(names | {name for name, other in _SHARED.items() if other in names})


@lru_cache(maxsize=64)
def background_counts(language: str) -> np.ndarray:
    """Counts of a million words of ``language`` by :func:`filters.token_counts.buckets`: ``int64``, shape ``(65536,)``, not to
    be written to. ``KeyError`` where there is no table (:func:`background_languages`)."""
    with np.load(TABLES) as tables:
        counts = tables[_SHARED.get(language, language)].astype(np.int64)
    counts.flags.writeable = False
    return counts
