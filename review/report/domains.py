"""Domains as a report shows them: the largest by pages, by tokens and by the share that was rejected, and those that went as a
whole with their evidence beside its limits. Their table is read a row group at a time."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from blocklists.domain import registrable_domain
from filters.domain_evidence import KINDS
from filters.page_evidence import WORD_KINDS
from pipeline import domain_files, stages, tables
from review.html import Element, table
from review.report.sample import Sampled
from text.hosts import host_of

_ROWS = 100
_FEWEST = 5
"""Of fewer pages in the sample a share says nothing."""
_FOUND = ("emails", "phones", "cards", "ibans", "ssns", "ips")

_READ = [name for name in tables.DOMAINS.names if name != "samples"]

_Row = dict[str, Any]


def by_domain(run_dir: str, recipe: Mapping[str, Any], sample: Sequence[Sampled], of_sample: str = "") -> list[Any]:
    """The section. ``of_sample``: what the sample's figures are of, where it isn't the run."""
    paths = domain_files.paths(run_dir)
    found: list[Any] = []
    if not paths:
        found.append(Element("p", "This run judged no domains.", class_="note"))
    else:
        found += _judged(paths, recipe.get("domains") or {})
    pages, rejected, tokens = _counted(sample)
    by_tokens = [(name, count, pages[name]) for name, count in _largest(tokens) if count]
    shares = sorted(
        (
            (rejected[name] / count, count, name)
            for name, count in pages.items()
            if count >= _FEWEST and rejected[name]
        ),
        key=lambda row: (-row[0], -row[1], row[2]),
    )
    by_share = [(name, count, rejected[name], f"{share:.0%}") for share, count, name in shares[:_ROWS]]
    if by_tokens:
        found.append(
            _opened_on_demand(f"The largest by tokens{of_sample}", ["domain", "tokens kept", "pages"], by_tokens)
        )
    if by_share:
        title = f"By share rejected{of_sample}, of domains with {_FEWEST} pages and more"
        found.append(_opened_on_demand(title, ["domain", "pages", "rejected", "share"], by_share))
    return found


def _judged(paths: Sequence[str], settings: Mapping[str, Any]) -> list[Any]:
    """What the table of domains says."""
    count = gone = 0
    largest: list[tuple[int, int, _Row]] = []
    convicted: list[tuple[int, int, _Row]] = []
    for row in domain_files.rows(paths, _READ):
        count += 1
        _keep(largest, (row["pages"], -count, row))  # the table is sorted by name
        if row["reason"]:
            gone += 1
            _keep(convicted, (row["pages"], -count, row))
    body = [
        (row["domain"], row["pages"], row["words"], row["reason"] or "")
        for _, _, row in sorted(largest, key=lambda entry: entry[:2], reverse=True)
    ]
    rows = [_evidence(row, settings) for _, _, row in sorted(convicted, key=lambda entry: entry[:2], reverse=True)]
    limits = "the worst share" if settings.get("worst") is not None else "domains.confidence"
    columns = [
        "domain",
        "pages",
        "rejected for",
        "bad pages",
        "their share, surely",
        "limit",
        "score",
        limits,
        "found",
    ]
    more = [Element("p", f"and {gone - _ROWS:,} more", class_="note")] if gone > _ROWS else []
    return [
        Element("p", f"{count:,} domains, of which {gone:,} were rejected as a whole" + ("." if not gone else ":")),
        table(columns, rows) if rows else "",
        *more,
        _opened_on_demand("The largest by pages", ["domain", "pages", "words", "rejected for"], body),
    ]  # fmt: skip


def _evidence(row: _Row, settings: Mapping[str, Any]) -> tuple[Any, ...]:
    """A convicted domain: the numbers of what it was convicted of beside what they were held against."""
    kind = row["reason"]
    limit = settings.get("worst") if settings.get("worst") is not None else settings.get("confidence")
    if kind not in KINDS or row.get(f"{kind}_low") is None:
        return row["domain"], row["pages"], kind, "", "", None, row["score"], limit, ""
    judged = row["sampled"] - (row[f"{kind}_unjudged"] if kind in WORD_KINDS else 0)
    counts = [f"{row[name]:,} {name}" for name in _FOUND if kind == "pii" and row.get(name)]
    counts += [f"{row[f'{kind}_hits']:,} words of the list"] if kind in WORD_KINDS and row.get(f"{kind}_hits") else []
    return (
        row["domain"], row["pages"], kind, f"{row[f'{kind}_pages']:,} of {judged:,}",
        f"{row[f'{kind}_low']:.0%} to {row[f'{kind}_high']:.0%}", settings.get(kind), row["score"], limit,
        ", ".join(counts),
    )  # fmt: skip


def _keep(heap: list[tuple[int, int, _Row]], entry: tuple[int, int, _Row]) -> None:
    """Keeps the largest :data:`_ROWS` entries."""
    (heapq.heappush if len(heap) < _ROWS else heapq.heappushpop)(heap, entry)


def _counted(sample: Sequence[Sampled]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By domain: pages of the sample, those of them that were rejected, tokens of those that were kept."""
    pages, rejected, tokens = Counter[str](), Counter[str](), Counter[str]()
    for record in sample:
        stage, _, reason = record.outcome.partition("/")
        if not record.url or (stage == stages.READ.name and reason.startswith(stages.BOOKKEEPING)):
            continue
        domain = registrable_domain(host_of(record.url))
        pages[domain] += 1
        rejected[domain] += not record.kept
        tokens[domain] += record.tokens or 0
    return pages, rejected, tokens


def _largest(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_ROWS]


def _opened_on_demand(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Element:
    return Element("details", Element("summary", title), table(columns, rows))
