"""gristmill's own parser: lexbor builds the tree, one scan turns it into blocks, a classifier keeps the content.

:func:`parse` gives the blocks and what was decided about each, :func:`extract` the plain text. Code comes out line by
line (:mod:`parsers.code_blocks.lines`), formulas as TeX (:mod:`parsers.formulas.extraction`), list items and table rows on their own lines.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from parsers import ALT_TEXTS

from parsers.scanner import alt_text as alttext

from parsers.selection import adjacent_blocks as between

from parsers.classifier import block_classifier as classifier

from parsers.code_blocks import lines as code

from parsers import embedded_json as embedded

from parsers.formulas import extraction as formulas

from parsers.scanner import scan
from parsers.blocks.block import Block
from parsers.encoding.detection import decode, sound_utf8
from parsers.extracted import Extracted
from parsers.blocks.hyphenation import words_of
from parsers.metadata.page_type import marks, stated_types
from parsers.markup.tokens import attributes, tokens
from parsers.scanner.repair import mended
from parsers.metadata.metadata import Metadata, metadata
from parsers.markup.lexbor import normal_form
from parsers.blocks.render import MATH_START, MATH_STOP, PlainText, write
from parsers.selection.repeated_elements import once
from parsers.classifier.title_features import compute_title_features, headline_row
from parsers.blocks.verbatim_runs import OTHERS, SPANS, stretches
from parsers.blocks.roles import CELL, HEADING, KIND, KINDS, structure, whole_rows
from parsers.blocks.verbatim import tidy_already
from parsers.markup.names import TAG
from text.document import Span

# Fewer words than this, and the page's scripts are looked at for the content of a single-page application.
_FEW_WORDS = 25
# The same for up to so many words if no block has more than ten: labels around what a program is to show.
_FEW_LABELS, _LABEL = 100, 10 * scan.WORD
_SCRIPT, _HEAD, _HTML = (TAG[name] for name in ("script", "head", "html"))
# Elements that state something: these in the head, scripts anywhere; and the columns that say which one it is, and where.
_STATES = np.zeros(len(TAG), np.bool_)
_STATES[[TAG[name] for name in ("title", "meta", "time", "script")]] = True
_STATEMENT = [scan.OPEN, scan.INNER, scan.END, scan.TAG_]
_RESERVED = (MATH_START.encode(), MATH_STOP.encode())  # they mark formulas while text is put together


@dataclass(frozen=True)
class Parsed:
    """A page as blocks. ``markup`` is its normal form in UTF-8, ``page`` the scanner's tables, ``url`` its address,
    ``alt_text`` which alternative texts of images are text (see :func:`parse`)."""

    markup: bytes
    page: scan.Page
    url: str = ""
    alt_text: str = "formulas"

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks in the order of the page; where the content stands in the page's scripts, that comes last."""
        rows = np.arange(len(self.page.blocks))
        keep = np.zeros(len(rows), bool)
        if self.from_scripts is None:
            keep[self._content_rows] = True
        return (*self._make_blocks(rows, keep), *(self.from_scripts.content if self.from_scripts else ()))

    @cached_property
    def content(self) -> tuple[Block, ...]:
        """The blocks that are kept: what :func:`extract` writes."""
        if self.from_scripts is not None:
            return self.from_scripts.content
        rows = self._content_rows
        return tuple(self._make_blocks(rows, np.ones(len(rows), bool)))

    def _rendered(self) -> tuple[str, tuple[Span, ...]]:
        """:attr:`content` as :func:`parsers.blocks.render.render` writes it. Few of its blocks are made, and none is kept:
        they know their page, and would leave a cycle for the garbage collector to find."""
        if self.from_scripts is not None:
            return self.from_scripts._rendered()
        rows, out = self._content_rows, PlainText()
        found, text = stretches(self.page, self.structure, rows)
        for kind, first, stop, start, end in found:
            if kind == OTHERS:
                write(self._make_blocks(rows[first:stop], np.ones(stop - first, bool)), out)
            else:
                out.add_plain(text[start:end].decode("utf-8", "replace"), SPANS[kind])
        return out.finish()

    @cached_property
    def kept(self) -> np.ndarray:
        """``bool[m]``: which rows of ``page.blocks`` are content."""
        keep = once(self.page, classifier.kept(self.page, self.probabilities))
        keep = between.fill(self.page, self.structure, keep)
        if self.alt_text == "all":
            keep = between.with_images(self.page, keep)
        if keep.any():
            keep[headline_row(self.statements)] = True
        return keep

    @cached_property
    def probabilities(self) -> np.ndarray:
        """``float32[m]``: how likely each row of ``page.blocks`` is content."""
        return classifier.probabilities(self.page, self.statements)

    @cached_property
    def statements(self) -> np.ndarray:
        """What the page states about itself, held against each row of ``page.blocks``: :mod:`parsers.classifier.title_features`."""
        return compute_title_features(self.page, self.about)

    @cached_property
    def structure(self) -> np.ndarray:
        """What each row of ``page.blocks`` is: see :func:`parsers.blocks.roles.structure`."""
        return structure(self.page)

    @cached_property
    def from_scripts(self) -> Parsed | None:
        """The content that a page's scripts would have written into it; ``None`` where it has text of its own."""
        words = self._kept_words // scan.WORD
        if words >= _FEW_LABELS or words >= _FEW_WORDS and self._holds_sentences:
            return None
        scripts = np.flatnonzero(self.page.elements[:, scan.TAG_] == _SCRIPT)
        found = embedded.content([self._script(element) for element in scripts], words)
        return None if found is None else _Fragment(*_read(found, self.alt_text))

    @cached_property
    def removed(self) -> float:
        """The share (0 to 1) of the page's words that are not kept; what its scripts hold counts if it is kept."""
        kept, words = self._kept_words, int(self.page.blocks[:, scan.WORDS].sum())
        if self.from_scripts is not None:
            kept = self.from_scripts._kept_words
            words += kept
        return (words - kept) / words if words else 0.0

    def marks(self, spans: tuple[Span, ...]) -> tuple[str, ...]:
        """What kind of page it is and what its content holds: see :func:`parsers.metadata.page_type.marks`."""
        holder = self if self.from_scripts is None else self.from_scripts
        rows = holder._content_rows
        return marks(holder.page.blocks[rows], holder.structure[rows, KIND], spans, self.about, self.url)

    @cached_property
    def about(self) -> Metadata:
        """What the page states about itself, anywhere in its markup."""
        return _metadata(self)

    @cached_property
    def lower_text(self) -> str:
        """All text of the page, kept or not, in lower case."""
        return self._text.decode("utf-8", "replace").lower()

    @cached_property
    def words(self) -> Counter[str]:
        """How often each word occurs on the page, kept or not."""
        return words_of(self.lower_text)

    @cached_property
    def _text(self) -> bytes:
        return self.page.text.tobytes()

    @cached_property
    def _content_rows(self) -> np.ndarray:
        # A block of signs alone (bullets, broken characters) says nothing.
        blocks = self.page.blocks
        says = (blocks[:, scan.WORDS] > 0) | (blocks[:, scan.ATOMS_STOP] > blocks[:, scan.ATOMS])
        return np.flatnonzero(whole_rows(self.kept, self.structure, blocks[:, scan.WORDS]) & says)

    @cached_property
    def _kept_words(self) -> int:
        return int(self.page.blocks[self._content_rows, scan.WORDS].sum())

    @property
    def _holds_sentences(self) -> bool:
        return bool(self.page.blocks[self._content_rows, scan.WORDS].max() > _LABEL)

    def _make_blocks(self, rows: np.ndarray, keep: np.ndarray) -> list[Block]:
        places = self.page.blocks[rows, scan.START : scan.STOP + 1].tolist()
        tidy, shapes = tidy_already(self.page, rows).tolist(), self.structure[rows].tolist()
        blocks = []
        for row, is_kept, is_tidy, (start, stop), (kind, level, group, line, column, ordered, anchored) in zip(
            rows.tolist(), keep.tolist(), tidy, places, shapes, strict=True
        ):
            text = None
            if is_tidy and not anchored:
                text = self._text[start:stop].decode("utf-8", "replace")
                if kind in (HEADING, CELL):
                    text = text.replace("\n", " ")
            blocks.append(
                Block(row, KINDS[kind], level, ordered == 1, group, line, column, is_kept, anchored == 1, self, text)
            )
        return blocks

    def _script(self, element: int) -> tuple[str, str]:
        return self.start_tag(element)[len("<script") : -1], self.source(element, inner=True)

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
        """The text of one block as :func:`parsers.blocks.render.tidy` takes it: of code its lines; of all else text with
        each formula between ``MATH_START`` and ``MATH_STOP``, displayed ones on lines of their own."""
        element, start, stop, atoms, atoms_stop, kind = self.page.blocks[row, : scan.KIND + 1].tolist()
        if kind == scan.CODE:
            lines = self.page.readings.get(element)
            if lines is None:
                lines = code.lines(source := self.source(element))
            return _plain(source) if lines is None else lines
        text = self._text[start:stop].decode("utf-8", "replace")
        if atoms == atoms_stop:
            return _with_marks(text)
        return self._with_atoms(text, self.page.atoms[atoms:atoms_stop].tolist())

    def _with_atoms(self, text: str, atoms: list[list[int]]) -> str:
        first, *pieces = text.split(chr(scan.ATOM))
        out, tail = [_with_marks(first)], first[-1:]
        last: tuple[int, int, formulas.Formula] | None = None  # the formula with no text behind it yet: place, element
        for (element, kind), piece in zip(atoms, pieces, strict=True):
            shown, said = self._atom(element, kind, tail, piece[:2]), bool(piece.strip())
            if isinstance(shown, formulas.Formula):
                if last is not None and self._same(last[1], last[2], element, shown):
                    out[last[0]] = ""
                last = (len(out), element, shown)
                formula, tail = _marked(formulas.render(shown)), "$"
                if shown.display:
                    # A full stop behind a displayed formula ends the sentence that it belongs to: it stays with it.
                    stop = _STOP.match(piece)
                    formula = f"\n{formula}{stop[0] if stop else ''}\n"
                    piece = piece[stop.end() :] if stop else piece
                out += [formula, _with_marks(piece)]
            else:
                out += [shown, _with_marks(piece)]
                last, tail = None if shown.strip() else last, shown[-1:] or tail
            last, tail = None if said else last, piece[-1:] or tail
        return "".join(out)

    def _atom(self, element: int, kind: int, before: str, after: str) -> str | formulas.Formula:
        """What an atom says; ``before`` and ``after`` are the characters next to it, one and two of them."""
        found = self.page.readings.get(element)
        if found is not None:
            return found
        source = self.source(element)
        if kind in (scan.SUBSCRIPT, scan.SUPERSCRIPT):
            name = "sub" if kind == scan.SUBSCRIPT else "sup"
            return formulas.script(name, _plain(source), before, after, linked="<a " in source)
        found = formulas.formula(source)
        if found is None:
            return _plain(source) if kind != scan.IMAGE else " " if before.isalnum() and after[:1].isalnum() else ""
        return found

    def _same(self, earlier: int, first: formulas.Formula, later: int, second: formulas.Formula) -> bool:
        """Whether two formulas side by side are one: MathJax leaves a formula's drawing beside its source."""
        if first.tex == second.tex:
            return True
        doubled = formulas.is_double(self.source(earlier)) or formulas.is_double(self.source(later))
        return doubled and formulas.same_formula(first, second)


class _Fragment(Parsed):
    """Markup made of what scripts hold: all of it is content."""

    from_scripts = None

    @cached_property
    def kept(self) -> np.ndarray:
        return np.ones(len(self.page.blocks), bool)

    @cached_property
    def probabilities(self) -> np.ndarray:
        return np.ones(len(self.page.blocks), np.float32)


def parse(html: bytes | str, url: str = "", content_type: str = "", *, alt_text: str = "formulas") -> Parsed:
    """The blocks of a page, and which of them are content. Any bytes may come.

    ``html`` is the page as crawled, or decoded already; ``content_type`` the HTTP header's value. ``alt_text``:
    whether of the alternative texts of images only ``formulas`` are text or ``all`` that say something.
    """
    if alt_text not in ALT_TEXTS:
        raise ValueError(f"alt_text is one of {', '.join(ALT_TEXTS)}, and not {alt_text!r}")
    source = html if isinstance(html, str) else decode(html, content_type)[0]
    return Parsed(*_read(source, alt_text), url, alt_text)


def extract(html: bytes, url: str = "", content_type: str = "", *, alt_text: str = "formulas") -> Extracted:
    """The main content of ``html`` as plain text with spans: :attr:`Parsed.content`, rendered."""
    source, charset, undecodable = sound_utf8(html, content_type), "utf-8", 0.0
    if source is None:
        source, charset, undecodable = decode(html, content_type)
    parsed = Parsed(*_read(source, alt_text), url, alt_text)
    about = parsed.about
    text, spans = parsed._rendered()
    return Extracted(
        text, about.title, spans, charset, undecodable, about.language, about.date, parsed.marks(spans),
        parsed.removed,
    )  # fmt: skip


def _read(html: str | bytes, alt_text: str) -> tuple[bytes, scan.Page]:
    if isinstance(html, str):
        html = html.encode("utf-8", "ignore")
    markup, page = _scanned(html)
    as_meant = mended(html, markup, page)
    if as_meant != html:
        markup, page = _scanned(as_meant)
    if alt_text == "all":
        alttext.read(markup, page)
    return markup, page


def _scanned(html: bytes) -> tuple[bytes, scan.Page]:
    markup = normal_form(html)
    if any(mark in markup for mark in _RESERVED):
        markup = markup.translate(None, b"".join(_RESERVED))
    return markup, scan.scan(markup)


_STOP = re.compile(r"\s?[.,;:!?]+(?=\s|$)")


def _marked(formula: str) -> str:
    return f"{MATH_START}{formula}{MATH_STOP}"


def _with_marks(text: str) -> str:
    """``text`` with the formulas marked that its author wrote between delimiters."""
    out, at = [], 0
    for start, stop in formulas.written(text):
        out += [text[at:start], _marked(formulas.as_tex(text[start:stop]))]
        at = stop
    return "".join(out) + text[at:] if out else text


def _plain(markup: str) -> str:
    return "".join(token.text for token in tokens(markup) if token.kind == "text")


def _metadata(parsed: Parsed) -> Metadata:
    page, markup = parsed.page, parsed.markup
    elements, language, head = page.elements, "", -1
    for element, row in enumerate(elements[:2].tolist()):  # the normal form begins with html and head
        if row[scan.TAG_] == _HTML:
            language = attributes(parsed.start_tag(element)[len("<html") : -1]).get("lang", "")
        elif row[scan.TAG_] == _HEAD:
            head = row[scan.LAST]
    parts = []
    stating = np.flatnonzero(_STATES[elements[:, scan.TAG_]])
    for element, (start, inner, stop, tag) in zip(
        stating.tolist(), elements[stating][:, _STATEMENT].tolist(), strict=True
    ):
        if tag == _SCRIPT:
            if b"ld+json" in markup[start:inner]:
                parts.append(markup[start:stop])
        elif element <= head:
            parts.append(markup[start:stop])
    stated = b"".join(parts).decode("utf-8", "replace")
    return metadata(stated, language, parsed.url, stated_types(page, markup))
