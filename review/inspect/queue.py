"""A queue of pages for people: some of every rule, drawn by lot and near the limits.

Every rule (stage and reason) that judges pages gets the same number of places, and kept pages too; what a rule has too few
pages for goes to the others. Half of a rule's pages are drawn by lot, which tells how often it is wrong; the others are
those whose numbers lie nearest to its limit, which tells where it should lie. A rule without a number gets all by lot. Ids
are hashes: the pages behind an id drawn by the seed are drawn by lot, and the same seed draws the same pages again.

Pages come in rounds, one of every rule in each: whoever stops early has looked at some of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from pipeline import stages
from pipeline.reports.records import Found
from review.inspect.listing import BY_NEARNESS, Listing, Query
from review.looked_at import LOT, NEAR
from review.published import KEPT
from text.hashing import hash128_hex

# What these say is a fact (an HTTP status, the date of a capture) or a person's own decision.
_NO_JUDGEMENT = (stages.READ.name, stages.DECISIONS.name, "urls")


class Drawn(NamedTuple):
    """A record of the queue, and how it was drawn: :data:`review.looked_at.LOT` or ``NEAR``."""

    found: Found
    how: str


def draw(
    listing: Listing, rejected: Mapping[str, Mapping[str, int]], kept: int, wanted: int, seed: int
) -> list[Drawn]:
    """``wanted`` records, or all where there are no more. ``rejected`` and ``kept``: a ledger's counts."""
    pages = {(KEPT, ""): kept} | {
        (stage, reason): number
        for stage in stages.in_order(rejected)
        for reason, number in rejected[stage].items()
        if stage not in _NO_JUDGEMENT
    }
    drawn = [
        (place, one)
        for (stage, reason), places in share_out(pages, wanted).items()
        for place, one in enumerate(_of_rule(listing, Query(stage=stage, reason=reason), places, seed))
    ]
    return [one for _, one in sorted(drawn, key=lambda entry: entry[0])]


def share_out(pages: Mapping[tuple[str, str], int], wanted: int) -> dict[tuple[str, str], int]:
    """``wanted`` places for rules with so many pages each: as equal as they can be, the largest rules first where places
    don't come out even."""
    found = dict.fromkeys(pages, 0)
    left = min(wanted, sum(pages.values()))
    while left:
        open_ = sorted((rule for rule in pages if found[rule] < pages[rule]), key=lambda rule: (-pages[rule], rule))
        for rule in open_[:left]:
            found[rule] += 1
            left -= 1
    return found


def _of_rule(listing: Listing, query: Query, places: int, seed: int) -> list[Drawn]:
    if not places:
        return []
    start = hash128_hex(f"{seed} {query.stage}/{query.reason}")
    # From the start on, and round.
    lot = {
        found.row["id"]: found for found in (*listing.after(query, start, places), *listing.after(query, "", places))
    }
    most_near = places // 2
    near = listing.after(replace(query, order=BY_NEARNESS), "", places) if most_near else []
    by_lot = list(lot.values())
    chosen = {found.row["id"] for found in by_lot[: places - most_near]}
    nearest = [found for found in near if found.row["id"] not in chosen][:most_near]
    drawn = [Drawn(found, LOT) for found in by_lot[: places - len(nearest)]]
    taken = {one.found.row["id"] for one in drawn}
    return drawn + [Drawn(found, NEAR) for found in nearest if found.row["id"] not in taken]
