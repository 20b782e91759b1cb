"""The books of a run: where every record and every word went. Counted from committed rows, never by an engine.

Each shard counts its rows from the tables that it has just written (:mod:`pipeline.counts`), and its receipt takes the
counts to the driver.

    records:  read   = kept + rejected + failed
    words:    in     = kept + removed by rule

``read`` and ``in`` were counted as files were read; the other side comes from the tables that a run leaves behind.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipeline.run_state import RunState
from pipeline.stages import FREQUENT_LINES, HEURISTICS


class Unbalanced(RuntimeError):
    """The two sides of the books differ: something vanished, or was counted twice."""


def count(state: RunState) -> dict[str, Any]:
    """The ledger of a run whose phases are all done. Raises :class:`Unbalanced`."""
    extracted, merged = state.manifests["extract"], state.manifests["shards"]
    rejected = merged.totals("rejected")
    not_judged = dict(state.manifests["judge"].totals("not_judged"))
    redacted = state.manifests["judge"].totals("redacted")
    in_test_sets = state.manifests["judge"].totals("in_test_sets")
    removed = Counter(merged.totals("removed_words"))
    # What a filter has removed line by line stands among the removed words of its document.
    for rule, words in state.manifests["judge"].totals("removed_by").items():
        removed[f"{HEURISTICS.name}/{rule}"] += words
        removed[FREQUENT_LINES] -= words
    domains: dict[str, int] = {}
    if "domains" in state.manifests:
        domains = state.manifests["domains"].totals("domains")
        not_judged["domains"] = state.manifests["domains"].total("not_judged")
    kept_by_people = state.manifests["decisions"].totals("kept_by_people") if "decisions" in state.manifests else {}
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
        # What failures say, with places and numbers left out.
        "failed": merged.totals("failures"),
        "words": {
            "in": extracted.total("words"),
            "kept": merged.total("kept_words"),
            "removed": {rule: words for rule, words in removed.items() if words > 0},
        },
        "tokens": {"all": merged.total("tokens"), "held_out": merged.total("held_out_tokens")},
        "kept_by": {"language": merged.totals("languages"), "class": merged.totals("classes")},
        "duplicates": _duplicates(state),
        # Documents that a filter had too little evidence for; for domains, domains.
        "not_judged": not_judged,
        # Domains, not pages: all, those judged page by page, without a judgement, for people to look at, decided by them.
        **({"domains": domains} if domains else {}),
        # Documents that rules were not asked about, since people keep them, by the reason that they gave.
        **({"kept_by_people": kept_by_people} if kept_by_people else {}),
        # Stretches of personal data that became placeholders, by kind.
        **({"redacted": redacted} if redacted else {}),
        # Documents that hold questions of a test set, by set, rejected or not; one may hold questions of several.
        **({"in_test_sets": in_test_sets} if in_test_sets else {}),
        # Pages on which the wall clock decided: another machine might have kept them.
        "clock_struck": extracted.total("clock"),
    }
    if removed[FREQUENT_LINES] < 0:
        raise Unbalanced(
            "filters removed more words line by line than the run's documents lack; its output is not to be trusted. "
            "Please report this with the folder's ledger and recipe"
        )
    _check_balance(ledger)
    return ledger


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
