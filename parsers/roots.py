"""Which elements are written out as a whole: the roots of formulas and of code, as the scanner looks them up."""

from __future__ import annotations

import numpy as np

from parsers import code, formulas
from parsers.vocabulary import TAG, fnv, hash_table

FORMULA_BIT, CODE_BIT = np.uint64(1), np.uint64(2)
PRE, LISTING, XMP, MATH, TEX_MATH, MJX = (
    TAG[name] for name in ("pre", "listing", "xmp", "math", "tex-math", "mjx-container")
)


def class_table() -> tuple[np.ndarray, np.ndarray]:
    """From the hash of a class token to the kinds of root that it makes of its element."""
    entries: dict[int, int] = {}
    for words, bit in ((formulas.ROOT_CLASS_WORDS, FORMULA_BIT), (code.ROOT_CLASS_WORDS, CODE_BIT)):
        for word in words:
            entries[fnv(word)] = entries.get(fnv(word), 0) | int(bit)
    return hash_table(entries)


def attribute_table() -> tuple[np.ndarray, np.ndarray]:
    """From the hash of an attribute's name to the kind of root that it makes of its element."""
    return hash_table({fnv(name): int(FORMULA_BIT) for name in formulas.ROOT_ATTRIBUTES})
