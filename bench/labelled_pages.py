"""The pages that the block classifier is fitted to: their labels, and which of their blocks say nothing.

Two packs, each a folder with gold.jsonl and pages/: of the first the source wcxb-dev (Web Content Extraction Benchmark,
CC-BY-4.0) and no other, of the second, which is all for training, every page: more of WCXB's development pages, and news
pages with what the rules of Fundus (flairNLP/fundus, MIT) say is their content. A third may be made of our own labels of
threads (:mod:`bench.label_forums`): its blocks are labelled one by one, and pages that the first pack has are left out.

A block's label is the share of its words that an alignment of the page with the gold text puts inside the gold; what it puts
into a quotation is the quoted post's, if that stands on the page and would have none. Some
labels are wrong by a gold text's habits, and are not fitted to: Fundus's rules leave out the lists, quotations, tables and
code of an article, WCXB's other pages their references, notes and authors, and gold texts of both leave out captions
that a reader sees as part of it.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit

from bench.block_views import Sample
from parsers.blocks.inline_text import InlineText
from parsers.blocks.roles import CAPTION, CELL, CODE, ITEM, QUOTE, ROLE, TERM
from parsers.encoding.detection import decode
from parsers.markup.names import BIT, CONTEXT
from parsers.parsed_page import ScannedPage, scan_source
from parsers.scanner import page as s

SOURCE = "wcxb-dev"
RULES = "fundus"  # the source whose gold is what hand-written rules take from a page
FORUM = "forum"
BY_BLOCK = ("threads", "comments")  # the sources of the third pack, whose labels are of blocks and not of texts
# Nearly all of the second pack's pages are articles; other kinds would lose by them.
_FIRST_PACK_WEIGHT = 1.5
_FORUM_WEIGHT = 2.0  # there are 97 forums among 1,422 pages, and they have most to gain
_PROSE = 6 * s.WORD  # words of a block that may be a reference or a note
_SAID_TWICE = 5  # words of a quotation, at least: fewer are said twice by chance
_LARGEST = 300_000_000  # cells of the alignment's table
_WORD = re.compile(r"\w+")
_LEFT_OUT = (ITEM, TERM, QUOTE, CELL, CODE)
_LEFT_OUT_INSIDE = np.bitwise_or.reduce([BIT[name] for name in CONTEXT if name in ("list", "dl", "quote", "cell")])


class LabelledPage(NamedTuple):
    """A labelled page: its line of gold.jsonl, what the parser makes of it, and its labels."""

    gold: dict
    scanned: ScannedPage
    sample: Sample


def labelled_pages(pack: Path, more: Path | None, threads: Path | None = None) -> list[LabelledPage]:
    """The pages of the source :data:`SOURCE` in ``pack``, all pages of ``more``, and those of ``threads`` that ``pack``
    hasn't got (``None``: no others)."""
    golds = [(pack, gold) for gold in _golds(pack) if gold["source"] == SOURCE]
    known = {_address(gold.get("url") or "") for _, gold in golds}
    golds += [(more, gold) for gold in _golds(more)] if more is not None else []
    if threads is not None:
        golds += [(threads, gold) for gold in _golds(threads) if _address(gold["url"]) not in known]
    pages = []
    for folder, gold in golds:
        path = folder / "pages" / (gold["id"] + ".html")
        html = path.read_bytes() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes())
        scanned = scan_source(decode(html)[0])
        by_block = gold["source"] in BY_BLOCK
        found = block_labels(scanned, gold) if by_block else labels(scanned, gold["text"])
        if found is not None:
            share, lengths = found
            fitted = lengths.astype(bool) & ~_misleading(scanned, share, gold["source"])
            fitted[gold["quoted"] if by_block else []] = False
            weight = _FORUM_WEIGHT if gold["type"] == FORUM else 1.0
            weight *= _FIRST_PACK_WEIGHT if gold["source"] == SOURCE else 1.0
            sample = Sample(scanned.markup, scanned.page, scanned.about, share, lengths, fitted, weight)
            pages.append(LabelledPage(gold, scanned, sample))
    return pages


def _address(url: str) -> str:
    return re.sub(r"^https?://(?:www\.)?", "", url).partition("#")[0].rstrip("/")


def _golds(pack: Path) -> Iterator[dict]:
    with (pack / "gold.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _misleading(scanned: ScannedPage, share: np.ndarray, source: str) -> np.ndarray:
    """``bool[m]``: of which blocks the label says how the gold text was made, and not what the page is about."""
    if source == SOURCE or source in BY_BLOCK:
        return np.zeros(len(share), bool)
    roles, page = scanned.roles[:, ROLE], scanned.page
    inherited = _inherited(page)[np.maximum(page.blocks[:, s.ELEMENT], 0)]
    out = (roles == CAPTION) | ((inherited & BIT["figure"]) > 0)
    gold = np.flatnonzero(share >= 0.5)
    if not len(gold):
        return out
    behind_first, left_out = np.arange(len(share)) > gold[0], share < 0.5
    if source == RULES:
        within = behind_first & (np.arange(len(share)) < gold[-1])
        return out | (within & left_out & (np.isin(roles, _LEFT_OUT) | ((inherited & _LEFT_OUT_INSIDE) > 0)))
    words, linked = page.blocks[:, s.WORDS], page.blocks[:, s.LINK_WORDS]
    return out | (behind_first & left_out & (words >= _PROSE) & (words > 2 * linked))


def _inherited(page: s.Page) -> np.ndarray:
    """``uint64[n]``: the context bits of an element and of all that it stands in."""
    bits = page.context.copy()
    for element, parent in enumerate(page.elements[:, s.PARENT].tolist()):
        if parent >= 0:
            bits[element] |= bits[parent]
    return bits


@njit(cache=True)
def align(page, gold):
    """For each word of ``page``, whether the best common subsequence with ``gold`` holds it; runs count more."""
    n, m = len(page), len(gold)
    back = np.zeros((n + 1, m + 1), np.uint8)
    above, along = np.zeros(m + 1, np.float32), np.full(m + 1, -1.0, np.float32)
    here, run = np.zeros(m + 1, np.float32), np.full(m + 1, -1.0, np.float32)
    for i in range(1, n + 1):
        here[0], run[0] = 0, -1
        for j in range(1, m + 1):
            best, step = above[j], 1
            if here[j - 1] > best:
                best, step = here[j - 1], 2
            value, longer = np.float32(-1.0), 0
            if gold[j - 1] == page[i - 1]:
                value = above[j - 1] + np.float32(0.4)
                if along[j - 1] >= 0 and along[j - 1] + np.float32(1.0) > value:
                    value, longer = along[j - 1] + np.float32(1.0), 4
                if value > best:
                    best, step = value, 3
            here[j], run[j], back[i, j] = best, value, step | longer
        above, here = here, above
        along, run = run, along
    hit = np.zeros(n, np.uint8)
    i, j, inside = n, m, False
    while i > 0 and j > 0:
        step = back[i, j]
        if inside or step & 3 == 3:
            hit[i - 1] = 1
            inside = step & 4 != 0
            i, j = i - 1, j - 1
        elif step & 3 == 1:
            i -= 1
        else:
            j -= 1
    return hit


def labels(scanned: ScannedPage, gold: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Share of each block's words that are gold, and how many words it has."""
    words = _words(scanned)
    lengths = np.array([len(each) for each in words], np.int64)
    numbers: dict[str, int] = {}

    def ids(sequence):
        return np.array([numbers.setdefault(word, len(numbers)) for word in sequence], np.int32)

    flat, target = ids(word for each in words for word in each), ids(_WORD.findall(gold.lower()))
    if not len(flat) or len(flat) * len(target) > _LARGEST:
        return None
    sums = np.concatenate([[0], np.cumsum(align(flat, target))])
    ends = np.cumsum(lengths)
    found = sums[ends] - sums[ends - lengths]
    _give_back(words, found, _quotations(scanned))
    return found / np.maximum(lengths, 1), lengths


def _quotations(scanned: ScannedPage) -> np.ndarray:
    """``bool[m]``: the blocks that stand in a quotation."""
    page = scanned.page
    inherited = _inherited(page)[np.maximum(page.blocks[:, s.ELEMENT], 0)]
    return (scanned.roles[:, ROLE] == QUOTE) | ((inherited & BIT["quote"]) > 0)


def _give_back(words: list[list[str]], found: np.ndarray, quoted: np.ndarray) -> None:
    """Moves what the alignment found in a quotation to the post that it quotes, where that stands further up on the page and has
    nothing of it: of two places with the same words the alignment takes the one that the gold text goes on from, which is the
    quotation above the answer. ``found``: how many words of each block are gold; it is changed."""
    if not quoted.any():
        return
    texts = [f" {' '.join(each)} " for each in words]
    for quotation in np.flatnonzero(quoted & (2 * found >= [len(each) for each in words])).tolist():
        if len(words[quotation]) < _SAID_TWICE:
            continue
        for post in np.flatnonzero(~quoted[:quotation]).tolist():
            if texts[quotation] in texts[post] and found[post] + found[quotation] <= len(words[post]):
                found[post] += found[quotation]
                found[quotation] = 0
                break


def block_labels(scanned: ScannedPage, gold: dict) -> tuple[np.ndarray, np.ndarray] | None:
    """The same of a page whose line names its content's blocks; ``None`` where it has other blocks now."""
    lengths = np.array([len(each) for each in _words(scanned)], np.int64)
    if len(lengths) != gold["blocks"]:
        return None
    share = np.zeros(len(lengths))
    share[gold["content"]] = 1
    return share, lengths


def _words(scanned: ScannedPage) -> list[list[str]]:
    text = InlineText(scanned.markup, scanned.page)
    return [_WORD.findall(text.block_text(row).lower()) for row in range(len(scanned.page.blocks))]
