"""What the block classifier sees of a block: itself, where it stands, its neighbours, its page.

Every number comes from the scanner's counts by arithmetic alone: no word of any language is looked at, only the words
that authors of markup use for class names. Lengths are in words as :mod:`parsers.scan` counts them (a Chinese
character is 0.6 of a word), so that one threshold serves all scripts.

The ideas are the field's: shallow text features and their neighbours (Kohlschütter et al. 2010), link density,
paragraph scoring up the tree (Readability), text density of subtrees (Sun et al. 2011), the stretch of the page with
the most text a tag (Pasternack and Roth 2009), repeated templates (Bar-Yossef and Rajagopalan 2002).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from parsers import scan as s
from parsers.scan import Page
from parsers.vocabulary import BLOCK, CONTEXT, TAG, behaviour

OWN = (
    "words", "link_share", "bold_share", "code_share", "word_length", "digit_share", "upper_share", "capital_share",
    "stops", "commas", "symbols", "links", "images", "formulas", "tags", "controls", "breaks", "first_character",
    "last_character", "is_code", "tag", "level", "depth", "density", "repeated_text",
)  # fmt: skip
PLACE = tuple(f"in_{name}" for name in CONTEXT) + tuple(f"near_{name}" for name in CONTEXT[21:])
LEVELS = 4
SUBTREE = ("words", "link_share", "blocks", "page_share", "children", "words_a_block", "words_a_tag", "stops_a_word")
TREE = tuple(f"{name}_{level}" for level in range(1, LEVELS + 1) for name in SUBTREE) + (
    "twins", "twins_level", "twins_words", "twins_link_share", "in_best", "best_share", "best_distance", "in_stretch",
)  # fmt: skip
_SEEN = ("words", "link_share", "stops", "same_parent", "is_heading", "list")
NEIGHBOURS = tuple(f"{name}_{offset:+d}" for offset in (-2, -1, 1, 2) for name in _SEEN) + (
    "words_before_5", "words_after_5", "link_share_5", "to_long_before", "to_long_after", "after_heading", "position",
    "text_before", "long_before", "long_after",
)  # fmt: skip
PAGE = (
    "page_words", "page_blocks", "page_link_share", "page_long_blocks", "page_long_share", "page_tags",
    "page_articles", "page_forms", "page_images", "page_headings", "page_items", "page_cells", "page_best_share",
    "page_twins", "page_comments", "page_products", "page_posts", "page_docs", "page_median_words", "page_stretch_share",
)  # fmt: skip
NAMES = OWN + PLACE + TREE + NEIGHBOURS + PAGE

# A block of this many words is a paragraph of prose (Kohlschütter et al. call 15 to 20 words "long").
_LONG = 20 * s.WORD
_BLOCK_TAGS = behaviour() & BLOCK
_HEADINGS = (TAG["h1"], TAG["h6"])
_ARTICLE, _FORM, _IMG, _LI, _TD, _TH, _BODY = (TAG[t] for t in ("article", "form", "img", "li", "td", "th", "body"))
_PLACES = len(CONTEXT)
_FAMILIES = 21  # the first bit of CONTEXT that is a family of words
_COMMENT, _PRODUCT, _POST, _DOCS = (
    np.uint64(1) << np.uint64(CONTEXT.index(name)) for name in ("comment", "product", "post", "docs")
)
_UNIT = np.uint64(1)


class Tree:
    """Sums over subtrees, the best container and the stretch with the most text: what all blocks of a page share."""

    def __init__(self, page: Page):
        self.page = page
        (self.inherited, self.sums, self.twins, self.best, self.best_share, self.in_stretch, self.numbers,
         self.repeated) = _survey(page.elements, page.context, page.signature, page.blocks, page.hashes, _BLOCK_TAGS)  # fmt: skip

    def features(self, start: int, stop: int) -> np.ndarray:
        """``float32[stop - start, len(NAMES)]`` for these rows of ``page.blocks``."""
        page = self.page
        return _features(start, stop, page.elements, page.context, page.blocks, self.inherited, self.sums, self.twins,
                         self.best, self.best_share, self.in_stretch, self.numbers, self.repeated, len(NAMES))  # fmt: skip


# Columns of the sums over subtrees.
_W, _L, _B, _STOPS, _T, _CHILDREN = range(6)


@njit(cache=True, nogil=True)
def _count(keys, counts, key):
    """Adds one under ``key`` in an open-addressing table; the place."""
    mask = np.uint64(len(keys) - 1)
    if key == 0:
        key = _UNIT
    place = key & mask
    while keys[place] != 0 and keys[place] != key:
        place = (place + _UNIT) & mask
    keys[place] = key
    counts[place] += 1
    return place


@njit(cache=True, nogil=True)
def _survey(elements, context, signature, blocks, hashes, block_tags):
    n, m = len(elements), len(blocks)
    inherited = np.zeros(n, np.uint64)
    sums = np.zeros((n, 6), np.int64)
    score = np.zeros(n, np.float64)
    numbers = np.zeros(20, np.float32)
    for e in range(n):
        parent = elements[e, s.PARENT]
        inherited[e] = context[e] | (inherited[parent] if parent >= 0 else np.uint64(0))
        if parent >= 0 and block_tags[elements[e, s.TAG_]]:
            sums[parent, _CHILDREN] += 1
    total = total_links = 0
    for b in range(m):
        e = blocks[b, s.ELEMENT]
        words, links = blocks[b, s.WORDS], blocks[b, s.LINK_WORDS]
        total += words
        total_links += links
        if e < 0:
            continue
        sums[e, _W] += words
        sums[e, _L] += links
        sums[e, _B] += 1
        sums[e, _STOPS] += blocks[b, s.STOPS]
        free = words - links
        if free >= 5 * s.WORD:
            # Readability's arithmetic: a point, one a comma, up to three for length; half of it to the grandparent.
            points = (1.0 + blocks[b, s.COMMAS] + min(free / 200.0, 3.0)) * free / max(words, 1)
            tag = elements[e, s.TAG_]
            holder = e
            if not (tag == TAG_DIV or tag == TAG_BODY or tag == TAG_TD):
                holder = max(elements[e, s.PARENT], 0)
            share = 1.0
            for _ in range(4):
                score[holder] += points * share
                if elements[holder, s.PARENT] < 0:
                    break
                holder = elements[holder, s.PARENT]
                share = share * 0.5 if share == 1.0 else share * 0.66
    for e in range(n - 1, 0, -1):
        parent = elements[e, s.PARENT]
        sums[e, _T] += 1
        if parent >= 0:
            for column in range(5):
                sums[parent, column] += sums[e, column]
    # The best container.
    best, best_score, score_sum = 0, 0.0, 0.0
    for e in range(n):
        if score[e] > 0:
            value = score[e] * (1.0 - sums[e, _L] / max(sums[e, _W], 1))
            score_sum += value
            if value > best_score:
                best, best_score = e, value
    best_share = sums[best, _W] / max(total, 1)
    # How many siblings came from the same template.
    size = 16
    while size < 2 * n:
        size *= 2
    keys, counts = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    places = np.zeros(n, np.uint64)
    for e in range(n):
        if block_tags[elements[e, s.TAG_]] or elements[e, s.TAG_] == TAG_A:
            parent = np.uint64(elements[e, s.PARENT] + 2)
            template = (signature[e] | _UNIT) * np.uint64(0x9E3779B97F4A7C15)
            places[e] = _count(keys, counts, template ^ (parent * np.uint64(0xC2B2AE3D27D4EB4F)))
    twins = np.zeros(n, np.int32)
    most = 0
    for e in range(n):
        if block_tags[elements[e, s.TAG_]] or elements[e, s.TAG_] == TAG_A:
            twins[e] = counts[places[e]]
            if twins[e] > most and elements[e, s.TAG_] != TAG_P:
                most = twins[e]
    # The stretch of blocks with the most text: every word outside links counts, every tag costs 3 words.
    running, start, top, top_start, top_stop = 0.0, 0, 0.0, 0, 0
    for b in range(m):
        cost = 3.0 + blocks[b, s.TAGS] + 1.5 * blocks[b, s.LINK_WORDS] / s.WORD
        running += (blocks[b, s.WORDS] - blocks[b, s.LINK_WORDS]) / s.WORD - cost
        if running < 0.0:
            running, start = 0.0, b + 1
        if running > top:
            top, top_start, top_stop = running, start, b + 1
    in_stretch = np.zeros(m, np.uint8)
    in_stretch[top_start:top_stop] = 1
    stretch_words = 0
    for b in range(top_start, top_stop):
        stretch_words += blocks[b, s.WORDS]
    # Text that occurs again.
    size = 16
    while size < 2 * m:
        size *= 2
    keys, counts = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    where = np.zeros(m, np.uint64)
    for b in range(m):
        where[b] = _count(keys, counts, hashes[b])
    repeated = np.zeros(m, np.int32)
    for b in range(m):
        repeated[b] = counts[where[b]]
    # The page.
    long_blocks = long_words = 0
    lengths = np.zeros(m, np.int32)
    for b in range(m):
        lengths[b] = blocks[b, s.WORDS]
        if blocks[b, s.WORDS] - blocks[b, s.LINK_WORDS] >= _LONG:
            long_blocks += 1
            long_words += blocks[b, s.WORDS]
    articles = forms = images = headings = items = cells = comments = products = posts = docs = 0
    for e in range(n):
        tag = elements[e, s.TAG_]
        articles += tag == _ARTICLE
        forms += tag == _FORM
        images += tag == _IMG
        headings += _HEADINGS[0] <= tag <= _HEADINGS[1]
        items += tag == _LI
        cells += tag == _TD or tag == _TH
        bits = context[e]
        comments += (bits & _COMMENT) != 0
        products += (bits & _PRODUCT) != 0
        posts += (bits & _POST) != 0
        docs += (bits & _DOCS) != 0
    page = (
        np.log1p(total / s.WORD), np.log1p(m), total_links / max(total, 1), np.log1p(long_blocks),
        long_words / max(total, 1), np.log1p(n), np.log1p(articles), np.log1p(forms), np.log1p(images),
        np.log1p(headings), np.log1p(items), np.log1p(cells), best_share, np.log1p(most), np.log1p(comments),
        np.log1p(products), np.log1p(posts), np.log1p(docs), np.median(lengths) / s.WORD if m else 0.0,
        stretch_words / max(total, 1),
    )
    for place in range(20):
        numbers[place] = page[place]
    return inherited, sums, twins, best, best_share, in_stretch, numbers, repeated


TAG_DIV, TAG_BODY, TAG_TD, TAG_A, TAG_P = (TAG[t] for t in ("div", "body", "td", "a", "p"))


@njit(cache=True, nogil=True)
def _features(start, stop, elements, context, blocks, inherited, sums, twins, best, best_share, in_stretch, numbers,
              repeated, width):  # fmt: skip
    m = len(blocks)
    out = np.zeros((stop - start, width), np.float32)
    total = max(sums[0, _W], 1)
    seen_words = 0
    long_seen = 0
    last_heading = -1
    last_long = -1
    long_total = 0
    for b in range(m):
        if blocks[b, s.WORDS] - blocks[b, s.LINK_WORDS] >= _LONG:
            long_total += 1
    for b in range(start):
        seen_words += blocks[b, s.WORDS]
        if blocks[b, s.WORDS] - blocks[b, s.LINK_WORDS] >= _LONG:
            last_long = b
            long_seen += 1
        tag = elements[blocks[b, s.ELEMENT], s.TAG_]
        if _HEADINGS[0] <= tag <= _HEADINGS[1]:
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
        row[21] = tag - _HEADINGS[0] + 1 if _HEADINGS[0] <= tag <= _HEADINGS[1] else 0
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
        for place in range(_FAMILIES, _PLACES):
            row[k] = (near >> np.uint64(place)) & _UNIT
            k += 1
        # its subtrees: ancestors that hold more than the level below did
        up = e
        before = -1
        group, group_level, group_at = 1, 0, -1
        level = 0
        steps = 0
        inside_best = False
        while level < LEVELS and steps < 60:
            if sums[up, _B] > before:
                before = sums[up, _B]
                sw = max(sums[up, _W], 1)
                row[k] = np.log1p(sums[up, _W] / s.WORD)
                row[k + 1] = sums[up, _L] / sw
                row[k + 2] = np.log1p(sums[up, _B])
                row[k + 3] = sums[up, _W] / total
                row[k + 4] = np.log1p(sums[up, _CHILDREN])
                row[k + 5] = sums[up, _W] / s.WORD / max(sums[up, _B], 1)
                row[k + 6] = sums[up, _W] / s.WORD / max(sums[up, _T], 1)
                row[k + 7] = sums[up, _STOPS] * s.WORD / sw
                k += 8
                level += 1
            if twins[up] > group and elements[up, s.TAG_] != TAG_P:
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
            row[k + 2] = sums[group_at, _W] / s.WORD
            row[k + 3] = sums[group_at, _L] / max(sums[group_at, _W], 1)
        else:
            row[k + 2] = -1
            row[k + 3] = -1
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
                row[k + 4] = _HEADINGS[0] <= other_tag <= _HEADINGS[1]
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
            while next_long < m and blocks[next_long, s.WORDS] - blocks[next_long, s.LINK_WORDS] < _LONG:
                next_long += 1
        row[k + 4] = min(next_long - b, 50) if next_long < m else 60
        row[k + 5] = min(b - last_heading, 50) if last_heading >= 0 else 60
        row[k + 6] = b / m
        row[k + 7] = seen_words / total
        is_long = words - block[s.LINK_WORDS] >= _LONG
        row[k + 8] = np.log1p(long_seen)
        row[k + 9] = np.log1p(long_total - long_seen - is_long)
        k += 10
        for place in range(20):
            row[k + place] = numbers[place]
        seen_words += words
        if is_long:
            last_long = b
            long_seen += 1
        if row[21]:
            last_heading = b
    return out

