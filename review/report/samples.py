"""The section of samples: some records of every outcome with the number that decided, its limit, and how their texts begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from pipeline import stages
from pipeline.reports.trail import Tracer
from review.html import Element
from review.marks import find_marks
from review.published import FAILED, KEPT
from review.report.sample import Sampled

_EXCERPT = 300
_STRETCHES, _STRETCH = 3, 120


def samples(
    sample: Sequence[Sampled],
    each: int,
    tracer: Tracer,
    shown: Callable[[str], str],
    ledger: Mapping[str, Any],
    more: Sequence[Sampled] = (),
) -> list[Any]:
    """``each`` records of every outcome, with the number that decided, what it was held against, how their texts begin and what
    a rule took offence at. ``more``: records with texts, perhaps of outcomes that the sample has none of."""
    order = {name: place for place, name in enumerate([KEPT, FAILED, *stages.in_order(s.name for s in stages.STAGES)])}
    whole = _counts(ledger)
    every = {(record.outcome, record.id): record for record in (*sample, *more)}
    captures = (
        record for record in every.values() if not record.outcome.partition("/")[2].startswith(stages.BOOKKEEPING)
    )
    by_outcome = sorted(
        captures, key=lambda record: (order.get(record.outcome.partition("/")[0], 99), record.outcome, record.id)
    )
    found: list[Any] = []
    for outcome, records in groupby(by_outcome, key=lambda record: record.outcome):
        chosen = list(records)[:each]
        items = [Element("li", _sampled(record, tracer, shown)) for record in chosen]
        title = Element("summary", f"{outcome}: {len(chosen):,} of {max(whole[outcome], len(chosen)):,}")
        found.append(Element("details", title, Element("ol", items)))
    return found


def _counts(ledger: Mapping[str, Any]) -> Counter[str]:
    """How many records of each outcome the run has."""
    counts = {f"{stage}/{reason}": count for stage, by in ledger["rejected"].items() for reason, count in by.items()}
    return Counter({KEPT: ledger["records"]["kept"], FAILED: ledger["records"]["failed"], **counts})


def _sampled(record: Sampled, tracer: Tracer, shown: Callable[[str], str]) -> list[Any]:
    stage, _, reason = record.outcome.partition("/")
    row = {"stage": stage, "reason": reason, "score": record.score, "detail": record.detail}
    limit = tracer.limit_of(row) if reason else None
    score = "" if record.score is None else f"score {record.score:.4g}"
    said = [
        f"{score}, limit {limit.side} {limit.number:g} ({limit.setting})" if limit else score,
        _detail(stage, shown(record.detail or "")),
        f"id {record.id}",
    ]
    line = Element("div", " · ".join(each for each in said if each), class_="note")
    address = Element("code", shown(record.url)) if record.url else "no URL"
    if record.text is None:
        return [address, line]
    text = Element("div", shown(record.text[: 2 * _EXCERPT])[:_EXCERPT], class_="text")
    settings = tracer.settings_of(record.detail or "")[1] or {}
    found = find_marks(record.text, record.language or "", stage, reason, settings) if reason else []
    stretches = [shown(record.text[mark.start : mark.end])[:_STRETCH] for mark in found[:_STRETCHES]]
    offence = (
        Element("div", f"{found[0].why}: ", [[Element("mark", each), " "] for each in stretches]) if found else ""
    )
    return [address, line, text, offence]


def _detail(stage: str, detail: str) -> str:
    """What a verdict's ``detail`` names, said before it as ``gristmill why`` does; of failures it is a sentence itself."""
    names = {each.name: each.detail for each in stages.STAGES}
    return f"{names.get(stage, '')} {detail}".strip() if detail else ""
