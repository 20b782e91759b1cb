"""Text that is on a page twice is kept once.

Pages hold their article a second time for narrow screens or for printing, a warning in each of three tabs, a
carousel's cards again in the list below, a post quoted above its reply. A language model that is trained on such text
learns to repeat itself. But some repetition is meant: a song has its chorus, and errata quote a sentence before they
correct it. So an element is dropped if all of its text has been on the page before, and kept if it adds a word.
"""

from __future__ import annotations

import numpy as np

from parsers.jit.hash_table import places
from parsers.scanner.page import ATOMS, ATOMS_STOP, ELEMENT, PARENT, WORD, WORDS, Page
from text.jit.options import kernel

# An element with fewer words may repeat others by chance, as "Add to cart" does, or with reason, as "Changed in
# version 3.2" does in a manual; so may any number of short blocks, as the cells of a table do. On pages of WCXB that
# were not fitted to, 12 words bring .0002 more and 40 bring .0007 less.
_ELEMENT_WORDS, _PASSAGE = 20 * WORD, 8 * WORD


def drop_repeated(page: Page, keep: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``keep`` (``bool[m]``) without the blocks of elements whose kept blocks all repeat kept blocks that
    come before the element. Such an element holds at least twenty words, half of them in blocks of eight and more; its
    only block, or that of an element that holds nothing else, is judged with the element around it. Time is linear in
    the page."""
    earlier, any_passage = _earlier(page.blocks, keep, page.hashes)
    if not any_passage:
        return keep
    return _drop_repeated(page.elements, page.blocks, keep, earlier)


@kernel
def _earlier(blocks, keep, all_hashes):
    """``int64[m]``: the first kept row that has a kept row's hash; -1 if that is itself, or the row has atoms: formulas and
    images are all the same in a text's hash. And whether there is one with a passage."""
    hashes = np.zeros(len(keep), np.uint64)
    for row in range(len(keep)):
        if keep[row] and blocks[row, ATOMS_STOP] == blocks[row, ATOMS]:
            hashes[row] = all_hashes[row]
    found, size = places(hashes)
    first = np.full(size, -1, np.int64)
    out = np.full(len(hashes), -1, np.int64)
    any_passage = False
    for row in range(len(hashes)):
        place = found[row]
        if place < size:
            out[row] = first[place]
            if first[place] < 0:
                first[place] = row
            elif blocks[row, WORDS] >= _PASSAGE:
                any_passage = True
    return out, any_passage


@kernel
def _drop_repeated(elements, blocks, keep, earlier):
    n, m = len(elements), len(keep)
    words, passages, held = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    begin = np.full(n, m, np.int64)  # the element's first kept row
    source = np.full(n, -1, np.int64)  # the last row that it repeats; m if something in it is new
    for b in range(m):
        if keep[b]:
            e = max(blocks[b, ELEMENT], 0)
            held[e] += 1
            words[e] += blocks[b, WORDS]
            if blocks[b, WORDS] >= _PASSAGE:
                passages[e] += blocks[b, WORDS]
            begin[e] = min(begin[e], b)
            source[e] = max(source[e], earlier[b] if earlier[b] >= 0 else m)
    for e in range(n - 1, 0, -1):
        parent = elements[e, PARENT]
        if parent >= 0:
            words[parent] += words[e]
            passages[parent] += passages[e]
            begin[parent] = min(begin[parent], begin[e])
            source[parent] = max(source[parent], source[e])
    repeats = np.zeros(n, np.bool_)
    inside = np.zeros(n, np.bool_)  # an element that repeats, or one in it
    for e in range(n):
        parent = elements[e, PARENT]
        repeats[e] = words[e] >= _ELEMENT_WORDS and 2 * passages[e] >= words[e] and source[e] < begin[e]
        inside[e] = repeats[e] or (parent >= 0 and inside[parent])
    out = keep.copy()
    for b in range(m):
        e = max(blocks[b, ELEMENT], 0)
        parent = elements[e, PARENT]
        if (parent >= 0 and inside[parent]) or (repeats[e] and held[e] > 1):
            out[b] = False
    return out
