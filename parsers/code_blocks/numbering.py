"""Line numbers that were typed into the lines of code, or that stand above them, without an element that marks them.

Exporters and blogs write ``01: int low = 0;``, and a gutter that lost its style sheet stands as ``1 2 3`` before the
lines. Numbers are taken away only where every line has one, each one more than the last, and what is left is code.
"""

from __future__ import annotations

import re
import textwrap

_NUMBERED = re.compile(
    r"[ \t]*(?:[\[(#]|Line[ .]?)?(\d{1,5})(?:[ \t]*[|│¦]|[\]:)]{1,2}(?!\s*=>)|\.?(?=[ \t]|$))", re.IGNORECASE
)
_MAY_BEGIN = frozenset("0123456789[(#Ll")
_OMITTED = re.compile(r"(?:\.{2,}|…|\[\.{3}\]|:)?")  # what stands between lines that are shown, where others are not
_NUMBER = re.compile(r"\s*(\d{1,5})[.:|]?\s*")
_FEWEST = 3  # lines; two numbers may be anything
_CODE_LIKE = re.compile(r"[;{}\\=<>\[\]]|\w\(|^\s*(?:#|//|--|\$ |import |def |return\b|end\b|use )|->|::")


def without_numbers(text: str) -> str:
    """The lines of ``text`` without the numbers that they begin with or follow; ``text`` itself where they have none."""
    rows = text.split("\n")
    if len(rows) < _FEWEST or rows[0].lstrip()[:1] not in _MAY_BEGIN:
        return text
    return _after_gutter(rows) or _numbered(rows) or text


def is_gutter(text: str) -> int:
    """How many lines are numbered, where ``text`` consists of line numbers alone, one a line, else 0."""
    rows = text.split()
    if not rows or not all(row.isdecimal() and len(row) < 6 for row in rows):
        return 0
    first = int(rows[0])
    return len(rows) if [int(row) for row in rows] == list(range(first, first + len(rows))) else 0


def _numbered(rows: list[str]) -> str:
    """Rows that each begin with their number, but for empty ones and signs of an omission."""
    rest: list[tuple[str, bool]] = []  # and whether a number stood before it
    last = count = 0
    omitted = False
    for row in rows:
        if match := _NUMBERED.match(row):
            number = int(match[1])
            if count and number != last + 1 and not (omitted and number > last):
                return ""
            last, omitted = number, False
            count += 1
            rest.append((row[match.end() :], True))
        elif _OMITTED.fullmatch(row.strip()):
            omitted = True
            rest.append((row, False))
        else:
            return ""
    # A list of sentences is numbered, too, with a full stop behind each number.
    if count < _FEWEST or not _is_code([row for row, _ in rest]):
        return ""
    numbered = iter(textwrap.dedent("\n".join(row for row, had_number in rest if had_number)).split("\n"))
    return "\n".join(next(numbered) if had_number else row for row, had_number in rest)


def _after_gutter(rows: list[str]) -> str:
    """Rows that follow as many rows with nothing but a number: 1, 2, 3 and so on."""
    count = 0
    while count < len(rows) and (match := _NUMBER.fullmatch(rows[count])) and int(match[1]) == count + 1:
        count += 1
    rest = rows[count:]
    if count < _FEWEST or not count - 1 <= len(rest) <= count + 1 or not _is_code(rest):
        return ""
    return "\n".join(rest)


def _is_code(rows: list[str]) -> bool:
    filled = [row for row in rows if row.strip()]
    return bool(filled) and 2 * sum(bool(_CODE_LIKE.search(row)) for row in filled) >= len(filled)
