"""FineWeb's own rules (Penedo et al. 2024, arXiv 2406.17557, section 3.6), as datatrove computes them.

* ``end_marks``: lines that end in a mark that ends sentences, of lines that aren't blank; at least 0.12.
* ``short_lines``: lines of at most 30 characters, of the same; at most 0.67.
* ``duplicate_characters``: characters of later copies of lines, of all characters but line feeds; at most 0.01. The
  paper says "0.1 or more", the code 0.01; this is the code's, which made the corpus.
* ``line_feeds``: line feeds per word; at most 0.3. Words are spaCy's, punctuation included.
"""

from __future__ import annotations

from collections import Counter

from filters._checks import require_at_least
from filters.peers.words import spacy_words, terminal_marks
from filters.rules import Condition, Rule, first_rule
from filters.verdict import Reject, Scores
from text.document import Document


class FineWebFilter:
    """Rejects documents by the rules above, in their order. Scores are not rounded."""

    name = "fineweb"

    def __init__(
        self,
        min_end_marks: float = 0.12,
        max_short_lines: float = 0.67,
        short_characters: int = 30,
        max_duplicate_characters: float = 0.01,
        max_line_feeds: float = 0.3,
    ) -> None:
        for name, value in (
            ("min_end_marks", min_end_marks), ("max_short_lines", max_short_lines), ("max_line_feeds", max_line_feeds),
            ("short_characters", short_characters), ("max_duplicate_characters", max_duplicate_characters),
        ):  # fmt: skip
            require_at_least(name, value, 0)
        self._short_characters = short_characters
        most = {
            "short_lines": max_short_lines,
            "duplicate_characters": max_duplicate_characters,
            "line_feeds": max_line_feeds,
        }
        self._rules = [
            Rule("too_few_end_marks", (Condition("end_marks", "<", min_end_marks, "min_end_marks"),)),
            *(
                Rule(f"too_many_{share}", (Condition(share, ">", limit, f"max_{share}"),))
                for share, limit in most.items()
            ),
        ]

    def score(self, document: Document) -> Scores | None:
        """The four shares; ``None`` for a document without words."""
        lines, text = document.view.lines, document.text
        words = spacy_words(text)
        if not lines or not words:
            return None
        copies = sum((count - 1) * len(line) for line, count in Counter(lines).items())
        line_feeds = text.count("\n")
        return {
            "end_marks": sum(line.endswith(terminal_marks()) for line in lines) / len(lines),
            "short_lines": sum(len(line) <= self._short_characters for line in lines) / len(lines),
            "duplicate_characters": copies / (len(text) - line_feeds),
            "line_feeds": line_feeds / len(words),
        }

    def decide(self, scores: Scores) -> Reject | None:
        """The first share beyond its limit."""
        return first_rule(self._rules, scores)

    def rules(self) -> list[Rule]:
        """A rule a share, in the order of the module."""
        return self._rules
