"""One segmentation into lines and words, shared by every filter, the deduplication and the ledger.

Public code bases apply the same published thresholds to different ideas of a word, and reject from 16 % to 56 % of
the same pages for it. Here there is one idea:

* A **line** is a stretch between line feeds with something other than white space in it. Extracted text uses ``\\n``
  alone, so no other line separator counts.
* A **word** is a run of letters, marks, digits and underscores, with apostrophes inside it kept (``don't`` is one
  word). Punctuation is never a word. In scripts that are written without spaces (Han, kana, Thai, Lao, Khmer,
  Burmese) every character with its marks is a word of its own.

No word crosses a line feed, so the words of a text are exactly the words of its lines: this is what lets the ledger
balance words removed by line against words in a document.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import regex

# Thai and Lao, Burmese, Khmer, kana, Han. Hangul is absent on purpose: Korean is written with spaces.
UNSPACED = (
    r"\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# In the module regex (unlike re) \w holds combining marks, without which Devanagari words fall apart at every vowel.
# It also holds the zero-width joiners, which shape words but don't make one: none begins with them.
JOINERS = r"\u200c\u200d"
_SPACED_WORD = regex.compile(rf"[^\W{JOINERS}]\w*(?:['’]\w+)*")
_ANY_WORD = regex.compile(
    rf"[{UNSPACED}--\W]\p{{M}}*|[^\W{UNSPACED}{JOINERS}][^\W{UNSPACED}]*(?:['’][^\W{UNSPACED}]+)*", regex.V1
)
HAS_UNSPACED = re.compile(rf"[{UNSPACED}]")
# Of these characters the modules re and regex say the same (a test asks for each), and re is twice as fast: Latin, Greek
# and Cyrillic letters, punctuation and signs, without combining marks, joiners, and digits that are raised or in fractions.
_BOTH_AGREE = (
    r"\x00-\xb1\xb4-\xb8\xba\xbb\xbf-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u200b\u200e-\u203e\u2041-\u2053\u2055-\u206f"
    r"\u20a0-\u20bf\u2100-\u214f\u2190-\u245f\u2500-\u2775\u2794-\u2bff"
)
_THEY_MAY_NOT = re.compile(rf"[^{_BOTH_AGREE}]")
# The groups aren't possessive, which changes nothing at the end of a pattern: Python 3.11.0 to 3.11.4 lose their place in one.
_PLAIN_WORD = re.compile(r"\w++(?:['’]\w++)*")
_ASCII_WORD = re.compile(r"\w++(?:'\w++)*", re.ASCII)


def lines(text: str) -> list[str]:
    """The lines of ``text`` that hold more than white space, in order, without their line feeds."""
    return [line for line in text.split("\n") if line and not line.isspace()]


def words(text: str) -> list[str]:
    """The words of ``text`` in order, in their own case."""
    return word_finder(text)(text)


def word_finder(text: str) -> Callable[[str], list[str]]:
    """:func:`words` for any part of ``text``: all patterns agree on its characters, and this is the fastest."""
    if text.isascii():
        return _ASCII_WORD.findall
    if not _THEY_MAY_NOT.search(text):
        return _PLAIN_WORD.findall
    return (_ANY_WORD if HAS_UNSPACED.search(text) else _SPACED_WORD).findall


def count_words(text: str) -> int:
    """How many words :func:`words` finds. Additive over lines."""
    return len(words(text))
