"""What a page states about itself, held against its blocks: title, description, kind of page.

Most pages name their title outside the text, in ``title``, ``og:title`` or JSON-LD (:mod:`parsers.metadata.metadata`). The block
that repeats it is the headline, and what is content mostly follows it: a fact that needs no word of any language and no
class name.

Words are compared by hash: those of four bytes of UTF-8 and more, Latin letters in lower case; of Chinese and Japanese
each character counts as one. The *headline* is the block that repeats the title best. Here words of any length count, or
"Soup for a wet day" would have one word, and the site's name behind it more. A block's score is the harmonic mean of the share
of its words that the title has, and of the share of the title's different words that it has, which must exceed 0.3; and 0.3 more for an h1, 0.15 for h2 to h6, 0.1 where
less than half of its words are links. It must exceed 0.35, and the block must not be longer than 60 words; of equal
scores the first counts. Where there is no such block, the first h1 is the headline, with a score of 0.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from parsers.classifier import feature_table as f
from parsers.classifier.page_statistics import HEADINGS
from parsers.jit.hash_table import slot
from parsers.markup.names import TAG
from parsers.metadata.generators import DOCUMENTATION_GENERATOR
from parsers.metadata.metadata import Metadata
from parsers.scanner import page as s
from parsers.scanner.page import Page
from text.hashing import FNV_OFFSET, FNV_PRIME
from text.jit.options import inner, kernel

# schema.org types and og:type values, in lower case, and generators: together the columns from PAGE_KINDS on.
_STATED_KINDS = (
    re.compile(r"article|posting|report|blog$|recipe|story"), re.compile(r"product|offer"),
    re.compile(r"discussion|forum|qapage|question|answer|comment"), re.compile(r"collection|itemlist|searchresults|gallery"),
    re.compile(r"website|webpage|organization|corporation|business"),
)  # fmt: skip
_GENERATORS = (
    re.compile(
        r"(?i)phpbb|vbulletin|xenforo|discourse|invision|simple machines|mybb|fluxbb|punbb|vanilla|nodebb|flarum"
    ),
    DOCUMENTATION_GENERATOR,
)
_WORDS = 512  # different words of a title or description that count
# Where a word of the table stands: in the title, the description, or in the title and of any length.
_IN_TITLE, _IN_DESCRIPTION, _IN_TITLE_AT_ALL = 1, 2, 4
_COMPARED = 4  # bytes of the shortest word that title and description are compared by
_SURELY = 0.85  # the score of a headline outside of h1 to h6
_TITLE_WORDS, _WORDS_BEHIND = 3, 3  # of a headline outside of h1 to h6 that is only a part of the stated title
_BEFORE_SITE = (" | ", " - ", " \u2013 ", " \u2014 ", " \u00b7 ", " :: ", " \u00ab ", " \u00bb ")
# The last are East Asia's.
_SITE = re.compile(r"\s[|\-\u2013\u2014\u00b7\u00ab\u00bb]\s|\s::\s|_|\s?[\uff5c\u4e28\ufe31]\s?")
_MENU = frozenset(TAG[name] for name in ("li", "nav", "aside", "footer"))  # elements of menus
_LEVELS = 6  # and how far out they are looked for
_IDEOGRAPHS = 0xE3  # with this byte, or a higher one, they begin
_NOTHING = np.zeros(0, np.int64)
_BEHIND, _PROSE = 200, 20 * s.WORD  # blocks behind the site's name, and words of prose that ends the search
_LONGEST = 60 * s.WORD  # a longer block is no headline
_OFFSET, _PRIME = np.uint64(FNV_OFFSET), np.uint64(FNV_PRIME)
# Of each byte of ASCII the letter, in lower case, or digit that it is; 0 for others.
_LETTERS = np.array([ord(chr(byte).lower()) if chr(byte).isalnum() else 0 for byte in range(128)], np.uint64)


def compute_title_features(page: Page, about: Metadata) -> np.ndarray:
    """``float32[m, len(TITLE)]``: for each block how it stands to what the page states about itself."""
    title, description = _bytes(about.title), _bytes(about.description)
    out = np.zeros((len(page.blocks), len(f.TITLE)), np.float32)
    kinds = _kinds(about.types, about.generator)
    _title_features(page.text, page.elements, page.blocks, title, description, kinds, out)
    return out


@lru_cache(maxsize=128)
def _kinds(types: frozenset[str], generator: str) -> np.ndarray:
    """``bool[7]``: which kinds of page these are said to be. Many pages state the same."""
    kinds = [any(map(kind.search, types)) for kind in _STATED_KINDS]
    kinds += [kind.search(generator) is not None for kind in _GENERATORS]
    return np.array(kinds, np.bool_)


def headline_row(features: np.ndarray, page: Page, about: Metadata) -> np.ndarray:
    """The row of the page's headline, a heading that repeats the stated title, or any block that hardly says anything else:
    ``int[1]``, or ``int[0]``. It belongs to the text even where the classifier would drop it: the question of a forum's
    thread often stands there alone. ``features`` as :func:`compute_title_features` gives them for ``page``, and what it
    says ``about`` itself."""
    row = int(_first_headline(features))
    if row < 0:
        return _NOTHING
    if len(other := _behind_site_name(row, page, about)):
        return other
    rows = np.array([row])
    if features[row, f.HEADLINE_LEVEL] > 0 or features[row, f.HEADLINE_SCORE] >= _SURELY:
        return rows
    text = page.text[page.blocks[row, s.START] : page.blocks[row, s.STOP]].tobytes().decode("utf-8", "replace")
    return rows if _is_title(text, about.title) else _NOTHING


@kernel
def _first_headline(features):
    for b in range(len(features)):
        if features[b, f.AFTER_HEADLINE] == 0 and features[b, f.HEADLINE_SCORE] > 0:
            return b
    return -1


def _behind_site_name(row: int, page: Page, about: Metadata) -> np.ndarray:
    """The block between ``row`` and the first prose that is one part of the stated title, where ``row`` is the site's name in
    it: it stands before the headline, and may have more words. A heading, a block without links, or one in ideographs outside of menus:
    ``int64[1]``, or ``int64[0]``."""
    blocks, nothing = page.blocks, _NOTHING
    start, stop = blocks[row, s.START : s.STOP + 1].tolist()
    said = page.text[start:stop].tobytes()
    heads = HEADINGS[0] <= page.elements[max(blocks[row, s.ELEMENT], 0), s.TAG_] <= HEADINGS[1]
    stated = about.title.strip().encode()
    # Most are the title's first part, or all of it: it need not be parted.
    if said == stated or not (stated.endswith(said) or stated.startswith(said + b": " if heads else said)):
        return nothing
    parts = [part.strip().encode() for part in _SITE.split(about.title)]
    # The name of a site of Blogger's stands before its title, and is a link: "Lane and lake: My red bicycle".
    if heads and stated.startswith(said + b": "):
        parts = [stated[len(said) + 2 :].strip(), said]
        if blocks[row, s.WORDS] > blocks[row, s.LINK_WORDS]:
            return nothing
    if said not in parts:
        return nothing
    if len(parts) < 2 or not (said == parts[-1] or (said == parts[0] and not heads)):
        return nothing
    others = {part for part in parts if part and part != said}
    for other in range(row + 1, min(row + _BEHIND, len(blocks))):
        start, stop = blocks[other, s.START : s.STOP + 1].tolist()
        if page.text[start:stop].tobytes() in others:
            tag = page.elements[max(blocks[other, s.ELEMENT], 0), s.TAG_]
            if HEADINGS[0] <= tag <= HEADINGS[1] or not blocks[other, s.LINKS]:
                return np.array([other])
            # Blogs of East Asia link the title of a page to the page itself.
            if page.text[start] >= _IDEOGRAPHS and not _in_menu(page, other):
                return np.array([other])
        elif blocks[other, s.WORDS] - blocks[other, s.LINK_WORDS] >= _PROSE:
            break
    return nothing


def _is_title(text: str, stated: str) -> bool:
    """Whether a block is the stated title without the site's name, with a few words behind it, such as where it links to."""
    end = max((stated.rfind(sign) for sign in _BEFORE_SITE), default=-1)
    title = stated[:end].split() if end > 0 else []
    words = text.split()
    if len(title) >= _TITLE_WORDS and words[: len(title)] == title and len(words) - len(title) <= _WORDS_BEHIND:
        return True
    # "bread - Why does it smell? - Kitchen Answers"
    parts = _SITE.split(stated)
    return len(parts) > 2 and len(words) >= _TITLE_WORDS and text.strip() == max(parts, key=len).strip()


def _in_menu(page: Page, row: int) -> bool:
    element = int(page.blocks[row, s.ELEMENT])
    for _ in range(_LEVELS):
        if element < 0:
            break
        if page.elements[element, s.TAG_] in _MENU:
            return True
        element = int(page.elements[element, s.PARENT])
    return False


def _bytes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-8", "replace")[:4000] + b"\0" * 4, np.uint8)


@inner
def _next_word(text, at, stop):
    """Hash of the next word (0: none is left), the offset behind it, and its length in bytes (of an ideograph, 4)."""
    value, length = _OFFSET, 0
    while at < stop:
        byte = text[at]
        if byte < 128:
            letter = _LETTERS[byte]
            if letter:
                value = (value ^ letter) * _PRIME
                length += 1
            elif length:
                return value, at, length
            at += 1
        elif 0xE3 <= byte <= 0xE9:  # U+3000 to U+9FFF: ideographs and kana, and their punctuation
            if length:
                return value, at, length
            if not (byte == 0xE3 and text[at + 1] == 0x80):
                value = (
                    (np.uint64(text[at]) << np.uint64(16))
                    | (np.uint64(text[at + 1]) << np.uint64(8))
                    | np.uint64(text[at + 2])
                )
                return value, at + 3, _COMPARED
            at += 3
        elif (byte == 0xE2 and text[at + 1] == 0x80) or byte == 0xC2:  # dashes, quotation marks, no-break space
            if length:
                return value, at, length
            at += 3 if byte == 0xE2 else 2
        else:
            value = (value ^ np.uint64(byte)) * _PRIME
            length += 1
            at += 1
    return (value if length else np.uint64(0)), at, length


@inner
def _fill(keys, known, bit, text, least):
    """Puts the words of ``text`` that are at least so long into a table, with a ``bit`` for where they stand; how many
    different ones there are."""
    count, at, stop = 0, 0, len(text) - 4
    while count < _WORDS:
        value, at, length = _next_word(text, at, stop)
        if value == 0:
            break
        if length < least:
            continue
        place = slot(keys, value)
        keys[place] = value
        count += not known[place] & bit
        known[place] |= bit
    return count


@kernel
def _overlaps(text, blocks, title, description, repeats, out):
    """Writes what blocks share with title and description into ``out``, and into ``repeats`` (``float32[m, 2]``) share and
    cover of all the title's words; how many words to compare title and description have."""
    room = 64
    while room < 2 * (len(title) + len(description)):  # a word has one byte at least, and most places stay free
        room *= 2
    keys, known = np.zeros(room, np.uint64), np.zeros(room, np.int64)
    seen = np.full(room, -1, np.int64)  # the last block that had the word
    sizes = (
        _fill(keys, known, _IN_TITLE, title, _COMPARED), _fill(keys, known, _IN_DESCRIPTION, description, _COMPARED)
    )  # fmt: skip
    size = _fill(keys, known, _IN_TITLE_AT_ALL, title, 1)
    if size + sizes[1] == 0:
        return sizes
    _compare(text, blocks, keys, known, seen, sizes[0], sizes[1], size, repeats, out)
    return sizes


@inner
def _compare(text, blocks, keys, known, seen, in_title, in_description, size, repeats, out):
    """Writes for each block how many of its words title and description have, and how many of theirs it has."""
    for b in range(len(blocks)):
        at, stop = blocks[b, s.START], blocks[b, s.STOP]
        words = compared = 0
        title_hits = title_words = description_hits = description_words = all_hits = all_words = 0
        while True:
            value, at, length = _next_word(text, at, stop)
            if value == 0:
                break
            words += 1
            compared += length >= _COMPARED
            place = slot(keys, value)
            stands = known[place]
            if stands == 0:  # as most words do
                continue
            is_new = seen[place] != b
            seen[place] = b
            if stands & _IN_TITLE:
                title_hits += 1
                title_words += is_new
            if stands & _IN_DESCRIPTION:
                description_hits += 1
                description_words += is_new
            if stands & _IN_TITLE_AT_ALL:
                all_hits += 1
                all_words += is_new
        out[b, f.TITLE_SHARE], out[b, f.TITLE_COVER] = title_hits / max(compared, 1), title_words / max(in_title, 1)
        out[b, f.DESCRIPTION_SHARE] = description_hits / max(compared, 1)
        out[b, f.DESCRIPTION_COVER] = description_words / max(in_description, 1)
        repeats[b, 0], repeats[b, 1] = all_hits / max(words, 1), all_words / max(size, 1)


@kernel
def _headline(elements, blocks, repeats, out):
    """The block that repeats the title best, and where the others stand to it."""
    m = len(blocks)
    best, best_score = -1, np.float32(0.35)
    for b in range(m):
        share, cover = repeats[b]
        if cover > 0 and blocks[b, s.WORDS] <= _LONGEST:
            tag = elements[max(blocks[b, s.ELEMENT], 0), s.TAG_]
            score = 2 * share * cover / (share + cover)
            if score > 0.3:
                if tag == HEADINGS[0]:
                    score += 0.3
                elif HEADINGS[0] < tag <= HEADINGS[1]:
                    score += 0.15
                if 2 * blocks[b, s.LINK_WORDS] < blocks[b, s.WORDS]:
                    score += 0.1
                if score > best_score:
                    best, best_score = b, score
    if best < 0:  # the first h1
        for b in range(m):
            if elements[max(blocks[b, s.ELEMENT], 0), s.TAG_] == HEADINGS[0]:
                best, best_score = b, np.float32(0)
                break
    if best < 0:
        for b in range(m):
            row = out[b]
            row[f.AFTER_HEADLINE], row[f.WORDS_AFTER_HEADLINE] = -300, -30
            row[f.UP_TO_HEADLINE] = row[f.HEADLINE_SCORE] = row[f.HEADLINE_LEVEL] = row[f.HEADINGS_AFTER] = -1
        return
    holder = max(blocks[best, s.ELEMENT], 0)
    at = elements[holder, s.OPEN]
    tag = elements[holder, s.TAG_]
    level = tag - HEADINGS[0] + 1 if HEADINGS[0] <= tag <= HEADINGS[1] else 0
    before = np.zeros(m + 1, np.int64)
    headings = np.zeros(m + 1, np.int32)
    for b in range(m):
        before[b + 1] = before[b] + blocks[b, s.WORDS]
        tag = elements[max(blocks[b, s.ELEMENT], 0), s.TAG_]
        headings[b + 1] = headings[b] + (HEADINGS[0] <= tag <= HEADINGS[1])
    for b in range(m):
        row = out[b]
        row[f.AFTER_HEADLINE] = min(max(b - best, -200), 200)
        if b >= best:
            row[f.WORDS_AFTER_HEADLINE] = np.log1p((before[b] - before[best]) / s.WORD)
        else:
            row[f.WORDS_AFTER_HEADLINE] = -np.log1p((before[best] - before[b]) / s.WORD)
        up = max(blocks[b, s.ELEMENT], 0)
        steps = 0
        while steps < 60 and not (elements[up, s.OPEN] <= at < elements[up, s.END]):
            if elements[up, s.PARENT] < 0:
                break
            up = elements[up, s.PARENT]
            steps += 1
        row[f.UP_TO_HEADLINE] = steps
        row[f.HEADLINE_SCORE] = best_score
        row[f.HEADLINE_LEVEL] = level
        row[f.HEADINGS_AFTER] = abs(headings[b] - headings[best])


@kernel
def _title_features(text, elements, blocks, title, description, kinds, out):
    repeats = np.zeros((len(blocks), 2), np.float32)
    counts = _overlaps(text, blocks, title, description, repeats, out)
    _headline(elements, blocks, repeats, out)
    for b in range(len(out)):
        for place in range(len(kinds)):
            out[b, f.PAGE_KINDS + place] = kinds[place]
        out[b, f.TITLE_WORDS], out[b, f.DESCRIPTION_WORDS] = counts
