"""Which records of a run people look at: chosen by what the run says of them, fifty at a time, a row group in memory.

Ids are hashes, so records by id are records as by lot: ``random`` begins at an id drawn by lot and goes on from there.
``near`` has those first whose numbers lie nearest to a limit; of a large run it looks at the smallest ids alone.
``queue`` is a list that was drawn beforehand (:mod:`review.inspect.queue`).
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from itertools import islice
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.compute as pc

from blocklists.domain import registrable_domain
from filters.rules import Rule
from filters.verdict import Scores
from pipeline import storage
from pipeline.outputs import files_of
from pipeline.reports.records import FOLDERS, Found
from pipeline.reports.trail import Tracer
from pipeline.run_state import Part
from pipeline.stages import BOOKKEEPING
from review.published import FAILED, KEPT
from text.hosts import host_of

PAGE = 50
RANKED = 20_000
BY_LOT, BY_NEARNESS, BY_QUEUE = "random", "near", "queue"
ORDERS = (BY_LOT, BY_NEARNESS)
"""What a reader may ask for; the order of a queue is there where one was drawn."""
_COLUMNS = ("id", "url", "date", "stage", "reason", "score", "detail", "language", "domain", "class", "words", "error",
            "warc_file", "warc_offset", "removed_words")  # fmt: skip


@dataclass(frozen=True)
class Query:
    """What is asked for; an empty field asks for nothing. ``low`` and ``high`` bound a verdict's score."""

    stage: str = ""
    reason: str = ""
    language: str = ""
    domain: str = ""
    id: str = ""
    url: str = ""
    low: str = ""
    high: str = ""
    order: str = BY_LOT

    def __post_init__(self) -> None:
        """``ValueError`` with a sentence for what can't be asked."""
        for name in ("low", "high"):
            try:
                float(getattr(self, name) or 0)
            except ValueError:
                raise ValueError(
                    f"the score's {name} bound is {getattr(self, name)!r}, and must be a number"
                ) from None
        if self.order not in (*ORDERS, BY_QUEUE):
            raise ValueError(f"the order is {self.order!r}; there are {', '.join(ORDERS)}")

    def address(self, **more: str) -> str:
        """As the query of a URL, empty fields left out."""
        asked = {**{name: value for name, value in asdict(self).items() if value}, **more}
        return urlencode(asked)


def query_of(asked: Mapping[str, str]) -> Query:
    """The query in the parameters of a URL; others are passed over, and all others where it asks for the queue."""
    if asked.get("order") == BY_QUEUE:
        return Query(order=BY_QUEUE)
    names = {field.name for field in fields(Query)}
    return Query(**{name: value.strip() for name, value in asked.items() if name in names and value.strip()})


class Listing:
    """The records of one run."""

    def __init__(self, tracer: Tracer) -> None:
        self._run_dir, self._tracer = tracer.run_dir, tracer
        self.queue: list[Found] = []
        self._ranked: dict[Query, list[Found]] = {}
        self._known_scores: dict[str, dict[str, dict[str, float]]] | None = None

    def after(self, query: Query, last: str = "", count: int = PAGE) -> list[Found]:
        """So many records behind the one with the id ``last``, in the query's order."""
        if query.order != BY_LOT:
            ranked = self._rank(query)
            start = next((place + 1 for place, found in enumerate(ranked) if found.row["id"] == last), 0)
            return ranked[start : start + count]
        return list(islice(self._by_id(query, last), count))

    def before(self, query: Query, first: str) -> Found | None:
        """The record before the one with the id ``first``."""
        if query.order != BY_LOT:
            ranked = self._rank(query)
            place = next((place for place, found in enumerate(ranked) if found.row["id"] == first), 0)
            return ranked[place - 1] if place else None
        return next(self._by_id(query, first, backwards=True), None)

    def _rank(self, query: Query) -> list[Found]:
        if query.order == BY_QUEUE:
            return self.queue
        if query not in self._ranked:
            everything = islice(self._by_id(replace(query, order=BY_LOT), ""), RANKED)
            measured = ((self._distance(found), found.row["id"], found) for found in everything)
            near = heapq.nsmallest(
                20 * PAGE, (each for each in measured if each[0] is not None), key=lambda each: each[:2]
            )
            if len(self._ranked) > 8:
                self._ranked.clear()
            self._ranked[query] = [found for _, _, found in near]
        return self._ranked[query]

    def _distance(self, found: Found) -> float | None:
        """How far a record's number lies from the limit, as a share of it: of a rejected one the number that decided, of a
        kept one the nearest."""
        if found.folder == "failed":
            return None
        if found.folder == "rejected":
            limit = self._tracer.limit_of(found.row)
            return None if limit is None else _apart(found.row["score"], limit.number)
        scores = self._scores().get(found.row["id"], {})
        rules = ((rule, measured) for name, measured in scores.items() for rule in self._tracer.rules_of(name))
        far = (_to_fire(rule, measured) for rule, measured in rules)
        return min((distance for distance in far if distance is not None), default=None)

    def _scores(self) -> dict[str, dict[str, dict[str, float]]]:
        """By id and filter, of the smallest ids: parts are sorted by them."""
        if self._known_scores is None:
            judged = [part for part in self._tracer.parts if ("judge", "scores") in part.tables]
            self._known_scores = dict(islice(heapq.merge(*map(_scores_of, judged), key=itemgetter(0)), RANKED))
        return self._known_scores

    def _by_id(self, query: Query, edge: str, backwards: bool = False) -> Iterator[Found]:
        folders = [folder for folder in FOLDERS if _may_be_in(folder, query.stage)]
        streams = [self._rows(folder, query, edge, backwards) for folder in folders]
        return heapq.merge(*streams, key=lambda found: found.row["id"], reverse=backwards)

    def _rows(self, folder: str, query: Query, edge: str, backwards: bool) -> Iterator[Found]:
        paths = files_of(self._run_dir, folder)
        for path in reversed(paths) if backwards else paths:
            with storage.open_parquet(path) as file:
                names = [name for name in _COLUMNS if name in file.schema_arrow.names]
                groups = range(file.num_row_groups)
                for group in reversed(groups) if backwards else groups:
                    if edge and not _reaches(file, group, edge, backwards):
                        continue
                    table = file.read_row_group(group, names)
                    rows = self._chosen(table.filter(_mask(table, query, edge, backwards)), query)
                    yield from (Found(folder, row) for row in (reversed(rows) if backwards else rows))

    def _chosen(self, table: pa.Table, query: Query) -> list[dict[str, Any]]:
        rows = table.to_pylist()
        if query.domain:
            wanted = query.domain.lower()
            hosts = [(row, host_of(row["url"] or "")) for row in rows]
            rows = [row for row, host in hosts if host == wanted or registrable_domain(host) == wanted]
        if query.language and rows and "language" not in table.column_names:
            known = self._languages(rows[0]["id"], rows[-1]["id"])
            rows = [row for row in rows if known.get(row["id"]) == query.language]
        return rows

    def _languages(self, low: str, high: str) -> dict[str, str]:
        """By id, of extracted documents between two ids."""
        found: dict[str, str] = {}
        for part in self._tracer.parts:
            with storage.open_parquet(part.tables["extract", "features"]) as file:
                for group in range(file.num_row_groups):
                    if _reaches(file, group, low, False) and _reaches(file, group, high, True):
                        for row in file.read_row_group(group, ["id", "language"]).to_pylist():
                            if low <= row["id"] <= high:
                                found[row["id"]] = row["language"]
        return found


def outcome_of(found: Found) -> str:
    """``kept``, ``failed``, or stage and reason."""
    if found.folder == "rejected":
        return f"{found.row['stage']}/{found.row['reason']}"
    return KEPT if found.folder == "documents" else FAILED


def _may_be_in(folder: str, stage: str) -> bool:
    if stage in (KEPT, FAILED):
        return folder == ("documents" if stage == KEPT else "failed")
    return not stage or folder == "rejected"


def _mask(table: pa.Table, query: Query, edge: str, backwards: bool) -> pa.Array:
    masks = [pc.less(table["id"], edge) if backwards else pc.greater(table["id"], edge)]
    if "reason" in table.column_names and not (query.stage or query.reason or query.id):
        masks.append(pc.invert(pc.starts_with(table["reason"], BOOKKEEPING)))
    if query.stage not in ("", KEPT, FAILED):
        masks.append(pc.equal(table["stage"], query.stage))
    for name, value in (("reason", query.reason), ("language", query.language)):
        if value and name in table.column_names:
            masks.append(pc.equal(table[name], value))
        elif value and name == "reason":
            masks.append(pa.repeat(False, table.num_rows))
    if query.id:
        masks.append(pc.starts_with(table["id"], query.id.lower()))
    if query.url:
        masks.append(pc.match_substring(table["url"], query.url, ignore_case=True))
    for bound, compare in ((query.low, pc.greater_equal), (query.high, pc.less_equal)):
        if bound:
            there = "score" in table.column_names
            masks.append(compare(table["score"], float(bound)) if there else pa.repeat(False, table.num_rows))
    chosen = masks[0]
    for mask in masks[1:]:
        chosen = pc.and_(chosen, pc.fill_null(mask, False))
    return chosen


def _reaches(file: Any, group: int, edge: str, backwards: bool) -> bool:
    """Whether a row group of a table sorted by id may have ids on that side of ``edge``, by its footer."""
    metadata = file.metadata.row_group(group)
    for number in range(metadata.num_columns):
        column = metadata.column(number)
        if column.path_in_schema == "id" and column.statistics is not None and column.statistics.has_min_max:
            return column.statistics.min <= edge if backwards else column.statistics.max >= edge
    return True


def _scores_of(part: Part) -> Iterator[tuple[str, dict[str, dict[str, float]]]]:
    with storage.open_parquet(part.tables["extract", "features"]) as file:
        groups = file.num_row_groups
    for group in range(groups):
        ids = part.read("extract", "features", ["id"], [group])["id"].to_pylist()
        scores = part.read("judge", "scores", ["scores"], [group])["scores"].to_pylist()
        for identity, listed in zip(ids, scores, strict=True):
            by_filter: dict[str, dict[str, float]] = {}
            for name, value in listed or ():
                own, _, measure = name.partition(".")
                by_filter.setdefault(own, {})[measure] = value
            yield identity, by_filter


def _to_fire(rule: Rule, scores: Scores) -> float | None:
    """How far scores lie from where a rule fires, which they do not: that of its conditions that is farthest from holding."""
    missing = [one for one in rule.conditions if not one.holds(scores)]
    if any(one.score not in scores or one.setting is None for one in missing):
        return None
    return max((_apart(scores[one.score], one.limit) for one in missing), default=None)


def _apart(value: float, limit: float) -> float:
    return abs(value - limit) / (abs(limit) or 1.0)
