"""Spans that a style draws as lines of their own (``display: block``): verse, addresses, lines of a song.

Only a style says so, of the element itself or of its class in one of the page's own style sheets. Where at least three
such spans stand side by side with nothing between them, a line break is put before each.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.markup.names import TAG
from parsers.scanner.edits import Edit
from parsers.scanner.page import CLOSE, END, INNER, LAST, OPEN, PARENT, SPANS_IN_ROWS, TAG_, Page, contents
from text.jit.options import inner

_SPAN, _STYLE = TAG["span"], TAG["style"]
_CODE = frozenset(TAG[name] for name in ("pre", "code", "samp", "listing"))
_FEWEST, _MOST = 3, 2_000  # spans side by side, and on a page that are looked at
_SHORTEST, _LONGEST = 8, 300  # bytes of what is in one
_NAMES, _PLACES, _BYTES = 5, 20, 200_000  # classes looked up, their places, and bytes of style sheets, at most
_LEVELS = 3  # elements around a run
_CLASS = re.compile(rb'\sclass="\s*([\w-]+)')
_STYLED = re.compile(rb'(?i)\sstyle="(?:[^"]*;)?\s*display\s*:\s*block\b')
_RULE = re.compile(rb"(?i)\s*(?:,[^{}]{0,200})?\{(?:[^{}]{0,500};)?\s*display\s*:\s*block\b")


def break_drawn_lines(markup: bytes, page: Page) -> list[Edit]:
    """A line break before each such span of ``markup`` (normal form, of which ``page`` is the scanner's) but the first of a
    run."""
    if not page.signs & SPANS_IN_ROWS:  # as on most pages
        return []
    spans = np.flatnonzero(page.elements[:, TAG_] == _SPAN)[:_MOST]
    parents, lasts = page.elements[spans, PARENT], page.elements[spans, LAST]
    beside = (parents[:-1] == parents[1:]) & (lasts[:-1] + 1 == spans[1:])
    elements = page.elements[spans]
    beside &= elements[1:, OPEN] - elements[:-1, END] <= _SHORTEST
    length = elements[:, CLOSE] - elements[:, INNER]
    beside &= (
        (length[1:] >= _SHORTEST) & (length[:-1] >= _SHORTEST) & (length[1:] <= _LONGEST) & (length[:-1] <= _LONGEST)
    )
    edges = np.flatnonzero(np.diff(np.concatenate([[False], beside, [False]]).astype(np.int8)))
    sheets: bytes | None = None
    known: dict[bytes, bool] = {}
    edits: list[Edit] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if last - first + 1 < _FEWEST or not _are_lines(markup, page, elements[first : last + 1]):
            continue
        tags = [markup[row[OPEN] : row[INNER]] for row in elements[first : last + 1]]
        if not all(map(_STYLED.search, tags)):
            names = {match[1] if (match := _CLASS.search(tag)) else b"" for tag in tags}
            if b"" in names or len(known | dict.fromkeys(names)) > _NAMES:
                continue
            sheets = _sheets(markup, page) if sheets is None else sheets
            for name in names - known.keys():
                known[name] = _is_drawn(sheets, name)
            if not all(known[name] for name in names):
                continue
        edits += [Edit(int(row[OPEN]), int(row[OPEN]), b"<br>") for row in elements[first + 1 : last + 1]]
    return edits


@inner
def in_rows(elements):
    """Whether at least three spans, each short and not too short, stand side by side."""
    run, last, spans = 1, -1, 0
    for e in range(len(elements)):
        if elements[e, TAG_] != _SPAN:
            continue
        spans += 1
        if spans > _MOST:
            break
        length = elements[e, CLOSE] - elements[e, INNER]
        beside = last >= 0 and elements[last, PARENT] == elements[e, PARENT] and elements[last, LAST] + 1 == e
        beside = beside and elements[e, OPEN] - elements[last, END] <= _SHORTEST <= length <= _LONGEST
        if beside and _SHORTEST <= elements[last, CLOSE] - elements[last, INNER] <= _LONGEST:
            run += 1
            if run >= _FEWEST:
                return True
        else:
            run = 1
        last = e
    return False


def _are_lines(markup: bytes, page: Page, run: np.ndarray) -> bool:
    """Whether nothing but white space stands between the spans of a run, each has two words, and none is code."""
    around = int(run[0, PARENT])
    for _ in range(_LEVELS):
        if around < 0:
            break
        if page.elements[around, TAG_] in _CODE:
            return False
        around = int(page.elements[around, PARENT])
    ends, begins = run[:-1, END].tolist(), run[1:, OPEN].tolist()
    if any(markup[end:begin].strip() for end, begin in zip(ends, begins, strict=True)):
        return False
    return all(b" " in markup[start:stop].strip() for start, stop in run[:, [INNER, CLOSE]].tolist())


def _sheets(markup: bytes, page: Page) -> bytes:
    return b"\n".join(markup[start:stop] for start, stop in contents(page, _STYLE))[:_BYTES]


def _is_drawn(sheets: bytes, name: bytes) -> bool:
    """Whether a rule for a class says that it is drawn as a block."""
    at = sheets.find(b"." + name)
    for _ in range(_PLACES):
        if at < 0:
            return False
        at += len(name) + 1
        if _RULE.match(sheets, at):
            return True
        at = sheets.find(b"." + name, at)
    return False
