"""C4's rules (Raffel et al. 2020, JMLR 21:140, section 2.2): lines that are no sentences go, and pages with too few.

A line goes for a word of over 1,000 characters, for not ending in a mark that ends sentences (``...`` is none), for too
few words, for "javascript", and for a phrase of cookie and usage notices; a page that still holds "lorem ipsum" or ``{``
goes, and one with too few sentences. The paper and its codes differ:

``tfds``
    The code that made C4 (tensorflow_datasets, c4_utils.py): **at least 5 words a line and 3 sentences a page**; a line
    ends in ``. ? ! "``; words are counted without citations such as ``[1]``.
``datatrove``
    The other way round, **3 words a line and 5 sentences a page**; ``'`` ends a line too; words are counted with
    citations. FineWeb uses it with ``end_marks: false`` and is content with any end.

Sentences are counted by ``sentences``: ``marks`` that end one, before white space, at least one a line; or ``spacy``, as
datatrove does. C4's authors count with NLTK's Punkt model, which we don't ship. Citations stay in the text: they are
left out for the arithmetic alone, since lines go whole here or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from filters._checks import require_at_least
from filters.peers.words import spacy_sentences
from filters.rules import Condition, Rule, first_rule
from filters.verdict import Reject, Scores
from text.document import Document

_CITATION = re.compile(r"\[\d*\]|\[edit\]|\[citation needed\]")
_NOTICES = (
    "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies",
)  # fmt: skip
_SENTENCE_END = re.compile(r"[.?!][.?!\"')\]]*(?=\s|$)")
_READINGS = {"tfds": (5, 3, (".", "?", "!", '"'), "marks"), "datatrove": (3, 5, (".", "?", "!", '"', "'"), "spacy")}


class C4Filter:
    """Removes lines and rejects pages by C4's rules in one of the readings above.

    ``min_words``, ``min_sentences`` and ``sentences`` override the reading's; ``max_characters`` rejects longer pages
    (C4's authors: 190,000). ``end_marks`` false keeps lines whatever they end in. Documents of any language are judged.
    """

    name = "c4"

    def __init__(
        self,
        reading: str = "tfds",
        min_words: int | None = None,
        min_sentences: int | None = None,
        sentences: str | None = None,
        end_marks: bool = True,
        max_word_characters: int = 1000,
        max_characters: int | None = None,
    ) -> None:
        if reading not in _READINGS:
            raise ValueError(f"reading is {reading!r}; there are {', '.join(_READINGS)}.")
        words, least, self._marks, counted = _READINGS[reading]
        self._min_words = words if min_words is None else min_words
        self._min_sentences = least if min_sentences is None else min_sentences
        require_at_least("min_words", self._min_words, 0)
        require_at_least("min_sentences", self._min_sentences, 0)
        require_at_least("max_word_characters", max_word_characters, 1)
        if (counted := sentences or counted) not in ("marks", "spacy"):
            raise ValueError(f"sentences is {counted!r}; there are marks and spacy.")
        self._count = spacy_sentences if counted == "spacy" else _marked_sentences
        self._end_marks, self._max_word = end_marks, max_word_characters
        most = float("inf") if max_characters is None else max_characters
        self._rules = [
            Rule("too_many_characters", (Condition("characters", ">", most, "max_characters"),)),
            *(Rule(phrase, (Condition(phrase, ">", 0),)) for phrase in ("lorem_ipsum", "curly_bracket")),
            Rule("too_few_sentences", (Condition("sentences", "<", self._min_sentences, "min_sentences"),)),
        ]
        self._with_citations = reading == "datatrove"

    def judge_lines(self, document: Document) -> tuple[dict[int, str], Scores | None]:
        """The lines that go, by rule; and ``sentences`` that are left, ``lorem_ipsum`` or ``curly_bracket`` (1), and
        ``characters``."""
        gone: dict[int, str] = {}
        scores: dict[str, float] = {"characters": len(document.text), "sentences": 0}
        for index, row in enumerate(document.view.rows):
            rules = []
            for rule, line in self._lines(row):
                if rule in ("lorem_ipsum", "curly_bracket"):
                    return {}, {**scores, rule: 1}
                rules.append(rule)
                if rule is None:
                    scores["sentences"] += self._count(line)
            if row.strip() and None not in rules:
                gone[index] = next(rule for rule in rules if rule)
        return gone, scores

    def decide(self, scores: Scores) -> Reject | None:
        """The first rule on pages that fires."""
        return first_rule(self._rules, scores)

    def rules(self) -> list[Rule]:
        """The rules on pages; those on lines are no limits on scores."""
        return self._rules

    def _lines(self, row: str) -> Iterator[tuple[str | None, str]]:
        """Each line of a row (other characters than the line feed end lines here) without citations, and its rule."""
        for line in row.splitlines() or [""]:
            line = line.strip()
            words = line.split()
            bare = _CITATION.sub("", line)
            yield self._rule(words, bare), bare

    def _rule(self, words: list[str], line: str) -> str | None:
        if any(len(word) > self._max_word for word in words):
            return "too_long_word"
        if self._end_marks and (not line.endswith(self._marks) or line.endswith("...")):
            return "no_end_mark"
        if len(words if self._with_citations else line.split()) < self._min_words:
            return "too_few_words"
        lower = line.lower()
        if "lorem ipsum" in lower:
            return "lorem_ipsum"
        if "javascript" in lower:
            return "javascript"
        if "{" in line:
            return "curly_bracket"
        return "notice" if any(notice in lower for notice in _NOTICES) else None


def _marked_sentences(line: str) -> int:
    return max(1, len(_SENTENCE_END.findall(line)))
