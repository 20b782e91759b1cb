"""What a block says of itself: "Related articles", "All rights reserved", "3 comments", in some forty languages.

``data/phrases.txt`` has the phrases by family; what a family means for a block is left to the classifier, which learns
it from English pages and so knows it for the other languages' phrases as well. A block's first words are looked at,
where such phrases stand; a heading speaks for the blocks below it, and so does a short block that is all phrase.
"""

from __future__ import annotations

import unicodedata
from importlib.resources import files

import numpy as np

from parsers.classifier import feature_table as f
from parsers.classifier.page_statistics import HEADINGS
from parsers.jit.hash_table import value_of
from parsers.markup.names import build_hash_table
from parsers.scanner import page as s
from parsers.scanner.page import Page
from text.hashing import FNV_OFFSET, FNV_PRIME, GOLDEN
from text.jit.options import inner, kernel

_UNITS = 24  # words (of Chinese and Japanese: signs) of a block that are looked at
_LABEL = 10  # a block of at most so many, half of them phrase, is a label
_FARTHEST = 60
_LONGEST = 4  # words of a phrase
_PREFIX = np.uint64(1) << np.uint64(63)  # more words may follow
_OFFSET, _PRIME = np.uint64(FNV_OFFSET), np.uint64(FNV_PRIME)
_NONE, _ONE = np.uint64(0), np.uint64(1)
_COUNT = len(f.PHRASE_FAMILIES)
_LABELLED = np.array([f.PHRASE_FAMILIES.index(family) for family in f.LABEL_FAMILIES])
_IDEOGRAPHS = ((0x3041, 0x3100), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))


def _folded() -> np.ndarray:
    """``uint16[65536]``: of each character of Unicode's first plane its letter, without case and accents; 0 for what
    separates words. Capitals often come without their accents."""
    table = np.zeros(0x10000, np.uint16)
    for point in range(0x10000):
        character = chr(point)
        if unicodedata.category(character)[0] in "LM" and not 0x300 <= point < 0x370:
            letter = (
                unicodedata.normalize("NFD", character)[0].lower()[0] if not 0xAC00 <= point < 0xD7A4 else character
            )
            table[point] = ord(letter) if ord(letter) < 0x10000 else point
    table[ord("ς")] = ord("σ")
    table[ord("ı")] = ord("i")
    return table


def _is_sign() -> np.ndarray:
    table = np.zeros(0x10000, np.bool_)
    for start, stop in _IDEOGRAPHS:
        table[start:stop] = True
    return table


_FOLDED, _SIGN = _folded(), _is_sign()


def _table() -> tuple[np.ndarray, np.ndarray]:
    """By the hashes of phrases and of their beginnings: families as bits, and :data:`_PREFIX`."""
    entries: dict[int, int] = {}
    family = -1
    for line in files("parsers").joinpath("data", "phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            family = f.PHRASE_FAMILIES.index(line.strip("[]"))
        elif line and not line.startswith("#"):
            for phrase in line.split(" / "):
                _enter(entries, phrase, family)
    return build_hash_table(entries)


def _enter(entries: dict[int, int], phrase: str, family: int) -> None:
    with np.errstate(over="ignore"):
        units = [_unit(word) for word in phrase.split()]
        if len(units) > _LONGEST:
            raise ValueError(f"parsers/data/phrases.txt: {phrase!r} has more than {_LONGEST} words")
        value = units[0]
        for unit in units[1:]:
            entries[int(value)] = entries.get(int(value), 0) | int(_PREFIX)
            value = _join(value, unit)
        entries[int(value)] = entries.get(int(value), 0) | 1 << family


def _unit(word: str) -> np.uint64:
    value = _OFFSET
    for character in unicodedata.normalize("NFC", word):
        letter = _FOLDED[ord(character)]
        if letter:
            value = (value ^ np.uint64(letter)) * _PRIME
    return value


def _join(value, unit):
    """The hash of a phrase that goes on with one more word."""
    return (value * GOLDEN) ^ unit


_joined = inner(_join)  # the same, compiled


def compute_phrase_features(page: Page) -> np.ndarray:
    """``float32[m, len(PHRASES)]``: what each block, the blocks before it, and the page say in such phrases."""
    out = np.zeros((len(page.blocks), len(f.PHRASES)), np.float32)
    write_phrase_features(page.text, page.elements, page.blocks, *TABLES, out)
    return out


@inner
def _character(text, at, stop, folded, sign):
    """The folded letter at ``at`` (0: none), whether it is a sign that is a word by itself, and its bytes."""
    byte = np.int64(text[at])
    if byte < 128:
        return folded[byte], False, 1
    width = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    if width == 4 or at + width > stop:
        return np.uint16(0), False, width
    point = byte & (0x7F >> width)
    for offset in range(1, width):
        point = point << 6 | np.int64(text[at + offset]) & 63
    return folded[point], sign[point], width


@inner
def _read(text, start, stop, folded, sign, keys, values, begun, covered):
    """How many of a block's first words there are; of each family, how many its phrases cover, into ``covered``.
    ``begun`` is for hashes of what the last 1, 2, 3 words may begin, 0 for nothing."""
    begun[:] = _NONE
    units, at = 0, start
    while at < stop and units < _UNITS:
        letter, is_sign, width = _character(text, at, stop, folded, sign)
        at += width
        if letter == 0:
            continue
        value = (_OFFSET ^ np.uint64(letter)) * _PRIME
        while not is_sign and at < stop:
            letter, is_sign, width = _character(text, at, stop, folded, sign)
            if letter == 0 or is_sign:
                break
            value = (value ^ np.uint64(letter)) * _PRIME
            at += width
        units += 1
        _end(value, begun, keys, values, covered)
    return units


@inner
def _end(unit, begun, keys, values, covered):
    """A word has ended: which phrases end with it, and which may go on."""
    for length in range(_LONGEST - 1, -1, -1):
        if length and begun[length - 1] == _NONE:
            begun[length] = _NONE
            continue
        phrase = _joined(begun[length - 1], unit) if length else unit
        found = value_of(keys, values, phrase)
        begun[length] = phrase if found & _PREFIX else _NONE
        if found & ~_PREFIX:
            for family in range(_COUNT):
                if (found >> np.uint64(family)) & _ONE:
                    covered[family] += length + 1
            covered[_COUNT] += length + 1


@kernel
def write_phrase_features(text, elements, blocks, folded, sign, keys, values, labelled, out):
    """:func:`compute_phrase_features` by :data:`TABLES` into ``out``, which is all zeros."""
    m = len(blocks)
    begun, covered = np.zeros(_LONGEST, np.uint64), np.zeros(_COUNT + 1, np.int64)
    headed = np.zeros(len(labelled), np.float32)
    last = np.full(len(labelled), -1000, np.int64)
    labels = np.zeros(len(labelled), np.int64)
    count = len(labelled)
    all_labels = 0
    for b in range(m):
        row = out[b]
        units = _read(text, blocks[b, s.START], blocks[b, s.STOP], folded, sign, keys, values, begun, covered)
        says = covered[_COUNT] > 0  # one block of six does
        if says:
            for family in range(_COUNT + 1):  # the last one is any: SPEAKS_ANY
                row[f.SPEAKS + family] = min(covered[family] / units, 1.0)
                covered[family] = 0
        tag = elements[max(blocks[b, s.ELEMENT], 0), s.TAG_]
        is_label = says and units <= _LABEL
        if HEADINGS[0] <= tag <= HEADINGS[1]:
            for place in range(count):
                headed[place] = row[f.SPEAKS + labelled[place]]
        any_label = False
        for place in range(count):
            row[f.HEADED + place] = headed[place]
            if is_label and row[f.SPEAKS + labelled[place]] >= 0.5:
                last[place] = b
                labels[place] += 1
                any_label = True
            row[f.AFTER_LABEL + place] = min(b - last[place], _FARTHEST)
        all_labels += any_label
    on_page = np.log1p(labels)
    for b in range(m):
        row = out[b]
        row[f.SPEAKS_ANY_BEFORE] = out[b - 1, f.SPEAKS_ANY] if b else -1
        row[f.SPEAKS_ANY_AFTER] = out[b + 1, f.SPEAKS_ANY] if b + 1 < m else -1
        for place in range(count):
            row[f.LABELS + place] = on_page[place]
        row[f.LABEL_SHARE] = all_labels / m


TABLES = (_FOLDED, _SIGN, *_table(), _LABELLED)
"""What the kernel knows of characters and phrases."""
