"""Line-level deduplication: lines seen more than 6 times in a bucket of 30 M documents go, all their occurrences.

Llama 3 (arXiv 2407.21783, section 3.1.1), after ccNet (Wenzek et al. 2020). The paper leaves open what follows; here

* a line is one of :func:`text.segment.lines`, compared after folding case and white space;
* a document counts once, however often it repeats a line: repetition within a document is the repetition filter's
  to judge, and a song's refrain is no boilerplate;
* lines that touch code, mathematics or a table are neither counted nor removed: ``}`` and ``else:`` are seen
  everywhere and belong where they are;
* nor are lines without a letter: braces of code that nobody marked, numbers of a list, cells of a table, rules between
  stanzas. They are structure, and of the words that would go on real pages they make few.

ccNet compares lines after lower-casing, mapping digits to 0 and dropping punctuation, and counts every occurrence; it
removes all copies of what occurs twice. Llama 3's number is higher, so folding less costs little.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate

import numpy as np

from text.document import NO_PROSE, Span, rows_of_spans
from text.hashing import hash64s
from text.segment import count_words

_LETTER = re.compile(r"[^\W\d_]")
# All but blanks and line feeds: one of them is sooner looked for in a text than in each line.
_OTHER_SPACE = [chr(point) for point in range(0x3001) if chr(point).isspace() and chr(point) not in " \n"]


def line_hashes(text: str, spans: tuple[Span, ...], salt: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices (into ``text.split("\\n")``, ``int64``) of the lines that take part, and their ``uint64`` hashes.

    ``salt`` separates what is counted apart: a language and bucket.
    """
    lines = text.split("\n")
    spared = rows_of_spans(lines, spans, NO_PROSE)
    indices = [
        index
        for index, line in enumerate(lines)
        if line and (line[0].isalpha() or _LETTER.search(line)) and index not in spared
    ]
    folded = text.casefold().split("\n")
    has_others = any(map(text.__contains__, _OTHER_SPACE))
    tidied = [_tidied(folded[index], has_others) for index in indices]
    return np.asarray(indices, np.int64), hash64s(tidied, seed=salt)


def _tidied(line: str, has_others: bool) -> str:
    """A line that isn't empty with its white space folded: most are so as they stand. ``has_others``: white space other than
    blanks may stand in it."""
    if has_others or "  " in line or line[0] == " " or line[-1] == " ":
        return " ".join(line.split())
    return line


def remove_lines(text: str, spans: tuple[Span, ...], removed: list[int]) -> tuple[str, tuple[Span, ...], int]:
    """``text`` without the lines of the given indices, its spans moved along, and the number of words that went.

    Blank lines that would now open, close or double a gap go with them. A span that lay in removed lines is dropped.
    """
    if not removed:
        return text, spans, 0
    lines = text.split("\n")
    words = sum(count_words(lines[index]) for index in set(removed))
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    offsets: list[tuple[int, int, int]] = []  # (old start, old end, new start) of each kept line
    new = 0
    for index in (kept := _kept(lines, removed)):
        offsets.append((starts[index], starts[index] + len(lines[index]), new))
        new += len(lines[index]) + 1
    ends = [end for _, end, _ in offsets]
    moved = (_move(span, offsets, ends) for span in spans)
    return "\n".join(lines[index] for index in kept), tuple(span for span in moved if span), words


def removed_with(text: str, removed: list[int], rows: Iterable[int]) -> list[int]:
    """Indices into the lines of ``text`` of ``removed``, and of the ``rows`` of the text that their removal leaves.

    Removing them all at once gives what removing them one after the other does.
    """
    kept = _kept(text.split("\n"), removed)
    return sorted({*removed, *(kept[row] for row in rows)})


def _kept(lines: list[str], removed: list[int]) -> list[int]:
    """Indices of the lines that :func:`remove_lines` keeps."""
    if not removed:
        return list(range(len(lines)))
    gone = set(removed)
    kept: list[int] = []
    for index, line in enumerate(lines):
        if index not in gone and (line.strip() or (kept and lines[kept[-1]].strip())):
            kept.append(index)
    while kept and not lines[kept[-1]].strip():
        kept.pop()
    return kept


def _move(span: Span, offsets: list[tuple[int, int, int]], ends: list[int]) -> Span | None:
    first, last = bisect_right(ends, span.start), bisect_left(offsets, (span.end,)) - 1
    if first > last:
        return None
    (first_old, _, first_new), (last_old, last_end, last_new) = offsets[first], offsets[last]
    start = first_new + max(0, span.start - first_old)
    end = last_new + min(span.end, last_end) - last_old
    return Span(start, end, span.kind) if start < end else None
