"""Lines of code that stand in an element each: ``<p><code>``, a ``div`` in a typewriter's style, a row and its number.

Editors of web logs and word processors make a paragraph of each line that is typed. To a reader such lines are one
block of code; read one by one they lose their indentation and stand apart. Here a run of them becomes one ``pre``, if
its lines look like code: half of them have signs of code in them, and some are indented or most end as statements do.
"""

from __future__ import annotations

import html
import re
from itertools import islice
from typing import NamedTuple

import numpy as np

from parsers.code_blocks.lines import MONOSPACE, looks_like_code
from parsers.jit.byte_search import which_hold
from parsers.markup.names import BLOCK, IS_MONOSPACED, TAG, behaviour
from parsers.markup.tokens import plain_text
from parsers.scanner.page import CLOSE, END, INNER, LAST, OPEN, PARENT, TAG_, Page, contents

_CODE = [TAG[name] for name in ("code", "samp", "tt", "kbd")]
_IS_CODE = np.zeros(len(TAG), np.bool_)
_IS_CODE[_CODE] = True
_MONOSPACED = int(IS_MONOSPACED)
_HOLDERS = frozenset(TAG[name] for name in ("p", "div", "li", "td", "dd"))
_CELLS = frozenset(TAG[name] for name in ("td", "th", "dt", "dd"))
_TD, _TH, _TR, _PRE, _DIV, _LI, _STYLE = (TAG[name] for name in ("td", "th", "tr", "pre", "div", "li", "style"))
_IS_BLOCK = (behaviour() & BLOCK) > 0
_FEWEST, _LONGEST, _MOST = 3, 1_000, 2_000  # lines of a run; bytes of a line; elements of a page that are looked at
_NEAR = 8  # bytes of white space beside an element in a sentence
_LEVELS = 4  # inline elements around a line's text
_TYPED = re.compile(r'\sclass="(?:[^"]*\s)?de[12][\s"]')  # GeSHi's lines; its style sheet is in a file of its own
_SHEETS, _SHEET, _PLACES, _NAMES = 4, 12_000, 20, 8  # style sheets, bytes of one, places of letters in one, classes
_LETTERS = (b"Courier", b"Consolas")
_FOURS = np.frombuffer(b"".join(letters[:4] for letters in _LETTERS), np.uint8).reshape(-1, 4)
_RULE = re.compile(rb"\s*\.([A-Za-z][\w-]{0,30})\s*\{[^{}]{0,400}\bfont-family\s*:[^{};]{0,80}")
_EMPTY = rb"<(?:p|div|br|span)(?:\s[^<>]*)?>|</(?:p|div|span)>|&nbsp;|\xc2\xa0|\s"
_BETWEEN = re.compile(rb"(?:%b){0,40}" % _EMPTY)
_BLANK_LINE = re.compile(rb"<(?:p|div)[\s>]")
_BR = re.compile(rb"\s*<br>\s*(<br>)?\s*")
_BREAK = re.compile(r"<br[^<>]*>")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_NUMBER = re.compile(r"\s*\d{0,5}[.:]?\s*")
_STATEMENT = re.compile(r"[;{}]\s*$|^\s*[})]|:\s*$|^(?:>>>|\.\.\.|\$) ")  # the last are what consoles begin lines with


def with_code_lines(markup: bytes, page: Page) -> bytes:
    """``markup`` (normal form, of which ``page`` is the scanner's) with each such run as a ``pre``; the same object
    where there is none. Time is linear in the page."""
    lines = _lines(markup, page)
    if len(lines) < _FEWEST:
        return markup
    out, at, place = [], 0, 0
    while place < len(lines):
        first, texts = place, [*_texts(markup, lines[place])]
        while place + 1 < len(lines) and (gap := _gap(markup, page, lines[place], lines[place + 1])) >= 0:
            place += 1
            texts += [""] * gap + _texts(markup, lines[place])
        place += 1
        if place - first >= _FEWEST and _is_code(texts):
            start, stop = lines[first].start, lines[place - 1].stop
            out += [markup[at:start], b"<pre>", html.escape("\n".join(texts), quote=False).encode(), b"</pre>"]
            at = stop
    return b"".join([*out, markup[at:]]) if out else markup


class _Line(NamedTuple):
    """An element that may be a line: its row, where it begins and ends in the markup, and where its text does."""

    element: int
    start: int
    stop: int
    text_start: int
    text_stop: int


def _lines(markup: bytes, page: Page) -> list[_Line]:
    """The elements that may be lines, in order."""
    elements = page.elements
    named = _named(markup, page)
    if not page.said & _MONOSPACED and sum([page.tags[tag] for tag in _CODE]) < _FEWEST and len(named) < _FEWEST:
        return []
    found = np.flatnonzero(_IS_CODE[elements[:, TAG_]]).tolist()
    styled = _styled(markup, page) + named
    if len(found) + len(styled) < _FEWEST:
        return []
    lines: list[_Line] = []
    reached = -1
    written = elements[elements[:, TAG_] == _PRE]  # in one of these white space shows already
    for element in sorted({*found, *styled})[:_MOST]:
        if elements[element, OPEN] < reached or _is_within_text(
            markup, int(elements[element, OPEN]), int(elements[element, END])
        ):
            continue  # in the line before, or in a sentence
        if len(written):
            around = int(np.searchsorted(written[:, OPEN], elements[element, OPEN])) - 1
            if around >= 0 and elements[element, OPEN] < written[around, END]:
                continue
        holder = _holder(markup, page, element)
        row = elements[holder]
        if holder >= 0 and row[END] - row[OPEN] <= _LONGEST:
            inside = elements[element]
            lines.append(_Line(holder, int(row[OPEN]), int(row[END]), int(inside[INNER]), int(inside[CLOSE])))
            reached = int(row[END])
    return lines


def _is_within_text(markup: bytes, start: int, stop: int) -> bool:
    """Whether text, and no tag, stands both before and behind: next to a line there is a tag."""
    before, behind = markup[max(start - _NEAR, 0) : start].rstrip()[-1:], markup[stop : stop + _NEAR].lstrip()[:1]
    return before not in (b"", b">") and behind not in (b"", b"<")


def _styled(markup: bytes, page: Page) -> list[int]:
    """Elements that a style or a ``font`` element sets in the letters of a typewriter."""
    elements = page.elements
    if not page.said & _MONOSPACED:
        return []
    marked = (page.context & IS_MONOSPACED) > 0
    cells = (elements[:, TAG_] == _TD) | (elements[:, TAG_] == _TH) | (elements[:, TAG_] == _PRE)
    found = []
    for element in np.flatnonzero(marked & ~cells)[:_MOST].tolist():
        start, stop = elements[element, OPEN : INNER + 1].tolist()
        tag = markup[start:stop].decode("utf-8", "replace") if stop - start <= _LONGEST else ""
        if MONOSPACE.search(tag) or _TYPED.search(tag):
            found.append(element)
    return found


def _named(markup: bytes, page: Page) -> list[int]:
    """Elements of a class that a short style sheet of the page's own sets in the letters of a typewriter, as those of published
    documents do: ``.c4{font-family:"Courier New"}``."""
    names: dict[bytes, None] = {}
    if not 0 < page.tags[_STYLE] <= _SHEETS:  # systems that put out a sheet for each of their parts mark code in tags
        return []
    for start, stop in contents(page, _STYLE):
        there = which_hold(np.frombuffer(markup, np.uint8)[start:stop], _FOURS) if stop - start <= _SHEET else 0
        for bit, letters in enumerate(_LETTERS):
            at = markup.find(letters, start, stop) if there >> bit & 1 else -1
            for _ in range(_PLACES):
                if at < 0 or len(names) == _NAMES:
                    break
                opened = max(markup.rfind(b"}", start, at) + 1, start)
                if rule := _RULE.fullmatch(markup, opened, at):
                    names[rule[1]] = None
                at = markup.find(letters, at + 1, stop)
    if not names:
        return []
    of_class = re.compile(rb'<(?:span|p|div)\s[^<>]*\bclass="(?:[^"]*\s)?(?:%b)[\s"]' % b"|".join(names))
    opens = page.elements[:, OPEN]
    return [int(np.searchsorted(opens, match.start())) for match in islice(of_class.finditer(markup), _MOST)]


def _holder(markup: bytes, page: Page, element: int) -> int:
    """The paragraph, cell or item of which ``element`` is all; the row of a table, if beside it stands a number alone;
    else the element itself, if it is inline; -1 where it holds blocks."""
    elements = page.elements
    if elements[element, END] - elements[element, OPEN] > _LONGEST:
        return -1
    inside = elements[element + 1 : elements[element, LAST] + 1, TAG_]
    if len(inside) and _IS_BLOCK[inside].any():
        return -1
    holder = element
    for _ in range(_LEVELS):
        if elements[holder, TAG_] in _HOLDERS:
            break
        parent = int(elements[holder, PARENT])
        if parent < 0 or not _is_all(markup, elements[parent], elements[holder]):
            return element if not _IS_BLOCK[elements[element, TAG_]] else -1
        holder = parent
    if elements[holder, TAG_] not in _HOLDERS:
        return -1
    item = int(elements[holder, PARENT])
    if (
        elements[holder, TAG_] == _DIV
        and elements[item, TAG_] == _LI
        and _is_all(markup, elements[item], elements[holder])
    ):
        holder = item
    if elements[holder, TAG_] == _TD:
        row = int(elements[holder, PARENT])
        beside = (
            markup[elements[row, INNER] : elements[holder, OPEN]]
            + markup[elements[holder, END] : elements[row, CLOSE]]
        )
        single = elements[row, TAG_] == _TR and len(beside) <= _LONGEST
        return row if single and _NUMBER.fullmatch(plain_text(beside.decode("utf-8", "replace"))) else -1
    return holder


def _is_all(markup: bytes, around: np.ndarray, within: np.ndarray) -> bool:
    before, after = (int(around[INNER]), int(within[OPEN])), (int(within[END]), int(around[CLOSE]))
    return max(before[1] - before[0], after[1] - after[0]) <= _LONGEST and not (
        markup[slice(*before)].strip() or markup[slice(*after)].strip()
    )


def _gap(markup: bytes, page: Page, line: _Line, following: _Line) -> int:
    """How many empty lines stand between two lines; -1 where anything else does."""
    elements = page.elements
    holder = int(elements[line.element, PARENT])
    if holder != elements[following.element, PARENT] or following.start - line.stop > _LONGEST:
        return -1
    between = markup[line.stop : following.start]
    if _IS_BLOCK[elements[line.element, TAG_]] and _IS_BLOCK[elements[following.element, TAG_]]:
        return len(_BLANK_LINE.findall(between)) if _BETWEEN.fullmatch(between) else -1
    if elements[holder, TAG_] in _CELLS:  # lines of a value: a row is better kept as it is
        return -1
    broken = _BR.fullmatch(between)
    return -1 if broken is None else int(broken[1] is not None)


def _texts(markup: bytes, line: _Line) -> list[str]:
    """The text of a line, without white space that shows nowhere; several where line breaks part it."""
    source = markup[line.text_start : line.text_stop].decode("utf-8", "replace")
    return [
        _SPACE.sub(" ", plain_text(piece)).strip(" ").replace("\u00a0", " ").rstrip() for piece in _BREAK.split(source)
    ]


def _is_code(texts: list[str]) -> bool:
    filled = [text for text in texts if text]
    if len(filled) < _FEWEST or not looks_like_code("\n".join(filled)):
        return False
    indented = sum(text.startswith(" ") for text in filled)
    return 0 < indented < len(filled) or 2 * sum(bool(_STATEMENT.search(text)) for text in filled) >= len(filled)
