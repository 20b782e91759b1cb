"""Lists of words and phrases with weights, and counting them in a text.

A list is a UTF-8 text file, one entry a line, ``#`` starting a comment::

    ENTRY | WEIGHT | CONTEXT CONTEXT

An entry is one word or a phrase of several; it is split by the same segmentation as the documents and compared
case-folded, word by word. So ``Scunthorpe`` holds no entry of four letters, while in scripts written without spaces,
where each character is a word, an entry is found wherever its characters stand together. The weight (1 unless it is
given) and the contexts that excuse an entry say what a hit proves: see :mod:`filters.word_sense`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from filters.word_table import WordTable
from text.hashing import GOLDEN, hash64s
from text.segment import words

DATA = Path(__file__).with_name("data")


def folded_words(text: str) -> list[str]:
    """The words of ``text``, case-folded: what entries are made of."""
    return words(text.casefold())


@dataclass(frozen=True)
class Meaning:
    """What a hit of an entry proves: its ``weight``, and the names of ``contexts`` that excuse it."""

    weight: float = 1.0
    contexts: tuple[str, ...] = ()


class _Entry(NamedTuple):
    name: str
    hashes: list[int]


class _Beginnings(NamedTuple):
    """The entries that begin with each word or pair of words of a table, longest first."""

    table: WordTable
    entries: list[list[_Entry]]


class Vocabulary:
    """A set of words and phrases that can be counted in a text. Picklable."""

    def __init__(self, entries: Iterable[str] | Mapping[str, Meaning]) -> None:
        """``entries`` in any case, each with its meaning or all of weight 1; raises ``ValueError`` for an entry without a
        word, or for no entries at all."""
        self._meanings: dict[str, Meaning] = {}
        meanings = entries if isinstance(entries, Mapping) else dict.fromkeys(entries, Meaning())
        for entry, meaning in meanings.items():
            parts = folded_words(entry)
            if not parts:
                raise ValueError(f"The entry {entry!r} of a vocabulary holds no word.")
            self._meanings[" ".join(parts)] = meaning
        if not self._meanings:
            raise ValueError("A vocabulary has no entries, so no document could ever match it.")

    def __len__(self) -> int:
        return len(self._meanings)

    def joined(self, other: Vocabulary) -> Vocabulary:
        """A vocabulary with the entries of both; where both have an entry, its meaning here."""
        return Vocabulary({**other._meanings, **self._meanings})

    def meaning(self, entry: str) -> Meaning:
        """The meaning of an entry, named as :meth:`count` names it."""
        return self._meanings[entry]

    def contexts(self) -> set[str]:
        """The names of all contexts that excuse an entry."""
        return {name for meaning in self._meanings.values() for name in meaning.contexts}

    def words(self) -> frozenset[str]:
        """All words of its entries."""
        return frozenset(word for entry in self._meanings for word in entry.split(" "))

    @cached_property
    def _words_and_phrases(self) -> tuple[_Beginnings, _Beginnings]:
        """Entries of one word by that word, others by their first two: phrases begin with words that every text has."""
        kinds: tuple[dict[int, list[_Entry]], ...] = ({}, {})
        for name in self._meanings:
            hashes = hash64s(name.split(" "))
            beginning = _pairs(hashes)[0] if len(hashes) > 1 else hashes[0]
            kinds[len(hashes) > 1].setdefault(int(beginning), []).append(_Entry(name, hashes.tolist()))
        # Longest first: where a phrase and its beginning are both entries, the phrase is what was said.
        words, phrases = (
            _Beginnings(
                WordTable(np.array(list(kind), np.uint64)),
                [sorted(entries, key=lambda entry: (-len(entry.hashes), entry.name)) for entries in kind.values()],
            )
            for kind in kinds
        )
        return words, phrases

    def count(self, hashes: np.ndarray) -> Counter[str]:
        """How often each entry occurs in a text, overlaps counted once, from the left. ``hashes`` are those of the text's
        case-folded words (:attr:`text.view.TextView.folded_hashes`)."""
        words, phrases = self._words_and_phrases
        may_begin: dict[int, list[_Entry]] = {}
        for kind, beginnings in ((phrases, _pairs(hashes)), (words, hashes)):
            places, numbers = kind.table.find(beginnings)
            for place, number in zip(places.tolist(), numbers.tolist(), strict=True):
                may_begin[place] = may_begin.get(place, []) + kind.entries[number]
        found: Counter[str] = Counter()
        free = 0
        for start in sorted(may_begin):
            if start < free:
                continue
            for entry in may_begin[start]:
                end = start + len(entry.hashes)
                if hashes[start:end].tolist() == entry.hashes:
                    found[entry.name] += 1
                    free = end
                    break
        return found


def _pairs(hashes: np.ndarray) -> np.ndarray:
    """Hashes of two words in a row."""
    return hashes[:-1] * GOLDEN + hashes[1:]  # wraps modulo 2^64, as it should


def read_vocabulary(path: Path, plain_weight: float = 1.0) -> Vocabulary:
    """The vocabulary in the file ``path``, entries without a weight having ``plain_weight``; ``ValueError`` naming file and
    line where it can't be used."""
    entries: dict[str, Meaning] = {}
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        written = line.partition("#")[0].strip()
        if written:
            entry, meaning = _entry(written, f"{path}, line {number}", plain_weight)
            entries[entry] = meaning
    try:
        return Vocabulary(entries)
    except ValueError as error:
        raise ValueError(f"The word list {path} cannot be used: {error}") from error


def _entry(written: str, place: str, plain_weight: float) -> tuple[str, Meaning]:
    entry, *columns = (column.strip() for column in written.split("|"))
    if not entry or len(columns) > 2:
        raise ValueError(f"{place}: {written!r} is not of the form ENTRY | WEIGHT | CONTEXTS.")
    try:
        weight = float(columns[0]) if columns and columns[0] else plain_weight
    except ValueError:
        weight = 0.0
    if not 0 < weight <= 10:
        raise ValueError(f"{place}: the weight is {columns[0]!r}; it must be a number above 0 and at most 10.")
    return entry, Meaning(weight, tuple(columns[1].split()) if len(columns) == 2 else ())


@lru_cache(maxsize=32)
def read_vocabularies(folder: Path, plain_weight: float = 1.0) -> dict[str, Vocabulary]:
    """``<language>.txt`` files of ``folder`` as vocabularies by language code; ``plain_weight`` as in
    :func:`read_vocabulary`.

    Raises ``FileNotFoundError`` where the folder is missing or holds no such file.
    """
    paths = sorted(folder.glob("*.txt")) if folder.is_dir() else []
    if not paths:
        raise FileNotFoundError(f"The folder {folder} holds no word list; expected files such as {folder}/en.txt.")
    return {path.stem: read_vocabulary(path, plain_weight) for path in paths}


@lru_cache(maxsize=8)
def read_contexts(folder: Path) -> dict[str, dict[str, Vocabulary]]:
    """The contexts of each language, by name: lines ``@NAME: WORD, PHRASE, …`` of ``<language>.txt`` files of ``folder``.

    Several lines of one name add up. Raises ``FileNotFoundError`` as :func:`read_vocabularies`, ``ValueError`` naming file and
    line for a line of another form.
    """
    found: dict[str, dict[str, Vocabulary]] = {}
    for path in sorted(folder.glob("*.txt")):
        named: dict[str, list[str]] = {}
        for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
            written = line.partition("#")[0].strip()
            name, colon, entries = written.partition(":")
            if written and not (colon and name.startswith("@")):
                raise ValueError(f"{path}, line {number}: {written!r} is not of the form @NAME: WORD, PHRASE, …")
            if written:
                named.setdefault(name[1:].strip(), []).extend(filter(None, map(str.strip, entries.split(","))))
        found[path.stem] = {name: Vocabulary(entries) for name, entries in named.items()}
    if not found:
        raise FileNotFoundError(f"The folder {folder} holds no contexts; expected files such as {folder}/en.txt.")
    return found
