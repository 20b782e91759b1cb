"""Line-level deduplication: lines seen more than 6 times in a bucket of 30 M documents go, all their occurrences.

Llama 3 (arXiv 2407.21783, section 3.1.1), after ccNet (Wenzek et al. 2020). The paper leaves open what follows; here

* a line is one of :func:`text.segment.lines`, compared after folding case and white space;
* a document counts once, however often it repeats a line: repetition within a document is the repetition filter's
  to judge, and a song's refrain is no boilerplate;
* lines that touch code, mathematics or a table are neither counted nor removed: ``}`` and ``else:`` are seen
  everywhere and belong where they are.
"""

from __future__ import annotations

import numpy as np

from text.document import Span
from text.hashing import hash64s
from text.segment import count_words

SPARED_KINDS = ("code", "math", "table")


def line_hashes(text: str, spans: tuple[Span, ...], salt: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices (into ``text.split("\\n")``, ``int64``) of the lines that take part, and their ``uint64`` hashes.

    ``salt`` separates what is counted apart: a language and bucket.
    """
    spared = sorted((span.start, span.end) for span in spans if span.kind in SPARED_KINDS)
    indices, folded = [], []
    start = position = 0
    for index, line in enumerate(text.split("\n")):
        end = start + len(line)
        while position < len(spared) and spared[position][1] <= start:
            position += 1
        if line and not line.isspace() and not (position < len(spared) and spared[position][0] < end):
            indices.append(index)
            folded.append(" ".join(line.casefold().split()))
        start = end + 1
    return np.asarray(indices, np.int64), hash64s(folded, seed=salt)


def remove_lines(text: str, spans: tuple[Span, ...], removed: list[int]) -> tuple[str, tuple[Span, ...], int]:
    """``text`` without the lines of the given indices, its spans moved along, and the number of words that went.

    Blank lines that would now open, close or double a gap go with them. A span that lay in removed lines is dropped.
    """
    gone = set(removed)
    lines = text.split("\n")
    kept_lines: list[str] = []
    offsets: list[tuple[int, int, int]] = []  # (old start, old end, new start) of each kept line
    old = new = words = 0
    for index, line in enumerate(lines):
        if index in gone:
            words += count_words(line)
        elif line.strip() or (kept_lines and kept_lines[-1].strip()) or not gone:
            offsets.append((old, old + len(line), new))
            kept_lines.append(line)
            new += len(line) + 1
        old += len(line) + 1
    if gone:
        while kept_lines and not kept_lines[-1].strip():
            kept_lines.pop()
            offsets.pop()
    return "\n".join(kept_lines), tuple(_move(span, offsets) for span in spans if _move(span, offsets)), words


def _move(span: Span, offsets: list[tuple[int, int, int]]) -> Span | None:
    touched = [(o, e, n) for o, e, n in offsets if o < span.end and e > span.start]
    if not touched:
        return None
    first, last = touched[0], touched[-1]
    start = first[2] + max(0, span.start - first[0])
    return Span(start, last[2] + min(span.end, last[1]) - last[0], span.kind)
