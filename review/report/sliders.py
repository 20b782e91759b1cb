"""Sliders over limits: what other numbers in the recipe would keep, by the filters' rules and the sample's stored scores.

The page gets each score of each judged record as a whole number below 2 ** 16, with what lies on either side of a shipped
limit, or on it, kept there: with all sliders where the recipe has them, the page counts what the run has counted. Records
without a score have the largest number, on which no condition holds. ``sliders.js`` does the counting.
"""

from __future__ import annotations

import base64
import gzip
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np

from review.html import Element, data, script, table
from review.report.sample import Sampled
from review.report.staged_rules import STAGES, rules_in

MISSING = 0xFFFF
_LARGEST = MISSING - 1


@dataclass
class Column:
    """A score of all judged records, ``nan`` where a record has none, with the limits that it is held against."""

    values: np.ndarray
    limits: list[float] = field(default_factory=list)

    @cached_property
    def ends(self) -> tuple[float, float]:
        there = [*self.values[~np.isnan(self.values)].tolist(), *self.limits]
        return min(there), max(there)

    def place(self, value: float) -> int:
        """The whole number of a value, a limit's among them: ascending, with room for one between two limits."""
        return int(self._places(np.array([value]))[0])

    def _places(self, values: np.ndarray) -> np.ndarray:
        low, high = self.ends
        # From 1 on, so that there is room below the least limit and above the largest.
        scaled = (values - low) / (high - low) * (_LARGEST - 2) if high > low else np.zeros(len(values))
        return 1 + np.rint(scaled).astype(np.int64)

    @cached_property
    def places(self) -> dict[float, int]:
        """The whole number of each limit, no two next to each other."""
        found: dict[float, int] = {}
        least = 1
        for limit in sorted(set(self.limits)):
            found[limit] = max(least, self.place(limit))
            least = found[limit] + 2
        return found

    def packed(self) -> np.ndarray:
        """The values as ``uint16``: each on the side of each limit on which it lies, or at it."""
        found = np.full(len(self.values), MISSING, np.uint16)
        ordered = [(float("-inf"), -1), *self.places.items(), (float("inf"), MISSING)]
        for (low, after), (high, before) in pairwise(ordered):
            inside = (self.values > low) & (self.values < high)
            found[inside] = np.clip(self._places(self.values[inside]), after + 1, before - 1)
        for limit, place in self.places.items():
            found[self.values == limit] = place
        return found


def limit_sliders(recipe: Mapping[str, Any], sample: Sequence[Sampled], judged: int, run_dir: str) -> list[Any]:
    """The section with a slider for each limit of the recipe's filters, over the records of ``sample`` that they have
    judged; ``judged`` is how many the run has of those. Nothing where there is no such record."""
    found = payload(recipe, sample, judged, run_dir)
    if found is None:
        return []
    active = _deciding(recipe, sample)
    rows = [
        (slider["key"], slider["limit"], Element("span", data_slider=str(number)))
        for number, slider in enumerate(found["sliders"])
    ]
    first = [row for row in rows if row[0] in active]
    further = [row for row in rows if row[0] not in active]
    note = Element(
        "p", "Move a limit to see which pages come and go. Limits work together, in the recipe's order: a page that one "
        "lets pass may be rejected by the next. Where a filter removes lines, what stands behind it is judged by the scores of "
        "the run, before other lines were gone. The command below the counts makes a new run with these limits.", class_="note",
    )  # fmt: skip
    columns = ["limit", "in this run", "move it"]
    return [
        note,
        Element("noscript", Element("p", "Without scripts there are the limits of the run alone.", class_="note")),
        Element("div", id="sliders-result", aria_live="polite"),
        table(columns, first) if first else "",
        Element(
            "details",
            Element("summary", f"{len(further):,} more limits, by which nothing was rejected"),
            table(columns, further),
        )
        if further
        else "",
        data("sliders-data", found),
        script(files("review.report").joinpath("sliders.js").read_text("utf-8")),
    ]


def _deciding(recipe: Mapping[str, Any], sample: Sequence[Sampled]) -> set[str]:
    """The settings of rules that hold for a record of the sample, so that it makes a difference where they lie."""
    rules, _ = rules_in(recipe)
    return {
        key
        for staged in rules
        if any(staged.fires(record.measured) for record in sample)
        for _, key, _ in staged.columns
        if key
    }


def payload(recipe: Mapping[str, Any], sample: Sequence[Sampled], judged: int, run_dir: str) -> dict[str, Any] | None:
    """What ``sliders.js`` counts from; ``None`` where no filter with rules has judged anything."""
    records = [record for record in sample if record.kept or record.outcome.partition("/")[0] in STAGES]
    rules, others = rules_in(recipe)
    columns: dict[str, Column] = {}
    for staged in rules:
        for name, _, condition in staged.columns:
            values = (record.measured.get(name, np.nan) for record in records)
            column = columns.setdefault(name, Column(np.fromiter(values, np.float64, len(records))))
            column.limits.append(condition.limit)
    if not records or all(np.isnan(column.values).all() for column in columns.values()):
        return None
    # What a filter without rules has rejected stays rejected; what people have kept against a rule stays kept.
    fixed = np.array([0.0 if record.kept or record.detail not in others else 1.0 for record in records])
    lifted = np.array([record.kept and any(staged.fires(record.measured) for staged in rules) for record in records])
    for column in columns.values():
        column.values[lifted] = np.nan
    order = list(columns)
    keys = list(dict.fromkeys(key for staged in rules for _, key, _ in staged.columns if key))
    by_key = {key: (name, condition) for staged in rules for name, key, condition in staged.columns if key}
    languages = sorted({record.language or "" for record in records})
    packed = [columns[name].packed() for name in order]
    packed += [
        fixed.astype(np.uint16),
        np.array([languages.index(record.language or "") for record in records], np.uint16),
    ]
    return {
        "records": len(records),
        "judged": judged,
        "run": shlex.quote(run_dir),
        "languages": languages,
        "sliders": [
            {
                "key": key, "column": order.index(name), "limit": condition.limit,
                "at": columns[name].places[condition.limit], "low": columns[name].ends[0], "high": columns[name].ends[1],
            }
            for key, (name, condition) in ((key, by_key[key]) for key in keys)
        ],
        "rules": [
            {
                "outcome": staged.outcome,
                "conditions": [
                    [order.index(name), condition.side, keys.index(key) if key else None,
                     columns[name].places[condition.limit]]
                    for name, key, condition in staged.columns
                ],
            }
            for staged in rules
        ]
        + [{"outcome": "filters without rules", "conditions": [[len(order), ">", None, 0]]}],
        "columns": base64.b64encode(gzip.compress(np.concatenate(packed).astype("<u2").tobytes(), 9, mtime=0)).decode(),
    }  # fmt: skip
