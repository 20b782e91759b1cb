"""What template made an element: equal for elements whose tags and classes, and their ancestors', are the same."""

from __future__ import annotations

import numpy as np

from parsers.scanner.page import PARENT
from text.hashing import GOLDEN
from text.jit.options import inner

UNIT = np.uint64(1)
"""To be set before signatures are compared: their lowest bit says something else."""


@inner
def template(elements, signature, element, levels):
    """``uint64``: a hash of the signatures of ``element`` and its ancestors, ``levels`` elements in all."""
    key = np.uint64(0)
    for _ in range(levels):
        key = key * GOLDEN ^ (signature[element] | UNIT)
        element = max(elements[element, PARENT], 0)
    return key
