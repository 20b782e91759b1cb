"""Duplicates as a report shows them: how large clusters are, how alike, the weakest side by side, what became of survivors."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from pipeline.reports.records import text_of
from pipeline.stages import LEVELS
from review.html import Element, table
from review.published import rows
from review.report.figures import histogram
from review.report.sample import RECORDS, Sampled

_COLUMNS = ["level", "cluster", "id", "url", "survivor", "similarity"]
_SIZES = ((2, "of 2"), (9, "of 3 to 9"), (float("inf"), "of 10 and more"))
_WEAKEST = 10
_EXCERPT = 300

_Row = dict[str, Any]


@dataclass
class _Level:
    clusters: int = 0
    documents: int = 0
    largest: int = 0
    sizes: Counter[str] = field(default_factory=Counter)
    survivors: int = 0
    fell: int = 0
    similarities: list[float] = field(default_factory=list)


def duplicates(
    run_dir: str, ledger: Mapping[str, Any], sample: Sequence[Sampled], texts: bool, shown: Callable[[str], str]
) -> list[Any]:
    """The section. ``texts``: whether texts of pages may be shown."""
    outcomes = {record.id: record for record in sample}
    levels: defaultdict[str, _Level] = defaultdict(_Level)
    weakest: list[tuple[float, int, _Row, _Row]] = []
    for number, cluster in enumerate(_clusters(run_dir)):
        level, size = levels[cluster.level], cluster.size
        level.clusters += 1
        level.documents += size
        level.largest = max(level.largest, size)
        level.sizes[next(name for most, name in _SIZES if size <= most)] += 1
        if cluster.survivor["id"] in outcomes:
            level.survivors += 1
            level.fell += not outcomes[cluster.survivor["id"]].kept
        if len(level.similarities) < RECORDS:  # clusters come by id, so that the first are as by lot
            level.similarities += cluster.similarities
        if (row := cluster.weakest) is not None:
            entry = (-row["similarity"], -number, cluster.survivor, row)
            (heapq.heappush if len(weakest) < _WEAKEST else heapq.heappushpop)(weakest, entry)
    if not levels:
        return []
    names = [name for _, name in _SIZES]
    counted = ledger.get("duplicates", {})
    body = [
        (
            name, counted.get(name, {}).get("documents"), counted.get(name, {}).get("unique_words"), level.clusters,
            *(level.sizes[size] for size in names), level.largest,
            f"{level.fell:,} of {level.survivors:,}",
        )
        for name, level in sorted(levels.items(), key=lambda item: LEVELS.index(item[0]))
    ]  # fmt: skip
    columns = ["level", "documents rejected", "their words that stand nowhere in the survivor", "clusters", *names,
               "largest", "survivors rejected later, of the sample's"]  # fmt: skip
    near = [value for level in levels.values() for value in level.similarities if value < 1]
    return [
        table(columns, body),
        Element(
            "div",
            Element(
                "div",
                Element("p", f"How alike {len(near):,} near-duplicates are to their survivors"),
                histogram([], near),
            ),
            class_="figures",
        )
        if near
        else "",
        _side_by_side(run_dir, sorted(weakest, key=lambda entry: entry[:2], reverse=True), texts, shown),
        Element("p", "gristmill duplicates shows more. Captures of one address aren't compared.", class_="note"),
    ]


class _Cluster(NamedTuple):
    """A cluster of any ``size``: of its members the one that is least like the survivor, if they were compared, and how
    alike the first of them are."""

    level: str
    size: int
    survivor: _Row
    weakest: _Row | None
    similarities: list[float]


def _clusters(run_dir: str) -> Iterator[_Cluster]:
    by_cluster = groupby(rows(run_dir, "duplicates", _COLUMNS), key=lambda row: (row["level"], row["cluster"]))
    for (level, _), cluster in by_cluster:
        survivor, size, weakest = None, 0, None
        similarities: list[float] = []
        for row in cluster:
            size += 1
            if row["survivor"]:
                survivor = row
                continue
            if row["similarity"] is None:
                continue
            if weakest is None or row["similarity"] < weakest["similarity"]:
                weakest = row
            if len(similarities) < RECORDS:
                similarities.append(row["similarity"])
        assert survivor is not None, "a cluster is that of its survivor"
        yield _Cluster(level, size, survivor, weakest, similarities)


def _side_by_side(
    run_dir: str, weakest: Sequence[tuple[float, int, _Row, _Row]], texts: bool, shown: Callable[[str], str]
) -> Any:
    if not weakest:
        return ""

    def cell(row: _Row) -> list[Any]:
        text = text_of(run_dir, row["id"]) if texts else None
        gone = Element("div", "The run has cleared its text away.", class_="note") if texts else ""
        begin = Element("div", shown(text[0][: 2 * _EXCERPT])[:_EXCERPT], class_="text") if text else gone
        return [Element("code", shown(row["url"] or row["id"])), begin]

    body = [
        [
            Element("p", Element("b", f"similarity {row['similarity']:.3g}"), " the survivor, and what went for it"),
            Element("div", Element("div", cell(survivor)), Element("div", cell(row)), class_="sides"),
        ]
        for _, _, survivor, row in weakest
    ]
    return Element("details", Element("summary", f"The {len(weakest):,} least alike, side by side"), body)
