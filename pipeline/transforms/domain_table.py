"""The table of all domains: a row each with what was seen of it, how it was judged and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from filters.domain_evidence import KINDS, Evidence, Marks, interval
from filters.verdict import Scores
from pipeline import tables
from pipeline.commit import Attempt, Receipt
from pipeline.transforms.domain_sums import Looked
from recipes.schema import Domains

TABLE_UNIT = "table"


class Judged(NamedTuple):
    """A domain with its scores (``None``: too small), and why all its pages go, if they do."""

    domain: str
    looked: Looked
    marks: Marks
    scores: Scores | None
    reason: str | None = None
    score: float | None = None
    decision: str | None = None


def table_row(judged, settings: Domains) -> dict[str, Any]:
    """The row of a :class:`Judged`, or of the tuple that a shuffle makes of it."""
    judged = Judged._make(judged)
    looked, marks = judged.looked, judged.marks
    evidence = Evidence.from_tuple(looked.evidence)
    numbers = vars(evidence)
    thousands = max(evidence.words, 1) / 1000
    row: dict[str, Any] = {**numbers, "domain": judged.domain, "pages": looked.pages, "sampled": evidence.pages}
    for name in tables.PER_1000_WORDS:
        row[f"{name}_per_1000_words"] = round(numbers[name] / thousands, 4)
    for kind in KINDS:
        low, high = interval(evidence.bad(kind), evidence.judged(kind))
        row |= {f"{kind}_low": low, f"{kind}_high": high, f"{kind}_score": (judged.scores or {}).get(kind)}
    for what, by_kind in (("name", marks.name), ("links_out", marks.links_out), ("links_in", marks.links_in)):
        row |= {f"{kind}_{what}": by_kind.get(kind, 0) for kind in ("adult", "harm")}
    best = max((judged.scores or {}).values(), default=0.0)
    unclear = judged.reason is None and judged.decision is None and best > settings.review
    lone = judged.scores is None and judged.decision is None and bool(looked.worst)
    return {
        **row,
        "listed_sources": len(looked.sources),
        "reason": judged.reason,
        "score": judged.score,
        "decision": judged.decision,
        "review": unclear or lone,
        "samples": [{"id": page[1], "url": page[2], "terms": list(page[3])} for page in looked.worst],
    }


def write_table(
    element: tuple[int, Iterable[dict]], run_dir: str, phase: str, number: int, settings: Domains
) -> Receipt:
    """Writes the rows of all domains as the unit ``number`` of a phase."""
    rows = sorted(filter(None, element[1]), key=lambda row: row["domain"])
    attempt = Attempt(run_dir, phase, TABLE_UNIT, number)
    attempt.write_table("table", tables.table(tables.DOMAINS, rows))
    decided = Counter(row["decision"] for row in rows if row["decision"])
    counts = {
        "domains": len(rows),
        "page_by_page": sum(row["sampled"] < settings.min_pages for row in rows),
        # No list and no classifier knows the language of any page.
        "not_judged": sum(row["adult_unjudged"] == row["sampled"] == row["harm_unjudged"] for row in rows),
        "to_review": sum(row["review"] for row in rows),
        **{f"decided_{verdict}": count for verdict, count in sorted(decided.items())},
    }
    return attempt.finish({"not_judged": counts["not_judged"], "domains": counts})
