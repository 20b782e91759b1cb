"""What a report says, section by section: each takes what was read of a run and gives elements of a page."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline import stages
from pipeline.reports.failures import Failures
from review.html import Element, seconds, table
from review.published import flat
from review.report.figures import bar
from review.report.sample import Sampled
from review.report.staged_rules import STAGES, StagedRule

_EXCERPT = 300
_STRETCHES, _STRETCH = 3, 120
_ROWS = 100
_SHOWN_LANGUAGES = 20
_LANGUAGE = "language_"
"""So begin the reasons of stage identify for languages that the recipe leaves out."""
SAID = {
    "read": "status, content type and size of the response", "block": "lists of blocked sites",
    "extract": "is there enough text", "identify": "which language, and how surely",
    "decisions": "what people decided", "domains": "sites of personal data, adult content or harm",
    "urls": "the latest capture of each address stays", "documents": "duplicates and near-duplicates of other pages",
    "lines": "lines that stand on many pages", "heuristics": "repetition, dirty words, odd words",
    "quality": "what the quality model thinks of it",
}  # fmt: skip
"""What a stage looks at, for whoever reads its name for the first time."""

Section = list[Any]


def funnel(ledger: Mapping[str, Any]) -> Section:
    """Captures and words left after each stage."""
    captures = left = ledger["records"]["read"] - bookkeeping(ledger)
    words = ledger["words"]["in"]
    removed = ledger["words"]["removed"]
    rows: list[Sequence[Any]] = [("", "captures read", None, left, _share(left, captures), bar(1.0), words)]
    went_by = {stage: _captures(reasons) for stage, reasons in ledger["rejected"].items()}
    went_by = {**({stages.READ.name: 0} if ledger["records"]["failed"] else {}), **went_by}
    for stage in stages.in_order(went_by):
        went = went_by[stage] + (ledger["records"]["failed"] if stage == stages.READ.name else 0)
        left -= went
        words -= sum(count for rule, count in removed.items() if rule.partition("/")[0] == stage)
        share = left / captures if captures else 0
        rows.append((stage, SAID.get(stage, ""), went, left, _share(left, captures), bar(share), words))
    note = Element(
        "p", "Records that an archive keeps for itself (requests, metadata, descriptions) are left out; failed records "
        "are counted at stage read. Words count from extraction on.", class_="note",
    )  # fmt: skip
    return [table(["stage", "looks at", "rejected", "captures left", "share", "", "words left"], rows), note]


def rejects(
    ledger: Mapping[str, Any], sample: Sequence[Sampled], rules: Sequence[StagedRule], failures: Sequence[Failures]
) -> Section:
    """Every reason with the captures and words that went for it, and by which other rules the sample's would have gone.
    Languages that the recipe leaves out are one reason, with their names below. ``failures``: what could not be read."""
    others = also_by(sample, rules)
    removed = ledger["words"]["removed"]
    everything = sum(map(_captures, ledger["rejected"].values()))
    rows = [
        (
            stage,
            reason,
            count,
            _share(count, everything),
            sum(removed.get(f"{stage}/{each}", 0) for each in members),
            ", ".join(f"{rule} {number:,}" for rule, number in others[f"{stage}/{reason}"].most_common(4)),
        )
        for stage in stages.in_order(ledger["rejected"])
        for reason, (count, members) in _folded(ledger["rejected"][stage])
    ]
    line_words = removed.get(stages.FREQUENT_LINES)
    notes = [f"{line_words:,} words more went line by line, from pages that stayed."] if line_words else []
    left_out = [
        (reason.removeprefix(_LANGUAGE), count, removed.get(f"{stages.IDENTIFY.name}/{reason}", 0))
        for reason, count in _largest_first(ledger["rejected"].get(stages.IDENTIFY.name, {}))
        if reason.startswith(_LANGUAGE)
    ]
    columns = ["stage", "first reason", "pages", "share of all", "words", "pages that would also have gone by"]
    return [
        table(columns, rows) if rows else Element("p", "Nothing was rejected."),
        [Element("p", note, class_="note") for note in notes],
        _closed("Languages that the recipe leaves out", ["language", "pages", "words"], left_out),
        _closed(
            f"{ledger['records']['failed']:,} records that could not be read or extracted, by what was wrong",
            ["what was wrong", "records", "files", "such as"],
            [(each.sentence, each.records, each.files, each.such_as) for each in failures],
        ),
    ]


def _folded(reasons: Mapping[str, int]) -> list[tuple[str, tuple[int, list[str]]]]:
    """Reasons with counts, the largest first, languages as one; with each what it is made of."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for reason in reasons:
        if not reason.startswith(stages.BOOKKEEPING):
            groups["other languages" if reason.startswith(_LANGUAGE) else reason].append(reason)
    counted = {name: (sum(reasons[each] for each in members), members) for name, members in groups.items()}
    return sorted(counted.items(), key=lambda item: (-item[1][0], item[0]))


def _largest_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _closed(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
    """A table that opens on demand; nothing where it has no rows."""
    if not rows:
        return ""
    return Element("details", Element("summary", title), table(columns, rows[:_ROWS]), _more(rows))


def also_by(sample: Sequence[Sampled], rules: Sequence[StagedRule]) -> defaultdict[str, Counter[str]]:
    """By outcome, how many of its records other rules would have taken as well, each rule by its outcome."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in sample:
        if record.outcome.partition("/")[0] in STAGES:
            fired = {staged.outcome for staged in rules if staged.fires(record.measured)}
            found[record.outcome].update(fired - {record.outcome})
    return found


def languages(ledger: Mapping[str, Any], sample: Sequence[Sampled], of_sample: str = "") -> Section:
    """Documents kept by language, the largest first, and what the sample says of those that were rejected."""
    scores: defaultdict[str, list[float]] = defaultdict(list)
    seen, kept = Counter[str](), Counter[str]()
    for record in sample:
        if record.language:
            seen[record.language] += 1
            kept[record.language] += record.kept
            if "language_score" in record.measured:
                scores[record.language].append(record.measured["language_score"])
    found = _largest_first(ledger["kept_by"]["language"])
    rows = [
        (
            name, count, seen[name] - kept[name], f"{kept[name] / seen[name]:.0%}" if seen[name] else "",
            bar(kept[name] / seen[name]) if seen[name] else "",
            f"{sum(scores[name]) / len(scores[name]):.2f}" if scores[name] else "",
        )
        for name, count in found
    ]  # fmt: skip
    none_kept = sorted(((name, seen[name]) for name in seen if not kept[name]), key=lambda item: (-item[1], item[0]))
    columns = ["language", "documents kept", f"rejected{of_sample}", "share kept", "", "mean score of the language"]
    return [
        table(columns, rows[:_SHOWN_LANGUAGES]) if rows else "",
        _closed(f"{len(rows) - _SHOWN_LANGUAGES:,} more languages", columns, rows[_SHOWN_LANGUAGES:]),
        _closed("Languages of which nothing was kept", ["language", f"documents{of_sample}"], none_kept),
        Element("p", "Rejected: of documents whose language was found, by whatever stage behind that.", class_="note"),
    ]


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
        table(["filter", "documents not judged, for too little evidence"], unjudged) if unjudged else "",
        table(["test set", "documents that hold its questions"], held) if held else "",
    ]


def times(timings: Mapping[str, Any]) -> Section:
    """What each phase took and wrote, what workers spent by stage, and how often stores had to be asked again."""
    phases = timings.get("phases", [])
    if not phases:
        return []
    longest = max((phase.get("seconds", 0) for phase in phases), default=0) or 1
    rows = [
        (
            phase["phase"], seconds(phase["seconds"]) if "seconds" in phase else "taken over",
            bar(phase.get("seconds", 0) / longest), phase.get("cpu_seconds"), phase["units"], phase["bytes"],
        )
        for phase in phases
    ]  # fmt: skip
    spent = sorted(timings.get("stages", {}).items(), key=lambda item: (-item[1], item[0]))
    most = max((value for _, value in spent), default=0) or 1
    taken_over = any("seconds" not in phase for phase in phases)
    again = sorted(timings.get("retries", {}).items())
    said = (
        f"host {timings['host']}, {timings['driver_peak_mib']:,} MiB of memory in the driver at most. "
        if "host" in timings
        else ""
    )
    return [
        table(["phase", "wall clock", "", "CPU seconds here", "units", "bytes written"], rows),
        Element("p", "Phases that were taken over from another run took no time here.", class_="note")
        if taken_over
        else "",
        table(
            ["stage", "seconds of all workers", ""],
            [(name, f"{value:.1f}", bar(value / most)) for name, value in spent],
        )
        if spent
        else "",
        table(["retries of a store, after", "times"], again)
        if again
        else Element("p", "No store had to be asked again (retries: 0).", class_="note"),
        Element("p", said, Element("code", " ".join(timings.get("command", []))), class_="note"),
    ]


def settings(about: Mapping[str, Any]) -> Section:
    """The whole recipe and what it was read with."""
    rows = [(name, as_yaml(value)) for name, value in flat(about.get("recipe", {}))]
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


def as_yaml(value: Any) -> str:
    """A setting's value as it stands in a recipe."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
