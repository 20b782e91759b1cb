"""What the block classifier sees of a block: itself, where it stands, its neighbours, its page.

Every number comes from the scanner's counts by arithmetic alone: no word of any language is looked at, only the words
that authors of markup use for class names. Lengths are in words as :mod:`parsers.scanner.scan` counts them (a Chinese
character is 0.6 of a word), so that one threshold serves all scripts.

The ideas are the field's: shallow text features and their neighbours (Kohlschütter et al. 2010), link density, and
those of :mod:`parsers.classifier.page_statistics`.
"""

from __future__ import annotations

import numpy as np

from parsers.classifier.page_statistics import (
    BLOCKS,
    CHILDREN,
    HEADINGS,
    LINKED,
    PAGE,
    STOP_MARKS,
    TAGS,
    TEXT,
    Survey,
    is_long,
)
from parsers.jit.options import inner
from parsers.markup.names import CONTEXT, FIRST_FAMILY, TAG
from parsers.scanner import page as s
from parsers.scanner.page import Page

OWN = (
    "words", "link_share", "bold_share", "code_share", "word_length", "digit_share", "upper_share", "capital_share",
    "stops", "commas", "symbols", "links", "images", "formulas", "tags", "controls", "breaks", "first_character",
    "last_character", "is_code", "tag", "level", "depth", "density", "repeated_text",
)  # fmt: skip
PLACE = tuple(f"in_{name}" for name in CONTEXT) + tuple(f"near_{name}" for name in CONTEXT[FIRST_FAMILY:])
LEVELS = 4
SUBTREE = ("words", "link_share", "blocks", "page_share", "children", "words_a_block", "words_a_tag", "stops_a_word")
TREE = tuple(f"{name}_{level}" for level in range(1, LEVELS + 1) for name in SUBTREE) + (
    "twins", "twins_level", "twins_words", "twins_link_share", "group_share", "group_long_share", "long_before_group",
    "in_best", "best_share", "best_distance", "in_stretch",
)  # fmt: skip
_SEEN = ("words", "link_share", "stops", "same_parent", "is_heading", "list")
NEIGHBOURS = tuple(f"{name}_{offset:+d}" for offset in (-2, -1, 1, 2) for name in _SEEN) + (
    "words_before_5", "words_after_5", "link_share_5", "to_long_before", "to_long_after", "after_heading", "position",
    "text_before", "long_before", "long_after",
)  # fmt: skip
NAMES = OWN + PLACE + TREE + NEIGHBOURS + PAGE

_P = TAG["p"]
_PLACES = len(CONTEXT)
_UNIT = np.uint64(1)


def features(page: Page, survey: Survey, start: int, out: np.ndarray) -> None:
    """Writes the features of ``len(out)`` rows of ``page.blocks`` from ``start`` on into the first ``len(NAMES)``
    columns of ``out`` (``float32``)."""
    count = len(page.elements)
    # What is said of each element, and of which it has been: most blocks share their ancestors with others.
    subtrees, described = np.empty((count, len(SUBTREE)), np.float32), np.zeros(count, np.bool_)
    _features(start, page.elements, page.context, page.blocks, *survey, subtrees, described, out)


@inner
def _describe(sums, total, row):
    """What :data:`SUBTREE` says of an element, from the sums over its subtree."""
    words = max(sums[TEXT], 1)
    row[0] = np.log1p(sums[TEXT] / s.WORD)
    row[1] = sums[LINKED] / words
    row[2] = np.log1p(sums[BLOCKS])
    row[3] = sums[TEXT] / total
    row[4] = np.log1p(sums[CHILDREN])
    row[5] = sums[TEXT] / s.WORD / max(sums[BLOCKS], 1)
    row[6] = sums[TEXT] / s.WORD / max(sums[TAGS], 1)
    row[7] = sums[STOP_MARKS] * s.WORD / words


@inner
def _features(start, elements, context, blocks, inherited, sums, twins, best, best_share, in_stretch, numbers,
              repeated, first_block, long_before, subtrees, described, out):  # fmt: skip
    m, stop = len(blocks), start + len(out)
    total = max(sums[0, TEXT], 1)
    seen_words = 0
    long_seen = 0
    last_heading = -1
    last_long = -1
    long_total = 0
    for b in range(m):
        long_total += is_long(blocks[b])
    for b in range(start):
        seen_words += blocks[b, s.WORDS]
        if is_long(blocks[b]):
            last_long = b
            long_seen += 1
        tag = elements[blocks[b, s.ELEMENT], s.TAG_]
        if HEADINGS[0] <= tag <= HEADINGS[1]:
            last_heading = b
    next_long = -1
    best_start, best_stop = elements[best, s.OPEN], elements[best, s.END]
    for b in range(start, stop):
        row = out[b - start]
        block = blocks[b]
        e = max(block[s.ELEMENT], 0)
        words = block[s.WORDS]
        w = max(words, 1)
        letters = max(block[s.LETTERS], 1)
        tag = elements[e, s.TAG_]
        # itself
        row[0] = words / s.WORD
        row[1] = block[s.LINK_WORDS] / w
        row[2] = block[s.BOLD_WORDS] / w
        row[3] = block[s.CODE_WORDS] / w
        row[4] = block[s.LETTERS] * s.WORD / w
        row[5] = block[s.DIGITS] / letters
        row[6] = block[s.UPPER] / letters
        row[7] = block[s.CAPITALS] * s.WORD / w
        row[8] = block[s.STOPS]
        row[9] = block[s.COMMAS]
        row[10] = block[s.SYMBOLS]
        row[11] = block[s.LINKS]
        row[12] = block[s.IMAGES]
        row[13] = block[s.FORMULAS]
        row[14] = block[s.TAGS]
        row[15] = block[s.CONTROLS]
        row[16] = block[s.BREAKS]
        row[17] = block[s.FIRST]
        row[18] = block[s.LAST_CHARACTER]
        row[19] = block[s.KIND]
        row[20] = tag
        row[21] = tag - HEADINGS[0] + 1 if HEADINGS[0] <= tag <= HEADINGS[1] else 0
        depth = 0
        up = e
        while elements[up, s.PARENT] >= 0 and depth < 60:
            up = elements[up, s.PARENT]
            depth += 1
        row[22] = depth
        row[23] = words / s.WORD / (block[s.TAGS] + 1)
        row[24] = repeated[b]
        k = 25
        # where it stands: inside of, and within three levels
        near = context[e]
        up = e
        for _ in range(2):
            if elements[up, s.PARENT] >= 0:
                up = elements[up, s.PARENT]
                near |= context[up]
        for place in range(_PLACES):
            row[k] = (inherited[e] >> np.uint64(place)) & _UNIT
            k += 1
        for place in range(FIRST_FAMILY, _PLACES):
            row[k] = (near >> np.uint64(place)) & _UNIT
            k += 1
        # its subtrees: ancestors that hold more than the level below did
        up = e
        before = -1
        group, group_level, group_at = 1, 0, -1
        level = 0
        steps = 0
        while level < LEVELS and steps < 60:
            if sums[up, BLOCKS] > before:
                before = sums[up, BLOCKS]
                if not described[up]:
                    _describe(sums[up], total, subtrees[up])
                    described[up] = True
                for column in range(8):
                    row[k + column] = subtrees[up, column]
                k += 8
                level += 1
            if twins[up] > group and elements[up, s.TAG_] != _P:
                group, group_level, group_at = twins[up], steps, up
            if elements[up, s.PARENT] < 0:
                break
            up = elements[up, s.PARENT]
            steps += 1
        while level < LEVELS:
            for column in range(8):
                row[k + column] = row[k + column - 8]
            k += 8
            level += 1
        row[k] = np.log1p(group)
        row[k + 1] = group_level
        if group_at >= 0:
            row[k + 2] = sums[group_at, TEXT] / s.WORD
            row[k + 3] = sums[group_at, LINKED] / max(sums[group_at, TEXT], 1)
            # The whole group, and how much prose stands before it: an article before its comments, nothing in a forum.
            holder = max(elements[group_at, s.PARENT], 0)
            group_first = first_block[holder]
            group_last = min(group_first + sums[holder, BLOCKS], m)
            row[k + 4] = sums[holder, TEXT] / total
            row[k + 5] = (long_before[group_last] - long_before[group_first]) / max(long_before[m], 1)
            row[k + 6] = np.log1p(long_before[group_first] / s.WORD)
        else:
            for column in range(2, 7):
                row[k + column] = -1
        k += 3
        inside_best = best_start <= elements[e, s.OPEN] < best_stop
        row[k + 4] = inside_best
        row[k + 5] = best_share
        # levels up to an element that also holds the best container
        up = e
        steps = 0
        while not (elements[up, s.OPEN] <= best_start and best_stop <= elements[up, s.END]) and steps < 60:
            if elements[up, s.PARENT] < 0:
                break
            up = elements[up, s.PARENT]
            steps += 1
        row[k + 6] = 0 if inside_best else steps
        row[k + 7] = in_stretch[b]
        k += 8
        # its neighbours
        for offset in (-2, -1, 1, 2):
            o = b + offset
            if 0 <= o < m:
                other = blocks[o]
                f = max(other[s.ELEMENT], 0)
                row[k] = other[s.WORDS] / s.WORD
                row[k + 1] = other[s.LINK_WORDS] / max(other[s.WORDS], 1)
                row[k + 2] = other[s.STOPS]
                row[k + 3] = elements[f, s.PARENT] == elements[e, s.PARENT] or f == e
                other_tag = elements[f, s.TAG_]
                row[k + 4] = HEADINGS[0] <= other_tag <= HEADINGS[1]
                row[k + 5] = other_tag == tag
            else:
                for column in range(6):
                    row[k + column] = -1
            k += 6
        near_before = near_after = near_links = near_words = 0
        for o in range(max(b - 5, 0), min(b + 6, m)):
            if o < b:
                near_before += blocks[o, s.WORDS]
            elif o > b:
                near_after += blocks[o, s.WORDS]
            near_words += blocks[o, s.WORDS]
            near_links += blocks[o, s.LINK_WORDS]
        row[k] = np.log1p(near_before / s.WORD)
        row[k + 1] = np.log1p(near_after / s.WORD)
        row[k + 2] = near_links / max(near_words, 1)
        row[k + 3] = min(b - last_long, 50) if last_long >= 0 else 60
        if next_long <= b:
            next_long = b + 1
            while next_long < m and not is_long(blocks[next_long]):
                next_long += 1
        row[k + 4] = min(next_long - b, 50) if next_long < m else 60
        row[k + 5] = min(b - last_heading, 50) if last_heading >= 0 else 60
        row[k + 6] = b / m
        row[k + 7] = seen_words / total
        long = is_long(block)
        row[k + 8] = np.log1p(long_seen)
        row[k + 9] = np.log1p(long_total - long_seen - long)
        k += 10
        for place in range(20):
            row[k + place] = numbers[place]
        seen_words += words
        if long:
            last_long = b
            long_seen += 1
        if row[21]:
            last_heading = b
