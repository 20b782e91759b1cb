"""What comes behind an article: lists of related stories, archives, questions whether it helped, that the classifier was
not sure of."""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import HEADING, ROLE
from parsers.jit.options import kernel
from parsers.scanner.page import LINK_WORDS, WORD, WORDS, Page

_PROSE = 20 * WORD  # words outside links in a block of prose
_SURE = 0.7
_HEADINGS, _LIKELY = 2, 0.5


def drop_links_behind(page: Page, probabilities: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``keep`` (``bool[m]``) without the blocks that come after the last kept block of prose, have at
    least half of their words in links, and of which the classifier is not sure (``probabilities``: ``float32[m]``). On
    a page without prose, as many listings are, all stay."""
    return _drop_links_behind(page.blocks, probabilities, keep)


def drop_headings_behind(page: Page, roles: np.ndarray, probabilities: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``keep`` (``bool[m]``) without a heading or two after which nothing else is kept, that are rather no
    content: they head what was left out. More of them are a list of questions or names. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`."""
    headings = roles[:, ROLE] == HEADING
    others = np.flatnonzero(keep & ~headings)
    behind = np.flatnonzero(keep[others[-1] + 1 :]) + others[-1] + 1 if len(others) else others
    if not 0 < len(behind) <= _HEADINGS:
        return keep
    out = keep.copy()
    out[behind] = probabilities[behind] >= _LIKELY
    return out


@kernel
def _drop_links_behind(blocks, probabilities, keep):
    out = keep.copy()
    last = len(keep) - 1
    while last >= 0 and not (keep[last] and blocks[last, WORDS] - blocks[last, LINK_WORDS] >= _PROSE):
        last -= 1
    if last >= 0:
        for row in range(last + 1, len(keep)):
            if 0 < blocks[row, WORDS] <= 2 * blocks[row, LINK_WORDS] and probabilities[row] < _SURE:
                out[row] = False
    return out
