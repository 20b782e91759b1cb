"""Which elements may be written out as a whole: the roots of formulas and of code, as the scanner looks them up.

A name alone is not enough: ``class="code"`` may be on the body, ``class="math"`` on a lesson. So
:mod:`parsers.scanner.atoms` looks at what each of them holds.
"""

from __future__ import annotations

import numpy as np

from parsers.code_blocks import lines
from parsers.formulas import extraction, images
from parsers.markup.names import AS_ATTRIBUTE, AS_CLASS, AS_TAG, TAG, fnv
from parsers.scanner.never_text import never_text_entries

# LINES: what is code anyway stands on lines of its own.
FORMULA_BIT, CODE_BIT, LINES_BIT = np.uint64(1), np.uint64(2), np.uint64(4)
PRE, LISTING, XMP, MATH, TEX_MATH, MJX = (
    TAG[name] for name in ("pre", "listing", "xmp", "math", "tex-math", "mjx-container")
)
_CLASSES = (
    (extraction.FORMULA_ROOT_CLASSES | extraction.FORMULA_PREVIEW_CLASSES, FORMULA_BIT),
    (lines.CODE_ROOT_CLASSES, CODE_BIT),
    (lines.CODE_BLOCK_CLASSES, LINES_BIT),
)


def root_entries() -> dict[int, int]:
    """By their hashes: what each class token, and each attribute by being there, makes of its element. All elements
    of TeX are ``tex-math`` to the scanner."""
    entries = {fnv(name, AS_ATTRIBUTE): int(FORMULA_BIT) for name in extraction.FORMULA_ROOT_ATTRIBUTES}
    entries |= {fnv(name, AS_TAG): TEX_MATH for name in extraction.TEX_TAGS}
    for words, bit in _CLASSES:
        for word in words:
            key = fnv(word, AS_CLASS)
            entries[key] = entries.get(key, 0) | int(bit)
    for key, value in never_text_entries().items():
        entries[key] = entries.get(key, 0) | value
    return entries


def image_hints() -> tuple[np.ndarray, np.ndarray]:
    """What the addresses of drawn formulas have in them, in lower case: ``uint8[k, longest]``, sorted, filled up with
    0; and ``int64[257]``: the hints that begin with byte b are the rows from its place b up to its place b + 1."""
    hints = sorted({hint.lower().encode() for hint in images.IMAGE_URL_HINTS})
    table = np.zeros((len(hints), max(map(len, hints)) + 1), np.uint8)
    for row, hint in zip(table, hints, strict=True):
        row[: len(hint)] = np.frombuffer(hint, np.uint8)
    return table, np.searchsorted(table[:, 0], np.arange(257))
