"""What people have decided about the pages of a run, for every phase that has to follow it."""

from __future__ import annotations

import re

import numpy as np

from blocklists.decisions import Decision, Decisions
from blocklists.decisions import read as read_decisions
from dedup.url import canonical_url
from pipeline.run_state import Part
from recipes import Recipe

PHASE = "decisions"
KEPT_ROLE = "kept"
_OTHER = re.compile(r"[^a-z0-9-]+")
_LONGEST_REASON = 40


def decisions_of(recipe: Recipe) -> Decisions:
    """What people have decided, with the run's own idea of equal URLs."""
    return Decisions(read_decisions(recipe.decisions), lambda url: canonical_url(url, recipe.urls.rules))


def reason_of(decision: Decision) -> str:
    """The reason of a decision as a name of the ledger: ``false positive`` is ``false_positive``; ``other`` where it
    gives none."""
    return _OTHER.sub("_", decision.why.lower()).strip("_")[:_LONGEST_REASON] or "other"


def kept_by_people(part: Part, row_groups: list[int] | None = None) -> np.ndarray:
    """Which documents people keep whatever the stages domains, lines, heuristics and quality say: booleans, one a row."""
    if (PHASE, KEPT_ROLE) not in part.tables:  # the recipe names no decisions
        return np.zeros(part.rows, bool)
    return part.read(PHASE, KEPT_ROLE, ["kept"], row_groups)["kept"].to_numpy(zero_copy_only=False)
