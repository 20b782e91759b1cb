"""A named score of documents beside others, with the limits under which a document goes: what fastText models and transformers
share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from filters._checks import require_at_least, require_fraction
from text.document import Document

QUANTILE = "quantile"
Limit = float | Mapping[str, float] | None


class Limits:
    """Which documents are judged by a score, and what they must reach.

    ``reject_below`` is the limit under which a document goes: a number; a number a language, with ``default`` for the
    others; ``{quantile: 0.9}``, under which nine tenths of the run's documents lie, language by language; or ``None``:
    the score is kept and decides nothing. Judged are documents of ``min_words`` words and more, in one of ``languages``
    where those are given. ``fractions``: whether scores lie between 0 and 1, so that limits must.
    """

    def __init__(
        self, reject_below: Limit, languages: Sequence[str] | None, min_words: int, fractions: bool = True
    ) -> None:
        if isinstance(languages, str) or languages == []:
            raise ValueError(f"languages is {languages!r}; list language codes, or leave it out for all.")
        require_at_least("min_words", min_words, 1)
        limits = reject_below if isinstance(reject_below, Mapping) else {"default": reject_below}
        for key, limit in limits.items():
            if limit is not None and (fractions or key == QUANTILE):
                require_fraction(f"reject_below ({key})", limit)
            elif limit is not None and (isinstance(limit, bool) or not isinstance(limit, int | float)):
                raise ValueError(f"reject_below ({key}) is {limit!r}; it must be a number.")
        if QUANTILE in limits and len(limits) > 1:
            raise ValueError("reject_below has a quantile beside other limits; a quantile stands for all languages.")
        self._limits = dict(limits)
        self._min_words = min_words
        self._languages = None if languages is None else frozenset(languages)

    def judges(self, document: Document) -> bool:
        """Whether the document is in one of the languages, and long enough."""
        if self._languages is not None and document.language not in self._languages:
            return False
        return document.view.word_count >= self._min_words

    @property
    def decide(self) -> bool:
        """Whether a document of any language can go."""
        return any(limit is not None for limit in self._limits.values())

    def of(self, language: str) -> float | None:
        """What a document of ``language`` must reach, if anything."""
        return self._limits.get(language, self._limits.get("default"))
