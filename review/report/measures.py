"""How each measure is spread over kept and rejected records, with the limits that it is held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from review.html import Element
from review.report.figures import histogram
from review.report.sample import Sampled
from review.report.staged_rules import StagedRule


def histograms(sample: Sequence[Sampled], rules: Sequence[StagedRule], recipe: Mapping[str, Any]) -> list[Any]:
    """A histogram of each measure. ``rules``: those of the ``recipe``."""
    by: defaultdict[str, set[str]] = defaultdict(set)
    for record in sample:
        for name in _decided(record, rules):
            by[name].add(record.id)
    limits = _limits(rules, recipe)
    names = sorted({name for record in sample for name in record.measured}, key=lambda name: ("." in name, name))
    found: list[Any] = []
    for name in names:
        there = [record for record in sample if name in record.measured]
        kept = [record.measured[name] for record in there if record.kept]
        went = [record.measured[name] for record in there if not record.kept and record.id in by[name]]
        others = [record.measured[name] for record in there if not record.kept and record.id not in by[name]]
        held = sorted(limits[name].items())
        said = "".join(f"; limit {limit:g} ({key})" for limit, key in held)
        title = f"{name}: {len(kept):,} kept, {len(went):,} went for it, {len(others):,} for something else{said}"
        found.append(Element("div", Element("p", title), histogram(kept, others, went, [limit for limit, _ in held])))
    return found or [Element("p", "Nothing was measured.", class_="note")]


def _decided(record: Sampled, rules: Sequence[StagedRule]) -> list[str]:
    """The measures that a record went for: those of the rule that took it."""
    for staged in rules:
        if staged.outcome == record.outcome and staged.filter == record.detail and staged.fires(record.measured):
            return [name for name, key, _ in staged.columns() if key]
    return []


def _limits(rules: Sequence[StagedRule], recipe: Mapping[str, Any]) -> defaultdict[str, dict[float, str]]:
    found: defaultdict[str, dict[float, str]] = defaultdict(dict)
    for staged in rules:
        for name, key, condition in staged.columns():
            if key and np.isfinite(condition.limit):
                found[name][condition.limit] = key
    least = (recipe.get("identify") or {}).get("min_score")
    if least is not None:
        found["language_score"][least] = "identify.min_score"
    return found
