"""What a report says, section by section: each takes what was read of a run and gives elements of a page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from pipeline import stages
from pipeline.reports.trail import Tracer
from review.html import Element, table
from review.marks import find_marks
from review.published import FAILED, KEPT, flat
from review.report.figures import bar
from review.report.sample import Sampled
from review.report.staged_rules import STAGES, StagedRule

# Records of an archive that are no captures: they stay out of shares.
_EXCERPT = 300
_STRETCHES, _STRETCH = 3, 120
_ROWS = 100

Section = list[Any]


def funnel(ledger: Mapping[str, Any]) -> Section:
    """Captures and words left after each stage."""
    captures = left = ledger["records"]["read"] - bookkeeping(ledger)
    words = ledger["words"]["in"]
    removed = ledger["words"]["removed"]
    rows: list[Sequence[Any]] = [("captures", None, left, _share(left, captures), bar(1.0), words)]
    went_by = {stage: _captures(reasons) for stage, reasons in ledger["rejected"].items()}
    for stage in [*stages.in_order(went_by)]:
        left -= went_by[stage]
        words -= sum(count for rule, count in removed.items() if rule.partition("/")[0] == stage)
        if stage == stages.READ.name:
            left -= ledger["records"]["failed"]
        rows.append(
            (stage, went_by[stage], left, _share(left, captures), bar(left / captures if captures else 0), words)
        )
    note = Element(
        "p", "Records that an archive keeps for itself (requests, metadata, descriptions) are left out; failed records "
        "go with stage read. Words count from extraction on.", class_="note",
    )  # fmt: skip
    return [table(["after stage", "went", "captures left", "share", "", "words left"], rows), note]


def rejects(ledger: Mapping[str, Any], sample: Sequence[Sampled], rules: Sequence[StagedRule]) -> Section:
    """Every reason with the captures and words that went for it, and by which other rules the sample's would have gone."""
    others = also_by(sample, rules)
    removed = ledger["words"]["removed"]
    everything = sum(map(_captures, ledger["rejected"].values()))
    rows = [
        (
            stage,
            reason,
            count,
            _share(count, everything),
            removed.get(f"{stage}/{reason}", 0),
            ", ".join(f"{rule} {number:,}" for rule, number in others[f"{stage}/{reason}"].most_common(4)),
        )
        for stage in stages.in_order(ledger["rejected"])
        for reason, count in sorted(ledger["rejected"][stage].items(), key=lambda item: (-item[1], item[0]))
        if not reason.startswith(stages.BOOKKEEPING)
    ]
    line_words = removed.get(stages.FREQUENT_LINES)
    note = f"{line_words:,} words more went line by line, from pages that stayed." if line_words else ""
    columns = ["stage", "reason", "pages", "share of all", "words", "of the sample's would also have gone by"]
    return [table(columns, rows), Element("p", note, class_="note")]


def also_by(sample: Sequence[Sampled], rules: Sequence[StagedRule]) -> defaultdict[str, Counter[str]]:
    """By outcome, how many of its records other rules would have taken as well, each rule by its outcome."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in sample:
        if record.outcome.partition("/")[0] in STAGES:
            fired = {staged.outcome for staged in rules if staged.fires(record.measured)}
            found[record.outcome].update(fired - {record.outcome})
    return found


def languages(ledger: Mapping[str, Any], sample: Sequence[Sampled]) -> Section:
    """Documents kept by language, the largest first, and what the sample says of those that went."""
    scores: defaultdict[str, list[float]] = defaultdict(list)
    seen, kept = Counter[str](), Counter[str]()
    for record in sample:
        if record.language:
            seen[record.language] += 1
            kept[record.language] += record.kept
            if "language_score" in record.measured:
                scores[record.language].append(record.measured["language_score"])
    found = sorted(ledger["kept_by"]["language"].items(), key=lambda item: (-item[1], item[0]))
    rows = [
        (
            name, count, seen[name], seen[name] - kept[name], f"{kept[name] / seen[name]:.0%}" if seen[name] else "",
            sum(scores[name]) / len(scores[name]) if scores[name] else None,
        )
        for name, count in found[:_ROWS]
    ]  # fmt: skip
    columns = ["language", "documents kept", "in the sample", "of these rejected", "kept", "mean language score"]
    return [table(columns, rows), _more(found)]


def domains(rows: Sequence[Mapping[str, Any]]) -> Section:
    """The largest domains, and those whose pages went, with their evidence."""
    if not rows:
        return [Element("p", "This run judged no domains.", class_="note")]
    largest = sorted(rows, key=lambda row: (-row["pages"], row["domain"]))[:_ROWS]
    convicted = sorted((row for row in rows if row["reason"]), key=lambda row: (-row["pages"], row["domain"]))
    evidence = [name for name, value in rows[0].items() if type(value) is int and name not in ("pages", "words")]
    evidence = [name for name in evidence if any(row[name] for row in convicted)]
    return [
        Element("details", Element("summary", f"{len(rows):,} domains, the largest"),
                table(["domain", "pages", "words", "went for"],
                      [(row["domain"], row["pages"], row.get("words"), row["reason"] or "") for row in largest])),
        Element("p", f"{len(convicted):,} domains went as a whole."),
        table(["domain", "pages", "went for", "score", *evidence],
              [(row["domain"], row["pages"], row["reason"], row["score"], *(row[name] for name in evidence))
               for row in convicted[:_ROWS]]) if convicted else "",
        _more(convicted),
    ]  # fmt: skip


def samples(
    sample: Sequence[Sampled],
    each: int,
    tracer: Tracer,
    shown: Callable[[str], str],
    more: Sequence[Sampled] = (),
) -> Section:
    """``each`` records of every outcome, with the number that decided, what it was held against, how their texts begin and what
    a rule took offence at. ``more``: records with texts, perhaps of outcomes that the sample has none of."""
    order = {name: place for place, name in enumerate([KEPT, FAILED, *stages.in_order(s.name for s in stages.STAGES)])}
    in_sample = Counter(record.outcome for record in sample)
    every = {(record.outcome, record.id): record for record in (*sample, *more)}
    captures = (
        record for record in every.values() if not record.outcome.partition("/")[2].startswith(stages.BOOKKEEPING)
    )
    by_outcome = sorted(
        captures, key=lambda record: (order.get(record.outcome.partition("/")[0], 99), record.outcome, record.id)
    )
    found: Section = []
    for outcome, records in groupby(by_outcome, key=lambda record: record.outcome):
        alike = list(records)
        items = [Element("li", _sampled(record, tracer, shown)) for record in alike[:each]]
        title = Element("summary", f"{outcome}: {in_sample[outcome]:,} in the sample")
        found.append(Element("details", title, Element("ol", items)))
    return found


def _sampled(record: Sampled, tracer: Tracer, shown: Callable[[str], str]) -> Section:
    stage, _, reason = record.outcome.partition("/")
    row = {"stage": stage, "reason": reason, "score": record.score, "detail": record.detail}
    limit = tracer.limit_of(row) if reason else None
    score = "" if record.score is None else f" score {record.score:.4g}"
    against = f", limit {limit.side} {limit.number:g} ({limit.setting})" if limit else ""
    detail = f" ({record.detail})" if record.detail else ""
    line = Element(
        "div", Element("code", shown(record.url)), f" {record.id}{score}{against}", shown(detail), class_="note"
    )
    if record.text is None:
        return [line]
    text = Element("div", shown(record.text[: 2 * _EXCERPT])[:_EXCERPT], class_="text")
    settings = tracer.settings_of(record.detail or "")[1] or {}
    found = find_marks(record.text, record.language or "", stage, reason, settings) if reason else []
    said = [shown(record.text[mark.start : mark.end])[:_STRETCH] for mark in found[:_STRETCHES]]
    offence = Element("div", f"{found[0].why}: ", [[Element("mark", each), " "] for each in said]) if said else ""
    return [line, text, offence]


def mix(shares: Mapping[str, Any]) -> Section:
    """Tokens by class, wanted and reached shares, weights."""
    classes = sorted(shares.get("tokens", {}))
    columns = [("wanted_shares", "wanted"), ("reached_shares", "reached"), ("weights", "weight")]
    rows = [
        (name, shares["tokens"][name], *((shares.get(key) or {}).get(name) for key, _ in columns)) for name in classes
    ]
    return [table(["class", "tokens", *(title for _, title in columns)], rows)]


def books(ledger: Mapping[str, Any]) -> Section:
    """The two equations that every run must satisfy, with its numbers."""
    records, words = ledger["records"], ledger["words"]
    gone = sum(words["removed"].values())
    lines = [
        f"{records['read']:,} records read = {records['kept']:,} kept + {records['rejected']:,} rejected + {records['failed']:,} failed",
        f"{words['in']:,} words in = {words['kept']:,} kept + {gone:,} removed",
    ]
    unjudged = sorted(ledger.get("not_judged", {}).items())
    held = sorted(ledger.get("in_test_sets", {}).items())
    return [
        [Element("p", line) for line in lines],
        table(["filter", "not judged, for too little evidence"], unjudged) if unjudged else "",
        table(["test set", "documents that hold its questions"], held) if held else "",
    ]


def times(timings: Mapping[str, Any]) -> Section:
    """What each phase took and wrote, and what workers spent by stage."""
    phases = timings.get("phases", [])
    longest = max((phase.get("seconds", 0) for phase in phases), default=0) or 1
    rows = [
        (phase["phase"], phase.get("seconds"), bar(phase.get("seconds", 0) / longest), phase["units"], phase["bytes"])
        for phase in phases
    ]
    spent = sorted(timings.get("stages", {}).items(), key=lambda item: -item[1])
    if not rows:
        return []
    return [
        table(["phase", "seconds", "", "units", "bytes written"], rows),
        Element("p", "Phases without seconds were taken over from another run.", class_="note"),
        table(["stage", "seconds of all workers"], spent),
    ]


def settings(about: Mapping[str, Any]) -> Section:
    """The whole recipe and what it was read with."""
    rows = [(name, str(value)) for name, value in flat(about.get("recipe", {}))]
    return [Element("details", Element("summary", f"{len(rows)} settings"), table(["setting", "value"], rows))]


def bookkeeping(ledger: Mapping[str, Any]) -> int:
    """Records that an archive keeps for itself."""
    reasons = ledger["rejected"].get(stages.READ.name, {})
    return sum(count for reason, count in reasons.items() if reason.startswith(stages.BOOKKEEPING))


def _captures(reasons: Mapping[str, int]) -> int:
    return sum(count for reason, count in reasons.items() if not reason.startswith(stages.BOOKKEEPING))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""


def _more(found: Sequence[Any]) -> Any:
    return Element("p", f"and {len(found) - _ROWS:,} more", class_="note") if len(found) > _ROWS else ""
