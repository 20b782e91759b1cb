"""In which sense a page uses the words of a list: a golfer's threesome proves nothing.

Counting words condemned 13 of 16 good pages that were written with the lists at hand (golf, birds, museums, sex
education, courts, moderators' glossaries). So an entry has a weight and contexts (:mod:`filters.vocabulary`), and:

* an entry is **excused** on a page with two different words of one of its contexts;
* nothing counts on a page that **explains**: at least four different words of the context ``explaining``, at least as many
  of them as hits, and more different ones than of ``selling``. Sellers of anything write few such words;
* an entry lighter than 1 proves nothing alone: light entries count up to the weight of the heavy ones beside them, or in
  full where there are five different ones, or on a page that **sells**: three different phrases of the context
  ``selling``, or words of the list in disguise (:mod:`filters.disguised_words`). So is told what an advertisement in
  euphemisms offers.

All numbers are ours; ``docs/decisions.md`` says against what they were measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from filters.vocabulary import DATA, Vocabulary, read_contexts, read_vocabularies

EXPLAINING, SELLING = "explaining", "selling"
_EXCUSING = 2  # different words of a context that excuse an entry
_EXPLAINING = 4
_SELLING = 3
_MANY_LIGHT = 5
_ADDED_WEIGHT = 0.5


@dataclass(frozen=True)
class Weighed:
    """``points``: the weight of all hits that count; ``entries``: which, and how often; empty for a page that proves nothing."""

    points: float = 0.0
    entries: Counter[str] = field(default_factory=Counter)


class SenseCounter:
    """Weighs the entries of lists by language (:func:`filters.vocabulary.read_vocabularies`). Picklable.

    Raises ``ValueError`` for an entry that names a context which its language doesn't have.
    """

    def __init__(
        self, lists: Mapping[str, Vocabulary], contexts: Mapping[str, Mapping[str, Vocabulary]] | None = None
    ) -> None:
        self._lists = dict(lists)
        self._contexts = contexts if contexts is not None else read_contexts(DATA / "contexts")
        for language, vocabulary in self._lists.items():
            missing = vocabulary.contexts() - set(self._contexts.get(language, ()))
            if missing:
                raise ValueError(
                    f"The list of {language} names the contexts {', '.join(sorted(missing))}, and there are "
                    f"{', '.join(sorted(self._contexts.get(language, ()))) or 'none'} for that language."
                )

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that have a list, sorted."""
        return tuple(sorted(self._lists))

    def entry_words(self, language: str) -> frozenset[str]:
        """All words of the entries of a language's list."""
        return self._lists[language].words()

    def weigh(self, language: str, hashes: np.ndarray, hidden: int = 0) -> Weighed | None:
        """What a document's words prove, of which ``hidden`` different ones were in disguise; ``None`` for a language without
        a list. ``hashes`` as in :meth:`filters.vocabulary.Vocabulary.count`."""
        vocabulary = self._lists.get(language)
        if vocabulary is None:
            return None
        found = vocabulary.count(hashes)
        if not found:
            return Weighed()
        page = _Page(self._contexts.get(language, {}), hashes)
        found = Counter(
            {
                entry: times
                for entry, times in found.items()
                if not any(page.different(name) >= _EXCUSING for name in vocabulary.meaning(entry).contexts)
            }
        )
        if not hidden and page.explains(found.total()):
            return Weighed()
        weights = {entry: vocabulary.meaning(entry).weight for entry in found}
        heavy = sum(weights[entry] * times for entry, times in found.items() if weights[entry] >= 1)
        light = sum(weights[entry] * times for entry, times in found.items() if weights[entry] < 1)
        different = sum(weight < 1 for weight in weights.values())
        if different >= _MANY_LIGHT or page.different(SELLING) + hidden >= _SELLING:
            return Weighed(heavy + light, found)
        if not heavy:
            return Weighed()
        return Weighed(heavy + min(light, heavy), found)


class _Page:
    """The contexts of one page, each counted when it is asked for."""

    def __init__(self, contexts: Mapping[str, Vocabulary], hashes: np.ndarray) -> None:
        self._contexts, self._hashes = contexts, hashes
        self._counted: dict[str, Counter[str]] = {}

    def words(self, name: str) -> Counter[str]:
        if name not in self._counted:
            vocabulary = self._contexts.get(name)
            self._counted[name] = vocabulary.count(self._hashes) if vocabulary else Counter()
        return self._counted[name]

    def different(self, name: str) -> int:
        return len(self.words(name))

    def explains(self, hits: int) -> bool:
        explaining = self.words(EXPLAINING)
        return (
            len(explaining) >= _EXPLAINING and explaining.total() >= hits and len(explaining) > self.different(SELLING)
        )


def shipped(kind: str, folder: Path | None = None, added: Path | None = None) -> SenseCounter:
    """The shipped lists of ``adult``, ``harm`` or ``dirty_words``; a file of ``folder`` replaces that of its language, one of
    ``added`` adds to it: entries without a weight count half, since published lists mix obscenities with words of medicine
    and everyday life."""
    lists = dict(read_vocabularies(DATA / kind))
    if folder is not None:
        lists |= read_vocabularies(Path(folder))
    if added is not None:
        for language, vocabulary in read_vocabularies(Path(added), _ADDED_WEIGHT).items():
            lists[language] = lists[language].joined(vocabulary) if language in lists else vocabulary
    return SenseCounter(lists)
