"""The books of a run: where every record and every word went. Counted from committed rows, never by an engine.

Each shard counts its rows from the tables that it has just written, and its receipt takes the counts to the driver.

    records:  read   = kept + rejected + failed
    words:    in     = kept + removed by rule

``read`` and ``in`` were counted as files were read; the other side comes from the tables that a run leaves behind.
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.run_state import RunState
from pipeline.stages import FREQUENT_LINES


class Unbalanced(RuntimeError):
    """The two sides of the books differ: something vanished, or was counted twice."""


def counts_of(documents: pa.Table, rejected: pa.Table, failed: pa.Table) -> dict[str, Any]:
    """What the rows of a shard's tables add to the books, for its receipt."""
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    removed_words: Counter[str] = Counter()
    for row in rejected.select(["stage", "reason", "words", "removed_words"]).to_pylist():
        reasons[row["stage"]][row["reason"]] += 1
        removed_words[f"{row['stage']}/{row['reason']}"] += row["words"]
        removed_words[FREQUENT_LINES] += row["removed_words"]
    removed_words[FREQUENT_LINES] += pc.sum(documents["removed_words"], min_count=0).as_py()
    return {
        "kept": len(documents),
        "kept_words": pc.sum(documents["words"], min_count=0).as_py(),
        "languages": dict(Counter(documents["language"].to_pylist())),
        "classes": dict(Counter(documents["class"].to_pylist())),
        "rejected": {stage: dict(found) for stage, found in reasons.items()},
        "removed_words": dict(removed_words),
        "failed": len(failed),
    }


def count(state: RunState) -> dict[str, Any]:
    """The ledger of a run whose phases are all done. Raises :class:`Unbalanced`."""
    extracted, merged = state.manifests["extract"], state.manifests["shards"]
    rejected = merged.totals("rejected")
    not_judged = dict(state.manifests["judge"].totals("not_judged"))
    redacted = state.manifests["judge"].totals("redacted")
    domains: dict[str, int] = {}
    if "domains" in state.manifests:
        domains = state.manifests["domains"].totals("domains")
        not_judged["domains"] = state.manifests["domains"].total("not_judged")
    ledger = {
        "records": {
            "read": extracted.total("records"),
            "kept": merged.total("kept"),
            "rejected": sum(sum(reasons.values()) for reasons in rejected.values()),
            "failed": merged.total("failed"),
        },
        # Pages without a date that could be read: of two captures the undated one counts as the older.
        "undated": extracted.total("undated"),
        "rejected": rejected,
        "words": {
            "in": extracted.total("words"),
            "kept": merged.total("kept_words"),
            "removed": {rule: words for rule, words in merged.totals("removed_words").items() if words > 0},
        },
        "tokens": {"all": merged.total("tokens"), "held_out": merged.total("held_out_tokens")},
        "kept_by": {"language": merged.totals("languages"), "class": merged.totals("classes")},
        "duplicates": _duplicates(state),
        # Documents that a filter had too little evidence for; for domains, domains.
        "not_judged": not_judged,
        # Domains, not pages: all, those judged page by page, without a judgement, for people to look at, decided by them.
        **({"domains": domains} if domains else {}),
        # Stretches of personal data that became placeholders, by kind.
        **({"redacted": redacted} if redacted else {}),
        # Pages on which the wall clock decided: another machine might have kept them.
        "clock_struck": extracted.total("clock"),
    }
    _check_balance(ledger)
    return ledger


def duplicates_of(members: pa.Table) -> dict[str, dict[str, int]]:
    """What a unit of phase duplicates has to say, of its rows that aren't survivors, for the ledger to sum up: by level
    the documents that ``went`` and, where they were compared, their ``unique_words``."""
    levels = members.group_by("level").aggregate([("level", "count"), ("unique_words", "sum")]).to_pylist()
    return {
        "went": {row["level"]: row["level_count"] for row in levels},
        "unique_words": {
            row["level"]: row["unique_words_sum"] for row in levels if row["unique_words_sum"] is not None
        },
    }


def _duplicates(state: RunState) -> dict[str, dict[str, int]]:
    """By level of clusters: documents that went for another one and, where the two were compared, the words that went
    with them and stand nowhere in the survivor. Parts of what ``rejected`` and ``words`` count."""
    if "duplicates" not in state.manifests:
        return {}
    listed = state.manifests["duplicates"]
    unique = listed.totals("unique_words")
    return {
        level: {"documents": count, **({"unique_words": unique[level]} if level in unique else {})}
        for level, count in sorted(listed.totals("went").items())
    }


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
