"""Reads the atoms of a page, and finds those that are none: a class that promises a formula may be anywhere.

An element that turns out to be no root is content as any other: its children are looked at one by one. A formula's
double (a preview, glyphs drawn beside the source) that carries no formula of its own is left out where it is next to a
formula, with nothing but white space between.
"""

from __future__ import annotations

import numpy as np

from parsers.code_blocks.lines import code_lines
from parsers.code_blocks.numbering import is_gutter
from parsers.formulas.extraction import extract_formula, is_double
from parsers.formulas.formula import Formula
from parsers.markup.names import TAG
from parsers.markup.tokens import plain_text, tokenize
from parsers.scanner.atom_roots import LISTING, MATH, MJX, PRE, TEX_MATH, XMP
from parsers.scanner.page import (
    ATOM,
    ATOMS,
    ATOMS_STOP,
    END,
    FORMULA,
    LAST,
    PARENT,
    SOURCE,
    START,
    STOP,
    TAG_,
    Page,
    outer_markup,
)

# What these elements are, no name decides: they stay atoms, whatever is in them.
_SURE_CODE, _SURE_FORMULAS = (PRE, LISTING, XMP), (MATH, TEX_MATH, MJX)
_SCRIPT, TD = TAG["script"], TAG["td"]
_START_TAG, _TO_ORIGIN, _GAP = 100, 2, 200  # bytes; elements around lines; bytes up to what they were made of
_HEAD_LINES = 2  # above the first line with a number
_TO_CELL = 3  # elements between a cell and its ``pre``


def read_atoms(markup: bytes, page: Page) -> list[int]:
    """Reads the atoms of ``page`` that may be none into ``page.readings``; the elements that are no roots."""
    others: list[int] = []
    doubles: list[tuple[int, int]] = []
    for atom, (element, kind) in enumerate(page.atoms.tolist()):
        if kind not in (FORMULA, SOURCE) or element in page.readings:
            continue
        tag = page.elements[element, TAG_]
        if kind == SOURCE and tag in _SURE_CODE:
            if tag == PRE and _numbers_the_next(markup, page, atom):
                page.readings[element] = ""
            continue
        source = outer_markup(markup, page, element)
        found = code_lines(source) if kind == SOURCE else extract_formula(source)
        if found is not None:
            page.readings[element] = "" if kind == SOURCE and _is_drawn_again(markup, page, element, source) else found
        elif tag == _SCRIPT:
            page.readings[element] = ""
        elif kind == FORMULA and is_double(source):
            doubles.append((atom, element))
        elif tag not in _SURE_FORMULAS:
            others.append(element)
    if doubles:
        rows = np.searchsorted(page.blocks[:, ATOMS], [atom for atom, _ in doubles], side="right") - 1
        beside = set().union(*(_beside_formulas(page, row) for row in np.unique(rows)))
        for _, element in doubles:
            if element in beside:
                page.readings[element] = ""
            else:
                others.append(element)
    return others


def _numbers_the_next(markup: bytes, page: Page, atom: int) -> bool:
    """Whether the ``pre`` of an atom holds the line numbers of the next atom's, in the cell or the element beside it."""
    element = page.atoms[atom, 0]
    cell = page.elements[element, PARENT]
    for _ in range(_TO_CELL):
        if cell < 0 or page.elements[cell, TAG_] == TD:
            break
        cell = page.elements[cell, PARENT]
    if cell < 0 or page.elements[cell, TAG_] != TD:
        cell = page.elements[element, PARENT]
    if cell < 0 or page.elements[cell, PARENT] < 0 or atom + 1 >= len(page.atoms):
        return False
    other, row = page.atoms[atom + 1, 0], page.elements[cell, PARENT]
    if page.elements[other, TAG_] != PRE or not row < other <= page.elements[row, LAST]:
        return False
    source = outer_markup(markup, page, element)
    if not _begins_with_digit(source):
        return False
    numbers = plain_text(source)
    numbered = is_gutter(numbers)
    lines = plain_text(outer_markup(markup, page, other)).strip("\n").count("\n") + 1
    # The first lines may have none: the name of a file, set above the code, and a blank one. Line feeds say so, of which a page that
    # is scanned again loses the first; numbers that begin elsewhere than at 1 do as well.
    if numbered and numbers.split()[0] != "1" and 0 <= lines - numbered <= _HEAD_LINES:
        return True
    return numbered > 0 and min(abs(lines - numbered), abs(lines - 1 - numbers.rstrip("\n").count("\n"))) <= 1


def _is_drawn_again(markup: bytes, page: Page, element: int, source: str) -> bool:
    """Whether the ``pre`` of which EnlighterJS made an element's lines follows close behind it, as in pages that a browser saved."""
    if 'class="enlighter"' not in source[:_START_TAG]:
        return False
    around = element
    for _ in range(_TO_ORIGIN):
        around = max(int(page.elements[around, PARENT]), 0)
        end = int(page.elements[around, END])
        if markup[end : end + _GAP].lstrip().startswith(b'<pre class="EnlighterJSRAW'):
            return True
    return False


def _begins_with_digit(source: str) -> bool:
    """Whether an element's text does: of most no more needs to be read."""
    for token in tokenize(source):
        if token.kind == "text" and (text := token.text.lstrip()):
            return text[0].isdecimal()
    return False


def _beside_formulas(page: Page, row: int) -> set[int]:
    """The elements of a block's atoms that stand in a row with a formula, nothing but white space between them."""
    block = page.blocks[row]
    pieces = page.text[block[START] : block[STOP]].tobytes().split(bytes([ATOM]))
    beside: set[int] = set()
    together: list[int] = []
    pieces[-1] = b"."  # the block's end ends the row as well
    for element, after in zip(page.atoms[block[ATOMS] : block[ATOMS_STOP], 0].tolist(), pieces[1:], strict=True):
        together.append(element)
        if after.strip():
            if any(isinstance(page.readings.get(other), Formula) for other in together):
                beside.update(together)
            together.clear()
    return beside
