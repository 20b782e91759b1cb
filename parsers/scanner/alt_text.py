"""Alternative texts of images as text, for those who want more of them than the formulas.

An author's description of a picture is prose about the page's subject. But most alternative texts are not: names of
files, "logo", what the caption says, the same words for each star of a rating. One is used unless a rule below
excludes it, and only once a page.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.formulas.extraction import extract_formula
from parsers.markup.tokens import attributes
from parsers.scanner.page import ATOM, ATOMS, ATOMS_STOP, IMAGE, START, STOP, Page, outer_markup

_FILES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".bmp", ".tif", ".tiff", ".avif", ".heic")
_CODE = re.compile(r"[\d_/]")  # in a single word: an address, or a name that a camera or a program gave
_NAME = re.compile(
    r"(?:img|image|dsc[fn]?|photo|pic(?:ture)?|screen ?shot|untitled|slide|figure|fig)[\W\d_]*", re.IGNORECASE
)
# Single words that describe nothing.
_NOTHING = frozenset(
    "alt arrow avatar background banner blank bullet button chart close cover default description diagram divider "
    "download empty enlarge facebook featured graph hero icon illustration instagram line linkedin loader loading "
    "logo map menu none null photograph pinterest placeholder play portrait profile rss search separator share spacer star "
    "thumb thumbnail top twitter undefined up video youtube".split()
)
_FILLER = frozenset(
    "a an the of for our my this no alt text image img photo picture pic icon logo here featured".split()
)
_SIGNS = frozenset("icon icons logo logos avatar badge emoji".split())  # whatever they stand for
_SMILEY = re.compile(r":[\w-]{1,40}:|[:;8=]-?[()DPpOo|/]")
_TAG = re.compile(r"<[^<>]*>")
_LETTERS = re.compile(r"[^\W_]+")
_LONGEST = 1_000  # characters; descriptions of charts have some hundred
_BESIDE = 2_000  # bytes of a neighbour that an alternative text is held against


def read_alt_texts(markup: bytes, page: Page) -> None:
    """Puts into ``page.readings`` what each image says: its formula, its text, or nothing. Time is linear."""
    blocks = page.blocks
    said: set[str] = set()
    for row in np.flatnonzero(blocks[:, ATOMS_STOP] > blocks[:, ATOMS]).tolist():
        atoms = page.atoms[blocks[row, ATOMS] : blocks[row, ATOMS_STOP]].tolist()
        images = [element for element, kind in atoms if kind == IMAGE]
        beside = [_words(_start_of(page, near)) for near in range(row - 1, row + 2)] if images else []
        for element in images:
            source = outer_markup(markup, page, element)
            page.readings[element] = extract_formula(source) or _said(source, beside, said)


def _said(source: str, beside: list[str], said: set[str]) -> str:
    """An image's alternative text between blanks, or a blank. ``said``: what other images have said before it."""
    alt = description(attributes(source[len("<img") : -1]))
    words = _words(alt)
    # Views of one product are numbered.
    name = " ".join(word for word in words.split() if not word.isdigit())
    if not alt or (name and (name in said or any(words in near for near in beside))):
        return " "
    said.add(name)
    return f" {alt} "


def description(given: dict[str, str]) -> str:
    """The alternative text of an image with these attributes; empty if it is for decoration or no text."""
    alt = " ".join(_TAG.sub(" ", given.get("alt", "")[: _LONGEST + 1]).split())
    if not alt or len(alt) > _LONGEST or alt.lower().endswith(_FILES) or (" " not in alt and _CODE.search(alt)):
        return ""
    if _NAME.fullmatch(alt) or _SMILEY.fullmatch(alt):
        return ""
    if given.get("role") in ("presentation", "none") or given.get("aria-hidden") == "true":
        return ""
    if given.get("width") in ("0", "1") or given.get("height") in ("0", "1"):  # a tracking pixel
        return ""
    words = _LETTERS.findall(alt.lower())
    if not words:
        return alt if not alt.isascii() else ""  # an emoji, drawn
    numbered = sum(any(map(str.isdigit, word)) for word in words)
    if words[0] in _SIGNS or words[-1] in _SIGNS or 2 * numbered > len(words):
        return ""
    left = [word for word in words if word not in _FILLER and not word.isdigit()]
    return "" if not left or (len(left) == 1 and left[0] in _NOTHING) else alt


def _words(text: str) -> str:
    """The words alone, in lower case, blanks around each: so that one text can be looked for in another."""
    return f" {' '.join(_LETTERS.findall(text.lower()))} "


def _start_of(page: Page, row: int) -> str:
    if not 0 <= row < len(page.blocks):
        return ""
    start, stop = page.blocks[row, [START, STOP]].tolist()
    text = page.text[start : min(stop, start + _BESIDE)].tobytes()
    return text.replace(bytes([ATOM]), b" ").decode("utf-8", "replace")
