"""What the rows of a shard add to a run's books: counted from its tables, for its receipt."""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.stages import FREQUENT_LINES

_PLACE = re.compile(r" \([^()]*\)$")
_NUMBERS = re.compile(r"\d+")
# Of a shard: what parsers say of broken pages has no end.
_SENTENCES = 50
_SENTENCE_CHARACTERS = 120


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
        "failures": dict(Counter(sentence_of(error) for error in failed["error"].to_pylist()).most_common(_SENTENCES)),
    }


def sentence_of(error: str) -> str:
    """What a failure says, without place and numbers."""
    return _NUMBERS.sub("…", _PLACE.sub("", error))[:_SENTENCE_CHARACTERS]


def file_of(error: str) -> str:
    """The input file that a failure names; empty where it names none."""
    place = _PLACE.search(error)
    return place[0].strip(" ()").partition(" at byte ")[0] if place else ""


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
