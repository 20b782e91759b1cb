"""gristmill's own parser: lexbor builds the tree, one scan turns it into blocks, a classifier keeps the content.

:func:`parse` gives the blocks and what was decided about each, :func:`extract` the plain text. Code comes out line by
line (:mod:`parsers.code`), formulas as TeX (:mod:`parsers.formulas`), list items and table rows on their own lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from parsers import classifier, code, embedded, formulas, scan
from parsers.charset import decode
from parsers.extracted import Extracted
from parsers.markup import attributes, tokens
from parsers.metadata import metadata
from parsers.rendering import PlainText, clean
from parsers.vocabulary import BIT, TAG

# Fewer words than this, and the page's scripts are looked at for the content of a single-page application.
_FEW_WORDS = 25
_LISTS = (TAG["ul"], TAG["ol"], TAG["menu"], TAG["dir"])
_SCRIPT, _HEAD, _LI, _TR, _TABLE, _HTML = (TAG[name] for name in ("script", "head", "li", "tr", "table", "html"))
_CELL_WORDS = 25 * scan.WORD  # a longer cell is laid out, not tabulated


@dataclass(frozen=True)
class Parsed:
    """A page as blocks. ``markup`` is its normal form in UTF-8, ``page`` the scanner's tables."""

    markup: bytes
    page: scan.Page

    @cached_property
    def kept(self) -> np.ndarray:
        """``bool[m]``: which rows of ``page.blocks`` are content."""
        return classifier.kept(self.page)

    def source(self, element: int, inner: bool = False) -> str:
        """The markup of an element, with or without its own tags."""
        row = self.page.elements[element]
        start, stop = (row[scan.INNER], row[scan.CLOSE]) if inner else (row[scan.OPEN], row[scan.END])
        return self.markup[start:stop].decode("utf-8", "replace")

    def start_tag(self, element: int) -> str:
        """The start tag of an element, from ``<`` to ``>``."""
        row = self.page.elements[element]
        return self.markup[row[scan.OPEN] : row[scan.INNER]].decode("utf-8", "replace")

    def block_text(self, row: int) -> str:
        """The plain text of one block; of code its lines."""
        block = self.page.blocks[row]
        if block[scan.KIND] == scan.CODE:
            source = self.source(block[scan.ELEMENT])
            lines = code.lines(source)
            return _plain(source) if lines is None else lines
        text = self.page.text[block[scan.START] : block[scan.STOP]].tobytes().decode("utf-8", "replace")
        if block[scan.ATOMS] == block[scan.ATOMS_STOP]:
            return text
        return self._with_atoms(text, self.page.atoms[block[scan.ATOMS] : block[scan.ATOMS_STOP]])

    def _with_atoms(self, text: str, atoms: np.ndarray) -> str:
        pieces = text.split(chr(scan.ATOM))
        out, before, last = [pieces[0]], None, 0
        for (element, kind), piece in zip(atoms, pieces[1:], strict=False):
            source = self.source(element)
            if kind in (scan.SUBSCRIPT, scan.SUPERSCRIPT):
                name = "sub" if kind == scan.SUBSCRIPT else "sup"
                shown, formula = formulas.script(name, _plain(source), before="".join(out)[-1:], after=piece[:1]), None
            else:
                formula = formulas.formula(source)
                if formula is not None:
                    # MathJax leaves a formula's drawing beside its source: one of the two is enough.
                    if before is not None and not "".join(out[last + 1 :]).strip():
                        if formulas.same_formula(before, formula):
                            out[last] = ""
                    shown = formulas.render(formula)
                else:
                    shown = "" if kind == scan.IMAGE else _plain(source)
            out += [shown, piece]
            if formula is not None:
                before, last = formula, len(out) - 2
        return "".join(out)


def parse(html: bytes | str, content_type: str = "") -> Parsed:
    """The blocks of a page. Any bytes may come."""
    source = html if isinstance(html, str) else decode(html, content_type)[0]
    markup = (LexborHTMLParser(source).html or "").encode("utf-8", "replace")
    return Parsed(markup, scan.scan(markup))


def extract(html: bytes, url: str = "", content_type: str = "") -> Extracted:
    """The main content of ``html`` as plain text with spans."""
    source, charset, undecodable = decode(html, content_type)
    parsed = parse(source)
    about = _metadata(parsed, url)
    rows = np.flatnonzero(parsed.kept)
    words = int(parsed.page.blocks[rows, scan.WORDS].sum()) // scan.WORD
    if words < _FEW_WORDS:
        scripts = np.flatnonzero(parsed.page.elements[:, scan.TAG_] == _SCRIPT)
        fragment = embedded.content([_script(parsed, element) for element in scripts], words)
        if fragment is not None:
            parsed = parse(fragment)
            rows = np.arange(len(parsed.page.blocks))
    # A block of signs alone (bullets, broken characters) says nothing.
    blocks = parsed.page.blocks[rows]
    rows = rows[(blocks[:, scan.WORDS] > 0) | (blocks[:, scan.ATOMS_STOP] > blocks[:, scan.ATOMS])]
    text, spans = _render(parsed, rows)
    return Extracted(text, about.title, spans, charset, undecodable, about.language, about.date)


def _plain(markup: str) -> str:
    return "".join(token.text for token in tokens(markup) if token.kind == "text")


def _script(parsed: Parsed, element: int) -> tuple[str, str]:
    return parsed.start_tag(element)[len("<script") : -1], parsed.source(element, inner=True)


def _metadata(parsed: Parsed, url: str):
    elements = parsed.page.elements
    language = ""
    for element in np.flatnonzero(elements[:2, scan.TAG_] == _HTML)[:1]:
        language = attributes(parsed.start_tag(element)[len("<html") : -1]).get("lang", "")
    heads = np.flatnonzero(elements[:, scan.TAG_] == _HEAD)[:1]
    parts = [parsed.source(element) for element in heads]
    end = int(elements[heads[0], scan.END]) if len(heads) else 0
    for element in np.flatnonzero((elements[:, scan.TAG_] == _SCRIPT) & (elements[:, scan.OPEN] >= end)):
        if "ld+json" in parsed.start_tag(element):
            parts.append(parsed.source(element))
    return metadata("".join(parts), language, url)


def _render(parsed: Parsed, rows: np.ndarray):
    """Text and spans of these blocks: items of one list and rows of one table stand on neighbouring lines."""
    page, text = parsed.page, PlainText()
    pending: list[str] = []
    kind = group = cell_row = None
    for row in rows:
        block = page.blocks[row]
        own = parsed.block_text(row)
        if block[scan.KIND] != scan.CODE:
            own = "\n".join(" ".join(line.split()) for line in own.split("\n"))
        own = clean(own).strip("\n")
        if not own.strip():
            continue
        own_kind, own_group, own_row = _place(page, block)
        if own_group is None or own_group != group:
            text.add("\n".join(pending), kind)
            pending, cell_row = [], None
        if pending and own_row is not None and own_row == cell_row:
            pending[-1] += "\t" + own
        else:
            pending.append(own)
        kind, group, cell_row = own_kind, own_group, own_row
    text.add("\n".join(pending), kind)
    return text.finish()


def _place(page: scan.Page, block: np.ndarray) -> tuple[str | None, int | None, int | None]:
    """Span kind of a block, the list or table that it shares with its neighbours, and its row in the table."""
    if block[scan.KIND] == scan.CODE:
        return "code", None, None
    element = int(block[scan.ELEMENT])
    steps, row = 0, None
    item = False
    while element >= 0 and steps < 30:
        tag = page.elements[element, scan.TAG_]
        if tag == _LI:
            item = True
        elif item and tag in _LISTS:
            return "list", element, None
        elif tag == _TR and row is None:
            row = element
        elif tag == _TABLE and row is not None and block[scan.WORDS] <= _CELL_WORDS:
            return "table", element, row
        elif page.context[element] & BIT["quote"]:
            return "quote", None, None
        element = int(page.elements[element, scan.PARENT])
        steps += 1
    return None, None, None
