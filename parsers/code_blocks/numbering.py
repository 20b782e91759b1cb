"""Line numbers that were typed into the lines of code, or that stand above them, without an element that marks them.

Exporters and blogs write ``01: int low = 0;``, and a gutter that lost its style sheet stands as ``1 2 3`` before the
lines. Numbers are taken away only where every line has one, each one more than the last, and what is left is code.
"""

from __future__ import annotations

import re
import textwrap

_NUMBERED = re.compile(r"[ \t]*(\d{1,5})(?:[:|)]|\.?(?=[ \t]|$))")
_NUMBER = re.compile(r"\s*(\d{1,5})[.:|]?\s*")
_FEWEST = 3  # lines; two numbers may be anything
_CODE_LIKE = re.compile(r"[;{}\\=<>\[\]]|\w\(|^\s*(?:#|//|--|\$ |import |def |return\b|end\b|use )|->|::")


def without_numbers(text: str) -> str:
    """The lines of ``text`` without the numbers that they begin with or follow; ``text`` itself where they have none."""
    rows = text.split("\n")
    if len(rows) < _FEWEST or not (rows[0].lstrip()[:1].isdecimal() and rows[1].lstrip()[:1].isdecimal()):
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
    """Rows that each begin with their number."""
    found = [_NUMBERED.match(row) for row in rows]
    if not all(found):
        return ""
    numbers = [int(match[1]) for match in found if match]
    if numbers != list(range(numbers[0], numbers[0] + len(rows))):
        return ""
    rest = [row[match.end() :] for row, match in zip(rows, found, strict=True) if match]
    # A list of sentences is numbered, too, with a full stop behind each number.
    return textwrap.dedent("\n".join(rest)) if _is_code(rest) else ""


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
