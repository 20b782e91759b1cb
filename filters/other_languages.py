"""Whether a text is surely in none of the languages that are wanted: to know it of a page before it is parsed.

What a page shows in all holds navigation and notices in other languages than its content, so no whole is judged by: the text is
cut into pieces of a line or two. Where one of them may be in a wanted language, it is looked at once more with what stands around it: names
and labels turn out to be in the language around them, and a document of fifty words, the fewest that the recipe keeps, doesn't.
"""

from __future__ import annotations

from collections.abc import Collection

from filters.language import LanguageIdentifier

# Chosen on the pages of a crawl, of which they lose none that would have become a document (docs/filters.md): some way below
# the numbers that lose the first. Pieces that leave out a third of the text lose one.
_PIECE_CHARS, _MAY_BE = 200, 0.4
_AROUND_CHARS, _MAY_STILL_BE = 100, 0.2
_MOST_DOUBTFUL = 10  # one piece of so many, or one in all
# The whole must be in another language by so much, and so long that pieces can tell.
_LIKELY, _FEWEST_CHARS = 0.5, 200
_MOST_CHARS = 200_000  # a thousand pieces: some 30 ms


class OtherLanguages:
    """Finds texts that are surely in none of the ``wanted`` languages, as ``identifier`` names them."""

    def __init__(self, identifier: LanguageIdentifier, wanted: Collection[str]) -> None:
        self._identifier = identifier
        self.wanted = frozenset(wanted)

    def judge(self, text: str) -> tuple[str, float] | None:
        """The language of such a text and its probability, as :meth:`LanguageIdentifier.identify` gives them; ``None`` where some
        of it may be in a wanted language, and of texts too short or too long to tell."""
        if not _FEWEST_CHARS <= len(text) <= _MOST_CHARS:
            return None
        pieces = [text[start : start + _PIECE_CHARS] for start in range(0, len(text), _PIECE_CHARS)]
        # Most pages in a wanted language show it at once, in two of three pieces.
        glimpses = sorted({len(pieces) * quarter // 4 for quarter in (1, 2, 3)})
        if len(self._wanted_among([pieces[place] for place in glimpses], _MAY_BE)) >= min(2, len(glimpses)):
            return None
        doubtful = self._wanted_among(pieces, _MAY_BE)
        if len(doubtful) > max(1, len(pieces) // _MOST_DOUBTFUL):
            return None
        if doubtful and self._wanted_among([_around(text, place) for place in doubtful], _MAY_STILL_BE):
            return None
        language, score = self._identifier.identify(text)
        return None if language in self.wanted or score < _LIKELY else (language, score)

    def _wanted_among(self, pieces: list[str], least: float) -> list[int]:
        return self._identifier.places_in(pieces, self.wanted, least)


def _around(text: str, place: int) -> str:
    """The piece of that number and what stands around it."""
    start = place * _PIECE_CHARS
    return text[max(0, start - _AROUND_CHARS) : start + _PIECE_CHARS + _AROUND_CHARS]
