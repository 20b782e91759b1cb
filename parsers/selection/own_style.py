"""Elements that the page's own style sheet hides by their class or their id alone, or moves off the screen: traps for
robots, warnings for old browsers, texts for another screen.

No browser shows them, and no name says so. What is moved off the screen by a name that speaks of screen readers is meant for
these, and stays. But most of what style sheets hide, scripts show again: tabs, menus, the rest of a
text. So an element counts as hidden only if nothing else in the page's style sheets and scripts speaks of that name, and
if most of the text stands outside.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.jit.byte_search import find, which_hold
from parsers.markup.names import BIT, HIDDEN, TAG
from parsers.scanner.page import ELEMENT, INNER, LAST, OPEN, PARENT, TAG_, WORDS, Page, contents
from text.jit.options import kernel

_STYLE, _SCRIPT = TAG["style"], TAG["script"]
_AROUND = frozenset(TAG[name] for name in ("html", "head", "body", "main", "article"))
_RULES, _NAMES, _DEPTH = 200, 10, 60  # rules read, hidden names, and elements around a block, at most
_BYTES = 200_000  # of style sheets; larger ones are those of a whole site
_RULE_LENGTH = 300  # bytes of a rule, before and behind what hides
_HIDES = (
    b"display:none", b"display: none", b"display :none", b"display : none", b"visibility:hidden", b"visibility: hidden",
)  # fmt: skip
# Each has one "y", that many bytes from its beginning, and sheets have few: a search for it reads eight bytes a step.
_DECLARATIONS = np.zeros((len(_HIDES), max(map(len, _HIDES))), np.uint8)
for _place, _declaration in enumerate(_HIDES):
    _DECLARATIONS[_place, : len(_declaration)] = list(_declaration)
_LENGTHS, _YS = np.array([len(name) for name in _HIDES]), np.array([name.index(b"y") for name in _HIDES])
# The selector of a rule, of names alone and at the top of a sheet: of "@media print{.a" nothing is left.
_SELECTOR = re.compile(rb"\s*((?:[a-z0-9]*[.#][A-Za-z_][\w-]*\s*,\s*)*[a-z0-9]*[.#][A-Za-z_][\w-]*)\s*")
_NAME = re.compile(rb"[.#]([A-Za-z_][\w-]*)")
# Off the screen, or cut to nothing. Not text-indent, by which a heading gives way to its picture.
# What such declarations have in them: four bytes that few sheets have, and how they go on.
_SIGNS_OF_PLACE = ((b"-999", b"-999"), (b"-100", b"-1000"), (b"ect(", b"rect("), (b"set(", b"inset("))
_FOURS = np.frombuffer(b"".join(few for few, _ in _SIGNS_OF_PLACE), np.uint8).reshape(-1, 4)
_PLACES, _NEAR = 50, 30  # of each sign that are looked at, and bytes before and behind it
_PLACED = re.compile(
    rb"(?i)(?<![\w-])(?:left|top|right)\s*:\s*-(?:\d{4,}(?:px)?|\d{3,}r?em|\d{3,}v[wh])(?![\w%.])"
    rb"|(?<![\w-])clip\s*:\s*rect\(\s*[01](?:px)?(?=[\s,])|(?<![\w-])clip-path\s*:\s*inset\(\s*(?:50|100)%"
)
_INLINE = re.compile(
    rb'(?i)\sstyle="[^"]*(?<![\w-])(?:left|top|right)\s*:\x20?-(?:\d{4,}(?:px)?|\d{3,}r?em)(?![\w%.])'
)
_FOR_READERS = re.compile(
    rb"(?i)sr-?_?only|reader|visual|a11y|access|assist|aural|skip|hid|invisible|unseen|off-?_?screen"
)
_PLACED_ELEMENTS = 50  # elements whose style is looked at
_IS_HIDDEN = int(BIT[HIDDEN])


def drop_hidden(page: Page, markup: bytes, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the blocks in elements that the page's own style sheet hides; all stay
    where that is half of their words. ``markup`` is the page's normal form. Time is linear in that."""
    sheets = contents(page, _STYLE)
    if sum(stop - start for start, stop in sheets) > _BYTES:
        return kept
    names, placed = _hidden_names(markup, sheets), _placed(page, markup)
    if not (names or placed) or not kept.any():
        return kept
    elements, holders = page.elements, np.maximum(page.blocks[:, ELEMENT], 0)
    around = _around(elements, holders, kept)
    tags = [markup[start:stop] for start, stop in elements[around][:, [OPEN, INNER]].tolist()]
    together = b"".join(tags)
    names = [name for name in names if name in together and _says_nothing_else(page, markup, sheets, name)]
    if not (names or placed):
        return kept
    inside = np.zeros(len(elements), np.bool_)
    for element in placed:
        inside[element : elements[element, LAST] + 1] = True
    if names:
        has = re.compile(rb'\s(?:class|id)="(?:[^"<>]*\s)?(?:' + b"|".join(names) + rb')[\s"]')
        for element, tag in zip(around.tolist(), tags, strict=True):
            if not inside[element] and elements[element, TAG_] not in _AROUND and has.search(tag):
                inside[element : elements[element, LAST] + 1] = True
    words, hidden = page.blocks[:, WORDS], kept & inside[holders]
    return kept & ~hidden if 2 * words[hidden].sum() < words[kept].sum() else kept


def _hidden_names(markup: bytes, sheets: list[tuple[int, int]]) -> list[bytes]:
    """The classes and ids that a rule of the style sheets hides."""
    found: dict[bytes, None] = {}
    if not sheets:
        return []
    data, words = np.frombuffer(markup, np.uint8), np.frombuffer(markup, np.uint64, len(markup) // 8)
    left = _RULES
    for start, stop in sheets[:_RULES]:
        places = _hiding(data, words, start, stop, _RULES, _DECLARATIONS, _LENGTHS, _YS)[:left]
        left -= len(places)
        for at in places.tolist():
            found |= dict.fromkeys(_names_of(markup, start, at))
        for at in _places(markup, data, start, stop):
            named = _names_of(markup, start, at)
            found |= dict.fromkeys(name for name in named if not _FOR_READERS.search(name))
    return list(found)[:_NAMES]


def _places(markup: bytes, data: np.ndarray, start: int, stop: int) -> list[int]:
    """Where declarations that move off the screen stand in the style sheet from ``start`` to ``stop``. To search all of it
    by their pattern would cost more than all else here."""
    places: list[int] = []
    there = which_hold(data[start:stop], _FOURS)
    if not there:
        return places
    for bit, (_, sign) in enumerate(_SIGNS_OF_PLACE):
        at = markup.find(sign, start, stop) if there >> bit & 1 else -1
        for _ in range(_PLACES):
            if at < 0:
                break
            near = _PLACED.finditer(markup, max(start, at - _NEAR), min(stop, at + _NEAR))
            if any(match.start() <= at < match.end() for match in near):
                places.append(at)
            at = markup.find(sign, at + 1, stop)
    return places


def _names_of(markup: bytes, start: int, at: int) -> list[bytes]:
    """The classes and ids of the rule around ``at``, of a style sheet that begins at ``start``."""
    opened = markup.rfind(b"{", max(start, at - _RULE_LENGTH), at)
    if b"}" in markup[max(opened, start) : at]:  # it stands behind a rule, in a comment, say
        return []
    begins, ends = max(start, opened - _RULE_LENGTH), max(opened, start)
    rule, comment = markup.rfind(b"}", begins, ends), markup.rfind(b"*/", begins, ends)
    selector = _SELECTOR.fullmatch(markup, max(begins, rule + 1, comment + 2 if comment >= 0 else 0), ends)
    return _NAME.findall(selector[1]) if selector else []


def _placed(page: Page, markup: bytes) -> list[int]:
    """Elements that their own ``style`` moves off the screen."""
    if not page.said & _IS_HIDDEN:
        return []
    rows = _negative(np.frombuffer(markup, np.uint8), page.elements, page.context, BIT[HIDDEN])
    return [
        row
        for row in rows.tolist()
        if page.elements[row, TAG_] not in _AROUND
        and _INLINE.search(markup[page.elements[row, OPEN] : page.elements[row, INNER]])
    ]


@kernel
def _negative(data, elements, context, hidden):
    """``int64[k]``: of the first elements that something hides, those with a negative number behind a colon in their start
    tag."""
    rows = np.empty(_PLACED_ELEMENTS, np.int64)
    count = seen = 0
    for e in range(len(elements)):
        if not context[e] & hidden:
            continue
        seen += 1
        if seen > _PLACED_ELEMENTS:
            break
        for at in range(elements[e, OPEN] + 2, elements[e, INNER]):
            if data[at] == 45 and (data[at - 1] == 58 or (data[at - 1] == 32 and data[at - 2] == 58)):
                rows[count] = e
                count += 1
                break
    return rows[:count]


@kernel
def _hiding(data, words, start, stop, most, declarations, lengths, ys):
    """``int64[k]``: where the declarations that hide begin in bytes ``start`` to ``stop``: ``most`` of each at most, one
    declaration after the other."""
    places, counts = np.zeros((len(lengths), most), np.int64), np.zeros(len(lengths), np.int64)
    at = find(data, words, stop, start, 121)
    while at < stop:
        for which in range(len(lengths)):
            first = at - ys[which]
            if first >= start and first + lengths[which] <= stop and counts[which] < most:
                same = 0
                while same < lengths[which] and data[first + same] == declarations[which, same]:
                    same += 1
                if same == lengths[which]:
                    places[which, counts[which]] = first
                    counts[which] += 1
        at = find(data, words, stop, at + 1, 121)
    total = 0
    found = np.empty(counts.sum(), np.int64)
    for which in range(len(lengths)):
        for place in range(counts[which]):
            found[total] = places[which, place]
            total += 1
    return found


def _says_nothing_else(page: Page, markup: bytes, sheets: list[tuple[int, int]], name: bytes) -> bool:
    """Whether a name stands once in the style sheets and in no script."""
    return sum(markup.count(name, *sheet) for sheet in sheets) == 1 and all(
        markup.find(name, *script) < 0 for script in contents(page, _SCRIPT)
    )


@kernel
def _around(elements, holders, kept):
    """``int64[k]``: the elements of kept blocks and those around them, in order: an element comes after all that it stands
    in."""
    found = np.zeros(len(elements), np.bool_)
    for b in range(len(kept)):
        element = holders[b] if kept[b] else -1
        for _ in range(_DEPTH):
            if element < 0:
                break
            found[element] = True
            element = elements[element, PARENT]
    rows = np.empty(len(elements), np.int64)
    count = 0
    for e in range(len(elements)):
        if found[e]:
            rows[count] = e
            count += 1
    return rows[:count]
