"""Elements that the page's own style sheet hides by their class or their id alone: traps for robots, warnings for old
browsers, texts for another screen.

No browser shows them, and no name says so. But most of what style sheets hide, scripts show again: tabs, menus, the rest of a
text. So an element counts as hidden only if nothing else in the page's style sheets and scripts speaks of that name, and
if most of the text stands outside.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.jit.byte_search import find
from parsers.markup.names import TAG
from parsers.scanner.page import CLOSE, ELEMENT, INNER, LAST, OPEN, PARENT, TAG_, WORDS, Page
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
_SELECTOR = re.compile(rb"(?:^|[}]|\*/)\s*((?:[a-z0-9]*[.#][A-Za-z_][\w-]*\s*,\s*)*[a-z0-9]*[.#][A-Za-z_][\w-]*)\s*$")
_NAME = re.compile(rb"[.#]([A-Za-z_][\w-]*)")


def drop_hidden(page: Page, markup: bytes, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the blocks in elements that the page's own style sheet hides; all stay
    where that is half of their words. ``markup`` is the page's normal form. Time is linear in that."""
    sheets = _stretches(page, _STYLE)
    if sum(stop - start for start, stop in sheets) > _BYTES:
        return kept
    names = _hidden_names(markup, sheets)
    if not names or not kept.any():
        return kept
    elements, holders = page.elements, np.maximum(page.blocks[:, ELEMENT], 0)
    around = _around(elements[:, PARENT], holders[kept])
    tags = [markup[start:stop] for start, stop in elements[around][:, [OPEN, INNER]].tolist()]
    together = b"".join(tags)
    names = [name for name in names if name in together and _says_nothing_else(page, markup, sheets, name)]
    if not names:
        return kept
    has = re.compile(rb'\s(?:class|id)="(?:[^"<>]*\s)?(?:' + b"|".join(names) + rb')[\s"]')
    inside = np.zeros(len(elements), np.bool_)
    for element, tag in zip(around.tolist(), tags, strict=True):
        if not inside[element] and elements[element, TAG_] not in _AROUND and has.search(tag):
            inside[element : elements[element, LAST] + 1] = True
    words, hidden = page.blocks[:, WORDS], kept & inside[holders]
    return kept & ~hidden if 2 * words[hidden].sum() < words[kept].sum() else kept


def _hidden_names(markup: bytes, sheets: list[tuple[int, int]]) -> list[bytes]:
    """The classes and ids that a rule of the style sheets hides."""
    found: dict[bytes, None] = {}
    data, words = np.frombuffer(markup, np.uint8), np.frombuffer(markup, np.uint64, len(markup) // 8)
    left = _RULES
    for start, stop in sheets:
        places = _hiding(data, words, start, stop, _RULES, _DECLARATIONS, _LENGTHS, _YS)[:left]
        left -= len(places)
        for at in places.tolist():
            opened = markup.rfind(b"{", max(start, at - _RULE_LENGTH), at)
            if b"}" in markup[max(opened, start) : at]:  # it stands behind a rule, in a comment, say
                continue
            if selector := _SELECTOR.search(markup[max(start, opened - _RULE_LENGTH) : max(opened, start)]):
                found |= dict.fromkeys(_NAME.findall(selector[1]))
    return list(found)[:_NAMES]


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
        markup.find(name, *script) < 0 for script in _stretches(page, _SCRIPT)
    )


def _stretches(page: Page, tag: int) -> list[tuple[int, int]]:
    """Where the contents of the elements of a tag begin and end."""
    rows = page.elements[page.elements[:, TAG_] == tag]
    return [(start, stop) for start, stop in rows[:, [INNER, CLOSE]].tolist()]


def _around(parents: np.ndarray, elements: np.ndarray) -> np.ndarray:
    """``elements`` and those around them, in order: an element comes after all that it stands in."""
    found, here = np.zeros(len(parents), np.bool_), elements
    for _ in range(_DEPTH):
        here = here[(here >= 0) & ~found[here]]
        if not len(here):
            break
        found[here] = True
        here = parents[here]
    return np.flatnonzero(found)
