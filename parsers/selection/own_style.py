"""Elements that the page's own style sheet hides by their class or their id alone: traps for robots, warnings for old
browsers, texts for another screen.

No browser shows them, and no name says so. But most of what style sheets hide, scripts show again: tabs, menus, the rest of a
text. So an element counts as hidden only if nothing else in the page's style sheets and scripts speaks of that name, and
if most of the text stands outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from parsers.markup.names import TAG
from parsers.scanner.page import CLOSE, ELEMENT, INNER, LAST, OPEN, TAG_, WORDS, Page

_STYLE, _SCRIPT = TAG["style"], TAG["script"]
_AROUND = frozenset(TAG[name] for name in ("html", "head", "body", "main", "article"))
_RULES, _NAMES, _ELEMENTS = 100, 20, 100  # rules read, hidden names, and elements of one name, at most
_RULE_LENGTH = 300  # bytes of a rule, before and behind what hides
_HIDES = re.compile(rb"(?i)[{;]\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\s*(?:!important\s*)?[;}]")
# The selector of a rule, of names alone and at the top of a sheet: of "@media print{.a" nothing is left.
_SELECTOR = re.compile(rb"(?:^|[}]|\*/)\s*((?:[a-z0-9]*[.#][A-Za-z_][\w-]*\s*,\s*)*[a-z0-9]*[.#][A-Za-z_][\w-]*)\s*$")
_NAME = re.compile(rb"[.#]([A-Za-z_][\w-]*)")


def drop_hidden(page: Page, markup: bytes, kept: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the blocks in elements that the page's own style sheet hides; all stay
    where that is half of their words. ``markup`` is the page's normal form. Time is linear in that."""
    elements = page.elements
    inside = np.zeros(len(elements), np.bool_)
    for name in _hidden_names(page, markup):
        for element in _named(page, markup, name):
            if elements[element, TAG_] not in _AROUND:
                inside[element : elements[element, LAST] + 1] = True
    if not inside.any():
        return kept
    words, hidden = page.blocks[:, WORDS], inside[np.maximum(page.blocks[:, ELEMENT], 0)]
    if not (kept & hidden).any() or 2 * words[kept & hidden].sum() >= words[kept].sum():
        return kept
    return kept & ~hidden


def _hidden_names(page: Page, markup: bytes) -> list[bytes]:
    """The names that a rule hides, and that stand nowhere else in the style sheets, nor in the scripts."""
    sheets, found = _stretches(page, _STYLE), []
    rules = 0
    for start, stop in sheets:
        for match in _HIDES.finditer(markup, start, stop):
            rules += 1
            opened = markup.rfind(b"{", max(start, match.start() - _RULE_LENGTH), match.start() + 1)
            if rules > _RULES or opened < 0:
                break
            if selector := _SELECTOR.search(markup[max(start, opened - _RULE_LENGTH) : opened]):
                found += _NAME.findall(selector[1])
    names = list(dict.fromkeys(found))[:_NAMES]
    if not names:
        return []
    scripts = _stretches(page, _SCRIPT)
    return [
        name
        for name in names
        if sum(markup.count(name, *sheet) for sheet in sheets) == 1
        and all(markup.find(name, *script) < 0 for script in scripts)
    ]


def _stretches(page: Page, tag: int) -> list[tuple[int, int]]:
    rows = page.elements[page.elements[:, TAG_] == tag]
    return [(start, stop) for start, stop in rows[:, [INNER, CLOSE]].tolist()]


def _named(page: Page, markup: bytes, name: bytes) -> Iterator[int]:
    """The elements with this class or id."""
    has = re.compile(rb'\s(?:class|id)="(?:[^"<>]*\s)?' + re.escape(name) + rb'[\s"]')
    at = -1
    for _ in range(_ELEMENTS):
        at = markup.find(name, at + 1)
        if at < 0:
            return
        element = int(np.searchsorted(page.elements[:, OPEN], at)) - 1
        if element >= 0 and has.search(markup, *page.elements[element, OPEN : INNER + 1].tolist()):
            yield element
