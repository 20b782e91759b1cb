"""The section that says how often rules were wrong, as people found by looking at their pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blocklists.decisions import Decisions, read
from dedup.url import canonical_url
from pipeline import storage
from review.html import Element, table
from review.looked_at import Tally, mark_of, of_pages, tallies, wilson
from review.published import KEPT, url_rules


def decisions_for(run_dir: str, path: str | None) -> Path | None:
    """The file of decisions of a report: ``path``, or where the inspector writes them, if it has."""
    if path is not None:
        return Path(path)
    beside = None if storage.is_remote(run_dir) else Path(run_dir, "decisions.jsonl")
    return beside if beside is not None and beside.is_file() else None


def wrong_by_rule(run_dir: str, recipe: Mapping[str, Any], ledger: Mapping[str, Any], path: Path | None) -> list[Any]:
    """Of each rule the pages that people have looked at and those on which it was wrong. Nothing where nobody has looked.
    Raises as :func:`blocklists.decisions.read`."""
    if path is None:
        return []
    rules = url_rules(recipe)
    lines = Decisions(read([path]), lambda url: canonical_url(url, rules)).lines
    found = tallies(of_pages(lines, mark_of(run_dir)).values())
    if not found:
        return []
    rows = [
        (rule, _pages(ledger, rule), _by_lot(tally), _interval(tally), _otherwise(tally), tally.unsure or None)
        for rule, tally in sorted(found.items(), key=lambda item: (item[0] != KEPT, item[0]))
    ]
    note = Element(
        "p", "A rule was wrong on a rejected page that somebody keeps, and keeping was wrong on a kept one that somebody drops "
        "(not for erasure, opt-out or licence). Only pages drawn by lot (gristmill inspect --queue) tell of all pages of "
        "a rule: the interval is Wilson's, of 95 %. Pages near a limit, and those that somebody went to see, are odd ones.",
        class_="note",
    )  # fmt: skip
    return [
        table(["rule", "pages", "drawn by lot", "share wrong, 95 %", "other pages", "not sure"], rows),
        note,
    ]


def _pages(ledger: Mapping[str, Any], rule: str) -> int:
    stage, _, reason = rule.partition("/")
    return ledger["records"]["kept"] if rule == KEPT else ledger["rejected"].get(stage, {}).get(reason, 0)


def _by_lot(tally: Tally) -> str:
    return f"of {tally.looked_by_lot:,} looked at, {tally.wrong_by_lot:,} wrong" if tally.looked_by_lot else ""


def _interval(tally: Tally) -> str:
    if not tally.looked_by_lot:
        return ""
    low, high = wilson(tally.wrong_by_lot, tally.looked_by_lot)
    return f"{low:.1%} to {high:.1%}"


def _otherwise(tally: Tally) -> str:
    return f"of {tally.looked_otherwise:,}, {tally.wrong_otherwise:,} wrong" if tally.looked_otherwise else ""
