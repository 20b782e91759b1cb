"""What all blocks of a page share: sums over subtrees, the best container, repeated templates, the page's own numbers.

The ideas are the field's: paragraph scoring up the tree (Readability), text density of subtrees (Sun et al. 2011), the
stretch of the page with the most text a tag (Pasternack and Roth 2009), repeated templates (Bar-Yossef and Rajagopalan
2002). :mod:`parsers.classifier.block_features` says what each block gets from them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from parsers.classifier import feature_table as f
from parsers.jit.hash_table import occurrences
from parsers.markup.names import BIT, BLOCK, CONTEXT, TAG, behaviour
from parsers.scanner import page as s
from parsers.scanner.page import Page
from text.hashing import GOLDEN
from text.jit.options import inner, kernel

HEADINGS = (TAG["h1"], TAG["h6"])
# Columns of the sums over subtrees: words and words in links (tenths), blocks, ends of sentences, elements, block-level
# children.
SUM_WORDS, SUM_LINK_WORDS, SUM_BLOCKS, SUM_STOPS, SUM_TAGS, SUM_CHILDREN = range(6)
SUMS = 6

# A block of this many words outside links is a paragraph of prose (Kohlschütter et al. call 15 to 20 words "long").
_LONG = 20 * s.WORD
BLOCK_TAGS = behaviour() & BLOCK
_ARTICLE, _FORM, _IMG, _LI, _TD, _TH, _BODY, _DIV, _P, _A = (
    TAG[name] for name in ("article", "form", "img", "li", "td", "th", "body", "div", "p", "a")
)
_COMMENT, _PRODUCT, _POST, _DOCS = (
    np.uint64(1) << np.uint64(CONTEXT.index(name)) for name in ("comment", "product", "post", "docs")
)
_FIGURE_TAG, _FIGURE = TAG["figure"], BIT["figure"]
_UNIT = np.uint64(1)
_NUMBERS = len(f.PAGE)


class PageStatistics(NamedTuple):
    """Of n elements and m blocks:

    ``inherited``  ``uint64[n]``: context bits of an element and all that it stands in. A figure around a heading or
    another figure is one that nobody closed: that it is a figure says nothing of what is in it.
    ``sums``  ``int64[n, 6]``: over an element's subtree, columns :data:`SUM_WORDS` to :data:`SUM_CHILDREN`.
    ``twins``  ``int32[n]``: how many siblings have the same tag and class (digits left out), itself among them; 0 for
    inline elements other than links.
    ``best``  the container with the highest score by Readability's arithmetic; ``best_share`` its share of the words.
    Each block with at least five words outside links gives points: 1, 1 for each comma, and 1 for each 20 words outside
    links but three at most; these times its share of words outside links. All of them go to its container (its element
    if that is a div, td or body, else that element's parent), half of them to the container's parent, and to each of two
    more ancestors 0.66 of what the one below got. An element's score is its points times the share of its subtree's words
    outside links; of equal ones the first is best, and the root where no element has points.
    ``in_stretch``  ``uint8[m]``: whether the block lies in the stretch with the most text a tag: the neighbouring blocks
    with the largest sum of words outside links, less 3 a block, 1 a tag and 1.5 a word in links.
    ``numbers``  ``float32[len(PAGE)]``: the page's own numbers, :data:`parsers.classifier.feature_table.PAGE`.
    ``repeated``  ``int32[m]``: how many blocks have the same text.
    ``first_block``  ``int32[n]``: the first block inside of an element (m: none).
    ``long_before``  ``int64[m + 1]``: words of long blocks before each block, and in all.
    """

    inherited: np.ndarray
    sums: np.ndarray
    twins: np.ndarray
    best: int
    best_share: float
    in_stretch: np.ndarray
    numbers: np.ndarray
    repeated: np.ndarray
    first_block: np.ndarray
    long_before: np.ndarray


def compute_page_statistics(page: Page) -> PageStatistics:
    """One pass over elements and blocks; linear in both."""
    return PageStatistics(*gathered(page.elements, page.context, page.signature, page.blocks, page.hashes, BLOCK_TAGS))


@inner
def is_long(block):
    """Whether a row of ``page.blocks`` is a paragraph of prose."""
    return block[s.WORDS] - block[s.LINK_WORDS] >= _LONG


@kernel
def gathered(elements, context, signature, blocks, hashes, block_tags):
    """The fields of :class:`PageStatistics`, where ``block_tags`` are :data:`BLOCK_TAGS`."""
    n, m = len(elements), len(blocks)
    inherited = np.zeros(n, np.uint64)
    sums = np.zeros((n, SUMS), np.int64)
    score = np.zeros(n, np.float64)
    numbers = np.zeros(_NUMBERS, np.float32)
    # A figure that holds a heading or a figure is one that nobody closed: it says nothing of what is in it.
    open_figures = np.zeros(n, np.bool_)
    for e in range(n - 1, 0, -1):
        parent, tag = elements[e, s.PARENT], elements[e, s.TAG_]
        if parent >= 0 and (open_figures[e] or tag == _FIGURE_TAG or HEADINGS[0] <= tag <= HEADINGS[1]):
            open_figures[parent] = True
    for e in range(n):
        parent = elements[e, s.PARENT]
        own = context[e] & ~_FIGURE if open_figures[e] and elements[e, s.TAG_] == _FIGURE_TAG else context[e]
        inherited[e] = own | (inherited[parent] if parent >= 0 else np.uint64(0))
        if parent >= 0 and block_tags[elements[e, s.TAG_]]:
            sums[parent, SUM_CHILDREN] += 1
    total = total_links = 0
    for b in range(m):
        e = blocks[b, s.ELEMENT]
        words, links = blocks[b, s.WORDS], blocks[b, s.LINK_WORDS]
        total += words
        total_links += links
        if e < 0:
            continue
        sums[e, SUM_WORDS] += words
        sums[e, SUM_LINK_WORDS] += links
        sums[e, SUM_BLOCKS] += 1
        sums[e, SUM_STOPS] += blocks[b, s.STOPS]
        free = words - links
        if free >= 5 * s.WORD:
            # Readability's arithmetic: a point, one a comma, up to three for length; half of it to the grandparent.
            points = (1.0 + blocks[b, s.COMMAS] + min(free / 200.0, 3.0)) * free / max(words, 1)
            tag = elements[e, s.TAG_]
            holder = e
            if not (tag == _DIV or tag == _BODY or tag == _TD):
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
        sums[e, SUM_TAGS] += 1
        if parent >= 0:
            for column in range(SUM_CHILDREN):
                sums[parent, column] += sums[e, column]
    # The best container.
    best, best_score = 0, 0.0
    for e in range(n):
        if score[e] > 0:
            value = score[e] * (1.0 - sums[e, SUM_LINK_WORDS] / max(sums[e, SUM_WORDS], 1))
            if value > best_score:
                best, best_score = e, value
    best_share = sums[best, SUM_WORDS] / max(total, 1)
    # How many siblings came from the same template.
    templates = np.zeros(n, np.uint64)
    for e in range(n):
        if block_tags[elements[e, s.TAG_]] or elements[e, s.TAG_] == _A:
            parent = np.uint64(elements[e, s.PARENT] + 2)
            template = (signature[e] | _UNIT) * GOLDEN
            templates[e] = template ^ (parent * np.uint64(0xC2B2AE3D27D4EB4F))
    twins = occurrences(templates)
    most = 0
    for e in range(n):
        if twins[e] > most and elements[e, s.TAG_] != _P:
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
    repeated = occurrences(hashes)  # text that occurs again
    # The first block inside of each element, and the words of long blocks before each block.
    first_block = np.full(n, m, np.int32)
    for b in range(m - 1, -1, -1):
        first_block[max(blocks[b, s.ELEMENT], 0)] = b
    for e in range(n - 1, 0, -1):
        parent = elements[e, s.PARENT]
        if parent >= 0:
            first_block[parent] = min(first_block[parent], first_block[e])
    long_before = np.zeros(m + 1, np.int64)
    long_blocks = 0
    for b in range(m):
        long = is_long(blocks[b])
        long_blocks += long
        long_before[b + 1] = long_before[b] + (blocks[b, s.WORDS] if long else 0)
    # The page.
    articles = forms = images = headings = items = cells = comments = products = posts = docs = 0
    for e in range(n):
        tag = elements[e, s.TAG_]
        articles += tag == _ARTICLE
        forms += tag == _FORM
        images += tag == _IMG
        headings += HEADINGS[0] <= tag <= HEADINGS[1]
        items += tag == _LI
        cells += tag == _TD or tag == _TH
        bits = context[e]
        comments += (bits & _COMMENT) != 0
        products += (bits & _PRODUCT) != 0
        posts += (bits & _POST) != 0
        docs += (bits & _DOCS) != 0
    numbers[f.PAGE_WORDS] = np.log1p(total / s.WORD)
    numbers[f.PAGE_BLOCKS] = np.log1p(m)
    numbers[f.PAGE_LINK_SHARE] = total_links / max(total, 1)
    numbers[f.PAGE_LONG_BLOCKS] = np.log1p(long_blocks)
    numbers[f.PAGE_LONG_SHARE] = long_before[m] / max(total, 1)
    numbers[f.PAGE_TAGS] = np.log1p(n)
    numbers[f.PAGE_ARTICLES] = np.log1p(articles)
    numbers[f.PAGE_FORMS] = np.log1p(forms)
    numbers[f.PAGE_IMAGES] = np.log1p(images)
    numbers[f.PAGE_HEADINGS] = np.log1p(headings)
    numbers[f.PAGE_ITEMS] = np.log1p(items)
    numbers[f.PAGE_CELLS] = np.log1p(cells)
    numbers[f.PAGE_BEST_SHARE] = best_share
    numbers[f.PAGE_TWINS] = np.log1p(most)
    numbers[f.PAGE_COMMENTS] = np.log1p(comments)
    numbers[f.PAGE_PRODUCTS] = np.log1p(products)
    numbers[f.PAGE_POSTS] = np.log1p(posts)
    numbers[f.PAGE_DOCS] = np.log1p(docs)
    numbers[f.PAGE_MEDIAN_WORDS] = np.median(blocks[:, s.WORDS]) / s.WORD if m else 0.0
    numbers[f.PAGE_STRETCH_SHARE] = stretch_words / max(total, 1)
    return inherited, sums, twins, best, best_share, in_stretch, numbers, repeated, first_block, long_before
