"""Dirty-word counting: documents thick with obscene words.

Raffel et al. 2020 (JMLR 21:140, §2.2; C4) drop a page that holds **any** word of a list. Llama 3 counts dirty words to
filter adult websites that the domain block lists miss (arXiv 2407.21783, §3.1.1), and gives no number. One word makes
no adult site: novels, court reports and forums swear. So it is the density here, over whole words, and never on fewer
than a handful of hits.
"""

from __future__ import annotations

from pathlib import Path

from filters._checks import require_at_least
from filters.disguised_words import Disguises
from filters.rules import Condition, Rule, first_rule
from filters.verdict import Reject, Scores
from filters.word_sense import shipped
from text.document import Document


class DirtyWordsFilter:
    """Rejects documents with many dirty words, by the list of the document's language.

    ``folder`` holds further lists as ``<language>.txt`` (:mod:`filters.vocabulary` says in which form, with weights and
    contexts that excuse); a file there replaces the shipped list of that language. ``added`` is such a folder
    whose entries are added instead (``gristmill blocklists update ldnoobw`` fetches one). Hits count by their weight and sense
    (:mod:`filters.word_sense`). A document goes (reason ``dirty_words``, score: hits per 1,000 words) when it has more than
    ``max_per_1000`` hits per 1,000 words, at least ``min_hits`` hits, and among them at least ``min_distinct`` different
    entries: a page that only repeats one word is about that word, or about a person of that name. Languages without a list
    are not judged. All three numbers are our own choice; see ``docs/decisions.md``.
    """

    name = "dirty_words"

    def __init__(
        self,
        max_per_1000: float = 10.0,
        min_hits: int = 5,
        min_distinct: int = 3,
        folder: Path | None = None,
        added: Path | None = None,
    ) -> None:
        require_at_least("max_per_1000", max_per_1000, 0)
        require_at_least("min_hits", min_hits, 1)
        require_at_least("min_distinct", min_distinct, 1)
        limits = (
            Condition("per_1000_words", ">", max_per_1000, "max_per_1000"),
            Condition("hits", ">=", min_hits, "min_hits"),
            Condition("distinct", ">=", min_distinct, "min_distinct"),
        )
        self._rules = [Rule("dirty_words", limits)]
        self._senses = shipped("dirty_words", folder, added)
        self._disguises = {language: Disguises(self._senses.entry_words(language)) for language in self.languages}

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that have a list, sorted."""
        return self._senses.languages

    def score(self, document: Document) -> Scores | None:
        """``hits`` by weight, ``distinct`` entries among them, ``per_1000_words``; ``None`` without a list or words."""
        if document.language not in self._disguises:
            return None
        view, hidden = self._disguises[document.language].undone(document.view)
        weighed = self._senses.weigh(document.language, view.folded_hashes, hidden)
        if not view.word_count or weighed is None:
            return None
        density = round(1000 * weighed.points / view.word_count, 4)
        return {"hits": weighed.points, "distinct": len(weighed.entries), "per_1000_words": density}

    def decide(self, scores: Scores) -> Reject | None:
        """``dirty_words`` when density, hits and distinct hits are all beyond their limits."""
        return first_rule(self._rules, scores)

    def rules(self) -> list[Rule]:
        """The one rule, with three limits."""
        return self._rules
