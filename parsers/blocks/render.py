"""Puts plain text together block by block, and remembers where code, formulas, tables, lists and quotes lie in it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from parsers.blocks.normalize import MATH_START, MATH_STOP, unmarked
from text.document import Span

if TYPE_CHECKING:
    from parsers.blocks.block import Block

# Splits a text at the marks around its formulas.
_MARK = re.compile(f"[{MATH_START}{MATH_STOP}]")
_NUMBER = re.compile(r"(?=.{2,6}$)\(?[A-Za-z0-9]+[.)]")  # also a kernel's: parsers.blocks.verbatim_runs
_SPAN_KIND = {"item": "list", "term": "list", "cell": "table", "code": "code", "quote": "quote"}


def render_blocks(blocks: Iterable[Block]) -> tuple[str, tuple[Span, ...]]:
    """Plain text of these blocks, in the order given, and its spans.

    One blank line stands between two blocks. Items of one list stand on neighbouring lines
    (a term that only numbers its definition on that one's); so do the rows of one
    table, their cells separated by tabs: a cell without text, and the place into which another one extends, stay empty
    unless the whole column is empty. The first rows, where they are headers, have a span of their own.
    No marks of emphasis, bullets, numbers or rules are added. Formulas and headers have spans within those of lists,
    tables and quotes; all other spans lie apart.
    """
    text = PlainText()
    write_blocks(blocks, text)
    return text.finish()


def write_blocks(blocks: Iterable[Block], text: PlainText) -> None:
    """Appends these blocks to ``text`` as :func:`render_blocks` says."""
    shown = [block for block in blocks if block.marked_text.strip()]
    for _, together in groupby(shown, key=_lines_together):
        members = list(together)
        first = members[0]
        if first.shape == "cell":
            text.add_table(_rows(members), _header_rows(members))
            continue
        written = first.marked_text if len(members) == 1 else _lines(members)
        # A block's kind costs a search for formulas, so it is asked for only where a span depends on it: a quote that
        # consists of a formula is no quote.
        text.add(written, _SPAN_KIND.get(first.kind) if first.shape in _SPAN_KIND else None)


def is_number(text: str) -> bool:
    """Whether a term only numbers its definition, as "1." and "(a)" do: acts of law are set so."""
    return _NUMBER.fullmatch(text) is not None


def _lines(members: list[Block]) -> str:
    """Each block on a line of its own, but for a term that numbers what follows."""
    parts = [members[0].marked_text]
    for before, block in itertools.pairwise(members):
        numbered = before.shape == "term" and block.shape != "term" and is_number(before.marked_text)
        parts += (" " if numbered else "\n", block.marked_text)
    return "".join(parts)


def _lines_together(block: Block) -> int:
    """The same number for neighbours that stand on neighbouring lines."""
    return block.group if block.group >= 0 else ~block.row


def _rows(cells: list[Block]) -> list[str]:
    rows: list[dict[int, str]] = []
    for _, row in groupby(cells, key=lambda cell: cell.line):
        texts: dict[int, str] = {}
        for cell in row:
            before = f"{texts[cell.column]} " if cell.column in texts else ""
            texts[cell.column] = before + cell.marked_text
        rows.append(texts)
    # A title across the whole row stands in a column of its own as far as one can tell: that one gets no place.
    columns = sorted({column for texts in rows for column in texts if len(texts) > 1})
    places = {column: place for place, column in enumerate(columns)}
    lines = []
    for texts in rows:
        line, at = "", 0
        for column, text in texts.items():
            place = places.get(column, 0)
            line += "\t" * (place - at) + text
            at = place
        lines.append(line)
    return lines


def _header_rows(cells: list[Block]) -> int:
    """How many of the first rows are headers; none if all are."""
    for count, (_, row) in enumerate(groupby(cells, key=lambda cell: cell.line)):
        if not any(cell.level for cell in row):
            return count
    return 0


class PlainText:
    """Collects blocks; one blank line stands between two of them."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._spans: list[Span] = []

    def add(self, block: str, kind: str | None = None) -> None:
        """Appends ``block`` (clean text, possibly of several lines), as a span of ``kind`` if one is named. Formulas
        between ``MATH_START`` and ``MATH_STOP`` become spans of their own, the marks go."""
        block = block.strip("\n")
        if not block.strip():
            return
        formulas: list[Span] = []
        if MATH_START in block:
            block, formulas = _formulas(block, self._length + 2 if self._parts else 0)
        self.add_plain(block, kind)
        self._spans += formulas

    def add_table(self, rows: list[str], headers: int) -> None:
        """Appends the rows of a table, the first ``headers`` of which are headers."""
        start = self._length + 2 if self._parts else 0
        place = len(self._spans) + 1
        self.add("\n".join(rows), "table")
        if headers:
            header = unmarked("\n".join(rows[:headers]))
            self._spans.insert(place, Span(start, start + len(header), "table_header"))

    def add_plain(self, text: str, kind: str | None = None) -> None:
        """Appends ``text``, which has no formulas and neither begins nor ends with a line end."""
        if self._parts:
            self._parts.append("\n\n")
            self._length += 2
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        if kind:
            self._spans.append(Span(start, self._length, kind))

    def finish(self) -> tuple[str, tuple[Span, ...]]:
        return "".join(self._parts), tuple(self._spans)


def _formulas(marked: str, start: int) -> tuple[str, list[Span]]:
    """A text without its marks, and the span of each formula if the text begins at ``start``."""
    # Pieces in turn: text, formula, text, formula, text.
    pieces = _MARK.split(marked)
    spans = []
    for place, piece in enumerate(pieces):
        if place % 2 and piece:
            spans.append(Span(start, start + len(piece), "math"))
        start += len(piece)
    return "".join(pieces), spans
