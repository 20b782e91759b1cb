"""Words that are written so that lists miss them, as what they stand for: ``p0rn``, ``f*ck``, ``s.e.x``, ``pοrn`` with a Greek o.

Only what becomes a word of the lists is undone, and nothing else is touched: ``mp3``, ``c3po`` and ``$100`` stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

# Digits and signs by the letters they stand for; 1 and ! are tried as both.
_LEET = str.maketrans("@48013!57$+|", "aaboieiststl")
_OTHER_ONE = str.maketrans("1!", "ll")
# Cyrillic and Greek letters that look Latin, for words that mix scripts.
_LOOKALIKES = str.maketrans("аеорсухіјѕнкмтвАЕОРСУХοαενρτικ", "aeopcyxijshkmtbAEOPCYXoaevptik")
_SUSPECT = re.compile(
    r"(?<![\w@$*.!+|])(?=[\w@$*!+|]*[^\W\d_])(?=[\w@$*!+|]*[\d@$*!+|])[\w@$*!+|]{3,20}(?![\w@$*])"
    r"|(?<![^\W\d_.])[^\W\d_](?P<gap>[ ._*-])(?:[^\W\d_](?P=gap)){1,9}[^\W\d_](?![^\W\d_])"
)
# Most of a text can hold no such word, which is sooner found than that no word begins at any of its characters: signs that
# stand for letters, and two letters alone behind gaps.
_SIGNS, _ASCII_SIGNS = re.compile(r"[\d@$*!+|]+"), re.compile(r"[0-9@$*!+|]+")
_ALONE = re.compile(r"[ ._*-][^\W\d_](?=[ ._*-][^\W\d_](?![^\W\d_]))")
_OTHER_LETTER = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
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

    def undone(self, text: str) -> tuple[str, int]:
        """``text`` with each disguised word of the list as that word, and how many different words were hidden by other
        signs than stars (newspapers write ``f***``). Linear in the text."""
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

        text = _replaced(text, plain)
        return (_MIXED.sub(latin, text) if _OTHER_LETTER.search(text) else text), len(hidden)

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


def _replaced(text: str, replacement: Callable[[re.Match[str]], str]) -> str:
    """``_SUSPECT.sub(replacement, text)``, looking only where it can match."""
    pieces: list[str] = []
    end = copied = 0
    for start in _suspect_starts(text):
        if start >= end and (match := _SUSPECT.match(text, start)):
            end = match.end()
            if (word := replacement(match)) != match[0]:
                pieces += text[copied:start], word
                copied = end
    return "".join(pieces) + text[copied:] if pieces else text


def _suspect_starts(text: str) -> list[int]:
    """Where ``_SUSPECT`` may match, ascending: the first character of each run with a sign in it, and letters alone."""
    starts = {match.start() - 1 for match in _ALONE.finditer(text) if match.start()}
    looked = 0
    for match in (_ASCII_SIGNS if text.isascii() else _SIGNS).finditer(text):
        start, end = match.span()
        if not (start and _in_word(text[start - 1])) and not (end < len(text) and _in_word(text[end])):
            looked = end  # a number or a sign without a letter
            continue
        while start > looked and ((before := text[start - 1]).isalnum() or before in "_@$*!+|"):
            start -= 1
        # Where the run goes on before what was looked at, it begins at a start that is there.
        starts.add(start)
        looked = end
    return sorted(starts)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
