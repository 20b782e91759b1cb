"""Gopher's quality rules as others compute them.

Rae et al. 2021, arXiv 2112.11446, appendix A.1: documents of 50 to 100,000 words, of 3 to 10 characters in the mean; at
most 0.1 hash signs or ellipses per word; at most 90 % of lines beginning with a bullet, 30 % ending in an ellipsis; a
letter in at least 80 % of the words; at least two of *the, be, to, of, and, that, have, with*. The readings differ:

``datatrove``
    Words are spaCy's, punctuation included, which makes of the rule on letters one on punctuation: of 21 % of pages that
    it rejects, 3 % are left where words are split at white space. Length and number count words that are no mere
    punctuation. Hash signs and ellipses are counted apart; bullets are \u2022 and -; two different words are asked for.
``dclm``
    Words between white space; of the number only those that begin with a letter or digit. Hash signs and ellipses
    together; four bullets; two occurrences in any case, of one word if need be. Blank lines are left out.
``dolma``
    Words between white space; the *median* length; words that hold a hash sign or \u2026, and lines that end in \u2026;
    bullets are * and -, at the very beginning of the line; two occurrences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import median

from filters._checks import require_at_least
from filters.peers.words import alphanumeric_words, punctuation, spacy_words
from filters.rules import Condition, Rule, first_rule
from filters.verdict import Reject, Scores
from text.document import Document

STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
LIMITS: dict[str, tuple[str, str, float]] = {
    "min_words": ("words", "least", 50),
    "max_words": ("words", "most", 100_000),
    "min_word_length": ("word_length", "least", 3),
    "max_word_length": ("word_length", "most", 10),
    "max_hashes": ("hashes", "most", 0.1),
    "max_ellipses": ("ellipses", "most", 0.1),
    "max_symbols": ("symbols", "most", 0.1),
    "max_bullet_lines": ("bullet_lines", "most", 0.9),
    "max_ellipsis_lines": ("ellipsis_lines", "most", 0.3),
    "min_alphabetic_words": ("alphabetic_words", "least", 0.8),
    "min_stop_words": ("stop_words", "least", 2),
}
"""By setting: the score, whether it is the least or the most that stays, and the paper's number."""
_TOO = {"least": "few", "most": "many"}
_REASONS = {("word_length", "least"): "too_short_words", ("word_length", "most"): "too_long_words"}


class GopherQualityFilter:
    """Rejects documents beyond :data:`LIMITS`, tried in that order; reasons are ``too_few_…`` and ``too_many_…`` with the
    name of the score, and ``too_short_words`` and ``too_long_words``.

    ``limits`` overrides numbers by name. Scores are not rounded. A document without words is not judged.
    """

    name = "gopher_quality"

    def __init__(self, reading: str = "datatrove", limits: dict[str, float] | None = None) -> None:
        if reading not in _READINGS:
            raise ValueError(f"reading is {reading!r}; there are {', '.join(_READINGS)}.")
        for name, value in (limits or {}).items():
            if name not in LIMITS:
                raise ValueError(f"limits names {name!r}, which is no rule; the rules are {', '.join(LIMITS)}.")
            require_at_least(f"limits[{name!r}]", value, 0)
        self._rules = [
            _rule(name, score, side, (limits or {}).get(name, number))
            for name, (score, side, number) in LIMITS.items()
        ]
        self._score = _READINGS[reading]

    def score(self, document: Document) -> Scores | None:
        """Each rule's number."""
        return self._score(document) if document.text.strip() else None

    def decide(self, scores: Scores) -> Reject | None:
        """The first number that is beyond its limit."""
        return first_rule(self._rules, scores)

    def rules(self) -> list[Rule]:
        """A rule a limit, in the order of :data:`LIMITS`."""
        return self._rules


def _rule(setting: str, score: str, side: str, limit: float) -> Rule:
    reason = _REASONS.get((score, side), f"too_{_TOO[side]}_{score}")
    return Rule(reason, (Condition(score, "<" if side == "least" else ">", limit, f"limits.{setting}"),))


def _datatrove(document: Document) -> dict[str, float]:
    text = document.text
    words = spacy_words(text)
    real = [len(word) for word in words if word.strip(punctuation())]
    lines = text.splitlines()
    return {
        "words": len(real),
        "word_length": sum(real) / len(real) if real else 0.0,
        "hashes": text.count("#") / len(words),
        "ellipses": (text.count("...") + text.count("\u2026")) / len(words),
        "bullet_lines": sum(line.lstrip().startswith(("\u2022", "-")) for line in lines) / len(lines),
        "ellipsis_lines": sum(line.rstrip().endswith(("...", "\u2026")) for line in lines) / len(lines),
        "alphabetic_words": _alphabetic(words) / len(words),
        "stop_words": len(STOP_WORDS.intersection(words)),
    }


def _dclm(document: Document) -> dict[str, float]:
    text = document.text
    words = text.split()
    lines = [stripped for row in document.view.rows if (stripped := row.strip())]
    return {
        "words": alphanumeric_words(text),
        "word_length": sum(map(len, words)) / len(words),
        "symbols": sum(map(text.count, ("#", "...", ". . .", "\u2026"))) / len(words),
        "bullet_lines": sum(line.startswith(("\u25cf", "\u2022", "*", "-")) for line in lines) / len(lines),
        "ellipsis_lines": sum(line.endswith(("...", ". . .", "\u2026")) for line in lines) / len(lines),
        "alphabetic_words": _alphabetic(words) / len(words),
        "stop_words": sum(word.lower() in STOP_WORDS for word in words),
    }


def _dolma(document: Document) -> dict[str, float]:
    words = document.text.split()
    lines = document.view.rows
    return {
        "words": len(words),
        "word_length": float(median(map(len, words))),
        "symbols": sum("#" in word or "\u2026" in word for word in words) / len(words),
        "bullet_lines": sum(line.startswith(("*", "-")) for line in lines) / len(lines),
        "ellipsis_lines": sum(line.endswith("\u2026") for line in lines) / len(lines),
        "alphabetic_words": _alphabetic(words) / len(words),
        "stop_words": sum(word in STOP_WORDS for word in words),
    }


def _alphabetic(words: Iterable[str]) -> int:
    return sum(1 for word in words if word.isalpha() or any(map(str.isalpha, word)))


_READINGS: dict[str, Callable[[Document], dict[str, float]]] = {
    "datatrove": _datatrove,
    "dclm": _dclm,
    "dolma": _dolma,
}
