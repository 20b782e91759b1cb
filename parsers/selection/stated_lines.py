"""Blocks that repeat the lines of a recipe, which the page states beside its text.

A list of ingredients says little that a classifier could go by: three words a line, spans, boxes to tick. Where the page
itself says "this is my recipe", nothing needs to be guessed. Lines and blocks are compared by their letters and digits
alone: amounts are set in spans, fractions in signs of their own. A line may stand in several blocks (the amount, then the
name), a block may hold several lines, and a step may be told in several paragraphs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import islice

import numpy as np

from parsers.blocks.roles import CELL, GROUP, HEADING, ITEM, ROLE, TERM
from parsers.jit.byte_search import holds
from parsers.markup.names import HAS_ITEM_PROPERTY
from parsers.scanner.page import (
    DIGIT,
    DIGITS,
    ELEMENT,
    FIRST,
    INNER,
    LAST,
    LINK_WORDS,
    OPEN,
    PARENT,
    START,
    STOP,
    WORD,
    WORDS,
    Page,
)
from text.jit.options import kernel

_OTHER = re.compile(r"[\W_]+")
# Of text in ASCII, as bytes: what goes, and the others in lower case.
_OTHER_ASCII = bytes(byte for byte in range(128) if not chr(byte).isalnum())
_LOWER_ASCII = bytes(ord(chr(byte).lower()) if byte < 128 else byte for byte in range(256))
# Microdata: no JSON-LD, but the same names (recipeIngredient, recipeInstructions). Elements so marked, at most.
_ITEMPROPS = ((b'itemprop="recipeIn', 14), (b'itemprop="ingredients"', 12))  # and where four rare bytes begin
_HAS_ITEM_PROPERTY = int(HAS_ITEM_PROPERTY)
_MARKED = 500
_LEVELS, _MARKED_LINE = 2, 40 * WORD  # elements around a span so marked, and words of the line that it makes up
# Recipe programs name their lists, where they state nothing; so do filters of collections, whose lines have no amounts.
_NAMES = ((b"gredient", (b"gredient",)), (b"utaten", (b"zutaten", b"Zutaten")))  # what is looked for first, and then
_NAMED = (b"ingredient", b"zutaten")  # one of them stands in each tag below, in either case
_LIST = re.compile(
    rb'(?i)<(?:ul|ol|dl|div|section|table)(?=[\s>])[^<>]*\sclass="[^"<>]*(?:ingredient|zutaten)[^"<>]*"[^<>]*>'
)
_LISTS = 50  # elements of such a name that are looked at
_LINE_WORDS = 10 * WORD  # of a line on average, at most
_LINES_OF_LISTS = (ITEM, TERM, CELL)
_LINKED = 0.8  # of lines that begin with an amount, words in links
_PIECES = 4  # so many blocks may make one line
_PASSAGE = 20  # letters of a block that is part of a line
_SHORT = 3 * WORD  # a block with fewer words may repeat an ingredient by chance, as a tag or a link does
_BEGINNING = 8  # letters by which lines and passages are looked up, and so many of one beginning
# A block and a line that begin alike, where a note follows in one of them: the shorter has so much of the longer.
_ALIKE = 0.6
_CHAINED = 0.8  # of a block, what several lines that it begins with make up


def stated_rows(page: Page, roles: np.ndarray, markup: bytes, lines: Collection[str], kept: np.ndarray) -> np.ndarray:
    """``int64[k]``: rows of ``page.blocks`` that repeat ``lines`` or stand in elements that say the same in microdata,
    and the headings right before them. Those whose text is kept elsewhere (``kept``: ``bool[m]``) or stands twice are left
    out. Linear in the page and the lines."""
    found: np.ndarray | None = None
    if lines and (known := _Lines(lines)):
        found = known.rows(page)
    if page.said & _HAS_ITEM_PROPERTY:
        for mark, rare in _ITEMPROPS:
            if holds(markup, mark, rare):
                found = _either(found, _marked(page, markup, mark))
    # To search the markup for a name costs more than all the rest.
    if _may_be_named(page.blocks, kept) and any(
        holds(markup, few) and any(name in markup for name in names) for few, names in _NAMES
    ):
        stated = np.zeros(len(page.blocks), np.bool_) if found is None else found
        found = _either(found, _named(page, roles, markup, stated))
    if found is None or not found.any():
        return np.zeros(0, np.int64)
    words = page.blocks[:, WORDS]
    says = np.flatnonzero(words > 0)
    along = found[says]
    beside = np.zeros(len(along), np.bool_)
    beside[1:] |= along[:-1]
    beside[:-1] |= along[1:]
    found[says] = along & (beside | (words[says] >= _SHORT))
    _fill_lists(page.blocks, roles, found)
    heads = says[:-1][found[says[1:]] & (roles[says[:-1], ROLE] == HEADING)]
    found[heads] = True
    rows = np.flatnonzero(found & ~kept)
    elsewhere = np.isin(page.hashes[rows], page.hashes[kept])
    _, first = np.unique(page.hashes[rows], return_index=True)
    once = np.zeros(len(rows), np.bool_)
    once[first] = True
    return rows[once & ~elsewhere]


def _fill_lists(blocks: np.ndarray, roles: np.ndarray, found: np.ndarray) -> None:
    """Adds to ``found`` the other items, but links, of lists of which at least two and half of all are: they have a note behind the
    stated line."""
    listed = (roles[:, ROLE] == ITEM) & (blocks[:, LINK_WORDS] < np.maximum(blocks[:, WORDS], 1))
    listed &= roles[:, GROUP] >= 0
    groups = roles[listed, GROUP]
    items, stated = np.bincount(groups), np.bincount(groups[found[listed]], minlength=groups.max(initial=-1) + 1)
    found[listed] |= (stated >= np.maximum(2, items / 2))[groups]


def _marked(page: Page, markup: bytes, mark: bytes) -> np.ndarray:
    """``bool[m]``: the blocks in elements with this attribute, of which none holds more than half of the page."""
    holders = np.maximum(page.blocks[:, ELEMENT], 0)
    words = np.concatenate([[0], np.cumsum(np.bincount(holders, page.blocks[:, WORDS], len(page.elements)))])
    inside = np.zeros(len(page.elements), np.bool_)
    at = after = 0
    for _ in range(_MARKED):
        at = markup.find(mark, at + 1)
        if at < 0:
            break
        element = int(np.searchsorted(page.elements[:, OPEN], at)) - 1
        inner = int(page.elements[element, INNER])
        for _ in range(_LEVELS):  # a span in the line's own element
            if words[page.elements[element, LAST] + 1] > words[element] or page.elements[element, PARENT] < 0:
                break
            element = int(page.elements[element, PARENT])
            if words[page.elements[element, LAST] + 1] - words[element] > _MARKED_LINE:
                inner = 0
        stop = int(page.elements[element, LAST]) + 1
        if at < inner and stop > after and 2 * (words[stop] - words[element]) <= words[-1]:
            inside[max(element, after) : stop] = True
            after = stop
    return inside[holders]


def _either(found: np.ndarray | None, more: np.ndarray) -> np.ndarray:
    return more if found is None else found | more


@kernel
def _may_be_named(blocks, kept):
    """Whether some short blocks with a number aren't kept: a look at them costs less than a search of the markup."""
    count = 0
    for b in range(len(blocks)):
        if not kept[b] and blocks[b, DIGITS] > 0 and blocks[b, LINK_WORDS] < blocks[b, WORDS] <= _LINE_WORDS:
            count += 1
    return count > 1


def _named(page: Page, roles: np.ndarray, markup: bytes, stated: np.ndarray) -> np.ndarray:
    """``bool[m]``: the lines of lists that are named for ingredients and repeat nothing that is ``stated``, if they are short
    and half of them have a number: items and cells, and what stands between the first number and the last."""
    holders, blocks = np.maximum(page.blocks[:, ELEMENT], 0), page.blocks
    found = np.zeros(len(holders), np.bool_)
    after = 0
    for opens in islice(_lists(markup), _LISTS):
        element = int(np.searchsorted(page.elements[:, OPEN], opens, "right")) - 1
        if element < after:
            continue
        stop = int(page.elements[element, LAST]) + 1
        rows = np.flatnonzero((holders >= element) & (holders < stop))
        words = blocks[rows, WORDS]
        lines = rows[words > 0]
        if stated[rows].any():
            after = stop
            continue
        if len(lines) > 1 and words.sum() <= _LINE_WORDS * len(lines) and _has_amounts(blocks[lines]):
            amounts = rows[blocks[rows, DIGITS] > 0]
            between = (rows >= amounts[0]) & (rows <= amounts[-1])
            listed = np.isin(roles[rows, ROLE], _LINES_OF_LISTS) & (blocks[rows, LINK_WORDS] < np.maximum(words, 1))
            found[rows[between | listed]] = True
            after = stop
    return found


def _lists(markup: bytes) -> Iterator[int]:
    """Where :data:`_LIST` matches. A tag that does has a name in it and no other ``<``, so that only what stands around
    names is held against the pattern."""
    lower = markup.lower()
    places = sorted(place for name in _NAMED for place in _places(lower, name))
    before, tried = 0, -1
    for place in places:
        opens = lower.rfind(b"<", before, place)
        before = place
        if opens > tried:
            tried = opens
            if _LIST.match(markup, opens):
                yield opens


def _places(markup: bytes, name: bytes) -> Iterator[int]:
    at = markup.find(name)
    while at >= 0:
        yield at
        at = markup.find(name, at + len(name))


def _has_amounts(lines: np.ndarray) -> bool:
    """Whether most of these rows of ``page.blocks`` begin with a number, or have one and are no links."""
    linked = lines[:, LINK_WORDS].sum() / max(lines[:, WORDS].sum(), 1)
    first, anywhere = np.count_nonzero(lines[:, FIRST] == DIGIT), np.count_nonzero(lines[:, DIGITS])
    return bool((2 * first >= len(lines) and linked < _LINKED) or (2 * anywhere >= len(lines) and 2 * linked < 1))


def _letters(text: str) -> str:
    if text.isascii():
        return _letters_of(text.encode("ascii"))
    return _OTHER.sub("", unicodedata.normalize("NFKC", text).casefold())


def _letters_of(text: bytes) -> str:
    """:func:`_letters` of UTF-8."""
    if text.isascii():
        return text.translate(_LOWER_ASCII, _OTHER_ASCII).decode("ascii")
    return _letters(text.decode("utf-8", "replace"))


class _Lines:
    """The letters of a page's stated lines, and what of them a block repeats."""

    def __init__(self, lines: Collection[str]) -> None:
        self._whole = {letters for line in lines if len(letters := _letters(line)) > 1}
        self._longest = max(map(len, self._whole), default=0)
        self._lengths = sorted({len(line) for line in self._whole}, reverse=True)
        self._starts = {line[:2] for line in self._whole}
        self._all = every = "\n".join(sorted(self._whole))
        # Where lines and passages of lines begin in that, by their first letters: the first place of each, and those that
        # were asked for, -1 behind the last of them.
        self._first = {every[at : at + _BEGINNING]: at for at in range(len(every) - _BEGINNING, -1, -1)}
        self._places: dict[str, list[int]] = {}

    def __bool__(self) -> bool:
        return bool(self._whole)

    def rows(self, page: Page) -> np.ndarray:
        """``bool[m]``: the blocks that repeat a line, alone or several together."""
        source, found = page.text.tobytes(), np.zeros(len(page.blocks), np.bool_)
        rows, pieces = [], []
        for row, (start, stop) in enumerate(page.blocks[:, START : STOP + 1].tolist()):
            text = source[start:stop]
            if letters := _letters_of(text):
                rows.append(row)
                pieces.append(letters)
                if (
                    self._repeats(letters)
                    or self._chains(letters)
                    or (b"\n" in text and self._holds(text.decode("utf-8", "replace"), len(letters)))
                ):
                    found[row] = True
        for first, joined in enumerate(pieces):
            if len(joined) > 1 and joined[:2] not in self._starts:
                continue
            for last in range(first + 1, min(first + _PIECES, len(pieces))):
                joined += pieces[last]
                if len(joined) > self._longest:
                    break
                if joined in self._whole:
                    found[rows[first : last + 1]] = True
        return found

    def _repeats(self, letters: str) -> bool:
        """Whether a block is a line, a passage of one, or the same but for a note at its end."""
        if letters in self._whole:
            return True
        if len(letters) < _BEGINNING:
            return False
        beginning = letters[:_BEGINNING]
        if (first := self._first.get(beginning, -1)) < 0:
            return False
        places = self._places.setdefault(beginning, [first])
        for place in range(_BEGINNING):
            if places[place] < 0:
                break
            if self._alike(letters, places[place]):
                return True
            if place + 1 == len(places):
                places.append(self._all.find(beginning, places[place] + 1))
        return False

    def _chains(self, letters: str) -> bool:
        """Whether a block begins with two lines and more that make up most of it: they stand in one block where labels or
        spans that a style sheet parts hold them."""
        if letters[:2] not in self._starts:
            return False
        at = count = 0
        while length := next((each for each in self._lengths if letters[at : at + each] in self._whole), 0):
            at += length
            count += 1
        return count > 1 and at >= _CHAINED * len(letters)

    def _alike(self, letters: str, at: int) -> bool:
        if len(letters) >= _PASSAGE and self._all.startswith(letters, at):
            return True
        if at and self._all[at - 1] != "\n":
            return False
        end = self._all.find("\n", at)
        line = self._all[at : end if end >= 0 else len(self._all)]
        shorter, longer = sorted((letters, line), key=len)
        return len(shorter) >= _ALIKE * len(longer) and longer.startswith(shorter)

    def _holds(self, text: str, length: int) -> bool:
        """Whether half of a block's letters are in lines of its own that each repeat a line."""
        return 2 * sum(len(letters) for letters in map(_letters, text.split("\n")) if self._repeats(letters)) >= length
