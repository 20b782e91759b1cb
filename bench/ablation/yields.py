"""How many pages a pipeline needs for the same score: tokens alone don't say, since one that keeps all has many, and worse ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bench.ablation.samples import Encoded, draw, tokens_of

_HALVINGS = 8


def tokens_for(
    score: float,
    whole: float,
    documents: Sequence[Encoded],
    scored: Callable[[Sequence[Encoded]], float],
    seed: int = 0,
) -> float | None:
    """How many of a corpus's tokens give ``score`` (lower is better); ``None`` where all of them, which give ``whole``, don't.

    ``scored`` says what a sample is worth. Half of the tokens are tried, a quarter, and so on; between two of these the score is taken to
    change with the logarithm of the tokens, as it nearly does.
    """
    more, better = tokens_of(documents), whole
    if better > score:
        return None
    for _ in range(_HALVINGS):
        fewer = more // 2
        worse = scored(draw(documents, fewer, seed))
        if worse > score:
            return float(fewer * (more / fewer) ** ((worse - score) / (worse - better)))
        more, better = fewer, worse
    return float(more)


def count_pages(crawl: Sequence[str]) -> int:
    """The responses in these WARC files."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType  # what only judges needs no crawl

    found = 0
    for file in crawl:
        with open(file, "rb") as opened:
            found += sum(1 for _ in ArchiveIterator(opened, record_types=WarcRecordType.response, parse_http=False))
    return found


def per_thousand_pages(tokens: float | None, pages: int) -> float:
    """Tokens of 1,000 pages; not a number where there are none to speak of."""
    return np.nan if tokens is None or not pages else 1000 * tokens / pages
