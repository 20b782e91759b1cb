"""The books of a run: where every record and every word went. Counted from committed rows, never by an engine.

    records:  read   = kept + rejected + failed
    words:    in     = kept + removed by rule

``read`` and ``in`` were counted as files were read; the other side comes from the tables that a run leaves behind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from pipeline import storage
from pipeline.run_state import RunState
from pipeline.stages import FREQUENT_LINES, HEURISTICS
from pipeline.transforms.clean_documents import removed_lines


class Unbalanced(RuntimeError):
    """The two sides of the books differ: something vanished, or was counted twice."""


def count(state: RunState) -> dict[str, Any]:
    """The ledger of a run whose phases are all done. Raises :class:`Unbalanced`."""
    extracted, merged = state.manifests["extract"], state.manifests["shards"]
    rejected: dict[str, Counter[str]] = defaultdict(Counter)
    removed_words: Counter[str] = Counter()
    for row in _rows(state, "rejected", ["stage", "reason", "words", "removed_words"]):
        rejected[row["stage"]][row["reason"]] += 1
        removed_words[f"{row['stage']}/{row['reason']}"] += row["words"]
        removed_words[FREQUENT_LINES] += row["removed_words"]
    languages: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    kept = kept_words = 0
    for row in _rows(state, "documents", ["language", "class", "words", "removed_words"]):
        kept += 1
        kept_words += row["words"]
        removed_words[FREQUENT_LINES] += row["removed_words"]
        languages[row["language"]] += 1
        classes[row["class"]] += 1
    failed = sum(1 for _ in _rows(state, "failed", ["id"]))
    # What a filter has removed line by line stands among the removed words of its document.
    for part in state.parts():
        for rules in removed_lines(part, ["removed_by"])["removed_by"].to_pylist():
            for rule, words in rules or ():
                removed_words[f"{HEURISTICS.name}/{rule}"] += words
                removed_words[FREQUENT_LINES] -= words
    not_judged: Counter[str] = Counter()
    for receipt in state.manifests["judge"].receipts:
        not_judged.update(receipt.counts["not_judged"])
    if "domains" in state.manifests:
        not_judged["domains"] = state.manifests["domains"].total("not_judged")
    ledger = {
        "records": {
            "read": extracted.total("records"),
            "kept": kept,
            "rejected": sum(reasons.total() for reasons in rejected.values()),
            "failed": failed,
        },
        # Pages without a date that could be read: of two captures the undated one counts as the older.
        "undated": extracted.total("undated"),
        "rejected": {stage: dict(reasons.most_common()) for stage, reasons in rejected.items()},
        "words": {"in": extracted.total("words"), "kept": kept_words, "removed": dict(+removed_words)},
        "tokens": {"all": merged.total("tokens"), "held_out": merged.total("held_out_tokens")},
        "kept_by": {"language": dict(languages.most_common()), "class": dict(classes.most_common())},
        # Documents that a filter had too little evidence for; for domains, domains.
        "not_judged": dict(not_judged),
        # Pages on which the wall clock decided: another machine might have kept them.
        "clock_struck": extracted.total("clock"),
    }
    if removed_words[FREQUENT_LINES] < 0:
        raise Unbalanced(
            "filters removed more words line by line than the run's documents lack; its output is not to be trusted. "
            "Please report this with the folder's ledger and recipe"
        )
    _check_balance(ledger)
    return ledger


def _check_balance(ledger: dict[str, Any]) -> None:
    records, words = ledger["records"], ledger["words"]
    for what, left, right in (
        ("records", records["read"], records["kept"] + records["rejected"] + records["failed"]),
        ("words", words["in"], words["kept"] + sum(words["removed"].values())),
    ):
        if left != right:
            raise Unbalanced(
                f"the run's {what} don't balance: {left} came in and {right} are accounted for; its output is not to "
                f"be trusted. Please report this with the folder's ledger and recipe"
            )


def _rows(state: RunState, role: str, columns: list[str]):
    for file in state.manifests["shards"].files(role):
        yield from storage.read_table(storage.join(state.dir, file.path), columns).to_pylist()
