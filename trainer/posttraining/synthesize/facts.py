"""What a text must keep when it is said in other words: code, links, quotes, numbers and names.

Rules, not a model: a span that is found must stay to the letter, so a rule that finds too much costs rows, and one
that finds too little costs truth. Names are words with a capital that no sentence begins with, and words with
capitals, digits or underscores inside; in languages that write common nouns with a capital, such as German, all of
them are taken for names. English numerals count as numbers, but for "one" and "second", which are other words as
often.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

_NUMERALS = (
    "zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|"
    "(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|millions?|billions?|trillions?|dozens?|half|"
    "halves|quarters?|twice|thrice|first|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
)
_BLOCKS = re.compile(
    r"(?P<code>```.*?(?:```|\Z)|`[^`\n]+`"
    r"|(?m:^(?: {4}|\t)[^\n]*$)"  # an indented line
    r"|<[A-Za-z/!][^<>\n]*>|\$[^$\n]+\$|\{[^{}\n]*\})"
    r"|(?P<link>(?:https?|ftp|file)://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]]|\bwww\.[^\s<>\"'`]*\w"
    r"|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+)"
    r"|(?P<quote>\"[^\"\n]+\"|“[^“”\n]+”|„[^„“”\n]+[“”]|«[^«»\n]+»|‹[^‹›\n]+›|「[^「」\n]+」"
    r"|(?<!\w)'[^'\n]+'(?!\w)|(?<!\w)‘[^‘’\n]+’(?!\w))",
    re.DOTALL,
)
_RUN = re.compile(r"\S+")
_AROUND = "()[]\"'“”‘’«».,;:!?…"
# A sign of code in or around a word: f(x), a/b, x=3, C++, @user, 50%.
_SYMBOL = re.compile(r"[{}<>=_\\/|@#$%^&*~+]|\w[(\[]")
_WITHIN = re.compile(
    rf"(?P<number>\d+(?:[.,:-]\d+)*(?:st|nd|rd|th)?\b|\d+|(?i:\b(?:{_NUMERALS})\b))|(?P<name>[^\W_]+)"
)
_BEFORE_SENTENCE = re.compile(r"(?:\A|[.!?:;…。！？]|\n)[\s\"'“”‘’«»()\[\]*#>-]*\Z")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FIRST_PERSON = re.compile(r"I(?:['’]\w+)?")


class Span(NamedTuple):
    """A stretch of a text that stays as it is."""

    start: int
    end: int
    kind: str
    """``code``, ``link``, ``quote``, ``symbol``, ``number`` or ``name``."""
    text: str


def spans(text: str) -> list[Span]:
    """What in ``text`` must stay to the letter, in its order, without overlaps."""
    found, end = [], 0
    for block in _BLOCKS.finditer(text):
        found += [*_between(text, end, block.start()), _span(block)]
        end = block.end()
    return found + _between(text, end, len(text))


def _span(match: re.Match[str]) -> Span:
    return Span(match.start(), match.end(), str(match.lastgroup), match.group())


def _between(text: str, start: int, end: int) -> list[Span]:
    """Symbols, numbers and names in a stretch of ``text`` without code, links and quotes."""
    found = []
    for run in _RUN.finditer(text, start, end):
        bare = run.group().strip(_AROUND)
        if _SYMBOL.search(bare):
            begin = run.start() + run.group().index(bare)
            closing = text[begin + len(bare) : run.end()]
            if bare.count("(") > bare.count(")") and closing.startswith(")"):
                bare += ")"
            if bare.count("[") > bare.count("]") and closing.startswith("]"):
                bare += "]"
            found.append(Span(begin, begin + len(bare), "symbol", bare))
            continue
        for match in _WITHIN.finditer(text, run.start(), run.end()):
            if match.lastgroup == "number" or _is_name(text, match.start(), match.group()):
                found.append(_span(match))
    return found


def _is_name(text: str, start: int, word: str) -> bool:
    if _FIRST_PERSON.fullmatch(word):
        return False
    if any(letter.isupper() or letter.isdigit() for letter in word[1:]):
        return True
    return word[:1].isupper() and not _BEFORE_SENTENCE.search(text, max(0, start - 40), start)


def prose(text: str) -> str:
    """``text`` with a space for each span that is no number or name: what may be said in other words."""
    pieces, end = [], 0
    for span in spans(text):
        if span.kind not in ("number", "name"):
            pieces.append(text[end : span.start])
            end = span.end
    return " ".join([*pieces, text[end:]]).strip()


def words(text: str) -> list[str]:
    """The words of ``text`` in lower case, without signs."""
    return [word.lower() for word in _WORD.findall(text)]


def changed_fact(original: str, other: str) -> Span | None:
    """The first span that one of the two texts has and the other has not as often; ``None`` where all are kept.

    A name may be said more or less often (a pronoun may stand for it), and where a sentence begins with it: it must be
    a word of both.
    """
    ours, theirs = spans(original), spans(other)
    counts = [Counter(span.text for span in found if span.kind != "name") for found in (ours, theirs)]
    for found, text in ((ours, other), (theirs, original)):
        said = set(_WORD.findall(text)) | {span.text for span in spans(text)}
        for span in found:
            if span.kind == "name" and span.text not in said:
                return span
            if span.kind != "name" and counts[0][span.text] != counts[1][span.text]:
                return span
    return None
