"""The same page in other clothes: views of a labelled page that the block classifier is fitted to.

A benchmark of today's well-marked pages teaches a classifier habits that fail elsewhere: trust in class names and in
semantic elements, and in articles that are long beside their menus. Each view takes one of these away, labels going
with the blocks: names and semantics lost (:func:`disguised`), the text cut to its first words (:func:`shortened`),
another page's menus, teasers and footers set around it (:func:`crowded`), a forum's posts below it as comments
(:func:`discussed`), paragraphs that are only line breaks (:func:`unstructured`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from parsers.markup.names import BIT, BLOCK, CONTEXT, FAMILIES, HIDDEN, TAG, behaviour
from parsers.metadata.metadata import Metadata
from parsers.scanner import page as s
from parsers.scanner.page import Page
from parsers.scanner.scan import scan_page

_SEMANTIC = ("nav", "header", "footer", "aside", "article", "main", "section", "figure", "address", "dialog")
_SEMANTIC_TAGS = [TAG[name] for name in (*_SEMANTIC, "figcaption", "hgroup", "search")]
_BLOCK_TAGS = (behaviour() & BLOCK) > 0
_BODY = TAG["body"]
_PARAGRAPH_START, _PARAGRAPH_END = re.compile(rb"<p(?: [^>]*)?>"), re.compile(rb"</p>")
_NAMES = re.compile(rb' (?:class|id|role|itemprop)="[^"]*"')
_RENAMED = re.compile(rb"(</?)(?:%s)(?=[ >])" % "|".join(_SEMANTIC).encode())


class Sample(NamedTuple):
    """A page, what it states, and for each block its share of gold words, its words, and whether it is fitted to (its
    label is none where that would be guessed); and the view's weight."""

    markup: bytes
    page: Page
    about: Metadata
    share: np.ndarray
    lengths: np.ndarray
    fitted: np.ndarray
    importance: float = 1.0


def views(sample: Sample, other: Sample, forum: Sample | None, random: np.random.Generator) -> list[Sample]:
    """``sample`` itself and its views. ``other`` is the page that crowds it, ``forum`` one whose posts become comments
    (``None`` where the page is a forum itself)."""
    crowd, talk, plain = (
        crowded(sample, other, random),
        forum and discussed(sample, forum, random),
        unstructured(sample),
    )
    candidates = [
        sample,
        disguised(sample, random, completely=True)._replace(importance=0.4),
        disguised(sample, random)._replace(importance=0.4),
        _maybe(shortened(sample, random), random, 0.5),
        _maybe(shortened(sample, random), random, 0.5),
        _maybe(crowd, random, 0.4),
        _maybe(crowd and shortened(crowd, random), random, 0.4),
        _maybe(talk, random, 0.4),
        _maybe(talk and shortened(talk, random), random, 0.4),
        plain and plain._replace(importance=0.3),
        plain and _maybe(shortened(plain, random), random, 0.3, disguise=0.0),
    ]
    return [candidate for candidate in candidates if candidate is not None]


def _maybe(sample: Sample | None, random: np.random.Generator, importance: float, disguise: float = 0.5):
    if sample is None:
        return None
    if random.random() < disguise:
        sample = disguised(sample, random)
    return sample._replace(importance=importance)


def disguised(sample: Sample, random: np.random.Generator, completely: bool = False) -> Sample:
    """As if the author had named and marked up less: all of it, or each of three kinds of help by chance."""
    page, about = sample.page, sample.about
    context, elements = page.context.copy(), page.elements.copy()
    if completely or random.random() < 0.6:
        for name in (*(name for name, _ in FAMILIES), HIDDEN):
            context &= ~BIT[name]
    if completely or random.random() < 0.6:
        for name in _SEMANTIC:
            if name in CONTEXT:
                context &= ~BIT[name]
        elements[np.isin(elements[:, s.TAG_], _SEMANTIC_TAGS), s.TAG_] = TAG["div"]
    if random.random() < 0.6:
        about = replace(about, types=frozenset(), description="")
    if random.random() < 0.3:
        about = replace(about, title="")
    return sample._replace(page=page._replace(context=context, elements=elements), about=about)


def shortened(sample: Sample, random: np.random.Generator) -> Sample | None:
    """The page with its content cut behind its first 40 to 300 words; ``None`` where it isn't longer."""
    gold = np.flatnonzero((sample.share >= 0.5) & (sample.lengths >= 12))
    if len(gold) < 4:
        return None
    budget = np.exp(random.uniform(np.log(40), np.log(300)))
    last = int(np.searchsorted(np.cumsum(sample.lengths[gold]), budget))
    if last + 1 >= len(gold):
        return None
    keep = (np.arange(len(sample.share)) < gold[last + 1]) | (sample.share < 0.5)
    page = sample.page._replace(blocks=sample.page.blocks[keep], hashes=sample.page.hashes[keep])
    return sample._replace(
        page=page, share=sample.share[keep], lengths=sample.lengths[keep], fitted=sample.fitted[keep]
    )


def crowded(sample: Sample, other: Sample, random: np.random.Generator) -> Sample | None:
    """The page with another page's boilerplate: what came before that page's content in front, the rest at the end of
    the page or directly behind its content."""
    gold = np.flatnonzero(other.share >= 0.2)
    body, content = _body(sample), _content(sample)
    if not len(gold) or body is None or content is None:
        return None
    before, after = _boilerplate(other, gold, gold[0])
    place = sample.page.elements[body, s.CLOSE] if random.random() < 0.5 else sample.page.elements[content, s.END]
    return _with(_with(sample, after, int(place)), before, int(sample.page.elements[body, s.INNER]))


def discussed(sample: Sample, forum: Sample, random: np.random.Generator) -> Sample | None:
    """The page with a forum's posts as its comments, which the benchmark's articles don't count as content."""
    content, posts = _content(sample), _content(forum)
    gold = np.flatnonzero(forum.share >= 0.5)
    if content is None or posts is None or len(gold) < 6:
        return None
    elements = forum.page.elements
    # Behind the opening post: what follows its first long block inside the element that holds all posts.
    long = gold[forum.lengths[gold] >= 15]
    if len(long) < 3:
        return None
    opening = max(int(forum.page.blocks[long[0], s.ELEMENT]), 0)
    while elements[opening, s.PARENT] not in (posts, -1):
        opening = int(elements[opening, s.PARENT])
    replies = forum.markup[int(elements[opening, s.END]) : int(elements[posts, s.CLOSE])]
    if replies.count(b"<") < 10:
        return None
    name = (b"", b' class="comments"', b' id="comment-list"')[int(random.integers(3))]
    end = int(sample.page.elements[content, s.END if random.random() < 0.7 else s.CLOSE])
    return _with(sample, b"<div%s>%s</div>" % (name, replies), end)


def _body(sample: Sample) -> int | None:
    bodies = np.flatnonzero(sample.page.elements[:, s.TAG_] == _BODY)
    return int(bodies[0]) if len(bodies) else None


def _content(sample: Sample) -> int | None:
    """The smallest element that holds nearly all content: nine tenths of its words."""
    elements, blocks = sample.page.elements, sample.page.blocks
    words = np.zeros(len(elements))
    gold = sample.share * sample.lengths
    np.add.at(words, np.maximum(blocks[:, s.ELEMENT], 0), gold)
    for element in range(len(elements) - 1, 0, -1):
        if elements[element, s.PARENT] >= 0:
            words[elements[element, s.PARENT]] += words[element]
    holders = np.flatnonzero((words >= 0.9 * gold.sum()) & _BLOCK_TAGS[elements[:, s.TAG_]])
    body = _body(sample)
    return int(holders[-1]) if gold.sum() and len(holders) and body is not None and holders[-1] > body else None


def _with(sample: Sample | None, part: bytes, offset: int) -> Sample | None:
    """The page with ``part`` at this byte of its markup; its blocks are not content."""
    if sample is None:
        return None
    part = b"<div>" + part + b"</div>"
    markup = sample.markup[:offset] + part + sample.markup[offset:]
    page = scan_page(markup)
    count = len(scan_page(b"<html><body>" + part + b"</body></html>").blocks)
    if len(page.blocks) != count + len(sample.share):
        return None
    holders = np.maximum(page.blocks[:, s.ELEMENT], 0)
    starts = page.elements[holders, s.OPEN]
    inside = np.flatnonzero((starts >= offset) & (starts < offset + len(part)))
    if len(inside) != count or (count and inside[-1] - inside[0] + 1 != count):
        return None
    first = int(inside[0]) if count else 0
    words = page.blocks[first : first + count, s.WORDS] // s.WORD
    return sample._replace(
        markup=markup, page=page, share=np.insert(sample.share, first, np.zeros(count)),
        lengths=np.insert(sample.lengths, first, words), fitted=np.insert(sample.fitted, first, words > 0),
    )  # fmt: skip


def boilerplate_around(sample: Sample) -> tuple[bytes, bytes]:
    """Markup of the largest elements without gold, in front of all of it and behind it."""
    gold = np.flatnonzero(sample.share >= 0.2)
    before, _ = _boilerplate(sample, gold, gold[0])
    return before, _boilerplate(sample, gold, gold[-1])[1]


def _boilerplate(sample: Sample, gold: np.ndarray, among: int) -> tuple[bytes, bytes]:
    """Markup of the largest elements without gold, in front of and behind this row of it."""
    elements, blocks = sample.page.elements, sample.page.blocks
    holds_gold, holds_text = np.zeros(len(elements), bool), np.zeros(len(elements), bool)
    for rows, marks in ((gold, holds_gold), (range(len(blocks)), holds_text)):
        for row in rows:
            element = int(blocks[row, s.ELEMENT])
            while element >= 0 and not marks[element]:
                marks[element] = True
                element = int(elements[element, s.PARENT])
    place = int(elements[max(int(blocks[among, s.ELEMENT]), 0), s.OPEN])
    parts: tuple[list[bytes], list[bytes]] = ([], [])
    end = 0
    for element in np.flatnonzero(holds_text & ~holds_gold & _BLOCK_TAGS[elements[:, s.TAG_]]):
        start = int(elements[element, s.OPEN])
        if start >= end:  # not inside the one before
            end = int(elements[element, s.END])
            parts[start > place].append(sample.markup[start:end])
    return b"".join(parts[0]), b"".join(parts[1])


def unstructured(sample: Sample) -> Sample | None:
    """The page as the 1990s would have written it: no names, no semantics, paragraphs set apart by line breaks."""
    markup = _RENAMED.sub(rb"\1div", _NAMES.sub(b"", sample.markup))
    markup = _PARAGRAPH_END.sub(b"", _PARAGRAPH_START.sub(b"<br><br>", markup))
    page = scan_page(markup)
    if len(page.blocks) != len(sample.share):
        return None
    about = replace(sample.about, types=frozenset(), description="")
    return sample._replace(markup=markup, page=page, about=about)
