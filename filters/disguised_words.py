"""Words that are written so that lists miss them, as what they stand for: ``p0rn``, ``f*ck``, ``s.e.x``, ``pοrn`` with a Greek o.

Only what becomes a word of the lists is undone, and nothing else is touched: ``mp3``, ``c3po`` and ``$100`` stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from text.characters import characters
from text.view import TextView

# Digits and signs by the letters they stand for; 1 and ! are tried as both.
_LEET = str.maketrans("@48013!57$+|", "aaboieiststl")
_OTHER_ONE = str.maketrans("1!", "ll")
# Cyrillic and Greek letters that look Latin, for words that mix scripts.
_LOOKALIKES = str.maketrans("аеорсухіјѕнкмтвАЕОРСУХοαενρτικ", "aeopcyxijshkmtbAEOPCYXoaevptik")
_SUSPECT = re.compile(
    r"(?<![\w@$*.!+|])(?=[\w@$*!+|]*[^\W\d_])(?=[\w@$*!+|]*[\d@$*!+|])[\w@$*!+|]{3,20}(?![\w@$*])"
    r"|(?<![^\W\d_.])[^\W\d_](?P<gap>[ ._*-])(?:[^\W\d_](?P=gap)){1,9}[^\W\d_](?![^\W\d_])"
)
_MIXED = re.compile(r"\b(?=\w*[a-zA-Z])(?=\w*[\u0370-\u03ff\u0400-\u04ff])[^\W\d_]{3,20}\b")
_STARS = re.compile(r"\*+")
_LETTERS = re.compile(r"[^\W\d_]+")


class Disguises:
    """Undoes disguises of ``known``, words in lower case. Picklable."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(word for word in known if len(word) >= 3 and _LETTERS.fullmatch(word))
        self._by_start: dict[tuple[str, int], list[str]] = {}
        for word in sorted(self._known):
            self._by_start.setdefault((word[0], len(word)), []).append(word)

    def undone(self, view: TextView) -> tuple[TextView, int]:
        """The text of ``view`` with each disguised word of the list as that word, ``view`` itself where there is none, and
        how many different words were hidden by other signs than stars (newspapers write ``f***``). Linear in the text."""
        from filters.disguise_kernels import suspects  # imports numba

        starts, is_mixed = suspects(view.codes, characters().facts)
        if not len(starts) and not is_mixed:
            return view, 0
        hidden: set[str] = set()

        def plain(match: re.Match[str]) -> str:
            written = match[0].casefold()
            if "*" in written and match["gap"] != "*":
                return self._unmasked(written) or match[0]
            word = self._joined(written, match["gap"]) if match["gap"] else self._spelt(written)
            if word is None:
                return match[0]
            hidden.add(word)
            return word

        def latin(match: re.Match[str]) -> str:
            word = match[0].translate(_LOOKALIKES).casefold()
            if word not in self._known:
                return match[0]
            hidden.add(word)
            return word

        text = _replaced(view.text, starts.tolist(), plain)
        if is_mixed or text != view.text:
            text = _MIXED.sub(latin, text)
        return (view if text == view.text else TextView(text)), len(hidden)

    def _joined(self, written: str, gap: str) -> str | None:
        word = written.replace(gap, "")
        return word if word in self._known else None

    def _spelt(self, written: str) -> str | None:
        written = written.rstrip("!+|$")
        if written.isalpha():
            return None
        for word in (written.translate(_LEET), written.translate(_OTHER_ONE).translate(_LEET)):
            if word in self._known:
                return word
        return None

    def _unmasked(self, written: str) -> str | None:
        """The first word that fits ``f*ck`` or ``p***y``: two letters show, the first among them; a star is a letter."""
        letters = written.translate(_LEET)
        if letters[0] == "*" or len(letters.replace("*", "")) < 2:
            return None
        pattern = re.compile(_STARS.sub(lambda stars: rf"[^\W\d_]{{{len(stars[0])}}}", re.sub(r"[^\w*]", "", letters)))
        return next((w for w in self._by_start.get((letters[0], len(letters)), ()) if pattern.fullmatch(w)), None)


def _replaced(text: str, starts: list[int], replacement: Callable[[re.Match[str]], str]) -> str:
    """``_SUSPECT.sub(replacement, text)``, which leaves all but what begins at ``starts`` as it is."""
    pieces: list[str] = []
    end = copied = 0
    for start in starts:
        if start >= end and (match := _SUSPECT.match(text, start)):
            end = match.end()
            if (word := replacement(match)) != match[0]:
                pieces += text[copied:start], word
                copied = end
    return "".join(pieces) + text[copied:] if pieces else text
