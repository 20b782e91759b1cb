"""How each measure is spread over kept and rejected records, with the limits that it is held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from review.html import Element
from review.report.figures import histogram, legend
from review.report.sample import Sampled
from review.report.staged_rules import StagedRule

_SAID = {
    "words": "words of the extracted text", "lines": "lines of the extracted text",
    "removed": "share of a page's text that extraction left out", "language_score": "how sure the language is",
}  # fmt: skip


def histograms(sample: Sequence[Sampled], rules: Sequence[StagedRule], recipe: Mapping[str, Any]) -> list[Any]:
    """A histogram of each measure, those that pages were rejected for first, those of one value alone left out. ``rules``: those of
    the ``recipe``."""
    by: defaultdict[str, set[str]] = defaultdict(set)
    for record in sample:
        for name in _decided(record, rules):
            by[name].add(record.id)
    limits = _limits(rules, recipe)
    names = sorted({name for record in sample for name in record.measured}, key=lambda name: ("." in name, name))
    first: list[Any] = []
    further: list[Any] = []
    constant: list[str] = []
    for name in names:
        there = [record for record in sample if name in record.measured]
        kept = [record.measured[name] for record in there if record.kept]
        went = [record.measured[name] for record in there if not record.kept and record.id in by[name]]
        others = [record.measured[name] for record in there if not record.kept and record.id not in by[name]]
        if len(there) > 1 and len({record.measured[name] for record in there}) == 1:
            constant.append(name)
            continue
        held = sorted(limits[name].items())
        said = "".join(f"; limit {limit:g} ({key})" for limit, key in held)
        counts = f"{len(kept):,} kept, {len(went):,} rejected by it, {len(others):,} by something else{said}"
        drawn = Element(
            "div",
            Element("p", Element("b", name), f": {_SAID[name]}" if name in _SAID else ""),
            histogram(kept, others, went, [limit for limit, _ in held]),
            Element("p", counts, class_="note"),
        )
        (first if went or name in _SAID else further).append(drawn)
    if not (first or further or constant):
        return [Element("p", "Nothing was measured.", class_="note")]
    found: list[Any] = [legend(), Element("div", first, class_="figures")]
    if further:
        title = Element("summary", f"{len(further):,} more measures, for which nothing was rejected")
        found.append(Element("details", title, Element("div", further, class_="figures")))
    if constant:
        found.append(Element("p", f"The same on every page: {', '.join(constant)}.", class_="note"))
    return found


def _decided(record: Sampled, rules: Sequence[StagedRule]) -> list[str]:
    """The measures that a record went for: those of the rule that took it."""
    for staged in rules:
        if staged.outcome == record.outcome and staged.filter == record.detail and staged.fires(record.measured):
            return [name for name, key, _ in staged.columns if key]
    return []


def _limits(rules: Sequence[StagedRule], recipe: Mapping[str, Any]) -> defaultdict[str, dict[float, str]]:
    found: defaultdict[str, dict[float, str]] = defaultdict(dict)
    for staged in rules:
        for name, key, condition in staged.columns:
            if key and np.isfinite(condition.limit):
                found[name][condition.limit] = key
    least = (recipe.get("identify") or {}).get("min_score")
    if least is not None:
        found["language_score"][least] = "identify.min_score"
    return found
