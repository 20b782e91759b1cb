"""gristmill's own parser, step by step: scan a page into blocks, classify them, select the content, render it.

* **Scan**: lexbor builds the tree and writes it in normal form, the scanner turns that into tables of elements and
  blocks, and what the page states about itself is read (:func:`scan_source`).
* **Classify**: each block gets a probability of being content (:mod:`parsers.classifier`).
* **Select**: blocks are kept by expected F1; repetitions go, and what belongs to kept blocks comes back
  (:mod:`parsers.selection`). Where a page hardly has any text, its scripts are searched
  (:mod:`parsers.embedded_json`).
* **Render**: plain text with spans (:mod:`parsers.blocks`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from itertools import islice
from typing import NamedTuple

import numpy as np

from parsers import embedded_json
from parsers.blocks.block import Block
from parsers.blocks.inline_text import InlineText
from parsers.blocks.normalize import MATH_START, MATH_STOP
from parsers.blocks.render import PlainText, write_blocks
from parsers.blocks.roles import ANCHORED, CELL, GROUP, HEADING, ROLE, ROLES, block_roles
from parsers.blocks.verbatim import tidy_already
from parsers.blocks.verbatim_runs import OTHERS, SPANS, find_runs
from parsers.classifier import block_classifier
from parsers.classifier.title_features import compute_title_features
from parsers.markup.lexbor import normal_form
from parsers.markup.names import TAG
from parsers.metadata.gather import gather_metadata
from parsers.metadata.metadata import Metadata
from parsers.metadata.page_type import page_kinds
from parsers.scanner.alt_text import read_alt_texts
from parsers.scanner.appearance import as_drawn
from parsers.scanner.line_elements import with_code_lines
from parsers.scanner.page import (
    START,
    STOP,
    TAG_,
    WORD,
    Page,
    count_words,
    inner_markup,
    start_tag,
)  # fmt: skip
from parsers.scanner.repair import repaired
from parsers.scanner.scan import scan_page
from parsers.selection.choice import Choice, Evidence, choose, whole
from parsers.selection.teasers import states_article, whole_article
from text.document import Span

# Fewer words than this, and the page's scripts are searched for the content of a single-page application.
_FEW_WORDS = 25
# The same for up to so many words if no block has more than ten: labels around what a program is to show.
_FEW_LABELS, _LABEL = 100, 10 * WORD
# With fewer, a page may be the teaser of an article that it states.
_FEW_PARAGRAPHS = 300
_SCRIPT = TAG["script"]
_RESERVED = (MATH_START.encode(), MATH_STOP.encode())  # they mark formulas while text is put together


def parse_page(html: bytes | str, url: str, alt_text: str) -> ParsedPage:
    """All steps but the last; ``html`` is text or valid UTF-8, ``alt_text`` one of ``formulas`` and ``all``."""
    scanned = scan_source(html, url, alt_text)
    probabilities = block_classifier.probabilities(scanned.page, scanned.statements)
    return select(scanned, probabilities)


class ScannedPage(NamedTuple):
    """A page after the first step. Of m blocks:

    ``markup``  its normal form in UTF-8; ``page``  the scanner's tables of that.
    ``url``  its address; ``alt_text``  which alternative texts of images are text.
    ``about``  what the page states about itself, anywhere in its markup.
    ``statements``  ``float32[m, len(STATED)]``: that, compared with each block
    (:mod:`parsers.classifier.title_features`).
    ``roles``  ``int32[m, 7]``: what each block is (:func:`parsers.blocks.roles.block_roles`).
    """

    markup: bytes
    page: Page
    url: str
    alt_text: str
    about: Metadata
    statements: np.ndarray
    roles: np.ndarray


def scan_source(html: bytes | str, url: str = "", alt_text: str = "formulas") -> ScannedPage:
    """The first step; ``html`` is text or valid UTF-8."""
    markup, page = _scanned(html, alt_text)
    about = gather_metadata(markup, page, url)
    return ScannedPage(markup, page, url, alt_text, about, compute_title_features(page, about), block_roles(page))


def _scanned(html: bytes | str, alt_text: str) -> tuple[bytes, Page]:
    """Normal form and the scanner's tables, of the page as its author meant it."""
    if isinstance(html, str):
        html = html.encode("utf-8", "ignore")
    markup, page = _scanned_once(html)
    as_meant = repaired(html, markup, page)
    if as_meant != html:
        markup, page = _scanned_once(as_meant)
    with_lines = with_code_lines(markup, page)
    if with_lines is not markup:
        markup, page = _scanned_once(with_lines)
    drawn = as_drawn(markup, page)
    if drawn is not markup:
        markup, page = _scanned_once(drawn)
    if alt_text == "all":
        read_alt_texts(markup, page)
    return markup, page


def _scanned_once(html: bytes) -> tuple[bytes, Page]:
    markup = normal_form(html)
    if any(mark in markup for mark in _RESERVED):
        markup = markup.translate(None, b"".join(_RESERVED))
    return markup, scan_page(markup)


def select(scanned: ScannedPage, probabilities: np.ndarray) -> ParsedPage:
    """The third step, for blocks that are content with these ``probabilities`` (``float32[m]``)."""
    page, roles, about = scanned.page, scanned.roles, scanned.about
    known = Evidence(roles, scanned.statements, probabilities, scanned.markup, about)
    choice = choose(page, known, images=scanned.alt_text == "all")
    rows = np.flatnonzero(choice.kept)
    from_scripts = _content_of_scripts(scanned, rows, choice.headline)
    return ParsedPage(
        scanned.markup, page, scanned.url, about, scanned.statements, roles, probabilities, choice, rows, from_scripts
    )


def _content_of_scripts(scanned: ScannedPage, rows: np.ndarray, headline: int) -> ParsedPage | None:
    """The content that a page's scripts would have written into it, or the article of which it shows the beginning;
    ``None`` where it has text of its own or its scripts hold none. ``rows``: of the blocks that are kept, and of its
    ``headline`` (-1: none)."""
    total, longest, _ = count_words(scanned.page, rows)
    words = total // WORD
    if 0 < words < _FEW_PARAGRAPHS and states_article(scanned.markup):
        texts = InlineText(scanned.markup, scanned.page)
        shown = [texts.block_text(row) for row in rows.tolist() if row != headline]
        article = whole_article(scanned.markup, shown, scanned.page.text.tobytes().decode("utf-8", "replace"))
        if article is not None:
            title = texts.block_text(headline) if headline >= 0 else ""
            stated = _all_content(f"<h1>{escape(title)}</h1>\n{article}", scanned.alt_text)
            return replace(stated, choice=stated.choice._replace(headline=0)) if title else stated
    if words >= _FEW_LABELS or (words >= _FEW_WORDS and longest > _LABEL):
        return None
    markup, page = scanned.markup, scanned.page
    scripts = np.flatnonzero(page.elements[:, TAG_] == _SCRIPT).tolist()
    sources = [
        (start_tag(markup, page, script)[len("<script") : -1], inner_markup(markup, page, script))
        for script in scripts
    ]
    written = embedded_json.content(sources, words)
    return None if written is None else _all_content(written, scanned.alt_text)


def _all_content(html: str, alt_text: str) -> ParsedPage:
    """A page of which every block is content."""
    markup, page = _scanned(html, alt_text)
    count, roles = len(page.blocks), block_roles(page)
    choice = whole(page, roles)
    return ParsedPage(
        markup, page, "", Metadata(), np.zeros((count, 0), np.float32), roles, np.ones(count, np.float32), choice,
        np.flatnonzero(choice.kept), None,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class ParsedPage:
    """A page as blocks, with what was decided about each. First the fields of :class:`ScannedPage`; then, of m blocks:

    ``probabilities``  ``float32[m]``: how likely each row of ``page.blocks`` is content.
    ``choice``  which rows are content, and what decided about each (:mod:`parsers.selection.choice`).
    ``content_rows``  ``int64[k]``: the rows that are written: those kept that say something.
    ``from_scripts``  the content that the page's scripts hold, where that is written instead of its own; else
    ``None``.
    """

    markup: bytes
    page: Page
    url: str
    about: Metadata
    statements: np.ndarray
    roles: np.ndarray
    probabilities: np.ndarray
    choice: Choice
    content_rows: np.ndarray
    from_scripts: ParsedPage | None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks in the order of the page; where the content is in the page's scripts, that comes last."""
        keep = self.choice.kept if self.from_scripts is None else np.zeros(len(self.page.blocks), np.bool_)
        own = self._make_blocks(np.arange(len(keep)), keep)
        return (*own, *(self.from_scripts.content if self.from_scripts else ()))

    @property
    def content(self) -> tuple[Block, ...]:
        """The blocks that are written."""
        if self.from_scripts is not None:
            return self.from_scripts.content
        return tuple(self._make_blocks(self.content_rows))

    def render(self) -> tuple[str, tuple[Span, ...]]:
        """The last step: :attr:`content` as :func:`parsers.blocks.render.render_blocks` writes it, without making most
        of its blocks, and the headline as a span."""
        if self.from_scripts is not None:
            return self.from_scripts.render()
        rows, out, headline = self.content_rows, PlainText(), self.choice.headline
        at = int(np.searchsorted(rows, headline)) if headline >= 0 and self.roles[headline, GROUP] < 0 else -1
        tidy = tidy_already(self.page, rows)
        self._write(rows[: max(at, 0)], tidy, out)
        if at >= 0:
            out.add(self._headline(headline, is_tidy=bool(tidy[at])), "heading")
        self._write(rows[at + 1 :], tidy[at + 1 :], out)
        return out.finish()

    def _headline(self, row: int, *, is_tidy: bool) -> str:
        """The text of a block, in one line where it is a heading."""
        if not is_tidy or self.roles[row, ANCHORED]:
            return self._make_blocks(np.array([row]), None, np.array([is_tidy]))[0].marked_text
        start, stop = self.page.blocks[row, START : STOP + 1].tolist()
        text = self.page.text[start:stop].tobytes().decode("utf-8", "replace")
        return text.replace("\n", " ") if self.roles[row, ROLE] in (HEADING, CELL) else text

    def _write(self, rows: np.ndarray, tidy: np.ndarray, out: PlainText) -> None:
        """Appends these blocks; ``tidy`` begins with what :func:`parsers.blocks.verbatim.tidy_already` says of them."""
        if not len(rows):
            return
        tidy = tidy[: len(rows)]
        runs, text = find_runs(self.page, self.roles, rows, tidy)
        # All at once: a call for each run would take longer than the blocks do.
        places = [place for kind, first, stop, _, _ in runs if kind == OTHERS for place in range(first, stop)]
        others = iter(self._make_blocks(rows[places], None, tidy[places]) if places else ())
        for kind, first, stop, start, end in runs:
            if kind == OTHERS:
                write_blocks(islice(others, stop - first), out)
            else:
                out.add_plain(text[start:end].decode("utf-8", "replace"), SPANS[kind])

    @property
    def removed(self) -> float:
        """The share (0 to 1) of the page's words that are not kept; what its scripts hold counts if it is kept."""
        kept, _, words = count_words(self.page, self.content_rows)
        if self.from_scripts is not None:
            kept = self.from_scripts.kept_words
            words += kept
        return (words - kept) / words if words else 0.0

    @property
    def kept_words(self) -> int:
        """Words of the rows that are written, in units of 1 / ``WORD``."""
        return count_words(self.page, self.content_rows)[0]

    def kinds(self, spans: tuple[Span, ...]) -> tuple[str, ...]:
        """What kind of page it is and what its content holds: see :func:`parsers.metadata.page_type.page_kinds`."""
        holder = self if self.from_scripts is None else self.from_scripts
        rows = holder.content_rows
        return page_kinds(holder.page.blocks[rows], holder.roles[rows, ROLE], spans, self.about, self.url)

    @cached_property
    def inline_text(self) -> InlineText:
        """Where the text of single blocks comes from."""
        return InlineText(self.markup, self.page)

    def _make_blocks(
        self, rows: np.ndarray, keep: np.ndarray | None = None, tidy: np.ndarray | None = None
    ) -> list[Block]:
        """The blocks of these rows of ``page.blocks``; ``keep`` (``bool[len(rows)]``) says which are content, all of them
        without it, and ``tidy`` what :func:`parsers.blocks.verbatim.tidy_already` says of them, where that is known."""
        texts = self.inline_text
        tidy = tidy_already(self.page, rows) if tidy is None else tidy
        blocks = []
        for row, is_kept, probability, is_tidy, (start, stop), shape in zip(
            rows.tolist(),
            [True] * len(rows) if keep is None else keep.tolist(),
            self.probabilities[rows].tolist(),
            tidy.tolist(),
            self.page.blocks[rows, START : STOP + 1].tolist(),
            self.roles[rows].tolist(),
            strict=True,
        ):
            role, level, group, line, column, ordered, anchored = shape
            text = None
            if is_tidy and not anchored:
                text = texts.scanned_text(start, stop)
                if role in (HEADING, CELL):
                    text = text.replace("\n", " ")
            blocks.append(
                Block(
                    row, ROLES[role], level, ordered == 1, group, line, column, is_kept, probability, anchored == 1,
                    texts, text,
                )
            )  # fmt: skip
        return blocks
