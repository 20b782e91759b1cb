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
    for start, stop in _pictured(np.frombuffer(markup, np.uint8), page.elements, _WORKS).tolist():
        content = markup[start:stop]
        if content not in known:
            if len(known) == _DIFFERENT:
                break
            known[content] = _sign(content).encode()
        if sign := known[content]:
            edits.append(Edit(start, stop, sign))
    return edits if len(edits) >= _FEWEST else []


@kernel
def _pictured(data, elements, works):
    """``int32[k, 2]``: where the contents of the cells begin and end that hold elements, and no text outside of a drawing."""
    found = np.empty((_MOST, 2), np.int32)
    count = 0
    for e in range(len(elements)):
        if elements[e, TAG_] != _TD and elements[e, TAG_] != _TH:
            continue
        start, stop, within = elements[e, INNER], elements[e, CLOSE], elements[e, LAST] - e
        if within == 0 or not _SHORTEST <= stop - start <= _LONGEST:
            continue
        drawing = elements[e + 1, TAG_] == _SVG
        tag, says = False, not drawing and within > _WITHIN
        for inside in range(e + 1, min(e + within, e + _WITHIN) + 1):
            says = says or works[elements[inside, TAG_]]
        at = start
        while at < stop and not says and not drawing:
            byte = data[at]
            if byte == 60:
                tag = True
            elif byte == 62:
                tag = False
            elif not tag and byte == 38 and data[at + 1] == 110 and data[at + 5] == 59:
                at += 5  # a blank that does not break
            elif not tag and byte > 32:
                says = True
            at += 1
        if not says and count < _MOST:
            found[count, 0], found[count, 1] = start, stop
            count += 1
    return found[:count]


def _sign(content: bytes) -> str:
    """The sign that the content of a cell shows; empty where it is none."""
    names = [(name[0] or name[1]).decode("utf-8", "replace") for name in _NAME.findall(content)]
    for name in names:
        if name.lower() in _SAID:
            return name
    words = [
        word for attribute in _CLASS.findall(content) for word in attribute.decode("utf-8", "replace").lower().split()
    ]
    for word in [*map(str.lower, names), *words]:
        if sign := _SIGN_OF.get(_FAMILY.sub("", word, count=1)):
            return sign
    return ""
