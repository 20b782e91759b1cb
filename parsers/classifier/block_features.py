"""What the block classifier sees of a block: itself, where it stands, its neighbours, its page.

Every number comes from the scanner's counts by arithmetic alone: no word of any language is looked at, only the words
that authors of markup use for class names. Lengths are in words as :mod:`parsers.scanner.scan` counts them (a Chinese
character is 0.6 of a word), so that one threshold serves all scripts.

The ideas are the field's: shallow text features and their neighbours (Kohlschütter et al. 2010), link density, and
those of :mod:`parsers.classifier.page_statistics`.
"""

from __future__ import annotations

import numpy as np

from parsers.classifier import feature_table as f
from parsers.classifier.page_statistics import (
    HEADINGS,
    SUM_BLOCKS,
    SUM_CHILDREN,
    SUM_LINK_WORDS,
    SUM_STOPS,
    SUM_TAGS,
    SUM_WORDS,
    PageStatistics,
    is_long,
)  # fmt: skip
from parsers.markup.names import CONTEXT, FIRST_FAMILY, TAG
from parsers.scanner import page as s
from parsers.scanner.page import Page
from text.jit.options import inner

_P = TAG["p"]
_PLACES, _OFFSETS, _NUMBERS = len(CONTEXT), f.OFFSETS, len(f.PAGE)
_SUBTREE, _NEIGHBOUR = len(f.SUBTREE), len(f.NEIGHBOUR)
_UNIT = np.uint64(1)


def write_block_features(page: Page, statistics: PageStatistics, start: int, out: np.ndarray) -> None:
    """Writes the features of ``len(out)`` rows of ``page.blocks`` from ``start`` on into the first ``len(BLOCK_NAMES)``
    columns of ``out`` (``float32``)."""
    count = len(page.elements)
    # What is said of each element, and of which it has been: most blocks share their ancestors with others.
    subtrees, described = np.empty((count, _SUBTREE), np.float32), np.zeros(count, np.bool_)
    write_rows(start, page.elements, page.context, page.blocks, *statistics, subtrees, described, out)


@inner
def _describe(sums, total, row):
    """What :data:`parsers.classifier.feature_table.SUBTREE` says of an element, from the sums over its subtree."""
    words = max(sums[SUM_WORDS], 1)
    row[f.SUBTREE_WORDS] = np.log1p(sums[SUM_WORDS] / s.WORD)
    row[f.SUBTREE_LINK_SHARE] = sums[SUM_LINK_WORDS] / words
    row[f.SUBTREE_BLOCKS] = np.log1p(sums[SUM_BLOCKS])
    row[f.SUBTREE_PAGE_SHARE] = sums[SUM_WORDS] / total
    row[f.SUBTREE_CHILDREN] = np.log1p(sums[SUM_CHILDREN])
    row[f.SUBTREE_WORDS_A_BLOCK] = sums[SUM_WORDS] / s.WORD / max(sums[SUM_BLOCKS], 1)
    row[f.SUBTREE_WORDS_A_TAG] = sums[SUM_WORDS] / s.WORD / max(sums[SUM_TAGS], 1)
    row[f.SUBTREE_STOPS_A_WORD] = sums[SUM_STOPS] * s.WORD / words


@inner
def write_rows(start, elements, context, blocks, inherited, sums, twins, best, best_share, in_stretch, numbers,
               repeated, first_block, long_before, subtrees, described, out):  # fmt: skip
    """:func:`write_block_features`, with room for what is said of each element and whether it has been."""
    m, stop = len(blocks), start + len(out)
    total = max(sums[0, SUM_WORDS], 1)
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
        row[f.OWN_WORDS] = words / s.WORD
        row[f.OWN_LINK_SHARE] = block[s.LINK_WORDS] / w
        row[f.OWN_BOLD_SHARE] = block[s.BOLD_WORDS] / w
        row[f.OWN_CODE_SHARE] = block[s.CODE_WORDS] / w
        row[f.OWN_WORD_LENGTH] = block[s.LETTERS] * s.WORD / w
        row[f.OWN_DIGIT_SHARE] = block[s.DIGITS] / letters
        row[f.OWN_UPPER_SHARE] = block[s.UPPER] / letters
        row[f.OWN_CAPITAL_SHARE] = block[s.CAPITALS] * s.WORD / w
        row[f.OWN_STOPS] = block[s.STOPS]
        row[f.OWN_COMMAS] = block[s.COMMAS]
        row[f.OWN_SYMBOLS] = block[s.SYMBOLS]
        row[f.OWN_LINKS] = block[s.LINKS]
        row[f.OWN_IMAGES] = block[s.IMAGES]
        row[f.OWN_FORMULAS] = block[s.FORMULAS]
        row[f.OWN_TAGS] = block[s.TAGS]
        row[f.OWN_CONTROLS] = block[s.CONTROLS]
        row[f.OWN_BREAKS] = block[s.BREAKS]
        row[f.OWN_FIRST_CHARACTER] = block[s.FIRST]
        row[f.OWN_LAST_CHARACTER] = block[s.LAST_CHARACTER]
        row[f.OWN_IS_CODE] = block[s.KIND]
        row[f.OWN_TAG] = tag
        row[f.OWN_LEVEL] = tag - HEADINGS[0] + 1 if HEADINGS[0] <= tag <= HEADINGS[1] else 0
        depth = 0
        up = e
        while elements[up, s.PARENT] >= 0 and depth < 60:
            up = elements[up, s.PARENT]
            depth += 1
        row[f.OWN_DEPTH] = depth
        row[f.OWN_DENSITY] = words / s.WORD / (block[s.TAGS] + 1)
        row[f.OWN_REPEATED_TEXT] = repeated[b]
        # where it stands: inside of, and within three levels
        near = context[e]
        up = e
        for _ in range(2):
            if elements[up, s.PARENT] >= 0:
                up = elements[up, s.PARENT]
                near |= context[up]
        for place in range(_PLACES):
            row[f.IN_CONTEXT + place] = (inherited[e] >> np.uint64(place)) & _UNIT
        for place in range(FIRST_FAMILY, _PLACES):
            row[f.NEAR_CONTEXT + place - FIRST_FAMILY] = (near >> np.uint64(place)) & _UNIT
        # its subtrees: ancestors that hold more than the level below did
        up = e
        before = -1
        k = f.SUBTREES
        group, group_level, group_at = 1, 0, -1
        level = 0
        steps = 0
        while level < f.LEVELS and steps < 60:
            if sums[up, SUM_BLOCKS] > before:
                before = sums[up, SUM_BLOCKS]
                if not described[up]:
                    _describe(sums[up], total, subtrees[up])
                    described[up] = True
                for column in range(_SUBTREE):
                    row[k + column] = subtrees[up, column]
                k += _SUBTREE
                level += 1
            if twins[up] > group and elements[up, s.TAG_] != _P:
                group, group_level, group_at = twins[up], steps, up
            if elements[up, s.PARENT] < 0:
                break
            up = elements[up, s.PARENT]
            steps += 1
        while level < f.LEVELS:
            for column in range(_SUBTREE):
                row[k + column] = row[k + column - _SUBTREE]
            k += _SUBTREE
            level += 1
        row[f.TWINS] = np.log1p(group)
        row[f.TWINS_LEVEL] = group_level
        if group_at >= 0:
            row[f.TWINS_WORDS] = sums[group_at, SUM_WORDS] / s.WORD
            row[f.TWINS_LINK_SHARE] = sums[group_at, SUM_LINK_WORDS] / max(sums[group_at, SUM_WORDS], 1)
            # The whole group, and how much prose stands before it: an article before its comments, nothing in a forum.
            holder = max(elements[group_at, s.PARENT], 0)
            group_first = first_block[holder]
            group_last = min(group_first + sums[holder, SUM_BLOCKS], m)
            row[f.GROUP_SHARE] = sums[holder, SUM_WORDS] / total
            row[f.GROUP_LONG_SHARE] = (long_before[group_last] - long_before[group_first]) / max(long_before[m], 1)
            row[f.LONG_BEFORE_GROUP] = np.log1p(long_before[group_first] / s.WORD)
        else:
            for column in range(f.TWINS_WORDS, f.LONG_BEFORE_GROUP + 1):
                row[column] = -1
        inside_best = best_start <= elements[e, s.OPEN] < best_stop
        row[f.IN_BEST] = inside_best
        row[f.BEST_SHARE] = best_share
        # levels up to an element that also holds the best container
        up = e
        steps = 0
        while not (elements[up, s.OPEN] <= best_start and best_stop <= elements[up, s.END]) and steps < 60:
            if elements[up, s.PARENT] < 0:
                break
            up = elements[up, s.PARENT]
            steps += 1
        row[f.BEST_DISTANCE] = 0 if inside_best else steps
        row[f.IN_STRETCH] = in_stretch[b]
        # its neighbours
        k = f.NEIGHBOURHOOD
        for offset in _OFFSETS:
            o = b + offset
            if 0 <= o < m:
                other = blocks[o]
                holder = max(other[s.ELEMENT], 0)
                row[k + f.NEIGHBOUR_WORDS] = other[s.WORDS] / s.WORD
                row[k + f.NEIGHBOUR_LINK_SHARE] = other[s.LINK_WORDS] / max(other[s.WORDS], 1)
                row[k + f.NEIGHBOUR_STOPS] = other[s.STOPS]
                row[k + f.NEIGHBOUR_SAME_PARENT] = elements[holder, s.PARENT] == elements[e, s.PARENT] or holder == e
                other_tag = elements[holder, s.TAG_]
                row[k + f.NEIGHBOUR_IS_HEADING] = HEADINGS[0] <= other_tag <= HEADINGS[1]
                row[k + f.NEIGHBOUR_SAME_TAG] = other_tag == tag
            else:
                for column in range(_NEIGHBOUR):
                    row[k + column] = -1
            k += _NEIGHBOUR
        near_before = near_after = near_links = near_words = 0
        for o in range(max(b - 5, 0), min(b + 6, m)):
            if o < b:
                near_before += blocks[o, s.WORDS]
            elif o > b:
                near_after += blocks[o, s.WORDS]
            near_words += blocks[o, s.WORDS]
            near_links += blocks[o, s.LINK_WORDS]
        row[f.WORDS_BEFORE_5] = np.log1p(near_before / s.WORD)
        row[f.WORDS_AFTER_5] = np.log1p(near_after / s.WORD)
        row[f.LINK_SHARE_5] = near_links / max(near_words, 1)
        row[f.TO_LONG_BEFORE] = min(b - last_long, 50) if last_long >= 0 else 60
        if next_long <= b:
            next_long = b + 1
            while next_long < m and not is_long(blocks[next_long]):
                next_long += 1
        row[f.TO_LONG_AFTER] = min(next_long - b, 50) if next_long < m else 60
        row[f.AFTER_HEADING] = min(b - last_heading, 50) if last_heading >= 0 else 60
        row[f.POSITION] = b / m
        row[f.TEXT_BEFORE] = seen_words / total
        long = is_long(block)
        row[f.LONG_BEFORE] = np.log1p(long_seen)
        row[f.LONG_AFTER] = np.log1p(long_total - long_seen - long)
        for place in range(_NUMBERS):
            row[f.PAGE_NUMBERS + place] = numbers[place]
        seen_words += words
        if long:
            last_long = b
            long_seen += 1
        if row[f.OWN_LEVEL]:
            last_heading = b
