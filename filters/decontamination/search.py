"""Which test questions a page holds, and how much of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from filters.decontamination.index import RUN, QuestionIndex

# Words that may stand between a question and its choices, or between two choices: letters, marks, "Answer choices:".
_GAP = 12
PART = 1.5
"""So many times the bits are asked of a part of a question."""
WHOLE = 0.9
"""From this share on a question counts as whole: its first and last words may stand beside other words."""


class Found(NamedTuple):
    """A question in a page. ``overlap``: share of what the question tells that stands there; ``bits``: how much that is,
    its choices included; ``parts``: ``(start, end)`` of the page's words that are the question's or a choice's."""

    question: int
    overlap: float
    bits: int
    parts: tuple[tuple[int, int], ...]


class Limits(NamedTuple):
    """A question is found where :data:`WHOLE` of what it tells, or of what it and its choices tell, stands together and is
    ``bits`` or more, choices included; or where ``overlap`` of it stands there, :data:`PART` times the bits."""

    overlap: float
    bits: int


def searchable(index: QuestionIndex, limits: Limits) -> np.ndarray:
    """Which questions can be found at all, ``bool``: those that have a run to look up, and with their choices tell enough."""
    sums = np.concatenate(([0], np.cumsum(index.bits, dtype=np.int64)))
    starts = index.stretches[index.starts]
    has_run = np.bincount(index.question_of[index.places], minlength=starts.size - 1) > 0
    return has_run & (sums[starts[1:]] - sums[starts[:-1]] >= limits.bits)


def search(index: QuestionIndex, folded_hashes: np.ndarray, limits: Limits) -> list[Found]:
    """Every place in a page, given the hashes of its case-folded words, where a question of the index stands."""
    at, words = index.hits(folded_hashes)
    if not at.size:
        return []
    questions = index.question_of[words]
    order = np.argsort(questions, kind="stable")
    at, words, questions = at[order], words[order], questions[order]
    bounds = np.flatnonzero(np.diff(questions, prepend=-1, append=-1))
    found: list[Found] = []
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        found += _of_question(index, int(questions[start]), at[start:end], words[start:end], folded_hashes, limits)
    return found


def _of_question(
    index: QuestionIndex, question: int, at: np.ndarray, words: np.ndarray, page: np.ndarray, limits: Limits
) -> Iterator[Found]:
    stretches = index.stretches[index.starts[question] : index.starts[question + 1] + 1]
    start, end, asked = int(stretches[0]), int(stretches[-1]), int(stretches[1] - stretches[0])
    bits = index.bits[start:end].astype(np.int64)
    total = int(bits.sum())
    offsets = words - start
    at_most = _matched(offsets, bits.size)
    if total == 0 or max(_shares(at_most, bits, asked)) < limits.overlap:
        return
    reach = 2 * bits.size + _GAP
    position = 0
    while position < at.size:
        until = int(np.searchsorted(at, at[position] + reach, "right"))
        matched = _matched(offsets[position:until], bits.size)
        if max(_shares(matched, bits, asked)) < limits.overlap:
            position += 1
            continue
        pieces = _pieces(at[position:until])
        # Its choices stand behind it, or behind where it would be.
        behind = int(at[position:until][offsets[position:until] < asked].max(initial=at[position])) + RUN
        following = np.zeros(bits.size, bool)
        for begin, stop, word in _choices_after(index, stretches, page, behind):
            following[word - start : word - start + stop - begin] = True
            pieces.append((begin, stop))
        readings = [matched | following, following | (matched & (np.arange(bits.size) < asked))]
        told = [int(bits[reading].sum()) for reading in readings]
        shares = _shares(matched | following, bits, asked)
        for overlap, known in zip(shares, told, strict=True):
            if overlap >= limits.overlap and known >= limits.bits * (1 if overlap >= WHOLE else PART):
                yield Found(question, round(overlap, 4), known, tuple(sorted(set(pieces))))
                break
        position = int(np.searchsorted(at, at[until - 1], "right"))


def _shares(matched: np.ndarray, bits: np.ndarray, asked: int) -> tuple[float, float]:
    """How much of what a question and its choices tell is matched, and of the question alone, its first ``asked`` words."""
    told = matched * bits
    return float(told.sum() / bits.sum()), float(told[:asked].sum() / max(int(bits[:asked].sum()), 1))


def _pieces(at: np.ndarray) -> list[tuple[int, int]]:
    """Stretches of a page's words from the first to the last of runs that begin at ``at`` (ascending), split where more than
    a few other words stand between two."""
    cuts = np.flatnonzero(np.diff(at) > RUN + _GAP) + 1
    return [(int(part[0]), int(part[-1]) + RUN) for part in np.split(at, cuts)]


def _matched(offsets: np.ndarray, size: int) -> np.ndarray:
    """Which words of a question lie in runs that begin at ``offsets``: ``bool``, shape (size,)."""
    mask = np.zeros(size + RUN, bool)
    for step in range(RUN):
        mask[offsets + step] = True
    return mask[:size]


def _choices_after(
    index: QuestionIndex, stretches: np.ndarray, page: np.ndarray, position: int
) -> list[tuple[int, int, int]]:
    """``(start, end, word)`` of a question's choices that follow it in their order, ``word`` their first in the index; none
    unless most do, since a number or a common word stands behind many a text."""
    found: list[tuple[int, int, int]] = []
    for low, high in itertools.pairwise(stretches[1:].tolist()):
        wanted = index.words[low:high]
        begin = _first_place(page[position : position + _GAP + wanted.size], wanted) if wanted.size else -1
        if begin >= 0:
            start, position = position + begin, position + begin + wanted.size
            found.append((start, position, low))
    return found if 4 * len(found) >= 3 * (stretches.size - 2) else []


def _first_place(words: np.ndarray, wanted: np.ndarray) -> int:
    """Where ``wanted`` first stands in ``words``, or -1."""
    for begin in np.flatnonzero(words[: words.size - wanted.size + 1] == wanted[0]).tolist():
        if np.array_equal(words[begin : begin + wanted.size], wanted):
            return begin
    return -1
