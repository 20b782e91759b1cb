"""Dirty-word counting: documents thick with obscene words.

Raffel et al. 2020 (JMLR 21:140, §2.2; C4) drop a page that holds **any** word of a list. Llama 3 counts dirty words to
filter adult websites that the domain block lists miss (arXiv 2407.21783, §3.1.1), and gives no number. One word makes
no adult site: novels, court reports and forums swear. So it is the density here, over whole words, and never on fewer
than a handful of hits.
"""

from __future__ import annotations

from pathlib import Path

from filters._checks import require_at_least
from filters.verdict import Reject, Scores
from filters.vocabulary import DATA, Vocabulary, folded_words, read_vocabularies
from text.document import Document


class DirtyWordsFilter:
    """Rejects documents with many dirty words, by the list of the document's language.

    ``folder`` holds further lists as ``<language>.txt``; a file there replaces the shipped list of that language.
    A document goes (reason ``dirty_words``, score: hits per 1,000 words) when it has more than ``max_per_1000`` hits
    per 1,000 words, at least ``min_hits`` hits, and among them at least ``min_distinct`` different entries: a page
    that only repeats one word is about that word, or about a person of that name. Languages without a list are not
    judged. All three numbers are our own choice; see the figures in the tests' neighbourhood, ``docs/decisions.md``.
    """

    name = "dirty_words"

    def __init__(
        self, max_per_1000: float = 10.0, min_hits: int = 5, min_distinct: int = 3, folder: Path | None = None
    ) -> None:
        require_at_least("max_per_1000", max_per_1000, 0)
        require_at_least("min_hits", min_hits, 1)
        require_at_least("min_distinct", min_distinct, 1)
        self._max_per_1000, self._min_hits, self._min_distinct = max_per_1000, min_hits, min_distinct
        self._lists: dict[str, Vocabulary] = dict(read_vocabularies(DATA / "dirty_words"))
        if folder is not None:
            self._lists |= read_vocabularies(Path(folder))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that have a list, sorted."""
        return tuple(sorted(self._lists))

    def score(self, document: Document) -> Scores | None:
        """``hits``, ``distinct`` entries among them, ``per_1000_words``; ``None`` without a list or without words."""
        vocabulary = self._lists.get(document.language)
        if vocabulary is None:
            return None
        folded = folded_words(document.text)
        if not folded:
            return None
        found = vocabulary.count(folded)
        hits = found.total()
        return {"hits": hits, "distinct": len(found), "per_1000_words": round(1000 * hits / len(folded), 4)}

    def decide(self, scores: Scores) -> Reject | None:
        """``dirty_words`` when density, hits and distinct hits are all beyond their limits."""
        if (
            scores["per_1000_words"] > self._max_per_1000
            and scores["hits"] >= self._min_hits
            and scores["distinct"] >= self._min_distinct
        ):
            return Reject("dirty_words", scores["per_1000_words"])
        return None
