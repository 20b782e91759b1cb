"""Buttons, and links to an editor or to a script, that stand in a heading or beside a list and are no part of either: "Copy item path", and "1x 2x 3x", by which a
recipe's amounts are multiplied.

A heading that has no other text is the button's: what it unfolds is headed by it.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.jit.byte_search import may_hold, which_may_be
from parsers.markup.names import TAG
from parsers.markup.tokens import plain_text
from parsers.scanner.edits import Edit
from parsers.scanner.page import CLOSE, END, HEADING_BUTTONS, INNER, LAST, OPEN, PARENT, TAG_, Page
from text.jit.options import inner, kernel

_BUTTON, _H1, _H6 = TAG["button"], TAG["h1"], TAG["h6"]
_A, _HEADINGS = TAG["a"], 200  # headings of a page that are looked at
NOWHERE = re.compile(rb'(?i)\shref="(?:javascript:[^"]*|#)"')  # the address of a link that only a script follows
_EDITS = re.compile(rb'(?i)\shref="[^"]*(?:[/?&=_-]edit\b|action=edit)')
_PLACES, _TO_PLACE = (
    frozenset({"hashtag", "link", "permalink", "anchor", "direct link"}),
    re.compile(rb'\shref="#[^"]'),
)
_LEVELS, _MOST = 3, 100  # elements from a button to its heading; buttons of a page that are looked at
_LONGEST = 5_000  # bytes of such a heading
_GAP = 200  # bytes from one multiple to the next
_SIGNS = (b"x 2x", b"1x2x")
_MAY_BE = np.frombuffer(b"".join(_SIGNS), np.uint8).reshape(-1, 4)
_MULTIPLE = re.compile(
    rb"<(button|a|span|label|li|div)(?:\s[^<>]*)?>\s*(?:<input\b[^<>]*>\s*)?((?:\d{1,2}|1/2|\d?\.5|\xc2\xbd|\xc2\xbc)\s?(?:[xX]|\xc3\x97))\s*</\1>"
)
_BETWEEN = re.compile(rb"(?:\s|&nbsp;|/|\||<[^<>]*>)*")


def buttons_apart(markup: bytes, page: Page) -> list[Edit]:
    """What takes such buttons out of ``markup`` (normal form, of which ``page`` is the scanner's)."""
    return [*_in_headings(markup, page), *_multiples(markup, page)]


@inner
def in_headings(elements):
    """Whether a button stands in a heading."""
    buttons = 0
    for e in range(len(elements)):
        if elements[e, TAG_] == _BUTTON:
            buttons += 1
            if buttons > _MOST:
                break
            around = elements[e, PARENT]
            for _ in range(_LEVELS):
                if around < 0 or _H1 <= elements[around, TAG_] <= _H6:
                    break
                around = elements[around, PARENT]
            if around >= 0 and _H1 <= elements[around, TAG_] <= _H6:
                return True
    return False


def _in_headings(markup: bytes, page: Page) -> list[Edit]:
    elements = page.elements
    found: dict[int, list[int]] = {}
    for button in _acting(markup, page):
        around = int(elements[button, PARENT])
        for _ in range(_LEVELS):
            if around < 0 or _H1 <= elements[around, TAG_] <= _H6:
                break
            around = int(elements[around, PARENT])
        if around >= 0 and _H1 <= elements[around, TAG_] <= _H6:
            found.setdefault(around, []).append(button)
    edits = []
    for heading, buttons in found.items():
        start, stop = elements[heading, [INNER, CLOSE]].tolist()
        if stop - start > _LONGEST:
            continue
        others, at = [], start
        for button in buttons:
            others.append(markup[at : elements[button, OPEN]])
            at = int(elements[button, END])
        rest = b"".join([*others, markup[at:stop]]).decode("utf-8", "replace")
        if any(map(str.isalpha, plain_text(rest))):
            edits += [Edit(int(elements[button, OPEN]), int(elements[button, END]), b" ") for button in buttons]
    return edits


def _acting(markup: bytes, page: Page) -> list[int]:
    """Buttons of a page, and the last links of headings of which a word or two say that they do something."""
    elements = page.elements
    found: list[int] = []
    if page.signs & HEADING_BUTTONS:
        found = np.flatnonzero(elements[:, TAG_] == _BUTTON)[:_MOST].tolist()
    for row in _links_in_headings(np.frombuffer(markup, np.uint8), elements).tolist():
        opens, inner, close = elements[row, [OPEN, INNER, CLOSE]].tolist()
        tag = markup[opens:inner]
        if b'="#' not in tag and b"edit" not in tag and b"avascript:" not in tag:
            continue
        said = plain_text(markup[inner:close].decode("utf-8", "replace")).strip()
        if said in _PLACES and _TO_PLACE.search(tag):  # an icon's name
            found.append(row)
            continue
        acts = NOWHERE.search(tag) and len(said.split()) < 3 and (said.islower() or said[:1] in ("[", "("))
        if acts or (_EDITS.search(tag) and (said[:1] in ("[", "(") or len(said.split()) < 2)):
            found.append(row)
    return sorted(found)


@kernel
def _links_in_headings(data, elements):
    """The short links that end a heading, behind something else: of the first of them those in whose tag two bytes of what is
    looked for stand."""
    found = np.zeros(len(elements), np.bool_)
    for heading in range(len(elements)):
        if _H1 <= elements[heading, TAG_] <= _H6:
            last = elements[heading, LAST]
            if elements[last, TAG_] != _A:
                last = max(elements[last, PARENT], 0)
            if elements[last, TAG_] == _A and elements[last, OPEN] > elements[heading, INNER] + 1:
                found[last] = elements[last, CLOSE] - elements[last, INNER] <= _GAP
    rows = np.empty(_HEADINGS, np.int64)
    count = seen = 0
    for e in range(len(elements)):
        if not found[e]:
            continue
        seen += 1
        if seen > _HEADINGS:
            break
        for at in range(elements[e, OPEN], elements[e, INNER] - 1):
            first, second = data[at], data[at + 1]
            # "#, ed, av
            if (first == 34 and second == 35) or (first == 101 and second == 100) or (first == 97 and second == 118):
                rows[count] = e
                count += 1
                break
    return rows[:count]


def _multiples(markup: bytes, page: Page) -> list[Edit]:
    """Three and more multiples in a row, or "1x" and "2x"."""
    if not which_may_be(page.text, _MAY_BE) or not any(may_hold(page.text, sign) for sign in _SIGNS):
        return []
    edits: list[Edit] = []
    run: list[re.Match[bytes]] = []
    for match in [*_MULTIPLE.finditer(markup), None]:
        if match and run and _follows(markup, run[-1].end(), match.start()):
            run.append(match)
            continue
        if {b"1x", b"2x"} <= {each[2].lower() for each in run}:
            edits += [Edit(each.start(), each.end(), b" ") for each in run]
        run = [match] if match else []
    return edits


def _follows(markup: bytes, stop: int, start: int) -> bool:
    return start - stop <= _GAP and _BETWEEN.fullmatch(markup, stop, start) is not None
