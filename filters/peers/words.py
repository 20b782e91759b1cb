"""What other projects take for a word, a sentence, a mark of punctuation.

datatrove splits words and sentences with spaCy's rules for English (MIT licence; it comes with presidio-analyzer), DCLM
with Unicode's rules for word boundaries (UAX #29) where it counts repetition, Dolma and DCLM else at white space.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Any

import regex

# datatrove's list of marks that end a line: Unicode's Sentence_Terminal as of version 15, and three of Khmer.
_NEWER = r"\u1b4e\u1b4f\u1b7f\u2024\u2cf9-\u2cfb\u2e60\u2e61\ufe12\ufe15\ufe16\U000113d4\U000113d5\U00016d6e\U00016d6f"


@cache
def terminal_marks() -> tuple[str, ...]:
    """The marks that end a line."""
    # Looked for when they are first asked for: it takes a tenth of a second, and this is imported by every run.
    pattern = regex.compile(rf"[[\p{{STerm}}\u17d6\u17d9\u17da]--[{_NEWER}]]", regex.V1)
    return tuple(pattern.findall("".join(map(chr, range(0x20000)))))


@cache
def punctuation() -> str:
    """Those marks, ASCII's, control characters but for tab and line feed, and some more."""
    return "".join(
        [
            *terminal_marks(), *map(chr, range(33, 48)), *map(chr, range(58, 65)), *map(chr, range(91, 97)), "{|}~",
            *map(chr, (*range(9), 11, 12, *range(13, 32), *range(127, 160))),
            "\u00ab\u00b4\u00bb\u2013\u2014\u2019\u201c\u201d\u201e\u2026\u2236\u2501\u25ba\u3001\u3002\u3008-\u300d"
            .replace("-", "\u3009\u300a\u300b\u300c"),
            "\u3010\u3011\uff01\uff05\uff08\uff09\uff0c\uff0e\uff11\uff1a\uff1b\uff1f\uff5e",
        ]
    )  # fmt: skip


_ASCII_PUNCTUATION = str.maketrans("", "", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_WORD_BOUNDARY = regex.compile(r"\b", regex.V1 | regex.WORD)


@lru_cache(maxsize=1)
def _english() -> Any:
    # spaCy takes a second to load, and none but these rules ask for it.
    import spacy

    english = spacy.blank("en")
    english.add_pipe("sentencizer")
    return english


@lru_cache(maxsize=4)  # three families of rules ask for the words of a text one after the other
def spacy_words(text: str) -> tuple[str, ...]:
    """spaCy's English words, marks of punctuation among them, without white space."""
    english = _english()
    with english.memory_zone():
        return tuple(stripped for token in english.make_doc(_bounded(text)) if (stripped := token.text.strip()))


def spacy_sentences(text: str) -> int:
    """How many sentences spaCy's rule for English finds."""
    english = _english()
    with english.memory_zone():
        return sum(1 for _ in english(_bounded(text)).sents)


def unicode_words(text: str) -> list[str]:
    """Words by Unicode's boundaries that begin with a letter or digit."""
    return [part for part in _WORD_BOUNDARY.split(text) if part and part[0].isalnum()]


def alphanumeric_words(text: str) -> int:
    """How many stretches between white space begin with a letter or digit."""
    return sum(word[0].isalnum() for word in text.split())


def normalised_words(text: str) -> list[str]:
    """RedPajama's: without ASCII punctuation, in lower case, decomposed (NFD), split at white space."""
    return unicodedata.normalize("NFD", text.translate(_ASCII_PUNCTUATION).lower()).split()


def _bounded(text: str) -> str:
    _english().max_length = max(len(text) + 10, 1)
    # A word that spaCy takes for the name of an attribute of its own, and then fails on.
    return text.replace("IS_ALPHA", "")
