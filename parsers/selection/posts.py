"""Posts of forums and answers that hold code: where one post of a thread is content, so is the code of the others and what is said
about it. The classifier rates short posts low, and code lowest; what a post's body is called says more.
"""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import HEADING, ROLE
from parsers.markup.names import BIT, IS_POST, IS_POSTER, TAG
from parsers.scanner.page import (
    CODE_BLOCK,
    CODE_BLOCKS,
    ELEMENT,
    KIND,
    LINK_WORDS,
    PARENT,
    TAG_,
    WORD,
    WORDS,
    Page,
)
from text.jit.options import inner, kernel

_TD, _TH, _BLOCKQUOTE = TAG["td"], TAG["th"], TAG["blockquote"]
_BODY, _POSTER = int(IS_POST), int(IS_POSTER)
# Of elements within a post: who wrote it and when, a signature, buttons. Quotations as well: that stands in another post, too.
_ABOUT = BIT["user"] | BIT["meta"] | BIT["control"] | BIT["social"] | BIT["menu"]
_LEVELS = 12  # elements from a block to its post
_FEWEST = 2  # posts of a thread, and posters
_LABEL = 8 * WORD


def keep_code_in_posts(page: Page, roles: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) with all that posts say that hold code, where most of one of the page's posts is kept.
    Posts are known by the class of their body. ``roles``: ``int32[m, 7]`` of :func:`parsers.blocks.roles.block_roles`. Time is
    linear in the page."""
    if not page.signs & CODE_BLOCKS or not page.said & _BODY:
        return kept
    return _keep_posts(page.elements, page.context, page.blocks, roles, kept)


def drop_posters(page: Page, kept: np.ndarray, headline: int) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the short blocks in elements of which a class says that they are about the author
    of a post (a rank, a title, a number of posts), where there are two such elements; the ``headline`` (a row) stays."""
    if not page.said & _POSTER:
        return kept
    return _drop_posters(page.elements, page.context, page.blocks, kept, headline)


@kernel
def _keep_posts(elements, context, blocks, roles, kept):
    m = len(blocks)
    posts, about = np.full(m, -1, np.int64), np.zeros(m, np.bool_)
    words, stay, code = np.zeros(m + 1, np.int64), np.zeros(m + 1, np.int64), np.zeros(m + 1, np.bool_)
    count, last = 0, -1
    for b in range(m):
        post, about[b] = _around(elements, context, blocks[b, ELEMENT], IS_POST)
        if post < 0:
            continue
        if post != last:  # blocks of one post follow each other
            last = post
            count += 1
        posts[b] = count
        if not about[b]:
            words[count] += max(blocks[b, WORDS], 1)
            stay[count] += max(blocks[b, WORDS], 1) * kept[b]
            code[count] = code[count] or blocks[b, KIND] == CODE_BLOCK
    chosen = False
    for post in range(1, count + 1):
        chosen = chosen or (words[post] > 0 and 2 * stay[post] >= words[post])
    if count < _FEWEST or not chosen:
        return kept
    whole = kept.copy()
    for b in range(m):
        if posts[b] > 0 and code[posts[b]] and not about[b]:
            linked = blocks[b, WORDS] > 0 and blocks[b, LINK_WORDS] >= blocks[b, WORDS]
            if not (linked and roles[b, ROLE] == HEADING):
                whole[b] = True
    return whole


@kernel
def _drop_posters(elements, context, blocks, kept, headline):
    found = 0
    for e in range(len(elements)):
        if context[e] & IS_POSTER and elements[e, TAG_] != _TD and elements[e, TAG_] != _TH:
            found += 1
    if found < _FEWEST:
        return kept
    left = kept.copy()
    for b in range(len(blocks)):
        if kept[b] and b != headline and blocks[b, WORDS] <= _LABEL and blocks[b, KIND] != CODE_BLOCK:
            if _around(elements, context, blocks[b, ELEMENT], IS_POSTER)[0] >= 0:
                left[b] = False
    return left


@inner
def _around(elements, context, element, bit):
    """The nearest element with a ``bit`` that ``element`` is or stands in, -1 for none; and whether one between them is about the
    post."""
    about = False
    for _ in range(_LEVELS):
        if element < 0:
            break
        if context[element] & bit and elements[element, TAG_] != _TD and elements[element, TAG_] != _TH:
            return element, about
        about = about or context[element] & _ABOUT != 0 or elements[element, TAG_] == _BLOCKQUOTE
        element = elements[element, PARENT]
    return -1, False
