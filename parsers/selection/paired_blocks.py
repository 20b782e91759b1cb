"""Labels and values are kept together: a term with its definition, a quotation with its source, a question with its
answer.

The classifier rates each block for itself. ``Returns:`` is likelier to be content than ``true if it fits``, and the
name under a quotation looks like any byline.
"""

from __future__ import annotations

import numpy as np

from parsers.blocks.roles import CAPTION, CELL, GROUP, HEADING, ITEM, QUOTE, ROLE, TERM
from parsers.markup.names import TAG
from parsers.scanner.page import ELEMENT, LAST, LINK_WORDS, PARENT, STOP, TAG_, WORD, WORDS, Page
from text.jit.options import inner, kernel

_FOOT_WORDS, _QUESTION_WORDS = 20 * WORD, 30 * WORD
_BELOW = 0.2  # how likely a definition list's words are content, on average, where the block above it decides
_FOLLOWS = 0.1  # the same right behind another definition list that is kept
_NAMED, _BEFORE = 0.08, 12  # the same for a list of linked names, and how many blocks before it that one may stand
_BLOCKQUOTE, _FIGURE, _DL = TAG["blockquote"], TAG["figure"], TAG["dl"]
_LEVELS = 8  # elements around the last block of a list


def keep_pairs(page: Page, roles: np.ndarray, kept: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) with the other half of each pair. A definition list of which most words are kept
    is kept whole, and so is one right below a kept block of the same container, unless it is unlikely to be content
    (``probabilities``: ``float32[m]``); in another one, the terms of definitions that are kept. A list of linked names that says
    what each is needs less, and may have a heading of its own, which comes with it. A short foot of a quotation that is kept, and a
    short question right before an answer that is, in the same container. ``roles``: ``int32[m, 7]`` of
    :func:`parsers.blocks.roles.block_roles`. Time is linear in the page."""
    return _keep_pairs(page.elements, page.blocks, roles, page.text, kept, probabilities)


@kernel
def _keep_pairs(elements, blocks, roles, text, kept, probabilities):
    whole = kept.copy()
    m = len(blocks)
    first = 0
    while first < m:
        stop = first + 1
        if roles[first, GROUP] >= 0 and (roles[first, ROLE] == TERM or roles[first, ROLE] == ITEM):
            while stop < m and roles[stop, GROUP] == roles[first, GROUP]:
                stop += 1
            led = first > 0 and kept[first - 1] and roles[first - 1, ROLE] != CELL
            led = led and _side_by_side(elements, blocks, first - 1)
            below = np.float32(_BELOW)
            if not led and first > 0 and whole[first - 1]:
                led = _follows_list(elements, blocks, roles[first, GROUP], first)
                below = np.float32(_FOLLOWS) if led else below
            if not led and elements[roles[first, GROUP], TAG_] == _DL and _names(blocks, roles, first, stop):
                led, below = _near_kept(elements, blocks, whole, roles[first, GROUP], first), np.float32(_NAMED)
            _keep_definitions(blocks, roles, kept, probabilities, whole, first, stop, led, below)
            if whole[stop - 1] and roles[stop - 1, ROLE] == TERM:
                _keep_table(elements, blocks, roles, probabilities, whole, roles[first, GROUP], stop)
            if (
                whole[first]
                and not kept[first]
                and first > 0
                and roles[first - 1, ROLE] == HEADING
                and below == np.float32(_NAMED)
            ):
                whole[first - 1] = True
        first = stop
    for b in range(1, m):
        if (
            not kept[b - 1]
            or whole[b]
            or blocks[b, WORDS] > _FOOT_WORDS
            or 2 * blocks[b, LINK_WORDS] > blocks[b, WORDS]
        ):
            continue
        if roles[b, ROLE] == QUOTE and roles[b - 1, ROLE] == QUOTE:
            holder = _nearest(elements, blocks[b - 1, ELEMENT], _BLOCKQUOTE)
            whole[b] = holder >= 0 and holder <= blocks[b, ELEMENT] <= elements[holder, LAST]
        elif roles[b, ROLE] == CAPTION and roles[b - 1, ROLE] == QUOTE:
            holder = _nearest(elements, blocks[b - 1, ELEMENT], _FIGURE)
            whole[b] = holder >= 0 and holder <= blocks[b, ELEMENT] <= elements[holder, LAST]
    for b in range(m - 2, -1, -1):
        if not whole[b] and whole[b + 1] and 0 < blocks[b, WORDS] <= _QUESTION_WORDS and roles[b, ROLE] != CELL:
            answered = roles[b + 1, ROLE] != HEADING and not _asks(text, blocks[b + 1, STOP])
            linked = 2 * blocks[b, LINK_WORDS] > blocks[b, WORDS]  # to the answer on another page
            if answered and not linked and _asks(text, blocks[b, STOP]) and _side_by_side(elements, blocks, b):
                whole[b] = True
    return whole


@inner
def _follows_list(elements, blocks, group, first):
    """Whether a definition list comes right after another one that ends with the block before ``first``."""
    if elements[group, TAG_] != _DL:
        return False
    element, around = max(blocks[first - 1, ELEMENT], 0), elements[group, PARENT]
    for _ in range(_LEVELS):
        if element < 0 or elements[element, PARENT] == around:
            break
        element = elements[element, PARENT]
    return element >= 0 and elements[element, PARENT] == around and elements[element, TAG_] == _DL


@inner
def _names(blocks, roles, first, stop):
    """Whether a list has links for terms and says in text what each is, as references have of modules and functions."""
    linked = named = text = 0
    for b in range(first, stop):
        if roles[b, ROLE] == TERM:
            linked += blocks[b, LINK_WORDS] > 0
            named += 1
        else:
            text += 2 * blocks[b, LINK_WORDS] < blocks[b, WORDS]
    return named > 1 and linked == named and 4 * text >= 3 * named


@inner
def _near_kept(elements, blocks, whole, group, first):
    """Whether a kept block stands a few blocks before a list, within the element around that."""
    around = elements[group, PARENT]
    for b in range(first - 1, max(first - _BEFORE, 0) - 1, -1):
        if whole[b]:
            return around >= 0 and around <= blocks[b, ELEMENT] <= elements[around, LAST]
    return False


@inner
def _keep_definitions(blocks, roles, kept, probabilities, whole, first, stop, led, below):
    words = links = stay = terms = 0
    likely = 0.0
    for b in range(first, stop):
        weight = max(blocks[b, WORDS], 1)
        words += weight
        links += blocks[b, LINK_WORDS]
        stay += weight * kept[b]
        likely += weight * probabilities[b]
        terms += roles[b, ROLE] == TERM
    if terms == 0:
        return
    # A single term with more than two values is a row of a forum's list of threads.
    most = 2 * stay >= words or (led and likely >= below * words)
    if (terms > 1 or stop - first <= 3) and 2 * links <= words and most:
        for b in range(first, stop):
            whole[b] = True
        return
    defined = False  # whether something stays between here and the next term
    for b in range(stop - 1, first - 1, -1):
        if roles[b, ROLE] == TERM:
            whole[b] = kept[b] or defined
            if b > first and roles[b - 1, ROLE] != TERM:
                defined = False
        else:
            defined = defined or kept[b]


@inner
def _keep_table(elements, blocks, roles, probabilities, whole, group, stop):
    """A kept term's definition may be a table, as Doxygen's of parameters is: it stays, unless it is unlikely to be content."""
    last, words, likely = stop, 0, 0.0
    while last < len(blocks) and roles[last, ROLE] == CELL and blocks[last, ELEMENT] <= elements[group, LAST]:
        words += max(blocks[last, WORDS], 1)
        likely += max(blocks[last, WORDS], 1) * probabilities[last]
        last += 1
    if likely >= _BELOW * words:
        for b in range(stop, last):
            whole[b] = True


@inner
def _nearest(elements, element, tag):
    """The nearest element of a tag that ``element`` is or stands in, -1 if there is none close by."""
    for _ in range(6):
        if element < 0 or elements[element, TAG_] == tag:
            return element
        element = elements[element, PARENT]
    return -1


@inner
def _asks(text, stop):
    """Whether a text ends with a question mark, of Latin, Greek, Chinese or Arabic script."""
    last = text[stop - 1]
    if last == 63:
        return True
    return stop > 2 and (
        (text[stop - 3] == 0xEF and text[stop - 2] == 0xBC and last == 0x9F)
        or (text[stop - 2] == 0xD8 and last == 0x9F)
    )


@inner
def _side_by_side(elements, blocks, b):
    """Whether two blocks stand in one container: the parent of the one's element, or its parent, holds the other."""
    holder = max(blocks[b, ELEMENT], 0)
    for _ in range(2):
        holder = max(elements[holder, PARENT], 0)
    return holder <= max(blocks[b + 1, ELEMENT], 0) <= elements[holder, LAST]
