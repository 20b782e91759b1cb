"""A plain reading of what a disguise is: every pattern at every character of a text."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

_SUSPECT = re.compile(
    r"(?<![\w@$*.!+|])(?=[\w@$*!+|]*[^\W\d_])(?=[\w@$*!+|]*[\d@$*!+|])[\w@$*!+|]{3,20}(?![\w@$*])"
    r"|(?<![^\W\d_.])[^\W\d_](?P<gap>[ ._*-])(?:[^\W\d_](?P=gap)){1,9}[^\W\d_](?![^\W\d_])"
)
_MIXED = re.compile(r"\b(?=\w*[a-zA-Z])(?=\w*[\u0370-\u04ff])[^\W\d_]{3,20}\b")
_LATIN = str.maketrans("аеорсухіјѕнкмтвАЕОРСУХοαενρτικ", "aeopcyxijshkmtbAEOPCYXoaevptik")
_STANDS_FOR = dict(zip("@48013!57$+|", ("a", "a", "b", "o", "il", "e", "il", "s", "t", "s", "t", "l"), strict=True))


def plainly_undone(words: Iterable[str], text: str) -> tuple[str, int]:
    """What :meth:`filters.disguised_words.Disguises.undone` gives for a text: the text, and how many words were hidden."""
    known = dict.fromkeys(sorted(word for word in words if re.fullmatch(r"[^\W\d_]{3,}", word)))
    hidden: set[str] = set()

    def suspect(match: re.Match[str]) -> str:
        written = match[0].casefold()
        if "*" in written and match["gap"] != "*":
            return _unmasked(written, known) or match[0]
        word = written.replace(match["gap"], "") if match["gap"] else _spelt(written, known)
        if word not in known:
            return match[0]
        hidden.add(word)
        return word

    def mixed(match: re.Match[str]) -> str:
        word = match[0].translate(_LATIN).casefold()
        if word not in known:
            return match[0]
        hidden.add(word)
        return word

    text = _SUSPECT.sub(suspect, text)
    return (_MIXED.sub(mixed, text) if re.search("[\u0370-\u04ff]", text) else text), len(hidden)


def _spelt(written: str, known: Container[str]) -> str | None:
    written = written.rstrip("!+|$")
    if written.isalpha():
        return None
    for choice in (0, -1):  # of i and l, one for all
        word = "".join(_STANDS_FOR.get(character, character)[choice] for character in written)
        if word in known:
            return word
    return None


def _unmasked(written: str, known: Iterable[str]) -> str | None:
    letters = "".join(_STANDS_FOR.get(character, character)[0] for character in written)
    if letters[0] == "*" or len(letters.replace("*", "")) < 2:
        return None
    fits = [word for word in known if len(word) == len(letters) and word[0] == letters[0]]
    shown = [character for character in letters if re.match(r"[\w*]", character)]
    return next((word for word in fits if len(word) == len(shown) and all(map(_shows, shown, word))), None)


def _shows(shown: str, letter: str) -> bool:
    return shown in ("*", letter)


_RUN = re.compile(r"[\w@$*!+|]+")
_FIRST_OF_THREE = re.compile(r"(?<![^\W\d_])[^\W\d_](?=([ ._*-])[^\W\d_]\1[^\W\d_](?![^\W\d_]))")
_BOTH_SCRIPTS = re.compile(r"[a-zA-Z]\w*[\u0370-\u04ff]|(?=\w)[\u0370-\u04ff]\w*[a-zA-Z]")


def plain_suspects(text: str) -> tuple[list[int], bool]:
    """What :func:`filters.disguise_kernels.suspects` says of a text: where words in disguise may begin, and whether a word may
    have letters of both scripts. A run of what disguises are written with is one itself, or it holds letters spaced out."""
    starts = {match.start() for match in _FIRST_OF_THREE.finditer(text)}
    for run in _RUN.finditer(text):
        if starts.intersection(range(*run.span())) or _may_be_a_word(run[0]):
            starts.add(run.start())
    return sorted(starts), _BOTH_SCRIPTS.search(text) is not None


def _may_be_a_word(run: str) -> bool:
    letters = re.findall(r"[^\W\d_]", run)
    if len(run) < 3 or not letters or not re.search(r"[\d@$*!+|]", run):
        return False
    if len(run) > 20:  # one of 3 to 20 characters may end before a sign; $ is looked at as the end of an amount
        return re.search(r"[!+|]", run[3:21]) is not None
    if re.search(r"[269_]|(?![0-9])\d", run):  # no listed word has these
        return False
    # Besides signs at its end, which a sentence may have too: an odd letter counts as something within.
    odd = any(not (letter.isascii() or 0xC0 <= ord(letter) < 0x590) for letter in letters)
    return odd or re.search(r"[\d@*]|[$!+|][^$!+|]", run) is not None
