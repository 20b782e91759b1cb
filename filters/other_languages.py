"""Whether a text is surely in none of the languages that are wanted: to know it of a page before it is parsed.

What a page shows in all holds navigation and notices in other languages than its content. So no whole is judged by: the text
is cut into pieces of a line or two, and one piece that may be in a wanted language is enough for a page to be parsed. A document of
fifty words, the fewest that the recipe keeps, has at least a whole piece's worth of them.
"""

from __future__ import annotations

from collections.abc import Collection

from filters.language import LanguageIdentifier

# Of 3,456 pages of a crawl in 70 languages, each of these wanted alone, no document was lost by these numbers, nor at .5; one
# was at .6 (docs/filters.md).
_PIECE_CHARS = 200
_MAY_BE = 0.4
# The whole must be in another language by so much, and so long that pieces can tell.
_LIKELY, _FEWEST_CHARS = 0.5, 200
_MOST_CHARS = 200_000  # a thousand pieces: some 30 ms


class OtherLanguages:
    """Finds texts that are surely in none of the ``wanted`` languages, as ``identifier`` names them."""

    def __init__(self, identifier: LanguageIdentifier, wanted: Collection[str]) -> None:
        self._identifier = identifier
        self.wanted = frozenset(wanted)

    def judge(self, text: str) -> tuple[str, float] | None:
        """The language of such a text and its probability, as :meth:`LanguageIdentifier.identify` gives them; ``None`` where any
        piece of it may be in a wanted language, and of texts too short or too long to tell."""
        if not _FEWEST_CHARS <= len(text) <= _MOST_CHARS:
            return None
        pieces = [text[start : start + _PIECE_CHARS] for start in range(0, len(text), _PIECE_CHARS)]
        # Most pages in a wanted language show it at once, in one of three pieces.
        glimpses = [pieces[len(pieces) * quarter // 4] for quarter in (1, 2, 3)]
        if self._may_be_wanted(glimpses) or self._may_be_wanted(pieces):
            return None
        language, score = self._identifier.identify(text)
        return None if language in self.wanted or score < _LIKELY else (language, score)

    def _may_be_wanted(self, pieces: list[str]) -> bool:
        return self._identifier.is_any_in(pieces, self.wanted, _MAY_BE)
