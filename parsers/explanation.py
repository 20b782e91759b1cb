"""Why each block of a page is in its text or not: for people who look at a page, and for tests.

Everything is computed as :func:`parsers.extract` does, with the steps in between written down. The causes, besides those
of :mod:`parsers.selection.choice`:

``agreement``  the classifier decided otherwise about it than about most blocks of its template, and went with these
``scripts``    the page hardly has any text, and what its scripts hold is written instead
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from parsers.blocks.block import Block
from parsers.classifier import block_classifier
from parsers.encoding.source import decoded
from parsers.parsed_page import ParsedPage, scan_source, select
from parsers.selection.choice import CAUSES, CLASSIFIER
from parsers.selection.expected_f1 import best_expected_f1

AGREEMENT, SCRIPTS = "agreement", "scripts"


class ExplainedBlock(NamedTuple):
    """``text``  of the block alone. ``kept``  whether it is in the page's text.

    ``first``, ``second``  the probabilities (0 to 1) of being content that the classifier's two looks gave it; ``second``
    is ``None`` where the first was sure, both are where no look was taken: in what scripts hold.
    ``cause``  what decided: ``agreement``, ``scripts``, or one of :data:`parsers.selection.choice.CAUSES`.
    ``span``  where ``text`` stands in the page's text (start and end in characters), ``None`` where it doesn't. Spans come in
    order and lie apart; between them is white space alone.
    """

    text: str
    kept: bool
    first: float | None
    second: float | None
    cause: str
    span: tuple[int, int] | None


def explain(html: bytes, url: str = "", content_type: str = "", *, alt_text: str = "formulas") -> list[ExplainedBlock]:
    """The blocks of a page in its order, and what decided about each; what its scripts hold comes last, where that is
    its text. Arguments as for :func:`parsers.backends.gristmill_backend.extract`, whose text the kept blocks make up."""
    source, _, _ = decoded(html, content_type)
    scanned = scan_source(source, url, alt_text)
    looks = block_classifier.looks(scanned.page, scanned.statements)
    page = select(scanned, looks.agreed)
    causes = [CAUSES[cause] for cause in page.choice.causes]
    alone = best_expected_f1(scanned.page, looks.second)
    together = best_expected_f1(scanned.page, looks.agreed)
    for row in np.flatnonzero((alone != together) & (page.choice.causes == CLASSIFIER)).tolist():
        causes[row] = AGREEMENT
    if page.from_scripts is not None:
        causes = [SCRIPTS if kept else cause for kept, cause in zip(page.choice.kept, causes, strict=True)]
    second = [
        float(p) if unsure else None
        for p, unsure in zip(looks.second, block_classifier.unsure(looks.first), strict=True)
    ]
    text = page.render()[0]
    return list(_explained(page, looks.first.tolist(), second, causes, text))


def _explained(
    page: ParsedPage, first: list[float], second: list[float | None], causes: list[str], text: str
) -> Iterator[ExplainedBlock]:
    blocks = page.blocks
    for place, (block, span) in enumerate(zip(blocks, _spans(blocks, text), strict=True)):
        kept = span is not None
        if place < len(first):
            yield ExplainedBlock(block.text, kept, first[place], second[place], causes[place], span)
        else:
            yield ExplainedBlock(block.text, kept, None, None, SCRIPTS, span)


def _spans(blocks: Iterable[Block], text: str) -> Iterator[tuple[int, int] | None]:
    """Where each block stands in the text. Blocks are written one after the other, with white space between them, so
    that each is looked for right behind the last one."""
    at = 0
    for block in blocks:
        written = block.text.strip("\n") if block.kept else ""
        if not written.strip():
            yield None
            continue
        start = at
        while start < len(text) and not text.startswith(written, start) and text[start].isspace():
            start += 1
        if text.startswith(written, start):
            at = start + len(written)
            yield start, at
        else:
            yield None
