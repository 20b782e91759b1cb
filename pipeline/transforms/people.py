"""What people have decided about the pages of a run, for every phase that has to follow it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from blocklists.blocker import Blocker
from blocklists.decisions import KEEP, Decision, Decisions
from blocklists.decisions import read as read_decisions
from blocklists.domain import registrable_domain
from dedup.url import canonical_url
from pipeline.run_state import Part, parts_of_run
from pipeline.stages import BLOCK
from recipes import Recipe
from text.hosts import host_of

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


def lifts_otherwise(run_dir: str, before: Recipe, now: Recipe) -> bool:
    """Whether by the decisions of ``now`` other pages pass its block lists than did in the run in ``run_dir``, whose recipe is
    ``before``: those were never extracted, or are there and should not be."""
    if now.block is None:
        return False
    decisions, blocker = decisions_of(now), Blocker(**vars(now.block))

    def is_kept(page: dict[str, Any]) -> bool:
        decision = decisions.of_page(page["id"], page["url"], registrable_domain(host_of(page["url"])))
        return decision is not None and decision.verdict == KEEP

    for part in parts_of_run(run_dir):
        gone = part.read("extract", "rejected", ["id", "url", "stage"]).to_pylist()
        if any(row["stage"] == BLOCK.name and is_kept(row) for row in gone):
            return True
        # The file that the run followed may have changed since; what it let pass is there to be seen.
        there = part.read("extract", "features", ["id", "url"]).to_pylist() if before.decisions else []
        if any(blocker.judge(row["url"]) and not is_kept(row) for row in there):
            return True
    return False


def kept_by_people(part: Part, row_groups: list[int] | None = None) -> np.ndarray:
    """Which documents people keep whatever the stages domains, lines, heuristics and quality say: booleans, one a row."""
    if (PHASE, KEPT_ROLE) not in part.tables:  # the recipe names no decisions
        return np.zeros(part.rows, bool)
    return part.read(PHASE, KEPT_ROLE, ["kept"], row_groups)["kept"].to_numpy(zero_copy_only=False)
