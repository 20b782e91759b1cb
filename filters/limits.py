"""Which number each score of a filter is held against, and which setting of a recipe says it.

``limits("quality", {}, scores)`` is ``{"content": Limit("<", 0.05, "min_content")}``: a document goes when its content
score is below .05. For people who ask why a page went; the verdict itself is the filter's.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from filters.peers.gopher_quality import LIMITS as GOPHER_QUALITY
from filters.peers.gopher_repetition import thresholds_of
from filters.registry import FILTERS
from filters.repetition import THRESHOLDS, overridden
from filters.verdict import Scores

_SIDES: dict[str, Callable[[float, float], bool]] = {">": operator.gt, "<": operator.lt, ">=": operator.ge}
# By filter: the score, the side on which it counts against a document, the setting. Where a filter has several, each is a
# rule of its own, but in dirty_words, whose three must all be reached.
_RULES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "dirty_words": (("per_1000_words", ">", "max_per_1000"), ("hits", ">=", "min_hits"), ("distinct", ">=", "min_distinct")),
    "quality": (("content", "<", "min_content"),),
    "fineweb": (
        ("end_marks", "<", "min_end_marks"), ("short_lines", ">", "max_short_lines"),
        ("duplicate_characters", ">", "max_duplicate_characters"), ("line_feeds", ">", "max_line_feeds"),
    ),
    "refinedweb": (("removed_share", ">", "max_removed_share"),),
    "c4": (("characters", ">", "max_characters"), ("sentences", "<", "min_sentences")),
}  # fmt: skip

ALL_MUST_HOLD = frozenset(("dirty_words",))
"""Filters that reject where all of their limits are passed, not one of them."""


class Limit(NamedTuple):
    """``side`` (``>``, ``<`` or ``>=``) is where a score counts against a document; ``setting`` is named within the filter."""

    side: str
    number: float
    setting: str

    def is_beyond(self, score: float) -> bool:
        return _SIDES[self.side](score, self.number)


def limits(name: str, settings: Mapping[str, Any], scores: Scores) -> dict[str, Limit]:
    """The limits of the filter called ``name`` with a recipe's ``settings``, by score; some depend on other ``scores``.
    Empty for a filter of one's own."""
    if name == "repetition":
        found = overridden(THRESHOLDS, settings.get("thresholds"))
        return {rule: Limit(">", number, f"thresholds.{rule}") for rule, number in found.items()}
    if name == "gopher_repetition":
        found = thresholds_of(settings.get("reading", "paper"), settings.get("thresholds"))
        return {rule: Limit(">", number, f"thresholds.{rule}") for rule, number in found.items()}
    if name == "gopher_quality":
        return _of_gopher_quality(settings, scores)
    if name == "kl_divergence":
        is_long = scores.get("words_per_line", 0) >= _setting(name, settings, "long_line")
        setting = "max_excess_long_lines" if is_long else "max_excess"
        # In long lines never the stricter of the two.
        setting = max(setting, "max_excess", key=lambda key: _setting(name, settings, key))
        return {"excess": Limit(">", _setting(name, settings, setting), setting)}
    if name == "passages":
        is_most = scores.get("removed_share", 0) > _setting(name, settings, "mostly")
        setting = "left_of_mostly" if is_most else "left_words"
        return {"left_words": Limit("<", _setting(name, settings, setting), setting)}
    rules = ((score, side, key, _setting(name, settings, key)) for score, side, key in _RULES.get(name, ()))
    return {score: Limit(side, number, key) for score, side, key, number in rules if number is not None}


def _of_gopher_quality(settings: Mapping[str, Any], scores: Scores) -> dict[str, Limit]:
    """Some scores have a least and a most: the one that is nearer."""
    found: dict[str, Limit] = {}
    for rule, (score, side, default) in GOPHER_QUALITY.items():
        limit = Limit(
            "<" if side == "least" else ">", (settings.get("limits") or {}).get(rule, default), f"limits.{rule}"
        )
        value = scores.get(score, 0)
        if score not in found or abs(value - limit.number) < abs(value - found[score].number):
            found[score] = limit
    return found


def _setting(name: str, settings: Mapping[str, Any], key: str) -> Any:
    if key in settings:
        return settings[key]
    return inspect.signature(FILTERS[name]).parameters[key].default
