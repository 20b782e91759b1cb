"""RefinedWeb's line rules (Penedo et al. 2023, arXiv 2306.01116, appendix G.2) as DCLM has rebuilt them.

The paper names the kinds of lines and no numbers; DCLM's (Li et al. 2024, arXiv 2406.11794, dclm_baseline_refinedweb) are:
a line goes when over half of its characters are capitals, when it is nothing but digits, a counter ("3 likes"), a single
word, or nothing but one of three phrases of buttons. A page that loses more than 5 % of its words goes. Words are
stretches between white space that begin with a letter or digit.

The three phrases also go out of lines of up to ten words that hold more; that text stays here, since lines go whole or
not at all, and counts as removed for the 5 %.
"""

from __future__ import annotations

import re

from filters._checks import require_fraction
from filters.peers.words import alphanumeric_words
from filters.rules import Condition, Rule, first_rule
from filters.verdict import Reject, Scores
from text.document import Document

_COUNTER = re.compile(
    r"\W*\d[\d,.]*[kmb]?\s+(?:likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|downloads|views"
    r"|followers)\W*"
)
# Dots stand for any character in DCLM's second pattern: "Read more..." is not escaped there.
_PHRASES = (
    re.compile(r"\s?items in cart", re.IGNORECASE),
    re.compile(r"\s?read more...$", re.IGNORECASE),
    re.compile(r"^sign-in\s?", re.IGNORECASE),
)
_PHRASE_LINE_WORDS = 10


class RefinedWebFilter:
    """Removes lines by the rules above, and rejects (``too_many_removed_words``) what they leave too little of."""

    name = "refinedweb"

    def __init__(self, max_capitals: float = 0.5, min_words: int = 2, max_removed_share: float = 0.05) -> None:
        require_fraction("max_capitals", max_capitals)
        require_fraction("max_removed_share", max_removed_share)
        self._max_capitals, self._min_words = max_capitals, min_words
        limit = Condition("removed_share", ">", max_removed_share, "max_removed_share")
        self._rules = [Rule("too_many_removed_words", (limit,))]

    def judge_lines(self, document: Document) -> tuple[dict[int, str], Scores | None]:
        """The lines that go, by rule, and ``removed_share`` of words; ``None`` for a document without words."""
        gone: dict[int, str] = {}
        before = after = 0
        rows = document.view.rows
        for index, row in enumerate(rows):
            if not row:
                continue
            before += alphanumeric_words(row)
            rule, left = self._rule(row)
            if rule is None:
                after += alphanumeric_words(left)
            elif row.strip():
                gone[index] = rule
        return gone, {"removed_share": (before - after) / before} if before else None

    def decide(self, scores: Scores) -> Reject | None:
        """``too_many_removed_words``."""
        return first_rule(self._rules, scores)

    def rules(self) -> list[Rule]:
        """The one limit; the rules on lines are no limits on scores."""
        return self._rules

    def _rule(self, line: str) -> tuple[str | None, str]:
        """The rule that a line falls to, or what is left of it."""
        if sum(map(str.isupper, line)) / len(line) > self._max_capitals:
            return "capitals", ""
        if all(map(str.isdigit, line)):
            return "digits", ""
        if _COUNTER.fullmatch(line.lower()):
            return "counter", ""
        if len(line.split()) < self._min_words:
            return "single_word", ""
        for phrase in _PHRASES:
            if len(line.split()) <= _PHRASE_LINE_WORDS:
                left = phrase.sub("", line)
                if line and not left.strip():
                    return "button", ""
                line = left
        return None, line
