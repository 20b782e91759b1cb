"""What a rule took offence at, as stretches of a page's text: n-grams said again, words of lists, personal data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from filters.ngrams import covered, most_frequent, repeats
from filters.repetition import without_numbers
from filters.word_sense import shipped
from text.document import Document

_NGRAM = re.compile(r"(top|duplicate)_(\d+)gram")
_PASSAGE_NGRAM = 5


class Mark(NamedTuple):
    """``text[start:end]`` and why."""

    start: int
    end: int
    why: str


def find_marks(
    text: str, language: str, stage: str, reason: str, settings: Mapping[str, Any], terms: Iterable[str] = ()
) -> list[Mark]:
    """The stretches that a verdict is about, in order and apart from each other. ``settings`` are the filter's; ``terms`` the
    words that weighed most on the page's domain."""
    found: list[Mark] = []
    ngram = _NGRAM.fullmatch(reason)
    if ngram:
        found = list(_repeated(text, int(ngram[2]), ngram[1] == "top"))
    elif reason == "mostly_repeated":
        found = list(_repeated(text, _PASSAGE_NGRAM, False))
    elif reason == "dirty_words":
        senses = shipped("dirty_words", settings.get("folder"), settings.get("added"))
        weighed = senses.weigh(language, Document(text).view.folded_hashes) if language in senses.languages else None
        found = list(_words(text, weighed.entries if weighed else (), "word of the list"))
    elif stage == "domains":
        found = list(_words(text, terms, "word that weighed most"))
    return _apart(found)


def _repeated(text: str, n: int, only_top: bool) -> Iterator[Mark]:
    view = Document(text).view
    places = list(_places(text, view.words))
    if not places:
        return
    size = n * view.characters_a_word
    (found,) = repeats(without_numbers(view), size, size)
    starts = most_frequent(found, view.lengths)[1:] if only_top else found.starts[~found.first]
    inside = covered(starts, size, len(places))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
    why = f"the most frequent {n}-gram, again" if only_top else f"said before, in {n}-grams"
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield Mark(places[first][0], places[last - 1][1], why)


def _places(text: str, words: list[str]) -> Iterator[tuple[int, int]]:
    at = 0
    for word in words:
        start = text.index(word, at)
        at = start + len(word)
        yield start, at


def _words(text: str, entries: Iterable[str], why: str) -> Iterator[Mark]:
    chosen = sorted({entry for entry in entries if entry}, key=len, reverse=True)
    if chosen:
        pattern = r"(?<!\w)(?:" + "|".join(map(re.escape, chosen)) + r")(?!\w)"
        for match in re.finditer(pattern, text, re.IGNORECASE):
            yield Mark(match.start(), match.end(), why)


def _apart(found: list[Mark]) -> list[Mark]:
    apart: list[Mark] = []
    for mark in sorted(found):
        if not apart or mark.start >= apart[-1].end:
            apart.append(mark)
    return apart
