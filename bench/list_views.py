"""Views of a labelled page for the block classifier: its lists as recipes, settings and forms write theirs.

On many pages each item of a list holds spans, a label or a box to tick, and says three words. That is how recipes list
their ingredients, and how shops list their filters; a classifier that has seen only the filters takes one for the other.
So every list of a page may be set in such markup, content or not, and some paragraphs of its content become such lists.
"""

from __future__ import annotations

import numpy as np

from bench.block_views import Sample
from parsers.markup.names import TAG
from parsers.scanner import page as s
from parsers.scanner.scan import scan_page

_LI, _P = TAG["li"], TAG["p"]
# How an item is written: what stands before its text, around its first words, around the rest, and behind it.
_ITEMS = (
    (b'<input type="checkbox" id="i">', b'<label for="i"><span class="amount">', b"</span> ", b"<span>", b"</span></label>"),
    (b"", b"<span>", b"</span> ", b"<span>", b"</span>"),
    (b'<label><input type="checkbox"> ', b"<b>", b"</b> ", b"", b"</label>"),
    (b'<span class="box"></span>', b'<span class="quantity"><span>', b"</span></span> ", b'<span class="name">', b"</span>"),
    (b"<label>", b"<span>", b"</span> ", b"<a>", b"</a></label>"),
    ("\u25a2 ".encode(), b"<span>", b"</span> ", b"<span>", b"</span>"),
    (b"<p>", b"", b" ", b"", b"</p>"),
    (b"", b"", b" ", b"", b""),
)  # fmt: skip
_LISTS = ((b"<ul>", b"</ul>", b"li"), (b'<ul class="list">', b"</ul>", b"li"), (b"<div>", b"</div>", b"div"))
_LONGEST_ITEM = 20  # words of an item that may be set in spans


def listed(sample: Sample, random: np.random.Generator) -> Sample | None:
    """The page with its lists' items in other markup, and up to three paragraphs of its content as lists of short items;
    ``None`` where it has neither."""
    page, markup = sample.page, sample.markup
    elements, blocks = page.elements, page.blocks
    plain = _plain_rows(sample)
    if not len(plain):
        return None
    holders = blocks[plain, s.ELEMENT]
    tags = elements[holders, s.TAG_]
    paragraphs = plain[(tags == _P) & (sample.share[plain] >= 0.9) & (sample.lengths[plain] >= 12)]
    if len(paragraphs) > 3:
        at = int(random.integers(len(paragraphs) - 2))
        paragraphs = paragraphs[at : at + 1 + int(random.integers(3))]
    items = plain[(tags == _LI) & (sample.lengths[plain] <= _LONGEST_ITEM)]
    styles: dict[int, int] = {}
    counts = np.ones(len(blocks), np.int64)
    edits: list[tuple[int, int, bytes]] = []
    for row in items.tolist():
        element = int(blocks[row, s.ELEMENT])
        style = styles.setdefault(int(elements[element, s.PARENT]), int(random.integers(len(_ITEMS) + 2)))
        if style < len(_ITEMS):
            start, stop = int(elements[element, s.INNER]), int(elements[element, s.CLOSE])
            edits.append((start, stop, _item(markup[start:stop].strip(), style, random)))
    for row in paragraphs.tolist():
        element = int(blocks[row, s.ELEMENT])
        start, stop = int(elements[element, s.OPEN]), int(elements[element, s.END])
        inner = markup[elements[element, s.INNER] : elements[element, s.CLOSE]]
        text, counts[row] = _list(inner, random)
        edits.append((start, stop, text))
    return _edited(sample, edits, counts) if edits else None


def _plain_rows(sample: Sample) -> np.ndarray:
    """The blocks that are all that their element holds, without other elements in it."""
    elements, blocks = sample.page.elements, sample.page.blocks
    rows = np.flatnonzero(sample.lengths > 0)
    holders = blocks[rows, s.ELEMENT]
    rows, holders = rows[holders >= 0], holders[holders >= 0]
    return rows[elements[holders, s.LAST] == holders]


def _item(text: bytes, style: int, random: np.random.Generator) -> bytes:
    before, first, between, rest, behind = _ITEMS[style]
    words = text.split()
    head = words[: 1 + int(random.integers(2))]
    tail = words[len(head) :]
    written = before + first + b" ".join(head) + between
    return written + (rest + b" ".join(tail) + behind if tail else rest + behind)


def _list(text: bytes, random: np.random.Generator) -> tuple[bytes, int]:
    """A paragraph's words as the items of a list, and how many blocks these are."""
    words, at = text.split(), 0
    opening, closing, tag = _LISTS[int(random.integers(len(_LISTS)))]
    style = int(random.integers(len(_ITEMS)))
    parts, count = [opening], 0
    while at < len(words):
        size = 2 + int(random.integers(6))
        item = _item(b" ".join(words[at : at + size]), style, random)
        parts.append(b"<%s>%s</%s>" % (tag, item, tag))
        at, count = at + size, count + 1
    return b"".join([*parts, closing]), count


def _edited(sample: Sample, edits: list[tuple[int, int, bytes]], counts: np.ndarray) -> Sample | None:
    """The page with these stretches of its markup replaced, where block ``b`` has become ``counts[b]`` blocks; ``None``
    where the scanner sees other blocks than that."""
    parts, at = [], 0
    for start, stop, text in sorted(edits):
        parts += [sample.markup[at:start], text]
        at = stop
    markup = b"".join([*parts, sample.markup[at:]])
    page = scan_page(markup)
    if len(page.blocks) != counts.sum():
        return None
    lengths = np.repeat(sample.lengths, counts)
    split = np.repeat(counts > 1, counts)
    lengths[split] = np.maximum(page.blocks[split, s.WORDS] // s.WORD, 1)
    return sample._replace(
        markup=markup, page=page, share=np.repeat(sample.share, counts), lengths=lengths,
        fitted=np.repeat(sample.fitted, counts),
    )  # fmt: skip
