"""Cells of a table that show a sign as a picture: a tick that a font or a drawing makes is the value of its row's column, and
its name or its class says which sign it is.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.markup.names import TAG
from parsers.scanner.edits import Edit
from parsers.scanner.page import CLOSE, INNER, LAST, TAG_, Page
from text.jit.options import kernel

_TD, _TH, _SVG = TAG["td"], TAG["th"], TAG["svg"]
_DRAWN = [TAG[name] for name in ("svg", "img", "i", "span")]
_FEWEST, _MOST = 2, 1_000  # such cells of a page, at least, and those that are looked at
_DIFFERENT = 16  # contents of such cells; a page with more has pictures in them
_SHORTEST, _LONGEST, _WITHIN = 8, 1_500, 6  # bytes of a cell's content, and elements in it
_WORKS = np.zeros(len(TAG), np.bool_)  # what is pressed says what it does, and a table is no sign
_WORKS[[TAG[name] for name in ("a", "button", "input", "label", "select", "table", "p")]] = True
_NAME = re.compile(
    rb'\s(?:aria-label|alt|title)="\s*([^"<>]{1,24}?)\s*"|<title(?:\s[^<>]*)?>\s*([^<>]{1,24}?)\s*</title>'
)
_CLASS = re.compile(rb'\sclass="([^"]*)"')
_FAMILY = re.compile(
    r"(?:fa[srlb]?|bi|icons?|glyphicon|dashicons|ti|mdi|ri|la[srb]?|ph|pi|oi|ion|md|feather|lucide|octicon|uil|bx[s]?|fi|i|svg|"
    r"table|cell)[-_]+"
)
_SAID = frozenset(
    "yes no true false available unavailable included excluded supported unsupported partial partially optional required enabled "
    "disabled none full ja nein oui non si sí sim não nao да нет tak nie nee 是 否 有 无 無 はい いいえ".split()
) | {"not available", "not included", "not supported", "full support", "no support", "partial support"}
_SIGNS = (
    ("✓", "check checked checkmark check-mark check-circle check-circle-fill check-circle-o check-square check-square-o check-lg "
          "check2 check-bold check-line circle-check square-check ok ok-circle ok-sign yes yes-alt tick done accept tickmark"),
    ("✗", "times times-circle times-circle-o x x-lg x-circle x-circle-fill close close-line cross remove remove-sign "
          "remove-circle no no-alt xmark circle-xmark crossmark cross-mark cancel"),
    ("–", "minus dash minus-sign"),
)  # fmt: skip
_SIGN_OF = {name: sign for sign, names in _SIGNS for name in names.split()}


def write_cell_signs(markup: bytes, page: Page) -> list[Edit]:
    """What writes such signs into the cells of ``markup`` (normal form, of which ``page`` is the scanner's): "Yes", where a name
    says so, or "✓". Time is linear in the page."""
    if not page.tags[_TD] or not any(page.tags[tag] for tag in _DRAWN):
        return []
    edits = []
    # The signs of a page are few, and so are the spacers of one that a table lays out.
    known: dict[bytes, bytes] = {}
